"""The count of what scenarios reach finds what they do not reach, and excuses that are none."""

from __future__ import annotations

from pathlib import Path

from eligibility.engine import load_rules
from eligibility.model import Unreachable
from eligibility.scenarios import run_scenario, scenarios
from law_coverage import Coverage

POINTS = Path(__file__).parent / "packs" / "points"


def coverage(*left_out: str) -> Coverage:
    """What the scenarios of the points pack reach, some of them left out."""
    rules = load_rules(POINTS, bundled=False)
    found = Coverage(rules.book.rules["points.card"])
    for scenario in scenarios(rules):
        report = run_scenario(rules, scenario, "reference").report
        if report is not None and scenario.name not in left_out:
            found.add(report["points.card"])
    return found


def test_truths_and_days_that_no_scenario_reaches_are_found() -> None:
    """A criterion that is never unknown, a row that is never unknown and a missing day are gaps; judgement stands for met."""
    gaps = set(coverage("enough").gaps({}))
    assert "no scenario where `reference` is unknown" in gaps
    assert "no scenario where `points.experience` is unknown" in gaps
    assert "no scenario as of 2023-12-31 (pass_mark)" in gaps
    assert not any("reference.good" in gap for gap in gaps)
    assert not any("2023-12-31" in gap for gap in coverage().gaps({}))


def test_an_excuse_closes_a_gap_and_must_be_one() -> None:
    """What is said to be unreachable is no gap; saying it of what is reached, or of nothing, is one."""
    why = {
        "reference": Unreachable(truths=["unknown"], because="a test"),
        "points": Unreachable(truths=["met"], because="a test"),
        "nothing": Unreachable(truths=["met"], because="a test"),
    }
    gaps = set(coverage().gaps(why))
    assert not any(gap.startswith("no scenario where `reference` is") for gap in gaps)
    assert "`points` is said to be unreachable where it is met, but it is not" in gaps
    assert "`nothing` is said to be unreachable, but it does not exist" in gaps
