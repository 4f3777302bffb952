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
from eligibility.diagnostics import Diagnostic, UsageError, did_you_mean

Form = Literal["csv", "jsonl", "parquet"]
FORMS: Final[tuple[Form, ...]] = ("csv", "jsonl", "parquet")
STDIN: Final = "-"
_SUFFIXES: Final[dict[str, Form]] = {".csv": "csv", ".tsv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".parquet": "parquet"}


def form_of(name: str) -> Form:
    """The form that the name of a file says it has. Raises: UsageError E613."""
    suffix = Path(name).suffix.lower()
    if suffix not in _SUFFIXES:
        help = f"end its name with one of {', '.join(_SUFFIXES)}"
        message = f"the name of `{name}` does not say what form it has"
        raise UsageError([Diagnostic("E613", message, help=did_you_mean(suffix, _SUFFIXES, otherwise=help))])
    return _SUFFIXES[suffix]


def expanded(names: Iterable[str]) -> list[str]:
    """The files that names and patterns stand for, each once, those of a pattern in order of their names.

    Raises: UsageError E610 for a name or pattern without a file, and where there is none at all.
    """
    found: list[str] = []
    problems: list[Diagnostic] = []
    for name in names:
        if name == STDIN or Path(name).is_file():
            found.append(name)
        elif matches := sorted(each for each in glob.glob(name, recursive=True) if Path(each).is_file()):  # noqa: PTH207  # absolute ones too
            found.extend(matches)
        else:
            problems.append(Diagnostic("E610", "there is no such file", path=name, help="check the name"))
    if problems:
        raise UsageError(problems)
    if not found:
        raise UsageError([Diagnostic("E610", "there is no file to read", help="name at least one")])
    return list(dict.fromkeys(found))


def refuse_to_replace(output: Path, names: Iterable[str]) -> None:
    """Refuse a table that has no form, or would take the place of a file that is read. Raises: UsageError E613, E610."""
    form_of(output.name)
    problems = [
        Diagnostic("E610", f"`{output}` is read, so that it cannot be written", path=name, help="give the table another name")
        for name in names
        if name != STDIN and Path(name).resolve() == output.resolve()
    ]
    if problems:
        raise UsageError(problems)


@contextmanager
def opened(name: str, layout: Layout, needed: Collection[str], form: Form | None) -> Iterator[Source]:
    """A file as a table. `form` is what the name does not say; JSON Lines where nothing else is said of standard input.

    Raises: UsageError for a file that cannot be opened.
    """
    kind = form or ("jsonl" if name == STDIN else form_of(name))
    with ExitStack() as stack:
        if kind == "parquet":
            from eligibility.batch.parquet_rows import ParquetRows

            if name == STDIN:
                message = "Parquet cannot be read from standard input: its last bytes say where the others are"
                raise UsageError([Diagnostic("E610", message, path=name, help="write it to a file first")])
            table = ParquetRows(Path(name), layout, needed)
            stack.callback(table.file.close)
            yield table
            return
        file: IO[bytes] = sys.stdin.buffer if name == STDIN else stack.enter_context(_open(name))
        size = None if name == STDIN else Path(name).stat().st_size
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
