"""The figures of law that some steps of compiled rules read, to be set against those of another law."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from eligibility.compiler import CompiledRules, closure
from eligibility.datatypes import UNKNOWN, Value
from eligibility.english import counted
from eligibility.formatting import show
from eligibility.nodes import ListValue, Lookup, ParameterValue, TableHas
from eligibility.rulebook import TableRow
from eligibility.simulation_model import FigureChange

_NAMED: Final = 5  # so many entries of a list are named, the rest is counted
_NOTHING: Final = "not there"


@dataclass(frozen=True, slots=True)
class Figure:
    """A parameter, list or table as it is on a day: its title, what it is, and that in words."""

    title: str
    value: object
    words: str


def figures_read(compiled: CompiledRules, roots: Iterable[int], day: date) -> dict[str, Figure]:
    """The figures that some steps read on a day, by `<rule>.<name>`."""
    book = compiled.book
    found: dict[str, Figure] = {}
    for index in sorted(closure(compiled.steps, roots)):
        step = compiled.steps[index]
        match step.node:
            case ParameterValue(rule=rule, name=name):
                parameter = book.rules[rule].parameters[name]
                dated = parameter.at(day)
                value: Value = UNKNOWN if dated is None else dated.value
                words = show(value, parameter.type, book, parameter.unit)
                found[f"{rule}.{name}"] = Figure(parameter.title, value, words)
            case ListValue(rule=rule, name=name):
                listed = book.rules[rule].lists[name]
                entries = listed.at(day)
                words = "unknown" if entries is None else counted(len(entries), "entry", "entries")
                found[f"{rule}.{name}"] = Figure(listed.title, entries, words)
            case Lookup(rule=rule, table=name) | TableHas(rule=rule, table=name):
                rows = step.data if isinstance(step.data, Mapping) else None
                cells = None if rows is None else {key: _cells(row) for key, row in rows.items()}
                words = "unknown" if cells is None else counted(len(cells), "row")
                found[f"{rule}.{name}"] = Figure(book.rules[rule].tables[name].title, cells, words)
    return found


def _cells(row: object) -> object:
    return dict(row.cells) if isinstance(row, TableRow) else row


def figure_changes(then: Mapping[str, Figure], now: Mapping[str, Figure]) -> list[FigureChange]:
    """The figures that differ, in order of their names."""
    found: list[FigureChange] = []
    for name in sorted({*then, *now}):
        before, after = then.get(name), now.get(name)
        if (None if before is None else before.value) != (None if after is None else after.value):
            some = after or before
            title = name if some is None else some.title
            found.append(FigureChange(name=name, title=title, **_words(before, after)))
    return found


def _words(then: Figure | None, now: Figure | None) -> dict[str, str]:
    """What a figure was and is; of lists and tables what is new, gone or other."""
    words = {"then": _NOTHING if then is None else then.words, "now": _NOTHING if now is None else now.words}
    before, after = (None if each is None else each.value for each in (then, now))
    if isinstance(before, frozenset) and isinstance(after, frozenset):
        parts = [
            f"{sign} {_few(sorted(map(str, each)))}" for sign, each in (("+", after - before), ("-", before - after)) if each
        ]
        words["now"] += f" ({'; '.join(parts)})"
    elif isinstance(before, dict) and isinstance(after, dict):
        others = sum(before[key] != after[key] for key in before.keys() & after.keys())
        numbers = (("new", len(after.keys() - before.keys())), ("gone", len(before.keys() - after.keys())), ("other", others))
        words["now"] += f" ({', '.join(f'{number} {word}' for word, number in numbers if number)})"
    return words


def _few(names: list[str]) -> str:
    rest = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {rest} more" if rest > 0 else "")
