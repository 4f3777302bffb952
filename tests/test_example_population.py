"""The generated population of the examples is reproducible, and made of profiles."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from eligibility.engine import RuleSet, load_rules

pl = pytest.importorskip("polars")
FOLDER = Path(__file__).parents[1] / "examples" / "population"
DAY, RULE = date(2026, 11, 23), "core.destination"


@cache
def bundled() -> RuleSet:
    return load_rules()


@pytest.fixture(autouse=True)
def on_path(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.syspath_prepend(FOLDER)
    yield
    for name in ("applicants", "chance", "generate"):
        sys.modules.pop(name, None)


def test_a_row_is_the_same_whatever_is_drawn_with_it() -> None:
    """Rows drawn by themselves are those of a longer run, and another seed gives others."""
    from applicants import population  # type: ignore[import-not-found]  # on the path of this test alone

    book = bundled().book
    whole = population(60, book=book)
    assert population(20, first=30, book=book).equals(whole[30:50])
    assert not population(20, first=30, seed=2, book=book).equals(whole[30:50])


def test_rows_are_profiles_with_gaps_and_figures_of_the_law() -> None:
    """Nearly every row can be evaluated, facts are missing here and there, and some pay stands exactly at a figure of the law."""
    from applicants import distributions, figures_of, population

    from benchmarks.agreement import document
    from eligibility.columnar import ColumnarRules

    rules = bundled()
    frame = population(600, book=rules.book).drop("id")
    assert set(frame.columns) <= set(rules.book.facts)
    assert all(how["because"] for how in (*distributions()["facts"].values(), *distributions()["countries"].values()))
    assert 5 < frame["applicant.date_of_birth"].null_count() < 100
    known = figures_of(rules.book)
    pay = frame["offer.salary"].drop_nulls().to_list()
    exact = sum(round(each["amount"] * 100) in known.get(f"{each['currency']}/{each['period']}", ()) for each in pay)
    assert exact > 10
    found = ColumnarRules(rules, [RULE]).evaluate(frame, as_of=DAY)
    assert len(found.refused) < 30
    for place, row in enumerate(frame[:20].iter_rows(named=True)):
        if place not in found.refused:
            (outcome,) = rules.evaluate(
                document(row), as_of=date(2026, 11, 23), pathways=["core.destination"], engine="reference"
            )
            assert found.outcomes[RULE][place] == str(outcome.status)


def test_every_form_of_file_states_the_same(tmp_path: Path) -> None:
    """Parquet, CSV and JSON Lines hold the same rows."""
    from generate import chunks, write  # type: ignore[import-not-found]  # on the path of this test alone

    for suffix in ("parquet", "csv", "jsonl"):
        write(tmp_path / f"people.{suffix}", chunks(50, 7, 1, bundled().book))
    parquet, written = pl.read_parquet(tmp_path / "people.parquet"), pl.read_csv(tmp_path / "people.csv")
    lines = pl.read_ndjson(tmp_path / "people.jsonl")
    assert parquet["id"].to_list() == written["id"].to_list() == lines["id"].to_list() == list(range(7, 57))
    assert lines["offer"].struct.field("salary").equals(parquet["offer.salary"], check_names=False)
    assert written["offer.salary.amount"].to_list() == parquet["offer.salary"].struct.field("amount").to_list()
