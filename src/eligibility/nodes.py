"""The meant tree: typed nodes with resolved names, what every engine runs.

Frozen, compared by structure, so equal nodes are one node.

A node of boolean type yields a `Truth`, any other a value or `UNKNOWN`. The docstring of each class is its meaning.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from eligibility.datatypes import (
    BooleanType,
    DateType,
    ListType,
    Number,
    NumberType,
    TextType,
    Type,
    Value,
)

Comparator = Literal["==", "!=", "<", "<=", ">", ">="]
BOOLEAN = BooleanType()


@dataclass(frozen=True, slots=True)
class Constant:
    """A value written in the rule."""

    value: Value
    type: Type


@dataclass(frozen=True, slots=True)
class FactValue:
    """The value of a fact; unknown when the profile does not state it."""

    path: str
    type: Type


@dataclass(frozen=True, slots=True)
class AssumedFact:
    """The value of a fact, or of the assumption a rule declares for it when the fact is unknown."""

    fact: FactValue
    value: Value
    rule: str

    @property
    def type(self) -> Type:
        """The type of the fact."""
        return self.fact.type


@dataclass(frozen=True, slots=True)
class ItemValue:
    """The item of a list a quantifier looks at, or one field of it. `variable` is unique in the rule book."""

    variable: str
    field: str | None
    type: Type


@dataclass(frozen=True, slots=True)
class AsOf:
    """The as-of date."""

    @property
    def type(self) -> Type:
        """A date."""
        return DateType()


@dataclass(frozen=True, slots=True)
class ParameterValue:
    """The value a parameter has on the as-of date; unknown before the first, in a gap, or where the rule says so."""

    rule: str
    name: str
    type: Type


@dataclass(frozen=True, slots=True)
class ListValue:
    """The entries of a list in force on the as-of date; unknown where the rule says so."""

    rule: str
    name: str
    type: ListType


@dataclass(frozen=True, slots=True)
class Lookup:
    """A cell of a table; unknown for an unknown key, a key without row, an empty cell, or a date the table does not cover."""

    rule: str
    table: str
    keys: tuple[Node, ...]
    column: str
    type: Type


@dataclass(frozen=True, slots=True)
class Reference:
    """The value of a derived value, a classification or a criterion (`criteria.a.b`) of a rule."""

    rule: str
    name: str
    type: Type


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """`+`, `-`, `*`, or `/` by a constant; exact; unknown if either side is."""

    operator: Literal["+", "-", "*", "/"]
    left: Node
    right: Node
    type: Type


@dataclass(frozen=True, slots=True)
class DateShift:
    """A date moved by whole calendar units, clamped to the end of the month."""

    day: Node
    amount: Node
    unit: Literal["year", "month", "week", "day"]
    sign: Literal[1, -1]

    @property
    def type(self) -> Type:
        """A date."""
        return DateType()


@dataclass(frozen=True, slots=True)
class Elapsed:
    """Whole calendar units from a date to another; negative when the second is earlier."""

    unit: Literal["year", "month", "day"]
    start: Node
    end: Node
    type: NumberType


@dataclass(frozen=True, slots=True)
class Extreme:
    """The least or greatest of several values; unknown if any is."""

    kind: Literal["min", "max"]
    items: tuple[Node, ...]
    type: Type


@dataclass(frozen=True, slots=True)
class Rounded:
    """A number rounded to a multiple of a step, in the direction the rule names."""

    mode: Literal["up", "down", "half_up"]
    number: Node
    step: Node
    type: Type


@dataclass(frozen=True, slots=True)
class Converted:
    """Money in a currency and period; unknown in another currency, or where hours or weeks are needed and unknown."""

    money: Node
    hours_per_week: Node | None
    weeks_per_year: Node | None
    type: NumberType


@dataclass(frozen=True, slots=True)
class Amount:
    """The bare amount of money of any currency: only for comparison with nothing at all."""

    money: Node

    @property
    def type(self) -> Type:
        """A bare number."""
        return NumberType()


@dataclass(frozen=True, slots=True)
class Choose:
    """`then` if the condition is met, `otherwise` if it is not met, unknown else."""

    condition: Node
    then: Node
    otherwise: Node
    type: Type


@dataclass(frozen=True, slots=True)
class Aggregate:
    """count, sum, min or max over the items of a list that fulfil a condition; unknown if any of them may or may not."""

    kind: Literal["count", "sum", "min", "max"]
    source: Node
    variable: str
    condition: Node | None
    body: Node | None
    type: Type


@dataclass(frozen=True, slots=True)
class Classified:
    """The value of a decision table; unknown where rows that may be true disagree.

    first: the value of the topmost true row. unique: the value of the only true row, unknown when two are true.
    collect: the values of all true rows, unknown while any row is.
    """

    hit: Literal["first", "unique", "collect"]
    conditions: tuple[Node, ...]
    values: tuple[Value, ...]
    otherwise: Value
    type: Type


@dataclass(frozen=True, slots=True)
class AllOf:
    """Conjunction; see `datatypes.all_of`."""

    items: tuple[Node, ...]

    @property
    def type(self) -> Type:
        """A condition."""
        return BOOLEAN


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Disjunction; see `datatypes.any_of`."""

    items: tuple[Node, ...]

    @property
    def type(self) -> Type:
        """A condition."""
        return BOOLEAN


