"""Texts by column: values of a closed list as places in it, all others as text.

A condition on a value of a closed list is worked out once for each value of the list, not for every row.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import polars as pl

from eligibility.columnar.numbers import compared_cells
from eligibility.columnar.sheet import Cell, Sheet, joined, literal, picked, where
from eligibility.datatypes import Unknown
from eligibility.operations import comparator, words

_FEW: Final = 32  # hits that are faster to look for than to look up


@dataclass(frozen=True, slots=True, eq=False)
class Coded:
    """A value of a closed list in every row, as its place in the list. Null where it is unknown."""

    code: Cell
    values: tuple[str, ...]

    @property
    def values_set(self) -> frozenset[str]:
        """The values, for looking them up."""
        return _set_of(self.values)


@lru_cache(maxsize=256)
def _set_of(values: tuple[str, ...]) -> frozenset[str]:
    return frozenset(values)


@dataclass(frozen=True, slots=True, eq=False)
class Texts:
    """A text in every row. Null where it is unknown.

    `codes` has the places in the list of all texts that the rules mention, and behind it one for any other.
    """

    text: Cell
    codes: Coded | None = None

    def among(self, values: Collection[str]) -> Coded | None:
        """The places in a list, where that list has some values; a value that no text can be stands for any other."""
        codes = self.codes
        return codes if codes is not None and codes.values_set.issuperset(values) else None


Text = str | Unknown | Coded | Texts


def places(cell: Cell, hits: Collection[int], size: int) -> Cell:
    """Whether a place in a list of some size is one of those in `hits`; null where there is none."""
    if not hits or len(hits) == size:
        return joined(lambda code: (code < 0) if not hits else (code >= 0), cell)
    if len(hits) == 1:
        return joined(lambda code: code == next(iter(hits)), cell)
    if len(hits) == size - 1:
        return joined(lambda code: code != next(place for place in range(size) if place not in hits), cell)
    if len(hits) <= _FEW:
        return joined(lambda code: code.is_in(sorted(hits)), cell)
    return picked(pl.Series([place in hits for place in range(size)], dtype=pl.Boolean), cell)


def holding(text: Coded, test: Callable[[str], bool]) -> Cell:
    """Whether the value of each row passes a test."""
    return places(text.code, {place for place, value in enumerate(text.values) if test(value)}, len(text.values))


def beginning(text: Coded | Texts, beginnings: tuple[str, ...]) -> Cell:
    """Whether a text begins with one of some others."""
    if isinstance(text, Coded):
        return holding(text, lambda value: value.startswith(beginnings))

    def begins(each: pl.Expr) -> pl.Expr:
        return pl.any_horizontal([each.str.starts_with(one) for one in beginnings]) if beginnings else each.str.len_bytes() < 0

    return joined(begins, text.text)


def tested(series: pl.Series, test: Callable[[str], bool]) -> pl.Series:
    """Whether each text of a column passes a test, which is asked once for every different text."""
    return mapped(series, test, pl.Boolean)


def mapped(series: pl.Series, change: Callable[[str], object], dtype: type[pl.DataType]) -> pl.Series:
    """What becomes of each text of a column, worked out once for every different text."""
    different = series.unique().drop_nulls()
    changed = pl.Series([change(each) for each in different], dtype=dtype)
    if different.is_empty():
        return pl.Series(series.name, [None] * len(series), dtype=dtype)
    return series.replace_strict(different, changed, default=None, return_dtype=dtype)


def among(text: Coded | Texts, collection: Collection[object]) -> Cell:
    """Whether the value of each row is one of some."""
    if isinstance(text, Coded):
        wanted = frozenset(collection)
        return places(text.code, {place for place, value in enumerate(text.values) if value in wanted}, len(text.values))
    values = [value for value in collection if isinstance(value, str)]
    codes = text.among(values)
    if codes is not None:
        return among(codes, values)
    return joined(lambda each: each.is_in(values), text.text)


def containing(text: Coded | Texts, phrases: Sequence[str]) -> Cell:
    """Whether a text holds one of some phrases as whole words."""
    wanted = [words(phrase) for phrase in phrases]
    if isinstance(text, Coded):
        return holding(text, lambda value: any(phrase in words(value) for phrase in wanted))
    return joined(lambda each: each.str.contains_any(wanted), text.text)


def wordy(texts: pl.Series) -> pl.Series:
    """Texts as lower-case words between single blanks, for finding phrases."""
    return mapped(texts, words, pl.String)


def compared_texts(operator: str, one: Text, two: Text, order: Sequence[str] | None) -> Cell:
    """How two values compare, by rank where they have an order; one of them is not the same in every row."""
    holds = comparator(operator, order)
    if operator in ("==", "!=") and isinstance(one, Texts) and isinstance(two, str):
        one = one.among([two]) or one
    if isinstance(one, Unknown) or isinstance(two, Unknown):
        return literal(None, pl.Boolean)
    if operator == "==" and isinstance(two, str) and isinstance(one, Coded):
        return places(one.code, [one.values.index(two)] if two in one.values else (), len(one.values))
    if isinstance(two, str) and isinstance(one, Coded):
        return holding(one, lambda value: holds(value, two))
    if isinstance(one, str) and isinstance(two, Coded):
        return holding(two, lambda value: holds(one, value))
    if isinstance(one, Coded) and isinstance(two, Coded):
        ranks = list(order) if order is not None else list(dict.fromkeys([*one.values, *two.values]))
        return compared_cells(operator, ranked(one, ranks), ranked(two, ranks))
    return compared_cells(operator, spelled(one), spelled(two))


def ranked(text: Coded, ranks: Sequence[str]) -> Cell:
    """The place of each value in another list that has all of them."""
    if tuple(ranks) == text.values:
        return text.code
    known = {value: place for place, value in enumerate(ranks)}
    return picked(pl.Series([known[value] for value in text.values], dtype=pl.UInt32), text.code)


OTHER: Final = "\x00any other"  # no code of any scheme


def listed_codes(sheet: Sheet, text: Texts, mentioned: Collection[str]) -> Texts:
    """A text with its places among the texts that the rules mention."""
    values = tuple(mentioned)
    kind = pl.Enum(values)

    def code(each: pl.Expr) -> pl.Expr:
        place = each.cast(kind, strict=False).to_physical().cast(pl.UInt32).fill_null(len(values))
        return pl.when(each.is_not_null()).then(place)

    return Texts(text.text, Coded(sheet.column(joined(code, text.text)), (*values, OTHER)))


def spelled(text: Text) -> Cell:
    """The values as text."""
    if isinstance(text, Coded):
        return picked(pl.Series(list(text.values), dtype=pl.String), text.code)
    if isinstance(text, Texts):
        return text.text
    return literal(None if isinstance(text, Unknown) else text, pl.String)


def one_list(texts: Sequence[Text]) -> tuple[str, ...] | None:
    """All values that some texts can have, or None where one of them can be any text."""
    found: dict[str, None] = {}
    for text in texts:
        match text:
            case Texts():
                return None
            case Coded(values=values):
                found.update(dict.fromkeys(values))
            case str():
                found[text] = None
    return tuple(found)


def placed(text: Text, values: tuple[str, ...]) -> Cell:
    """The places of values in a list that has all of them."""
    if isinstance(text, Coded):
        return ranked(text, values)
    return literal(values.index(text) if isinstance(text, str) else None, pl.UInt32)


def chosen_text(condition: Cell, then: Text, otherwise: Text) -> Text:
    """One value where a condition holds, another where it does not; unknown where it is (`condition` is a column)."""
    values = one_list([then, otherwise])
    if values is None:
        empty = literal(None, pl.String)
        return Texts(where(condition, spelled(then), where(~condition, spelled(otherwise), empty)))
    empty = literal(None, pl.UInt32)
    return Coded(where(condition, placed(then, values), where(~condition, placed(otherwise, values), empty)), values)
