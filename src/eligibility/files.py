"""Folders and files of rules: what can be read of them, as bytes and as text that shows all it holds."""

from __future__ import annotations

import re
from pathlib import Path
from stat import S_ISDIR, S_ISREG
from typing import Final

from eligibility.diagnostics import Collector, Span

# Control characters, line breaks only some programs see, and characters that hide or reorder what a reader of the file sees.
INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u2028-\u202e\u2060\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]"
)

LANGUAGES: Final = "languages"  # the folder of a pack that holds translations and nothing else


def is_folder(path: Path) -> bool:
    """Whether this is a folder, or a link to one; false where it cannot be told."""
    try:
        return S_ISDIR(path.stat().st_mode)
    except (OSError, ValueError):
        return False


def list_folder(folder: Path, display: str, collector: Collector) -> list[Path]:
    """What a folder holds, in order of names, without hidden entries; nothing and a diagnostic if it cannot be read."""
    try:
        return sorted(entry for entry in folder.iterdir() if not entry.name.startswith("."))
    except OSError as error:
        collector.add("E100", f"the folder cannot be read: {_reason(error)}", path=printable(display))
        return []


def printable(name: str) -> str:
    """A file name as it can be shown in a message."""
    return "".join(character if character.isprintable() else "\ufffd" for character in name)


def _reason(error: Exception) -> str:
    text = error.strerror if isinstance(error, OSError) and error.strerror else "the name is not possible"
    return text[:1].lower() + text[1:]


def read_bytes(path: Path, display: str, limit: int, collector: Collector) -> bytes | None:
    """The bytes of a regular file of at most `limit` bytes; otherwise a diagnostic and nothing."""
    try:
        if not S_ISREG(path.stat().st_mode):
            collector.add("E101", "this is not a file", path=display)
            return None
        with path.open("rb") as stream:
            data = stream.read(limit + 1)
    except (OSError, ValueError) as error:
        collector.add("E101", f"the file cannot be read: {_reason(error)}", path=display)
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
    if found := INVISIBLE.search(text):
        code_point = f"U+{ord(found.group()):04X}"
        place = _place(text, found.start(), display)
        collector.add("E103", f"invisible character {code_point}", place, help="remove it")
        return None
    return text


def _place(text: str, index: int, display: str) -> Span:
    # Characters that cannot be shown are left out of the quoted line.
    before = text[:index].replace("\r\n", "\n").replace("\r", "\n")
    return Span(display, before.count("\n") + 1, index - max(text.rfind("\n", 0, index), text.rfind("\r", 0, index)))
