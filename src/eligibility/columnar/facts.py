"""The facts of a population as terms: as they are stated, where they apply, and what rules assume of them."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from eligibility import nodes
from eligibility.columnar.codes import mentioned_codes
from eligibility.columnar.numbers import Numbers
from eligibility.columnar.shapes import Shape
from eligibility.columnar.sheet import Cell, Sheet
from eligibility.columnar.terms import Item, Term, condition, either, is_known, is_settled, kept, read
from eligibility.columnar.truths import Condition, Truths, chosen, settled, unknown_of
from eligibility.columnar.words import Texts, listed_codes, wordy
from eligibility.compiler import CompiledRules
from eligibility.datatypes import MET, NOT_MET, BooleanType, CodeType, Truth, Type, Value


class Facts:
    """The facts that stand in the columns of a population."""

    def __init__(self, sheet: Sheet, compiled: CompiledRules, shapes: Mapping[str, Shape]) -> None:
        self._sheet = sheet
        self._compiled = compiled
        self._shapes = shapes
        self._guards: dict[int, tuple[Truths, Cell]] = {}
        self._words: dict[int, tuple[Texts, Texts]] = {}
        self._codes: dict[str, Texts] = {}
        self._mentions: Mapping[CodeType, Mapping[str, None]] | None = None

    def stated(self, node: nodes.FactValue) -> Item:
        """A fact as it is stated."""
        found = self.in_codes(read(self._shapes.get(node.path), node.type), node.type)
        if isinstance(found, Numbers):
            self._sheet.shared(found.above.cell)
        return found

    def where_it_applies(self, fact: Term, applies: Condition, otherwise: Value, kind: Type) -> Term:
        """A fact, or what it must be where others say that it does not apply."""
        if applies is NOT_MET:
            return otherwise
        if isinstance(applies, Truth) or (is_settled(fact) and fact == otherwise):
            return fact
        ruled_out = self._ruled_out(applies)
        if isinstance(otherwise, Truth) and isinstance(fact, Truths) and fact.judged is None:
            return Truths(fact.truth | ruled_out if otherwise is MET else fact.truth & ~ruled_out)
        return either(self._sheet, ruled_out, otherwise, fact, kind)

    def _ruled_out(self, applies: Truths) -> Cell:
        """Where a condition on which facts depend is known not to hold, once for all of them."""
        known = self._guards.get(id(applies))
        if known is None:
            known = self._guards[id(applies)] = (applies, self._sheet.column((~applies.truth).or_else(value=False)))
        return known[1]

    def assumed(self, fact: Term, value: Value, kind: Type) -> Term:
        """A fact, or what a rule assumes of it where it is unknown."""
        if isinstance(kind, BooleanType):
            found = settled(self._sheet, condition(fact))
            missing = self._sheet.column(unknown_of(found))
            return chosen(self._sheet, Truths(missing), condition(value), found)
        fact = kept(self._sheet, fact)
        known = is_known(fact)
        return fact if known is None else either(self._sheet, self._sheet.column(known), fact, value, kind)

    def in_codes(self, term: Item, kind: Type) -> Item:
        """A code with its place among those that the rules mention."""
        if not isinstance(term, Texts) or not isinstance(kind, CodeType):
            return term
        name = next(iter(term.text.reads), "")
        known = self._codes.get(name)
        if known is None:
            known = self._codes[name] = listed_codes(self._sheet, term, self._mentioned(kind))
        return known

    def _mentioned(self, kind: CodeType) -> Mapping[str, None]:
        """All codes of a scheme that the rules compare with or have tables for."""
        if self._mentions is None:
            self._mentions = mentioned_codes(self._compiled)
        return self._mentions.get(kind, {})

    def in_words(self, term: Term) -> Term:
        """A text as words, once for all phrases that are looked for in it."""
        if not isinstance(term, Texts):
            return term
        known = self._words.get(id(term))
        if known is None:
            known = self._words[id(term)] = (term, Texts(self._sheet.worked_out(term.text, wordy, pl.String)))
        return known[1]
