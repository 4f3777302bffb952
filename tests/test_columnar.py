"""The columnar engine gives every row what one evaluation of the row gives."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import cast

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from book_builder import AS_OF, COUNTRY, NUMBER, RECORD, VALUES, book, fact, profiles, roots
from eligibility import nodes
from eligibility.columnar import ColumnarRules, Evaluated, sheet
from eligibility.columnar.door import enter, stated_rows
from eligibility.datatypes import MET, NOT_MET, Value
from eligibility.diagnostics import ProfileError, RuleError, UsageError
from eligibility.engine import RuleSet, load_rules
from eligibility.facts import Profile
from eligibility.fitting import Codes
from eligibility.nodes import Node
from eligibility.rulebook import RuleBook
from eligibility.status import Status
from population import flat, frame, plain
from small_rules import load

SLOW = settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
DAY = date(2026, 11, 23)
EXAMPLES = Path(__file__).parents[1] / "examples"
SOME = ("gb.skilled_worker", "gb.sponsor_licence", "de.blue_card", "core.employer")


@cache
def bundled() -> RuleSet:
    return load_rules()


@cache
def some() -> ColumnarRules:
    return ColumnarRules(bundled(), SOME)


def with_declarations(made: RuleBook) -> RuleBook:
    """The book with what the door asks of facts: the fields of records, and the countries."""
    records = made.facts["s.records"]
    fields = {
        name: dataclasses.replace(records, path=f"s.records.{name}", type=kind, applies_when=None) for name, kind in RECORD.fields
    }
    facts = {**made.facts, "s.records": dataclasses.replace(records, fields=fields)}
    countries = {cast(str, code): cast(str, code) for code in VALUES[COUNTRY]}
    return dataclasses.replace(made, facts=facts, codes=Codes(countries, {}))


def is_statable(value: Value) -> bool:
    """Whether a frame can hold a value: numbers have at most six decimals."""
    match value:
        case int() | Fraction():
            return (Fraction(value) * 10**6).denominator == 1 and abs(Fraction(value)) <= 10**9
        case tuple():
            return all(is_statable(each) for each in value)
        case Mapping():
            return all(is_statable(each) for each in value.values())
    return True


def same_as_single(rules: RuleSet, facts: Sequence[Mapping[str, Value]], found: Evaluated, day: date) -> None:
    """Every outcome and every truth of a frame is that of the reference engine."""
    outcomes = {name: found.outcomes[name].to_list() for name in found.outcomes.columns}
    for row, each in enumerate(facts):
        if row in found.refused:
            with pytest.raises(ProfileError) as refused:
                rules.evaluate(Profile(dict(each)), as_of=day, engine="reference")
            assert [one.code for one in found.refused[row]] == [one.code for one in refused.value.diagnostics]
            assert all(column[row] is None for column in outcomes.values())
            continue
        report = rules.evaluate(Profile(dict(each)), as_of=day, engine="reference")
        for outcome in report:
            assert outcomes[outcome.id][row] == str(outcome.status), (outcome.id, row, each)
            for part in (part for each in outcome.compiled.conditions for part in each.walk()):
                truth = outcome.findings.truth(part.effective).value
                expected = None if outcome.status is Status.NOT_APPLICABLE else truth
                assert outcomes[f"{outcome.id}.{part.condition.path}"][row] == expected, (part.condition.path, row, each)


# agreement


@SLOW
@given(roots(depth=4), st.lists(profiles(), min_size=1, max_size=12))
def test_generated_rules_and_profiles_agree(drawn: tuple[Node, ...], facts: list[Mapping[str, Value]]) -> None:
    """Columns and the reference engine agree on every truth of generated rules, at ties, with gaps, on unlisted codes."""
    rules = RuleSet(with_declarations(book(*drawn)))
    kept = [{path: value for path, value in each.items() if is_statable(value)} for each in facts]
    kept = [each for each in kept if each]
    if not kept:
        return
    rows = [{path: plain(value) for path, value in each.items()} for each in kept]
    found = ColumnarRules(rules).evaluate(frame(rows), as_of=AS_OF, statuses=True)
    same_as_single(rules, kept, found, AS_OF)


def test_all_bundled_rules_agree_on_the_examples() -> None:
    """Every bundled rule can be worked out in columns, with the truths of one evaluation, also where facts are left out."""
    rules = bundled()
    known: list[tuple[Profile, dict[str, object]]] = []
    for number, path in enumerate(sorted(EXAMPLES.glob("*.json"))):
        profile, row = rules.profile(path), flat(json.loads(path.read_text(encoding="utf-8")), rules.book)
        paths = sorted(profile.facts)
        known.extend(
            (profile.without(*dropped), {name: value for name, value in row.items() if name not in dropped})
            for dropped in ([], paths[number::9], paths[number::5], paths[number::2])
        )
    found = ColumnarRules(rules).evaluate(frame([row for _, row in known]), as_of=DAY, statuses=True)
    assert found.singly < len(known) // 4
    same_as_single(rules, [profile.facts for profile, _ in known], found, DAY)


# the door

RAW: dict[str, list[object]] = {
    "offer.weekly_hours": [40, 37.5, 37.123456, 37.1234567, -1, 400, float("nan"), None, "40", True],
    "offer.salary": [
        {"amount": 41_700, "currency": "GBP", "period": "year"},
        {"amount": 41_699.99, "currency": "GBP", "period": "year"},
        {"amount": 41_699.999, "currency": "GBP", "period": "year"},
        {"amount": 5_000_000.5, "currency": "JPY", "period": "year"},
        {"amount": 20, "currency": "GBP", "period": "hour"},
        {"amount": 20, "currency": "gbp", "period": "hour"},
        {"amount": 20, "currency": "EUR", "period": "decade"},
        {"amount": None, "currency": "EUR", "period": "year"},
        {"amount": 4_000, "currency": "EUR", "period": None},
        None,
    ],
    "applicant.date_of_birth": ["1990-02-28", "1990-02-30", "28.02.1990", date(1990, 2, 28), None],
    "applicant.nationalities": [["NG"], ["GB", "NG"], [], ["XX"], ["NG", None], None, ["NG"] * 9],
    "applicant.passport_valid": [True, False, None, "true", 1],
    "offer.duties": [["research"], ["no such duty"], [], None],
    "offer.occupation.uk_soc2020": ["2134", "9999", "21", "٢١٣٤", None],
    "applicant.degrees": [
        [{"level": "bachelor", "field": "computer_science"}],
        [{"level": "bachelor"}, {"level": "master", "awarded_on": "2020-13-01"}],
        [{"level": "nothing known"}],
        [{"levle": "bachelor"}],
        None,
        [],
    ],
}


@SLOW
@given(st.data())
def test_the_door_accepts_and_refuses_as_that_of_one_profile_does(data: st.DataObject) -> None:
    """A row of any values comes out as its profile would, or is refused with the same codes."""
    rules = bundled()
    paths = sorted(path for path in RAW if path in rules.book.facts)
    height = data.draw(st.integers(1, 6))
    columns = []
    for path in data.draw(st.lists(st.sampled_from(paths), min_size=1, unique=True)):
        values = data.draw(st.lists(st.sampled_from(RAW[path]), min_size=height, max_size=height))
        try:
            columns.append(pl.Series(path, values))
        except (TypeError, pl.exceptions.PolarsError):  # values of several types are no column
            columns.append(pl.Series(path, [value for value in values if isinstance(value, str)][:1] * height))
    table = pl.DataFrame([each for each in columns if len(each) == height] or [pl.Series(paths[0], [None] * height)])
    found = some().evaluate(table, as_of=DAY)
    for row in range(height):
        (stated,) = stated_rows(table, [row], rules.book, written=False)
        if row in found.refused:
            with pytest.raises(ProfileError) as refused:
                rules.evaluate(stated, as_of=DAY, pathways=SOME, engine="reference")
            assert sorted(each.code for each in found.refused[row]) == sorted(each.code for each in refused.value.diagnostics)
            continue
        report = rules.evaluate(stated, as_of=DAY, pathways=SOME, engine="reference")
        for outcome in report:
            assert found.outcomes[outcome.id][row] == str(outcome.status), (stated, outcome.id)


def test_facts_written_as_text_are_read_where_all_is_text() -> None:
    """Numbers, dates and truths of a CSV mean what they would in JSON; as JSON, texts are refused for numbers."""
    table = pl.DataFrame({"offer.weekly_hours": ["37.5", "many"], "applicant.passport_valid": ["true", "maybe"]})
    read = enter(table, bundled().book, written=True)
    assert read.columns["offer.weekly_hours"].to_list() == [3750, None]
    assert read.columns["applicant.passport_valid"].to_list() == [True, None]
    assert read.doubtful.to_list() == [False, True]
    assert sorted(some().evaluate(table, as_of=DAY, written=True).refused) == [1]
    assert sorted(some().evaluate(table, as_of=DAY).refused) == [0, 1]


def test_a_row_without_any_fact_is_refused() -> None:
    """A row of nothing but gaps states no fact: it is refused with E407, and the rows beside it come out."""
    found = some().evaluate(pl.DataFrame({"offer.weekly_hours": [None, 40.0, float("nan")]}), as_of=DAY)
    assert {row: each[0].code for row, each in found.refused.items()} == {0: "E407", 2: "E407"}
    assert found.outcomes["gb.skilled_worker"].null_count() == 2


def test_a_column_that_is_no_fact_stops_the_run() -> None:
    """A column that nobody declared is an error with a suggestion, for the whole frame."""
    with pytest.raises(ProfileError) as refused:
        some().evaluate(pl.DataFrame({"offer.weekly_hour": [40]}), as_of=DAY)
    assert [(each.code, each.help) for each in refused.value.diagnostics] == [("E401", "did you mean `offer.weekly_hours`?")]


def test_an_unknown_pathway_is_refused() -> None:
    """Rules that are not there are named, with a suggestion."""
    with pytest.raises(UsageError, match=r"gb\.skilled_wroker"):
        ColumnarRules(bundled(), ["gb.skilled_wroker"])


def test_no_rows_give_no_rows() -> None:
    """An empty frame comes out empty, with a column for every rule."""
    found = some().evaluate(pl.DataFrame({"offer.weekly_hours": pl.Series([], dtype=pl.Float64)}), as_of=DAY)
    assert found.outcomes.height == 0
    assert set(found.outcomes.columns) == set(SOME)


def test_rows_with_long_lists_come_out_in_their_place() -> None:
    """A few rows with longer lists than the plan goes through are evaluated by themselves, however many rows there are."""
    rows = [{"offer.weekly_hours": 40.0, "applicant.nationalities": ["NG"] * (20 if row % 9 == 0 else 1)} for row in range(2000)]
    found = some().evaluate(frame(rows), as_of=DAY)
    assert found.singly == len(range(0, 2000, 9))
    assert found.outcomes.n_unique() == 1


def test_any_row_can_be_explained() -> None:
    """The report of a row has the outcomes of the row, and an explanation; that of a refused row says why it is."""
    table = pl.DataFrame(
        {"offer.weekly_hours": [40.0, -1.0], "offer.salary": [{"amount": 1, "currency": "GBP", "period": "year"}] * 2}
    )
    found = some().evaluate(table, as_of=DAY)
    report = some().report(table, 0, as_of=DAY)
    assert {outcome.id: str(outcome.status) for outcome in report} == {name: found.outcomes[name][0] for name in SOME}
    assert report["gb.skilled_worker"].explanation
    with pytest.raises(ProfileError) as refused:
        some().report(table, 1, as_of=DAY)
    assert refused.value.diagnostics[0].code == found.refused[1][0].code


def test_tall_frames_are_worked_out_slice_by_slice(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many rows are worked out together, every row comes out the same and in its place."""
    passports = [True, None, False, True, None]
    table = pl.DataFrame({"offer.weekly_hours": [20.0, 37.5, None, 48.0, 37.5], "applicant.passport_valid": passports})
    whole = some().evaluate(table, as_of=DAY, statuses=True).outcomes
    monkeypatch.setattr(sheet, "SLICE", 2)
    monkeypatch.setattr(sheet, "CELLS", 1)
    assert some().evaluate(table, as_of=DAY, statuses=True).outcomes.equals(whole)


