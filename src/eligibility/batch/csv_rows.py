"""CSV: a header, then one profile a row. All cells are text, an empty one states nothing."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import IO, Final

import polars as pl

from eligibility.batch.layout import Layout, listed_names
from eligibility.batch.rows import Block, Refusals, Rows, listed_places
from eligibility.batch.sheet import Sheet
from eligibility.batch.signatures import MARK, refuse_what_is_no_text
from eligibility.diagnostics import Diagnostic, UsageError

BLOCK: Final = 16_000_000  # bytes
LONGEST_ROW: Final = 1_000_000  # bytes; what goes on for longer began with a quote that nobody closed
_HEAD: Final = 65_536  # bytes that are read to find the header
_FIRST_ROW: Final = "its first row names the columns"
_LINES: Final = "end each line with a line feed, as Unix or Windows does"
_SEPARATORS: Final = (",", ";", "\t", "|")


class CsvRows:
    """A file of CSV. The separator is that of `,` `;` tab and `|` that divides the header into most columns."""

    def __init__(self, name: str, file: IO[bytes], size: int | None, layout: Layout) -> None:
        self.name = name
        self.size = size
        self.file = file
        self.sheet = Sheet(layout, cells=True)
        self.header: list[str] = []
        self.separator = _SEPARATORS[0]
        csv.field_size_limit(max(csv.field_size_limit(), 2 * LONGEST_ROW))  # of the process: there is no other

    def check(self) -> None:
        """Read the header. Raises: UsageError."""
        data = next(whole_rows(self.file, _HEAD), None)
        if data is None:
            self._refuse("the file is empty", _FIRST_ROW)
        else:
            self._read_header(data)

    def blocks(self) -> Iterator[Block]:
        """Whole rows, as many as fit. Raises: UsageError for a header with columns that nobody knows."""
        for data in whole_rows(self.file, BLOCK):
            rows = data if self.header else self._read_header(data)
            yield Block(rows, len(data))
        if not self.header:
            self._refuse("the file is empty", _FIRST_ROW)

    def _refuse(self, message: str, help: str) -> None:
        raise UsageError([Diagnostic("E610", message, path=self.name, help=help)])

    def _read_header(self, data: bytes) -> bytes:
        """Take note of the header; what stands below it."""
        refuse_what_is_no_text(data, self.name)
        data = data.removeprefix(MARK)
        text = data[:LONGEST_ROW].decode(errors="surrogateescape")
        if "\r" in text.partition("\n")[0][:-1]:
            self._refuse("a carriage return stands alone in the header", _LINES)
        found = {separator: _first_row(text, separator) for separator in _SEPARATORS}
        self.separator = max(_SEPARATORS, key=lambda separator: len(found[separator].cells))
        header = [name.strip() for name in found[self.separator].cells]
        if not all(_is_text(name) for name in header):
            self._refuse("the header is not UTF-8", "save the file as UTF-8")
        problems = [
            Diagnostic("E610", f"column {number} of the header has no name", path=self.name, help="name every column")
            for number, name in enumerate(header, 1)
            if not name
        ]
        problems += [
            Diagnostic("E610", f"the column `{name}` stands twice in the header", path=self.name, help="rename one of them")
            for name in dict.fromkeys(name for name in header if name and header.count(name) > 1)
        ]
        if problems or not header:
            raise UsageError(problems or [Diagnostic("E610", "the file has no header", path=self.name, help=_FIRST_ROW)])
        self._refuse_no_header(header)
        self.sheet.layout.refuse_unknown(header, self.name, header)
        self.header = header
        return data.split(b"\n", found[self.separator].lines)[-1]

    def _refuse_no_header(self, header: list[str]) -> None:
        """Refuse a first row in which nothing is like a name that is known, in one sentence."""
        if len(header) > 1 and not any(self.sheet.layout.is_near(name) for name in header):
            message = f"no column of the first row is a fact: {listed_names(header)}"
            help = "the first row names the columns, by the paths of facts or as a file of columns says"
            raise UsageError([Diagnostic("E611", message, path=self.name, help=help)])

    def read(self, block: Block) -> Rows:
        """The rows of a block."""
        data = block.data
        assert isinstance(data, bytes)  # noqa: S101  # made by `blocks`
        refused = Refusals()
        read = self._plain(data, refused) if b'"' not in data else None
        if read is None:
            read = self._quoted(data, refused)
        return self.sheet.rows(read.frame, read.places, read.count, refused)

    def _plain(self, data: bytes, refused: Refusals) -> _Cells | None:
        """The cells of rows without quotes."""
        try:
            lines = pl.Series(data.decode().replace("\r\n", "\n").split("\n"), dtype=pl.String)
        except UnicodeDecodeError:
            return None
        lines = lines.filter(lines != "")
        cells = lines.str.split(self.separator)
        number = cells.list.len()
        whole = number == len(self.header)
        where = pl.int_range(len(lines), dtype=pl.UInt32, eager=True)
        for place, found in zip(where.filter(~whole), number.filter(~whole), strict=True):
            refused.problems[place] = self._wrong_number(found)
        torn = lines.str.contains("\r", literal=True)
        for place in where.filter(torn):
            refused.problems[place] = self._unreadable("a carriage return stands alone in the row", _LINES)
        whole = whole & ~torn
        columns = cells.filter(whole).list.to_struct(fields=self.header).struct.unnest()
        return _Cells(columns.cast(pl.String), where.filter(whole), len(lines))

    def _quoted(self, data: bytes, refused: Refusals) -> _Cells:
        """The cells of rows with quotes, or with bytes that are no text."""
        rows: list[list[str]] = []
        where: list[int] = []
        place = 0
        for row in _read_rows(data.decode(errors="surrogateescape").split("\n"), self.separator):
            if row is None:
                refused.problems[place] = self._unreadable("the row cannot be read", "look for a quote that is not closed")
            elif not row:
                continue
            elif len(row) != len(self.header):
                refused.problems[place] = self._wrong_number(len(row))
            elif any(not _is_text(cell) for cell in row):
                refused.problems[place] = self._unreadable("the row is not UTF-8", "save the file as UTF-8")
            else:
                rows.append(row)
                where.append(place)
            place += 1
        frame = pl.DataFrame(rows, schema=dict.fromkeys(self.header, pl.String), orient="row")
        return _Cells(frame, listed_places(where), place)

    def _wrong_number(self, found: int) -> tuple[Diagnostic, ...]:
        message = f"expected {len(self.header)} cells, found {found}"
        help = f"put a cell that holds `{self.separator}` in quotes" if self.separator.isprintable() else ""
        return (Diagnostic("E415", message, path="row", help=help or "check the separators"),)

    def _unreadable(self, message: str, help: str) -> tuple[Diagnostic, ...]:
        return (Diagnostic("E415", message, path="row", help=help),)


@dataclass(frozen=True, slots=True)
class _Cells:
    """The cells of the rows that have as many as the header, their places, and how many rows there are in all."""

    frame: pl.DataFrame
    places: pl.Series
    count: int


@dataclass(frozen=True, slots=True)
class _FirstRow:
    """The cells of the first row, and the number of lines it takes."""

    cells: list[str]
    lines: int


def _first_row(text: str, separator: str) -> _FirstRow:
    """The first row of a text, which may go on over some lines in quotes; a quote that nobody closes ends with its line."""
    lines = text.split("\n")
    for given in ([f"{line}\n" for line in lines], lines[:1]):
        reader = csv.reader(given, delimiter=separator, strict=True)
        with suppress(csv.Error, StopIteration):
            return _FirstRow(next(reader), reader.line_num)
    return _FirstRow(lines[0].split(separator), 1)


def _read_rows(lines: Sequence[str], separator: str) -> Iterator[list[str] | None]:
    """The cells of each row; None for one that cannot be read, which ends with its line, since others follow."""
    start = 0
    while start < len(lines):
        reader = csv.reader((f"{line}\n" for line in islice(lines, start, None)), delimiter=separator, strict=True)
        before = 0
        try:
            for row in reader:
                before = reader.line_num
                yield row
        except csv.Error:
            yield None
            start += before + 1
        else:
            return


def _is_text(cell: str) -> bool:
    return cell.isascii() or not any("\ud800" <= each <= "\udfff" for each in cell)


def whole_rows(file: IO[bytes], size: int) -> Iterator[bytes]:
    """Pieces of a file of about a size that end with a row, whose quotes are closed."""
    rest = b""
    while data := file.read(size):
        rest += data
        end = _end_of_rows(rest)
        if end:
            yield rest[:end]
            rest = rest[end:]
    if rest:
        yield rest + b"\n"


def _end_of_rows(data: bytes) -> int:
    """Where the last whole row ends; a row that is too long for one ends with its line."""
    end, quotes = len(data), data.count(b'"')
    while (newline := data.rfind(b"\n", 0, end)) >= 0:
        quotes -= data.count(b'"', newline, end)
        if quotes % 2 == 0:
            return newline + 1
        end = newline
    return data.find(b"\n", LONGEST_ROW) + 1 if len(data) > 2 * LONGEST_ROW else 0
