"""Outlines of verifications: the verdict, what changed, and every finding that did with the figures behind it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from eligibility.english import counted, listed
from eligibility.receipt_model import FindingDrift, OutcomeDrift, ValueDrift, Verification, VersionChange
from eligibility.rendering.blocks import MARKS, Block, Heading, Item, Paragraph, Run, Tone

_VERDICTS: Final[dict[str, tuple[Tone, str]]] = {
    "verified": ("met", "verified"),
    "unchanged": ("met", "unchanged"),
    "drifted": ("not_met", "drifted"),
}
_TONES: Final[dict[str, Tone]] = {
    "met": "met",
    "not_met": "not_met",
    "unknown": "unknown",
    "judgement": "judgement",
    "not_applicable": "not_applicable",
}


def verification_outline(document: Verification) -> Iterator[Block]:
    """The outline of a verification."""
    tone, word = _VERDICTS[document.verdict]
    yield Heading(1, (Run(f"Receipt of {document.as_of}: "), Run(f"{MARKS[tone]} {word}", tone)))
    yield Paragraph((Run(_sentence(document)),))
    changes = [("Rule pack", each) for each in document.packs] + [("Program", each) for each in document.programs]
    if changes:
        yield Heading(3, (Run("What changed"),))
    for kind, change in changes:
        yield Item(0, "", "", (Run(f"{kind} {change.name}: {_version(change)}"),))
    for outcome in document.outcomes:
        yield from _outcome(outcome)


def _sentence(document: Verification) -> str:
    count = counted(document.findings, "finding")
    day = "the same day" if document.replayed_as_of == document.as_of else f"{document.replayed_as_of}"
    if document.verdict == "verified":
        return f"The same rules, applied to the same profile as of the same day, give the same {count}."
    rules = "Other rules" if document.packs else "Another version of the program" if document.programs else "The same rules"
    if document.verdict == "unchanged":
        return f"{rules}, applied to the same profile as of {day}, give the same {count}."
    others = [each for each in document.outcomes if each.then != each.now]
    said = f"{counted(len(others), 'outcome')} come out otherwise" if len(others) != 1 else "1 outcome comes out otherwise"
    findings = sum(each.then != each.now for outcome in document.outcomes for each in outcome.findings)
    return f"{rules}, applied to the same profile as of {day}: {said}, {findings} of {count} differ."


def _version(change: VersionChange) -> str:
    if change.then is None:
        return f"{change.now}, not loaded then"
    return f"{change.then} then, not loaded now" if change.now is None else f"{change.then} then, {change.now} now"


def _outcome(outcome: OutcomeDrift) -> Iterator[Block]:
    now = "not there any more" if outcome.now is None else outcome.now.replace("_", " ")
    then = outcome.then.replace("_", " ")
    status = f"{then}, as before" if outcome.then == outcome.now else f"{then} then, {now} now"
    yield Heading(2, (Run(f"{outcome.title} ({outcome.id}): {status}"),))
    others = [each for each in outcome.findings if each.then != each.now]
    gone = {each.path for each in others if None in (each.then, each.now)}
    told: set[str] = set()
    printed: list[str] = []
    for finding in others:
        if finding.path.rpartition(".")[0] in gone:
            continue
        depth = sum(finding.path.startswith(f"{path}.") for path in printed)
        figures = [each for each in finding.figures if not _is_below(each, finding, others)]
        yield from _finding(finding, depth, [each for each in figures if each.name not in told], repeated=bool(figures))
        printed.append(finding.path)
        told.update(each.name for each in figures)
    rest = {each.name: each for finding in outcome.findings for each in finding.figures if each.name not in told}
    if rest:
        yield Item(0, "", "", (Run("Figures that changed without changing a finding" if others else "Figures that changed"),))
    for figure in rest.values():
        yield _figure(figure, 1)
    for value in outcome.values:
        yield Item(0, "", "", (Run(f"Shows {value.name}: {_change(value)}"),))


def _is_below(figure: ValueDrift, finding: FindingDrift, others: list[FindingDrift]) -> bool:
    """Whether a finding below one rests on a figure too, so that it is told there."""
    return any(each.path.startswith(f"{finding.path}.") and figure in each.figures for each in others)


def _finding(finding: FindingDrift, depth: int, figures: list[ValueDrift], *, repeated: bool) -> Iterator[Block]:
    """A finding that differs, and why: the figures that were not told before, or the rule itself."""
    tone = _TONES[finding.now or "not_applicable"]
    title = f"{finding.title} " if finding.title else ""
    yield Item(depth, MARKS[tone], tone, (Run(f"{title}[{finding.path}]: {_word(finding.then)} then, {_word(finding.now)} now"),))
    for figure in figures:
        yield _figure(figure, depth + 1)
    where = f"changed in {'pack' if len(finding.packs) == 1 else 'packs'} {listed(finding.packs)}" if finding.packs else ""
    if repeated and not figures:
        yield Item(depth + 1, "=", "dim", (Run("figures as above"),))
    elif figures and where:
        yield Item(depth + 1, "", "dim", (Run(where),))
    elif where and not finding.figures:
        yield Item(depth + 1, "", "dim", (Run(f"no figure differs; the rule itself {where}"),))


def _figure(figure: ValueDrift, depth: int) -> Item:
    since = f", since {figure.since}" if figure.since else ""
    return Item(depth, "=", "dim", (Run(f"{figure.name}: {_change(figure)}{since}"),))


def _word(finding: str | None) -> str:
    return "not there" if finding is None else finding.replace("_", " ")


def _change(value: ValueDrift) -> str:
    if value.then is None:
        return f"{value.now} now, not shown then"
    return f"{value.then} then, not shown now" if value.now is None else f"{value.then} then, {value.now} now"
