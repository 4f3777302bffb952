"""Applicants with offers, drawn by chance as distributions.yaml says. Nobody in it exists.

Each row depends on its number and the seed alone. No law is written here: pay and days stand at figures of the law now and then,
which are read from the rules.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any, Final

import polars as pl
import pyarrow as pa
import yaml
from chance import Chance

from eligibility.datatypes import DateType, NumberType
from eligibility.engine import load_rules
from eligibility.rulebook import RuleBook

SCHEMES: Final = ("uk_soc2020", "us_soc2018", "isco08", "noc2021", "anzsco")


@cache
def distributions() -> dict[str, Any]:
    """How values are spread."""
    text = (Path(__file__).parent / "distributions.yaml").read_text(encoding="utf-8")
    found: dict[str, Any] = yaml.safe_load(text)
    return found


def population(
    rows: int,
    *,
    first: int = 0,
    seed: int = 1,
    book: RuleBook | None = None,
    anchor: date | None = None,
    countries: pl.Series | None = None,
) -> pl.DataFrame:
    """So many rows from a number on: `id` and a column for each fact, null where it is unknown.

    Pay stands at figures of the law now and then; they are read from the rules, `book` or the bundled ones. Days are counted from
    `anchor`, or from the day of distributions.yaml. `countries` says where the offer of each row is, instead of chance.
    """
    return _Population(rows, first, seed, book or load_rules().book, anchor, countries).frame()


class _Population:
    def __init__(
        self, rows: int, first: int, seed: int, book: RuleBook, anchor: date | None, countries: pl.Series | None
    ) -> None:
        self.rows = rows
        self.first = first
        self.book = book
        self.spec = distributions()
        self.anchor: date = anchor or self.spec["anchor"]
        self.countries = countries
        self.by = Chance(first, rows, seed)
        self.columns: dict[str, pl.Series] = {}
        self.parts: dict[tuple[str, ...], tuple[Chance, pl.Series]] = {}

    def frame(self) -> pl.DataFrame:
        self.offer()
        self.person()
        for path, column in self.columns.items():
            self.columns[path] = self.disturbed(path, column, self.by)
        for path, how in self.spec["facts"].items():
            self.columns[path] = self.restricted(path, how)
        number = pl.int_range(self.first, self.first + self.rows, eager=True).alias("id")
        return pl.DataFrame([number, *(column.alias(path) for path, column in self.columns.items())])

    def weighted(self, name: str, weights: Mapping[Any, int]) -> pl.Series:
        return self.by.one_of(name, list(weights), list(weights.values()))

    def offer(self) -> None:
        countries, roles = self.spec["countries"], self.spec["roles"]
        drawn = self.weighted("offer.country", {code: each["weight"] for code, each in countries.items()})
        self.country = drawn if self.countries is None else self.countries
        self.role = self.weighted("role", {name: each["weight"] for name, each in roles.items()})
        self.currency = self.country.replace_strict({code: each["currency"] for code, each in countries.items()})
        self.columns["offer.country"] = self.country
        self.columns["offer.title"] = self.of_role("title")
        self.columns["offer.duties"] = self.of_role("duties")
        for scheme in SCHEMES:
            self.columns[f"offer.occupation.{scheme}"] = self.of_role(scheme)
        self.columns["offer.salary"] = self.pay()

    def of_role(self, what: str) -> pl.Series:
        roles = self.spec["roles"]
        place = self.role.replace_strict({name: at for at, name in enumerate(roles)}, return_dtype=pl.UInt32)
        return pl.Series([each[what] for each in roles.values()]).gather(place)

    def pay(self) -> pl.Series:
        """Pay in cents by country, some of it at figures of the law; a third of it per month."""
        monthly = self.by.happens("offer.salary.period", 333)
        cents = pl.zeros(self.rows, dtype=pl.Int64, eager=True)
        for code, each in self.spec["countries"].items():
            drawn = self.by.spread("offer.salary.amount", each["pay"]) // 100 * 100 * 100
            cents = drawn.zip_with(self.country == code, cents)
        months = pl.Series([12], dtype=pl.Int64)
        cents = (cents // months // 100 * 100).zip_with(monthly, cents)
        period = pl.Series(["year", "month"]).gather(monthly.cast(pl.UInt32))
        figures = figures_of(self.book)
        chosen = self.by.happens("offer.salary.threshold", self.spec["thresholds"])
        beside = self.by.one_of("offer.salary.beside", [-1, 0, 0, 1], [1, 1, 1, 1])
        for currency in sorted({each["currency"] for each in self.spec["countries"].values()}):
            for name in ("year", "month"):
                known = figures.get(f"{currency}/{name}")
                if known:
                    here = chosen & (self.currency == currency) & (period == name)
                    exact = pl.Series(known).gather(self.by.below("offer.salary.figure", len(known)))
                    cents = (exact + beside).zip_with(here, cents)
        return money(cents, self.currency, period)

    def person(self) -> None:
        by, anchor = self.by, _days(self.anchor)
        self.nationality = self.weighted("nationality", self.spec["nationalities"])
        age = by.spread("age", [each * 1461 // 4 for each in self.spec["ages"]])
        birth = _dates(anchor - age)
        years = (age * 4 // 1461).cast(pl.Int64)
        self.columns["applicant.nationalities"] = self.nationalities()
        self.columns["applicant.date_of_birth"] = birth
        self.columns["applicant.degrees"] = self.degrees(birth)
        worked = _above_zero(years - 20) * by.below("experience", 101) // 100
        self.worked = worked
        half = by.one_of("half", [0.0, 0.5], [3, 1])
        self.columns["applicant.experience.total_years"] = worked.cast(pl.Float64) + half.zip_with(worked > 0, half * 0)

    def nationalities(self) -> pl.Series:
        """One nationality, and of one in twenty a second one."""
        second = self.weighted("second nationality", self.spec["nationalities"])
        both = self.by.happens("two nationalities", 50) & (second != self.nationality)
        return _listed(self.nationality, second, both.cast(pl.Int64) + 1)

    def degrees(self, birth: pl.Series) -> pl.Series:
        """None (of one in eight), a first degree, or a first and a higher one."""
        by = self.by
        first = self.weighted("first degree", {"bachelor": 85, "vocational": 10, "diploma": 5})
        higher = self.weighted("higher degree", {"master": 80, "doctorate": 20})
        age = by.spread("age at degree", [20, 21, 22, 23, 26])
        one = self.degree("first", first, birth, age)
        two = self.degree("second", higher, birth, age + by.below("further study", 6) + 1)
        return _listed(one, two, by.one_of("degrees", [0, 1, 2], [12, 44, 44]))

    def degree(self, name: str, level: pl.Series, birth: pl.Series, age: pl.Series) -> pl.Series:
        after = age * 1461 // 4 + self.by.below(f"{name} day", 365)
        awarded = _dates(birth.cast(pl.Int32).cast(pl.Int64) + after)
        field = self.weighted(f"{name} field", self.spec["fields"])
        study = pl.DataFrame(
            {
                "level": level,
                "field": field,
                "country": self.nationality.zip_with(self.by.happens(f"{name} at home", 750), self.country),
                "awarded_on": awarded,
                "accredited": self.by.happens(f"{name} accredited", 950),
                "public_or_nonprofit": self.by.happens(f"{name} public", 800),
                "stem": ~field.is_in(["business", "humanities"]),
                "programme_years": self.by.one_of(f"{name} years", [1, 2, 3, 4], [15, 30, 25, 30]),
                "taught_in_english": self.by.happens(f"{name} in English", 550),
            }
        )
        return study.to_struct(name)

    def fact(self, path: str, how: Mapping[str, Any], by: Chance) -> pl.Series:
        """The column of a fact, by what its distribution says."""
        match how:
            case {"as": "nationality"}:
                return self.nationality
            case {"holds": share}:
                return by.happens(path, share * 10)
            case {"one_of": weights}:
                return by.one_of(path, list(weights), list(weights.values()))
            case {"lists": lists}:
                return by.one_of(path, lists, [1] * len(lists), pl.List(pl.String()))
            case {"days": offsets}:
                return _dates(_days(self.anchor) + by.spread(path, offsets))
            case {"share_of": "experience", "times": times}:
                return _at_most(self.worked * times * by.below(path, 101) // 100, how.get("most", 600))
            case {"spread": quantiles, "money": period}:
                return money(by.spread(path, quantiles) * 100, self.currency, pl.Series([period]).new_from_index(0, self.rows))
            case {"spread": quantiles}:
                return by.spread(path, quantiles)
        raise ValueError(f"{path}: {how}")

    def restricted(self, path: str, how: Mapping[str, Any]) -> pl.Series:
        """The column of a fact, drawn for no more rows than it concerns."""
        if "in" in how:
            by, places = self.part(tuple(how["in"]))
            column = self.disturbed(path, self.fact(path, how, by), by).gather(places)
        else:
            column = self.disturbed(path, self.fact(path, how, self.by), self.by)
        for other in how.get("where", ()):
            known = self.columns[other]
            column = _only(column, known.is_not_null() & (known.list.len() > 0))
        return column

    def part(self, countries: tuple[str, ...]) -> tuple[Chance, pl.Series]:
        """Chance for the rows with offers in some countries, and which of those rows each row of the whole is."""
        known = self.parts.get(countries)
        if known is None:
            here = self.country.is_in(countries)
            known = self.parts[countries] = self.by.only(here), _only(here.cast(pl.UInt32).cum_sum() - 1, here)
        return known

    def disturbed(self, path: str, column: pl.Series, by: Chance) -> pl.Series:
        """The column with gaps, codes of no list and dates at boundaries."""
        if path.startswith("offer.occupation."):
            column = self.unlisted(path, column)
        if isinstance(self.book.facts[path].type, DateType):
            column = self.at_boundaries(path, column, by)
        return _only(column, ~by.happens(f"{path} unknown", self.spec["gaps"]))

    def unlisted(self, path: str, column: pl.Series) -> pl.Series:
        digit = self.by.below(f"{path} digit", 10).cast(pl.String)
        other = column.str.head(-1) + digit
        return other.zip_with(self.by.happens(f"{path} other", self.spec["unlisted"]), column)

    def at_boundaries(self, path: str, column: pl.Series, by: Chance) -> pl.Series:
        """Now and then a full year before or after the anchor, or a day on which the law changes, or a day beside it."""
        span = (-66, -17) if path.endswith("date_of_birth") else (-6, 3)
        days = [_years(self.anchor, years) for years in range(*span)]
        if not path.endswith("date_of_birth"):
            days += [day for day in self.book.changes if abs(day.year - self.anchor.year) <= span[1]]
        at = pl.Series(days).gather(by.below(f"{path} day", len(days))).cast(pl.Int32).cast(pl.Int64)
        beside = _dates(at + by.below(f"{path} beside", 3) - 1)
        return beside.zip_with(by.happens(f"{path} boundary", self.spec["boundaries"]) & column.is_not_null(), column)


def figures_of(book: RuleBook) -> dict[str, list[int]]:
    """Every amount of money that a parameter of the rules ever has, in cents, by unit."""
    found: dict[str, set[int]] = {}
    for rule in book.rules.values():
        for parameter in rule.parameters.values():
            if not isinstance(parameter.type, NumberType) or not parameter.type.unit.currency:
                continue
            for dated in parameter.values:
                if isinstance(dated.value, int | Fraction) and not isinstance(dated.value, bool) and dated.value >= 1:
                    found.setdefault(parameter.unit, set()).add(int(Fraction(dated.value) * 100))
    return {unit: sorted(amounts) for unit, amounts in found.items()}


def money(cents: pl.Series, currency: pl.Series, period: pl.Series) -> pl.Series:
    """Amounts of money from cents: binary numbers that read back as the decimals they stand for."""
    hundred = pl.Series([100.0]).new_from_index(0, len(cents))
    return pl.DataFrame({"amount": cents.cast(pl.Float64) / hundred, "currency": currency, "period": period}).to_struct("money")


def _listed(first: pl.Series, second: pl.Series, count: pl.Series) -> pl.Series:
    """Lists of none, the first or both of two columns."""
    rows = len(first)
    place = pl.int_range(2 * rows, eager=True)
    row, turn = place // 2, place % 2
    items = pl.concat([first, second.alias(first.name)]).gather((row + turn * rows).filter(turn < count.gather(row)))
    ends = pl.concat([pl.Series([0], dtype=pl.Int64), count.cast(pl.Int64).cum_sum().alias("")])
    return pl.Series(pa.LargeListArray.from_arrays(ends.to_arrow(), items.to_arrow()))


def _only(column: pl.Series, where: pl.Series) -> pl.Series:
    return pl.DataFrame({"column": column, "where": where}).select(pl.when("where").then("column")).to_series()


def _above_zero(column: pl.Series) -> pl.Series:
    return column.clip(lower_bound=0)


def _at_most(column: pl.Series, most: int) -> pl.Series:
    return column.clip(upper_bound=most)


def _days(day: date) -> int:
    """A date as the number of the day, as columns count days."""
    return (day - date(1970, 1, 1)) // timedelta(days=1)


def _dates(days: pl.Series) -> pl.Series:
    return days.cast(pl.Int32).cast(pl.Date)


def _years(day: date, years: int) -> date:
    return day.replace(year=day.year + years)
