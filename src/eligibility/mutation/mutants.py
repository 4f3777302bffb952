"""Every single change of the law of a pack, each with the place where it is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from eligibility.nodes import Node
from eligibility.rulebook import ALWAYS, Interval, Rule, RuleBook

if TYPE_CHECKING:
    from eligibility.mutation.places import Place

Kind = Literal["constant", "operator", "date", "entry", "cell", "row"]


@dataclass(frozen=True, slots=True)
class Mutant:
    """A rule with one thing changed.

    `element` is what was changed, such as `parameters.threshold.2024-04-04`; `before` and `after` how it reads. If nothing else
    is changed, `data` names the parameter, list or table whose values are, `part` the part of the rule whose `expression` is,
    `joins` the path of the condition whose branches are joined otherwise. It makes a difference only on `day` (None: any) and
    `within` an interval.
    """

    rule: str
    element: str
    before: str
    after: str
    kind: Kind
    place: Place
    make: Callable[[Rule], Rule] = field(repr=False, compare=False)
    data: tuple[str, str] | None = None
    part: tuple[object, ...] = ()
    expression: Node | None = field(default=None, repr=False, compare=False)
    joins: str = ""
    day: date | None = None
    within: Interval = ALWAYS

    @property
    def text(self) -> str:
        """The change in one line, as an excuse names it."""
        return f"{self.element}: {self.before} -> {self.after}"

    @property
    def group(self) -> str:
        """The criterion, figure or other element it belongs to: what notices one of its mutants may notice another."""
        return f"{self.rule} {'.'.join(self.element.split('.')[:2])}"

    def concerns(self, day: date) -> bool:
        """Whether it can make a difference on a day."""
        return self.within.holds(day) and self.day in (None, day)

    @property
    def file(self) -> Path:
        """The file it is written in."""
        return self.place.file


def changed_book(book: RuleBook, mutant: Mutant) -> RuleBook:
    """The rule book with the change made; `changes` has the days of the changed rule too."""
    made = mutant.make(book.rules[mutant.rule])
    days = {*book.changes, *made.days_of_change()}
    rules: Mapping[str, Rule] = {name: made if name == mutant.rule else rule for name, rule in book.rules.items()}
    return replace(book, rules=rules, changes=tuple(sorted(days)))
