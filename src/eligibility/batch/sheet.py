"""Columns of a table to facts: the columns as they stand in the file on the one side, those the engine takes on the other."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, cast

import polars as pl

from eligibility.batch.cells import NO_NUMBER, NUMBER, WHOLE, by_cell, exact_dtype, plain, text_cells, typed_cells
from eligibility.batch.layout import PARTS, Layout, Target, nested
from eligibility.batch.rows import AS_OF, GROUP, ID, Part, Refusals, Rows, listed_places
from eligibility.columnar.days import with_readable_days
from eligibility.datatypes import NumberType
from eligibility.diagnostics import ProfileError
from eligibility.facts import Profile, read_profile


@dataclass(frozen=True, slots=True)
class Sheet:
    """Turns frames of columns as they were read into rows; `cells` says that all columns are text.

    A row in which no fact stands states none, and is refused. Where only some columns were read, it may still state others: then
    `beside` is a fact that none of the rules reads, which is stated in its place.
    """

    layout: Layout
    cells: bool
    beside: str | None = None

    def rows(
        self,
        frame: pl.DataFrame,
        where: pl.Series,
        count: int,
        refused: Refusals,
        document: Callable[[int], object] | None = None,
    ) -> Rows:
        """The rows of a frame whose rows stand at some places of a block; those that no column tells are read one by one.

        `document` gives the profile at a place, where there is more to a row than its columns tell.
        """
        frame = with_readable_days(frame)
        facts, odd = self.facts(frame)
        parts: list[Part] = []
        if not odd.any():
            parts.append(Part(where, facts))
        else:
            if facts.width:
                parts.append(Part(where.filter(~odd), facts.filter(~odd)))
            if document is None:
                documents: list[object] = [self._document(row) for row in frame.filter(odd).iter_rows(named=True)]
            else:
                documents = [document(place) for place in where.filter(odd)]
            carried = self.carried(frame.filter(odd))
            parts += read_one_by_one(self.layout, documents, where.filter(odd).to_list(), carried, refused)
        return Rows(count, tuple(part for part in parts if part.frame.height), refused)

    def _document(self, row: dict[str, Any]) -> dict[str, Any] | ProfileError:
        try:
            return self.layout.document(row, cells=self.cells)
        except ProfileError as error:
            return error

    def carried(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The columns that are wanted beside the facts, under the names they go by; all but as-of dates as text."""
        nothing = pl.Series([None], dtype=pl.String).new_from_index(0, frame.height)
        found = {
            name: frame[column] if column in frame.columns else nothing.alias(column)
            for name, column in self.layout.carried.items()
        }
        if GROUP in found:
            found[GROUP] = self._words(found[GROUP])
        return pl.DataFrame([(_as_day if name == AS_OF else _as_text)(each).alias(name) for name, each in found.items()])

    def facts(self, frame: pl.DataFrame) -> tuple[pl.DataFrame, pl.Series]:
        """A column for each fact and each carried column, and which rows must be read by themselves."""
        values: dict[str, pl.Series] = {}
        odd: list[pl.Series] = []
        money: dict[str, dict[str, pl.Series]] = {}
        for name in frame.columns:
            target = None if name in self.layout.written.ignore else self.layout.target(name)
            if target is None:
                continue
            value, unclear = self._column(frame[name], target)
            if unclear is not None:
                odd.append(unclear)
            if target.part:
                money.setdefault(target.fact.path, {})[target.part] = value
            elif target.fact.path in values:
                odd.append(value.is_not_null() & values[target.fact.path].is_not_null())
                values[target.fact.path] = values[target.fact.path].zip_with(value.is_null(), value)
            else:
                values[target.fact.path] = value
        for path, parts in money.items():
            if path in values:
                odd.append(_all(frame))
            values[path] = _money(parts)
        stated = pl.DataFrame([value.alias(path) for path, value in values.items()])
        height = frame.height
        blank = pl.repeat(value=not self.layout.constants, n=height, dtype=pl.Boolean, eager=True)
        if values:
            blank = blank & stated.select(pl.all_horizontal(pl.all().is_null())).to_series()
        if self.beside is None:
            odd.append(blank)
        elif blank.any():
            stated = pl.DataFrame([*stated.get_columns(), blank.set(~blank, None).alias(self.beside)])
        constants = [_constant(self.layout, path, value, height) for path, value in self.layout.constants.items()]
        found = pl.DataFrame([*stated.get_columns(), *constants, *self.carried(frame).get_columns()])
        unclear = pl.repeat(value=False, n=height, dtype=pl.Boolean, eager=True)
        for each in odd:
            unclear = unclear | each
        return found, unclear

    def _column(self, column: pl.Series, target: Target) -> tuple[pl.Series, pl.Series | None]:
        """The values of a column, and which cells do not tell theirs."""
        name, kind = column.name, NumberType() if target.is_money else target.fact.type
        if target.part and not target.is_money:
            return self._words(column), None
        if column.dtype == pl.String and (self.cells or target.separator is not None):
            known = text_cells(name, kind)
            if known is None or target.is_changed:
                return self._read(column, target)
            column = self._words(column, NO_NUMBER if isinstance(kind, NumberType) else ())
            value, odd = known
        elif target.is_changed:
            return (column, column.is_not_null()) if column.dtype.is_nested() else self._read(column, target)
        else:
            column = self._words(column) if column.dtype == pl.String else column
            value, odd = typed_cells(name, column.dtype)
        read = column.to_frame().select(value.alias("value"), odd.alias("odd"))
        priced = target.is_money and not target.part and target.column is not None
        if priced and target.column is not None and target.column.currency is not None:
            return _priced(read["value"], target.column.currency, target.column.period), read["odd"]
        return read["value"], read["odd"]

    def _words(self, column: pl.Series, more: Sequence[str] = ()) -> pl.Series:
        """A column of text in which what stands for nothing is nothing."""
        nothing = [*self.layout.written.missing, *([""] if self.cells else []), *more]
        if not nothing or column.dtype != pl.String:
            return column
        cell = pl.col(column.name)
        return column.to_frame().select(pl.when(~cell.is_in(nothing)).then(cell).alias(column.name)).to_series()

    def _read(self, column: pl.Series, target: Target) -> tuple[pl.Series, pl.Series]:
        """A column each different cell of which is read by itself, and checked."""
        declared = target.fact

        def read(cell: object) -> Any:
            value = self.layout.value(target, cell, cells=self.cells)
            if value is None:
                return None
            if target.part:
                return _plain_number(value)
            try:
                profile = read_profile(nested({declared.path: value}), self.layout.book)
            except ProfileError:
                return None
            return plain(profile.facts[declared.path], declared.type, declared) if profile.facts else None

        return by_cell(self._words(column), read, NUMBER if target.part else exact_dtype(declared.type, declared))


