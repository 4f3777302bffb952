"""Which columns of an Arrow table are which facts: by their names, groups of facts as structs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from eligibility.columnar.days import holds_times
from eligibility.diagnostics import Diagnostic, UsageError, did_you_mean
from eligibility.facts import IGNORED_KEYS
from eligibility.rulebook import RuleBook

Place = tuple[int, ...]
_ISO: Final = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
_CARRY: Final = "name it as a column to carry along (`id_column`), or leave it out of the table"


@dataclass(frozen=True, slots=True)
class ArrowFacts:
    """Where the facts stand in tables of a schema: the number of the column, then of the field in each struct."""

    facts: Mapping[str, Place]
    as_of: Place | None = None

    def frame(self, table: pa.Table) -> pl.DataFrame:
        """The facts of a table, or of a record batch, as the columnar engine takes them."""
        return pl.DataFrame([_dated(_series(table, place)).alias(path) for path, place in self.facts.items()])

    def days(self, table: pa.Table) -> pl.Series | None:
        """The as-of date of each row, null where it has none; None where the table has no column for it."""
        if self.as_of is None:
            return None
        stated = _series(table, self.as_of)
        if stated.dtype == pl.Date:
            return stated
        text = stated.cast(pl.String)
        days = text.str.to_date("%Y-%m-%d", strict=False)
        return days.set(~text.str.contains(_ISO), None)


def _series(table: pa.Table, place: Place) -> pl.Series:
    column, *fields = place
    found = table.column(column)
    for each in fields:
        found = pc.struct_field(found, [each])
    return pl.Series(pl.from_arrow(found))


def _dated(stated: pl.Series) -> pl.Series:
    """Points in time as the days whose midnight they are; another one remains a time, in text, which is no day to the rules."""
    kind = stated.dtype
    if isinstance(kind, pl.Datetime):
        days = stated.dt.date()
        return days if not (days.cast(kind) != stated).any() else stated.to_frame().select(_written(pl.first(), kind)).to_series()
    if kind.is_nested() and holds_times(kind):
        return stated.to_frame().select(_written(pl.first(), kind)).to_series()
    return stated


def _written(cell: pl.Expr, kind: object) -> pl.Expr:
    """Values with the points in time in them as texts: the day, and behind it the time where it is not midnight."""
    match kind:
        case pl.Datetime():
            day, time = cell.dt.to_string("%Y-%m-%d"), cell.dt.to_string("T%H:%M:%S")
            return pl.when(cell.dt.truncate("1d") == cell).then(day).otherwise(pl.concat_str(day, time))
        case pl.List(inner=inner) if holds_times(inner):
            return cell.list.eval(_written(pl.element(), inner))
        case pl.Array(inner=inner) if holds_times(inner):
            return cell.arr.to_list().list.eval(_written(pl.element(), inner))
        case pl.Struct(fields=fields) if holds_times(kind):
            inside = [_written(cell.struct.field(each.name), each.dtype).alias(each.name) for each in fields]
            return pl.when(cell.is_not_null()).then(pl.struct(inside))
    return cell


def arrow_facts(schema: pa.Schema, book: RuleBook, carried: Sequence[str], as_of: str | None) -> ArrowFacts:
    """Where the facts stand in tables of a schema, which may have columns to carry along and one of as-of dates.

    Raises: UsageError with every column that is no fact, stands twice, is not there or cannot be read.
    """
    return _Reader(schema, book, carried, as_of).read()


@dataclass(slots=True)
class _Reader:
    schema: pa.Schema
    book: RuleBook
    carried: Sequence[str]
    as_of: str | None
    facts: dict[str, Place] = field(default_factory=dict)
    problems: list[Diagnostic] = field(default_factory=list)

    def read(self) -> ArrowFacts:
        apart = {*self.carried, *([] if self.as_of is None else [self.as_of]), *IGNORED_KEYS}
        for index, column in enumerate(self.schema):
            if column.name in self.book.facts or column.name not in apart:
                self.column(column, (index,))
        for name in self.carried:
            self.only(name)
        day = None if self.as_of is None else self.facts.get(self.as_of) or self.only(self.as_of)
        if day is not None:
            self.dated(day)
        if not self.facts and not self.problems:
            help = "name columns by the paths of facts, which `eligibility schema profile` lists"
            self.add("no column of the table is a fact", help)
        if self.problems:
            raise UsageError(self.problems)
        return ArrowFacts(self.facts, day)

    def add(self, message: str, help: str) -> None:
        self.problems.append(Diagnostic("E611", message, help=help))

    def column(self, column: pa.Field, place: Place, above: str = "") -> None:
        """A column or the field of a struct: a fact, or a struct of more of them."""
        path = f"{above}{column.name}"
        if path in self.facts:
            self.add(f"two columns give the fact `{path}`", "leave one of them out")
        elif path in self.book.facts:
            self.facts[path] = place
            if not _holds_facts(column.type):
                self.add(f"the column `{path}` has the type `{column.type}`, which holds no facts", "convert it before")
        elif pa.types.is_struct(column.type):
            for index in range(column.type.num_fields):
                self.column(column.type.field(index), (*place, index), f"{path}.")
        else:
            self.add(f"the column `{path}` is no fact", did_you_mean(path, self.book.facts, otherwise=_CARRY))

    def only(self, name: str) -> Place | None:
        """The place of a column of which there must be one."""
        found = self.schema.get_all_field_indices(name)
        if len(found) == 1:
            return (found[0],)
        if found:
            self.add(f"the column `{name}` stands more than once", "rename one of them")
        else:
            self.add(f"there is no column `{name}`", did_you_mean(name, self.schema.names))
        return None

    def dated(self, place: Place) -> None:
        """Refuse a column that holds no dates, however its rows are."""
        column = self.schema.field(place[0])
        for each in place[1:]:
            column = column.type.field(each)
        if not (pa.types.is_date32(column.type) or _is_text(column.type)):
            help = "give dates, or texts written as YYYY-MM-DD"
            self.problems.append(Diagnostic("E602", f"the column `{self.as_of}` holds no as-of dates", help=help))


def _holds_facts(kind: pa.DataType) -> bool:
    """Whether a column of a type can hold facts; of all others the columnar engine would refuse every row."""
    types = pa.types
    if types.is_struct(kind):
        return all(_holds_facts(kind.field(index).type) for index in range(kind.num_fields))
    if types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind):
        return _holds_facts(kind.value_type)
    is_number = types.is_integer(kind) or types.is_floating(kind) or (types.is_decimal(kind) and not types.is_decimal256(kind))
    is_day = types.is_date32(kind) or (types.is_timestamp(kind) and kind.tz is None)
    return is_number or is_day or types.is_boolean(kind) or types.is_null(kind) or _is_text(kind)


def _is_text(kind: pa.DataType) -> bool:
    types = pa.types
    if types.is_dictionary(kind):
        kind = kind.value_type
    return bool(types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind))
