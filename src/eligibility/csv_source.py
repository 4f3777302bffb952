"""CSV text to rows of text, with the line of each row."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from eligibility.diagnostics import Collector, Span
from eligibility.english import counted
from eligibility.files import decode, read_bytes

MAXIMUM_BYTES = 8_000_000
MAXIMUM_ROWS = 200_000
MAXIMUM_COLUMNS = 200


@dataclass(frozen=True)
class CsvFile:
    """A table as printed: header, rows of as many cells, and for each row the line it begins on."""

    display: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]
    text: str = field(repr=False)

    def span(self, row: int, column: int | str = 0) -> Span:
        """The cell of a row (0 is the first below the header) and a column (its index or its name)."""
        index = self.header.index(column) if isinstance(column, str) else column
        return self._cell(self.lines[row], index)

    def header_span(self, column: int | str = 0) -> Span:
        """The name of a column."""
        index = self.header.index(column) if isinstance(column, str) else column
        return self._cell(1, index)

    def _cell(self, line: int, index: int) -> Span:
        return _cell_span(self.display, self._source_lines, line, index)

    @cached_property
    def _source_lines(self) -> list[str]:
        return self.text.splitlines()


def read_csv(path: Path, display: str, collector: Collector) -> CsvFile | None:
    """The rows of a CSV file in UTF-8 with commas, one header line and equally long rows; otherwise diagnostics and nothing."""
    data = read_bytes(path, display, MAXIMUM_BYTES, collector)
    text = None if data is None else decode(data, display, collector)
    if text is None:
        return None
    source = text.splitlines()
    before = len(collector.found)
    rows: list[tuple[str, ...]] = []
    lines: list[int] = []
    reader = csv.reader(text.splitlines(keepends=True), strict=True)
    line = 1
    try:
        for row in reader:
            if row:
                rows.append(tuple(row))
                lines.append(line)
            line = reader.line_num + 1
            if len(rows) > MAXIMUM_ROWS:
                collector.add("E119", f"more than {MAXIMUM_ROWS:,} rows", Span(display, line, 1))
                return None
    except csv.Error:
        shown = source[line - 1] if line <= len(source) else ""
        message = "a quote in this row is not closed, or text follows it"
        collector.add("E122", message, Span(display, line, 1, len(shown), shown), help="double every quote inside a quoted cell")
        return None
    if lines[0] != 1:
        collector.add(
            "E123", "the first line holds no names of columns", Span(display, 1, 1, text=source[0]), help="write them first"
        )
        return None
    header = rows[0]
    _check_header(header, display, source, collector)
    for cells, number in zip(rows[1:], lines[1:], strict=True):
        if len(cells) != len(header):
            shown = source[number - 1]
            message = f"a row of {counted(len(cells), 'cell')} under a header of {len(header)}"
            help = "quote a cell that contains a comma" if len(cells) > len(header) else "write a comma for each empty cell"
            collector.add("E124", message, Span(display, number, 1, len(shown), shown), help=help)
    if len(collector.found) > before:
        return None
    return CsvFile(display, header, tuple(rows[1:]), tuple(lines[1:]), text)


def _check_header(header: tuple[str, ...], display: str, source: list[str], collector: Collector) -> None:
    if len(header) > MAXIMUM_COLUMNS:
        collector.add("E119", f"more than {MAXIMUM_COLUMNS} columns", Span(display, 1, 1, text=source[0]))
    seen: set[str] = set()
    for index, name in enumerate(header):
        if not name.strip():
            collector.add(
                "E123", "a column without a name", _cell_span(display, source, 1, index), help="name it in the first line"
            )
        elif name != name.strip():
            collector.add(
                "E123", f"spaces around the column name `{name}`", _cell_span(display, source, 1, index), help="remove them"
            )
        elif name in seen:
            collector.add("E123", f"two columns are named `{name}`", _cell_span(display, source, 1, index), help="rename one")
        seen.add(name)


def _cell_span(display: str, source: list[str], line: int, index: int) -> Span:
    """A cell of a source line; in a row of several lines, cells beyond the first line break point at the row."""
    text = source[line - 1]
    start, column, quoted = 0, 0, False
    for position, character in enumerate(text):
        if character == '"':
            quoted = not quoted
        elif character == "," and not quoted:
            if column == index:
                return Span(display, line, start + 1, max(1, position - start), text)
            column, start = column + 1, position + 1
    if column == index and not quoted:
        return Span(display, line, start + 1, max(1, len(text) - start), text)
    return Span(display, line, 1, 1, text)
