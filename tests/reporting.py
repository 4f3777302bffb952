"""The rules in `packs/reporting`, which show everything a report can say, and profiles for them."""

from __future__ import annotations

import copy
from functools import cache
from pathlib import Path
from typing import Any, Final

from eligibility.engine import RuleSet, load_rules
from eligibility.report import Report

PACKS: Final = Path(__file__).parent / "packs"
GOLDEN: Final = Path(__file__).parent / "golden"
VISA: Final = "reporting.visa"
AS_OF: Final = "2026-06-01"

PERSON: Final[dict[str, Any]] = {
    "applicant": {
        "nationalities": ["NO"],
        "date_of_birth": "1994-05-10",
        "experience": 4,
        "english": "B2",
        "skills": ["python", "statistics"],
        "degrees": [
            {"level": "bachelor", "awarded_on": "2016-07-01", "recognised": True},
            {"level": "master", "awarded_on": "2018-07-01", "recognised": True},
        ],
    },
    "offer": {
        "country": "GB",
        "title": "Machine Learning Engineer",
        "occupation": "2134",
        "salary": {"amount": 68000, "currency": "GBP", "period": "year"},
        "weekly_hours": 40,
        "start_date": "2026-12-01",
        "permanent": False,
        "yearly_cost": {"amount": 90000, "currency": "GBP", "period": "year"},
    },
    "employer": {"licensed": {"value": True, "as_of": "2025-01-10", "source": "the register of sponsors"}, "rating": "A"},
    "visa": {
        "applied_on": "2026-10-01",
        "refused": False,
        "overstayed": False,
        "statement": True,
        "references": True,
        "portfolio": False,
        "places_left": 12,
    },
}

FAILING: Final[dict[str, Any]] = {
    "applicant.experience": 2,
    "applicant.english": "B1",
    "applicant.skills": [],
    "applicant.degrees": PERSON["applicant"]["degrees"][:1],
    "offer.occupation": "2135",
    "offer.salary.amount": 38000,
    "offer.permanent": True,
    "offer.remote_share": 60,
    "employer": {"licensed": False},
    "visa.applied_on": "2026-08-20",
    "visa.refused": True,
    "visa.references": False,
}

UNKNOWN: Final[dict[str, Any]] = {
    "applicant.nationalities": None,
    "applicant.english": None,
    "applicant.skills": None,
    "applicant.degrees": [{"level": "bachelor", "recognised": True}, {"level": "master"}],
    "offer.salary": None,
    "offer.weekly_hours": None,
    "offer.permanent": None,
    "offer.title": None,
    "visa.statement": None,
    "visa.overstayed": None,
}

TOGETHER: Final = ("reporting.level", VISA, "reporting.talent")

EXPERIENCED: Final[dict[str, Any]] = {
    "applicant.experience": 12,
    "applicant.degrees": [],
    "offer.salary": {"amount": 30, "currency": "GBP", "period": "hour"},
    "offer.permanent": True,
    "offer.remote_share": 20,
    "visa.places_left": 0,
}


@cache
def rules() -> RuleSet:
    """The rules for reports."""
    return load_rules(PACKS / "world", PACKS / "reporting", bundled=False)


def changed(changes: dict[str, Any]) -> dict[str, Any]:
    """The profile of the person with some facts changed."""
    profile = copy.deepcopy(PERSON)
    for path, value in changes.items():
        *groups, name = path.split(".")
        place = profile
        for group in groups:
            place = place[group]
        place[name] = copy.deepcopy(value)
    return profile


def report(changes: dict[str, Any] | None = None, *, as_of: str = AS_OF, only: str | None = VISA) -> Report:
    """The report on the person with some facts changed, of one rule or (None) of those that belong together."""
    wanted = list(TOGETHER) if only is None else [only]
    return rules().evaluate(changed(changes or {}), as_of=as_of, pathways=wanted, engine="reference")
