"""The files of a run: names, patterns and standard input, each opened as the table its name says it is."""

from __future__ import annotations

import glob
import sys
from collections.abc import Collection, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Final, Literal

from eligibility.batch.layout import Layout
from eligibility.batch.rows import Source
from eligibility.batch.signatures import UNPACK
from eligibility.diagnostics import Diagnostic, UsageError, did_you_mean

Form = Literal["csv", "jsonl", "parquet"]
FORMS: Final[tuple[Form, ...]] = ("csv", "jsonl", "parquet")
STDIN: Final = "-"
_SUFFIXES: Final[dict[str, Form]] = {".csv": "csv", ".tsv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".parquet": "parquet"}
_PACKED: Final = (".gz", ".zst", ".xz", ".bz2", ".zip")


def is_stream(name: str) -> bool:
    """Whether a name stands for something that can be read only once and has no size: standard input, or a pipe with a name."""
    return name == STDIN or Path(name).is_fifo()


def no_form(name: str, suffixes: Iterable[str]) -> Diagnostic:
    """The refusal of a name that does not end in one of some suffixes."""
    known = list(suffixes)
    help = did_you_mean(Path(name).suffix.lower(), known, otherwise=f"end its name with one of {', '.join(known)}")
    return Diagnostic("E613", f"the name of `{name}` does not say what form it has", help=help)


def form_of(name: str) -> Form:
    """The form that the name of a file says it has. Raises: UsageError E613."""
    suffix = Path(name).suffix.lower()
    if suffix not in _SUFFIXES:
        raise UsageError([no_form(name, _SUFFIXES)])
    return _SUFFIXES[suffix]


def expanded(names: Iterable[str], form: Form | None) -> list[str]:
    """The files that names and patterns stand for, each once, those of a pattern in order of their names.

    `form` is what names do not say. Raises: UsageError E610 for a name or pattern without a file, and where there is none at all;
    E613 for a name that does not say what form the file has.
    """
    found: list[str] = []
    problems: list[Diagnostic] = []
    for name in names:
        if Path(name).is_file() or is_stream(name):
            found.append(name)
        elif matches := sorted(each for each in glob.glob(name, recursive=True) if Path(each).is_file()):  # noqa: PTH207  # absolute ones too
            found.extend(matches)
        else:
            problems.append(_no_file(name))
    formless = [name for name in found if form is None and name != STDIN and Path(name).suffix.lower() not in _SUFFIXES]
    problems += [_packed(name) if Path(name).suffix.lower() in _PACKED else no_form(name, _SUFFIXES) for name in formless]
    if problems:
        raise UsageError(problems)
    if not found:
        raise UsageError([Diagnostic("E610", "there is no file to read", help="name at least one")])
    return list(dict.fromkeys(found))


def _no_file(name: str) -> Diagnostic:
    if Path(name).is_dir():
        help = f"name its files, such as '{Path(name) / '*.csv'}'"
        return Diagnostic("E610", "this is a folder, not a file", path=name, help=help)
    return Diagnostic("E610", "there is no such file", path=name, help="check the name")


def _packed(name: str) -> Diagnostic:
    return Diagnostic("E613", f"`{name}` is compressed", help=UNPACK)


@contextmanager
def opened(name: str, layout: Layout, needed: Collection[str], form: Form | None) -> Iterator[Source]:
    """A file as a table. `form` is what a name does not say; JSON Lines where nothing is said of standard input at all.

    Raises: UsageError for a file that cannot be opened.
    """
    suffix = Path(name).suffix.lower()
    kind = _SUFFIXES[suffix] if suffix in _SUFFIXES else form or ("jsonl" if name == STDIN else form_of(name))
    with ExitStack() as stack:
        if kind == "parquet":
            from eligibility.batch.parquet_rows import ParquetRows

            if is_stream(name):
                source = "standard input" if name == STDIN else "a pipe"
                message = f"Parquet cannot be read from {source}: its last bytes say where the others are"
                raise UsageError([Diagnostic("E610", message, path=name, help="write it to a file first")])
            table = ParquetRows(Path(name), layout, needed)
            stack.callback(table.file.close)
            yield table
            return
        file: IO[bytes] = sys.stdin.buffer if name == STDIN else stack.enter_context(_open(name))
        size = None if is_stream(name) else Path(name).stat().st_size
        if kind == "csv":
            from eligibility.batch.csv_rows import CsvRows

            yield CsvRows(name, file, size, layout)
        else:
            from eligibility.batch.json_lines import JsonLines

            yield JsonLines(name, file, size, layout)


def _open(name: str) -> IO[bytes]:
    try:
        return Path(name).open("rb")
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        raise UsageError([Diagnostic("E610", f"the file cannot be read: {reason}", path=name)]) from None
