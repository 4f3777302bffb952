"""From findings to an explanation: the tree of what decides, from the rule to its criteria, branches and exceptions.

Nothing is evaluated here; truths and values are those found.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Final, Literal

from eligibility import nodes
from eligibility.compiler import CompiledCondition, CompiledRule
from eligibility.datatypes import JUDGEMENT, MET, NOT_MET, UNKNOWN_TRUTH, Truth, negate
from eligibility.explaining.gaps import gaps_of
from eligibility.explaining.headline import headline
from eligibility.explaining.opening import Opener
from eligibility.explaining.phrases import Phrases
from eligibility.explaining.points import points_summary, with_points
from eligibility.explaining.pruning import Part, grouped, kept
from eligibility.explaining.reliance import deciding_facts
from eligibility.explanation import FINDINGS, Explanation
from eligibility.findings import Findings
from eligibility.status import Status

DECIDING: Final = {
    Status.ELIGIBLE: MET,
    Status.SUBJECT_TO_JUDGEMENT: JUDGEMENT,
    Status.UNDETERMINED: UNKNOWN_TRUTH,
    Status.NOT_ELIGIBLE: NOT_MET,
    Status.NOT_AVAILABLE: NOT_MET,
    Status.NOT_APPLICABLE: NOT_MET,
}


def arrange(rule: CompiledRule, findings: Findings, status: Status) -> Explanation:
    """The explanation of how a rule comes out."""
    return _Arranger(rule, findings, status).root()


class _Arranger:
    def __init__(self, rule: CompiledRule, findings: Findings, status: Status) -> None:
        self.rule = rule
        self.findings = findings
        self.status = status
        self.phrases = Phrases(findings)
        self.language = self.phrases.language
        self.say = self.phrases.say
        self.opener = Opener(self.phrases, self.criterion_elsewhere)

    # the rule

    def root(self) -> Explanation:
        children: list[Explanation] = []
        if self.rule.in_force:
            children += self.concerns()
            if self.status is not Status.NOT_APPLICABLE:
                children += [self.condition(each, "criterion", decides=self.is_deciding(each)) for each in self.rule.conditions]
        gaps = {gap for child in children if child.decides and self.status is Status.UNDETERMINED for gap in child.missing}
        return Explanation(
            self.rule.rule.id,
            "rule",
            self.rule.rule.title,
            "not_applicable" if self.status is Status.NOT_APPLICABLE else FINDINGS[DECIDING[self.status]],
            headline(self.rule, self.findings, self.status),
            decides=True,
            used=tuple(sorted(deciding_facts(self.rule, self.findings, self.status))),
            missing=tuple(sorted(gaps, key=lambda gap: (gap.kind, gap.name, gap.why))),
            children=tuple(children),
        )

    def concerns(self) -> list[Explanation]:
        """The conditions under which the rule concerns a case, where they are not simply met."""
        found: list[Explanation] = []
        pairs = zip(self.rule.rule.concerns, self.rule.concerns, strict=True)
        for position, (concern, index) in enumerate(pairs):
            if self.findings.truth(index) is MET:
                continue
            tested = self.opener.open(f"applies_when.{position + 1}", concern.node, decides=True)
            title = self.say("tree.concerns", kind=self.say(f"kind.{self.rule.rule.kind}"))
            found.append(replace(tested, kind="concern", title=title, citation=concern.citation or tested.citation))
        return found

    def is_deciding(self, each: CompiledCondition) -> bool:
        """Whether the status of the rule rests on a criterion."""
        truth = self.findings.truth(each.effective)
        if self.status is Status.NOT_AVAILABLE:
            return truth is NOT_MET and each.condition.on_failure == "not_available"
        return truth is DECIDING[self.status]

    # criteria and their branches

    def condition(
        self, each: CompiledCondition, kind: Literal["criterion", "branch", "exception"], *, positive: bool = True, decides: bool
    ) -> Explanation:
        """A criterion, branch or exception, or (not positive) what must not be met."""
        condition = each.condition
        node = self.applied(each, kind, positive=positive, decides=decides)
        title = condition.title or node.title
        missing = gaps_of(self.findings.missing(each.effective), self.phrases.book)
        return replace(
            node,
            id=condition.path,
            kind=node.kind if condition.title is None else kind,
            title=title if positive or condition.title is None else self.say("word.must_not_be_so", title=title),
            citation=condition.citation,
            since=node.since or self.own_start(each),
            used=self.opener.used(each.effective),
            missing=missing,
            help=condition.help,
        )

    def own_start(self, each: CompiledCondition) -> date | None:
        """The day a condition begins, unless it merely shares the day of its rule."""
        start = each.condition.interval.start
        return None if start == self.rule.rule.interval.start else start

    def applied(
        self, each: CompiledCondition, kind: Literal["criterion", "branch", "exception"], *, positive: bool, decides: bool
    ) -> Explanation:
        """What a condition says as it counts where it stands: not applicable, open whether it applies, or its content."""
        path, applies_when = each.condition.path, each.condition.applies_when
        applies = MET if each.applies is None else self.findings.truth(each.applies)
        if applies_when is not None and applies is NOT_MET:
            reason = self.phrases.reason(applies_when, positive=False)
            return Explanation(path, kind, "", "not_applicable", self.say("tree.does_not_apply", reason=reason), decides)
        node = self.content(each, positive=positive, decides=decides)
        status = FINDINGS[self.truth(each.effective, positive=positive)]
        if node.status != status:
            node = replace(node, status=status)
        if applies_when is None or applies is MET:
            return node
        name = "tree.applies_judged" if applies is JUDGEMENT else "tree.applies_unknown"
        said = self.say(name, sentence=node.sentence)
        if node.sentence.startswith(self.say(name, sentence="").strip()):  # what it contains says so already
            said = node.sentence
        why = self.opener.open(f"{path}/applies", applies_when, decides=decides)
        return replace(node, sentence=said, children=(why, *node.children))

    def content(self, each: CompiledCondition, *, positive: bool, decides: bool) -> Explanation:
        """What a condition says by itself, and which of its exceptions stand in for it."""
        plain = self.plain(each, positive=positive, decides=decides)
        if not each.exceptions or self.findings.truth(each.plain) is MET:
            return plain
        standing = [other for other in each.exceptions if self.findings.truth(other.effective) is MET]
        if standing:
            exception = self.condition(standing[0], "exception", decides=decides)
            said = self.say("tree.exception", title=exception.title)
            return replace(plain, sentence=said, observed=None, required=None, margin=None, children=(exception,))
        others = tuple(self.condition(other, "exception", decides=decides) for other in each.exceptions)
        return replace(plain, children=(*plain.children, *others))

    def plain(self, each: CompiledCondition, *, positive: bool, decides: bool) -> Explanation:
        condition = each.condition
        match condition.kind:
            case "leaf" | "row":
                if condition.node is None:
                    title, said = self.say("tree.always"), self.say("tree.always_counts")
                    return Explanation(condition.path, "condition", title, "met", said, decides)
                return self.opener.open(condition.path, condition.node, positive=positive, decides=decides)
            case "judgement":
                title = self.say("tree.judgement")
                return Explanation(condition.path, "condition", title, "judgement", condition.judgement or "", decides)
            case "points":
                return self.points(each, decides=decides)
            case "at_least":
                return self.at_least(each, positive=positive, decides=decides)
            case "all":
                parts = self.parts(each, positive=positive, decides=decides)
                return grouped(condition.path, "all" if positive else "any", parts, self.language, decides=decides)
            case "any":
                parts = self.parts(each, positive=positive, decides=decides)
                node = grouped(condition.path, "any" if positive else "all", parts, self.language, decides=decides)
                closed = [build() for truth, build in parts if truth is NOT_MET and node.status == "unknown"]
                return replace(node, children=(*node.children, *closed))
            case "none":
                parts = self.parts(each, positive=not positive, decides=decides)
                return grouped(condition.path, "all" if positive else "any", parts, self.language, decides=decides)

    def parts(self, each: CompiledCondition, *, positive: bool, decides: bool) -> list[Part]:
        """The branches of a condition."""
        return [self.part(child, positive=positive, decides=decides) for child in each.children]

    def part(self, child: CompiledCondition, *, positive: bool, decides: bool) -> Part:
        return (
            self.truth(child.effective, positive=positive),
            lambda: self.condition(child, "branch", positive=positive, decides=decides),
        )

    def truth(self, index: int, *, positive: bool) -> Truth:
        truth = self.findings.truth(index)
        return truth if positive else negate(truth)

    def at_least(self, each: CompiledCondition, *, positive: bool, decides: bool) -> Explanation:
        """So many of several conditions: those that are met where they suffice, else those that are not met or still open."""
        parts = self.parts(each, positive=True, decides=decides)
        truths = [truth for truth, _ in parts]
        truth = self.findings.truth(each.plain)
        chosen = [position for position, part in enumerate(truths) if part is MET] if truth is MET else kept("all", truth, truths)
        count, met = each.condition.count, truths.count(MET)
        judged, unknown = truths.count(JUDGEMENT), truths.count(UNKNOWN_TRUTH)
        said = [self.say("group.count_met" if met else "group.count_none_met", count=met, total=len(parts))]
        said += [self.say("group.count_open", count=unknown)] if unknown else []
        said += [self.say("group.count_judged", count=judged)] if judged else []
        return Explanation(
            each.condition.path,
            "condition",
            self.say("group.at_least", count=count),
            FINDINGS[self.truth(each.plain, positive=positive)],
            self.say("group.count_required" if positive else "group.count_too_many", said=", ".join(said), count=count),
            decides,
            children=tuple(parts[position][1]() for position in chosen),
        )

    def points(self, each: CompiledCondition, *, decides: bool) -> Explanation:
        """Points of rows against a pass mark: the rows that give points where they suffice, else all rows."""
        rows: Sequence[Explanation] = [
            with_points(self.phrases, row, self.condition(row, "branch", decides=decides)) for row in each.children
        ]
        truth = self.findings.truth(each.plain)
        summary = points_summary(self.phrases, each)
        return Explanation(
            each.condition.path,
            "condition",
            self.say("points.title"),
            FINDINGS[truth],
            summary.sentence,
            decides,
            since=summary.since,
            observed=summary.observed,
            required=summary.required,
            margin=summary.margin,
            children=tuple(row for row in rows if truth is not MET or row.status == "met"),
        )

    def criterion_elsewhere(self, path: str, node: nodes.Reference, *, positive: bool, decides: bool) -> Explanation:
        """A criterion of this or another rule that a condition refers to."""
        rule, condition = self.phrases.criterion(node)
        title = (condition.title or condition.path) + ("" if rule.id == self.rule.rule.id else f" ({rule.title})")
        title = title if positive else self.say("word.must_not_be_so", title=title)
        compiled = next(each for each in self.findings.compiled.rules if each.rule.id == rule.id)
        target = next((each for top in compiled.conditions for each in top.walk() if each.condition.path == condition.path), None)
        if target is None:
            truth = FINDINGS[self.truth(self.phrases.index(node), positive=positive)]
            return Explanation(path, "condition", title, truth, self.say("tree.not_in_force", title=title), decides)
        found = self.condition(target, "branch", positive=positive, decides=decides)
        return replace(found, id=path, kind="branch", title=title, children=_put_below(path, found.children))


def _put_below(path: str, nodes: tuple[Explanation, ...]) -> tuple[Explanation, ...]:
    """The same nodes with everything below them put under a path, so that no two nodes of a tree have one id."""
    return tuple([replace(node, id=f"{path}/{node.id}", children=_put_below(path, node.children)) for node in nodes])
