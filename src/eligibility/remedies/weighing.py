"""Which of two remedies is the lesser: who has to act, how many changes there are, and how large they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import Final, cast

from eligibility.datatypes import ChoiceType, CodeType, CountryType, Money, Number, Type, Value
from eligibility.remedies.changes import Place, Plan
from eligibility.remedies.domains import Adjustable, Domains

_TIERS: Final = {"applicant": 0, "employer": 0, "authority": 1, "time": 2, "nobody": 3}
_ORDER: Final = tuple(_TIERS)
_YEAR: Final = 365


@dataclass(frozen=True, slots=True, order=True)
class Weight:
    """How much a plan asks for, the least first.

    `tier` is the hardest to move of those who must act: 0 applicant and employer, 1 an authority, 2 time, 3 nobody. `others`
    counts codes and countries that would have to be others: that is another job or another person. `changes` counts the changes,
    `open` what is then missing, `size` adds up how large they are in proportion.
    """

    tier: int
    others: int
    changes: int
    open: int
    size: Number
    actors: tuple[int, ...]
    words: str


def groups(plan: Plan, facts: Mapping[str, Value]) -> dict[Place, tuple[Place, ...]]:
    """The parts of a plan that are one change each: a place, or all fields of a record that is added."""
    found: dict[Place, tuple[Place, ...]] = {}
    for place in sorted(plan):
        items = facts.get(place.path)
        held = len(items) if isinstance(items, tuple) else 0
        whole = Place(place.path, place.position) if place.position >= held and place.position >= 0 else place
        found[whole] = (*found.get(whole, ()), place)
    return found


def weigh(plan: Plan, facts: Mapping[str, Value], domains: Domains) -> Weight:
    """The weight of a plan."""
    tiers, size, others = [0], Fraction(0), 0
    actors: set[int] = set()
    for place, value in plan.items():
        who = domains.book.facts[place.path].changed_by
        tiers.append(_TIERS[who])
        actors.add(_ORDER.index(who))
        each = domains.adjustable(place, facts)
        if each is None:
            continue
        size += _share(each.now, value, each.type)
        others += isinstance(each.type, CodeType | CountryType) and place.position < 0
    parts = groups(plan, facts)
    words = "; ".join(f"{place}={_rank(plan[place], domains.adjustable(place, facts), facts)}" for place in sorted(plan))
    return Weight(max(tiers), others, len(parts), 0, size, tuple(sorted(actors)), words)


def _rank(value: Value, each: Adjustable | None, facts: Mapping[str, Value]) -> str:
    """What puts equal changes in order: of choices the place among the values, of countries those of the profile first."""
    if each is not None and isinstance(each.type, ChoiceType):
        return f"{each.type.values.index(cast('str', value)):04}"
    if each is not None and isinstance(each.type, CountryType):
        return f"{value not in countries(facts):d}{value}"
    return repr(value)


def _share(before: Value | None, after: Value, kind: Type) -> Number:
    """How large a change is: of numbers the part of the greater one, of dates that of a year, of levels and codes that passed."""
    if isinstance(before, Money) and isinstance(after, Money):
        before, after = before.amount, after.amount
    if isinstance(before, date) and isinstance(after, date):
        return min(Fraction(1), Fraction(abs((after - before).days), _YEAR))
    if isinstance(before, int | Fraction) and isinstance(after, int | Fraction):
        largest = max(abs(Fraction(before)), abs(Fraction(after)))
        return abs(Fraction(after) - before) / largest if largest else 0
    if isinstance(kind, ChoiceType) and kind.ordered and before is not None:
        rank = kind.values.index
        return Fraction(abs(rank(cast("str", after)) - rank(cast("str", before))), len(kind.values))
    if isinstance(kind, CodeType) and isinstance(before, str) and isinstance(after, str):
        return 1 - Fraction(alike(before, after), max(len(before), len(after), 1))
    return 1


def countries(facts: Mapping[str, Value]) -> tuple[str, ...]:
    """The texts of a profile that stand alone or in lists, where countries may be among them."""
    listed = [each for value in facts.values() for each in (value if isinstance(value, tuple) else (value,))]
    return tuple(dict.fromkeys(each for each in listed if isinstance(each, str)))


def alike(one: str, other: str) -> int:
    """How many letters two texts begin with alike."""
    pairs = zip(one, other, strict=False)
    return next((place for place, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))


def merged(one: Plan, other: Plan, facts: Mapping[str, Value], domains: Domains) -> dict[Place, Value] | None:
    """Two plans as one: of two numbers or dates on the same side of what is stated the further; None where they disagree.

    Records that are added become one where they can be one.
    """
    found = dict(one)
    for place, value in _apart(one, other, facts).items():
        if place not in found or found[place] == value:
            found[place] = value
            continue
        each = domains.adjustable(place, facts)
        both = None if each is None else _further(each.now, found[place], value)
        if both is None:
            return None
        found[place] = both
    return found


def _apart(one: Plan, other: Plan, facts: Mapping[str, Value]) -> Plan:
    """The other plan, its new records put after those of the one where they cannot be the same."""
    moved = dict(other)
    for path in sorted({place.path for place in other if place.position >= 0}):
        items = facts.get(path)
        held = len(items) if isinstance(items, tuple) else 0
        if all(one.get(place, value) == value for place, value in other.items() if place.path == path and place.position >= held):
            continue
        by = 1 + max(place.position for place in one if place.path == path) - held
        moved = {
            replace(place, position=place.position + by) if place.path == path and place.position >= held else place: value
            for place, value in moved.items()
        }
    return moved


def packed(plan: Plan, facts: Mapping[str, Value]) -> Plan:
    """A plan whose new records stand right after those that are there."""
    found: dict[Place, Value] = {}
    places: dict[str, dict[int, int]] = {}
    for place in sorted(plan):
        items = facts.get(place.path)
        held = len(items) if isinstance(items, tuple) else 0
        position = place.position
        if position >= held and position >= 0:
            new = places.setdefault(place.path, {})
            position = new.setdefault(position, held + len(new))
        found[replace(place, position=position)] = plan[place]
    return found


def _further(now: Value | None, one: Value, other: Value) -> Value | None:
    if isinstance(now, tuple) and isinstance(one, tuple) and isinstance(other, tuple):
        kept = tuple(item for item in now if item in one and item in other)
        return kept + tuple(dict.fromkeys(item for item in (*one, *other) if item not in now))
    low, high = sorted((one, other), key=_number)
    if isinstance(low, Money | int | Fraction | date):
        start = _number(low) if now is None else _number(now)
        if _number(low) >= start:
            return high
        if _number(high) <= start:
            return low
    return None


def _number(value: Value) -> Number:
    if isinstance(value, Money):
        return value.amount
    if isinstance(value, date):
        return value.toordinal()
    return value if isinstance(value, int | Fraction) else 0


__all__ = ["Weight", "alike", "countries", "groups", "merged", "packed", "weigh"]
