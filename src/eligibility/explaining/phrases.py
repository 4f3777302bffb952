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
from eligibility.english import head, says_period
from eligibility.explaining.readings import Law, Readings
from eligibility.findings import OUTSIDE, Frame, Missing
from eligibility.formatting import key_text, money, show

OPPOSITE: Final[dict[nodes.Comparator, nodes.Comparator]] = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
MIRRORED: Final[dict[nodes.Comparator, nodes.Comparator]] = {"==": "==", "!=": "!=", "<": ">", ">": "<", "<=": ">=", ">=": "<="}
NAMED: Final[dict[nodes.Comparator, str]] = {">=": "ge", ">": "gt", "<=": "le", "<": "lt", "==": "eq", "!=": "ne"}
_CALCULATED: Final = (nodes.DateShift, nodes.Arithmetic)
_STATED: Final = (nodes.FactValue, nodes.AssumedFact, nodes.ItemValue)
_UNNAMED: Final = (*_CALCULATED, nodes.Elapsed, nodes.Extreme, nodes.Rounded, nodes.Choose, nodes.Aggregate)
LONGEST_NOUN: Final = 200  # a calculation that takes more to name shows how it was worked out instead
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
            shown = self.say("word.quoted", text=shown)
        return self.assumed(node, shown)

    def assumed(self, node: nodes.Node, text: str) -> str:
        """A text about a value, which says so where the value is only assumed."""
        return self.say("word.assumed", text=text) if self.is_assumed(node) else text

    def measure(self, node: nodes.Node, frame: Frame = OUTSIDE) -> str:
        """The value of a node after its own noun, without what the noun has said of its unit: `weekly working hours are 40`."""
        value, kind = self.value(node, frame), node.type
        if self.language.is_english and isinstance(kind, NumberType) and isinstance(value, int | Fraction):
            counted, _, period = str(kind.unit).partition("/")
            noun = self.subject(node, frame)
            if kind.unit.currency is None and counted and counted == head(noun) and period in noun:
                return self.assumed(node, self.language.number(value))
            if kind.unit.currency is not None and says_period(noun, period):
                return self.assumed(node, self.short(node, frame))
        return self.text(node, frame)

    def _marked(self, text: str, kind: Type) -> str:
        """The label of an unordered choice in quotation marks."""
        return self.say("word.quoted", text=text) if isinstance(kind, ChoiceType) and not kind.ordered else text

    def with_value(self, node: nodes.Node, frame: Frame = OUTSIDE) -> str:
        """What a value is called, and the value: `age (32 years)`, `occupation (NOC 2021) 21211`."""
        noun, text = self.noun(node, frame), self.text(node, frame)
        return f"{noun} {text}" if noun.endswith(")") else f"{noun} ({text})"

    # nouns

    def subject(self, node: nodes.Node, frame: Frame = OUTSIDE) -> str:
        """The noun of a value at the head of a sentence: of things that are counted, their number."""
        noun = self.noun(node, frame)
        counts = node.type == NumberType() and self.language.is_plural(noun)
        return self.say("noun.number_of", noun=noun) if counts else noun

    def noun(self, node: nodes.Node, frame: Frame = OUTSIDE) -> str:
        """What a value is called: a noun phrase without an article; a calculation that takes too many words has a short name."""
        if frame is not OUTSIDE:
            return self._noun(node, frame)
        return self.findings.once("nouns", node, lambda: self._noun(node, frame))

    def _noun(self, node: nodes.Node, frame: Frame) -> str:
        noun = self.full_noun(node, frame)
        if len(noun) <= LONGEST_NOUN or not isinstance(node, _UNNAMED):
            return noun
        declared = self.enter(node) if isinstance(node, nodes.Aggregate) and node.kind == "sum" else None
        return self.say("noun.result") if declared is None else self.say("noun.total", items=declared.label)

    def full_noun(self, node: nodes.Node, frame: Frame = OUTSIDE) -> str:
        """What a value is called, however many words a calculation takes."""
        match node:
            case nodes.FactValue() | nodes.AssumedFact():
                declared = self.declaration(node)
                return self.say("noun.fact") if declared is None else declared.label
            case nodes.ItemValue():
                declared = self.declaration(node)
                return self._item(node) if declared is None else declared.label
            case nodes.ParameterValue(rule=rule, name=name):
                return self.book.rules[rule].parameters[name].title
            case nodes.ListValue(rule=rule, name=name):
                return self.book.rules[rule].lists[name].title
            case nodes.Lookup():
                return self._cell(node, frame)
            case nodes.Reference():
                if self.names_criterion(node):
                    return self.criterion(node)[1].title or self.say("noun.criterion")
                return self.derived(node).title
            case nodes.Constant(type=kind, value=value):
                return self._marked(show(value, kind, self.book), kind)
            case nodes.AsOf():
                return self.say("noun.as_of")
            case nodes.Converted(money=inner) | nodes.Amount(money=inner):
                return self.full_noun(inner, frame)
        return self._calculation(node, frame)

    def _cell(self, node: nodes.Lookup, frame: Frame) -> str:
        table = self.book.rules[node.rule].tables[node.table]
        name = table.called(node.column)
        named = [key for key in node.keys if not nodes.names_row(key)]
        if not named or any(self.is_unknown(key, frame) for key in named):
            return name
        keys = ", ".join(key_text(self.value(key, frame), key.type, self.book) for key in named)
        return self.say("noun.cell_for" if name.endswith(" for") else "noun.cell", name=name, keys=keys)

    def _calculation(self, node: nodes.Node, frame: Frame) -> str:
        match node:
            case nodes.Arithmetic(operator=operator, left=left, right=right):
                before, after = self._grouped(left, operator, frame), self._grouped(right, operator, frame, right=True)
                return f"{before} {_SYMBOLS.get(operator, operator)} {after}"
            case nodes.DateShift(day=day, amount=amount, sign=sign):
                by = self.full_noun(amount, frame)
                if not isinstance(amount, nodes.Constant):
                    by = self.say("noun.amount", noun=by, value=self.text(amount, frame))
                return self.say("noun.plus" if sign == 1 else "noun.minus", day=self.full_noun(day, frame), amount=by)
            case nodes.Elapsed(start=start, end=end):
                return self.say("noun.elapsed", start=self.full_noun(start, frame), end=self.full_noun(end, frame))
            case nodes.Extreme(kind=kind, items=items):
                return self._extreme(kind, node.type, [self.language.the(self.full_noun(item, frame)) for item in items])
            case nodes.Rounded(mode=mode, number=number, step=step):
                return self._rounded(mode, self.full_noun(number, frame), step, frame)
            case nodes.Choose(condition=condition, then=then, otherwise=otherwise):
                truth = self.truth(condition, frame)
                if truth in (MET, NOT_MET):
                    return self.full_noun(then if truth is MET else otherwise, frame)
                return self._choice(self.full_noun(then, frame), condition, self.full_noun(otherwise, frame), frame)
            case nodes.Aggregate():
                return self._aggregate(node)
            case nodes.Classified():
                return self.say("noun.decision")
        return self.say("noun.value")

    def _aggregate(self, node: nodes.Aggregate) -> str:
        declared = self.enter(node)
        items = self.say("noun.items") if declared is None else declared.label
        filtered = "" if node.condition is None else self.say("noun.only_where", condition=self.says(node.condition))
        if node.kind == "count":
            return self.say("noun.count", items=items, filter=filtered)
        what = self.say("noun.value") if node.body is None else self.full_noun(node.body)
        return self.say(f"noun.{_superlative(node.kind, node.type)}", what=what, items=items, filter=filtered)

    def _extreme(self, kind: str, compared: Type, values: Sequence[str]) -> str:
        dates = isinstance(compared, DateType)
        which = ("earlier" if dates else "lower") if kind == "min" else ("later" if dates else "higher")
        return self.say(f"noun.{which}", values=self.language.listed(values))

    def _rounded(self, mode: str, number: str, step: nodes.Node, frame: Frame) -> str:
        return self.say(f"noun.round_{mode}", number=number, step=self.short(step, frame))

    def _choice(self, then: str, condition: nodes.Node, otherwise: str, frame: Frame) -> str:
        return self.say("noun.choice", then=then, condition=self.says(condition, frame=frame), otherwise=otherwise)

    def _item(self, node: nodes.ItemValue) -> str:
        return self.say("noun.item") if node.field is None else node.field.replace("_", " ")

    def _grouped(self, node: nodes.Node, operator: str, frame: Frame, *, right: bool = False) -> str:
        """The noun of a part of a calculation, in brackets where the order of the operations needs them."""
        return _bracketed(self.full_noun(node, frame), node, operator, right=right)

    # figures

    def short(self, node: nodes.Node, frame: Frame = OUTSIDE) -> str:
        """The value of a node inside a calculation: money without its period, other numbers without their unit."""
        value = self.value(node, frame)
        if isinstance(value, Money):
            return money(value.amount, value.currency, None, self.book.codes.currencies.get(value.currency, 2), self.language)
        kind = node.type
        if isinstance(kind, NumberType) and not isinstance(value, Unknown) and self.unit(node) != "percent":
            if kind.unit.currency is not None:
                return show(value, NumberType(Unit(((kind.unit.currency, 1),))), self.book)
            return self.language.number(cast(int, value)) if kind.unit.duration is None else self.text(node, frame)
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
                return self.say("noun.from_to", start=self.formula(start, frame), end=self.formula(end, frame))
            case nodes.Extreme(kind=kind, items=items):
                return self._extreme(kind, node.type, [self.formula(item, frame) for item in items])
            case nodes.Rounded(mode=mode, number=number, step=step):
                return self._rounded(mode, self.formula(number, frame), step, frame)
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

    def source(self, law: Law | None, *reasons: str) -> str:
        """In brackets: why a value is what it is, the date of force of a figure of law, and its place."""
        parts = [] if law is None or law.since is None else [self.say("test.since", day=self.language.day(law.since))]
        parts += [] if law is None or law.citation is None else [law.citation.text]
        said = "; ".join([*reasons, *([", ".join(parts)] if parts else [])])
        return f" ({said})" if said else ""

    def why(self, missing: Missing) -> str:
        """Why a figure is unknown, as it goes on inside a sentence."""
        return self.language.lowered(self.language.why(missing.why).rstrip("."))

    # conditions

    def says(self, node: nodes.Node, *, positive: bool = True, frame: Frame = OUTSIDE) -> str:
        """What a condition says, or its opposite, without the values it was tested on."""
        if frame is not OUTSIDE:
            return self._says(node, frame, positive=positive)
        return self.findings.once("conditions", node, lambda: self._says(node, frame, positive=positive), positive)

    def _says(self, node: nodes.Node, frame: Frame, *, positive: bool) -> str:
        match node:
            case nodes.Negation(item=item):
                return self.says(item, positive=not positive, frame=frame)
            case nodes.AllOf(items=items) | nodes.AnyOf(items=items):
                every = isinstance(node, nodes.AllOf) == positive
                return self.language.listed(
                    [_in_brackets(self.says(item, positive=positive, frame=frame), item) for item in items],
                    "and" if every else "or",
                )
            case nodes.Comparison():
                return self._compares(node, frame, positive=positive)
            case nodes.Membership(item=item, collection=collection):
                return self._belongs(item, collection, frame, positive=positive)
            case nodes.TableHas(rule=rule, table=table, keys=keys):
                what = self.language.listed([self.noun(key, frame) for key in keys if not isinstance(key, nodes.Constant)])
                where = self.book.rules[rule].tables[table].title
                return self.say("says.in_table" if positive else "says.not_in_table", noun=what, table=where)
            case nodes.Contains(text=text, phrases=phrases):
                said = "says.contains" if positive else "says.contains_not"
                return self.say(said, noun=self.noun(text, frame), value=self.quoted(phrases))
            case nodes.StartsWith(code=code, prefixes=prefixes):
                said = "says.begins" if positive else "says.begins_not"
                return self.say(said, noun=self.noun(code, frame), value=self.prefixes(prefixes, frame))
            case nodes.Quantified():
                return self._quantifies(node, positive=positive)
            case nodes.Choose(condition=condition, then=then, otherwise=otherwise):
                first, second = (self.says(each, positive=positive, frame=frame) for each in (then, otherwise))
                return self._choice(first, condition, second, frame)
            case nodes.HumanJudgement():
                return self.say("value.judgement")
            case nodes.Constant(value=value):
                return self.say("says.always" if (value is MET) == positive else "says.never")
        noun = self.noun(node, frame)
        if isinstance(node, nodes.Reference):
            return self.say("says.holds" if positive else "says.holds_not", noun=noun)
        return noun if positive else self.say("says.no", noun=noun)

    def reason(self, node: nodes.Node, *, positive: bool = True, frame: Frame = OUTSIDE) -> str:
        """Why a condition holds, or (not positive) why it does not: what it says, with values; of alternatives one that holds."""
        match node:
            case nodes.Negation(item=item):
                return self.reason(item, positive=not positive, frame=frame)
            case nodes.AllOf(items=items) | nodes.AnyOf(items=items):
                wanted = MET if positive else NOT_MET
                holding = [item for item in items if self.truth(item, frame) is wanted]
                every = isinstance(node, nodes.AllOf) == positive
                shown = items if every else holding[:1] or items
                return self.language.listed([self.reason(item, positive=positive, frame=frame) for item in shown])
            case nodes.Comparison():
                operator, left, right = self.oriented(node, positive=positive)
                subject = self.noun(left, frame)
                same = operator == "==" and isinstance(right, nodes.Constant)
                known = not self.is_unknown(left, frame) and not same
                against = self._other(right, frame)
                if not isinstance(right, nodes.Constant):
                    against += f" ({self.text(right, frame)})"
                bounded = self.say("word.not", value=against) if operator == "!=" else self.bounded(operator, right, against)
                if known:
                    return self.say("says.is_now", noun=subject, found=self.text(left, frame), value=bounded)
                return self.say("says.is", noun=subject, value=bounded)
        return self.assumed(node, self.says(node, positive=positive, frame=frame))

    def _compares(self, node: nodes.Comparison, frame: Frame, *, positive: bool) -> str:
        operator, left, right = self.oriented(node, positive=positive)
        subject = self.noun(left, frame)
        if operator == "!=":
            return self.say("says.is_not", noun=subject, value=self._other(right, frame))
        return self.say("says.is", noun=subject, value=self.bounded(operator, right, self._other(right, frame)))

    def _other(self, node: nodes.Node, frame: Frame) -> str:
        return self.noun(node, frame) if isinstance(node, nodes.Constant) else self.language.the(self.noun(node, frame))

    def _belongs(self, item: nodes.Node, collection: nodes.Node, frame: Frame, *, positive: bool) -> str:
        if isinstance(item, nodes.Constant):
            whole = self.noun(collection, frame)
            return self.say("says.includes" if positive else "says.includes_not", noun=whole, value=self.noun(item, frame))
        noun = self.noun(item, frame)
        values = self.listed_values(collection) or ()
        many = len(values) > _MANY
        among = self.say("among.count", count=len(values)) if many else self.among(collection, frame)
        return self.say("says.is" if positive else "says.is_not", noun=noun, value=among)

    def among(self, collection: nodes.Node, frame: Frame = OUTSIDE) -> str:
        """Being in a collection, in words: `A or B`, `among the listed occupations`."""
        values = self.listed_values(collection)
        if values is None:
            return self.say("among.list", noun=self.noun(collection, frame))
        return self.language.listed(values, "or")

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

    def bounded(self, operator: nodes.Comparator, right: nodes.Node, value: str) -> str:
        """What is required, with `at least` and its like."""
        return self.say(f"{'date' if isinstance(right.type, DateType) else 'bound'}.{NAMED[operator]}", value=value)

    def quoted(self, phrases: Sequence[str]) -> str:
        """Texts in quotation marks, one of which is meant."""
        return self.language.listed([self.say("word.quoted", text=phrase) for phrase in phrases], "or")

    def prefixes(self, node: nodes.Node, frame: Frame = OUTSIDE) -> str:
        """What a code may begin with."""
        if isinstance(node, nodes.Constant):
            return self.among(node, frame)
        return self.say("among.prefixes", noun=self.noun(node, frame))

    def _quantifies(self, node: nodes.Quantified, *, positive: bool) -> str:
        declared = self.enter(node)
        items = self.say("noun.the_items") if declared is None else self.language.the(declared.label)
        which = ("of_one" if positive else "of_none") if node.kind == "any" else ("of_each" if positive else "not_of_each")
        return self.say(f"says.{which}", items=items, condition=self.says(node.body))


def _superlative(kind: str, compared: Type) -> str:
    dates = isinstance(compared, DateType)
    return {"sum": "sum", "min": "earliest" if dates else "lowest", "max": "latest" if dates else "highest"}[kind]


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
