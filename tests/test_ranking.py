"""The order of the pathways in a report, and the distance of failed ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eligibility.datatypes import MET, NOT_MET
from eligibility.distance import HERE, Distance, distance
from eligibility.engine import RuleSet, load_rules
from eligibility.report import Report

FACTS = """vocabularies:
  level_of: {title: levels, ordered: true, values: {low: low, middle: middle, high: high}}
facts:
  x.pay: {label: pay, type: decimal, question: 'What is paid?', changed_by: employer}
  x.age: {label: age, type: integer, question: 'How old?', changed_by: nobody}
  x.born: {label: birth, type: date, question: 'When born?', changed_by: nobody}
  x.level: {label: level, type: choice, of: level_of, question: 'Which?', changed_by: applicant}
  x.a: {label: first, type: boolean, question: 'First?', changed_by: applicant}
  x.b: {label: second, type: boolean, question: 'Second?', changed_by: applicant}
  x.c: {label: third, type: boolean, question: 'Third?', changed_by: applicant}
"""
PACK = """pack: doors
title: Doors
version: 1.0.0
jurisdiction: WORLD
language: 1
maintainer: eligibility contributors
licence: Apache-2.0
"""
RULE = """pathway: doors.{name}
title: {name}
in_force: {{from: 2020-01-01}}
sources: {{L: {{title: Law, url: 'https://example.org', read_on: 2026-01-01, grade: A}}}}
parameters:
  wanted: {{title: pay needed, unit: count, values: {{2020-01-01: {{value: 40000, cite: L 1}}}}}}
