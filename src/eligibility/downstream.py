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
from eligibility.status import Status, status_of


class Downstream:
    """What lies downstream of each fact and of the day in some compiled rules; the same for every profile."""

    def __init__(self, compiled: CompiledRules) -> None:
        self.compiled = compiled
        self.in_order = frozenset(compiled.order)
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
        found: set[int] = set()
        while waiting:
            index = waiting.pop()
            if index not in found:
                found.add(index)
                waiting.extend(self.readers[index])
        return tuple(sorted(found & self.in_order))


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
    return State(status_of(rule.in_force, concerned, values[rule.available], values[rule.criteria_met]), tuple(failing))


def statuses_of(rule: CompiledRule, values: Values) -> frozenset[Status]:
    """The statuses a rule can have with some values, ranges among them."""
    return frozenset(
        status_of(rule.in_force, concerned, available, criteria)
        for concerned in possible(values[rule.concerned]) or ()
        for available in possible(values[rule.available]) or ()
        for criteria in possible(values[rule.criteria_met]) or ()
    )


__all__ = ["Downstream", "State", "downstream", "state_of", "statuses_of"]
