"""The criteria and exceptions of one rule file, from written to checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Final

from eligibility import nodes
from eligibility.datatypes import NumberType, exact
from eligibility.diagnostics import did_you_mean
from eligibility.model import Condition, Criterion, ExceptionTo, PointsRow
from eligibility.rule_scope import REPORTED, Origin, RuleScope
from eligibility.rulebook import Citation, ConditionKind, Interval
from eligibility.rulebook import Condition as CheckedCondition

_KINDS: Final[Mapping[str, ConditionKind]] = {
    "met_when": "leaf",
    "all": "all",
    "any": "any",
    "none": "none",
    "of": "at_least",
    "points": "points",
    "judgement": "judgement",
}
_PARTNERS: Final = (
    ("at_least", "of", "list the conditions under `of`"),
    ("of", "at_least", "say how many of them must be met: `at_least: 2`"),
    ("pass_mark", "points", "list what gives points under `points`"),
    ("points", "pass_mark", "say how many points are needed: `pass_mark:` with a parameter"),
)
_FORMS: Final = "write one of met_when, all, any, none, at_least with of, points with pass_mark, judgement"


class CriteriaChecker:
    """Checks the criteria of a rule; a part that has errors is left out of what is returned."""

    def __init__(self, scope: RuleScope) -> None:
        self.scope = scope
        self.collector = scope.collector

    def check(self) -> tuple[CheckedCondition, ...]:
        """The criteria in their order, with the exceptions that name them."""
        exceptions = self.exceptions()
        found: list[CheckedCondition] = []
        for name, criterion, origin in self.scope.written("criteria", Criterion):
            self.titled(criterion, origin, f"the criterion `{name}`", "is met")
            checked = self.condition(name, criterion, origin, None, self.scope.own_interval(), f"criterion `{name}`")
            if checked is not None:
                found.append(_with_exceptions(checked, exceptions))
        return tuple(found)

    def exceptions(self) -> dict[str, list[CheckedCondition]]:
        """The exceptions by the path of the criterion they override."""
        found: dict[str, list[CheckedCondition]] = {}
        for name, written, origin in self.scope.written("exceptions", ExceptionTo):
            self.titled(written, origin, f"the exception `{name}`", "holds")
            target = written.overrides.removeprefix("criteria.")
            known = [f"criteria.{path}" for path in sorted(self.scope.criterion_paths())]
            top = target.partition(".")[0]
            if written.overrides not in known and not self.scope.is_left_out("criteria", top):
                message = f"the exception overrides nothing: there is no `{written.overrides}`"
                self.collector.add(
                    "E216",
                    message,
                    origin.value("overrides"),
                    help=did_you_mean(written.overrides, known, otherwise="name a criterion of this file"),
                )
            checked = self.condition(
                f"exceptions.{name}", written, origin, None, self.scope.own_interval(), f"exception `{name}`"
            )
            if checked is not None:
                found.setdefault(target, []).append(checked)
        return found

    def titled(self, written: Condition, origin: Origin, what: str, holds: str) -> None:
        """Report a criterion or exception without title."""
        if written.title is None:
            self.collector.add(
                "E111", f"missing key `title` for {what}", origin.key(), help=f"write a statement that is true when it {holds}"
            )

    def condition(
        self, path: str, written: Condition | str, origin: Origin, parent: Citation | None, within: Interval, note: str
    ) -> CheckedCondition | None:
        """One node of a criterion with everything below it."""
        if isinstance(written, str):
            node = self.scope.elaborator(note).condition(written, origin.text())
            return (
                None
                if node is None or parent is None
                else CheckedCondition(path, None, "leaf", parent, within, node, source_text=written)
            )
        kind = self.kind(written, origin)
        citation = self.scope.citation(written, origin, parent)
        interval = self.scope.interval(written, origin, within)
        elaborator = self.scope.elaborator(note)
        applies = (
            None if written.applies_when is None else elaborator.condition(written.applies_when, origin.text("applies_when"))
        )
        node = None if written.met_when is None else elaborator.condition(written.met_when, origin.text("met_when"))
        mark = None
        if written.pass_mark is not None:
            mark = elaborator.elaborate(_text(written.pass_mark), origin.text("pass_mark"), NumberType())
        children = self.children(path, written, origin, citation or REPORTED, interval)
        if written.at_least is not None and written.of is not None and written.at_least > len(children):
            message = f"{written.at_least} of {len(children)} conditions can never be met"
            self.collector.add("E215", message, origin.value("at_least"), help="write a smaller number")
        read = [(written.met_when, node), (written.applies_when, applies), (written.pass_mark, mark)]
        lost = None in children or any(text is not None and meant is None for text, meant in read)
        if kind is None or citation is None or lost:
            return None
        return CheckedCondition(
            path,
            written.title,
            kind,
            citation,
            interval,
            node,
            tuple(child for child in children if child is not None),
            written.at_least or 0,
            applies,
            written.judgement,
            written.help,
            written.on_failure if isinstance(written, Criterion) else "not_eligible",
            source_text=written.met_when,
            pass_mark=mark,
        )

    def kind(self, written: Condition, origin: Origin) -> ConditionKind | None:
        """What a node says, where it says one testable thing."""
        kinds = [kind for kind in _KINDS if getattr(written, kind) is not None]
        alone = [
            (key, needed, help)
            for key, needed, help in _PARTNERS
            if getattr(written, key) is not None and getattr(written, needed) is None
        ]
        if alone:
            key, needed, help = alone[0]
            self.collector.add("E215", f"`{key}` needs `{needed}` beside it", origin.key(key), help=help)
        elif not kinds:
            self.collector.add("E215", "the condition says nothing to test", origin.key(), help=_FORMS)
        elif len(kinds) > 1:
            message = f"the condition has both `{kinds[0]}` and `{kinds[1]}`"
            self.collector.add("E215", message, origin.key(kinds[1]), help="keep one of them, or join them under one `all`")
        return _KINDS[kinds[0]] if len(kinds) == 1 and not alone else None

    def children(
        self, path: str, written: Condition, origin: Origin, citation: Citation, interval: Interval
    ) -> list[CheckedCondition | None]:
        """The branches of a node, or the rows of its points."""
        found: list[CheckedCondition | None] = []
        for kind in ("all", "any", "none", "of"):
            branches: dict[str, Condition | str] | list[Condition | str] = getattr(written, kind) or []
            named = isinstance(branches, dict)
            keyed = branches.items() if isinstance(branches, dict) else enumerate(branches)
            for key, each in keyed:
                inner = f"{path}.{key if named else int(key) + 1}"
                found.append(self.condition(inner, each, origin.at(kind, key), citation, interval, f"criterion `{inner}`"))
        for name, row in (written.points or {}).items():
            found.append(self.row(f"{path}.{name}", row, origin.at("points", name), citation, interval))
        return found

    def row(
        self, path: str, row: PointsRow, origin: Origin, parent: Citation | None, within: Interval
    ) -> CheckedCondition | None:
        """One row of points."""
        citation = self.scope.citation(row, origin, parent)
        interval = self.scope.interval(row, origin, within)
        elaborator = self.scope.elaborator(f"points `{path}`")
        award: nodes.Node | None = elaborator.elaborate(_text(row.award), origin.text("award"), NumberType())
        node = None if row.when is None else elaborator.condition(row.when, origin.text("when"))
        if citation is None or award is None or (row.when is not None and node is None):
            return None
        most = None if row.most is None else exact(row.most)
        return CheckedCondition(path, row.title, "row", citation, interval, node, source_text=row.when, award=award, most=most)


def _text(amount: int | Decimal | str) -> str:
    """A number or expression as the text of an expression."""
    return f"{amount:f}" if isinstance(amount, Decimal) else str(amount)


def _with_exceptions(condition: CheckedCondition, exceptions: Mapping[str, list[CheckedCondition]]) -> CheckedCondition:
    """The same condition with the exceptions that name it or a part of it."""
    children = tuple(_with_exceptions(child, exceptions) for child in condition.children)
    return replace(condition, children=children, exceptions=tuple(exceptions.get(condition.path, ())))
