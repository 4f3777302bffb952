"""The same decision by this program and by others, timed after they agreed. Not a test: run it by hand on a quiet machine.

    uv run --group bench python tests/benchmarks/peers.py [--quick] [--only NAME ...] [--rows 1000000]

Prints Markdown: the machine, the versions, one profile, one profile against all variants of the decision, and a million
profiles, in memory and from file to file.
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
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.decision import by_hand, expression_peers, population, rule_peers  # found by the line above
from benchmarks.decision.by_hand import Answer
from benchmarks.decision.rules import CRITERIA, FACTS, PACK, PATHWAY, Figures, figures, pathway, write_pack
from eligibility.backends.compiled import CompiledEngine
from eligibility.compiler import CompiledRule
from eligibility.datatypes import MET, NOT_MET, UNKNOWN_TRUTH
from eligibility.engine import RuleSet, load_rules
from eligibility.status import Status

AS_OF: Final = date(2026, 11, 23)
VARIANTS: Final = 24
CHUNK: Final = 1_000_000
ROUND: Final = 0.12  # seconds, at least, that a contestant runs before it is the next one's turn
PATIENCE: Final = 40.0  # seconds a contestant may take to show that it agrees

Row = dict[str, Any]
Found = bool | None | Answer
"""The outcome alone, or with the criteria."""

Decide = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Contestant:
    """One way to decide. `make` gives what puts a row in the form that is given, and what decides one of these.

    `read` puts what comes out in the form of the others; only what decides is timed.
    """

    name: str
    distribution: str | None
    unknown: str
    make: Callable[[], tuple[Callable[[Row], Any], Decide]]
    read: Callable[[Any], Found] = lambda found: found


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
        files(min(options.rows, 100_000) if options.quick else options.rows, 1 if options.quick else 3)


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


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table."""
    print("| " + " | ".join(header) + " |")
    print("| " + " | ".join("---" if number == 0 else "---:" for number in range(len(header))) + " |")
    for row in rows:
        print("| " + " | ".join(row) + " |")
    print(flush=True)


# contestants


def _peer(name: str, distribution: str | None, unknown: str, decide: Callable[[Figures], by_hand.Decide]) -> Contestant:
    return Contestant(name, distribution, unknown, lambda: (lambda row: row, decide(figures())))


def _ours(name: str, decide: Callable[[RuleSet], Decide], read: Callable[[Any], Found], *, checked: bool = True) -> Contestant:
    def make() -> tuple[Callable[[Row], Any], Decide]:
        rules = load_rules(PACK, bundled=False)
        return lambda row: rules.profile(population.profile(row)) if checked else population.profile(row), decide(rules)

    return Contestant(name, None, "a value of its own", make, read)


_OUTCOMES: Final = {Status.ELIGIBLE: True, Status.NOT_ELIGIBLE: False, Status.UNDETERMINED: None}
_TRUTHS: Final = {MET: True, NOT_MET: False, UNKNOWN_TRUTH: None}


def _rule(rules: RuleSet) -> CompiledRule:
    return next(rule for rule in rules.compiled(AS_OF).rules if rule.rule.id == PATHWAY)


def _criteria(rules: RuleSet) -> Decide:
    """All criteria and the outcome, by one generated function."""
    compiled, rule = rules.compiled(AS_OF), _rule(rules)
    steps = {each.condition.path: each.effective for top in rule.conditions for each in top.walk()}
    call = CompiledEngine().program(compiled).values(compiled, [*(steps[name] for name in CRITERIA), rule.criteria_met]).call
    return lambda profile: call(profile.facts, AS_OF)


def _read_criteria(found: Any) -> Found:
    *criteria, outcome = (_TRUTHS[each] for each in found)
    return outcome, tuple(criteria)


def _status(rules: RuleSet) -> Decide:
    return lambda profile: rules.statuses(profile, as_of=AS_OF)


def _evaluated(engine: str) -> Callable[[RuleSet], Decide]:
    return lambda rules: lambda profile: rules.evaluate(profile, as_of=AS_OF, engine=engine)


def _explained(rules: RuleSet) -> Decide:
    def decide(profile: Any) -> Any:
        report = rules.evaluate(profile, as_of=AS_OF, engine="compiled")
        return report[PATHWAY].explanation and report

    return decide


def _read_status(found: Any) -> Found:
    return _OUTCOMES[found[PATHWAY]]


def _read_report(found: Any) -> Found:
    return _OUTCOMES[found[PATHWAY].status]


OURS: Final = (
    _ours("compiled, all criteria", _criteria, _read_criteria),
    _ours("compiled, `statuses`", _status, _read_status),
    _ours("compiled, `statuses` of a JSON object", _status, _read_status, checked=False),
    _ours("compiled, report with findings", _evaluated("compiled"), _read_report),
    _ours("compiled, explanation in words", _explained, _read_report),
    _ours("reference, report with findings", _evaluated("reference"), _read_report),
    _ours("durable, report with findings", _evaluated("durable"), _read_report),
)
BY_HAND: Final = "by hand in Python, three-valued"
PEERS: Final = (
    _peer(BY_HAND, None, "functions on None", lambda law: by_hand.decision(law, exact=False)),
    _peer("zen-engine", "zen-engine", "least and greatest of 0, 0.5, 1", expression_peers.zen),
    _peer("datalogic", "datalogic-py", "least and greatest of 0, 0.5, 1", expression_peers.datalogic),
    _peer("CEL in Rust", "common-expression-language", "two conditions each", expression_peers.cel_rust),
    _peer("CEL in C++", "cel-expr-python", "errors that `&&` and `||` absorb", expression_peers.cel_cpp),
    _peer("Rego in Rust (regorus)", "opa-eval", "two rules each, else null", expression_peers.rego),
    _peer("business-rules", "business-rules", "two rules each", rule_peers.business_rules),
    _peer("durable-rules alone", "durable-rules", "two rules each", rule_peers.durable_rules),
    _peer("OpenFisca", "OpenFisca-Core", "least and greatest of 0, 1, 2", rule_peers.openfisca),
)


# what is measured


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
        if [_OUTCOMES[found[name]] for name in names] != expected:
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
    meant = {str(status): 1 if truth else 0 if truth is None else -1 for status, truth in _OUTCOMES.items()}
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
        text = _ALONE.format(tests=str(Path(__file__).parents[1]), code=code)
        done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True)  # noqa: S603  # our own code
        taken.append(tuple(float(each) for each in done.stdout.split()[-2:]))
    return statistics.median(each[0] for each in taken), max(each[1] for each in taken)


def files(count: int, rounds: int) -> None:
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
        for given, laws in ((parquet, 1), (parquet, VARIANTS), (json_lines, 1)):
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


if __name__ == "__main__":
    main()
