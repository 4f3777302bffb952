"""Plain data as one line of YAML, in the strict form that rule files are read in."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Final

_PLAIN: Final = re.compile(r"[A-Za-z_][\w. -]*[\w.]|[A-Za-z_]")
_WORDS: Final = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})
_NUMBER: Final = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Written(str):
    """Text that is written already where it is a number, a date, a list or a word of YAML."""

    __slots__ = ()


def flow(value: object) -> str:
    """A value on one line.

    >>> flow({"a": [1, "NO", None, True], "b": "x: y"})
    '{a: [1, "NO", null, true], b: "x: y"}'
    """
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case Written():
            is_written = value.startswith("[") or value in _WORDS or _NUMBER.fullmatch(value) or _DATE.fullmatch(value)
            return str(value) if is_written else flow(str(value))
        case int():
            return str(value)
        case Decimal():
            return f"{value.normalize():f}"
        case Fraction():
            return flow(str(value))
        case date():
            return value.isoformat()
        case Mapping():
            return f"{{{', '.join(f'{flow(key)}: {flow(each)}' for key, each in value.items())}}}"
        case list() | tuple():
            return f"[{', '.join(map(flow, value))}]"
    text = str(value)
    plain = _PLAIN.fullmatch(text) and text.lower() not in _WORDS
    return text if plain else json.dumps(text, ensure_ascii=False)
