"""Samples of rows of which nobody knows beforehand how many there are: even ones, and fair ones; the same rows in every run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, cast

import polars as pl

from eligibility.batch.rows import ROW, Part

_RANK: Final = "@rank"
_GOLDEN: Final = 0x9E3779B1  # 2**32 by the golden ratio: its multiples are spread evenly, and have no rhythm that rows have
_RANKS: Final = 2**32


@dataclass(slots=True)
class Sample:
    """Every n-th row, n doubled whenever the sample gets larger than `size`; the whole of what is no larger than that."""

    size: int
    every: int = 1
    count: int = 0
    _frames: list[pl.DataFrame] = field(default_factory=list)

    def add(self, part: Part, index: int) -> None:
        """Take from the rows of a part of a block whose first row is the row `index` of the run, from 0."""
        numbers = part.places.cast(pl.Int64) + index
        chosen = numbers % self.every == 0
        frame = part.frame.filter(chosen).with_columns(numbers.filter(chosen).alias(ROW))
        if frame.height:
            self._frames.append(_by_itself(frame))
            self.count += frame.height
        while self.count > self.size:
            self.every *= 2
            self._frames = [frame.filter(pl.col(ROW) % self.every == 0) for frame in self._frames]
            self.count = sum(frame.height for frame in self._frames)

    @property
    def is_whole(self) -> bool:
        """Whether it holds every row."""
        return self.every == 1

    def parts(self) -> list[Part]:
        """The rows, those together whose columns are the same."""
        return [Part(frame[ROW], frame.drop(ROW)) for frame in _joined(self._frames)]


@dataclass(slots=True)
class Drawn:
    """For each of some names up to `most` of the rows it is true of, spread evenly over them.

    All rows are ranked by their numbers, and a name has the rows of the lowest ranks: what rows one name has says nothing of
    those of another, and yet many are the same, which saves work.
    """

    names: Sequence[str]
    most: int
    ranks: dict[str, list[int]] = field(default_factory=dict)
    _frames: list[pl.DataFrame] = field(default_factory=list)

    def add(self, part: Part, index: int, true: pl.DataFrame) -> None:
        """Draw from a part of a block whose first row is the row `index` of the run; `true` says what is true of its rows."""
        numbers = part.places.cast(pl.UInt64) + index
        rank = (numbers % _RANKS * _GOLDEN % _RANKS).alias(_RANK)
        lowest = [rank.filter(true[name] & (rank < self._limit(name))).bottom_k(self.most) for name in self.names]
        if not any(map(len, lowest)):
            return
        for name, found in zip(self.names, lowest, strict=True):
            self.ranks[name] = sorted([*self.ranks.get(name, ()), *found])[: self.most]
        wanted = pl.Series(sorted({each for ranks in self.ranks.values() for each in ranks}), dtype=pl.UInt64)
        frame = part.frame.with_columns(rank).filter(rank.is_in(wanted.implode()))
        kept = [each.filter(pl.col(_RANK).is_in(wanted.implode())) for each in self._frames]
        self._frames = [each for each in (*kept, _by_itself(frame)) if each.height]

    def _limit(self, name: str) -> int:
        """What the rank of a row must be below for the row to be drawn."""
        known = self.ranks.get(name, [])
        return known[-1] if len(known) == self.most else _RANKS

    def shares(self, looks: int) -> Iterator[tuple[pl.DataFrame, list[list[str]]]]:
        """Rows to look at, and for each the names to look for: as many rows for each name, or all it has.

        They are so many that they make up no more than so many looks, save that each name has at least one.
        """
        share = 1
        while share < self.most and sum(min(len(ranks), share + 1) for ranks in self.ranks.values()) <= looks:
            share += 1
        names: dict[int, list[str]] = {}
        for name, ranks in self.ranks.items():
            for rank in ranks[:share]:
                names.setdefault(rank, []).append(name)
        for joined in _joined(self._frames):
            frame = joined.filter(joined[_RANK].is_in(pl.Series([*names], dtype=pl.UInt64).implode()))
            yield frame, [names[rank] for rank in frame[_RANK]]


def _joined(frames: Sequence[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """Frames with those together whose columns are the same."""
    alike: dict[tuple[object, ...], list[pl.DataFrame]] = {}
    for frame in frames:
        if frame.height:
            names = sorted(frame.columns)
            alike.setdefault(tuple((name, str(frame.schema[name])) for name in names), []).append(frame.select(names))
    return map(pl.concat, alike.values())


def _by_itself(frame: pl.DataFrame) -> pl.DataFrame:
    """A frame that shares no memory: picked texts are views of all texts they were picked from, which would stay for good."""
    return cast(pl.DataFrame, pl.from_arrow(frame.to_arrow(compat_level=pl.CompatLevel.oldest())))
