"""The status of a rule for a profile on a date, and how it follows from three truths."""

from __future__ import annotations

from enum import Enum

from eligibility.datatypes import JUDGEMENT, NOT_MET, UNKNOWN_TRUTH, Truth


class Status(Enum):
    """How a rule comes out for a profile on a date."""

    ELIGIBLE = "eligible"
    SUBJECT_TO_JUDGEMENT = "subject_to_judgement"
    UNDETERMINED = "undetermined"
    NOT_ELIGIBLE = "not_eligible"
    NOT_APPLICABLE = "not_applicable"
    NOT_AVAILABLE = "not_available"

    def __str__(self) -> str:
        return self.value


def status_of(in_force: bool, concerned: Truth, available: Truth, criteria_met: Truth) -> Status:  # noqa: FBT001  # one of four
    """The status that follows from the three truths of a rule.

    Facts that come in later never turn a settled status round; at most they add to a pathway that is not available that its
    criteria fail too.
    """
    if not in_force:
        return Status.NOT_AVAILABLE
    if concerned is NOT_MET:
        return Status.NOT_APPLICABLE
    if concerned is UNKNOWN_TRUTH:
        return Status.UNDETERMINED
    if criteria_met is NOT_MET:
        return Status.NOT_ELIGIBLE
    if available is NOT_MET:
        return Status.NOT_AVAILABLE
    if UNKNOWN_TRUTH in (available, criteria_met):
        return Status.UNDETERMINED
    return Status.SUBJECT_TO_JUDGEMENT if JUDGEMENT in (concerned, available, criteria_met) else Status.ELIGIBLE
