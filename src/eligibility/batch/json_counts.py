"""Whether a frame holds all that some lines of JSON say: what is in both is counted, in a tenth of the time of reading.

As many keys, texts and lists must stand in the lines as in the frame: an unknown key, one that stands twice and a value that was
read as another type all make a difference, and none can hide that of another. (Only a key that states nothing, being null, is not
missed where it is unknown or stands beside one that does.) Lines that cannot be counted, with escaped characters or colons in
texts, and numbers of more digits than a float holds are left to be read one by one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

import polars as pl
import pyarrow as pa

_LONGEST_NUMBER: Final = 15  # characters of a number that a float certainly holds
_TOO_LONG: Final = re.compile(rb"[0-9.]{%d}" % (_LONGEST_NUMBER + 1))
_DOUBLINGS: Final = (1, 2, 4, 8)  # after which a digit stands for so many that are too many


def is_odd(line: bytes) -> bool:
    """Whether a line by itself keeps others from being counted, or holds numbers that a float may not."""
    return b"\\" in line or line.count(b":") != line.count(b'":') or _TOO_LONG.search(line) is not None


def tells_all(frame: pl.DataFrame, data: bytes) -> bool:
    """Whether a frame that was read from lines holds all that they say."""
    text = _bytes(data)
    quotes, colons = text == ord('"'), text == ord(":")
    keys = _count(quotes.slice(0, len(text) - 1) & colons.slice(1))
    if (text == ord("\\")).any() or _count(colons) != keys or _count(text == ord("\n")) != frame.height or _has_long_number(text):
        return False
    found = _Counts()
    found.add_keys(frame)
    nulls = _nulls(text, colons)
    lists = _count(text == ord("["))
    return (keys - nulls, _count(quotes) - 2 * keys, lists) == (found.keys, 2 * found.texts, found.lists)


def _nulls(text: pl.Series, colons: pl.Series) -> int:
    """How many keys have null as value, which is all that can begin with this letter, with or without a space before it."""
    letters, spaces, size = text == ord("n"), text == ord(" "), len(text)
    close = colons.slice(0, size - 1) & letters.slice(1)
    apart = colons.slice(0, size - 2) & spaces.slice(1, size - 2) & letters.slice(2)
    return _count(close) + _count(apart)


def _count(true: pl.Series) -> int:
    return int(true.sum())


def _bytes(data: bytes) -> pl.Series:
    return pl.Series(pa.Array.from_buffers(pa.uint8(), len(data), [None, pa.py_buffer(data)]))


def _has_long_number(text: pl.Series) -> bool:
    """Whether so many digits and points stand in a row that they are more than a float may hold."""
    digits = (text >= ord(".")) & (text <= ord("9"))  # and slashes, of which it only looks more closely at too many lines
    for step in _DOUBLINGS:
        digits = digits.slice(0, len(digits) - step) & digits.slice(step)
    return bool(digits.any())


@dataclass(slots=True)
class _Counts:
    """How many keys with a value, texts and lists there are."""

    keys: int = 0
    texts: int = 0
    lists: int = 0

    def add(self, value: pl.Series) -> None:
        """Count what stands below the keys that give the values of a column."""
        kind = value.dtype
        if kind == pl.String:
            self.texts += value.count()
        elif kind == pl.List:
            self.lists += value.count()
            self.add(value.explode())
        elif kind == pl.Struct:
            self.add_keys(value.struct.unnest())

    def add_keys(self, frame: pl.DataFrame) -> None:
        """Count keys, each of which gives the values of a column."""
        for value in frame.get_columns():
            self.keys += value.count()
            self.add(value)
