"""YAML text to plain data, read strictly and with a position for every key and value.

The parser's events are read one by one, so that nothing is expanded, resolved or built that a rule file may not hold: no anchors, tags
or merge keys, no duplicate keys, and no scalar that two YAML readers would take for two different things.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, NamedTuple

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceStartEvent,
    StreamEndEvent,
    StreamStartEvent,
)

from eligibility.diagnostics import Collector, Span
from eligibility.files import decode, read_bytes

MAXIMUM_BYTES = 2_000_000
MAXIMUM_DEPTH = 40
MAXIMUM_NODES = 200_000
MAXIMUM_ENTRIES = 20_000
MAXIMUM_SCALAR = 20_000
MAXIMUM_DIGITS = 40

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Refused:
    """Stands in the data for a value that was refused, and reported, while reading."""

    def __repr__(self) -> str:
        return "REFUSED"


REFUSED: Final = Refused()


# positions


class _Branch:
    """Where a map or list stands: marks of its ends, and the places of its entries under the same keys as the data."""

    __slots__ = ("end", "flow", "items", "start")

    def __init__(self, event: Any, items: dict[Any, tuple[Any, Any]] | list[Any]) -> None:
        self.start = event.start_mark
        self.end = event.end_mark
        self.flow = event.flow_style
        self.items = items


class Positions:
    """Where the keys and values of one YAML file stand; spans are made when asked for."""

    def __init__(self, file: str, text: str, root: Any) -> None:
        self.file = file
        self._text = text
        self._lines: list[str] | None = None
        self._root = root

    def key(self, *path: object) -> Span:
        """The key at a path of keys and list indices; the item itself in a list; else the nearest known ancestor."""
        key, place, _ = self._find(path)
        return self._scalar(key) if key is not None else self._value(place)

    def value(self, *path: object) -> Span:
        """The value at a path, from its first character of content; else the key of the nearest known ancestor."""
        key, place, found = self._find(path)
        return self._value(place) if found or key is None else self._scalar(key)

    def _find(self, path: tuple[object, ...]) -> tuple[Any, Any, bool]:
        key, place = None, self._root
        for step in path:
            items = place.items if type(place) is _Branch else None
            if type(items) is dict and step in items:
                key, place = items[step]
            elif type(items) is list and isinstance(step, int) and 0 <= step < len(items):
                key, place = None, items[step]
            else:
                return key, place, False
        return key, place, True

    def _value(self, place: Any) -> Span:
        if type(place) is not _Branch:
            return self._scalar(place)
        one_line = place.start.line == place.end.line
        return self._span(place.start, 0, place.end.column - place.start.column if one_line else 1)

    def _scalar(self, event: Any) -> Span:
        start, end = event.start_mark, event.end_mark
        quotes = 1 if event.style in ("'", '"') else 0
        one_line = start.line == end.line and event.style not in ("|", ">")
        return self._span(start, quotes, end.column - start.column - 2 * quotes if one_line else 1)

    def _span(self, mark: Any, skip: int, length: int) -> Span:
        if self._lines is None:
            self._lines = self._text.splitlines()
        text = self._lines[mark.line] if mark.line < len(self._lines) else ""
        return Span(self.file, mark.line + 1, mark.column + 1 + skip, max(1, length), text)


# scalars

_NUMERIC_START = frozenset("0123456789+-.")
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]*)")
_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]*)\.[0-9]+")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TRUTH_WORDS = frozenset({"yes", "no", "on", "off", "y", "n", "true", "false"})
_WORDS = {"true": True, "false": False, "null": None}


class _Problem(NamedTuple):
    code: str
    message: str
    help: str


_Advice = Callable[[str], tuple[str, str]]

# What YAML 1.1 and 1.2 readers, or readers and people, take for different things: pattern, and what to say about the text.
_AMBIGUOUS: tuple[tuple[re.Pattern[str], _Advice], ...] = (
    (
        re.compile(r"[-+]?0[box][0-9A-Fa-f_]+"),
        lambda text: ("may be read as a number to another base", f'write the number to base 10, or quote it: `"{text}"`'),
    ),
    (
        re.compile(r"[-+]?0[0-9_]+(\.[0-9_]*)?"),
        lambda text: (
            "may be read as a number to base 8 or to base 10",
            f'quote it if it is a code: `"{text}"`; for a number write `{text.lstrip("+-0_") or "0"}`',
        ),
    ),
    (
        re.compile(r"[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?"),
        lambda text: ("may be read as a number to base 60", f'quote it: `"{text}"`'),
    ),
    (
        re.compile(r"[-+]?([0-9][0-9_]*\.?[0-9_]*|\.[0-9_]+)[eE][-+]?[0-9]+"),
        lambda text: ("may be read as a number or as text", f'write the number out in full, or quote it: `"{text}"`'),
    ),
    (
        re.compile(r"[-+]?[0-9][0-9_]*\."),
        lambda text: (
            "may be read as a number or as text",
            f'write `{text.strip("+._").replace("_", "")}`, or quote it: `"{text}"`',
        ),
    ),
    (
        re.compile(r"[-+]?\.[0-9][0-9_]*"),
        lambda text: (
            "may be read as a number or as text",
            f'write `{text.lstrip("+").replace("_", "").replace(".", "0.")}`, or quote it: `"{text}"`',
        ),
    ),
    (
        re.compile(r"[-+]?[0-9][0-9_]*(\.[0-9_]*)?"),
        lambda text: (
            "may be read as a number or as text",
            f'write `{text.lstrip("+").replace("_", "")}`, or quote it: `"{text}"`',
        ),
    ),
    (
        re.compile(r"[-+]?\.(inf|Inf|INF|nan|NaN|NAN)"),
        lambda text: ("is not an exact number", f'leave the limit out, or quote it: `"{text}"`'),
    ),
    (
        re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}"),
        lambda text: ("may be read as a date or as text", f'write it as `{_padded(text)}`, or quote it: `"{text}"`'),
    ),
    (
        re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}.*"),
        lambda text: ("is a time of day, and rules know only days", f"write `{_padded(text)}`, or quote it"),
    ),
)


def _padded(text: str) -> str:
    year, month, day = re.findall(r"[0-9]+", text)[:3]
    return f"{year}-{month:0>2}-{day:0>2}"


def _plain(text: str) -> object:
    """The value of an unquoted scalar, or the problem with it."""
    if text[0] in _NUMERIC_START:
        return _numeric(text)
    if text in _WORDS:
        return _WORDS[text]
    if len(text) > 5:
        return text
    lower = text.lower()
    if lower in _TRUTH_WORDS:
        help = f"write `{lower}`, or quote it" if lower in _WORDS else f'quote it: `"{text}"`, or write `true` or `false`'
        return _Problem("E108", f"`{text}` may be read as a truth value or as text", help)
    if text == "~" or lower == "null":
        return _Problem("E108", f"`{text}` may be read as nothing or as text", "write `null`, or quote it")
    return text


def _numeric(text: str) -> object:
    if _INTEGER.fullmatch(text):
        return int(text) if len(text) <= MAXIMUM_DIGITS else _too_many_digits()
    if _DECIMAL.fullmatch(text):
        return Decimal(text) if len(text) <= MAXIMUM_DIGITS else _too_many_digits()
    if _DATE.fullmatch(text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            return _Problem("E109", f"there is no date `{text}`", "write an existing day, year-month-day")
    for pattern, advice in _AMBIGUOUS:
        if pattern.fullmatch(text):
            message, help = advice(text)
            shown = text if len(text) <= MAXIMUM_DIGITS else text[:MAXIMUM_DIGITS] + "…"
            return _Problem("E108", f"`{shown}` {message}", help if shown is text else "quote it")
    return text


def _too_many_digits() -> _Problem:
    return _Problem("E119", f"a number of more than {MAXIMUM_DIGITS} digits", "quote it if it is a code")


# reading


class _Stop(Exception):
    """Reading this file cannot go on; the reason is in the collector."""


class _Frame:
    """A map or list being read."""

    __slots__ = ("data", "key", "key_event", "place")

    def __init__(self, data: Any, place: _Branch) -> None:
        self.data = data
        self.place = place
        self.key: object = None
        self.key_event: Any = None


class _Reader:
    """Builds data and positions from the events of one file."""

    def __init__(self, display: str, text: str, collector: Collector) -> None:
        self.collector = collector
        self.positions = Positions(display, text, None)
        self.stack: list[_Frame] = []
        self.data: object = None
        self.nodes = 0

    def read(self, events: Any) -> None:
        get_event = events.get_event
        while True:
            event = get_event()
            kind = type(event)
            if kind is ScalarEvent:
                self.scalar(event)
            elif kind is MappingStartEvent:
                self.start(event, {}, {})
            elif kind is SequenceStartEvent:
                self.start(event, [], [])
            elif kind is AliasEvent:
                self.problem("E107", f"alias `*{event.anchor}`", event, "write the value here again")
                self.add(REFUSED, event)
            elif kind is DocumentStartEvent:
                self.document(event)
            elif kind is StreamEndEvent:
                return
            elif kind is not StreamStartEvent and self.stack and hasattr(event, "start_mark"):
                self.end(event)

    def problem(self, code: str, message: str, event: Any, help: str = "") -> None:
        self.collector.add(code, message, self.positions._scalar(event), help=help)

    def stop(self, code: str, message: str, event: Any, help: str = "") -> _Stop:
        self.collector.add(code, message, self.positions._span(event.start_mark, 0, 1), help=help)
        return _Stop()

    def document(self, event: Any) -> None:
        if event.version or event.tags:
            raise self.stop("E107", "a YAML directive", event, "remove the line that begins with `%`")
        if self.nodes:
            raise self.stop("E107", "a second document", event, "put it into a file of its own and remove `---`")

    def start(self, event: Any, data: Any, items: Any) -> None:
        self.count(event)
        if event.anchor is not None or event.tag is not None:
            self.decorated(event)
        if len(self.stack) >= MAXIMUM_DEPTH:
            raise self.stop("E119", f"more than {MAXIMUM_DEPTH} levels inside one another", event)
        if self.stack and type(self.stack[-1].data) is dict and self.stack[-1].key_event is None:
            raise self.stop("E114", "a list or map as a key", event, "quote it if it is text")
        self.stack.append(_Frame(data, _Branch(event, items)))

    def end(self, event: Any) -> None:
        frame = self.stack.pop()
        frame.place.end = event.end_mark
        if len(frame.place.items) > MAXIMUM_ENTRIES:
            message = f"a list or map of more than {MAXIMUM_ENTRIES:,} entries"
            self.collector.add("E119", message, self.positions._value(frame.place), help="put long lists into a table (CSV)")
        self.add(frame.data, frame.place)

    def scalar(self, event: Any) -> None:
        self.count(event)
        text = event.value
        if len(text) > MAXIMUM_SCALAR:
            raise self.stop("E119", f"a text of more than {MAXIMUM_SCALAR:,} characters", event)
        if event.anchor is not None or event.tag is not None:
            self.decorated(event)
        frame = self.stack[-1] if self.stack else None
        is_key = frame is not None and frame.key_event is None and type(frame.data) is dict
        value: object = text
        if event.implicit[0] and not event.style:
            if text:
                value = _plain(text)
            elif not is_key:
                self.missing(event)
                value = REFUSED
            if type(value) is _Problem:
                self.problem(value.code, value.message, event, value.help)
                value = text if is_key else REFUSED
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
        elif type(value) in (bool, Decimal) or value is None:
            self.problem("E114", f"`{event.value}` as a key is not text", event, f'quote it: `"{event.value}"`')
            value = event.value
        if value in frame.data:
            first = self.positions._scalar(frame.place.items[value][0])  # type: ignore[call-overload]  # a map's items are keyed
            self.problem("E106", f"`{event.value}` stands here twice", event, f"it stands first on line {first.line}: keep one")
        frame.key = value
        frame.key_event = event

    def add(self, value: object, place: Any) -> None:
        if not self.stack:
            self.data = value
            self.positions._root = place
            return
        frame = self.stack[-1]
        if type(frame.data) is list:
            frame.data.append(value)
            frame.place.items.append(place)  # type: ignore[union-attr]  # a list's items are a list
        elif frame.key_event is None:
            raise self.stop("E114", "an alias as a key", place, "write the text of the key")
        else:
            if frame.key not in frame.data:
                frame.data[frame.key] = value
                frame.place.items[frame.key] = (frame.key_event, place)  # type: ignore[call-overload]  # a map's items are keyed
            frame.key_event = None

    def count(self, event: Any) -> None:
        self.nodes += 1
        if self.nodes > MAXIMUM_NODES:
            raise self.stop("E119", f"more than {MAXIMUM_NODES:,} values in one file", event, "split it, or use a table (CSV)")

    def decorated(self, event: Any) -> None:
        if event.anchor is not None:
            self.problem("E107", f"anchor `&{event.anchor}`", event, "remove it and write the value where it is used")
        if event.tag is not None:
            self.problem("E107", f"tag `{event.tag}`", event, "remove it; quote the value if it is text")


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
    events = _Loader(text)
    try:
        reader.read(events)
    except _Stop:
        return None
    except yaml.MarkedYAMLError as error:
        _report_syntax(error, reader.positions, collector)
        return None
    except yaml.YAMLError as error:
        collector.add("E105", f"not YAML: {str(error).splitlines()[0]}", path=display)
        return None
    finally:
        events.dispose()
    if not reader.nodes:
        collector.add("E104", "the file holds only comments", path=display, help="write it or remove it")
        return None
    return reader.data, reader.positions


_SYNTAX_HELP = (
    ("mapping values are not allowed", "a colon is not expected here", "quote the text if it contains `: `"),
    ("cannot start any token", "a value cannot begin with this character", "quote the text; indent with spaces, not tabs"),
    ("unexpected end of stream", "a quote that is never closed", "close it, and double a quote inside the text"),
    ("unknown escape", "an unknown escape after a backslash", "use single quotes, where a backslash is a backslash"),
    ("expected <document start>", "this does not belong to what stands above", "check the indentation"),
    (
        "did not find expected ',' or",
        "a list or map in brackets that does not go on",
        "close it, or quote a text with `,` `:` or brackets",
    ),
    ("expected ',' or", "a list or map in brackets that does not go on", "close it, or quote a text with `,` `:` or brackets"),
    ("find expected ':'", "a key without a colon", "write `key: value`, or quote a text of several lines"),
    ("expected key", "a key is expected here", "check the indentation, and quotes inside quotes"),
    ("expected <block end>", "a key is expected here", "check the indentation, and quotes inside quotes"),
    ("expected '-' indicator", "an item of the list is expected here", "begin it with `- `, or check the indentation"),
    ("block sequence entries", "a list cannot begin here", "begin it on a line of its own"),
    ("sequence entries are not allowed", "a list cannot begin here", "begin it on a line of its own"),
)


def _report_syntax(error: yaml.MarkedYAMLError, positions: Positions, collector: Collector) -> None:
    problem = error.problem or "not YAML"
    message, help = next(
        ((message, help) for words, message, help in _SYNTAX_HELP if words in problem), (f"not YAML: {problem}", "")
    )
    begun = error.context_mark
    mark = error.problem_mark or begun
    notes = (f"it is about what begins on line {begun.line + 1}",) if begun and mark and begun.line != mark.line else ()
    collector.add("E105", message, positions._span(mark, 0, 1) if mark else None, help=help, notes=notes)
