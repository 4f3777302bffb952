"""Batches: files in, a table of outcomes out, whole or not at all; what was counted, and what was rejected."""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from threading import Thread
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from jsonschema import Draft202012Validator

from batch_runs import DAY, RULE, profile, rules, run, write_lines
from eligibility.batch import evaluate_files, gaps, json_lines, tally
from eligibility.batch.outputs import Output
from eligibility.batch.pipeline import Progress
from eligibility.diagnostics import OutputError, UsageError
from eligibility.engine import RuleSet
from eligibility.schemas import document_schema
from small_rules import load

__all__ = ["rules"]

MIXED: list[dict[str, Any] | str] = [
    profile(),
    profile(pay=1),
    "nonsense",
    profile(country="DE"),
    profile(english=None),
    profile(pay=2, english="A1"),
    profile(pay=-1.001),
    profile(nationalities=("GB",)),
]
STATUSES = [
    "eligible",
    "not_eligible",
    None,
    "not_applicable",
    "undetermined",
    "not_eligible",
    None,
    "not_eligible",
]


def problem(rules: RuleSet, *files: str, out: str = "out.csv", **options: object) -> str:
    """What is said about a call that is refused."""
    with pytest.raises(UsageError) as caught:
        evaluate_files(files, Path(out), rules, **({"as_of": DAY} | options))  # type: ignore[arg-type]
    return str(caught.value)


@pytest.mark.parametrize("out", ["out.csv", "out.jsonl", "out.parquet"])
def test_every_row_comes_out_in_its_place(rules: RuleSet, tmp_path: Path, out: str) -> None:
    """The table has each row of the file with its number, whether it was rejected, and its outcome, in every form."""
    found = run(rules, write_lines(tmp_path / "in.jsonl", MIXED), out=out)
    assert [(row["row"], row[RULE], row["rejected"]) for row in found.rows] == [
        (number, status, status is None) for number, status in enumerate(STATUSES, 1)
    ]
    assert [(each["file"], each["row"], each["code"]) for each in found.rejects] == [
        (str(tmp_path / "in.jsonl"), 3, "E400"),
        (str(tmp_path / "in.jsonl"), 7, "E402"),
    ]


def test_several_files_keep_their_order(rules: RuleSet, tmp_path: Path) -> None:
    """Files and patterns are read one after the other; rows name their file, and are numbered in it."""
    for name, pay in (("b", 1), ("a", 45000)):
        write_lines(tmp_path / f"{name}.jsonl", [profile(pay=pay), "x"])
    found = run(rules, tmp_path / "b.jsonl", tmp_path / "*.jsonl", out="out.csv")
    names = [(Path(row["file"]).name, row["row"], row[RULE]) for row in found.rows]
    assert names == [("b.jsonl", 1, "not_eligible"), ("b.jsonl", 2, None), ("a.jsonl", 1, "eligible"), ("a.jsonl", 2, None)]
    assert [(Path(each["file"]).name, each["row"]) for each in found.rejects] == [("b.jsonl", 2), ("a.jsonl", 2)]


def test_parquet_is_read_by_types(rules: RuleSet, tmp_path: Path) -> None:
    """Typed columns, structs, dates with midnight, words of categories and NaN are read; a wrong type is rejected by the row."""
    frame = pl.DataFrame(
        {
            "person": [1, 2, 3, 4],
            "applicant": [{"english": "B2", "nationalities": ["FR"]}] * 3 + [{"english": "Z1", "nationalities": ["FR"]}],
            "offer.country": pl.Series(["GB", "GB", "GB", "GB"], dtype=pl.Categorical),
            "offer.yearly_cost": [45000.0, 39999.99, float("nan"), 45000.0],
            "offer.weekly_hours": pl.Series([Decimal("37.5"), None, Decimal(40), None], dtype=pl.Decimal(10, 2)),
            "offer.start_date": [datetime(2026, 7, 1)] * 4,  # noqa: DTZ001
        }
    )
    frame.write_parquet(tmp_path / "in.parquet")
    found = run(rules, tmp_path / "in.parquet", id_column="person")
    assert [(row["person"], row[RULE]) for row in found.rows] == [
        ("1", "eligible"),
        ("2", "not_eligible"),
        ("3", "undetermined"),
        ("4", None),
    ]
    assert [(each["id"], each["path"]) for each in found.rejects] == [("4", "applicant.english")]


