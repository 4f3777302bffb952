"""Printed tables: a CSV beside the rule file, every cell typed, every key unique on every day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from eligibility.csv_source import read_csv
from eligibility.datatypes import DateType, NumberType, Value
from eligibility.diagnostics import Collector, Span, did_you_mean
from eligibility.elaboration import TableShape
from eligibility.fitting import Codes, Misfit, fit_cell
from eligibility.loader import Loaded
from eligibility.model import Element
from eligibility.model import Table as WrittenTable
from eligibility.rulebook import Citation, Interval, Table, TableRow


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
    path = file.folder / written.file
    if not path.resolve().is_relative_to(file.folder.resolve()):
        collector.add(
            "E307", f"the file `{written.file}` lies outside the folder of the rule", span, help="put it beside the rule file"
        )
        return None
    if not path.is_file():
        near = [each.name for each in path.parent.glob("*.csv")] if path.parent.is_dir() else []
        collector.add(
            "E307",
            f"there is no file `{written.file}` beside the rule",
            span,
            help=did_you_mean(written.file, near, otherwise="put the CSV beside the rule file"),
        )
        return None
    folder = file.file.rpartition("/")[0]
    csv = read_csv(path, f"{folder}/{written.file}" if folder else written.file, collector)
    if csv is None:
        return None
    dates = ("from", "until") if written.dated else ()
    wanted = (*written.key, *written.columns, *dates)
    for column in wanted:
        if column not in csv.header:
            help = did_you_mean(column, csv.header, otherwise=f"its columns are {', '.join(csv.header)}")
            collector.add("E308", f"the table has no column `{column}`", csv.header_span(), help=help)
    for column in csv.header:
        if column not in wanted and column not in written.ignore:
            collector.add(
                "E308",
                f"the column `{column}` is not declared",
                csv.header_span(column),
                help="name it under `columns`, `key` or `ignore`",
            )
    if any(column not in csv.header for column in wanted):
        return None
    place = {column: csv.header.index(column) for column in wanted}
    percent = {column for column, unit in (written.key | written.columns).items() if unit == "percent"}
    rows: dict[tuple[str, ...], list[TableRow]] = {}
    seen: dict[str, dict[str, Value]] = {column: {} for column in (*written.key, *shape.columns)}
    kinds = dict(zip(written.key, shape.keys, strict=True)) | dict(shape.columns)
    read = [(column, place[column], known, column in shape.columns) for column, known in seen.items()]
    for number, row in enumerate(csv.rows):
        cells: dict[str, Value] = {}
        sound = True
        for column, position, known, optional in read:
            text = row[position]
            if optional and not text:
                continue
            value = known.get(text)
            if value is None:
                try:
                    value = known[text] = fit_cell(text, kinds[column], codes, percent=column in percent)
                except Misfit as misfit:
                    collector.add(
                        "E308",
                        misfit.message,
                        csv.span(number, column),
                        help=misfit.help,
                        notes=[f"column `{column}` of table `{name}`"],
                    )
                    sound = False
                    continue
            cells[column] = value
        held, fits = (
            _held(row, place, codes, collector, csv.span(number, "from") if written.dated else span)
            if written.dated
            else (Interval(), True)
        )
        if not sound or not fits:
            continue
        key = tuple(str(cells.pop(column)) for column in written.key)
        versions = rows.setdefault(key, [])
        if any(_overlap(version.interval, held) for version in versions):
            collector.add(
                "E309",
                f"the key {', '.join(key)} stands twice in the table",
                csv.span(number, next(iter(written.key))),
                help="remove one row, or give both their dates",
            )
        versions.append(TableRow(held, cells))
    keys = tuple(zip(written.key, shape.keys, strict=True))
    frozen: Mapping[tuple[str, ...], tuple[TableRow, ...]] = {key: tuple(versions) for key, versions in rows.items()}
    units = {column: unit for column, unit in written.columns.items() if isinstance(shape.columns[column], NumberType)}
    return Table(name, written.title, keys, shape.columns, units, interval, frozen, citation)


def _held(
    row: tuple[str, ...], place: Mapping[str, int], codes: Codes, collector: Collector, span: Span
) -> tuple[Interval, bool]:
    days: list[date | None] = []
    for column in ("from", "until"):
        text = row[place[column]]
        if text == "":
            days.append(None)
            continue
        try:
            day = fit_cell(text, DateType(), codes)
        except Misfit as misfit:
            collector.add("E308", misfit.message, span, help=misfit.help, notes=[f"column `{column}`"])
            return Interval(), False
        days.append(day if isinstance(day, date) else None)
    return Interval(*days), True


def _overlap(one: Interval, other: Interval) -> bool:
    starts_before_end = one.start is None or other.until is None or one.start < other.until
    return starts_before_end and (other.start is None or one.until is None or other.start < one.until)