criteria:
{criteria}
"""
CRITERIA = {
    "all_three": "  both: {title: Both, cite: L 1, all: [x.a, x.b, x.c]}",
    "any_of_three": "  either: {title: Either, cite: L 1, any: [x.a and x.b, x.c]}",
    "two_of_three": "  some: {title: Some, cite: L 1, at_least: 2, of: {a: x.a, b: x.b, c: x.c}}",
    "none_of": "  none: {title: None, cite: L 1, none: [x.a, x.b]}",
    "pay": "  pay: {title: Pay, cite: L 1, met_when: x.pay >= wanted}",
    "level": "  level: {title: Level, cite: L 1, met_when: 'x.level >= \"high\"'}",
    "human": "  human: {title: Human, cite: L 1, judgement: Somebody decides.}",
    "free": "  free: {title: Free, cite: L 1, met_when: x.a or not x.a}",
}


@pytest.fixture(scope="module")
def doors(tmp_path_factory: pytest.TempPathFactory) -> RuleSet:
    """One pathway for each kind of criterion."""
    folder = tmp_path_factory.mktemp("doors")
    (folder / "pack.yaml").write_text(PACK)
    (folder / "facts.yaml").write_text(FACTS)
    for name, criteria in CRITERIA.items():
        (folder / f"{name}.yaml").write_text(RULE.format(name=name, criteria=criteria))
    return load_rules(folder, bundled=False)


@pytest.fixture
def report(doors: RuleSet) -> Callable[..., Report]:
    """Evaluates facts against every pathway."""

    def evaluate(**facts: object) -> Report:
        stated: Mapping[str, object] = {"x": facts}
        return doors.evaluate(stated, as_of="2026-01-01", engine="reference")

    return evaluate


def away(report: Report, name: str) -> Distance:
    """How far a pathway is from being met."""
    outcome = report[f"doors.{name}"]
    return distance(outcome.findings, outcome.compiled.criteria_met)


def test_eligible_comes_before_judgement_before_undetermined_before_not_eligible(report: Callable[..., Report]) -> None:
    """Statuses stand in the order of hope; undetermined ones by what is missing, failed ones by what would have to change."""
    found = report(a=True, b=False, pay=39000)
    assert [(rank.place, rank.outcome.id.removeprefix("doors."), rank.open_facts) for rank in found.ranking] == [
        (1, "free", None),
        (2, "human", None),
        (3, "any_of_three", 1),
        (4, "level", 1),
        (5, "two_of_three", 1),
        (6, "pay", None),
        (7, "all_three", None),
        (8, "none_of", None),
    ]


def test_fewest_open_facts_come_first(report: Callable[..., Report]) -> None:
    """Of two undetermined pathways the one that lacks less comes first, whatever they are called."""
    places = {rank.outcome.id: (rank.place, rank.open_facts) for rank in report(c=True).ranking}
    assert places["doors.level"][1] == 1
    assert places["doors.all_three"][1] == 2
    assert places["doors.level"][0] < places["doors.all_three"][0]


def test_the_smaller_distance_comes_first(report: Callable[..., Report]) -> None:
    """Of two failed pathways with one failing condition each the one with the smaller shortfall comes first."""
    close = 39999
    order = [rank.outcome.id for rank in report(a=False, b=True, c=True, pay=close, level="low").ranking]
    assert order.index("doors.pay") < order.index("doors.level") < order.index("doors.all_three")


@pytest.mark.parametrize(
    ("name", "facts", "expected"),
    [
        ("all_three", {"a": False, "b": False, "c": True}, Distance(2, 1)),
        ("any_of_three", {"a": False, "b": False, "c": False}, Distance(1, 1)),
        ("two_of_three", {"a": False, "b": False, "c": False}, Distance(2, 1)),
        ("two_of_three", {"a": True, "b": False, "c": False}, Distance(1, 1)),
        ("none_of", {"a": True, "b": True}, Distance(2, 1)),
        ("none_of", {"a": False, "b": True}, Distance(1, 1)),
        ("level", {"level": "low"}, Distance(1, Fraction(2, 3))),
        ("pay", {"pay": 30000}, Distance(1, Fraction(1, 4))),
        ("pay", {"pay": 40000}, HERE),
        ("pay", {"a": True}, HERE),
    ],
)
def test_a_distance_counts_the_least_that_must_change(
    report: Callable[..., Report], name: str, facts: dict[str, object], expected: Distance
) -> None:
    """All parts of a conjunction count, of a disjunction the nearest, of k of n what is still lacking."""
    assert away(report(**facts), name) == expected


@given(st.tuples(st.booleans(), st.booleans(), st.booleans()))
def test_only_what_fails_is_away(doors: RuleSet, facts: tuple[bool, bool, bool]) -> None:
    """A settled criterion is at distance zero exactly where it is met; it can be neither met nor not met from where it is."""
    stated = dict(zip(("x.a", "x.b", "x.c"), facts, strict=True))
    found = doors.evaluate({"x": {name[2:]: value for name, value in stated.items()}}, as_of="2026-01-01", engine="reference")
    for name in ("all_three", "any_of_three", "two_of_three", "free"):
        outcome = found[f"doors.{name}"]
        index = outcome.compiled.criteria_met
        assert (distance(outcome.findings, index) == HERE) is (outcome.findings.truth(index) is MET)
        assert (distance(outcome.findings, index, wanted=False) == HERE) is (outcome.findings.truth(index) is NOT_MET)


def test_a_report_prints_the_pathways_in_the_order_of_their_ranks(report: Callable[..., Report]) -> None:
    """The overview and the details of a report, and `ranking` in its JSON, have the same order."""
    found = report(a=True, b=False)
    titles = [rank.outcome.title for rank in found.ranking]
    text = found.to_text()
    for part in (text[: text.index("(doors.")], text[text.index("(doors.") :]):
        places = [part.find(f"{title}") for title in titles[1:]]
        assert places == sorted(places)
    assert [rank["id"] for rank in found.as_dict()["ranking"]] == [rank.outcome.id for rank in found.ranking]  # type: ignore[attr-defined]  # JSON


def test_what_does_not_concern_the_case_has_no_rank(doors: RuleSet) -> None:
    """Assessments and pathways that do not concern the case are not ranked."""
    world = load_rules()
    found = world.evaluate(
        Path(__file__).parents[1] / "examples" / "ml_engineer_london.json", as_of="2026-11-23", engine="reference"
    )
    assert {rank.outcome.kind for rank in found.ranking} == {"pathway"}
    ranked = {rank.outcome.id for rank in found.ranking}
    assert "gb.skilled_worker" in ranked
    assert "de.blue_card" not in ranked
