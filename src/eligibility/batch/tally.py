"""What is counted over all rows of a batch: outcomes of all of them, reasons of those that were looked at more closely."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import polars as pl

from eligibility.batch.gaps import Gaps, without_places
from eligibility.batch.rows import Part
from eligibility.batch.sampling import Sample
from eligibility.batch.scoring import Scored, Scoring, criteria_of, criterion_column
from eligibility.batch_model import Common, Reason, RuleTally
from eligibility.datatypes import NOT_MET
from eligibility.diagnostics import Diagnostic
from eligibility.engine import RuleSet
from eligibility.report_model import StatusName
from eligibility.rulebook import Rule
from eligibility.status import Status

CLOSELY: Final = 4_096  # rows whose criteria are counted where nobody asked for the criteria of all
NAMED: Final = 3  # so many are named of what is commonest


def status_counts(table: pl.DataFrame, rules: Iterable[Rule]) -> dict[str, Counter[StatusName]]:
    """How many rows each rule gives each status."""
    return {
        rule.id: Counter({status: count for status, count in table[rule.id].value_counts().iter_rows() if status})
        for rule in rules
    }


def failing_counts(table: pl.DataFrame, rules: Iterable[Rule]) -> dict[str, Counter[str]]:
    """Of the rows that are not eligible, how many fail each criterion of a rule."""
    wanted = [
        (rule.id, path, (pl.col(rule.id) == Status.NOT_ELIGIBLE.value) & (pl.col(criterion_column(rule, path)) == NOT_MET.value))
        for rule in rules
        for path in criteria_of(rule)
    ]
    if not wanted:
        return {}
    sums = table.select(each.sum().alias(str(number)) for number, (_, _, each) in enumerate(wanted)).row(0)
    found: dict[str, Counter[str]] = {}
    for (rule, path, _), count in zip(wanted, sums, strict=True):
        if count:
            found.setdefault(rule, Counter())[path] = count
    return found


@dataclass(slots=True)
class Tally:
    """The counts of a batch, block by block."""

    rules: RuleSet
    scoring: Scoring
    outcomes: dict[str, Counter[StatusName]] = field(default_factory=dict)
    failing: dict[str, Counter[str]] = field(default_factory=dict)
    reasons: dict[tuple[str, str], list[tuple[str, int]]] = field(default_factory=dict)
    rejected: int = 0
    sample: Sample = field(default_factory=lambda: Sample(CLOSELY))
    gaps: Gaps = field(init=False)

    def __post_init__(self) -> None:
        self.gaps = Gaps(self.rules, [rule.id for rule in self.scoring.rules], self.scoring.as_of)

    def add(self, scored: Scored, counts: Mapping[str, Counter[StatusName]], index: int) -> None:
        """Count a block whose first row is the row `index` of the run; `counts` are those of its statuses."""
        for rule, found in counts.items():
            self.outcomes.setdefault(rule, Counter()).update(found)
        if self.scoring.statuses:
            for rule, criteria in failing_counts(scored.table, self.scoring.rules).items():
                self.failing.setdefault(rule, Counter()).update(criteria)
        self.rejected += len(scored.refused)
        for problems in scored.refused.values():
            for each in {(each.code, without_places(each.path)): each for each in problems}.values():
                self._count_reason(each)
        for part in scored.parts:
            self.sample.add(part, index)
        self.gaps.add(scored.table, scored.parts, index)

    def _count_reason(self, problem: Diagnostic) -> None:
        key = (problem.code, without_places(problem.path))
        (message, count), *_ = self.reasons.get(key, [(problem.message, 0)])
        self.reasons[key] = [(message, count + 1)]

    def reason_parts(self) -> list[Reason]:
        """Why rows were rejected, commonest first."""
        found = [
            Reason(code=code, path=path, reason=message, rows=count) for (code, path), [(message, count)] in self.reasons.items()
        ]
        return sorted(found, key=lambda each: (-each.rows, each.code, each.path))

    def rule_parts(self) -> list[RuleTally]:
        """How each rule came out, with the commonest reasons."""
        closely = self._closely()
        failing, failing_of = self._failing(closely)
        missing, missing_of = self.gaps.missing()
        return [
            RuleTally(
                id=rule.id,
                title=rule.title,
                outcomes={status: count for status in _STATUSES if (count := self.outcomes.get(rule.id, Counter())[status])},
                failing=_commonest(
                    failing.get(rule.id, Counter()), {each.path: each.title or each.path for each in rule.criteria}
                ),
                failing_of=failing_of.get(rule.id, 0),
                missing=_commonest(missing.get(rule.id, Counter()), self._labels()),
                missing_of=missing_of.get(rule.id, 0),
            )
            for rule in self.scoring.rules
        ]

    def _closely(self) -> list[tuple[Part, pl.DataFrame]]:
        """The rows of the sample with the status of each criterion."""
        scoring = replace(self.scoring, statuses=True)
        return [(part, scoring.evaluate(part)[0]) for part in self.sample.parts()]

    def _failing(self, closely: list[tuple[Part, pl.DataFrame]]) -> tuple[Mapping[str, Counter[str]], Mapping[str, int]]:
        """The failing criteria of all rows, or of the sample; and how many rows were looked at."""
        if self.scoring.statuses:
            return self.failing, {rule: counts["not_eligible"] for rule, counts in self.outcomes.items()}
        found: dict[str, Counter[str]] = {}
        looked: Counter[str] = Counter()
        for _, table in closely:
            for rule, criteria in failing_counts(table, self.scoring.rules).items():
                found.setdefault(rule, Counter()).update(criteria)
            for rule, counts in status_counts(table, self.scoring.rules).items():
                looked[rule] += counts["not_eligible"]
        return found, looked

    def _labels(self) -> dict[str, str]:
        """What facts are called, and the fields of records, by their paths."""
        facts = self.rules.book.facts
        fields = {f"{path}.{name}": each.label for path, fact in facts.items() for name, each in fact.fields.items()}
        return fields | {path: fact.label for path, fact in facts.items()}


_STATUSES: Final[Sequence[StatusName]] = tuple(each.value for each in Status)


def _commonest(counts: Counter[str], titles: Mapping[str, str]) -> list[Common]:
    most = sorted(counts.items(), key=lambda each: (-each[1], each[0]))[:NAMED]
    return [Common(id=name, title=titles.get(name, name), rows=rows) for name, rows in most]
