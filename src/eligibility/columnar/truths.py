"""Truths by column: true, false or null, and where a human must judge a second column that says so.

The meaning is that of `datatypes`: a null is unknown unless it is marked as judged. Most conditions can never be judged; only
those above a judgement have the second column.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Final

import polars as pl

from eligibility.columnar.sheet import Cell, Sheet, joined, literal, where
from eligibility.datatypes import JUDGEMENT, MET, NOT_MET, UNKNOWN_TRUTH, Truth, all_of, any_of, negate

TRUTHS: Final = (NOT_MET, MET, UNKNOWN_TRUTH, JUDGEMENT)
"""The truths in the order of their codes: a condition can be written as one column of small numbers."""

_FEW: Final = 4
_FALSE, _TRUE, _UNKNOWN, _JUDGED = range(4)


@dataclass(frozen=True, slots=True, eq=False)
class Truths:
    """The truth of a condition in every row. `judged` is true where it is a matter for judgement, never null."""

    truth: Cell
    judged: Cell | None = None


Condition = Truth | Truths


def no() -> Cell:
    """False in every row."""
    return literal(value=False)


def yes() -> Cell:
    """True in every row."""
    return literal(value=True)


def neither() -> Cell:
    """Null in every row."""
    return literal(None, pl.Boolean)


def truths(condition: Condition) -> Truths:
    """A condition as columns, also where it is the same in every row."""
    if isinstance(condition, Truths):
        return condition
    if condition is JUDGEMENT:
        return Truths(neither(), yes())
    return Truths(neither() if condition is UNKNOWN_TRUTH else yes() if condition is MET else no())


def settled(sheet: Sheet, condition: Condition) -> Truths:
    """A condition whose columns can be read more than once."""
    found = truths(condition)
    return Truths(sheet.column(found.truth), None if found.judged is None else sheet.column(found.judged))


def conjunction(sheet: Sheet, items: Sequence[Condition]) -> Condition:
    """All of some conditions; see `datatypes.all_of`."""
    return _combined(sheet, items, MET, NOT_MET)


def disjunction(sheet: Sheet, items: Sequence[Condition]) -> Condition:
    """Any of some conditions; see `datatypes.any_of`."""
    return _combined(sheet, items, NOT_MET, MET)


def _combined(sheet: Sheet, items: Sequence[Condition], neutral: Truth, absorbing: Truth) -> Condition:
    rest = list(dict.fromkeys(item for item in items if item is not neutral))
    if absorbing in rest:
        return absorbing
    same_everywhere = [item for item in rest if isinstance(item, Truth)]
    if len(same_everywhere) == len(rest):
        return (all_of if neutral is MET else any_of)(same_everywhere)
    if len(rest) == 1:
        return rest[0]
    parts = [truths(item) for item in rest]
    if all(part.judged is None for part in parts):
        return Truths(_folded([part.truth for part in parts], neutral))
    parts = [settled(sheet, part) for part in parts]
    truth = sheet.column(_folded([part.truth for part in parts], neutral))
    if UNKNOWN_TRUTH in rest:
        return Truths(truth)  # an unknown part outweighs a judged one
    not_unknown = [~unknown_of(part) for part in parts]
    return Truths(truth, sheet.column(_folded([truth.is_null(), *not_unknown], MET)))


def _folded(cells: Sequence[Cell], neutral: Truth) -> Cell:
    if len(cells) > _FEW:
        return joined(pl.all_horizontal if neutral is MET else pl.any_horizontal, *cells)
    return reduce((lambda one, two: one & two) if neutral is MET else (lambda one, two: one | two), cells)


def opposite(condition: Condition) -> Condition:
    """See `datatypes.negate`."""
    return negate(condition) if isinstance(condition, Truth) else Truths(~condition.truth, condition.judged)


def unknown_of(condition: Truths) -> Cell:
    """Where a condition is unknown, and no matter of judgement."""
    missing = condition.truth.is_null()
    return missing if condition.judged is None else missing & ~condition.judged


def where_known(known: Cell, condition: Condition) -> Condition:
    """A condition in the rows where `known` (never null) is true; unknown in the others."""
    found = truths(condition)
    return Truths(where(known, found.truth, neither()), None if found.judged is None else known & found.judged)


def coded(sheet: Sheet, condition: Condition) -> Cell:
    """A condition as one column of codes, never null: the place of its truth in `TRUTHS`."""
    if isinstance(condition, Truth):
        return literal(TRUTHS.index(condition), pl.UInt8)
    if condition.judged is None:
        return condition.truth.cast(pl.UInt8).or_else(_UNKNOWN)
    found = settled(sheet, condition)
    return joined(
        lambda truth, judged: pl.when(judged).then(_JUDGED).otherwise(truth.cast(pl.UInt8).fill_null(_UNKNOWN)).cast(pl.UInt8),
        found.truth,
        found.judged or no(),
    )


def decoded(sheet: Sheet, codes: Cell, *, judged: bool) -> Truths:
    """The condition that a column of codes stands for; `judged` says whether it may be a matter for judgement."""
    codes = sheet.column(codes)
    truth = joined(lambda code: pl.when(code < _UNKNOWN).then(code == _TRUE), codes)
    return Truths(truth, joined(lambda code: code == _JUDGED, codes) if judged else None)


def may_be_judged(*conditions: Condition) -> bool:
    """Whether one of some conditions can be a matter for judgement."""
    return any(each is JUDGEMENT or (isinstance(each, Truths) and each.judged is not None) for each in conditions)


def chosen(sheet: Sheet, condition: Condition, then: Condition, otherwise: Condition) -> Condition:
    """`then` or `otherwise`, whichever a condition says; see `nodes.Choose` for where it does not say."""
    if condition is MET:
        return then
    if condition is NOT_MET:
        return otherwise
    cells = [sheet.column(coded(sheet, each)) for each in (condition, then, otherwise)]

    def codes(test: pl.Expr, one: pl.Expr, two: pl.Expr) -> pl.Expr:
        open_part = (one == _UNKNOWN) | (two == _UNKNOWN)
        picks = pl.when(test == _TRUE).then(one).when(test == _FALSE).then(two).when(one == two).then(one)
        return picks.when((test == _JUDGED) & ~open_part).then(_JUDGED).otherwise(_UNKNOWN).cast(pl.UInt8)

    return decoded(sheet, joined(codes, *cells), judged=may_be_judged(condition, then, otherwise))
