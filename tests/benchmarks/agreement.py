"""Do the engines agree on the bundled rules? One large run that counts differences. Not a test: it takes minutes.

    uv run python tests/benchmarks/agreement.py [--rows 192000] [--reference 4] [--durable 250] [--processes 2] [--days DAY ...]

Every row is worked out in columns and by the compiled engine, for all pathways and assessments; every fourth also by the reference
engine, and every 250th by durable-rules. Where two differ, the reference engine says who is right. Half of the rows lie between the scenarios of the rules (mixture.py), half are drawn from the
population of examples/population. Days are given, and for every eighth block each row has its own, on or beside a day on which the law changes.
It prints the outcomes seen of each rule, and each difference with the place of its row. Exit code 1 if there is any.
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import sys
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Final

import polars as pl

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[2] / "examples" / "population"))

from benchmarks.mixture import Mixture, scenario_frame
from eligibility.columnar import ColumnarRules
from eligibility.diagnostics import ProfileError
from eligibility.engine import RuleSet, load_rules
from eligibility.scenarios import scenarios
from eligibility.status import Status

DAYS: Final = (
    "2026-11-23",
    "2026-06-01",
    "2026-01-01",
    "2025-07-22",
    "2025-01-01",
    "2024-04-04",
    "2023-11-18",
    "2027-01-01",
    "1990-01-01",
)
BLOCK: Final = 8_000
OWN_DAYS: Final = 8  # every so many blocks, each row has a day of its own
CHANGES: Final = 3  # out of so many days on which the law changes
REFUSED: Final = "refused"
SHOWN: Final = 50


@dataclass(frozen=True, slots=True)
class Block:
    """Rows of one source, to be evaluated on a day or, without one, on days of their own."""

    number: int
    source: str
    day: str | None
    rows: int


@dataclass(slots=True)
class Found:
    """What came of some blocks."""

    seen: dict[str, Counter[str]] = field(default_factory=dict)
    rows: Counter[str] = field(default_factory=Counter)
    seconds: dict[str, float] = field(default_factory=dict)
    differences: list[str] = field(default_factory=list)

    def add(self, other: Found) -> None:
        """Count what came of other blocks too."""
        for name, counts in other.seen.items():
            self.seen.setdefault(name, Counter()).update(counts)
        self.rows.update(other.rows)
        for name, spent in other.seconds.items():
            self.spend(name, spent)
        self.differences += other.differences

    def spend(self, name: str, seconds: float) -> None:
        """Count time."""
        self.seconds[name] = self.seconds.get(name, 0) + seconds


@dataclass(frozen=True)
class Bench:
    """What a process needs, made once."""

    rules: RuleSet
    columns: ColumnarRules
    mixture: Mixture
    reference: int
    durable: int


@cache
def bench(scenarios: str, reference: int, durable: int) -> Bench:
    rules = load_rules()
    return Bench(rules, ColumnarRules(rules), Mixture(rules, pl.read_parquet(scenarios)), reference, durable)


def drawn(ready: Bench, block: Block) -> pl.DataFrame:
    """The rows of a block; the same each time."""
    if block.source == "mixture":
        return ready.mixture.rows(block.rows, block.number)
    from applicants import population  # type: ignore[import-not-found, unused-ignore]  # a script of the examples, beside its data

    frame: pl.DataFrame = population(block.rows, first=block.number * BLOCK, book=ready.rules.book).drop("id")
    return frame


def days_of(ready: Bench, block: Block) -> list[date]:
    """The as-of date of each row."""
    if block.day is not None:
        return [date.fromisoformat(block.day)] * block.rows
    chance = random.Random(block.number)  # noqa: S311  # rows of a benchmark, no secrets
    recent = [day for day in ready.rules.book.changes if day >= date(2022, 1, 1)]
    some = chance.sample(recent, min(CHANGES, len(recent)))
    return [chance.choice(some) + timedelta(days=chance.choice((-1, 0))) for _ in range(block.rows)]


def worked_out(task: tuple[Block, str, int, int]) -> Found:
    """A block by every engine, compared row by row."""
    block, *kept = task
    ready, found = bench(*kept), Found()
    start = time.perf_counter()
    frame, days = drawn(ready, block), days_of(ready, block)
    found.spend("drawing rows", time.perf_counter() - start)
    start = time.perf_counter()
    as_of = block.day or pl.Series(days, dtype=pl.Date)
    done = ready.columns.evaluate(frame, as_of=as_of)
    found.spend("columnar", time.perf_counter() - start)
    found.rows["singly"] += done.singly
    names = done.outcomes.columns
    stated, outcomes = list(frame.iter_rows(named=True)), list(done.outcomes.iter_rows())
    for place in sorted(range(len(days)), key=days.__getitem__):  # by day, as only the rules of a few periods are kept
        by_column = (
            None if place in done.refused else {name: each for name, each in zip(names, outcomes[place], strict=True) if each}
        )
        compared(ready, f"{block.source}:{block.number}:{place}", document(stated[place]), days[place], by_column, found)
    return found


def compared(
    ready: Bench, row: str, stated: Mapping[str, object], day: date, by_column: Mapping[str, str] | None, found: Found
) -> None:
    """One row by the engines for single profiles, held against what came out in columns (None: it was refused)."""
    place = found.rows["rows"]
    found.rows["rows"] += 1
    results: dict[str, Mapping[str, str] | None] = {"columnar": by_column}

    def work_out(engine: str) -> None:
        start = time.perf_counter()
        results[engine] = by(ready.rules, engine, stated, day)
        found.spend(engine, time.perf_counter() - start)
        found.rows[engine] += 1

    work_out("compiled")
    if results["compiled"] != by_column or place % ready.reference == 0:
        work_out("reference")
    if place % ready.durable == 0:
        work_out("durable")
    judge = "reference" if "reference" in results else "compiled"
    right = results[judge]
    if right is None:
        found.rows[REFUSED] += 1
    for name, status in (right or {}).items():
        found.seen.setdefault(name, Counter())[status] += 1
    for engine, result in results.items():
        if result != right:
            found.differences += told(row, day, (engine, result), (judge, right))


def by(rules: RuleSet, engine: str, stated: Mapping[str, object], day: date) -> dict[str, str] | None:
    """The status of every rule by id; None where the profile is refused."""
    try:
        profile = rules.profile(stated)
        if engine == "compiled":
            return {name: str(status) for name, status in rules.statuses(profile, as_of=day).items()}
        return {outcome.id: str(outcome.status) for outcome in rules.evaluate(profile, as_of=day, engine=engine)}
    except ProfileError:
        return None


Result = tuple[str, Mapping[str, str] | None]  # by which engine


def told(row: str, day: date, one: Result, other: Result) -> Iterator[str]:
    """A line for each rule that comes out otherwise by one engine than by another."""
    (engine, result), (judge, right) = one, other
    if result is None or right is None:
        yield f"{row} on {day}: {engine} {'refuses' if result is None else 'takes'} it, {judge} does not"
        return
    for name in sorted({*result, *right}):
        if result.get(name) != right.get(name):
            yield f"{row} on {day}: {name} is {result.get(name)} by {engine}, {right.get(name)} by {judge}"


def document(stated: Mapping[str, object]) -> dict[str, object]:
    """A row as a profile states it: groups within groups, and nothing where a column has nothing."""
    found: dict[str, object] = {}
    for path, raw in stated.items():
        value = bare(raw)
        if value is None:
            continue
        *groups, last = path.split(".")
        here = found
        for each in groups:
            here = here.setdefault(each, {})  # type: ignore[assignment]  # groups hold groups
        here[last] = value
    return found


def bare(value: object) -> object:
    """A value without what it does not state, and whole numbers as such."""
    match value:
        case float():
            return None if value != value else int(value) if value.is_integer() else value  # noqa: PLR0124  # NaN states nothing
        case dict():
            return {key: kept for key, each in value.items() if (kept := bare(each)) is not None}
        case list():
            return [bare(each) for each in value]
        case date():
            return value.isoformat()
    return value


def blocks(rows: int, days: list[str]) -> Iterator[Block]:
    """The blocks of the run, from both sources in turn."""
    for number in range(-(-rows // BLOCK)):
        source = ("mixture", "population")[number % 2]
        own = number % OWN_DAYS >= OWN_DAYS - 2
        yield Block(
            number,
            source,
            None if own else days[(number // 2 - number // OWN_DAYS) % len(days)],
            min(BLOCK, rows - number * BLOCK),
        )


def table(header: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    for row in (header, tuple("---" for _ in header), *rows):
        print("| " + " | ".join(row) + " |")
    print(flush=True)


def shown_by_scenarios(rules: RuleSet) -> Iterator[tuple[str, str]]:
    """The outcomes of each rule that some scenario comes to: the law allows them."""
    for each in scenarios(rules):
        if each.case.expect.outcome is not None:
            yield each.rule, each.case.expect.outcome


def report(found: Found, rules: RuleSet) -> None:
    """What came of the run, as Markdown."""
    decided = sum(counts.total() for counts in found.seen.values())
    pathways = sum(found.seen[rule.id].total() for rule in rules.pathways if rule.id in found.seen)
    print(f"\n{decided:,} outcomes compared, {pathways:,} of them row-pathways\n")
    table(("rows", "count"), [(name, f"{count:,}") for name, count in found.rows.items()])
    table(("seconds (all processes)", ""), [(name, f"{spent:,.0f}") for name, spent in found.seconds.items()])
    statuses = [str(status) for status in Status]
    lines = []
    for name, counts in sorted(found.seen.items()):
        lines.append((f"`{name}`", *(f"{counts[status]:,}" if counts[status] else "-" for status in statuses)))
    table(("rule", *(status.replace("_", " ") for status in statuses)), lines)
    unseen = sorted(
        f"{name} {status}" for name, status in set(shown_by_scenarios(rules)) if not found.seen.get(name, Counter[str]())[status]
    )
    more = f" and {len(unseen) - SHOWN} more" if len(unseen) > SHOWN else ""
    print(f"{len(unseen)} outcomes that some scenario comes to were not seen: {', '.join(unseen[:SHOWN])}{more}\n")
    print(f"{len(found.differences):,} differences")
    for line in found.differences[:SHOWN]:
        print(f"  {line}")
    if len(found.differences) > SHOWN:
        print(f"  and {len(found.differences) - SHOWN:,} more")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=192_000)
    parser.add_argument("--reference", type=int, default=4, help="every so many rows of a block by the reference engine too")
    parser.add_argument("--durable", type=int, default=250, help="every so many rows of a block by durable-rules too")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--days", nargs="+", default=list(DAYS), metavar="DAY")
    chosen = parser.parse_args()
    warnings.simplefilter("error")
    rules, found, start = load_rules(), Found(), time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        scenarios = str(Path(folder) / "scenarios.parquet")
        frame = scenario_frame(rules)
        frame.write_parquet(scenarios)
        print(
            f"{len(rules.pathways)} pathways, {len(rules.assessments)} assessments; {frame.height:,} profiles of scenarios",
            flush=True,
        )
        tasks = [(block, scenarios, chosen.reference, chosen.durable) for block in blocks(chosen.rows, chosen.days)]
        with multiprocessing.get_context("spawn").Pool(chosen.processes, warnings.simplefilter, ("error",)) as pool:
            for done, part in enumerate(pool.imap_unordered(worked_out, tasks), 1):
                found.add(part)
                spent = time.perf_counter() - start
                progress = f"{done} of {len(tasks)} blocks, {found.rows['rows']:,} rows, {len(found.differences):,} differences"
                print(f"{progress}, {spent:,.0f} s, about {spent / done * (len(tasks) - done):,.0f} s to go", flush=True)
    report(found, rules)
    sys.exit(1 if found.differences else 0)


if __name__ == "__main__":
    main()
