"""Tables of many profiles: in memory beside NumPy, DuckDB and C, and whole processes from file to file."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Final

from benchmarks.decision import population
from benchmarks.decision.contestants import AS_OF, OUTCOMES
from benchmarks.decision.rules import FACTS, figures, pathway, write_pack
from eligibility.engine import RuleSet, load_rules

CHUNK: Final = 1_000_000
TESTS: Final = Path(__file__).parents[2]


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table."""
    print("| " + " | ".join(header) + " |")
    print("| " + " | ".join("---" if number == 0 else "---:" for number in range(len(header))) + " |")
    for row in rows:
        print("| " + " | ".join(row) + " |")
    print(flush=True)


def in_columns(rules: RuleSet, numbers: Sequence[int], columns: Any) -> Callable[[], list[Any]]:
    """This program in columns: from a frame of texts and numbers, as a file reader gives it, to the outcomes."""
    import polars as pl

    from benchmarks.decision.batch_peers import as_arrow
    from eligibility.columnar import ColumnarRules

    frame = pl.DataFrame(as_arrow(columns).drop_columns(["row"])).rename(lambda name: f"{FACTS}.{name}")
    names, engine = [pathway(number) for number in numbers], ColumnarRules(rules)

    def run() -> list[Any]:
        outcomes = engine.evaluate(frame, as_of=AS_OF).outcomes
        return [outcomes[name] for name in names]

    return run


def as_numbers(outcomes: Any) -> Any:
    """Outcomes as 1 for met, 0 for unknown and -1 for not met, from numbers or from statuses."""
    if not hasattr(outcomes, "replace_strict"):
        return outcomes
    meant = {str(status): 1 if truth else 0 if truth is None else -1 for status, truth in OUTCOMES.items()}
    return outcomes.cast(str).replace_strict(meant).to_numpy()


def many_profiles(count: int, laws: int, rounds: int) -> None:
    """Print the table of many profiles: the outcomes of some variants for all rows, in memory."""
    print(f"{count:,} profiles, the outcomes of {laws} variant{'s' if laws > 1 else ''}, milliseconds, median of {rounds}:\n")
    try:
        from benchmarks.decision import batch_peers
    except ImportError as error:
        print(f"Not measured: {error.name} is not installed.\n")
        return
    columns, stated = population.columns(count), [figures(number) for number in range(laws)]
    with tempfile.TemporaryDirectory() as folder:
        rules = load_rules(write_pack(Path(folder) / "pack", laws), bundled=False)
    makers: dict[str, Callable[[], Callable[[], list[Any]]]] = {
        "C, two threads": lambda: batch_peers.in_c(stated, columns),
        "NumPy in chunks, two threads": lambda: batch_peers.in_numpy(stated, columns),
        "columns (Polars)": lambda: in_columns(rules, range(laws), columns),
        "DuckDB, two threads": lambda: batch_peers.in_duckdb(stated, columns),
    }
    runs: dict[str, Callable[[], list[Any]]] = {}
    said: dict[str, str] = {}
    expected: list[Any] | None = None
    for name, make in makers.items():
        start = time.perf_counter()
        try:
            run = make()
            found = [as_numbers(each) for each in run()]
        except (ImportError, OSError) as error:
            said[name] = f"not installed ({error})"
            continue
        expected = expected or found
        differ = sum(int((one != other).sum()) for one, other in zip(found, expected, strict=True))
        said[name] = f"{differ:,} of {count * laws:,} differ"
        runs[name] = run
        said[name] += f"; first in {time.perf_counter() - start:.1f} s"
    taken: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            start = time.perf_counter()
            run()
            taken[name].append(time.perf_counter() - start)
    medians = {name: statistics.median(each) for name, each in taken.items()}
    base = medians.get("C, two threads")
    lines = []
    for name in makers:
        if name in medians:
            ratio = f"{medians[name] / base:,.1f}" if base else "-"
            rate = count * laws / medians[name] / 1e6
            lines.append((name, f"{medians[name] * 1e3:,.0f}", ratio, f"{rate:,.1f}", said[name]))
        else:
            lines.append((name, "-", "-", "-", said[name]))
    table(("engine", "ms", "x C", "million row-pathways a second", "agreement"), lines)


_ALONE: Final = """
import resource, sys, time
from pathlib import Path
sys.path.insert(0, {tests!r})
start = time.perf_counter()
{code}
print(time.perf_counter() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
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
