"""What a file is by its first bytes, where these are no text in UTF-8."""

from __future__ import annotations

from typing import Final

from eligibility.diagnostics import Diagnostic, UsageError

MARK: Final = b"\xef\xbb\xbf"  # what some programs write before UTF-8
_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")
_PACKED: Final = (b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"\xfd7zXZ", b"BZh")
UNPACK: Final = "unpack it first, or unpack it into standard input and name it `-`"
_UTF8: Final = "save it as UTF-8"


def refuse_what_is_no_text(data: bytes, file: str) -> None:
    """Refuse a file that begins like another than a text in UTF-8. Raises: UsageError E610."""
    found = _other_form(data)
    if found is not None:
        message, help = found
        raise UsageError([Diagnostic("E610", message, path=file, help=help)])


def _other_form(data: bytes) -> tuple[str, str] | None:
    """What a file is that begins like this, and what to do with it; None for what may be text."""
    if data.startswith(_UTF16) or b"\0" in data[:2]:
        return "the file is UTF-16, not UTF-8", _UTF8
    if data.startswith(_PACKED):
        return "the file is compressed", UNPACK
    if data.startswith(b"PK\x03\x04"):
        return "the file is an archive or a workbook, not a text", "save its table as CSV in UTF-8"
    if data.startswith(b"PAR1"):
        return "the file is Parquet, not a text", "end its name with .parquet"
    return None
