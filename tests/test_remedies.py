"""Remedies: each works, is minimal, is what somebody can do; and where there is a remedy of one choice, one is found."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any, Final

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pydantic import TypeAdapter

from book_builder import AS_OF, FACTS, book, profiles, roots
from eligibility.cli import main
from eligibility.datatypes import MET, NOT_MET, BooleanType, ChoiceType, Money, Value
from eligibility.diagnostics import EligibilityError, ProfileError, UsageError
from eligibility.engine import RuleSet, load_rules
from eligibility.facts import Profile
from eligibility.nodes import Node
from eligibility.remedies import Advice, Remedy, advise, remedies
from eligibility.remedies.changes import FAILING, REACHED, Place, Plan
from eligibility.remedies.domains import Domains, boundary, nearest
from eligibility.remedies.trial import Cones, Trial
from eligibility.remedies.weighing import groups
from eligibility.remedies_model import RemediesDocument
from eligibility.rule_parts import part_of
from eligibility.scenarios import scenarios
from eligibility.status import Status
from small_rules import load

EXAMPLES: Final = Path(__file__).parents[1] / "examples"
UNDERPAID: Final = EXAMPLES / "ml_engineer_london_underpaid.json"
TODAY: Final = "2026-06-01"
FACTS_OF_DOOR: Final = """\
vocabularies:
  rung: {title: rungs, ordered: true, values: {low: low, middle: middle, high: high}}
  colour: {title: colours, values: {red: red, green: green, blue: blue}}
schemes:
  jobs: {title: jobs, version: "1", pattern: '\\d{4}', publisher: nobody, url: 'https://example.org'}
facts:
  d.pay: {label: pay, type: money, question: '?', changed_by: employer}
  d.hours: {label: hours, type: decimal, unit: hours/week, question: '?', changed_by: employer, min: 1, max: 100}
  d.staff: {label: staff, type: integer, question: '?', changed_by: employer, min: 0}
  d.share: {label: share, type: decimal, unit: percent, question: '?', changed_by: employer, min: 0, max: 100}
  d.rung: {label: rung, type: choice, of: rung, question: '?', changed_by: applicant}
  d.colour: {label: colour, type: choice, of: colour, question: '?', changed_by: applicant}
  d.colours: {label: colours, type: choice, of: colour, list: true, question: '?', changed_by: employer}
  d.job: {label: job, type: code, scheme: jobs, question: '?', changed_by: employer}
  d.other_job: {label: other job, type: code, scheme: jobs, question: '?', changed_by: nobody}
  d.country: {label: country, type: country, question: '?', changed_by: employer}
  d.born: {label: birth, type: date, question: '?', changed_by: nobody}
  d.tested: {label: test, type: date, question: '?', changed_by: applicant}
  d.years: {label: experience, type: decimal, unit: years, question: '?', changed_by: time, min: 0, max: 60}
  d.licence: {label: licence, type: boolean, question: '?', changed_by: authority}
  d.vouched: {label: voucher, type: boolean, question: '?', changed_by: authority}
  d.licence_class: {label: licence class, type: choice, of: rung, question: "?", changed_by: authority, applies_when: d.licence}
  d.yes: {label: consent, type: boolean, question: '?', changed_by: applicant}
  d.too: {label: further consent, type: boolean, question: '?', changed_by: applicant}
  d.degrees:
    label: degrees
    type: record
    list: true
    question: '?'
    changed_by: applicant
    fields:
      rung: {label: rung, type: choice, of: rung, question: '?'}
      colour: {label: colour, type: choice, of: colour, question: '?'}
      sound: {label: soundness, type: boolean, question: '?'}
      months: {label: months, type: integer, question: '?', min: 0}
"""
LAW: Final = """
parameters:
  wanted: {title: pay needed, unit: GBP/year, values: {2020-01-01: {value: 40001, cite: LAW 1}}}
  more: {title: pay needed for long hours, unit: GBP/year, values: {2020-01-01: {value: 50000, cite: LAW 1}}}
  long: {title: long hours, unit: hours/week, values: {2020-01-01: {value: 40, cite: LAW 1}}}
  few: {title: few, unit: count, values: {2020-01-01: {value: 10, cite: LAW 1}}}
  half: {title: half, unit: percent, values: {2020-01-01: {value: 50, cite: LAW 1}}}
  two: {title: two, unit: years, values: {2020-01-01: {value: 2, cite: LAW 1}}}
  mark: {title: pass mark, unit: count, values: {2020-01-01: {value: 6, cite: LAW 1}}}