# dates


def test_every_row_can_have_a_date_of_its_own() -> None:
    """With a column of dates each row gets the law of its day, rows stay in place, and a row without a date is refused."""
    days = [date(2026, 1, 1), date(2024, 1, 1), None, date(2025, 8, 1), date(2024, 1, 2)]
    pay = {"amount": 38_000, "currency": "GBP", "period": "year"}
    table = pl.DataFrame({"offer.salary": [pay] * 5, "offer.weekly_hours": [37.5, 40, 40, 40, 41]})
    found = some().evaluate(table, as_of=pl.Series(days), statuses=True)
    assert {row: each[0].code for row, each in found.refused.items()} == {2: "E602"}
    for row, day in enumerate(days):
        if day is not None:
            alone = some().evaluate(table.slice(row, 1), as_of=day, statuses=True).outcomes
            whole = found.outcomes.slice(row, 1)
            assert whole.select(alone.columns).equals(alone), day
            assert all(whole[name][0] is None for name in whole.columns if name not in alone.columns)


def test_dates_that_are_none_stop_the_run() -> None:
    """A column of dates must be one, and as tall as the frame."""
    table = pl.DataFrame({"offer.weekly_hours": [40, 40]})
    for days in (pl.Series([1, 2]), pl.Series([DAY])):
        with pytest.raises(UsageError) as refused:
            some().evaluate(table, as_of=days)
        assert [each.code for each in refused.value.diagnostics] == ["E602"]


