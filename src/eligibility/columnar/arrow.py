"""Rules as a function from Arrow to Arrow, for what spreads tables over many processes: Spark, Ray, Dask."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, cast

import polars as pl
import pyarrow as pa

from eligibility.columnar.arrow_facts import ArrowFacts, arrow_facts
from eligibility.columnar.evaluation import ColumnarRules
from eligibility.columnar.parcel import Parcel, pack, unpack
from eligibility.diagnostics import Diagnostic, UsageError
from eligibility.engine import parse_day

REFUSED: Final = "refused"
_TEXT: Final = pa.string()


class ArrowRules:
    """Rules for populations as a function of a table: Arrow in, Arrow out, row for row.

    A column of the table is a fact, named by its path, or a struct of facts (`applicant` with a field `degrees`). The answer has
    the columns that tell rows apart, a column of text for each rule with the status (with `statuses` also for each criterion,
    `<rule>.<criterion>`), and `refused`: why a row has no outcomes, with code and place, null where it has.

    It can be pickled: the rules go with it once, and are opened once in each process. Safe to share between threads.
    """

    def __init__(
        self,
        columnar: ColumnarRules,
        *,
        as_of: date | str | None = None,
        as_of_column: str | None = None,
        id_column: str | Sequence[str] = (),
        statuses: bool = False,
        parcel: Parcel | None = None,
    ) -> None:
        """On a date, or on the dates (or ISO texts) of a column. `id_column` names the column or columns to carry along.

        `parcel` are the rules where they were packed already. Raises: UsageError for a date that is none.
        """
        if (as_of is None) == (as_of_column is None):
            message = "the day whose law applies is that of a date or that of a column"
            raise UsageError([Diagnostic("E612", message, help="give one of both")])
        self.columnar = columnar
        self.as_of = None if as_of is None else parse_day(as_of)
        self.as_of_column = as_of_column
        self.id_columns = (id_column,) if isinstance(id_column, str) else tuple(id_column)
        self.statuses = statuses
        self._parcel = parcel
        self._latest: _Known | None = None

    def __reduce__(self) -> tuple[object, ...]:
        names = ("as_of", "as_of_column", "id_column", "statuses")
        asked = dict(zip(names, (self.as_of, self.as_of_column, self.id_columns, self.statuses), strict=True))
        return _sent, (self._parcel or pack(self.columnar.rules), self.columnar.ids, asked)

    @property
    def outcomes(self) -> tuple[str, ...]:
        """The columns of outcomes: each rule, behind it its criteria where they were asked for."""
        found: list[str] = []
        for name in self.columnar.ids:
            found.append(name)
            if self.statuses:
                criteria = self.columnar.rules.book.rules[name].criteria
                found += dict.fromkeys(f"{name}.{part.path}" for each in criteria for part in each.walk())
        return tuple(found)

    def schema(self, given: pa.Schema) -> pa.Schema:
        """The schema of the answer for tables of a schema.

        Raises: UsageError with every column that is no fact, stands twice, is not there or cannot be read.
        """
        return self._known(given).answer

    def __call__(self, table: pa.Table) -> pa.Table:
        """The answer for a table; for a record batch a record batch. Errors as of `schema`."""
        known = self._known(table.schema)
        days = known.facts.days(table)
        day = cast(date, self.as_of) if days is None else days
        found = self.columnar.evaluate(known.facts.frame(table), as_of=day, statuses=self.statuses)
        nothing = pl.Series([None], dtype=pl.String).new_from_index(0, table.num_rows)
        reasons = {row: _reason(each) for row, each in found.refused.items()}
        refused = nothing.scatter(list(reasons), list(reasons.values())) if reasons else nothing
        outcomes = [found.outcomes[name] if name in found.outcomes.columns else nothing for name in self.outcomes]
        columns = [*(table.column(name) for name in self.id_columns), *map(_text, (*outcomes, refused))]
        return type(table).from_arrays(columns, schema=known.answer)

    def _known(self, given: pa.Schema) -> _Known:
        """What there is to know of tables of a schema, kept for the next table."""
        known = self._latest
        if known is None or not known.given.equals(given):
            facts = arrow_facts(given, self.columnar.rules.book, self.id_columns, self.as_of_column)
            names = (*self.outcomes, REFUSED)
            twice = [name for name in self.id_columns if name in names]
            if twice:
                message, help = "the column `{}` has the name of a column of the answer", "rename it"
                raise UsageError(Diagnostic("E611", message.format(name), help=help) for name in twice)
            carried = [given.field(name) for name in self.id_columns]
            known = self._latest = _Known(given, facts, pa.schema([*carried, *(pa.field(name, _TEXT) for name in names)]))
        return known


def _sent(parcel: Parcel, pathways: tuple[str, ...], asked: Mapping[str, Any]) -> ArrowRules:
    """The function in the process it was sent to."""
    return ArrowRules(unpack(parcel, pathways), parcel=parcel, **asked)


@dataclass(frozen=True, slots=True)
class _Known:
    given: pa.Schema
    facts: ArrowFacts
    answer: pa.Schema


def _text(series: pl.Series) -> pa.Array:
    return series.cast(pl.String).to_arrow(compat_level=pl.CompatLevel.oldest()).cast(_TEXT)


def _reason(problems: Sequence[Diagnostic]) -> str:
    """Why a row was refused, on one line: code, place and message of each problem."""
    return "; ".join(" ".join(filter(None, (each.code, f"{each.path}:" if each.path else "", each.message))) for each in problems)
