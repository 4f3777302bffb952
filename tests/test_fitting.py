"""Written values and the exact values they mean."""

from __future__ import annotations

from datetime import date, time, timedelta
from decimal import Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eligibility.datatypes import BooleanType, ChoiceType, CodeType, CountryType, DateType, NumberType, TextType, Type, Unit
from eligibility.fitting import Codes, Misfit, fit, fit_cell, fit_number

CODES = Codes({"GB": "United Kingdom", "DE": "Germany"}, {"GBP": 2, "JPY": 0})
POUNDS = NumberType(Unit.parse("GBP/year") or Unit())


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=4))
def test_numbers_and_percentages_are_exact(number: Decimal) -> None:
    """A number is the decimal that was written, a percentage a hundredth of it, whatever the caller's own precision is."""
    with localcontext() as context:
        context.prec = 3
        assert fit(number, NumberType(), CODES) == Fraction(number)
        assert fit(number, NumberType(), CODES, percent=True) == Fraction(number) / 100


@given(st.floats(-(10**9), 10**9).map(lambda number: round(number, 6)))
def test_a_float_is_the_decimal_it_prints_as(number: float) -> None:
    """A float of Python is read as the shortest decimal that means it."""
    assert Fraction(fit_number(number)) == Fraction(repr(number)) if "e" not in repr(number) else True


@pytest.mark.parametrize(
    ("raw", "kind", "help"),
    [
        ("yes", BooleanType(), "write `true` or `false` without quotes"),
        ("60,000 GBP", POUNDS, "write digits with at most one decimal point, without quotes"),
        (Decimal("1.001"), POUNDS, "amounts are exact: nothing is rounded silently"),
        ("2025-02-30", DateType(), "check the month and the day"),
        ("30.1.2025", DateType(), "write a date as YYYY-MM-DD"),
        (2134, CodeType("soc", r"\d{4}"), "write the code in quotes"),
        ("213", CodeType("soc", r"\d{2}-\d\.\d{2}"), "a code of soc looks like `12-1.12`"),
        ("gb", CountryType(), "did you mean `GB` (United Kingdom)?"),
        ("germany", CountryType(), "did you mean `DE` (Germany)?"),
        ("Untied Kingdom", CountryType(), "did you mean `GB` (United Kingdom)?"),
        ("masters", ChoiceType("level", ("bachelor", "master")), "did you mean `master`?"),
        (7, TextType(), "write it in quotes"),
    ],
)
def test_what_does_not_fit_is_refused_with_a_next_step(raw: object, kind: Type, help: str) -> None:
    """A value that does not fit says what to write instead."""
    with pytest.raises(Misfit) as caught:
        fit(raw, kind, CODES)
    assert caught.value.help == help


def test_cells_are_read_like_values() -> None:
    """A cell of a table is text: numbers, truths and dates in it are read exactly, separators are refused."""
    assert fit_cell(" 41700.5 ", POUNDS, CODES) == Fraction(83401, 2)
    assert fit_cell("12.5", NumberType(), CODES, percent=True) == Fraction(1, 8)
    assert fit_cell("2025-01-31", DateType(), CODES) == date(2025, 1, 31)
    for text in ("41,700", "1e3", "", ".5", "\uff11"):
        with pytest.raises(Misfit):
            fit_cell(text, POUNDS, CODES)


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ("", "an empty text"),
        (" ", "the text ` `"),
        (b"37", "bytes"),
        (time(1, 2), "a time"),
        (timedelta(1), "a time"),
        (object(), "something else"),
    ],
)
def test_what_was_found_is_named(raw: object, words: str) -> None:
    """What stands in the place of a number is named in words, nothing and foreign kinds of values too."""
    with pytest.raises(Misfit) as caught:
        fit(raw, NumberType(), CODES)
    assert caught.value.found == words
