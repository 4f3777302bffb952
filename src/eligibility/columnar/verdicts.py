"""How rules come out by column: the code of each status, in the order of `status.status_of`; and what should not be stated."""

from __future__ import annotations

from typing import Final

import polars as pl

from eligibility.columnar.days import Days
from eligibility.columnar.numbers import compared
from eligibility.columnar.sheet import Cell, Sheet, joined, literal, where
from eligibility.columnar.terms import Listed, Members, Term, is_known, quantity, text
from eligibility.columnar.truths import Condition, Truths, disjunction, no, settled, yes
from eligibility.columnar.words import Coded, Texts, compared_texts
from eligibility.datatypes import MET, NOT_MET, Truth, Value
from eligibility.status import Status, status_of

STATUSES: Final = tuple(Status)
"""The statuses in the order of their codes."""

_STATUS: Final = {status: code for code, status in enumerate(STATUSES)}


def not_in_force() -> Cell:
    """The code of a rule that is not in force."""
    return literal(_STATUS[Status.NOT_AVAILABLE], pl.UInt8)


def status_codes(sheet: Sheet, concerned: Condition, available: Condition, met: Condition) -> Cell:
    """The code of the status of a rule in force, from its three truths."""
    if isinstance(concerned, Truth) and isinstance(available, Truth) and isinstance(met, Truth):
        return literal(_STATUS[status_of(True, concerned, available, met)], pl.UInt8)  # noqa: FBT003  # in force
    return _status(*(settled(sheet, each) for each in (concerned, available, met)))


def _status(concerned: Truths, available: Truths, met: Truths) -> Cell:
    cells = [cell for each in (concerned, available, met) for cell in (each.truth, each.judged or no())]

    def chain(
        concern: pl.Expr, weighed: pl.Expr, open_to: pl.Expr, also: pl.Expr, fulfilled: pl.Expr, judged: pl.Expr
    ) -> pl.Expr:
        steps = [
            (~concern, Status.NOT_APPLICABLE),
            (concern.is_null() & ~weighed, Status.UNDETERMINED),
            (~fulfilled, Status.NOT_ELIGIBLE),
            (~open_to, Status.NOT_AVAILABLE),
            ((open_to.is_null() & ~also) | (fulfilled.is_null() & ~judged), Status.UNDETERMINED),
            (weighed | also | judged, Status.SUBJECT_TO_JUDGEMENT),
        ]
        found = pl.lit(_STATUS[Status.ELIGIBLE], dtype=pl.UInt8)
        for test, status in reversed(steps):
            found = pl.when(test).then(pl.lit(_STATUS[status], dtype=pl.UInt8)).otherwise(found)
        return found

    def plain(fulfilled: pl.Expr) -> pl.Expr:
        eligible, not_eligible = (pl.lit(_STATUS[each], dtype=pl.UInt8) for each in (Status.ELIGIBLE, Status.NOT_ELIGIBLE))
        return pl.when(fulfilled).then(eligible).otherwise(not_eligible)

    certain = all(each.judged is None for each in (concerned, available, met))
    if certain and concerned.truth is yes() and available.truth is yes():
        unknown_status = literal(_STATUS[Status.UNDETERMINED], pl.UInt8)
        return where(met.truth.is_null(), unknown_status, joined(plain, met.truth))
    return joined(chain, *cells)


def differs(sheet: Sheet, term: Term, otherwise: Value | None) -> Condition:
    """Where a stated fact is not what it must be when it does not apply."""
    known = is_known(term)
    if known is None:
        return NOT_MET
    match otherwise:
        case Truth() if isinstance(term, Truths):
            return Truths(joined(lambda each: (each != (otherwise is MET)).fill_null(value=False), term.truth))
        case str() if isinstance(term, Coded | Texts):
            return Truths(compared_texts("!=", text(term), otherwise, None))
        case int() if not isinstance(term, Truths | Coded | Texts | Days | Listed | Members):
            return Truths(compared("!=", quantity(term), otherwise))
        case () if isinstance(term, Listed):
            return disjunction(sheet, [Truths(each) for each in term.taken])
    return Truths(known)
