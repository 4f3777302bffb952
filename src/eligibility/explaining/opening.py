"""Opening: conditions written as expressions, taken apart into the tests they are made of, down to the records of a list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final, Protocol, cast

from eligibility import nodes
from eligibility.datatypes import MET, BooleanType, ListType, Truth, Value, negate
from eligibility.english import capital, row
from eligibility.explaining.calculations import calculations
from eligibility.explaining.gaps import gaps_of, item_name
from eligibility.explaining.phrases import Phrases
from eligibility.explaining.pruning import Group, Part, grouped
from eligibility.explaining.sentences import Sentences
from eligibility.explanation import FINDINGS, Explanation, Side
from eligibility.findings import OUTSIDE, Frame, facts_below
from eligibility.formatting import marks, show
from eligibility.language import Language
from eligibility.rulebook import FactDeclaration

LONGEST_TITLE: Final = 120  # a longer condition is no title: its parts stand below it
LONGEST_NEED: Final = 200  # a longer condition on records is not written out where there is no record to hold it against


class CriterionExplainer(Protocol):
    """Explains a criterion that an expression refers to."""

    def __call__(self, path: str, node: nodes.Reference, *, positive: bool, decides: bool) -> Explanation:
        """The explanation, under a path of its own."""


class Opener:
    """Opens expressions; `criterion` explains the criteria they refer to.

    A condition is explained as it is written (positive), or as what has to be false (not positive): negations never show as such.
    """

    def __init__(self, phrases: Phrases, criterion: CriterionExplainer) -> None:
        self.phrases = phrases
        self.findings = phrases.findings
        self.sentences = Sentences(phrases)
        self.language = phrases.language
        self.say = phrases.say
        self.criterion = criterion

    def open(self, path: str, node: nodes.Node, *, positive: bool = True, frame: Frame = OUTSIDE, decides: bool) -> Explanation:
        """The explanation of a condition, or of its opposite."""
        title = ""
        match node:
            case nodes.Negation(item=item):
                return self.open(path, item, positive=not positive, frame=frame, decides=decides)
            case nodes.AllOf(items=items) | nodes.AnyOf(items=items):
                kind: Group = "all" if isinstance(node, nodes.AllOf) == positive else "any"
                parts = [
                    self._part(f"{path}/{position + 1}", item, positive=positive, frame=frame, decides=decides)
                    for position, item in enumerate(items)
                ]
                found = grouped(path, kind, parts, self.language, decides=decides)
                said = capital(self.phrases.says(node, positive=positive, frame=frame))
                title = said if len(said) <= LONGEST_TITLE else ""
            case nodes.Choose():
                chosen = self.phrases.chosen(node, frame)
                if chosen is not None:
                    found = self.open(path, chosen, positive=positive, frame=frame, decides=decides)
                    return replace(found, used=self.used(self.phrases.index(node), frame))
                found = self._choice(path, node, positive=positive, frame=frame, decides=decides)
            case nodes.Quantified():
                found = self._quantified(path, node, positive=positive, frame=frame, decides=decides)
            case nodes.Reference() if self.phrases.names_criterion(node):
                return self.criterion(path, node, positive=positive, decides=decides)
            case nodes.Reference():
                found = self._named(path, node, positive=positive, frame=frame, decides=decides)
            case _:
                found = self._leaf(path, node, positive=positive, frame=frame, decides=decides)
        index = self.phrases.index(node)
        missing = gaps_of(self.findings.missing(index, frame), self.phrases.book)
        return replace(found, title=title or found.title, used=found.used or self.used(index, frame), missing=missing)

    def used(self, index: int, frame: Frame = OUTSIDE) -> tuple[str, ...]:
        """The stated facts that decide a step."""
        stated = self.findings.inputs.facts.keys()
        if index not in frame.values:
            return tuple(sorted(self.findings.decisive_facts(index) & stated))
        return tuple(sorted({*(facts_below(self.findings.compiled, index) & stated), *frame.places.values()}))

    def _truth(self, node: nodes.Node, frame: Frame, *, positive: bool) -> Truth:
        truth = self.phrases.truth(node, frame)
        return truth if positive else negate(truth)

    def _part(self, path: str, node: nodes.Node, *, positive: bool, frame: Frame, decides: bool) -> Part:
        truth = self._truth(node, frame, positive=positive)
        return truth, lambda: self.open(path, node, positive=positive, frame=frame, decides=decides)

    def _leaf(self, path: str, node: nodes.Node, *, positive: bool, frame: Frame, decides: bool) -> Explanation:
        leaf = self.sentences.leaf(node, positive=positive, frame=frame)
        return Explanation(
            path,
            "condition",
            capital(self.phrases.says(node, positive=positive, frame=frame)),
            FINDINGS[self._truth(node, frame, positive=positive)],
            leaf.sentence,
            decides,
            citation=leaf.citation,
            since=leaf.since,
            observed=leaf.observed,
            required=leaf.required,
            margin=leaf.margin,
            children=calculations(self.phrases, path, leaf.parts, frame, decides=decides),
        )

    def _named(self, path: str, node: nodes.Reference, *, positive: bool, frame: Frame, decides: bool) -> Explanation:
        """A named condition: its name with yes or no, and below it what that rests on."""
        leaf = self._leaf(path, node, positive=positive, frame=frame, decides=decides)
        inner = self.open(f"{path}/1", self.phrases.derived(node).node, positive=positive, frame=frame, decides=decides)
        below = inner.children if inner.observed is None and inner.children else (inner,)
        return replace(leaf, margin=inner.margin, children=below)

    def _choice(self, path: str, node: nodes.Choose, *, positive: bool, frame: Frame, decides: bool) -> Explanation:
        """A condition that is one thing or another, while it is open which."""
        sides = ((node.condition, True), (node.then, positive), (node.otherwise, positive))
        children = tuple(
            self.open(f"{path}/{position + 1}", each, positive=way, frame=frame, decides=decides)
            for position, (each, way) in enumerate(sides)
        )
        title = capital(self.phrases.says(node, positive=positive, frame=frame))
        truth = self._truth(node, frame, positive=positive)
        return Explanation(path, "condition", title, FINDINGS[truth], self.say("test.depends"), decides, children=children)

    # quantifiers

    def _quantified(self, path: str, node: nodes.Quantified, *, positive: bool, frame: Frame, decides: bool) -> Explanation:
        """A condition on the items of a list: the item that fulfils it, or for each why it does not."""
        phrases = self.phrases
        declared = phrases.enter(node)
        label = self.say("noun.items") if declared is None else declared.label
        some = (node.kind == "any") == positive
        truth = self._truth(node, frame, positive=positive)
        title = capital(phrases.says(node, positive=positive, frame=frame))
        if not self._says_all(title):
            title = self.say("records.all_of_this", items=label)
        value, need = phrases.value(node.source, frame), self._needed(node, frame, positive=positive)
        bare = Explanation(
            path,
            "condition",
            title,
            FINDINGS[truth],
            "",
            decides,
            observed=Side(label, value, node.source.type, phrases.text(node.source, frame)),
            required=Side(label, MET, BooleanType(), need),
        )
        if not isinstance(value, tuple):
            why = self.sentences.why_unknown(node.source, frame)
            return replace(bare, sentence=self.say("records.unknown", items=label, why=why, need=need))
        if not value and not some:
            return replace(bare, sentence=self.say("records.empty_so", items=label))
        if not value:
            return replace(bare, sentence=self.say("records.empty", items=label, need=need))
        frames = list(self.findings.frames(self.findings.compiled.steps[phrases.index(node)], frame))
        if not isinstance(value[0], Mapping):
            return self._plain_items(bare, node, value, frames, label, positive=positive)
        titles = self._titles(node, value, declared)

        def record(position: int) -> Part:
            def build() -> Explanation:
                tested = self.open(f"{path}[{position}]", node.body, positive=positive, frame=frames[position], decides=decides)
                return replace(tested, kind="record", title=titles[position])

            return self._truth(node.body, frames[position], positive=positive), build

        records = [record(position) for position in range(len(value))]
        group = grouped(path, "any" if some else "all", records, self.language, decides=decides)
        shown = [child.title for child in group.children]
        return replace(group, title=title, sentence=_of_records(truth, shown, len(value), label, self.language, some=some))

    def _needed(self, node: nodes.Quantified, frame: Frame, *, positive: bool) -> str:
        """What has to hold for the items of a list that is empty or unknown."""
        some = (node.kind == "any") == positive
        lists = _lists_of_item(node.body)
        if lists is not None:
            return self.say(f"records.{_need(some=some, positive=positive)}", among=self._among([each for _, each in lists]))
        said = self.phrases.says(node.body, positive=positive, frame=frame)
        which = "one" if some else "each"
        return (
            self.say(f"records.{which}_must_hold", condition=said)
            if self._says_all(said)
            else self.say(f"records.{which}_must_all")
        )

    def _says_all(self, said: str) -> bool:
        """Whether what a condition says is short enough to be written out, and leaves no calculation to be shown below."""
        return len(said) <= LONGEST_NEED and self.say("noun.result").lower() not in said.lower()

    def _among(self, lists: Sequence[nodes.Node]) -> str:
        """Being in one of some lists, with their sources."""
        phrases = self.phrases
        named = [phrases.among(each) if isinstance(each.type, ListType) else phrases.noun(each) for each in lists]
        places = [phrases.source(phrases.law(each)) for each in lists]
        return self.language.listed([f"{name}{place}" for name, place in zip(named, places, strict=True)], "or")

    def _titles(self, node: nodes.Quantified, value: Sequence[Value], declared: FactDeclaration | None) -> list[str]:
        """What the records of a list are called: `Degree 1 (master's degree, India)`."""
        kind, book = cast(ListType, node.source.type).element, self.phrases.book
        named = [
            self.say("records.item", number=position + 1) if declared is None else item_name(declared, position, self.language)
            for position in range(len(value))
        ]
        details = [marks(cast("Mapping[str, Value]", item), kind, book) for item in value]
        return [f"{capital(name)}{f' ({shown})' if shown else ''}" for name, shown in zip(named, details, strict=True)]

    def _plain_items(
        self,
        bare: Explanation,
        node: nodes.Quantified,
        value: Sequence[Value],
        frames: Sequence[Frame],
        label: str,
        *,
        positive: bool,
    ) -> Explanation:
        """A condition on the items of a list of countries, choices or codes, in one sentence."""
        phrases, some = self.phrases, (node.kind == "any") == positive
        kind = cast(ListType, node.source.type).element
        shown = [show(item, kind, phrases.book) for item in value]
        holding = [item for item, frame in zip(shown, frames, strict=True) if phrases.truth(node.body, frame) is MET]
        tested = _lists_of_item(node.body)
        if tested is None:
            body, values = phrases.says(node.body), self.language.listed(holding)
            holds = (
                self.say("records.holds_for", values=values, condition=body)
                if holding
                else self.say("records.holds_for_none", condition=body)
            )
            return replace(bare, sentence=self.say("records.plain", items=label, stated=row(shown), said=holds))
        fulfilled = [each for test, each in tested if any(phrases.truth(test, frame) is MET for frame in frames)]
        lists = fulfilled or [each for _, each in tested]
        among, need = self._among(lists), _need(some=some, positive=positive)
        if bare.status == "unknown":
            whys = self.language.listed([self.sentences.why_unknown(each, OUTSIDE) for each in lists if phrases.is_unknown(each)])
            why = whys or self.say("value.unknown")
            said = self.say("records.among_unknown", among=among, why=why, need=self.say(f"records.{need}_so"))
        elif bare.status == "met" and some and positive and all(isinstance(each, nodes.Constant) for each in lists):
            said = self.say("records.counts", values=self.language.listed(holding), count=len(holding))
        elif all(isinstance(each, nodes.Constant) for each in lists):
            said = self.say(f"records.{need}", among=among)
        else:
            values = self.language.listed(holding)
            are = self.say("records.are", values=values, count=len(holding), among=among)
            said = are if holding else self.say("records.none_are", among=among)
            said += self.say(f"records.{need}_be") if bare.status == "not_met" else ""
        law = phrases.law(lists[0]) if len(lists) == 1 else None
        citation, since = (None, None) if law is None else (law.citation, law.since)
        sentence = self.say("records.plain", items=label, stated=row(shown), said=said)
        return replace(bare, sentence=sentence, citation=citation, since=since)


def _lists_of_item(body: nodes.Node) -> list[tuple[nodes.Node, nodes.Node]] | None:
    """The lists or values one of which an item itself has to be in, each with its test; None for a condition of another form."""
    found: list[tuple[nodes.Node, nodes.Node]] = []
    for part in body.items if isinstance(body, nodes.AnyOf) else (body,):
        match part:
            case nodes.Membership(item=nodes.ItemValue(field=None), collection=collection):
                found.append((part, collection))
            case nodes.Comparison(operator="==", left=nodes.ItemValue(field=None), right=nodes.Constant() as value):
                found.append((part, value))
            case _:
                return None
    return found


def _need(*, some: bool, positive: bool) -> str:
    """What is required of the items of a list: how the ids of its sentences begin."""
    if positive:
        return "one" if some else "all"
    return "one_not" if some else "none"


def _of_records(truth: Truth, titles: Sequence[str], total: int, label: str, language: Language, *, some: bool) -> str:
    named, count = language.listed([language.lowered(title) for title in titles]), len(titles)
    match truth:
        case Truth.MET:
            if some or total == 1:
                return language.say("records.meets", items=named)
            return language.say("records.both_meet" if total == 2 else "records.all_meet", count=total, items=label)
        case Truth.NOT_MET:
            if some and total > 1:
                return language.say("records.neither_meets" if total == 2 else "records.none_meets", count=total, items=label)
            return language.say("records.meets_not", items=named, count=count)
        case Truth.UNKNOWN:
            return language.say("records.not_known", items=named, count=count)
        case Truth.JUDGEMENT:
            return language.say("records.judged", items=named, count=count)