lists:
  listed: {title: listed jobs, of: jobs, cite: LAW 2, entries: ["1111", "2134", "2135"]}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("remedies")


def door(folder: Path, criteria: str) -> RuleSet:
    """A pathway with some criteria, on facts of every type."""
    place = folder / f"door{len(list(folder.iterdir()))}"
    place.mkdir()
    return load(place, LAW + "criteria:\n" + criteria, facts=FACTS_OF_DOOR)


def found(rules: RuleSet, facts: Mapping[str, object], **options: Any) -> list[list[str]]:
    """The remedies of the pathway, each as the words of its changes."""
    return [[change.words for change in each.changes] for each in the_remedies(rules, facts, **options)]


def the_remedies(rules: RuleSet, facts: Mapping[str, object], **options: Any) -> tuple[Remedy, ...]:
    return remedies(rules, {"d": facts}, TODAY, "small.visa", **options)


def the_advice(rules: RuleSet, facts: Mapping[str, object], **options: Any) -> Advice:
    (advice,) = advise(rules, {"d": facts}, TODAY, ["small.visa"], **options)
    return advice


def pay(amount: object, period: str | None = "year", currency: str = "GBP") -> dict[str, object]:
    return {"amount": amount, "currency": currency, "period": period}


# one condition at a time

PAY = 'convert(d.pay, "GBP/year", hours_per_week=d.hours, weeks_per_year=weeks(52))'


@pytest.mark.parametrize(
    ("condition", "facts", "expected"),
    [
        (f"{PAY} >= wanted", {"pay": pay(38000)}, "raise the pay from GBP 38,000 a year to GBP 40,001 a year"),
        (f"{PAY} > wanted", {"pay": pay(38000)}, "raise the pay from GBP 38,000 a year to GBP 40,001.01 a year"),
        (f"{PAY} >= wanted", {"pay": pay(3000, "month")}, "raise the pay from GBP 3,000 a month to GBP 3,333.42 a month"),
        (
            f"{PAY} >= wanted",
            {"pay": pay(5, "hour"), "hours": 90},
            "raise the pay from GBP 5 an hour to GBP 8.55 an hour",
        ),
        (f"{PAY} < wanted", {"pay": pay(50000)}, "lower the pay from GBP 50,000 a year to GBP 40,000.99 a year"),
        ("d.staff == few", {"staff": 3}, "raise the staff from 3 to 10"),
        ("d.staff != few", {"staff": 10}, "raise the staff from 10 to 11"),
        ("d.staff <= few", {"staff": 12}, "lower the staff from 12 to 10"),
        ("d.share >= half", {"share": 30}, "raise the share from 30% to 50%"),
        ("d.share > half", {"share": 30}, "raise the share from 30% to 50.01%"),
        ("d.hours * 2 - 3 >= long", {"hours": 20}, None),
        ('d.rung >= "middle"', {"rung": "low"}, "change the rung from low to middle (or high)"),
        ('d.colour in ["green", "blue"]', {"colour": "red"}, "change the colour from red to green (or blue)"),
        ('"green" in d.colours', {"colours": ["red"]}, "add green to the colours"),
        ('not "red" in d.colours', {"colours": ["red", "blue"]}, "take red from the colours"),
        ("d.job in listed", {"job": "2139"}, "change the job from 2139 to 2134 (or 2135 or 1111)"),
        ("d.job == d.other_job", {"job": "2139", "other_job": "1111"}, "change the job from 2139 to 1111"),
        (
            'd.country != "NO"',
            {"country": "NO"},
            "change the country from Norway to Germany (or France, United Kingdom or United States)",
        ),
        ("d.yes", {"yes": False}, "change the consent from no to yes"),
        ("not d.yes", {"yes": True}, "change the consent from yes to no"),
        ("d.tested + two > as_of", {"tested": "2020-01-01"}, "move the test from 2020-01-01 to 2026-06-01"),
        ("d.tested >= as_of + days(10)", {"tested": "2026-06-03"}, "move the test from 2026-06-03 to 2026-06-11"),
        ("d.years >= two", {"years": 1.25}, "wait until the experience comes to 2 years, from 1.25 years"),
    ],
)
def test_a_condition_is_turned_round_by_the_nearest_value(
    folder: Path, condition: str, facts: dict[str, object], expected: str | None
) -> None:
    """Thresholds are reached exactly, in the unit, currency and period that are stated; choices and lists by one value."""
    if expected is None:
        condition, expected = "d.hours + d.hours - long >= long", "raise the hours from 20 hours a week to 40 hours a week"
    rules = door(folder, f"  it: {{title: It, cite: LAW 1, met_when: '{condition}'}}\n")
    first, *_ = the_remedies(rules, facts)
    assert [change.words for change in first.changes] == [expected]
    assert first.status is Status.ELIGIBLE


