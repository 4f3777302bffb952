"""The count of what scenarios reach finds what they do not reach, and cases that would reach it."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

from eligibility.coverage import Coverage, Gap, cover
from eligibility.engine import load_rules
from eligibility.flow_yaml import Written, flow
from eligibility.gap_search import suggest
from eligibility.model import Unreachable
from eligibility.scenarios import run_scenario, scenarios

PACKS = Path(__file__).parent / "packs"
PASTED = ("conditions", "figures", "points", "quantifiers", "money")
POINTS = PACKS / "points"


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
    gaps = {gap.message for gap in coverage("enough").gaps({})}
    assert "no scenario where `reference` is unknown" in gaps
    assert "no scenario where `points.experience` is unknown" in gaps
    assert "no scenario as of 2023-12-31 (pass_mark)" in gaps
    assert not any("reference.good" in gap for gap in gaps)
    assert not any("2023-12-31" in gap.message for gap in coverage().gaps({}))


def test_an_excuse_closes_a_gap_and_must_be_one() -> None:
    """What is said to be unreachable is no gap; saying it of what is reached, or of nothing, is one."""
    why = {
        "reference": Unreachable(truths=["unknown"], because="a test"),
        "points": Unreachable(truths=["met"], because="a test"),
        "nothing": Unreachable(truths=["met"], because="a test"),
    }
    gaps = {gap.message for gap in coverage().gaps(why)}
    assert not any(gap.startswith("no scenario where `reference` is") for gap in gaps)
    assert "`points` is said to be unreachable where it is met, but it is not" in gaps
    assert "`nothing` is said to be unreachable, but it does not exist" in gaps


def test_a_branch_that_is_never_left_out_and_a_list_that_changes_are_gaps() -> None:
    """A branch that is applicable in every scenario, and the dates of lists and tables, are looked for too."""
    rules = load_rules(PACKS, bundled=False)
    found = cover(rules, (), ["figures.law"])["figures.law"]
    figures = {gap.day: gap.figures for gap in found.gaps({}) if gap.day is not None}
    assert figures[date(2023, 1, 1)] == ("threshold", "shortage")
    assert figures[date(2026, 1, 1)] == ("shortage",)
    visa = cover(rules, (), ["conditions.visa"])["conditions.visa"]
    assert ("neutral", "not_applicable") in {(gap.path, gap.state) for gap in visa.gaps({})}
    assert ("expired", "not_applicable") not in {(gap.path, gap.state) for gap in visa.gaps({})}


def test_a_case_that_is_found_closes_its_gap(tmp_path: Path) -> None:
    """What is suggested for gaps can be pasted as it is, comes out as it expects, and closes them."""
    for name in ("world", *PASTED):
        shutil.copytree(PACKS / name, tmp_path / name)
    rules = load_rules(tmp_path, bundled=False)
    few = [*scenarios(rules, PASTED)][::5]
    names = {each.rule for each in few}
    found = [
        each
        for name, covered in cover(rules, few, names).items()
        for gap in covered.gaps({})
        if (each := suggest(rules, gap, few))
    ]
    assert len(found) > 30
    for name in names:
        pasted = [each.text for each in found if each.gap.rule == name]
        with (tmp_path / name.partition(".")[0] / "scenarios.yaml").open("a", encoding="utf-8") as file:
            file.write("\n".join(["", *pasted, ""]))
    again = load_rules(tmp_path, bundled=False)
    everything = list(scenarios(again, PASTED))
    assert [problem for each in everything for problem in run_scenario(again, each, "reference").problems] == []
    left = {
        (gap.rule, gap.path, gap.state, gap.day)
        for covered in cover(again, everything, names).values()
        for gap in covered.gaps({})
    }
    assert left.isdisjoint((gap.rule, gap.path, gap.state, gap.day) for gap in (each.gap for each in found))


def test_what_cannot_be_reached_is_given_up() -> None:
    """For a state that no profile brings about no case is made up."""
    rules = load_rules(PACKS, bundled=False)
    gap = Gap("figures.law", "no scenario", "pay", "judgement")
    assert suggest(rules, gap, list(scenarios(rules, ["figures.law"]))) is None


def test_plain_data_is_written_so_that_it_is_read_back() -> None:
    """Words and codes that YAML would take for something else are quoted; numbers, dates and what is written already are not."""
    assert flow({"a": ["NO", "0101", "a, b", "x.y", "", None, True], "b": date(2024, 1, 1)}) == (
        '{a: ["NO", "0101", "a, b", x.y, "", null, true], b: 2024-01-01}'
    )
    assert flow([Written("12.5"), Written("1/3"), Written("null"), Written("NO"), Written("[a, b]")]) == (
        '[12.5, "1/3", null, "NO", [a, b]]'
    )
