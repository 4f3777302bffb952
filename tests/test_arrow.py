"""Rules as a function from Arrow to Arrow: here, and in other processes."""

from __future__ import annotations

import pickle
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pytest

from batch_runs import BODY, DAY, RULE
from eligibility.columnar import ArrowRules, ColumnarRules
from eligibility.columnar.parcel import opened, pack
from eligibility.diagnostics import EngineError, UsageError
from eligibility.engine import RuleSet
from small_rules import load

FACTS: Final[dict[str, list[Any]]] = {
    "number": [7, 8, 9, 10, 11],
    "offer.country": ["GB", "GB", "DE", "XX", None],
    "offer.yearly_cost": [45_000, 35_000, 45_000, 45_000, None],
    "applicant.english": ["B2", "B2", "B2", "B2", None],
    "applicant.nationalities": [["FR"], ["FR", "DE"], ["FR"], ["FR"], None],
}
STATUSES: Final = ["eligible", "not_eligible", "not_applicable", None, None]


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> RuleSet:
    """One pathway on four facts, with a threshold that rises."""
    return load(tmp_path_factory.mktemp("rules"), BODY)


@pytest.fixture
def function(rules: RuleSet) -> ArrowRules:
    """The pathway on a date, for tables with numbers."""
    return ArrowRules(ColumnarRules(rules), as_of=DAY, id_column="number")


def without(*names: str, **more: Any) -> pa.Table:
    return pa.table({name: values for name, values in (FACTS | more).items() if name not in names})


def messages(refused: pytest.ExceptionInfo[UsageError]) -> list[str]:
    return [each.message for each in refused.value.diagnostics]


def test_the_answer_has_the_rows_of_the_table_and_a_schema_known_before(function: ArrowRules) -> None:
    """Row for row, the answer has the columns that tell rows apart, the status of each rule, and why a row was refused."""
    answer = function(without())
    assert answer.schema.equals(function.schema(without().schema))
    assert answer.column_names == ["number", RULE, "refused"]
    assert answer["number"].to_pylist() == FACTS["number"]
    assert answer[RULE].to_pylist() == STATUSES
    *fine, unknown_country, empty = answer["refused"].to_pylist()
    assert fine == [None] * 3
    assert unknown_country.startswith("E402 offer.country: ")
    assert empty.startswith("E407 ")


def test_a_record_batch_gives_a_record_batch(function: ArrowRules) -> None:
    """A function of batches gives batches, of no rows too."""
    (batch,) = without().to_batches()
    assert isinstance(function(batch), pa.RecordBatch)
    assert function(batch).to_pylist() == function(without()).to_pylist()
    assert function(batch.slice(0, 0)).num_rows == 0
    assert function(without().slice(0, 0)).schema.equals(function(without()).schema)


def test_groups_of_facts_can_be_structs(function: ArrowRules) -> None:
    """A struct of facts, however deep, means what its columns mean; null in place of a struct states none of them."""
    plain = without(
        "offer.country", "offer.yearly_cost", offer=[{"country": "GB", "yearly_cost": 45_000}, None, None, None, None]
    )
    found = function(plain)[RULE].to_pylist()
    assert found[0] == "eligible"
    assert found[1] == function(without("offer.country", "offer.yearly_cost"))[RULE].to_pylist()[1] == "undetermined"


def test_texts_can_come_from_a_dictionary(function: ArrowRules) -> None:
    """Columns of words from a dictionary mean what columns of text mean."""
    english = pa.array(FACTS["applicant.english"]).dictionary_encode()
    assert function(without(**{"applicant.english": english})).equals(function(without()))


MOMENTS: Final = ["2020-07-01 00:00:00", "2020-07-01 05:00:00", None, "2020-07-01 00:00:00", "1969-12-31 00:00:00"]


