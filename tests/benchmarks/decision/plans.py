"""The table of plans: how long it takes to make one, and to take one row through it, as the pathways double."""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any, Final

from benchmarks.decision import population
from benchmarks.decision.batches import table
from benchmarks.decision.contestants import AS_OF
from benchmarks.decision.rules import FACTS, write_pack
from eligibility.engine import RuleSet, load_rules

ROWS: Final = 1_000  # so that every fact is stated somewhere
EXAMPLES: Final = Path(__file__).parents[3] / "examples"


def plans(sizes: tuple[int, ...], rounds: int) -> None:
    """Print the table of plans, of the decision in some numbers of variants and of the bundled rules, without and with criteria."""
    print(
        f"Plans in columns, without and with criteria, milliseconds of processors, median of {rounds}; the rules are compiled before:\n"
    )
    try:
        import polars as pl

        from benchmarks.decision.batch_peers import as_arrow
    except ImportError as error:
        print(f"Not measured: {error.name} is not installed.\n")
        return
    made_up = pl.DataFrame(as_arrow(population.columns(ROWS)).drop_columns(["row"])).rename(lambda name: f"{FACTS}.{name}")
    lines = []
    with tempfile.TemporaryDirectory() as folder:
        for size in sizes:
            rules = load_rules(write_pack(Path(folder) / str(size), size), bundled=False)
            lines.append(_line(f"the decision, {size} variants", rules, made_up, rounds))
    bundled = load_rules()
    lines.append(_line("the bundled rules", bundled, _examples(bundled), rounds))
    header = ("rules", "steps", "plan", "for a thousand steps", "one row", "plan with criteria", "one row")
    table(header, lines)


def _examples(rules: RuleSet) -> Any:
    """The profiles of the examples as a frame."""
    import polars as pl

    rows = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(EXAMPLES.glob("*.json"))]
    return pl.DataFrame([_flat(row, rules) for row in rows], infer_schema_length=None, strict=False)


def _flat(document: dict[str, Any], rules: RuleSet, above: str = "") -> dict[str, Any]:
    """The facts of a profile by their paths."""
    found: dict[str, Any] = {}
    for key, value in document.items():
        path = f"{above}{key}"
        if path in rules.book.facts:
            found[path] = value
        elif isinstance(value, dict):
            found |= _flat(value, rules, f"{path}.")
    return found


def _line(name: str, rules: RuleSet, frame: Any, rounds: int) -> tuple[str, ...]:
    from eligibility.columnar import ColumnarRules
    from eligibility.columnar.door import enter

    compiled = rules.compiled(AS_OF)
    entered = enter(frame, rules.book)
    row = entered.columns.head(1)
    measured: list[float] = []
    for statuses in (False, True):
        built, run = [], []
        for _ in range(rounds):
            engine, start = ColumnarRules(rules), time.process_time()  # one that has made no plan
            plan = engine.plan(entered, AS_OF, AS_OF, statuses=statuses)
            middle = time.process_time()
            plan.run(row)
            built.append(middle - start)
            run.append(time.process_time() - middle)
        measured += [statistics.median(built), statistics.median(run)]
    steps = len(compiled.steps)
    first, one, second, two = (f"{each * 1e3:,.1f}" for each in measured)
    return (name, f"{steps:,}", first, f"{measured[0] / steps * 1e6:,.1f}", one, second, two)
