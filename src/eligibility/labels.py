"""What rule files say to people: every label by its address, every text by itself; and the same rules in another language.

An address is that of the element in the rule files, with the key that holds the label: `gb.skilled_worker.criteria.salary.title`.
Texts without a name of their own (notes, statements, reasons) are known by what they say in English, so that a text which was
changed is not translated by what it used to say.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

from eligibility import nodes
from eligibility.compiler import CompiledCondition, CompiledRule, CompiledRules, closure
from eligibility.datatypes import ChoiceType, ListType, Type
from eligibility.language import Language
from eligibility.rulebook import Condition, DatedList, Derived, FactDeclaration, Parameter, Rule, RuleBook, Table


class Labels(Protocol):
    """Gives the label of an address and the translation of a text, or what it was given."""

    def label(self, address: str, english: str) -> str:
        """The label of an element."""

    def text(self, english: str) -> str:
        """A text of a rule file."""


@dataclass(slots=True)
class Collected:
    """The labels by their addresses and the texts that some rules have."""

    labels: dict[str, str] = field(default_factory=dict)
    texts: set[str] = field(default_factory=set)

    def label(self, address: str, english: str) -> str:
        """Keep a label."""
        self.labels[address] = english
        return english

    def text(self, english: str) -> str:
        """Keep a text."""
        self.texts.add(english)
        return english

    def lacking(self, language: Language) -> Iterator[str]:
        """The addresses and texts that a language has no translation of; texts may be translated already."""
        known = {*language.texts, *language.texts.values()}
        yield from (address for address in self.labels if address not in language.labels)
        yield from (text for text in sorted(self.texts) if text not in known)


def labels_of(book: RuleBook) -> Collected:
    """Every label and text of a rule book."""
    found = Collected()
    _relabelled(book, found)
    return found


def labels_read(compiled: CompiledRules, rules: Iterable[CompiledRule]) -> Collected:
    """The labels and texts that a report on some rules may say: their own, and those of what they read."""
    found, book = Collected(), compiled.book
    for rule in rules:
        _rule(rule.rule, found)
        for index in closure(compiled.steps, rule.needed):
            node = compiled.steps[index].node
            _choices(node.type, book, found)
            match node:
                case nodes.FactValue(path=path):
                    _fact(f"facts.{path}", book.facts[path], book, found)
                case nodes.Reference(rule=name) if node.name.startswith("criteria."):
                    _rule(book.rules[name], found)
                case nodes.Reference(rule=name):
                    _derived(name, book.rules[name].derived[node.name], found)
                case nodes.ParameterValue(rule=name):
                    _parameter(name, book.rules[name].parameters[node.name], found)
                case nodes.ListValue(rule=name):
                    _list(name, book.rules[name].lists[node.name], found)
                case nodes.Lookup(rule=name, table=table) | nodes.TableHas(rule=name, table=table):
                    _table(name, book.rules[name].tables[table], found)
    return found


def translated(book: RuleBook, language: Language) -> RuleBook:
    """The same rules with their labels and texts in a language; what it lacks stays as it is."""
    countries = {code: language.country(code, name) for code, name in book.codes.countries.items()}
    return replace(_relabelled(book, language), codes=replace(book.codes, countries=countries), language=language)


def compiled_in(compiled: CompiledRules, book: RuleBook) -> CompiledRules:
    """Compiled rules with the labels of a translated book: the same steps."""
    rules = tuple(_compiled_rule(rule, book.rules[rule.rule.id]) for rule in compiled.rules)
    return replace(compiled, book=book, rules=rules)


def _compiled_rule(compiled: CompiledRule, rule: Rule) -> CompiledRule:
    known = {each.path: each for top in rule.criteria for each in top.walk()}
    return replace(compiled, rule=rule, conditions=tuple(_compiled(each, known) for each in compiled.conditions))


def _compiled(each: CompiledCondition, known: Mapping[str, Condition]) -> CompiledCondition:
    return replace(
        each,
        condition=known[each.condition.path],
        children=tuple(_compiled(child, known) for child in each.children),
        exceptions=tuple(_compiled(child, known) for child in each.exceptions),
    )


# books


def _relabelled(book: RuleBook, labels: Labels) -> RuleBook:
    facts = {path: _fact(f"facts.{path}", fact, book, labels) for path, fact in book.facts.items()}
    vocabularies = {
        name: facts[name].choices if name in facts else _vocabulary(name, values, labels)
        for name, values in book.vocabularies.items()
    }
    rules = {name: _rule(rule, labels) for name, rule in book.rules.items()}
    return replace(book, facts=facts, vocabularies=vocabularies, rules=rules)


def _vocabulary(name: str, values: Mapping[str, str], labels: Labels) -> dict[str, str]:
    return {value: labels.label(f"vocabularies.{name}.{value}", label) for value, label in values.items()}


def _choices(kind: Type, book: RuleBook, labels: Labels) -> None:
    """Keep the labels of the vocabulary that a value is from."""
    name = _vocabulary_of(kind)
    if name in book.vocabularies and name not in book.facts:
        _vocabulary(name, book.vocabularies[name], labels)


def _vocabulary_of(kind: Type) -> str:
    element = kind.element if isinstance(kind, ListType) else kind
    return element.name if isinstance(element, ChoiceType) else ""


def _fact(address: str, fact: FactDeclaration, book: RuleBook, labels: Labels) -> FactDeclaration:
    name = _vocabulary_of(fact.type)
    if name in book.vocabularies and name not in book.facts:
        choices = _vocabulary(name, fact.choices, labels)
    else:
        choices = {value: labels.label(f"{address}.choices.{value}", label) for value, label in fact.choices.items()}
    return replace(
        fact,
        label=labels.label(address, fact.label),
        question=labels.label(f"{address}.question", fact.question),
        help=_maybe(labels, f"{address}.help", fact.help),
        choices=choices,
        fields={field: _fact(f"{address}.fields.{field}", inner, book, labels) for field, inner in fact.fields.items()},
    )


def _maybe(labels: Labels, address: str, english: str | None) -> str | None:
    return None if english is None else labels.label(address, english)


# rules


def _rule(rule: Rule, labels: Labels) -> Rule:
    return replace(
        rule,
        title=labels.label(f"{rule.id}.title", rule.title),
        authority=_maybe(labels, f"{rule.id}.authority", rule.authority),
        concerns=tuple(replace(each, otherwise=labels.text(each.otherwise)) for each in rule.concerns),
        parameters={name: _parameter(rule.id, each, labels) for name, each in rule.parameters.items()},
        lists={name: _list(rule.id, each, labels) for name, each in rule.lists.items()},
        tables={name: _table(rule.id, each, labels) for name, each in rule.tables.items()},
        derived={name: _derived(rule.id, each, labels) for name, each in rule.derived.items()},
        criteria=tuple(_condition(rule.id, each, labels) for each in rule.criteria),
        assumptions=tuple(replace(each, say=labels.text(each.say)) for each in rule.assumptions),
        notes=tuple(replace(each, say=labels.text(each.say)) for each in rule.notes),
        about=tuple(replace(each, say=labels.text(each.say)) for each in rule.about),
    )


def _parameter(rule: str, parameter: Parameter, labels: Labels) -> Parameter:
    title = labels.label(f"{rule}.parameters.{parameter.name}.title", parameter.title)
    values = tuple(replace(each, why=None if each.why is None else labels.text(each.why)) for each in parameter.values)
    return replace(parameter, title=title, values=values)


def _list(rule: str, listed: DatedList, labels: Labels) -> DatedList:
    title = labels.label(f"{rule}.lists.{listed.name}.title", listed.title)
    because = None if listed.unknown_because is None else labels.text(listed.unknown_because)
    return replace(listed, title=title, unknown_because=because)


def _table(rule: str, table: Table, labels: Labels) -> Table:
    """A table; a column that is called by more than the title of the table has a label of its own."""
    title = labels.label(f"{rule}.tables.{table.name}.title", table.title)
    titles = {}
    for column in table.columns:
        called = table.called(column)
        label = title if called == table.title else labels.label(f"{rule}.tables.{table.name}.columns.{column}", called)
        if label != called or column in table.titles:
            titles[column] = label
    return replace(table, title=title, titles=titles)


def _derived(rule: str, derived: Derived, labels: Labels) -> Derived:
    section = "classifications" if isinstance(derived.node, nodes.Classified) else "derived"
    return replace(derived, title=labels.label(f"{rule}.{section}.{derived.name}.title", derived.title))


def _condition(rule: str, condition: Condition, labels: Labels) -> Condition:
    path = condition.path if condition.path.startswith("exceptions.") else f"criteria.{condition.path}"
    address = f"{rule}.{path}"
    return replace(
        condition,
        title=_maybe(labels, f"{address}.title", condition.title),
        help=_maybe(labels, f"{address}.help", condition.help),
        judgement=_maybe(labels, f"{address}.judgement", condition.judgement),
        children=tuple(_condition(rule, each, labels) for each in condition.children),
        exceptions=tuple(_condition(rule, each, labels) for each in condition.exceptions),
    )
