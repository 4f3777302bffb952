"""Changes of what a rule asks: its criteria and their branches, what they calculate with, whom it concerns, what it notes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from typing import Any, cast

from eligibility import model, nodes
from eligibility.datatypes import Value
from eligibility.mutation.expressions import Changed, changed, mapped
from eligibility.mutation.mutants import Kind, Mutant
from eligibility.mutation.neighbours import days_beside, moved, neighbours
from eligibility.mutation.places import Place, Places
from eligibility.mutation.wording import written_text
from eligibility.nodes import Node
from eligibility.rulebook import ALWAYS, Condition, Interval, Rule, RuleBook

Part = tuple[object, ...]
_EXPRESSIONS = ("node", "applies_when", "award", "pass_mark")
_KEYS = {"node": ("met_when", "when"), "applies_when": ("applies_when",), "award": ("award",), "pass_mark": ("pass_mark",)}


class Criteria:
    """The mutants of the criteria, calculations, concerns, notes and dates of one rule."""

    def __init__(self, rule: Rule, places: Places, book: RuleBook) -> None:
        self.rule = rule
        self.places = places
        self.book = book
        self.codes = book.codes
        self.written = places.conditions()

    def mutants(self) -> Iterator[Mutant]:
        """All of them, in the order of the file."""
        yield from self.force()
        for position, concern in enumerate(self.rule.concerns):
            place = self.places.at("applies_when", position, "when")
            element = f"applies_when.{position + 1}"
            for each in changed(concern.node, self.codes):
                concerns = _put(self.rule.concerns, position, replace(concern, node=each.node))
                yield self.mutant(element, each, place, _with(concerns=concerns), ("concern", position))
        for name, derived in self.rule.derived.items():
            section = "classifications" if name in self.places.own.model.classifications else "derived"
            place = self.places.at(section, name, "value")
            for each in changed(derived.node, self.codes):
                made = {**self.rule.derived, name: replace(derived, node=each.node)}
                yield self.mutant(f"{section}.{name}", each, place, _with(derived=made), ("derived", name))
        for criterion in self.rule.criteria:
            yield from self.condition(criterion, self.rule.interval)
        yield from self.notes()
        yield from self.assumptions()

    def mutant(
        self, element: str, each: Changed, place: Place, make: Callable[[Rule], Rule], part: Part, within: Interval = ALWAYS
    ) -> Mutant:
        """One mutant of an expression, the `part` of the rule, that is read on the days `within`."""
        kind: Kind = "constant" if each.is_constant else "operator"
        key = (self.rule.id, *part)
        return Mutant(
            self.rule.id, element, each.before, each.after, kind, place, make, part=key, expression=each.node, within=within
        )

    def dated(self, element: str, what: tuple[str, date, date], place: Place, make: Callable[[Rule], Rule]) -> Mutant:
        """One mutant of a date; `what` is the end that is moved, and where it was and is."""
        word = "from" if what[0] == "start" else "until"
        before, after = f"{word} {what[1]}", f"{word} {what[2]}"
        return Mutant(self.rule.id, element, before, after, "date", place, make, day=min(what[1:]))

    def force(self) -> Iterator[Mutant]:
        """The rule in force a day early or late."""
        for end, day in (("start", self.rule.interval.start), ("until", self.rule.interval.until)):
            for other in days_beside(day) if day is not None else ():
                interval = moved(self.rule.interval, end, other)
                if interval is not None:
                    place = self.places.at("in_force", "from" if end == "start" else "until")
                    yield self.dated("in_force", (end, cast(date, day), other), place, _with(interval=interval))

    # criteria

    def condition(self, condition: Condition, within: Interval) -> Iterator[Mutant]:
        """A criterion or branch, and everything below it."""
        keys, written = self.written[condition.path]
        element = condition.path if condition.path.startswith("exceptions.") else f"criteria.{condition.path}"
        for name in _EXPRESSIONS:
            node: Node | None = getattr(condition, name)
            if node is None:
                continue
            key = next((key for key in _KEYS[name] if getattr(written, key, None) is not None), None)
            place = self.places.at(*keys, *(() if key is None else (key,)))
            shown = element if name in ("node", "award") and condition.kind != "row" else f"{element}.{key}"
            for each in changed(node, self.codes):
                make = self.with_condition(condition.path, **{name: each.node})
                yield self.mutant(shown, each, place, make, ("condition", condition.path, name), condition.interval)
        place = self.places.at(*keys)
        yield from self.structure(condition, element, place)
        if isinstance(written, model.Dated):
            yield from self.dates(condition, written, within, element, place)
        for child in (*condition.children, *condition.exceptions):
            yield from self.condition(child, condition.interval)

    def structure(self, condition: Condition, element: str, place: Place) -> Iterator[Mutant]:
        """The branches of a condition joined otherwise, or another number of them; another limit of points."""
        others: dict[str, tuple[str, ...]] = {"all": ("any",), "any": ("all",), "none": ("any",)}
        if len(condition.children) > 1 or condition.kind == "none":
            for other in others.get(condition.kind, ()):
                make = self.with_condition(condition.path, kind=other)
                alike = condition.kind != "none" and all(each.applies_when is None for each in condition.children)
                joins = condition.path if alike else ""
                yield Mutant(
                    self.rule.id, element, condition.kind, other, "operator", place, make, joins=joins, within=condition.interval
                )
        if condition.kind == "at_least":
            for count in (condition.count + 1, condition.count - 1):
                make = self.with_condition(condition.path, count=count)
                yield Mutant(
                    self.rule.id,
                    element,
                    f"at_least {condition.count}",
                    f"at_least {count}",
                    "constant",
                    place,
                    make,
                    within=condition.interval,
                )
        if condition.most is not None:
            for most in (condition.most + 1, condition.most - 1):
                make = self.with_condition(condition.path, most=most)
                yield Mutant(
                    self.rule.id,
                    element,
                    f"most {condition.most}",
                    f"most {most}",
                    "constant",
                    place,
                    make,
                    within=condition.interval,
                )

    def dates(self, condition: Condition, written: model.Dated, within: Interval, element: str, place: Place) -> Iterator[Mutant]:
        """A condition in force a day early or late, with what has its dates from it."""
        for end, day in (("start", written.from_), ("until", written.until)):
            for other in days_beside(day) if day is not None else ():
                interval = moved(condition.interval, end, other)
                if interval is not None and within.holds(min(cast(date, day), other)):
                    made = _along(condition, condition.interval, interval)
                    make = self.with_condition(
                        condition.path, interval=interval, children=made.children, exceptions=made.exceptions
                    )
                    yield self.dated(element, (end, cast(date, day), other), place, make)

    def with_condition(self, path: str, **parts: Any) -> Callable[[Rule], Rule]:
        """A change of some parts of the condition with a path."""
        return lambda rule: replace(rule, criteria=tuple(_replaced(each, path, parts) for each in rule.criteria))

    # notes and assumptions

    def notes(self) -> Iterator[Mutant]:
        """A note with another condition, or a day early or late."""
        for position, note in enumerate(self.rule.notes):
            written = self.places.own.model.notes[position]
            place = self.places.at("notes", position)
            for each in changed(note.node, self.codes) if note.node is not None else ():
                make = self.with_note(position, node=each.node)
                yield self.mutant(f"notes.{position + 1}", each, place, make, ("note", position), note.interval)
            for end, day in (("start", written.from_), ("until", written.until)):
                for other in days_beside(day) if day is not None else ():
                    interval = moved(note.interval, end, other)
                    if interval is not None and self.rule.interval.holds(min(cast(date, day), other)):
                        make = self.with_note(position, interval=interval)
                        yield self.dated(f"notes.{position + 1}", (end, cast(date, day), other), place, make)

    def with_note(self, position: int, **parts: Any) -> Callable[[Rule], Rule]:
        """A change of some parts of a note."""
        return lambda rule: replace(rule, notes=_put(rule.notes, position, replace(rule.notes[position], **parts)))

    def assumptions(self) -> Iterator[Mutant]:
        """Another value in place of an unknown fact."""
        for position, assumption in enumerate(self.rule.assumptions):
            place = self.places.at("assumptions", position)
            declared = self.book.facts[assumption.fact]
            for value in neighbours(assumption.value, declared.type, self.codes, None, declared.unit or ""):
                before, after = (written_text(each, declared.type, declared.unit or "") for each in (assumption.value, value))
                make = _assuming(assumption.fact, value)
                yield Mutant(self.rule.id, f"assumptions.{assumption.fact}", before, after, "constant", place, make)


def _assuming(path: str, value: Value) -> Callable[[Rule], Rule]:
    """A change of the value that a rule assumes for a fact, wherever the fact is read."""

    def change(node: Node) -> Node:
        return replace(node, value=value) if isinstance(node, nodes.AssumedFact) and node.fact.path == path else node

    def condition(each: Condition) -> Condition:
        parts: dict[str, Any] = {name: mapped(node, change) for name in _EXPRESSIONS if (node := getattr(each, name)) is not None}
        parts |= {"children": tuple(map(condition, each.children)), "exceptions": tuple(map(condition, each.exceptions))}
        return replace(each, **parts)

    def make(rule: Rule) -> Rule:
        return replace(
            rule,
            concerns=tuple(replace(each, node=mapped(each.node, change)) for each in rule.concerns),
            derived={name: replace(each, node=mapped(each.node, change)) for name, each in rule.derived.items()},
            criteria=tuple(map(condition, rule.criteria)),
            notes=tuple(each if each.node is None else replace(each, node=mapped(each.node, change)) for each in rule.notes),
            assumptions=tuple(replace(each, value=value) if each.fact == path else each for each in rule.assumptions),
        )

    return make


def _with(**parts: Any) -> Callable[[Rule], Rule]:
    """A change of some parts of a rule."""
    return lambda rule: replace(rule, **parts)


def _put(items: tuple[Any, ...], position: int, item: object) -> tuple[Any, ...]:
    return (*items[:position], item, *items[position + 1 :])


def _replaced(condition: Condition, path: str, parts: dict[str, Any]) -> Condition:
    if condition.path == path:
        return replace(condition, **parts)
    children = tuple(_replaced(each, path, parts) for each in condition.children)
    exceptions = tuple(_replaced(each, path, parts) for each in condition.exceptions)
    if all(one is two for one, two in zip((*children, *exceptions), (*condition.children, *condition.exceptions), strict=True)):
        return condition
    return replace(condition, children=children, exceptions=exceptions)


def _along(condition: Condition, before: Interval, after: Interval) -> Condition:
    """A condition and what is below it, with the dates they have in common moved."""

    def own(interval: Interval) -> Interval:
        start = after.start if interval.start == before.start else interval.start
        until = after.until if interval.until == before.until else interval.until
        return Interval(start, until)

    return replace(
        condition,
        interval=own(condition.interval),
        children=tuple(_along(each, before, after) for each in condition.children),
        exceptions=tuple(_along(each, before, after) for each in condition.exceptions),
    )
