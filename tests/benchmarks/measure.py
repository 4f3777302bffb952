"""Measures what the README claims and prints it as Markdown. Not a test: run it by hand on a quiet machine.

    uv run python tests/benchmarks/measure.py [--quick]

Contestants of one table run in one process, in turn, so that ratios hold when the machine's speed drifts; medians are printed.
"""

from __future__ import annotations

import argparse
import gc
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import eligibility
from eligibility.engine import RuleSet, load_rules
from eligibility.english import counted
from eligibility.facts import Profile
from eligibility.remedies import advise
from eligibility.sensitivity import sensitivity
from eligibility.timeline import forecast

EXAMPLES = Path(__file__).parents[2] / "examples"
AS_OF, UNTIL = "2026-11-23", "2036-11-23"
START = "import time; start = time.perf_counter()\n"
STOP = "\nprint(time.perf_counter() - start)"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer rounds, for a first look")
    quick = parser.parse_args().quick
    print(f"Python {platform.python_version()}, eligibility {eligibility.__version__}, {platform.machine()}\n")
    start_up(3 if quick else 11)
    one_profile(100 if quick else 1_000)
    next_questions(5 if quick else 50)
    counsel(1 if quick else 10)
    doubling(50 if quick else 200)
    memory(5_000 if quick else 100_000)


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    print("| " + " | ".join(header) + " |")
    print("| " + " | ".join("---" for _ in header) + " |")
    for row in rows:
        print("| " + " | ".join(row) + " |")
    print(flush=True)


def fresh(code: str, rounds: int) -> float:
    """The median seconds that code takes in a fresh process, imports of Python itself not counted."""
    taken = []
    for _ in range(rounds):
        done = subprocess.run([sys.executable, "-c", START + code + STOP], capture_output=True, text=True, check=True)  # noqa: S603  # our own code
        taken.append(float(done.stdout.split()[-1]))
    return statistics.median(taken)


def start_up(rounds: int) -> None:
    rows = [
        ("`import eligibility`", "import eligibility"),
        ("import and `load_rules()`", "import eligibility; eligibility.load_rules()"),
        (
            "import, load and evaluate one profile (durable)",
            f"import eligibility, pathlib; eligibility.load_rules().evaluate(pathlib.Path({str(EXAMPLES / 'ml_engineer_london.json')!r}), as_of={AS_OF!r})",
        ),
    ]
    print("Start-up, fresh process, median:\n")
    table(("what", "ms"), [(name, f"{fresh(code, rounds) * 1e3:.0f}") for name, code in rows])


