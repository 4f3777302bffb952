"""Files that are whole or not there: written under another name beside their place, and put there at the end."""

from __future__ import annotations

import errno
import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from types import TracebackType
from typing import IO, Any, Final, Protocol, Self
from weakref import finalize

import polars as pl
import pyarrow.parquet as pq

from eligibility.batch.sources import Form, form_of
from eligibility.diagnostics import Diagnostic, OutputError

PARTIAL: Final = ".partial"  # how the name of a file ends that is not whole yet
_LONGEST: Final = 200  # bytes of a name; file systems take 255
_SYSTEM_NUMBER: Final = re.compile(r" \(os error \d+\)$")


class Output:
    """Some files that come to be together, when all is written; nothing of them remains where it is not."""

    def __init__(self) -> None:
        self._files: list[tuple[IO[bytes], Path, Path]] = []
        self._partials: list[Path] = []
        self._process = os.getpid()
        self._clear = finalize(self, _remove, self._partials, self._process)  # at the end of the process at the latest
        self._tables: list[_Safe] = []

    def __enter__(self) -> Self:
        return self

    def file(self, path: Path) -> IO[bytes]:
        """A file to write, which gets its name at the end. Raises: OutputError."""
        with writing(path):
            if path.is_dir():
                raise OSError(errno.EISDIR, os.strerror(errno.EISDIR))
            partial = path.with_name(f".{_shortened(path.name)}.{token_hex(4)}{PARTIAL}")
            self._partials.append(partial)  # before it is there: a signal may come at any moment
            file = open(partial, "xb", opener=_private)  # noqa: SIM115  # closed with the others
        self._files.append((file, partial, path))
        return file

    def table(self, path: Path) -> Table:
        """A table to write, in the form that the name of the file says. Raises: UsageError E613; OutputError."""
        form = form_of(path.name)
        file = self.file(path)
        table = CsvTable(file, "\t") if path.suffix.lower() == ".tsv" else _TABLES[form](file)
        safe = _Safe(table, path)
        self._tables.append(safe)
        return safe

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        try:
            if kind is None:
                for table in self._tables:
                    table.close()
                self._publish()
        finally:
            for table in self._tables:
                table.abandon()
            for file, _, _ in self._files:
                with suppress(OSError, ValueError):
                    file.close()
            _remove(self._partials, self._process)
            self._clear.detach()

    def _publish(self) -> None:
        """Give the files their names once all of them are safely written; the first, which is the table of outcomes, last."""
        for file, partial, path in self._files:
            with writing(path):
                file.flush()
                os.fsync(file.fileno())
                file.close()
                partial.chmod(_mode(path))
        for _, partial, path in reversed(self._files):
            with writing(path):
                partial.replace(path)
        for folder in {path.parent for _, _, path in self._files}:
            _sync(folder)


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Say of what cannot be written which file it is, by the name it would have got. Raises: OutputError E614."""
    try:
        yield
    except OutputError:
        raise
    except OSError as error:
        reason = _SYSTEM_NUMBER.sub("", error.strerror or str(error)).lower() or "unknown reason"
        help = "look at its folder: at the permissions, and at how much room there is"
        raise OutputError([Diagnostic("E614", f"`{path}` cannot be written: {reason}", help=help)]) from error


def _shortened(name: str) -> str:
    """The beginning of a name, so that there is room for more behind it."""
    return os.fsencode(name)[:_LONGEST].decode("utf-8", "ignore")


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _remove(paths: list[Path], process: int) -> None:
    """Remove files; not in a process that was forked off and ends before the one that writes them."""
    for path in paths if process == os.getpid() else ():
        with suppress(OSError):
            path.unlink()


def _mode(path: Path) -> int:
    """The permissions of the file that is replaced, or those of any new file."""
    with suppress(OSError):
        return path.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def _sync(folder: Path) -> None:
    """Let the names in a folder survive a loss of power, where the system can do that."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


class Table(Protocol):
    """A table that is written piece by piece; all pieces have the same columns."""

    def write(self, frame: pl.DataFrame) -> None:
        """Add rows."""

    def close(self) -> None:
        """Write what is left."""

    def abandon(self) -> None:
        """Write nothing more, whether it was closed or not; its file is about to be."""


@dataclass(frozen=True, slots=True)
class _Safe:
    """A table whose failures name the file it will be."""

    table: Table
    path: Path

    def write(self, frame: pl.DataFrame) -> None:
        """Add rows. Raises: OutputError."""
        with writing(self.path):
            self.table.write(frame)

    def close(self) -> None:
        """Write what is left. Raises: OutputError."""
        with writing(self.path):
            self.table.close()

    def abandon(self) -> None:
        """Write nothing more."""
        self.table.abandon()


class CsvTable:
    """A table as CSV with a header."""

    def __init__(self, file: IO[bytes], separator: str = ",") -> None:
        self.file = file
        self.separator = separator
        self.started = False

    def write(self, frame: pl.DataFrame) -> None:
        """Add rows."""
        frame.write_csv(self.file, include_header=not self.started, separator=self.separator)
        self.started = True

    def close(self) -> None:
        """Nothing is left."""

    def abandon(self) -> None:
        """Nothing is left."""


class JsonTable:
    """A table as JSON Lines."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file

    def write(self, frame: pl.DataFrame) -> None:
        """Add rows."""
        frame.write_ndjson(self.file)

    def close(self) -> None:
        """Nothing is left."""

    def abandon(self) -> None:
        """Nothing is left."""


class ParquetTable:
    """A table as Parquet."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        self.writer: Any = None

    def write(self, frame: pl.DataFrame) -> None:
        """Add rows, as one group."""
        table = frame.to_arrow()
        if self.writer is None:
            self.writer = pq.ParquetWriter(self.file, table.schema, compression="zstd")
        self.writer.write_table(table)

    def close(self) -> None:
        """Write where all groups are."""
        if self.writer is not None:
            self.writer.close()

    def abandon(self) -> None:
        """Keep the writer from writing where all groups are when it is collected: into a closed file, with a traceback."""
        if self.writer is not None:
            self.writer.is_open = False


_TABLES: Final[Mapping[Form, type[CsvTable | JsonTable | ParquetTable]]] = {
    "csv": CsvTable,
    "jsonl": JsonTable,
    "parquet": ParquetTable,
}


class LineFile:
    """A file of JSON Lines, written line by line."""

    def __init__(self, output: Output, path: Path) -> None:
        self.path = path
        self._file = output.file(path)

    def write(self, data: Mapping[str, object]) -> None:
        """Add a line. Raises: OutputError."""
        with writing(self.path):
            self._file.write(json.dumps(data, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace") + b"\n")


class PageFile:
    """A file that is a page or data, as its name says."""

    def __init__(self, output: Output, path: Path) -> None:
        self.path = path
        self._file = output.file(path)

    def write(self, document: Shown) -> None:
        """Write it. Raises: OutputError."""
        text = document.to_html() if self.path.suffix == ".html" else document.to_json()
        with writing(self.path):
            self._file.write(f"{text.rstrip()}\n".encode())


class Shown(Protocol):
    """What can be shown as a page or as data."""

    def to_html(self) -> str:
        """The page."""

    def to_json(self) -> str:
        """The data."""
