"""Outlines: what stands where in a printed document.

A printer turns the parts of an outline into text, Markdown or anything else.

The order of an outcome: what fails, what cannot be decided yet with the questions to ask, what is for a human, what is met; then
what was assumed, warnings, next steps and notes, how far it can be relied on, what the rule says about itself, and the sources.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Final

from eligibility.english import capital
from eligibility.language import ENGLISH, Language
from eligibility.rendering.blocks import MARKS, TONES, Block, Heading, Item, Paragraph, Run, Table, Tone
from eligibility.rendering.tree import Tree, bracketed, short
from eligibility.report_model import (
    CautionPart,
    Document,
    OriginPart,
    OutcomeDocument,
    OutcomePart,
    PackPart,
    ReportDocument,
)

_ASSESSED: Final = {"eligible": "met", "not_eligible": "not_met"}
_NOTES: Final = ("warning", "next_step", "note")
_FINDINGS: Final[tuple[Tone, ...]] = ("not_met", "unknown", "judgement", "met", "not_applicable")
_WON: Final = ("eligible", "subject_to_judgement")  # what is met is the reason
_MANY: Final = 6  # an outcome that lacks more is shown in short among others
_ASKED: Final = 3  # so many of the questions it needs
_SETTLED: Final = ("met", "not_applicable")  # findings that one line says all about


@dataclass(frozen=True, slots=True)
class Detail:
    """How much of a document is shown: `depth` levels of explanation below each criterion (None: all).

    With `only_failing`, below the overview only the rules with criteria that are not met, and of these nothing else. Among other
    rules, one that lacks many facts is shown with what is missing and what to ask first, unless in `full`; a printer that `folds`
    has the rest of it folded.
    """

    depth: int | None = None
    only_failing: bool = False
    full: bool = False
    folds: bool = False


USUAL: Final = Detail()


def report_outline(document: ReportDocument, detail: Detail = USUAL, language: Language = ENGLISH) -> Iterator[Block]:
    """The outline of a report."""
    say = language.say
    yield _title(document, language)
    several = len(document.outcomes) > 1
    concerned = [each for each in document.outcomes if each.status != "not_applicable" or not several]
    ranks = {rank.id: place for place, rank in enumerate(document.ranking)}
    pathways = sorted((each for each in concerned if each.kind == "pathway"), key=lambda each: ranks.get(each.id, len(ranks)))
    detailed = [*pathways, *(each for each in concerned if each.kind == "assessment")]
    if detail.only_failing:
        detailed = [each for each in detailed if each.failing]
    if several:
        if pathways:
            places = {each.id for each in detailed}
            rows = tuple(_row(each, each.id if each.id in places else None, language) for each in pathways)
            yield Table((say("report.pathway"), say("report.outcome"), say("report.reason")), rows, say("report.table"))
        elif any(each.kind == "pathway" for each in document.outcomes):
            yield Paragraph((Run(say("report.no_pathway")),))
        yield from _unconcerned([each for each in document.outcomes if each.status == "not_applicable"], language)
    if detail.only_failing and not detailed:
        yield Paragraph((Run(say("report.no_failure")),))
    for each in detailed:
        if detail.only_failing:
            yield from _failures(each, detail.depth, language)
        elif several and not detail.full and _lacks_much(each):
            yield from _open(each, detail, language)
        else:
            yield from _outcome(each, detail.depth, language)
    origins = [_origin(origin, document, language) for origin in document.origins]
    yield from about_document(document, [*_untranslated(document.untranslated, language), *origins], language)


def _row(outcome: OutcomePart, leads_to: str | None, language: Language) -> tuple[tuple[Run, ...], ...]:
    return ((Run(outcome.title, leads_to=leads_to),), (_status(outcome, language),), (Run(outcome.reason),))


def _title(document: Document, language: Language) -> Heading:
    return Heading(1, (Run(language.say("report.title", day=language.day(document.as_of))),))


def _untranslated(count: int, language: Language) -> Iterator[str]:
    """That some of the texts are English, in a report in another language."""
    if count:
        yield language.say("document.untranslated", count=count)


def _unconcerned(outcomes: list[OutcomePart], language: Language) -> Iterator[Block]:
    """The rules that do not concern the case: one entry for each reason names the pathways, assessments are counted."""
    if not outcomes:
        return
    pathways = sum(each.kind == "pathway" for each in outcomes)
    others = len(outcomes) - pathways
    counts = [language.say("report.pathways", count=pathways)] if pathways else []
    counts += [language.say("report.assessments", count=others)] if others else []
    said = language.say("report.unconcerned", what=language.listed(counts), count=len(outcomes))
    yield Heading(3, (Run(said),), place="folded")
    colon = language.say("word.colon")
    named = [each for each in outcomes if each.kind == "pathway"] or outcomes
    for reason in dict.fromkeys(each.reason for each in named):
        titles = "; ".join(each.title for each in named if each.reason == reason)
        yield Item(0, MARKS["not_applicable"], "not_applicable", (Run(reason.removesuffix(".")), Run(f"{colon}{titles}", "dim")))


def outcome_outline(document: OutcomeDocument, detail: Detail = USUAL, language: Language = ENGLISH) -> Iterator[Block]:
    """The outline of one outcome by itself, in full."""
    yield _title(document, language)
    if detail.only_failing:
        yield from _failures(document.outcome, detail.depth, language)
    else:
        yield from _outcome(document.outcome, detail.depth, language)
    yield from about_document(document, _untranslated(document.untranslated, language), language)


def _status(outcome: OutcomePart, language: Language) -> Run:
    tone, name = TONES[outcome.status], str(outcome.status)
    if outcome.kind == "assessment":
        name = _ASSESSED.get(name, name)
    return Run(f"{MARKS[tone]} {language.say(f'status.{name}')}", tone)


def _opening(outcome: OutcomePart, language: Language) -> Iterator[Block]:
    title = f"{outcome.title} ({outcome.id})"
    if outcome.kind == "assessment":
        title = language.say("report.assessment", title=title)
    colon = Run(language.say("word.colon"))
    found = (colon, _status(outcome, language)) if outcome.explanation.children or outcome.sentence else ()
    yield Heading(2, (Run(title), *found), anchor=outcome.id)
    if outcome.sentence:
        yield Paragraph((Run(outcome.sentence),))


def _failures(outcome: OutcomePart, depth: int | None, language: Language) -> Iterator[Block]:
    """Of an outcome only the criteria that are not met."""
    yield from _opening(outcome, language)
    tree = Tree(depth, language, full=False)
    for node in outcome.explanation.children:
        if node.status == "not_met":
            yield from tree.node(node, 0, "")


def _lacks_much(outcome: OutcomePart) -> bool:
    return outcome.status == "undetermined" and len(outcome.missing) > _MANY


def _open(outcome: OutcomePart, detail: Detail, language: Language) -> Iterator[Block]:
    """Of an outcome that lacks much what is missing and what to ask first."""
    yield from _opening(outcome, language)
    yield from _values(outcome, language)
    yield Heading(3, (Run(language.say("part.missing")),))
    tree = Tree(detail.depth, language, full=False)
    needed = Counter(gap.name for node in outcome.explanation.children for gap in node.missing)
    order = [name for name, _ in needed.most_common()]
    asked = [gap for gap in outcome.missing if gap.question is not None]
    first = sorted(asked, key=lambda gap: order.index(gap.name) if gap.name in order else len(order))[:_ASKED]
    yield from tree.questions(first, 0)
    labels = dict.fromkeys(gap.label for gap in outcome.missing if gap not in first)
    yield Item(0, "", "", (Run(language.say("line.further", labels="; ".join(labels))),))
    if detail.folds:
        yield from _findings(outcome, detail.depth, language, folded="unknown")
        yield from _rest(outcome, language)
    else:
        yield Item(0, "", "", (Run(language.say("line.in_full", id=outcome.id), "dim"),))
        yield from relied_on(outcome.cautions, language)


def _outcome(outcome: OutcomePart, depth: int | None, language: Language) -> Iterator[Block]:
    yield from _opening(outcome, language)
    yield from _values(outcome, language)
    if outcome.status != "not_applicable":
        yield from _findings(outcome, depth, language)
        yield from _rest(outcome, language)


def _values(outcome: OutcomePart, language: Language) -> Iterator[Block]:
    for value in outcome.values:
        yield Item(0, "", "", (Run(f"{capital(value.title)}{language.say('word.colon')}"), Run(value.text, "strong")))


def _findings(outcome: OutcomePart, depth: int | None, language: Language, folded: Tone = "") -> Iterator[Block]:
    """The criteria by how they come out."""
    tree = Tree(depth, language, full=False)
    for tone in _FINDINGS:
        nodes = [node for node in outcome.explanation.children if node.status == tone]
        if nodes:
            is_news = tone not in (*_SETTLED, folded) or (tone == "met" and outcome.status in _WON)
            yield Heading(3, (Run(language.say(f"part.{tone}")),), place="" if is_news else "folded")
        for node in nodes:
            if tone in _SETTLED:
                yield short(node, tone, language)
            else:
                yield from tree.node(node, 0, "")


def _rest(outcome: OutcomePart, language: Language) -> Iterator[Block]:
    say = language.say
    if outcome.assumptions:
        yield Heading(3, (Run(say("part.assumed")),))
        for assumption in outcome.assumptions:
            yield Item(0, "", "", (Run(assumption.text), bracketed(assumption.citation)))
    for kind in _NOTES:
        notes = [note for note in outcome.notes if note.kind == kind]
        if notes:
            yield Heading(3, (Run(say(f"part.{kind}")),))
        for note in notes:
            yield Item(0, "", "", (Run(note.text), bracketed(note.citation)))
    yield from relied_on(outcome.cautions, language)
    if outcome.about:
        yield Heading(3, (Run(say(f"part.about_{outcome.kind}")),), place="folded")
    for heading, grouped in groupby(outcome.about, key=lambda statement: statement.heading):
        statements = list(grouped)
        label = Run(f"{say(f'about.{heading}')}{say('word.colon')}", "strong")
        if len(statements) == 1:
            yield Item(0, "", "", (label, Run(statements[0].text), bracketed(statements[0].citation)))
            continue
        yield Item(0, "", "", (label,))
        for statement in statements:
            yield Item(1, "", "", (Run(statement.text), bracketed(statement.citation)))
    if outcome.sources:
        yield Heading(3, (Run(say("part.sources")),), place="folded")
    for source in outcome.sources:
        read = Run(f", {say('line.read_on', day=language.day(source.read_on))}")
        address = Run(f" {source.url}", "dim", source.url) if source.url else Run("")
        yield Item(0, "", "", (Run(source.key, "strong"), Run(f"{say('word.colon')}{source.title}"), read, address))


def reliance(outcomes: Iterable[tuple[str, Iterable[CautionPart]]]) -> Iterator[Block]:
    """How far some outcomes can be relied on: each sentence once, with the titles of those it is about."""
    said: dict[str, list[str]] = {}
    for title, cautions in outcomes:
        for caution in cautions:
            said.setdefault(caution.sentence, []).append(title)
    if said:
        yield Heading(2, (Run(ENGLISH.say("part.cautions")),))
    for sentence, titles in said.items():
        yield Item(0, "", "", (Run(f"{'; '.join(titles)}: "), Run(sentence)))


def relied_on(cautions: list[CautionPart], language: Language = ENGLISH) -> Iterator[Block]:
    """How far an outcome can be relied on."""
    if cautions:
        yield Heading(3, (Run(language.say("part.cautions")),))
    for caution in cautions:
        yield Item(0, "", "", (Run(caution.sentence),))


# the document itself


def about_document(document: Document, more: Iterable[str] = (), language: Language = ENGLISH) -> Iterator[Block]:
    """What a document was made with, `more` to know about that, and the notice."""
    day = language.day(document.as_of)
    yield from about(day, document.engine, document.packs, document.oldest_source, document.notice, more, language)


def about(
    days: str,
    engine: str,
    packs: Iterable[PackPart],
    oldest: date | None,
    notice: str,
    more: Iterable[str] = (),
    language: Language = ENGLISH,
) -> Iterator[Block]:
    """The same of a document about the law of some days."""
    say = language.say
    yield Heading(2, (Run(say("document.about")),), place="foot")
    yield Item(0, "", "", (Run(say("document.law", days=days, engine=engine)),))
    yield Item(0, "", "", (Run(say("document.rules", packs=", ".join(_pack(pack) for pack in packs))),))
    if oldest is not None:
        yield Item(0, "", "", (Run(say("document.oldest", day=language.day(oldest))),))
    for line in more:
        yield Item(0, "", "", (Run(line),))
    yield Paragraph((Run(notice, "strong"),))


def _pack(pack: PackPart) -> str:
    return f"{pack.name} {pack.version} ({pack.digest.rpartition(':')[2][:12]})"


def _origin(origin: OriginPart, document: Document, language: Language) -> str:
    say, details = language.say, ""
    if origin.as_of is not None:
        days = (document.as_of - origin.as_of).days
        details = say("document.as_of", day=language.day(origin.as_of))
        details += say("document.before", days=say("unit.days", number=days, count=days)) if days > 0 else ""
    details += say("document.from", source=origin.source) if origin.source else ""
    return say("document.origin", label=origin.label, fact=origin.fact, details=details)
