"""What `rules/README.md` says of the rule language, claim by claim, where no pack for tests shows it already."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

import pytest

from eligibility.datatypes import Truth
from eligibility.outcome import Outcome, Status
from eligibility.scenarios import run_scenario, scenarios
from small_rules import HEAD, load, outcome, problems, write

ANY = {"offer.permanent": True}


def codes(folder: Path, body: str, **files: str) -> list[str]:
    return [problem.code for problem in problems(folder, body, **files)]


# citations and grades


CITED = """\
parameters:
  least: {title: least, unit: count, cite: LAW 1, values: {2020-01-01: {value: 3}}}
lists:
  trades: {title: trades, of: soc, cite: LAW 2, entries: ["2134"]}
tables:
  rates: {title: rates, file: rates.csv, key: {occupation: soc}, columns: {annual: GBP/year}, cite: LAW 3}
derived:
  enough: {title: enough, value: offer.staff >= least}
classifications:
  size: {title: size, gives: text, hit: first, cite: LAW 4, rows: [{when: enough, then: big}], otherwise: small}
criteria:
  one: {title: One, cite: LAW 5, all: [offer.permanent, {title: Inner, any: [enough, offer.permanent]}]}
exceptions:
  other: {title: Other, overrides: criteria.one, met_when: offer.permanent, cite: LAW 6}
assumptions:
  - {fact: offer.staff, value: 3, say: Three., cite: LAW 7}
notes:
  - {say: Note., cite: LAW 8}
about:
  kind: {say: A visa., cite: LAW 9}
"""
RATES = "occupation,annual\n2134,100\n"


def test_what_is_cited_loads(tmp_path: Path) -> None:
    """With its citations everything loads; a derived value needs none, and parts have that of their whole."""
    rules = load(tmp_path, CITED, rates_csv=RATES)
    (rule,) = rules.book.rules.values()
    assert {each.citation.text for each in rule.criteria[0].walk()} == {"LAW 5", "LAW 6"}
    assert rule.parameters["least"].values[0].citation.text == "LAW 1"
    assert rule.derived["enough"].citation is None


@pytest.mark.parametrize("place", range(1, 10))
def test_what_is_not_cited_does_not_load(tmp_path: Path, place: int) -> None:
    """Each element of law needs a citation: criteria, figures, lists, tables, decision tables, exceptions, notes and so on."""
    assert codes(tmp_path, CITED.replace(f", cite: LAW {place}", ""), rates_csv=RATES) == ["E300"]


def test_a_citation_begins_with_a_source(tmp_path: Path) -> None:
    """The first word of a citation is a key of `sources`."""
    assert codes(tmp_path, CITED.replace("cite: LAW 8", "cite: LAWS 8"), rates_csv=RATES) == ["E301"]


def test_the_grade_of_an_element_is_the_nearest(tmp_path: Path) -> None:
    """The element's own grade, else its source's, else the file's; a C needs a date of review."""

    def grade(body: str) -> str:
        return load(tmp_path, body).book.rules["small.visa"].criteria[0].citation.grade

    plain = "criteria:\n  one: {title: One, cite: LAW 1, met_when: offer.permanent}\n"
    assert grade(plain) == "A"
    assert grade(f"grade: B\n{plain}") == "A"
    head = "grade: B\n" + HEAD.replace("small.visa", "small.other").replace(", grade: A", "")
    other = load(tmp_path, plain, other=head + plain).book.rules["small.other"]
    assert other.criteria[0].citation.grade == "B"
    assert grade("grade: B\n" + plain.replace("LAW 1,", "LAW 1, grade: C, review_by: 2027-01-01,")) == "C"
    assert codes(tmp_path, plain.replace("LAW 1,", "LAW 1, grade: C,")) == ["E310"]


# parameters, lists, tables


