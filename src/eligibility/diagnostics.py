"""What is wrong, where, and what to do next: the one exit for messages to authors and callers.

The exception tree:

    EligibilityError
     ├── RuleError      rule files that do not load (codes E1xx files, E2xx names and types, E3xx dates and citations)
     ├── ProfileError   profiles that do not fit the declared facts (codes E4xx)
     ├── ReceiptError   receipts that cannot be verified (codes E7xx)
     ├── UsageError     a call that asks for something that is not there (codes E6xx)
     ├── OutputError    a file that cannot be written (code E614)
     └── EngineError    an engine that failed; evaluation falls back to the reference engine (codes E5xx)
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Literal

MAXIMUM_SHOWN = 100
LONGEST_NAME = 80  # comparing longer ones takes long and finds nothing

# Control characters, half characters, and characters that hide or reorder what a reader of a message sees.
_UNSHOWABLE = re.compile("[\x00-\x1f\x7f-\x9f\u200b\u2028-\u202e\u2060\u2066-\u2069\ufeff\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Span:
    """A place in a rule file: 1-based line and column, length in characters, and the source line itself."""

    file: str
    line: int
    column: int
    length: int = 1
    text: str = ""

    def inside(self, start: int, length: int) -> Span:
        """The part of this span that begins `start` characters into it (for a snippet inside a YAML scalar)."""
        return Span(self.file, self.line, self.column + start, max(1, length), self.text)


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One problem: a stable code, a sentence, the place (a span in a file, or a path in a profile), and the next step."""

    code: str
    message: str
    span: Span | None = None
    help: str = ""
    notes: tuple[str, ...] = ()
    path: str = ""
    severity: Literal["error", "warning"] = "error"

    def __str__(self) -> str:
        return render([self])

    def as_dict(self) -> dict[str, object]:
        """The diagnostic as plain JSON data; absent parts are left out."""
        place: dict[str, object] = {}
        if self.span:
            place = {"file": self.span.file, "line": self.span.line, "column": self.span.column}
        if self.path:
            place["path"] = _shown(self.path)
        return {
            "code": self.code,
            "severity": self.severity,
            "message": _shown(self.message),
            **place,
            **({"help": _shown(self.help)} if self.help else {}),
            **({"notes": [_shown(note) for note in self.notes]} if self.notes else {}),
        }


