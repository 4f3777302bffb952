"""What each node is in Python: for each class of node a function that writes the expression of its value.

A class that is not here keeps its operation (see `operations`), which then reads its inputs from a mapping made on the spot.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from eligibility import nodes
from eligibility.backends.compiled_lines import Lines
from eligibility.datatypes import (
    JUDGEMENT,
    MET,
    NOT_MET,
    UNKNOWN_TRUTH,
    BooleanType,
    DateType,
    MoneyType,
    NumberType,
    Truth,
)
from eligibility.operations import Step, elapsed, shift, whole

Typed = Any
"""A step whose class of node the function is for: see `_WRITERS`."""

_LETTER: Final = {MET: "M", NOT_MET: "N", UNKNOWN_TRUTH: "U", JUDGEMENT: "J"}
_MANY: Final = 16


def expression(step: Step, lines: Lines) -> str:
    """The Python expression that has the value of a step; the steps it reads have been written before."""
    return _WRITERS.get(type(step.node), _operation)(step, lines)


def needs_lines(step: Step, truths: Callable[[int], frozenset[Truth]]) -> tuple[int, ...]:
    """The inputs that the expression of a step reads in more than one place, or not always first in the same one."""
    match step.node:
        case nodes.Choose() if step.boolean and not truths(step.inputs[0]) <= {MET, NOT_MET}:
            return step.inputs[1:]
        case nodes.Classified(hit="first"):
            return step.inputs
        case nodes.Converted():
            return step.inputs
        case _:
            return ()


def _operation(step: Typed, lines: Lines) -> str:
    operation = lines.names.of(step.operation)
    reads = ", ".join(f"{index}: {lines.once(index)}" for index in dict.fromkeys(step.inputs))
    return f"{operation}({{{reads}}}, None, None)"


def _unknown(step: Step) -> str:
    return "U" if step.boolean else "K"


def _fact(step: Typed, lines: Lines) -> str:
    stated = f"get({lines.names.of(step.node.path)}, {_unknown(step)})"
    if not step.inputs:
        return stated
    return f"{lines.names.of(step.data)} if {lines.once(step.inputs[0])} is N else {stated}"


def _assumed(step: Typed, lines: Lines) -> str:
    (fact,) = step.inputs
    assumed = lines.names.of(step.node.value)
    return f"{assumed} if {lines.use(fact)} is {_unknown(step)} else {lines.use(fact)}"


def _item(step: Typed, lines: Lines) -> str:
    item, name = lines.items[step.index], step.node.field
    return item if name is None else f"{item}.get({lines.names.of(name)}, {_unknown(step)})"


def _as_of(step: Typed, lines: Lines) -> str:  # noqa: ARG001  # one signature for all nodes
    return "as_of"


def _has_text_keys(step: Typed) -> bool:
    """Whether the keys of a table are texts, which are looked up as they are."""
    return not any(isinstance(key.type, BooleanType | NumberType | DateType) for key in step.node.keys)


def _lookup(step: Typed, lines: Lines) -> str:
    if not _has_text_keys(step):
        return _operation(step, lines)
    column, rows = step.node.column, step.data
    cells = lines.names.made(
        ("cells", id(rows), column),
        lambda: {key if len(key) > 1 else key[0]: row.cells[column] for key, row in rows.items() if column in row.cells},
    )
    keys = [lines.once(index) for index in step.inputs]
    key = keys[0] if len(keys) == 1 else f"({', '.join(keys)})"
    return f"{cells}.get({key}, {_unknown(step)})"


def _arithmetic(step: Typed, lines: Lines) -> str:
    operator, bounds = step.node.operator, lines.bounds
    if step.index in lines.ratios.known:
        return lines.ratios.value(step.index)
    if operator not in "+-":
        return _operation(step, lines)
    left, right = step.inputs
    unknown = _any_unknown(step.inputs, lines)
    combined = f"{lines.use(left)} {operator} {lines.use(right)}"
    if not (bounds.whole[left] and bounds.whole[right]):
        combined = f"{lines.names.of(whole)}({combined})"
    return f"K if {unknown} else {combined}" if unknown else combined


def _any_unknown(indices: tuple[int, ...], lines: Lines) -> str:
    """The test whether some values are unknown, which works out all of them where none is; empty where none can be."""
    tests = [f"{lines.use(index)} is K" for index in dict.fromkeys(indices) if lines.bounds.open[index]]
    return " or ".join(tests)


def _extreme(step: Typed, lines: Lines) -> str:
    unknown = _any_unknown(step.inputs, lines)
    picked = f"{step.node.kind}(({', '.join(lines.use(index) for index in step.inputs)},))"
    return f"K if {unknown} else {picked}" if unknown else picked


def _date_shift(step: Typed, lines: Lines) -> str:
    day, amount = step.inputs
    if not lines.bounds.whole[amount]:
        return _operation(step, lines)
    unknown = _any_unknown(step.inputs, lines)
    sign = "" if step.node.sign == 1 else "-"
    moved = f"{lines.names.of(shift)}({lines.use(day)}, {sign}{lines.use(amount)}, {lines.names.of(step.node.unit)})"
    return f"K if {unknown} else {moved}" if unknown else moved


def _elapsed(step: Typed, lines: Lines) -> str:
    unknown = _any_unknown(step.inputs, lines)
    first, last = (lines.use(index) for index in step.inputs)
    passed = f"{lines.names.of(elapsed)}({first}, {last}, {lines.names.of(step.node.unit)})"
    return f"K if {unknown} else {passed}" if unknown else passed


def _converted(step: Typed, lines: Lines) -> str:
    money, target = step.inputs[0], step.node.type.unit
    if not isinstance(step.node.money.type, MoneyType):
        return _operation(step, lines)
    stated = lines.use(money)
    as_is = f"{stated}.period == {lines.names.of(target.period)} and {stated}.currency == {lines.names.of(target.currency)}"
    return f"K if {stated} is K else {stated}.amount if {as_is} else {_operation(step, lines)}"


def _amount(step: Typed, lines: Lines) -> str:
    (money,) = step.inputs
    return f"K if {lines.use(money)} is K else {lines.use(money)}.amount"


def _choose(step: Typed, lines: Lines) -> str:
    condition, then, otherwise = step.inputs
    possible = lines.bounds.truths[condition]
    first = f"if {lines.use(condition)} is M else"
    if possible <= {MET, NOT_MET}:
        return f"{lines.once(then)} {first} {lines.once(otherwise)}"
    open_ = _operation(step, lines) if step.boolean else "K"
    return f"{lines.once(then)} {first} {lines.once(otherwise)} if {lines.use(condition)} is N else {open_}"


def _classified(step: Typed, lines: Lines) -> str:
    node = step.node
    if node.hit != "first" or len(step.inputs) > _MANY:
        return _operation(step, lines)
    slow, parts = _operation(step, lines), []
    for index, value in zip(step.inputs, node.values, strict=True):
        condition = lines.use(index)
        parts.append(f"{lines.names.of(value)} if {condition} is M else {slow} if {condition} is not N else")
    return f"{' '.join(parts)} {lines.names.of(node.otherwise)}"


def _junction(step: Typed, lines: Lines, neutral: Truth, decisive: Truth) -> str:
    """`decisive` where one part is; else what is open; else `neutral`. Parts are worked out until one decides."""
    reads = [index for index in dict.fromkeys(step.inputs) if lines.bounds.truths[index] != {neutral}]
    parts = []
    for truth in (decisive, UNKNOWN_TRUTH, JUDGEMENT):
        tests = [f"{lines.use(index)} is {_LETTER[truth]}" for index in reads if truth in lines.bounds.truths[index]]
        if tests:
            parts.append(f"{_LETTER[truth]} if {' or '.join(tests)} else ")
    return "".join(parts) + _LETTER[neutral]


def _all_of(step: Typed, lines: Lines) -> str:
    return _junction(step, lines, MET, NOT_MET)


def _any_of(step: Typed, lines: Lines) -> str:
    return _junction(step, lines, NOT_MET, MET)


def _negation(step: Typed, lines: Lines) -> str:
    (read,) = step.inputs
    if lines.bounds.truths[read] <= {MET, NOT_MET}:
        return f"N if {lines.once(read)} is M else M"
    return f"N if {lines.use(read)} is M else M if {lines.use(read)} is N else {lines.use(read)}"


def _stated_test(step: Typed, lines: Lines, test: Callable[[], str]) -> str:
    """Whether a test of known values holds; unknown where one of them is."""
    unknown = _any_unknown(step.inputs, lines)
    held = f"M if {test()} else N"
    return f"U if {unknown} else {held}" if unknown else held


def _comparison(step: Typed, lines: Lines) -> str:
    node = step.node
    if nodes.BOOLEAN in (node.left.type, node.right.type):
        return _operation(step, lines)
    left, right = step.inputs
    if step.index in lines.ratios.compared:
        return lines.ratios.comparison(node.operator, left, right)
    if node.order is None:
        return _stated_test(step, lines, lambda: f"{lines.use(left)} {node.operator} {lines.use(right)}")
    ranks = {value: position for position, value in enumerate(node.order)}
    ranking = ("ranks", node.order)

    def rank(index: int) -> str:
        constant = lines.bounds.constant.get(index)
        return str(ranks[constant]) if constant in ranks else f"{lines.names.made(ranking, lambda: ranks)}[{lines.use(index)}]"

    return _stated_test(step, lines, lambda: f"{rank(left)} {node.operator} {rank(right)}")


def _membership(step: Typed, lines: Lines) -> str:
    item, collection = step.inputs
    constant = lines.bounds.constant.get(collection)
    if isinstance(constant, tuple) and all(isinstance(each, str) for each in constant):
        among = lines.names.made(("words", constant), lambda: frozenset(constant))
        return _stated_test(step, lines, lambda: f"{lines.use(item)} in {among}")
    return _stated_test(step, lines, lambda: f"{lines.use(item)} in {lines.use(collection)}")


def _table_has(step: Typed, lines: Lines) -> str:
    if len(step.inputs) > 1 or not _has_text_keys(step):
        return _operation(step, lines)
    (read,) = step.inputs
    rows = step.data
    listed = lines.names.made(("keys", id(rows)), lambda: frozenset(key for (key,) in rows))
    return _stated_test(step, lines, lambda: f"{lines.use(read)} in {listed}")


def _starts_with(step: Typed, lines: Lines) -> str:
    code, prefixes = step.inputs
    constant = lines.bounds.constant.get(prefixes)
    if not isinstance(constant, tuple):
        return _operation(step, lines)
    beginnings = lines.names.made(("beginnings", constant), lambda: tuple(str(each) for each in constant))
    return _stated_test(step, lines, lambda: f"{lines.use(code)}.startswith({beginnings})")


_WRITERS: Final[dict[type, Callable[[Step, Lines], str]]] = {
    nodes.FactValue: _fact,
    nodes.AssumedFact: _assumed,
    nodes.ItemValue: _item,
    nodes.AsOf: _as_of,
    nodes.Lookup: _lookup,
    nodes.Arithmetic: _arithmetic,
    nodes.Extreme: _extreme,
    nodes.DateShift: _date_shift,
    nodes.Elapsed: _elapsed,
    nodes.Converted: _converted,
    nodes.Amount: _amount,
    nodes.Choose: _choose,
    nodes.Classified: _classified,
    nodes.AllOf: _all_of,
    nodes.AnyOf: _any_of,
    nodes.Negation: _negation,
    nodes.Comparison: _comparison,
    nodes.Membership: _membership,
    nodes.TableHas: _table_has,
    nodes.StartsWith: _starts_with,
}
