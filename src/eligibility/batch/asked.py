"""What is asked of a run, checked before it begins, with all problems at once."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from eligibility.batch.sources import STDIN, form_of, no_form
from eligibility.diagnostics import Diagnostic, UsageError

PAGES: Final = (".html", ".json")


@dataclass(slots=True)
class Asked:
    """Checks one after the other: what they refuse is gathered, and raised at the end."""

    found: list[Diagnostic] = field(default_factory=list)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> bool:
        if isinstance(error, UsageError):
            self.found.extend(error.diagnostics)
            return True
        return False

    def end(self) -> None:
        """Raises: UsageError with all that was refused."""
        if self.found:
            raise UsageError(dict.fromkeys(self.found))


def refuse_outputs(
    table: Path | None, page: Path | None, beside: Sequence[Path], names: Iterable[str], columns: Path | None
) -> None:
    """Refuse files to write that have no form, no folder, or the place of a file that is read: a table, or that of columns.

    Raises: UsageError E613, E610, E614.
    """
    asked = Asked()
    if table is not None:
        with asked:
            form_of(table.name)
    if page is not None and page.suffix not in PAGES:
        asked.found.append(no_form(str(page), PAGES))
    described = [] if columns is None else [str(columns)]
    read = [(name, Path(name).resolve()) for name in (*names, *described) if name != STDIN]
    for path in filter(None, (table, page, *beside)):
        asked.found += [
            Diagnostic("E610", f"`{path}` is read, so that it cannot be written", path=name, help="give the output another name")
            for name, resolved in read
            if resolved == path.resolve()
        ]
    for path in filter(None, (table, page)):
        asked.found += _unwritable(path)
    asked.end()


def refuse_taken(columns: Iterable[str | None], taken: Collection[str]) -> None:
    """Refuse columns to carry along that are asked for twice, or are called like one of the table. Raises: UsageError E611."""
    named = [each for each in columns if each is not None]
    wrong = [each for each in dict.fromkeys(named) if each in taken or named.count(each) > 1]
    message, help = "the column `{}` has a name of its own in the table", "rename it in the files"
    if wrong:
        raise UsageError([Diagnostic("E611", message.format(each), help=help) for each in wrong])


def _unwritable(path: Path) -> Iterator[Diagnostic]:
    """Why a file cannot be written to its place."""
    folder = path.parent
    if path.is_dir():
        problem, help = "it is a folder", "name a file"
    elif not folder.is_dir():
        problem, help = f"there is no folder `{folder}`", "make it first, or name another"
    elif not os.access(folder, os.W_OK | os.X_OK):
        problem, help = f"the folder `{folder}` does not allow it", "name another, or change its permissions"
    else:
        return
    yield Diagnostic("E614", f"`{path}` cannot be written: {problem}", help=help)
