"""The tree of an explanation as items of an outline: what stands above already, or is out of the question, is not said again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from eligibility.english import capital
from eligibility.language import ENGLISH, Language
from eligibility.rendering.blocks import MARKS, Block, Item, Run, Tone
from eligibility.report_model import CitationPart, ExplanationNode, GapPart

_WORD: Final = re.compile(r"\w+")


def explanation_outline(node: ExplanationNode, depth: int | None, language: Language = ENGLISH) -> Iterator[Block]:
    """The outline of an explanation with everything in it."""
    yield from Tree(depth, language, full=True).node(node, 0, "")


def short(node: ExplanationNode, tone: Tone, language: Language, level: int = 0) -> Item:
    """A criterion or branch in one line: of a met one only which way it is met, and by how much."""
    chosen = node.children[0] if len(node.children) == 1 and node.children[0].kind in ("branch", "exception") else None
    details = (
        [chosen.title if tone == "met" else language.say("line.not_met_is", title=chosen.title)]
        if chosen is not None
        else [language.lowered(node.sentence.removeprefix(_inapplicable(language)).removesuffix("."))]
        if tone == "not_applicable"
        else []
    )
    if node.margin is not None and (node.margin.share is not None or node.observed is not None):
        details.append(node.margin.words)
    more = Run(f"{language.say('word.colon')}{', '.join(details)}" if details else "", "dim")
    return Item(level, MARKS[tone], tone, (Run(node.title), more, *([bracketed(node.citation)] if level == 0 else [])), node)


def _inapplicable(language: Language) -> str:
    """How the sentence of what does not apply begins; it stands under a heading that says the same."""
    return language.say("tree.does_not_apply", reason="\0").partition("\0")[0]


Key = tuple[str, str, tuple["Key", ...]]


@dataclass(slots=True)
class Tree:
    """Prints the nodes of one outcome. Unless in full, questions, calculations and branches that stand above are not repeated."""

    depth: int | None
    language: Language
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
            yield Item(level, MARKS.get(tone, "="), tone, (Run(self.language.say("line.as_above", title=node.title)),))
            return
        yield Item(level, MARKS.get(tone, "="), tone, runs, node)
        if self.depth is not None and level >= self.depth:
            return
        place = "" if node.citation is None else node.citation.text
        for child in node.children:
            if not self.full and _is_closed(node, child):
                if child.kind == "branch" and child.status == "not_met":
                    yield short(child, "not_met", self.language, level + 1)
            elif child.kind != "value" or self.is_news(child):
                yield from self.node(child, level + 1, place)
        if node.status == "unknown" and all(_is_closed(node, child) for child in tests):
            yield from self.questions(node.missing, level + 1)
        if node.help and node.status != "met":
            yield Item(level + 1, "", "dim", (Run(node.help, "dim"),))

    def words(self, node: ExplanationNode, level: int, cited: str, *, passed_on: bool) -> tuple[Run, ...]:
        """Title, sentence and citation. The sentence of a node that only passes on what its one part says is left out."""
        says_nothing = passed_on and _may_pass_on(node)
        title = self.language.say("line.exception", title=node.title) if node.kind == "exception" else node.title
        runs = [Run(title, "strong" if level == 0 else "")] if _has_title(node) or says_nothing else []
        if not says_nothing:
            said = f"{self.language.say('word.colon')}{_after_title(node, self.language)}" if runs else node.sentence
            runs.append(Run(said))
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
            yield Item(
                level, "→", "dim", (Run(self.language.say("line.asked_above", labels="; ".join(dict.fromkeys(before))), "dim"),)
            )


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
    return replace(
        node,
        sentence=part.sentence,
        observed=part.observed,
        required=part.required,
        missing=part.missing,
        children=[*values, *part.children],
    )


def _after_title(node: ExplanationNode, language: Language) -> str:
    """The sentence of a node after its title, without the label of a fact that the title says in full already."""
    observed, required = node.observed, node.required
    if observed is None or required is None or required.text != language.say("value.yes"):
        return node.sentence
    label = re.match(rf"{re.escape(capital(observed.name))}( \([^:]*\))?\s?: ", node.sentence)
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
