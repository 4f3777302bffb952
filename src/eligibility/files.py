"""Bytes of a rule file to text: size limits, UTF-8, and no invisible characters."""

from __future__ import annotations

import re
from pathlib import Path
from stat import S_ISREG

from eligibility.diagnostics import Collector, Span

# Control characters, line breaks only some programs see, and characters that hide or reorder what a reader of the file sees.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u2028-\u202e\u2060\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]"
)


def read_bytes(path: Path, display: str, limit: int, collector: Collector) -> bytes | None:
    """The bytes of a regular file of at most `limit` bytes; otherwise a diagnostic and nothing."""
    try:
        if not S_ISREG(path.stat().st_mode):
            collector.add("E101", "this is not a file", path=display)
            return None
        with path.open("rb") as stream:
            data = stream.read(limit + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "the name is not possible"
        collector.add("E101", f"the file cannot be read: {reason[:1].lower()}{reason[1:]}", path=display)
        return None
    if len(data) > limit:
        collector.add("E102", f"the file is larger than {limit // 1_000_000} MB", path=display, help="split it")
        return None
    return data


def decode(data: bytes, display: str, collector: Collector) -> str | None:
    """The text of a file that is not empty, is UTF-8 and shows all it holds; otherwise a diagnostic and nothing."""
    if not data.strip():
        collector.add("E104", "the file is empty", path=display, help="write it or remove it")
        return None
    if data.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        collector.add("E103", "the file begins with a byte order mark", path=display, help="save it as UTF-8 without one")
        return None
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8")
        place = _place(before, len(before), display)
        collector.add("E103", f"the file is not UTF-8: byte {data[error.start]:#04x}", place, help="save it as UTF-8")
        return None
    if found := _INVISIBLE.search(text):
        code_point = f"U+{ord(found.group()):04X}"
        place = _place(text, found.start(), display)
        collector.add("E103", f"invisible character {code_point}", place, help="remove it")
        return None
    return text


def _place(text: str, index: int, display: str) -> Span:
    # Characters that cannot be shown are left out of the quoted line.
    before = text[:index].replace("\r\n", "\n").replace("\r", "\n")
    return Span(display, before.count("\n") + 1, index - max(text.rfind("\n", 0, index), text.rfind("\r", 0, index)))