class EligibilityError(Exception):
    """Any error this package raises on purpose; `diagnostics` holds every problem found, in order."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics: tuple[Diagnostic, ...] = tuple(diagnostics)
        super().__init__(render(self.diagnostics))

    def __reduce__(self) -> tuple[type[EligibilityError], tuple[tuple[Diagnostic, ...]]]:
        return (type(self), (self.diagnostics,))


class RuleError(EligibilityError, ValueError):
    """Rule files that do not load."""


class ProfileError(EligibilityError, ValueError):
    """A profile that does not fit the declared facts."""


class ReceiptError(EligibilityError, ValueError):
    """A receipt that cannot be read, was altered, or is about another profile."""


class UsageError(EligibilityError, LookupError):
    """A call that names something that does not exist."""


class OutputError(EligibilityError, OSError):
    """A file that cannot be written."""


class EngineError(EligibilityError, RuntimeError):
    """An engine that could not decide; never carries data of the profile."""


@dataclass(slots=True)
class Collector:
    """Gathers diagnostics so that all problems are reported at once."""

    found: list[Diagnostic] = field(default_factory=list)

    def add(
        self, code: str, message: str, span: Span | None = None, *, help: str = "", notes: Sequence[str] = (), path: str = ""
    ) -> None:
        """Record one error."""
        self.found.append(Diagnostic(code, message, span, help, tuple(notes), path))

    def warn(self, code: str, message: str, span: Span | None = None, *, help: str = "", notes: Sequence[str] = ()) -> None:
        """Record one warning: worth mending, but the rules load."""
        self.found.append(Diagnostic(code, message, span, help, tuple(notes), severity="warning"))

    @property
    def errors(self) -> list[Diagnostic]:
        """What was recorded, warnings left out, without repetitions, in file order."""
        return self._sorted("error")

    @property
    def warnings(self) -> list[Diagnostic]:
        """The warnings, without repetitions, in file order."""
        return self._sorted("warning")

    def _sorted(self, severity: str) -> list[Diagnostic]:
        unique = dict.fromkeys(d for d in self.found if d.severity == severity)
        return sorted(unique, key=lambda d: (d.span.file, d.span.line, d.span.column) if d.span else (d.path, 0, 0))


def did_you_mean(name: str, known: Iterable[str], *, otherwise: str = "") -> str:
    """A help sentence naming the closest known word, of the same letters where there is one, or `otherwise` when none is close.

    >>> did_you_mean("GPB", ["GBP", "PAB"])
    'did you mean `GBP`?'
    """
    if len(name) > LONGEST_NAME:
        return otherwise
    words = list(known)
    swapped = [word for word in words if len(word) == len(name) and sorted(word) == sorted(name)]
    close = get_close_matches(name, swapped, n=1, cutoff=0.6) or get_close_matches(name, words, n=1, cutoff=0.6)
    return f"did you mean `{close[0]}`?" if close else otherwise


def render(diagnostics: Sequence[Diagnostic]) -> str:
    """All diagnostics as text, with source line and caret; at most 100, the rest counted."""
    shown = [_render_one(diagnostic) for diagnostic in diagnostics[:MAXIMUM_SHOWN]]
    rest = len(diagnostics) - MAXIMUM_SHOWN
    if rest > 0:
        shown.append(f"and {rest} more")
    return "\n".join(shown)


def _render_one(diagnostic: Diagnostic) -> str:
    span = diagnostic.span
    place = f"{span.file}:{span.line}:{span.column}: " if span else f"{diagnostic.path}: " if diagnostic.path else ""
    severity = "warning " if diagnostic.severity == "warning" else ""
    lines = [f"{place}{severity}{diagnostic.code} {diagnostic.message}"]
    if span and span.text:
        number = f"{span.line:>5} | "
        text, column = _window(span.text, span.column)
        caret = "^" * max(1, min(span.length, len(text) - column + 1))
        lines.append(f"{number}{text}")
        lines.append(f"{'| '.rjust(len(number))}{' ' * (column - 1)}{caret}")
    if diagnostic.help:
        lines.append(f"  help: {diagnostic.help}")
    lines.extend(f"  note: {note}" for note in diagnostic.notes)
    return "\n".join(_shown(line) for line in lines)


def _shown(text: str) -> str:
    """A text on one line, without characters that cannot be seen."""
    return _UNSHOWABLE.sub("\ufffd", text)


def _window(text: str, column: int, width: int = 140) -> tuple[str, int]:
    """The part of a long source line around a column, and the column inside that part."""
    text = text.rstrip().replace("\t", " ")
    if len(text) <= width:
        return text, column
    start = max(0, min(column - width // 3, len(text) - width))
    prefix = "…" if start else ""
    suffix = "…" if start + width < len(text) else ""
    return prefix + text[start : start + width] + suffix, column - start + len(prefix)


# Every code with its meaning: E1 files, E2 names and types, E3 dates, figures and citations, E4 profiles, E5 engines,
# E6 calls, E7 receipts.
CODES: dict[str, str] = {
    "E100": "a folder of rules is missing, unreadable or holds no rule pack",
    "E101": "a file cannot be read",
    "E102": "a file is too large, or a pack has too many files",
    "E103": "a file is not UTF-8, or holds a byte order mark or invisible characters",
    "E104": "a file is empty",
    "E105": "a file is not YAML",
    "E106": "a key stands twice in one map",
    "E107": "a feature of YAML that rule files do without: anchors, aliases, merge keys, tags, directives, several documents",
    "E108": "an unquoted value that is read differently by different readers, such as `no`, `010`, `1e3` or `12:30`",
    "E109": "a date that does not exist",
    "E110": "an unknown key",
    "E111": "a missing key",
    "E112": "a value of the wrong type",
    "E113": "a value that is not among the possible ones",
    "E114": "a key of the wrong type or shape",
    "E115": "a file that does not say what it is",
    "E116": "a rule file outside of any pack, or a folder of rule files without `pack.yaml`",
    "E117": "two packs of one name",
    "E118": "an id that does not begin with the name of its pack",
    "E119": "a file beyond the limits of depth, length or number",
    "E120": "a key or item without a value",
    "E121": "a file that is not where or what its name says",
    "E122": "a file that is not CSV",
    "E123": "a CSV header with a missing, padded or repeated name",
    "E124": "a CSV row with more or fewer cells than the header",
    "E200": "a text that is no expression",
    "E201": "a form of Python that the language does not have",
    "E202": "a name that is declared nowhere",
    "E203": "a function the language does not have",
    "E204": "a function with arguments it does not take",
    "E205": "a value of a type that does not belong there, such as money compared with text",
    "E206": "units that do not fit, such as GBP a year against EUR a year or against a bare number",
    "E207": "a literal that its type does not have, such as a choice nobody can make",
    "E208": "a value where a condition is needed",
    "E209": "a division by something other than a literal or a parameter",
    "E210": "an element that depends on itself",
    "E211": "money of any currency that was not converted",
    "E212": "a table used as something else, with other keys, or without the column that is asked for",
    "E213": "a name that has a meaning already",
    "E214": "an unknown unit, type, currency, vocabulary or scheme",
    "E215": "a condition that does not say one testable thing",
    "E216": "an override or exception of something that is not there",
    "E217": "one thing declared twice",
    "E218": "a fact declaration whose parts do not fit together",
    "E219": "a placeholder in a text that no parameter or derived value fills",
    "E220": "calculations that refer to each other in too long a chain",
    "E221": "a translation of something that is not there",
    "E222": "a translation with other placeholders than the original",
    "E300": "a missing citation",
    "E301": "a citation of an unknown source",
    "E302": "a missing grade",
    "E303": "dated values that are out of order or overlap",
    "E304": "an interval that ends before it begins",
    "E305": "a dated value or list whose parts do not fit together",
    "E306": "a value that does not fit its unit or type",
    "E307": "a table whose file is not there",
    "E308": "a table whose columns or cells do not fit its declaration",
    "E309": "an entry or key that stands twice on one day",
    "E310": "grade C without a date of review",
    "E400": "a profile that is not JSON or not UTF-8",
    "E401": "a key of a profile that is no declared fact",
    "E402": "a value that does not fit the declaration of its fact",
    "E403": "a profile beyond the limits of size or depth",
    "E404": "a fact that other facts of the profile rule out",
    "E405": "a key that stands twice in one object",
    "E406": "a list of too many items",
    "E407": "a profile that states nothing",
    "E408": "a fact whose origin is not written as value, as_of and source",
    "E409": "a profile that cannot be read",
    "E410": "facts of a profile that cannot be true together",
    "E415": "a row of a table that cannot be read, or with more or fewer cells than the header",
    "E501": "an engine that is not installed or cannot be used",
    "E502": "an engine that failed",
    "E503": "an engine whose answer did not pass its own check",
    "E504": "rules too large for an engine",
    "E600": "a rule that does not exist",
    "E601": "an engine that does not exist",
    "E602": "a date that cannot be read",
    "E603": "a stretch of days that ends before it begins, or is too long",
    "E604": "a fact that is no day and cannot move with the day that is looked at",
    "E605": "a comparison without a profile",
    "E606": "a language that no rule pack knows",
    "E610": "a file that cannot be read as a table of profiles",
    "E611": "a column of a table of which nobody says which fact it is",
    "E612": "a population without one day whose law applies, or a simulation without a second law",
    "E613": "a file whose name does not say what form it has",
    "E614": "a file that cannot be written",
    "E700": "a receipt that cannot be read or is not JSON",
    "E701": "a receipt with a missing, unknown or unfitting part",
    "E702": "a receipt that was altered after it was made",
    "E703": "a receipt about another profile",
    "E704": "a receipt with findings that the same rules do not give",
    "E800": "a rule that cannot be worked out in columns",
}
