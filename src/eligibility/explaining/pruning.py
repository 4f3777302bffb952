"""Pruning: of several parts that must all hold, or one of which must, those that decide; and the sentence that says so."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from eligibility.datatypes import JUDGEMENT, MET, NOT_MET, UNKNOWN_TRUTH, Truth
from eligibility.explaining.margins import furthest, nearest
from eligibility.explanation import FINDINGS, Explanation, Margin
from eligibility.language import Language

Group = Literal["all", "any"]
Part = tuple[Truth, Callable[[], Explanation]]
"""The truth of a part, and its explanation, which is only arranged where the part decides."""


def grouped(path: str, kind: Group, parts: Sequence[Part], language: Language, *, decides: bool) -> Explanation:
    """The explanation of a group.

    Of a met disjunction the first met part, of a failed one all; of a failed conjunction the failing parts, of a met one all; of
    an unknown group what is still open; of one for a human what is for a human.
    """
    truths = [truth for truth, _ in parts]
    truth = combined(kind, truths)
    children = tuple(parts[position][1]() for position in kept(kind, truth, truths))
    margin = _margin(kind, truth, children)
    sentence = _of_all(truth, truths, children, language) if kind == "all" else _of_any(truth, truths, children, language)
    if margin is not None and truth is not MET and kind == "any" and len(parts) > 1:
        closest = next(child for child in children if child.margin == margin)
        sentence = language.say("group.nearest", sentence=sentence[:-1], title=closest.title, margin=margin.words)
    return Explanation(
        path,
        "condition",
        language.say(f"group.{kind}"),
        FINDINGS[truth],
        sentence,
        decides,
        margin=margin,
        children=children,
    )


def combined(kind: Group, truths: Sequence[Truth]) -> Truth:
    """Which truth of its parts decides a group."""
    order = (NOT_MET, UNKNOWN_TRUTH, JUDGEMENT) if kind == "all" else (MET, UNKNOWN_TRUTH, JUDGEMENT)
    return next((truth for truth in order if truth in truths), MET if kind == "all" else NOT_MET)


def kept(kind: Group, truth: Truth, truths: Sequence[Truth]) -> list[int]:
    """The positions of the parts that decide."""
    everything = range(len(truths))
    if kind == "all":
        return [position for position in everything if truth is MET or truths[position] is truth]
    if truth is MET:
        return [truths.index(MET)]
    if truth is UNKNOWN_TRUTH:
        return [position for position in everything if truths[position] is not NOT_MET]
    return [position for position in everything if truths[position] is truth]


def _margin(kind: Group, truth: Truth, children: Sequence[Explanation]) -> Margin | None:
    """How far the whole is from turning: a failed conjunction by its worst part, a failed disjunction by its nearest."""
    margins = [child.margin for child in children if child.status != "not_applicable"]
    if truth is NOT_MET:
        return (furthest if kind == "all" else nearest)(margins)
    return nearest(margins) if truth is MET else None


def _of_all(truth: Truth, truths: Sequence[Truth], children: Sequence[Explanation], language: Language) -> str:
    count, total = sum(each is truth for each in truths), len(truths)
    whole = count == total
    match truth:
        case Truth.MET:
            applying = sum(child.status != "not_applicable" for child in children)
            name = {0: "nothing_applies", 1: "met", 2: "both_met"}.get(applying, "all_met")
            return language.say(f"group.{name}", count=applying)
        case Truth.NOT_MET:
            name = {0: "no_part", 1: "failed", 2: "neither_part"}.get(total, "none_of_parts") if whole else "some_failed"
        case Truth.UNKNOWN:
            named = {0: "no_part_decided", 1: "open", 2: "neither_decided"}
            name = named.get(total, "none_decided") if whole else "some_open"
        case Truth.JUDGEMENT:
            name = {1: "judged", 2: "both_judged"}.get(total, "all_judged") if whole else "some_judged"
    return language.say(f"group.{name}", count=count, total=total)


def _of_any(truth: Truth, truths: Sequence[Truth], children: Sequence[Explanation], language: Language) -> str:
    total = len(truths)
    still = total - truths.count(NOT_MET)
    match truth:
        case Truth.MET:
            return language.say("group.through", title=children[0].title)
        case Truth.NOT_MET:
            named = {0: "no_alternative", 1: "failed", 2: "neither_alternative"}
            return language.say(f"group.{named.get(total, 'none_of_alternatives')}", count=total)
        case Truth.UNKNOWN if total in (1, still):
            named = {1: "open", 2: "both_open"}
            return language.say(f"group.{named.get(total, 'all_open')}", count=total)
        case Truth.UNKNOWN:
            return language.say("group.alternatives_open", count=still, total=total)
        case Truth.JUDGEMENT if total == 1:
            return language.say("group.judged")
        case Truth.JUDGEMENT:
            return language.say("group.alternatives_judged", count=len(children))
