"""A batch: files of profiles in, a table of outcomes out, with the rows that were rejected beside it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from time import monotonic_ns
from typing import Final

import polars as pl

from eligibility.batch import evaluator
from eligibility.batch.asked import Asked, refuse_outputs, refuse_taken
from eligibility.batch.layout import Layout
from eligibility.batch.outputs import LineFile, Output, PageFile, Table
from eligibility.batch.pipeline import Pipeline, Result, Watcher
from eligibility.batch.rows import AS_OF, ID, ROW, Rows
from eligibility.batch.scoring import Scored, Scoring, chosen_rules, criteria_of, criterion_column, facts_read
from eligibility.batch.single import report_of
from eligibility.batch.sources import Form, expanded
from eligibility.batch.tally import Tally, status_counts
from eligibility.batch_model import BatchSummary
from eligibility.diagnostics import Diagnostic, ProfileError, UsageError
from eligibility.documents import NOTICE
from eligibility.engine import RuleSet, parse_day
from eligibility.report_model import PackPart, StatusName
from eligibility.rule_parts import part_of
from eligibility.rulebook import RuleBook
from eligibility.status import Status

_FILE: Final = "file"
_REJECTED: Final = "rejected"
_BESIDE: Final = ("rejects", "failures")  # what is written beside the table
MILLION: Final = 1_000_000  # nanoseconds of a millisecond


@dataclass(frozen=True, slots=True)
class _Counted:
    """A block that was evaluated, with the counts of its statuses."""

    scored: Scored
    counts: Mapping[str, Counter[StatusName]]


def evaluate_files(
    files: Iterable[str],
    output: Path,
    rules: RuleSet,
    *,
    as_of: date | str | None = None,
    as_of_column: str | None = None,
    pathways: Sequence[str] | None = None,
    columns: Path | None = None,
    id_column: str | None = None,
    form: Form | None = None,
    statuses: bool = False,
    explain_failures: int = 0,
    summary: Path | None = None,
    watch: Watcher | None = None,
) -> BatchSummary:
    """Evaluate files of profiles (CSV, JSON Lines, Parquet; names, patterns, or `-`) and write a table of outcomes.

    The table has a row for each of the files, in order: `file` where there are several, the column `id_column` or else `row` (the
    number of the row in its file, from 1), a column for each rule with its status, with `statuses` one `<rule>.<criterion>` for
    each criterion, and `rejected`. Rows that are not valid have no outcomes; why stands in `<output>.rejects.jsonl`, a line for
    each problem. With `explain_failures` so many rows that are not eligible are explained, for each rule, in
    `<output>.failures.jsonl`. `summary` is a file for what is returned, as `.html` or `.json`. All files come to be together at
    the end, or not at all.

    Of Parquet only the columns of facts are read that the rules need, so that a wrong value in another rejects no row. Rules are
    all pathways, or some by id. The law is that of the day `as_of`, or of the day in a column. `columns` is a file that
    says which column is which fact, `form` the form of files whose names do not say it.
    Raises: UsageError for what is asked, for files that are no tables and for columns that nobody knows; OutputError for files
    that cannot be written.
    """
    started = monotonic_ns()
    carried = {name: column for name, column in ((ID, id_column), (AS_OF, as_of_column)) if column is not None}
    names: list[str] = []
    asked = Asked()
    with asked:
        chosen = chosen_rules(rules.book.rules, pathways)
        criteria = [criterion_column(rule, path) for rule in chosen for path in criteria_of(rule)] if statuses else []
        refuse_taken([id_column], [_REJECTED, _FILE, *(rule.id for rule in chosen), *criteria])
    with asked:
        day = _day(as_of, as_of_column)
    with asked:
        names = expanded(files, form)
    with asked:
        refuse_outputs(output, summary, [beside(output, what) for what in _BESIDE], names, columns)
    with asked:
        layout = Layout.of(rules.book, columns, carried)
    asked.end()
    ids = [rule.id for rule in chosen]
    part = part_of(rules, ids)
    scoring = Scoring(evaluator.columnar(part, ids), chosen, day, statuses, as_of_column or "row")

    def work(rows: Rows) -> _Counted:
        scored = scoring(rows)
        return _Counted(scored, status_counts(scored.table, chosen))

    pipeline = Pipeline(names, layout, facts_read(part, chosen, day), form, work, lambda each: each.scored.table.height, watch)
    tally = Tally(part, scoring)
    with Output() as files_out:
        writer = _Writer(files_out, output, part, scoring, id_column, len(names) > 1, explain_failures)
        page = None if summary is None else PageFile(files_out, summary)
        rows = 0
        for result in pipeline.results():
            tally.add(result.value.scored, result.value.counts, result.index)
            writer.add(result)
            rows = result.index + result.value.scored.table.height
        writer.finish()
        found = BatchSummary(
            document="batch",
            schema_version=1,
            as_of=day,
            packs=packs_of(rules.book),
            files=names,
            output=str(output),
            rejects=str(writer.rejects.path),
            explained=None if writer.explained is None else str(writer.explained.path),
            rows=rows,
            rejected=tally.rejected,
            reasons=tally.reason_parts(),
            rules=tally.rule_parts(),
            milliseconds=(monotonic_ns() - started) // MILLION,
            notice=NOTICE,
        )
        if page is not None:
            page.write(found)
    return found


def _day(as_of: date | str | None, column: str | None) -> date | None:
    if (as_of is None) == (column is None):
        help = "give one of both"
        raise UsageError([Diagnostic("E612", "the day whose law applies is that of a date or that of a column", help=help)])
    return None if as_of is None else parse_day(as_of)


def packs_of(book: RuleBook) -> list[PackPart]:
    """The packs of some rules, as documents name them."""
    return [PackPart(name=pack.name, title=pack.title, version=pack.version, digest=pack.digest) for pack in book.packs]


def beside(output: Path, what: str) -> Path:
    """The file beside the output that holds something more about its rows."""
    return output.with_name(f"{output.name}.{what}.jsonl")


class _Writer:
    """Writes the table of outcomes, the rejected rows and the explained ones."""

    def __init__(
        self,
        files: Output,
        path: Path,
        rules: RuleSet,
        scoring: Scoring,
        id_column: str | None,
        several: bool,  # noqa: FBT001  # private
        explain: int,
    ) -> None:
        self.rules = rules
        self.scoring = scoring
        self.id_column = id_column
        self.several = several
        self.left = {rule.id: explain for rule in scoring.rules} if explain else {}
        self.table: Table = files.table(path)
        self.rejects = LineFile(files, beside(path, "rejects"))
        self.explained = LineFile(files, beside(path, "failures")) if explain else None
        self.empty = True

    def add(self, result: Result[_Counted]) -> None:
        """Write what came of a block."""
        scored = result.value.scored
        self.table.write(self._columns(scored, result.file, result.start))
        self.empty = False
        ids = scored.table[ID] if ID in scored.table.columns else None
        for place in sorted(scored.refused):
            for problem in scored.refused[place]:
                id_ = None if ids is None else ids[place]
                self.rejects.write(_reject(result.file, result.start + place + 1, id_, problem))
        if any(self.left.values()):
            self._explain(scored, result)

    def finish(self) -> None:
        """Write the header of a table without rows."""
        if self.empty:
            columns = self.scoring.columns
            self.table.write(self._columns(Scored(pl.DataFrame(schema={ROW: pl.UInt32, **columns}), (), {}), "", 0))

    def _columns(self, scored: Scored, file: str, start: int) -> pl.DataFrame:
        """The rows of a block as they stand in the table."""
        table, height = scored.table, scored.table.height
        rejected = pl.Series(_REJECTED, [False], dtype=pl.Boolean).new_from_index(0, height)
        if scored.refused:
            rejected = rejected.scatter(list(scored.refused), values=True)
        head = [pl.Series(_FILE, [file]).new_from_index(0, height)] if self.several else []
        if self.id_column is None:
            head.append(pl.int_range(start + 1, start + height + 1, dtype=pl.Int64, eager=True).alias("row"))
        else:
            ids = table[ID] if ID in table.columns else pl.Series([None], dtype=pl.String).new_from_index(0, height)
            head.append(ids.alias(self.id_column))
        outcomes = table.select(list(self.scoring.columns))
        if scored.refused:
            outcomes = outcomes.select(pl.when(~rejected).then(pl.all()))
        return pl.DataFrame([*head, *outcomes.get_columns(), rejected])

    def _explain(self, scored: Scored, result: Result[_Counted]) -> None:
        assert self.explained is not None  # noqa: S101  # there are rows left to explain
        for part in scored.parts:
            table = scored.table[part.places.to_list()] if part.frame.height < scored.table.height else scored.table
            for rule, left in self.left.items():
                failed = (table[rule] == Status.NOT_ELIGIBLE.value).arg_true()
                for position in failed[:left]:
                    place = part.places[position]
                    with suppress(ProfileError):
                        outcome = report_of(self.rules, part, position, self.scoring.as_of, [rule])[rule]
                        about = {"file": result.file, "row": result.start + place + 1}
                        if ID in table.columns:
                            about["id"] = table[ID][position]
                        self.explained.write({**about, "rule": rule, "outcome": outcome.as_dict()["outcome"]})
                        self.left[rule] -= 1


def _reject(file: str, row: int, id_: object, problem: Diagnostic) -> dict[str, object]:
    """A line of the file of rejected rows."""
    data = problem.as_dict()
    identity = {} if id_ is None else {"id": id_}
    next_step = {"next_step": data["help"]} if "help" in data else {}
    return {
        "file": file,
        "row": row,
        **identity,
        "path": data.get("path", ""),
        "code": problem.code,
        "reason": data["message"],
        **next_step,
    }
