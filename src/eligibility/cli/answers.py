"""Answers typed in a terminal: a line of text to the plain data a profile holds, and what may be typed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from eligibility.datatypes import (
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
    Type,
)
from eligibility.diagnostics import did_you_mean
from eligibility.english import bare
from eligibility.facts import MAXIMUM_ITEMS, fit_fact
from eligibility.fitting import Codes, Misfit, found
from eligibility.language import ENGLISH, Language

if TYPE_CHECKING:
    from eligibility.questions import Question

_YES: Final = ("yes", "y", "true")
_NO: Final = ("no", "n", "false")
_NONE: Final = ("none", "-")
_ONCE: Final = "once"
_FILLERS: Final = frozenset(("a", "an", "per"))
_NUMBER: Final = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_GROUPED: Final = re.compile(r"-?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?")
_MONEY_HELP: Final = f"write the amount, the code of the currency, and {', '.join(PERIODS)} or {_ONCE}"


def read_answer(text: str, question: Question, codes: Codes, language: Language = ENGLISH) -> object:
    """The plain data that a line of text states for a question; yes and no may also be said in the language.

    Raises: Misfit, which says what is expected.
    """
    kind = question.type
    if isinstance(kind, ListType) and isinstance(kind.element, RecordType):
        return [{} for _ in range(_count(text))]
    if isinstance(kind, ListType):
        parts = [] if text.casefold() in _NONE else [part.strip() for part in re.split("[,;]", text) if part.strip()]
        return [_fitted(part, kind.element, question, codes, language) for part in parts]
    return _fitted(text, kind, question, codes, language)


def form_of(question: Question, language: Language = ENGLISH) -> str:
    """What may be typed as an answer, in a few words."""
    kind = question.type
    if isinstance(kind, ListType) and isinstance(kind.element, RecordType):
        return language.say("form.records")
    if isinstance(kind, ListType):
        return language.say("form.several", form=_form(kind.element, question, language))
    return _form(kind, question, language)


def listed_choices(question: Question) -> Iterator[str]:
    """The values that can be chosen, numbered."""
    for number, (value, label) in enumerate(question.choices.items(), 1):
        yield f"{number} {label}" if label.casefold() == value.casefold() else f"{number} {label} ({value})"


def _form(kind: Type, question: Question, language: Language) -> str:
    unit, say = question.declaration.unit, language.say
    match kind:
        case BooleanType():
            return say("form.yes_or_no")
        case ChoiceType():
            return say("form.choice")
        case CountryType():
            return say("form.country")
        case DateType():
            return say("form.date")
        case MoneyType():
            return say("form.money")
        case NumberType():
            what = say("form.whole" if question.declaration.integer else "form.number")
            return say("form.in_unit", form=what, unit=unit) if unit and unit != "count" else what
        case CodeType(scheme=scheme):
            return say("form.code", scheme=scheme)
    return say("form.text")


def _fitted(text: str, kind: Type, question: Question, codes: Codes, language: Language) -> object:
    raw = _raw(text, kind, question, codes, language)
    fit_fact(raw, question.declaration, kind, codes)
    return raw


def _raw(text: str, kind: Type, question: Question, codes: Codes, language: Language) -> object:
    folded = text.casefold()
    match kind:
        case BooleanType():
            said = (folded in (*_YES, language.say("value.yes")), folded in (*_NO, language.say("value.no")))
            if any(said):
                return said[0]
            raise Misfit("yes or no", found(text))
        case ChoiceType():
            return _choice(text, question.choices)
        case CountryType():
            named = (code for code, name in codes.countries.items() if bare(name) == bare(text))
            return text.upper() if text.upper() in codes.countries else next(named, text)
        case MoneyType():
            return _money(text, codes)
        case NumberType():
            return _number(text.removesuffix("%").strip() if question.declaration.unit == "percent" else text)
    return text


def _choice(text: str, choices: Mapping[str, str]) -> str:
    folded = text.casefold()
    for value, label in choices.items():
        if folded in (value.casefold(), label.casefold()):
            return value
    if text.isascii() and text.isdigit() and 0 < int(text[:6]) <= len(choices):
        return list(choices)[int(text[:6]) - 1]
    near = did_you_mean(folded, [label.casefold() for label in choices.values()], otherwise="see the list above")
    raise Misfit(f"a number from 1 to {len(choices)}, or a name of the list", found(text), near)


def _number(text: str) -> object:
    """A number of plain digits or with commas between thousands; anything else as it is, to be refused."""
    if _GROUPED.fullmatch(text):
        text = text.replace(",", "")
    if not _NUMBER.fullmatch(text):
        return text
    return Decimal(text) if "." in text or len(text) > MAXIMUM_ITEMS else int(text)


def _count(text: str) -> int:
    """How many records there are."""
    number = 0 if text.casefold() in _NONE else _number(text)
    if not isinstance(number, int) or not 0 <= number <= MAXIMUM_ITEMS:
        raise Misfit(f"a whole number from 0 to {MAXIMUM_ITEMS}", found(text), "say how many there are")
    return number


def _money(text: str, codes: Codes) -> object:
    """Money from its amount, currency and period in any order."""
    amount: object = None
    currency = period = None
    for word in re.findall(r"[^\s/]+", text):
        folded = word.casefold()
        singular = folded.removesuffix("s")
        if word.upper() in codes.currencies and currency is None:
            currency = word.upper()
        elif (singular in PERIODS or folded == _ONCE) and period is None:
            period = singular if singular in PERIODS else _ONCE
        elif not isinstance(number := _number(word), str) and amount is None:
            amount = number
        elif folded not in _FILLERS:
            raise Misfit("an amount with currency and period", found(word), _MONEY_HELP)
    parts = {"amount": amount, "currency": currency, "period": period}
    if lacking := [name for name, part in parts.items() if part is None]:
        raise Misfit("an amount with currency and period", f"nothing for {' and '.join(lacking)}", _MONEY_HELP)
    return {**parts, "period": None if period == _ONCE else period}
