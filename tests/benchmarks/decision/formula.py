"""The decision as a small tree, from which it is written in the languages of other engines."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeVar

from benchmarks.decision.rules import CRITERIA, TOP, Figures

PART: Final = 3_750  # of the hours of a full-time week times a hundred per cent: makes the comparison of `Part` whole


@dataclass(frozen=True, slots=True)
class Holds:
    """A fact that is true or false."""

    fact: str


@dataclass(frozen=True, slots=True)
class Test:
    """A fact compared with a figure or a word."""

    fact: str
    sign: Literal[">=", "<", "=="]
    value: int | str


@dataclass(frozen=True, slots=True)
class Among:
    """A fact that is one of several words."""

    fact: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """Whether the salary is at least a share, in per cent, of the going rate for the hours: salary * PART >= share * rate * hours."""

    share: int


@dataclass(frozen=True, slots=True)
class Named:
    """The truth of another criterion."""

    name: str


@dataclass(frozen=True, slots=True)
class Both:
    """Whether all of several conditions hold."""

    items: tuple[Formula, ...]


@dataclass(frozen=True, slots=True)
class Either:
    """Whether one of several conditions holds."""

    items: tuple[Formula, ...]


Leaf = Holds | Test | Among | Part
Formula = Leaf | Named | Both | Either
T = TypeVar("T")


def criteria(law: Figures) -> dict[str, Formula]:
    """The criteria in the order of `CRITERIA`, then the outcome."""
    young = Either((Test("age", "<", law.young_until), Holds("new_entrant")))
    further: dict[str, tuple[Formula, ...]] = {
        "a": (),
        "b": (Holds("relevant_phd"),),
        "c": (Holds("stem_phd"),),
        "d": (Holds("on_shortage_list"),),
        "e": (young,),
    }
    made: dict[str, Formula] = {
        "sponsor": Test("sponsor_rating", "==", "a"),
        "job": Among("job_code", tuple(law.going_rates)),
        "english.level": Test("english_level", ">=", law.least_english),
        "english.nationality": Among("nationality", law.english_speaking),
        "english": Either((Named("english.level"), Named("english.nationality"))),
        "funds": Either((Test("funds", ">=", law.least_funds), Holds("sponsor_certifies"))),
    }
    for option, (threshold, share) in zip(further, law.options, strict=True):
        made[f"salary.{option}"] = Both((*further[option], Test("salary", ">=", threshold), Part(share)))
    made["salary"] = Either(tuple(Named(f"salary.{option}") for option in further))
    assert tuple(made) == CRITERIA
    return made | {"outcome": Both(tuple(Named(name) for name in TOP))}


def folded(
    formula: Formula,
    leaf: Callable[[Leaf], T],
    named: Callable[[str], T],
    both: Callable[[list[T]], T],
    either: Callable[[list[T]], T],
) -> T:
    """A formula in another language, made of what its parts are there."""
    match formula:
        case Named(name=name):
            return named(name)
        case Both(items=items) | Either(items=items):
            parts = [folded(item, leaf, named, both, either) for item in items]
            return both(parts) if isinstance(formula, Both) else either(parts)
        case _:
            return leaf(formula)


Rails = tuple[T, T]
"""Two conditions for one truth: that it is met, and that it is not. Where neither holds, nobody knows."""


def rails(
    formula: Formula,
    leaf: Callable[[Leaf], tuple[T, T]],
    named: Callable[[str], tuple[T, T]],
    both: Callable[[list[T]], T],
    either: Callable[[list[T]], T],
) -> tuple[T, T]:
    """A formula as two conditions of a two-valued language."""

    def joined(parts: list[tuple[T, T]], of_met: Callable[[list[T]], T], of_not: Callable[[list[T]], T]) -> tuple[T, T]:
        return of_met([met for met, _ in parts]), of_not([failed for _, failed in parts])

    return folded(formula, leaf, named, lambda parts: joined(parts, both, either), lambda parts: joined(parts, either, both))


def facts_of(leaf: Leaf) -> tuple[str, ...]:
    """The facts a leaf reads; `need` stands for the going rate times the hours."""
    return ("salary", "need") if isinstance(leaf, Part) else (leaf.fact,)


def with_need(rates: Mapping[str, int], profile: Mapping[str, Any]) -> dict[str, Any]:
    """A profile with the going rate times the hours, for engines that look nothing up in a table."""
    found = dict(profile)
    rate, hours = rates.get(profile.get("job_code", "")), profile.get("weekly_hours")
    if rate is not None and hours is not None:
        found["need"] = rate * hours
    return found


GRADES: Final[dict[float, bool | None]] = {1: True, 0: False, 0.5: None}
"""Truth as a number: what is least of several is their conjunction, what is greatest their disjunction."""


def answer(graded: Sequence[float]) -> tuple[bool | None, tuple[bool | None, ...]]:
    """The outcome and the criteria from numbers in the order of `criteria`."""
    truths = tuple([GRADES[each] for each in graded])
    return truths[-1], truths[:-1]
