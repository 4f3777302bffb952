"""What every engine returns: the value of every step. And what follows from it without evaluating anything: missing and decisive facts."""

from __future__ import annotations

from dataclasses import dataclass, field

from typing import Protocol, cast

from eligibility import nodes
from eligibility.compiler import CompiledRules, Step
from eligibility.datatypes import MET, NOT_MET, UNKNOWN, UNKNOWN_TRUTH, Truth, Value
from eligibility.operations import Inputs, Values


@dataclass(frozen=True, slots=True, order=True)
class Missing:
    """What nobody has stated: a fact of the profile by its path, or a figure of law by its rule and name; `why` says more."""

    kind: str
    name: str
    why: str = ""


@dataclass(slots=True)
class Findings:
    """The value of every step that was run; a boolean step has a `Truth`. Steps that were not needed are unknown."""

    compiled: CompiledRules
    values: Values
    inputs: Inputs
    engine: str
    _missing: dict[int, frozenset[Missing]] = field(default_factory=dict)
    _decisive: dict[int, frozenset[str]] = field(default_factory=dict)

    def truth(self, index: int) -> Truth:
        """The truth of a boolean step."""
        return cast(Truth, self.values[index])

    def missing(self, index: int) -> frozenset[Missing]:
        """The unknown facts and figures that leave a step unknown; nothing for a step that is settled."""
        known = self._missing.get(index)
        if known is None:
            known = self._missing[index] = self._find_missing(self.compiled.steps[index])
        return known

    def _find_missing(self, step: Step) -> frozenset[Missing]:
        value = self.values[step.index]
        if value is not UNKNOWN and value is not UNKNOWN_TRUTH:
            return frozenset()
        below = frozenset[Missing]().union(*(self.missing(index) for index in step.inputs if index >= 0))
        match step.node:
            case nodes.FactValue(path=path):
                guard = self.missing(step.inputs[0]) if step.inputs else frozenset()
                return guard | {Missing("fact", path)}
            case nodes.ParameterValue(rule=rule, name=name):
                dated = self.compiled.book.rules[rule].parameters[name].at(self.inputs.as_of)
                return frozenset(
                    {Missing("figure", f"{rule}.{name}", (dated.why or "") if dated else "no value is known for this date")}
                )
            case nodes.ListValue(rule=rule, name=name):
                why = self.compiled.book.rules[rule].lists[name].unknown_because or ""
                return frozenset({Missing("figure", f"{rule}.{name}", why)})
            case nodes.Lookup(rule=rule, table=table, column=column) if not below:
                return frozenset({Missing("figure", f"{rule}.{table}.{column}", self._table_gap(step, column))})
            case nodes.TableHas(rule=rule, table=table) if not below:
                return frozenset({Missing("figure", f"{rule}.{table}", "the table does not cover this date")})
            case nodes.Converted() if not self.missing(step.inputs[0]):
                return below or frozenset(self._unconverted(step))
            case nodes.Choose():
                condition = self.truth(step.inputs[0])
                if condition in (MET, NOT_MET):
                    return self.missing(step.inputs[1 if condition is MET else 2])
                return below
            case nodes.Quantified() | nodes.Aggregate():
                return self.missing(step.inputs[0]) or self._missing_in_items(step)
        return below

    def _table_gap(self, step: Step, column: str) -> str:
        if step.data is UNKNOWN:
            return "the table does not cover this date"
        keys = ", ".join(str(self.values[index]) for index in step.inputs)
        return f"the table has no `{column}` for {keys}"

    def _unconverted(self, step: Step) -> set[Missing]:
        node = cast(nodes.Converted, step.node)
        names = sorted(facts_below(self.compiled, step.inputs[0]))
        return {Missing("fact", name, f"stated, but not in {node.type.unit.currency}") for name in names}

    def _missing_in_items(self, step: Step) -> frozenset[Missing]:
        """The unknown fields of the list's records, and unknown facts from outside that the quantifier reads."""
        compiled, found = self.compiled, set[Missing]()
        fields = {cast(nodes.ItemValue, compiled.steps[slot].node).field for slot in step.slots}
        path = next(iter(sorted(facts_below(compiled, step.inputs[0]))), "")
        for position, item in enumerate(cast("tuple[Value, ...]", self.values[step.inputs[0]])):
            for name in sorted(name for name in fields if name is not None):
                if isinstance(item, dict) and name not in item:
                    found.add(Missing("fact", f"{path}[{position}].{name}"))
        inside = {*step.body, *step.slots}
        for index in step.body:
            for outer in compiled.steps[index].inputs:
                if outer >= 0 and outer not in inside:
                    found |= self.missing(outer)
        for outer in step.inputs[1:]:
            if outer >= 0 and outer not in inside:
                found |= self.missing(outer)
        return frozenset(found)

    def decisive_facts(self, index: int) -> frozenset[str]:
        """The facts that alone give a settled step the value it has: of a failed conjunction the failing parts, and so on."""
        known = self._decisive.get(index)
        if known is None:
            known = self._decisive[index] = self._find_decisive(self.compiled.steps[index])
        return known

    def _find_decisive(self, step: Step) -> frozenset[str]:
        wanted = step.inputs
        value = self.values[step.index]
        match step.node:
            case nodes.FactValue(path=path):
                guard = frozenset[str]().union(*(self.decisive_facts(index) for index in step.inputs))
                return guard if step.inputs and self.values[step.inputs[0]] is NOT_MET else guard | {path}
            case nodes.AllOf() if value is NOT_MET:
                wanted = tuple(index for index in step.inputs if self.values[index] is NOT_MET)
            case nodes.AnyOf() if value is MET:
                wanted = tuple(index for index in step.inputs if self.values[index] is MET)[:1]
            case nodes.Choose() if self.values[step.inputs[0]] in (MET, NOT_MET):
                wanted = (step.inputs[0], step.inputs[1 if self.values[step.inputs[0]] is MET else 2])
            case nodes.Quantified() | nodes.Aggregate():
                return frozenset(facts_below(self.compiled, step.index))
        return frozenset[str]().union(*(self.decisive_facts(index) for index in wanted if index >= 0))


def facts_below(compiled: CompiledRules, index: int) -> frozenset[str]:
    """Every fact a step can read."""
    found, waiting, seen = set[str](), [index], set[int]()
    while waiting:
        current = waiting.pop()
        if current < 0 or current in seen:
            continue
        seen.add(current)
        step = compiled.steps[current]
        if isinstance(step.node, nodes.FactValue):
            found.add(step.node.path)
        waiting.extend((*step.inputs, *step.body))
    return frozenset(found)


class Engine(Protocol):
    """An engine: runs compiled rules on facts. Every engine gives the same findings."""

    name: str

    def run(self, compiled: CompiledRules, order: tuple[int, ...], inputs: Inputs) -> Findings:
        """The findings of the steps in `order` (a part of `compiled.order` that is closed under what it reads).

        Raises: EngineError where the engine fails; it never answers differently instead.
        """
