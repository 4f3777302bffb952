"""What is missing where outcomes are undetermined: for each rule in a fair share of its rows, looked at one by one."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

import polars as pl

from eligibility.batch.rows import AS_OF, Part, facts_of
from eligibility.batch.sampling import Drawn
from eligibility.batch.single import report_on
from eligibility.diagnostics import ProfileError
from eligibility.engine import RuleSet
from eligibility.findings import facts_below
from eligibility.outcome import Outcome
from eligibility.rulebook import Interval
from eligibility.status import Status

MOST: Final = 64  # rows that are looked at for one rule
FEW: Final = 512  # looks at a row for a rule, in a run of few rows
ROWS: Final = 1024  # rows of the run for one look more
_INDEX: Final = re.compile(r"\[\d+\]")


def without_places(path: str) -> str:
    """A path without the places of lists in it: what is the same fact of any item."""
    return _INDEX.sub("", path)


@dataclass(slots=True)
class Gaps:
    """Draws rows that are undetermined, block by block, for each rule; at the end it says what they are without."""

    rules: RuleSet
    ids: Sequence[str]
    as_of: date | None
    drawn: Drawn = field(init=False)
    rows: int = 0
    _read: dict[tuple[Interval, str], frozenset[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.drawn = Drawn(self.ids, MOST)

    def add(self, table: pl.DataFrame, parts: Iterable[Part], index: int) -> None:
        """Draw from a block whose first row is the row `index` of the run; `table` has the statuses of all its rows."""
        self.rows += table.height
        for part in parts:
            found = table if part.frame.height == table.height else table[part.places.to_list()]
            self.drawn.add(part, index, found.select(pl.col(self.ids) == Status.UNDETERMINED.value))

    def missing(self) -> tuple[Mapping[str, Counter[str]], Mapping[str, int]]:
        """How many rows are without what, by rule; and how many were looked at for it.

        These are all undetermined rows of a rule where they are few. Looks grow with the rows of the run, up to `MOST` a rule.
        """
        found: dict[str, Counter[str]] = {}
        looked: Counter[str] = Counter()
        for outcome in self._outcomes():
            looked[outcome.id] += 1
            found.setdefault(outcome.id, Counter()).update({without_places(each.name) for each in outcome.missing})
        return found, looked

    def _outcomes(self) -> Iterator[Outcome]:
        for frame, wanted in self.drawn.shares(FEW + self.rows // ROWS):
            rows = frame.select(facts_of(frame)).iter_rows(named=True)
            days = frame[AS_OF] if self.as_of is None else [self.as_of] * frame.height
            asked = sorted(zip(days, range(frame.height), rows, wanted, strict=True), key=lambda each: each[:2])
            for day, _, row, ids in asked:  # by days, since the law of few periods is kept
                try:
                    yield from report_on(self.rules, self._needed(row, day, ids), day, ids)
                except ProfileError:
                    continue

    def _needed(self, row: Mapping[str, Any], day: date, ids: Sequence[str]) -> Mapping[str, Any]:
        """What some rules read of a row, which is quicker to check than all it states."""
        compiled = self.rules.compiled(day)
        for rule in compiled.rules:
            key = (compiled.interval, rule.rule.id)
            if rule.rule.id in ids and key not in self._read:
                self._read[key] = facts_below(compiled, *rule.needed)
        needed = frozenset[str]().union(*(self._read[compiled.interval, name] for name in ids))
        return {name: cell for name, cell in row.items() if name in needed} or row
