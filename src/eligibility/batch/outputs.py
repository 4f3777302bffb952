"""Files that are whole or not there: written under another name beside their place, and put there at the end."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from tempfile import mkstemp
from types import TracebackType
from typing import IO, Any, Final, Protocol, Self

import polars as pl
import pyarrow.parquet as pq

from eligibility.batch.sources import Form, form_of

PARTIAL: Final = ".partial"  # how the name of a file ends that is not whole yet


class Output:
    """Some files that come to be together, when all is written; nothing of them remains where it is not."""

    def __init__(self) -> None:
        self._files: list[tuple[IO[bytes], Path, Path]] = []
        self._closing = ExitStack()

    def __enter__(self) -> Self:
        return self

    def file(self, path: Path) -> IO[bytes]:
        """A file to write, which gets its name at the end. Raises: OSError."""
        if path.is_dir():
            raise OSError(errno.EISDIR, os.strerror(errno.EISDIR))
        try:
            handle, name = mkstemp(prefix=f".{path.name}.", suffix=PARTIAL, dir=path.parent)
        except OSError as error:
            raise OSError(error.errno, error.strerror) from None  # without the name, which is not that of the table
        file = os.fdopen(handle, "wb")
        self._files.append((file, Path(name), path))
        return file

    def table(self, path: Path) -> Table:
        """A table to write, in the form that the name of the file says. Raises: UsageError E613; OSError."""
        table = _TABLES[form_of(path.name)](self.file(path))
        self._closing.callback(table.close)
        return table

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        try:
            if kind is None:
                self._closing.close()
                self._publish()
        finally:
            for file, partial, _ in self._files:
                with suppress(OSError, ValueError):
                    file.close()
                with suppress(OSError):
                    partial.unlink()

    def _publish(self) -> None:
        """Give the files their names once all of them are safely written; the first, which is the table of outcomes, last."""
        for file, partial, path in self._files:
            file.flush()
            os.fsync(file.fileno())
            file.close()
            partial.chmod(_mode(path))
        for _, partial, path in reversed(self._files):
            partial.replace(path)
        for folder in {path.parent for _, _, path in self._files}:
            _sync(folder)


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


class CsvTable:
    """A table as CSV with a header."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        self.started = False

    def write(self, frame: pl.DataFrame) -> None:
        """Add rows."""
        frame.write_csv(self.file, include_header=not self.started)
        self.started = True

    def close(self) -> None:
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


_TABLES: Final[Mapping[Form, type[CsvTable | JsonTable | ParquetTable]]] = {
    "csv": CsvTable,
    "jsonl": JsonTable,
    "parquet": ParquetTable,
}


def write_line(file: IO[bytes], data: Mapping[str, object]) -> None:
    """Add a line of JSON."""
    file.write(json.dumps(data, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace") + b"\n")


@contextmanager
def whole_file(path: Path) -> Iterator[IO[bytes]]:
    """One file that is whole or not there."""
    with Output() as output:
        yield output.file(path)
