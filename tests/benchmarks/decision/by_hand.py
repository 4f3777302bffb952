"""The decision as a careful user writes it in Python: three-valued, every criterion worked out, no engine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from benchmarks.decision.rules import CRITERIA, FULL_TIME, TOP, Figures

Answer = tuple[bool | None, tuple[bool | None, ...]]
"""The outcome and the criteria, in the order of `CRITERIA`: met, not met, or None for unknown."""

Decide = Callable[[Mapping[str, Any]], Answer]


def _all_of(*truths: bool | None) -> bool | None:
    unknown = False
    for truth in truths:
        if truth is False:
            return False
        if truth is None:
            unknown = True
    return None if unknown else True


def _any_of(*truths: bool | None) -> bool | None:
    unknown = False
    for truth in truths:
        if truth is True:
            return True
        if truth is None:
            unknown = True
    return None if unknown else False


def _reaches(value: Any, least: Any) -> bool | None:
    return None if value is None or least is None else value >= least


def decision(law: Figures, *, exact: bool) -> Decide:
    """The decision by the figures of a variant: with fractions, or with binary floats, which misjudge some exact ties."""
    full_time: Any = FULL_TIME if exact else float(FULL_TIME)
    shares: list[Any] = [Fraction(share, 100) if exact else share / 100 for _, share in law.options]
    thresholds = [threshold for threshold, _ in law.options]
    (general, with_phd, stem, shortage, entrant) = thresholds
    (whole, phd_share, stem_share, shortage_share, entrant_share) = shares
    rates, listed = dict(law.going_rates), frozenset(law.english_speaking)
    least_english, least_funds, young_until = law.least_english, law.least_funds, law.young_until

    def decide(profile: Mapping[str, Any]) -> Answer:
        get = profile.get
        job, salary, hours = get("job_code"), get("salary"), get("weekly_hours")
        rating, nationality, age = get("sponsor_rating"), get("nationality"), get("age")
        rate = rates.get(job) if job is not None else None
        required = None if rate is None or hours is None else rate * hours / full_time

        def part(share: Any) -> bool | None:
            return None if required is None or salary is None else salary >= share * required

        truth: dict[str, bool | None] = {}
        truth["sponsor"] = None if rating is None else rating == "a"
        truth["job"] = None if job is None else job in rates
        truth["english.level"] = _reaches(get("english_level"), least_english)
        truth["english.nationality"] = None if nationality is None else nationality in listed
        truth["english"] = _any_of(truth["english.level"], truth["english.nationality"])
        truth["funds"] = _any_of(_reaches(get("funds"), least_funds), get("sponsor_certifies"))
        truth["salary.a"] = _all_of(_reaches(salary, general), part(whole))
        truth["salary.b"] = _all_of(get("relevant_phd"), _reaches(salary, with_phd), part(phd_share))
        truth["salary.c"] = _all_of(get("stem_phd"), _reaches(salary, stem), part(stem_share))
        truth["salary.d"] = _all_of(get("on_shortage_list"), _reaches(salary, shortage), part(shortage_share))
        young = None if age is None else age < young_until
        truth["salary.e"] = _all_of(_any_of(young, get("new_entrant")), _reaches(salary, entrant), part(entrant_share))
        truth["salary"] = _any_of(*(truth[f"salary.{option}"] for option in "abcde"))
        return _all_of(*(truth[name] for name in TOP)), tuple([truth[name] for name in CRITERIA])

    return decide