def test_records_are_added_with_no_more_than_is_needed(folder: Path) -> None:
    """Where no record fulfils a condition, one more with the fields that count is enough, at the lowest level that does."""
    condition = 'any(x.rung >= "middle" and x.sound for x in d.degrees if x.colour == "green")'
    rules = door(folder, f"  it: {{title: It, cite: LAW 1, met_when: '{condition}'}}\n")
    held = [{"rung": "high", "colour": "red", "sound": True, "months": 3}]
    assert found(rules, {"degrees": held}) == [["add a degree: colour green, rung middle (or high), soundness yes"]]
    assert found(rules, {"degrees": []}) == [["add a degree: colour green, rung middle (or high), soundness yes"]]


def test_a_field_of_a_record_is_changed_where_the_record_stays_what_it_is(folder: Path) -> None:
    """What was left undone about a record can be done; another kind of record is added instead."""
    condition = 'any(x.colour == "green" and x.sound for x in d.degrees)'
    rules = door(folder, f"  it: {{title: It, cite: LAW 1, met_when: '{condition}'}}\n")
    held = [{"colour": "red", "sound": True}, {"colour": "green", "sound": False}]
    assert found(rules, {"degrees": held}) == [
        ["change the soundness (degree 2) from no to yes"],
        ["add a degree: colour green, soundness yes"],
    ]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ('count(x for x in d.degrees if x.colour == "green") >= 2', ["add a degree: colour green", "add a degree: colour green"]),
        ("sum(x.months for x in d.degrees) >= 24", ["raise the months (degree 1) from 3 to 24"]),
        ('sum(x.months for x in d.degrees if x.colour == "green") >= 24', ["add a degree: colour green, months 24"]),
    ],
)
def test_what_is_counted_or_summed_up_over_records_is_reached(folder: Path, condition: str, expected: list[str]) -> None:
    """As many records as it takes are added, or a figure of one raised, to the exact number."""
    rules = door(folder, f"  it: {{title: It, cite: LAW 1, met_when: '{condition}'}}\n")
    assert found(rules, {"degrees": [{"colour": "red", "months": 3}]})[0] == expected


def test_points_are_made_up_by_the_rows_that_suffice(folder: Path) -> None:
    """Rows are turned round until the pass mark is reached, and no more of them."""
    rows = (
        "{a: {title: A, award: 3, when: d.yes}, b: {title: B, award: 3, when: d.too}, "
        "c: {title: C, award: 6, when: 'd.rung == \"high\"'}}"
    )
    rules = door(folder, f"  it: {{title: It, cite: LAW 1, pass_mark: mark, points: {rows}}}\n")
    assert found(rules, {"yes": False, "too": False, "rung": "low"}) == [
        ["change the rung from low to high"],
        ["change the further consent from no to yes", "change the consent from no to yes"],
    ]


# several conditions


def test_alternatives_are_put_together_and_ranked(folder: Path) -> None:
    """All failing criteria are mended at once; what applicant and employer can do comes before authorities and time."""
    rules = door(
        folder,
        "  pay: {title: Pay, cite: LAW 1, any: {a: '" + PAY + " >= wanted', b: d.licence, c: d.years >= two}}\n"
        "  consent: {title: Consent, cite: LAW 1, met_when: d.yes}\n",
    )
    facts = {"pay": pay(38000), "licence": False, "years": 1, "yes": False}
    consent = "change the consent from no to yes"
    assert found(rules, facts, limit=9) == [
        ["raise the pay from GBP 38,000 a year to GBP 40,001 a year", consent],
        ["change the licence from no to yes", consent],
        ["wait until the experience comes to 2 years, from 1 year", consent],
    ]
    assert len(the_remedies(rules, facts, limit=2)) == 2


