"""Printed tables: a CSV beside the rule file, every cell typed, every key unique on every day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from eligibility.csv_source import CsvFile, read_csv
from eligibility.datatypes import DateType, NumberType, Type, Value
from eligibility.diagnostics import Collector, Span, did_you_mean
from eligibility.elaboration import TableShape
from eligibility.fitting import Codes, Misfit, fit_cell
from eligibility.loader import Loaded
from eligibility.model import Element
from eligibility.model import Table as WrittenTable
from eligibility.rulebook import Citation, Interval, Table, TableRow

MAXIMUM_PROBLEMS: Final = 500
_DATES: Final = ("from", "until")


def check_table(
    name: str,
    written: WrittenTable,
    shape: TableShape,
    interval: Interval,
    citation: Citation,
    file: Loaded[Element],
    span: Span,
    codes: Codes,
    collector: Collector,
) -> Table | None:
    """The table of a CSV file, or None when it was reported."""
    csv = beside(file, written.file, span, collector)
    if csv is None or not _has_columns(csv, written, collector):
        return None
    columns = {column: kind for column, kind in shape.columns.items() if kind is not None}
    if len(columns) < len(shape.columns):
        return None
    keys = dict(zip(written.key, shape.keys, strict=True))
    rows = _Rows(name, csv, written, keys, columns, codes, collector).read()
    units = {column: unit for column, unit in written.types.items() if isinstance(columns[column], NumberType)}
    if rows is None:
        return None
    return Table(name, written.title, tuple(keys.items()), columns, units, written.titles, interval, rows, citation)


def beside(file: Loaded[Element], name: str, span: Span, collector: Collector) -> CsvFile | None:
    """The CSV that a file names, which lies in its folder or below; None when it was reported."""
    path = file.folder / name
    if not path.resolve().is_relative_to(file.folder.resolve()):
        help = "put it beside the rule file"
        collector.add("E307", f"the file `{name}` lies outside the folder of the rule", span, help=help)
        return None
    if not path.is_file():
        near = [each.name for each in path.parent.glob("*.csv")] if path.parent.is_dir() else []
        help = did_you_mean(name, near, otherwise="put the CSV beside the rule file")
        collector.add("E307", f"there is no file `{name}` beside the rule", span, help=help)
        return None
    folder = file.file.rpartition("/")[0]
    return read_csv(path, f"{folder}/{name}" if folder else name, collector)


def _has_columns(csv: CsvFile, written: WrittenTable, collector: Collector) -> bool:
    """Whether the CSV has the columns that are declared; what differs is reported."""
    wanted = (*written.key, *written.columns, *(_DATES if written.dated else ()))
    missing = [column for column in (*wanted, *written.ignore) if column not in csv.header]
    for column in missing:
        help = did_you_mean(column, csv.header, otherwise=f"its header is `{','.join(csv.header)}`")
        collector.add("E308", f"the table has no column `{column}`", csv.header_span(), help=help)
    for column in csv.header:
        if column not in wanted and column not in written.ignore:
            help = "write `dated: true`" if column in _DATES else "name it under `columns`, `key` or `ignore`"
            collector.add("E308", f"the column `{column}` is not declared", csv.header_span(column), help=help)
    return not missing


class _Rows:
    """Reads the rows of one table."""

    def __init__(
        self,
        name: str,
        csv: CsvFile,
        written: WrittenTable,
        keys: Mapping[str, Type],
        columns: Mapping[str, Type],
        codes: Codes,
        collector: Collector,
    ) -> None:
        self.name = name
        self.csv = csv
        self.dated = written.dated
        self.keys = keys
        self.columns = columns
        self.codes = codes
        self.collector = collector
        self.percent = {column for column, unit in (written.key | written.types).items() if unit == "percent"}

    def read(self) -> dict[tuple[str, ...], tuple[TableRow, ...]] | None:
        """The rows by key; None for a table with too many problems to go on."""
        kinds = (*self.keys.items(), *self.columns.items())
        known: list[tuple[str, int, Type, dict[str, Value]]]
        known = [(column, self.csv.header.index(column), kind, {}) for column, kind in kinds]
        found: dict[tuple[str, ...], list[TableRow]] = {}
        before = len(self.collector.found)
        for number, row in enumerate(self.csv.rows):
            cells: dict[str, Value] = {}
            sound = True
            for column, position, kind, values in known:
                text = row[position]
                value = values.get(text)
                if value is None:
                    if not text.strip() and column in self.columns:
                        continue
                    value = self.cell(number, column, text, kind)
                    if value is None:
                        sound = False
                        continue
                    values[text] = value
                cells[column] = value
            held = self.held(number) if self.dated else Interval()
            if sound and held is not None:
                self.add(found, number, cells, held)
            if len(self.collector.found) - before >= MAXIMUM_PROBLEMS:
                message = f"more than {MAXIMUM_PROBLEMS} problems in this table"
                self.collector.add("E119", message, self.csv.span(number))
                return None
        return {key: tuple(versions) for key, versions in found.items()}

    def cell(self, number: int, column: str, text: str, kind: Type) -> Value | None:
        """The value of a cell that is not empty; None when it was reported."""
        if not text.strip():
            span, help = self.csv.span(number, column), "write it, or remove the row"
            self.collector.add("E308", f"the key `{column}` is empty", span, help=help)
            return None
        try:
            return fit_cell(text, kind, self.codes, percent=column in self.percent)
        except Misfit as misfit:
            notes = [f"column `{column}` of table `{self.name}`"]
            self.collector.add("E308", misfit.message, self.csv.span(number, column), help=misfit.help, notes=notes)
            return None

    def add(self, found: dict[tuple[str, ...], list[TableRow]], number: int, cells: dict[str, Value], held: Interval) -> None:
        """Add a row, unless another one of its key holds on one of its days."""
        key = tuple(str(cells.pop(column)) for column in self.keys)
        versions = found.setdefault(key, [])
        if any(_overlap(version.interval, held) for version in versions):
            listed = ", ".join(f"`{each}`" for each in key)
            span = self.csv.span(number, next(iter(self.keys)))
            help = "give the rows dates that do not overlap" if self.dated else "remove one row"
            self.collector.add("E309", f"the key {listed} stands twice in the table", span, help=help)
        versions.append(TableRow(held, cells))

    def held(self, number: int) -> Interval | None:
        """The days on which a dated row holds; None when they were reported."""
        days: dict[str, date | None] = dict.fromkeys(_DATES)
        for column in _DATES:
            text = self.csv.rows[number][self.csv.header.index(column)]
            if text.strip():
                day = self.cell(number, column, text, DateType())
                if not isinstance(day, date):
                    return None
                days[column] = day
        start, until = days.values()
        if start is not None and until is not None and until <= start:
            span, help = self.csv.span(number, "until"), "`until` is the first day on which it no longer holds"
            self.collector.add("E304", f"it ends on {until}, but begins on {start}", span, help=help)
            return None
        return Interval(start, until)


def _overlap(one: Interval, other: Interval) -> bool:
    starts_before_end = one.start is None or other.until is None or one.start < other.until
    return starts_before_end and (other.start is None or one.until is None or other.start < one.until)
