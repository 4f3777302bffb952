"""Languages: sentences from templates, and numbers and dates as a language writes them.

English is built in (`wording.py`) and does its grammar in the templates. Another language gives templates that need no grammar,
and labels for what rule files say in English; what it does not give stays English.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, localcontext
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING, Final

from eligibility import english
from eligibility.datatypes import Number
from eligibility.wording import SENTENCES

if TYPE_CHECKING:
    from babel import Locale

DEFAULT: Final = "en"
_PLACEHOLDER: Final = re.compile(r"\{(\w+)(?::([^{}]*))?\}")
_SHOWN_DECIMALS: Final = 6
CAPITAL: Final = "capital"


@dataclass(frozen=True, slots=True)
class Placeholder:
    """A name in the braces of a template, and how its text is put: `capital`, or one of two forms (`is|are`), or as it is."""

    name: str
    form: str


@dataclass(frozen=True, slots=True)
class Language:
    """A language: its code, its templates by id, its labels by address, its texts by the English ones."""

    code: str = DEFAULT
    sentences: Mapping[str, str] = field(default_factory=dict, repr=False)
    labels: Mapping[str, str] = field(default_factory=dict, repr=False)
    texts: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def is_english(self) -> bool:
        """Whether it is the language of the rule files."""
        return self.code == DEFAULT

    def label(self, address: str, english: str) -> str:
        """The label of an element, or the English one."""
        return self.labels.get(address, english)

    def text(self, english: str) -> str:
        """A text of a rule file, or the English one."""
        return self.texts.get(english, english)

    # sentences

    def say(self, name: str, /, **parts: str | Number) -> str:
        """The sentence of an id, with its placeholders filled; a number can choose between two forms."""
        own = None if self.is_english else self.sentences.get(name)
        template, speaker = (SENTENCES[name], ENGLISH) if own is None else (own, self)
        pieces = parsed(template)
        return "".join([piece if isinstance(piece, str) else self._filled(piece, parts[piece.name], speaker) for piece in pieces])

    def _filled(self, piece: Placeholder, part: str | Number, speaker: Language) -> str:
        if not piece.form:
            return part if isinstance(part, str) else self.number(part)
        if "|" in piece.form:
            one, _, more = piece.form.partition("|")
            is_one = not speaker.is_plural(part) if isinstance(part, str) else speaker.is_one(part)
            return one if is_one else more
        text = part if isinstance(part, str) else self.number(part)
        match piece.form:
            case "capital":
                return english.capital(text)
            case "lower":
                return english.lowered(text)
            case "the":
                return english.the(text)
        return text

    def is_one(self, number: Number) -> bool:
        """Whether a number of things is said in the singular."""
        if self.is_english:
            return number == 1
        return bool(_locale(self.code).plural_form(_decimal(abs(Fraction(number)))[0]) == "one")

    def is_plural(self, noun: str) -> bool:
        """Whether a noun phrase is known to be a plural, which only English tells by its end."""
        return self.is_english and english.is_plural(noun)

    def why(self, english: str) -> str:
        """Why something is unknown: a text of a rule file, or one of the reasons that findings give."""
        if self.is_english or english in self.texts:
            return self.text(english)
        for name in _REASONS:
            found = _pattern(SENTENCES[name]).fullmatch(english)
            if found:
                return self.say(name, **found.groupdict())
        return english

    def the(self, noun: str) -> str:
        """A noun phrase as the name of something in a sentence."""
        return self.say("word.the", noun=noun)

    def lowered(self, text: str) -> str:
        """A sentence as it goes on after a colon."""
        return english.lowered(text) if self.is_english else text

    def listed(self, parts: Sequence[str], word: str = "and") -> str:
        """Several texts as an enumeration with `and` or `or`."""
        return english.listed(parts, self.say(f"word.{word}"))

    # numbers and dates

    def number(self, number: Number, decimals: int | None = None) -> str:
        """A number with thousands separators; an inexact decimal is cut to six places and marked with `…`.

        With `decimals`, a number that is not whole has that many places, cut and marked where it has more.

        >>> ENGLISH.number(41700), ENGLISH.number(Fraction(75, 2)), ENGLISH.number(Fraction(122528, 3), 2)
        ('41,700', '37.5', '40,842.66…')
        """
        if number.denominator == 1:
            return f"{number.numerator:,}" if self.is_english else self._written(Decimal(number.numerator))
        shown, is_exact = _decimal(abs(Fraction(number)), decimals)
        text = f"{shown:,f}" if self.is_english else self._written(shown)
        return f"{'-' if number < 0 else ''}{text}{'' if is_exact else '…'}"

    def _written(self, number: Decimal) -> str:
        from babel.numbers import format_decimal  # imported late: English needs no locale

        places = max(0, -int(number.as_tuple().exponent))
        pattern = f"#,##0.{'0' * places}" if places else "#,##0"
        with localcontext(prec=len(number.as_tuple().digits) + places + 1):  # the usual precision is too small for long numbers
            return str(format_decimal(number, pattern, _locale(self.code)))

    def day(self, day: date) -> str:
        """A date: in English as ISO text, else in full.

        >>> ENGLISH.day(date(2026, 4, 1))
        '2026-04-01'
        """
        if self.is_english:
            return day.isoformat()
        from babel.dates import format_date

        if day.day == 1 and "value.first_of" in self.sentences:  # which some languages write otherwise than other days
            text = self.say("value.first_of", month=str(format_date(day, "MMMM y", _locale(self.code))))
        else:
            text = str(format_date(day, "long", _locale(self.code)))
        return text.replace(" ", "\N{NO-BREAK SPACE}")

    def country(self, code: str, english: str) -> str:
        """The name of a country by its code, or the English one."""
        return english if self.is_english else str(_locale(self.code).territories.get(code, english))


ENGLISH: Final = Language()


def _decimal(number: Fraction, decimals: int | None = None) -> tuple[Decimal, bool]:
    """A number cut to some places, without noughts at its end unless the places are given, and whether it is exact."""
    places = _SHOWN_DECIMALS if decimals is None else decimals
    scaled = number * 10**places
    cut = Decimal(f"{scaled.numerator // scaled.denominator}e-{places}")  # a text is never rounded
    is_exact = scaled.denominator == 1
    if is_exact and decimals is None:
        text = f"{cut:f}"
        cut = Decimal(text.rstrip("0").rstrip(".") if "." in text else text)
    return cut, is_exact


@cache
def parsed(template: str) -> tuple[str | Placeholder, ...]:
    """The texts and placeholders of a template, in order.

    >>> parsed("{count} {count:day|days} left")[2:]
    (Placeholder(name='count', form='day|days'), ' left')
    """
    return tuple(_pieces(template))


def _pieces(template: str) -> Iterator[str | Placeholder]:
    end = 0
    for found in _PLACEHOLDER.finditer(template):
        if found.start() > end:
            yield template[end : found.start()]
        yield Placeholder(found[1], found[2] or "")
        end = found.end()
    if end < len(template):
        yield template[end:]


def placeholders(template: str) -> frozenset[str]:
    """The names in the braces of a template."""
    return frozenset(piece.name for piece in parsed(template) if isinstance(piece, Placeholder))


def needed(name: str) -> frozenset[str]:
    """The names that the template of an id has to print: those that the English one does not only use to choose between forms."""
    pieces = parsed(SENTENCES[name])
    return frozenset(piece.name for piece in pieces if isinstance(piece, Placeholder) and "|" not in piece.form)


_REASONS: Final = tuple(name for name in SENTENCES if name.startswith("why."))


@cache
def _pattern(template: str) -> re.Pattern[str]:
    """What a template has become once it is filled in."""
    return re.compile("".join(re.escape(each) if isinstance(each, str) else f"(?P<{each.name}>.*)" for each in parsed(template)))


@cache
def _locale(code: str) -> Locale:
    from babel import Locale, UnknownLocaleError

    try:
        return Locale.parse(code, sep="-")
    except UnknownLocaleError:  # nobody says how such a language writes numbers
        return Locale(DEFAULT)