def test_a_change_that_turns_another_condition_against_it_is_carried_on(folder: Path) -> None:
    """Where a change breaks what held before, that is mended too, or another way taken."""
    rules = door(
        folder,
        "  hours: {title: Hours, cite: LAW 1, met_when: d.hours >= long}\n"
        "  pay: {title: Pay, cite: LAW 1, met_when: '" + PAY + " >= (more if d.hours >= long else wanted)'}\n",
    )
    assert found(rules, {"pay": pay(41000), "hours": 30}) == [
        ["raise the hours from 30 hours a week to 40 hours a week", "raise the pay from GBP 41,000 a year to GBP 50,000 a year"]
    ]


def test_facts_that_do_not_apply_are_let_apply(folder: Path) -> None:
    """Where the class of a licence fails because there is none, the remedy is a licence; its class is then open."""
    rules = door(folder, "  it: {title: It, cite: LAW 1, met_when: 'd.licence and d.licence_class >= \"middle\"'}\n")
    (remedy,) = the_remedies(rules, {"licence": False})
    assert [change.words for change in remedy.changes] == ["change the licence from no to yes"]
    assert remedy.status is Status.UNDETERMINED
    assert [each.name for each in remedy.open] == ["d.licence_class"]


def test_facts_that_no_longer_apply_are_withdrawn(folder: Path) -> None:
    """A change that rules a stated fact out says so."""
    rules = door(folder, "  it: {title: It, cite: LAW 1, met_when: not d.licence}\n")
    (remedy,) = the_remedies(rules, {"licence": True, "licence_class": "low"})
    assert remedy.withdrawn == ("d.licence_class",)
    assert "d.licence_class" not in remedy.facts


def test_what_a_change_opens_counts_as_one_more(folder: Path) -> None:
    """A change that only lets another question arise comes after one that settles the matter."""
    rules = door(
        folder, "  it: {title: It, cite: LAW 1, any: ['d.licence and d.licence_class >= \"middle\"', d.too, d.vouched]}\n"
    )
    facts = {"licence": False, "too": False, "vouched": False}
    assert found(rules, facts) == [
        ["change the further consent from no to yes"],
        ["change the voucher from no to yes"],
        ["change the licence from no to yes"],
    ]


def test_an_undetermined_outcome_names_what_is_open(folder: Path) -> None:
    """A remedy that leaves unknown facts says which; it does not fill them."""
    rules = door(folder, "  it: {title: It, cite: LAW 1, all: [d.yes, d.too]}\n")
    (remedy,) = the_remedies(rules, {"yes": False})
    assert (remedy.status, [each.name for each in remedy.open]) == (Status.UNDETERMINED, ["d.too"])


# what nobody can change


def test_what_nobody_can_change_is_left_unless_asked(folder: Path) -> None:
    """A date of birth is no remedy; with `anything` it is named, with the exact day."""
    rules = door(folder, "  it: {title: Old enough, cite: LAW 1, met_when: d.born + two <= as_of}\n")
    advice = the_advice(rules, {"born": "2025-01-01"})
    assert advice.remedies == ()
    assert [(each.criterion, each.certain, each.words) for each in advice.obstacles] == [
        ("it", True, "“Old enough” is not met, and nobody can change the birth")
    ]
    assert found(rules, {"born": "2025-01-01"}, anything=True) == [["move the birth from 2025-01-01 to 2024-06-01"]]


def test_a_date_is_not_moved_into_the_past(folder: Path) -> None:
    """What should have been done earlier cannot be done any more."""
    rules = door(folder, "  it: {title: Tested in time, cite: LAW 1, met_when: d.tested + two <= as_of}\n")
    advice = the_advice(rules, {"tested": "2026-01-01"})
    assert advice.remedies == ()
    assert [(each.criterion, each.certain) for each in advice.obstacles] == [("it", False)]
    assert found(rules, {"tested": "2026-01-01"}, anything=True) == [["move the test from 2026-01-01 to 2024-06-01"]]


def test_time_does_not_run_backwards(folder: Path) -> None:
    """What grows with time is never made less."""
    rules = door(folder, "  it: {title: Fresh, cite: LAW 1, met_when: d.years <= two}\n")
    assert found(rules, {"years": 3}) == []
    assert found(rules, {"years": 3}, anything=True) == [["wait until the experience comes to 2 years, from 3 years"]]


