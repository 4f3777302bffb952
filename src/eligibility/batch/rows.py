"""Rows of a table of profiles as they were read: those that can be evaluated, and those that are refused with the reason."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

import polars as pl

from eligibility.diagnostics import Diagnostic

ROW: Final = "@row"  # no column of a file is called so: what begins with `@` is refused
ID: Final = "@id"
AS_OF: Final = "@as_of"
GROUP: Final = "@group"


@dataclass(frozen=True, slots=True)
class Part:
    """Some rows of a block: the place of each in the block, and a frame with a column for each fact and each carried column."""

    places: pl.Series
    frame: pl.DataFrame

    def only(self, chosen: pl.Series) -> Part:
        """The rows for which `chosen` is true."""
        return Part(self.places.filter(chosen), self.frame.filter(chosen))


@dataclass(frozen=True, slots=True)
class Refusals:
    """Why rows of a block are refused, by their places; and what tells them apart, where that could be read."""

    problems: dict[int, tuple[Diagnostic, ...]] = field(default_factory=dict)
    ids: dict[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a block: `count` of them, each in one of the parts or refused."""

    count: int
    parts: tuple[Part, ...]
    refused: Refusals = field(default_factory=Refusals)


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of a file as it lies there; `size` is how much of the file it takes, in bytes."""

    data: object
    size: int


class Source(Protocol):
    """A table of profiles, read in blocks. `blocks` reads the file, `read` makes rows of a block and may run in any thread."""

    name: str
    size: int | None  # in bytes, where it is known

    def check(self) -> None:
        """Look at the beginning of the file, in the place of reading it. Raises: UsageError for what `blocks` refuses there."""

    def blocks(self) -> Iterator[Block]:
        """The blocks of the file, in its order."""

    def read(self, block: Block) -> Rows:
        """The rows of a block."""


def places(start: int, count: int) -> pl.Series:
    """The places of rows that stand one after the other."""
    return pl.int_range(start, start + count, dtype=pl.UInt32, eager=True)


def facts_of(frame: pl.DataFrame) -> list[str]:
    """The columns of a frame that are facts."""
    return [name for name in frame.columns if not name.startswith("@")]


def listed_places(where: Sequence[int]) -> pl.Series:
    """Places as a series."""
    return pl.Series(where, dtype=pl.UInt32)
