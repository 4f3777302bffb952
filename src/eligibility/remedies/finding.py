"""Remedies found: candidates from the search, repaired where they fail, reduced to the least, confirmed by evaluation, ranked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Final

from eligibility.compiler import CompiledRules
from eligibility.datatypes import BooleanType, ChoiceType, CodeType, CountryType, ListType, RecordType, Value
from eligibility.engine import RuleSet
from eligibility.facts import Profile
from eligibility.outcome import Outcome
from eligibility.remedies.changes import FAILING, REACHED, Advice, Place, Plan, Remedy
from eligibility.remedies.domains import Adjustable, Domains
from eligibility.remedies.obstacles import Obstacles, outside
from eligibility.remedies.reduction import least
from eligibility.remedies.search import Search
from eligibility.remedies.trial import Cones, Trial
from eligibility.remedies.weighing import Weight, weigh
from eligibility.remedies.words import changes
from eligibility.status import Status

LIMIT: Final = 3
_TRIED: Final = 40  # candidates that are tried as they are
_REPAIRED: Final = 6  # candidates that fail and are carried on from
_REPAIRS: Final = 2  # how often
_KEPT: Final = 4  # ways on from each
_OTHERS: Final = 40  # further values of a choice that are tried

Source = Profile | Mapping[str, object] | str | bytes | Path


def remedies(
    rules: RuleSet, profile: Source, as_of: date | str, pathway: str, *, limit: int = LIMIT, anything: bool = False
) -> tuple[Remedy, ...]:
    """The smallest changes of a profile with which a pathway that fails no longer does, best first, at most `limit`.

    Every remedy is confirmed by evaluation and minimal: without any of its changes, and with any of its numbers one unit nearer
    to what is stated, the pathway still fails, is left open by what was changed, or the profile contradicts itself. After it the
    pathway is eligible, subject to judgement, or undetermined: then `open` says what is still missing. With `anything` also what
    nobody can change is changed. Empty where there is none, or nothing fails; `advise` says why.
    Raises: ProfileError; UsageError for an unknown pathway or date.
    """
    (advice,) = advise(rules, profile, as_of, [pathway], limit=limit, anything=anything)
    return advice.remedies


def advise(
    rules: RuleSet,
    profile: Source,
    as_of: date | str,
    pathways: Iterable[str] | None = None,
    *,
    limit: int = LIMIT,
    anything: bool = False,
) -> tuple[Advice, ...]:
    """The remedies of some pathways, or of all that concern the case and fail, in the order of the ranking; see `remedies`.

    Raises: ProfileError; UsageError for an unknown pathway or date.
    """
    report = rules.evaluate(profile, as_of=as_of, pathways=pathways, engine="reference")
    ranked = [rank.outcome for rank in report.ranking if rank.outcome.status in FAILING and rank.outcome.compiled.in_force]
    chosen = ranked if pathways is None else list(report)
    domains = Domains(rules.book, report.as_of, anything=anything)
    return tuple(_advice(rules, report.profile, outcome, domains, limit) for outcome in chosen)


def _advice(rules: RuleSet, profile: Profile, outcome: Outcome, domains: Domains, limit: int) -> Advice:
    nothing = outside(outcome)
    if nothing is not None:
        return Advice(outcome, (), nothing)
    finder = Finder(outcome.findings.compiled, outcome, profile, domains)
    found: list[Remedy] = []
    for plan in finder.best():
        if len(found) >= limit:
            break
        remedy = _confirmed(rules, profile, outcome, finder, plan)
        if remedy is not None:
            found.append(remedy)
    return Advice(outcome, tuple(found), () if found else Obstacles(finder.search, domains).find(outcome))


def _confirmed(rules: RuleSet, profile: Profile, outcome: Outcome, finder: Finder, plan: Plan) -> Remedy | None:
    """The remedy of a plan, if evaluating the changed profile says that it is one."""
    tried = finder.trial.outcome(plan)
    changed = Profile(tried.facts, profile.stated_unknown - tried.facts.keys(), profile.provenance)
    after = rules.evaluate(changed, as_of=outcome.as_of, pathways=[outcome.id], engine="reference")[outcome.id]
    if after.status not in REACHED:
        return None
    words = changes(plan, profile.facts, finder.domains, finder.others(plan))
    return Remedy(words, after.status, after.missing, tried.withdrawn, plan, tried.facts)


class Finder:
    """The search for the remedies of one outcome."""

    def __init__(self, compiled: CompiledRules, outcome: Outcome, profile: Profile, domains: Domains) -> None:
        self.domains = domains
        self.trial = Trial(Cones(compiled, outcome.compiled), profile.facts, outcome.as_of)
        self.search = Search(self.trial, domains)

    def best(self) -> list[Plan]:
        """The plans that work, each the least of its kind, best first."""
        found: dict[frozenset[Place], tuple[Weight, Plan]] = {}
        for plan in [*self._working()] or self.codes():
            smallest = least(self.trial, self.domains, plan)
            weight = self._weight(smallest)
            key = frozenset(smallest)
            if key not in found or weight < found[key][0]:
                found[key] = (weight, smallest)
        return [plan for _, plan in sorted(found.values(), key=lambda each: each[0])]

    def _weight(self, plan: Plan) -> Weight:
        """The weight of a plan that works; what it opens has to be provided too, and counts as a change."""
        weight, tried = weigh(plan, self.trial.facts, self.domains), self.trial.outcome(plan)
        if tried.status is not Status.UNDETERMINED:
            return weight
        return replace(weight, changes=weight.changes + tried.opened, open=len(tried.missing))

    def _working(self) -> Iterator[Plan]:
        """Plans that work: those of one choice, those that the search finds, and those that mend what these break."""
        breaking: list[Plan] = []
        failed: list[Plan] = []
        for plan in self.singles():
            tried = self.trial.outcome(plan)
            if tried.works:
                yield plan
            elif tried.breaks:
                breaking.append(plan)
        for plan in self.search.roots[:_TRIED]:
            tried = self.trial.outcome(plan)
            if tried.works:
                yield plan
            else:
                (breaking if tried.breaks else failed).append(plan)
        for plan in (*breaking[:_REPAIRED], *failed[:_REPAIRED]):
            yield from self._mended(plan, _REPAIRS)

    def codes(self) -> Iterator[Plan]:
        """For each code or country that is stated another that alone lets the pathway work."""
        for path in self.trial.cones.own:
            each = self.domains.adjustable(Place(path), self.trial.facts)
            if each is not None and each.now is not None and isinstance(each.type, CodeType | CountryType):
                for text in self.search.leaves.texts(self.trial.rule.criteria_met, each):
                    if text != each.now and self.trial.outcome({each.place: text}).works:
                        yield {each.place: text}
                        break

    def _mended(self, plan: Plan, left: int) -> Iterator[Plan]:
        """Plans that carry on where one still fails, for what its changes have turned against it or now contradict."""
        tried = self.trial.outcome(plan)
        if not tried.consistent:
            return
        search = Search(Trial(self.trial.cones, tried.facts, self.trial.as_of), self.domains)
        ways = search.reconciled(tried.broken) if tried.broken else search.roots
        for way in [way for way in ways if not tried.broken or plan.keys().isdisjoint(way)][:_KEPT]:
            more = {**plan, **way}
            if more == plan:
                continue
            if self.trial.outcome(more).works:
                yield more
            elif left > 1:
                yield from self._mended(more, left - 1)

    # single choices

    def singles(self) -> Iterator[Plan]:
        """Every other value of each choice and condition that is stated, and each item a list of choices could gain or lose."""
        for path in self.trial.cones.own:
            kind = self.domains.book.facts[path].type
            if path not in self.trial.facts or not self.domains.allowed(path):
                continue
            for place in self._places(path, kind):
                each = self.domains.adjustable(place, self.trial.facts)
                if each is not None:
                    yield from ({place: value} for value in self._values(each))

    def _places(self, path: str, kind: object) -> Iterator[Place]:
        if not isinstance(kind, ListType) or not isinstance(kind.element, RecordType):
            yield Place(path)
            return
        for position, item in enumerate(self.trial.items(path)):
            yield from (
                Place(path, position, name) for name, _ in kind.element.fields if isinstance(item, Mapping) and name in item
            )

    def _values(self, each: Adjustable) -> Iterator[Value]:
        if isinstance(each.type, BooleanType | ChoiceType):
            yield from self.domains.others(each)
        elif isinstance(each.type, ListType) and isinstance(each.type.element, ChoiceType) and isinstance(each.now, tuple):
            now = each.now
            yield from ((*now, item) for item in each.type.element.values if item not in now)
            yield from ((*now[:position], *now[position + 1 :]) for position in range(len(now)))

    def others(self, plan: Plan) -> dict[Place, tuple[Value, ...]]:
        """Further values of the choices and codes of a plan with which it works as well."""
        found: dict[Place, tuple[Value, ...]] = {}
        for place, value in plan.items():
            each = self.domains.adjustable(place, self.trial.facts)
            if each is None or isinstance(each.type, BooleanType):
                continue
            texts = self.search.leaves.texts(self.trial.rule.criteria_met, each)
            closed = [other for other in self.domains.others(each, texts) if other != value][:_OTHERS]
            works = tuple(other for other in closed if self.trial.outcome({**plan, place: other}).works)
            if works:
                found[place] = works
        return found


__all__ = ["LIMIT", "Finder", "advise", "remedies"]
