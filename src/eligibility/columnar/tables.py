"""Printed tables by column: the row of each case is looked up once for all cells that are read from it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from fractions import Fraction
from functools import reduce
from typing import Final, cast

import polars as pl

from eligibility.columnar.days import EPOCH, Days
from eligibility.columnar.numbers import Numbers, listed_numbers
from eligibility.columnar.sheet import Cell, NotInColumns, Sheet, joined, literal, picked
from eligibility.columnar.truths import Truths
from eligibility.columnar.words import Coded, Texts
from eligibility.columnar.words import places as at_places
from eligibility.datatypes import MET, UNKNOWN, BooleanType, DateType, Number, NumberType, Type, Unknown, Value
from eligibility.operations import whole
from eligibility.rulebook import TableRow

Key = str | int | Fraction | Coded | Texts | Numbers


_MOST: Final = 20_000_000
_WORD: Final = 2**63


class RowOfTable:
    """The row of a table for the keys of each case: `index` is a place among `slots`, null where a key is unknown.

    A slot holds the row of one combination of keys, or None where the table has no row for it.
    """

    def __init__(self, sheet: Sheet, rows: Mapping[tuple[str, ...], TableRow], keys: Sequence[Key]) -> None:
        fixed = {position: str(key) for position, key in enumerate(keys) if isinstance(key, str | int | Fraction)}
        kept = rows
        for position, value in fixed.items():
            kept = {key: row for key, row in kept.items() if key[position] == value}
        moving = [(position, key) for position, key in enumerate(keys) if not isinstance(key, str | int | Fraction)]
        places = [_Places(key, dict.fromkeys(each[position] for each in kept)) for position, key in moving]
        size = reduce(lambda a, b: a * b, (each.size for each in places), 1)
        if size > _MOST:
            raise NotInColumns("the keys of a table have too many combinations")
        index = places[0].cell
        for each in places[1:]:
            index = joined(lambda one, two, size: one * size + two, index, each.cell, literal(each.size, pl.UInt32))
        self.index = sheet.column(index)
        self._sheet = sheet
        self.slots: list[TableRow | None] = [None] * size
        order = [(position, each.size, each.numbers) for each, (position, _) in zip(places, moving, strict=True)]
        for key, row in kept.items():
            slot = 0
            for position, size, numbers in order:
                slot = slot * size + numbers[key[position]]
            self.slots[slot] = row

    def has(self) -> Truths:
        """Whether there is a row; unknown where a key is."""
        return Truths(self._at(place for place, row in enumerate(self.slots) if row is not None))

    def _at(self, hits: Iterable[int]) -> Cell:
        """Where the case is at one of some slots; null where a key is unknown. Tables with the same rows share the column."""
        wanted = frozenset(hits)
        size = len(self.slots)
        return self._sheet.once((self.index.reads, size, wanted), lambda: at_places(self.index, wanted, size))

    def cell(self, column: str, kind: Type) -> Truths | Numbers | Days | Coded:
        """The cells of a column; unknown without row and where a cell is empty."""
        values = [UNKNOWN if row is None else row.cells.get(column, UNKNOWN) for row in self.slots]
        position = self._sheet.filled(self.index, len(self.slots))

        def known() -> Cell:
            return self._at(place for place, value in enumerate(values) if not isinstance(value, Unknown))

        return listed([*values, UNKNOWN], kind, position, known)


class _Places:
    """The places of keys among those a table has, with one more for any other: `cell` is null where the key is unknown."""

    def __init__(self, key: Coded | Texts | Numbers, part: Collection[str]) -> None:
        codes = key.among(part) if isinstance(key, Texts) else key
        if isinstance(codes, Coded) and codes.values_set.issuperset(part):
            self.cell = codes.code
            self.numbers = {value: number for number, value in enumerate(codes.values)}
            self.size = len(codes.values)
            return
        self.numbers = {value: number for number, value in enumerate(part)}
        self.size = len(part) + 1
        if isinstance(codes, Coded):
            found = [self.numbers.get(value, len(part)) for value in codes.values]
            self.cell = picked(pl.Series(found, dtype=pl.UInt32), codes.code)
        elif isinstance(key, Texts):
            self.cell = _texts(key.text, tuple(part))
        elif isinstance(key, Numbers):
            self.cell = _numbered(key, self.numbers)


def _texts(cell: Cell, part: tuple[str, ...]) -> Cell:
    kind = pl.Enum(part)

    def place(text: pl.Expr) -> pl.Expr:
        found = text.cast(kind, strict=False).to_physical().cast(pl.UInt32).fill_null(len(part))
        return pl.when(text.is_not_null()).then(found)

    return joined(place, cell)


def _numbered(key: Numbers, numbers: Mapping[str, int]) -> Cell:
    if not isinstance(key.below, int):
        raise NotInColumns("the key of a table is divided by a fact")
    places: dict[int, int] = {}
    for value, number in numbers.items():
        scaled = Fraction(value) * key.below
        if scaled.denominator == 1 and str(whole(Fraction(value))) == value and abs(scaled) < _WORD:
            places[scaled.numerator] = number
    old = pl.Series(list(places), dtype=pl.Int64)
    new = pl.Series(list(places.values()), dtype=pl.UInt32)

    def place(cell: pl.Expr) -> pl.Expr:
        found = cell.replace_strict(old, new, default=len(numbers), return_dtype=pl.UInt32)
        return pl.when(cell.is_not_null()).then(found)

    return joined(place, key.above.cell)


def listed(
    values: Sequence[Value], kind: Type, place: Cell, known: Callable[[], Cell] | None = None
) -> Truths | Numbers | Days | Coded:
    """The values at some places of a list of values of one type; `known` gives a column that is true where there is one."""
    if isinstance(kind, NumberType):
        return listed_numbers(cast("Sequence[Number | Unknown]", values), place, known)
    stated = [None if isinstance(value, Unknown) else value for value in values]
    match kind:
        case BooleanType():
            wanted = [None if value is None else value is MET for value in stated]
            return Truths(picked(pl.Series(wanted, dtype=pl.Boolean), place))
        case DateType():
            since = [None if value is None else value.toordinal() - EPOCH for value in stated]  # type: ignore[union-attr]
            return Days(picked(pl.Series(since, dtype=pl.Int64), place))
    texts = tuple(dict.fromkeys(str(value) for value in stated if value is not None))
    numbered = {text: number for number, text in enumerate(texts)}
    codes = [None if value is None else numbered[str(value)] for value in stated]
    return Coded(picked(pl.Series(codes, dtype=pl.UInt32), place), texts)
