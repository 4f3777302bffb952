"""How rules come out by column: the code of each status, in the order of `status.status_of`; and what should not be stated."""

from __future__ import annotations

from functools import reduce
from typing import Final

import polars as pl

from eligibility.columnar.days import Days
from eligibility.columnar.numbers import compared
from eligibility.columnar.sheet import Cell, Sheet, joined, literal, where
from eligibility.columnar.terms import Listed, Members, Term, is_known, quantity, text
from eligibility.columnar.truths import Condition, Truths, disjunction, settled, unknown_of, yes
from eligibility.columnar.words import Coded, Texts, compared_texts
from eligibility.datatypes import JUDGEMENT, MET, NOT_MET, UNKNOWN_TRUTH, Truth, Value
from eligibility.status import Status

STATUSES: Final = tuple(Status)
"""The statuses in the order of their codes."""


def code_of(status: Status) -> Cell:
    """The same status in every row."""
    return literal(STATUSES.index(status), pl.UInt8)


def not_in_force() -> Cell:
    """The code of a rule that is not in force."""
    return code_of(Status.NOT_AVAILABLE)


def status_codes(sheet: Sheet, concerned: Condition, available: Condition, met: Condition) -> Cell:
    """The code of the status of a rule in force, from its three truths."""
    concerned, available, met = (
        each if isinstance(each, Truth) else settled(sheet, each) for each in (concerned, available, met)
    )
    steps = [
        ([_where(concerned, NOT_MET)], Status.NOT_APPLICABLE),
        ([_where(concerned, UNKNOWN_TRUTH)], Status.UNDETERMINED),
        ([_where(met, NOT_MET)], Status.NOT_ELIGIBLE),
        ([_where(available, NOT_MET)], Status.NOT_AVAILABLE),
        ([_where(available, UNKNOWN_TRUTH), _where(met, UNKNOWN_TRUTH)], Status.UNDETERMINED),
        ([_where(each, JUDGEMENT) for each in (concerned, available, met)], Status.SUBJECT_TO_JUDGEMENT),
    ]
    found = code_of(Status.ELIGIBLE)
    for tests, status in reversed(steps):
        somewhere = [test for test in tests if test is not None]
        if yes() in somewhere:
            found = code_of(status)
        elif somewhere:
            found = where(reduce(lambda one, two: one | two, somewhere), code_of(status), found)
    return found


def _where(condition: Condition, truth: Truth) -> Cell | None:
    """Where a condition has a truth other than met; None where it has it in no row."""
    if isinstance(condition, Truth):
        return yes() if condition is truth else None
    if truth is NOT_MET:
        return ~condition.truth
    return unknown_of(condition) if truth is UNKNOWN_TRUTH else condition.judged


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