@pytest.mark.parametrize(
    ("unit", "value"),
    [
        ("GBP/year", "38700"),
        ("GBP", "1.5"),
        ("hours/week", "37.5"),
        ("years", "3"),
        ("months", "3"),
        ("weeks", "3"),
        ("days", "3"),
        ("percent", "70"),
        ("count", "3"),
        ("date", "2026-01-01"),
        ("boolean", "true"),
        ("text", "words"),
        ("country", "NO"),
        ("language_level", "B2"),
        ("soc", '"2134"'),
    ],
)
def test_every_unit_can_be_written(tmp_path: Path, unit: str, value: str) -> None:
    """Money, quantities, percent, count, dates, truths, texts, countries, vocabularies and schemes are units of parameters."""
    value = f'"{value}"' if unit == "country" else value
    least = f"{{title: least, unit: {unit}, cite: LAW 1, values: {{2020-01-01: {{value: {value}}}}}}}"
    assert (
        problems(tmp_path, f"parameters: {{least: {least}}}\ncriteria: {{a: {{title: A, cite: LAW, met_when: offer.permanent}}}}")
        == ()
    )


def test_a_parameter_needs_a_unit(tmp_path: Path) -> None:
    """A figure without a unit does not load."""
    body = "parameters: {least: {title: least, cite: LAW 1, values: {2020-01-01: {value: 3}}}}\n"
    assert codes(tmp_path, f"{body}criteria: {{a: {{title: A, cite: LAW, met_when: offer.permanent}}}}") == ["E111"]


@pytest.mark.parametrize(
    ("kind", "entries"), [("country", '["NO"]'), ("soc", '["2134"]'), ("language_level", "[B1]"), ("text", "[x]")]
)
def test_a_list_is_of_countries_codes_words_or_texts(tmp_path: Path, kind: str, entries: str) -> None:
    """`of` is `country`, a scheme, a vocabulary or `text`."""
    listed = f"lists: {{some: {{title: some, of: {kind}, cite: LAW 1, entries: {entries}}}}}\n"
    assert problems(tmp_path, f"{listed}criteria: {{a: {{title: A, cite: LAW, met_when: offer.permanent}}}}") == ()


TABLE = """\
tables:
  rates:
    title: rates
    file: rates.csv
    key: {which: text, occupation: soc}
    columns: {annual: GBP/year, listed: boolean, since: date, where: country, level: language_level, name: text}
    ignore: [remark]
    cite: LAW 1
derived:
  annual: {title: annual, unit: GBP/year, value: 'rates["1", offer.occupation].annual'}
  listed: {title: listed, value: 'rates["1", offer.occupation].listed'}
  there: {title: there, value: '("1", offer.occupation) in rates'}
criteria:
  a: {title: A, cite: LAW, met_when: there}
"""
ROWS = """\
which,occupation,annual,listed,since,where,level,name,remark
1,2134,100.5,true,2020-01-01,NO,B1,engineer,anything
1,2135,,,,,,,
"""


def test_a_table_is_looked_up_by_its_keys(tmp_path: Path) -> None:
    """Columns have types, other columns are ignored by name; an empty cell and a missing row are unknown."""
    rules = load(tmp_path, TABLE, rates_csv=ROWS)

    def cells(occupation: str) -> list[str]:
        found = outcome(rules, {"offer.occupation": occupation})
        return [found.value(name).text for name in ("annual", "listed", "there")]

    assert cells("2134") == ["GBP 100.50 a year", "yes", "yes"]
    assert cells("2135") == ["not known", "not known", "yes"]
    assert cells("9999") == ["not known", "not known", "no"]
    assert codes(tmp_path, TABLE.replace("    ignore: [remark]\n", ""), rates_csv=ROWS) == ["E308"]


# criteria


def test_points_and_pass_marks_are_numbers_or_expressions(tmp_path: Path) -> None:
    """An award and a pass mark are numbers, parameters or calculations; a row without `when` always counts."""
    body = """\
    parameters:
      mark: {title: mark, unit: count, cite: LAW 1, values: {2020-01-01: {value: 5}}}
    criteria:
      card:
        title: Card
        cite: LAW
        pass_mark: mark
        points:
          always: {title: Always, award: 2}
          staff: {title: Staff, award: offer.staff, most: 4}
          permanent: {title: Permanent, award: 1, when: offer.permanent}
    """
    rules = load(tmp_path, body)
    for facts, truth in (
        ({"offer.staff": 3, "offer.permanent": False}, "met"),
        ({"offer.staff": 2, "offer.permanent": True}, "met"),
        ({"offer.staff": 2, "offer.permanent": False}, "not_met"),
        ({"offer.staff": 2}, "unknown"),
        ({"offer.permanent": False}, "unknown"),
    ):
        found = outcome(rules, facts).truth_of("card")
        assert found is not None
        assert found.value == truth, facts
    assert outcome(load(tmp_path, body.replace("pass_mark: mark", "pass_mark: 8")), ANY).failing == ("card",)


