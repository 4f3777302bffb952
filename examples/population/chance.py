"""Numbers by chance for every row of a population, the same whatever other rows are made with it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Final

import polars as pl

_WORD: Final = pl.UInt64
_STEPS: Final = ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB), (31, 1))  # of splitmix64, a public-domain generator


class Chance:
    """Sixty-four bits for each row and name, by splitmix64 over the number of the row."""

    def __init__(self, first: int, rows: int, seed: int) -> None:
        self.rows = rows
        self.seed = seed
        self.number = pl.int_range(first, first + rows, dtype=pl.Int64, eager=True).cast(_WORD) * _word(0x9E3779B97F4A7C15)

    def only(self, where: pl.Series) -> Chance:
        """The same numbers for some of the rows."""
        part = Chance(0, 0, self.seed)
        part.number = self.number.filter(where)
        part.rows = len(part.number)
        return part

    def bits(self, name: str) -> pl.Series:
        """Numbers from 0 to 2**64 - 1."""
        start = hashlib.blake2b(f"{self.seed}:{name}".encode(), digest_size=8).digest()
        bits = self.number + _word(int.from_bytes(start, "little"))
        for shift, factor in _STEPS:
            bits = (bits ^ (bits // _word(1 << shift))) * _word(factor)
        return bits

    def below(self, name: str, end: int) -> pl.Series:
        """Whole numbers from 0 to below `end`, all as likely."""
        return (self.bits(name) // _word(1 << 16) % _word(end)).cast(pl.Int64)

    def happens(self, name: str, thousandths: int) -> pl.Series:
        """True in so many rows of 1,000."""
        return self.below(name, 1000) < thousandths

    def one_of(self, name: str, values: Sequence[object], weights: Sequence[int], dtype: pl.DataType | None = None) -> pl.Series:
        """One of some values each, as often as their weights say."""
        places = [place for place, weight in enumerate(weights) for _ in range(weight)]
        at = pl.Series(places, dtype=pl.UInt32).gather(self.below(name, len(places)))
        return pl.Series(name, list(values), dtype=dtype, strict=False).gather(at)

    def spread(self, name: str, quantiles: Sequence[int]) -> pl.Series:
        """Whole numbers whose quantiles, evenly apart, are those; evenly spread between two of them."""
        fine = 1 << 16
        at = self.below(name, (len(quantiles) - 1) * fine)
        known = pl.Series(list(quantiles), dtype=pl.Int64)
        low, high = known.gather(at // fine), known.gather(at // fine + 1)
        return (low + (high - low) * (at % fine) // fine).alias(name)


def _word(value: int) -> pl.Series:
    return pl.Series([value], dtype=_WORD)
