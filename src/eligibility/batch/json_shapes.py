"""Whether all keys of some lines of JSON are known, also those that state nothing, which no count of values can tell.

Lines in which something is null are looked at without their values: what remains, their shape, is shared by many lines, so that
only the few different ones are read.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

import polars as pl

_TEXT: Final = r'"[^"]*"([,}\]])'
_NUMBER: Final = r"-?[0-9][0-9.eE+-]*([,}\]])"
_VALUE: Final = "0${1}"
_KEPT: Final = 10_000  # shapes


class Shapes:
    """The shapes of lines that were looked at and have known keys only, each once in an object."""

    def __init__(self) -> None:
        self._known: set[str] = set()

    def all_known(self, data: bytes, names: Mapping[str, Any]) -> bool:
        """Whether the lines have no other keys than `names`: what stands below each, or the type of its value."""
        if b"null" not in data:
            return True
        try:
            lines = pl.Series(data.decode().split("\n"), dtype=pl.String)
        except UnicodeDecodeError:
            return False
        lines = lines.filter(lines.str.contains("null", literal=True))
        shapes = lines.str.replace_all(_TEXT, _VALUE).str.replace_all(_NUMBER, _VALUE).unique()
        new = [shape for shape in shapes if shape not in self._known]
        if not all(_is_known(shape, names) for shape in new):
            return False
        if len(self._known) + len(new) <= _KEPT:
            self._known.update(new)
        return True


class _Twice(Exception):
    """A key stands twice in an object."""


def _is_known(shape: str, names: Mapping[str, Any]) -> bool:
    try:
        return _fits(json.loads(shape, object_pairs_hook=_once), names)
    except (ValueError, RecursionError, _Twice):
        return False


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _Twice
    return found


def _fits(value: object, names: Any) -> bool:
    """Whether the keys of a value are those of a type, or of the names of a group."""
    if isinstance(names, pl.Struct):
        names = {field.name: field.dtype for field in names.fields}
    if isinstance(value, dict):
        return isinstance(names, Mapping) and all(key in names and _fits(each, names[key]) for key, each in value.items())
    if isinstance(value, list):
        return isinstance(names, pl.List) and all(_fits(each, names.inner) for each in value)
    return True
