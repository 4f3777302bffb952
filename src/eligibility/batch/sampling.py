"""An even sample of rows of which nobody knows beforehand how many there are; the same rows in every run."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import cast

import polars as pl

from eligibility.batch.rows import ROW, Part


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
        alike: dict[tuple[object, ...], list[pl.DataFrame]] = {}
        for frame in self._frames:
            if frame.height:
                names = sorted(frame.columns)
                alike.setdefault(tuple((name, str(frame.schema[name])) for name in names), []).append(frame.select(names))
        joined = (pl.concat(frames) for frames in alike.values())
        return [Part(frame[ROW], frame.drop(ROW)) for frame in joined]


def _by_itself(frame: pl.DataFrame) -> pl.DataFrame:
    """A frame that shares no memory: picked texts are views of all texts they were picked from, which would stay for good."""
    return cast(pl.DataFrame, pl.from_arrow(frame.to_arrow(compat_level=pl.CompatLevel.oldest())))
