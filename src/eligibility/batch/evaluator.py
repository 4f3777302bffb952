"""Who evaluates whole columns, and what comes back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Protocol

import polars as pl

from eligibility.columnar import ColumnarRules
from eligibility.diagnostics import Diagnostic
from eligibility.engine import RuleSet


class Evaluated(Protocol):
    """Outcomes in the order of the rows, and which rows were refused."""

    @property
    def outcomes(self) -> pl.DataFrame:
        """A column for each rule, null where the row was refused, and where it was asked for one for each criterion."""

    @property
    def refused(self) -> Mapping[int, tuple[Diagnostic, ...]]:
        """Why rows were refused, by their positions."""


class Evaluator(Protocol):
    """Some rules, ready to evaluate frames of facts; safe to share between threads."""

    def evaluate(self, frame: pl.DataFrame, *, as_of: date | pl.Series, statuses: bool = False, blank: bool = False) -> Evaluated:
        """The outcomes of the rows of a frame with a column for each stated fact; `blank` rows are profiles too."""


def columnar(rules: RuleSet, pathways: Iterable[str]) -> Evaluator:
    """The columnar engine for some rules."""
    return ColumnarRules(rules, pathways)
