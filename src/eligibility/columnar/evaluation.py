"""The columnar engine: the outcome of some rules for every row of a frame, equal to that of one profile at a time."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

import polars as pl

from eligibility.columnar.door import Entered, enter, stated_rows
from eligibility.columnar.kept_plans import PlanFile
from eligibility.columnar.plan import AS_OF, CONTRADICTED, plan_rules
from eligibility.columnar.sheet import Plan
from eligibility.columnar.truths import TRUTHS
from eligibility.columnar.verdicts import STATUSES
from eligibility.compiler import CompiledRule, CompiledRules, period_of
from eligibility.datatypes import UNKNOWN_TRUTH
from eligibility.diagnostics import Diagnostic, ProfileError, UsageError
from eligibility.engine import RuleSet, parse_day, refuse_unknown_rules
from eligibility.garbage import without_garbage_collection
from eligibility.report import Report
from eligibility.rulebook import Interval
from eligibility.status import Status

PLANS_KEPT: Final = 128  # more than there are changes of law in a few years
_MANY: Final = 100  # rows for which generating a function is worth its time
_STATUSES: Final = pl.Series([str(status) for status in STATUSES], dtype=pl.Enum([str(status) for status in STATUSES]))
_NOT_APPLICABLE: Final = STATUSES.index(Status.NOT_APPLICABLE)
_TRUTHS: Final = pl.Series([truth.value for truth in TRUTHS], dtype=pl.Enum([truth.value for truth in TRUTHS]))


@dataclass(frozen=True, slots=True)
class Evaluated:
    """What came of a frame.

    `outcomes` has its rows in their order and a column for each rule, named by its id, with the status; with statuses of criteria
    also `<rule>.<criterion>`, null where the rule is not applicable. A row is null throughout where its facts were refused:
    `refused` says why, by the place of the row. `singly` counts the rows that were evaluated one at a time.
    """

    outcomes: pl.DataFrame
    refused: Mapping[int, tuple[Diagnostic, ...]] = field(default_factory=dict)
    singly: int = 0


class ColumnarRules:
    """Rules for populations. Safe to share between threads."""

    def __init__(self, rules: RuleSet, pathways: Iterable[str] | None = None) -> None:
        """Of all rules, or of some by id. Raises: UsageError for an unknown one."""
        known = rules.book.rules
        wanted = list(known) if pathways is None else [pathways] if isinstance(pathways, str) else list(pathways)
        refuse_unknown_rules(wanted, known)
        self.rules = rules
        self._names = frozenset(wanted)
        self.ids = tuple(name for name in known if name in self._names)
        self._places = dict.fromkeys((False, True), rules.place)
        self._plans: OrderedDict[tuple[object, ...], Plan] = OrderedDict()
        self._lock = threading.Lock()

    def evaluate(
        self,
        frame: pl.DataFrame,
        *,
        as_of: date | str | pl.Series,
        statuses: bool = False,
        written: bool = False,
        blank: bool = False,
    ) -> Evaluated:
        """The outcome of each rule for each row, on a date or on the dates of a column of the same height.

        `frame` has a column for each fact that is stated, named by its path, null where it is not stated: numbers of any type,
        texts, dates or ISO texts, lists, structs for records and for money of any currency. `written` says that all values are
        text, as in CSV: then numbers, `true` and `false` are read from text. `statuses` asks for the criteria too. A row that
        states nothing is refused, unless `blank` says that it is a profile of which nobody knows anything.
        Raises: UsageError for a date that is none, ProfileError for a column that is no fact, RuleError E800 for a rule that
        cannot be worked out in columns. A row that is wrong raises nothing: it is refused.
        """
        entered = enter(frame, self.rules.book, written=written, blank=blank)
        if isinstance(as_of, pl.Series):
            return self._by_day(frame, entered, as_of, statuses=statuses, written=written)
        day = parse_day(as_of)
        return self._on(frame, entered, day, None, statuses=statuses, written=written)

    def report(self, frame: pl.DataFrame, row: int, *, as_of: date | str, written: bool = False) -> Report:
        """Everything about one row, with its explanation: the report of the profile that it states.

        Its outcomes are those that `evaluate` gives the row. Raises: ProfileError where the row is refused.
        """
        (stated,) = stated_rows(frame, [row], self.rules.book, written=written)
        return self.rules.evaluate(stated, as_of=as_of, pathways=self.ids)

    def plan(self, entered: Entered, as_of: date | None, period: date, *, statuses: bool = False) -> Plan:
        """The plan for a population, kept for the next of the same shape; on a date, or on those of a column in one period.

        The first of a run, and the first with criteria, are also kept for further runs: a run that makes many would push what
        others need out of the cache.
        """
        key = (period_of(self.rules.book, period).start, as_of, tuple(sorted(entered.shapes.items())), statuses)
        with self._lock:
            known = self._plans.get(key)
            if known is not None:
                self._plans.move_to_end(key)
                return known
            place = self._places.pop(statuses, None)
        file = None if place is None else PlanFile(place, (tuple(self.rules.book.rules), self.ids, *key))
        with without_garbage_collection():
            made = None if file is None else file.read()
            if made is None:
                compiled = self.rules.compiled(period)
                made = plan_rules(compiled, self._chosen(compiled), entered.shapes, as_of, criteria=statuses)
                if file is not None:
                    file.write(made)
        with self._lock:
            known = self._plans.setdefault(key, made)
            while len(self._plans) > PLANS_KEPT:
                self._plans.popitem(last=False)
            return known

    def _chosen(self, compiled: CompiledRules) -> tuple[CompiledRule, ...]:
        return tuple(rule for rule in compiled.rules if rule.rule.id in self._names)

    def _on(
        self, frame: pl.DataFrame, entered: Entered, day: date, days: pl.Series | None, *, statuses: bool, written: bool
    ) -> Evaluated:
        """What comes of a frame on a date, or on the dates of a column that are all of the period of `day`."""
        plan = self.plan(entered, day if days is None else None, day, statuses=statuses)
        columns = entered.columns
        if days is not None:
            columns = columns.with_columns(days.to_physical().cast(pl.Int64).alias(AS_OF))
        codes = plan.run(columns)
        again = entered.doubtful | codes[CONTRADICTED]
        found = codes.select(_code(name, kind) for name, kind in codes.schema.items() if name != CONTRADICTED)
        refused: dict[int, tuple[Diagnostic, ...]] = {}
        rows = again.arg_true().to_list()
        if rows:
            singles: dict[int, dict[str, int]] = {}
            for row, stated in zip(rows, stated_rows(frame, rows, self.rules.book, written=written), strict=True):
                try:
                    own_day = day if days is None else days[row]
                    singles[row] = self._single(stated, own_day, statuses=statuses, one_of_many=len(rows) > _MANY)
                except ProfileError as error:
                    singles[row], refused[row] = {}, tuple(error.diagnostics)
            found = pl.DataFrame([each.scatter(rows, [singles[row].get(each.name) for row in rows]) for each in found])
        return Evaluated(self._shown(found), refused, len(rows))

    def _shown(self, found: pl.DataFrame) -> pl.DataFrame:
        """Codes in words, all columns at once: one at a time takes twice as long."""
        shown: list[pl.Expr] = []
        rules = self._names
        not_everywhere = {name for name in found.columns if name in rules and (found[name] == _NOT_APPLICABLE).any()}
        for name in found.columns:
            if name in rules:
                shown.append(pl.lit(_STATUSES).gather(pl.col(name)).alias(name))
                continue
            rule = _rule_of(name, rules)
            code = pl.when(pl.col(rule) != _NOT_APPLICABLE).then(pl.col(name)) if rule in not_everywhere else pl.col(name)
            shown.append(pl.lit(_TRUTHS).gather(code).alias(name))
        return found.select(shown)

    def _single(self, profile: Mapping[str, object], day: date, *, statuses: bool, one_of_many: bool) -> dict[str, int]:
        """The codes of a profile that is evaluated by itself. Raises: ProfileError."""
        if one_of_many and not statuses:
            found = self.rules.statuses(profile, as_of=day, pathways=self.ids)
            return {name: STATUSES.index(status) for name, status in found.items()}
        report = self.rules.evaluate(profile, as_of=day, pathways=self.ids, engine="reference")
        codes = {outcome.id: STATUSES.index(outcome.status) for outcome in report}
        for outcome in report if statuses else ():
            for part in (part for each in outcome.compiled.conditions for part in each.walk()):
                codes[f"{outcome.id}.{part.condition.path}"] = TRUTHS.index(outcome.findings.truth(part.effective))
        return codes

    def _by_day(self, frame: pl.DataFrame, entered: Entered, days: pl.Series, *, statuses: bool, written: bool) -> Evaluated:
        """What comes of a frame whose rows have dates of their own: one plan for each period between two changes of law."""
        if days.dtype == pl.String:
            days = days.str.to_date("%Y-%m-%d", strict=False)
        if days.dtype != pl.Date or len(days) != frame.height:
            help = "give a column of dates as tall as the frame"
            raise UsageError([Diagnostic("E602", "the as-of dates are not a column of dates", help=help)])
        book = self.rules.book
        periods: dict[Interval, list[date]] = {}
        for day in days.drop_nulls().unique().sort():
            periods.setdefault(period_of(book, day), []).append(day)
        refused: dict[int, tuple[Diagnostic, ...]] = {row: (_undated(),) for row in days.is_null().arg_true()}
        parts: list[tuple[list[int], Evaluated]] = []
        for each in periods.values():
            inside = days.is_in(each)
            rows = inside.arg_true().to_list()
            here = Entered(entered.columns.filter(inside), entered.shapes, entered.doubtful.filter(inside))
            own = days.filter(inside)
            parts.append(
                (
                    rows,
                    self._on(
                        frame.filter(inside), here, each[0], own if len(each) > 1 else None, statuses=statuses, written=written
                    ),
                )
            )
        refused |= {rows[place]: why for rows, part in parts for place, why in part.refused.items()}
        return Evaluated(_assembled(parts, frame.height), refused, sum(part.singly for _, part in parts))


def _rule_of(column: str, rules: Collection[str]) -> str:
    """The rule whose criterion a column is about: the longest id that its name begins with."""
    steps = column.split(".")
    heads = (".".join(steps[:end]) for end in range(len(steps) - 1, 0, -1))
    return next(head for head in heads if head in rules)


def _code(name: str, kind: pl.DataType) -> pl.Expr:
    """The codes of statuses and truths, of which those that are never judged come as true, false or null."""
    column = pl.col(name)
    return column.cast(pl.UInt8).fill_null(TRUTHS.index(UNKNOWN_TRUTH)) if kind == pl.Boolean else column


def _undated() -> Diagnostic:
    return Diagnostic("E602", "the as-of date of the row is missing or is no date", help="write it as YYYY-MM-DD")


def _assembled(parts: Sequence[tuple[list[int], Evaluated]], height: int) -> pl.DataFrame:
    """The rows of some parts in the order of the frame; null where no part has them."""
    if not parts:
        return pl.DataFrame({"": [None] * height}).select()
    place = "@place"
    frames = [part.outcomes.with_columns(pl.Series(place, rows, dtype=pl.Int64)) for rows, part in parts]
    rows = pl.DataFrame({place: pl.int_range(height, eager=True)})
    return rows.join(pl.concat(frames, how="diagonal"), on=place, how="left", maintain_order="left").drop(place)