# exactness and limits


def columnar(*conditions: Node, highest: int | None = None) -> ColumnarRules:
    """Rules with some conditions; `highest` is the most the number `n.a` can be, and nought the least."""
    made = with_declarations(book(*conditions))
    least = None if highest is None else 0
    number = dataclasses.replace(made.facts["n.a"], minimum=least, maximum=highest)
    return ColumnarRules(RuleSet(dataclasses.replace(made, facts={**made.facts, "n.a": number})))


def times(one: Node, two: Node) -> Node:
    return nodes.Arithmetic("*", one, two, NUMBER)


def test_products_beyond_64_bits_are_exact() -> None:
    """What 64 bits or a binary number cannot hold is compared exactly, to the last digit."""
    square = times(fact("n.a"), fact("n.a"))
    bound = nodes.Constant(999_999_999_998**2, NUMBER)
    rules = columnar(nodes.Comparison(">", square, bound), nodes.Comparison("==", square, bound))
    found = rules.evaluate(pl.DataFrame({"n.a": [999_999_999_999, 999_999_999_998, 999_999_999_997]}), as_of=AS_OF, statuses=True)
    assert found.outcomes["test.r0.c0"].to_list() == ["met", "not_met", "not_met"]
    assert found.outcomes["test.r0.c1"].to_list() == ["not_met", "met", "not_met"]


