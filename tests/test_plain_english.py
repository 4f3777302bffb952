"""Reports are written in plain English: nothing in them is a name from a rule file."""

from __future__ import annotations

from pathlib import Path

import pytest

from eligibility.explanation import Explanation
from small_rules import load, outcome

COLUMNS = """
tables:
  rates:
    title: entry in the table of rates
    file: rates.csv
    key: {list: text, soc: soc}
    columns: {annual: {gives: GBP/year, title: going rate}, PHD}
    cite: LAW 1
criteria:
  salary:
    title: Paid enough
    cite: LAW 1
    met_when: 'convert(offer.salary, "GBP/year") >= rates["first_list", offer.occupation].annual'
  phd: {title: A PhD counts, cite: LAW 1, met_when: 'rates["first_list", offer.occupation].phd_points'}
"""
PAID = {"offer.salary": {"amount": 40000, "currency": "GBP", "period": "year"}}


def sentence(root: Explanation, path: str) -> str:
    found = root.find(path)
    assert found is not None, path
    return found.sentence


@pytest.mark.parametrize(
    ("column", "said"),
    [
        ("phd_points: {gives: boolean, title: a PhD brings points}", "a PhD brings points"),
        ("phd_points: boolean", "entry in the table of rates (phd points)"),
    ],
)
def test_a_cell_is_called_by_its_column(column: str, said: str, tmp_path: Path) -> None:
    """A cell is called by the title of its column, else by that of its table, and never by the row that the rule names."""
    found = load(tmp_path, COLUMNS.replace("PHD", column), rates_csv="list,soc,annual,phd_points\nfirst_list,2134,54700,true\n")
    known = outcome(found, {**PAID, "offer.occupation": "2134"}).explanation
    assert sentence(known, "salary").partition(": ")[0] == (
        "Basic pay is GBP 40,000 a year; it must be at least the going rate for 2134, GBP 54,700 a year (LAW 1)"
    )
    assert sentence(known, "phd") == f"{said[0].upper()}{said[1:]} for 2134 (LAW 1): yes."
    unknown = outcome(found, {**PAID, "offer.occupation": "2135"}).explanation
    assert {gap.label for gap in unknown.missing} == {"going rate", said}
