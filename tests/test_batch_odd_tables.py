"""Tables that are odd in ways that real ones are: days of other zones, ids of any type, stray quotes, names that collide."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from batch_runs import BODY, RULE, profile, rules, run, write_lines
from eligibility.batch import simulate_files
from eligibility.diagnostics import UsageError
from eligibility.engine import RuleSet
from small_rules import load

__all__ = ["rules"]

AT = datetime.fromisoformat
LAWS = {"as_of": "2025-06-01", "against": "2026-06-01"}


def table(folder: Path, **columns: Any) -> Path:
    """A Parquet file of people who are eligible, with columns beside."""
    height = len(next(iter(columns.values())))
    facts: dict[str, Any] = {
        "offer.country": "GB",
        "offer.yearly_cost": 45000,
        "applicant.english": "B2",
        "applicant.nationalities": ["FR"],
    }
    path = folder / "in.parquet"
    pl.DataFrame({**{name: pl.Series([value] * height) for name, value in facts.items()}, **columns}).write_parquet(path)
    return path


def refusal(rules: RuleSet, path: Path, **options: Any) -> str:
    """Why a batch is refused."""
    with pytest.raises(UsageError) as caught:
        run(rules, path, **options)
    return str(caught.value)


def ignoring(folder: Path, *names: str) -> Path:
    """A file of columns that names some as no facts."""
    path = folder / "columns.json"
    path.write_text(json.dumps({"ignore": names}))
    return path


def test_the_as_of_day_is_that_of_the_place(rules: RuleSet, tmp_path: Path) -> None:
    """A midnight in Sydney is its day there, not the day before in Greenwich; another time is no day."""
    midnight = pl.Series([AT("2026-01-01 00:00"), AT("2026-01-01 00:00")]).dt.replace_time_zone("Australia/Sydney")
    costs = pl.Series([35000, 45000])
    found = run(rules, table(tmp_path, day=midnight, **{"offer.yearly_cost": costs}), as_of=None, as_of_column="day")
    assert found.outcomes == ["not_eligible", "eligible"]
    noon = pl.Series([AT("2026-01-01 00:00"), AT("2026-01-01 12:00")])
    found = run(rules, table(tmp_path, day=noon), as_of=None, as_of_column="day")
    assert found.outcomes == ["eligible", None]
    assert [line["code"] for line in found.rejects] == ["E602"]


@pytest.mark.parametrize(
    "ids",
    [
        [date(2024, 1, 1), date(2024, 1, 2)],
        [AT("2024-01-01 08:00"), AT("2024-01-01 09:00")],
        [b"\xff", b"a"],
        [timedelta(hours=1), timedelta(hours=2)],
        [1.0, 2.5],
        [[1, 2], [3]],
    ],
)
def test_ids_of_any_type_tell_rows_apart(rules: RuleSet, tmp_path: Path, ids: list[object]) -> None:
    """Ids are text, whatever they were, in the table and beside rejected rows; no two become one."""
    path = table(tmp_path, key=pl.Series(ids), **{"offer.country": pl.Series(["XX", "GB"])})
    found = run(rules, path, id_column="key", explain_failures=1)
    named = [row["key"] for row in found.rows]
    assert len(set(named)) == 2
    assert all(isinstance(each, str) for each in named)
    assert [line["id"] for line in found.rejects] == named[:1]


def test_days_beyond_the_calendar_reject_their_rows(rules: RuleSet, tmp_path: Path) -> None:
    """The year 0 and the year 23873 are no days of anybody; the other rows come out."""
    text = "offer.country,applicant.date_of_birth\nGB,0000-01-01\nGB,1990-01-01\n"
    (tmp_path / "in.csv").write_text(text)
    assert run(rules, tmp_path / "in.csv").outcomes == [None, "undetermined"]
    (tmp_path / "in.csv").write_text("offer.country,day\nGB,0000-01-01\nGB,2026-01-01\n")
    assert run(rules, tmp_path / "in.csv", as_of=None, as_of_column="day").outcomes == [None, "undetermined"]
    for days in (-800_000, 8_000_000):
        strange = pl.Series([days, 0], dtype=pl.Int32).cast(pl.Date)
        found = run(rules, table(tmp_path, day=strange), as_of=None, as_of_column="day")
        assert found.outcomes[0] is None
        assert [line["code"] for line in found.rejects] == ["E602"]


@pytest.mark.parametrize("form", ["jsonl", "parquet"])
def test_a_group_of_facts_is_no_column(rules: RuleSet, tmp_path: Path, form: str) -> None:
    """To carry a group along would leave its facts out of the evaluation."""
    path = write_lines(tmp_path / "in.jsonl", [profile()])
    if form == "parquet":
        pl.read_ndjson(path).write_parquet(path.with_suffix(".parquet"))
    assert "E611 the column `offer` is a group of facts" in refusal(rules, path.with_suffix(f".{form}"), id_column="offer")
    with pytest.raises(UsageError, match="E611 the column `applicant` is a group of facts"):
        simulate_files([str(path)], rules, by="applicant", **LAWS)  # type: ignore[arg-type]  # dates as text


def test_a_part_of_a_fact_is_no_column_of_json(rules: RuleSet, tmp_path: Path) -> None:
    """The currency of a salary is a column where columns are flat."""
    salary = {"amount": 50000, "currency": "GBP", "period": "year"}
    path = write_lines(tmp_path / "in.jsonl", [profile(salary=salary)])
    assert "E611 there is no column `offer.salary.currency`" in refusal(rules, path, id_column="offer.salary.currency")


@pytest.mark.parametrize(
    "asked", [{"id_column": "then"}, {"by": "rule"}, {"by": "row"}, {"id_column": "who", "by": "who"}, {"id_column": "criterion"}]
)
def test_names_that_the_table_of_moves_has_are_refused(rules: RuleSet, tmp_path: Path, asked: dict[str, Any]) -> None:
    """Two columns of one name make no table; without that table any name will do."""
    names = ("then", "rule", "row", "who", "criterion")
    path = write_lines(tmp_path / "in.jsonl", [{**dict.fromkeys(names, "a"), **profile(pay=35000)}])
    options = LAWS | asked | {"columns": ignoring(tmp_path, *names)}
    with pytest.raises(UsageError, match=r"E611 the column `[a-z]+` has a name of its own in the table"):
        simulate_files([str(path)], rules, moved=tmp_path / "moved.csv", **options)
    assert simulate_files([str(path)], rules, **options).moved == 1


def test_names_of_criteria_are_refused_where_they_are_columns(rules: RuleSet, tmp_path: Path) -> None:
    """With statuses the table has a column for each criterion."""
    path = write_lines(tmp_path / "in.jsonl", [{f"{RULE}.pay": "a", **profile()}])
    assert f"`{RULE}.pay` has a name of its own" in refusal(rules, path, id_column=f"{RULE}.pay", statuses=True)
    assert run(rules, path, id_column=f"{RULE}.pay").rows[0][f"{RULE}.pay"] == "a"


def test_groups_are_the_same_in_all_forms(rules: RuleSet, tmp_path: Path) -> None:
    """An empty cell is no group, and a number is one group however it is written."""
    (tmp_path / "in.csv").write_text("offer.country,g\nGB,x\nGB,\nGB,n/a\n")
    columns = tmp_path / "columns.json"
    columns.write_text(json.dumps({"ignore": ["g"], "missing": ["n/a"]}))
    found = simulate_files([str(tmp_path / "in.csv")], rules, by="g", columns=columns, **LAWS)  # type: ignore[arg-type]
    assert {group.group: group.rows for group in found.rules[0].groups} == {"x": 1, "not stated": 2}
    lines = [profile(staff=40, title="a"), profile(staff=40.0, title="a\\b"), profile(staff=40.5)]
    path = write_lines(tmp_path / "in.jsonl", lines)
    found = simulate_files([str(path)], rules, by="offer.yearly_cost", **LAWS)  # type: ignore[arg-type]
    assert {group.group: group.rows for group in found.rules[0].groups} == {"45000": 2}


def test_text_that_is_none_in_an_id(rules: RuleSet, tmp_path: Path) -> None:
    """Half a pair of surrogates is text in JSON, and nowhere else."""
    line = json.dumps({"id": "a", **profile()}).replace('"a"', '"\\ud800"')
    found = run(rules, write_lines(tmp_path / "in.jsonl", [line]), id_column="id")
    assert [row["id"] for row in found.rows] == ["?"]


@pytest.mark.parametrize("last", ["GB,y", 'GB,"y"'])
def test_a_quote_that_stays_open_rejects_its_line_alone(rules: RuleSet, tmp_path: Path, last: str) -> None:
    """Rows behind it are rows, whether another quote follows or none does."""
    lines = ["offer.country,offer.title", 'GB,"a', *["GB,b"] * 48, last, "GB,c"]
    (tmp_path / "in.csv").write_text("\n".join(lines))
    found = run(rules, tmp_path / "in.csv")
    assert Counter(found.outcomes) == {None: 1, "undetermined": 50}
    assert [(line["row"], line["code"]) for line in found.rejects] == [(1, "E415")]


def test_cells_of_several_lines_stay_whole(rules: RuleSet, tmp_path: Path) -> None:
    """Quoted cells may hold line feeds, carriage returns and quotes."""
    (tmp_path / "in.csv").write_bytes(b'offer.country,offer.title\r\nGB,"a\r\nb\rc ""d"""\r\n\r\nGB,e\r\n')
    found = run(rules, tmp_path / "in.csv", id_column="offer.title")
    assert [row["offer.title"] for row in found.rows] == ['a\r\nb\rc "d"', "e"]


