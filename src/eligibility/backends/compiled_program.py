"""The generated functions: the statuses of rules, and the values of some steps, each from the facts and the as-of date.

A function for statuses has these parts: what tells whether a rule concerns the case; what several rules share, worked out where
one of them does concern it; and each rule, left as soon as a criterion fails.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, Final

from eligibility import nodes
from eligibility.backends.compiled_bounds import Bounds
from eligibility.backends.compiled_lines import Generated, Names, function
from eligibility.backends.compiled_writer import Writer
from eligibility.compiler import CompiledRule, CompiledRules, closure
from eligibility.datatypes import JUDGEMENT, NOT_MET, UNKNOWN_TRUTH, Value
from eligibility.operations import Inputs, Step, Values
from eligibility.status import Status

Facts = Mapping[str, Value]
StatusFunction = Callable[[Facts, date], dict[str, Status]]
ValueFunction = Callable[[Facts, date], tuple[Any, ...]]

_HEAD: Final = " get = facts.get"


def statuses_function(
    compiled: CompiledRules, chosen: Sequence[CompiledRule], bounds: Bounds, names: Names
) -> Generated[StatusFunction]:
    """A function that gives the status of each of some rules by id. Raises: EngineError."""
    writer = _Statuses(compiled, chosen, bounds, names)
    return function("statuses", "facts, as_of", writer.written(), names, f"statuses since {compiled.interval.start}")


def values_function(compiled: CompiledRules, roots: Sequence[int], bounds: Bounds, names: Names) -> Generated[ValueFunction]:
    """A function that gives the values of some steps. Raises: EngineError."""
    needed = closure(compiled.steps, roots)
    writer = Writer(compiled, bounds, names, needed, dict.fromkeys(needed, 0), frozenset(roots))
    writer.section(sorted(needed))
    values = "".join(f"{writer.lines.use(index)}, " for index in roots)
    lines = [_HEAD, *writer.lines.lines, f" return ({values})"]
    return function("values", "facts, as_of", lines, names, f"values since {compiled.interval.start}")


def block_function(
    compiled: CompiledRules, indices: Sequence[int], bounds: Bounds, names: Names
) -> Generated[Callable[[Values, Inputs], None]]:
    """A function that runs some steps on the values of all. Raises: EngineError."""
    own = frozenset(indices)
    loops = {index for each in indices for index in _looped(compiled.steps, each)}
    read = {index for each in own | loops for index in compiled.steps[each].inputs if index >= 0}
    writer = Writer(compiled, bounds, names, own | loops, {}, frozenset(), stored=True)
    for index in sorted(read - own - loops - set(bounds.constant)):
        writer.lines.line(f"x{index} = v[{index}]")
        writer.lines.pair(index)
    writer.section(indices)
    lines = [" get = inputs.facts.get", " as_of = inputs.as_of", *writer.lines.lines]
    return function("block", "v, inputs", lines, names, f"steps since {compiled.interval.start}")


def _looped(steps: Sequence[Step], index: int) -> frozenset[int]:
    """The steps that run for each item of a quantifier, and of those inside of it."""
    step = steps[index]
    inner = (_looped(steps, each) for each in step.body)
    return frozenset((*step.slots, *step.body)).union(*inner)


class _Statuses:
    def __init__(self, compiled: CompiledRules, chosen: Sequence[CompiledRule], bounds: Bounds, names: Names) -> None:
        self.steps, self.bounds, self.names = compiled.steps, bounds, names
        self.rules = [rule for rule in chosen if rule.in_force]
        self.chosen = chosen
        self.criteria = [self.terms(rule.criteria_met) for rule in self.rules]
        self.closing = [self.terms(rule.available) for rule in self.rules]
        first = closure(self.steps, [rule.concerned for rule in self.rules])
        self.part = dict.fromkeys(first, 0)
        for number, terms in enumerate(zip(self.criteria, self.closing, strict=True)):
            for index in closure(self.steps, [*terms[0], *terms[1]]) - first:
                self.part[index] = self.part.get(index, 0) | 1 << number
        kept = [index for terms in (*self.criteria, *self.closing) for index in terms]
        kept += [rule.concerned for rule in self.rules]
        self.writer = Writer(compiled, bounds, names, self.part, self.part, frozenset(kept))
        self.lines = self.writer.lines

    def terms(self, index: int) -> tuple[int, ...]:
        """The parts of a conjunction, apart, so that one that fails spares the rest."""
        step = self.steps[index]
        return step.inputs if isinstance(step.node, nodes.AllOf) and index not in self.bounds.constant else (index,)

    def written(self) -> list[str]:
        """The lines of the function."""
        parts: dict[int, list[int]] = {0: []}
        for index in sorted(self.part):
            if index not in self.bounds.constant and index not in self.writer.inside:
                parts.setdefault(self.part[index], []).append(index)
        self.writer.section(parts.pop(0))
        for number, rule in enumerate(self.rules):
            if rule.concerned not in self.bounds.constant:
                judged = f" or x{rule.concerned} is J" if JUDGEMENT in self.bounds.truths[rule.concerned] else ""
                self.lines.line(f"r{number} = x{rule.concerned} is M{judged}")
        own: dict[int, list[int]] = {}
        for mask in sorted(parts, key=lambda mask: (-mask.bit_count(), mask)):
            if mask.bit_count() == 1:
                own[mask.bit_length() - 1] = parts[mask]
            else:
                self.shared(mask, parts[mask])
        for number in range(len(self.rules)):
            self.rule(number, own.get(number, []))
        results = {rule.rule.id: f"s{number}" for number, rule in enumerate(self.rules)}
        closed = self.names.of(Status.NOT_AVAILABLE)
        pairs = (f"{self.names.of(rule.rule.id)}: {results.get(rule.rule.id, closed)}" for rule in self.chosen)
        return [_HEAD, *self.lines.lines, f" return {{{', '.join(pairs)}}}"]

    def shared(self, mask: int, indices: Sequence[int]) -> None:
        """Write what several rules share."""
        numbers = [number for number in range(len(self.rules)) if mask >> number & 1]
        is_open = [self.rules[number].concerned not in self.bounds.constant for number in numbers]
        if all(is_open):
            self.lines.line(f"if {' or '.join(f'r{number}' for number in numbers)}:")
            self.lines.indent += 1
        self.writer.section(indices)
        self.lines.indent = 1

    def rule(self, number: int, indices: Sequence[int]) -> None:
        """Write how a rule comes out; see `status.status_of`."""
        rule, lines, name = self.rules[number], self.lines, f"s{number}"
        concerned = self.bounds.constant.get(rule.concerned)
        undetermined, unconcerned = self.names.of(Status.UNDETERMINED), self.names.of(Status.NOT_APPLICABLE)
        if concerned in (NOT_MET, UNKNOWN_TRUTH):
            lines.line(f"{name} = {unconcerned if concerned is NOT_MET else undetermined}")
            return
        if concerned is None:
            lines.line(f"if not r{number}: {name} = {unconcerned} if x{rule.concerned} is N else {undetermined}")
            lines.line("else:")
            lines.indent += 1
        lines.line("while True:")
        lines.indent += 1
        self.criteria_of(number, name, indices)
        lines.line("break")
        lines.indent = 1

    def criteria_of(self, number: int, name: str, indices: Sequence[int]) -> None:
        """Write the criteria of a rule that concerns the case."""
        lines, names, rule = self.lines, self.names, self.rules[number]
        failed, closed = names.of(Status.NOT_ELIGIBLE), names.of(Status.NOT_AVAILABLE)
        own, criteria = frozenset(indices), frozenset(self.criteria[number])
        for index in self.criteria[number]:
            if index not in own:
                self.leave(index, name, failed)
        for index in indices:
            self.writer.step(index)
            if index in criteria:
                self.leave(index, name, failed)
        for index in self.closing[number]:
            self.leave(index, name, closed)
        terms = tuple(dict.fromkeys((*self.criteria[number], *self.closing[number])))
        unknown = self.tests(terms, "U")
        judged = self.tests((rule.concerned, *terms), "J")
        result = f"{names.of(Status.SUBJECT_TO_JUDGEMENT)} if {judged} else " if judged else ""
        result += names.of(Status.ELIGIBLE)
        undetermined = f"{names.of(Status.UNDETERMINED)} if {unknown} else " if unknown else ""
        lines.line(f"{name} = {undetermined}{result}")

    def tests(self, indices: Sequence[int], letter: str) -> str:
        """Whether one of several conditions has a truth; empty where none can."""
        truth = {"U": UNKNOWN_TRUTH, "J": JUDGEMENT}[letter]
        listed = dict.fromkeys(indices)
        return " or ".join(f"{self.lines.use(index)} is {letter}" for index in listed if truth in self.bounds.truths[index])

    def leave(self, index: int, name: str, status: str) -> None:
        """Write that a condition that is not met settles the rule."""
        if NOT_MET in self.bounds.truths[index]:
            self.lines.line(f"if {self.lines.use(index)} is N:")
            self.lines.line(f" {name} = {status}; break")
