"""What a remedy is: the changes of facts that let a pathway no longer fail, and what stands in the way where there is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from eligibility.datatypes import Value
from eligibility.findings import Missing
from eligibility.outcome import Outcome
from eligibility.status import Status

REACHED: Final = (Status.ELIGIBLE, Status.SUBJECT_TO_JUDGEMENT, Status.UNDETERMINED)
FAILING: Final = (Status.NOT_ELIGIBLE, Status.NOT_AVAILABLE)


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where a value stands in a profile: a fact by its path, or one field of the record at a position of a list.

    A position after the last one is that of a record that is not there yet.
    """

    path: str
    position: int = -1
    field: str = ""

    def __str__(self) -> str:
        if self.position < 0:
            return self.path
        return f"{self.path}[{self.position}]{f'.{self.field}' if self.field else ''}"


Plan = Mapping[Place, Value]
"""Values to put in the place of what a profile states."""


@dataclass(frozen=True, slots=True)
class Change:
    """One part of a remedy.

    `fact` is the place in the profile, such as `offer.salary` or `applicant.degrees[0].level`; `before` is None for a record
    that is added; `who` can change it; `others` are further values that would do as well; `words` say it as an instruction.
    """

    fact: str
    label: str
    before: Value | None
    after: Value
    who: str
    words: str
    others: tuple[Value, ...] = ()


@dataclass(frozen=True, slots=True)
class Remedy:
    """Changes that together let a pathway no longer fail; without any of them it still would.

    `status` is what evaluation says after them, `open` what is then missing, `withdrawn` the facts that no longer apply then.
    `plan` has the new values by place, `facts` all facts as they then are.
    """

    changes: tuple[Change, ...]
    status: Status
    open: tuple[Missing, ...]
    withdrawn: tuple[str, ...]
    plan: Plan
    facts: Mapping[str, Value]

    @property
    def words(self) -> str:
        """All changes in one sentence."""
        return "; ".join(change.words for change in self.changes)


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why a pathway that fails has no remedy.

    `criterion` is the path of the criterion in the way (empty: no single one is). `certain` says that no change of what may be
    changed can meet it; otherwise none was found.
    """

    criterion: str
    words: str
    certain: bool


@dataclass(frozen=True, slots=True)
class Advice:
    """What would change the outcome of one pathway: the remedies, best first, or what stands in the way."""

    outcome: Outcome
    remedies: tuple[Remedy, ...]
    obstacles: tuple[Obstacle, ...]


__all__ = ["FAILING", "REACHED", "Advice", "Change", "Obstacle", "Place", "Plan", "Remedy"]
