"""Columns in levels: expressions over the columns of earlier levels, each worked out once for all rows.

An expression that several others read becomes a column of its own; what nothing reads is never worked out. The engine of
Polars plans expressions that refer to columns in next to no time, and nested copies of them in minutes: so nothing is copied.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import polars as pl

SLICE: Final = 131_072
"""Rows that are worked out together at the least: enough to forget the cost of planning."""

_TALL: Final = 100_000
"""Rows from which piecewise work saves more than its longer planning takes."""

CELLS: Final = 2**30
"""Values that are worked out together: as many rows at once as a short plan allows."""

_NOTHING_READ: Final = frozenset[str]()


class NotInColumns(Exception):
    """What a rule asks for cannot be worked out in columns; the text says why."""


class Cell:
    """An expression: the level whose columns it needs, the names of those it reads, and whether it is a column already."""

    __slots__ = ("expr", "level", "multiples", "plain", "reads")  # plans are made of tens of thousands

    def __init__(self, expr: pl.Expr, level: int = 0, reads: frozenset[str] = frozenset(), *, plain: bool = False) -> None:
        self.expr = expr
        self.level = level
        self.reads = reads
        self.plain = plain
        self.multiples: Multiples | None = None

    def __and__(self, other: Cell) -> Cell:
        return joined(lambda one, two: one & two, self, other)

    def __or__(self, other: Cell) -> Cell:
        return joined(lambda one, two: one | two, self, other)

    def __invert__(self) -> Cell:
        return joined(lambda one: ~one, self)

    def is_null(self) -> Cell:
        """Where there is no value."""
        return joined(lambda one: one.is_null(), self)

    def is_not_null(self) -> Cell:
        """Where there is a value."""
        return joined(lambda one: one.is_not_null(), self)

    def cast(self, dtype: pl.DataType | type[pl.DataType]) -> Cell:
        """The same values in another type of column."""
        return joined(lambda one: one.cast(dtype), self)

    def or_else(self, value: object) -> Cell:
        """The same values, with another where there is none."""
        return joined(lambda one: one.fill_null(value), self)


@dataclass(frozen=True, slots=True)
class Multiples:
    """The multiples of a column that are columns themselves, by factor: many rules multiply the same fact by the same number."""

    sheet: Sheet
    cells: dict[int, Cell]


def joined(build: Callable[..., pl.Expr], *cells: Cell) -> Cell:
    """An expression made of others."""
    level, reads = 0, _NOTHING_READ
    for cell in cells:
        if cell.reads:
            reads = reads | cell.reads if reads else cell.reads
            level = max(level, cell.level)
    return Cell(build(*[cell.expr for cell in cells]), level, reads)


@lru_cache(maxsize=4096, typed=True)  # true is not one
def literal(value: object, dtype: pl.DataType | type[pl.DataType] | None = None) -> Cell:
    """The same value in every row."""
    return Cell(pl.lit(value, dtype=dtype), plain=True)


def where(condition: Cell, then: Cell, otherwise: Cell) -> Cell:
    """`then` where a condition holds, `otherwise` where it does not or is unknown."""
    return joined(lambda one, two, three: pl.when(one).then(two).otherwise(three), condition, then, otherwise)


def picked(values: pl.Series, position: Cell) -> Cell:
    """The values at some positions; none where there is no position."""
    return joined(lambda at: pl.lit(values).gather(at), position)


def stated(name: str) -> Cell:
    """A column of the frame that comes in."""
    return Cell(pl.col(name), 0, frozenset([name]), plain=True)


class Sheet:
    """The columns that are worked out, level by level."""

    def __init__(self) -> None:
        self.levels: list[dict[str, Cell]] = []
        self.count = 0
        self._once: dict[tuple[object, ...], Cell] = {}
        self._by_function: dict[str, ByFunction] = {}

    def column(self, cell: Cell) -> Cell:
        """The expression as a column, so that it can be read more than once."""
        return cell if cell.plain else self._column(cell)

    def worked_out(self, cell: Cell, function: Callable[[pl.Series], pl.Series], dtype: type[pl.DataType]) -> Cell:
        """A column that a function makes of another, for what has no expression; the function is one of a module."""
        found = self._column(cell)
        (name,) = found.reads
        self._by_function[name] = ByFunction(function, dtype)
        return found

    def _column(self, cell: Cell) -> Cell:
        name = f"#{self.count}"
        self.count += 1
        while len(self.levels) <= cell.level:
            self.levels.append({})
        self.levels[cell.level][name] = cell
        return Cell(pl.col(name), cell.level + 1, frozenset([name]), plain=True)

    def shared(self, cell: Cell) -> Cell:
        """The column, so that each of its multiples is worked out once."""
        cell.multiples = cell.multiples or Multiples(self, {})
        return cell

    def once(self, name: tuple[object, ...], make: Callable[[], Cell]) -> Cell:
        """A column that is made when it is first asked for under a name, and is the same ever after."""
        known = self._once.get(name)
        if known is None:
            known = self._once[name] = self.column(make())
        return known

    def filled(self, column: Cell, place: int) -> Cell:
        """A column of places with another where there is none: values are looked up faster without gaps."""
        return self.once((column.reads, place), lambda: column.or_else(place))

    def plan(self, outputs: dict[str, Cell]) -> Plan:
        """What works out some columns, under their names, and all that they read."""
        needed = set[str]().union(*(cell.reads for cell in outputs.values()))
        levels: list[Level] = []
        last_read = set(needed)
        for level in reversed(self.levels):
            wanted = {name: cell for name, cell in level.items() if name in needed}
            if wanted:
                reads = set[str]().union(*(cell.reads for cell in wanted.values()))
                columns = [cell.expr.alias(name) for name, cell in wanted.items()]
                functions = [self._by_function.get(name) for name in wanted]
                levels.append(Level(columns, sorted(reads - last_read), functions if any(functions) else ()))
                last_read |= reads
                needed |= reads
        stated = tuple(sorted(name for name in needed if not name.startswith("#")))
        return Plan(stated, tuple(reversed(levels)), [cell.expr.alias(name) for name, cell in outputs.items()])


@dataclass(frozen=True, slots=True)
class ByFunction:
    """What a column is worked out from its expression by."""

    function: Callable[[pl.Series], pl.Series]
    dtype: type[pl.DataType]

    def __call__(self, cell: pl.Expr) -> pl.Expr:
        """The expression of the column."""
        return cell.map_batches(self.function, return_dtype=self.dtype)


@dataclass(frozen=True, slots=True)
class Level:
    """Columns that are worked out together, and those that nothing reads after them.

    Where some are worked out by functions, `functions` has one for each of those columns and None for the others: a plan can be
    kept in a file, and expressions with functions in them cannot.
    """

    columns: Sequence[pl.Expr]
    done: Sequence[str]
    functions: Sequence[ByFunction | None] = ()

    def expressions(self) -> Sequence[pl.Expr]:
        """What works the columns out."""
        if not self.functions:
            return self.columns
        return [by(each) if by else each for by, each in zip(self.functions, self.columns, strict=True)]


_NOTHING = pl.QueryOptFlags.none()  # the levels are the plan: there is nothing to optimise


@dataclass(frozen=True, slots=True)
class Plan:
    """Levels of expressions over the columns `reads` of a frame, and the columns that come out of them."""

    reads: tuple[str, ...]
    levels: Sequence[Level]
    outputs: Sequence[pl.Expr]

    def run(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The columns that come out, in the order of the rows; of tall frames slice by slice, so that memory stays bounded."""
        columns = len(self.reads) + len(self.outputs) + sum(len(level.columns) for level in self.levels)
        slices = -(-frame.height // max(SLICE, CELLS // columns)) or 1
        if slices == 1:
            return self._run(frame)
        rows = -(-frame.height // slices)
        return pl.concat([self._run(frame.slice(first, rows)) for first in range(0, frame.height, rows)])

    def _run(self, frame: pl.DataFrame) -> pl.DataFrame:
        columns: Iterable[str] = self.reads or frame.columns[:1]
        lazy = frame.lazy().select(columns)
        for level in self.levels:
            lazy = lazy.with_columns(level.expressions())
            if level.done:
                lazy = lazy.drop(level.done)
        found = lazy.select(self.outputs).collect(
            optimizations=_NOTHING, engine="streaming" if frame.height > _TALL else "in-memory"
        )
        if found.height == frame.height:
            return found
        # what is the same in every row comes out once
        return pl.DataFrame([each.new_from_index(0, frame.height) for each in found])
