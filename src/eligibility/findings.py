"""What every engine returns: the value of every step. And what follows from it: the missing facts, and the decisive ones."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, Protocol, TypeVar, cast

from eligibility import nodes
from eligibility.compiler import CompiledRules, closure
from eligibility.datatypes import MET, NOT_MET, UNKNOWN, UNKNOWN_TRUTH, Truth, Value
from eligibility.formatting import key_text
from eligibility.operations import Inputs, Step, Values, each_item


@dataclass(frozen=True, slots=True, order=True)
class Missing:
    """What nobody has stated: a fact of the profile by its path, or a figure of law by its rule and name; `why` says more."""

    kind: str
    name: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Frame:
    """Where values are read: the steps of a quantifier's body as they came out for one item, and the item's path by variable."""

    values: Mapping[int, Value]
    places: Mapping[str, str]


T = TypeVar("T")
OUTSIDE: Final = Frame(MappingProxyType({}), MappingProxyType({}))


@dataclass(slots=True)
class Findings:
    """The value of every step that was run; a boolean step has a `Truth`. Steps that were not needed are unknown.

    What follows from it for a step is worked out once. `said` is what whoever explains it has put into words, by what it is
    and the node: most conditions stand in several rules.
    """

    compiled: CompiledRules
    values: Values
    inputs: Inputs
    engine: str
    _missing: dict[int, frozenset[Missing]] = field(default_factory=dict)
    _names: dict[int, str] = field(default_factory=dict)
    _decisive_facts: dict[int, frozenset[str]] = field(default_factory=dict)
    said: defaultdict[str, dict[Any, Any]] = field(default_factory=lambda: defaultdict(dict), repr=False, compare=False)

    def value(self, index: int, frame: Frame = OUTSIDE) -> Value:
        """The value of a step, inside a quantifier's body for one item."""
        return frame.values[index] if index in frame.values else self.values[index]

    def truth(self, index: int, frame: Frame = OUTSIDE) -> Truth:
        """The truth of a boolean step."""
        return cast(Truth, self.value(index, frame))

    def frames(self, step: Step, frame: Frame = OUTSIDE) -> Iterator[Frame]:
        """One frame for each item of the list a quantifier runs over; none where the list is unknown.

        Findings keep one value a step, so the values of the items are read from the meaning that all engines share.
        """
        items = self.value(step.inputs[0], frame)
        if not isinstance(items, tuple):
            return
        variable = cast("nodes.Quantified | nodes.Aggregate", step.node).variable
        path = next(iter(sorted(facts_below(self.compiled, step.inputs[0]))), "")
        values = list(self.values)
        for index, value in frame.values.items():
            values[index] = value
        for position, item in enumerate(items):
            values[step.inputs[0]] = (item,)
            each_item(step, values, self.inputs, self.compiled.steps)
            inner = {index: values[index] for index in (*step.slots, *step.body)}
            yield Frame({**frame.values, **inner}, {**frame.places, variable: f"{path}[{position}]"})

    # what is missing

    def missing(self, index: int, frame: Frame = OUTSIDE) -> frozenset[Missing]:
        """The unknown facts and figures that leave a step unknown; nothing for a step that is settled."""
        if index < 0:
            return frozenset()
        inside = index in frame.values
        known = None if inside else self._missing.get(index)
        if known is None:
            step = self.compiled.steps[index]
            known = self._find_missing(step, frame if inside else OUTSIDE) or self._unexplained(step, frame)
            if not inside:
                self._missing[index] = known
        return known

    def _unknown(self, index: int, frame: Frame) -> bool:
        value = self.value(index, frame)
        return value is UNKNOWN or value is UNKNOWN_TRUTH

    def _all_missing(self, indices: Iterable[int], frame: Frame) -> frozenset[Missing]:
        return frozenset[Missing]().union(*(self.missing(index, frame) for index in indices))

    def _find_missing(self, step: Step, frame: Frame) -> frozenset[Missing]:
        if not self._unknown(step.index, frame):
            return frozenset()
        book, as_of = self.compiled.book, self.inputs.as_of
        match step.node:
            case nodes.FactValue(path=path):
                ruled_out = any(self.value(index, frame) is NOT_MET for index in step.inputs)
                why = "other facts say that it does not apply" if ruled_out else ""
                return self._all_missing(step.inputs, frame) | {Missing("fact", path, why)}
            case nodes.ItemValue(variable=variable, field=name):
                place = frame.places.get(variable, "")
                return frozenset({Missing("fact", f"{place}.{name}" if name else place)})
            case nodes.ParameterValue(rule=rule, name=name):
                dated = book.rules[rule].parameters[name].at(as_of)
                return frozenset(
                    {Missing("figure", f"{rule}.{name}", (dated.why or "") if dated else "no value is known for this date")}
                )
            case nodes.ListValue(rule=rule, name=name):
                return frozenset({Missing("figure", f"{rule}.{name}", book.rules[rule].lists[name].unknown_because or "")})
            case nodes.Lookup(rule=rule, table=table, column=column):
                below = self._all_missing(step.inputs, frame)
                return below or frozenset({Missing("figure", f"{rule}.{table}.{column}", self._table_gap(step, column, frame))})
            case nodes.TableHas(rule=rule, table=table):
                below = self._all_missing(step.inputs, frame)
                return below or frozenset({Missing("figure", f"{rule}.{table}", "the table does not cover this date")})
            case nodes.Converted():
                return (
                    self._all_missing(step.inputs, frame)
                    if self._unknown(step.inputs[0], frame)
                    else self._unconverted(step, frame)
                )
            case nodes.Quantified() | nodes.Aggregate() if not self._unknown(step.inputs[0], frame):
                return self._missing_in_items(step, frame)
        return self._all_missing(self._open(step, frame), frame)

    def _open(self, step: Step, frame: Frame) -> tuple[int, ...]:
        """The inputs whose values can still settle an unknown step."""
        match step.node:
            case nodes.Choose():
                condition = self.truth(step.inputs[0], frame)
                if condition in (MET, NOT_MET):
                    return (step.inputs[1 if condition is MET else 2],)
            case nodes.Classified(hit="first"):
                truths = [self.truth(index, frame) for index in step.inputs]
                return step.inputs[: truths.index(MET)] if MET in truths else step.inputs
            case nodes.PointsReached(conditions=conditions):
                count = len(conditions)
                rows = zip(step.inputs[:count], step.inputs[count:-1], strict=True)
                given = [index for row in rows if self.truth(row[0], frame) is not NOT_MET for index in row]
                return (*given, step.inputs[-1])
            case nodes.Quantified() | nodes.Aggregate():
                return step.inputs[:1]
        return step.inputs

    def _table_gap(self, step: Step, column: str, frame: Frame) -> str:
        if step.data is UNKNOWN:
            return "the table does not cover this date"
        node, book = cast(nodes.Lookup, step.node), self.compiled.book
        found = zip(node.keys, step.inputs, strict=True)
        keys = ", ".join(key_text(self.value(index, frame), key.type, book) for key, index in found if not nodes.names_row(key))
        named = f"the table has no “{book.rules[node.rule].tables[node.table].called(column)}”"
        return f"{named} for {keys}" if keys else named

    def _unconverted(self, step: Step, frame: Frame) -> frozenset[Missing]:
        """What a conversion of known money lacks: hours or weeks, or else the money itself in the right currency."""
        node = cast(nodes.Converted, step.node)
        names = sorted(facts_below(self.compiled, step.inputs[0]))
        currency = node.type.unit.currency
        money = self.value(step.inputs[0], frame)
        if getattr(money, "currency", currency) == currency:
            return self._all_missing(step.inputs[1:], frame)
        return frozenset({Missing("fact", name, f"stated, but not in {currency}") for name in names})

    def _missing_in_items(self, step: Step, frame: Frame) -> frozenset[Missing]:
        """The unknown fields of the records that leave a quantifier open, and what it reads for them from outside."""
        found = frozenset[Missing]()
        condition, body = (-1, step.inputs[1]) if isinstance(step.node, nodes.Quantified) else step.inputs[1:]
        for each in self.frames(step, frame):
            counted = MET if condition < 0 else self.truth(condition, each)
            if counted is UNKNOWN_TRUTH:
                found |= self.missing(condition, each)
            elif counted is MET:
                found |= self.missing(body, each)
        return found

    def _unexplained(self, step: Step, frame: Frame) -> frozenset[Missing]:
        """For a named value that is unknown though nothing below it is: a decision table without a true row, an empty list."""
        if not self._unknown(step.index, frame):
            return frozenset()
        if not self._names:
            self._names.update(
                (index, f"{rule.rule.id}.{name}") for rule in self.compiled.rules for name, index in rule.named.items()
            )
        why = "no row of the table applies" if isinstance(step.node, nodes.Classified) else "it has no value in this case"
        name = self._names.get(step.index)
        return frozenset() if name is None else frozenset({Missing("figure", name, why)})

    # what decides

    def deciding(self, step: Step) -> tuple[int, ...]:
        """The inputs that alone give a step the value it has: of a failed conjunction the failing parts, and so on."""
        value = self.values[step.index]
        match step.node:
            case nodes.AllOf() if value is NOT_MET or value is UNKNOWN_TRUTH:
                return tuple(index for index in step.inputs if self.values[index] is value)
            case nodes.AnyOf() if value is MET:
                return tuple(index for index in step.inputs if self.values[index] is MET)[:1]
            case nodes.AnyOf() if value is UNKNOWN_TRUTH:
                return tuple(index for index in step.inputs if self.values[index] is not NOT_MET)
            case nodes.Choose() if self.values[step.inputs[0]] in (MET, NOT_MET):
                return (step.inputs[0], step.inputs[1 if self.values[step.inputs[0]] is MET else 2])
            case nodes.Classified(hit="first"):
                truths = [self.values[index] for index in step.inputs]
                return step.inputs[: truths.index(MET) + 1] if MET in truths else step.inputs
            case nodes.Quantified() | nodes.Aggregate():
                return tuple(steps_below(self.compiled, step.index) - {step.index})
        return step.inputs

    def decisive(self, roots: Iterable[int]) -> frozenset[int]:
        """The steps that alone give some steps the values they have."""
        found, waiting = set[int](), list(roots)
        while waiting:
            index = waiting.pop()
            if index >= 0 and index not in found:
                found.add(index)
                waiting.extend(self.deciding(self.compiled.steps[index]))
        return frozenset(found)

    def once(self, what: str, node: nodes.Node, say: Callable[[], T], *beside: object) -> T:
        """What is said of a node, put into words when it is first asked for."""
        kept, key = self.said[what], (id(node), *beside)
        known: tuple[nodes.Node, T] | None = kept.get(key)
        if known is None:
            known = kept[key] = node, say()  # an id is free again when its node is gone: so the node is kept
        return known[1]

    def decisive_facts(self, *roots: int) -> frozenset[str]:
        """The facts, stated or not, that alone give some settled steps the values they have."""
        return frozenset[str]().union(*(self._facts_that_decide(index) for index in roots))

    def _facts_that_decide(self, index: int) -> frozenset[str]:
        if index < 0:
            return frozenset()
        known = self._decisive_facts.get(index)
        if known is None:
            step = self.compiled.steps[index]
            path = self._read(step)
            own = frozenset[str]() if path is None else frozenset((path,))
            known = own.union(*(self._facts_that_decide(each) for each in self.deciding(step)))
            self._decisive_facts[index] = known
        return known

    def _read(self, step: Step) -> str | None:
        if not isinstance(step.node, nodes.FactValue):
            return None
        ruled_out = bool(step.inputs) and self.values[step.inputs[0]] is NOT_MET
        return None if ruled_out else step.node.path


def steps_below(compiled: CompiledRules, *roots: int) -> frozenset[int]:
    """Every step that some steps can read, themselves included."""
    return closure(compiled.steps, roots)


def facts_below(compiled: CompiledRules, *roots: int) -> frozenset[str]:
    """Every fact that some steps can read."""
    found = (compiled.steps[index].node for index in steps_below(compiled, *roots))
    return frozenset(node.path for node in found if isinstance(node, nodes.FactValue))


class Engine(Protocol):
    """An engine: runs compiled rules on facts. Every engine gives the same findings."""

    name: str

    def run(self, compiled: CompiledRules, order: tuple[int, ...], inputs: Inputs) -> Findings:
        """The findings of the steps in `order` (a part of `compiled.order` that is closed under what it reads).

        Raises: EngineError where the engine fails; it never answers differently instead.
        """
