"""What the scenarios of packs catch: every mutant tried, on all cores, and counted by rule and pack."""

from __future__ import annotations

import multiprocessing
import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from eligibility.engine import RuleSet
from eligibility.mutation.bench import Bench
from eligibility.mutation.criteria import Criteria
from eligibility.mutation.figures import Figures
from eligibility.mutation.mutants import Mutant
from eligibility.mutation.places import Places

_CHUNK: Final = 24


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a mutant: the scenario that caught it, or the reason why none can, or neither."""

    mutant: Mutant
    caught_by: str | None
    excuse: str | None = None

    @property
    def survived(self) -> bool:
        """Whether nobody caught it, though somebody could."""
        return self.caught_by is None and self.excuse is None


@dataclass(frozen=True, slots=True)
class Score:
    """How many mutants of a rule or pack were caught, survived, or are excused as equivalent."""

    name: str
    caught: int
    survived: int
    excused: int

    @property
    def percent(self) -> float:
        """The share of the caught among those that can be caught; 100 where there is none."""
        able = self.caught + self.survived
        return 100 * self.caught / able if able else 100.0


def mutants_of(rules: RuleSet, only: Iterable[str], *, every: bool = False) -> list[Mutant]:
    """Every mutant of some rules, in the order of their files; of long lists and tables a sample unless `every`."""
    found: list[Mutant] = []
    for name in only:
        rule = rules.book.rules[name]
        places = Places(rules.packs, rule)
        found += Figures(rule, places, rules.book.codes, every=every).mutants()
        found += Criteria(rule, places, rules.book).mutants()
    return found


def run(bench: Bench, mutants: Sequence[Mutant], jobs: int, done: Callable[[], object] = lambda: None) -> list[str | None]:
    """The scenario that catches each mutant, by its id, or None; `done` is called after each. `jobs` is the number of processes.

    Where processes cannot be forked off, one does everything.
    """
    if jobs <= 1 or "fork" not in multiprocessing.get_all_start_methods():
        return [_and(done, _caught(bench, mutant)) for mutant in mutants]
    global _shared  # noqa: PLW0603  # processes that are forked off find the bench where it is: it is never sent
    _shared = (bench, mutants)
    try:
        with multiprocessing.get_context("fork").Pool(jobs) as pool:
            return [_and(done, found) for found in pool.imap(_by_position, range(len(mutants)), _CHUNK)]
    finally:
        _shared = None


_shared: tuple[Bench, Sequence[Mutant]] | None = None


def _by_position(position: int) -> str | None:
    if _shared is None:
        return None
    bench, mutants = _shared
    return _caught(bench, mutants[position])


def _caught(bench: Bench, mutant: Mutant) -> str | None:
    scenario = bench.catch(mutant)
    return None if scenario is None else scenario.id


def _and(done: Callable[[], object], found: str | None) -> str | None:
    done()
    return found


def cores() -> int:
    """How many processes this machine runs at once."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(frozen=True, slots=True)
class Excuse:
    """A pattern of mutants of a rule that are said to be equivalent, and why."""

    rule: str
    pattern: str
    because: str

    def fits(self, mutant: Mutant) -> bool:
        """Whether a mutant is meant; `*` in the pattern stands for any text."""
        parts = map(re.escape, self.pattern.split("*"))
        return mutant.rule == self.rule and re.fullmatch(".*".join(parts), mutant.text) is not None


def excuses_of(rules: RuleSet) -> list[Excuse]:
    """What the scenario files say to be equivalent."""
    files = [file.model for pack in rules.packs for file in pack.scenarios]
    return [
        Excuse(file.scenarios, pattern, each.because) for file in files for each in file.equivalent for pattern in each.mutants
    ]


def judge(mutants: Sequence[Mutant], found: Sequence[str | None], excuses: Sequence[Excuse]) -> Iterator[Verdict]:
    """The verdict on each mutant."""
    for mutant, caught in zip(mutants, found, strict=True):
        excuse = None if caught else next((each.because for each in excuses if each.fits(mutant)), None)
        yield Verdict(mutant, caught, excuse)


def vain(verdicts: Sequence[Verdict], excuses: Iterable[Excuse]) -> list[Excuse]:
    """The excuses that excuse nothing: what they name is caught, or is not there."""
    return [each for each in excuses if not any(verdict.excuse and each.fits(verdict.mutant) for verdict in verdicts)]


def scored(verdicts: Iterable[Verdict], of: Callable[[Mutant], str]) -> list[Score]:
    """The scores by rule, pack or whatever a mutant belongs to, in the order of their appearance."""
    counts: dict[str, list[int]] = {}
    for each in verdicts:
        numbers = counts.setdefault(of(each.mutant), [0, 0, 0])
        numbers[0 if each.caught_by else 2 if each.excuse else 1] += 1
    return [Score(name, *numbers) for name, numbers in counts.items()]