def test_days_in_records_may_be_points_in_time(tmp_path: Path) -> None:
    """A day inside of a record or list may be midnight, as it may in a column of days; another time of day is rejected."""
    body = "criteria: {c: {title: C, met_when: any(d.recognised for d in applicant.degrees), cite: LAW 1}}"
    degrees = load(tmp_path / "rules", body)
    for zone in (None, "UTC"):
        days = pl.Series(["2020-07-01 00:00", "2020-07-01 05:00", None]).str.to_datetime().dt.replace_time_zone(zone)
        frame = pl.DataFrame({"applicant.degrees": [[{"awarded_on": day, "recognised": True}] for day in days]})
        frame.write_parquet(tmp_path / "in.parquet")
        found = run(degrees, tmp_path / "in.parquet")
        assert found.outcomes == ["eligible", None, "eligible"]
        assert [each["path"] for each in found.rejects] == ["applicant.degrees[0].awarded_on"]


def test_only_what_is_read_is_loaded(rules: RuleSet, tmp_path: Path) -> None:
    """Columns of facts that no rule reads are not loaded, and those that nobody knows are refused."""
    frame = pl.DataFrame({"offer.country": ["DE"], "offer.staff": ["not a number"]})
    frame.write_parquet(tmp_path / "in.parquet")
    assert run(rules, tmp_path / "in.parquet").outcomes == ["not_applicable"]
    pl.DataFrame({"offer.staff": [1, 2]}).write_parquet(tmp_path / "in.parquet")
    assert run(rules, tmp_path / "in.parquet").outcomes == ["undetermined", "undetermined"]
    frame.rename({"offer.staff": "offer.stuff"}).write_parquet(tmp_path / "in.parquet")
    assert "E611 the column `offer.stuff` is no fact" in problem(rules, str(tmp_path / "in.parquet"))
    pl.DataFrame({"offer.country": ["DE"], "offer": [{"country": "DE"}]}).write_parquet(tmp_path / "in.parquet")
    assert "E610 two columns are one" in problem(rules, str(tmp_path / "in.parquet"))


def test_columns_of_one_name_are_named(rules: RuleSet, tmp_path: Path) -> None:
    """A file of Parquet in which columns share a name is refused, and the name is said."""
    table = pa.table([pa.array(["GB"]), pa.array(["DE"]), pa.array([1])], names=["offer.country", "offer.country", "x"])
    pq.write_table(table, tmp_path / "in.parquet")
    assert "E610 the column `offer.country` stands twice in the file" in problem(rules, str(tmp_path / "in.parquet"))


def test_a_damaged_file_is_refused(rules: RuleSet, tmp_path: Path) -> None:
    """What is not Parquet, or is damaged somewhere, is refused, and no table is left."""
    path = tmp_path / "in.parquet"
    path.write_text("nothing of the kind")
    assert "E610 the file is not Parquet" in problem(rules, str(path), out=str(tmp_path / "out.csv"))
    pl.DataFrame({"offer.country": ["GB", "DE"] * 500, "offer.yearly_cost": list(range(1000))}).write_parquet(path)
    data = bytearray(path.read_bytes())
    data[20:200] = bytes(180)
    path.write_bytes(data)
    assert "E610 the file is damaged" in problem(rules, str(path), out=str(tmp_path / "out.csv"))
    assert [each.name for each in tmp_path.iterdir()] == ["in.parquet"]


