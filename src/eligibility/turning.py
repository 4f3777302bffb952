"""Why an outcome is another than the day before: the figures, dates and parts of the law that changed and decide."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from eligibility import nodes
from eligibility.compiler import CompiledCondition, CompiledRule
from eligibility.datatypes import MET, NOT_MET, UNKNOWN
from eligibility.downstream import downstream
from eligibility.english import capital
from eligibility.explaining.phrases import Phrases
from eligibility.findings import Findings
from eligibility.formatting import show
from eligibility.outcome import Outcome
from eligibility.rulebook import Citation, Rule


@dataclass(frozen=True, slots=True)
class Cause:
    """What changed.

    kind: `figure` a figure of law with its old and new value in words, `day` a condition that the day decides, `law` a part of
    the law that begins or ends. `words` say all of it in one sentence.
    """

    kind: Literal["figure", "day", "law"]
    title: str
    words: str
    before: str | None = None
    after: str | None = None
    citation: Citation | None = None


def causes(before: Outcome, after: Outcome, moving: Iterable[str] = ()) -> tuple[Cause, ...]:
    """Why a rule comes out otherwise: `before` and `after` are its outcomes on two days that follow each other."""
    if before.compiled.in_force != after.compiled.in_force:
        return (in_force(after.compiled.rule, after.as_of),)
    one, other = _Side(before), _Side(after)
    found = [*_laws(before, after), *_figures(one, other), *_days(one, other, tuple(moving))]
    return tuple(dict.fromkeys(found))


def in_force(rule: Rule, day: date) -> Cause:
    """What is said where a rule comes into force on a day, or no longer is."""
    verb = "comes into force" if rule.interval.holds(day) else "is no longer in force"
    return Cause("law", rule.title, f"{rule.title} {verb} on {day.isoformat()}.")


class _Side:
    """An outcome, and the steps of it that changed and decide."""

    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome
        self.findings: Findings = outcome.findings
        self.compiled = outcome.findings.compiled
        self.phrases = Phrases(outcome.findings)
        self.rule: CompiledRule = outcome.compiled

    @property
    def day(self) -> date:
        """The day of the outcome."""
        return self.findings.inputs.as_of

    def truths(self) -> dict[str, object]:
        """The truth of each criterion, and whether the rule concerns the case."""
        found: dict[str, object] = {each.condition.path: self.findings.truth(each.effective) for each in self.rule.conditions}
        return {**found, "": self.findings.truth(self.rule.concerned)}

    def deciding(self, paths: Iterable[str]) -> tuple[nodes.Node, ...]:
        """The nodes that decide some criteria, in a stable order."""
        wanted = frozenset(paths)
        roots = [each.effective for each in self.rule.conditions if each.condition.path in wanted]
        if "" in wanted:
            roots.append(self.rule.concerned)
        return tuple(self.compiled.steps[index].node for index in sorted(self.findings.decisive(roots)))

    def value(self, node: nodes.Node) -> Any:
        """The value of a node on this side; None where it has none."""
        index = self.compiled.index.get(node)
        return None if index is None else self.findings.values[index]


def _changed(one: _Side, other: _Side) -> tuple[nodes.Node, ...]:
    """The nodes that decide the criteria that changed, on either side."""
    before, after = one.truths(), other.truths()
    paths = [path for path in {**before, **after} if before.get(path) is not after.get(path)]
    return tuple(dict.fromkeys((*one.deciding(paths), *other.deciding(paths))))


def _figures(one: _Side, other: _Side) -> Iterator[Cause]:
    """The figures of law that have another value than the day before."""
    book = other.compiled.book
    for node in _changed(one, other):
        match node:
            case nodes.ParameterValue(rule=rule, name=name):
                parameter = book.rules[rule].parameters[name]
                dated = [parameter.at(side.day) for side in (one, other)]
                if dated[0] is dated[1]:
                    continue
                values = [UNKNOWN if each is None else each.value for each in dated]
                if values[0] == values[1]:
                    continue
                shown = [show(each, node.type, book, parameter.unit) for each in values]
                citation = next((each.citation for each in reversed(dated) if each is not None), None)
                yield _figure(parameter.title, shown, citation)
            case nodes.Lookup(rule=rule, table=name):
                values = [one.value(node), other.value(node)]
                if None not in values and values[0] != values[1]:
                    unit = book.rules[rule].tables[name].units.get(node.column)
                    shown = [show(each, node.type, book, unit) for each in values]
                    yield _figure(capital(other.phrases.noun(node)), shown, book.rules[rule].tables[name].citation)
            case nodes.Membership(collection=nodes.ListValue(rule=rule, name=name)) | nodes.TableHas(rule=rule, table=name):
                truths = [one.value(node), other.value(node)]
                if truths[0] is not truths[1]:
                    held = book.rules[rule].tables[name] if isinstance(node, nodes.TableHas) else book.rules[rule].lists[name]
                    on = other.phrases.reason(node, positive=truths[1] is MET)
                    said = f"{capital(on)}." if truths[1] in (MET, NOT_MET) else f"It is not known what is on the {held.title}."
                    yield Cause("figure", held.title, said, citation=held.citation)


def _figure(title: str, shown: list[str], citation: Citation | None) -> Cause:
    words = f"The {title} changes from {shown[0]} to {shown[1]}."
    return Cause("figure", title, words, shown[0], shown[1], citation)


def _laws(before: Outcome, after: Outcome) -> Iterator[Cause]:
    """The criteria, branches and exceptions that begin or end."""
    on = after.as_of.isoformat()
    one, other = (
        {each.condition.path: each for top in side.compiled.conditions for each in top.walk()} for side in (before, after)
    )
    for path in {**one, **other}:
        if (path in one) != (path in other) and path.rpartition(".")[0] not in (one.keys() ^ other.keys()):
            found: CompiledCondition = one[path] if path in one else other[path]
            title = found.condition.title or path
            words = f"“{title}” {'begins' if path in other else 'ends'} on {on}."
            yield Cause("law", title, words, citation=found.condition.citation)


def _days(one: _Side, other: _Side, moving: tuple[str, ...]) -> Iterator[Cause]:
    """The smallest conditions that the day decides and that hold on one side only."""
    reads_day = frozenset(downstream(other.compiled).of(moving, day=True))
    steps = other.compiled.steps
    turned: list[int] = []
    for node in _changed(one, other):
        index = other.compiled.index.get(node)
        if index is not None and index in reads_day and steps[index].boolean and one.value(node) is not other.value(node):
            turned.append(index)
    within = {each for index in turned for each in (*steps[index].inputs, *steps[index].body)}
    for index in turned:
        step = steps[index]
        if any(part in within and part in turned for part in step.inputs):
            continue
        truth = other.findings.truth(index)
        if truth in (MET, NOT_MET):
            said = capital(other.phrases.reason(step.node, positive=truth is MET))
            yield Cause("day", said, f"{said}, from {other.day.isoformat()} on.", citation=None)


__all__ = ["Cause", "causes", "in_force"]
