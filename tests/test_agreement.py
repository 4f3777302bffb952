"""The large run that holds the engines together works on every row, and tells every difference."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from types import ModuleType

import pytest

from small_rules import load

pl = pytest.importorskip("polars")

BODY = """
    parameters:
      threshold:
        title: threshold
        unit: EUR/year
        values: {2020-01-01: {value: 40000, cite: LAW 1}, 2026-01-01: {value: 42000, cite: LAW 1}}
    criteria:
      pay: {title: The pay reaches the threshold, met_when: 'convert(offer.salary, "EUR/year") >= threshold', cite: LAW 1}
      staff: {title: There are enough staff, met_when: offer.staff >= 3, cite: LAW 2}
"""
BASE = {
    "offer.salary": [
        {"amount": 42000.0, "currency": "EUR", "period": "year"},
        {"amount": 1.0, "currency": "EUR", "period": "year"},
        None,
    ],
    "offer.staff": [3, 2, None],
    "applicant.date_of_birth": ["1990-01-01", "2020-01-01", "2026-01-01"],
}


@pytest.fixture
def agreement(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    from benchmarks import agreement
    from benchmarks.mixture import Mixture
    from eligibility.columnar import ColumnarRules

    rules = load(tmp_path, BODY)
    base = pl.DataFrame({"@day": [date(2026, 1, 1)] * 3, **BASE})
    ready = agreement.Bench(rules, ColumnarRules(rules), Mixture(rules, base), 2, 50)
    monkeypatch.setattr(agreement, "bench", lambda *_: ready)
    return agreement


@pytest.mark.parametrize("day", ["2026-01-01", None])
def test_every_row_is_worked_out_by_more_than_one_engine(agreement: ModuleType, day: str | None) -> None:
    """No row of a block is lost, on one day or on days of their own, and every outcome the facts allow is seen."""
    found = agreement.worked_out((agreement.Block(1, "mixture", day, 200), "", 2, 50))
    assert found.differences == []
    assert found.rows["rows"] == found.rows["compiled"] == 200
    assert (found.rows["reference"], found.rows["durable"]) == (100, 4)
    counts = found.seen["small.visa"]
    assert counts.total() + found.rows["refused"] == 200
    assert all(counts[status] for status in ("eligible", "undetermined", "not_eligible"))


def test_a_difference_is_told_with_its_row(agreement: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where an engine answers otherwise, the run says which row, day, rule and engine, and what the reference engine says."""
    right = agreement.by

    def wrong(rules: object, engine: str, stated: object, day: date) -> object:
        result = right(rules, engine, stated, day)
        return {"small.visa": "not_available"} if engine == "compiled" and result else result

    monkeypatch.setattr(agreement, "by", wrong)
    found = agreement.worked_out((agreement.Block(1, "mixture", "2026-01-01", 5), "", 2, 50))
    assert found.rows["reference"] == 5
    assert len(found.differences) == 5 - found.rows["refused"]
    assert all("small.visa is not_available by compiled" in line and "by reference" in line for line in found.differences)


def test_rows_between_scenarios_are_reproducible(agreement: ModuleType) -> None:
    """The same seed gives the same rows, another one gives others, with values that no scenario has."""
    mixture = agreement.bench().mixture
    rows = mixture.rows(300, 7)
    assert rows.equals(mixture.rows(300, 7))
    assert not rows.equals(mixture.rows(300, 8))
    amounts = set(rows["offer.salary"].struct.field("amount").drop_nulls())
    assert {42000.0, 40000.0, 39999.99, 42000.01} <= amounts
    assert {"1990-01-02", "1989-12-31"} <= set(rows["applicant.date_of_birth"])
