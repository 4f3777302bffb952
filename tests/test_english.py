"""English: enumerations, articles, singular and plural of the labels that rules and facts give."""

from __future__ import annotations

import doctest

import pytest

from eligibility import english
from eligibility.english import be, capital, counted, head, is_plural, listed, lowered, row, singular, the


def test_the_examples_hold() -> None:
    """What the docstrings show is what comes out."""
    found = doctest.testmod(english)
    assert found.attempted > 0
    assert found.failed == 0


@pytest.mark.parametrize(
    ("noun", "word"),
    [
        ("sponsor licence", "licence"),
        ("rating of the sponsor licence", "rating"),
        ("weekly working hours", "hours"),
        ("years of experience", "years"),
        ("places left under the quota", "places"),
        ("days the savings have been held", "days"),
        ("hours a week of the job", "hours"),
        ("occupations known to be on the list", "occupations"),
        ("countries whose nationals are exempt", "countries"),
        ("additional steps within the window", "steps"),
        ("L-1 approvals within the last year", "approvals"),
        ("work towards full registration", "work"),
        ("software occupations, which are not regulated", "occupations"),
        ("test results (CLB levels)", "results"),
        ("the end of the six years", "end"),
        ("", ""),
    ],
)
def test_the_head_of_a_label_decides(noun: str, word: str) -> None:
    """The word that agrees with the verb stands before the first preposition, participle or relative clause."""
    assert head(noun) == word


@pytest.mark.parametrize(
    "noun", ["degrees", "nationalities", "points for age", "means for living", "savings", "premises in Canada"]
)
def test_several_things_are(noun: str) -> None:
    """A plural takes `are`."""
    assert is_plural(noun)
    assert be(noun) == "are"


@pytest.mark.parametrize(
    "noun", ["status", "basis of the transfer", "bus", "UK bachelor's course", "level of skills", "address", "us", "as"]
)
def test_one_thing_is(noun: str) -> None:
    """What merely ends like a plural, or has a plural further on, takes `is`."""
    assert be(noun) == "is"


@pytest.mark.parametrize(
    ("noun", "one"),
    [
        ("degrees", "degree"),
        ("nationalities", "nationality"),
        ("recruitment activities", "recruitment activity"),
        ("approaches", "approach"),
        ("addresses", "address"),
        ("boxes", "box"),
        ("jobs held", None),
        ("level of English", None),
        ("status", None),
    ],
)
def test_one_of_several_has_a_name(noun: str, one: str | None) -> None:
    """The singular of a plural at the end of its label; what cannot be told is not guessed."""
    assert singular(noun) == one


@pytest.mark.parametrize(
    ("noun", "with_article"),
    [
        ("lowest pay", "the lowest pay"),
        ("the lowest pay", "the lowest pay"),
        ("a degree", "a degree"),
        ("70% of the going rate", "70% of the going rate"),
        ("Tier 2", "Tier 2"),
        ("“new entrant”", "“new entrant”"),
        ("Skilled Worker visa", "the Skilled Worker visa"),
    ],
)
def test_an_article_stands_where_it_can(noun: str, with_article: str) -> None:
    """A noun phrase gets one article, a figure or a name with a number none."""
    assert the(noun) == with_article


def test_an_enumeration_has_one_last_word() -> None:
    """Commas between, a word before the last, and nothing of nothing."""
    assert [listed(parts) for parts in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == ["", "a", "a and b", "a, b and c"]
    assert listed(["a", "b"], "or") == "a or b"
    assert [row(parts) for parts in ([], ["a"], ["a", "b"], ["a, b", "c"])] == ["", "a", "a, b", "a, b; c"]


@pytest.mark.parametrize(
    ("number", "said"), [(0, "0 criteria"), (1, "1 criterion"), (2, "2 criteria"), (1200, "1,200 criteria"), (-1, "-1 criteria")]
)
def test_a_number_agrees_with_its_things(number: int, said: str) -> None:
    """One thing is singular, everything else plural, thousands are separated."""
    assert counted(number, "criterion", "criteria") == said


def test_a_sentence_goes_on_in_lower_case() -> None:
    """A sentence begins with a capital, and loses it inside another one, unless it begins with an abbreviation."""
    assert capital("level of English") == "Level of English"
    assert capital("") == lowered("") == ""
    assert [lowered(text) for text in ("The job ends.", "HC 590 holds.", "A-rated.", "O*NET says so.", "I")] == [
        "the job ends.",
        "HC 590 holds.",
        "A-rated.",
        "O*NET says so.",
        "i",
    ]
