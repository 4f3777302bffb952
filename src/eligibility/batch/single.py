"""Rows of a table as profiles, evaluated one by one and explained."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

import polars as pl

from eligibility.batch.cells import as_written
from eligibility.batch.layout import nested
from eligibility.batch.rows import AS_OF, Part, facts_of
from eligibility.engine import RuleSet
from eligibility.report import Report

ENGINE: Final = "reference"


def profile_of(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of facts as a profile; what is nothing is stated as unknown."""
    return nested({name: as_written(cell) for name, cell in row.items() if not name.startswith("@")})


def report_of(rules: RuleSet, part: Part, position: int, as_of: date | None, ids: Sequence[str]) -> Report:
    """The outcomes of some rules for a row of a part. Raises: ProfileError where the row is not valid."""
    frame = part.frame.select(facts_of(part.frame))
    day = as_of if as_of is not None else _day(part.frame[AS_OF], position)
    return report_on(rules, frame.row(position, named=True), day, ids)


def report_on(rules: RuleSet, row: Mapping[str, Any], as_of: date, ids: Sequence[str]) -> Report:
    """The outcomes of some rules for a row of facts. Raises: ProfileError where the row is not valid."""
    return rules.evaluate(profile_of(row), as_of=as_of, pathways=ids, engine=ENGINE)


def _day(days: pl.Series, position: int) -> date:
    day: date = days[position]
    return day
