"""The door for populations: a column for each fact, checked and brought into the shapes that plans read.

What is plainly right comes in. Every row with anything else in it is doubtful: it goes through the door for single profiles,
which accepts it or says what is wrong with it. So both doors agree by construction.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import reduce
from typing import Final

import polars as pl

from eligibility.columnar.days import FIRST, LAST, with_readable_days
from eligibility.columnar.shapes import Column, ListColumns, MoneyColumns, RecordColumns, Shape
from eligibility.columnar.words import tested
from eligibility.datatypes import (
    PERIODS,
    BooleanType,
    ChoiceType,
    CountryType,
    DateType,
    ListType,
    MoneyType,
    NumberType,
    RecordType,
    Type,
)
from eligibility.diagnostics import Diagnostic, ProfileError, did_you_mean
from eligibility.facts import fit_fact
from eligibility.fitting import MAXIMUM_DECIMALS, MAXIMUM_NUMBER, Codes, Misfit
from eligibility.rulebook import FactDeclaration, RuleBook

MOST_PLACES: Final = 16
"""Lists with more items are gone through one profile at a time."""

_FEW_LONG: Final = 1000  # of so many rows, one with a longer list than the others does not make the plan longer for all

_UNBOUNDED: Final = 10**12
_DECIMALS: Final = (0, 2, 4, MAXIMUM_DECIMALS)
_WRITTEN_NUMBER: Final = r"^-?[0-9]{1,15}(\.[0-9]{1,6}0*)?$"
_WORD: Final = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Entered:
    """A population in columns: the shape of each fact that some row states, and the rows that need another look."""

    columns: pl.DataFrame
    shapes: Mapping[str, Shape]
    doubtful: pl.Series


def enter(frame: pl.DataFrame, book: RuleBook, *, written: bool = False, blank: bool = False) -> Entered:
    """The facts of a frame with one column for each fact; `written` says that all its values are text, as in CSV.

    A row that states nothing is doubtful, unless `blank` says that such rows are profiles of which nobody knows anything.
    Raises: ProfileError E401 for a column that is no fact.
    """
    unknown = [name for name in frame.columns if name not in book.facts]
    if unknown:
        help = "`eligibility schema profile` lists the facts"
        raise ProfileError(
            Diagnostic("E401", f"unknown fact `{name}`", path=name, help=did_you_mean(name, book.facts, otherwise=help))
            for name in unknown
        )
    return _Door(frame.rechunk(), book.codes, written=written).enter(book, blank=blank)  # pieces would be worked out one by one


class _Door:
    def __init__(self, frame: pl.DataFrame, codes: Codes, *, written: bool) -> None:
        self.frame = frame
        self.codes = codes
        self.written = written
        self.columns: list[pl.Series] = []
        self.doubts: list[pl.Series] = []

    def enter(self, book: RuleBook, *, blank: bool) -> Entered:
        shapes: dict[str, Shape] = {}
        stated: list[pl.Series] = []
        for series in (each.fill_nan(None) if each.dtype.is_float() else each for each in self.frame):
            if series.null_count() == len(series):
                continue
            declared = book.facts[series.name]
            stated.append(series.is_not_null())
            shape = self.shape(series.name, series, declared, declared.type)
            if shape is not None:
                shapes[series.name] = shape
        anything = reduce(lambda one, two: one | two, stated, self.none())
        doubtful = reduce(lambda one, two: one | two, self.doubts, self.none() if blank else ~anything)
        columns = self.columns or [self.none().alias("@nothing")]
        return Entered(pl.DataFrame(columns), shapes, doubtful)

    def none(self) -> pl.Series:
        return pl.repeat(value=False, n=self.frame.height, eager=True, dtype=pl.Boolean)

    def doubt(self, rows: pl.Series) -> None:
        if rows.any():
            self.doubts.append(rows.fill_null(value=False))

    def bring(self, name: str, series: pl.Series, raw: pl.Series) -> None:
        """Take in a column; what is stated in it and was lost on the way is doubtful."""
        self.doubt(raw.is_not_null() & series.is_null())
        self.columns.append(series.alias(name))

    def shape(self, name: str, raw: pl.Series, declared: FactDeclaration, kind: Type) -> Shape | None:
        """Bring in a fact, an item of a list or a field of a record; None where nothing of it comes in."""
        if raw.null_count() == len(raw):
            return None
        match kind:
            case ListType(element=element):
                return self.listed(name, raw, declared, element)
            case RecordType():
                return self.record(name, raw, declared)
            case MoneyType():
                return self.money(name, raw, declared)
            case NumberType():
                return self.number(name, raw, declared, kind)
            case BooleanType():
                return self.scalar(name, self.truths(raw), raw, kind)
            case DateType():
                return self.scalar(name, self.days(raw, declared, kind), raw, kind)
            case ChoiceType(values=values):
                return self.scalar(name, self.places(raw, values), raw, kind, values)
            case CountryType():
                countries = tuple(self.codes.countries)
                return self.scalar(name, self.places(raw, countries), raw, kind, countries)
        return self.scalar(name, self.texts(raw, declared, kind), raw, kind)

    def scalar(
        self, name: str, series: pl.Series | None, raw: pl.Series, kind: Type, values: tuple[str, ...] = ()
    ) -> Shape | None:
        if series is None:
            self.doubt(raw.is_not_null())
            return None
        self.bring(name, series, raw)
        return Column(name, kind, values)

    def truths(self, raw: pl.Series) -> pl.Series | None:
        if raw.dtype == pl.Boolean:
            return raw
        if raw.dtype == pl.String and self.written:
            return raw.replace_strict(["true", "false"], [True, False], default=None, return_dtype=pl.Boolean)
        return None

    def days(self, raw: pl.Series, declared: FactDeclaration, kind: Type) -> pl.Series | None:
        if raw.dtype == pl.String:
            good = tested(raw, lambda text: self.fits(text, declared, kind))
            raw = raw.set(~good, None).str.to_date("%Y-%m-%d", strict=False)
        if raw.dtype != pl.Date:
            return None
        days = raw.to_physical().cast(pl.Int64)
        return days.set(~days.is_between(FIRST, LAST), None)

    def places(self, raw: pl.Series, values: tuple[str, ...]) -> pl.Series | None:
        if isinstance(raw.dtype, pl.Enum | pl.Categorical):
            raw = raw.cast(pl.String)
        if raw.dtype != pl.String:
            return None
        return raw.cast(pl.Enum(values), strict=False).to_physical().cast(pl.UInt32)

    def texts(self, raw: pl.Series, declared: FactDeclaration, kind: Type) -> pl.Series | None:
        if isinstance(raw.dtype, pl.Enum | pl.Categorical):
            raw = raw.cast(pl.String)
        if raw.dtype != pl.String:
            return None
        return raw.set(~tested(raw, lambda text: self.fits(text, declared, kind)), None)

    def fits(self, text: str, declared: FactDeclaration, kind: Type) -> bool:
        try:
            fit_fact(text, declared, kind, self.codes)
        except Misfit:
            return False
        return True

    # numbers

    def number(self, name: str, raw: pl.Series, declared: FactDeclaration, kind: NumberType) -> Shape | None:
        found = self.integers(raw)
        if found is None:
            self.doubt(raw.is_not_null())
            return None
        series, decimals = found
        percent = declared.unit == "percent"
        below = 10**decimals * (100 if percent else 1)
        if declared.integer and below > 1:
            series = series.set(series % below != 0, None)
        digits = self.codes.currencies.get(kind.unit.currency or "", 2)
        if kind.unit.currency and decimals > digits:
            series = series.set(series % 10 ** (decimals - digits) != 0, None)
        low, high = _bounds(declared, decimals)
        self.bring(name, series.set(~series.is_between(low, high), None), raw)
        return Column(name, kind, (), below, low, high)

    def integers(self, raw: pl.Series) -> tuple[pl.Series, int] | None:
        """Numbers as integers with the fewest decimals that hold them all; null where that cannot be."""
        kind = raw.dtype
        if kind == pl.String and self.written:
            raw = raw.set(~raw.str.contains(_WRITTEN_NUMBER), None).cast(pl.Decimal(38, MAXIMUM_DECIMALS), strict=False)
            kind = raw.dtype
        if isinstance(kind, pl.Decimal):
            scale = kind.scale
            exact = raw.to_physical().cast(pl.Int128)
            return _shortened(exact, scale)
        if kind.is_integer():
            return raw.cast(pl.Int64, strict=False), 0
        if kind.is_float():
            return _from_floats(raw.cast(pl.Float64).fill_nan(None))
        return None

    def money(self, name: str, raw: pl.Series, declared: FactDeclaration) -> Shape | None:
        if not isinstance(raw.dtype, pl.Struct):
            self.doubt(raw.is_not_null())
            return None
        fields = {field.name: raw.struct.field(field.name) for field in raw.dtype.fields}
        currencies = tuple(self.codes.currencies)
        amounts, currency = fields.get("amount"), fields.get("currency")
        found = None if amounts is None else self.integers(amounts)
        places = None if currency is None else self.places(currency, currencies)
        period = fields.get("period")
        periods = pl.Series([None] * len(raw), dtype=pl.UInt32)
        if period is not None and period.null_count() < len(period):
            known = self.places(period, PERIODS)
            self.doubt(period.is_not_null() & (self.none() if known is None else known.is_not_null()).not_())
            periods = periods if known is None else known
        for extra in fields.keys() - {"amount", "currency", "period"}:
            self.doubt(fields[extra].is_not_null())
        if found is None or places is None:
            self.doubt(raw.is_not_null())
            return None
        series, decimals = found
        digits = pl.Series([max(0, decimals - each) for each in self.codes.currencies.values()], dtype=pl.Int64)
        step = digits.gather(places.fill_null(0))
        for each in (each for each in digits.unique() if each):
            series = series.set((step == each) & (series % 10**each != 0), None)
        low, high = _bounds(declared, decimals)
        series = series.set(~series.is_between(low, high) | places.is_null(), None)
        self.bring(f"{name}.amount", series, raw)
        self.columns += [places.alias(f"{name}.currency"), periods.alias(f"{name}.period")]
        return MoneyColumns(
            Column(f"{name}.amount", NumberType(), (), 10**decimals, low, high),
            Column(f"{name}.currency", MoneyType(), currencies),
            Column(f"{name}.period", MoneyType(), PERIODS),
        )

    # lists and records

    def listed(self, name: str, raw: pl.Series, declared: FactDeclaration, element: Type) -> Shape | None:
        if isinstance(raw.dtype, pl.Array):
            raw = raw.arr.to_list()
        if not isinstance(raw.dtype, pl.List):
            self.doubt(raw.is_not_null())
            return None
        lengths = raw.list.len()
        places = _places(lengths)
        self.doubt(lengths > places)
        items: list[Shape] = []
        for place in range(places):
            item = raw.list.get(place, null_on_oob=True)
            self.doubt((lengths > place) & item.is_null())
            shape = self.shape(f"{name}[{place}]", item, declared, element)
            items.append(RecordColumns(()) if shape is None and isinstance(element, RecordType) else shape or _absent(element))
        self.columns.append(lengths.alias(f"{name}#"))
        return ListColumns(f"{name}#", tuple(items))

    def record(self, name: str, raw: pl.Series, declared: FactDeclaration) -> Shape | None:
        if not isinstance(raw.dtype, pl.Struct):
            self.doubt(raw.is_not_null())
            return None
        fields: list[tuple[str, Shape]] = []
        for field in raw.dtype.fields:
            series = raw.struct.field(field.name)
            inner = declared.fields.get(field.name)
            if inner is None:
                self.doubt(series.is_not_null())
                continue
            shape = self.shape(f"{name}.{field.name}", series, inner, inner.type)
            if shape is not None:
                fields.append((field.name, shape))
        return RecordColumns(tuple(fields))


def _places(lengths: pl.Series) -> int:
    """How many places of a list the plan goes through: a power of two (so that few plans are made), or none."""
    few = len(lengths) // _FEW_LONG
    longer = (count for count in (0, 1, 2, 4, 8) if int((lengths > count).sum()) <= few)
    return next(longer, MOST_PLACES)


def _absent(kind: Type) -> Shape:
    """The shape of a place of a list at which nothing stands in any row."""
    return Column("", kind)


def _bounds(declared: FactDeclaration, decimals: int) -> tuple[int, int]:
    """The least and greatest integer a number can be, by its declaration."""
    scale = 10**decimals
    low = -_UNBOUNDED if declared.minimum is None else declared.minimum
    high = _UNBOUNDED if declared.maximum is None else declared.maximum
    return max(-_WORD, math.ceil(Fraction(low) * scale)), min(_WORD, math.floor(Fraction(high) * scale))


def _shortened(exact: pl.Series, scale: int) -> tuple[pl.Series, int]:
    """Integers of a number of decimals, with as few of them as hold all, at most six."""
    decimals = next(
        (each for each in _DECIMALS if each <= scale and not (exact % _wide(10 ** (scale - each)) != 0).any()),
        min(scale, MAXIMUM_DECIMALS),
    )
    step = _wide(10 ** (scale - decimals))
    whole = exact if scale == decimals else exact.set(exact % step != 0, None) // step
    return whole.cast(pl.Int64, strict=False), decimals


def _wide(number: int) -> pl.Series:
    """A number as wide integers, which calculate with none but their like."""
    return pl.Series([number], dtype=pl.Int128)


def _from_floats(raw: pl.Series) -> tuple[pl.Series, int]:
    """The integers whose decimals read back as the same binary numbers."""
    raw = raw.set(~raw.is_finite() | (raw.abs() > MAXIMUM_NUMBER), None)
    scaled, decimals, exact = raw, 0, raw.is_null()
    for decimals in _DECIMALS:
        scaled = (raw * 10**decimals).round()
        divisor = scaled * 0 + 10.0**decimals  # a whole column: division by a literal would be a multiplication
        exact = (scaled / divisor == raw) & (scaled.abs() < 2**53)
        if exact.all():
            break
    return scaled.set(~exact, None).cast(pl.Int64, strict=False), decimals


def stated_rows(frame: pl.DataFrame, rows: Sequence[int], book: RuleBook, *, written: bool) -> Iterator[dict[str, object]]:
    """The profiles that some rows of a frame state, as the door for single profiles reads them."""
    for row in with_readable_days(frame[rows]).iter_rows(named=True):
        yield _document(row, book, written=written)


def _document(row: Mapping[str, object], book: RuleBook, *, written: bool) -> dict[str, object]:
    document: dict[str, object] = {}
    for path, raw in row.items():
        if raw is None:
            continue
        value = _plain(raw, book.facts[path], book.facts[path].type, written=written)
        if value is None:
            continue
        *groups, last = path.split(".")
        group: dict[str, object] = document
        for step in groups:
            inner = group.setdefault(step, {})
            group = inner if isinstance(inner, dict) else {}
        group[last] = value
    return document


def _plain(raw: object, declared: FactDeclaration, kind: Type, *, written: bool) -> object:
    """A value of a frame as JSON would state it; what is not stated is left out."""
    if isinstance(raw, float) and math.isnan(raw):
        return None
    if isinstance(raw, list):
        element = kind.element if isinstance(kind, ListType) else kind
        return [_plain(each, declared, element, written=written) for each in raw]
    if isinstance(raw, dict):
        fields = declared.fields if isinstance(kind, RecordType) else {}
        stated = {
            key: _plain(each, fields.get(key, declared), fields[key].type if key in fields else NumberType(), written=written)
            for key, each in raw.items()
        }
        return {key: each for key, each in stated.items() if each is not None}
    if isinstance(raw, str) and written:
        if isinstance(kind, BooleanType) and raw in ("true", "false"):
            return raw == "true"
        if isinstance(kind, NumberType) and pl.Series([raw]).str.contains(_WRITTEN_NUMBER).item():
            return Decimal(raw)
    return raw
