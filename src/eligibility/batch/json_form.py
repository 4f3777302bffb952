"""What lines of JSON look like that state known keys alone, each at most once, with values of their types.

The form is learnt from examples, since most programs write the keys of an object in one order. It is a pattern: a frame that was
read from lines that match it holds all that they say, nulls and all. Lines that do not match are looked at more closely.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from re import escape
from typing import Any, Final

import polars as pl
import pyarrow as pa

from eligibility.batch.json_counts import LONGEST_NUMBER, bytes_of

_EACH: Final = "[]"  # stands for the items of a list in a path
_PLAIN_TEXT: Final = r'"[ !#-\[\]-~]*"'
_TEXT: Final = r'"[^"\\\x00-\x1f]*"'
_NUMBER: Final = rf"-?[0-9.]{{1,{LONGEST_NUMBER}}}"
_WHOLE: Final = rf"-?[0-9]{{1,{LONGEST_NUMBER}}}"
_TRUTH: Final = "(?:true|false)"

Path = tuple[str, ...]


class Form:
    """The order of keys that examples show, and the pattern that follows from it."""

    def __init__(self) -> None:
        self._before: dict[Path, dict[str, set[str]]] = {}

    def learn(self, documents: Iterable[Mapping[str, Any]]) -> None:
        """Take note of the order of the keys of some lines."""
        for document in documents:
            self._learn(document, ())

    def _learn(self, value: object, path: Path) -> None:
        if isinstance(value, Mapping):
            before = self._before.setdefault(path, {})
            for one, two in pairwise(value):
                before.setdefault(two, set()).add(one)
            for key, each in value.items():
                self._learn(each, (*path, key))
        elif isinstance(value, list):
            for each in value:
                self._learn(each, (*path, _EACH))

    def patterns(self, names: Mapping[str, Any]) -> tuple[str, ...]:
        """What whole lines match, each all that the one before does; none where keys come in no one order.

        `names` has what stands below each key, or its type. The first pattern is for lines of ASCII, which is twice as quick.
        """
        try:
            found = rf"^[ \t]*{self._object(names, ())}[ \t\r]*\n$"
        except CycleError:
            return ()
        return found.replace(_TEXT, _PLAIN_TEXT), found

    def _object(self, names: Mapping[str, Any], path: Path) -> str:
        order = list(TopologicalSorter(self._before.get(path, {})).static_order())
        known = [key for key in order if key in names]
        known += [key for key in names if key not in order]
        keys = (f'(?:,? ?"{escape(key)}": ?(?:null|{self._value(names[key], (*path, key))}))?' for key in known)
        return rf"\{{{''.join(keys)}\}}"

    def _value(self, kind: Any, path: Path) -> str:
        match kind:
            case pl.Boolean():
                return _TRUTH
            case pl.Float64():
                return _NUMBER
            case pl.Int64():
                return _WHOLE
            case pl.List(inner=inner):
                return rf"\[(?:,? ?{self._value(inner, (*path, _EACH))})*\]"
            case pl.Struct(fields=fields):
                return self._object({field.name: field.dtype for field in fields}, path)
            case Mapping():
                return self._object(kind, path)
        return _TEXT


def lines_of(data: bytes) -> pl.Series | None:
    """The lines of some bytes, each with what ends it; None where the bytes are no text."""
    try:
        if not data.isascii():
            data.decode()
    except UnicodeDecodeError:
        return None
    ends = (bytes_of(data) == ord("\n")).arg_true().cast(pl.Int64) + 1
    offsets = pl.concat([pl.Series([0], dtype=pl.Int64), ends]).to_arrow()
    buffers = [None, offsets.buffers()[1], pa.py_buffer(data)]
    return pl.Series(pa.Array.from_buffers(pa.large_utf8(), len(ends), buffers))


def matching(lines: pl.Series, patterns: Sequence[str]) -> pl.Series:
    """Which lines match the last of some patterns; the earlier ones are quicker and match some of the same."""
    found = lines.str.contains(patterns[0])
    for pattern in patterns[1:]:
        rest = (~found).arg_true()
        found = found.scatter(rest, lines.gather(rest).str.contains(pattern)) if len(rest) else found
    return found