@dataclass(frozen=True, slots=True)
class Negation:
    """See `datatypes.negate`."""

    item: Node

    @property
    def type(self) -> Type:
        """A condition."""
        return BOOLEAN


@dataclass(frozen=True, slots=True)
class AtLeast:
    """k of n; see `datatypes.at_least`."""

    count: int
    items: tuple[Node, ...]

    @property
    def type(self) -> Type:
        """A condition."""
        return BOOLEAN


@dataclass(frozen=True, slots=True)
class PointsReached:
    """Whether the points of all rows reach the pass mark; see `datatypes.reached`.

    A row gives its award where its condition is met. Where the condition is unknown it may give it, where it is judgement a human
    may grant it; an unknown award lies between 0 and `most` (None: without bound).
    """

    conditions: tuple[Node, ...]
    awards: tuple[Node, ...]
    most: tuple[Number | None, ...]
    pass_mark: Node

    @property
    def type(self) -> Type:
        """A condition."""
        return BOOLEAN


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two values compared; unknown if either is. `order` ranks the values of an ordered choice, lowest first."""

    operator: Comparator
    left: Node
    right: Node
    order: tuple[str, ...] | None = None

    @property
    def type(self) -> Type:
        """A condition."""
        return BOOLEAN


@dataclass(frozen=True, slots=True)
class Membership:
    """Whether a value is among the values of a collection; unknown if either is."""

    item: Node
    collection: Node

    @property
    def type(self) -> Type:
        """A condition."""
        return BOOLEAN


@dataclass(frozen=True, slots=True)
class TableHas:
    """Whether a table has a row for the keys on the as-of date; unknown for an unknown key or a date it does not cover."""

    rule: str
    table: str
    keys: tuple[Node, ...]

    @property
    def type(self) -> Type:
        """A condition."""
        return BOOLEAN


@dataclass(frozen=True, slots=True)
class Contains:
    """Whether a text holds one of the phrases as whole words, ignoring case and punctuation."""

    text: Node
    phrases: tuple[str, ...]

    @property
    def type(self) -> Type:
        """A condition."""
        return BOOLEAN


@dataclass(frozen=True, slots=True)
class StartsWith:
    """Whether a code begins with one of the prefixes."""

    code: Node
    prefixes: Node

    @property
    def type(self) -> Type:
        """A condition."""
        return BOOLEAN


@dataclass(frozen=True, slots=True)
class Quantified:
    """Whether the body holds for any, or for all, items of a list; unknown for an unknown list."""

    kind: Literal["any", "all"]
    source: Node
    variable: str
    body: Node

    @property
    def type(self) -> Type:
        """A condition."""
        return BOOLEAN


@dataclass(frozen=True, slots=True)
class HumanJudgement:
    """What only a human can decide: always judgement."""

    @property
    def type(self) -> Type:
        """A condition."""
        return BOOLEAN


Node = (
    Constant
    | FactValue
    | AssumedFact
    | ItemValue
    | AsOf
    | ParameterValue
    | ListValue
    | Lookup
    | Reference
    | Arithmetic
    | DateShift
    | Elapsed
    | Extreme
    | Rounded
    | Converted
    | Amount
    | Choose
    | Aggregate
    | Classified
    | AllOf
    | AnyOf
    | Negation
    | AtLeast
    | PointsReached
    | Comparison
    | Membership
    | TableHas
    | Contains
    | StartsWith
    | Quantified
    | HumanJudgement
)


def names_row(key: Node) -> bool:
    """Whether a key of a table is a text that stands in the rule, and so no more than the name of a row."""
    return isinstance(key, Constant) and isinstance(key.type, TextType)


def walk(node: Node) -> Iterator[Node]:
    """A node and every node below it."""
    yield node
    for child in children(node):
        yield from walk(child)


def children(node: Node) -> tuple[Node, ...]:
    """The nodes directly below a node, in the order their meaning names them."""
    match node:
        case AssumedFact(fact=fact):
            return (fact,)
        case Lookup(keys=keys) | TableHas(keys=keys):
            return keys
        case Arithmetic(left=left, right=right) | Comparison(left=left, right=right):
            return (left, right)
        case DateShift(day=day, amount=amount):
            return (day, amount)
        case Elapsed(start=start, end=end):
            return (start, end)
        case Extreme(items=items) | AllOf(items=items) | AnyOf(items=items) | AtLeast(items=items):
            return items
        case PointsReached(conditions=conditions, awards=awards, pass_mark=mark):
            return (*conditions, *awards, mark)
        case Rounded(number=number, step=step):
            return (number, step)
        case Converted(money=money, hours_per_week=hours, weeks_per_year=weeks):
            return tuple(each for each in (money, hours, weeks) if each is not None)
        case Amount(money=money):
            return (money,)
        case Choose(condition=condition, then=then, otherwise=otherwise):
            return (condition, then, otherwise)
        case Aggregate(source=source, condition=test, body=body):
            return tuple(each for each in (source, test, body) if each is not None)
        case Classified(conditions=conditions):
            return conditions
        case Negation(item=item):
            return (item,)
        case Membership(item=item, collection=collection):
            return (item, collection)
        case Contains(text=text):
            return (text,)
        case StartsWith(code=code, prefixes=prefixes):
            return (code, prefixes)
        case Quantified(source=source, body=body):
            return (source, body)
        case _:
            return ()
