"""The one sentence on top of an outcome."""

from __future__ import annotations

from eligibility.compiler import CompiledCondition, CompiledRule
from eligibility.datatypes import JUDGEMENT, NOT_MET, UNKNOWN_TRUTH, Truth
from eligibility.findings import Findings
from eligibility.status import Status


def headline(compiled: CompiledRule, findings: Findings, status: Status) -> str:
    """How a rule comes out and why, in one sentence (that it does not concern the case: in the rule's own words)."""
    rule, day = compiled.rule, findings.inputs.as_of
    language = findings.compiled.book.language
    say = language.say

    def criteria(truth: Truth) -> list[CompiledCondition]:
        return [each for each in compiled.conditions if findings.truth(each.effective) is truth]

    count = len(compiled.conditions)
    total = say("head.criteria", count=count)
    failing, unknown, judged = criteria(NOT_MET), criteria(UNKNOWN_TRUTH), criteria(JUDGEMENT)
    if not compiled.in_force:
        begins = rule.interval.start is not None and day < rule.interval.start
        turn = rule.interval.start if begins else rule.interval.until
        other = "" if turn is None else language.day(turn)
        return say("head.begins" if begins else "head.ended", day=language.day(day), other=other)
    match status:
        case Status.NOT_APPLICABLE:
            pairs = zip(rule.concerns, compiled.concerns, strict=True)
            return " ".join(concern.otherwise for concern, index in pairs if findings.truth(index) is NOT_MET)
        case Status.NOT_AVAILABLE:
            closed = [
                each.condition.title or each.condition.path for each in failing if each.condition.on_failure == "not_available"
            ]
            return say("head.not_available", title=closed[0])
        case Status.NOT_ELIGIBLE:
            rest = [say("head.some_open", count=len(unknown))] if unknown else []
            rest += [say("head.some_judged", count=len(judged))] if judged else []
            name = _named(len(failing), count, "some_fail", "only_fails", "all_fail")
            return ", ".join([say(name, count=len(failing), total=total), *rest]) + "."
        case Status.UNDETERMINED if findings.truth(compiled.concerned) is UNKNOWN_TRUTH:
            return say("head.concern_unknown", kind=say(f"kind.{rule.kind}"))
        case Status.UNDETERMINED:
            missing = findings.missing(compiled.available) | findings.missing(compiled.criteria_met)
            facts = sum(each.kind == "fact" for each in missing)
            figures = len(missing) - facts
            lacking = [say("head.facts", count=facts)] if facts else []
            lacking += [say("head.figures", count=figures)] if figures else []
            name = _named(len(unknown), count, "open", "only_open", "all_open")
            return say(name, count=len(unknown), total=total, lacking=language.listed(lacking))
        case Status.SUBJECT_TO_JUDGEMENT if not judged:
            return say("head.concern_judged")
        case Status.SUBJECT_TO_JUDGEMENT:
            return say(_named(len(judged), count, "judged", "only_judged", "all_judged"), count=len(judged), total=total)
        case Status.ELIGIBLE:
            named = {0: "", 1: "head.only_met", 2: "head.both_met"}.get(count, "head.all_met")
            return say(named, total=total) if named else ""


def _named(some: int, total: int, *names: str) -> str:
    """The id of what is said about some of the criteria, about the only one there is, or about all."""
    return f"head.{names[0 if some < total else 1 if some == 1 else 2]}"
