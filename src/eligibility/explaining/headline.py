"""The one sentence on top of an outcome."""

from __future__ import annotations

from eligibility.compiler import CompiledCondition, CompiledRule
from eligibility.datatypes import JUDGEMENT, NOT_MET, UNKNOWN_TRUTH, Truth
from eligibility.english import counted, lowered
from eligibility.findings import Findings
from eligibility.status import Status


def headline(compiled: CompiledRule, findings: Findings, status: Status) -> str:
    """How a rule comes out and why, in one sentence (that it does not concern the case: in the rule's own words)."""
    rule, day = compiled.rule, findings.inputs.as_of

    def criteria(truth: Truth) -> list[CompiledCondition]:
        return [each for each in compiled.conditions if findings.truth(each.effective) is truth]

    total = counted(len(compiled.conditions), "criterion", "criteria")
    failing, unknown, judged = criteria(NOT_MET), criteria(UNKNOWN_TRUTH), criteria(JUDGEMENT)
    if not compiled.in_force:
        begins = rule.interval.start is not None and day < rule.interval.start
        return f"Not in force on {day}: it {f'begins on {rule.interval.start}' if begins else f'ended on {rule.interval.until}'}."
    match status:
        case Status.NOT_APPLICABLE:
            pairs = zip(rule.concerns, compiled.concerns, strict=True)
            return " ".join(concern.otherwise for concern, index in pairs if findings.truth(index) is NOT_MET)
        case Status.NOT_AVAILABLE:
            closed = [
                each.condition.title or each.condition.path for each in failing if each.condition.on_failure == "not_available"
            ]
            return f"Not available, because this is not met: {lowered(closed[0])}."
        case Status.NOT_ELIGIBLE:
            rest = [f"{len(unknown)} cannot be decided yet"] if unknown else []
            rest += [f"{len(judged)} {'is' if len(judged) == 1 else 'are'} for a human to judge"] if judged else []
            some = f"{len(failing)} of {total} {'is' if len(failing) == 1 else 'are'} not met"
            if len(failing) == len(compiled.conditions):
                some = "Its one criterion is not met" if len(failing) == 1 else f"None of its {total} is met"
            return ", ".join([some, *rest]) + "."
        case Status.UNDETERMINED if findings.truth(compiled.concerned) is UNKNOWN_TRUTH:
            return f"Whether this {rule.kind} concerns the case is not known."
        case Status.UNDETERMINED:
            missing = findings.missing(compiled.available) | findings.missing(compiled.criteria_met)
            facts = sum(each.kind == "fact" for each in missing)
            figures = len(missing) - facts
            lacking = [counted(facts, "fact")] if facts else []
            lacking += [counted(figures, "figure of law", "figures of law")] if figures else []
            some = f"{len(unknown)} of {total} cannot be decided yet"
            if len(unknown) == len(compiled.conditions):
                some = (
                    "its one criterion cannot be decided yet" if len(unknown) == 1 else f"none of its {total} can be decided yet"
                )
            return f"Nothing fails, but {some}: {' and '.join(lacking)} may be needed."
        case Status.SUBJECT_TO_JUDGEMENT if not judged:
            return "All criteria are met; whether they apply is for a human to judge."
        case Status.SUBJECT_TO_JUDGEMENT:
            some = f"What can be tested is met; {len(judged)} of {total} {'is' if len(judged) == 1 else 'are'}"
            if len(judged) == len(compiled.conditions):
                some = "Its one criterion is" if len(judged) == 1 else f"All {total} are"
            return f"{some} for a human to judge."
        case Status.ELIGIBLE:
            return (
                f"{'Both' if len(compiled.conditions) == 2 else 'All'} {total.removeprefix('2 ')} are met."
                if len(compiled.conditions) > 1
                else "Its one criterion is met."
                if compiled.conditions
                else ""
            )
