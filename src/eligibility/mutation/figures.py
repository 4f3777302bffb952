"""Changes of the figures, lists and tables of a rule: their values, their dates, what is on them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from typing import TypeVar, cast

from eligibility import model
from eligibility.datatypes import UNKNOWN, UNKNOWN_TRUTH
from eligibility.fitting import Codes
from eligibility.mutation.mutants import Kind, Mutant
from eligibility.mutation.neighbours import days_beside, moved, neighbours, sampled
from eligibility.mutation.places import Place, Places
from eligibility.mutation.wording import written_text
from eligibility.rulebook import DatedList, DatedValue, Interval, ListEntry, Parameter, Rule, Table, TableRow

T = TypeVar("T")


class Figures:
    """The mutants of the figures, lists and tables of one rule; of long lists and tables only a sample unless `every`."""

    def __init__(self, rule: Rule, places: Places, codes: Codes, *, every: bool) -> None:
        self.rule = rule
        self.places = places
        self.codes = codes
        self.every = every

    def mutants(self) -> Iterator[Mutant]:
        """All of them, in the order of the file."""
        for parameter in self.rule.parameters.values():
            yield from self.parameter(parameter)
        for listed in self.rule.lists.values():
            yield from self.listed(listed)
        for table in self.rule.tables.values():
            yield from self.table(table)

    def visible(self, before: Interval, after: Interval) -> bool:
        """Whether moving a date changes anything on a day on which the rule is in force."""
        ends = ((before.start, after.start), (before.until, after.until))
        days = (min(one, two) for one, two in ends if one is not None and two is not None and one != two)
        return any(self.rule.interval.holds(day) for day in days)

    def mutant(
        self, section: str, name: str, what: tuple[str, str, str], kind: Kind, place: Place, make: Callable[[Rule], Rule]
    ) -> Mutant:
        """One mutant; `what` is the part that is changed, and how it reads before and after."""
        part, before, after = what
        element = f"{section}.{name}{f'.{part}' if part else ''}"
        day = min(map(date.fromisoformat, (before[-10:], after[-10:]))) if kind == "date" else None
        return Mutant(self.rule.id, element, before, after, kind, place, make, (section, name), day=day)

    # parameters

    def parameter(self, parameter: Parameter) -> Iterator[Mutant]:
        """A parameter with a value one unit off, or a date one day off."""
        written = cast(model.Parameter, self.places.element("parameters", parameter.name))
        for position, value in enumerate(parameter.values):
            day = cast(date, value.interval.start)
            place = self.places.at("parameters", parameter.name, "values", day)
            printed = written.values[day].value
            number = printed if not isinstance(printed, bool | str | date) else None
            if value.value is not UNKNOWN and value.value is not UNKNOWN_TRUTH:
                for other in neighbours(value.value, parameter.type, self.codes, number, parameter.unit):
                    values = _put(parameter.values, position, replace(value, value=other))
                    kind, unit = parameter.type, parameter.unit
                    what = (day.isoformat(), written_text(value.value, kind, unit), written_text(other, kind, unit))
                    make = self.with_parameter(replace(parameter, values=values))
                    yield self.mutant("parameters", parameter.name, what, "constant", place, make)
            yield from self.dated_value(parameter, position, value, written.values[day].until, place)

    def dated_value(
        self, parameter: Parameter, position: int, value: DatedValue, until: date | None, place: Place
    ) -> Iterator[Mutant]:
        """A value that begins or ends a day early or late; the value before it gives way."""
        start = cast(date, value.interval.start)
        for day in days_beside(start):
            interval = moved(value.interval, "start", day)
            if interval is None or not self.visible(value.interval, interval):
                continue
            values = _put(parameter.values, position, replace(value, interval=interval))
            before = parameter.values[position - 1] if position else None
            if before is not None and before.interval.until == start:
                shortened = moved(before.interval, "until", day)
                if shortened is None:
                    continue
                values = _put(values, position - 1, replace(before, interval=shortened))
            what = (start.isoformat(), f"from {start}", f"from {day}")
            yield self.mutant(
                "parameters", parameter.name, what, "date", place, self.with_parameter(replace(parameter, values=values))
            )
        for day in days_beside(until) if until is not None else ():
            interval = moved(value.interval, "until", day)
            if interval is not None and self.visible(value.interval, interval):
                values = _put(parameter.values, position, replace(value, interval=interval))
                what = (start.isoformat(), f"until {until}", f"until {day}")
                make = self.with_parameter(replace(parameter, values=values))
                yield self.mutant("parameters", parameter.name, what, "date", place, make)

    def with_parameter(self, parameter: Parameter) -> Callable[[Rule], Rule]:
        """A change that puts a parameter in place of the one of its name."""
        return lambda rule: replace(rule, parameters={**rule.parameters, parameter.name: parameter})

    # lists

    def listed(self, listed: DatedList) -> Iterator[Mutant]:
        """A list with an entry fewer, or a date one day off."""
        written = cast(model.ListOf, self.places.element("lists", listed.name))
        name = listed.name
        keys = list(written.entries)
        for position in sampled(range(len(listed.entries)), every=self.every):
            entry = listed.entries[position]
            key: object = entry.value if isinstance(written.entries, dict) else keys.index(entry.value)
            place = self.places.at("lists", name, "entries", key)
            rest = (*listed.entries[:position], *listed.entries[position + 1 :])
            make = self.with_list(replace(listed, entries=rest))
            yield self.mutant("lists", name, (entry.value, entry.value, "no entry"), "entry", place, make)
            if isinstance(written.entries, dict):
                yield from self.entry_dates(listed, position, entry, written.entries[entry.value], place)
        place = self.places.at("lists", name)
        for end in ("start", "until"):
            day = written.from_ if end == "start" else written.until
            for other in days_beside(day) if day is not None else ():
                interval = moved(listed.interval, end, other)
                if interval is not None and self.visible(listed.interval, interval):
                    entries = tuple(_along(entry, listed.interval, interval) for entry in listed.entries)
                    make = self.with_list(replace(listed, interval=interval, entries=entries))
                    yield self.mutant("lists", name, ("", *_ends(end, cast(date, day), other)), "date", place, make)
        for other in days_beside(listed.unknown_from) if listed.unknown_from is not None else ():
            day = cast(date, listed.unknown_from)
            if self.rule.interval.holds(min(day, other)):
                make = self.with_list(replace(listed, unknown_from=other))
                yield self.mutant("lists", name, ("", f"unknown_from {day}", f"unknown_from {other}"), "date", place, make)

    def entry_dates(
        self, listed: DatedList, position: int, entry: ListEntry, written: model.Entry, place: Place
    ) -> Iterator[Mutant]:
        """A list whose entry begins or ends a day early or late."""
        for end, day in (("start", written.from_), ("until", written.until)):
            for other in days_beside(day) if day is not None else ():
                interval = moved(entry.interval, end, other)
                if interval is not None and self.visible(entry.interval, interval):
                    entries = _put(listed.entries, position, replace(entry, interval=interval))
                    what = (entry.value, *_ends(end, cast(date, day), other))
                    make = self.with_list(replace(listed, entries=entries))
                    yield self.mutant("lists", listed.name, what, "date", place, make)

    def with_list(self, listed: DatedList) -> Callable[[Rule], Rule]:
        """A change that puts a list in place of the one of its name."""
        return lambda rule: replace(rule, lists={**rule.lists, listed.name: listed})

    # tables

    def table(self, table: Table) -> Iterator[Mutant]:
        """A table with a cell one unit off, a row fewer, or a date one day off."""
        written = cast(model.Table, self.places.element("tables", table.name))
        lines = self.places.rows(table.name, written.file)
        place = self.places.at("tables", table.name)
        file = self.places.folder("tables", table.name) / written.file
        rows = [(key, number, row) for key, versions in table.rows.items() for number, row in enumerate(versions)]

        def at(key: tuple[str, ...], number: int) -> Place:
            known = lines.get(key, [])
            return Place(place.pack, file, known[number] if number < len(known) else 1)

        for column, kind in table.columns.items():
            unit = table.units.get(column, "")
            for key, number, row in sampled([each for each in rows if column in each[2].cells], every=self.every):
                value = row.cells[column]
                for other in neighbours(value, kind, self.codes, None, unit):
                    make = self.with_row(table.name, key, number, replace(row, cells={**row.cells, column: other}))
                    what = (f"{_named(key, row)}.{column}", written_text(value, kind, unit), written_text(other, kind, unit))
                    yield self.mutant("tables", table.name, what, "cell", at(key, number), make)
        for key, number, row in sampled(rows, every=self.every):
            make = self.with_row(table.name, key, number, None)
            yield self.mutant("tables", table.name, (_named(key, row), "row", "no row"), "row", at(key, number), make)
            for end, day in (("start", row.interval.start), ("until", row.interval.until)) if written.dated else ():
                for other in days_beside(day) if day is not None else ():
                    interval = moved(row.interval, end, other)
                    if interval is not None and self.visible(row.interval, interval):
                        make = self.with_row(table.name, key, number, replace(row, interval=interval))
                        what = (_named(key, row), *_ends(end, cast(date, day), other))
                        yield self.mutant("tables", table.name, what, "date", at(key, number), make)
        for end, day in (("start", written.from_), ("until", written.until)):
            for other in days_beside(day) if day is not None else ():
                interval = moved(table.interval, end, other)
                if interval is not None and self.visible(table.interval, interval):
                    make = self.with_interval(table.name, interval)
                    yield self.mutant("tables", table.name, ("", *_ends(end, cast(date, day), other)), "date", place, make)

    def with_row(self, name: str, key: tuple[str, ...], number: int, row: TableRow | None) -> Callable[[Rule], Rule]:
        """A change that puts a row in place of one of its key, or takes it away."""

        def make(rule: Rule) -> Rule:
            table = rule.tables[name]
            versions = table.rows[key]
            before, after = versions[:number], versions[number + 1 :]
            if row is not None:
                old = versions[number].interval
                before, after = (tuple(_giving_way(each, old, row.interval) for each in part) for part in (before, after))
            others = (*before, *(() if row is None else (row,)), *after)
            changed = replace(table, rows={**table.rows, key: others})
            return replace(rule, tables={**rule.tables, name: changed})

        return make

    def with_interval(self, name: str, interval: Interval) -> Callable[[Rule], Rule]:
        """A change that lets a table hold on other days."""
        return lambda rule: replace(rule, tables={**rule.tables, name: replace(rule.tables[name], interval=interval)})


def _put(items: tuple[T, ...], position: int, item: T) -> tuple[T, ...]:
    return (*items[:position], item, *items[position + 1 :])


def _ends(end: str, before: date, after: date) -> tuple[str, str]:
    word = "from" if end == "start" else "until"
    return f"{word} {before}", f"{word} {after}"


def _along(entry: ListEntry, before: Interval, after: Interval) -> ListEntry:
    """An entry with the dates it has from its list, moved with those of the list."""
    start = after.start if entry.interval.start == before.start else entry.interval.start
    until = after.until if entry.interval.until == before.until else entry.interval.until
    return replace(entry, interval=Interval(start, until))


def _giving_way(row: TableRow, before: Interval, after: Interval) -> TableRow:
    """A row that ends where the next one begins, which was moved, or the other way round."""
    start = after.until if row.interval.start is not None and row.interval.start == before.until else row.interval.start
    until = after.start if row.interval.until is not None and row.interval.until == before.start else row.interval.until
    held = Interval(start, until)
    return row if held == row.interval else replace(row, interval=held)


def _named(key: tuple[str, ...], row: TableRow) -> str:
    return ",".join(key) + (f"@{row.interval.start}" if row.interval.start is not None else "")
