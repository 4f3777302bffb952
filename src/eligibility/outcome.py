"""The outcome of a rule: its status and what stands behind it, read from the findings. Nothing is evaluated here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from eligibility.compiler import CompiledCondition, CompiledRule
from eligibility.datatypes import JUDGEMENT, MET, NOT_MET, UNKNOWN_TRUTH, Truth, Unknown, Value
from eligibility.explaining.arrangement import arrange
from eligibility.explaining.headline import headline
from eligibility.explanation import Explanation
from eligibility.findings import Findings, Missing, steps_below
from eligibility.formatting import show, unknown_noun
from eligibility.nodes import AssumedFact, ParameterValue
from eligibility.rulebook import Assumption, Citation, Note, Statement
from eligibility.status import Status


@dataclass(frozen=True, slots=True)
class ShownValue:
    """A value the rule shows: its name, title, the value and the value in words."""

    name: str
    title: str
    value: Value
    text: str


@dataclass(frozen=True, slots=True)
class SaidNote:
    """A note whose condition holds, its text filled in."""

    kind: str
    text: str
    citation: Citation


@dataclass(slots=True)
class Outcome:
    """How one pathway or assessment comes out. Lists of criteria hold paths such as `salary`, in the order of the rule.

    They are empty where the rule is not in force or does not concern the case: then its criteria say nothing.
    """

    compiled: CompiledRule
    findings: Findings
    status: Status

    @property
    def id(self) -> str:
        """The id of the rule, such as `gb.skilled_worker`."""
        return self.compiled.rule.id

    @property
    def title(self) -> str:
        """The title of the rule."""
        return self.compiled.rule.title

    @property
    def kind(self) -> str:
        """`pathway` or `assessment`."""
        return self.compiled.rule.kind

    @property
    def engine(self) -> str:
        """The name of the engine that produced it."""
        return self.findings.engine

    @property
    def as_of(self) -> date:
        """The day whose law was applied."""
        return self.findings.inputs.as_of

    @property
    def sentence(self) -> str:
        """How it comes out and why, in one sentence."""
        return headline(self.compiled, self.findings, self.status)

    @property
    def explanation(self) -> Explanation:
        """The tree of what decides it, arranged anew from the findings."""
        return arrange(self.compiled, self.findings, self.status)

    @property
    def is_concerned(self) -> bool:
        """Whether the rule is in force and may concern the case, so that its criteria say something."""
        return self.compiled.in_force and self.status is not Status.NOT_APPLICABLE

    def _criteria(self, truth: Truth) -> tuple[str, ...]:
        if not self.is_concerned:
            return ()
        return tuple(each.condition.path for each in self.compiled.conditions if self.findings.truth(each.effective) is truth)

    @property
    def failing(self) -> tuple[str, ...]:
        """Every top-level criterion that is not met."""
        return self._criteria(NOT_MET)

    @property
    def unknown(self) -> tuple[str, ...]:
        """Every top-level criterion that is unknown."""
        return self._criteria(UNKNOWN_TRUTH)

    @property
    def judgement(self) -> tuple[str, ...]:
        """Every top-level criterion that a human must decide."""
        return self._criteria(JUDGEMENT)

    @property
    def unconcerned(self) -> tuple[str, ...]:
        """Why the rule does not concern the case: the sentences of its false `applies_when`."""
        pairs = zip(self.compiled.rule.concerns, self.compiled.concerns, strict=True)
        return tuple(concern.otherwise for concern, index in pairs if self.findings.truth(index) is NOT_MET)

    def truth_of(self, path: str) -> Truth | None:
        """The truth of a criterion or branch by path, as it counts where it stands; None for one that is not in force."""
        found = self.condition(path)
        return None if found is None else self.findings.truth(found.effective)

    def condition(self, path: str) -> CompiledCondition | None:
        """A criterion or branch by path; None for one that is not in force or not there."""
        for criterion in self.compiled.conditions:
            for each in criterion.walk():
                if each.condition.path == path:
                    return each
        return None

    def applies(self, condition: CompiledCondition) -> bool:
        """Whether a condition is applicable: its `applies_when` is not known to be false."""
        return condition.applies is None or self.findings.truth(condition.applies) is not NOT_MET

    @property
    def missing(self) -> tuple[Missing, ...]:
        """The facts and figures that would settle an undetermined outcome, in order of their names."""
        if self.status is not Status.UNDETERMINED:
            return ()
        rule = self.compiled
        roots = (rule.concerned, rule.available, rule.criteria_met)
        return tuple(sorted(frozenset[Missing]().union(*(self.findings.missing(index) for index in roots))))

    @property
    def values(self) -> tuple[ShownValue, ...]:
        """The values the rule shows, in its order."""
        return tuple(self.value(name) for name in self.compiled.rule.shows) if self.is_concerned else ()

    def value(self, name: str) -> ShownValue:
        """The value of a derived value, classification or parameter of the rule."""
        rule, book = self.compiled.rule, self.findings.compiled.book
        index = self.compiled.named[name]
        value = self.findings.values[index]
        node = self.findings.compiled.steps[index].node
        if name in rule.derived:
            title, unit = rule.derived[name].title, rule.derived[name].unit
        else:
            title, unit = rule.parameters[name].title, rule.parameters[name].unit
        return ShownValue(name, title, value, show(value, node.type, book, unit))

    def filled(self, text: str, names: tuple[str, ...]) -> str:
        """A text with the values of the names in its braces; for one that nobody knows, a noun that says so."""
        for name in names:
            value = self.value(name)
            kind = self.findings.compiled.steps[self.compiled.named[name]].node.type
            is_open = isinstance(value.value, Unknown) or value.value is UNKNOWN_TRUTH
            shown = unknown_noun(kind, self.findings.compiled.book.language) if is_open else value.text
            text = text.replace(f"{{{name}}}", shown)
        return text

    @property
    def notes(self) -> tuple[SaidNote, ...]:
        """The notes whose condition is met, in the order of the rule."""
        said: list[SaidNote] = []
        for position, index in self.compiled.notes if self.is_concerned else ():
            note: Note = self.compiled.rule.notes[position]
            if index is None or self.findings.truth(index) is MET:
                said.append(SaidNote(note.kind, self.filled(note.say, note.names), note.citation))
        return tuple(said)

    @property
    def about(self) -> tuple[tuple[Statement, str], ...]:
        """What the rule says about itself on this date, texts filled in."""
        if not self.is_concerned:
            return ()
        return tuple(
            (each, self.filled(each.say, each.names)) for each in self.compiled.rule.about if each.interval.holds(self.as_of)
        )

    @property
    def assumptions(self) -> tuple[Assumption, ...]:
        """The assumptions that were used: their fact is unknown, and the outcome reads it, be it through another rule."""
        compiled, known = self.findings.compiled, self.findings.inputs.facts
        roots = self._roots if self.is_concerned else (self.compiled.concerned,)
        read = (compiled.steps[index].node for index in steps_below(compiled, *roots))
        used = {(node.rule, node.fact.path) for node in read if isinstance(node, AssumedFact) and node.fact.path not in known}
        rules = (compiled.book.rules[name] for name in sorted({rule for rule, _ in used}))
        return tuple(each for rule in rules for each in rule.assumptions if (rule.id, each.fact) in used)

    @property
    def _roots(self) -> tuple[int, ...]:
        rule = self.compiled
        return (rule.concerned, rule.available, rule.criteria_met)

    @property
    def used_citations(self) -> tuple[Citation, ...]:
        """The citations of every criterion in force and every parameter the criteria read, without repetitions."""
        book, steps = self.findings.compiled.book, self.findings.compiled.steps
        found = [each.condition.citation for top in self.compiled.conditions for each in top.walk()]
        for index in steps_below(self.findings.compiled, *self._roots):
            node = steps[index].node
            if isinstance(node, ParameterValue):
                dated = book.rules[node.rule].parameters[node.name].at(self.as_of)
                if dated is not None:
                    found.append(dated.citation)
        return tuple(sorted(set(found), key=lambda each: (each.text, each.grade, each.read_on, each.review_by or each.read_on)))

    @property
    def stale(self) -> tuple[Citation, ...]:
        """The citations whose review date has passed on the as-of date."""
        return tuple(each for each in self.used_citations if each.review_by is not None and each.review_by <= self.as_of)

    def as_dict(self) -> dict[str, object]:
        """The outcome as plain JSON data; see `report_model.OutcomeDocument`."""
        from eligibility.documents import outcome_document  # imported late, as everything that only printing needs

        return outcome_document(self).as_dict()

    def to_json(self) -> str:
        """The outcome as JSON text; the same evaluation gives the same text."""
        from eligibility.rendering.json import to_json

        return to_json(self.as_dict())

    def to_markdown(self, *, depth: int | None = None, only_failing: bool = False) -> str:
        """The outcome as Markdown; see `to_text`."""
        from eligibility.documents import outcome_document
        from eligibility.rendering.markdown import outcome_markdown
        from eligibility.rendering.outline import Detail

        return outcome_markdown(outcome_document(self), Detail(depth, only_failing), self.findings.compiled.book.language)

    def to_html(self, *, depth: int | None = None, only_failing: bool = False) -> str:
        """The outcome as one page of HTML that holds all it needs: no script, no picture and no font from elsewhere."""
        from eligibility.documents import outcome_document
        from eligibility.rendering.html import outcome_html
        from eligibility.rendering.outline import Detail

        return outcome_html(outcome_document(self), Detail(depth, only_failing), self.findings.compiled.book.language)

    def to_text(
        self, *, color: bool = False, width: int | None = 100, depth: int | None = None, only_failing: bool = False
    ) -> str:
        """The outcome as text.

        Lines are no wider than `width` (None: as wide as they are), explanations no deeper than `depth` levels below each
        criterion (None: all); with `only_failing` only criteria that are not met are explained. With `color` the text is styled
        for a terminal.
        """
        from eligibility.documents import outcome_document
        from eligibility.rendering.outline import Detail
        from eligibility.rendering.text import outcome_text

        detail, language = Detail(depth, only_failing), self.findings.compiled.book.language
        return outcome_text(outcome_document(self), detail, color=color, width=width, language=language)

    def __str__(self) -> str:
        return self.to_text()


__all__ = ["Outcome", "SaidNote", "ShownValue", "Status"]
