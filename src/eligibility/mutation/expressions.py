"""What an expression may be mistaken for: one operator or constant changed, and how a node reads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from typing import Any, Final, cast

from eligibility import nodes
from eligibility.datatypes import MET, NOT_MET, UNKNOWN, ListType, Number, NumberType, Value
from eligibility.fitting import Codes
from eligibility.mutation.neighbours import neighbours
from eligibility.mutation.wording import value_text, wording
from eligibility.nodes import Node

_COMPARISONS: Final[dict[str, tuple[nodes.Comparator, ...]]] = {
    ">=": (">", "<="),
    ">": (">=", "<"),
    "<=": ("<", ">="),
    "<": ("<=", ">"),
    "==": ("!=",),
    "!=": ("==",),
}
_ARITHMETIC: Final[dict[str, Any]] = {"+": "-", "-": "+", "*": "/", "/": "*"}
_ROUNDING: Final[dict[str, tuple[Any, ...]]] = {"up": ("down",), "down": ("up",), "half_up": ("up", "down")}


@dataclass(frozen=True, slots=True)
class Changed:
    """A whole expression of which one part, a constant or an operator, is changed, and how that part reads before and after."""

    node: Node
    before: str
    after: str
    is_constant: bool = False


def changed(node: Node, codes: Codes, *, negated: bool = False) -> Iterator[Changed]:
    """An expression with every part changed in every way, one at a time.

    Below a `not` a test is not turned round as well: that would be the same as without the `not`.
    """
    yield from _here(node, codes, negated=negated)
    skipped = _settled_parts(node)
    for field in fields(node):
        value = () if field.name in skipped else getattr(node, field.name)
        parts = value if isinstance(value, tuple) else (value,)
        for position, item in enumerate(parts):
            for part in changed(item, codes, negated=isinstance(node, nodes.Negation)) if isinstance(item, Node) else ():
                whole = (*parts[:position], part.node, *parts[position + 1 :]) if isinstance(value, tuple) else part.node
                yield replace(part, node=with_part(node, field.name, whole))


def with_part(node: Node, name: str, value: object) -> Node:
    """A node with one of its fields replaced."""
    changes: dict[str, Any] = {name: value}
    return replace(node, **changes)


def mapped(node: Node, change: Callable[[Node], Node]) -> Node:
    """A node with every node in it, from the lowest up, put through a function."""
    made = node
    for field in fields(node):
        value = getattr(node, field.name)
        if isinstance(value, Node):
            made = with_part(made, field.name, mapped(value, change))
        elif isinstance(value, tuple):
            parts = tuple(mapped(each, change) if isinstance(each, Node) else each for each in value)
            made = with_part(made, field.name, parts)
    return change(made)


def _settled_parts(node: Node) -> tuple[str, ...]:
    """Fields that are changed as a whole or not at all: the zero of a minus sign, a step of rounding, an assumed fact."""
    match node:
        case nodes.Arithmetic(operator="-", left=nodes.Constant(value=0)):
            return ("left",)
        case nodes.Rounded():
            return ("step",)
        case nodes.AssumedFact():
            return ("fact",)
    return ()


def _here(node: Node, codes: Codes, *, negated: bool) -> Iterator[Changed]:
    """A node itself changed in every way, without the nodes below it."""
    for other in _others(node, negated=negated):
        yield Changed(other, wording(node), wording(other))
    match node:
        case nodes.Constant(value=value, type=kind):
            for each in neighbours(value, kind, codes):
                yield Changed(nodes.Constant(each, kind), value_text(value, kind), value_text(each, kind), is_constant=True)
        case nodes.Classified():
            yield from _table(node, codes)
        case nodes.Contains(phrases=phrases):
            for position, phrase in enumerate(phrases):
                rest = (*phrases[:position], *phrases[position + 1 :]) or (f"{phrase}x",)
                yield Changed(replace(node, phrases=rest), f'phrase "{phrase}"', "no such phrase", is_constant=True)


def _others(node: Node, *, negated: bool) -> Iterator[Node]:
    """A node with another operator on the same parts."""
    match node:
        case nodes.Comparison(operator="==" | "!=") | nodes.Membership() | nodes.TableHas() if negated:
            return
        case nodes.Comparison(operator=operator):
            for other in _COMPARISONS[operator]:
                yield replace(node, operator=other)
        case nodes.AllOf(items=items) if len(items) > 1:
            yield nodes.AnyOf(items)
        case nodes.AnyOf(items=items) if len(items) > 1:
            yield nodes.AllOf(items)
        case nodes.Negation(item=item):
            yield item
        case nodes.Membership() | nodes.TableHas():
            yield nodes.Negation(node)
        case nodes.Arithmetic(operator=sign, left=left) if not (sign == "-" and _is_zero(left)):
            yield replace(node, operator=_ARITHMETIC[sign])
        case nodes.Extreme(kind=which):
            yield replace(node, kind="max" if which == "min" else "min")
        case nodes.Rounded(mode=mode, step=step):
            for turned in _ROUNDING[mode]:
                yield replace(node, mode=turned)
            if isinstance(step, nodes.Constant):
                yield replace(node, step=nodes.Constant(cast(Number, step.value) * 10, step.type))
        case nodes.DateShift(sign=sign):
            yield replace(node, sign=-1 if sign == 1 else 1)
        case nodes.Quantified(kind=kind):
            yield replace(node, kind="all" if kind == "any" else "any")
        case nodes.Aggregate(kind="min" | "max" as extreme):
            yield replace(node, kind="max" if extreme == "min" else "min")
        case nodes.AtLeast(count=count):
            yield from (replace(node, count=count + 1), replace(node, count=count - 1))
        case nodes.Choose(then=then, otherwise=otherwise):
            yield replace(node, then=otherwise, otherwise=then)


def _is_zero(node: Node) -> bool:
    return isinstance(node, nodes.Constant) and node.value == 0


def _table(node: nodes.Classified, codes: Codes) -> Iterator[Changed]:
    """A decision table with the value of one row, or the one for no row, changed."""
    kind = node.type.element if isinstance(node.type, ListType) and node.hit == "collect" else node.type
    for position, value in enumerate(node.values):
        for each in _next_values(value, kind, codes):
            values = (*node.values[:position], each, *node.values[position + 1 :])
            yield Changed(replace(node, values=values), *_row(position + 1, value, each, kind), is_constant=True)
    if node.otherwise is not UNKNOWN:
        for each in _next_values(node.otherwise, kind, codes):
            yield Changed(replace(node, otherwise=each), *_row(0, node.otherwise, each, kind), is_constant=True)


def _next_values(value: Value, kind: Any, codes: Codes) -> Iterator[Value]:
    if isinstance(kind, NumberType) and value in (MET, NOT_MET):
        return
    yield from neighbours(value, kind, codes)


def _row(number: int, before: Value, after: Value, kind: Any) -> tuple[str, str]:
    where = f"row {number}: " if number else "otherwise: "
    return f"{where}{value_text(before, kind)}", f"{where}{value_text(after, kind)}"
