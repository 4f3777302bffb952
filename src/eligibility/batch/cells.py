"""What the cells of a column mean for a fact: whole columns at once where that is plain, else each different cell by itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

import polars as pl

from eligibility.columnar.days import holds_times
from eligibility.datatypes import (
    MET,
    BooleanType,
    DateType,
    ListType,
    Money,
    MoneyType,
    NumberType,
    RecordType,
    Truth,
    Type,
    Value,
)
from eligibility.diagnostics import ProfileError
from eligibility.facts import read_document
from eligibility.rulebook import FactDeclaration

NUMBER: Final = pl.Decimal(38, 6)
MONEY: Final = pl.Struct({"amount": NUMBER, "currency": pl.String(), "period": pl.String()})
WORDS: Final[Mapping[str, bool]] = {"true": True, "yes": True, "false": False, "no": False}
NO_NUMBER: Final = ("nan", "NaN", "NAN")  # how programs write that there is no number
WHOLE: Final = 10**15
"""Up to which binary numbers that are whole are told without decimals."""

_PLAIN: Final = r"^-?[0-9]{1,15}(\.[0-9]{1,6})?$"
_ISO_DATE: Final = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
_SEPARATOR: Final = ";"


def exact_dtype(kind: Type, declared: FactDeclaration) -> pl.DataType:
    """The type of a column that holds the values of a fact exactly."""
    match kind:
        case BooleanType():
            return pl.Boolean()
        case NumberType():
            return NUMBER
        case MoneyType():
            return MONEY
        case DateType():
            return pl.Date()
        case ListType(element=element):
            return pl.List(exact_dtype(element, declared))
        case RecordType():
            return pl.Struct({name: exact_dtype(each.type, each) for name, each in declared.fields.items()})
    return pl.String()


def plain(value: Value, kind: Type, declared: FactDeclaration) -> Any:
    """A checked value as a cell of a column of `exact_dtype`."""
    match value:
        case Truth():
            return value is MET
        case Money(amount=amount, currency=currency, period=period):
            return {"amount": _decimal(Fraction(amount)), "currency": currency, "period": period}
        case int() | Fraction():
            return _decimal(value * 100 if declared.unit == "percent" else value)
        case tuple() if isinstance(kind, ListType):
            return [plain(each, kind.element, declared) for each in value]
        case Mapping():
            fields = declared.fields
            return {name: plain(each, fields[name].type, fields[name]) for name, each in value.items()}
    return value


def _decimal(number: int | Fraction) -> Decimal:
    return Decimal(number.numerator) / Decimal(number.denominator)


# cells that are text


def day_of(cell: pl.Expr) -> pl.Expr:
    """The day that a text says, of those that the calendar has; null where it is none."""
    day = cell.str.to_date("%Y-%m-%d", strict=False)
    return pl.when(cell.str.contains(_ISO_DATE) & day.is_between(date.min, date.max)).then(day)


def text_cells(name: str, kind: Type) -> tuple[pl.Expr, pl.Expr] | None:
    """The values of a column of text cells, and which cells they do not tell; None where each cell must be read by itself."""
    cell = pl.col(name)
    match kind:
        case NumberType():
            value = cell.cast(NUMBER, strict=False)
            return value, cell.is_not_null() & ~cell.str.contains(_PLAIN)
        case BooleanType():
            value = cell.str.to_lowercase().replace_strict(
                list(WORDS), list(WORDS.values()), default=None, return_dtype=pl.Boolean
            )
            return value, cell.is_not_null() & value.is_null()
        case DateType():
            value = day_of(cell)
            return value, cell.is_not_null() & value.is_null()
        case ListType() | RecordType() | MoneyType():
            return None
    return cell, pl.lit(value=False)


def read_cell(cell: str, kind: Type, separator: str | None) -> Any:
    """What a text cell says, as a profile would say it; a cell that does not fit stays text, so that it is refused as such."""
    text = cell.strip()
    match kind:
        case NumberType():
            try:
                return read_document(text) if text[:1] in "-0123456789" else cell
            except ProfileError:
                return cell
        case BooleanType():
            return WORDS.get(text.lower(), cell)
        case ListType(element=RecordType()) | RecordType() | MoneyType():
            return _read_json(cell)
        case ListType(element=element):
            if text.startswith("["):
                return _read_json(cell)
            parts = (part.strip() for part in text.split(separator or _SEPARATOR))
            return [read_cell(part, element, None) for part in parts if part]
    return cell


def _read_json(cell: str) -> Any:
    try:
        return read_document(cell)
    except ProfileError:
        return cell


def by_cell(column: pl.Series, read: Callable[[Any], Any], dtype: pl.DataType) -> tuple[pl.Series, pl.Series]:
    """A column in which each different cell was read once, and which cells could not be; `read` gives None for these."""
    different = column.unique()
    values = [None if cell is None else read(cell) for cell in different.to_list()]
    frame = pl.DataFrame({"cell": different, "value": pl.Series(values, dtype=dtype, strict=True)})
    found = pl.DataFrame({"cell": column}).join(frame, on="cell", how="left", maintain_order="left", nulls_equal=True)
    value = found["value"]
    return value, value.is_null() & column.is_not_null()


# cells that have a type already


def as_written(cell: object) -> Any:
    """A cell of a typed column as a profile would write it; NaN is nothing."""
    match cell:
        case float() if cell != cell:  # noqa: PLR0124  # NaN is what does not equal itself
            return None
        case datetime() if cell.hour == cell.minute == cell.second == cell.microsecond == 0:
            return cell.date()
        case datetime():
            return cell.isoformat()
        case date():
            return cell
        case Mapping():
            return {key: as_written(each) for key, each in cell.items()}
        case list():
            return [as_written(each) for each in cell]
    return cell


def typed_cells(name: str, dtype: pl.DataType) -> tuple[pl.Expr, pl.Expr]:
    """The values of a column that has a type already, as the engine takes them, and which cells they do not tell."""
    cell, none = pl.col(name), pl.lit(value=False)
    if dtype.is_float():
        return cell.fill_nan(None), none
    if dtype in (pl.Categorical, pl.Enum):
        return cell.cast(pl.String), none
    if isinstance(dtype, pl.Datetime):
        return cell.dt.date(), cell.is_not_null() & (cell.dt.truncate("1d") != cell)
    return cell, cell.is_not_null() if holds_times(dtype) else none