def test_a_file_of_columns_works_for_parquet(rules: RuleSet, tmp_path: Path) -> None:
    """Typed columns of foreign names become facts with units and currencies; an amount without currency is refused."""
    frame = pl.DataFrame({"level": ["good", "good"], "pay": [45.0, 39.0], "basic": [2000, 2000], "passports": ["FR|DE", "GB"]})
    frame.write_parquet(tmp_path / "in.parquet")
    columns = tmp_path / "columns.yaml"
    text = """\
columns:
  level: {fact: applicant.english, values: {good: B2}}
  passports: {fact: applicant.nationalities, separator: "|"}
  pay: {fact: offer.yearly_cost, times: 1000, unit: GBP/year}
  basic: {fact: offer.salary, currency: GBP, period: month}
constants: {offer.country: GB}
"""
    columns.write_text(text, encoding="utf-8")
    assert run(rules, tmp_path / "in.parquet", columns=columns).outcomes == ["eligible", "not_eligible"]
    columns.write_text(text.replace(", currency: GBP, period: month", ""), encoding="utf-8")
    assert "nothing says in which currency the column `basic` is" in problem(rules, str(tmp_path / "in.parquet"), columns=columns)


def test_each_row_can_have_its_own_day(rules: RuleSet, tmp_path: Path) -> None:
    """The law is that of the day in a column; a row whose day is missing or is none is rejected with code E602."""
    days = ["2025-06-01", "2026-06-01", "2026-02-30", None]
    rows = [{"applied": day, **profile(pay=35000)} for day in days]
    found = run(rules, write_lines(tmp_path / "in.jsonl", rows), as_of=None, as_of_column="applied")
    assert found.outcomes == ["eligible", "not_eligible", None, None]
    assert [(each["row"], each["code"]) for each in found.rejects] == [(3, "E602"), (4, "E602")]
    assert [each["path"] for each in found.rejects] == ["applied", "applied"]
    frame = pl.DataFrame(
        {"applied": [date(2025, 6, 1), None], "offer.country": ["GB", "GB"], "offer.yearly_cost": [35000, 35000]}
    )
    frame.write_parquet(tmp_path / "in.parquet")
    found = run(rules, tmp_path / "in.parquet", as_of=None, as_of_column="applied", statuses=True)
    assert [(row[RULE], row[f"{RULE}.pay"]) for row in found.rows] == [("undetermined", "met"), (None, None)]


@pytest.mark.parametrize("day", ["", "  ", "1.6.2026", "20260601", "2026-W23-1", "2026-06-01 ", "2026-6-1", "soon"])
def test_a_row_whose_day_cannot_be_read_keeps_its_id(rules: RuleSet, tmp_path: Path, day: str) -> None:
    """A row without a day is rejected with a reason under its own id, in the table and in the file of rejected rows."""
    text = f"person,applied,offer.country\na,2026-06-01,GB\nb,{day},GB\nb,2026-06-01,GB\n"
    (tmp_path / "in.csv").write_text(text, encoding="utf-8")
    found = run(rules, tmp_path / "in.csv", as_of=None, as_of_column="applied", id_column="person")
    assert [(row["person"], row["rejected"]) for row in found.rows] == [("a", False), ("b", True), ("b", False)]
    assert [(each["id"], each["row"], each["code"], each["path"]) for each in found.rejects] == [("b", 2, "E602", "applied")]
    assert ("is missing" in found.rejects[0]["reason"]) == (not day.strip())


def test_statuses_of_criteria_can_be_had(rules: RuleSet, tmp_path: Path) -> None:
    """With statuses each criterion has a column, empty where the rule is not concerned or the row is rejected."""
    found = run(rules, write_lines(tmp_path / "in.jsonl", MIXED), statuses=True)
    assert list(found.rows[0]) == ["row", RULE, f"{RULE}.pay", f"{RULE}.english", f"{RULE}.origin", "rejected"]
    assert [row[f"{RULE}.english"] for row in found.rows[:6]] == ["met", "met", None, None, "unknown", "not_met"]


