"""What is wrong, where, and what to do next: the one exit for messages to authors and callers.

The exception tree:

    EligibilityError
     ├── RuleError      rule files that do not load (codes E1xx files, E2xx names and types, E3xx dates and citations)
     ├── ProfileError   profiles that do not fit the declared facts (codes E4xx)
     ├── UsageError     a call that asks for something that is not there (codes E6xx)
     └── EngineError    an engine that failed; evaluation falls back to the reference engine (codes E5xx)
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Literal

MAXIMUM_SHOWN = 100


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
            place["path"] = self.path
        return {
            "code": self.code,
            "severity": self.severity,
            "message": self.message,
            **place,
            **({"help": self.help} if self.help else {}),
            **({"notes": list(self.notes)} if self.notes else {}),
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


class UsageError(EligibilityError, LookupError):
    """A call that names something that does not exist."""


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
        return sorted(unique, key=lambda d: (d.span.file, d.span.line, d.span.column) if d.span else ("", 0, 0))


def did_you_mean(name: str, known: Iterable[str], *, otherwise: str = "") -> str:
    """A help sentence naming the closest known word, or `otherwise` when none is close."""
    close = get_close_matches(name, list(known), n=1, cutoff=0.6)
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
    return "\n".join(lines)


def _window(text: str, column: int, width: int = 140) -> tuple[str, int]:
    """The part of a long source line around a column, and the column inside that part."""
    text = text.rstrip().replace("\t", " ")
    if len(text) <= width:
        return text, column
    start = max(0, min(column - width // 3, len(text) - width))
    prefix = "…" if start else ""
    suffix = "…" if start + width < len(text) else ""
    return prefix + text[start : start + width] + suffix, column - start + len(prefix)
