"""Which doors stand most open: the pathways that may concern a case, the nearest to an approval first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from eligibility.distance import Distance, distance
from eligibility.outcome import Outcome
from eligibility.status import Status

_ORDER: Final = (
    Status.ELIGIBLE,
    Status.SUBJECT_TO_JUDGEMENT,
    Status.UNDETERMINED,
    Status.NOT_ELIGIBLE,
    Status.NOT_AVAILABLE,
)


@dataclass(frozen=True, slots=True)
class Rank:
    """The place of a pathway among all, and what put it there among those with the same status.

    `open_facts` counts what an undetermined outcome lacks, `distance` says how far one that is not eligible is from its criteria.
    """

    place: int
    outcome: Outcome
    open_facts: int | None = None
    distance: Distance | None = None


def ranked(outcomes: Iterable[Outcome]) -> tuple[Rank, ...]:
    """The pathways among some outcomes, without those that do not concern the case.

    Eligible ones come first, then those subject to judgement, undetermined ones by the number of facts and figures that are
    missing, not eligible ones by their distance, and those that are not available; equals in the order they came in.
    """
    found: list[tuple[tuple[int, int, Distance | None, int], Outcome]] = []
    for position, outcome in enumerate(outcomes):
        if outcome.kind != "pathway" or outcome.status is Status.NOT_APPLICABLE:
            continue
        missing = len(outcome.missing) if outcome.status is Status.UNDETERMINED else 0
        away = _distance(outcome) if outcome.status is Status.NOT_ELIGIBLE else None
        found.append(((_ORDER.index(outcome.status), missing, away, position), outcome))
    found.sort(key=lambda each: each[0])
    return tuple(
        Rank(place, outcome, key[1] if outcome.status is Status.UNDETERMINED else None, key[2])
        for place, (key, outcome) in enumerate(found, 1)
    )


def _distance(outcome: Outcome) -> Distance:
    return distance(outcome.findings, outcome.compiled.criteria_met)


__all__ = ["Rank", "ranked"]
