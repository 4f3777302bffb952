"""Whether a frame holds all that some lines of JSON say: what is in both is counted, in a tenth of the time of reading.

As many keys, texts and lists must stand in the lines as in the frame: an unknown key, one that stands twice and a value that was
read as another type all make a difference, and none can hide that of another. (Only a key that states nothing, being null, is not
missed where it is unknown or stands beside one that does.) Lines that cannot be counted, with escaped characters or colons in
texts, and numbers of more digits than a float holds are left to be read one by one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import Final

import polars as pl
import pyarrow as pa
from polars._typing import PolarsDataType

_LONGEST_NUMBER: Final = 15  # characters of a number that a float certainly holds
_TOO_LONG: Final = re.compile(rb"[0-9.]{%d}" % (_LONGEST_NUMBER + 1))
_DOUBLINGS: Final = (1, 2, 4, 8)  # after which a digit stands for so many that are too many


def is_odd(line: bytes) -> bool:
    """Whether a line by itself keeps others from being counted, or holds numbers that a float may not."""
    return b"\\" in line or line.count(b":") != line.count(b'":') or _TOO_LONG.search(line) is not None


def tells_all(frame: pl.DataFrame, schema: Mapping[str, pl.DataType], data: bytes) -> bool:
    """Whether a frame that was read from lines with a schema holds all that they say."""
    text = _bytes(data)
    quotes, colons = text == ord('"'), text == ord(":")
    keys = _count(quotes.slice(0, len(text) - 1) & colons.slice(1))
    if (text == ord("\\")).any() or _count(colons) != keys or _count(text == ord("\n")) != frame.height or _has_long_number(text):
        return False
    found = _counted(frame, schema)
    nulls = data.count(b":null") + data.count(b": null")
    lists = _count(text == ord("["))
    return (keys - nulls, _count(quotes) - 2 * keys, lists) == (found.keys, 2 * found.texts, found.lists)


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

    keys: int
    texts: int
    lists: int


class _Counter:
    """Collects what is to be counted."""

    def __init__(self) -> None:
        self.keys: list[pl.Expr] = []
        self.texts: list[pl.Expr] = []
        self.lists: list[pl.Expr] = []

    def below(self, value: pl.Expr, kind: PolarsDataType) -> None:
        """Add what is to be counted of a value."""
        if isinstance(kind, pl.Struct):
            for field in kind.fields:
                inner = value.struct.field(field.name)
                self.keys.append(inner.count())
                self.below(inner, field.dtype)
        elif isinstance(kind, pl.List):
            self.lists.append(value.count())
            self.below(value.explode(), kind.inner)
        elif kind == pl.String:
            self.texts.append(value.count())


def _counted(frame: pl.DataFrame, schema: Mapping[str, pl.DataType]) -> _Counts:
    """How many keys with a value, texts and lists a frame holds."""
    counter = _Counter()
    for name, kind in schema.items():
        counter.keys.append(pl.col(name).count())
        counter.below(pl.col(name), kind)
    sums = (
        reduce(add, (each.cast(pl.Int64) for each in exprs), pl.lit(0)) for exprs in (counter.keys, counter.texts, counter.lists)
    )
    return _Counts(*frame.select(each.alias(str(number)) for number, each in enumerate(sums)).row(0))
