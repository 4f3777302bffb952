"""Parquet: a column for each fact, of any type that fits, or groups of facts as structs. Only what is needed is read."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, cast

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from eligibility.batch.layout import Layout
from eligibility.batch.rows import Block, Refusals, Rows, places
from eligibility.batch.sheet import Sheet
from eligibility.datatypes import BooleanType
from eligibility.diagnostics import Diagnostic, UsageError

ROWS: Final = 98_304


class ParquetRows:
    """A file of Parquet, of which only the columns of some facts are read and those that are carried along."""

    def __init__(self, path: Path, layout: Layout, needed: Collection[str]) -> None:
        self.name = str(path)
        self.size: int | None = path.stat().st_size
        self.layout = layout
        self.needed = needed
        self.sheet = Sheet(layout, cells=False, beside=_unread(layout, needed))
        with self._reading("the file is not Parquet"):
            self.file = pq.ParquetFile(path, pre_buffer=False)  # what is read ahead would be kept to the end

    def check(self) -> None:
        """Look at the columns. Raises: UsageError."""
        self._chosen()

    def blocks(self) -> Iterator[Block]:
        """Some rows at a time. Raises: UsageError for columns that nobody knows."""
        chosen = self._chosen()
        total = max(1, self.file.metadata.num_rows)
        batches = self.file.iter_batches(batch_size=ROWS, columns=chosen)
        while True:
            with self._reading("the file is damaged"):
                batch = next(batches, None)
            if batch is None:
                return
            yield Block(batch, (self.size or 0) * batch.num_rows // total)

    @contextmanager
    def _reading(self, problem: str) -> Iterator[None]:
        try:
            yield
        except (pa.ArrowException, pl.exceptions.PolarsError, OSError) as error:
            raise UsageError([Diagnostic("E610", problem, path=self.name, help="write it again")]) from error

    def _chosen(self) -> list[str]:
        """The columns to read, as Parquet names them."""
        listed = self.file.schema_arrow.names
        twice = [name for name in dict.fromkeys(listed) if listed.count(name) > 1]
        if twice:
            raise UsageError(
                Diagnostic("E610", f"the column `{name}` stands twice in the file", path=self.name, help="rename one of them")
                for name in twice
            )
        with self._reading("two columns are one, or a column has a type that cannot be read"):
            empty = cast(pl.DataFrame, pl.from_arrow(pa.Table.from_batches([], self.file.schema_arrow)))
            empty_types = flattened(empty, self.layout).schema
        names = list(empty_types)
        self.layout.refuse_unknown(names, self.name, [name for name in names if empty_types[name] != pl.Struct])
        chosen = [name for name in names if self._is_needed(name)]
        wide = [each.name for each in self.file.schema_arrow if each.name in chosen and pa.types.is_decimal256(each.type)]
        if wide:
            message, help = "the column `{}` holds decimal numbers of 256 bits", "write them in 128 bits, or as text"
            raise UsageError(Diagnostic("E610", message.format(name), path=self.name, help=help) for name in wide)
        return chosen

    def _is_needed(self, name: str) -> bool:
        target = None if name in self.layout.written.ignore else self.layout.target(name)
        return name in self.layout.carried.values() or (target is not None and target.fact.path in self.needed)

    def read(self, block: Block) -> Rows:
        """The rows of a block."""
        batch = cast(pa.RecordBatch, block.data)
        frame = flattened(cast(pl.DataFrame, pl.from_arrow(batch)), self.layout) if batch.num_columns else pl.DataFrame()
        if not frame.width:
            frame = pl.DataFrame({"": pl.repeat(None, batch.num_rows, dtype=pl.Boolean, eager=True)})
        return self.sheet.rows(frame, places(0, frame.height), frame.height, Refusals())


def _unread(layout: Layout, needed: Collection[str]) -> str | None:
    """A fact that is not needed, says nothing about others, and is true or false."""
    facts = layout.book.facts.values()
    free = (fact.path for fact in facts if isinstance(fact.type, BooleanType) and fact.applies_when is None)
    return next((path for path in free if path not in needed), None)


def flattened(frame: pl.DataFrame, layout: Layout) -> pl.DataFrame:
    """A frame without groups of facts: what is no column of facts but a struct has its fields stand beside the other columns."""
    while True:
        groups = [name for name, kind in frame.schema.items() if isinstance(kind, pl.Struct) and not layout.knows(name)]
        if not groups:
            return frame
        frame = frame.select(
            each
            for name in frame.columns
            for each in (
                [pl.col(name).struct.field(field.name).alias(f"{name}.{field.name}") for field in _fields(frame, name)]
                if name in groups
                else [pl.col(name)]
            )
        )


def _fields(frame: pl.DataFrame, name: str) -> list[pl.Field]:
    return cast(pl.Struct, frame.schema[name]).fields
