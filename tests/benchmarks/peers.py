"""The same decision by this program and by others, timed after they agreed. Not a test: run it by hand on a quiet machine.

    uv run --group bench python tests/benchmarks/peers.py [--quick] [--only NAME ...] [--rows 1000000]

Prints Markdown: the machine, the versions, one profile, one profile against all variants of the decision, and a million
profiles, in memory and from file to file; and how long plans in columns take.
Contestants of one table run in one process, in turn and in shuffled order, so that ratios hold when the machine's speed drifts. A
contestant that is not installed, or does not agree, stands in the table with the reason.
"""

from __future__ import annotations

import argparse
import gc
import importlib.metadata
import os
import platform
import random
import statistics
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.decision import by_hand, population  # found by the line above
from benchmarks.decision.batches import files, table
from benchmarks.decision.by_hand import Answer
from benchmarks.decision.contestants import AS_OF, BY_HAND, OURS, OUTCOMES, PEERS, Contestant, Decide, Row
from benchmarks.decision.in_memory import many_profiles
from benchmarks.decision.plans import plans
from benchmarks.decision.rules import figures, pathway, write_pack
from eligibility.backends.compiled import CompiledEngine
from eligibility.engine import load_rules

VARIANTS: Final = 24
ROUND: Final = 0.12  # seconds, at least, that a contestant runs before it is the next one's turn
PATIENCE: Final = 40.0  # seconds a contestant may take to show that it agrees


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer profiles and rounds, for a first look")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="only contestants whose names contain one of these")
    parser.add_argument("--rows", type=int, default=1_000_000, help="profiles of the tables of many (1000000); 0 leaves them out")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    print(machine())
    count, rounds = (1_000, 3) if options.quick else (10_000, 11)
    one_profile(count, rounds, options.only)
    all_variants(min(count, 2_000), rounds)
    for laws in (1, VARIANTS) if options.rows else ():
        many_profiles(min(options.rows, 100_000) if options.quick else options.rows, laws, 3 if options.quick else 7)
    if options.rows:
        files(min(options.rows, 100_000) if options.quick else options.rows, 1 if options.quick else 3, VARIANTS)
        plans((8, 24, 48, 96), 3 if options.quick else 7)


def machine() -> str:
    """What the measurements were taken on."""
    model = platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.is_file():
        names = [line.partition(":")[2].strip() for line in cpuinfo.read_text().splitlines() if line.startswith("model name")]
        model = names[0] if names else model
    versions = ", ".join(f"{name} {version}" for name, version in _versions())
    return f"{model}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}; {versions}.\n"


def _versions() -> Iterable[tuple[str, str]]:
    for name in ("eligibility", *dict.fromkeys(each.distribution for each in PEERS if each.distribution), "numpy"):
        try:
            yield name, importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            yield name, "from this folder" if name == "eligibility" else "not installed"


@dataclass(slots=True)
class Entry:
    """A contestant ready to run, or the reason why it is not."""

    contestant: Contestant
    given: Sequence[Any] = ()
    decide: Decide | None = None
    made: float = 0.0
    said: str = ""


def ready(contestant: Contestant, rows: Sequence[Row], expected: Sequence[Answer]) -> Entry:
    """A contestant made and compared with what is expected."""
    start = time.perf_counter()
    try:
        give, decide = contestant.make()
        first = give(rows[0])
        decide(first)
    except ImportError as error:
        return Entry(contestant, said=f"not installed ({error.name or error})")
    except Exception as error:  # whatever another engine raises is what the table says about it
        return Entry(contestant, said=f"failed: {error}")
    made = time.perf_counter() - start
    given = [give(row) for row in rows]
    entry = Entry(contestant, given, decide, made)
    start, agreed = time.perf_counter(), 0
    for each, right in zip(given, expected, strict=True):
        found = contestant.read(decide(each))
        if found != (right if isinstance(found, tuple) else right[0]):
            return Entry(contestant, said=f"does not agree about profile {agreed}: {rows[agreed]}")
        agreed += 1
        if time.perf_counter() - start > PATIENCE:
            break
    entry.said = f"{agreed:,}"
    return entry