def test_a_rule_that_no_integer_can_hold_is_refused_by_name() -> None:
    """What may need more than 127 bits is refused when the plan is made, with the name of the rule."""
    power: Node = fact("n.a")
    for _ in range(4):
        power = times(power, fact("n.a"))
    with pytest.raises(RuleError) as refused:
        columnar(nodes.Comparison(">", power, fact("n.b"))).evaluate(pl.DataFrame({"n.a": [2], "n.b": [1]}), as_of=AS_OF)
    assert [each.code for each in refused.value.diagnostics] == ["E800"]
    assert "test.r0" in refused.value.diagnostics[0].message
    bounded = columnar(nodes.Comparison(">", power, fact("n.b")), highest=100)
    found = bounded.evaluate(pl.DataFrame({"n.a": [2, 1], "n.b": [31, 1]}), as_of=AS_OF, statuses=True)
    assert found.outcomes["test.r0.c0"].to_list() == ["met", "not_met"]


@given(st.integers(-(10**6), 10**6), st.sampled_from([3, 7, 37, 10]), st.sampled_from(["up", "down", "half_up"]))
@settings(max_examples=30)
def test_rounding_is_that_of_the_reference_engine(number: int, step: int, mode: str) -> None:
    """Multiples of a step are found exactly, also below zero and at halves."""
    rounded = nodes.Rounded(mode, fact("n.a"), nodes.Constant(Fraction(step, 2), NUMBER), NUMBER)  # type: ignore[arg-type]
    rules = columnar(nodes.Comparison("==", rounded, fact("n.b")))
    single = rules.rules.evaluate(Profile({"n.a": Fraction(number, 100)}), as_of=AS_OF, engine="reference")
    value = single["test.r0"].findings.values
    expected = next(
        each for step, each in zip(single["test.r0"].findings.compiled.steps, value, strict=True) if step.node == rounded
    )
    table = pl.DataFrame({"n.a": [number / 100, number / 100], "n.b": [float(expected), float(expected) + 0.5]})
    assert rules.evaluate(table, as_of=AS_OF, statuses=True).outcomes["test.r0.c0"].to_list() == ["met", "not_met"]


