"""Sets of truths: what a condition can still come to, and what that leaves to the conditions made of it.

A set is the sum of the bits of its truths; see `BIT`. Parts of one condition are taken to vary independently.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import product
from typing import Final

from eligibility.datatypes import JUDGEMENT, MET, NOT_MET, UNKNOWN_TRUTH, Truth, all_of, any_of, reached

TRUTHS: Final = (MET, NOT_MET, UNKNOWN_TRUTH, JUDGEMENT)
BIT: Final = {truth: 1 << position for position, truth in enumerate(TRUTHS)}
OPEN: Final = BIT[MET] | BIT[NOT_MET] | BIT[UNKNOWN_TRUTH]
ANY: Final = OPEN | BIT[JUDGEMENT]
UNDECIDED: Final = BIT[UNKNOWN_TRUTH] | BIT[JUDGEMENT]


def truths_of(mask: int) -> tuple[Truth, ...]:
    """The truths in a set of them.

    >>> truths_of(BIT[MET] | BIT[JUDGEMENT])
    (met, judgement)
    """
    return tuple(truth for truth in TRUTHS if BIT[truth] & mask)


@lru_cache(maxsize=1024)
def _joined(conjunction: bool, one: int, other: int) -> int:  # noqa: FBT001  # one of two ways to join
    """What the conjunction or disjunction of two conditions can become."""
    join = all_of if conjunction else any_of
    found = 0
    for left in truths_of(one):
        for right in truths_of(other):
            found |= BIT[join((left, right))]
    return found


@lru_cache(maxsize=1024)
def _counts(conjunction: bool, own: int, rest: int) -> bool:  # noqa: FBT001  # one of two ways to join
    """Whether a part can change the whole while the others come to something they can become."""
    return any(_joined(conjunction, own, BIT[each]).bit_count() > 1 for each in truths_of(rest))


def together(parts: Sequence[tuple[int, int]], *, conjunction: bool) -> tuple[int, int]:
    """What can change a conjunction or disjunction of parts, and what it can become.

    Each part is the set of what it can become, and the set of what can change it, in any bits.
    """
    neutral = BIT[MET if conjunction else NOT_MET]
    after = [neutral]
    for mask, _ in reversed(parts):
        after.append(_joined(conjunction, mask, after[-1]))
    found, before = 0, neutral
    for (mask, asks), rest in zip(parts, after[-2::-1], strict=True):
        if asks and _counts(conjunction, mask, _joined(conjunction, before, rest)):
            found |= asks
        before = _joined(conjunction, before, mask)
    return found, before


def enough(count: int, parts: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """The same for `count` of the parts."""
    mask = 0
    for tally in _tallies([own for own, _ in parts]):
        mask |= BIT[_reached(count, tally)]
    found = 0
    for place, (own, asks) in enumerate(parts):
        if asks & ~found:
            rest = _tallies([other for other, _ in (*parts[:place], *parts[place + 1 :])])
            if any(len({_reached(count, _tallied(tally, each)) for each in truths_of(own)}) > 1 for tally in rest):
                found |= asks
    return found, mask


def either(condition: tuple[int, int], then: tuple[int, int], otherwise: tuple[int, int]) -> tuple[int, int]:
    """The same for a choice between two parts by a third."""
    parts = (condition, then, otherwise)
    found, mask = 0, 0
    results = {key: _choice(*key) for key in product(*(truths_of(own) for own, _ in parts))}
    for result in results.values():
        mask |= BIT[result]
    for place, (_, asks) in enumerate(parts):
        seen: dict[tuple[Truth, ...], Truth] = {}
        if any(seen.setdefault((*key[:place], *key[place + 1 :]), result) is not result for key, result in results.items()):
            found |= asks
    return found, mask


def turned(mask: int) -> int:
    """What the opposite of a condition can become."""
    swapped = (BIT[NOT_MET] if mask & BIT[MET] else 0) | (BIT[MET] if mask & BIT[NOT_MET] else 0)
    return mask & UNDECIDED | swapped


def _tallies(masks: Iterable[int]) -> set[tuple[int, int, int]]:
    """How many conditions may be met, unknown and for a human at once."""
    found = {(0, 0, 0)}
    for mask in masks:
        found = {_tallied(tally, truth) for tally in found for truth in truths_of(mask)}
    return found


def _tallied(tally: tuple[int, int, int], truth: Truth) -> tuple[int, int, int]:
    met, unknown, judged = tally
    return met + (truth is MET), unknown + (truth is UNKNOWN_TRUTH), judged + (truth is JUDGEMENT)


def _reached(count: int, tally: tuple[int, int, int]) -> Truth:
    met, unknown, judged = tally
    return reached(count, met, met + unknown, judged)


def _choice(condition: Truth, then: Truth, otherwise: Truth) -> Truth:
    """The meaning of a choice between two conditions; see `operations`."""
    if condition is MET:
        return then
    if condition is NOT_MET:
        return otherwise
    if condition is UNKNOWN_TRUTH:
        return then if then is otherwise else UNKNOWN_TRUTH
    return any_of((all_of((JUDGEMENT, then)), all_of((JUDGEMENT, otherwise))))