def _as_day(column: pl.Series) -> pl.Series:
    """A column of as-of dates as dates where all are, else as text."""
    if isinstance(column.dtype, pl.Datetime):
        midnight, days = column.dt.truncate("1d") == column, column.dt.date()
        column = days if midnight.all() else days.cast(pl.String).zip_with(midnight, column.cast(pl.String))
    return column if column.dtype == pl.Date else _as_text(column)


def _as_text(column: pl.Series) -> pl.Series:
    """A column as text; whole numbers without decimals, as those are not told apart in all forms of files."""
    kind = column.dtype
    if kind == pl.String:
        return column
    if isinstance(kind, pl.List) and not kind.inner.is_nested():
        return column.cast(pl.List(pl.String)).list.join(", ")
    if kind.is_float():
        cell = pl.col(column.name)
        whole = (cell.round() == cell) & (cell.abs() < WHOLE)
        integers = cell.cast(pl.Int64, strict=False).cast(pl.String)
        return column.to_frame().select(pl.when(whole).then(integers).otherwise(cell.cast(pl.String))).to_series()
    if kind.is_nested() or kind in (pl.Binary, pl.Duration, pl.Object):
        return pl.Series(column.name, [None if each is None else _spelled(each) for each in column], dtype=pl.String)
    return column.cast(pl.String)


