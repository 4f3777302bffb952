"""Values in words and as data: nothing is rounded away silently, nothing loses its unit, currency or period."""

from __future__ import annotations

import doctest
import json
import unicodedata
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eligibility import formatting
from eligibility.datatypes import (
    BARE,
    JUDGEMENT,
    MET,
    NOT_MET,
    UNKNOWN,
    UNKNOWN_TRUTH,
    BooleanType,
    ChoiceType,
    CountryType,
    DateType,
    ListType,
    Money,
    MoneyType,
    NumberType,
    RecordType,
    TextType,
    Type,
    Unit,
    Value,
)
from eligibility.formatting import (
    Shown,
    as_json,
    clean,
    exact_text,
    is_money,
    marks,
    money,
    percent,
    plain_number,
    quantity,
    show,
)
from eligibility.rulebook import RuleBook
from reporting import rules

LEVEL = ChoiceType("language_level", ("A1", "A2", "B1", "B2"), ordered=True)
fractions = st.fractions(min_value=-(10**9), max_value=10**9, max_denominator=10**4)


def unit_of(text: str) -> Unit:
    unit = Unit.parse(text)
    assert unit is not None
    return unit


@pytest.fixture
def book() -> RuleBook:
    return rules().book


def test_the_examples_hold() -> None:
    """What the docstrings show is what comes out."""
    found = doctest.testmod(formatting)
    assert found.attempted > 0
    assert found.failed == 0


@pytest.mark.parametrize(
    ("number", "decimals", "text"),
    [
        (0, None, "0"),
        (-41700, None, "-41,700"),
        (Fraction(1, 3), None, "0.333333…"),
        (Fraction(-1, 3), 2, "-0.33…"),
        (Fraction(1, 2), 2, "0.50"),
        (Fraction(1, 2), None, "0.5"),
        (Fraction(999999, 1000), 2, "999.99…"),
        (Fraction(4, 2), 2, "2"),
    ],
)
def test_a_number_is_cut_and_marked(number: int | Fraction, decimals: int | None, text: str) -> None:
    """What has more decimals than are shown is cut, never rounded, and marked."""
    assert plain_number(number, decimals) == text


@given(fractions, st.sampled_from([None, 0, 2, 3]))
def test_what_is_shown_is_true(number: Fraction, decimals: int | None) -> None:
    """A number without a mark is the number itself; one with a mark is less than one unit of its last place further from zero."""
    text = plain_number(number, decimals)
    read = Fraction(Decimal(text.removesuffix("…").replace(",", "")))
    if not text.endswith("…"):
        assert read == number
    else:
        places = 6 if decimals is None else decimals
        assert 0 < abs(number) - abs(read) < Fraction(1, 10**places)


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0, "0%"),
        (1, "100%"),
        (Fraction(1, 3), "33.3%"),
        (Fraction(5, 10000), "0.1%"),
        (Fraction(4, 10000), "less than 0.1%"),
        (Fraction(-37, 417), "8.9%"),
        (12, "1,200%"),
    ],
)
def test_a_share_is_rounded_but_never_to_nothing(share: int | Fraction, text: str) -> None:
    """A share has one place, half up, and a share above nothing is never shown as nothing."""
    assert percent(share) == text


@pytest.mark.parametrize(
    ("amount", "currency", "period", "digits", "text"),
    [
        (41700, "GBP", "year", 2, "GBP 41,700 a year"),
        (Fraction(1713, 100), "GBP", "hour", 2, "GBP 17.13 an hour"),
        (Fraction(1, 2), "EUR", None, 2, "EUR 0.50"),
        (Fraction(10001, 10000), "BHD", "month", 3, "BHD 1.000… a month"),
        (-5, "USD", "week", 2, "USD -5 a week"),
    ],
)
def test_money_has_currency_and_period(amount: int | Fraction, currency: str, period: str | None, digits: int, text: str) -> None:
    """An amount is never shown without its currency and, where it has one, its period."""
    assert money(amount, currency, period, digits) == text


@pytest.mark.parametrize(
    ("number", "unit", "text"),
    [
        (1, "years", "1 year"),
        (Fraction(3, 2), "years", "1.5 years"),
        (-1, "days", "-1 day"),
        (0, "months", "0 months"),
        (40, "hours/week", "40 hours a week"),
        (1, "hours/week", "1 hour a week"),
    ],
)
def test_a_quantity_has_its_unit(number: int | Fraction, unit: str, text: str) -> None:
    """One is singular, everything else plural; the unit is never left out."""
    assert quantity(number, unit_of(unit)) == text