@pytest.mark.parametrize("statuses", [True, False])
def test_the_summary_counts(rules: RuleSet, tmp_path: Path, *, statuses: bool) -> None:
    """The summary has the outcomes of each rule, the commonest failing criterion and missing fact, and the reasons."""
    summary = run(rules, write_lines(tmp_path / "in.jsonl", MIXED), statuses=statuses).summary
    (rule,) = summary.rules
    assert rule.outcomes == {"eligible": 1, "undetermined": 1, "not_eligible": 3, "not_applicable": 1}
    assert [(each.id, each.rows) for each in rule.failing] == [("pay", 2), ("english", 1), ("origin", 1)]
    assert [(each.id, each.title, each.rows) for each in rule.missing] == [("applicant.english", "level of English", 1)]
    assert (rule.failing_of, rule.missing_of) == (3, 1)
    assert (summary.rows, summary.rejected, summary.evaluated) == (8, 2, 6)
    assert [(each.code, each.rows) for each in summary.reasons] == [("E400", 1), ("E402", 1)]
    text = summary.to_text()
    assert "A visa (small.visa)  1 (16.7%)  1 (16.7%)" in text
    assert "66.7% fail: The pay reaches the threshold [pay]" in text
    page = summary.to_html()
    assert 'aria-label="16.7% eligible, 16.7% undetermined, 50% not eligible, 16.7% not applicable"' in page
    Draft202012Validator(document_schema("batch")).validate(json.loads(summary.to_json()))


