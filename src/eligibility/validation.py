"""Data of a rule file to a model, with every mismatch as one diagnostic at its place."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from types import UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from eligibility.diagnostics import Collector, did_you_mean
from eligibility.model import PATTERNS, SHAPE
from eligibility.positions import Positions
from eligibility.yaml_source import MAXIMUM_PROBLEMS, REFUSED

M = TypeVar("M", bound=BaseModel)

_EXPECTED = {
    "string_type": "text",
    "int_type": "a whole number",
    "decimal_type": "a number",
    "is_instance_of": "a number",
    "bool_type": "`true` or `false`",
    "date_type": "a date",
    "dict_type": "a map",
    "model_type": "a map",
    "model_attributes_type": "a map",
    "list_type": "a list",
}

_HOW_TO_WRITE = {
    "a whole number": "write it without quotes, separators and unit, such as `3`",
    "a number": "write it without quotes, separators and unit, such as `41700` or `37.5`",
    "a date": "write it without quotes as year-month-day, such as `2025-12-31`",
    "`true` or `false`": "write it without quotes",
    "a map": "write `key: value` lines, or `{key: value}`",
    "a list": "write `- ` lines, or `[one, two]`",
}

_SHOWN = "`rules/README.md` shows how it is written"

_MISSING = {
    "in_force": "write the first day on which the rule holds: `in_force: {from: 2020-12-01}`",
    "sources": "write the texts that the rule is taken from, each with `title`, `read_on` and `grade`",
    "read_on": "write the day on which the source was read: `read_on: 2025-12-06`",
    "criteria": "write what has to be met",
    "unit": "write one such as `GBP/year`, `hours/week`, `years`, `percent` or `count`",
    "say": "write the sentence to show",
}

_LIMITS = {
    "greater_than_equal": ("ge", "at least"),
    "greater_than": ("gt", "more than"),
    "less_than_equal": ("le", "at most"),
    "less_than": ("lt", "less than"),
}

LONGEST_NAME = 60
_ROUNDS = 4

Path = tuple[object, ...]


def validate(model: type[M], data: object, positions: Positions, collector: Collector, at: Path = ()) -> M | None:
    """The model of the data that stands at a path of the file; otherwise diagnostics and nothing."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        _Report(model, data, positions, collector, at).mismatches(error.errors(include_url=False))
    return None


def salvage(model: type[M], data: object) -> tuple[M, frozenset[Path]] | None:
    """The model of data that does not fit without the elements that do not, and the paths of these; None if too little is left.

    What is left out was reported by `validate`. An item takes its whole list with it, so that no other item changes its place.
    """
    left_out: set[Path] = set()
    for _ in range(_ROUNDS):
        try:
            return model.model_validate(data), frozenset(left_out)
        except ValidationError as error:
            paths = {_walk(data, mismatch["loc"])[0] for mismatch in error.errors(include_url=False, include_input=False)}
        if () in paths or not isinstance(data, dict):
            return None
        elements = {path[:1] if isinstance(data.get(path[0]), list) else path[:2] for path in paths}
        left_out |= elements
        data = {
            key: {name: each for name, each in value.items() if (key, name) not in elements} if isinstance(value, dict) else value
            for key, value in data.items()
            if (key,) not in elements
        }
    return None