def test_a_bare_number_has_no_unit() -> None:
    """A number without a unit is a number, and no money."""
    assert quantity(1200, BARE) == "1,200"
    assert [is_money(unit_of(unit)) for unit in ("GBP", "GBP/year", "hours/week", "years")] == [True, True, False, False]
    assert not is_money(BARE)


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        (UNKNOWN, NumberType(), "not known"),
        (UNKNOWN_TRUTH, BooleanType(), "not known"),
        (MET, BooleanType(), "yes"),
        (NOT_MET, BooleanType(), "no"),
        (JUDGEMENT, BooleanType(), "for a human to judge"),
        (Money(Fraction(5, 2), "GBP", "hour"), MoneyType(), "GBP 2.50 an hour"),
        (date(2026, 1, 2), DateType(), "2026-01-02"),
        (38000, NumberType(unit_of("GBP/year")), "GBP 38,000 a year"),
        ("B2", LEVEL, "B2"),
        ("NO", CountryType(), "Norway"),
        ("XX", CountryType(), "XX"),
        ("a\nb\x1b[31m", TextType(), "a b\ufffd[31m"),
        (("NO", "DE"), ListType(CountryType()), "Norway, Germany"),
        (frozenset({"NO", "DE"}), ListType(CountryType()), "Germany, Norway"),
        ((), ListType(CountryType()), "none"),
        (frozenset[str](), ListType(CountryType()), "none"),
        (({"level": "A1"},), ListType(RecordType((("level", LEVEL),))), "A1"),
    ],
)
def test_a_value_is_shown_by_its_type(value: Shown, kind: Type, text: str, book: RuleBook) -> None:
    """Each type has its words: yes and no, labels, names of countries, money, enumerations."""
    assert show(value, kind, book) == text


def test_a_share_is_shown_as_a_percentage(book: RuleBook) -> None:
    """A number whose unit is percent is stored as a share and shown as a percentage."""
    assert show(Fraction(45, 100), NumberType(), book, "percent") == "45%"
    assert show(Fraction(45, 100), NumberType(), book) == "0.45"


def test_the_label_of_a_choice_is_that_of_its_declaration(book: RuleBook) -> None:
    """A choice has its label from its vocabulary, its fact or its field; without one it is its value."""
    rating = book.facts["employer.rating"].type
    level = book.facts["applicant.degrees"].fields["level"].type
    assert show("A", rating, book) == "A-rated"
    assert show("master", level, book) == "master"
    assert show("x", ChoiceType("nowhere", ("x",)), book) == "x"


def test_a_record_is_told_by_its_marks(book: RuleBook) -> None:
    """Choices, countries and texts tell a record from its neighbours, else dates; one without either is counted."""
    kind = RecordType(
        (("level", LEVEL), ("where", CountryType()), ("what", TextType()), ("on", DateType()), ("size", NumberType()))
    )
    whole: dict[str, Value] = {"level": "B1", "where": "NO", "what": "law", "on": date(2020, 1, 2), "size": 3}
    assert marks(whole, kind, book) == "B1, Norway, law"
    assert marks({"on": date(2020, 1, 2), "size": 3}, kind, book) == "2020-01-02"
    assert marks({"size": 3}, kind, book) == ""
    assert show({"size": 3}, kind, book) == "1 detail"
    assert marks(whole, TextType(), book) == ""


@given(st.text())
def test_stated_text_is_one_clean_line(text: str) -> None:
    """What people state has no line break, control character or invisible character left, and keeps its length."""
    found = clean(text)
    assert len(found) == len(text)
    assert "\n" not in found
    assert not any(unicodedata.category(each) in ("Cc", "Cf", "Cs") for each in found)
    assert clean(found) == found


@given(fractions)
def test_an_exact_text_loses_nothing(number: Fraction) -> None:
    """The text of an exact number gives the number again: a decimal where it ends, else a fraction."""
    text = exact_text(number)
    assert Fraction(text) == number
    ends = 10**64 % number.denominator == 0
    assert ("/" in text) == (not ends)


@pytest.mark.parametrize(
    ("value", "kind", "data"),
    [
        (UNKNOWN, NumberType(), None),
        (UNKNOWN_TRUTH, BooleanType(), "unknown"),
        (MET, BooleanType(), "met"),
        (Fraction(1, 3), NumberType(), "1/3"),
        (Fraction(75, 2), NumberType(), "37.5"),
        (3, NumberType(), 3),
        (date(2026, 1, 2), DateType(), "2026-01-02"),
        (Money(Fraction(5, 2), "GBP", None), MoneyType(), {"amount": "2.5", "currency": "GBP", "period": None}),
        (("B1", "A2"), ListType(LEVEL), ["B1", "A2"]),
        (frozenset({"b", "a"}), ListType(TextType()), ["a", "b"]),
        ({"on": date(2020, 1, 2)}, RecordType((("on", DateType()),)), {"on": "2020-01-02"}),
    ],
)
def test_data_is_exact_json(value: Shown, kind: Type, data: object) -> None:
    """A value as data can be written as JSON and has no binary fraction in it."""
    found = as_json(value, kind)
    assert found == data
    assert json.loads(json.dumps(found)) == data
