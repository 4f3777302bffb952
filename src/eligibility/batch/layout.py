"""Which column of a table is which fact: by its name, or as a file of columns says, with units and currencies written out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag

from eligibility.batch.cells import NO_NUMBER, as_written, read_cell
from eligibility.datatypes import PERIODS, MoneyType, NumberType
from eligibility.diagnostics import Collector, Diagnostic, ProfileError, UsageError, did_you_mean
from eligibility.facts import IGNORED_KEYS, read_profile
from eligibility.model import SHAPE
from eligibility.positions import Positions
from eligibility.rulebook import FactDeclaration, RuleBook
from eligibility.validation import validate
from eligibility.yaml_source import read_yaml

PARTS: Final = ("amount", "currency", "period")


class _Part(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")


class Column(_Part):
    """What a column of a table holds."""

    fact: str = Field(description="the path of the fact, such as offer.salary; of a part of money, such as offer.salary.currency")
    currency: str | None = Field(None, description="the currency of the amounts")
    period: str | None = Field(None, description="the period of the amounts: year, month, week or hour")
    unit: str | None = Field(None, description="the unit of the numbers; it must be that of the fact")
    times: Decimal | int | None = Field(None, description="multiply the numbers by this, exactly")
    separator: str | None = Field(None, description="what stands between the items of a list")
    values: dict[str, str] = Field(default_factory=dict, description="what the words of the column are called by the fact")


def _kind(written: object) -> str | None:
    """Which of both a value is, so that what is wrong with it is said of that one alone."""
    return "path" if isinstance(written, str) else "column" if isinstance(written, dict | Column) else None


_PATH_OR_COLUMN: Final = Discriminator(_kind, custom_error_type=SHAPE, custom_error_message="the path of a fact, or a map")
_PathOrColumn = Annotated[Annotated[str, Tag("path")] | Annotated[Column, Tag("column")], _PATH_OR_COLUMN]


class ColumnFile(_Part):
    """A file that says what the columns of a table are."""

    columns: dict[str, _PathOrColumn] = Field(default_factory=dict, description="each column: the path of its fact, or a map")
    constants: dict[str, Any] = Field(default_factory=dict, description="facts that all rows share, as a profile states them")
    ignore: list[str] = Field(default_factory=list, description="columns that are no facts")
    missing: list[str] = Field(default_factory=list, description="texts that mean that nothing is stated, such as n/a")


def read_columns(path: Path) -> tuple[ColumnFile, Positions]:
    """A file of columns. Raises: UsageError with every problem."""
    collector = Collector()
    read = read_yaml(path, str(path), collector)
    found = None if read is None else validate(ColumnFile, read[0], read[1], collector)
    if collector.errors or found is None or read is None:
        raise UsageError(collector.errors)
    return found, read[1]


@dataclass(frozen=True, slots=True)
class Target:
    """What a column gives: a fact, or a part of one that is money."""

    fact: FactDeclaration
    part: str = ""
    column: Column | None = None

    @property
    def is_money(self) -> bool:
        """Whether the column holds amounts that only become money with their currency."""
        return isinstance(self.fact.type, MoneyType) and (self.part == "amount" or self.has_currency)

    @property
    def has_currency(self) -> bool:
        """Whether the file of columns names the currency."""
        return self.column is not None and self.column.currency is not None

    @property
    def is_changed(self) -> bool:
        """Whether cells are multiplied or renamed."""
        return self.column is not None and (self.column.times is not None or bool(self.column.values))

    @property
    def separator(self) -> str | None:
        """What stands between the items of a list in a cell of text."""
        return None if self.column is None else self.column.separator


@dataclass(frozen=True)
class Layout:
    """The columns of the tables of one run. `carried` are columns that are wanted beside the facts, by the name they go under."""

    book: RuleBook
    written: ColumnFile = field(default_factory=ColumnFile)
    carried: Mapping[str, str] = field(default_factory=dict)
    targets: Mapping[str, Target] = field(default_factory=dict)
    constants: Mapping[str, object] = field(default_factory=dict)

    @staticmethod
    def of(book: RuleBook, path: Path | None = None, carried: Mapping[str, str] | None = None) -> Layout:
        """The layout that a file of columns describes. Raises: UsageError with every problem."""
        wanted = carried or {}
        groups = [each for each in dict.fromkeys(wanted.values()) if any(fact.startswith(f"{each}.") for fact in book.facts)]
        if groups:
            help = "name one of its facts, or a column that is none"
            raise UsageError(Diagnostic("E611", f"the column `{each}` is a group of facts", help=help) for each in groups)
        if path is None:
            return Layout(book, carried=wanted)
        written, positions = read_columns(path)
        checker = _Checker(book, positions)
        targets = {
            name: target
            for name, column in written.columns.items()
            if (target := checker.target(name, Column(fact=column) if isinstance(column, str) else column)) is not None
        }
        checker.constants(written.constants, targets)
        for name in written.ignore:
            if name in written.columns:
                checker.add(f"`{name}` is both a column and ignored", "remove one of them", "columns", name)
        if checker.collector.found:
            raise UsageError(checker.collector.errors)
        return Layout(book, written, wanted, targets, written.constants)

    def target(self, name: str) -> Target | None:
        """What a column gives, or None where it is no fact."""
        return self.targets.get(name) or _target(self.book, name)

    def knows(self, name: str) -> bool:
        """Whether a column is a fact, is carried along, or is named as ignored."""
        return (
            name in IGNORED_KEYS or name in self.written.ignore or name in self.carried.values() or self.target(name) is not None
        )

    def is_near(self, name: str) -> bool:
        """Whether a column is known, or is called nearly as one that could be."""
        return self.knows(name) or bool(self._meant(name))

    def _meant(self, name: str, otherwise: str = "") -> str:
        """Which known name is like that of a column."""
        path, _, part = name.rpartition(".")
        fact = self.book.facts.get(path)
        if fact is not None and isinstance(fact.type, MoneyType) and (near := did_you_mean(part, PARTS)):
            return near.replace("`", f"`{path}.", 1)
        return did_you_mean(name, [*self.book.facts, *self.written.columns], otherwise=otherwise)

    def refuse_unknown(self, names: Iterable[str], file: str, plain: Sequence[str] = ()) -> None:
        """Refuse a table with columns of which nobody says what they are; `plain` are those that hold single values.

        Raises: UsageError, naming all of them.
        """
        listed = list(names)
        known = f"the columns are {listed_names(listed)}"
        problems = [
            Diagnostic(
                "E611",
                f"the column `{name}` is no fact",
                path=file,
                help=self._meant(name, _NAME_IT),
            )
            for name in listed
            if not self.knows(name)
        ]
        problems += [
            Diagnostic("E611", f"there is no column `{name}`", path=file, help=did_you_mean(name, listed, otherwise=known))
            for name in dict.fromkeys((*self.carried.values(), *self.targets))
            if name not in listed
        ]
        problems += self._conflicts(listed, file, plain)
        if problems:
            raise UsageError(problems)

    def _conflicts(self, names: list[str], file: str, plain: Sequence[str]) -> list[Diagnostic]:
        """Facts that two columns give, and amounts of which no column says the currency."""
        chosen = [name for name in names if name not in self.written.ignore]
        given: dict[tuple[str, str], str] = {}
        whole = {target.fact.path: name for name in chosen if (target := self.target(name)) and not target.part}
        found: list[Diagnostic] = []
        targets = [(name, target) for name in chosen if (target := self.target(name))]
        for name, target in targets:
            slot = (target.fact.path, target.part)
            other = given.get(slot) or (whole.get(target.fact.path) if target.part else None)
            if other is not None:
                message = f"the columns `{other}` and `{name}` both give `{target.fact.path}`"
                help = "name one of them under `ignore` in a file of columns"
                found.append(Diagnostic("E611", message, path=file, help=help))
            elif target.fact.path in self.constants:
                message = f"`{target.fact.path}` is both the column `{name}` and a constant"
                found.append(Diagnostic("E611", message, path=file, help="remove the constant, or ignore the column"))
            given.setdefault(slot, name)
        for name, target in targets:
            is_amount = target.part == "amount" or (isinstance(target.fact.type, MoneyType) and not target.part and name in plain)
            if is_amount and not target.has_currency and (target.fact.path, "currency") not in given:
                message = f"nothing says in which currency the column `{name}` is"
                found.append(Diagnostic("E611", message, path=file, help=_CURRENCY))
        return found

    # one row by itself

    def document(self, row: Mapping[str, object], *, cells: bool) -> dict[str, Any]:
        """A row by the names of its columns as a profile; `cells` says that all of them are text.

        Raises: ProfileError E405 where two columns state one fact.
        """
        return nested(self.stated(row, cells=cells))

    def stated(self, row: Mapping[str, object], *, cells: bool) -> dict[str, Any]:
        """The facts that a row states, by path; constants among them.

        Raises: ProfileError E405 where two columns state one fact.
        """
        found: dict[str, Any] = dict(self.constants)
        without: set[str] = set()  # money of which nothing but the unit is stated
        for name, cell in row.items():
            target = None if name in self.written.ignore else self.target(name)
            if target is None:
                continue
            path, value = target.fact.path, None if cell is None else self.value(target, cell, cells=cells)
            if value is None and target.part == "amount":
                without.add(path)
            if value is None and (cell is None or cells or target.part):
                continue
            if target.part and isinstance(found.get(path, {}), dict) and path not in self.constants:
                found[path] = {**found.get(path, {}), target.part: value}
            elif path in found:
                raise stated_twice(path)
            else:
                found[path] = value
        return {path: value for path, value in found.items() if path not in without}

    def value(self, target: Target, cell: object, *, cells: bool) -> Any:
        """What a cell says, as a profile would say it; None for nothing."""
        column, kind = target.column, target.fact.type
        is_number = target.is_money or isinstance(kind, NumberType)
        if isinstance(cell, str) and (
            cell in self.written.missing or (cells and (cell == "" or (is_number and cell in NO_NUMBER)))
        ):
            return None
        words = {} if column is None else column.values
        if isinstance(cell, str):
            cell = words.get(cell, cell)
        if isinstance(cell, str) and (cells or target.separator):
            number = NumberType() if target.is_money else kind
            cell = read_cell(cell, number, target.separator) if target.part in ("", "amount") else cell.strip()
        value = as_written(cell)
        if words and isinstance(value, list):
            value = [words.get(each, each) if isinstance(each, str) else each for each in value]
        if column is not None:
            if column.times is not None and isinstance(value, int | float | Decimal) and not isinstance(value, bool):
                value = Decimal(repr(value) if isinstance(value, float) else value) * column.times
            if isinstance(kind, MoneyType) and not target.part and value is not None:
                value = {"amount": value, "currency": column.currency, "period": column.period}
        return value


_NAME_IT: Final = "say in a file of columns which fact it is, name it there under `ignore`, or give it as `id_column` (`--id`)"
_NAMED: Final = 8  # so many columns are named where there are more
_CURRENCY: Final = (
    "say it in the file of columns: `{fact: offer.salary, currency: ..., period: ...}`, or name the column that says it"
)


def listed_names(names: Sequence[str]) -> str:
    """Some names, the first of them where they are many."""
    rest = len(names) - _NAMED
    return ", ".join(f"`{name}`" for name in names[:_NAMED]) + (f" and {rest} more" if rest > 0 else "")


def _target(book: RuleBook, name: str) -> Target | None:
    fact = book.facts.get(name)
    if fact is not None:
        return Target(fact, "")
    path, _, part = name.rpartition(".")
    fact = book.facts.get(path)
    return Target(fact, part) if fact is not None and part in PARTS and isinstance(fact.type, MoneyType) else None


def stated_twice(path: str) -> ProfileError:
    """The refusal of a row that states a fact twice."""
    return ProfileError([Diagnostic("E405", f"the fact `{path}` is stated twice", path=path, help="state it once")])


def nested(flat: Mapping[str, object], into: dict[str, Any] | None = None) -> dict[str, Any]:
    """Facts by path as groups of facts, put into a profile. Raises: ProfileError E405 where it states one of them already."""
    found: dict[str, Any] = {} if into is None else into
    for path, value in flat.items():
        *groups, name = path.split(".")
        place = found
        for group in groups:
            inner = place.get(group)
            if not isinstance(inner, dict):
                inner = place[group] = {}
            place = inner
        if name in place:
            raise stated_twice(path)
        place[name] = value
    return found


class _Checker:
    """Checks what a file of columns says against the facts."""

    def __init__(self, book: RuleBook, positions: Positions) -> None:
        self.book = book
        self.positions = positions
        self.collector = Collector()

    def add(self, message: str, help: str, *path: object) -> None:
        self.collector.add("E611", message, self.positions.key(*path), help=help)

    def target(self, name: str, column: Column) -> Target | None:
        found = _target(self.book, column.fact)
        if found is None:
            known = did_you_mean(column.fact, self.book.facts, otherwise="`eligibility schema profile` lists the facts")
            self.add(f"there is no fact `{column.fact}`", known, "columns", name)
            return None
        fact = found.fact
        before = len(self.collector.found)
        is_money = isinstance(fact.type, MoneyType)
        if column.currency is not None and column.currency not in self.book.codes.currencies:
            near = did_you_mean(column.currency.upper(), self.book.codes.currencies)
            self.add(f"there is no currency `{column.currency}`", near or "write its ISO 4217 code", "columns", name)
        if column.period is not None and column.period not in PERIODS:
            self.add(f"there is no period `{column.period}`", f"it is one of {', '.join(PERIODS)}", "columns", name)
        if is_money and (column.currency is None) != (column.period is None) and found.part == "":
            help = "write both, such as `currency: ..., period: year`"
            self.add(f"the column `{name}` has a currency or a period, but not both", help, "columns", name)
        stated = self._stated_unit(column)
        if not is_money and stated is not None and stated != fact.unit:
            real = f"in {fact.unit}" if fact.unit else "without unit"
            help = "convert it with `times`, then name the unit of the fact"
            self.add(f"the {fact.label} is a fact {real}, the column `{name}` is in {stated}", help, "columns", name)
        if column.times is not None and not isinstance(fact.type, NumberType | MoneyType):
            self.add(f"the {fact.label} is no number, so that it cannot be multiplied", "remove `times`", "columns", name)
        return Target(fact, found.part, column) if len(self.collector.found) == before else None

    def _stated_unit(self, column: Column) -> str | None:
        if column.currency is None:
            return column.unit
        return column.currency + (f"/{column.period}" if column.period else "")

    def constants(self, constants: Mapping[str, object], targets: Mapping[str, Target]) -> None:
        taken = {target.fact.path for target in targets.values()}
        for path, value in constants.items():
            if path not in self.book.facts:
                known = did_you_mean(path, self.book.facts, otherwise="`eligibility schema profile` lists the facts")
                self.add(f"there is no fact `{path}`", known, "constants", path)
                continue
            if path in taken:
                self.add(f"`{path}` is both a column and a constant", "remove one of them", "constants", path)
            try:
                read_profile(nested({path: value}), self.book)
            except ProfileError as error:
                for each in error.diagnostics:
                    self.add(each.message, each.help, "constants", path)
