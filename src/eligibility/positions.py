"""Where the keys and values of one YAML file stand."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from yaml.events import ScalarEvent

from eligibility.diagnostics import Span

_QUOTES = ("'", '"')
_BLOCKS = ("|", ">")
_VISIBLE = re.compile(r"\S")
_VISIBLE_IN_QUOTES = {
    "'": re.compile(r"''|\S"),
    '"': re.compile(r"(?P<blank>\\([ntrvf _\t]|x20)|\\$)|\\x..|\\u.{4}|\\U.{8}|\\.|\S"),
}


class Branch:
    """The place of a map or list: marks of its ends, and the places of its entries under the same keys as the data.

    An entry of a map is the event of its key and the place of its value; the place of a scalar is its event.
    """

    __slots__ = ("end", "flow", "items", "start")

    def __init__(self, event: Any, items: Any) -> None:
        self.start = event.start_mark
        self.end = event.end_mark
        self.flow = event.flow_style
        self.items = items


class Positions:
    """Spans of keys and values by their path in the data (keys and list indices); a span is made when it is asked for."""

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.root: Any = None
        self._text = text
        self._lines: list[str] | None = None

    def key(self, *path: object) -> Span:
        """The key of the value at a path; the item itself in a list; else the nearest known ancestor."""
        key, place, _ = self._find(path)
        return self.of_value(place) if key is None else self.of_scalar(key)

    def value(self, *path: object) -> Span:
        """The value at a path, from its first character inside of quotes; else the key of the nearest known ancestor."""
        key, place, found = self._find(path)
        return self.of_value(place) if found or key is None else self.of_scalar(key)

    def part(self, path: Sequence[object], start: int, length: int) -> Span:
        """`length` characters from `start` in the text at a path, where they stand in the file.

        Sees through quotes, escapes and line breaks, so that the characters are those of the text as read; a part that goes on
        over several lines ends with its first line.
        """
        _, place, found = self._find(path)
        if not found or type(place) is not ScalarEvent:
            return self.value(*path)
        before = _count_visible(place.value[:start])
        wanted = max(1, _count_visible(place.value[start : start + length]))
        characters = list(islice(self._visible(place), before, before + wanted))
        if not characters:
            return self.value(*path)
        line, column, _ = characters[0]
        _, last, width = [character for character in characters if character[0] == line][-1]
        return Span(self.file, line + 1, column + 1, last + width - column, self._line(line))

    def of_value(self, place: Any) -> Span:
        """The span of a place; of a map or list in several lines only its first character."""
        if type(place) is not Branch:
            return self.of_scalar(place)
        one_line = place.start.line == place.end.line
        return self.at(place.start, 0, place.end.column - place.start.column if one_line else 1)

    def of_scalar(self, event: Any) -> Span:
        """The span of the text of a scalar; of a scalar in several lines only its first character."""
        start, end = event.start_mark, event.end_mark
        quotes = 1 if event.style in _QUOTES else 0
        one_line = start.line == end.line and event.style not in _BLOCKS
        return self.at(start, quotes, end.column - start.column - 2 * quotes if one_line else 1)

    def at(self, mark: Any, skip: int = 0, length: int = 1) -> Span:
        """The span that begins `skip` characters after a mark of the parser."""
        return Span(self.file, mark.line + 1, mark.column + 1 + skip, max(1, length), self._line(mark.line))

    def _find(self, path: Sequence[object]) -> tuple[Any, Any, bool]:
        """Key event and place of the last known step of a path, and whether that is the whole path."""
        key, place = None, self.root
        for step in path:
            items = place.items if type(place) is Branch else None
            if type(items) is dict and step in items:
                key, place = items[step]
            elif type(items) is list and isinstance(step, int) and 0 <= step < len(items):
                key, place = None, items[step]
            else:
                return key, place, False
        return key, place, True

    def _visible(self, event: Any) -> Iterator[tuple[int, int, int]]:
        """Line, column and width in the file of each character of a scalar that is not white space."""
        pattern = _VISIBLE_IN_QUOTES.get(event.style, _VISIBLE)
        quotes = 1 if event.style in _QUOTES else 0
        start, end = event.start_mark, event.end_mark
        block = event.style in _BLOCKS
        for line in range(start.line + block, end.line + 1):
            first = start.column + quotes if line == start.line else 0
            last = end.column - quotes if line == end.line else None
            for found in pattern.finditer(self._line(line)[:last], first):
                if found.lastgroup != "blank":
                    yield line, found.start(), len(found.group())

    def _line(self, line: int) -> str:
        if self._lines is None:
            self._lines = self._text.splitlines()
        return self._lines[line] if line < len(self._lines) else ""


def _count_visible(text: str) -> int:
    return sum(not character.isspace() for character in text)
