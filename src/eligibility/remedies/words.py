"""Changes in words: what to raise, lower, move, change, add or wait for, from what to what."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Final, cast

from eligibility.datatypes import ListType, Money, NumberType, Type, Value
from eligibility.english import listed, singular, the
from eligibility.explaining.gaps import item_name
from eligibility.formatting import plain_number, show
from eligibility.remedies.changes import Change, Place, Plan
from eligibility.remedies.domains import TIME, Adjustable, Domains
from eligibility.remedies.weighing import groups
from eligibility.rulebook import RuleBook

_SHOWN: Final = 5


def changes(
    plan: Plan, facts: Mapping[str, Value], domains: Domains, others: Mapping[Place, tuple[Value, ...]]
) -> tuple[Change, ...]:
    """The changes of a plan; `others` holds further values that would do, by place."""
    found = []
    for whole, places in groups(plan, facts).items():
        parts = [each for place in places if (each := domains.adjustable(place, facts)) is not None]
        if whole in places and parts:
            found.append(_change(parts[0], plan[whole], domains.book, others.get(whole, ())))
        elif parts:
            found.append(_record(whole, parts, plan, domains.book, others))
    return tuple(found)


def _change(each: Adjustable, after: Value, book: RuleBook, others: tuple[Value, ...]) -> Change:
    label = each.declared.label
    if each.place.position >= 0:
        label = f"{label} ({item_name(each.outer, each.place.position)})"
    words = f"{_words(each, label, after, book)}{_alternatives(others, each, book)}"
    return Change(str(each.place), label, each.now, after, each.who, words, others)


def _alternatives(others: tuple[Value, ...], each: Adjustable, book: RuleBook) -> str:
    """Further values that would do, in brackets."""
    said = [_shown(value, each.type, book, each.declared.unit) for value in others[:_SHOWN]]
    if len(others) > _SHOWN:
        said.append(f"{len(others) - _SHOWN:,} more")
    return f" (or {listed(said, 'or')})" if said else ""


def _words(each: Adjustable, label: str, after: Value, book: RuleBook) -> str:
    noun, kind, unit = the(label), each.type, each.declared.unit
    said = _shown(after, kind, book, unit)
    if isinstance(kind, ListType):
        return _listed(each.now if isinstance(each.now, tuple) else (), cast("tuple[Value, ...]", after), noun, kind, book)
    if each.now is None:
        return f"let {noun} be {said}"
    before = _shown(each.now, kind, book, unit)
    if each.who == TIME:
        return f"wait until {noun} comes to {said}, from {before}"
    if isinstance(after, date):
        return f"move {noun} from {before} to {said}"
    one, other = _number(each.now), _number(after)
    if one is None or other is None:
        return f"change {noun} from {before} to {said}"
    return f"{'raise' if other > one else 'lower'} {noun} from {before} to {said}"


def _listed(before: tuple[Value, ...], after: tuple[Value, ...], noun: str, kind: ListType, book: RuleBook) -> str:
    more = [_shown(each, kind.element, book, None) for each in after if each not in before]
    less = [_shown(each, kind.element, book, None) for each in before if each not in after]
    parts = [f"add {listed(more)} to {noun}"] if more else []
    return listed([*parts, f"take {listed(less)} from {noun}"] if less else parts)


def _record(
    whole: Place, parts: list[Adjustable], plan: Plan, book: RuleBook, others: Mapping[Place, tuple[Value, ...]]
) -> Change:
    """A record that is added, with what it must be."""
    outer = parts[0].outer
    said = []
    for each in parts:
        shown = _shown(plan[each.place], each.type, book, each.declared.unit)
        more = _alternatives(others.get(each.place, ()), each, book)
        said.append(f"{each.declared.label} {shown}{more}")
    name = singular(outer.label)
    words = f"add to {the(outer.label)}" if name is None else f"add {_a(name)}"
    after = {each.place.field: plan[each.place] for each in parts}
    return Change(str(whole), outer.label, None, after, parts[0].who, f"{words}: {', '.join(said)}")


def _a(noun: str) -> str:
    return f"{'an' if noun[:1].lower() in 'aeiou' else 'a'} {noun}"


def _shown(value: Value, kind: Type, book: RuleBook, unit: str | None) -> str:
    if isinstance(value, int | Fraction) and not isinstance(kind, NumberType):
        return plain_number(value)
    return show(value, kind, book, unit)


def _number(value: Value) -> int | Fraction | None:
    number = value.amount if isinstance(value, Money) else value
    return number if isinstance(number, int | Fraction) else None


__all__ = ["changes"]
