"""Gaps: what is missing, with the words that a person needs to fill it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, Literal, cast

from eligibility.english import singular
from eligibility.explanation import Gap
from eligibility.findings import Missing
from eligibility.language import ENGLISH, Language
from eligibility.rulebook import FactDeclaration, RuleBook

_ITEM: Final = re.compile(r"(?P<list>[^\[\]]+)\[(?P<position>\d+)\](?:\.(?P<field>\w+))?")


def gaps_of(missing: Iterable[Missing], book: RuleBook) -> tuple[Gap, ...]:
    """What is missing, in order of the names."""
    return tuple(_gap(each, book) for each in sorted(missing))


def _gap(missing: Missing, book: RuleBook) -> Gap:
    kind = cast(Literal["fact", "figure"], missing.kind)
    why = book.language.why(missing.why)
    if kind == "figure":
        return Gap(kind, missing.name, _figure(missing.name, book), "", why, "authority")
    within = _ITEM.fullmatch(missing.name)
    if within is None:
        declared = book.facts[missing.name]
        return Gap(kind, missing.name, declared.label, declared.question, why, declared.changed_by)
    outer = book.facts[within["list"]]
    item = item_name(outer, int(within["position"]), book.language)
    inner = outer.fields.get(within["field"] or "")
    if inner is None:
        return Gap(kind, missing.name, item, outer.question, why, outer.changed_by)
    return Gap(kind, missing.name, f"{inner.label}, {item}", f"{inner.question} ({item})", why, outer.changed_by)


def item_name(declared: FactDeclaration, position: int, language: Language = ENGLISH) -> str:
    """What the item of a stated list is called: `degree 1`."""
    one = singular(declared.label) if language.is_english else None
    return language.say("noun.one_item", number=position + 1, noun=declared.label) if one is None else f"{one} {position + 1}"


def _figure(name: str, book: RuleBook) -> str:
    """The title of a parameter, list, table or derived value named by rule and name."""
    pack, rule_name, element, *column = name.split(".")
    rule = book.rules[f"{pack}.{rule_name}"]
    if column:
        return rule.tables[element].called(column[0])
    for kind in (rule.parameters, rule.lists, rule.tables, rule.derived):
        if element in kind:
            title: str = kind[element].title
            return title
    return element
