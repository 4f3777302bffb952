"""The written tree of an expression: frozen nodes, one class per form; positions are ignored by equality. No behaviour."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Place:
    """Where a node stands in its text: characters from the start, and length."""

    start: int
    length: int


NOWHERE = Place(0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """Any form of the language."""

    place: Place = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Literal(Node):
    """A number, text or truth value."""

    value: int | Decimal | str | bool


@dataclass(frozen=True, slots=True)
class Listed(Node):
    """Several values: `["a", "b"]`, or the keys of a membership test of a table: `("1", x)`."""

    items: tuple[Expr, ...]
    round_brackets: bool = False


@dataclass(frozen=True, slots=True)
class Name(Node):
    """A dotted name."""

    parts: tuple[str, ...]

    @property
    def text(self) -> str:
        """The name as written."""
        return ".".join(self.parts)


@dataclass(frozen=True, slots=True)
class Logic(Node):
    """`and` or `or` of two or more conditions."""

    operator: str
    items: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Not(Node):
    """`not` of a condition."""

    item: Expr


@dataclass(frozen=True, slots=True)
class Compare(Node):
    """A comparison, or a chain of them: `a <= x < b`."""

    left: Expr
    operators: tuple[str, ...]
    rights: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Arithmetic(Node):
    """`+`, `-`, `*` or `/` of two values."""

    operator: str
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True)
class Negative(Node):
    """Minus a value."""

    item: Expr


@dataclass(frozen=True, slots=True)
class Conditional(Node):
    """`then if condition else otherwise`."""

    condition: Expr
    then: Expr
    otherwise: Expr


@dataclass(frozen=True, slots=True)
class Lookup(Node):
    """A cell of a table: `rate["1", code].annual`."""

    table: Name
    keys: tuple[Expr, ...]
    column: str


@dataclass(frozen=True, slots=True)
class Call(Node):
    """A function of the language applied to values."""

    function: str
    arguments: tuple[Expr, ...]
    named: tuple[tuple[str, Expr], ...] = ()


@dataclass(frozen=True, slots=True)
class Quantifier(Node):
    """A function over the items of a list: `any(d.level == "master" for d in degrees if d.recognised)`."""

    function: str
    body: Expr
    variable: str
    source: Expr
    condition: Expr | None = None


Expr = Literal | Listed | Name | Logic | Not | Compare | Arithmetic | Negative | Conditional | Lookup | Call | Quantifier