def _spelled(cell: object) -> str:
    return cell.decode(errors="replace") if isinstance(cell, bytes) else str(cell)


def _all(frame: pl.DataFrame) -> pl.Series:
    return pl.repeat(value=True, n=frame.height, dtype=pl.Boolean, eager=True)


def _plain_number(value: object) -> Decimal | None:
    """A number that a column of numbers holds exactly."""
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        number = Decimal(value)
        exponent = number.as_tuple().exponent
        if isinstance(exponent, int) and exponent >= -NUMBER.scale and number.adjusted() < NUMBER.precision - NUMBER.scale:
            return number
    return None


def _priced(amounts: pl.Series, currency: str, period: str | None) -> pl.Series:
    """Amounts as money of one currency and period."""
    amount = pl.col("amount")
    money = pl.struct(amount, pl.lit(currency).alias("currency"), pl.lit(period, dtype=pl.String).alias("period"))
    return amounts.alias("amount").to_frame().select(pl.when(amount.is_not_null()).then(money)).to_series()


def _money(parts: dict[str, pl.Series]) -> pl.Series:
    """Money whose parts stand in columns of their own; nothing where there is no amount, or where no column gives one."""
    some = next(iter(parts.values()))
    columns = [parts.get(name, pl.repeat(None, len(some), dtype=pl.String, eager=True)).alias(name) for name in PARTS]
    frame = pl.DataFrame(columns)
    stated = pl.col("amount") if "amount" in parts else pl.all()
    money = pl.when(pl.any_horizontal(stated.is_not_null())).then(pl.struct(PARTS))
    return frame.select(money).to_series()


def _constant(layout: Layout, path: str, value: object, height: int) -> pl.Series:
    """A fact that all rows share, as a column."""
    declared = layout.book.facts[path]
    profile = read_profile(nested({path: value}), layout.book)
    cell = plain(profile.facts[path], declared.type, declared) if profile.facts else None
    return pl.Series(path, [cell], dtype=exact_dtype(declared.type, declared)).new_from_index(0, height)


# rows by themselves


def read_one_by_one(
    layout: Layout,
    documents: Sequence[object],
    where: Sequence[int],
    carried: pl.DataFrame,
    refused: Refusals,
) -> list[Part]:
    """Rows that are profiles, checked as any profile is; what is not valid is refused at its place.

    A document is a mapping, the bytes of a profile, or the error that came of reading it.
    """
    known: list[Profile] = []
    kept: list[int] = []
    for position, document in enumerate(documents):
        try:
            if isinstance(document, ProfileError):
                raise document
            known.append(read_profile(cast("Mapping[str, object] | bytes", document), layout.book))
            kept.append(position)
        except ProfileError as error:
            refused.problems[where[position]] = error.diagnostics
            if ID in carried.columns and (known_as := carried[ID][position]) is not None:
                refused.ids[where[position]] = known_as
    if not known:
        return []
    paths = dict.fromkeys(path for profile in known for path in (*profile.facts, *sorted(profile.stated_unknown)))
    columns = [_exact_column(layout, path, known) for path in paths]
    frame = pl.DataFrame([*columns, *(carried[kept].get_columns() if carried.width else [])])
    return [Part(listed_places([where[position] for position in kept]), frame)]


def _exact_column(layout: Layout, path: str, profiles: Sequence[Profile]) -> pl.Series:
    declared = layout.book.facts[path]
    kind = declared.type
    values = (profile.facts.get(path) for profile in profiles)
    cells = [None if value is None else plain(value, kind, declared) for value in values]
    return pl.Series(path, cells, dtype=exact_dtype(kind, declared))
