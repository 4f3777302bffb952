"""Tables of many profiles in memory, beside NumPy, DuckDB and C: the outcomes alone, or the truths of all criteria too."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

from benchmarks.decision import by_hand, population
from benchmarks.decision.batches import table
from benchmarks.decision.contestants import AS_OF, OUTCOMES
from benchmarks.decision.rules import CRITERIA, FACTS, figures, pathway, write_pack
from eligibility.engine import RuleSet, load_rules

CHECKED: Final = 10_000  # rows that are compared with what Python by hand says
BASE: Final = "C, two threads"
OURS: Final = "columns (Polars)"


def many_profiles(count: int, laws: int, rounds: int) -> None:
    """Print the tables of many profiles against some variants: the outcomes, then all statuses."""
    try:
        from benchmarks.decision.batch_peers import coded
    except ImportError as error:
        print(f"Many profiles are not measured: {error.name} is not installed.\n")
        return
    with tempfile.TemporaryDirectory() as folder:
        rules = load_rules(write_pack(Path(folder) / "pack", laws), bundled=False)
    columns = population.columns(count)
    given = coded(columns)
    for statuses in (False, True):
        runs, said = _contestants(rules, columns, given, laws, statuses=statuses)
        if not statuses:
            runs["coding of columns for NumPy and C"] = lambda: coded(columns)
            runs[f"{OURS}, the door"] = the_door(rules, columns)
        runs[f"{OURS}, from texts to words"] = in_words(rules, columns, statuses=statuses)
        form = f"all {len(CRITERIA) + 1} statuses" if statuses else "the outcomes"
        print(f"{count:,} profiles, {form} of {laws} variant{'s' if laws > 1 else ''}, milliseconds, median of {rounds}:\n")
        _measured(runs, said, rounds)


def _contestants(
    rules: RuleSet, columns: Any, given: Mapping[str, Any], laws: int, *, statuses: bool
) -> tuple[dict[str, Callable[[], Any]], dict[str, str]]:
    """What runs, and of each contestant whether it agrees, or why it does not run."""
    from benchmarks.decision.batch_peers import Runner, in_c, in_duckdb, in_numpy

    stated = [figures(number) for number in range(laws)]
    makers: dict[str, Callable[[], Runner]] = {
        BASE: lambda: in_c(stated, given, statuses=statuses),
        "NumPy in chunks, two threads": lambda: in_numpy(stated, given, statuses=statuses),
        OURS: lambda: in_columns(rules, range(laws), columns, statuses=statuses),
        "DuckDB, two threads": lambda: in_duckdb(stated, columns, statuses=statuses),
    }
    runs: dict[str, Callable[[], Any]] = {}
    said: dict[str, str] = {}
    right = Truths(laws, statuses=statuses)
    for name, make in makers.items():
        try:
            runner = make()
            said[name] = right.compared(runner.read(runner.run()))
        except (ImportError, OSError) as error:
            said[name] = f"not installed ({error})"
            continue
        runs[name] = runner.run
    return runs, said


def _measured(runs: Mapping[str, Callable[[], Any]], said: Mapping[str, str], rounds: int) -> None:
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            start, busy = time.perf_counter(), time.process_time()
            run()
            taken[name].append((time.perf_counter() - start, time.process_time() - busy))
    medians = {name: [statistics.median(each) for each in zip(*times, strict=True)] for name, times in taken.items()}
    base = medians.get(BASE)
    lines = []
    for name in dict.fromkeys([*said, *runs]):
        measured = medians.get(name)
        if measured is None:
            lines.append((name, "-", "-", "-", "-", said[name]))
            continue
        ratios = [f"{each / of:,.2f}" for each, of in zip(measured, base, strict=True)] if base else ["-", "-"]
        passed, worked = (f"{each * 1e3:,.0f}" for each in measured)
        lines.append((name, passed, ratios[0], worked, ratios[1], said.get(name, "")))
    table(("engine", "ms", "x C", "ms of processors", "x C", "agreement"), lines)


class Truths:
    """What must come out: by hand for the first rows, as the first contestant says for all."""

    def __init__(self, laws: int, *, statuses: bool) -> None:
        rows = [{name: Fraction(each) if isinstance(each, float) else each for name, each in row.items()} for row in _rows()]
        self.by_hand: list[list[bool | None]] = []
        for number in range(laws):
            decide = by_hand.decision(figures(number), exact=True)
            decided = [decide(row) for row in rows]
            if statuses:
                self.by_hand += [list(each) for each in zip(*(truths for _, truths in decided), strict=True)]
            self.by_hand.append([outcome for outcome, _ in decided])
        self.first: list[Any] | None = None

    def compared(self, found: Iterator[Any]) -> str:
        """How many truths differ from what is right."""
        import numpy as np

        kept: list[Any] = []
        by_first = by_python = size = 0
        for place, (truths, right) in enumerate(zip(found, self.by_hand, strict=True)):
            expected = np.array([0 if each is None else 1 if each else -1 for each in right], "i1")[: len(truths)]
            by_python += int((truths[: len(expected)] != expected).sum())
            if self.first is None:
                kept.append(truths)
            else:
                by_first += int((truths != self.first[place]).sum())
            size += len(truths)
        if self.first is None:
            self.first = kept
            return f"{by_python:,} of the first {CHECKED:,} rows differ from Python by hand"
        return f"{by_first:,} of {size:,} differ, {by_python:,} from Python by hand"


def _rows() -> Iterator[dict[str, Any]]:
    return population.rows(CHECKED)


def _frame(columns: Any) -> Any:
    import polars as pl

    from benchmarks.decision.batch_peers import as_arrow

    return pl.DataFrame(as_arrow(columns).drop_columns(["row"])).rename(lambda name: f"{FACTS}.{name}")


def in_columns(rules: RuleSet, numbers: Sequence[int], columns: Any, *, statuses: bool) -> Any:
    """This program in columns, from the facts as the door brings them to the codes of statuses and truths."""
    from benchmarks.decision.batch_peers import Runner
    from eligibility.columnar import ColumnarRules
    from eligibility.columnar.door import enter

    entered = enter(_frame(columns), rules.book)
    assert not entered.doubtful.any()
    plan = ColumnarRules(rules).plan(entered, AS_OF, AS_OF, statuses=statuses)

    def read(found: Any) -> Iterator[Any]:
        for name in map(pathway, numbers):
            for criterion in CRITERIA if statuses else ():
                yield (found[f"{name}.{criterion}"].cast(float).fill_null(0.5) * 2 - 1).cast(int).to_numpy()
            yield as_numbers(found[name])

    return Runner(lambda: plan.run(entered.columns), read)


def as_numbers(codes: Any) -> Any:
    """Codes of statuses as 1 for met, 0 for unknown and -1 for not met."""
    from eligibility.columnar.verdicts import STATUSES

    meant = {STATUSES.index(status): 1 if truth else 0 if truth is None else -1 for status, truth in OUTCOMES.items()}
    return codes.cast(int).replace_strict(meant).to_numpy()


def the_door(rules: RuleSet, columns: Any) -> Callable[[], Any]:
    """The facts of a frame of texts and numbers, as a file reader gives it, brought into the columns that plans read."""
    from eligibility.columnar.door import enter

    frame = _frame(columns)
    return lambda: enter(frame, rules.book)


def in_words(rules: RuleSet, columns: Any, *, statuses: bool) -> Callable[[], Any]:
    """All of it: from a frame of texts and numbers to statuses and truths in words."""
    from eligibility.columnar import ColumnarRules

    frame, engine = _frame(columns), ColumnarRules(rules)
    return lambda: engine.evaluate(frame, as_of=AS_OF, statuses=statuses)
