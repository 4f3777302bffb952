"""English: articles, enumerations, singular and plural of the noun phrases that rule files and fact declarations give."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final


def capital(text: str) -> str:
    """The text with its first letter in upper case."""
    return text[:1].upper() + text[1:]


def lowered(text: str) -> str:
    """A sentence as it goes on after a colon: names and abbreviations keep their capitals.

    >>> lowered("The licence is A-rated"), lowered("HC 590 holds"), lowered("A degree")
    ('the licence is A-rated', 'HC 590 holds', 'a degree')
    """
    first = text.split(" ", 1)[0]
    word = len(first) == 1 or (first[1:].islower() and first[1].isalpha())
    return text[:1].lower() + text[1:] if word else text


def listed(parts: Sequence[str], word: str = "and") -> str:
    """Several texts as an enumeration.

    >>> listed(["a", "b", "c"]), listed(["a", "b"], "or")
    ('a, b and c', 'a or b')
    """
    return " ".join([", ".join(parts[:-1]), word, parts[-1]]) if len(parts) > 1 else "".join(parts)


def row(parts: Sequence[str]) -> str:
    """Several texts one after the other, told apart by semicolons where one has a comma in it.

    >>> row(["a", "b"]), row(["a, b", "c"])
    ('a, b', 'a, b; c')
    """
    return ("; " if any("," in part for part in parts) else ", ").join(parts)


def counted(number: int, singular: str, plural: str = "") -> str:
    """A number of things.

    >>> counted(1, "criterion", "criteria"), counted(2, "fact")
    ('1 criterion', '2 facts')
    """
    return f"{number:,} {singular if number == 1 else plural or f'{singular}s'}"


# fmt: off
_HEAD_ENDS: Final = frozenset([
    "of", "in", "for", "to", "from", "on", "with", "by", "at", "that", "who", "which", "where", "as", "per", "since", "under",
    "before", "after", "until", "against", "without", "inside", "outside", "through", "during", "about", "below", "above",
    "he", "she", "the", "a", "an", "between", "within", "besides", "towards", "over", "than", "up", "whose", "when", "why",
    "how", "is", "are", "was", "were", "has", "have", "will", "already", "abroad", "open", "exempt", "free", "known", "shown",
    "needed", "left", "held", "paid", "given", "made", "taken", "lost", "spent", "had",
])
# fmt: on
_SINGULAR_ENDS: Final = ("ss", "us", "is", "'s")
_HISSING: Final = ("sses", "shes", "ches", "xes")


def head(noun: str) -> str:
    """The word that decides whether a noun phrase is plural.

    >>> head("weekly working hours"), head("level of English"), head("countries whose nationals are exempt")
    ('hours', 'level', 'countries')
    """
    first = ""
    for word in noun.partition(" (")[0].split():
        if first and (word in _HEAD_ENDS or word.endswith("ed")):
            break
        first = word.rstrip(",")
        if word.endswith(","):
            break
    return first


def is_plural(noun: str) -> bool:
    """Whether a noun phrase takes `are`."""
    word = head(noun)
    return len(word) > 2 and word.endswith("s") and not word.endswith(_SINGULAR_ENDS)


def be(noun: str) -> str:
    """`is` or `are`, as a noun phrase needs it."""
    return "are" if is_plural(noun) else "is"


def the(noun: str) -> str:
    """A noun phrase with its article, unless it cannot have one."""
    first = noun[:1]
    articled = noun.startswith(("the ", "a ", "an ", "no ")) or not first.isalpha() or is_name(noun)
    return noun if articled else f"the {noun}"


_PERIODS: Final = {
    "year": ("year", "yearly", "annual"),
    "month": ("month", "monthly"),
    "week": ("week", "weekly"),
    "hour": ("hour", "hourly"),
}


def says_period(noun: str, period: str) -> bool:
    """Whether the noun phrase of an amount says for which period it is.

    >>> says_period("taxable pay for a year", "year"), says_period("pay under a five-year contract", "year")
    (True, False)
    """
    return not set(_PERIODS.get(period, ())).isdisjoint(noun.lower().replace(",", "").split())


def bare(noun: str) -> str:
    """A noun phrase without its article, whatever its case, to be compared with another.

    >>> bare("the Netherlands"), bare("The netherlands"), bare("Norway")
    ('netherlands', 'netherlands', 'norway')
    """
    return noun.casefold().removeprefix("the ")


def is_name(noun: str) -> bool:
    """Whether a noun phrase begins with a word in capitals or a proper name followed by a number, such as `Tier 2`."""
    words = noun.split()
    return len(words) > 1 and words[0][:1].isupper() and words[1][:1].isdigit()


def singular(noun: str) -> str | None:
    """The singular of a plural that ends with its head, None for any other noun phrase.

    >>> singular("degrees"), singular("recruitment activities"), singular("jobs held")
    ('degree', 'recruitment activity', None)
    """
    if not noun.endswith(head(noun)) or not is_plural(noun):
        return None
    if noun.endswith("ies"):
        return f"{noun[:-3]}y"
    return noun[:-2] if noun.endswith(_HISSING) else noun[:-1]
