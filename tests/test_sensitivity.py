"""Sensitivities: every edge is where evaluation says it is, and nothing in between changes the outcome."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any, cast

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from book_builder import AS_OF, NUMBER, book, profiles, roots
from eligibility.cli import main
from eligibility.datatypes import Money, Value
from eligibility.diagnostics import ProfileError, UsageError
from eligibility.engine import RuleSet, load_rules
from eligibility.facts import Profile
from eligibility.sensitivity import SETTLED, Edge, Leeway, Sensitivity, sensitivity
from eligibility.status import Status

EXAMPLES = Path(__file__).parents[1] / "examples"
PACK = """pack: scale
title: Scale
version: 1.0.0
jurisdiction: WORLD
language: 1
maintainer: eligibility contributors
licence: Apache-2.0
"""
FACTS = """currencies: {file: currencies.csv}
facts:
  x.pay: {label: pay, type: money, question: 'What is paid?', changed_by: employer}
  x.hours: {label: weekly hours, type: decimal, unit: hours/week, min: 0, max: 100, question: 'How long?', changed_by: employer}
  x.share: {label: share of the firm, type: decimal, unit: percent, question: 'How much?', changed_by: employer}
  x.staff: {label: staff, type: integer, question: 'How many?', changed_by: employer}
  x.filed: {label: date of filing, type: date, question: 'When filed?', changed_by: applicant}
  x.tests:
    label: tests
    type: record
    list: true
    question: Which tests?
    changed_by: applicant
    fields:
      score: {label: score of the test, type: decimal, question: 'Which score?'}
      taken: {label: day of the test, type: date, question: 'When?'}
  x.partner: {label: partner, type: boolean, applies_when: x.staff > 3, question: 'A partner?', changed_by: applicant}
"""
RULE = """pathway: scale.permit
title: Permit
in_force: {from: 2020-01-01}
sources: {L: {title: Law, url: 'https://example.org', read_on: 2026-01-01, grade: A}}
parameters:
  least: {title: least pay, unit: EUR/year, values: {2020-01-01: {value: 40000, cite: L 1}}}
  most: {title: most hours, unit: hours/week, values: {2020-01-01: {value: 40, cite: L 2}}}
  stake: {title: greatest share, unit: percent, values: {2020-01-01: {value: 25, cite: L 3}}}
  life: {title: life of a test, unit: years, values: {2020-01-01: {value: 2, cite: L 4}}}
  wanted: {title: pass mark, unit: count, values: {2020-01-01: {value: 6.5, cite: L 4}}}
  crew: {title: crew, unit: count, values: {2020-01-01: {value: 10, cite: L 5}}}
  crowd: {title: crowd, unit: count, values: {2020-01-01: {value: 20, cite: L 5}}}
criteria:
  pay: {title: The pay suffices, cite: L 1, met_when: 'convert(x.pay, "EUR/year") >= least'}
  hours: {title: The hours are few, cite: L 2, met_when: x.hours < most}
  share: {title: The share is small, cite: L 3, met_when: x.share <= stake}
  test: {title: A test holds, cite: L 4, met_when: 'any(t.score >= wanted and t.taken + life > x.filed for t in x.tests)'}
  staff: {title: The staff is small or large, cite: L 5, met_when: x.staff < crew or x.staff > crowd}
