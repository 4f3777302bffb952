"""Scenarios are read as they are written, run on the rules they stand beside, and say what did not come out as expected."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from eligibility.engine import RuleSet, load_rules
from eligibility.scenarios import ScenarioResult, run_scenario, scenarios

PACK = """
pack: xx
title: A pack for tests
version: 1.0.0
jurisdiction: XX
language: 1
maintainer: eligibility contributors
licence: Apache-2.0
"""

FACTS = """
vocabularies:
  level: {title: level, ordered: true, values: {low: low, high: high}}
facts:
  offer.here: {label: place of the job, type: boolean, question: Here?, changed_by: employer}
  offer.hours: {label: weekly hours, type: decimal, question: Hours?, changed_by: employer}
  offer.level: {label: level, type: choice, of: level, question: Level?, changed_by: employer}
  offer.tags: {label: tags, type: text, list: true, question: Tags?, changed_by: employer}
"""

RULE = """
pathway: xx.route
title: A route
in_force: {from: 2024-01-01}
grade: A
sources: {LAW: {title: A law, read_on: 2026-01-01}}
applies_when: [{when: offer.here, otherwise: The job is elsewhere.}]
parameters:
  least: {title: least hours, unit: count, cite: LAW 1, values: {2024-01-01: {value: 30}, 2025-01-01: {value: 35.5}}}
  share: {title: share, unit: percent, cite: LAW 1, values: {2024-01-01: {value: 70}}}
derived:
  third: {title: a third of the hours, unit: count, value: offer.hours / 3}
  busy: {title: many hours, value: offer.hours >= 40}
  named: {title: level, value: offer.level}
criteria:
  hours:
    title: The hours are enough
    cite: LAW 1
    any:
      full: {title: Full time, met_when: offer.hours >= least}
      part: {title: Part time, applies_when: offer.level == "low", met_when: offer.hours >= share * least}
      late: {title: Later, from: 2025-01-01, met_when: offer.hours >= 34}
  level: {title: The level is high enough, cite: LAW 2, met_when: offer.level == "high"}
  genuine: {title: The job is genuine, cite: LAW 3, judgement: A reader decides.}
notes:
  - {say: "At least {least}.", cite: LAW 1}
shows: [third, busy]
"""

PROFILES = """
scenarios: xx.route
profiles:
  good: {offer: {here: true, hours: 40, level: high, tags: [a, b]}}
