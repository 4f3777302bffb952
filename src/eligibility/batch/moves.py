"""Who moves between two laws, and why: outcomes of the same rows set against each other, block by block."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import polars as pl

from eligibility.batch.rows import GROUP, ID, ROW, Part, Rows
from eligibility.batch.scoring import Scored, Scoring, criteria_of, criterion_column
from eligibility.batch.tally import status_counts
from eligibility.report_model import StatusName
from eligibility.rulebook import Rule
from eligibility.status import Status

Move = tuple[str, StatusName, StatusName, str | None]  # rule, then, now, criterion

_THEN: Final = "@then"
_NOW: Final = "@now"
_RULE: Final = "@rule"
_CRITERION: Final = "@criterion"
MOVED: Final = (ROW, ID, GROUP, _RULE, _THEN, _NOW, _CRITERION)
_IN: Final = (Status.ELIGIBLE.value, Status.SUBJECT_TO_JUDGEMENT.value)


@dataclass(slots=True)
class GroupCount:
    """The rows of a group: all, those that moved, those that were eligible (or subject to judgement), and those that are."""

    rows: int = 0
    moved: int = 0
    then: int = 0
    now: int = 0

    def add(self, other: GroupCount) -> None:
        """Add the rows of another block."""
        self.rows += other.rows
        self.moved += other.moved
        self.then += other.then
        self.now += other.now


@dataclass(slots=True)
class Counts:
    """What came of some rows under both laws. `moved` has a line for each row and rule that differ."""

    rows: int = 0
    rejected: int = 0
    moved_rows: int = 0
    then: dict[str, Counter[StatusName]] = field(default_factory=dict)
    now: dict[str, Counter[StatusName]] = field(default_factory=dict)
    moves: Counter[Move] = field(default_factory=Counter)
    groups: dict[tuple[str, str], GroupCount] = field(default_factory=dict)

    def add(self, other: Counts) -> None:
        """Add what came of another block."""
        self.rows += other.rows
        self.rejected += other.rejected
        self.moved_rows += other.moved_rows
        for mine, theirs in ((self.then, other.then), (self.now, other.now)):
            for rule, counts in theirs.items():
                mine.setdefault(rule, Counter()).update(counts)
        self.moves.update(other.moves)
        for key, count in other.groups.items():
            self.groups.setdefault(key, GroupCount()).add(count)


@dataclass(frozen=True, slots=True)
class Compared:
    """A block under both laws: what is counted, and the rows that moved, with the place of each in the block."""

    counts: Counts
    moved: pl.DataFrame


@dataclass(frozen=True)
class Comparing:
    """Evaluates rows under both laws. `rules` are those that both have, as the first has them."""

    first: Scoring
    second: Scoring
    rules: Sequence[Rule]
    grouped: bool

    def __call__(self, rows: Rows) -> Compared:
        """The outcomes of the rows of a block, set against each other."""
        then, now = self.first(rows), self.second(rows)
        valid = ~_refused(then, now)
        before, after = then.table.filter(valid), now.table.filter(valid)
        ids = [rule.id for rule in self.rules]
        differs = pl.DataFrame([before[rule].ne_missing(after[rule]).alias(rule) for rule in ids])
        any_differs = differs.select(pl.any_horizontal(pl.all())).to_series() if ids else pl.Series([], dtype=pl.Boolean)
        counts = Counts(
            rows=rows.count,
            rejected=rows.count - before.height,
            moved_rows=int(any_differs.sum() or 0),
            then=status_counts(before, self.rules),
            now=status_counts(after, self.rules),
            groups=_groups(before, after, differs, ids) if self.grouped else {},
        )
        moved_rows = set(pl.Series(before[ROW]).filter(any_differs).to_list()) if ids else set()
        moved = pl.concat(list(self._moved(then.parts, moved_rows))) if moved_rows else pl.DataFrame(schema=_SCHEMA)
        for rule, old, new, criterion, count in moved.group_by(_RULE, _THEN, _NOW, _CRITERION).len().iter_rows():
            counts.moves[rule, old, new, criterion] += count
        return Compared(counts, moved.sort(ROW, maintain_order=True))

    def _moved(self, parts: Iterable[Part], rows: set[int]) -> Iterator[pl.DataFrame]:
        """A line for each row and rule that differ, with the criterion that settles it."""
        for part in parts:
            some = part.only(part.places.is_in(list(rows)))
            if not some.frame.height:
                continue
            before, _ = _closely(self.first).evaluate(some)
            after, _ = _closely(self.second).evaluate(some)
            nothing = pl.lit(None, dtype=pl.String)
            about = [some.places.alias(ROW)]
            about += [some.frame[name] for name in (ID, GROUP) if name in some.frame.columns]
            for rule in self.rules:
                both = pl.DataFrame([*about, *_both(rule, before, after)])
                criterion = pl.coalesce([*_settling(rule), nothing]).alias(_CRITERION)
                found = both.filter(pl.col(_THEN).ne_missing(pl.col(_NOW)))
                if found.height:
                    missing = [nothing.alias(name) for name in (ID, GROUP) if name not in found.columns]
                    lines = found.with_columns(criterion, pl.lit(rule.id).alias(_RULE), *missing)
                    yield lines.select(pl.col(name).cast(kind) for name, kind in _SCHEMA.items())


_SCHEMA: Final = {name: pl.UInt32() if name == ROW else pl.String() for name in MOVED}


def _closely(scoring: Scoring) -> Scoring:
    return replace(scoring, statuses=True)


def _refused(then: Scored, now: Scored) -> pl.Series:
    refused = pl.Series([False], dtype=pl.Boolean).new_from_index(0, then.table.height)
    places = [*then.refused, *now.refused]
    return refused.scatter(places, values=True) if places else refused


def _both(rule: Rule, before: pl.DataFrame, after: pl.DataFrame) -> Iterator[pl.Series]:
    """The statuses of a rule and its criteria, under both laws."""
    yield before[rule.id].alias(_THEN)
    yield after[rule.id].alias(_NOW)
    for path in criteria_of(rule):
        name = criterion_column(rule, path)
        nothing = pl.Series([None], dtype=pl.String).new_from_index(0, before.height)
        yield (before[name] if name in before.columns else nothing).alias(f"then.{path}")
        yield (after[name] if name in after.columns else nothing).alias(f"now.{path}")


def _settling(rule: Rule) -> Iterator[pl.Expr]:
    """For each criterion its path where it settles the move, in the order of the rule.

    That is one that fails now and did not before, for who is not eligible now; one that failed and fails no longer, for who was
    not; for others one that differs.
    """
    fails, failed = (pl.col(side) == Status.NOT_ELIGIBLE.value for side in (_NOW, _THEN))
    for path in criteria_of(rule):
        old, new = pl.col(f"then.{path}"), pl.col(f"now.{path}")
        falls = new.eq_missing(pl.lit("not_met")) & old.ne_missing(pl.lit("not_met"))
        rises = old.eq_missing(pl.lit("not_met")) & new.ne_missing(pl.lit("not_met"))
        settles = pl.when(fails).then(falls).when(failed).then(rises).otherwise(old.ne_missing(new))
        yield pl.when(settles).then(pl.lit(path))


def _groups(
    before: pl.DataFrame, after: pl.DataFrame, differs: pl.DataFrame, ids: Iterable[str]
) -> dict[tuple[str, str], GroupCount]:
    """The rows of each group, for each rule."""
    found: dict[tuple[str, str], GroupCount] = {}
    group = before[GROUP].fill_null("not stated")
    for rule in ids:
        frame = pl.DataFrame(
            [group, differs[rule].alias("moved"), before[rule].is_in(_IN).alias("then"), after[rule].is_in(_IN).alias("now")]
        )
        counted = frame.group_by(GROUP).agg(pl.len(), pl.col("moved", "then", "now").sum())
        for name, rows, moved, then, now in counted.iter_rows():
            found[rule, name] = GroupCount(rows, moved, then, now)
    return found