@pytest.mark.parametrize("last", ["GB,x", 'GB,"x"'])
def test_a_carriage_return_alone_rejects_its_row(rules: RuleSet, tmp_path: Path, last: str) -> None:
    """It ends no row, whatever stands in other rows."""
    (tmp_path / "in.csv").write_bytes(f"offer.country,offer.title\nGB,a\rb\n{last}\n".encode())
    found = run(rules, tmp_path / "in.csv")
    assert found.outcomes == [None, "undetermined"]
    assert [line["code"] for line in found.rejects] == ["E415"]


def test_the_file_of_columns_is_not_written_over(rules: RuleSet, tmp_path: Path) -> None:
    """It is read as the tables are."""
    path = write_lines(tmp_path / "in.jsonl", [profile()])
    columns = ignoring(tmp_path, "g")
    assert "is read, so that it cannot be written" in refusal(rules, path, columns=columns, summary=columns)
    with pytest.raises(UsageError, match="is read, so that it cannot be written"):
        simulate_files([str(path)], rules, columns=columns, report=columns, **LAWS)  # type: ignore[arg-type]
    assert json.loads(columns.read_text()) == {"ignore": ["g"]}


def test_a_fact_that_one_law_knows_is_for_that_law_alone(tmp_path: Path) -> None:
    """A draft may declare facts, and drop others."""
    facts = "facts:\n  offer.{name}: {{label: a new fact, question: Is it?, type: boolean, changed_by: employer}}\n"
    laws = []
    for name in ("old", "new"):
        body = BODY + f"  more: {{title: There is more, met_when: offer.{name}, cite: LAW 9}}\n"
        laws.append(load(tmp_path / name, body, facts=facts.format(name=name)))
    path = write_lines(tmp_path / "in.jsonl", [profile(old=True, new=True), profile(old=True), profile(new=True)])
    found = simulate_files([str(path)], laws[0], as_of="2026-06-01", rules_against=laws[1])
    assert (found.rows, found.rejected, found.moved) == (3, 0, 2)


@pytest.mark.parametrize("others", [0, 300])
def test_a_profile_of_nulls_is_one(rules: RuleSet, tmp_path: Path, others: int) -> None:
    """Who says of a fact that nobody knows it states something; who states nothing at all is refused."""
    nulls = json.dumps({"offer": {"country": None}})
    path = write_lines(tmp_path / "in.jsonl", [*[profile()] * others, nulls, "{}", {"offer": {}}, nulls])
    found = run(rules, path)
    assert found.outcomes == [*["eligible"] * others, "undetermined", None, None, "undetermined"]


def test_numbers_of_256_bits_are_refused(rules: RuleSet, tmp_path: Path) -> None:
    """They are named where they are read, and passed over where they are not."""
    path = tmp_path / "in.parquet"
    wide = pa.array([45000], pa.decimal256(60, 2))
    pq.write_table(pa.table({"offer.country": ["GB"], "offer.yearly_cost": wide, "g": wide}), path)
    columns = ignoring(tmp_path, "g")
    assert "the column `offer.yearly_cost` holds decimal numbers of 256 bits" in refusal(rules, path, columns=columns)