cases:
"""


@pytest.fixture
def load(tmp_path: Path) -> Callable[[str], RuleSet]:
    """Loads the pack above with some cases."""

    def read(cases: str) -> RuleSet:
        for name, text in {"pack": PACK, "facts": FACTS, "rule": RULE, "scenarios": PROFILES + cases}.items():
            (tmp_path / f"{name}.yaml").write_text(text.lstrip(), encoding="utf-8")
        return load_rules(tmp_path, bundled=False)

    return read


@pytest.fixture
def outcome(load: Callable[[str], RuleSet]) -> Callable[..., ScenarioResult]:
    """Runs one case of the pack above."""

    def run(expect: str, changes: str = "", as_of: str = "2024-06-01") -> ScenarioResult:
        rules = load(f"  one: {{title: t, profile: good, as_of: {as_of}, {changes} expect: {expect}}}\n")
        (scenario,) = scenarios(rules)
        return run_scenario(rules, scenario, "reference")

    return run


def test_a_case_with_several_dates_is_a_scenario_for_each(load: Callable[[str], RuleSet]) -> None:
    """A list of as-of dates gives one scenario a date, each with an id of its own, at the place of the case."""
    rules = load("  one: {title: t, profile: good, as_of: [2024-01-01, 2025-01-01], expect: {outcome: subject_to_judgement}}\n")
    found = list(scenarios(rules))
    assert [each.id for each in found] == ["xx.route::one@2024-01-01", "xx.route::one@2025-01-01"]
    assert {each.span.line for each in found} == {5}
    assert {each.path.name for each in found} == {"scenarios.yaml"}
    assert all(run_scenario(rules, each, "reference").passed for each in found)


@pytest.mark.parametrize(("only", "count"), [(None, 1), (["xx.route"], 1), (["xx"], 1), (["xx.other"], 0), (["x"], 0), ([], 0)])
def test_scenarios_are_chosen_by_rule_or_pack(load: Callable[[str], RuleSet], only: list[str] | None, count: int) -> None:
    """The id of a rule or the name of a pack chooses its scenarios; part of a name chooses nothing."""
    rules = load("  one: {title: t, profile: good, as_of: 2024-01-01, expect: {}}\n")
    assert len(list(scenarios(rules, only))) == count


def test_a_case_changes_a_copy_of_its_profile(load: Callable[[str], RuleSet]) -> None:
    """`with` sets, also what was not there; `without` removes; the next case begins from the profile as it is written."""
    rules = load(
        "  one: {title: t, profile: good, as_of: 2024-01-01,"
        " with: {offer.hours: null, case.new.date: 1}, without: [offer.level], expect: {}}\n"
        "  two: {title: t, profile: good, as_of: 2024-01-01, expect: {}}\n"
    )
    one, two = scenarios(rules)
    assert one.profile == {"offer": {"here": True, "hours": None, "tags": ["a", "b"]}, "case": {"new": {"date": 1}}}
    assert two.profile == {"offer": {"here": True, "hours": 40, "level": "high", "tags": ["a", "b"]}}


@pytest.mark.parametrize(
    ("case", "problem"),
    [
        ("profile: god", "there is no profile `god`; did you mean `good`?"),
        ("profile: good, without: [offer.nothing]", "`without: offer.nothing`: the profile does not state it"),
        ("profile: good, without: [offer.hours.deep]", "`without: offer.hours.deep`: the profile does not state it"),
        (
            "profile: good, with: {offer.hours.deep: 1}",
            "`with: offer.hours.deep`: something that is not a group stands in its way",
        ),
        (
            "profile: good, with: {offer.hours.very.deep: 1}",
            "`with: offer.hours.very.deep`: something that is not a group stands in its way",
        ),
        (
            "profile: good, with: {offer.hurs: 1}",
            "offer.hurs: E401 unknown fact `offer.hurs`\n  help: did you mean `offer.hours`?",
        ),
    ],
)
def test_a_case_whose_profile_cannot_be_made_fails(load: Callable[[str], RuleSet], case: str, problem: str) -> None:
    """A scenario whose profile cannot be made, or is not valid, fails and says why."""
    rules = load(f"  one: {{title: t, as_of: 2024-01-01, {case}, expect: {{outcome: eligible}}}}\n")
    result = run_scenario(rules, next(scenarios(rules)), "reference")
    assert (result.problems, result.report) == ((problem,), None)


def test_a_scenario_of_an_unknown_rule_fails(tmp_path: Path, load: Callable[[str], RuleSet]) -> None:
    """A scenario file about a rule that is not there fails with a suggestion."""
    load("  one: {title: t, profile: good, as_of: 2024-01-01, expect: {}}\n")
    file = tmp_path / "scenarios.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("xx.route", "xx.rout"), encoding="utf-8")
    rules = load_rules(tmp_path, bundled=False)
    (problem,) = run_scenario(rules, next(scenarios(rules)), "reference").problems
    assert problem.startswith("E600 there is no rule `xx.rout`\n  help: did you mean `xx.route`?")


@pytest.mark.parametrize(
    "expect",
    [
        "{outcome: subject_to_judgement}",
        "{met: [hours, hours.full, level], judgement: [genuine], not_applicable: [hours.part], failing: []}",
        "{values: {least: 30, share: 70, third: 40/3, busy: true, named: high}}",
        "{notes: ['At least 30.']}",
    ],
)
def test_what_comes_out_as_expected_passes(outcome: Callable[..., ScenarioResult], expect: str) -> None:
    """Every kind of expectation can be met."""
    assert outcome(expect).problems == ()


@pytest.mark.parametrize(
    ("expect", "changes", "problem"),
    [
        (
            "{outcome: eligible}",
            "",
            "outcome: expected eligible, came out subject_to_judgement (judgement `genuine`)",
        ),
        (
            "{outcome: eligible}",
            "with: {offer.here: false},",
            "outcome: expected eligible, came out not_applicable (does not concern: The job is elsewhere.)",
        ),
        ("{met: [level]}", "with: {offer.level: low},", "`level`: expected met, came out not_met"),
        ("{not_met: [level]}", "", "`level`: expected not_met, came out met"),
        ("{unknown: [level]}", "", "`level`: expected unknown, came out met"),
        ("{judgement: [level]}", "", "`level`: expected judgement, came out met"),
        ("{met: [levl]}", "", "met: there is no criterion `levl`; did you mean `level`?"),
        ("{met: [hours.late]}", "", "met: the criterion `hours.late` is not in force on 2024-06-01"),
        ("{not_applicable: [hours.part]}", "with: {offer.level: low},", "`hours.part`: expected not_applicable, but it applies"),
        ("{not_applicable: [nothing]}", "", "not_applicable: there is no criterion `nothing`"),
        ("{failing: [level]}", "with: {offer.hours: 1},", "failing: expected `level`, came out `hours`"),
        ("{failing: []}", "with: {offer.hours: 1},", "failing: expected nothing, came out `hours`"),
        ("{missing: [offer.hours]}", "without: [offer.level],", "missing: expected `offer.hours`, came out `offer.level`"),
        ("{missing_exactly: []}", "without: [offer.level],", "missing_exactly: expected nothing, came out `offer.level`"),
        ("{values: {leest: 30}}", "", "values: the rule has no value `leest`; did you mean `least`?"),
        ("{values: {least: 31}}", "", "value `least`: expected 31, came out 30"),
        ("{values: {share: 0.7}}", "", "value `share`: expected 0.7, came out 70"),
        ("{values: {third: 13.33}}", "", "value `third`: expected 13.33, came out 40/3"),
        ("{values: {third: many}}", "", "value `third`: expected a number, found the text `many`"),
        ("{values: {third: 1/0}}", "", "value `third`: expected a number, found the text `1/0`"),
        ("{values: {busy: false}}", "", "value `busy`: expected false, came out true"),
        ("{values: {busy: null}}", "", "value `busy`: expected null, came out true"),
        ("{values: {busy: true}}", "without: [offer.hours],", "value `busy`: expected true, came out null"),
        ("{values: {named: low}}", "", "value `named`: expected low, came out high"),
        ("{values: {named: middle}}", "", "value `named`: expected one of `low`, `high`, found the text `middle`"),
        ("{notes: [At least 31]}", "", "notes: none says `At least 31`"),
    ],
)
def test_what_comes_out_otherwise_is_said(
    outcome: Callable[..., ScenarioResult], expect: str, changes: str, problem: str
) -> None:
    """Every kind of expectation that is not met is one problem that names what was expected and what came out."""
    assert outcome(expect, changes).problems == (problem,)


def test_the_profile_decides_on_each_date_anew(outcome: Callable[..., ScenarioResult]) -> None:
    """A scenario is evaluated as of its date: what is in force then, with the figures of that day."""
    assert outcome("{values: {least: 35.5}, met: [hours.late]}", as_of="2025-01-01").problems == ()
