"""Trying changes out: the steps that read what is changed run again, everything else keeps its value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any, Final, cast

from eligibility import nodes
from eligibility.compiler import CompiledRule, CompiledRules, closure
from eligibility.contradictions import broken, ruled_out
from eligibility.datatypes import JUDGEMENT, MET, NOT_MET, Truth, Value
from eligibility.findings import Findings, Missing
from eligibility.operations import Inputs, Step, Values
from eligibility.remedies.changes import REACHED, Place, Plan
from eligibility.status import Status

Frames = tuple[tuple[int, int], ...]
"""The quantifiers around a step, outermost first, each with the position of the item it looks at."""


@dataclass(frozen=True, slots=True)
class Goal:
    """How a step should come out: met, or not met, inside some quantifiers.

    A step that is unknown need not change, unless the goal is `strict`: for what reads a record that is not there yet.
    """

    wanted: bool
    frames: Frames = ()
    strict: bool = False

    @property
    def opposite(self) -> Goal:
        """The same, the other way round."""
        return replace(self, wanted=not self.wanted)

    def inside(self, loop: int, position: int) -> Goal:
        """The same for one item of a quantifier."""
        return replace(self, frames=(*self.frames, (loop, position)))

    def is_met_by(self, truth: Truth) -> bool:
        """Whether a truth is what is wanted, or for a human."""
        return truth is JUDGEMENT or truth is (MET if self.wanted else NOT_MET)


_WITHDRAWALS: Final = 4  # one fact that no longer applies may rule out the next


class Cones:
    """What reads what among the steps of one rule and of what facts cannot contradict; the same for every profile.

    `own` are the facts that the rule reads, or that say whether facts apply.
    """

    def __init__(self, compiled: CompiledRules, rule: CompiledRule) -> None:
        self.compiled = compiled
        self.rule = rule
        needed = rule.needed | frozenset(compiled.guard_order)
        own = tuple(index for index in compiled.order if index in needed)
        checking = closure(compiled.steps, compiled.consistency.values()) - needed
        self.order = (*own, *(index for index in (*compiled.order, *compiled.consistency_order) if index in checking))
        self.bits: dict[str, int] = {}
        self.reads: dict[int, int] = {}
        self._below: dict[int, frozenset[int]] = {}
        self._again: dict[tuple[int, int], tuple[int, ...]] = {}
        self.names = {index: f"{each.rule.id}.{name}" for each in compiled.rules for name, index in each.named.items()}
        self.position = {index: place for place, index in enumerate(self.order)}
        for index in own:
            self._facts(index)
        self.own = tuple(self.bits)
        for index in self.order[len(own) :]:
            self._facts(index)

    def _facts(self, index: int) -> int:
        """The facts a step reads, as bits."""
        if index < 0:
            return 0
        known = self.reads.get(index)
        if known is None:
            step = self.compiled.steps[index]
            found = 0
            if isinstance(step.node, nodes.FactValue):
                found = self.bits.setdefault(step.node.path, 1 << len(self.bits))
            for each in (*step.inputs, *step.body):
                found |= self._facts(each)
            known = self.reads[index] = found
        return known

    def below(self, index: int) -> frozenset[int]:
        """A step and every step it can read."""
        known = self._below.get(index)
        if known is None:
            step = self.compiled.steps[index]
            parts = (self.below(each) for each in (*step.inputs, *step.body, *step.slots) if each >= 0)
            known = self._below[index] = frozenset({index}).union(*parts)
        return known

    def paths(self, index: int) -> tuple[str, ...]:
        """The facts a step reads, in a stable order."""
        reads = self._facts(index)
        return tuple(path for path, bit in self.bits.items() if reads & bit)

    def mask(self, plan: Plan) -> int:
        """The facts that a plan changes, as bits."""
        found = 0
        for place in plan:
            found |= self.bits.get(place.path, 0)
        return found

    def again(self, mask: int, root: int = -1) -> tuple[int, ...]:
        """The steps to run again where some facts change, in order; of those below a root where there is one."""
        key = (mask, root)
        known = self._again.get(key)
        if known is None:
            wanted: Any = self.position if root < 0 else self.below(root)
            known = self._again[key] = tuple(each for each in self.order if self.reads[each] & mask and each in wanted)
        return known


class Trial:
    """A profile on a date against one rule, and what becomes of it when facts change."""

    def __init__(self, cones: Cones, facts: Mapping[str, Value], as_of: date) -> None:
        self.cones = cones
        self.compiled, self.rule = cones.compiled, cones.rule
        self.steps: Sequence[Step] = self.compiled.steps
        self.facts = facts
        self.as_of = as_of
        self.inputs = Inputs(facts, as_of)
        self.values: Values = list(self.compiled.start)
        self.run(cones.order, self.inputs)

    def run(self, order: Sequence[int], inputs: Inputs) -> None:
        """Run some steps on the values as they are."""
        values, steps = self.values, self.steps
        for index in order:
            values[index] = steps[index].operation(values, inputs, steps)

    def changed(self, plan: Plan) -> dict[str, Value]:
        """The facts of the profile with a plan carried out; records that are added stand one after the other."""
        facts = dict(self.facts)
        added: dict[str, dict[int, int]] = {}
        records: dict[str, list[dict[str, Value]]] = {}
        for place in sorted(plan):
            if place.position < 0:
                facts[place.path] = plan[place]
                continue
            if place.path not in records:
                records[place.path] = [dict(cast("Mapping[str, Value]", each)) for each in self.items(place.path)]
            listed, position = records[place.path], place.position
            if position >= len(self.items(place.path)):
                new = added.setdefault(place.path, {})
                position = new.setdefault(position, len(self.items(place.path)) + len(new))
            if position == len(listed):
                listed.append({})
            if place.field:
                listed[position][place.field] = plan[place]
        return facts | {path: tuple(listed) for path, listed in records.items()}

    def items(self, path: str) -> tuple[Value, ...]:
        """The items of a list that the profile states; none where it does not."""
        found = self.facts.get(path)
        return found if isinstance(found, tuple) else ()

    # one step

    @contextmanager
    def _tried(self, index: int, plan: Plan, frames: Frames) -> Iterator[Values]:
        """The values below one step as a plan leaves them, inside the quantifiers around it."""
        again = self.cones.again(self.cones.mask(plan), index) if plan else ()
        loops = [self.steps[loop] for loop, _ in frames]
        touched = [*again, *(each for loop in loops for each in (*loop.slots, *loop.body))]
        values = self.values
        kept = [values[each] for each in touched]
        facts = self.changed(plan) if plan else self.facts
        inputs = Inputs(facts, self.as_of)
        self.run(again, inputs)
        for loop, (_, position) in zip(loops, frames, strict=True):
            source = cast("nodes.FactValue", self.steps[loop.inputs[0]].node)
            listed = facts.get(source.path)
            listed = listed if isinstance(listed, tuple) else ()
            item = listed[position] if position < len(listed) else {}
            for slot in loop.slots:
                node = cast("nodes.ItemValue", self.steps[slot].node)
                empty = self.compiled.start[slot]
                values[slot] = item if node.field is None else cast("Mapping[str, Value]", item).get(node.field, empty)
            self.run(loop.body, inputs)
        try:
            yield values
        finally:
            for each, value in zip(touched, kept, strict=True):
                values[each] = value

    def value(self, index: int, plan: Plan, frames: Frames = ()) -> Value:
        """The value of a step as a plan leaves it."""
        if not plan and not frames:
            return cast("Value", self.values[index])
        with self._tried(index, plan, frames) as values:
            return cast("Value", values[index])

    def truth(self, index: int, plan: Plan, frames: Frames = ()) -> Truth:
        """The truth of a step as a plan leaves it."""
        return cast("Truth", self.value(index, plan, frames))

    # the whole rule

    def outcome(self, plan: Plan) -> Tried:
        """How the rule comes out where a plan is carried out; facts that no longer apply are withdrawn."""
        facts, mask = self.changed(plan), self.cones.mask(plan)
        gone: tuple[str, ...] = ()
        for _ in range(_WITHDRAWALS):
            again = self.cones.again(mask)
            values = self.values
            kept = [values[each] for each in again]
            self.run(again, Inputs(facts, self.as_of))
            found = list(values)
            for each, value in zip(again, kept, strict=True):
                values[each] = value
            against = ruled_out(self.compiled, facts, found)
            if not against:
                break
            if any(place.path in against for place in plan):
                return Tried(self, plan, facts, found, gone, consistent=False)
            gone += against
            facts = {path: value for path, value in facts.items() if path not in against}
            mask |= self.cones.mask({Place(path): () for path in against})
        return Tried(self, plan, facts, found, gone, consistent=not against)


class Tried:
    """The rule as a plan leaves it."""

    def __init__(
        self,
        trial: Trial,
        plan: Plan,
        facts: Mapping[str, Value],
        values: Values,
        withdrawn: tuple[str, ...],
        *,
        consistent: bool,
    ) -> None:
        self.trial = trial
        self.plan = plan
        self.facts = facts
        self.values = values
        self.withdrawn = withdrawn
        self.consistent = consistent
        self.broken = broken(trial.compiled, facts, values)

    @property
    def status(self) -> Status:
        """How the rule comes out."""
        return self.trial.rule.status(self.values)

    @cached_property
    def findings(self) -> Findings:
        """The values as findings."""
        return Findings(self.trial.compiled, self.values, Inputs(self.facts, self.trial.as_of), "reference")

    @cached_property
    def missing(self) -> frozenset[Missing]:
        """What an undetermined outcome lacks."""
        rule = self.trial.rule
        return self.findings.missing(rule.available) | self.findings.missing(rule.criteria_met)

    @cached_property
    def works(self) -> bool:
        """Whether the rule no longer fails, as `_reaches`, and the profile does not contradict itself."""
        return self.consistent and not self.broken and self._reaches

    @property
    def breaks(self) -> bool:
        """Whether all that is wrong is that facts then contradict each other: others have to change with them."""
        return self.consistent and bool(self.broken) and self._reaches

    @cached_property
    def _reaches(self) -> bool:
        """Whether the rule still concerns the case and no longer fails, and nothing that was changed leaves it open."""
        if self.values[self.trial.rule.concerned] not in (MET, JUDGEMENT):
            return False
        if self.status not in REACHED:
            return False
        return self.status is not Status.UNDETERMINED or not any(self._hangs(each) for each in self.missing)

    @property
    def opened(self) -> int:
        """How many facts are missing only because the plan lets them apply, or withdraws what was stated about them."""
        guards, before = self.trial.compiled.guards, self.trial.values
        missing = {each.name for each in self.missing if each.kind == "fact"}
        applying = {
            path for path, guard in guards.items() if path in missing and before[guard] is NOT_MET is not self.values[guard]
        }
        return len(applying | missing.intersection(self.withdrawn))

    def _hangs(self, missing: Missing) -> bool:
        """Whether something is missing only because of what was changed: a figure for a new code, a field of a new record."""
        if missing.kind == "fact":
            return any(self._within(missing.name, place) for place in self.plan)
        again = self.trial.cones.again(self.trial.cones.mask(self.plan))
        return any(self._name(index) == missing.name and not self._was_open(index) for index in again)

    def _within(self, name: str, place: Place) -> bool:
        if place.position < 0:
            return name == place.path
        path, _, rest = name.partition("[")
        held = len(self.trial.items(path))
        return path == place.path and rest != "" and place.position >= held and int(rest.partition("]")[0]) >= held

    def _was_open(self, index: int) -> bool:
        """Whether a value was as open before, for the same keys."""
        step, before = self.trial.steps[index], self.trial.values
        return before[index] is self.values[index] and all(before[each] == self.values[each] for each in step.inputs)

    def _name(self, index: int) -> str:
        node = self.trial.steps[index].node
        if isinstance(node, nodes.Lookup):
            return f"{node.rule}.{node.table}.{node.column}"
        if isinstance(node, nodes.TableHas):
            return f"{node.rule}.{node.table}"
        return self.trial.cones.names.get(index, "")


__all__ = ["Cones", "Frames", "Goal", "Trial", "Tried"]
