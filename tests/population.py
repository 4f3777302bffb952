"""Populations for the columnar engine: profiles as frames with a column for each fact."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction

import polars as pl

from eligibility.datatypes import MET, Money, Truth
from eligibility.rulebook import RuleBook


def flat(document: Mapping[str, object], book: RuleBook, prefix: str = "") -> dict[str, object]:
    """The facts of a profile document by path, as they are written."""
    found: dict[str, object] = {}
    for key, value in document.items():
        path = f"{prefix}{key}"
        if path in book.facts:
            found[path] = plain(value)
        elif isinstance(value, Mapping):
            found |= flat(value, book, f"{path}.")
    return found


def plain(value: object) -> object:
    """A value of a profile as a frame holds it."""
    match value:
        case Truth():
            return value is MET
        case Money(amount=amount, currency=currency, period=period):
            return {"amount": plain(amount), "currency": currency, "period": period}
        case Fraction():
            return float(Decimal(value.numerator) / value.denominator)
        case Decimal():
            return float(value)
        case date():
            return value.isoformat()
        case Mapping():
            return {key: plain(each) for key, each in value.items()}
        case list() | tuple():
            return [plain(each) for each in value]
    return value


def frame(rows: Sequence[Mapping[str, object]]) -> pl.DataFrame:
    """A frame with a row for each mapping from fact to value."""
    paths = sorted({path for row in rows for path in row})
    return pl.DataFrame([pl.Series(path, [row.get(path) for row in rows], strict=False) for path in paths])