def test_what_a_human_may_grant_is_open_while_its_points_are(tmp_path: Path) -> None:
    """A row for a human whose points nobody has stated leaves the sum open, so that stating them never turns an answer round."""
    body = """\
    criteria:
      interview: {title: Interview, judgement: Somebody decides., cite: LAW}
      card:
        title: Card
        cite: LAW
        pass_mark: 5
        points:
          always: {title: Always, award: 2}
          human: {title: Human, award: offer.staff, most: 4, when: criteria.interview}
    """
    rules = load(tmp_path, body)
    found = [outcome(rules, {**ANY, "offer.staff": staff}).truth_of("card") for staff in (None, 2, 3)]
    assert found == [Truth.UNKNOWN, Truth.NOT_MET, Truth.JUDGEMENT]


def test_a_choice_between_equals_is_what_they_are_whoever_decides(tmp_path: Path) -> None:
    """Where both sides of a choice agree, the choice is open, for a human or settled alike: it comes out as they do."""
    body = """\
    criteria:
      human: {title: Human, judgement: Somebody decides., applies_when: offer.permanent, cite: LAW}
      choice: {title: Choice, met_when: offer.staff >= 1 if criteria.human else offer.staff > 0, cite: LAW}
    """
    rules = load(tmp_path, body)
    for permanent in (None, True, False):
        facts = {"offer.staff": 1, "offer.permanent": permanent}
        assert outcome(rules, facts).truth_of("choice") is Truth.MET


def test_only_a_top_level_criterion_closes_a_rule(tmp_path: Path) -> None:
    """`on_failure` stands at criteria, not at their parts."""
    body = "criteria:\n  a: {{title: A, cite: LAW, all: {{b: {{title: B, {}met_when: offer.permanent}}}}}}\n"
    assert codes(tmp_path, body.format("")) == []
    assert codes(tmp_path, body.format("on_failure: not_available, ")) == ["E110"]


ORDER = """\
applies_when:
  - {when: offer.country == "GB", otherwise: Not in the United Kingdom.}
  - {when: offer.title != "diplomat", otherwise: Diplomats need none.}
criteria:
  staff: {title: Staff, cite: LAW, met_when: offer.staff > 5}
  quota: {title: Quota, cite: LAW, on_failure: not_available, met_when: offer.remote_share < 0.5}
  permanent: {title: Permanent, cite: LAW, met_when: offer.permanent}
  genuine: {title: Genuine, cite: LAW, applies_when: employer.licensed, judgement: Is it genuine?}
"""
GOOD: dict[str, Any] = {
    "offer.country": "GB",
    "offer.title": "engineer",
    "offer.staff": 6,
    "offer.remote_share": 10,
    "offer.permanent": True,
    "employer.licensed": False,
}


@pytest.mark.parametrize(
    ("changes", "as_of", "status"),
    [
        ({"offer.country": "DE"}, "2019-12-31", Status.NOT_AVAILABLE),
        ({}, "2030-01-01", Status.NOT_AVAILABLE),
        ({"offer.country": "DE", "offer.title": None, "offer.staff": 1}, "2026-01-01", Status.NOT_APPLICABLE),
        ({"offer.title": None, "offer.staff": 1}, "2026-01-01", Status.UNDETERMINED),
        ({"offer.staff": 1, "offer.remote_share": 90, "offer.permanent": None}, "2026-01-01", Status.NOT_ELIGIBLE),
        ({"offer.remote_share": 90, "offer.permanent": None}, "2026-01-01", Status.NOT_AVAILABLE),
        ({"offer.permanent": None, "employer.licensed": True}, "2026-01-01", Status.UNDETERMINED),
        ({"employer.licensed": True}, "2026-01-01", Status.SUBJECT_TO_JUDGEMENT),
        ({}, "2020-01-01", Status.ELIGIBLE),
    ],
)
def test_the_first_outcome_that_holds_is_the_outcome(tmp_path: Path, changes: dict[str, Any], as_of: str, status: Status) -> None:
    """Not in force, not applicable, open whether it applies, failing, closed, open, for a human, eligible: in this order."""
    assert outcome(load(tmp_path, ORDER), {**GOOD, **changes}, as_of).status is status


