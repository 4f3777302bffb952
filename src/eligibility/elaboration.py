"""Expressions from written to meant: names resolved, types and units checked. Every problem is reported; none stops the rest."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal, Protocol, cast

from eligibility import expr, nodes
from eligibility.datatypes import (
    BARE,
    MET,
    NOT_MET,
    PERIODS,
    BooleanType,
    ChoiceType,
    CodeType,
    CountryType,
    DateType,
    ListType,
    MoneyType,
    NumberType,
    RecordType,
    TextType,
    Type,
    Unit,
    exact,
)
from eligibility.diagnostics import Collector, Span, did_you_mean
from eligibility.english import counted
from eligibility.fitting import Codes, Misfit, fit
from eligibility.syntax import ExpressionError, parse, unparse

BOOLEAN = BooleanType()
FUNCTIONS = (
    "any", "all", "count", "sum", "min", "max", "date", "years", "months", "weeks", "days", "days_between", "months_between",
    "years_between", "round_up", "round_down", "round_half_up", "convert", "contains", "starts_with",
)  # fmt: skip
_LOOPS = ("any", "all", "count", "sum", "min", "max")
_DURATIONS: Mapping[str, str] = {"years": "year", "months": "month", "weeks": "week", "days": "day"}
_ELAPSED: Mapping[str, Literal["year", "month", "day"]] = {
    "years_between": "year",
    "months_between": "month",
    "days_between": "day",
}
_ROUNDING: Mapping[str, Literal["up", "down", "half_up"]] = {"round_up": "up", "round_down": "down", "round_half_up": "half_up"}


Locate = Callable[[int, int], Span | None]


@dataclass(frozen=True, slots=True)
class TableShape:
    """What an expression may ask of a table: its keys in order, and its columns."""

    rule: str
    name: str
    keys: tuple[Type, ...]
    columns: Mapping[str, Type | None]


class Scope(Protocol):
    """What names mean in one rule file."""

    codes: Codes

    def value(self, parts: tuple[str, ...]) -> nodes.Node | None:
        """The node a name stands for, None for an unknown name."""

    def table(self, parts: tuple[str, ...]) -> TableShape | None:
        """The table a name stands for, None for anything else."""

    def names(self) -> Iterable[str]:
        """Every name that could be meant, for suggestions."""

    def is_broken(self, parts: tuple[str, ...]) -> bool:
        """Whether the name is declared but its declaration has errors of its own."""

    def is_whole(self, node: nodes.FactValue | nodes.ParameterValue | nodes.Reference) -> bool:
        """Whether a number is declared so that it is always whole."""


class _Stop(Exception):
    """An expression that was reported and cannot be typed."""


@dataclass(slots=True)
class Elaborator:
    """Elaborates the expressions of one rule file."""

    scope: Scope
    collector: Collector
    note: str = ""
    locate: Locate = lambda _start, _length: None
    variables: dict[str, tuple[str, Type]] = field(default_factory=dict)
    fresh: Callable[[], str] = lambda: "item"

    def condition(self, text: str, locate: Locate) -> nodes.Node | None:
        """The node of a condition, or None when it was reported."""
        return self.elaborate(text, locate, BOOLEAN)

    def elaborate(self, text: str, locate: Locate, wanted: Type | None = None) -> nodes.Node | None:
        """The node of an expression; with `wanted`, of that type. None when it was reported.

        `locate` gives the place in the rule file of a part of the text (first character, length).
        """
        self.locate, self.variables = locate, {}
        try:
            tree = parse(text)
        except ExpressionError as error:
            self._report(error.code, error.message, expr.Place(error.start, error.length), error.help)
            return None
        try:
            node = self.node(tree, wanted)
            if wanted is not None:
                self.require(node, wanted, tree)
        except _Stop:
            return None
        return node

    def _report(self, code: str, message: str, place: expr.Place, help: str = "") -> None:
        self.collector.add(
            code, message, self.locate(place.start, place.length), help=help, notes=(self.note,) if self.note else ()
        )

    def stop(self, code: str, message: str, tree: expr.Expr, help: str = "") -> _Stop:
        """Report a problem at a part of the expression; raise what is returned."""
        self._report(code, message, tree.place, help)
        return _Stop()

    # types

    def require(self, node: nodes.Node, wanted: Type, tree: expr.Expr) -> None:
        """Report a value that is not of the wanted type."""
        if node.type == wanted:
            return
        if isinstance(wanted, BooleanType):
            help = "write `in`, `any(...)`, `all(...)` or `count(...) > 0`" if isinstance(node.type, ListType) else ""
            raise self.stop(
                "E208",
                f"a condition is needed here: `{_short(tree)}` is {node.type}",
                tree,
                help or "compare it with a parameter or another value",
            )
        if isinstance(node.type, NumberType) and isinstance(wanted, NumberType):
            message = f"expected {wanted}: `{_short(tree)}` is {node.type}"
            raise self.stop("E206", message, tree, _unit_help(node.type, wanted))
        raise self.stop("E205", f"expected {wanted}: `{_short(tree)}` is {node.type}", tree, f"write {wanted} here")

    def _mixed(self, verb: str, left: expr.Expr, a: Type, right: expr.Expr, b: Type) -> _Stop:
        """Report two values that do not belong together."""
        numbers = isinstance(a, NumberType) and isinstance(b, NumberType)
        help = _unit_help(b, a) if isinstance(a, NumberType) and isinstance(b, NumberType) else _compare_help(a, b)
        message = f"cannot {verb} {a} and {b}: `{_short(left)}` and `{_short(right)}`"
        return self.stop("E206" if numbers else "E205", message, right, help)

    # forms

    def node(self, tree: expr.Expr, wanted: Type | None = None) -> nodes.Node:
        """The node of a tree; `wanted` guides the reading of literals only."""
        match tree:
            case expr.Literal():
                return self.literal(tree, wanted)
            case expr.Listed():
                raise self.stop("E205", "a list stands only after `in` and in `starts_with`", tree, "write `x in [...]`")
            case expr.Name():
                return self.name(tree)
            case expr.Logic(operator=operator, items=items):
                parts = self.gather(items, BOOLEAN)
                return nodes.AllOf(parts) if operator == "and" else nodes.AnyOf(parts)
            case expr.Not(item=item):
                return nodes.Negation(self.typed(item, BOOLEAN))
            case expr.Compare():
                return self.compare(tree)
            case expr.Arithmetic():
                return self.arithmetic(tree)
            case expr.Negative(item=item):
                value = self.node(item)
                if not isinstance(value.type, NumberType):
                    raise self.stop("E205", f"only a number has a negative: `{_short(item)}` is {value.type}", tree, "remove `-`")
                if isinstance(value, nodes.Constant):
                    return nodes.Constant(-cast(int, value.value), value.type)
                return nodes.Arithmetic("-", nodes.Constant(0, value.type), value, value.type)
            case expr.Conditional(condition=condition, then=then, otherwise=otherwise):
                test = self.typed(condition, BOOLEAN)
                first, second = self.pair(then, otherwise, wanted)
                self.require(second, first.type, otherwise)
                return nodes.Choose(test, first, second, first.type)
            case expr.Lookup():
                return self.lookup(tree)
            case expr.Quantifier():
                return self.quantifier(tree)
            case expr.Call():
                return self.call(tree)

    def typed(self, tree: expr.Expr, wanted: Type) -> nodes.Node:
        """The node of a tree, which must be of a type."""
        node = self.node(tree, wanted)
        self.require(node, wanted, tree)
        return node

    def gather(self, trees: Iterable[expr.Expr], wanted: Type) -> tuple[nodes.Node, ...]:
        """The nodes of several trees; the problems of all are reported before the first stops."""
        found: list[nodes.Node] = []
        stopped = False
        for tree in trees:
            try:
                found.append(self.typed(tree, wanted))
            except _Stop:
                stopped = True
        if stopped:
            raise _Stop
        return tuple(found)

    def literal(self, tree: expr.Literal, wanted: Type | None) -> nodes.Node:
        """A number, text or truth value, read as what stands beside it."""
        value = tree.value
        if isinstance(value, bool):
            return nodes.Constant(MET if value else NOT_MET, BOOLEAN)
        if isinstance(value, int | Decimal):
            zero = value == 0 and isinstance(wanted, NumberType)
            return nodes.Constant(exact(value), cast(NumberType, wanted) if zero else NumberType())
        if isinstance(wanted, ChoiceType | CodeType | CountryType):
            try:
                return nodes.Constant(fit(value, wanted, self.scope.codes), wanted)
            except Misfit as misfit:
                raise self.stop("E207", misfit.message, tree, misfit.help) from None
        if isinstance(wanted, DateType):
            raise self.stop(
                "E205", f"cannot compare a date with text: `{_short(tree)}` is text", tree, f"write `date({_short(tree)})`"
            )
        return nodes.Constant(value, TextType())

    def name(self, tree: expr.Name) -> nodes.Node:
        """What a name stands for: an item of a list or a field of it, the as-of date, or whatever the scope declares."""
        first, *rest = tree.parts
        if first in self.variables:
            variable, kind = self.variables[first]
            if not rest:
                return nodes.ItemValue(variable, None, kind)
            if not isinstance(kind, RecordType):
                raise self.stop("E202", f"`{first}` has no parts: it is {kind}", tree, f"write `{first}` alone")
            field_type = kind.field(".".join(rest))
            if field_type is None:
                fields = [name for name, _ in kind.fields]
                raise self.stop(
                    "E202",
                    f"`{first}` has no field `{'.'.join(rest)}`",
                    tree,
                    did_you_mean(".".join(rest), fields, otherwise=f"its fields are {', '.join(fields)}"),
                )
            return nodes.ItemValue(variable, ".".join(rest), field_type)
        if tree.parts == ("as_of",):
            return nodes.AsOf()
        node = self.scope.value(tree.parts)
        if node is not None:
            return node
        if self.scope.table(tree.parts) is not None:
            raise self.stop("E212", f"`{tree.text}` is a table", tree, f"write `{tree.text}[key].column` or `key in {tree.text}`")
        if self.scope.is_broken(tree.parts):
            raise _Stop
        help = did_you_mean(
            tree.text, self.scope.names(), otherwise="declare it as a fact, parameter, list, derived value or classification"
        )
        raise self.stop("E202", f"unknown name `{tree.text}`", tree, help)

    def lookup(self, tree: expr.Lookup) -> nodes.Node:
        """A cell of a table."""
        table = self.scope.table(tree.table.parts)
        if table is None:
            if self.scope.value(tree.table.parts) is None and self.scope.is_broken(tree.table.parts):
                raise _Stop
            tables = [name for name in self.scope.names() if self.scope.table(tuple(name.split("."))) is not None]
            help = did_you_mean(tree.table.text, tables, otherwise="declare it under `tables`")
            raise self.stop("E212", f"`{tree.table.text}` is not a table", tree.table, help)
        keys = self.keys(table, tree.keys, tree)
        column = table.columns.get(tree.column)
        if column is None and tree.column in table.columns:
            raise _Stop
        if column is None:
            help = did_you_mean(tree.column, table.columns, otherwise=f"it has {_named('column', table.columns)}")
            column_name = expr.Name((tree.column,), place=expr.Place(_end(tree) - len(tree.column), len(tree.column)))
            raise self.stop("E212", f"table `{table.name}` has no column `{tree.column}`", column_name, help)
        return nodes.Lookup(table.rule, table.name, keys, tree.column, column)

    def keys(self, table: TableShape, trees: tuple[expr.Expr, ...], tree: expr.Expr) -> tuple[nodes.Node, ...]:
        """The keys of a table, each of its type."""
        if len(trees) != len(table.keys):
            message = f"table `{table.name}` has {counted(len(table.keys), 'key')}, {len(trees)} given"
            raise self.stop("E212", message, tree, "write one value for each key, in the order of its declaration")
        found = tuple(self.node(each, kind) for each, kind in zip(trees, table.keys, strict=True))
        for node, kind, each in zip(found, table.keys, trees, strict=True):
            if not (isinstance(kind, TextType) and isinstance(node.type, ChoiceType | CodeType | CountryType)):
                self.require(node, kind, each)
        return found

    def arithmetic(self, tree: expr.Arithmetic) -> nodes.Node:
        """Two numbers of fitting units, or a date that is moved."""
        left, right = self.node(tree.left), self.node(tree.right)
        operator = cast(Literal["+", "-", "*", "/"], tree.operator)
        if isinstance(left.type, DateType):
            return self.shifted(tree, left, right)
        for node, side in ((left, tree.left), (right, tree.right)):
            if isinstance(node.type, MoneyType):
                other = right if node is left else left
                raise self.stop("E211", f"`{_short(side)}` is money of any currency", side, _convert_help(side, other.type))
            if not isinstance(node.type, NumberType):
                help = "calculate with numbers, with money in one unit, or with a date and a duration"
                raise self.stop("E205", f"cannot calculate with `{_short(side)}`: it is {node.type}", side, help)
        a, b = cast(NumberType, left.type), cast(NumberType, right.type)
        if operator in "+-":
            if _is_zero(right):
                b = a
            elif _is_zero(left):
                a = b
            if a != b:
                raise self._mixed("add" if operator == "+" else "subtract", tree.left, a, tree.right, b)
            return nodes.Arithmetic(operator, left, right, a)
        if operator == "/" and not _is_constant(right):
            raise self.stop(
                "E209",
                f"cannot divide by `{_short(tree.right)}`: only by a literal or a parameter",
                tree.right,
                "multiply the other side by it instead",
            )
        if operator == "/" and _is_zero(right):
            raise self.stop("E209", "cannot divide by zero", tree.right, "check the figure")
        return nodes.Arithmetic(operator, left, right, NumberType(a.unit.times(b.unit, 1 if operator == "*" else -1)))

    def shifted(self, tree: expr.Arithmetic, day: nodes.Node, amount: nodes.Node) -> nodes.Node:
        """A date moved by whole units."""
        if tree.operator not in "+-":
            raise self.stop("E205", "a date can only be moved with `+` and `-`", tree, "write one such as `as_of - years(2)`")
        if isinstance(amount.type, DateType):
            raise self.stop(
                "E205",
                "dates cannot be subtracted",
                tree,
                "write `days_between(a, b)`, `months_between(a, b)` or `years_between(a, b)`",
            )
        unit = amount.type.unit.duration if isinstance(amount.type, NumberType) else None
        if unit is None:
            raise self.stop(
                "E206",
                f"a date moves by years, months, weeks or days: `{_short(tree.right)}` is {amount.type}",
                tree.right,
                "write `months(3)` or a parameter in months",
            )
        if not is_whole(amount, self.scope):
            shown = _short(tree.right)
            help = "write a literal, a parameter of whole numbers, or `round_down(..., 1)`"
            raise self.stop("E206", f"a date moves by whole {unit}s: `{shown}` may have a fraction", tree.right, help)
        return nodes.DateShift(
            day, amount, cast(Literal["year", "month", "week", "day"], unit), 1 if tree.operator == "+" else -1
        )

    def compare(self, tree: expr.Compare) -> nodes.Node:
        """A comparison, or a chain of them."""
        parts: list[nodes.Node] = []
        left = tree.left
        for operator, right in zip(tree.operators, tree.rights, strict=True):
            if operator in ("in", "not in"):
                inside = self.membership(left, right)
                parts.append(inside if operator == "in" else nodes.Negation(inside))
            else:
                parts.append(self.comparison(cast(nodes.Comparator, operator), left, right))
            left = right
        return parts[0] if len(parts) == 1 else nodes.AllOf(tuple(parts))

    def comparison(self, operator: nodes.Comparator, left: expr.Expr, right: expr.Expr) -> nodes.Node:
        """Two values of one type compared."""
        first, second = self.pair(left, right)
        if isinstance(first.type, MoneyType) and _is_zero(second):
            first = nodes.Amount(first)
        if isinstance(second.type, MoneyType) and _is_zero(first):
            second = nodes.Amount(second)
        for node, side in ((first, left), (second, right)):
            if isinstance(node.type, MoneyType):
                other = second if node is first else first
                raise self.stop("E211", f"`{_short(side)}` is money of any currency", side, _convert_help(side, other.type))
            if isinstance(node.type, BooleanType):
                raise self.stop(
                    "E205", f"`{_short(side)}` is a condition already", side, "write the condition itself, or `not` before it"
                )
            if isinstance(node.type, ListType | RecordType):
                raise self.stop(
                    "E205", f"`{_short(side)}` is {node.type}", side, "use `in`, `any(...)`, `all(...)` or `count(...)`"
                )
        if first.type != second.type:
            raise self._mixed("compare", left, first.type, right, second.type)
        order: tuple[str, ...] | None = None
        if operator not in ("==", "!=") and not isinstance(first.type, NumberType | DateType):
            if not isinstance(first.type, ChoiceType) or not first.type.ordered:
                raise self.stop("E205", f"`{_short(left)}` has no order: it is {first.type}", left, "use `==`, `!=` or `in`")
            order = first.type.values
        return nodes.Comparison(operator, first, second, order)

    def pair(self, left: expr.Expr, right: expr.Expr, wanted: Type | None = None) -> tuple[nodes.Node, nodes.Node]:
        """The nodes of two values that stand beside each other: the type of one guides the reading of a literal of the other."""
        if isinstance(left, expr.Literal) and wanted is None:
            second = self.node(right)
            return self.node(left, second.type), second
        first = self.node(left, wanted)
        return first, self.node(right, first.type)

    def membership(self, item: expr.Expr, collection: expr.Expr) -> nodes.Node:
        """Whether a value is in a list, or keys are in a table."""
        if isinstance(collection, expr.Name) and collection.parts[0] not in self.variables:
            table = self.scope.table(collection.parts)
            if table is not None:
                trees = item.items if isinstance(item, expr.Listed) else (item,)
                return nodes.TableHas(table.rule, table.name, self.keys(table, trees, item))
        if isinstance(collection, expr.Listed):
            first = self.node(item)
            if isinstance(first.type, BooleanType | MoneyType | ListType | RecordType):
                help = "ask for its items with `any(...)`" if isinstance(first.type, ListType) else "compare it instead"
                raise self.stop("E205", f"`{_short(item)}` cannot be in a list: it is {first.type}", item, help)
            if not collection.items:
                raise self.stop("E205", "nothing is in an empty list", collection, "write its values between the brackets")
            return nodes.Membership(first, self.constants(collection, first.type))
        second = self.node(collection)
        if not isinstance(second.type, ListType):
            help = "compare with `==`, or write a list on the right of `in`"
            raise self.stop("E205", f"`{_short(collection)}` is not a list: it is {second.type}", collection, help)
        first = self.node(item, second.type.element)
        self.require(first, second.type.element, item)
        return nodes.Membership(first, second)

    def constants(self, tree: expr.Listed, element: Type) -> nodes.Constant:
        """A list of literals of one type."""
        values = self.gather(tree.items, element)
        if not all(isinstance(value, nodes.Constant) for value in values):
            raise self.stop("E205", "a list holds literals only", tree, "write `x == a or x == b`")
        return nodes.Constant(tuple(cast(nodes.Constant, value).value for value in values), ListType(element))

    def quantifier(self, tree: expr.Quantifier) -> nodes.Node:
        """A function over the items of a list."""
        if tree.function not in _LOOPS:
            raise self.stop(
                "E203",
                f"`{tree.function}` does not run over a list",
                _function(tree),
                did_you_mean(tree.function, _LOOPS, otherwise=f"these do: {', '.join(_LOOPS)}"),
            )
        source = self.node(tree.source)
        if not isinstance(source.type, ListType):
            help = "name a fact that is a list"
            raise self.stop("E205", f"`{_short(tree.source)}` is not a list: it is {source.type}", tree.source, help)
        if tree.variable in self.variables or self.scope.value((tree.variable,)) is not None:
            raise self.stop("E213", f"the name `{tree.variable}` is taken", tree, "choose another name for the item")
        variable = self.fresh()
        self.variables[tree.variable] = (variable, source.type.element)
        try:
            condition = None if tree.condition is None else self.typed(tree.condition, BOOLEAN)
            if tree.function in ("any", "all"):
                body = self.typed(tree.body, BOOLEAN)
                if condition is not None:
                    body = (
                        nodes.AllOf((condition, body))
                        if tree.function == "any"
                        else nodes.AnyOf((nodes.Negation(condition), body))
                    )
                return nodes.Quantified(cast(Literal["any", "all"], tree.function), source, variable, body)
            value = self.node(tree.body)
        finally:
            del self.variables[tree.variable]
        if tree.function == "count":
            if not isinstance(value, nodes.ItemValue) or value.field is not None:
                raise self.stop(
                    "E204",
                    "`count` counts the items themselves",
                    tree.body,
                    f"write `count({tree.variable} for {tree.variable} in ... if ...)`",
                )
            return nodes.Aggregate("count", source, variable, condition, None, NumberType())
        if not isinstance(value.type, NumberType) and not (tree.function != "sum" and isinstance(value.type, DateType)):
            help = "name a field that is a number"
            raise self.stop("E205", f"cannot take the {tree.function} of {value.type}", tree.body, help)
        return nodes.Aggregate(cast(Literal["sum", "min", "max"], tree.function), source, variable, condition, value, value.type)

    # functions

    def call(self, tree: expr.Call) -> nodes.Node:
        """A function of values."""
        name, arguments = tree.function, tree.arguments
        if name not in FUNCTIONS:
            raise self.stop(
                "E203",
                f"unknown function `{name}`",
                _function(tree),
                did_you_mean(name, FUNCTIONS, otherwise=f"the functions are {', '.join(FUNCTIONS)}"),
            )
        if tree.named and name != "convert":
            raise self.stop("E204", f"`{name}` takes no named arguments", tree, "leave out the names and `=`")
        if name in _DURATIONS:
            return self.duration(tree)
        if name in _ELAPSED:
            start, end = self.arguments(tree, 2, DateType())
            return nodes.Elapsed(_ELAPSED[name], start, end, NumberType(Unit(((_ELAPSED[name], 1),))))
        if name in _ROUNDING:
            return self.rounded(tree)
        match name:
            case "date":
                if len(arguments) != 1 or not isinstance(arguments[0], expr.Literal):
                    raise self.stop("E204", "`date` takes one text", tree, 'write `date("2024-04-04")`')
                try:
                    return nodes.Constant(fit(arguments[0].value, DateType(), self.scope.codes), DateType())
                except Misfit as misfit:
                    raise self.stop("E207", misfit.message, arguments[0], misfit.help) from None
            case "min" | "max":
                return self.extreme(tree)
            case "contains":
                return self.contains(tree)
            case "starts_with":
                return self.starts_with(tree)
            case "convert":
                return self.convert(tree)
        raise self.stop("E204", f"`{name}` runs over a list", tree, f"write `{name}(... for item in list if ...)`")

    def arguments(self, tree: expr.Call, count: int, wanted: Type) -> tuple[nodes.Node, ...]:
        """As many arguments of a type as the function takes."""
        if len(tree.arguments) != count:
            message = f"`{tree.function}` takes {counted(count, 'argument')}, {len(tree.arguments)} given"
            raise self.stop("E204", message, tree, f"write `{tree.function}(from, to)`")
        return self.gather(tree.arguments, wanted)

    def duration(self, tree: expr.Call) -> nodes.Node:
        """A literal number of years, months, weeks or days."""
        literal = tree.arguments[0] if len(tree.arguments) == 1 else None
        if not isinstance(literal, expr.Literal) or isinstance(literal.value, bool) or not isinstance(literal.value, int):
            raise self.stop("E204", f"`{tree.function}` takes one whole number", tree, f"write `{tree.function}(3)`")
        return nodes.Constant(literal.value, NumberType(Unit(((_DURATIONS[tree.function], 1),))))

    def rounded(self, tree: expr.Call) -> nodes.Node:
        """A number rounded to a step."""
        if len(tree.arguments) != 2:
            raise self.stop("E204", f"`{tree.function}` takes a number and a step", tree, f"write `{tree.function}(x, 100)`")
        number = self.node(tree.arguments[0])
        if not isinstance(number.type, NumberType):
            message = f"only a number is rounded: `{_short(tree.arguments[0])}` is {number.type}"
            raise self.stop("E205", message, tree.arguments[0], "name a number")
        step = tree.arguments[1]
        if not isinstance(step, expr.Literal) or isinstance(step.value, bool | str) or step.value <= 0:
            raise self.stop("E204", "the step is a literal number above zero", step, "write one such as `100` or `0.5`")
        return nodes.Rounded(_ROUNDING[tree.function], number, nodes.Constant(exact(step.value), number.type), number.type)

    def extreme(self, tree: expr.Call) -> nodes.Node:
        """The least or greatest of several values."""
        if len(tree.arguments) < 2:
            help = f"write `{tree.function}(a, b)` or `{tree.function}(... for item in list)`"
            raise self.stop("E204", f"`{tree.function}` takes two or more values, or runs over a list", tree, help)
        guide = next((each for each in tree.arguments if not isinstance(each, expr.Literal)), tree.arguments[0])
        first = self.node(guide)
        if not isinstance(first.type, NumberType | DateType):
            raise self.stop("E205", f"`{_short(guide)}` has no order: it is {first.type}", guide, "name numbers or dates")
        others = iter(self.gather([each for each in tree.arguments if each is not guide], first.type))
        items = tuple(first if each is guide else next(others) for each in tree.arguments)
        return nodes.Extreme(cast(Literal["min", "max"], tree.function), items, first.type)

    def contains(self, tree: expr.Call) -> nodes.Node:
        """Whether a text holds one of some phrases."""
        if len(tree.arguments) < 2:
            help = 'write `contains(offer.title, "a phrase")`'
            raise self.stop("E204", "`contains` takes a text and one or more phrases", tree, help)
        text = self.typed(tree.arguments[0], TextType())
        phrases = self.gather(tree.arguments[1:], TextType())
        if not all(isinstance(phrase, nodes.Constant) for phrase in phrases):
            raise self.stop("E204", "the phrases are literal texts", tree, "write each phrase in quotes")
        return nodes.Contains(text, tuple(str(cast(nodes.Constant, phrase).value) for phrase in phrases))

    def starts_with(self, tree: expr.Call) -> nodes.Node:
        """Whether a code begins with one of some prefixes."""
        if len(tree.arguments) != 2:
            help = 'write `starts_with(code, ["21", "25"])`'
            raise self.stop("E204", "`starts_with` takes a code and a list of prefixes", tree, help)
        code = self.node(tree.arguments[0])
        if not isinstance(code.type, CodeType | TextType):
            message = f"`{_short(tree.arguments[0])}` is {code.type}, not a code"
            raise self.stop("E205", message, tree.arguments[0], "name a fact that is a code or text")
        prefixes = tree.arguments[1]
        if isinstance(prefixes, expr.Listed):
            return nodes.StartsWith(code, self.constants(prefixes, TextType()))
        listed = self.node(prefixes)
        if not isinstance(listed.type, ListType) or not isinstance(listed.type.element, CodeType | TextType):
            help = "write `[...]` or name a list of codes"
            raise self.stop("E205", f"`{_short(prefixes)}` is not a list of codes", prefixes, help)
        return nodes.StartsWith(code, listed)

    def convert(self, tree: expr.Call) -> nodes.Node:
        """Money in one unit of pay."""
        if len(tree.arguments) != 2 or not isinstance(tree.arguments[1], expr.Literal):
            raise self.stop(
                "E204",
                "`convert` takes money and a unit",
                tree,
                'write `convert(offer.salary, "EUR/year", hours_per_week=..., weeks_per_year=weeks(52))`',
            )
        money = self.node(tree.arguments[0])
        unit = Unit.parse(str(tree.arguments[1].value))
        if unit is None or unit.period not in PERIODS or unit.currency not in self.scope.codes.currencies:
            raise self.stop(
                "E214",
                f"`{tree.arguments[1].value}` is not a unit of pay",
                tree.arguments[1],
                "write a currency and a period, such as `EUR/year`",
            )
        if not isinstance(money.type, MoneyType) and not (isinstance(money.type, NumberType) and money.type.unit.currency):
            message = f"`{_short(tree.arguments[0])}` is not money: it is {money.type}"
            raise self.stop("E205", message, tree.arguments[0], "name a fact or parameter that is money")
        wanted = {
            "hours_per_week": NumberType(Unit((("hour", 1), ("week", -1)))),
            "weeks_per_year": NumberType(Unit((("week", 1),))),
        }
        named: dict[str, nodes.Node] = {}
        for name, value in tree.named:
            if name not in wanted:
                help = did_you_mean(name, wanted, otherwise=f"it has {_named('argument', wanted)}")
                raise self.stop("E204", f"`convert` has no argument `{name}`", value, help)
            named[name] = self.typed(value, wanted[name])
        return nodes.Converted(money, named.get("hours_per_week"), named.get("weeks_per_year"), NumberType(unit))


def _convert_help(side: expr.Expr, other: Type) -> str:
    unit = other.unit if isinstance(other, NumberType) and other.unit.currency else "EUR/year"
    return f'write `convert({_short(side)}, "{unit}", hours_per_week=..., weeks_per_year=...)`'


def _named(what: str, names: Collection[str]) -> str:
    """A short list of names, introduced by what they are."""
    return f"the {what}{'' if len(names) == 1 else 's'} {', '.join(f'`{name}`' for name in names)}"


def _unit_help(found: NumberType, wanted: NumberType) -> str:
    if BARE in (found.unit, wanted.unit):
        return "write the figure as a parameter with its unit"
    if found.unit.currency and found.unit.currency == wanted.unit.currency:
        return f'write `convert(..., "{wanted.unit}")` around it, with hours and weeks where they are needed'
    if found.unit.currency and wanted.unit.currency:
        return "another currency is not converted: take a figure in the same currency"
    return "state both in the same unit"


def _compare_help(left: Type, right: Type) -> str:
    kinds = {type(left), type(right)}
    if kinds == {NumberType, TextType}:
        return "write the amount without quotes, or better, as a parameter with a citation"
    if kinds == {DateType, NumberType}:
        return "compare a date with a date: `date + years(3)`, or count with `days_between(a, b)`"
    if kinds == {DateType, TextType}:
        return 'write a date as `date("YYYY-MM-DD")`'
    if kinds == {CodeType, NumberType}:
        return "write the code in quotes"
    if kinds <= {ChoiceType, CodeType, CountryType}:
        return "they are from different lists: compare each with a value of its own list"
    return "compare things of one kind"


def is_whole(node: nodes.Node, scope: Scope) -> bool:
    """Whether a number can only be whole, by what its parts are declared to be."""
    match node:
        case nodes.Constant(value=value):
            return isinstance(value, int)
        case nodes.FactValue() | nodes.ParameterValue() | nodes.Reference():
            return scope.is_whole(node)
        case nodes.AssumedFact(fact=fact, value=value):
            return isinstance(value, int) and scope.is_whole(fact)
        case nodes.Arithmetic(operator="+" | "-" | "*", left=left, right=right):
            return is_whole(left, scope) and is_whole(right, scope)
        case nodes.Extreme(items=items):
            return all(is_whole(item, scope) for item in items)
        case nodes.Choose(then=then, otherwise=otherwise):
            return is_whole(then, scope) and is_whole(otherwise, scope)
        case nodes.Rounded(step=step):
            return is_whole(step, scope)
        case nodes.Aggregate(kind=kind):
            return kind == "count"
    return isinstance(node, nodes.Elapsed)


def _is_constant(node: nodes.Node) -> bool:
    if isinstance(node, nodes.Arithmetic):
        return _is_constant(node.left) and _is_constant(node.right)
    return isinstance(node, nodes.Constant | nodes.ParameterValue)


def _is_zero(node: nodes.Node) -> bool:
    return isinstance(node, nodes.Constant) and node.value == 0


def _function(tree: expr.Call | expr.Quantifier) -> expr.Name:
    """The name of a function where it is called."""
    return expr.Name((tree.function,), place=expr.Place(tree.place.start, len(tree.function)))


def _end(tree: expr.Expr) -> int:
    return tree.place.start + tree.place.length


def _short(tree: expr.Expr) -> str:
    text = unparse(tree)
    return text if len(text) <= 60 else text[:57] + "..."
