"""Parts of a rule book: some rules with all they read, which compile quickly and change on fewer days than everything."""

from __future__ import annotations

import dataclasses
from collections import OrderedDict
from collections.abc import Container, Iterable, Iterator
from typing import Final
from weakref import WeakKeyDictionary

from eligibility import nodes
from eligibility.engine import RuleSet
from eligibility.rulebook import Rule, RuleBook

PARTS_KEPT: Final = 16
_DATED: Final = (nodes.AsOf, nodes.ParameterValue, nodes.ListValue, nodes.Lookup, nodes.TableHas)

_parts: Final[WeakKeyDictionary[RuleSet, OrderedDict[frozenset[str], RuleSet]]] = WeakKeyDictionary()


def part_of(rules: RuleSet, names: Iterable[str]) -> RuleSet:
    """Some rules by id, and every rule they read; the last few parts are kept with what they have compiled."""
    wanted = frozenset(names)
    kept = _parts.setdefault(rules, OrderedDict())
    if wanted not in kept:
        kept[wanted] = RuleSet(_book(rules.book, wanted))
        kept[wanted].place = rules.place
        while len(kept) > PARTS_KEPT:
            kept.popitem(last=False)
    kept.move_to_end(wanted)
    return kept[wanted]


def _book(book: RuleBook, names: frozenset[str]) -> RuleBook:
    guards = [fact.applies_when for fact in book.facts.values() if fact.applies_when is not None]
    found = set(names)
    waiting = [book.rules[name] for name in names]
    reads = [name for node in guards for name in _rules_of(node)]
    while waiting or reads:
        if waiting:
            reads += [name for node in _nodes_of(waiting.pop()) for name in _rules_of(node)]
        for name in reads:
            if name not in found:
                found.add(name)
                waiting.append(book.rules[name])
        reads = []
    chosen = {name: rule for name, rule in book.rules.items() if name in found}
    changes = tuple(sorted({day for rule in chosen.values() for day in rule.days_of_change()}))
    return dataclasses.replace(book, rules=chosen, changes=changes)


def _nodes_of(rule: Rule) -> Iterator[nodes.Node]:
    """The expressions of a rule."""
    yield from (concern.node for concern in rule.concerns)
    yield from (derived.node for derived in rule.derived.values())
    yield from (note.node for note in rule.notes if note.node is not None)
    for criterion in rule.criteria:
        for each in criterion.walk():
            yield from (node for node in (each.node, each.applies_when, each.award, each.pass_mark) if node is not None)


def _rules_of(node: nodes.Node) -> Iterator[str]:
    """The rules an expression names."""
    if isinstance(node, nodes.Reference | nodes.ParameterValue | nodes.ListValue | nodes.Lookup | nodes.TableHas):
        yield node.rule
    for child in nodes.children(node):
        yield from _rules_of(child)


def stands(book: RuleBook, node: nodes.Node, moving: Container[str] = ()) -> bool:
    """Whether a value hangs on nothing but facts, none of them in `moving`: on no date and no figure of law."""
    match node:
        case nodes.Reference(rule=name, name=part):
            return not part.startswith("criteria.") and stands(book, book.rules[name].derived[part].node, moving)
        case nodes.FactValue(path=path):
            guard = book.facts[path].applies_when
            return path not in moving and (guard is None or stands(book, guard, moving))
    return not isinstance(node, _DATED) and all(stands(book, child, moving) for child in nodes.children(node))


__all__ = ["part_of", "stands"]