def test_law_alone_is_no_persons_to_change(folder: Path) -> None:
    """A criterion that reads no fact has no remedy, and says so."""
    rules = door(folder, "  it: {title: Open, cite: LAW 1, on_failure: not_available, met_when: two > years(3)}\n")
    (obstacle,) = the_advice(rules, {"yes": True}).obstacles
    assert obstacle.words == "“Open” is not met, and no fact of the profile can change that"
    assert obstacle.certain


def test_leaving_the_scope_of_a_pathway_is_no_remedy(folder: Path) -> None:
    """A change with which the pathway no longer concerns the case is not proposed."""
    place = folder / "scope"
    place.mkdir()
    body = (
        'applies_when: [{when: d.country == "NO", otherwise: It is elsewhere.}]\n'
        "criteria:\n  it: {title: It, cite: LAW 1, any: [d.yes, 'd.country != \"NO\"']}\n"
    )
    rules = load(place, body, facts=FACTS_OF_DOOR)
    assert found(rules, {"country": "NO", "yes": False}) == [["change the consent from no to yes"]]
    away = the_advice(rules, {"country": "FR"})
    assert away.remedies == ()
    assert away.obstacles[0].words == "it does not concern the case: It is elsewhere"


def test_another_job_comes_last(folder: Path) -> None:
    """Another occupation is a remedy, but a greater one than two changes of the job that is offered."""
    rules = door(folder, "  it: {title: It, cite: LAW 1, any: [d.job in listed, d.yes and d.too]}\n")
    assert [len(each) for each in found(rules, {"job": "9999", "yes": False, "too": False})] == [2, 1]


def test_what_does_not_fail_needs_no_remedy(folder: Path) -> None:
    """An eligible pathway has neither remedies nor obstacles other than that."""
    rules = door(folder, "  it: {title: It, cite: LAW 1, met_when: d.yes}\n")
    advice = the_advice(rules, {"yes": True})
    assert (advice.remedies, [each.words for each in advice.obstacles]) == ((), ["nothing stands in its way"])
    assert advise(rules, {"d": {"yes": True}}, TODAY) == ()


@given(st.integers(-500, 500), st.integers(-500, 500), st.integers(1, 9))
def test_the_nearest_number_is_found(start: int, mark: int, first: int) -> None:
    """On the way to an end the first number that passes is found, where all further ones pass."""
    if mark > start:
        assert nearest(start, 10_000, first, lambda number: number >= mark) == mark
    if mark < start:
        assert nearest(start, -10_000, first, lambda number: number <= mark) == mark
        assert boundary(start, -10_000, lambda number: number <= mark) == mark
    assert nearest(start, start, first, lambda number: True) is None


# on generated rules

CHANGED_BY: Final = ("applicant", "employer", "nobody")
quietly = settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])


def made(nodes: tuple[Node, ...]) -> RuleSet:
    """A book of generated rules whose facts can be changed, every third excepted."""
    plain = book(*nodes)
    facts = {
        path: replace(declared, changed_by=CHANGED_BY[position % len(CHANGED_BY)])
        for position, (path, declared) in enumerate(plain.facts.items())
    }
    return RuleSet(replace(plain, facts=facts))


def status(rules: RuleSet, facts: Mapping[str, Value], rule: str, as_of: date) -> Status | None:
    """How a rule comes out; None where the facts contradict each other."""
    try:
        return rules.evaluate(Profile(facts), as_of=as_of, pathways=[rule], engine="reference")[rule].status
    except ProfileError:
        return None


def trial(rules: RuleSet, facts: Mapping[str, Value], rule: str, as_of: date) -> Trial:
    compiled = rules.compiled(as_of)
    return Trial(Cones(compiled, next(each for each in compiled.rules if each.rule.id == rule)), facts, as_of)


def parts(plan: Plan, facts: Mapping[str, Value]) -> Iterator[dict[Place, Value]]:
    """Every plan that leaves out some of the changes of another."""
    each = list(groups(plan, facts).values())
    for count in range(1, len(each)):
        for chosen in combinations(each, count):
            yield {place: plan[place] for part in chosen for place in part}


