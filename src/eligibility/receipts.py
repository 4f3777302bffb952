"""Receipts: what an evaluation decided and on what, without the facts, so that it can be replayed and compared later."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Final, Literal, cast

from pydantic import JsonValue

from eligibility import nodes
from eligibility import receipt_model as model
from eligibility.compiler import CompiledCondition
from eligibility.datatypes import UNKNOWN, Type, Unknown, Value
from eligibility.explanation import FINDINGS
from eligibility.facts import Profile
from eligibility.findings import Findings
from eligibility.formatting import as_json, show
from eligibility.operations import Step
from eligibility.report_model import PackPart
from eligibility.rulebook import RuleBook, TableRow

if TYPE_CHECKING:
    from eligibility.outcome import Outcome
    from eligibility.report import Report

_PROGRAMS: Final = {"durable": ("durable-rules",)}
_FIGURES: Final = (nodes.ParameterValue, nodes.ListValue, nodes.Lookup, nodes.TableHas)


def canonical(data: object) -> bytes:
    """JSON without choices: keys in order, no blanks, ASCII only."""
    return json.dumps(data, sort_keys=True, separators=(",", ":"), allow_nan=False).encode("ascii")


def canonical_profile(profile: Profile, book: RuleBook) -> bytes:
    """The canonical JSON of what a profile states: its facts by path with exact values, those stated as unknown, and origins.

    Order, layout and notation of the file do not count: `37.50` is `37.5`.
    """
    return canonical(
        {
            "facts": {path: as_json(value, book.facts[path].type) for path, value in profile.facts.items()},
            "unknown": sorted(profile.stated_unknown),
            "origins": {
                path: {"as_of": None if origin.as_of is None else origin.as_of.isoformat(), "source": origin.source}
                for path, origin in profile.provenance.items()
            },
        }
    )


def profile_digest(profile: Profile, book: RuleBook) -> str:
    """The SHA-256 of `canonical_profile`."""
    return _sha256(canonical_profile(profile, book))


def receipt_digest(receipt: model.Receipt) -> str:
    """The SHA-256 of the canonical JSON of everything in a receipt but its digest."""
    return _digest_of({name: value for name, value in receipt.as_dict().items() if name != "digest"})


def receipt_of(report: Report) -> model.Receipt:
    """The receipt of a report; the same evaluation by the same versions gives the same receipt."""
    book = report.findings.compiled.book
    key = canonical_profile(report.profile, book)
    sealer = _Sealer(report.findings, key)
    made = model.Receipt(
        document="receipt",
        schema_version=model.RECEIPT_VERSION,
        as_of=report.as_of,
        engine=report.engine,
        programs=programs_of(report.engine),
        packs=[PackPart(name=pack.name, title=pack.title, version=pack.version, digest=pack.digest) for pack in book.packs],
        profile=_sha256(key),
        pathways=[outcome.id for outcome in report],
        outcomes=[sealer.outcome(outcome) for outcome in report],
        digest="",
    )
    return replace(made, digest=receipt_digest(made))


def programs_of(engine: str) -> list[model.Program]:
    """This program and what an engine is made of, with the versions that are installed."""
    found = []
    for name in ("eligibility", *_PROGRAMS.get(engine, ())):
        try:
            found.append(model.Program(name=name, version=version(name)))
        except PackageNotFoundError:
            found.append(model.Program(name=name, version="not installed"))
    return found


def _sha256(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def _digest_of(data: Mapping[str, object]) -> str:
    return _sha256(canonical(data))


@dataclass(frozen=True, slots=True)
class _Below:
    """What a step reads: figures by their steps, facts by their paths, and the packs that declare them."""

    figures: frozenset[int]
    facts: frozenset[str]
    packs: frozenset[str]


@dataclass(slots=True)
class _Sealer:
    """Writes outcomes down; what would tell facts is sealed with the profile as key."""

    findings: Findings
    key: bytes
    _below: dict[int, _Below] = field(default_factory=dict)
    _names: dict[int, str] = field(default_factory=dict)
    _count: dict[str, int] = field(default_factory=dict)
    _once: frozenset[int] = field(init=False)

    def __post_init__(self) -> None:
        self._once = frozenset(self.findings.compiled.order)

    def outcome(self, outcome: Outcome) -> model.OutcomeMade:
        rule = outcome.compiled
        self._follow(rule.needed)
        made = list(self.concerns(outcome))
        roots = [rule.concerned]
        if outcome.is_concerned:
            for condition in rule.conditions:
                made += self.condition(outcome, condition, "criterion")
            roots += [rule.available, rule.criteria_met, *(each.effective for each in rule.conditions)]
        steps = self.findings.compiled.steps
        return model.OutcomeMade(
            id=outcome.id,
            kind=rule.rule.kind,
            title=outcome.title,
            pack=rule.rule.pack,
            status=outcome.status.value,
            failing=list(outcome.failing),
            unknown=list(outcome.unknown),
            judgement=list(outcome.judgement),
            findings=made,
            figures=[self.figure(steps[index], self._names[index]) for index in self.figures(*roots)],
            values=[self.shown(outcome, name) for name in (rule.rule.shows if outcome.is_concerned else ())],
        )

    # findings

    def concerns(self, outcome: Outcome) -> Iterator[model.FindingMade]:
        rule = outcome.compiled
        for position, index in enumerate(rule.concerns if rule.in_force else (), 1):
            yield self.finding(f"applies_when.{position}", "concern", None, index, rule.rule.pack, applies=True)

    def condition(
        self, outcome: Outcome, each: CompiledCondition, kind: Literal["criterion", "branch", "exception"]
    ) -> Iterator[model.FindingMade]:
        """The findings of a condition and of everything below it."""
        title, pack = each.condition.title, outcome.compiled.rule.pack
        yield self.finding(each.condition.path, kind, title, each.effective, pack, applies=outcome.applies(each))
        for child in each.children:
            yield from self.condition(outcome, child, "branch")
        for exception in each.exceptions:
            yield from self.condition(outcome, exception, "exception")

    def finding(
        self,
        path: str,
        kind: Literal["concern", "criterion", "branch", "exception"],
        title: str | None,
        index: int,
        pack: str,
        *,
        applies: bool,
    ) -> model.FindingMade:
        return model.FindingMade(
            path=path,
            kind=kind,
            title=title,
            finding=FINDINGS[self.findings.truth(index)] if applies else "not_applicable",
            figures=sorted(self._names[figure] for figure in self.figures(index)),
            packs=sorted({pack, *self._below[index].packs}),
        )

    # what findings rest on

    def _follow(self, needed: Iterable[int]) -> None:
        """Note for each step what is below it; a step stands after the steps it reads."""
        compiled = self.findings.compiled
        book = compiled.book
        for index in sorted(index for index in needed if index not in self._below):
            step = compiled.steps[index]
            parts = [self._below[part] for part in (*step.inputs, *step.body) if part >= 0]
            below = _Below(
                frozenset[int]().union(*(part.figures for part in parts)),
                frozenset[str]().union(*(part.facts for part in parts)),
                frozenset[str]().union(*(part.packs for part in parts)),
            )
            if isinstance(step.node, _FIGURES):
                below = _Below(below.figures | {index}, below.facts, below.packs | {book.rules[step.node.rule].pack})
                self._named(step, below)
            elif isinstance(step.node, nodes.FactValue):
                path = step.node.path
                below = _Below(below.figures, below.facts | {path}, below.packs | {book.facts[path].pack})
            self._below[index] = below

    def _named(self, step: Step, below: _Below) -> None:
        """Give a figure its name; a cell is told from others by the facts it is looked up with.

        One that is read for each record has several values, and no name.
        """
        match step.node:
            case nodes.ParameterValue(rule=rule, name=name) | nodes.ListValue(rule=rule, name=name):
                found = f"{rule}.{name}"
            case nodes.Lookup(rule=rule, table=table, column=column):
                found = f"{rule}.{table}.{column}"
            case nodes.TableHas(rule=rule, table=table):
                found = f"{rule}.{table}"
            case _:
                return
        if step.index in self._once or not isinstance(step.node, nodes.Lookup | nodes.TableHas):
            by = f" by {', '.join(sorted(below.facts))}" if below.facts else ""
            count = self._count[found + by] = self._count.get(found + by, 0) + 1
            self._names[step.index] = found + by + (f" ({count})" if count > 1 else "")

    def figures(self, *roots: int) -> list[int]:
        """The figures below some steps that have a name."""
        found = frozenset[int]().union(*(self._below[index].figures for index in roots))
        return [index for index in sorted(found) if index in self._names]

    def figure(self, step: Step, name: str) -> model.FigureUsed:
        book, day = self.findings.compiled.book, self.findings.inputs.as_of
        value = self.findings.value(step.index)
        match step.node:
            case nodes.ListValue():
                if value is UNKNOWN or not isinstance(step.data, frozenset):
                    return model.FigureUsed(name=name, kind="list", text="not known")
                entries = sorted(str(each) for each in step.data)
                text = f"{len(entries)} entries"
                return model.FigureUsed(name=name, kind="list", value=_sha256(canonical(entries)), text=text)
            case nodes.ParameterValue(rule=rule, name=parameter):
                declared = book.rules[rule].parameters[parameter]
                dated = declared.at(day)
                since = None if dated is None else dated.interval.start
                text = show(value, step.node.type, book, declared.unit)
                return model.FigureUsed(name=name, kind="figure", value=_data(value, step.node.type), text=text, since=since)
        unit = None
        if isinstance(step.node, nodes.Lookup):
            unit = book.rules[step.node.rule].tables[step.node.table].units.get(step.node.column)
        kind = step.node.type
        if any(book.facts[path].personal for path in self._below[step.index].facts & self.findings.inputs.facts.keys()):
            return model.FigureUsed(name=name, kind="table", seal=self.seal(name, _data(value, kind)))
        return model.FigureUsed(
            name=name, kind="table", value=_data(value, kind), text=show(value, kind, book, unit), since=self.row_start(step)
        )

    def row_start(self, step: Step) -> date | None:
        """The day from which the row of a table holds."""
        rows = cast("Mapping[tuple[str, ...], TableRow]", step.data) if isinstance(step.data, Mapping) else {}
        row = rows.get(tuple(str(self.findings.value(index)) for index in step.inputs))
        return None if row is None else row.interval.start

    def shown(self, outcome: Outcome, name: str) -> model.ValueShown:
        found = outcome.value(name)
        index = outcome.compiled.named[name]
        data = _data(found.value, self.findings.compiled.steps[index].node.type)
        if self._below[index].facts & self.findings.inputs.facts.keys():
            return model.ValueShown(name=name, title=found.title, seal=self.seal(f"{outcome.id}.{name}", data))
        return model.ValueShown(name=name, title=found.title, value=data, text=found.text)

    def seal(self, name: str, data: JsonValue) -> str:
        """A hash of a value that only the profile opens."""
        return f"hmac-sha256:{hmac.new(self.key, canonical([name, data]), hashlib.sha256).hexdigest()}"


def _data(value: Value, kind: Type) -> JsonValue:
    return None if isinstance(value, Unknown) else cast(JsonValue, as_json(value, kind))


__all__ = ["canonical", "canonical_profile", "profile_digest", "programs_of", "receipt_digest", "receipt_of"]
