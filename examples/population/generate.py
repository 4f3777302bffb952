"""Writes a population of applicants with offers, for trying rules on millions: nobody in it exists.

    uv run python examples/population/generate.py 1000000 -o applicants.parquet [--seed 1] [--first 0]

The name of the file says what is written: Parquet, CSV or JSON Lines. How values are spread, and why, stands in
distributions.yaml. The same seed gives the same row under the same number, whatever other rows are made with it.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import polars as pl
import pyarrow.parquet as pq

sys.path.insert(0, str(Path(__file__).parent))

from applicants import population

from eligibility.engine import load_rules
from eligibility.rulebook import RuleBook

CHUNK: Final = 200_000
SUFFIXES: Final = (".parquet", ".csv", ".jsonl")


def nested(frame: pl.DataFrame) -> pl.DataFrame:
    """The facts in groups within groups, as JSON states a profile."""

    def grouped(paths: Mapping[str, str], name: str) -> pl.Expr:
        groups: dict[str, dict[str, str]] = {}
        for rest, path in paths.items():
            head, _, tail = rest.partition(".")
            groups.setdefault(head, {})[tail] = path
        parts = [pl.col(inner[""]).alias(head) if "" in inner else grouped(inner, head) for head, inner in groups.items()]
        return pl.struct(parts).alias(name)

    return frame.select(grouped({path: path for path in frame.columns}, "profile")).unnest("profile")


def flat(frame: pl.DataFrame) -> pl.DataFrame:
    """Money as three columns, lists as JSON in a cell."""
    columns: list[pl.Expr] = []
    for name, kind in frame.schema.items():
        if isinstance(kind, pl.Struct):
            columns += [pl.col(name).struct.field(field.name).alias(f"{name}.{field.name}") for field in kind.fields]
        elif isinstance(kind, pl.List):
            text = pl.struct(pl.col(name).alias("x")).struct.json_encode().str.strip_prefix('{"x":').str.strip_suffix("}")
            columns.append(pl.when(pl.col(name).is_not_null()).then(text).alias(name))
        else:
            columns.append(pl.col(name))
    return frame.select(columns)


def main() -> None:
    """Read what is asked for, and write it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", type=int)
    parser.add_argument("-o", "--output", type=Path, required=True, help="a file whose name ends in .parquet, .csv or .jsonl")
    parser.add_argument("--first", type=int, default=0, help="the number of the first row")
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    if chosen.output.suffix not in SUFFIXES or chosen.rows < 1:
        parser.error(f"give a number of rows and a file whose name ends in {', '.join(SUFFIXES)}")
    start = time.perf_counter()
    write(chosen.output, chunks(chosen.rows, chosen.first, chosen.seed, load_rules().book))
    sys.stderr.write(f"{chosen.rows:,} rows in {time.perf_counter() - start:.1f} s\n")


def chunks(rows: int, first: int, seed: int, book: RuleBook) -> Iterator[pl.DataFrame]:
    """The rows, some at a time."""
    for begin in range(first, first + rows, CHUNK):
        yield population(min(CHUNK, first + rows - begin), first=begin, seed=seed, book=book)


def write(output: Path, frames: Iterator[pl.DataFrame]) -> None:
    """Write the rows as the name of the file says, piece by piece."""
    writer: pq.ParquetWriter | None = None
    with output.open("wb") as file:
        for number, frame in enumerate(frames):
            if output.suffix == ".csv":
                flat(frame).write_csv(file, include_header=number == 0)
            elif output.suffix == ".jsonl":
                nested(frame).write_ndjson(file)
            else:
                table = frame.to_arrow()
                writer = writer or pq.ParquetWriter(file, table.schema)
                writer.write_table(table)
        if writer is not None:
            writer.close()


if __name__ == "__main__":
    main()
