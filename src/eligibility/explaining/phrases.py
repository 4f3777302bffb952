"""Phrases for nodes, built from labels and titles.

What a value is called, what it is in words, how it was worked out, and what a condition says.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Final, cast

from eligibility import nodes
from eligibility.datatypes import (
    MET,
    NOT_MET,
    ChoiceType,
    DateType,
    ListType,
    Money,
    NumberType,
    TextType,
    Type,
    Unit,
    Unknown,
    Value,
)
from eligibility.english import be, head, is_plural, listed, the
from eligibility.explaining.readings import Readings
from eligibility.findings import OUTSIDE, Frame
from eligibility.formatting import money, plain_number, show

OPPOSITE: Final[dict[nodes.Comparator, nodes.Comparator]] = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
MIRRORED: Final[dict[nodes.Comparator, nodes.Comparator]] = {"==": "==", "!=": "!=", "<": ">", ">": "<", "<=": ">=", ">=": "<="}
_BOUNDS: Final[dict[nodes.Comparator, str]] = {
    ">=": "at least ", ">": "more than ", "<=": "at most ", "<": "less than ", "==": "", "!=": "anything but "
}  # fmt: skip
_DATES: Final[dict[nodes.Comparator, str]] = {
    ">=": "on or after ", ">": "after ", "<=": "on or before ", "<": "before ", "==": "on ", "!=": "on another day than "
}  # fmt: skip
_CALCULATED: Final = (nodes.DateShift, nodes.Arithmetic)
_STATED: Final = (nodes.FactValue, nodes.AssumedFact, nodes.ItemValue)
_MANY: Final = 5  # more values than this are counted, not listed, in what a condition says
_SYMBOLS: Final = {"*": "\N{MULTIPLICATION SIGN}", "-": "\N{MINUS SIGN}"}


class Phrases(Readings):
    """Phrases for the nodes of compiled rules, with the values of findings."""

    # values

    def text(self, node: nodes.Node, frame: Frame = OUTSIDE, unit: str | None = None) -> str:
        """The value of a node in words; `unit` is that of a value it is compared with, for constants."""
        value = self.value(node, frame)
        declared = self.declaration(node)
        shown = self._marked(show(value, node.type, self.book, self.unit(node) or unit), node.type)
        if isinstance(value, str) and declared is not None and isinstance(node.type, TextType):
            shown = f"“{shown}”"
        return f"{shown} (assumed)" if self.is_assumed(node) else shown

    def measure(self, node: nodes.Node, frame: Frame = OUTSIDE) -> str:
        """The value of a node after its own noun, without a unit that the noun has said: `weekly working hours are 40`."""
        value, kind = self.value(node, frame), node.type
        if isinstance(kind, NumberType) and isinstance(value, int | Fraction) and kind.unit.currency is None:
            counted, _, period = str(kind.unit).partition("/")
            noun = self.subject(node, frame)
            if counted and counted == head(noun) and period in noun:
                return f"{plain_number(value)}{' (assumed)' if self.is_assumed(node) else ''}"
        return self.text(node, frame)

    def _marked(self, text: str, kind: Type) -> str:
        """The label of an unordered choice in quotation marks."""
        return f"“{text}”" if isinstance(kind, ChoiceType) and not kind.ordered else text

    # nouns

    def subject(self, node: nodes.Node, frame: Frame = OUTSIDE) -> str:
        """The noun of a value at the head of a sentence: of things that are counted, their number."""
        noun = self.noun(node, frame)
        return f"number of {noun}" if node.type == NumberType() and is_plural(noun) else noun

    def noun(self, node: nodes.Node, frame: Frame = OUTSIDE) -> str:
        """What a value is called: a noun phrase without an article."""
        match node:
            case nodes.FactValue() | nodes.AssumedFact():
                declared = self.declaration(node)
                return "fact" if declared is None else declared.label
            case nodes.ItemValue():
                declared = self.declaration(node)
                return _item(node) if declared is None else declared.label
            case nodes.ParameterValue(rule=rule, name=name):
                return self.book.rules[rule].parameters[name].title
            case nodes.ListValue(rule=rule, name=name):
                return self.book.rules[rule].lists[name].title
            case nodes.Lookup():
                return self._cell(node, frame)
            case nodes.Reference():
                return self.criterion(node)[1].title or "criterion" if self.names_criterion(node) else self.derived(node).title
            case nodes.Constant(type=kind, value=value):
                return self._marked(show(value, kind, self.book), kind)
            case nodes.AsOf():
                return "as-of date"
            case nodes.Converted(money=inner) | nodes.Amount(money=inner):
                return self.noun(inner, frame)
        return self._calculation(node, frame)

    def _cell(self, node: nodes.Lookup, frame: Frame) -> str:
        table = self.book.rules[node.rule].tables[node.table]
        name = table.called(node.column)
        named = [key for key in node.keys if not (isinstance(key, nodes.Constant) and isinstance(key.type, TextType))]
        if not named or any(self.is_unknown(key, frame) for key in named):
            return name  # a text that stands in the rule is the name of a row
        return f"{name}{'' if name.endswith(' for') else ' for'} {', '.join(self.text(key, frame) for key in named)}"

    def _calculation(self, node: nodes.Node, frame: Frame) -> str:
        match node:
            case nodes.Arithmetic(operator=operator, left=left, right=right):
                before, after = self._grouped(left, operator, frame), self._grouped(right, operator, frame, right=True)
                return f"{before} {_SYMBOLS.get(operator, operator)} {after}"
            case nodes.DateShift(day=day, amount=amount, sign=sign):
                by = self.noun(amount, frame)
                shift = by if isinstance(amount, nodes.Constant) else f"{the(by)} ({self.text(amount, frame)})"
                return f"{self.noun(day, frame)} {'plus' if sign == 1 else 'minus'} {shift}"
            case nodes.Elapsed(start=start, end=end):
                return f"time from {the(self.noun(start, frame))} to {the(self.noun(end, frame))}"
            case nodes.Extreme(kind=kind, items=items):
                return f"{_extreme(kind, node.type)} {listed([the(self.noun(item, frame)) for item in items])}"
            case nodes.Rounded(mode=mode, number=number, step=step):
                return f"{self.noun(number, frame)}, rounded {mode.replace('_', ' ')} to a multiple of {self.short(step, frame)}"
            case nodes.Choose(condition=condition, then=then, otherwise=otherwise):
                truth = self.truth(condition, frame)
                if truth in (MET, NOT_MET):
                    return self.noun(then if truth is MET else otherwise, frame)
                return f"{self.noun(then, frame)} if {self.says(condition, frame=frame)}, else {self.noun(otherwise, frame)}"
            case nodes.Aggregate():
                return self._aggregate(node)
            case nodes.Classified():
                return "value of the decision table"
        return "value"

    def _aggregate(self, node: nodes.Aggregate) -> str:
        declared = self.enter(node)
        items = "items" if declared is None else declared.label
        filtered = "" if node.condition is None else f" (only where: {self.says(node.condition)})"
        if node.kind == "count":
            return f"number of {items}{filtered}"
        what = "value" if node.body is None else self.noun(node.body)
        return f"{_superlative(node.kind, node.type)} {what} {'over' if node.kind == 'sum' else 'among'} {the(items)}{filtered}"

    def _grouped(self, node: nodes.Node, operator: str, frame: Frame, *, right: bool = False) -> str:
        """The noun of a part of a calculation, in brackets where the order of the operations needs them."""
        return _bracketed(self.noun(node, frame), node, operator, right=right)

    # figures

    def short(self, node: nodes.Node, frame: Frame = OUTSIDE) -> str:
        """The value of a node inside a calculation: money without its period, other numbers without their unit."""
        value = self.value(node, frame)
        if isinstance(value, Money):
            return money(value.amount, value.currency, None, self.book.codes.currencies.get(value.currency, 2))
        kind = node.type
        if isinstance(kind, NumberType) and not isinstance(value, Unknown) and self.unit(node) != "percent":
            if kind.unit.currency is not None:
                return show(value, NumberType(Unit(((kind.unit.currency, 1),))), self.book)
            return plain_number(cast(int, value)) if kind.unit.duration is None else self.text(node, frame)
        return self.text(node, frame)

    def formula(self, node: nodes.Node, frame: Frame = OUTSIDE) -> str:
        """How a value was worked out, in figures; for a value that was not worked out, the value."""
        match node:
            case nodes.Arithmetic(operator=operator, left=left, right=right):
                before = _bracketed(self.formula(left, frame), left, operator)
                after = _bracketed(self.formula(right, frame), right, operator, right=True)
                return f"{before} {_SYMBOLS.get(operator, operator)} {after}"
            case nodes.DateShift(day=day, amount=amount, sign=sign):
                return f"{self.formula(day, frame)} {'+' if sign == 1 else _SYMBOLS['-']} {self.text(amount, frame)}"
            case nodes.Elapsed(start=start, end=end):
                return f"from {self.formula(start, frame)} to {self.formula(end, frame)}"
            case nodes.Extreme(kind=kind, items=items):
                return f"{_extreme(kind, node.type)} {listed([self.formula(item, frame) for item in items])}"
            case nodes.Rounded(mode=mode, number=number, step=step):
                return (
                    f"{self.formula(number, frame)}, rounded {mode.replace('_', ' ')} to a multiple of {self.short(step, frame)}"
                )
            case nodes.Choose():
                chosen = self.chosen(node, frame)
                return self.text(node, frame) if chosen is None else self.formula(chosen, frame)
            case nodes.Converted():
                return self._conversion(node, frame)
        return self.short(node, frame)

    def _conversion(self, node: nodes.Converted, frame: Frame) -> str:
        stated, target = self.value(node.money, frame), node.type.unit
        if self.is_unknown(node, frame) or isinstance(stated, Unknown):
            return self.text(node.money, frame)
        period = stated.period if isinstance(stated, Money) else cast(NumberType, node.money.type).unit.period
        if period == target.period:
            return self.short(node.money, frame)
        times, by = self._factors(node, period, _SYMBOLS["*"], frame), self._factors(node, target.period, "/", frame)
        return self.short(node.money, frame) + times + by

    def _factors(self, node: nodes.Converted, period: str | None, sign: str, frame: Frame) -> str:
        """What makes a year of pay of a period, each factor after a sign."""
        hours, weeks = ("" if each is None else self.text(each, frame) for each in (node.hours_per_week, node.weeks_per_year))
        factors = {"month": ["12"], "week": [weeks], "hour": [hours, weeks]}.get(period or "", [])
        return "".join(f" {sign} {factor}" for factor in factors)

    # conditions

    def says(self, node: nodes.Node, *, positive: bool = True, frame: Frame = OUTSIDE) -> str:
        """What a condition says, or its opposite, without the values it was tested on."""
        match node:
            case nodes.Negation(item=item):
                return self.says(item, positive=not positive, frame=frame)
            case nodes.AllOf(items=items) | nodes.AnyOf(items=items):
                every = isinstance(node, nodes.AllOf) == positive
                return listed(
                    [_in_brackets(self.says(item, positive=positive, frame=frame), item) for item in items],
                    "and" if every else "or",
                )
            case nodes.Comparison():
                return self._compares(node, frame, positive=positive)
            case nodes.Membership(item=item, collection=collection):
                return self._belongs(item, collection, frame, positive=positive)
            case nodes.TableHas(rule=rule, table=table, keys=keys):
                what = listed([self.noun(key, frame) for key in keys if not isinstance(key, nodes.Constant)])
                return f"{what} {be(what)}{'' if positive else ' not'} in the table “{self.book.rules[rule].tables[table].title}”"
            case nodes.Contains(text=text, phrases=phrases):
                return f"{self.noun(text, frame)} {'contains' if positive else 'does not contain'} {self.quoted(phrases)}"
            case nodes.StartsWith(code=code, prefixes=prefixes):
                return (
                    f"{self.noun(code, frame)} {'begins' if positive else 'does not begin'} with {self.prefixes(prefixes, frame)}"
                )
            case nodes.Quantified():
                return self._quantifies(node, positive=positive)
            case nodes.Choose(condition=condition, then=then, otherwise=otherwise):
                return (
                    f"{self.says(then, positive=positive, frame=frame)} if {self.says(condition, frame=frame)}, "
                    f"else {self.says(otherwise, positive=positive, frame=frame)}"
                )
            case nodes.HumanJudgement():
                return "for a human to judge"
            case nodes.Constant(value=value):
                return "always" if (value is MET) == positive else "never"
        noun = self.noun(node, frame)
        if isinstance(node, nodes.Reference):
            return f"“{noun}” {'holds' if positive else 'does not hold'}"
        return noun if positive else f"no {noun}"

    def reason(self, node: nodes.Node, *, positive: bool = True, frame: Frame = OUTSIDE) -> str:
        """Why a condition holds, or (not positive) why it does not: what it says, with values; of alternatives one that holds."""
        match node:
            case nodes.Negation(item=item):
                return self.reason(item, positive=not positive, frame=frame)
            case nodes.AllOf(items=items) | nodes.AnyOf(items=items):
                wanted = MET if positive else NOT_MET
                holding = [item for item in items if self.truth(item, frame) is wanted]
                every = isinstance(node, nodes.AllOf) == positive
                return listed(
                    [self.reason(item, positive=positive, frame=frame) for item in (items if every else holding[:1] or items)]
                )
            case nodes.Comparison():
                operator, left, right = self.oriented(node, positive=positive)
                subject = self.noun(left, frame)
                same = operator == "==" and isinstance(right, nodes.Constant)
                known = not self.is_unknown(left, frame) and not same
                bound = "not " if operator == "!=" else self.bound(operator, right)
                against = self._other(right, frame)
                if not isinstance(right, nodes.Constant):
                    against += f" ({self.text(right, frame)})"
                return f"{subject}{f' ({self.text(left, frame)})' if known else ''} {be(subject)} {bound}{against}"
        said = self.says(node, positive=positive, frame=frame)
        return f"{said} (assumed)" if self.is_assumed(node) else said

    def _compares(self, node: nodes.Comparison, frame: Frame, *, positive: bool) -> str:
        operator, left, right = self.oriented(node, positive=positive)
        subject = self.noun(left, frame)
        if operator == "!=":
            return f"{subject} {be(subject)} not {self._other(right, frame)}"
        return f"{subject} {be(subject)} {self.bound(operator, right)}{self._other(right, frame)}"

    def _other(self, node: nodes.Node, frame: Frame) -> str:
        return self.noun(node, frame) if isinstance(node, nodes.Constant) else the(self.noun(node, frame))

    def _belongs(self, item: nodes.Node, collection: nodes.Node, frame: Frame, *, positive: bool) -> str:
        if isinstance(item, nodes.Constant):
            whole = self.noun(collection, frame)
            verb = (
                ("include" if positive else "do not include")
                if is_plural(whole)
                else ("includes" if positive else "does not include")
            )
            return f"{whole} {verb} {self.noun(item, frame)}"
        noun = self.noun(item, frame)
        values = self.listed_values(collection) or ()
        among = f"one of {len(values)} values" if len(values) > _MANY else self.among(collection, frame)
        return f"{noun} {be(noun)} {'' if positive else 'not '}{among}"

    def among(self, collection: nodes.Node, frame: Frame = OUTSIDE) -> str:
        """Being in a collection, in words: `A or B`, `among the listed occupations`."""
        values = self.listed_values(collection)
        return f"among {the(self.noun(collection, frame))}" if values is None else listed(values, "or")

    def listed_values(self, collection: nodes.Node) -> list[str] | None:
        """The values of a list that stands in the expression itself, in words; None for any other list."""
        if not isinstance(collection, nodes.Constant):
            return None
        element = cast(ListType, collection.type).element
        return [self._marked(show(value, element, self.book), element) for value in cast("tuple[Value, ...]", collection.value)]

    def oriented(self, node: nodes.Comparison, *, positive: bool) -> tuple[nodes.Comparator, nodes.Node, nodes.Node]:
        """A comparison as it is said: what somebody stated first, what it is held against second."""
        operator = node.operator if positive else OPPOSITE[node.operator]
        lawful = not self.reads_facts(node.left) and self.reads_facts(node.right)
        calculated = (*_CALCULATED, nodes.Reference, nodes.Lookup) if isinstance(node.left.type, DateType) else _CALCULATED
        computed = isinstance(node.left, calculated) and isinstance(node.right, _STATED)
        if lawful or computed:
            return MIRRORED[operator], node.right, node.left
        return operator, node.left, node.right

    def bound(self, operator: nodes.Comparator, right: nodes.Node) -> str:
        """`at least` and its like, before what is required."""
        return (_DATES if isinstance(right.type, DateType) else _BOUNDS)[operator]

    def quoted(self, phrases: Sequence[str]) -> str:
        """Texts in quotation marks, one of which is meant."""
        return listed([f"“{phrase}”" for phrase in phrases], "or")

    def prefixes(self, node: nodes.Node, frame: Frame = OUTSIDE) -> str:
        """What a code may begin with."""
        return self.among(node, frame) if isinstance(node, nodes.Constant) else f"one of {the(self.noun(node, frame))}"

    def _quantifies(self, node: nodes.Quantified, *, positive: bool) -> str:
        declared = self.enter(node)
        items = "the items" if declared is None else the(declared.label)
        which = ("one" if positive else "none") if node.kind == "any" else ("each" if positive else "not each")
        return f"for {which} of {items} this holds: {self.says(node.body)}"


def _item(node: nodes.ItemValue) -> str:
    return "it" if node.field is None else node.field.replace("_", " ")


def _extreme(kind: str, compared: Type) -> str:
    dates = isinstance(compared, DateType)
    return f"the {'earlier' if dates else 'lower'} of" if kind == "min" else f"the {'later' if dates else 'higher'} of"


def _superlative(kind: str, compared: Type) -> str:
    dates = isinstance(compared, DateType)
    return {"sum": "total of", "min": "earliest" if dates else "lowest", "max": "latest" if dates else "highest"}[kind]


def _bracketed(text: str, node: nodes.Node, operator: str, *, right: bool = False) -> str:
    if isinstance(node, nodes.Extreme | nodes.Rounded):
        return f"({text})"
    if not isinstance(node, nodes.Arithmetic):
        return text
    weaker = node.operator in "+-" and (operator in "*/" or (right and operator == "-"))
    return f"({text})" if weaker or (right and operator == "/") else text


def _in_brackets(text: str, node: nodes.Node) -> str:
    inner = node.item if isinstance(node, nodes.Negation) else node
    return f"({text})" if isinstance(inner, nodes.AllOf | nodes.AnyOf | nodes.Choose | nodes.Quantified) else text
