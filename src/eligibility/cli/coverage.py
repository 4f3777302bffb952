"""`eligibility test --coverage`: what no scenario reaches, and a case that would."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence

from eligibility.cli.chosen import Chosen
from eligibility.cli.shell import Exit, has_colour, is_terminal, write
from eligibility.coverage import Coverage, Gap, cover, excuses
from eligibility.gap_search import suggest


def report_coverage(asked: Chosen, form: str) -> int:
    """Write what the scenarios reach; the exit code is 1 where there are gaps."""
    rules, scenarios = asked.rules(), asked.scenarios()
    covered = cover(asked.loaded, scenarios, rules)
    found = {name: list(covered[name].gaps(excuses(asked.loaded, name))) for name in rules}
    near = {name: [each for each in scenarios if each.rule == name] for name in rules}
    suggested = [suggest(asked.loaded, gap, near[name]) for name in rules for gap in found[name]]
    cases = {each.gap: each.text for each in suggested if each is not None}
    if form == "json":
        write(json.dumps([_data(covered[name], found[name], cases) for name in rules], ensure_ascii=False, indent=2))
    else:
        write("\n".join(_listed(covered, found, cases)))
        _summary(covered, found)
    return Exit.FAILURE if any(found.values()) else Exit.DONE


def _data(covered: Coverage, gaps: Sequence[Gap], cases: dict[Gap, str]) -> dict[str, object]:
    reached, demanded, excused, _ = _counts(covered, gaps)
    listed = [
        {
            "message": gap.message,
            "criterion": gap.path or None,
            "state": gap.state or None,
            "as_of": None if gap.day is None else gap.day.isoformat(),
            "case": cases.get(gap),
        }
        for gap in gaps
    ]
    return {"rule": covered.rule.id, "reached": reached, "demanded": demanded, "excused": excused, "gaps": listed}


def _listed(covered: dict[str, Coverage], found: dict[str, list[Gap]], cases: dict[Gap, str]) -> list[str]:
    lines: list[str] = []
    for name in covered:
        for gap in found[name]:
            lines.append(str(gap))
            if gap in cases:
                lines += [cases[gap]]
            elif gap.path or gap.day:
                lines.append("  no case was found that reaches it: write one, or say under `unreachable` why there is none")
    if cases:
        lines += ["", "What a case expects is what comes out now: hold it against the law before you paste it."]
    return lines


def _summary(covered: dict[str, Coverage], found: dict[str, list[Gap]]) -> None:
    rows = [(name, *_counts(covered[name], found[name])) for name in covered]
    if is_terminal(sys.stdout):
        _table(rows)
    else:
        for name, *numbers in rows:
            write(f"{name}: {_counted(*numbers)}")
    counts = [_counts(covered[name], found[name]) for name in covered]
    reached, demanded, excused, missing = map(sum, zip(*counts, strict=True))
    write(f"all: {_counted(reached, demanded, excused, missing)}")


def _counts(covered: Coverage, gaps: Sequence[Gap]) -> tuple[int, int, int, int]:
    """How many states and days are reached, demanded and excused, and the number of gaps."""
    reached, demanded = covered.counts()
    return reached, demanded, demanded - reached - sum(bool(gap.state or gap.day) for gap in gaps), len(gaps)


def _counted(reached: int, demanded: int, excused: int, gaps: int) -> str:
    return f"{reached:,} of {demanded:,} states and days reached, {excused:,} excused, {gaps:,} gap{'' if gaps == 1 else 's'}"


def _table(rows: Sequence[tuple[str, int, int, int, int]]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("rule", box=None, pad_edge=False)
    for head in ("reached", "of", "excused", "gaps"):
        table.add_column(head, justify="right")
    for name, *numbers in rows:
        table.add_row(name, *(f"{number:,}" for number in numbers), style="red" if numbers[-1] else None)
    Console(file=sys.stdout, no_color=not has_colour(sys.stdout), highlight=False).print(table)
