"""Printed tables by column: the row of each case is looked up once for all cells that are read from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import reduce
from typing import Final

import polars as pl

from eligibility.columnar.days import EPOCH, Days
from eligibility.columnar.numbers import Numbers, listed_numbers
from eligibility.columnar.sheet import Cell, NotInColumns, Sheet, joined, literal, picked
from eligibility.columnar.truths import Truths
from eligibility.columnar.words import Coded, Texts
from eligibility.datatypes import MET, UNKNOWN, BooleanType, DateType, NumberType, Type, Unknown, Value
from eligibility.operations import whole
from eligibility.rulebook import TableRow

Key = str | int | Fraction | Coded | Texts | Numbers


_MOST: Final = 20_000_000
_WORD: Final = 2**63


class RowOfTable:
    """The row of a table for the keys of each case. `place` is the row's place, null without row; `known` that all keys are."""

    def __init__(self, sheet: Sheet, rows: Mapping[tuple[str, ...], TableRow], keys: Sequence[Key]) -> None:
        fixed = {position: str(key) for position, key in enumerate(keys) if isinstance(key, str | int | Fraction)}
        kept = {key: row for key, row in rows.items() if all(key[position] == value for position, value in fixed.items())}
        moving = [(position, key) for position, key in enumerate(keys) if not isinstance(key, str | int | Fraction)]
        self.rows = list(kept.values())
        parts = [list(dict.fromkeys(key[position] for key in kept)) for position, _ in moving]
        grid: list[int | None] = [None] * reduce(lambda a, b: a * b, (len(part) for part in parts), 1)
        if len(grid) > _MOST:
            raise NotInColumns("the keys of a table have too many combinations")
        numbered = [{value: number for number, value in enumerate(part)} for part in parts]
        for number, key in enumerate(kept):
            grid[_flat([numbered[at][key[position]] for at, (position, _) in enumerate(moving)], parts)] = number
        found = [_part(key, part) for (_, key), part in zip(moving, parts, strict=True)]
        index = found[0]
        for cell, part in zip(found[1:], parts[1:], strict=True):
            index = joined(lambda one, two, size: one * size + two, index, cell, literal(len(part), pl.UInt32))
        place = index if len(found) == 1 and grid == list(range(len(grid))) else picked(pl.Series(grid, dtype=pl.UInt32), index)
        self.place = sheet.column(place)
        self.known = [_known(key) for _, key in moving]

    def has(self) -> Truths:
        """Whether there is a row; unknown where a key is."""
        known = reduce(lambda a, b: a & b, self.known)
        return Truths(joined(lambda place, keys: pl.when(keys).then(place.is_not_null()), self.place, known))

    def cell(self, column: str, kind: Type) -> Truths | Numbers | Days | Coded:
        """The cells of a column; unknown without row and where a cell is empty."""
        values = [row.cells.get(column, UNKNOWN) for row in self.rows]
        return listed(values, kind, self.place)


def listed(values: Sequence[Value], kind: Type, place: Cell) -> Truths | Numbers | Days | Coded:
    """The values at some places of a list of values of one type."""
    stated = [None if isinstance(value, Unknown) else value for value in values]
    match kind:
        case NumberType():
            return listed_numbers([value if isinstance(value, int | Fraction) else UNKNOWN for value in values], place)
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


def _flat(numbers: Sequence[int], parts: Sequence[Sequence[str]]) -> int:
    index = 0
    for number, part in zip(numbers, parts, strict=True):
        index = index * len(part) + number
    return index


def _part(key: Coded | Texts | Numbers, part: Sequence[str]) -> Cell:
    """The place of each key in the part of the keys that the table has; null for one it has not."""
    if not part:
        return literal(None, pl.UInt32)
    if isinstance(key, Coded):
        numbered = {value: number for number, value in enumerate(part)}
        return picked(pl.Series([numbered.get(value) for value in key.values], dtype=pl.UInt32), key.code)
    if isinstance(key, Texts):
        kind = pl.Enum(part)
        return joined(lambda text: text.cast(kind, strict=False).to_physical().cast(pl.UInt32), key.text)
    return _numbered(key, part)


def _numbered(key: Numbers, part: Sequence[str]) -> Cell:
    if not isinstance(key.below, int):
        raise NotInColumns("the key of a table is divided by a fact")
    places: dict[int, int] = {}
    for number, value in enumerate(part):
        scaled = Fraction(value) * key.below
        if scaled.denominator == 1 and str(whole(Fraction(value))) == value and abs(scaled) < _WORD:
            places[scaled.numerator] = number
    old = pl.Series(list(places), dtype=pl.Int64)
    new = pl.Series(list(places.values()), dtype=pl.UInt32)
    return joined(lambda cell: cell.replace_strict(old, new, default=None, return_dtype=pl.UInt32), key.above.cell)


def _known(key: Coded | Texts | Numbers) -> Cell:
    if isinstance(key, Coded):
        return key.code.is_not_null()
    if isinstance(key, Texts):
        return key.text.is_not_null()
    return key.above.cell.is_not_null()
