"""Which steps read which: what has to run again when a fact or the day changes, and how a rule then comes out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from weakref import WeakKeyDictionary

from eligibility import nodes
from eligibility.compiler import CompiledRule, CompiledRules
from eligibility.datatypes import NOT_MET
from eligibility.operations import Values
from eligibility.ranges import RANGES, possible
from eligibility.status import Status


class Downstream:
    """What lies downstream of each fact and of the day in some compiled rules; the same for every profile."""

    def __init__(self, compiled: CompiledRules) -> None:
        self.in_order = frozenset((*compiled.order, *compiled.consistency_order))
        self.readers: list[list[int]] = [[] for _ in compiled.steps]
        self.sources: dict[str, int] = {}
        self.day: int | None = None
        for step in compiled.steps:
            if isinstance(step.node, nodes.FactValue):
                self.sources[step.node.path] = step.index
            elif isinstance(step.node, nodes.AsOf):
                self.day = step.index
            for index in (*step.inputs, *step.body):
                if index >= 0:
                    self.readers[index].append(step.index)

    def of(self, facts: Iterable[str] = (), *, day: bool = False) -> tuple[int, ...]:
        """The steps that read some facts, or the day, themselves included; each after those it reads."""
        waiting = [self.sources[path] for path in facts if path in self.sources]
        if day and self.day is not None:
            waiting.append(self.day)
        return tuple(sorted(self.reading(waiting) & self.in_order))

    def reading(self, steps: Iterable[int]) -> set[int]:
        """Some steps and every step that reads them, directly or not."""
        found, waiting = set[int](), list(steps)
        while waiting:
            index = waiting.pop()
            if index not in found:
                found.add(index)
                waiting.extend(self.readers[index])
        return found


_KNOWN: Final[WeakKeyDictionary[CompiledRules, Downstream]] = WeakKeyDictionary()


def downstream(compiled: CompiledRules) -> Downstream:
    """What reads what in some compiled rules, worked out once."""
    known = _KNOWN.get(compiled)
    if known is None:
        known = _KNOWN[compiled] = Downstream(compiled)
    return known


@dataclass(frozen=True, slots=True)
class State:
    """How a rule comes out: its status, and the criteria that are not met."""

    status: Status
    failing: tuple[str, ...] = ()


def state_of(rule: CompiledRule, values: Values) -> State | None:
    """How a rule comes out with some values; None where ranges among them leave that open."""
    if not rule.in_force:
        return State(Status.NOT_AVAILABLE)
    concerned = values[rule.concerned]
    if concerned is NOT_MET:
        return State(Status.NOT_APPLICABLE)
    effective = [values[each.effective] for each in rule.conditions]
    if any(isinstance(each, RANGES) for each in (concerned, values[rule.available], values[rule.criteria_met], *effective)):
        return None
    failing = [each.condition.path for each, truth in zip(rule.conditions, effective, strict=True) if truth is NOT_MET]
    return State(rule.status(values), tuple(failing))


def statuses_of(rule: CompiledRule, values: Values) -> frozenset[Status]:
    """The statuses a rule can have with some values, ranges among them."""
    return rule.statuses(*(possible(values[index]) or () for index in (rule.concerned, rule.available, rule.criteria_met)))


__all__ = ["Downstream", "State", "downstream", "state_of", "statuses_of"]
