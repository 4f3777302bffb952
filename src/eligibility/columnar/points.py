"""Points and counts by column: whether what is met, may be met or may be granted reaches a mark (see `datatypes.reached`)."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import reduce

import polars as pl

from eligibility.columnar.numbers import Quantity, Whole, constant, same_denominator, settled_number, total
from eligibility.columnar.sheet import Cell, Sheet, joined, literal, where
from eligibility.columnar.truths import TRUTHS, Condition, Truths, decoded, may_be_judged, no, settled, truths, unknown_of
from eligibility.datatypes import JUDGEMENT, MET, NOT_MET, UNKNOWN_TRUTH, Number

_CODES = {truth: code for code, truth in enumerate(TRUTHS)}


def at_least(sheet: Sheet, count: int, conditions: Sequence[Condition]) -> Truths:
    """Whether `count` of some conditions are met; see `datatypes.at_least`."""
    parts = [settled(sheet, truths(condition)) for condition in conditions]
    met = _sum(sheet, [_counted(part.truth.or_else(value=False)) for part in parts])
    unknown = _sum(sheet, [_counted(unknown_of(part)) for part in parts])
    judged = _sum(sheet, [_counted(part.judged) for part in parts if part.judged is not None])
    codes = joined(_reached, literal(count), met.cell, joined(lambda a, b: a + b, met.cell, unknown.cell), judged.cell)
    return decoded(sheet, codes, judged=may_be_judged(*conditions))


def _counted(cell: Cell) -> Whole:
    return Whole(cell.cast(pl.Int64), 0, 1)


def _sum(sheet: Sheet, items: Sequence[Whole]) -> Whole:
    found = reduce(total, [each for each in items if each is not constant(0)] or [constant(0)])
    return Whole(sheet.column(found.cell), found.low, found.high, found.wide)


def _reached(mark: pl.Expr, least: pl.Expr, most: pl.Expr, judged: pl.Expr) -> pl.Expr:
    """The code of whether a sum between two others reaches a mark, where a human may grant `judged` more."""

    def decided(sure: pl.Expr) -> pl.Expr:
        enough = pl.when(sure >= mark).then(_CODES[MET]).when(sure + judged >= mark).then(_CODES[JUDGEMENT])
        return enough.otherwise(_CODES[NOT_MET])

    worst, best = decided(least), decided(most)
    return pl.when(worst == best).then(worst).otherwise(_CODES[UNKNOWN_TRUTH])


def points_reached(
    sheet: Sheet, conditions: Sequence[Condition], awards: Sequence[Quantity], most: Sequence[Number | None], mark: Quantity
) -> Truths:
    """Whether the points of some rows reach a mark; see `nodes.PointsReached`. Denominators are the same in every row."""
    limits = [0 if limit is None else limit for limit in most]
    scaled, _ = same_denominator([*(settled_number(sheet, award) for award in awards), *limits, settled_number(sheet, mark)])
    count = len(conditions)
    points = [
        constant(each.low) if isinstance(award, int | Fraction) else each for award, each in zip(awards, scaled, strict=False)
    ]
    sure, possible, granted, grantable = [], [], [], []
    open_end, open_grant = [], []
    for condition, award, limit, bounded in zip(
        conditions, points, scaled[count:-1], (limit is not None for limit in most), strict=True
    ):
        row = settled(sheet, condition)
        judged = row.judged or no()
        met, unknown = sheet.column(row.truth.or_else(value=False)), sheet.column(unknown_of(row))
        low, high, missing = _between_nothing_and(sheet, award, limit)
        sure.append(_where(met, low, _where(unknown, _clipped(low, "min"), constant(0))))
        possible.append(_where(met, high, _where(unknown, _clipped(high, "max"), constant(0))))
        granted.append(_where(judged, low, constant(0)))
        grantable.append(_where(judged, high, constant(0)))
        if not bounded and missing is not None:
            open_end.append((met | unknown) & missing)
            open_grant.append(judged & missing)
    cells = [_sum(sheet, items).cell for items in (sure, possible, granted, grantable)]
    ends = [sheet.column(reduce(lambda a, b: a | b, items, no())) for items in (open_end, open_grant)]
    codes = joined(_weighed, sheet.column(scaled[-1].cell), *cells, *ends)
    return decoded(sheet, codes, judged=may_be_judged(*conditions))


def _between_nothing_and(sheet: Sheet, award: Whole, limit: Whole) -> tuple[Whole, Whole, Cell | None]:
    """The least and the most that an award can be, and where nobody knows it (None: nowhere)."""
    if _is_constant(award):
        return award, award, None
    points = sheet.column(award.cell)
    low = _between(sheet.column(points.or_else(0)), min(0, award.low), max(0, award.high), award)
    high = _where(points.is_not_null(), _between(points, award.low, award.high, award), limit)
    return low, _between(sheet.column(high.cell), high.low, high.high, high), points.is_null()


def _is_constant(whole: Whole) -> bool:
    return constant(whole.low) is whole


def _between(cell: Cell, low: int, high: int, like: Whole) -> Whole:
    return Whole(cell, low, high, like.wide)


def _clipped(whole: Whole, kind: str) -> Whole:
    if _is_constant(whole):
        return constant((min if kind == "min" else max)(whole.low, 0))
    pick = pl.min_horizontal if kind == "min" else pl.max_horizontal
    bound = min if kind == "min" else max
    return Whole(joined(lambda each: pick(each, 0), whole.cell), bound(whole.low, 0), bound(whole.high, 0), whole.wide)


def _where(condition: Cell, then: Whole, otherwise: Whole) -> Whole:
    if then is otherwise or condition is no():
        return otherwise
    wide = then.wide or otherwise.wide
    one, two = (then.widened(), otherwise.widened()) if wide else (then, otherwise)
    return Whole(where(condition, one.cell, two.cell), min(one.low, two.low), max(one.high, two.high), wide)


def _weighed(
    mark: pl.Expr,
    least: pl.Expr,
    most: pl.Expr,
    granted: pl.Expr,
    grantable: pl.Expr,
    no_end: pl.Expr,
    no_grant_end: pl.Expr,
) -> pl.Expr:
    top = pl.when(no_end).then(pl.max_horizontal(mark, most)).otherwise(most)  # without an end, the mark can be reached
    more = pl.when(no_grant_end).then(pl.max_horizontal(0, mark - least)).otherwise(grantable)
    plain = _reached(mark, least, top, granted)
    possible = _reached(mark, least, top, more)
    alike = ~no_grant_end & (granted == grantable)
    found = pl.when(alike | (plain == possible)).then(plain).otherwise(_CODES[UNKNOWN_TRUTH])
    return pl.when(mark.is_null()).then(_CODES[UNKNOWN_TRUTH]).otherwise(found)
