"""Calls that ask for something that is not there, and exactly what is said about them."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from eligibility.diagnostics import UsageError
from eligibility.engine import RuleSet, load_rules, parse_day

PROFILE = {"card": {"language": True, "experience": True, "age": 30, "reference": False}}


@pytest.fixture(scope="module")
def rules() -> RuleSet:
    """Rules with one pathway, `points.card`."""
    return load_rules(Path(__file__).parent / "packs" / "points", bundled=False)


def said(rules: RuleSet, **options: Any) -> str:
    """What is said about a call."""
    with pytest.raises(UsageError) as caught:
        rules.evaluate(PROFILE, **{"as_of": "2026-01-01", "engine": "reference", **options})
    return str(caught.value)


def test_a_rule_that_is_not_there_is_reported(rules: RuleSet) -> None:
    """Every unknown rule of a call is named, with the one that was probably meant."""
    assert said(rules, pathways=["points.crad", "xyzzy"]) == "\n".join(
        [
            "E600 there is no rule `points.crad`",
            "  help: did you mean `points.card`?",
            "E600 there is no rule `xyzzy`",
            "  help: `eligibility rules list` lists them",
        ]
    )


def test_an_outcome_that_was_not_asked_for_is_reported(rules: RuleSet) -> None:
    """A report names the outcome that was probably meant, with code E600."""
    report = rules.evaluate(PROFILE, as_of="2026-01-01", engine="reference")
    with pytest.raises(UsageError) as caught:
        report["points.crad"]
    assert str(caught.value) == "E600 there is no outcome of `points.crad`\n  help: did you mean `points.card`?"


def test_an_engine_that_is_not_there_is_reported(rules: RuleSet) -> None:
    """An unknown engine is named beside the known ones."""
    assert said(rules, engine="durible") == "E601 there is no engine `durible`\n  help: did you mean `durable`?"
    assert said(rules, engine="x") == "E601 there is no engine `x`\n  help: the engines are durable, reference, compiled"


@pytest.mark.parametrize("day", ["soon", "01.02.2026", "2026-02-30", "2026-1-1", "", 2026, None, datetime(2026, 1, 1)])  # noqa: DTZ001
def test_a_date_that_cannot_be_read_is_reported(day: Any) -> None:
    """Whatever is no date is refused with code E602 and the form that is wanted, never guessed."""
    with pytest.raises(UsageError) as caught:
        parse_day(day)
    (problem,) = caught.value.diagnostics
    assert problem.code == "E602"
    assert problem.message.startswith("the as-of date: expected a date, found ")
    assert problem.help
