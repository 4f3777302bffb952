"""Whether a frame holds all that some lines of JSON say: what is in both is counted, in a tenth of the time of reading.

In lines without escaped characters each `":` ends a key, but for texts that begin with a colon. So as many keys, texts, and texts
that look like lists, must stand in the lines as in the frame: an unknown key, one that stands twice and a value that was read as
another type all make a difference, and none can hide that of another. Only keys that state nothing, being null, are not missed:
json_shapes.py looks for these.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

import polars as pl
import pyarrow as pa

LONGEST_NUMBER: Final = 15
"""Characters of a number that a float certainly holds."""

_ODD: Final = re.compile(rb"[\\]|[ \t\r]:|[:,\[ \t]-?[0-9][0-9.]{%d}" % LONGEST_NUMBER)
_DOUBLINGS: Final = (1, 2, 4, 8)  # after which a digit stands for so many that are too many


def is_odd(line: bytes) -> bool:
    """Whether a line by itself keeps others from being counted, or holds numbers that a float may not."""
    return _ODD.search(line) is not None


def tells_all(frame: pl.DataFrame, data: bytes, *, no_odd: bool = False) -> bool:
    """Whether a frame that was read from lines holds all that they say; `no_odd` says that no line `is_odd`."""
    text = bytes_of(data)
    quotes, colons = text == ord('"'), text == ord(":")
    if _count(text == ord("\n")) != frame.height or (not no_odd and _has_odd(text, colons)):
        return False
    found = _Counts()
    found.add_keys(frame)
    after = quotes.slice(0, len(text) - 1)
    keys = after & colons.slice(1)
    lists = after & (text == ord("[")).slice(1)
    texts = _count(quotes) - 2 * _count(keys)
    return (_count(keys) - _nulls(text, keys), texts, _count(lists)) == (found.keys, 2 * found.texts, found.lists)


def _has_odd(text: pl.Series, colons: pl.Series) -> bool:
    """Whether lines may be odd; of some that are not it may be said too, since it only looks more closely at these."""
    spaces = ((text == ord(" ")) | (text == ord("\t")) | (text == ord("\r"))).slice(0, len(text) - 1)
    return bool((text == ord("\\")).any() or (spaces & colons.slice(1)).any() or _has_long_number(text))


def _nulls(text: pl.Series, keys: pl.Series) -> int:
    """How many keys have null as value, which is all that can begin with this letter, with or without a space before it."""
    letters, size = text == ord("n"), len(text)
    close = keys.slice(0, size - 2) & letters.slice(2)
    apart = keys.slice(0, size - 3) & (text == ord(" ")).slice(2, size - 3) & letters.slice(3)
    return _count(close) + _count(apart)


def _count(true: pl.Series) -> int:
    return int(true.sum() or 0)


def bytes_of(data: bytes) -> pl.Series:
    """Bytes as numbers, without a copy."""
    return pl.Series(pa.Array.from_buffers(pa.uint8(), len(data), [None, pa.py_buffer(data)]))


def _has_long_number(text: pl.Series) -> bool:
    """Whether so many digits and points stand in a row that they are more than a float may hold."""
    digits = (text >= ord(".")) & (text <= ord("9"))  # and slashes, of which it only looks more closely at too many lines
    for step in _DOUBLINGS:
        digits = digits.slice(0, len(digits) - step) & digits.slice(step)
    return bool(digits.any())


@dataclass(slots=True)
class _Counts:
    """How many keys with a value, texts, and texts that look like lists there are."""

    keys: int = 0
    texts: int = 0
    lists: int = 0

    def add(self, value: pl.Series) -> None:
        """Count what stands below the keys that give the values of a column."""
        kind = value.dtype
        if kind == pl.String:
            self.texts += value.count()
            self.lists += _count(value.str.starts_with("["))
        elif kind == pl.List:
            self.add(value.explode())
        elif kind == pl.Struct:
            self.add_keys(value.struct.unnest())

    def add_keys(self, frame: pl.DataFrame) -> None:
        """Count keys, each of which gives the values of a column."""
        for value in frame.get_columns():
            self.keys += value.count()
            self.add(value)