def check(rules: RuleSet, facts: Mapping[str, Value], rule: str, as_of: date, remedy: Remedy) -> None:
    """A remedy works by evaluation alone, changes what somebody can change, and can do without nothing."""
    assert status(rules, remedy.facts, rule, as_of) is remedy.status
    assert remedy.status in REACHED
    assert all(change.who != "nobody" for change in remedy.changes)
    assert len({each.path for each in remedy.plan}) >= 1
    tried = trial(rules, facts, rule, as_of)
    assert dict(tried.outcome(remedy.plan).facts) == dict(remedy.facts)
    domains = Domains(rules.book, as_of)
    for fewer in parts(remedy.plan, facts):
        assert not tried.outcome(fewer).works, (rule, remedy.words, fewer)
    for place, value in remedy.plan.items():
        nearer = one_nearer(domains, facts, place, value)
        if nearer is not None:
            assert not tried.outcome({**remedy.plan, place: nearer}).works, (rule, remedy.words, nearer)


def one_nearer(domains: Domains, facts: Mapping[str, Value], place: Place, value: Value) -> Value | None:
    """The value one unit nearer to what is stated; None where that is what is stated, or the value is no number."""
    each = domains.adjustable(place, facts)
    assert each is not None
    if isinstance(value, date):
        if not isinstance(each.now, date):
            return None
        nearer = value + timedelta(days=1 if each.now > value else -1)
        return nearer if nearer != each.now and nearer.toordinal() >= domains.days()[0] else None
    number = value.amount if isinstance(value, Money) else value
    now = domains.number(each) if isinstance(number, int | Fraction) else None
    if now is None or not isinstance(number, int | Fraction):
        return None
    grid = domains.grid(each)
    less = number - grid if number > now else number + grid
    return domains.made(each, less) if (less - now) * (number - now) > 0 else None


@quietly
@given(roots(), profiles())
def test_every_remedy_of_generated_rules_works_and_is_minimal(nodes: tuple[Node, ...], facts: Mapping[str, Value]) -> None:
    """On any rules and profile, evaluation confirms each remedy, and that nothing of it can be left out."""
    rules = made(nodes)
    if not facts or status(rules, facts, "test.r0", AS_OF) not in FAILING:
        return
    for remedy in remedies(rules, Profile(facts), AS_OF, "test.r0"):
        check(rules, facts, "test.r0", AS_OF, remedy)


@quietly
@given(roots(), profiles())
def test_a_remedy_of_one_choice_is_found_where_there_is_one(nodes: tuple[Node, ...], facts: Mapping[str, Value]) -> None:
    """Where trying every value of every condition and choice finds a remedy, the search finds one too."""
    rules = made(nodes)
    if not facts or status(rules, facts, "test.r0", AS_OF) not in FAILING:
        return
    tried = trial(rules, facts, "test.r0", AS_OF)
    works = False
    for path, kind in FACTS.items():
        values: tuple[Value, ...] = (MET, NOT_MET) if isinstance(kind, BooleanType) else getattr(kind, "values", ())
        if isinstance(kind, BooleanType | ChoiceType) and path in facts and rules.book.facts[path].changed_by != "nobody":
            works = works or any(tried.outcome({Place(path): value}).works for value in values)
    if works:
        assert remedies(rules, Profile(facts), AS_OF, "test.r0")


@quietly
@given(roots(), profiles(), profiles())
def test_what_is_certainly_in_the_way_stays_there(
    nodes: tuple[Node, ...], facts: Mapping[str, Value], others: Mapping[str, Value]
) -> None:
    """A criterion that nothing can meet for certain fails whatever becomes of the facts that can be changed."""
    rules = made(nodes)
    if not facts or status(rules, facts, "test.r0", AS_OF) not in FAILING:
        return
    (advice,) = advise(rules, Profile(facts), AS_OF, ["test.r0"])
    assert bool(advice.remedies) is not bool(advice.obstacles)
    can = {path: declared.changed_by != "nobody" for path, declared in rules.book.facts.items()}
    kept = {path: value for path, value in facts.items() if not can[path]}
    free = {path: value for path, value in others.items() if can[path]}
    changed = trial(rules, kept | free, "test.r0", AS_OF).outcome({})
    for obstacle in advice.obstacles:
        if obstacle.certain and changed.consistent and not changed.withdrawn:
            criterion = advice.outcome.condition(obstacle.criterion)
            assert criterion is not None
            assert changed.values[criterion.effective] is NOT_MET


# on the bundled rules


@cache
def bundled() -> RuleSet:
    return load_rules()


@cache
def failing() -> tuple[tuple[str, str, Profile, date], ...]:
    """The scenarios of pathways that fail, by rule and name."""
    cases: list[tuple[str, str, Profile, date]] = []
    for scenario in scenarios(bundled()):
        if scenario.profile is not None and scenario.case.expect.outcome in ("not_eligible", "not_available"):
            try:
                profile = bundled().profile(scenario.profile)
            except EligibilityError:
                continue
            if bundled().book.rules[scenario.rule].kind == "pathway":
                cases.append((scenario.rule, scenario.name, profile, scenario.as_of))
    return tuple(cases)


