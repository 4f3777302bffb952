"""Rows to outcomes: what the engine says of the parts of a block, put back into the order of its rows."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import polars as pl

from eligibility.batch.cells import day_of
from eligibility.batch.evaluator import Evaluator
from eligibility.batch.rows import AS_OF, GROUP, ID, ROW, Part, Rows, facts_of
from eligibility.diagnostics import Diagnostic, UsageError
from eligibility.engine import RuleSet, parse_day, refuse_unknown_rules
from eligibility.findings import facts_below
from eligibility.rulebook import Rule
from eligibility.status import Status

STATUSES: Final = pl.Enum([each.value for each in Status])
Refused = dict[int, tuple[Diagnostic, ...]]


@dataclass(frozen=True, slots=True)
class Scored:
    """A block that was evaluated.

    `table` has a row for each of the block, in order, with the columns of `Scoring`; `parts` are the facts of the rows that were
    evaluated, `refused` says why others were not.
    """

    table: pl.DataFrame
    parts: tuple[Part, ...]
    refused: Mapping[int, tuple[Diagnostic, ...]]


@dataclass(frozen=True)
class Scoring:
    """How rows are evaluated: by whom, on which day (None: each row says it), and with the status of each criterion or not.

    `facts` are those that the law knows, where rows may state others.
    """

    evaluator: Evaluator
    rules: Sequence[Rule]
    as_of: date | None
    statuses: bool = False
    as_of_column: str = "row"
    facts: Collection[str] | None = None

    @property
    def columns(self) -> dict[str, pl.DataType]:
        """The columns of outcomes: a rule each, and where they were asked for its criteria behind it."""
        found: dict[str, pl.DataType] = {}
        for rule in self.rules:
            found[rule.id] = STATUSES
            if self.statuses:
                found |= {criterion_column(rule, path): pl.String() for path in criteria_of(rule)}
        return found

    def __call__(self, rows: Rows) -> Scored:
        """The outcomes of the rows of a block."""
        refused: Refused = dict(rows.refused.problems)
        ids = dict(rows.refused.ids)
        pieces: list[pl.DataFrame] = []
        parts: list[Part] = []
        for each in rows.parts:
            part = each if self.as_of is not None else self._with_days(each, refused, ids)
            if part.frame.height:
                pieces.append(self._evaluate(part, refused))
                parts.append(part)
        table = self._ordered(pieces, rows.count)
        if ids:
            table = _identified(table, ids)
        return Scored(table, tuple(parts), refused)

    def _with_days(self, part: Part, refused: Refused, ids: dict[int, str]) -> Part:
        """The rows of a part whose own as-of date can be read; the others are refused, and known by their ids."""
        stated = part.frame[AS_OF]
        days = stated
        if stated.dtype == pl.String:
            days = stated.to_frame().select(day_of(pl.col(AS_OF))).to_series()
        if days.dtype != pl.Date:
            days = pl.repeat(None, len(stated), dtype=pl.Date, eager=True)
        bad = days.is_null()
        for position in bad.arg_true():
            place = part.places[position]
            refused[place] = tuple(_unreadable(stated[position], self.as_of_column))
            if ID in part.frame.columns and (known_as := part.frame[ID][position]) is not None:
                ids[place] = known_as
        return Part(part.places, part.frame.with_columns(days.alias(AS_OF))).only(days.is_not_null())

    def evaluate(self, part: Part) -> tuple[pl.DataFrame, Mapping[int, tuple[Diagnostic, ...]]]:
        """The outcomes of the rows of a part, and which of them were refused."""
        day = part.frame[AS_OF] if self.as_of is None else self.as_of
        found = self.evaluator.evaluate(self._known(part.frame), as_of=day, statuses=self.statuses, blank=True)
        columns = [_column(found.outcomes, name, kind) for name, kind in self.columns.items()]
        return found.outcomes.select(columns) if found.outcomes.width else pl.DataFrame(columns), found.refused

    def _known(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The facts of a frame that the law knows."""
        if self.facts is None:
            return frame.select(facts_of(frame))
        known = [name for name in facts_of(frame) if name in self.facts]
        if known:
            return frame.select(known)
        return pl.DataFrame([pl.Series(next(iter(self.facts)), [None]).new_from_index(0, frame.height)])

    def _evaluate(self, part: Part, refused: Refused) -> pl.DataFrame:
        outcomes, bad = self.evaluate(part)
        refused.update((part.places[position], why) for position, why in bad.items())
        carried = [part.frame[name] for name in (ID, GROUP) if name in part.frame.columns]
        return pl.DataFrame([*outcomes.get_columns(), part.places.alias(ROW), *carried])

    def _ordered(self, pieces: list[pl.DataFrame], count: int) -> pl.DataFrame:
        """The rows of all pieces in the order of the block; those that are in none of them are there without outcomes."""
        if len(pieces) == 1 and pieces[0].height == count:
            return pieces[0]
        every = pl.DataFrame({ROW: pl.int_range(count, dtype=pl.UInt32, eager=True)})
        found = pl.concat(pieces) if pieces else pl.DataFrame(schema={ROW: pl.UInt32, **self.columns})
        return every.join(found, on=ROW, how="left", maintain_order="left")


def _identified(table: pl.DataFrame, ids: Mapping[int, str]) -> pl.DataFrame:
    """A table in which rows that were refused before they were evaluated are told apart too."""
    known = table[ID] if ID in table.columns else pl.Series(ID, [None], dtype=pl.String).new_from_index(0, table.height)
    return table.with_columns(known.scatter(list(ids), list(ids.values())).alias(ID))


def _column(outcomes: pl.DataFrame, name: str, kind: pl.DataType) -> pl.Expr:
    """A column of outcomes; one that the law of the day does not have is empty."""
    return (pl.col(name).cast(kind) if name in outcomes.columns else pl.lit(None, dtype=kind)).alias(name)


def criteria_of(rule: Rule) -> list[str]:
    """The paths of the criteria of a rule."""
    return [criterion.path for criterion in rule.criteria]


def criterion_column(rule: Rule, path: str) -> str:
    """The column that holds the status of a criterion."""
    return f"{rule.id}.{path}"


def _unreadable(text: object, column: str) -> Iterator[Diagnostic]:
    """Why an as-of date cannot be read."""
    if text is None or (isinstance(text, str) and not text.strip()):
        yield Diagnostic("E602", "the as-of date is missing", path=column, help="write a date as YYYY-MM-DD")
        return
    try:
        parse_day(text)  # type: ignore[arg-type]  # what is no date is what it reports
    except UsageError as error:
        yield from (Diagnostic(each.code, each.message, path=column, help=each.help) for each in error.diagnostics)


def chosen_rules(known: Mapping[str, Rule], ids: Sequence[str] | None) -> tuple[Rule, ...]:
    """Some rules by id, or all pathways. Raises: UsageError E600 for one that is not there."""
    if not ids:
        return tuple(rule for rule in known.values() if rule.kind == "pathway")
    refuse_unknown_rules(ids, known)
    return tuple(rule for rule in known.values() if rule.id in ids)


def facts_read(rules: RuleSet, chosen: Sequence[Rule], as_of: date | None) -> frozenset[str]:
    """The facts that some rules can read on a day; where it is not known, all."""
    if as_of is None:
        return frozenset(rules.book.facts)
    compiled, ids = rules.compiled(as_of), {rule.id for rule in chosen}
    return facts_below(compiled, *(step for rule in compiled.rules if rule.rule.id in ids for step in rule.needed))
