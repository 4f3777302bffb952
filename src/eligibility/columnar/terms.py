"""What a step of compiled rules is by column: a value that is the same in every row, or columns of its type."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

import polars as pl

from eligibility.columnar.days import Day, Days, days
from eligibility.columnar.numbers import Numbers, Quantity, Whole, chosen_number, settled_number
from eligibility.columnar.shapes import Column, ListColumns, MoneyColumns, RecordColumns, Shape
from eligibility.columnar.sheet import Cell, NotInColumns, Sheet, joined, literal, stated, where
from eligibility.columnar.truths import Condition, Truths, chosen, no, settled
from eligibility.columnar.words import Coded, Text, Texts, chosen_text
from eligibility.datatypes import (
    UNKNOWN,
    UNKNOWN_TRUTH,
    BooleanType,
    DateType,
    ListType,
    Money,
    MoneyType,
    NumberType,
    Truth,
    Type,
    Unknown,
    Value,
)


@dataclass(frozen=True, slots=True, eq=False)
class Moneys:
    """Money in every row; unknown where its amount is null."""

    amount: Numbers
    currency: Coded
    period: Coded


@dataclass(frozen=True, slots=True, eq=False)
class Listed:
    """A list in every row: where it is known, where each place is taken (never null), and what stands there."""

    known: Cell
    taken: tuple[Cell, ...]
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Members:
    """A set of values of a closed list: where it is known, and which values it holds (never null)."""

    known: Cell
    values: tuple[Value, ...]
    held: tuple[Cell, ...]


Term = Value | Truths | Numbers | Days | Coded | Texts | Moneys | Listed | Members
Item = Term | dict[str, Term]
COLUMNS = Truths | Numbers | Days | Coded | Texts | Moneys | Listed | Members


def is_settled(term: Term) -> bool:
    """Whether a term has the same value in every row."""
    return not isinstance(term, COLUMNS)


def unknown(kind: Type) -> Term:
    """What nobody knows in any row."""
    return UNKNOWN_TRUTH if isinstance(kind, BooleanType) else UNKNOWN


def read(shape: Shape | None, kind: Type) -> Item:
    """The term of a fact that stands in columns; unknown everywhere for one that does not."""
    match shape:
        case None | Column(name=""):
            return unknown(kind)
        case Column():
            return _column(shape)
        case MoneyColumns(amount=amount, currency=currency, period=period):
            return Moneys(_number(amount), _coded(currency), _coded(period))
        case ListColumns(length=length, items=items):
            count = stated(length)
            element = kind.element if isinstance(kind, ListType) else kind
            taken = tuple(joined(lambda each, at=place: (each > at).fill_null(value=False), count) for place in range(len(items)))
            return Listed(count.is_not_null(), taken, tuple(read(item, element) for item in items))
        case RecordColumns(fields=fields):
            return {name: _plain(read(each, _type(each))) for name, each in fields}


def _type(shape: Shape) -> Type:
    return shape.type if isinstance(shape, Column) else ListType(BooleanType()) if isinstance(shape, ListColumns) else MoneyType()


def _plain(item: Item) -> Term:
    if isinstance(item, dict):
        raise NotInColumns("it reads a record within a record")
    return item


def _number(column: Column) -> Numbers:
    return Numbers(Whole(stated(column.name), column.low, column.high), column.below)


def _coded(column: Column) -> Coded:
    return Coded(stated(column.name), column.values)


def _column(column: Column) -> Term:
    match column.type:
        case BooleanType():
            return Truths(stated(column.name))
        case NumberType():
            return _number(column)
        case DateType():
            return Days(stated(column.name))
    return _coded(column) if column.values else Texts(stated(column.name))


def kept(sheet: Sheet, term: Term) -> Term:
    """A term whose columns can be read more than once."""
    match term:
        case Truths():
            return settled(sheet, term)
        case Numbers():
            return settled_number(sheet, term)
        case Days(cell=cell):
            return Days(sheet.column(cell))
        case Coded(code=code, values=values):
            return Coded(sheet.column(code), values)
        case Texts(text=text, codes=codes):
            return Texts(sheet.column(text), codes)
        case Listed(known=known, taken=taken, items=items):
            return Listed(sheet.column(known), tuple(sheet.column(each) for each in taken), items)
        case Members(known=known, values=each, held=held):
            return Members(sheet.column(known), each, tuple(sheet.column(cell) for cell in held))
    return term


def quantity(term: Term) -> Quantity:
    """A term of a number."""
    if isinstance(term, int | Fraction | Unknown | Numbers):
        return term
    raise NotInColumns("it counts with something that is no number")


def day(term: Term) -> Day:
    """A term of a date."""
    if isinstance(term, date | Unknown | Days):
        return term
    raise NotInColumns("it reads a date from something that is none")


def text(term: Term) -> Text:
    """A term of a text."""
    if isinstance(term, str | Unknown | Coded | Texts):
        return term
    raise NotInColumns("it reads a text from something that is none")


def condition(term: Term) -> Condition:
    """A term of a condition."""
    if isinstance(term, Truth | Truths):
        return term
    raise NotInColumns("it reads a condition from something that is none")


def is_known(term: Term) -> Cell | None:
    """Where a term has a value; None where it has the same value in every row."""
    match term:
        case Numbers(above=above, below=below):
            return above.cell.is_not_null() if isinstance(below, int) else above.cell.is_not_null() & below.cell.is_not_null()
        case Days(cell=cell) | Coded(code=cell) | Texts(text=cell) | Truths(truth=cell):
            return cell.is_not_null()
        case Moneys(amount=amount):
            return amount.above.cell.is_not_null()
        case Listed(known=known) | Members(known=known):
            return known
        case Unknown():
            return no()
    return None


def either(sheet: Sheet, test: Cell, then: Term, otherwise: Term, kind: Type) -> Term:
    """One term where a column is true, another where it is false; unknown where it is null, for what is no condition."""
    match kind:
        case BooleanType():
            return chosen(sheet, Truths(test), condition(then), condition(otherwise))
        case NumberType():
            return chosen_number(test, quantity(then), quantity(otherwise))
        case DateType():
            empty = literal(None, pl.Int64)
            return Days(where(test, days(day(then)).cell, where(~test, days(day(otherwise)).cell, empty)))
        case MoneyType():
            return _either_money(sheet, test, then, otherwise)
        case ListType():
            return _either_list(test, then, otherwise)
    return chosen_text(test, text(then), text(otherwise))


def _either_money(sheet: Sheet, test: Cell, then: Term, otherwise: Term) -> Term:
    if isinstance(then, Money) or isinstance(otherwise, Money):
        raise NotInColumns("it names an amount of money of its own currency")
    parts = [each if isinstance(each, Moneys) else None for each in (then, otherwise)]
    amount = chosen_number(test, *(UNKNOWN if each is None else each.amount for each in parts))
    currency = chosen_text(test, *(UNKNOWN if each is None else each.currency for each in parts))
    period = chosen_text(test, *(UNKNOWN if each is None else each.period for each in parts))
    if not isinstance(currency, Coded) or not isinstance(period, Coded):
        raise NotInColumns("it chooses between amounts that nobody knows")
    return kept(sheet, Moneys(amount, currency, period))


def _either_list(test: Cell, then: Term, otherwise: Term) -> Term:
    """A list in the rows where a column is false; where it is true an empty or an unknown one."""
    if not isinstance(otherwise, Listed) or not (then == () or isinstance(then, Unknown)):
        raise NotInColumns("it chooses between lists")
    known = where(test, literal(value=then == ()), otherwise.known)
    return Listed(known, tuple(~test & each for each in otherwise.taken), otherwise.items)
