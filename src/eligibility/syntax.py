"""Expression text to tree and back: Python's expression syntax under a white list, never evaluated.

`parse(unparse(tree)) == tree` for every tree, and a text in canonical form prints back unchanged.
"""

from __future__ import annotations

import ast
import warnings
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from eligibility.expr import (
    Arithmetic,
    Call,
    Compare,
    Conditional,
    Expr,
    Listed,
    Literal,
    Logic,
    Lookup,
    Name,
    Negative,
    Not,
    Place,
    Quantifier,
)

MAXIMUM_LENGTH: Final = 4_000
MAXIMUM_DEPTH: Final = 60

_COMPARISONS: Final[dict[type[ast.cmpop], str]] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.In: "in",
    ast.NotIn: "not in",
}
_ARITHMETIC: Final[dict[type[ast.operator], str]] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}


@dataclass(frozen=True)
class ExpressionError(Exception):
    """A text that is not an expression of the language: what is wrong, where in the text, and the next step."""

    code: str
    message: str
    start: int
    length: int
    help: str = ""


def parse(text: str) -> Expr:
    """The tree of an expression.

    Raises: ExpressionError E200 for text that is no expression, E201 for a form the language does not have.

    >>> unparse(parse("a.b>=0.70*c  and not d"))
    'a.b >= 0.70 * c and not d'
    """
    text = text.replace("\n", " ").replace("\r", " ").replace("\t", " ")
    lead = len(text) - len(text.lstrip())
    if len(text) > MAXIMUM_LENGTH:
        raise ExpressionError(
            "E200", f"the expression is longer than {MAXIMUM_LENGTH} characters", 0, 1, "name parts of it under `derived`"
        )
    if not text.strip():
        raise ExpressionError("E200", "the expression is empty", 0, 1, "write a condition such as `offer.weekly_hours >= 20`")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text.strip(), mode="eval")
    except SyntaxError as error:
        start = min(max(0, (error.offset or 1) - 1) + lead, len(text) - 1)
        if text[max(0, start - 1) : start + 1] in ("&&", "||"):
            raise ExpressionError("E200", "this is not an expression", start - 1, 2, _syntax_help(text)) from None
        raise ExpressionError("E200", "this is not an expression", start, 1, _syntax_help(text)) from None
    except (ValueError, MemoryError, RecursionError):
        raise ExpressionError("E200", "this is not an expression", 0, 1, "write one line of the expression language") from None
    return _Reader(text.strip(), lead).read(tree.body, 0)


def _syntax_help(text: str) -> str:
    if "&&" in text or "||" in text or "!" in text.replace("!=", ""):
        return "write `and`, `or`, `not`"
    if "=" in text.replace("==", "").replace("<=", "").replace(">=", "").replace("!=", ""):
        return "`==` compares; a single `=` does not"
    return "check brackets, quotes and operators"


class _Reader:
    """Turns Python's tree into ours, refusing what the language does not have."""

    def __init__(self, text: str, lead: int) -> None:
        self.text = text
        self.lead = lead
        self.encoded = text.encode()

    def place(self, node: ast.AST) -> Place:
        first, last = getattr(node, "col_offset", 0), getattr(node, "end_col_offset", None) or 1
        start = len(self.encoded[:first].decode(errors="replace"))
        return Place(start + self.lead, len(self.encoded[first:last].decode(errors="replace")))

    def refuse(self, node: ast.AST, message: str, help: str = "") -> ExpressionError:
        place = self.place(node)
        return ExpressionError("E201", message, place.start, place.length, help)

    def read(self, node: ast.expr, depth: int) -> Expr:
        if depth > MAXIMUM_DEPTH:
            raise self.refuse(node, "the expression is nested too deeply", "name parts of it under `derived`")
        place, below = self.place(node), depth + 1
        match node:
            case ast.Constant(value=bool() | str() as value):
                return Literal(value, place=place)
            case ast.Constant(value=int() | float()):
                return self.number(node, place)
            case ast.Name() | ast.Attribute():
                return self.name(node, below)
            case ast.BoolOp(op=operator, values=values):
                word = "and" if isinstance(operator, ast.And) else "or"
                return Logic(word, tuple(self.read(value, below) for value in values), place=place)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return Not(self.read(operand, below), place=place)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return Negative(self.read(operand, below), place=place)
            case ast.BinOp(op=operator, left=left, right=right) if type(operator) in _ARITHMETIC:
                return Arithmetic(_ARITHMETIC[type(operator)], self.read(left, below), self.read(right, below), place=place)
            case ast.Compare(left=left, ops=operators, comparators=rights) if all(
                type(each) in _COMPARISONS for each in operators
            ):
                words = tuple(_COMPARISONS[type(each)] for each in operators)
                return Compare(self.read(left, below), words, tuple(self.read(each, below) for each in rights), place=place)
            case ast.IfExp(test=test, body=body, orelse=orelse):
                return Conditional(self.read(test, below), self.read(body, below), self.read(orelse, below), place=place)
            case ast.List(elts=items):
                return Listed(tuple(self.read(item, below) for item in items), place=place)
            case ast.Tuple(elts=items) if items:
                return Listed(tuple(self.read(item, below) for item in items), round_brackets=True, place=place)
            case ast.Call():
                return self.call(node, place, below)
            case ast.Subscript():
                raise self.refuse(node, "a table lookup names a column", "write `table[key].column`")
        raise self.refuse(node, "this form is not part of the language", "see the section on expressions in `rules/README.md`")

    def number(self, node: ast.expr, place: Place) -> Literal:
        written = self.text[place.start - self.lead : place.start - self.lead + place.length]
        if not all(character in "0123456789." for character in written) or written.startswith(".") or written.endswith("."):
            raise self.refuse(node, f"`{written}` is not a plain number", "write digits with at most one decimal point")
        return Literal(Decimal(written) if "." in written else int(written), place=place)

    def name(self, node: ast.Name | ast.Attribute, depth: int) -> Name | Lookup:
        parts: list[str] = []
        inner: ast.expr = node
        while isinstance(inner, ast.Attribute):
            parts.append(inner.attr)
            inner = inner.value
        place = self.place(node)
        if isinstance(inner, ast.Name):
            return Name((inner.id, *reversed(parts)), place=place)
        if isinstance(inner, ast.Subscript) and isinstance(inner.value, ast.Name | ast.Attribute) and len(parts) == 1:
            table = self.name(inner.value, depth)
            keys = inner.slice.elts if isinstance(inner.slice, ast.Tuple) else [inner.slice]
            if isinstance(table, Name):
                return Lookup(table, tuple(self.read(key, depth) for key in keys), parts[0], place=place)
        raise self.refuse(node, "only names and table rows have parts", "write `fact.part` or `table[key].column`")

    def call(self, node: ast.Call, place: Place, depth: int) -> Call | Quantifier:
        if not isinstance(node.func, ast.Name):
            raise self.refuse(
                node, "only the functions of the language can be called", "see the section on expressions in `rules/README.md`"
            )
        function = node.func.id
        if len(node.args) == 1 and isinstance(node.args[0], ast.GeneratorExp):
            generator = node.args[0]
            loop = generator.generators[0]
            if len(generator.generators) != 1 or loop.is_async or not isinstance(loop.target, ast.Name) or node.keywords:
                raise self.refuse(node, "a quantifier has one `for` with one name", "write `any(... for item in list if ...)`")
            condition: Expr | None = None
            if loop.ifs:
                read = tuple(self.read(each, depth) for each in loop.ifs)
                condition = read[0] if len(read) == 1 else Logic("and", read, place=read[0].place)
            body, source = self.read(generator.elt, depth), self.read(loop.iter, depth)
            return Quantifier(function, body, loop.target.id, source, condition, place=place)
        named: list[tuple[str, Expr]] = []
        for keyword in node.keywords:
            if keyword.arg is None:
                raise self.refuse(node, "`**` is not part of the language")
            named.append((keyword.arg, self.read(keyword.value, depth)))
        return Call(function, tuple(self.read(each, depth) for each in node.args), tuple(named), place=place)


