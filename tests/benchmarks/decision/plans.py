"""The table of plans: how long it takes to make one, to read one back, and to take one row through it, as the pathways double."""

from __future__ import annotations

import json
import os
import statistics
import tempfile
import time
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, Final
from unittest import mock

from benchmarks.decision import population
from benchmarks.decision.batches import table
from benchmarks.decision.contestants import AS_OF
from benchmarks.decision.rules import FACTS, write_pack
from eligibility import cache
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
    with tempfile.TemporaryDirectory() as folder, mock.patch.dict(os.environ, {cache.VARIABLE: f"{folder}/cache"}):
        for size in sizes:
            rules = load_rules(write_pack(Path(folder) / str(size), size), bundled=False)
            lines.append(_line(f"the decision, {size} variants", rules, list(rules.book.rules), made_up, rounds))
        bundled = load_rules()
        examples = _examples(bundled)
        lines.append(_line("the bundled pathways", bundled, [rule.id for rule in bundled.pathways], examples, rounds))
        lines.append(_line("the bundled rules", bundled, list(bundled.book.rules), examples, rounds))
    plan = ("plan", "for a thousand steps", "read back", "one row")
    table(("rules", "steps", *plan, "plan with criteria", "read back", "one row"), lines)


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


def _line(name: str, rules: RuleSet, ids: Sequence[str], frame: Any, rounds: int) -> tuple[str, ...]:
    from eligibility.columnar.door import enter

    compiled = rules.compiled(AS_OF)
    entered = enter(frame, rules.book)
    measured = [_measured(rules, ids, entered, rounds, statuses=statuses) for statuses in (False, True)]
    needed = {index for rule in compiled.rules if rule.rule.id in ids for index in rule.needed}
    plain, full = ([f"{each:,.1f}" for each in times] for times in measured)
    share = f"{measured[0][0] / len(needed) * 1e3:,.1f}"
    return (name, f"{len(needed):,}", plain[0], share, *plain[1:], *full)


def _measured(rules: RuleSet, ids: Sequence[str], entered: Any, rounds: int, *, statuses: bool) -> list[float]:
    """How many milliseconds it takes to make a plan, to read it back, and to take one row through it."""
    from eligibility.columnar import ColumnarRules

    row, place = entered.columns.head(1), rules.place
    found: list[list[float]] = [[], [], []]
    for _ in range(rounds + 1):
        rules.place = None  # so that it is made, not read
        times = [time.process_time()]
        plan = ColumnarRules(rules, ids).plan(entered, AS_OF, AS_OF, statuses=statuses)
        times.append(time.process_time())
        rules.place = place
        ColumnarRules(rules, ids).plan(entered, AS_OF, AS_OF, statuses=statuses)
        times.append(time.process_time())
        plan.run(row)
        times.append(time.process_time())
        for each, (start, end) in zip(found, pairwise(times), strict=True):
            each.append((end - start) * 1e3)
    return [statistics.median(each[1:]) for each in found]  # the first round writes what the others read
