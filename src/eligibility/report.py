"""The report: every outcome of one evaluation, and what was evaluated."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from eligibility.diagnostics import Diagnostic, UsageError, did_you_mean
from eligibility.facts import Profile
from eligibility.findings import Findings
from eligibility.outcome import Outcome


@dataclass(slots=True)
class Report:
    """All outcomes of one evaluation, in the order of the rules."""

    outcomes: tuple[Outcome, ...]
    profile: Profile
    findings: Findings

    @property
    def as_of(self) -> date:
        """The day whose law was applied."""
        return self.findings.inputs.as_of

    @property
    def engine(self) -> str:
        """The engine that answered."""
        return self.findings.engine

    def __getitem__(self, rule: str) -> Outcome:
        """The outcome of a rule by id. Raises: UsageError."""
        for outcome in self.outcomes:
            if outcome.id == rule:
                return outcome
        known = [outcome.id for outcome in self.outcomes]
        raise UsageError([Diagnostic("E600", f"there is no outcome of `{rule}`", help=did_you_mean(rule, known))])

    def __iter__(self) -> Iterator[Outcome]:
        return iter(self.outcomes)

    def __len__(self) -> int:
        return len(self.outcomes)