def alternate(entries: Sequence[Entry], rounds: int) -> dict[str, float]:
    """The median seconds for one profile of each contestant, run in turn, every round in another order."""
    taken: dict[str, list[float]] = {entry.contestant.name: [] for entry in entries}
    order, chance = list(entries), random.Random(3)  # noqa: S311  # an order, not a secret
    gc.collect()
    gc.disable()
    for number in range(rounds):
        chance.shuffle(order)
        for entry in order:
            decide, given, done = entry.decide, entry.given, 0
            if decide is None:
                continue
            first = number * 997 % len(given)
            start = time.perf_counter()
            while True:
                for place in range(first + done, first + done + 20):
                    decide(given[place % len(given)])
                done += 20
                passed = time.perf_counter() - start
                if passed > ROUND:
                    break
            taken[entry.contestant.name].append(passed / done)
    gc.enable()
    return {name: statistics.median(each) for name, each in taken.items() if each}


def one_profile(count: int, rounds: int, only: Sequence[str] | None) -> None:
    """Print the table of one profile."""
    rows = list(population.rows(count))
    expected = [by_hand.decision(figures(), exact=True)(_exact(row)) for row in rows]
    wanted = [each for each in (*PEERS, *OURS) if each.name == BY_HAND or not only or any(word in each.name for word in only)]
    entries = [ready(each, rows, expected) for each in wanted]
    medians = alternate(entries, rounds)
    base = medians[BY_HAND]
    print(f"One profile, twelve criteria and the outcome, microseconds; agreement on {count:,} profiles, median of {rounds}:\n")
    lines = []
    for entry in sorted(entries, key=lambda entry: medians.get(entry.contestant.name, float("inf"))):
        seconds = medians.get(entry.contestant.name)
        name, unknown = entry.contestant.name, entry.contestant.unknown
        measured = (
            ("-", "-", "-")
            if seconds is None
            else (f"{seconds * 1e6:,.1f}", f"{seconds / base:,.2f}", f"{entry.made * 1e3:,.0f}")
        )
        lines.append((name, *measured, entry.said, unknown))
    table(("engine", "us", "x by hand", "made in ms", "agreed on", "how unknown is written"), lines)


def _exact(row: Row) -> Row:
    return {name: Fraction(value) if isinstance(value, float) else value for name, value in row.items()}


def all_variants(count: int, rounds: int) -> None:
    """Print the table of one profile against all variants of the decision, which share nothing but facts."""
    rows = list(population.rows(count))
    by_number = [by_hand.decision(figures(number), exact=False) for number in range(VARIANTS)]
    names = [pathway(number) for number in range(VARIANTS)]
    with tempfile.TemporaryDirectory() as folder:
        rules = load_rules(write_pack(Path(folder) / "pack", VARIANTS), bundled=False)
    profiles = [rules.profile(population.profile(row)) for row in rows]
    compiled, start = rules.compiled(AS_OF), time.perf_counter()
    program = CompiledEngine().program(compiled)
    merged = program.statuses(compiled, compiled.rules).call
    made = time.perf_counter() - start
    single = [program.statuses(compiled, [rule]).call for rule in compiled.rules]
    for row, profile in zip(rows, profiles, strict=True):
        expected = [decide(row)[0] for decide in by_number]
        found = merged(profile.facts, AS_OF)
        if [OUTCOMES[found[name]] for name in names] != expected:
            raise ValueError(f"the variants do not agree about {row}")

    def contestant(name: str, given: Sequence[Any], decide: Callable[[Any], Any]) -> Entry:
        return Entry(Contestant(name, None, "", lambda: (lambda row: row, decide)), given, decide)

    def evaluated(engine: str) -> Callable[[Any], Any]:
        return lambda profile: rules.evaluate(profile, as_of=AS_OF, engine=engine)

    entries = [
        contestant(f"by hand, {VARIANTS} functions", rows, lambda row: [decide(row) for decide in by_number]),
        contestant("compiled, one merged function", profiles, lambda profile: merged(profile.facts, AS_OF)),
        contestant(f"compiled, {VARIANTS} functions", profiles, lambda profile: [each(profile.facts, AS_OF) for each in single]),
        contestant("compiled, `statuses`", profiles, lambda profile: rules.statuses(profile, as_of=AS_OF)),
        contestant("compiled, report with findings", profiles, evaluated("compiled")),
        contestant("reference, report with findings", profiles, evaluated("reference")),
        contestant("durable, report with findings", profiles, evaluated("durable")),
    ]
    medians = alternate(entries, rounds)
    base = medians[entries[0].contestant.name]
    print(f"One profile against {VARIANTS} variants, microseconds; the merged function was made in {made * 1e3:.0f} ms:\n")
    table(("engine", "us", "x by hand"), [(name, f"{each * 1e6:,.1f}", f"{each / base:,.2f}") for name, each in medians.items()])


if __name__ == "__main__":
    main()