def test_every_heading_and_kind_of_note_can_be_written(tmp_path: Path) -> None:
    """The headings under `about`, the kinds of notes, and names in braces; a statement holds on its own days."""
    body = """\
    parameters:
      least: {title: least, unit: GBP/year, cite: LAW 1, values: {2020-01-01: {value: 41700}}}
    derived:
      twice: {title: twice, unit: GBP/year, value: least * 2}
    criteria:
      a: {title: A, cite: LAW, met_when: offer.permanent}
    notes:
      - {say: "From {least} to {twice}.", cite: LAW 2}
      - {kind: warning, when: offer.permanent, say: Mind., cite: LAW 2}
      - {kind: next_step, when: not offer.permanent, say: Do., cite: LAW 2}
      - {kind: note, say: Gone., cite: LAW 2, until: 2026-01-01}
    about:
      kind: {say: A visa., cite: LAW 3}
      duration: {say: Long., cite: LAW 3}
      renewal: {say: Often., cite: LAW 3}
      settlement: {say: Late., cite: LAW 3}
      local_hire_test: {say: None., cite: LAW 3, from: 2027-01-01}
      processing: [{say: Slow., cite: LAW 3}, {say: Slower., cite: LAW 3}]
      fees: {say: "{least}.", cite: LAW 3}
      dependants: {say: Yes., cite: LAW 3}
      sponsor: {say: No., cite: LAW 3}
      evidence: {say: Much., cite: LAW 3}
    """
    found = outcome(load(tmp_path, body), ANY)
    assert [(note.kind, note.text) for note in found.notes] == [
        ("note", "From GBP 41,700 a year to GBP 83,400 a year."),
        ("warning", "Mind."),
    ]
    headings = [statement.heading for statement, _ in found.about]
    assert "local_hire_test" not in headings
    assert headings.count("processing") == 2
    assert len(set(headings)) == 9
    assert codes(tmp_path, body.replace("{twice}.", "{thrice}.")) == ["E219"]


def test_a_name_that_nobody_knows_is_said_so(tmp_path: Path) -> None:
    """Where the value of a name in braces is unknown, the sentence says so and stays a sentence."""
    body = """\
    parameters:
      least: {title: least, unit: GBP/year, cite: LAW 1, values: {2020-01-01: {unknown: Not published.}}}
      longest: {title: longest, unit: years, cite: LAW 1, values: {2027-01-01: {value: 3}}}
      from_then: {title: from then, unit: date, cite: LAW 1, values: {2027-01-01: {value: 2027-01-01}}}
      needed: {title: needed, unit: count, cite: LAW 1, values: {2027-01-01: {value: 3}}}
      name: {title: name, unit: text, cite: LAW 1, values: {2027-01-01: {value: x}}}
    criteria:
      a: {title: A, cite: LAW, met_when: offer.permanent}
    notes:
      - {say: "It costs {least} for {longest} from {from_then}, with {needed} of {name}.", cite: LAW 2}
    """
    (note,) = outcome(load(tmp_path, body), ANY).notes
    assert note.text == (
        "It costs an amount that is not known for a time that is not known from a day that is not known, "
        "with a number that is not known of something that is not known."
    )


def test_an_assumption_is_for_its_own_file(tmp_path: Path) -> None:
    """An assumed fact is unknown in every other rule."""
    body = """\
    criteria:
      a: {title: A, cite: LAW, met_when: offer.staff >= 3}
    assumptions:
      - {fact: offer.staff, value: 3, say: Three people are assumed., cite: LAW 2}
    """
    other = """\
    assessment: small.other
    title: Another rule
    in_force: {from: 2020-01-01}
    sources: {LAW: {title: The law, read_on: 2025-12-06, grade: A}}
    criteria:
      a: {title: A, cite: LAW, met_when: offer.staff >= 3}
    shows: [staff]
    derived:
      staff: {title: staff, unit: count, value: offer.staff}
    """
    rules = load(tmp_path, body, other=other)
    assert [each.say for each in outcome(rules, ANY).assumptions] == ["Three people are assumed."]
    found = outcome(rules, ANY, rule="small.other")
    assert found.status is Status.UNDETERMINED
    assert [(value.name, value.text) for value in found.values] == [("staff", "not known")]


# expressions


