"""The questions that can still change an outcome, the most decisive first, and why each is asked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from eligibility.compiler import CompiledRule, CompiledRules
from eligibility.datatypes import JUDGEMENT, MET, ChoiceType, ListType, Type
from eligibility.downstream import downstream
from eligibility.facts import Profile
from eligibility.formatting import choice_label, marks
from eligibility.operations import Inputs
from eligibility.possibilities import Possibilities
from eligibility.rulebook import FactDeclaration, RuleBook
from eligibility.status import Status

_FEW_RECORDS: Final = 4
_ITEM: Final = re.compile(r"\[(\d+)\]")


@dataclass(frozen=True, slots=True)
class Question:
    """One open fact that can still change an outcome.

    `fact` is its path: `offer.salary`, or `applicant.degrees[0].level` for a field of a record of the profile. `subject` names
    it in a few words, `choices` are its values with their labels, `who` can say it: applicant, employer, authority or anyone.
    `pathways` are the rules whose outcome it can still change, `settles` those that the answer alone may settle or turn round,
    `open_pathways` counts all whose outcome is open, and `why` says so in words.
    """

    fact: str
    declaration: FactDeclaration
    subject: str
    choices: Mapping[str, str]
    who: str
    pathways: tuple[str, ...]
    settles: tuple[str, ...]
    open_pathways: int
    why: str

    @property
    def label(self) -> str:
        """A noun phrase for the fact, such as `basic pay`."""
        return self.declaration.label

    @property
    def question(self) -> str:
        """The question a person is asked; for a field of a record, `subject` says of which."""
        return self.declaration.question

    @property
    def help(self) -> str | None:
        """What else to know before answering."""
        return self.declaration.help

    @property
    def type(self) -> Type:
        """The type of an answer."""
        return self.declaration.type


@dataclass(frozen=True, slots=True)
class _Open:
    """A rule whose outcome is open: the facts that can change it, those that only correct an assumption, and how it stands."""

    rule: CompiledRule
    asks: int
    assumed: int
    status: Status
    is_gate: bool

    @property
    def needed(self) -> int:
        """The facts it waits for; where it comes out already, those that could still turn it round."""
        return self.asks & ~self.assumed if self.status is Status.UNDETERMINED else 0


class Inquiry:
    """What can still change the outcomes of some rules for a profile.

    `declined` are facts nobody can state, such as `offer.salary` or `applicant.degrees[0].level`: they stay unknown, as do the
    facts that a profile states as null.
    """

    def __init__(
        self, compiled: CompiledRules, rules: Sequence[CompiledRule], profile: Profile, inputs: Inputs, declined: Iterable[str]
    ) -> None:
        self.compiled = compiled
        self.profile = profile
        self.state = Possibilities(compiled, inputs, profile.stated_unknown.union(declined))
        concerning = [rule for rule in rules if rule.in_force]
        gates = compiled.order_for((), concerning)
        self.state.run(gates)
        concerned = [rule for rule in concerning if self.state.may_be(rule.concerned, MET, JUDGEMENT)]
        done = frozenset(gates)
        rest = tuple(index for index in compiled.order_for(concerned) if index not in done)
        self.state.run(rest)
        self.order = frozenset((*gates, *rest))
        self.places = {path: place for place, path in enumerate(compiled.book.facts)}
        self.open = tuple(found for rule in concerning if (found := self._opened(rule)).asks)

    @property
    def facts(self) -> frozenset[str]:
        """Every open fact that can change an outcome: those asked now, and those that wait for whether they apply."""
        bits = 0
        for each in self.open:
            bits |= each.asks
        return frozenset(self.state.named(bits))

    def questions(self) -> tuple[Question, ...]:
        """The questions to ask now, the most decisive first."""
        now = 0
        for each in self.open:
            now |= each.asks & ~self.state.waiting
        settles = self._settles(self.state.named(now))
        return tuple(self._question(path, settles[path]) for path in sorted(settles, key=lambda each: self._key(each, settles)))

    def _opened(self, rule: CompiledRule) -> _Open:
        """How a rule stands: first whether it concerns the case is asked, then what its criteria lack."""
        state, values = self.state, self.state.values
        status = rule.status(values)
        asks = state.asks[rule.concerned]
        applies = values[rule.concerned] in (MET, JUDGEMENT)
        if applies:
            available, criteria = state.truths(rule.available), state.truths(rule.criteria_met)
            if any(len(rule.statuses((MET,), available, (truth,))) > 1 for truth in criteria):
                asks |= state.asks[rule.available]
            if any(len(rule.statuses((MET,), (truth,), criteria)) > 1 for truth in available):
                asks |= state.asks[rule.criteria_met]
            for index in _shown(rule):
                asks |= state.asks[index]
        assumed = 0
        for each in rule.rule.assumptions:
            assumed |= state.bit(each.fact)
        return _Open(rule, asks, assumed & asks, status, is_gate=not applies)

    def _key(self, path: str, settles: Mapping[str, tuple[str, ...]]) -> tuple[int, Fraction, int, int, str]:
        """What a question is sorted by: gates, then what pathways lack, then what only checks how they come out.

        Within each, the pathways that lack it, each by how few facts it lacks; then those that it alone may settle.
        """
        asking, waiting = self._asking(path)
        tier = 0 if any(each.is_gate for each in waiting) else 1 if waiting else 2
        weight = sum((Fraction(1, (each.needed or each.asks).bit_count()) for each in waiting or asking), Fraction(0))
        return tier, -weight, -len(settles[path]), self.places[owner(path)], path

    def _asking(self, path: str) -> tuple[list[_Open], list[_Open]]:
        """The rules whose outcome a fact can change, and those of them that lack it."""
        bit = self.state.bit(path)
        asking = [each for each in self.open if each.asks & bit]
        return asking, [each for each in asking if each.needed & bit]

    def _settles(self, paths: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """For each fact the rules whose outcome it alone may change, with all other open facts left as they are."""
        found: dict[str, tuple[str, ...]] = {}
        alone = self.state.settled(self.order)
        for together in self._looked_at_together(paths):
            alone.allowed = 0
            for path in together:
                alone.allowed |= alone.bit(path)
            below = [index for index in downstream(self.compiled).of([owner(together[0])]) if index in self.order]
            alone.run(below)
            differing = [each for each in self.open if _may_differ(each, alone)]
            for path in together:
                found[path] = tuple(each.rule.rule.id for each in differing if each.asks & alone.bit(path))
            alone.settle(below)
        return found

    def _looked_at_together(self, paths: Iterable[str]) -> Iterable[list[str]]:
        """The facts one by one; in a long list of records one field of all of them at once, which may settle no less."""
        groups: dict[str, list[str]] = {}
        for path in paths:
            records = self.profile.facts.get(owner(path)) if _ITEM.search(path) else None
            is_long = isinstance(records, tuple) and len(records) > _FEW_RECORDS
            groups.setdefault(_ITEM.sub("", path) if is_long else path, []).append(path)
        return groups.values()

    def _question(self, path: str, settles: tuple[str, ...]) -> Question:
        book, declared = self.compiled.book, declaration(self.compiled.book, path)
        kind = declared.type.element if isinstance(declared.type, ListType) else declared.type
        choices = {each: choice_label(each, kind, book) for each in kind.values} if isinstance(kind, ChoiceType) else {}
        asking, _ = self._asking(path)
        stated_by = book.facts[owner(path)]
        who = "applicant" if stated_by.personal else stated_by.changed_by
        return Question(
            path,
            declared,
            self._subject(path, declared),
            choices,
            who if who in ("applicant", "employer", "authority") else "anyone",
            tuple(each.rule.rule.id for each in asking),
            settles,
            len(self.open),
            self._why(path, settles),
        )

    def _subject(self, path: str, declared: FactDeclaration) -> str:
        """The noun phrase of a fact; for a field of a record, which record it is about."""
        place = _ITEM.search(path)
        if place is None:
            return declared.label
        above = self.compiled.book.facts[owner(path)]
        records = self.profile.facts[above.path]
        position = int(place[1])
        kind = above.type.element if isinstance(above.type, ListType) else above.type
        record = records[position] if isinstance(records, tuple) else None
        known = marks(record, kind, self.compiled.book) if isinstance(record, Mapping) else ""
        count = len(records) if isinstance(records, tuple) else 1
        language = self.compiled.book.language
        named = language.say("ask.record", noun=above.label, number=position + 1, total=count)
        return f"{named} ({known})" if known else named

    def _why(self, path: str, settles: tuple[str, ...]) -> str:
        """Why a fact is asked, in a few words."""
        asking, waiting = self._asking(path)
        nearest = min(waiting or asking, key=lambda each: (each.needed or each.asks).bit_count())
        title, count = nearest.rule.rule.title, len(self.open)
        say = self.compiled.book.language.say
        some = "ask.of_rules" if any(each.rule.rule.kind == "assessment" for each in self.open) else "ask.of_pathways"
        if not waiting:
            said = say("ask.corrects" if nearest.assumed & self.state.bit(path) else "ask.turns", title=title)
            return say("ask.and_more", said=said, count=len(asking) - 1) if len(asking) > 1 else said
        if settles:
            what = title if count == 1 else say(some, count=len(settles), total=count)
            return say("ask.says_what_applies" if any(each.is_gate for each in waiting) else "ask.settles", what=what)
        lacking = say("head.facts", count=nearest.needed.bit_count())
        if count == 1:
            return say("ask.opens_it", what=title, facts=lacking)
        return say("ask.opens", what=say(some, count=len(asking), total=count), title=title, facts=lacking)


def declaration(book: RuleBook, path: str) -> FactDeclaration:
    """The declaration of a fact, or of a field of a record, by its path in a profile."""
    declared = book.facts[owner(path)]
    for name in _ITEM.sub("", path.removeprefix(declared.path)).split(".")[1:]:
        declared = declared.fields[name]
    return declared


def owner(path: str) -> str:
    """The fact a path belongs to.

    >>> owner("applicant.degrees[0].level"), owner("offer.salary")
    ('applicant.degrees', 'offer.salary')
    """
    return path.partition("[")[0]


def _shown(rule: CompiledRule) -> tuple[int, ...]:
    """The steps of the values that are the outcome of an assessment."""
    return tuple(rule.named[name] for name in rule.rule.shows) if rule.rule.kind == "assessment" else ()


def _may_differ(each: _Open, state: Possibilities) -> bool:
    """Whether a rule may come out otherwise than it does now."""
    rule = each.rule
    statuses = rule.statuses(*(state.truths(index) for index in (rule.concerned, rule.available, rule.criteria_met)))
    return bool(statuses - {each.status}) or any(state.asks[index] for index in _shown(rule))


__all__ = ["Inquiry", "Question", "declaration", "owner"]