def test_large_tables_are_looked_at_by_a_sample(rules: RuleSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Outcomes are counted in all rows, what fails most in an even sample, and the summary says so."""
    monkeypatch.setattr(tally, "CLOSELY", 16)
    monkeypatch.setattr(json_lines, "BLOCK", 1000)
    rows = [profile(pay=1), profile(english="A1")] * 50
    found = run(rules, write_lines(tmp_path / "in.jsonl", rows))
    (rule,) = found.summary.rules
    assert rule.outcomes == {"not_eligible": 100}
    assert 8 <= rule.failing_of <= 16
    assert f"of a sample of {rule.failing_of} fail" in found.summary.to_text()


def test_what_is_missing_is_found_in_few_rows_of_many(rules: RuleSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However few rows of a large table are undetermined, they are looked at; where they are many, a fair number of them."""
    monkeypatch.setattr(tally, "CLOSELY", 16)
    monkeypatch.setattr(json_lines, "BLOCK", 10_000)
    rows = [profile(pay=None if row % 300 == 7 else 45000) for row in range(1500)]
    (rule,) = run(rules, write_lines(tmp_path / "in.jsonl", rows)).summary.rules
    assert rule.outcomes == {"eligible": 1495, "undetermined": 5}
    assert ([(each.id, each.rows) for each in rule.missing], rule.missing_of) == ([("offer.yearly_cost", 5)], 5)
    rows = [profile(pay=45000 if row % 4 else None, english="B2" if row % 3 else None) for row in range(1200)]
    (rule,) = run(rules, write_lines(tmp_path / "in.jsonl", rows)).summary.rules
    assert (rule.outcomes["undetermined"], rule.missing_of) == (600, gaps.MOST)
    shares = {each.id: each.rows / rule.missing_of for each in rule.missing}
    assert shares == pytest.approx({"applicant.english": 2 / 3, "offer.yearly_cost": 1 / 2}, abs=0.1)


def test_what_is_missing_is_that_of_the_day_of_a_row(rules: RuleSet, tmp_path: Path) -> None:
    """Where each row has its own day, it is looked at under the law of that day: that of another would settle it."""
    rows = [{"day": day, **profile(pay=35000, english=None)} for day in ("2026-06-01", "2025-06-01") * 20]
    (rule,) = run(rules, write_lines(tmp_path / "in.jsonl", rows), as_of=None, as_of_column="day").summary.rules
    assert rule.outcomes == {"not_eligible": 20, "undetermined": 20}
    assert ([(each.id, each.rows) for each in rule.missing], rule.missing_of) == ([("applicant.english", 20)], 20)


def test_failures_are_explained(rules: RuleSet, tmp_path: Path) -> None:
    """So many failing rows as are asked for are explained, a rule, in a file beside the table."""
    rows = [{"who": "x", **profile()}, *({"who": "y", **profile(pay=1)} for _ in range(3))]
    found = run(rules, write_lines(tmp_path / "in.jsonl", rows), id_column="who", explain_failures=2)
    lines = [json.loads(line) for line in Path(found.summary.explained or "").read_text(encoding="utf-8").splitlines()]
    assert [(line["row"], line["id"], line["rule"], line["outcome"]["failing"]) for line in lines] == [
        (2, "y", RULE, ["pay"]),
        (3, "y", RULE, ["pay"]),
    ]
    assert lines[0]["outcome"] == rules.evaluate(profile(pay=1), as_of=DAY, engine="reference")[RULE].as_dict()["outcome"]


def test_progress_is_told(rules: RuleSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever watches is told the rows and bytes so far, and how many bytes there are."""
    monkeypatch.setattr(json_lines, "BLOCK", 500)
    path = write_lines(tmp_path / "in.jsonl", [profile()] * 20)
    told: list[Progress] = []
    run(rules, path, watch=told.append)
    assert len(told) > 2
    assert told[-1] == Progress(20, path.stat().st_size, path.stat().st_size)
    assert [each.rows for each in told] == sorted(each.rows for each in told)


@pytest.mark.parametrize("out", ["out.csv", "out.jsonl", "out.parquet"])
def test_no_rows_make_an_empty_table(rules: RuleSet, tmp_path: Path, out: str) -> None:
    """Files without rows give a table without rows, with its columns where the form has a place for them."""
    write_lines(tmp_path / "in.jsonl", [])
    (tmp_path / "in.csv").write_text("offer.country\n", encoding="utf-8")
    pl.DataFrame({"offer.country": pl.Series([], dtype=pl.String)}).write_parquet(tmp_path / "in.parquet")
    for name in ("in.jsonl", "in.csv", "in.parquet"):
        found = run(rules, tmp_path / name, out=out)
        assert (found.rows, found.summary.rows, found.summary.rejected) == ([], 0, 0)
        assert "0 rows as of" in found.summary.to_text()
    if out == "out.csv":
        assert (tmp_path / out).read_text(encoding="utf-8") == f"row,{RULE},rejected\n"


def test_the_examples_are_a_table_too() -> None:
    """The table of examples has a line for each of the examples, with its name."""
    folder = Path(__file__).parents[1] / "examples"
    lines = [json.loads(line) for line in (folder / "profiles.jsonl").read_text(encoding="utf-8").splitlines()]
    examples = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))}
    assert lines == [{"name": name, **example} for name, example in examples.items()]


# what is refused before anything is read


def test_a_file_that_is_not_there_is_reported(rules: RuleSet, tmp_path: Path) -> None:
    """Every name or pattern without a file is reported with code E610."""
    first, second = str(tmp_path / "no.csv"), str(tmp_path / "*.jsonl")
    assert problem(rules, first, second).count("E610 there is no such file") == 2
    assert "E610 there is no file to read" in problem(rules)


def test_a_name_says_the_form(rules: RuleSet, tmp_path: Path) -> None:
    """A file whose name does not say what form it has is refused with code E613, unless the form is given."""
    path = write_lines(tmp_path / "in.txt", [profile()])
    assert problem(rules, str(path)) == (
        f"E613 the name of `{path}` does not say what form it has\n"
        "  help: end its name with one of .csv, .tsv, .jsonl, .ndjson, .parquet"
    )
    assert run(rules, path, form="jsonl").outcomes == ["eligible"]
    assert "E613 the name of `out.xlsx`" in problem(rules, str(path), out="out.xlsx")


def test_the_form_is_that_of_the_name_before_any_other(rules: RuleSet, tmp_path: Path) -> None:
    """A form that is given is that of files whose names do not say one, and of no other."""
    lines = write_lines(tmp_path / "in.jsonl", [profile()])
    (tmp_path / "in.txt").write_text("offer.country,offer.yearly_cost\nDE,1\n", encoding="utf-8")
    assert run(rules, lines, tmp_path / "in.txt", form="csv").outcomes == ["eligible", "not_applicable"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with names")
def test_a_pipe_with_a_name_is_read(rules: RuleSet, tmp_path: Path) -> None:
    """A pipe, as of a shell's `<(...)`, is read like standard input, beside other files; its form must be said."""
    pipe, lines = tmp_path / "pipe", write_lines(tmp_path / "in.jsonl", [profile()])
    os.mkfifo(pipe)
    assert f"E613 the name of `{pipe}` does not say" in problem(rules, str(pipe))
    assert "E610 Parquet cannot be read from a pipe" in problem(rules, str(pipe), form="parquet")
    seen: list[Progress] = []
    writer = Thread(target=pipe.write_text, args=("offer.country,offer.yearly_cost\nDE,1\nGB,1\n",))
    writer.start()
    found = run(rules, lines, pipe, form="csv", watch=seen.append)
    writer.join()
    assert found.outcomes == ["eligible", "not_applicable", "not_eligible"]
    assert [each.size for each in seen] == [None, None]


def test_no_file_that_is_read_is_replaced(rules: RuleSet, tmp_path: Path) -> None:
    """A table, a page or a file beside the table that would take the place of one of the files is refused."""
    path = write_lines(tmp_path / "in.jsonl", [profile()])
    assert "is read, so that it cannot be written" in problem(rules, str(path), out=f"{tmp_path}/../{tmp_path.name}/in.jsonl")
    path = write_lines(tmp_path / "out.csv.rejects.jsonl", [profile()])
    assert "is read, so that it cannot be written" in problem(rules, str(path), out=f"{tmp_path}/out.csv")
    path = write_lines(tmp_path / "in.json", [profile()])
    assert "is read, so that it cannot be written" in problem(rules, str(path), form="jsonl", summary=path)
    assert path.read_text(encoding="utf-8") == f"{json.dumps(profile())}\n"


def test_all_that_is_asked_wrongly_is_told_at_once(rules: RuleSet, tmp_path: Path) -> None:
    """A run says all that is wrong with what is asked before it reads a row, with places and what to do."""
    (tmp_path / "folder.csv").mkdir()
    write_lines(tmp_path / "in.txt", [profile()])
    write_lines(tmp_path / "in.jsonl.gz", [profile()])
    (tmp_path / "columns.yaml").write_text("columns: {x: offer.countri}", encoding="utf-8")
    options: dict[str, Any] = {"pathways": ["small.vsa"], "as_of": "soon", "columns": tmp_path / "columns.yaml"}
    files = [tmp_path / name for name in ("no.csv", "folder.csv", "in.txt", "in.jsonl.gz")]
    output = tmp_path / "no" / "out.csv"
    with pytest.raises(UsageError) as caught:
        evaluate_files(map(str, files), output, rules, summary=tmp_path / "no" / "s.txt", **options)
    told = str(caught.value).replace(f"{tmp_path}/", "").replace(str(tmp_path), "")
    for expected in (
        "E600 there is no rule `small.vsa`",
        "E602 the as-of date",
        "no.csv: E610 there is no such file",
        "folder.csv: E610 this is a folder, not a file\n  help: name its files, such as 'folder.csv/*.csv'",
        "E613 the name of `in.txt` does not say what form it has",
        "E613 `in.jsonl.gz` is compressed\n  help: unpack it first",
        "E613 the name of `no/s.txt` does not say what form it has\n  help: end its name with one of .html, .json",
        "E614 `no/out.csv` cannot be written: there is no folder `no`\n  help: make it first, or name another",
        "E614 `no/s.txt` cannot be written: there is no folder `no`",
        "columns.yaml:1:11: E611 there is no fact `offer.countri`",
    ):
        assert expected in told, told
    with pytest.raises(UsageError, match=r"E614 .*folder\.csv` cannot be written: it is a folder"):
        run(rules, tmp_path / "in.txt", form="jsonl", out="folder.csv")


def test_a_folder_that_may_not_be_written_to_is_refused(rules: RuleSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that does not allow files is refused before a row is read."""
    path = write_lines(tmp_path / "in.jsonl", [profile()])
    monkeypatch.setattr(os, "access", lambda folder, mode: False)
    assert "does not allow it" in problem(rules, str(path), out=f"{tmp_path}/out.csv")


def test_the_day_is_one(rules: RuleSet, tmp_path: Path) -> None:
    """A day and a column of days exclude each other, and one of them is needed: code E612."""
    path = str(write_lines(tmp_path / "in.jsonl", [profile()]))
    for options in ({"as_of": None}, {"as_of_column": "day"}):
        assert problem(rules, path, **options).startswith("E612")
    assert problem(rules, path, as_of="soon").startswith("E602")
    assert problem(rules, path, pathways=["small.vsa"]).startswith("E600 there is no rule `small.vsa`")
    assert "E611 there is no column `day`" in problem(rules, path, as_of=None, as_of_column="day")
    assert "E611 the column `rejected` has a name of its own" in problem(rules, path, id_column="rejected")


def test_a_table_of_tabs_has_tabs(rules: RuleSet, tmp_path: Path) -> None:
    """A table whose name ends in .tsv is divided by tabs, as it is read."""
    output = tmp_path / "out.tsv"
    evaluate_files([str(write_lines(tmp_path / "in.jsonl", [profile()]))], output, rules, as_of=DAY)
    assert output.read_text(encoding="utf-8") == f"row\t{RULE}\trejected\n1\teligible\tfalse\n"


def test_several_files_are_looked_at_before_any_is_read(rules: RuleSet, tmp_path: Path) -> None:
    """What is wrong with the columns of several files is told at once, and no row of the others is read before."""
    good = write_lines(tmp_path / "a.jsonl", [profile()])
    lines = write_lines(tmp_path / "b.jsonl", [{"offer": {"titel": "x"}}])
    (tmp_path / "c.csv").write_text("offer.titel,offer.country\nx,GB\n", encoding="utf-8")
    (tmp_path / "d.csv").write_bytes(b"")
    pl.DataFrame({"offer.titel": ["x"]}).write_parquet(tmp_path / "e.parquet")
    (tmp_path / "f.parquet").write_bytes(b"x")
    seen: list[Progress] = []
    names = [str(path) for path in (good, lines, *(tmp_path / name for name in ("c.csv", "d.csv", "e.parquet", "f.parquet")))]
    told = problem(rules, *names, watch=seen.append)
    assert [line for line in told.replace(f"{tmp_path}/", "").splitlines() if "help" not in line] == [
        "b.jsonl: E611 the column `offer.titel` is no fact",
        "c.csv: E611 the column `offer.titel` is no fact",
        "d.csv: E610 the file is empty",
        "e.parquet: E611 the column `offer.titel` is no fact",
        "f.parquet: E610 the file is not Parquet",
    ]
    assert seen == []


# files are whole or not there


def test_a_failed_run_leaves_nothing(rules: RuleSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a run ends before its time, the table of an earlier run stays as it was and no part of a new one is left."""
    path = write_lines(tmp_path / "in.jsonl", [profile()] * 50)
    run(rules, path, out="out.csv")
    before = (tmp_path / "out.csv").read_bytes()
    monkeypatch.setattr(json_lines, "BLOCK", 500)

    def stop(progress: Progress) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(rules, path, out="out.csv", watch=stop)
    assert (tmp_path / "out.csv").read_bytes() == before
    assert sorted(each.name for each in tmp_path.iterdir()) == ["in.jsonl", "out.csv", "out.csv.rejects.jsonl"]


def test_a_full_disk_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the last bytes cannot be written, no file gets its name."""

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputError, match=r"E614 `.*out\.csv` cannot be written: no space left on device"), Output() as output:
        output.table(tmp_path / "out.csv").write(pl.DataFrame({"a": [1]}))
    assert not list(tmp_path.iterdir())
    with pytest.raises(OSError, match="no such file"), Output() as output:
        output.table(tmp_path / "nowhere" / "out.csv")


@pytest.mark.parametrize("out", ["out.csv", "out.jsonl", "out.parquet"])
def test_a_disk_that_fills_leaves_nothing(rules: RuleSet, tmp_path: Path, out: str) -> None:
    """Where a table, a page or what stands beside them becomes too large to write, it is named, and nothing is left of any."""
    path = write_lines(tmp_path / "in.jsonl", [profile(), "x"] * 500)
    (tmp_path / "to").mkdir()
    program = _FULL.format(
        tests=str(Path(__file__).parent), rules=str(tmp_path / "rules"), path=str(path), to=str(tmp_path / "to")
    )
    found = subprocess.run([sys.executable, "-c", program, out], capture_output=True, text=True, check=False)  # noqa: S603  # as below
    assert (found.returncode, "E614 `" in found.stderr, "cannot be written: file too large" in found.stderr) == (1, True, True)
    assert "unknown reason" not in found.stderr
    assert not list((tmp_path / "to").iterdir())


_FULL = """
import resource, sys
sys.path.insert(0, {tests!r})
from pathlib import Path
from batch_runs import BODY, DAY
from eligibility.batch import evaluate_files
from small_rules import load
rules = load(Path({rules!r}), BODY)
resource.setrlimit(resource.RLIMIT_FSIZE, (2_000, 2_000))
to = Path({to!r})
evaluate_files([{path!r}], to / sys.argv[1], rules, as_of=DAY, summary=to / "s.html")
"""


def test_an_interrupt_while_a_file_is_made_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A signal that comes when a file is there and nothing else is done yet leaves no hidden file behind."""
    opened = os.open

    def interrupted(*asked: Any, **options: Any) -> int:
        os.close(opened(*asked, **options))
        assert [each.suffix for each in tmp_path.iterdir()] == [".partial"]
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "open", interrupted)
    with pytest.raises(KeyboardInterrupt), Output() as output:
        output.file(tmp_path / "out.csv")
    assert not list(tmp_path.iterdir())


def test_files_nobody_finishes_go_with_who_makes_them(tmp_path: Path) -> None:
    """A signal may strike between two statements, even before a context is left: what is unfinished goes all the same."""
    output = Output()
    output.file(tmp_path / "out.csv").close()
    del output
    assert not list(tmp_path.iterdir())


def test_a_second_interrupt_leaves_nothing_either(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What an impatient user interrupts while it is cleared away is cleared away later."""
    output = Output()
    unlink = Path.unlink

    def interrupted(path: Path) -> None:
        monkeypatch.setattr(Path, "unlink", unlink)
        raise KeyboardInterrupt

    output.file(tmp_path / "out.csv")
    output.file(tmp_path / "more.csv")
    monkeypatch.setattr(Path, "unlink", interrupted)
    with pytest.raises(KeyboardInterrupt):
        output.__exit__(OSError, None, None)
    assert len(list(tmp_path.iterdir())) == 2
    del output
    gc.collect()
    assert not list(tmp_path.iterdir())


def test_a_forked_process_removes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A child that ends while its parent writes leaves the files of the parent alone."""
    with Output() as output:
        output.table(tmp_path / "out.csv").write(pl.DataFrame({"a": [1]}))
        with monkeypatch.context() as child:
            child.setattr(os, "getpid", lambda: -1)
            output._clear()
    assert (tmp_path / "out.csv").read_text() == "a\n1\n"


@pytest.mark.parametrize("length", [200, 237, 255])
def test_long_names_of_files(tmp_path: Path, length: int) -> None:
    """A file may be called as the system allows: what its unfinished self is called takes no room from it."""
    path = tmp_path / f"{'a' * (length - 4)}.csv"
    with Output() as output:
        output.table(path).write(pl.DataFrame({"a": [1]}))
    assert path.read_text() == "a\n1\n"


@pytest.mark.parametrize("out", ["out.csv", "out.jsonl", "out.parquet"])
def test_a_table_that_is_given_up_is_quiet(tmp_path: Path, out: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was begun and is not finished complains nowhere when it is collected."""
    complaints: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", complaints.append)
    with suppress(KeyboardInterrupt), Output() as output:
        output.table(tmp_path / out).write(pl.DataFrame({"a": [1]}))
        raise KeyboardInterrupt
    del output
    gc.collect()
    assert not complaints
    assert not list(tmp_path.iterdir())


_KILLED = """
import time
import polars as pl
from pathlib import Path
from eligibility.batch.outputs import Output
with Output() as output:
    table = output.table(Path({out!r}))
    for number in range(1000):
        table.write(pl.DataFrame({{"row": [number]}}))
        print(number, flush=True)
        time.sleep(0.01)
"""


def test_a_killed_run_leaves_no_table(tmp_path: Path) -> None:
    """Where a run is killed there is no file under the name of the table, only one that says it is a part."""
    out = tmp_path / "out.csv"
    program = _KILLED.format(out=str(out))
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as process:  # noqa: S603  # our own program
        assert process.stdout is not None
        process.stdout.readline()
        process.kill()
    assert not out.exists()
    assert [each.suffix for each in tmp_path.iterdir()] == [".partial"]
