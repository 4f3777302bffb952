"""The door for profiles: whatever comes, it is a profile with exact facts or an error that says where and why."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from eligibility.datatypes import MET, Money, Value
from eligibility.diagnostics import CODES, ProfileError
from eligibility.facts import Profile, Provenance, read_document, read_profile
from eligibility.rulebook import RuleBook
from eligibility.rulefiles import check_folders

BOOK: RuleBook = check_folders([Path(__file__).parent / "packs" / "world"])
PATHS = sorted(BOOK.facts)
KEYS = sorted(
    {step for path in PATHS for step in path.split(".")}
    | {"amount", "currency", "period", "value", "as_of", "source", "x", "$schema"}
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=12)
    | st.sampled_from(["GB", "gb", "GBP", "year", "2025-01-31", "2025-02-30", "A", "none", "2134", "B1", "\ud800", "a\nb"])
)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=5), inner, max_size=4),
    max_leaves=20,
)


def nested(path: str, value: object) -> dict[str, object]:
    """A profile that states one fact."""
    for step in reversed(path.split(".")):
        value = {step: value}
    assert isinstance(value, dict)
    return value


FACTS = st.builds(nested, st.sampled_from(PATHS), ANYTHING)


def read(source: dict[str, object] | str | bytes | Path) -> Profile | ProfileError:
    """The profile, or the error it gives; any other exception fails the test."""
    try:
        return read_profile(source, BOOK)
    except ProfileError as error:
        return error


def fact(path: str, value: object) -> Value:
    """The value of the only fact of a profile."""
    return read_profile(nested(path, value), BOOK).facts[path]


def codes(source: dict[str, object] | str | bytes | Path) -> list[str]:
    """The codes of the problems of a profile."""
    found = read(source)
    return [each.code for each in found.diagnostics] if isinstance(found, ProfileError) else []


@given(FACTS | st.dictionaries(st.sampled_from(KEYS), ANYTHING, max_size=4))
def test_any_data_is_a_profile_or_an_error(data: dict[str, object]) -> None:
    """Any JSON value gives a profile or problems with places, from Python and as text alike."""
    for source in (data, json.dumps(data)):
        found = read(source)
        if isinstance(found, ProfileError):
            assert found.diagnostics
            assert all(each.code in CODES and each.path for each in found.diagnostics)
            str(found).encode()
        else:
            assert found.facts.keys() <= BOOK.facts.keys()


@given(
    st.binary()
    | st.text()
    | st.lists(st.sampled_from(['{"', '"', "offer", ":", "{", "}", "[", "]", ",", "1e9", "-", "\\ud8"])).map("".join)
)
@example('{"offer": {"staff": 1e99999999999999999999}}')
@example('{"offer": {"staff": 1e-99999999999999999999}}')
@example('{"offer": {"staff": 0e-999999999}}')
@example('{"offer": {"staff": ' + "9" * 5_000 + "}}")
@example('{"offer": {"title": "\\ud800"}}')
@example("[" * 100_000)
@example(b"\xef\xbb\xbf{}")
def test_any_bytes_are_a_profile_or_an_error(source: str | bytes) -> None:
    """Any bytes give a profile or problems, and never anything else."""
    found = read(source)
    assert isinstance(found, Profile) or found.diagnostics
    str(found).encode()


@pytest.mark.parametrize("text", ["0e-999999999", "1." + "0" * 100_000, "-0.0", "0." + "0" * 50_000])
def test_a_number_of_many_digits_is_read_at_once(text: str) -> None:
    """A number with very many zeros is the number it is."""
    assert read_profile(f'{{"applicant": {{"experience": {text}}}}}', BOOK).facts["applicant.experience"] in (0, 1)


@pytest.mark.parametrize(
    ("path", "value", "wanted"),
    [
        ("applicant.experience", 2.5, Fraction(5, 2)),
        ("applicant.experience", 0.1, Fraction(1, 10)),
        ("applicant.experience", Decimal("2.50"), Fraction(5, 2)),
        ("applicant.experience", 3, 3),
        ("offer.staff", 40.0, 40),
        ("offer.remote_share", 70, Fraction(7, 10)),
        ("offer.remote_share", 12.5, Fraction(1, 8)),
        ("offer.start_date", date(2025, 1, 31), date(2025, 1, 31)),
        ("offer.start_date", "2025-01-31", date(2025, 1, 31)),
        ("offer.permanent", True, MET),
        ("applicant.nationalities", ("DE", "FR"), ("DE", "FR")),
        ("applicant.nationalities", [], ()),
        ("offer.salary", {"amount": 41700.5, "currency": "GBP", "period": "year"}, Money(Fraction(83401, 2), "GBP", "year")),
        ("offer.salary", {"amount": 0, "currency": "JPY"}, Money(0, "JPY", None)),
        ("offer.yearly_cost", 1_000, 1_000),
        ("offer.yearly_cost", {"amount": 1_000, "currency": "GBP", "period": "year"}, 1_000),
        ("applicant.degrees", [{"level": "master", "recognised": None}], ({"level": "master"},)),
    ],
)
def test_a_value_is_read_exactly(path: str, value: object, wanted: object) -> None:
    """Numbers are the decimals that were written, percentages are ratios, tuples are lists."""
    assert fact(path, value) == wanted


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("offer.staff", True),
        ("offer.staff", "7"),
        ("offer.staff", 7.5),
        ("offer.staff", -1),
        ("offer.staff", 10**16),
        ("offer.staff", float("nan")),
        ("offer.staff", Decimal("Infinity")),
        ("offer.permanent", 1),
        ("offer.permanent", "yes"),
        ("offer.start_date", datetime(2025, 1, 31, tzinfo=UTC)),
        ("offer.start_date", "2025-W05-5"),
        ("offer.start_date", 20250131),
        ("offer.occupation", 2134),
        ("offer.occupation", "\uff12\uff11\uff13\uff14"),
        ("offer.country", "gb"),
        ("offer.country", "Germany"),
        ("offer.salary", 41_700),
        ("offer.salary", {"amount": 1, "currency": "gbp"}),
        ("offer.salary", {"amount": 1.001, "currency": "GBP"}),
        ("offer.salary", {"amount": 1.5, "currency": "JPY"}),
        ("offer.salary", {"amount": 1, "currency": "GBP", "period": "day"}),
        ("offer.salary", {"amount": 1, "currency": "GBP", "per": "year"}),
        ("offer.yearly_cost", {"amount": 1_000, "currency": "GBP", "period": "month"}),
        ("offer.yearly_cost", {"amount": 1_000, "currency": "EUR", "period": "year"}),
        ("offer.weekly_hours", 168),
        ("offer.remote_share", 101),
        ("applicant.nationalities", "DE"),
        ("applicant.nationalities", [None]),
        ("applicant.degrees", {"level": "master"}),
        ("applicant.degrees", ["master"]),
    ],
)
def test_a_value_that_does_not_fit_is_refused(path: str, value: object) -> None:
    """Nothing is coerced: not text to numbers, not numbers to truths, not names to codes, not one unit to another."""
    assert codes(nested(path, value)) == ["E402"]


def test_absent_and_null_are_unknown() -> None:
    """A fact that is null is known to be unknown; one that is absent was not asked."""
    profile = read_profile({"offer": {"staff": None, "title": "engineer"}, "employer": None}, BOOK)
    assert profile.facts == {"offer.title": "engineer"}
    assert profile.stated_unknown == {"offer.staff"}


def test_a_fact_says_where_it_comes_from() -> None:
    """A fact may stand in an object with its value, the day it was true, and its source."""
    profile = read_profile({"employer": {"licensed": {"value": True, "as_of": "2025-01-31", "source": "the register"}}}, BOOK)
    assert profile.facts["employer.licensed"] is MET
    assert profile.provenance["employer.licensed"] == Provenance(date(2025, 1, 31), "the register")
    money = {"value": {"amount": 1, "currency": "GBP"}, "source": "contract"}
    assert read_profile(nested("offer.salary", money), BOOK).facts["offer.salary"] == Money(1, "GBP", None)
    for wrong in (
        {"as_of": "2025-01-31"},
        {"value": True, "as_of": "yesterday"},
        {"value": True, "from": 1},
        {"value": True, "source": 1},
    ):
        assert codes(nested("employer.licensed", wrong)) == ["E408"]


def test_all_problems_come_at_once_in_the_order_of_the_document() -> None:
    """Repeated keys, unknown names and wrong values of one document are told together, each with its path."""
    degrees = '[{"levl": 1, "months": 1, "months": 2.5}]'
    text = f'{{"offer": {{"staff": "7", "staff": true, "titel": "x"}}, "applicant": {{"degrees": {degrees}}}}}'
    found = read(text)
    assert isinstance(found, ProfileError)
    assert [(each.code, each.path) for each in found.diagnostics] == [
        ("E405", "offer.staff"),
        ("E405", "applicant.degrees[0].months"),
        ("E402", "offer.staff"),
        ("E401", "offer.titel"),
        ("E401", "applicant.degrees[0].levl"),
        ("E402", "applicant.degrees[0].months"),
    ]


def test_a_path_is_written_in_groups() -> None:
    """A dotted path as one key is refused with the way to write it, so that no fact is stated twice."""
    found = read({"offer.staff": 3})
    assert isinstance(found, ProfileError)
    assert found.diagnostics[0].help == 'write it in groups: {"offer": {"staff": ...}}'


def test_very_many_problems_are_found_in_no_time() -> None:
    """A profile of a hundred thousand unknown names is refused at once."""
    assert len(codes("{" + ",".join(f'"x{number}": 1' for number in range(50_000)) + "}")) == 50_000


def test_a_document_is_read_by_itself() -> None:
    """`read_document` gives plain data with exact numbers, and refuses what `read_profile` refuses."""
    assert read_document('{"a": 1.10, "b": [1]}') == {"a": Decimal("1.10"), "b": [1]}
    for text, code in (("", "E400"), ("{", "E400"), ('{"a": 1, "a": 1}', "E405"), ("[" * 30, "E403"), (" " * 1_000_001, "E403")):
        with pytest.raises(ProfileError, match=code):
            read_document(text)


def test_files_that_are_no_profile_are_reported(tmp_path: Path) -> None:
    """A file that is not there, a folder and an impossible name are told apart from a profile with mistakes."""
    for path in (tmp_path / "none.json", tmp_path, Path("a\0b")):
        assert codes(path) == ["E409"]
    empty = tmp_path / "empty.json"
    empty.touch()
    assert codes(empty) == ["E400"]


def test_a_profile_can_be_narrowed() -> None:
    """`without` and `only` leave facts out; what is left is unchanged."""
    profile = read_profile({"offer": {"staff": 1, "title": "x", "country": None}}, BOOK)
    assert profile.without("offer.staff").facts == {"offer.title": "x"}
    assert profile.only(frozenset({"offer.staff"})).facts == {"offer.staff": 1}
