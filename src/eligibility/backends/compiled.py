"""The compiled engine: straight-line Python generated from the compiled rules, for loops and services.

For statuses alone one function decides all rules of a case; for findings the values of all steps are kept, so that explanations
can be arranged from them. Both are made when they are first needed and freed with the compiled rules.
"""

from __future__ import annotations

import os
import threading
import weakref
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, TypeVar

from eligibility.backends.compiled_bounds import bounds_of
from eligibility.backends.compiled_lines import Generated, Names
from eligibility.backends.compiled_program import (
    Facts,
    StatusFunction,
    ValueFunction,
    block_function,
    statuses_function,
    values_function,
)
from eligibility.compiler import CompiledRule, CompiledRules
from eligibility.datatypes import NOT_MET
from eligibility.findings import Findings
from eligibility.operations import Inputs, Step, Values

_KEPT: Final = 64
_LONGEST: Final = 500
F = TypeVar("F", bound=Callable[..., Any])

_making: Final = threading.RLock()
"""Held while a function is made, and while the process forks: a child never inherits one half made."""

if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_making.acquire, after_in_parent=_making.release, after_in_child=_making.release)


@dataclass(slots=True)
class Block:
    """Steps that the same rules need, and the function that runs them, once it is made."""

    indices: tuple[int, ...]
    run: Callable[[Values, Inputs], None] | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """How the steps of an order are run: the values known beforehand, then what runs the rest."""

    order: tuple[int, ...]
    known: Values
    parts: tuple[Callable[[Values, Inputs], None], ...]


class Program:
    """What is generated from one set of compiled rules. Safe to share between threads."""

    def __init__(self, compiled: CompiledRules) -> None:
        self._names = Names()
        self._bounds = bounds_of(compiled)
        self._blocks = _blocks(compiled, frozenset(self._bounds.constant))
        self._plans: OrderedDict[int, Plan] = OrderedDict()
        self._made: OrderedDict[tuple[object, ...], Generated[Any]] = OrderedDict()
        self._wanted: OrderedDict[tuple[str, ...] | None, StatusFunction] = OrderedDict()
        self._telling: dict[tuple[int, ...], ValueFunction] = {}

    def statuses(self, compiled: CompiledRules, chosen: Sequence[CompiledRule]) -> Generated[StatusFunction]:
        """The function that gives the status of each of some rules by id. Raises: EngineError E504."""
        key = ("statuses", *(rule.rule.id for rule in chosen))
        return self._once(key, lambda: statuses_function(compiled, chosen, self._bounds, self._names))

    def statuses_of(
        self, compiled: CompiledRules, wanted: tuple[str, ...] | None, choose: Callable[[], Sequence[CompiledRule]]
    ) -> StatusFunction:
        """As `statuses`, for the rules that somebody wants by id; `choose` finds them. Raises: EngineError E504."""
        known = self._wanted.get(wanted)
        if known is None:
            known = self.statuses(compiled, choose()).call
            with _making:
                self._wanted[wanted] = known
                while len(self._wanted) > _KEPT:
                    self._wanted.popitem(last=False)
        return known

    def values(self, compiled: CompiledRules, roots: Sequence[int]) -> Generated[ValueFunction]:
        """The function that gives the values of some steps. Raises: EngineError E504."""
        return self._once(("values", *roots), lambda: values_function(compiled, roots, self._bounds, self._names))

    def may_contradict(self, compiled: CompiledRules, facts: Facts, as_of: date) -> bool:
        """Whether what is stated may contradict itself: where it does not, `refuse_contradictions` finds nothing.

        Raises: EngineError E504.
        """
        guards, declared = compiled.guards, compiled.book.facts
        for path, value in facts.items():
            guard = guards.get(path)
            if (
                guard is not None
                and NOT_MET in self._told(compiled, (guard,))(facts, as_of)
                and value != declared[path].otherwise
            ):
                return True
        checks = tuple(compiled.consistency.values())
        return bool(checks) and NOT_MET in self._told(compiled, checks)(facts, as_of)

    def _told(self, compiled: CompiledRules, roots: tuple[int, ...]) -> ValueFunction:
        known = self._telling.get(roots)
        if known is None:
            known = self._telling[roots] = self.values(compiled, roots).call
        return known

    def _once(self, key: tuple[object, ...], make: Callable[[], Generated[F]]) -> Generated[F]:
        with _making:
            made = self._made.get(key)
            if made is None:
                made = self._made[key] = make()
                while len(self._made) > _KEPT:
                    self._made.popitem(last=False)
            return made

    def plan(self, compiled: CompiledRules, order: tuple[int, ...]) -> Plan:
        """How to run the steps in `order`. Raises: EngineError E504."""
        plan = self._plans.get(id(order))  # the plan keeps the order, so no other one gets its id
        if plan is None:
            with _making:
                plan = self._plans[id(order)] = self._planned(compiled, order)
                while len(self._plans) > _KEPT:
                    self._plans.popitem(last=False)
        return plan

    def _planned(self, compiled: CompiledRules, order: tuple[int, ...]) -> Plan:
        asked, known = frozenset(order), list(compiled.start)
        for index in asked.intersection(self._bounds.constant):
            known[index] = self._bounds.constant[index]
        parts: list[Callable[[Values, Inputs], None]] = []
        for block in self._blocks:
            if asked.issuperset(block.indices):
                if block.run is None:
                    block.run = block_function(compiled, block.indices, self._bounds, self._names).call
                parts.append(block.run)
            else:
                parts += [_single(compiled, compiled.steps[index]) for index in block.indices if index in asked]
        return Plan(order, known, tuple(parts))