"""
CASE: dict[str, Any] = {
    "x": {
        "pay": {"amount": 3400, "currency": "EUR", "period": "month"},
        "hours": 39.5,
        "share": 12.5,
        "staff": 8,
        "filed": "2026-03-01",
        "tests": [{"score": 5, "taken": "2026-01-01"}, {"score": 7, "taken": "2024-06-30"}],
    }
}


@pytest.fixture(scope="module")
def scale(tmp_path_factory: pytest.TempPathFactory) -> RuleSet:
    """One pathway with a bound of each kind."""
    folder = tmp_path_factory.mktemp("scale")
    for name, text in (("pack", PACK), ("facts", FACTS), ("permit", RULE)):
        (folder / f"{name}.yaml").write_text(text)
    (folder / "currencies.csv").write_text("code,name,minor_units\nEUR,Euro,2\n")
    return load_rules(folder, bundled=False)


@cache
def bundled() -> RuleSet:
    return load_rules()


def only(rules: RuleSet, case: Mapping[str, Any]) -> Sensitivity:
    (found,) = sensitivity(rules, case, "2026-03-01")
    return found


def test_each_fact_has_its_exact_interval(scale: RuleSet) -> None:
    """Money moves by the cent, hours by the hundredth, whole numbers by one, days by the day, fields of records too."""
    found = only(scale, CASE)
    assert found.outcome.status is Status.ELIGIBLE
    failed = Status.NOT_ELIGIBLE

    def euros(cents: int) -> Money:
        amount = Fraction(cents, 100)
        return Money(amount.numerator if amount.denominator == 1 else amount, "EUR", "month")

    edges = {each.fact: (each.low, each.high) for each in found.leeways}
    assert edges == {
        "x.pay": (Edge(euros(333334), euros(333333), failed), None),
        "x.hours": (None, Edge(Fraction(3999, 100), 40, failed)),
        "x.share": (None, Edge(Fraction(1, 4), Fraction(2501, 10000), failed)),
        "x.staff": (None, Edge(9, 10, failed)),
        "x.filed": (None, Edge(date(2026, 6, 29), date(2026, 6, 30), failed)),
        "x.tests[1].score": (Edge(Fraction(13, 2), Fraction(649, 100), failed), None),
        "x.tests[1].taken": (Edge(date(2024, 3, 2), date(2024, 3, 1), failed), None),
    }
    assert [each.fact for each in found.leeways][:2] == ["x.hours", "x.pay"]


def test_of_a_failure_the_way_to_what_no_longer_fails_is_found(scale: RuleSet) -> None:
    """An outcome that fails has edges where it stops failing, on both sides of a gap."""
    case = {"x": {**CASE["x"], "staff": 15}}
    (leeway,) = only(scale, case).leeways
    assert (leeway.low, leeway.high) == (Edge(10, 9, Status.ELIGIBLE), Edge(20, 21, Status.ELIGIBLE))
    assert leeway.spare == Fraction(5, 15)


def test_a_value_with_which_another_fact_no_longer_applies_is_an_edge(scale: RuleSet) -> None:
    """Where a stated fact would be ruled out, the profile contradicts itself: the interval ends there."""
    case = {"x": {**CASE["x"], "partner": True}}
    (staff,) = (each for each in only(scale, case).leeways if each.fact == "x.staff")
    assert staff.low == Edge(4, 3, None)


def test_the_margins_of_conditions_come_with_the_closest_first(scale: RuleSet) -> None:
    """Every condition on a number or day that has to be met has its margin, as a share of what is required."""
    margins = only(scale, CASE).margins
    assert [(each.node.id, each.closeness) for each in margins][:2] == [("hours", Fraction(1, 80)), ("pay", Fraction(1, 50))]
    assert list(margins) == sorted(margins, key=lambda each: each.closeness)


def test_what_is_open_has_no_sensitivity(scale: RuleSet) -> None:
    """An undetermined outcome is left out: it is not settled."""
    assert sensitivity(scale, {"x": {**CASE["x"], "hours": None}}, "2026-03-01") == ()


def stated(profile: Profile, fact: str, value: Value) -> Profile:
    """The profile with another value of a fact, or of a field of a record."""
    path, _, rest = fact.partition("[")
    if not rest:
        return Profile({**profile.facts, path: value})
    position, _, name = rest.partition("].")
    records = cast("tuple[Mapping[str, Value], ...]", profile.facts[path])
    moved = tuple({**each, name: value} if at == int(position) else each for at, each in enumerate(records))
    return Profile({**profile.facts, path: moved})


def status(rules: RuleSet, profile: Profile, name: str, as_of: date) -> Status | None:
    try:
        return rules.evaluate(profile, as_of=as_of, pathways=[name], engine="reference")[name].status
    except ProfileError:
        return None


def confirm(rules: RuleSet, profile: Profile, found: Sensitivity, leeway: Leeway) -> None:
    """Evaluate on both sides of every edge."""
    for edge in (leeway.low, leeway.high):
        if edge is not None and edge.exact:
            name, as_of = found.outcome.id, found.outcome.as_of
            assert status(rules, stated(profile, leeway.fact, edge.last), name, as_of) is found.outcome.status
            assert status(rules, stated(profile, leeway.fact, edge.next), name, as_of) is edge.status
            assert edge.status is not found.outcome.status


@pytest.mark.parametrize("example", ["ml_engineer_london", "ml_engineer_munich", "nlp_engineer_amsterdam"])
def test_evaluation_confirms_every_edge_of_the_bundled_rules(example: str) -> None:
    """On both sides of every edge of an example the outcome is what the interval says."""
    profile = bundled().profile(EXAMPLES / f"{example}.json")
    found = sensitivity(bundled(), profile, "2026-11-23")
    assert any(each.leeways for each in found)
    for each in found:
        for leeway in each.leeways:
            confirm(bundled(), profile, each, leeway)


def _is_small(value: Value) -> bool:
    return isinstance(value, int) and abs(value) < 10**6


generated = settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])


@generated
@given(roots(depth=3), profiles(), st.data())
def test_no_value_inside_an_interval_changes_the_outcome(roots: Any, facts: Mapping[str, Value], data: st.DataObject) -> None:
    """Of generated rules, any value between the edges gives the same status, and both edges are confirmed."""
    whole = dataclasses.replace(book(*roots), changes=())
    declared = {path: dataclasses.replace(each, integer=True) for path, each in whole.facts.items() if each.type == NUMBER}
    rules = RuleSet(dataclasses.replace(whole, facts={**whole.facts, **declared}))
    small = {path: value for path, value in facts.items() if path not in declared or _is_small(value)}
    profile = Profile(small)
    try:
        found = sensitivity(rules, profile, AS_OF)
    except ProfileError:
        return
    for each in found:
        known = {leeway.fact: leeway for leeway in each.leeways}
        for fact in ("n.a", "n.b"):
            if fact not in small:
                continue
            value = cast("int", small[fact])
            leeway = known.get(fact)
            if leeway is not None:
                confirm(rules, profile, each, leeway)
            low = cast("int", leeway.low.last) if leeway and leeway.low else value - 1000 * max(abs(value), 1)
            high = cast("int", leeway.high.last) if leeway and leeway.high else value + 1000 * max(abs(value), 1)
            inside = data.draw(st.integers(max(low, value - 50_000), min(high, value + 50_000)))
            assert each.outcome.status in SETTLED
            assert status(rules, stated(profile, fact, inside), each.outcome.id, AS_OF) in (each.outcome.status, None)


def test_calls_that_make_no_sense_are_refused(scale: RuleSet) -> None:
    """An unknown pathway, an unreadable date and a profile without facts are reported."""
    with pytest.raises(UsageError, match="E600"):
        sensitivity(scale, CASE, "2026-03-01", ["scale.permitt"])
    with pytest.raises(UsageError, match="E602"):
        sensitivity(scale, CASE, "soon")
    with pytest.raises(ProfileError, match="E407"):
        sensitivity(scale, {}, "2026-03-01")


def test_the_command_prints_intervals_and_margins() -> None:
    """The text says how far each fact can move and what comes beyond; the JSON has the values."""
    profile = str(EXAMPLES / "nlp_engineer_amsterdam.json")
    common = ["sensitivity", profile, "--as-of", "2026-11-23", "--pathway", "nl.blue_card"]
    text = " ".join(CliRunner().invoke(main, common, standalone_mode=False).output.split())
    said = (
        "1. the basic pay is EUR 4,600 a month (3.3% to spare): the outcome stays up to EUR 4,753.99 a month; above undetermined"
    )
    assert said in text
    assert "salary.reduced.pay: short by EUR 154 a month (3.2%)" in text
    found = json.loads(CliRunner().invoke(main, [*common, "--format", "json"], standalone_mode=False).output)
    assert found["pathways"][0]["facts"][0]["high"] == {
        "last": {"amount": "4753.99", "currency": "EUR", "period": "month"},
        "next": {"amount": 4754, "currency": "EUR", "period": "month"},
        "status": "undetermined",
        "exact": True,
        "way": "15399/460000",
    }
