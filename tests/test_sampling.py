"""Samples are the same whatever the blocks, spread evenly, and fair to what is rare."""

from __future__ import annotations

from itertools import pairwise

import polars as pl
import pytest

from eligibility.batch.rows import Part, places
from eligibility.batch.sampling import Drawn

ROWS = 10_000
EVERY = {"all": 1, "some": 7, "rare": 500, "few": 2500}  # every so many rows it is true


def drawn(block: int) -> Drawn:
    """Up to 32 rows for each name, of rows that come in blocks of a size."""
    found = Drawn([*EVERY, "never"], 32)
    for start in range(0, ROWS, block):
        part = Part(places(0, block), pl.DataFrame({"number": range(start, start + block)}))
        true = {name: [row % every == 0 for row in range(start, start + block)] for name, every in EVERY.items()}
        found.add(part, start, pl.DataFrame({**true, "never": [False] * block}))
    return found


def shares(found: Drawn, looks: int) -> dict[str, list[int]]:
    """The numbers of the rows to look at, by name."""
    rows: dict[str, list[int]] = {}
    for frame, wanted in found.shares(looks):
        for number, names in zip(frame["number"], wanted, strict=True):
            for name in names:
                rows.setdefault(name, []).append(number)
    return {name: sorted(numbers) for name, numbers in rows.items()}


@pytest.mark.parametrize("looks", [1, 40, 10_000])
def test_each_name_has_its_share_whatever_the_blocks(looks: int) -> None:
    """All that is true of some rows has as many of them, or all it has; looks are bounded, and blocks change nothing."""
    found = shares(drawn(500), looks)
    assert found == shares(drawn(2500), looks) == shares(drawn(10_000), looks)
    assert all(number % EVERY[name] == 0 for name, numbers in found.items() for number in numbers)
    most = {1: 1, 40: 12, 10_000: 32}[looks]
    assert {name: len(numbers) for name, numbers in found.items()} == {
        name: min(most, ROWS // every) for name, every in EVERY.items()
    }


def test_rows_are_spread_evenly_and_few_are_kept() -> None:
    """Between two rows of a sample lie no more than a few times as many as there would be on the average."""
    found = drawn(500)
    (frame,) = (frame for frame, _ in found.shares(10_000))
    assert frame.height <= 32 + 32 + 20 + 4
    for name, numbers in shares(found, 10_000).items():
        assert max(two - one for one, two in pairwise(numbers)) <= 3 * ROWS / min(32, ROWS // EVERY[name])
