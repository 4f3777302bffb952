"""Tables of many profiles from file to file, each run a process of its own."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from benchmarks.decision import population
from benchmarks.decision.contestants import AS_OF
from benchmarks.decision.rules import FACTS, write_pack

CHUNK: Final = 1_000_000
TESTS: Final = Path(__file__).parents[2]


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table."""
    print("| " + " | ".join(header) + " |")
    print("| " + " | ".join("---" if number == 0 else "---:" for number in range(len(header))) + " |")
    for row in rows:
        print("| " + " | ".join(row) + " |")
    print(flush=True)


_ALONE: Final = """
import sys, time
from pathlib import Path
sys.path.insert(0, {tests!r})
start = time.perf_counter()
{code}
seconds = time.perf_counter() - start
status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
print(seconds, int(status["VmHWM"].split()[0]) / 1024)  # what getrusage says begins with that of the parent
"""
_BATCH: Final = """
from eligibility.engine import load_rules
from eligibility.batch import evaluate_files
rules = load_rules({pack!r}, bundled=False)
evaluate_files([{given!r}], Path({out!r}), rules, as_of={day!r})
"""
_READ: Final = """
import polars as pl
pl.{reader}({given!r})
"""


def alone(code: str, rounds: int) -> tuple[float, float]:
    """The median seconds of code in a process of its own, imports included, and the megabytes it takes at most."""
    taken = []
    for _ in range(rounds):
        text = _ALONE.format(tests=str(TESTS), code=code)
        done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True)  # noqa: S603  # our own code
        taken.append(tuple(float(each) for each in done.stdout.split()[-2:]))
    return statistics.median(each[0] for each in taken), max(each[1] for each in taken)


def files(count: int, rounds: int, variants: int) -> None:
    """Print the table of files: profiles from a file, outcomes to a file, each run a process of its own."""
    print(f"Files of {count:,} profiles to Parquet, whole processes, median of {rounds}:\n")
    try:
        import polars as pl

        from benchmarks.decision.batch_peers import as_arrow
    except ImportError as error:
        print(f"Not measured: {error.name} is not installed.\n")
        return
    lines = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        population_of = pl.concat(
            pl.DataFrame(as_arrow(population.columns(min(CHUNK, count - first), first=first)).drop_columns(["row"]))
            for first in range(0, count, CHUNK)
        )
        parquet, json_lines = str(folder / "in.parquet"), str(folder / "in.jsonl")
        population_of.rename(lambda column: f"{FACTS}.{column}").write_parquet(parquet)
        population_of.select(pl.struct(pl.all()).alias(FACTS)).write_ndjson(json_lines)
        del population_of
        for given, laws in ((parquet, 1), (parquet, variants), (json_lines, 1)):
            pack = str(folder / f"pack_{laws}")
            if not Path(pack).exists():
                write_pack(Path(pack), laws)
            reader = "read_parquet" if given == parquet else "read_ndjson"
            read, _ = alone(_READ.format(reader=reader, given=given), rounds)
            code = _BATCH.format(pack=pack, given=given, out=str(folder / "out.parquet"), day=AS_OF.isoformat())
            seconds, memory = alone(code, rounds)
            kind = f"{'Parquet' if given == parquet else 'JSON Lines'}, {laws} variant{'s' if laws > 1 else ''}"
            lines.append((kind, f"{seconds:.2f}", f"{memory:,.0f}", f"{read:.2f}", f"{seconds / read:.1f}"))
    table(("files", "s", "MB at most", "Polars alone reads in s", "x reading"), lines)
