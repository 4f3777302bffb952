"""Profiles between the scenarios of the rules: close to where outcomes turn, in every combination.

Each row begins as the profile of a scenario, half of them with a second one in the gaps of the first. Then some of its facts (none, few or many) are replaced: by what another scenario says
of the same fact, by a figure of the law itself, by the next number, day or code, or by nothing. No law is written here.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Final

import polars as pl

from eligibility.datatypes import CodeType, DateType, ListType, MoneyType, NumberType
from eligibility.engine import RuleSet
from eligibility.rulebook import RuleBook
from eligibility.scenarios import scenarios

INTENSITIES: Final = (0, 10, 30, 120)  # of 1,000 facts of a row, how many are replaced; a quarter of the rows each
CROSSED: Final = 0.5  # of the rows: what the first scenario leaves open is as another one says
DAY: Final = "@day"


def scenario_frame(rules: RuleSet) -> pl.DataFrame:
    """The profiles of all scenarios, each once: a column for each fact that some scenario states, and the day of the scenario."""
    rows: dict[str, dict[str, object]] = {}
    for each in scenarios(rules):
        if each.profile is not None:
            row = dict(stated(each.profile, rules.book)) | {DAY: each.as_of}
            rows.setdefault(repr(sorted(row.items(), key=lambda item: item[0])), row)
    paths = sorted({path for row in rows.values() for path in row})
    return pl.DataFrame([pl.Series(path, [row.get(path) for row in rows.values()], strict=False) for path in paths])


def stated(document: Mapping[str, object], book: RuleBook, prefix: str = "") -> Iterator[tuple[str, object]]:
    """The facts of a profile document by path, without where they came from."""
    for key, value in document.items():
        path = f"{prefix}{key}"
        if path in book.facts:
            came_with = isinstance(value, Mapping) and "value" in value and not isinstance(book.facts[path].type, MoneyType)
            yield path, plain(value["value"] if came_with and isinstance(value, Mapping) else value)
        elif isinstance(value, Mapping):
            yield from stated(value, book, f"{path}.")


def plain(value: object) -> object:
    """A value of a document as a column holds it: exact decimals become the binary numbers that read back as them."""
    match value:
        case bool() | int() | str() | None:
            return value
        case date():
            return value.isoformat()
        case Mapping():
            return {key: plain(each) for key, each in value.items()}
        case list() | tuple():
            return [plain(each) for each in value]
    return float(str(value))


class Mixture:
    """Rows drawn from scenarios. The same seed gives the same rows."""

    def __init__(self, rules: RuleSet, base: pl.DataFrame) -> None:
        self.base = base.select(pl.exclude(DAY))
        self.book = rules.book
        self.figures = _figures(rules.book)
        self.values = {name: self.base[name].drop_nulls() for name in self.base.columns}

    def rows(self, count: int, seed: int) -> pl.DataFrame:
        """Some rows, with a column for each fact that any of them states."""
        chance = random.Random(seed)  # noqa: S311  # rows of a benchmark, no secrets
        start, second = (
            pl.Series(chance.choices(range(self.base.height), k=count), dtype=pl.UInt32)
            for _ in ("profile", "what it leaves open")
        )
        crossed = pl.Series([chance.random() < CROSSED for _ in range(count)])
        unknown = {name: self.base[name].is_null() for name in self.base.columns}
        frame = pl.DataFrame(
            [
                column[second.zip_with(crossed & unknown[name][start], start)]
                for name, column in zip(self.base.columns, self.base, strict=True)
            ]
        )
        intensity = [chance.choice(INTENSITIES) for _ in range(count)]
        replaced: dict[str, list[int]] = {}
        for row, each in enumerate(intensity):
            wanted = sum(chance.randrange(1000) < each for _ in range(60))  # of the sixty or so facts that a profile states
            for name in chance.choices(self.base.columns, k=wanted):
                replaced.setdefault(name, []).append(row)
        columns = []
        for name in self.base.columns:
            column = frame[name]
            rows = sorted({*replaced.get(name, ()), *self._own(column, intensity, chance)})
            if rows:
                column = self._changed(name, column, rows, chance)
            if column.null_count() < count:
                columns.append(column)
        return pl.DataFrame(columns)

    def _own(self, column: pl.Series, intensity: Sequence[int], chance: random.Random) -> list[int]:
        """Some of the rows that state a fact: what is known of a case is what matters to it."""
        return [row for row in column.is_not_null().arg_true() if chance.randrange(1000) < intensity[row]]

    def _changed(self, name: str, column: pl.Series, rows: Sequence[int], chance: random.Random) -> pl.Series:
        pool = self.values[name]
        others = pool[chance.choices(range(len(pool)), k=len(rows))].to_list()
        values = [self._value(name, now, other, chance) for now, other in zip(column[list(rows)].to_list(), others, strict=True)]
        place = list(range(len(column)))
        for behind, row in enumerate(rows):
            place[row] = len(column) + behind
        return pl.concat([column, pl.Series(name, values, dtype=column.dtype, strict=False)])[place]

    def _value(self, name: str, now: object, other: object, chance: random.Random) -> object:
        """What stands in the place of a value: nothing, the next one, a figure of the law, or what another scenario says."""
        way = chance.randrange(10)
        if way < 2:
            return None
        value = now if way < 5 and now is not None else other
        return other if way >= 8 else self._near(name, value, chance)

    def _near(self, name: str, value: object, chance: random.Random) -> object:
        kind = self.book.facts[name].type
        match kind:
            case MoneyType() if isinstance(value, dict):
                figures = self.figures.get(f"{value.get('currency')}/{value.get('period')}", ())
                amount = chance.choice(figures) if figures and chance.random() < 0.7 else value["amount"]
                return {**value, "amount": _next(amount, 0.01, chance)}
            case NumberType() if isinstance(value, int | float):
                declared = self.book.facts[name]
                moved = _next(value, 1 if isinstance(value, int) or declared.integer else 0.01, chance)
                inside = (declared.minimum is None or moved >= declared.minimum) and (
                    declared.maximum is None or moved <= declared.maximum
                )
                return moved if inside else value
            case DateType() if isinstance(value, str):
                return date.fromordinal(date.fromisoformat(value).toordinal() + chance.choice((-1, 0, 1))).isoformat()
            case CodeType() if isinstance(value, str) and value[-1].isdigit():
                return value[:-1] + str(chance.randrange(10))
            case ListType() if isinstance(value, list):
                return value[: chance.randrange(len(value) + 1)]
        return value


def _next(value: float, step: float, chance: random.Random) -> float:
    """A number, or the one just below or above, as decimals write it."""
    moved = round(value + chance.choice((-step, 0, 0, step)), 2)
    return int(moved) if isinstance(value, int) and isinstance(step, int) else moved


def _figures(book: RuleBook) -> dict[str, tuple[float, ...]]:
    """The amounts of money of all parameters, by unit."""
    found: dict[str, set[float]] = {}
    for rule in book.rules.values():
        for parameter in rule.parameters.values():
            for dated in parameter.values:
                if (
                    isinstance(parameter.type, NumberType)
                    and parameter.type.unit.currency
                    and isinstance(dated.value, int | Fraction)
                ):
                    found.setdefault(parameter.unit, set()).add(float(dated.value))
    return {unit: tuple(sorted(amounts)) for unit, amounts in found.items()}