class _Report:
    """The diagnostics about one piece of data that does not fit its model."""

    def __init__(self, model: type[BaseModel], data: object, positions: Positions, collector: Collector, at: Path) -> None:
        self.model = model
        self.data = data
        self.positions = positions
        self.collector = collector
        self.at = at
        self.reported = {diagnostic.span for diagnostic in collector.found}
        self.meant: set[tuple[Path, str]] = set()

    def mismatches(self, found: Sequence[Mapping[str, Any]]) -> None:
        """Report what pydantic found; unknown keys come first, since a misspelt key is not missing too."""
        missing: dict[Path, list[str]] = {}
        for mismatch in sorted(found[:MAXIMUM_PROBLEMS], key=lambda mismatch: mismatch["type"] != "extra_forbidden"):
            if mismatch["type"] == "missing":
                path, parent = _walk(self.data, mismatch["loc"][:-1])
                if parent is not REFUSED:
                    missing.setdefault(path, []).append(str(mismatch["loc"][-1]))
                continue
            path, value = _walk(self.data, mismatch["loc"])
            if value is not REFUSED:
                self.mismatch(mismatch, path, value)
        for path, keys in missing.items():
            self.missing(path, [key for key in keys if (path, key) not in self.meant])
        if len(found) > MAXIMUM_PROBLEMS:
            self.collector.add("E119", f"more than {MAXIMUM_PROBLEMS} problems in this file", self.positions.key(*self.at))

    def mismatch(self, mismatch: Mapping[str, Any], path: Path, value: object) -> None:
        kind, context, full = mismatch["type"], mismatch.get("ctx", {}), self.at + path
        if kind == "extra_forbidden":
            self.unknown_key(path, [key for model in _models_at(self.model, path[:-1]) for key in _keys(model)])
        elif mismatch["loc"] and mismatch["loc"][-1] == "[key]":
            self.key(kind, context, path)
        elif kind in _EXPECTED or kind == SHAPE:
            expected = mismatch["msg"] if kind == SHAPE else _EXPECTED[kind]
            message = f"expected {expected}{_for(full)}, found {describe(value)}"
            self.collector.add("E112", message, self.positions.value(*full), help=_type_help(expected, value))
        else:
            message, help = _not_possible(kind, context, mismatch["msg"], full, value)
            self.collector.add("E113", message, self.positions.value(*full), help=help)

    def missing(self, path: Path, keys: list[str]) -> None:
        if not keys:
            return
        full = self.at + path
        place = ""
        if full:
            place = f" in an item of {_quoted(full[-2])}" if isinstance(full[-1], int) else f" in {_quoted(full[-1])}"
        listed = ", ".join(f"`{key}`" for key in keys)
        message = f"missing key{'s' if len(keys) > 1 else ''} {listed}{place}"
        help = _field_help(self.model, path, keys[0]) or _MISSING.get(keys[0], _SHOWN) if len(keys) == 1 else _SHOWN
        self.collector.add("E111", message, self.positions.key(*full), help=help)

    def unknown_key(self, path: Path, allowed: list[str]) -> None:
        key, span = str(path[-1]), self.positions.key(*self.at, *path)
        if span in self.reported:
            return
        close = get_close_matches(key, allowed, n=1)
        self.meant.update((path[:-1], known) for known in close)
        help = f"did you mean `{close[0]}`?" if close else f"known keys here: {', '.join(allowed)}" if allowed else ""
        self.collector.add("E110", f"unknown key {_quoted(key)}", span, help=help)

    def key(self, kind: str, context: Mapping[str, Any], path: Path) -> None:
        key, span = path[-1], self.positions.key(*self.at, *path)
        if span in self.reported:
            return
        if kind == "literal_error":
            self.unknown_key(path, _choices(context))
        elif kind == "string_type":
            self.collector.add("E114", f"expected text as a key, found {describe(key)}", span, help=f'quote it: `"{_text(key)}"`')
        elif kind == "date_type":
            self.collector.add("E114", f"expected a date as a key, found {describe(key)}", span, help=_HOW_TO_WRITE["a date"])
        elif kind == "string_pattern_mismatch":
            self.collector.add("E114", f"the key {_quoted(key)} is not {PATTERNS[context['pattern']]}", span, help="rename it")
        else:
            self.collector.add("E114", f"the key {_quoted(key)} is not possible here", span)


