"""Outlines: what stands where in a printed document.

A printer turns the parts of an outline into text, Markdown or anything else.

The order of an outcome: what fails, what cannot be decided yet with the questions to ask, what is for a human, what is met; then
what was assumed, warnings, next steps and notes, how far it can be relied on, what the rule says about itself, and the sources.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from typing import Final

from eligibility.english import capital, counted, listed, lowered
from eligibility.rendering.blocks import MARKS, TONES, Block, Heading, Item, Paragraph, Run, Table, Tone
from eligibility.report_model import (
    CitationPart,
    Document,
    ExplanationNode,
    GapPart,
    OriginPart,
    OutcomeDocument,
    OutcomePart,
    PackPart,
    ReportDocument,
)

_ASSESSED: Final = {"eligible": "met", "not_eligible": "not met"}
_ABOUT: Final = {"local_hire_test": "Local-hire test"}
_WORD: Final = re.compile(r"\w+")
_INAPPLICABLE: Final = "Does not apply: "  # how such a sentence begins, which stands under a heading that says the same
_NOTES: Final = (("warning", "Warnings"), ("next_step", "Next steps"), ("note", "Notes"))
_FINDINGS: Final[tuple[tuple[Tone, str], ...]] = (
    ("not_met", "Not met"),
    ("unknown", "Cannot be decided yet"),
    ("judgement", "For a human to judge"),
    ("met", "Met"),
    ("not_applicable", "Does not apply"),
)
_WON: Final = ("eligible", "subject_to_judgement")  # what is met is the reason
_SETTLED: Final = ("met", "not_applicable")  # findings that one line says all about


def report_outline(document: ReportDocument, depth: int | None, *, only_failing: bool = False) -> Iterator[Block]:
    """The outline of a report; `depth` levels of explanation below each criterion (None: all).

    With `only_failing`, below the overview only the rules with criteria that are not met, and of these nothing else.
    """
    yield Heading(1, (Run(f"Eligibility as of {document.as_of}"),))
    several = len(document.outcomes) > 1
    concerned = [each for each in document.outcomes if each.status != "not_applicable" or not several]
    places = {rank.id: place for place, rank in enumerate(document.ranking)}
    pathways = sorted((each for each in concerned if each.kind == "pathway"), key=lambda each: places.get(each.id, len(places)))
    if several:
        if pathways:
            rows = tuple(((Run(each.title, leads_to=each.id),), (_status(each),), (Run(each.reason),)) for each in pathways)
            yield Table(("Pathway", "Outcome", "Main reason"), rows, "Pathways, the nearest to an approval first")
        elif any(each.kind == "pathway" for each in document.outcomes):
            yield Paragraph((Run("No pathway concerns this case."),))
        yield from _unconcerned([each for each in document.outcomes if each.status == "not_applicable"])
    detailed = [*pathways, *(each for each in concerned if each.kind == "assessment")]
    if only_failing:
        detailed = [each for each in detailed if each.failing]
        if not detailed:
            yield Paragraph((Run("No criterion is known to fail."),))
    for each in detailed:
        yield from _failures(each, depth) if only_failing else _outcome(each, depth)
    yield from about_document(document, [_origin(origin, document) for origin in document.origins])


def _unconcerned(outcomes: list[OutcomePart]) -> Iterator[Block]:
    """The rules that do not concern the case: one entry for each reason names the pathways, assessments are counted."""
    if not outcomes:
        return
    pathways = sum(each.kind == "pathway" for each in outcomes)
    others = len(outcomes) - pathways
    counts = [counted(pathways, "pathway")] if pathways else []
    counts += [counted(others, "assessment")] if others else []
    verb = "does" if len(outcomes) == 1 else "do"
    yield Heading(3, (Run(f"{capital(listed(counts))} {verb} not concern this case"),), place="folded")
    named = [each for each in outcomes if each.kind == "pathway"] or outcomes
    for reason in dict.fromkeys(each.reason for each in named):
        titles = "; ".join(each.title for each in named if each.reason == reason)
        yield Item(0, MARKS["not_applicable"], "not_applicable", (Run(reason.removesuffix(".")), Run(f": {titles}", "dim")))


def outcome_outline(document: OutcomeDocument, depth: int | None) -> Iterator[Block]:
    """The outline of one outcome by itself."""
    yield Heading(1, (Run(f"Eligibility as of {document.as_of}"),))
    yield from _outcome(document.outcome, depth)
    yield from about_document(document)


def explanation_outline(node: ExplanationNode, depth: int | None) -> Iterator[Block]:
    """The outline of an explanation with everything in it."""
    yield from _Tree(depth, full=True).node(node, 0, "")


def _status(outcome: OutcomePart) -> Run:
    tone = TONES[outcome.status]
    words = outcome.status.replace("_", " ")
    if outcome.kind == "assessment":
        words = _ASSESSED.get(outcome.status, words)
    return Run(f"{MARKS[tone]} {words}", tone)


def _opening(outcome: OutcomePart) -> Iterator[Block]:
    kind = "Assessment: " if outcome.kind == "assessment" else ""
    found = (Run(": "), _status(outcome)) if outcome.explanation.children or outcome.sentence else ()
    yield Heading(2, (Run(f"{kind}{outcome.title} ({outcome.id})"), *found), anchor=outcome.id)
    if outcome.sentence:
        yield Paragraph((Run(outcome.sentence),))


def _failures(outcome: OutcomePart, depth: int | None) -> Iterator[Block]:
    """Of an outcome only the criteria that are not met."""
    yield from _opening(outcome)
    tree = _Tree(depth, full=False)
    for node in outcome.explanation.children:
        if node.status == "not_met":
            yield from tree.node(node, 0, "")


def _outcome(outcome: OutcomePart, depth: int | None) -> Iterator[Block]:
    yield from _opening(outcome)
    for value in outcome.values:
        yield Item(0, "", "", (Run(f"{capital(value.title)}: "), Run(value.text, "strong")))
    if outcome.status == "not_applicable":
        return
    tree = _Tree(depth, full=False)
    for tone, title in _FINDINGS:
        nodes = [node for node in outcome.explanation.children if node.status == tone]
        if nodes:
            is_news = tone not in _SETTLED or (tone == "met" and outcome.status in _WON)
            yield Heading(3, (Run(title),), place="" if is_news else "folded")
        for node in nodes:
            if tone in _SETTLED:
                yield _short(node, tone)
            else:
                yield from tree.node(node, 0, "")
    yield from _rest(outcome)


def _short(node: ExplanationNode, tone: Tone, level: int = 0) -> Item:
    """A criterion or branch in one line: of a met one only which way it is met, and by how much."""
    chosen = node.children[0] if len(node.children) == 1 and node.children[0].kind in ("branch", "exception") else None
    details = (
        [chosen.title if tone == "met" else f"not met is “{chosen.title}”"]
        if chosen is not None
        else [lowered(node.sentence.removeprefix(_INAPPLICABLE).removesuffix("."))]
        if tone == "not_applicable"
        else []
    )
    if node.margin is not None and (node.margin.share is not None or node.observed is not None):
        details.append(node.margin.words)
    more = Run(f": {', '.join(details)}" if details else "", "dim")
    return Item(level, MARKS[tone], tone, (Run(node.title), more, *([bracketed(node.citation)] if level == 0 else [])), node)


def _rest(outcome: OutcomePart) -> Iterator[Block]:
    if outcome.assumptions:
        yield Heading(3, (Run("Assumed, as nobody stated it"),))
        for assumption in outcome.assumptions:
            yield Item(0, "", "", (Run(assumption.text), bracketed(assumption.citation)))
    for kind, title in _NOTES:
        notes = [note for note in outcome.notes if note.kind == kind]
        if notes:
            yield Heading(3, (Run(title),))
        for note in notes:
            yield Item(0, "", "", (Run(note.text), bracketed(note.citation)))
    if outcome.cautions:
        yield Heading(3, (Run("How far this can be relied on"),))
        for caution in outcome.cautions:
            yield Item(0, "", "", (Run(caution.sentence),))
    if outcome.about:
        yield Heading(3, (Run(f"About this {outcome.kind}"),), place="folded")
    for heading, grouped in groupby(outcome.about, key=lambda statement: statement.heading):
        statements = list(grouped)
        label = Run(f"{_ABOUT.get(heading, capital(heading))}: ", "strong")
        if len(statements) == 1:
            yield Item(0, "", "", (label, Run(statements[0].text), bracketed(statements[0].citation)))
            continue
        yield Item(0, "", "", (label,))
        for statement in statements:
            yield Item(1, "", "", (Run(statement.text), bracketed(statement.citation)))
    if outcome.sources:
        yield Heading(3, (Run("Sources"),), place="folded")
    for source in outcome.sources:
        read = Run(f", read on {source.read_on}")
        address = Run(f" {source.url}", "dim", source.url) if source.url else Run("")
        yield Item(0, "", "", (Run(source.key, "strong"), Run(f": {source.title}"), read, address))


# explanations


Key = tuple[str, str, tuple["Key", ...]]


@dataclass(slots=True)
class _Tree:
    """Prints the nodes of one outcome. Unless in full, questions, calculations and branches that stand above are not repeated."""

    depth: int | None
    full: bool
    shown: set[Key] = field(default_factory=set)
    asked: set[str] = field(default_factory=set)

    def node(self, node: ExplanationNode, level: int, cited: str) -> Iterator[Block]:
        """A node and what is below it; `cited` is the citation of the node above."""
        node = _joined(node)
        tests = [child for child in node.children if child.kind != "value"]
        tone: Tone = node.status or "dim"
        runs = self.words(node, level, cited, passed_on=len(tests) == 1)
        if tests and self.is_repeated(node):
            yield Item(level, MARKS.get(tone, "="), tone, (Run(f"{node.title}: as above"),))
            return
        yield Item(level, MARKS.get(tone, "="), tone, runs, node)
        if self.depth is not None and level >= self.depth:
            return
        place = "" if node.citation is None else node.citation.text
        for child in node.children:
            if not self.full and _is_closed(node, child):
                if child.kind == "branch" and child.status == "not_met":
                    yield _short(child, "not_met", level + 1)
            elif child.kind != "value" or self.is_news(child):
                yield from self.node(child, level + 1, place)
        if node.status == "unknown" and all(_is_closed(node, child) for child in tests):
            yield from self.questions(node.missing, level + 1)
        if node.help and node.status != "met":
            yield Item(level + 1, "", "dim", (Run(node.help, "dim"),))

    def words(self, node: ExplanationNode, level: int, cited: str, *, passed_on: bool) -> tuple[Run, ...]:
        """Title, sentence and citation. The sentence of a node that only passes on what its one part says is left out."""
        says_nothing = passed_on and _may_pass_on(node)
        title = f"{'Exception: ' if node.kind == 'exception' else ''}{node.title}"
        runs = [Run(title, "strong" if level == 0 else "")] if _has_title(node) or says_nothing else []
        if not says_nothing:
            runs.append(Run(f": {_after_title(node)}" if runs else node.sentence))
        place = "" if node.citation is None else node.citation.text
        if place != cited and not any(place in run.text for run in runs[-1:]):
            runs.append(bracketed(node.citation))
        return tuple(runs)

    def is_repeated(self, node: ExplanationNode) -> bool:
        """Whether the same branch stands above already, with everything in it."""
        key = _key(node)
        seen = key in self.shown
        self.shown.add(key)
        return seen and not self.full

    def is_news(self, value: ExplanationNode) -> bool:
        """Whether a calculation has to be shown: known, and not shown before."""
        unknown = value.observed is None or value.observed.value is None
        return self.full or not (unknown or self.is_repeated(value))

    def questions(self, gaps: list[GapPart], level: int) -> Iterator[Block]:
        """The questions that would fill some gaps; a gap in the law is in the sentence already."""
        before = []
        for gap in gaps:
            if gap.question is None:
                continue
            if gap.name in self.asked and not self.full:
                before.append(gap.label)
                continue
            self.asked.add(gap.name)
            why = f" ({gap.why})" if gap.why else ""
            yield Item(level, "→", "dim", (Run(f"{gap.question}{why} "), Run(f"[{gap.name}]", "dim")))
        if before:
            yield Item(level, "→", "dim", (Run(f"asked above: {'; '.join(dict.fromkeys(before))}", "dim"),))


def _is_closed(node: ExplanationNode, child: ExplanationNode) -> bool:
    """Whether a part is an alternative that is out of the question while others are open."""
    closed = child.status in ("not_met", "not_applicable") and child.kind in ("branch", "condition")
    return closed and node.status == "unknown" and node.observed is None


def _may_pass_on(node: ExplanationNode) -> bool:
    """Whether a node says nothing of its own where it has a single part."""
    return node.observed is None and node.kind not in ("rule", "concern", "value")


def _joined(node: ExplanationNode) -> ExplanationNode:
    """A node whose single part has no title of its own says in one line what that part says."""
    tests = [child for child in node.children if child.kind != "value"]
    if len(tests) != 1 or tests[0].kind != "condition" or not _may_pass_on(node):
        return node
    part = _joined(tests[0])
    values = [child for child in node.children if child.kind == "value"]
    taken = {"sentence": part.sentence, "observed": part.observed, "required": part.required, "missing": part.missing}
    return node.model_copy(update={**taken, "children": [*values, *part.children]})


def _after_title(node: ExplanationNode) -> str:
    """The sentence of a node after its title, without the label of a fact that the title says in full already."""
    observed, required = node.observed, node.required
    if observed is None or required is None or required.text != "yes":
        return node.sentence
    label = re.match(rf"{re.escape(capital(observed.name))}( \([^:]*\))?: ", node.sentence)
    said, repeated = _words(node.title.partition(" (")[0]), _words(observed.name)
    return node.sentence[label.end() :] if label and repeated <= said and len(said) <= 2 * len(repeated) else node.sentence


def _words(text: str) -> set[str]:
    return set(_WORD.findall(text.lower())) - {"a", "an", "the"}


def _key(node: ExplanationNode) -> Key:
    """What a node says, with everything below it; the same wherever it stands."""
    return (node.title, node.sentence, tuple(_key(child) for child in node.children))


def _has_title(node: ExplanationNode) -> bool:
    """Whether a node needs its title: the sentence of a test or a value says it all."""
    return node.kind not in ("condition", "value") or (node.observed is None and bool(node.children))


def bracketed(citation: CitationPart | None) -> Run:
    """A citation in brackets."""
    return Run("") if citation is None else Run(f" [{citation.text}]", "dim", citation.url, citation)


# the document itself


def about_document(document: Document, more: Iterable[str] = ()) -> Iterator[Block]:
    """What a document was made with, `more` to know about that, and the notice."""
    yield from about(f"{document.as_of}", document.engine, document.packs, document.oldest_source, document.notice, more)


def about(
    days: str, engine: str, packs: Iterable[PackPart], oldest: date | None, notice: str, more: Iterable[str] = ()
) -> Iterator[Block]:
    """The same of a document about the law of some days."""
    yield Heading(2, (Run("About this report"),), place="foot")
    yield Item(0, "", "", (Run(f"Law as of {days}; decided by the {engine} engine."),))
    yield Item(0, "", "", (Run(f"Rules: {', '.join(_pack(pack) for pack in packs)}."),))
    if oldest is not None:
        yield Item(0, "", "", (Run(f"The oldest source used was read on {oldest}."),))
    for line in more:
        yield Item(0, "", "", (Run(line),))
    yield Paragraph((Run(notice, "strong"),))


def _pack(pack: PackPart) -> str:
    return f"{pack.name} {pack.version} ({pack.digest.rpartition(':')[2][:12]})"


def _origin(origin: OriginPart, document: Document) -> str:
    said = f"{capital(origin.label)} [{origin.fact}]"
    if origin.as_of is not None:
        days = (document.as_of - origin.as_of).days
        said += f" as of {origin.as_of}" + (f", {counted(days, 'day')} before this report" if days > 0 else "")
    return f"{said}{f', from {origin.source}' if origin.source else ''}."
