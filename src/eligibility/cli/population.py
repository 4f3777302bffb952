"""What the commands about populations share: options for tables, and how far they are."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from shutil import get_terminal_size
from time import monotonic
from typing import TYPE_CHECKING, Final

import click

from eligibility.cli.shell import has_colour, is_terminal, say, write

if TYPE_CHECKING:
    from rich.console import Console

    from eligibility.batch.pipeline import Progress
    from eligibility.batch_model import BatchSummary
    from eligibility.simulation_model import Simulation

_EVERY: Final = 10  # seconds between two lines where there is no terminal

columns_option = click.option(
    "--columns",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="A YAML file that says which column is which fact, in which unit and currency; see below.",
)
id_option = click.option("--id", "id_column", metavar="NAME", help="The column that tells rows apart; their number if left out.")
form_option = click.option(
    "--format", "form", type=click.Choice(["csv", "jsonl", "parquet"]), help="The form of files whose names do not say it."
)


def needs_columns() -> None:
    """Refuse to go on where the packages for tables are not installed."""
    missing = [name for name in ("polars", "pyarrow") if find_spec(name) is None]
    if missing:
        raise click.UsageError(f"this needs {' and '.join(missing)}: install eligibility with its extra `columns`")


def show(found: BatchSummary | Simulation) -> None:
    """Print what came of a population."""
    wide = get_terminal_size().columns if is_terminal(sys.stdout) else 100
    write(found.to_text(color=has_colour(sys.stdout), width=wide))


@contextmanager
def watching() -> Iterator[Callable[[Progress], None]]:
    """Say on standard error how far a run is: a bar on a terminal, else a line now and then."""
    if not is_terminal(sys.stderr):
        yield _Lines()
        return
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("{task.fields[rows]}"), BarColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    started = monotonic()
    with Bar(*columns, console=console(), transient=True) as bar:
        task = bar.add_task("", total=None, rows="0 rows")

        def watch(progress: Progress) -> None:
            bar.update(task, completed=progress.done, total=progress.size, rows=_rows(progress, monotonic() - started))

        yield watch


def console() -> Console:
    """Standard error, for a bar."""
    from rich.console import Console

    return Console(file=sys.stderr)


def _rows(progress: Progress, seconds: float) -> str:
    return f"{progress.rows:,} rows, {int(progress.rows / max(seconds, 0.001)):,} rows/s"


class _Lines:
    """Says how far a run is, a line now and then."""

    def __init__(self) -> None:
        self.started = self.last = monotonic()

    def __call__(self, progress: Progress) -> None:
        now = monotonic()
        if now - self.last >= _EVERY:
            self.last = now
            seconds = now - self.started
            left = ""
            if progress.size and progress.done:
                share = progress.done / progress.size
                left = f", {share:.0%} read, {seconds / share - seconds:.0f} s left"
            say(f"{_rows(progress, seconds)}{left}")
