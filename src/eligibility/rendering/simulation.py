"""Simulations: which rules come out otherwise for how many rows, who moves where, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from eligibility.english import counted
from eligibility.rendering.blocks import MARKS, TONES, Block, Grid, Heading, Item, Paragraph, Run, Table
from eligibility.rendering.html import blocks_html
from eligibility.rendering.shares import percent, shares_chart, words
from eligibility.report_model import StatusName
from eligibility.simulation_model import FigureChange, Move, RuleMoves, Simulation

_GROUPS: Final = 12  # so many groups are shown, the rest is counted
_NAMED: Final = 4  # so many figures are named with a cause
_IN: Final[Sequence[StatusName]] = ("eligible", "subject_to_judgement")


def simulation_outline(document: Simulation) -> Iterator[Block]:
    """The outline of a simulation."""
    yield Heading(1, (Run(f"{counted(document.rows, 'row')}: {_laws(document)}"),))
    yield Paragraph((Run(_sentence(document)),))
    moved = [rule for rule in document.rules if rule.moves]
    if moved:
        header = ("Rule", "Eligible then", "Eligible now", "Change", "Rows that move")
        yield Grid(header, tuple(_row(rule, document.rows - document.rejected) for rule in moved))
    rest = len(document.rules) - len(moved)
    if rest:
        yield Paragraph((Run(f"{counted(rest, 'rule')} {'comes' if rest == 1 else 'come'} out as before for every row."),))
    for ids, said in ((document.only_then, "Only the first law has"), (document.only_now, "Only the second law has")):
        if ids:
            yield Paragraph((Run(f"{said}: {', '.join(ids)}."),))
    for rule in moved:
        yield Heading(2, (Run(rule.title),), rule.id)
        for move in rule.moves:
            yield from _move(move)
        yield from _figures(rule.figures)
        if document.by is not None:
            yield from _groups(rule, document.by)
    yield Paragraph((Run("Eligible counts those who are subject to judgement too. "), Run(document.notice, "strong")))


def _laws(document: Simulation) -> str:
    then, now = document.then, document.now
    packs = {(each.name, each.digest) for each in then.packs} != {(each.name, each.digest) for each in now.packs}
    days = f"{then.as_of} against {now.as_of}" if then.as_of != now.as_of else f"as of {then.as_of}"
    return f"{days}, other rules" if packs else days


def _sentence(document: Simulation) -> str:
    valid = document.rows - document.rejected
    rejected = f"; {document.rejected:,} rejected" if document.rejected else ""
    seconds = f"{document.milliseconds // 1000}.{document.milliseconds % 1000 // 100}"
    move = "moves" if document.moved == 1 else "move"
    return f"{document.moved:,} of {counted(valid, 'row')} ({percent(document.moved, valid)}) {move}{rejected}; {seconds} s."


def _eligible(counts: Mapping[StatusName, int]) -> int:
    return sum(counts.get(each, 0) for each in _IN)


def _row(rule: RuleMoves, rows: int) -> tuple[tuple[Run, ...], ...]:
    then, now = _eligible(rule.then), _eligible(rule.now)
    change = f"{now - then:+,}" if now != then else "0"
    return (
        (Run(rule.title, leads_to=rule.id),),
        (Run(f"{then:,} ({percent(then, rows)})"),),
        (Run(f"{now:,} ({percent(now, rows)})"),),
        (Run(change),),
        (Run(f"{rule.moved:,} ({percent(rule.moved, rows)})"),),
    )


def _move(move: Move) -> Iterator[Block]:
    tone = TONES[move.now]
    yield Item(0, MARKS[tone], tone, (Run(f"{counted(move.rows, 'row')}: {words(move.then)} then, {words(move.now)} now"),))
    for cause in move.causes:
        name = f" [{cause.criterion}]" if cause.criterion else ""
        figures = f", with {_few(cause.figures)}" if cause.figures else ""
        yield Item(1, "", "", (Run(f"{cause.rows:,}: {cause.title}{name}{figures}"),))


def _few(names: Sequence[str]) -> str:
    rest = len(names) - _NAMED
    return f"{', '.join(names[:_NAMED])} and {rest} more" if rest > 0 else ", ".join(names)


def _figures(figures: Sequence[FigureChange]) -> Iterator[Block]:
    if figures:
        rows = tuple(((Run(f"{each.title} [{each.name}]"),), (Run(each.then),), (Run(each.now),)) for each in figures)
        yield Grid(("Figure that differs", "Then", "Now"), rows)


def _groups(rule: RuleMoves, by: str) -> Iterator[Block]:
    rows = tuple(
        (
            (Run(each.group),),
            (Run(f"{each.rows:,}"),),
            (Run(f"{each.eligible_then:,} ({percent(each.eligible_then, each.rows)})"),),
            (Run(f"{each.eligible_now:,} ({percent(each.eligible_now, each.rows)})"),),
            (Run(f"{each.moved:,} ({percent(each.moved, each.rows)})"),),
        )
        for each in rule.groups[:_GROUPS]
    )
    yield Table((by, "Rows", "Eligible then", "Eligible now", "Rows that move"), rows, f"By {by}")
    rest = len(rule.groups) - _GROUPS
    if rest > 0:
        yield Paragraph((Run(f"{counted(rest, 'further group')} not shown here."),))


def simulation_html(document: Simulation) -> str:
    """A simulation as a page that needs no other file; everything that was stated is escaped."""
    bars = [(rule.title, [("then", rule.then), ("now", rule.now)]) for rule in document.rules if rule.moves]
    chart = [shares_chart("Outcomes under both laws", bars)] if bars else []
    return blocks_html(simulation_outline(document), document.now.as_of, chart)
