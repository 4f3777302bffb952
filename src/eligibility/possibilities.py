"""What every step can still become once the open facts are stated, and which of them can change it: sets, never guesses.

A step is settled where no open fact can change it. Facts that somebody says are not known, figures of law that nobody knows and
fields of records that no profile can state stay unknown for good, so what hangs on them is settled as unknown. Inputs are taken
to vary independently: a step may be held open that two facts together settle, never the other way round.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final, cast

from eligibility import nodes
from eligibility.compiler import CompiledRules
from eligibility.datatypes import (
    JUDGEMENT,
    MET,
    NOT_MET,
    UNKNOWN,
    UNKNOWN_TRUTH,
    Money,
    MoneyType,
    NumberType,
    Truth,
)
from eligibility.operations import Inputs, Step, Values
from eligibility.truth_sets import ANY, BIT, OPEN, UNDECIDED, either, enough, together, truths_of, turned

# Forms that are unknown as long as one of the values they read is.
_STRICT: Final = (
    nodes.Lookup,
    nodes.TableHas,
    nodes.Arithmetic,
    nodes.DateShift,
    nodes.Elapsed,
    nodes.Extreme,
    nodes.Rounded,
    nodes.Amount,
    nodes.Comparison,
    nodes.Membership,
    nodes.Contains,
    nodes.StartsWith,
)


class Possibilities:
    """The steps of compiled rules as they are now and as they may become.

    `values` holds what each step that was run is now, `masks` the set of truths a condition can still come to, `asks` the set of
    open facts that can change it (0: settled), as bits of `paths`. `waiting` are the open facts of which it is open whether they
    apply. Only the facts in `allowed` count as open (None: all that are neither stated nor `declined`).
    """

    def __init__(self, compiled: CompiledRules, inputs: Inputs, declined: frozenset[str]) -> None:
        self.compiled = compiled
        self.steps: Sequence[Step] = compiled.steps
        self.inputs = inputs
        self.declined = declined
        self.values: Values = list(compiled.start)
        self.masks = [BIT.get(value, 0) if isinstance(value, Truth) else 0 for value in compiled.start]
        self.asks = [0] * len(compiled.steps)
        self.paths: list[str] = []
        self.waiting = 0
        self.allowed: int | None = None
        self._bits: dict[str, int] = {}
        self._places: dict[str, str] = {}

    def run(self, order: Iterable[int]) -> None:
        """Work out some steps, in an order in which each comes after those it reads."""
        for index in order:
            self._run(self.steps[index])

    def truths(self, index: int) -> tuple[Truth, ...]:
        """What a condition can still come to."""
        return truths_of(self.masks[index])

    def may_be(self, index: int, *truths: Truth) -> bool:
        """Whether a condition can still come to one of some truths."""
        return any(truth in truths for truth in self.truths(index))

    def settled(self, order: Iterable[int]) -> Possibilities:
        """The same steps, all of them settled as they are now, for looking at one fact after the other."""
        made = Possibilities(self.compiled, self.inputs, self.declined)
        made.values, made.masks, made.asks, made.paths, made._bits = (
            self.values[:],
            self.masks[:],
            self.asks[:],
            self.paths,
            self._bits,
        )
        made.settle(order)
        return made

    def settle(self, order: Iterable[int]) -> None:
        """Take some steps for settled as they are now."""
        for index in order:
            self._set(index, 0, 0)

    def named(self, bits: int) -> tuple[str, ...]:
        """The paths of a set of facts."""
        return tuple(path for position, path in enumerate(self.paths) if bits >> position & 1)

    def bit(self, path: str) -> int:
        """The set of one fact."""
        known = self._bits.get(path)
        if known is None:
            known = self._bits[path] = 1 << len(self.paths)
            self.paths.append(path)
        return known

    def _set(self, index: int, asks: int, mask: int) -> None:
        """Settle a step as it is now, or note what can change it and, for a condition, what it can become."""
        self.asks[index] = asks
        self.masks[index] = mask if asks else BIT.get(self.values[index], 0) if self.steps[index].boolean else 0

    def _run(self, step: Step) -> None:
        index, node = step.index, step.node
        self.values[index] = step.operation(self.values, self.inputs, self.steps)
        if isinstance(node, nodes.FactValue):
            self._set(index, *self._fact(step, node))
        elif isinstance(node, nodes.Quantified | nodes.Aggregate):
            self._set(index, *self._over_items(step, node))
        elif all(self.asks[each] == 0 for each in step.inputs):
            self._set(index, 0, 0)
        elif isinstance(node, _STRICT):
            self._set(index, self._strict(step.inputs), OPEN)
        else:
            self._set(index, *self._of(step))

    def _is_unknown_for_good(self, index: int) -> bool:
        value = self.values[index]
        return self.asks[index] == 0 and (value is UNKNOWN or value is UNKNOWN_TRUTH)

    def _strict(self, indices: Iterable[int]) -> int:
        """What can change a calculation: nothing where something it reads stays unknown."""
        found = 0
        for index in indices:
            if self._is_unknown_for_good(index):
                return 0
            found |= self.asks[index]
        return found

    def _askable(self, path: str) -> int:
        """The set of a fact that is not stated, empty where it is not asked for."""
        if path in self.declined:
            return 0
        bit = self.bit(path)
        return bit if self.allowed is None else bit & self.allowed

    def _fact(self, step: Step, node: nodes.FactValue) -> tuple[int, int]:
        if node.path in self.inputs.facts:
            return 0, 0
        asked = self._askable(node.path)
        if not step.inputs:
            return asked, OPEN
        (guard,) = step.inputs
        if self.asks[guard] == 0:
            return (0, 0) if self.values[guard] is NOT_MET else (asked, OPEN)
        self.waiting |= asked
        may_be_ruled_out = self.masks[guard] & BIT[NOT_MET] and step.data is not UNKNOWN and step.data is not UNKNOWN_TRUTH
        return asked | (self.asks[guard] if asked or may_be_ruled_out else 0), OPEN

    def _of(self, step: Step) -> tuple[int, int]:
        """What can change a step that reads something open, and what it can become."""
        reads, masks, asks = step.inputs, self.masks, self.asks
        match step.node:
            case nodes.AssumedFact(value=assumed):
                (fact,) = reads
                return asks[fact], masks[fact] & ~BIT[UNKNOWN_TRUTH] | (BIT[cast(Truth, assumed)] if step.boolean else 0)
            case nodes.AllOf() | nodes.AnyOf():
                return together(self._parts(reads), conjunction=isinstance(step.node, nodes.AllOf))
            case nodes.Negation():
                return asks[reads[0]], turned(masks[reads[0]])
            case nodes.AtLeast(count=count):
                return enough(count, self._parts(reads))
            case nodes.Choose():
                condition, then, otherwise = self._parts(reads)
                return either(condition, then, otherwise) if step.boolean else (self._chosen(reads), 0)
            case nodes.PointsReached(conditions=conditions):
                return self._points(step, len(conditions))
            case nodes.Classified():
                return self._classified(step, step.node), OPEN
            case nodes.Converted():
                return self._converted(step, step.node), 0
        return self._any_of(reads), ANY  # a form that is not known here: whatever it reads may change it

    def _parts(self, indices: Iterable[int]) -> list[tuple[int, int]]:
        return [(self.masks[index], self.asks[index]) for index in indices]

    def _any_of(self, indices: Iterable[int]) -> int:
        found = 0
        for index in indices:
            found |= self.asks[index]
        return found

    def _chosen(self, reads: Sequence[int]) -> int:
        """What can change a choice between two values: first its condition, then the value it takes."""
        condition, then, otherwise = reads
        if self.asks[condition] == 0:
            value = self.values[condition]
            return self.asks[then] if value is MET else self.asks[otherwise] if value is NOT_MET else 0
        mask = self.masks[condition]
        if self.values[condition] in (MET, NOT_MET):  # an assumption stands in for an open fact
            return self.asks[condition] | self.asks[then if self.values[condition] is MET else otherwise]
        may_be_known = (mask & BIT[MET] and not self._is_unknown_for_good(then)) or (
            mask & BIT[NOT_MET] and not self._is_unknown_for_good(otherwise)
        )
        return self.asks[condition] if may_be_known else 0

    def _points(self, step: Step, count: int) -> tuple[int, int]:
        """What can change a sum of points: its pass mark, then every row that may give some."""
        conditions, awards, mark = step.inputs[:count], step.inputs[count:-1], step.inputs[-1]
        if self._is_unknown_for_good(mark):
            return 0, 0
        if self.values[mark] is UNKNOWN:
            return self.asks[mark], ANY
        opened = [index for index in step.inputs if self.asks[index]]
        now = [self.values[index] for index in opened]
        for index in opened:  # what is open counts as unknown, also where an assumption stands in for it
            self.values[index] = UNKNOWN_TRUTH if self.steps[index].boolean else UNKNOWN
        result = step.operation(self.values, self.inputs, self.steps)
        for index, value in zip(opened, now, strict=True):
            self.values[index] = value
        granted = result is JUDGEMENT and any(self.asks[index] for index in awards)  # what a human may grant is open too
        if result is not UNKNOWN_TRUTH and not granted:
            return 0, 0
        rows = [index for row in zip(conditions, awards, strict=True) if self.masks[row[0]] != BIT[NOT_MET] for index in row]
        return self._any_of((*rows, mark)), ANY

    def _classified(self, step: Step, node: nodes.Classified) -> int:
        """What can change a decision table."""
        masks = [self.masks[index] for index in step.inputs]
        if node.hit != "first":
            return 0 if any(mask & ~UNDECIDED == 0 for mask in masks) else self._any_of(step.inputs)
        outcomes: list[object] = []
        reached: list[object] = [_NOTHING]
        read: list[int] = []
        for index, mask, result in zip(step.inputs, masks, node.values, strict=True):
            read.append(index)
            added = [_with(before, result) for before in reached]
            if mask & BIT[MET]:
                outcomes += added
            reached = _distinct([*(reached if mask & BIT[NOT_MET] else ()), *(added if mask & UNDECIDED else ())])
            if not reached:
                break
        outcomes += [_with(before, node.otherwise) for before in reached]
        return 0 if len(_distinct(outcomes)) == 1 else self._any_of(read)

    def _converted(self, step: Step, node: nodes.Converted) -> int:
        """What can change converted money: first the money, then the hours and weeks its period needs."""
        money = step.inputs[0]
        if self.asks[money]:
            return self.asks[money] | (0 if self.values[money] is UNKNOWN else self._any_of(step.inputs[1:]))
        stated = self.values[money]
        if stated is UNKNOWN:
            return 0
        unit = node.money.type.unit if isinstance(node.money.type, NumberType) else None
        currency = stated.currency if isinstance(stated, Money) else unit.currency if unit else None
        period = stated.period if isinstance(node.money.type, MoneyType) else unit.period if unit else None
        periods = {period, node.type.unit.period}
        if currency != node.type.unit.currency or len(periods) == 1 or None in periods:
            return 0
        others = list(step.inputs[1:])
        hours = others.pop(0) if node.hours_per_week is not None else None
        weeks = others.pop(0) if node.weeks_per_year is not None else None
        needed = [hours, weeks] if "hour" in periods else [weeks] if "week" in periods else []
        return 0 if None in needed else self._strict(cast("list[int]", needed))

    # quantifiers

    def _over_items(self, step: Step, node: nodes.Quantified | nodes.Aggregate) -> tuple[int, int]:
        """What can change a quantifier: first its list, then what its body reads for each item."""
        source = step.inputs[0]
        listed = self.values[source]
        if not isinstance(listed, tuple):
            return self.asks[source], ANY
        place = self._place(self.steps[source])
        items: list[tuple[tuple[int, int, Any], ...]] = []
        for position, item in enumerate(listed):
            self._places[node.variable] = f"{place}[{position}]" if place else ""
            for slot in step.slots:
                self._slot(slot, item)
            self.run(step.body)
            items.append(tuple(self._part(index) for index in step.inputs[1:]))
        if isinstance(node, nodes.Quantified):
            asks, mask = together([(mask, asks) for ((mask, asks, _),) in items], conjunction=node.kind == "all")
        else:
            asks, mask = _aggregated(items), ANY
        return asks | self.asks[source], ANY if self.asks[source] else mask

    def _part(self, index: int) -> tuple[int, int, Any]:
        """What the condition or body of a quantifier can become for the item at hand, what can change it, and what it is."""
        return (BIT[MET], 0, MET) if index < 0 else (self.masks[index], self.asks[index], self.values[index])

    def _slot(self, index: int, item: Any) -> None:
        """The item a quantifier looks at, or a field of it."""
        step = self.steps[index]
        node = cast(nodes.ItemValue, step.node)
        self.values[index] = item if node.field is None else item.get(node.field, UNKNOWN_TRUTH if step.boolean else UNKNOWN)
        place = self._places.get(node.variable, "")
        is_open = node.field is not None and node.field not in item and place
        self._set(index, self._askable(f"{place}.{node.field}") if is_open else 0, OPEN)

    def _place(self, step: Step) -> str:
        """Where in a profile a list stands; empty for one that no profile states."""
        match step.node:
            case nodes.FactValue(path=path) | nodes.AssumedFact(fact=nodes.FactValue(path=path)):
                return path if path in self.inputs.facts else ""
            case nodes.ItemValue(variable=variable, field=name) if name is not None and self._places.get(variable):
                return f"{self._places[variable]}.{name}"
        return ""


def _aggregated(items: Iterable[tuple[tuple[int, int, Any], ...]]) -> int:
    """What can change a count, sum, least or greatest: first which items count, then what is taken of those that do."""
    found = 0
    for (mask, asks, now), (_, open_body, taken) in items:
        if mask & ~UNDECIDED == 0 or (mask == BIT[MET] and open_body == 0 and taken is UNKNOWN):
            return 0
        found |= asks | (open_body if now is MET else 0)
    return found


_NOTHING: Final = object()


def _with(before: object, result: object) -> object:
    """The one result that rows agree on, with one row more; unknown where they do not."""
    return result if before is _NOTHING or before == result else UNKNOWN


def _distinct(values: Iterable[object]) -> list[object]:
    found: list[object] = []
    for value in values:
        if not any(value is each or value == each for each in found):
            found.append(value)
    return found
