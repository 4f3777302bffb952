"""YAML text to plain data, read strictly and with a position for every key and value.

The parser's events are read one by one, so that nothing is expanded, resolved or built that a rule file may not hold: no anchors,
tags or merge keys, no duplicate keys, and no scalar that two YAML readers would take for two different things.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from eligibility.diagnostics import Collector
from eligibility.files import INVISIBLE, decode, read_bytes
from eligibility.positions import Branch, Positions
from eligibility.yaml_scalars import Problem, plain

__all__ = ["REFUSED", "Positions", "parse_yaml", "read_yaml"]

MAXIMUM_BYTES = 2_000_000
MAXIMUM_DEPTH = 40
MAXIMUM_NODES = 200_000
MAXIMUM_ENTRIES = 20_000
MAXIMUM_SCALAR = 20_000
MAXIMUM_PROBLEMS = 500

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Refused:
    """Stands in the data for a value that was refused, and reported, while reading."""

    def __repr__(self) -> str:
        return "REFUSED"


REFUSED: Final = Refused()


class _UnreadableError(Exception):
    """Reading this file cannot go on; the reason is in the collector."""


class _Frame:
    """A map or list being read."""

    __slots__ = ("data", "key", "key_event", "place")

    def __init__(self, data: Any, place: Branch) -> None:
        self.data = data
        self.place = place
        self.key: object = None
        self.key_event: Any = None


class _Reader:
    """Builds data and positions from the events of one file."""

    def __init__(self, display: str, text: str, collector: Collector) -> None:
        self.collector = collector
        self.positions = Positions(display, text)
        self.stack: list[_Frame] = []
        self.data: object = None
        self.nodes = 0
        self.problems = 0

    def read(self, events: Iterable[Any]) -> None:
        for event in events:
            kind = type(event)
            if kind is ScalarEvent:
                self.scalar(event)
            elif kind is MappingStartEvent:
                self.start(event, {}, {})
            elif kind is SequenceStartEvent:
                self.start(event, [], [])
            elif kind is AliasEvent:
                self.problem("E107", f"alias `*{event.anchor}`", event.start_mark, "write the value here again")
                self.add(REFUSED, event)
            elif kind is DocumentStartEvent:
                self.document(event)
            elif kind is MappingEndEvent or kind is SequenceEndEvent:
                self.end(event)

    def problem(self, code: str, message: str, place: Any, help: str = "") -> None:
        """Report a problem with the scalar of an event, or at a mark, and go on."""
        span = self.positions.of_scalar(place) if type(place) is ScalarEvent else self.positions.at(place)
        self.collector.add(code, message, span, help=help)
        self.problems += 1
        if self.problems >= MAXIMUM_PROBLEMS:
            self.collector.add("E119", f"more than {MAXIMUM_PROBLEMS} problems in this file", span)
            raise _UnreadableError

    def stop(self, code: str, message: str, mark: Any, help: str = "") -> _UnreadableError:
        self.collector.add(code, message, self.positions.at(mark), help=help)
        return _UnreadableError()

    def document(self, event: Any) -> None:
        if event.version or event.tags:
            raise self.stop("E107", "a YAML directive", event.start_mark, "remove the line that begins with `%`")
        if self.nodes:
            raise self.stop("E107", "a second document", event.start_mark, "put it into a file of its own and remove `---`")

    def start(self, event: Any, data: Any, items: Any) -> None:
        self.count(event)
        if event.anchor is not None or event.tag is not None:
            self.decorated(event)
        if len(self.stack) >= MAXIMUM_DEPTH:
            raise self.stop("E119", f"more than {MAXIMUM_DEPTH} levels inside one another", event.start_mark)
        if self.stack and type(self.stack[-1].data) is dict and self.stack[-1].key_event is None:
            raise self.stop("E114", "a list or map as a key", event.start_mark, "quote it if it is text")
        self.stack.append(_Frame(data, Branch(event, items)))

    def end(self, event: Any) -> None:
        frame = self.stack.pop()
        frame.place.end = event.end_mark
        self.add(frame.data, frame.place)

    def scalar(self, event: Any) -> None:
        self.count(event)
        text = event.value
        if len(text) > MAXIMUM_SCALAR:
            raise self.stop("E119", f"a text of more than {MAXIMUM_SCALAR:,} characters", event.start_mark)
        if event.anchor is not None or event.tag is not None:
            self.decorated(event)
        frame = self.stack[-1] if self.stack else None
        is_key = frame is not None and frame.key_event is None and type(frame.data) is dict
        value: object = text
        if event.implicit[0] and not event.style:
            if text:
                value = plain(text)
            elif not is_key:
                self.missing(event)
                value = REFUSED
            if isinstance(value, Problem):
                self.problem(value.code, value.message, event, value.help)
                value = text if is_key else REFUSED
        elif event.style == '"' and (found := INVISIBLE.search(text)):
            self.problem("E103", f"invisible character U+{ord(found.group()):04X}", event, "remove it")
        if is_key:
            self.key(value, event)
        else:
            self.add(value, event)

    def missing(self, event: Any) -> None:
        frame = self.stack[-1] if self.stack else None
        help = "write the value, or `null` for none"
        if frame is not None and frame.place.flow:
            help = "write the value, or quote the text if the comma before it belongs to it"
        self.problem("E120", "no value", event if frame is None or frame.key_event is None else frame.key_event, help)

    def key(self, value: object, event: Any) -> None:
        frame = self.stack[-1]
        if event.value == "<<" and not event.style:
            self.problem("E107", "merge key `<<`", event, "write the entries here again")
        elif value == "":
            self.problem("E114", "an empty key", event, "write a name before the colon")
        elif type(value) in (bool, Decimal, int) or value is None:
            help = f'quote it: `"{event.value}"`; a date is written year-month-day'
            self.problem("E114", f"expected text or a date as a key, found `{event.value}`", event, help)
            value = event.value
        if value in frame.data:
            first = self.positions.of_scalar(frame.place.items[value][0])
            self.problem(
                "E106", f"`{event.value}` stands twice in this map", event, f"keep one; the first is on line {first.line}"
            )
        frame.key = value
        frame.key_event = event

    def add(self, value: object, place: Any) -> None:
        if not self.stack:
            self.data = value
            self.positions.root = place
            return
        frame = self.stack[-1]
        if len(frame.place.items) >= MAXIMUM_ENTRIES:
            help = "put long lists into a table (CSV)"
            raise self.stop("E119", f"a list or map of more than {MAXIMUM_ENTRIES:,} entries", frame.place.start, help)
        if type(frame.data) is list:
            frame.data.append(value)
            frame.place.items.append(place)
        elif frame.key_event is None:
            raise _UnreadableError  # an alias as a key: it was reported as an alias
        else:
            if frame.key not in frame.data:
                frame.data[frame.key] = value
                frame.place.items[frame.key] = (frame.key_event, place)
            frame.key_event = None

    def count(self, event: Any) -> None:
        self.nodes += 1
        if self.nodes > MAXIMUM_NODES:
            raise self.stop(
                "E119", f"more than {MAXIMUM_NODES:,} values in one file", event.start_mark, "split it, or use a table (CSV)"
            )

    def decorated(self, event: Any) -> None:
        if event.anchor is not None:
            help = "remove it and write the value where it is used"
            self.problem("E107", f"anchor `&{event.anchor}`", event.start_mark, help)
        if event.tag is not None:
            self.problem("E107", f"tag `{event.tag}`", event.start_mark, "remove it; quote the value if it is text")


def read_yaml(path: Path, display: str, collector: Collector) -> tuple[object, Positions] | None:
    """The data of one YAML file (dict, list, str, int, Decimal, date, bool, None) and where each part stands.

    A value that cannot be accepted is reported and replaced by `REFUSED`; where reading cannot go on, there is no answer.
    """
    data = read_bytes(path, display, MAXIMUM_BYTES, collector)
    return None if data is None else parse_yaml(data, display, collector)


def parse_yaml(data: bytes, display: str, collector: Collector) -> tuple[object, Positions] | None:
    """As `read_yaml`, of bytes that were read already."""
    text = decode(data, display, collector)
    if text is None:
        return None
    reader = _Reader(display, text, collector)
    try:
        reader.read(yaml.parse(text, Loader=_LOADER))
    except _UnreadableError:
        return None
    except yaml.MarkedYAMLError as error:
        _report_syntax(error, reader.positions, collector)
        return None
    except (yaml.YAMLError, ValueError, OverflowError):  # the last two: from the slower parser, where the fast one is missing
        collector.add("E105", "not YAML: an escape or directive with a number out of range", path=display)
        return None
    if not reader.nodes:
        collector.add("E104", "the file holds only comments", path=display, help="write it or remove it")
        return None
    return reader.data, reader.positions


# What the parser says (the beginning differs between its two versions), what we say, and what to do.
_SYNTAX = (
    (
        "mapping values are not allowed",
        "a colon is not expected here",
        "quote the text if it contains `: `; check the indentation",
    ),
    ("cannot start any token", "a value cannot begin with this character", "quote the text; indent with spaces, not tabs"),
    ("unexpected end of stream", "a quote that is never closed", "close it, and double a quote inside the text"),
    ("unknown escape", "an unknown escape after a backslash", "use single quotes, where a backslash is a backslash"),
    ("expected <document start>", "this does not belong to what stands above", "check the indentation"),
    ("expected '<document start>'", "this does not belong to what stands above", "check the indentation"),
    ("expected ',' or", "a list or map in brackets that does not go on", "close it, or quote a text with `,` `:` or brackets"),
    ("find expected ':'", "a key without a colon", "write `key: value`, or quote a text of several lines"),
    ("expected key", "a key is expected here", "check the indentation, and quotes inside quotes"),
    ("expected <block end>", "a key is expected here", "check the indentation, and quotes inside quotes"),
    ("expected '-' indicator", "an item of the list is expected here", "begin it with `- `, or check the indentation"),
    ("sequence entries are not allowed", "a list cannot begin here", "begin it on a line of its own"),
    ("node content", "a value is expected here", "write the value that is missing, or quote the text"),
)


def _report_syntax(error: yaml.MarkedYAMLError, positions: Positions, collector: Collector) -> None:
    problem = error.problem or ""
    message, help = next(((message, help) for said, message, help in _SYNTAX if said in problem), (f"not YAML: {problem}", ""))
    stopped, began = error.problem_mark, error.context_mark
    notes: tuple[str, ...] = ()
    place = positions.at(stopped or began)
    if place.text[place.column - 1 : place.column] == "\t":
        message, help = "a tab in the indentation", "indent with spaces"
    if began and stopped and began.line != stopped.line:
        if place.text.strip():
            notes = (f"it is about what begins on line {began.line + 1}",)
        else:  # the end of the file says nothing
            place = positions.at(began)
    collector.add("E105", message, place, help=help, notes=notes)