FORMS: dict[str, tuple[str, str]] = {
    "and_or_not": ("offer.permanent and (offer.staff > 5 or not employer.licensed)", "yes"),
    "chain": ("1 < offer.staff <= 3", "yes"),
    "in": ('offer.title in ["engineer", "fellow"]', "yes"),
    "not_in": ('offer.country not in ["DE"]', "yes"),
    "arithmetic": ("(offer.staff + 1) * 2 - offer.staff / 2", "6.5"),
    "negative": ("-offer.staff", "-3"),
    "by_parameter": ("offer.staff / two", "1.5"),
    "choice": ("1 if offer.permanent else 2", "1"),
    "parameter": ("two", "2"),
    "list": ("offer.occupation in trades", "yes"),
    "table": ("rates[offer.occupation].annual", "GBP 100 a year"),
    "derived": ("v_parameter", "2"),
    "classification": ("size", "big"),
    "criterion": ("criteria.all.second", "yes"),
    "elsewhere": ("small.other.size", "big"),
    "criterion_elsewhere": ("small.other.criteria.a", "yes"),
    "as_of": ("as_of", "2026-06-01"),
    "decimal": ("0.7", "0.7"),
    "truth": ("True if offer.permanent else False", "yes"),
    "date": ('date("2024-04-04")', "2024-04-04"),
    "years": ("years(2)", "2 years"),
    "months": ("months(6)", "6 months"),
    "weeks": ("weeks(5)", "5 weeks"),
    "days": ("days(90)", "90 days"),
    "date_plus": ('date("2024-01-31") + months(1)', "2024-02-29"),
    "date_minus": ('date("2024-02-29") - years(1)', "2023-02-28"),
    "date_plus_parameter": ('date("2024-01-31") + notice', "2024-02-14"),
    "days_between": ('days_between(date("2024-01-01"), date("2023-12-30"))', "-2 days"),
    "months_between": ('months_between(date("2024-01-31"), date("2024-03-30"))', "1 month"),
    "years_between": ('years_between(date("2020-01-01"), as_of)', "6 years"),
    "min": ("min(offer.staff, 2)", "2"),
    "max": ("max(offer.staff, 2, 7)", "7"),
    "round_up": ("round_up(offer.staff, 2)", "4"),
    "round_down": ("round_down(offer.staff, 2)", "2"),
    "round_half_up": ("round_half_up(offer.staff, 2)", "4"),
    "convert": (
        'convert(offer.salary, "GBP/year", hours_per_week=offer.weekly_hours, weeks_per_year=weeks(52))',
        "GBP 41,600 a year",
    ),
    "other_currency": ('convert(offer.salary, "EUR/hour")', "not known"),
    "more_than_nothing": ("offer.salary > 0", "yes"),
    "any_record": ('any(d.level == "master" for d in applicant.degrees if d.recognised)', "no"),
    "all_records": ("all(d.recognised for d in applicant.degrees)", "no"),
    "count": ("count(d for d in applicant.degrees if d.recognised)", "1"),
    "sum": ("sum(d.months for d in applicant.degrees)", "60 months"),
    "smallest": ("min(d.months for d in applicant.degrees)", "24 months"),
    "largest": ("max(d.months for d in applicant.degrees)", "36 months"),
    "contains": ('contains(offer.title, "doctor", "ENGINEER")', "yes"),
    "starts_with": ('starts_with(offer.occupation, ["21", "25"])', "yes"),
}
NAMES = """\
parameters:
  two: {title: two, unit: count, cite: LAW 1, values: {2020-01-01: {value: 2}}}
  notice: {title: notice, unit: weeks, cite: LAW 1, values: {2020-01-01: {value: 2}}}
lists:
  trades: {title: trades, of: soc, cite: LAW 2, entries: ["2134"]}
tables:
  rates: {title: rates, file: rates.csv, key: {occupation: soc}, columns: {annual: GBP/year}, cite: LAW 3}
classifications:
  size: {title: size, gives: text, hit: first, cite: LAW 4, rows: [{when: offer.staff > 2, then: big}], otherwise: small}
criteria:
  all: {title: All, cite: LAW, all: {first: {title: F, met_when: offer.staff > 5}, second: {title: S, met_when: offer.permanent}}}
"""
OTHER = """\
assessment: small.other
title: Another rule
in_force: {from: 2020-01-01}
sources: {LAW: {title: The law, read_on: 2025-12-06, grade: A}}
classifications:
  size: {title: size, gives: text, hit: first, cite: LAW 4, rows: [{when: offer.staff > 2, then: big}], otherwise: small}
criteria:
  a: {title: A, cite: LAW, met_when: offer.permanent}
"""
PERSON: dict[str, Any] = {
    "offer.permanent": True,
    "offer.staff": 3,
    "offer.title": "Senior-engineer, backend",
    "offer.country": "GB",
    "offer.occupation": "2134",
    "offer.salary": {"amount": 20, "currency": "GBP", "period": "hour"},
    "offer.weekly_hours": 40,
    "employer.licensed": False,
    "applicant.degrees": [
        {"level": "bachelor", "months": 36, "recognised": True},
        {"level": "master", "months": 24, "recognised": False},
    ],
}


