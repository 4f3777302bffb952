"""Pruning: of several parts that must all hold, or one of which must, those that decide; and the sentence that says so."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Literal

from eligibility.datatypes import JUDGEMENT, MET, NOT_MET, UNKNOWN_TRUTH, Truth
from eligibility.english import counted
from eligibility.explaining.margins import furthest, nearest
from eligibility.explanation import FINDINGS, Explanation, Margin

Group = Literal["all", "any"]
Part = tuple[Truth, Callable[[], Explanation]]
"""The truth of a part, and its explanation, which is only arranged where the part decides."""


def grouped(path: str, kind: Group, parts: Sequence[Part], *, decides: bool) -> Explanation:
    """The explanation of a group.

    Of a met disjunction the first met part, of a failed one all; of a failed conjunction the failing parts, of a met one all; of
    an unknown group what is still open; of one for a human what is for a human.
    """
    truths = [truth for truth, _ in parts]
    truth = combined(kind, truths)
    children = tuple(parts[position][1]() for position in kept(kind, truth, truths))
    margin = _margin(kind, truth, children)
    sentence = _of_all(truth, truths, children) if kind == "all" else _of_any(truth, truths, children)
    node = Explanation(
        path,
        "condition",
        "All of these hold" if kind == "all" else "One of these holds",
        FINDINGS[truth],
        sentence,
        decides,
        children=children,
    )
    if margin is None or truth is MET or kind == "all" or len(parts) == 1:
        return replace(node, margin=margin)
    closest = next(child for child in children if child.margin == margin)
    return replace(node, margin=margin, sentence=f"{sentence[:-1]}; nearest is “{closest.title}”, {margin.words}.")


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


def _of_all(truth: Truth, truths: Sequence[Truth], children: Sequence[Explanation]) -> str:
    count, total = sum(each is truth for each in truths), len(truths)
    match truth:
        case Truth.MET:
            applying = sum(child.status != "not_applicable" for child in children)
            every = {0: "No part of this applies.", 1: "This is met.", 2: "Both parts are met."}
            return every.get(applying, f"All {applying} parts are met.")
        case Truth.NOT_MET:
            failing = "This is not met." if total == 1 else f"{_none_of(total, 'part')} is met."
            return failing if count == total else f"{_some_of(count, total)} not met."
        case Truth.UNKNOWN if count == total:
            return "This cannot be decided yet." if total == 1 else f"{_none_of(total, 'part')} can be decided yet."
        case Truth.UNKNOWN:
            return f"{count} of {total} parts cannot be decided yet."
        case Truth.JUDGEMENT:
            named = {1: "This is", 2: "Both parts are"}
            some = named.get(total, f"All {total} parts are") if count == total else _some_of(count, total)
            return f"{some} for a human to judge."


def _of_any(truth: Truth, truths: Sequence[Truth], children: Sequence[Explanation]) -> str:
    some = counted(len(children), "alternative is", "alternatives are")
    total = len(truths)
    match truth:
        case Truth.MET:
            return f"Met through “{children[0].title}”."
        case Truth.NOT_MET:
            return "This is not met." if len(truths) == 1 else f"{_none_of(len(truths), 'alternative')} is met."
        case Truth.UNKNOWN if total == 1:
            return "This cannot be decided yet."
        case Truth.UNKNOWN if NOT_MET not in truths:
            return f"{'Both' if total == 2 else f'All {total}'} alternatives are still open."
        case Truth.UNKNOWN:
            still = total - truths.count(NOT_MET)
            return f"{still} of {total} alternatives {'is' if still == 1 else 'are'} still open."
        case Truth.JUDGEMENT:
            return f"{some} for a human to judge." if len(truths) > 1 else "This is for a human to judge."


def _none_of(total: int, what: str) -> str:
    return {0: f"No {what}", 2: f"Neither {what}"}.get(total, f"None of the {total} {what}s")


def _some_of(count: int, total: int) -> str:
    return f"{count} of {total} parts {'is' if count == 1 else 'are'}"
