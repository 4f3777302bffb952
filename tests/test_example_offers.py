"""The worked example with real offers says what its script finds."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from eligibility.engine import load_rules

pytest.importorskip("polars")
ROOT = Path(__file__).parents[1]


@pytest.fixture(autouse=True)
def on_path(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("population", "real_offers"):
        monkeypatch.syspath_prepend(ROOT / "examples" / name)
    yield
    for name in ("applicants", "chance", "chart", "reach"):
        sys.modules.pop(name, None)


def test_the_page_and_its_chart_are_those_of_the_script() -> None:
    """The shares that the page prints and draws are worked out from the stored offers and the present rules."""
    import reach  # type: ignore[import-not-found]  # on the path of this test alone

    found = reach.shares(load_rules())
    page = reach.DOCUMENT.read_text(encoding="utf-8")
    assert reach.BEGIN + reach.table(found) + reach.END in page, "run `python examples/real_offers/reach.py --write`"
    assert reach.chart(found) == reach.DOCUMENT.with_suffix(".svg").read_text(encoding="utf-8")


def test_no_salary_is_converted() -> None:
    """An offer counts only where its salary is in the currency of the country."""
    import reach

    offers = reach.real_offers()
    currencies = {each.country: each.currency for each in reach.QUESTIONS}
    assert offers.height > 2_000
    assert all(currencies[country] == currency for country, currency in offers["company_location", "salary_currency"].iter_rows())