@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_every_remedy_of_the_bundled_rules_works_and_is_minimal(data: st.DataObject) -> None:
    """On the law and the profiles of its scenarios, evaluation confirms each remedy, and that nothing of it can be left out."""
    rule, _, profile, as_of = failing()[data.draw(st.integers(0, len(failing()) - 1))]
    part = part_of(bundled(), [rule])
    (advice,) = advise(part, profile, as_of, [rule])
    assert bool(advice.remedies) is not bool(advice.obstacles)
    for remedy in advice.remedies:
        check(part, profile.facts, rule, as_of, remedy)


def test_the_example_that_pays_too_little() -> None:
    """The underpaid engineer in London learns what the Scale-up route would take: its licence and its salary, to the pound."""
    first, *_ = remedies(bundled(), UNDERPAID, "2026-11-23", "gb.scale_up")
    assert first.words == (
        "add Scale-up to the routes of the sponsor licence; raise the basic pay from GBP 38,000 a year to GBP 40,000 a year"
    )
    assert {change.who for change in first.changes} == {"employer"}


def test_all_failing_pathways_come_in_the_order_of_the_ranking() -> None:
    """Without a name, every pathway that concerns the case and fails is looked at, the nearest first."""
    report = bundled().evaluate(UNDERPAID, as_of="2026-11-23", engine="reference")
    expected = [rank.outcome.id for rank in report.ranking if rank.outcome.status in FAILING and rank.outcome.compiled.in_force]
    assert [each.outcome.id for each in advise(bundled(), UNDERPAID, "2026-11-23")] == expected


# the command line


def run(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(main, ["remedies", *arguments], prog_name="eligibility")
    return done.exit_code, done.output


def test_the_command_prints_remedies_with_who_must_act() -> None:
    """Each remedy stands under its number, each change with who can make it."""
    code, text = run(str(UNDERPAID), "--as-of", "2026-11-23", "--pathway", "gb.scale_up")
    assert code == 0
    assert "  1. to be subject to judgement:" in text
    assert "     employer  Raise the basic pay from GBP 38,000 a year to GBP 40,000 a year" in text
    assert all(len(line) <= 100 for line in text.splitlines())


def test_the_command_says_why_there_is_no_remedy() -> None:
    """A pathway that does not fail, or does not concern the case, is answered too."""
    code, text = run(str(UNDERPAID), "--as-of", "2026-11-23", "--pathway", "gb.graduate", "--pathway", "de.blue_card")
    assert code == 0
    assert "  it does not concern the case: The job is not in Germany\n" in text


def test_the_json_fits_its_schema() -> None:
    """What the command prints as JSON is what its model says, and says the same twice."""
    code, text = run(str(UNDERPAID), "--as-of", "2026-11-23", "--format", "json")
    assert code == 0
    Draft202012Validator(TypeAdapter(RemediesDocument).json_schema(mode="serialization")).validate(json.loads(text))
    assert run(str(UNDERPAID), "--as-of", "2026-11-23", "--format", "json") == (0, text)


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ([str(UNDERPAID), "--pathway", "gb.skilled_wrker"], 2, "E600 there is no rule `gb.skilled_wrker`"),
        ([str(UNDERPAID), "--as-of", "soon"], 2, "E602"),
        (["-"], 4, "E400"),
        ([str(EXAMPLES / "missing.json")], 4, "E409"),
        ([str(UNDERPAID), "--limit", "0"], 2, "--limit"),
    ],
)
def test_bad_calls_are_refused(arguments: list[str], code: int, message: str) -> None:
    """A call that asks for what is not there ends with a message and an exit code, and prints no half answer."""
    done = CliRunner().invoke(main, ["remedies", *arguments], prog_name="eligibility")
    assert done.exit_code == code
    assert message in done.output
    assert "Traceback" not in done.output


def test_a_profile_without_facts_is_refused() -> None:
    """Nothing can be said about nothing."""
    with pytest.raises(ProfileError, match="E407"):
        advise(bundled(), {}, TODAY)
    with pytest.raises(UsageError, match="E600"):
        remedies(bundled(), UNDERPAID, TODAY, "gb.nothing")
