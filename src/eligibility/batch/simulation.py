"""A simulation: the same population under two laws, that of another day or of other rule packs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from time import monotonic_ns
from typing import Final

import polars as pl

from eligibility.batch import evaluator
from eligibility.batch.asked import Asked, refuse_outputs, refuse_taken
from eligibility.batch.figures import Figure, figure_changes, figures_read
from eligibility.batch.layout import Layout
from eligibility.batch.moves import MOVED, Compared, Comparing, Counts
from eligibility.batch.outputs import Output, PageFile, Table
from eligibility.batch.pipeline import Pipeline, Result, Watcher
from eligibility.batch.rows import GROUP, ID, ROW
from eligibility.batch.running import MILLION, packs_of
from eligibility.batch.scoring import Scoring, chosen_rules, facts_read
from eligibility.batch.sources import Form, expanded
from eligibility.compiler import CompiledRule, CompiledRules
from eligibility.diagnostics import Diagnostic, UsageError
from eligibility.documents import NOTICE
from eligibility.engine import RuleSet, parse_day
from eligibility.report_model import StatusName
from eligibility.rule_parts import part_of
from eligibility.rulebook import Rule, RuleBook
from eligibility.simulation_model import Cause, FigureChange, GroupMoves, Move, RuleMoves, Simulation, SimulationSide
from eligibility.status import Status

_STATUSES: Final[Sequence[StatusName]] = tuple(each.value for each in Status)


@dataclass(frozen=True)
class Law:
    """Rules on a day."""

    rules: RuleSet
    as_of: date

    @property
    def compiled(self) -> CompiledRules:
        """The rules as they hold on the day."""
        return self.rules.compiled(self.as_of)

    def part(self, ids: Sequence[str]) -> Law:
        """Some of the rules, with all they read."""
        return Law(part_of(self.rules, ids), self.as_of)

    def rule(self, name: str) -> CompiledRule:
        """One of the rules."""
        return next(rule for rule in self.compiled.rules if rule.rule.id == name)

    def side(self) -> SimulationSide:
        """The law as documents name it."""
        return SimulationSide(as_of=self.as_of, packs=packs_of(self.rules.book))


def simulate_files(
    files: Iterable[str],
    rules: RuleSet,
    *,
    as_of: date | str,
    against: date | str | None = None,
    rules_against: RuleSet | None = None,
    pathways: Sequence[str] | None = None,
    columns: Path | None = None,
    id_column: str | None = None,
    by: str | None = None,
    moved: Path | None = None,
    report: Path | None = None,
    form: Form | None = None,
    watch: Watcher | None = None,
) -> Simulation:
    """Evaluate files of profiles under the law of the day `as_of`, and under that of the day `against` or of `rules_against`.

    Who moves, from which status to which, by which criterion and with which figures, is counted for each pathway or for some
    rules by id, and by the groups of the column `by`. The table `moved` gets a line for each row and rule that differ, the file
    `report` (`.html` or `.json`) what is returned. The rest is as in `evaluate_files`.
    Raises: UsageError; OutputError.
    """
    started = monotonic_ns()
    carried = {name: column for name, column in ((ID, id_column), (GROUP, by)) if column is not None}
    names: list[str] = []
    asked = Asked()
    with asked:
        first, second = _laws(rules, as_of, against, rules_against)
    with asked:
        book = rules.book if rules_against is None else _both_books(rules.book, rules_against.book)
        shared, only_then, only_now = _rules_of(rules, rules_against or rules, pathways)
    with asked:
        names = expanded(files, form)
    with asked:
        refuse_outputs(moved, report, [], names, columns)
    if moved is not None:
        head = [*(["file"] if len(names) > 1 else []), *(["row"] if id_column is None else [])]
        with asked:
            refuse_taken([id_column, by], [*head, "rule", "then", "now", "criterion"])
    with asked:
        layout = Layout.of(book, columns, carried)
    asked.end()
    first, second = (law.part([rule.id for rule in shared]) for law in (first, second))
    scorings = [_scoring(law, shared) for law in (first, second)]
    needed = facts_read(first.rules, shared, first.as_of) | facts_read(second.rules, shared, second.as_of)
    comparing = Comparing(scorings[0], scorings[1], shared, by is not None)
    pipeline = Pipeline(names, layout, needed, form, comparing, lambda each: each.counts.rows, watch)
    counts = Counts()
    with Output() as output:
        table = None if moved is None else _Moved(output.table(moved), id_column, by, len(names) > 1)
        page = None if report is None else PageFile(output, report)
        for result in pipeline.results():
            counts.add(result.value.counts)
            if table is not None:
                table.add(result)
        if table is not None:
            table.finish()
        found = Simulation(
            document="simulation",
            schema_version=1,
            then=first.side(),
            now=second.side(),
            files=names,
            rows=counts.rows,
            rejected=counts.rejected,
            moved=counts.moved_rows,
            by=by,
            rules=_rule_parts(shared, counts, first, second),
            only_then=only_then,
            only_now=only_now,
            milliseconds=(monotonic_ns() - started) // MILLION,
            notice=NOTICE,
        )
        if page is not None:
            page.write(found)
    return found


def _laws(rules: RuleSet, as_of: date | str, against: date | str | None, rules_against: RuleSet | None) -> tuple[Law, Law]:
    if against is None and rules_against is None:
        help = "name another day, other rules, or both"
        raise UsageError([Diagnostic("E612", "there is only one law, so that nothing can change", help=help)])
    first = parse_day(as_of)
    return Law(rules, first), Law(rules_against or rules, first if against is None else parse_day(against))


def _rules_of(first: RuleSet, second: RuleSet, ids: Sequence[str] | None) -> tuple[list[Rule], list[str], list[str]]:
    """The rules that both laws have, and the ids of those that only one has: of some rules, or of all pathways.

    Raises: UsageError E600 for one that neither has.
    """
    before, after = first.book.rules, second.book.rules
    wanted = list(dict.fromkeys(ids or [rule.id for rules in (first, second) for rule in rules.pathways]))
    chosen_rules({**after, **before}, wanted)
    shared = [rule for rule in before.values() if rule.id in wanted and rule.id in after]
    return shared, [each for each in wanted if each not in after], [each for each in wanted if each not in before]


def _both_books(first: RuleBook, second: RuleBook) -> RuleBook:
    """The facts of both laws, so that each reads what it needs of one population."""
    return first if first is second else replace(first, facts={**second.facts, **first.facts})


def _scoring(law: Law, rules: Sequence[Rule]) -> Scoring:
    ids = [rule.id for rule in rules]
    known = [law.rules.book.rules[name] for name in ids]
    return Scoring(evaluator.columnar(law.rules, ids), known, law.as_of, facts=law.rules.book.facts)


# what is told


def _rule_parts(rules: Sequence[Rule], counts: Counts, first: Law, second: Law) -> list[RuleMoves]:
    """What came of each rule, those that most rows moved in first."""
    found = [_rule_part(rule, counts, first, second) for rule in rules]
    return sorted(found, key=lambda each: -each.moved)


def _rule_part(rule: Rule, counts: Counts, first: Law, second: Law) -> RuleMoves:
    changes, read = _figures(rule, first, second)
    moves: dict[tuple[StatusName, StatusName], Counter[str | None]] = {}
    for (name, then, now, criterion), rows in counts.moves.items():
        if name == rule.id:
            moves.setdefault((then, now), Counter())[criterion] += rows
    parts = [_move(rule, then, now, causes, read, first, second) for (then, now), causes in moves.items()]
    groups = [
        GroupMoves(group=group, rows=count.rows, moved=count.moved, eligible_then=count.then, eligible_now=count.now)
        for (name, group), count in counts.groups.items()
        if name == rule.id
    ]
    return RuleMoves(
        id=rule.id,
        title=rule.title,
        then=_ordered(counts.then.get(rule.id, Counter())),
        now=_ordered(counts.now.get(rule.id, Counter())),
        moves=sorted(parts, key=lambda each: (-each.rows, each.then, each.now)),
        figures=changes,
        groups=sorted(groups, key=lambda each: (-each.moved, -each.rows, each.group)),
    )


def _ordered(counts: Counter[StatusName]) -> dict[StatusName, int]:
    return {status: counts[status] for status in _STATUSES if counts[status]}


def _figures(rule: Rule, first: Law, second: Law) -> tuple[list[FigureChange], Mapping[str | None, frozenset[str]]]:
    """The figures of a rule that differ, and which of them each criterion reads; None stands for the rule as a whole."""
    sides = [_figures_of(rule, law) for law in (first, second)]
    changes = figure_changes(*({name: figure for part in side.values() for name, figure in part.items()} for side in sides))
    changed = {each.name for each in changes}
    paths = {path for side in sides for path in side}
    read = {path: frozenset(changed.intersection(*[{*sides[0].get(path, {}), *sides[1].get(path, {})}])) for path in paths}
    return changes, read


def _figures_of(rule: Rule, law: Law) -> dict[str | None, dict[str, Figure]]:
    compiled, here = law.compiled, law.rule(rule.id)
    found: dict[str | None, dict[str, Figure]] = {None: figures_read(compiled, [here.concerned], law.as_of)}
    for each in here.conditions:
        found[each.condition.path] = figures_read(compiled, [each.effective], law.as_of)
    return found


def _move(
    rule: Rule,
    then: StatusName,
    now: StatusName,
    causes: Counter[str | None],
    read: Mapping[str | None, frozenset[str]],
    first: Law,
    second: Law,
) -> Move:
    titles = {each.path: each.title or each.path for law in (second, first) for each in law.rules.book.rules[rule.id].criteria}
    parts = [
        Cause(
            criterion=criterion,
            title=_whole(rule, first, second) if criterion is None else titles.get(criterion, criterion),
            rows=rows,
            figures=sorted(read.get(criterion, frozenset())),
        )
        for criterion, rows in sorted(causes.items(), key=lambda each: (-each[1], each[0] or ""))
    ]
    return Move(then=then, now=now, rows=causes.total(), causes=parts)


def _whole(rule: Rule, first: Law, second: Law) -> str:
    """Why the outcome of a rule changes where none of its criteria does."""
    before, after = (law.rule(rule.id).in_force for law in (first, second))
    if before != after:
        return "the rule is in force now, and was not" if after else "the rule is not in force any more"
    return "whom the rule concerns, or whether it is available"


class _Moved:
    """Writes the rows that moved."""

    def __init__(self, table: Table, id_column: str | None, by: str | None, several: bool) -> None:  # noqa: FBT001  # private
        self.table = table
        self.id_column = id_column
        self.by = by
        self.several = several
        self.empty = True

    def add(self, result: Result[Compared]) -> None:
        """Write the rows of a block that moved."""
        moved = result.value.moved
        if moved.height:
            self._write(moved, result.file, result.start)

    def finish(self) -> None:
        """Write the header of a table without rows."""
        if self.empty:
            self._write(pl.DataFrame(schema=dict.fromkeys(MOVED, pl.String) | {ROW: pl.UInt32}), "", 0)

    def _write(self, moved: pl.DataFrame, file: str, start: int) -> None:
        row = (pl.col(ROW).cast(pl.Int64) + start + 1).alias("row")
        head = [pl.lit(file).alias("file")] if self.several else []
        head.append(row if self.id_column is None else pl.col(ID).alias(self.id_column))
        if self.by is not None:
            head.append(pl.col(GROUP).alias(self.by))
        *_, rule, then, now, criterion = MOVED
        names = ((rule, "rule"), (then, "then"), (now, "now"), (criterion, "criterion"))
        self.table.write(moved.select(*head, *(pl.col(old).alias(new) for old, new in names)))
        self.empty = False