def moments(unit: str, zone: str | None = None) -> pa.Array:
    """Points in time, all but one of them midnight."""
    return (
        pa.array([each and datetime.fromisoformat(each) for each in MOMENTS])
        .cast(pa.timestamp(unit))
        .cast(pa.timestamp(unit, zone))
    )


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_midnight_is_a_day(tmp_path: Path, unit: str) -> None:
    """Points in time are days; a row with a time of day other than midnight is refused, and so is a column with a time zone."""
    body = """
criteria:
  soon: {title: Soon, met_when: offer.start_date < as_of, cite: LAW 1}
  known: {title: Known, met_when: any(d.recognised and d.awarded_on <= as_of for d in applicant.degrees), cite: LAW 1}
"""
    function = ArrowRules(ColumnarRules(load(tmp_path, body)), as_of="2020-07-01", statuses=True)
    written = [each and each.replace(" ", "T").removesuffix("T00:00:00") for each in MOMENTS]
    expected = function(pa.table({"offer.start_date": written, "applicant.degrees": degrees(written)}))
    assert [each is None for each in expected["refused"].to_pylist()] == [True, False, True, True, True]
    assert expected[f"{RULE}.soon"].to_pylist() == ["not_met", None, "unknown", "not_met", "met"]
    assert expected[f"{RULE}.known"].to_pylist() == ["met", None, "unknown", "met", "met"]
    kind = pa.struct({"recognised": pa.bool_(), "awarded_on": pa.timestamp(unit)})
    for lists in (pa.list_(kind), pa.large_list(kind), pa.list_(kind, 1)):
        table = {"offer.start_date": moments(unit), "applicant.degrees": pa.array(degrees(moments(unit).to_pylist()), lists)}
        assert function(pa.table(table)).equals(expected)
    fine = pa.array([0, 2, 3, 4])
    days = pa.array(written).take(fine).cast(pa.date32())
    assert function(pa.table({"offer.start_date": moments(unit).take(fine)})).equals(
        function(pa.table({"offer.start_date": days}))
    )
    with pytest.raises(UsageError, match=r"has the type `timestamp\[\w+, tz=UTC\]`, which holds no facts"):
        function(pa.table({"offer.start_date": moments(unit, "UTC")}))


def degrees(awarded: list[Any]) -> list[Any]:
    """One degree for each day."""
    return [[{"recognised": True, "awarded_on": each}] for each in awarded]


def test_each_row_can_have_its_own_date(rules: RuleSet) -> None:
    """A column of dates, or of ISO texts, says the day whose law applies; a row without a day is refused."""
    pay = {"offer.yearly_cost": [35_000] * 5, "offer.country": ["GB"] * 5}
    function = ArrowRules(ColumnarRules(rules), as_of_column="day", statuses=True)
    texts = ["2025-12-31", "2026-01-01", "2026-1-1", None, "soon"]
    answer = function(without("number", **pay, day=texts))
    assert answer[RULE].to_pylist() == ["eligible", "not_eligible", None, None, None]
    assert answer[f"{RULE}.pay"].to_pylist() == ["met", "not_met", None, None, None]
    assert {each.split()[0] for each in answer["refused"].to_pylist()[2:]} == {"E602"}
    days = [date(2025, 12, 31), date(2026, 1, 1), None, None, None]
    assert function(without("number", **pay, day=days)).equals(answer)
    with pytest.raises(UsageError, match="holds no as-of dates"):
        function(without("number", **pay, day=[datetime(2026, 1, 1)] * 5))  # noqa: DTZ001  # a moment is no date


def test_all_columns_that_do_not_fit_are_named_at_once(rules: RuleSet, function: ArrowRules) -> None:
    """Columns that are no facts, hold none, stand twice or are not there are refused together, with the next step."""
    odd = without("number", "offer.country", shoes=[1] * 5, **{"offer.contry": ["GB"] * 5, "offer.yearly_cost": [b"1"] * 5})
    odd = odd.append_column("applicant.english", [FACTS["applicant.english"]])
    with pytest.raises(UsageError) as refused:
        function.schema(odd.schema)
    assert messages(refused) == [
        "the column `offer.yearly_cost` has the type `binary`, which holds no facts",
        "the column `shoes` is no fact",
        "the column `offer.contry` is no fact",
        "two columns give the fact `applicant.english`",
        "there is no column `number`",
    ]
    assert refused.value.diagnostics[2].help == "did you mean `offer.country`?"
    for table, message in (
        (pa.table({"number": [1]}), "no column of the table is a fact"),
        (without().append_column("number", [FACTS["number"]]), "the column `number` stands more than once"),
    ):
        with pytest.raises(UsageError) as refused:
            function(table)
        assert messages(refused) == [message]
    with pytest.raises(UsageError, match="the name of a column of the answer"):
        ArrowRules(ColumnarRules(rules), as_of=DAY, id_column="refused")(without("number", refused=[1] * 5))
    with pytest.raises(UsageError, match="a date or that of a column"):
        ArrowRules(ColumnarRules(rules))


def test_the_function_goes_to_other_processes_with_its_rules(function: ArrowRules) -> None:
    """What was pickled gives the same answers; however often it is opened in a process, the rules are opened once."""
    sent = pickle.dumps(function)
    before = opened()
    first, second = pickle.loads(sent), pickle.loads(pickle.dumps(pickle.loads(sent)))  # noqa: S301  # our own
    assert first(without()).equals(function(without()))
    assert second.columnar is first.columnar is not function.columnar
    assert opened() == before + 1


def test_rules_that_are_not_those_that_were_sent_are_not_opened(rules: RuleSet) -> None:
    """Damaged rules, and rules of another version of this package, are refused with the next step."""
    parcel = pack(rules)
    for changed, code in ((replace(parcel, version="0.0.1"), "E501"), (replace(parcel, content=b"x"), "E503")):
        with pytest.raises(EngineError) as refused:
            changed.open()
        assert [each.code for each in refused.value.diagnostics] == [code]
