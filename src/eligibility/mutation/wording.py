"""A checked expression as text, near to what its author wrote: enough to find it again."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any, Final

from eligibility import nodes
from eligibility.datatypes import MET, NOT_MET, UNKNOWN, NumberType, Type
from eligibility.formatting import exact_text
from eligibility.nodes import Node

_LONGEST: Final = 140


def value_text(value: Any, kind: Type) -> str:
    """A value as it is written in an expression."""
    if value is MET or value is NOT_MET:
        return "True" if value is MET else "False"
    if value is UNKNOWN:
        return "unknown"
    match value:
        case Fraction() if value.denominator == 1:
            return _number(str(value.numerator), kind)
        case Fraction():
            return _number(exact_text(value), kind)
        case int():
            return _number(str(value), kind)
        case date():
            return value.isoformat()
        case str():
            return f'"{value}"'
        case tuple() | frozenset():
            return f"[{', '.join(value_text(each, kind) for each in (value if isinstance(value, tuple) else sorted(value)))}]"
    return str(value)


def written_text(value: Any, kind: Type, unit: str) -> str:
    """A value as it is written as a figure of a unit: a share as a percentage."""
    return value_text(value * 100 if unit == "percent" and isinstance(value, int | Fraction) else value, kind)


def _number(text: str, kind: Type) -> str:
    duration = kind.unit.duration if isinstance(kind, NumberType) else None
    return f"{duration}s({text})" if duration else text


def wording(node: Node) -> str:
    """A node as an expression, cut where it is long."""
    text = _text(node)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _joined(items: tuple[Node, ...], word: str) -> str:
    return word.join(_inner(item) for item in items)


def _inner(node: Node) -> str:
    text = _text(node)
    compound = isinstance(node, nodes.AllOf | nodes.AnyOf | nodes.Arithmetic | nodes.Choose)
    return f"({text})" if compound else text


def _text(node: Node) -> str:
    match node:
        case nodes.Constant(value=value, type=kind):
            return value_text(value, kind)
        case nodes.FactValue(path=path):
            return path
        case nodes.AssumedFact(fact=fact):
            return fact.path
        case nodes.ItemValue(field=field):
            return f"item.{field}" if field else "item"
        case nodes.AsOf():
            return "as_of"
        case nodes.ParameterValue(name=name) | nodes.ListValue(name=name) | nodes.Reference(name=name):
            return name
        case nodes.Lookup(table=table, keys=keys, column=column):
            return f"{table}[{_joined(keys, ', ')}].{column}"
        case nodes.Arithmetic(operator=operator, left=left, right=right):
            return f"{_inner(left)} {operator} {_inner(right)}"
        case nodes.Comparison(operator=sign, left=left, right=right):
            return f"{_inner(left)} {sign} {_inner(right)}"
        case nodes.DateShift(day=day, amount=amount, sign=direction):
            return f"{_inner(day)} {'+' if direction > 0 else '-'} {_inner(amount)}"
        case nodes.Elapsed(unit=unit, start=start, end=end):
            return f"{unit}s_between({_text(start)}, {_text(end)})"
        case nodes.Extreme(kind=kind, items=items):
            return f"{kind}({_joined(items, ', ')})"
        case nodes.Rounded(mode=mode, number=number, step=step):
            return f"round_{mode}({_text(number)}, {_text(step)})"
        case nodes.Converted(money=money) | nodes.Amount(money=money):
            return f"convert({_text(money)})" if isinstance(node, nodes.Converted) else _text(money)
        case nodes.Choose(condition=condition, then=then, otherwise=otherwise):
            return f"{_inner(then)} if {_text(condition)} else {_inner(otherwise)}"
        case nodes.Aggregate(kind=aggregate, source=source):
            return f"{aggregate}(… for item in {_text(source)})"
        case nodes.Quantified(kind=quantifier, source=source, body=body):
            return f"{quantifier}({_text(body)} for item in {_text(source)})"
        case nodes.Classified(hit=hit):
            return f"decision table ({hit})"
        case nodes.AllOf(items=items):
            return _joined(items, " and ")
        case nodes.AnyOf(items=items):
            return _joined(items, " or ")
        case nodes.Negation(item=nodes.Membership(item=item, collection=collection)):
            return f"{_inner(item)} not in {_text(collection)}"
        case nodes.Negation(item=item):
            return f"not {_inner(item)}"
        case nodes.AtLeast(count=count, items=items):
            return f"at least {count} of ({_joined(items, ', ')})"
        case nodes.Membership(item=item, collection=collection):
            return f"{_inner(item)} in {_text(collection)}"
        case nodes.TableHas(table=table, keys=keys):
            return f"({_joined(keys, ', ')}) in {table}"
        case nodes.Contains(text=text):
            return f"contains({_text(text)}, …)"
        case nodes.StartsWith(code=code, prefixes=prefixes):
            return f"starts_with({_text(code)}, {_text(prefixes)})"
        case nodes.PointsReached() | nodes.HumanJudgement():
            return "points" if isinstance(node, nodes.PointsReached) else "judgement"