_CHOSEN = (
    '"b" == (offer.title if offer.permanent else "b")',
    '"b" != ("b" if offer.permanent else offer.title)',
    '"2135" == (offer.occupation if offer.permanent else "2135")',
    '(offer.title if offer.permanent else "b") == "b"',
    'offer.title == (offer.title if offer.permanent else "b")',
    "5 <= (offer.staff if offer.permanent else 7)",
    "offer.staff < (offer.staff if offer.permanent else 7)",
    'date("2021-01-01") <= (offer.start_date if offer.permanent else date("2022-01-01"))',
    "months_between(as_of, (offer.start_date if offer.permanent else as_of)) >= 0",
    "years_between(as_of, (as_of if offer.permanent else offer.start_date)) >= 0",
    "max(2, (offer.staff if offer.permanent else 1)) == 2",
    'starts_with((offer.occupation if offer.permanent else "2135"), ["21"])',
)


@pytest.mark.parametrize("permanent", [[True] * 5, [False] * 5, [None] * 5, [True, False, None, True, False]])
@pytest.mark.parametrize("asked", _CHOSEN)
def test_a_choice_that_is_the_same_in_every_row_compares(tmp_path: Path, asked: str, permanent: list[bool | None]) -> None:
    """A fact or a constant, compared with a constant on either side, also where no row takes the fact."""
    rules = load(tmp_path, f"criteria:\n  c: {{title: T, met_when: '{asked}', cite: LAW 1}}\n")
    rows = pl.DataFrame(
        {
            "offer.country": ["GB"] * 5,
            "offer.permanent": pl.Series(permanent, dtype=pl.Boolean),
            "offer.title": ["a", "b", None, "", "b"],
            "offer.occupation": ["2134", "2135", None, "2135", "9999"],
            "offer.staff": [1, 7, None, 5, 6],
            "offer.start_date": [date(2020, 1, 1), date(2021, 5, 5), None, date(2030, 2, 28), date(2026, 11, 23)],
        }
    )
    truth = {True: MET, False: NOT_MET}
    facts = [
        {
            name: truth[value] if isinstance(value, bool) else cast(Value, value)
            for name, value in row.items()
            if value is not None
        }
        for row in rows.iter_rows(named=True)
    ]
    found = ColumnarRules(rules).evaluate(rows, as_of=DAY, statuses=True)
    same_as_single(rules, facts, found, DAY)


def test_threads_share_one_set_of_rules() -> None:
    """Frames of several shapes, worked out at the same time, come out as they do alone."""
    tables = [pl.DataFrame({"offer.weekly_hours": [hours, 40]}) for hours in (20, 37.5, 37.25, 48)] * 3
    alone = [some().evaluate(table, as_of=DAY).outcomes for table in tables]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda table: some().evaluate(table, as_of=DAY).outcomes, tables))
    assert all(one.equals(other) for one, other in zip(alone, together, strict=True))
