"""What an unquoted YAML scalar means, and the texts that different readers would take for different things."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import NamedTuple

MAXIMUM_DIGITS = 40


class Problem(NamedTuple):
    """Why a scalar is refused: the parts of a diagnostic."""

    code: str
    message: str
    help: str


_WORDS = {"true": True, "false": False, "null": None}
_TRUTH_WORDS = frozenset({"yes", "no", "on", "off", "y", "n", "true", "false"})
_LONGEST_WORD = 5
_NUMERIC_START = frozenset("0123456789+-.")
_INTEGER = re.compile(r"-?(0|[1-9][0-9]*)")
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]*)\.[0-9]+")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_LONG_NUMBER = re.compile(r"[-+]?(0[box][0-9A-Fa-f_]+|[0-9._]+)")

# What YAML 1.1 and 1.2 readers, or readers and people, take for different things: shape, the two readings, what to write instead.
_AMBIGUOUS = tuple(
    (re.compile(pattern), reading, help)
    for pattern, reading, help in (
        (r"[-+]?0[box][0-9A-Fa-f_]+", "may be read as a number to another base", 'write it to base 10, or quote it: `"{text}"`'),
        (
            r"[-+]?0[0-9_]+(\.[0-9_]*)?",
            "may be read as a number to base 8 or to base 10",
            'quote it if it is a code: `"{text}"`; for a number write `{number}`',
        ),
        (r"[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?", "may be read as a number to base 60", 'quote it: `"{text}"`'),
        (
            r"[-+]?([0-9][0-9_]*\.?[0-9_]*|\.[0-9_]+)[eE][-+]?[0-9]+",
            "may be read as a number or as text",
            'write the number out in full, or quote it: `"{text}"`',
        ),
        (
            r"[-+]?([0-9][0-9_]*(\.[0-9_]*)?|\.[0-9][0-9_]*)",
            "may be read as a number or as text",
            'write `{number}`, or quote it: `"{text}"`',
        ),
        (r"[-+]?\.(inf|Inf|INF|nan|NaN|NAN)", "is not an exact number", 'leave the limit out, or quote it: `"{text}"`'),
        (r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}", "may be read as a date or as text", 'write it as `{day}`, or quote it: `"{text}"`'),
        (
            r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}.*",
            "is a time of day, and rules know only days",
            "write `{day}`, or quote it",
        ),
    )
)


def plain(text: str) -> object:
    """The value of an unquoted, non-empty scalar (str, int, Decimal, date, bool or None), or the problem with it.

    >>> plain("1.10"), plain("2025-07-22"), plain("3 weeks")
    (Decimal('1.10'), datetime.date(2025, 7, 22), '3 weeks')
    >>> plain("010").help
    'quote it if it is a code: `"010"`; for a number write `10`'
    """
    if text[0] in _NUMERIC_START:
        return _numeric(text) if len(text) <= MAXIMUM_DIGITS else _long(text)
    if text in _WORDS:
        return _WORDS[text]
    if len(text) > _LONGEST_WORD:
        return text
    lower = text.lower()
    if lower in _TRUTH_WORDS:
        help = f"write `{lower}`, or quote it" if lower in _WORDS else f'quote it: `"{text}"`, or write `true` or `false`'
        return Problem("E108", f"`{text}` may be read as a truth value or as text", help)
    if text == "~" or lower == "null":
        return Problem("E108", f"`{text}` may be read as nothing or as text", "write `null`, or quote it")
    return text


def _long(text: str) -> object:
    if _LONG_NUMBER.fullmatch(text):
        return Problem("E119", f"a number of more than {MAXIMUM_DIGITS} digits", "quote it if it is a code")
    return text


def _numeric(text: str) -> object:
    if _INTEGER.fullmatch(text):
        return int(text)
    if _DECIMAL.fullmatch(text):
        return Decimal(text)
    if _DATE.fullmatch(text):
        return _date(text)
    for pattern, reading, help in _AMBIGUOUS:
        if pattern.fullmatch(text):
            return Problem("E108", f"`{text}` {reading}", help.format(text=text, number=_number(text), day=_day(text)))
    return text


def _date(text: str) -> object:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return Problem("E109", f"there is no date `{text}`", "write an existing day: year-month-day")


def _number(text: str) -> str:
    whole, _, part = text.lstrip("+-").replace("_", "").partition(".")
    return ("-" if text.startswith("-") else "") + (whole.lstrip("0") or "0") + (f".{part}" if part else "")


def _day(text: str) -> str:
    year, month, day, *_ = [*re.findall(r"[0-9]+", text), "", "", ""]
    return f"{year}-{month:0>2}-{day:0>2}"