def alternate(contestants: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """The median seconds of each contestant, called in turn."""
    taken: dict[str, list[float]] = {name: [] for name in contestants}
    for call in contestants.values():
        call()
    for _ in range(rounds):
        for name, call in contestants.items():
            start = time.perf_counter()
            call()
            taken[name].append(time.perf_counter() - start)
    return {name: statistics.median(each) for name, each in taken.items()}


WAYS = ("durable", "reference", "compiled", "statuses")


def every_way(rules: RuleSet, profile: Profile) -> dict[str, Callable[[], object]]:
    """A report by each engine, and statuses alone."""

    def through(engine: str) -> Callable[[], object]:
        return lambda: rules.evaluate(profile, as_of=AS_OF, engine=engine)

    reports = {engine: through(engine) for engine in WAYS[:3]}
    return {**reports, "statuses": lambda: rules.statuses(profile, as_of=AS_OF)}


def one_profile(rounds: int) -> None:
    rules = load_rules()
    print(
        f"One profile against all {len(rules.pathways)} pathways and {len(rules.assessments)} assessments, median of {rounds}:\n"
    )
    rows = []
    for path in sorted(EXAMPLES.glob("*.json")):
        profile = rules.profile(path)
        medians = alternate(every_way(rules, profile), rounds)
        ratio = medians["durable"] / medians["reference"]
        rows.append((path.stem, *(f"{medians[name] * 1e3:.2f}" for name in WAYS), f"{ratio:.1f}"))
    table(("profile", *(f"{name}, ms" for name in WAYS), "durable / reference"), rows)


def next_questions(rounds: int) -> None:
    rules = load_rules()
    print(f"What to ask next about all {len(rules.pathways)} pathways, median of {rounds}:\n")
    rows = []
    for path in (None, *sorted(EXAMPLES.glob("*.json"))):
        profile = None if path is None else rules.profile(path)

        def asked(profile: object = profile) -> object:
            return rules.next_questions(profile, as_of=AS_OF)  # type: ignore[arg-type]  # a Profile, bound early

        name = "nothing stated" if path is None else path.stem
        count = len(rules.next_questions(profile, as_of=AS_OF))
        rows.append((name, str(count), f"{alternate({name: asked}, rounds)[name] * 1e3:.0f}"))
    table(("profile", "questions", "ms"), rows)


def counsel(rounds: int) -> None:
    """Remedies, timelines and sensitivities of each example, about all pathways at once."""
    rules = load_rules()
    profiles = {path.stem: rules.profile(path) for path in sorted(EXAMPLES.glob("*.json"))}

    def called(name: str, profile: Profile) -> Callable[[], object]:
        match name:
            case "remedies":
                return lambda: advise(rules, profile, AS_OF)
            case "timeline of ten years":
                return lambda: forecast(rules, profile, AS_OF, UNTIL)
        return lambda: sensitivity(rules, profile, AS_OF)

    print(f"About all pathways of one profile, {len(profiles)} profiles, median of {counted(rounds, 'run')} each, in ms:\n")
    rows = []
    for name in ("remedies", "timeline of ten years", "sensitivity"):
        taken = {stem: alternate({stem: called(name, profile)}, rounds)[stem] for stem, profile in profiles.items()}
        worst = max(taken, key=taken.__getitem__)
        rows.append((name, f"{statistics.median(taken.values()) * 1e3:.0f}", f"{taken[worst] * 1e3:.0f}", worst))
    table(("what", "median", "worst", "worst profile"), rows)


PACK = """pack: {name}
title: Synthetic
version: 1.0.0
jurisdiction: TEST
language: 1
maintainer: eligibility contributors
licence: Apache-2.0
"""
FACTS = "facts:\n" + "".join(
    f"  bench.f{number}: {{label: fact {number}, type: integer, question: 'Which?', changed_by: applicant}}\n"
    for number in range(40)
)


def synthetic(folder: Path, pathways: int) -> RuleSet:
    """A pack of pathways with 15 criteria each, no two the same."""
    (folder / "pack.yaml").write_text(PACK.format(name="synthetic"))
    (folder / "facts.yaml").write_text(FACTS)
    for pathway in range(pathways):
        criteria = "".join(
            f"  c{number}: {{title: Criterion {number}, cite: L {number}, any: [bench.f{(pathway * 7 + number) % 40} >= limit + {pathway * 31 + number}, "
            f"bench.f{(pathway * 3 + number * 5) % 40} == {number}]}}\n"
            for number in range(15)
        )
        text = (
            f"pathway: synthetic.p{pathway}\ntitle: Pathway {pathway}\nin_force: {{from: 2020-01-01}}\ngrade: A\n"
            "sources: {L: {title: Law, read_on: 2026-01-01}}\n"
            "parameters: {limit: {title: limit, unit: count, cite: L 0, values: {2020-01-01: {value: 10}}}}\n"
            f"criteria:\n{criteria}"
        )
        (folder / f"p{pathway}.yaml").write_text(text)
    return load_rules(folder, bundled=False)


def doubling(rounds: int) -> None:
    print("As the number of pathways doubles (synthetic, 15 criteria each, all of them different):\n")
    rows = []
    for pathways in (8, 16, 32, 64):
        with tempfile.TemporaryDirectory() as folder:
            start = time.perf_counter()
            rules = synthetic(Path(folder), pathways)
            loaded = time.perf_counter() - start
        profile = rules.profile({"bench": {f"f{number}": number * 3 for number in range(40)}})
        ways, first = every_way(rules, profile), {}
        for name, call in ways.items():
            start = time.perf_counter()
            call()
            first[name] = time.perf_counter() - start
        medians = alternate(ways, rounds)
        made = (f"{first[name] * 1e3:.0f}" for name in ("durable", "compiled", "statuses"))
        rows.append((str(pathways), f"{loaded * 1e3:.0f}", *made, *(f"{medians[name] * 1e3:.2f}" for name in WAYS)))
    header = ("pathways", "load, ms", "first durable (compiles), ms", "first compiled, ms", "first statuses, ms")
    table((*header, *(f"{name}, ms" for name in WAYS)), rows)


def memory(evaluations: int) -> None:
    print(f"Memory over {evaluations:,} evaluations, peak resident size in MB:\n")
    rules = load_rules()
    profiles = [rules.profile(path) for path in sorted(EXAMPLES.glob("*.json"))]
    rows = []
    for engine in WAYS[:3]:
        for number in range(2_000):
            rules.evaluate(profiles[number % len(profiles)], as_of=AS_OF, engine=engine)
        gc.collect()
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        for number in range(evaluations):
            rules.evaluate(profiles[number % len(profiles)], as_of=AS_OF, engine=engine)
        after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        rows.append((engine, f"{before:.1f}", f"{after:.1f}", f"{after - before:+.1f}"))
    table(("engine", "after 2,000", f"after {evaluations:,} more", "growth"), rows)


if __name__ == "__main__":
    main()
