"""A Python function in the making: its lines, the names of its values, and the objects it refers to.

Nothing a rule says becomes source text: a path, a code or a text is bound to a made-up name in the function's globals.
What is used once is written where it is used; everything else gets a line of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final, Generic, TypeVar

from eligibility.backends.compiled_bounds import Bounds
from eligibility.backends.compiled_ratios import Ratios, quotient
from eligibility.datatypes import JUDGEMENT, MET, NOT_MET, UNKNOWN, UNKNOWN_TRUTH
from eligibility.diagnostics import Diagnostic, EngineError

SHORT: Final = {"M": MET, "N": NOT_MET, "U": UNKNOWN_TRUTH, "J": JUDGEMENT, "K": UNKNOWN}
F = TypeVar("F", bound=Callable[..., Any])
_DEEPEST: Final = 8
_LONGEST: Final = 2_000
_NAMES: Final = {id(value): name for name, value in SHORT.items()}


class Names:
    """The globals of generated functions: made-up names for objects, the same name for the same object."""

    def __init__(self) -> None:
        self.globals: dict[str, Any] = {"__builtins__": {"min": min, "max": max}, "quotient": quotient} | SHORT
        self._known: dict[object, str] = {}

    def of(self, value: Any) -> str:
        """The text that stands for a value: a short name, a small whole number as it is, or a made-up name."""
        short = _NAMES.get(id(value))
        if short is not None:
            return short
        if type(value) is int and abs(value) < 1 << 62:
            return str(value) if value >= 0 else f"({value})"
        key = (type(value), value) if isinstance(value, str | int | Fraction) else id(value)
        return self.made(key, lambda: value)

    def made(self, key: object, make: Callable[[], Any]) -> str:
        """The name of what is made once, whichever functions need it; `key` says what it is."""
        name = self._known.get(key)
        if name is None:
            name = self._known[key] = f"c{len(self._known)}"
            self.globals[name] = make()  # which also keeps it: no other object gets its id
        return name


class Lines:
    """The lines of a function, and what is written where it is used.

    `alone` says of which steps that is so: they are used once, by a step of the same part of the function. With `stored` the
    values also go into the list `v`.
    """

    def __init__(self, names: Names, bounds: Bounds, alone: frozenset[int], ratios: Ratios, *, stored: bool = False) -> None:
        self.names = names
        self.bounds = bounds
        self.alone = alone
        self.ratios = ratios
        self.lines: list[str] = []
        self.stored = stored
        self.indent = 1
        self.items: dict[int, str] = {}  # the variable of the loop whose item a step is
        self._waiting: dict[int, tuple[str, int]] = {}
        self._deepest = 0

    def line(self, text: str) -> None:
        """Add a line."""
        self.lines.append(" " * self.indent + text)
        self._deepest = 0

    def pair(self, index: int) -> None:
        """Add the lines of the numerator and denominator of a step that others are multiples of."""
        for text in self.ratios.pair(index):
            self.line(text)

    def use(self, index: int) -> str:
        """The value of a step, worked out here if it waits for that. What is used again must have been worked out before."""
        if index in self.bounds.constant:
            return self.names.of(self.bounds.constant[index])
        waiting = self._waiting.pop(index, None)
        if waiting is None:
            return f"x{index}"
        text, depth = waiting
        self._deepest = max(self._deepest, depth)
        return f"(x{index} := {text})"

    def once(self, index: int) -> str:
        """As `use`, for a value that is not used again."""
        text = self.use(index)
        return f"({text.partition(' := ')[2]}" if text.startswith(f"(x{index} := ") else text

    def value(self, index: int, text: str) -> None:
        """Give a step the value of an expression: in a line, or where the step is used."""
        depth, self._deepest = self._deepest + 1, 0
        if index in self.alone and depth <= _DEEPEST and len(text) <= _LONGEST:
            self._waiting[index] = (text, depth)
        else:
            self.line(f"x{index} = v[{index}] = {text}" if self.stored else f"x{index} = {text}")


@dataclass(frozen=True, slots=True)
class Generated(Generic[F]):
    """A generated function and its source."""

    call: F
    source: str


def function(name: str, parameters: str, lines: list[str], names: Names, place: str) -> Generated[Any]:
    """A function made of lines. Raises: EngineError E504 for one that Python cannot hold."""
    short = ", ".join(f"{each}={each}" for each in SHORT)
    source = "\n".join([f"def {name}({parameters}, {short}):", *lines, ""])
    space: dict[str, Any] = {}
    try:
        exec(compile(source, f"<{place}>", "exec"), names.globals, space)  # noqa: S102  # our own text: see the docstring above
    except (SyntaxError, RecursionError, MemoryError, OverflowError):
        message = "conditions are nested too deep for the compiled engine"
        raise EngineError([Diagnostic("E504", message, help="choose another engine")]) from None
    return Generated(space[name], source)