def describe(value: object) -> str:
    """A value of a rule file as an author would name it."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, dict | list) and not value:
        return "an empty map" if isinstance(value, dict) else "an empty list"
    if isinstance(value, dict):
        return "a map"
    if isinstance(value, list):
        return "a list"
    kind = "the number" if isinstance(value, int | Decimal) else "the date" if isinstance(value, date) else "the text"
    return f"{kind} {_quoted(value)}"


def _text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def _quoted(value: object) -> str:
    text = " ".join(_text(value).split())
    return f"`{text}`" if len(text) <= LONGEST_NAME else f"`{text[:LONGEST_NAME]}…`"


def _type_help(expected: str, value: object) -> str:
    scalar = isinstance(value, bool | int | Decimal | date)
    if scalar and "text" in expected:
        return f'quote it: `"{_text(value)}"`'
    if scalar and expected == "an expression or a map":
        return "write a condition such as `offer.weekly_hours >= 30`"
    return _HOW_TO_WRITE.get(expected, "")


def _not_possible(kind: str, context: Mapping[str, Any], message: str, path: Path, value: object) -> tuple[str, str]:
    """The sentence and the help for a value of the right type that is not allowed."""
    if kind == "string_pattern_mismatch":
        return f"{_quoted(value)} is not {PATTERNS[context['pattern']]}", ""
    if kind == "literal_error":
        choices = _choices(context)
        listed = ", ".join(f"`{choice}`" for choice in choices)
        only = f"write {listed}" if len(choices) == 1 else f"choose one of {listed}"
        return f"{_quoted(value)} is not possible{_for(path)}", did_you_mean(_text(value), choices, otherwise=only)
    if kind in _LIMITS:
        name, words = _LIMITS[kind]
        return f"expected {words} {context[name]}{_for(path)}, found {_quoted(value)}", ""
    if kind == "string_too_short":
        return f"empty text{_for(path)}", "write it, or leave the key out where it may be left out"
    if kind == "too_short":
        return f"{describe(value)}{_for(path)}", "write at least one entry, or leave the key out where it may be left out"
    return f"{_quoted(value)} is not possible{_for(path)}: {message[:1].lower()}{message[1:]}", ""


def _choices(context: Mapping[str, Any]) -> list[str]:
    return re.findall(r"'([^']*)'", context["expected"]) or [str(context["expected"])]


def _for(path: Path) -> str:
    """The key a value stands under, for a sentence."""
    if not path:
        return " as the whole file"
    return f" in {_quoted(path[-2])}" if isinstance(path[-1], int) and len(path) > 1 else f" for {_quoted(path[-1])}"


def _walk(data: object, loc: tuple[int | str, ...]) -> tuple[Path, object]:
    """The path in the data that an error's location means (without names of union members), and the value there."""
    path: list[object] = []
    for step in loc:
        if isinstance(data, dict):
            key = step if step in data else next((key for key in data if type(key) is date and repr(key) == step), None)
            if key is None:
                continue
            path.append(key)
            data = data[key]
        elif isinstance(data, list) and isinstance(step, int):
            path.append(step)
            data = data[step]
    return tuple(path), data


# the model at a path, for the keys that are allowed there


def _keys(model: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()]


def _field_help(model: type[BaseModel], path: Path, key: str) -> str:
    for found in _models_at(model, path):
        for name, field in found.model_fields.items():
            if key in (name, field.alias) and field.description:
                return field.description
    return ""


def _models_at(model: type[BaseModel], path: Path) -> list[type[BaseModel]]:
    annotations: list[Any] = [model]
    for step in path:
        annotations = [inner for annotation in annotations for inner in _inside(annotation, step)]
    models = [annotation for annotation in annotations if isinstance(annotation, type) and issubclass(annotation, BaseModel)]
    return list(dict.fromkeys(models))


def _inside(annotation: Any, step: object) -> Iterator[Any]:
    """The types a value may have that stands under a key or index of a value of the annotated type."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        for name, field in annotation.model_fields.items():
            if step == (field.alias or name):
                yield from _members(field.annotation)
    elif get_origin(annotation) is dict:
        yield from _members(get_args(annotation)[1])
    elif get_origin(annotation) is list and isinstance(step, int):
        yield from _members(get_args(annotation)[0])


def _members(annotation: Any) -> Iterator[Any]:
    if get_origin(annotation) is Annotated:
        yield from _members(get_args(annotation)[0])
    elif get_origin(annotation) in (Union, UnionType):
        for member in get_args(annotation):
            yield from _members(member)
    else:
        yield annotation