@pytest.fixture(scope="module")
def worked_out(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """A rule with a derived value for each form of expression, on one person."""
    lines = "".join(f"  v_{name}: {{title: {name}, value: '{form}'}}\n" for name, (form, _) in FORMS.items())
    rules = load(tmp_path_factory.mktemp("forms"), f"{NAMES}derived:\n{lines}", other=OTHER, rates_csv=RATES)
    return outcome(rules, {**PERSON, "offer.title": "engineer"})


@pytest.mark.parametrize("name", FORMS)
def test_every_form_of_expression_has_its_value(name: str, worked_out: Outcome) -> None:
    """Each form in the table of expressions can be written and gives what it says."""
    assert worked_out.value(f"v_{name}").text == FORMS[name][1]


@pytest.mark.parametrize(
    ("expression", "code"),
    [
        ('convert(offer.salary, "GBP/year") >= convert(offer.bonus, "EUR/year")', "E206"),
        ('convert(offer.salary, "GBP/year") >= convert(offer.bonus, "GBP/month")', "E206"),
        ("offer.yearly_cost >= 5", "E206"),
        ("applicant.experience >= months(3)", "E206"),
        ('employer.rating == "C"', "E207"),
        ("offer.staff / offer.weekly_hours > 1", "E209"),
        ("offer.salary > offer.bonus", "E211"),
    ],
)
def test_units_are_checked_before_anything_runs(tmp_path: Path, expression: str, code: str) -> None:
    """Currencies, periods, money and bare numbers, years and months, and values that a choice does not have, do not mix."""
    assert codes(tmp_path, f"criteria:\n  a: {{title: A, cite: LAW, met_when: '{expression}'}}\n") == [code]


def test_nothing_fits_any_unit(tmp_path: Path) -> None:
    """Zero needs no unit."""
    condition = "offer.yearly_cost > 0 and applicant.experience >= 0 and offer.bonus > 0"
    assert problems(tmp_path, f"criteria:\n  a: {{title: A, cite: LAW, met_when: {condition}}}\n") == ()


# amendments and scenarios


@pytest.mark.parametrize("path", ["criteria.other", "parameters.most", "criteria.one.two"])
def test_overriding_nothing_is_an_error(tmp_path: Path, path: str) -> None:
    """An amendment names an element that is there."""
    element = "{title: X, cite: NEW 1, met_when: offer.permanent}"
    if path.startswith("parameters"):
        element = "{title: X, unit: count, cite: NEW 1, values: {2020-01-01: {value: 1}}}"
    change = f"""\
    amends: small.change
    sources: {{NEW: {{title: The new law, read_on: 2025-12-06, grade: A}}}}
    overrides:
      small.visa.{path}: {element}
    """
    found = codes(tmp_path, "criteria:\n  one: {title: One, cite: LAW, met_when: offer.permanent}\n", change=change)
    assert found
    assert set(found) <= {"E113", "E114", "E216"}


SCENARIOS = """\
scenarios: small.visa
profiles:
  good: {{offer: {{permanent: true, remote_share: 25, staff: 3, salary: {{amount: 100, currency: GBP, period: year}}}}}}
cases:
  one: {{title: One, profile: good, as_of: [2026-01-01, 2026-06-01], with: {with_}, without: {without}, expect: {expect}}}
"""
VALUES = """\
parameters:
  share: {title: share, unit: percent, cite: LAW 1, values: {2020-01-01: {value: 70}}}
  least: {title: least, unit: GBP/year, cite: LAW 1, values: {2020-01-01: {value: 90.5}}}
derived:
  third: {title: third, unit: count, value: offer.staff / 9}
  remote: {title: remote, unit: percent, value: offer.remote_share}
  pay: {title: pay, unit: GBP/year, value: 'convert(offer.salary, "GBP/year")'}
  day: {title: day, value: as_of}
criteria:
  staff: {title: Staff, cite: LAW, met_when: offer.staff >= 3}
  pay: {title: Pay, cite: LAW, met_when: pay >= least}
notes:
  - {say: A note about pay., cite: LAW 2}
"""


def complaints(folder: Path, expect: str, with_: str = "{}", without: str = "[]") -> list[str]:
    """What the two scenarios of a small rule say did not come out as expected."""
    text = SCENARIOS.format(with_=with_, without=without, expect=expect)
    rules = load(folder, VALUES, scenarios=text)
    return [problem for each in scenarios(rules) for problem in run_scenario(rules, each, "reference").problems]


@pytest.mark.parametrize(
    "expect",
    [
        "{outcome: eligible, met: [staff, pay], failing: [], notes: [about pay], no_notes: [about rent]}",
        "{values: {share: 70, remote: 25, third: '1/3', least: 90.5, pay: 100}}",
    ],
)
def test_a_scenario_expects_what_is_written(tmp_path: Path, expect: str) -> None:
    """A percentage is written as 70, a number without end as a fraction in quotes; a list of dates is a scenario for each."""
    assert complaints(tmp_path, expect) == []


@pytest.mark.parametrize(
    ("expect", "with_", "without"),
    [
        (
            "{outcome: undetermined, unknown: [pay], missing: [offer.salary], missing_exactly: [offer.salary]}",
            "{}",
            "[offer.salary]",
        ),
        ("{outcome: undetermined, values: {pay: null}}", "{offer.salary: null}", "[]"),
        ("{outcome: not_eligible, not_met: [pay], failing: [pay]}", "{offer.salary.amount: 90.49}", "[]"),
    ],
)
def test_a_scenario_changes_its_profile(tmp_path: Path, expect: str, with_: str, without: str) -> None:
    """`with` sets a path, with `null` to unknown, and `without` takes one away."""
    assert complaints(tmp_path, expect, with_, without) == []


@pytest.mark.parametrize(
    ("expect", "said"),
    [
        ("{outcome: not_eligible}", "outcome: expected not_eligible, came out eligible"),
        ("{values: {share: 0.7}}", "value `share`: expected 0.7, came out 70"),
        ("{values: {pay: null}}", "value `pay`: expected null, came out 100"),
        ("{failing: [pay]}", "failing: expected `pay`, came out nothing"),
        ("{met: [staf]}", "met: there is no criterion `staf`; did you mean `staff`?"),
        ("{no_notes: [about pay]}", "no_notes: one says `about pay`"),
    ],
)
def test_a_scenario_says_what_came_out(tmp_path: Path, expect: str, said: str) -> None:
    """Whatever is not as expected is said for each date, with what came out."""
    assert complaints(tmp_path, expect) == [said, said]


def test_a_file_is_told_by_its_key(tmp_path: Path) -> None:
    """A file of facts may begin with vocabularies or schemes; a file whose keys say nothing is an error."""
    plain = "criteria:\n  a: {title: A, cite: LAW, met_when: offer.permanent}\n"
    words = "vocabularies: {colour: {title: colour, values: {red: red}}}\nfacts: {}\n"
    assert problems(tmp_path, plain, words=words) == ()
    assert codes(tmp_path, plain, words="colours: {red: red}\n") == ["E115"]


def test_the_packs_of_the_readme_are_laid_out_as_it_says(tmp_path: Path) -> None:
    """Everything below a folder with a `pack.yaml` belongs to its pack, however deep; a rule is named after its pack."""
    folder = write(tmp_path / "small", "")
    deep = folder / "visa" / "more"
    deep.mkdir(parents=True)
    (deep / "visa.yaml").write_text(textwrap.dedent(OTHER), encoding="utf-8")
    assert "small.other" in load(tmp_path, "").book.rules
    (deep / "visa.yaml").write_text(OTHER.replace("small.other", "large.other"), encoding="utf-8")
    assert codes(tmp_path, "") == ["E118"]
