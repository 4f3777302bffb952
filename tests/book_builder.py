"""Rule books without files: typed nodes put straight into a book, drawn by hypothesis, and profiles on their boundaries."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Final, Literal, TypeVar, cast

from hypothesis import strategies as st

from eligibility import nodes
from eligibility.datatypes import (
    MET,
    NOT_MET,
    UNKNOWN,
    UNKNOWN_TRUTH,
    ChoiceType,
    CodeType,
    CountryType,
    DateType,
    ListType,
    NumberType,
    RecordType,
    TextType,
    Type,
    Value,
)
from eligibility.fitting import Codes
from eligibility.nodes import BOOLEAN, Node
from eligibility.rulebook import (
    ALWAYS,
    Citation,
    Condition,
    DatedList,
    DatedValue,
    Derived,
    FactDeclaration,
    ListEntry,
    Parameter,
    Rule,
    RuleBook,
    Table,
    TableRow,
)

AS_OF: Final = date(2026, 2, 28)
NUMBER, DAY, TEXT, COUNTRY = NumberType(), DateType(), TextType(), CountryType()
LEVEL: Final = ChoiceType("level", ("low", "middle", "high"), ordered=True)
KIND: Final = ChoiceType("kind", ("red", "green", "blue"))
CODE: Final = CodeType("scheme", r"\d{4}")
RECORD: Final = RecordType((("size", NUMBER), ("level", LEVEL), ("sound", BOOLEAN)))
SCALARS: Final[tuple[Type, ...]] = (NUMBER, DAY, TEXT, COUNTRY, LEVEL, KIND, CODE)
MEMBERS: Final[tuple[Type, ...]] = (CODE, COUNTRY, TEXT, LEVEL)

EXACT: Final = (
    0,
    1,
    -1,
    41_700,
    Fraction(417_001, 10),
    Fraction(75, 2),
    Fraction(1, 3),
    10**15,
    2**52,
    2**53 + 1,
    Fraction(10**22, 7),
)
STEPS: Final = (0, 0, 1, -1, Fraction(1, 1000), Fraction(-1, 1000))
DAYS: Final = (date.min, date(2024, 2, 29), AS_OF, date(2026, 3, 1), date.max)
TEXTS: Final = (
    "",
    "a",
    "A",
    "a ",
    'quo"te\\',
    "\x00",
    "line\nbreak",
    "emoji \U0001f600",
    "ß",
    "\u2028",
    "}{",
    "$m",
    "sid",
    "7",
    "x" * 300,
)
VALUES: Final[dict[Type, tuple[Value, ...]]] = {
    NUMBER: EXACT,
    DAY: DAYS,
    TEXT: TEXTS,
    COUNTRY: ("GB", "IE", "NL", "NO"),
    LEVEL: LEVEL.values,
    KIND: KIND.values,
    CODE: ("0001", "2134", "2135", "9999"),
    BOOLEAN: (MET, NOT_MET),
}
FACTS: Final[dict[str, Type]] = {
    **{
        f"{name}.{letter}": type_
        for name, type_ in zip(("n", "d", "t", "c", "l", "k", "o"), SCALARS, strict=True)
        for letter in "ab"
    },
    **{f"b.{letter}": BOOLEAN for letter in "abcd"},
    "s.countries": ListType(COUNTRY),
    "s.records": ListType(RECORD),
}
GUARDED: Final = "b.d"  # a fact that applies when another is met

_CITATION: Final = Citation("S 1", "S", "source", None, AS_OF, "A", None)
T = TypeVar("T")
DayUnit = Literal["year", "month", "week", "day"]


def fact(path: str) -> nodes.FactValue:
    """The value of one of the `FACTS`."""
    return nodes.FactValue(path, FACTS[path])


def book(*roots: Node, rules: int = 1) -> RuleBook:
    """A book whose rules have the roots, dealt out in turn: each as a derived value, a condition also as a criterion."""
    dealt = [roots[start::rules] for start in range(rules)]
    made = {f"test.r{number}": _rule(f"test.r{number}", each) for number, each in enumerate(dealt)}
    facts = {path: _declared(path) for path in FACTS}
    return RuleBook(packs=(), facts=facts, rules=made, codes=Codes(), vocabularies={}, schemes={}, changes=())


def _declared(path: str) -> FactDeclaration:
    guard = fact("b.c") if path == GUARDED else None
    otherwise = NOT_MET if path == GUARDED else None
    return FactDeclaration(
        path=path,
        type=FACTS[path],
        label=path,
        question="?",
        help=None,
        changed_by="nobody",
        personal=False,
        unit=None,
        integer=False,
        minimum=None,
        maximum=None,
        choices={},
        fields={},
        pack="test",
        applies_when=guard,
        otherwise=otherwise,
    )


def _rule(name: str, roots: tuple[Node, ...]) -> Rule:
    derived = {f"value{number}": Derived(f"value{number}", "", node, None, None) for number, node in enumerate(roots)}
    criteria = tuple(
        Condition(f"c{number}", "", "leaf", _CITATION, ALWAYS, node) for number, node in enumerate(roots) if node.type == BOOLEAN
    )
    return Rule(
        id=name,
        kind="pathway",
        pack="test",
        jurisdiction="GB",
        title="",
        authority=None,
        interval=ALWAYS,
        reviewed_until=None,
        concerns=(),
        parameters=PARAMETERS,
        lists=LISTS,
        tables=TABLES,
        derived=derived,
        criteria=criteria,
        assumptions=(),
        notes=(),
        about=(),
        shows=(),
        file="",
    )


def _parameter(name: str, type_: Type, value: Value) -> Parameter:
    return Parameter(name, name, "", type_, (DatedValue(ALWAYS, value, "in_force", None, _CITATION),), ())


PARAMETERS: Final = {
    "p_number": _parameter("p_number", NUMBER, 41_700),
    "p_share": _parameter("p_share", NUMBER, Fraction(7, 10)),
    "p_open": _parameter("p_open", NUMBER, UNKNOWN),
    "p_day": _parameter("p_day", DAY, AS_OF),
    "p_kind": _parameter("p_kind", KIND, "red"),
    "p_true": _parameter("p_true", BOOLEAN, MET),
}
LISTS: Final = {
    "countries": DatedList(
        "countries",
        "",
        COUNTRY,
        ALWAYS,
        tuple(ListEntry(each, ALWAYS, _CITATION) for each in ("GB", "IE")),
        None,
        None,
        _CITATION,
    ),
    "many": DatedList(
        "many", "", CODE, ALWAYS, tuple(ListEntry(f"{each:04}", ALWAYS, _CITATION) for each in range(500)), None, None, _CITATION
    ),
    "none": DatedList("none", "", CODE, ALWAYS, (), None, None, _CITATION),
    "open": DatedList("open", "", CODE, ALWAYS, (), AS_OF, "not published", _CITATION),
}
TABLES: Final = {
    "rates": Table(
        "rates", "", (("kind", KIND),), {"rate": NUMBER, "listed": BOOLEAN}, {}, {}, ALWAYS,
        {
            ("red",): (TableRow(ALWAYS, {"rate": 41_700, "listed": MET}),),
            ("green",): (TableRow(ALWAYS, {"rate": Fraction(75, 2)}),),
        },
        _CITATION,
    )
}  # fmt: skip


# nodes


class Grower:
    """Grows nodes; `below` chooses a number under a bound, from hypothesis or at random.

    `item` is the variable of the quantifier around a node, if there is one.
    """

    def __init__(self, below: Callable[[int], int]) -> None:
        self.below = below
        self.variables = 0

    def one(self, choices: Sequence[T]) -> T:
        """One of several."""
        return choices[self.below(len(choices))]

    def some(self, least: int, most: int) -> range:
        """A range of so many numbers."""
        return range(least + self.below(most - least + 1))

    def roots(self, depth: int, count: int) -> tuple[Node, ...]:
        """Conditions and figures."""
        return tuple(self.condition(depth) if self.below(5) else self.value(NUMBER, depth) for _ in range(count))

    def value(self, type_: Type, depth: int, item: str | None = None) -> Node:
        """A node of a type other than a condition."""
        paths = [path for path, known in FACTS.items() if known == type_]
        fields = [name for name, known in RECORD.fields if known == type_]
        makers: list[Callable[[], Node]] = [
            lambda: fact(self.one(paths)),
            lambda: fact(self.one(paths)),
            lambda: nodes.Constant(self.one(VALUES[type_]), type_),
            lambda: nodes.AssumedFact(fact(self.one(paths)), self.one(VALUES[type_]), "test.r0"),
        ]
        parameters = [name for name, parameter in PARAMETERS.items() if parameter.type == type_]
        if parameters:
            makers.append(lambda: nodes.ParameterValue("test.r0", self.one(parameters), type_))
        if item is not None and fields:
            makers += [lambda: nodes.ItemValue(item, self.one(fields), type_)] * 4
        if type_ == DAY:
            makers.append(nodes.AsOf)
        if type_ == NUMBER:
            makers.append(lambda: nodes.Lookup("test.r0", "rates", (self.value(KIND, 0, item),), "rate", NUMBER))
        if depth:
            makers += self._calculations(type_, depth - 1, item)
        return self.one(makers)()

    def _calculations(self, type_: Type, depth: int, item: str | None) -> list[Callable[[], Node]]:
        def again() -> Node:
            return self.value(type_, depth, item)

        makers: list[Callable[[], Node]] = [
            lambda: nodes.Choose(self.condition(depth, item), again(), again(), type_),
            lambda: self._classified(type_, depth, item),
        ]
        if type_ == DAY:
            units: tuple[DayUnit, ...] = ("year", "month", "week", "day")
            makers.append(lambda: nodes.DateShift(again(), _constant(self.below(81) - 40), self.one(units), self.one((1, -1))))
        if type_ == NUMBER:
            makers += [
                lambda: nodes.Arithmetic(self.one(("+", "-", "*")), again(), again(), NUMBER),
                lambda: nodes.Arithmetic("/", again(), _constant(self.one((Fraction(75, 2), 3, -2))), NUMBER),
                lambda: nodes.Rounded(
                    self.one(("up", "down", "half_up")), again(), _constant(self.one((1, 100, Fraction(1, 100)))), NUMBER
                ),
                lambda: nodes.Extreme(self.one(("min", "max")), (again(), again()), NUMBER),
                lambda: nodes.Elapsed(
                    self.one(("year", "month", "day")), self.value(DAY, 0, item), self.value(DAY, 0, item), NUMBER
                ),
                lambda: self._aggregate(depth),
            ]
        return makers

    def _classified(self, type_: Type, depth: int, item: str | None) -> Node:
        rows = [(self.condition(depth, item), self.one(VALUES[type_])) for _ in self.some(1, 3)]
        otherwise = self.one((UNKNOWN, *VALUES[type_]))
        return nodes.Classified(
            self.one(("first", "unique")), tuple(row[0] for row in rows), tuple(row[1] for row in rows), otherwise, type_
        )

    def _aggregate(self, depth: int) -> Node:
        variable = self._variable()
        condition = self.condition(depth, variable) if self.below(2) else None
        if self.below(2):
            return nodes.Aggregate("count", fact("s.records"), variable, condition, None, NUMBER)
        body = nodes.ItemValue(variable, "size", NUMBER)
        return nodes.Aggregate(self.one(("sum", "min", "max")), fact("s.records"), variable, condition, body, NUMBER)

    def _variable(self) -> str:
        self.variables += 1
        return f"v{self.variables}"

    def condition(self, depth: int, item: str | None = None) -> Node:
        """A node that is a condition."""
        makers: list[Callable[[], Node]] = [
            lambda: fact(self.one(("b.a", "b.b", "b.c", "b.d"))),
            *[lambda: self._comparison(depth, item)] * 4,
            *[lambda: self._membership(item)] * 2,
            nodes.HumanJudgement,
            lambda: nodes.Constant(self.one((MET, NOT_MET, UNKNOWN_TRUTH)), BOOLEAN),
            lambda: nodes.ParameterValue("test.r0", "p_true", BOOLEAN),
            lambda: nodes.TableHas("test.r0", "rates", (self.value(KIND, 0, item),)),
            lambda: nodes.Lookup("test.r0", "rates", (self.value(KIND, 0, item),), "listed", BOOLEAN),
            lambda: nodes.Contains(self.value(TEXT, 0, item), self.one((("a",), ("line break", "7")))),
            lambda: nodes.StartsWith(
                self.value(CODE, 0, item), nodes.Constant(self.one((("21", "0"), ("",), ())), ListType(CODE))
            ),
        ]
        if item is not None:
            makers += [lambda: nodes.ItemValue(item, "sound", BOOLEAN)] * 2
        if depth:
            makers += self._combinations(depth - 1, item) * 2
        return self.one(makers)()

    def _combinations(self, depth: int, item: str | None) -> list[Callable[[], Node]]:
        def again() -> Node:
            return self.condition(depth, item)

        def several() -> tuple[Node, ...]:
            return tuple(again() for _ in self.some(0, 4))

        def quantified() -> Node:
            variable = self._variable()
            return nodes.Quantified(self.one(("any", "all")), fact("s.records"), variable, self.condition(depth, variable))

        return [
            lambda: nodes.AllOf(several()),
            lambda: nodes.AnyOf(several()),
            lambda: nodes.Negation(again()),
            lambda: nodes.AtLeast(1 + self.below(4), several()),
            lambda: nodes.Choose(again(), again(), again(), BOOLEAN),
            lambda: self._points(several(), item),
            quantified,
        ]

    def _points(self, rows: tuple[Node, ...], item: str | None) -> Node:
        awards = tuple(self.value(NUMBER, 0, item) for _ in rows)
        limits = tuple(self.one((None, 10, 50_000)) for _ in rows)
        return nodes.PointsReached(rows, awards, limits, self.value(NUMBER, 0, item))

    def _comparison(self, depth: int, item: str | None) -> Node:
        type_ = self.one((*SCALARS, NUMBER, NUMBER))
        equality: tuple[nodes.Comparator, ...] = ("==", "!=")
        ordering: tuple[nodes.Comparator, ...] = ("<", "<=", ">", ">=")
        operator = self.one((*equality, *ordering) if type_ in (NUMBER, DAY, LEVEL) else equality)
        order = LEVEL.values if type_ == LEVEL and operator in ordering else None
        return nodes.Comparison(
            operator, self.value(type_, max(depth - 1, 0), item), self.value(type_, max(depth - 1, 0), item), order
        )

    def _membership(self, item: str | None) -> Node:
        lists: dict[Type, tuple[str, ...]] = {CODE: ("many", "none", "open"), COUNTRY: ("countries",)}
        type_: Type = self.one(MEMBERS)
        collections: list[Node] = [nodes.Constant(tuple(self.one(VALUES[type_]) for _ in self.some(0, 4)), ListType(type_))]
        collections += [nodes.ListValue("test.r0", name, ListType(type_)) for name in lists.get(type_, ())]
        if type_ == COUNTRY:
            collections.append(fact("s.countries"))
        return nodes.Membership(self.value(type_, 0, item), self.one(collections))


def _constant(value: Value) -> nodes.Constant:
    return nodes.Constant(value, NUMBER)


@st.composite
def roots(draw: st.DrawFn, *, depth: int = 3, most: int = 5) -> tuple[Node, ...]:
    """A few conditions and figures; `book` makes a book of them."""
    return Grower(lambda bound: draw(st.integers(0, bound - 1))).roots(depth, draw(st.integers(1, most)))


# profiles


def _stated(type_: Type) -> st.SearchStrategy[Value]:
    if isinstance(type_, ListType) and isinstance(type_.element, RecordType):
        optional = {name: _stated(field) for name, field in type_.element.fields}
        record = st.fixed_dictionaries({}, optional=optional)
        return cast("st.SearchStrategy[Value]", st.lists(record, max_size=3).map(tuple))
    if isinstance(type_, ListType):
        return cast("st.SearchStrategy[Value]", st.lists(_stated(type_.element), max_size=3).map(tuple))
    known = st.sampled_from(VALUES[type_])
    if type_ == NUMBER:
        return st.builds(_near, known, st.sampled_from(STEPS))
    return known


def _near(number: int | Fraction, step: int | Fraction) -> Value:
    moved = Fraction(number) + step
    return moved.numerator if moved.denominator == 1 else moved


def profiles() -> st.SearchStrategy[Mapping[str, Value]]:
    """The known facts of a profile: any of `FACTS`, on the figures of the rules or just beside them."""
    return st.fixed_dictionaries({}, optional={path: _stated(type_) for path, type_ in FACTS.items()})
