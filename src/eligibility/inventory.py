"""What the rules hold, counted: criteria, figures, sources by grade, scenarios. The table of all pathways is made from it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

from eligibility.rulebook import Citation, Rule
from eligibility.scenarios import scenarios

if TYPE_CHECKING:
    from eligibility.engine import RuleSet

_GRADES: Final = ("A", "B", "C")


@dataclass(frozen=True, slots=True)
class Holding:
    """What one rule holds.

    `criteria` counts its criteria, `conditions` these and all their options, branches and exceptions; `figures` the dated values
    of its parameters, `entries` those of its lists, `rows` those of its tables. `grades` counts by grade the citations of all of
    these but rows (a table has one citation) and of notes and statements. `oldest_reading` is the earliest day on which a source
    of a figure, list or table was read, `next_review` the earliest day by which one should be read again.
    """

    rule: Rule
    criteria: int
    conditions: int
    figures: int
    unknown_figures: int
    entries: int
    rows: int
    scenarios: int
    grades: dict[str, int]
    oldest_reading: date | None
    next_review: date | None

    def share(self, grade: str) -> int:
        """The share of citations of a grade, in whole per cent."""
        total = sum(self.grades.values())
        return round(100 * self.grades[grade] / total) if total else 0

    def as_dict(self) -> dict[str, object]:
        """Plain JSON data."""
        return {
            "id": self.rule.id,
            "kind": self.rule.kind,
            "jurisdiction": self.rule.jurisdiction,
            "title": self.rule.title,
            "criteria": self.criteria,
            "conditions": self.conditions,
            "figures": self.figures,
            "unknown_figures": self.unknown_figures,
            "list_entries": self.entries,
            "table_rows": self.rows,
            "scenarios": self.scenarios,
            "grades": self.grades,
            "oldest_reading": None if self.oldest_reading is None else str(self.oldest_reading),
            "next_review": None if self.next_review is None else str(self.next_review),
        }


def inventory(rules: RuleSet) -> tuple[Holding, ...]:
    """What each rule holds: pathways first, by jurisdiction, then assessments."""
    cases = Counter(scenario.rule for scenario in scenarios(rules))
    order = {"pathway": 0, "assessment": 1}
    found = sorted(rules.book.rules.values(), key=lambda rule: (order[rule.kind], rule.jurisdiction, rule.id))
    return tuple(_holding(rule, cases[rule.id]) for rule in found)


def _holding(rule: Rule, cases: int) -> Holding:
    conditions = [each for criterion in rule.criteria for each in criterion.walk()]
    values = [value for parameter in rule.parameters.values() for value in parameter.values]
    entries = [entry for listed in rule.lists.values() for entry in listed.entries]
    cited = list(_figures(rule))
    reviews = [each.review_by for each in cited if each.review_by is not None]
    grades = Counter(each.grade for each in _citations(rule))
    return Holding(
        rule,
        len(rule.criteria),
        len(conditions),
        len(values),
        sum(value.why is not None for value in values),
        len(entries),
        sum(len(versions) for table in rule.tables.values() for versions in table.rows.values()),
        cases,
        {grade: grades[grade] for grade in _GRADES},
        min((each.read_on for each in cited), default=None),
        min(reviews, default=None),
    )


def _figures(rule: Rule) -> Iterator[Citation]:
    for parameter in rule.parameters.values():
        yield from (value.citation for value in (*parameter.values, *parameter.shown))
    for listed in rule.lists.values():
        yield from (entry.citation for entry in listed.entries)
    yield from (table.citation for table in rule.tables.values())


def _citations(rule: Rule) -> Iterator[Citation]:
    yield from _figures(rule)
    yield from (each.citation for criterion in rule.criteria for each in criterion.walk())
    yield from (note.citation for note in rule.notes)
    yield from (statement.citation for statement in rule.about)


HEADINGS: Final = (
    "Pathway", "Criteria", "Conditions", "Figures", "Unknown", "Entries", "Rows", "Oldest reading", "Next review", "Scenarios",
    "A", "B", "C",
)  # fmt: skip


def cells(holding: Holding) -> tuple[str, ...]:
    """A row of the table, in the order of its headings."""
    counts = (holding.criteria, holding.conditions, holding.figures, holding.unknown_figures, holding.entries, holding.rows)
    return (
        f"{holding.rule.title} ({holding.rule.id})",
        *(f"{count:,}" for count in counts),
        str(holding.oldest_reading or "-"),
        str(holding.next_review or "-"),
        f"{holding.scenarios:,}",
        *(f"{holding.share(grade)} %" for grade in _GRADES),
    )


def markdown(holdings: Iterable[Holding], places: dict[str, str]) -> str:
    """The inventory as Markdown: a table for each jurisdiction, one for the assessments; `places` names jurisdictions."""
    listed = list(holdings)
    lines: list[str] = []
    pathways = [each for each in listed if each.rule.kind == "pathway"]
    for place in dict.fromkeys(each.rule.jurisdiction for each in pathways):
        lines += [f"## {places.get(place, place)}", "", *_table(each for each in pathways if each.rule.jurisdiction == place), ""]
    assessments = [each for each in listed if each.rule.kind == "assessment"]
    if assessments:
        lines += ["## Assessments", "", "Conditions that several pathways share, and what informs without barring anybody.", ""]
        lines += [*_table(assessments), ""]
    total = sum(each.scenarios for each in listed)
    lines.append(f"{len(pathways)} pathways, {len(assessments)} assessments, {total:,} scenarios.")
    return "\n".join(lines) + "\n"


def _table(holdings: Iterable[Holding]) -> Iterator[str]:
    yield f"| {' | '.join(HEADINGS)} |"
    yield f"| --- {'| ---: ' * (len(HEADINGS) - 1)}|"
    for each in holdings:
        yield f"| {' | '.join(cell.replace('|', '/') for cell in cells(each))} |"


__all__ = ["HEADINGS", "Holding", "cells", "inventory", "markdown"]