# How tightly each form binds; a child that binds more loosely than its place needs brackets.
_CONDITIONAL, _OR, _AND, _NOT, _COMPARE, _SUM, _PRODUCT, _NEGATIVE, _ATOM = range(9)


def unparse(tree: Expr) -> str:
    """The canonical text of a tree."""
    return _write(tree, _CONDITIONAL)


def _write(tree: Expr, needed: int) -> str:
    text, binding = _form(tree)
    return text if binding >= needed else f"({text})"


def _form(tree: Expr) -> tuple[str, int]:
    match tree:
        case Literal(value=bool() as value):
            return str(value), _ATOM
        case Literal(value=str() as value):
            return _quoted(value), _ATOM
        case Literal(value=value):
            return f"{value:f}" if isinstance(value, Decimal) else str(value), _ATOM
        case Name():
            return tree.text, _ATOM
        case Listed(items=items, round_brackets=True):
            comma = "," if len(items) == 1 else ""
            return f"({', '.join(_write(item, _CONDITIONAL) for item in items)}{comma})", _ATOM
        case Listed(items=items):
            return f"[{', '.join(_write(item, _CONDITIONAL) for item in items)}]", _ATOM
        case Logic(operator=operator, items=items):
            binding = _AND if operator == "and" else _OR
            return f" {operator} ".join(_write(item, binding + 1) for item in items), binding
        case Not(item=item):
            return f"not {_write(item, _NOT)}", _NOT
        case Compare(left=left, operators=operators, rights=rights):
            chain = "".join(f" {operator} {_write(right, _SUM)}" for operator, right in zip(operators, rights, strict=True))
            return _write(left, _SUM) + chain, _COMPARE
        case Arithmetic(operator=operator, left=left, right=right):
            binding = _SUM if operator in "+-" else _PRODUCT
            return f"{_write(left, binding)} {operator} {_write(right, binding + 1)}", binding
        case Negative(item=item):
            return f"-{_write(item, _NEGATIVE)}", _NEGATIVE
        case Conditional(condition=condition, then=then, otherwise=otherwise):
            parts = _write(then, _OR), _write(condition, _OR), _write(otherwise, _CONDITIONAL)
            return f"{parts[0]} if {parts[1]} else {parts[2]}", _CONDITIONAL
        case Lookup(table=table, keys=keys, column=column):
            return f"{table.text}[{', '.join(_write(key, _CONDITIONAL) for key in keys)}].{column}", _ATOM
        case Call(function=function, arguments=arguments, named=named):
            written = [_write(each, _CONDITIONAL) for each in arguments]
            written += [f"{name}={_write(each, _CONDITIONAL)}" for name, each in named]
            return f"{function}({', '.join(written)})", _ATOM
        case Quantifier(function=function, body=body, variable=variable, source=source, condition=condition):
            test = f" if {_write(condition, _OR)}" if condition is not None else ""
            return f"{function}({_write(body, _CONDITIONAL)} for {variable} in {_write(source, _OR)}{test})", _ATOM


def _quoted(text: str) -> str:
    if '"' in text and "'" not in text:
        return f"'{text}'" if text.isprintable() and "\\" not in text else repr(text)
    if text.isprintable() and "\\" not in text and '"' not in text:
        return f'"{text}"'
    return repr(text)