def _single(compiled: CompiledRules, step: Step) -> Callable[[Values, Inputs], None]:
    def run(values: Values, inputs: Inputs) -> None:
        values[step.index] = step.operation(values, inputs, compiled.steps)

    return run


def _blocks(compiled: CompiledRules, constant: frozenset[int]) -> tuple[Block, ...]:
    """The steps of all orders in blocks, so that whatever some rules need is whole blocks, and blocks read only those before."""
    users = [0] * len(compiled.steps)
    for position, rule in enumerate(compiled.rules):
        for index in rule.needed:
            users[index] |= 1 << position
        for index in rule.decides_concern:
            users[index] |= 1 << len(compiled.rules) + position
    together: dict[int, list[int]] = {}
    for index in compiled.order:
        if index not in constant:
            together.setdefault(users[index], []).append(index)
    return tuple(
        Block(tuple(together[key][start : start + _LONGEST]))
        for key in sorted(together, key=lambda key: (-key.bit_count(), key))
        for start in range(0, len(together[key]), _LONGEST)
    )


class CompiledEngine:
    """Generated Python that gives the findings of the reference engine. Safe to share between threads."""

    name = "compiled"

    def __init__(self) -> None:
        self._programs: weakref.WeakKeyDictionary[CompiledRules, Program] = weakref.WeakKeyDictionary()
        self._latest: tuple[weakref.ref[CompiledRules], Program] | None = None

    def program(self, compiled: CompiledRules) -> Program:
        """What is generated from compiled rules: made when first needed, freed with them."""
        latest = self._latest
        if latest is not None and latest[0]() is compiled:
            return latest[1]
        with _making:
            program = self._programs.get(compiled)
            if program is None:
                program = self._programs[compiled] = Program(compiled)
            self._latest = (weakref.ref(compiled), program)
            return program

    def run(self, compiled: CompiledRules, order: tuple[int, ...], inputs: Inputs) -> Findings:
        """The findings of the steps in `order`. Raises: EngineError E504 for rules that Python cannot hold."""
        plan = self.program(compiled).plan(compiled, order)
        values = plan.known.copy()
        for run in plan.parts:
            run(values, inputs)
        return Findings(compiled, values, inputs, self.name)
