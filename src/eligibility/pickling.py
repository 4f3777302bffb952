"""Checked and compiled rules as bytes, and back, made for a quick start.

Rules are many small frozen objects: each is written as its class and the values of its fields, which is read several times as
quickly as what `pickle` makes of them; of nodes and other common ones, equal ones are written once. The rows of tables are bytes
of their own, opened when somebody reads them. Compiled rules share parts with their book, which they name by number.
"""

from __future__ import annotations

import io
import pickle
from collections.abc import ItemsView, Iterator, Mapping, Sequence
from dataclasses import fields
from fractions import Fraction
from functools import cache, partial
from itertools import groupby
from typing import Any, Final, get_args

from eligibility.compiler import CompiledRules
from eligibility.datatypes import Type
from eligibility.node_index import NodeIndex
from eligibility.nodes import Node
from eligibility.operations import Step
from eligibility.rulebook import Citation, Condition, Interval, Rule, RuleBook, Table, TableRow

_SHARED: Final = frozenset((RuleBook, Rule, Condition, Table, *get_args(Node)))
_COMMON: Final = frozenset((Fraction, Citation, Interval, *get_args(Node), *get_args(Type)))

Key = tuple[str, ...]
Versions = tuple[TableRow, ...]


class Rows(Mapping[Key, Versions]):
    """The rows of a table as bytes, opened when they are first read.

    They lie in drawers, by the first `depth` parts of their keys: who reads one row opens one drawer.
    """

    def __init__(self, drawers: Mapping[Key, bytes], depth: int) -> None:
        self.drawers, self.depth = drawers, depth
        self.opened: dict[Key, dict[Key, Versions]] = {}  # the first is what counts, whichever thread opened it
        self.whole: list[dict[Key, Versions]] = []  # the same

    def drawer(self, name: Key) -> dict[Key, Versions]:
        """The rows of a drawer, always the same ones."""
        found = self.opened.get(name)
        if found is None:
            rows = pickle.loads(self.drawers[name])  # noqa: S301  # read by `read_book`, to whom the same applies
            found = self.opened.setdefault(name, rows)
        return found

    def rows(self) -> dict[Key, Versions]:
        """All rows by key, always the same ones."""
        if not self.whole:
            self.whole.append({key: rows for name in self.drawers for key, rows in self.drawer(name).items()})
        return self.whole[0]

    def __getitem__(self, key: Key) -> Versions:
        return self.drawer(key[: self.depth])[key]

    def __iter__(self) -> Iterator[Key]:
        return iter(self.rows())

    def __len__(self) -> int:
        return len(self.rows())

    def items(self) -> ItemsView[Key, Versions]:
        """The rows with their keys, as a dictionary gives them: much quicker than key by key."""
        return self.rows().items()

    def __repr__(self) -> str:
        return repr(self.rows())

    def __reduce__(self) -> tuple[type[Rows], tuple[Mapping[Key, bytes], int]]:
        return Rows, (self.drawers, self.depth)


def book_bytes(book: RuleBook) -> tuple[bytes, list[object]]:
    """A book as bytes, with those of its parts that compiled rules may share, in the order in which `read_book` gives them."""
    file = io.BytesIO()
    writer = _Writer(file, {})
    writer.dump((book, writer.parts))  # the list is complete by the time it is its turn
    return file.getvalue(), writer.parts


def read_book(data: bytes) -> tuple[RuleBook, list[object]]:
    """A book and its parts, from bytes that `book_bytes` made and nobody changed."""
    book, parts = pickle.loads(data)  # noqa: S301  # the caller knows where the bytes come from
    if not isinstance(book, RuleBook) or not isinstance(parts, list):
        raise TypeError("these bytes are no book")
    return book, parts


def compiled_bytes(compiled: CompiledRules, parts: Sequence[object]) -> bytes:
    """Compiled rules as bytes, without the parts they share with their book."""
    file = io.BytesIO()
    writer = _Writer(file, {id(part): number for number, part in enumerate(parts)})
    writer.firsts.update((part, part) for part in parts if type(part) in _COMMON)
    writer.dump(compiled)
    return file.getvalue()


def read_compiled(data: bytes, parts: Sequence[object]) -> CompiledRules:
    """Compiled rules from bytes that `compiled_bytes` made for the book of these parts and nobody changed."""
    compiled = _Reader(io.BytesIO(data), parts).load()
    if not isinstance(compiled, CompiledRules):
        raise TypeError("these bytes are no compiled rules")
    return compiled


class _Writer(pickle.Pickler):
    """Writes what `numbers` does not hold by the id of the object, and gathers in `parts` what others may share with it."""

    def __init__(self, file: io.BytesIO, numbers: Mapping[int, int]) -> None:
        super().__init__(file, pickle.HIGHEST_PROTOCOL)
        self.numbers = numbers
        self.parts: list[object] = []
        self.firsts: dict[object, object] = {}

    def persistent_id(self, obj: object) -> int | None:
        return self.numbers.get(id(obj))

    def reducer_override(self, obj: Any) -> Any:
        kind: Any = type(obj)
        if kind is NodeIndex:
            return kind, (self.one(obj.nodes), obj.steps)
        if "__dataclass_fields__" not in kind.__dict__:
            return NotImplemented
        if kind in _SHARED:
            self.parts.append(obj)
        if kind is Table:
            return Table, tuple([_packed(obj.rows) if name == "rows" else getattr(obj, name) for name in _fields(kind)])
        if kind is Step and obj.gather is not None:
            return partial(Step.of_table, boolean=obj.boolean), (obj.index, obj.node, obj.inputs, obj.gather)
        return kind, tuple([self.one(getattr(obj, name)) for name in _fields(kind)])

    def one(self, value: Any) -> Any:
        """The first of equal values, where values of this kind are often equal; of a tuple, that of each of its items."""
        if type(value) is tuple:
            return tuple([self.one(each) for each in value])
        return self.firsts.setdefault(value, value) if type(value) in _COMMON else value


class _Reader(pickle.Unpickler):
    """Reads compiled rules whose shared parts are at hand."""

    def __init__(self, file: io.BytesIO, parts: Sequence[object]) -> None:
        super().__init__(file)
        self.parts = parts

    def persistent_load(self, pid: int) -> object:
        return self.parts[pid]


@cache
def _fields(kind: Any) -> tuple[str, ...]:
    """What a class of frozen objects is made of."""
    return tuple(field.name for field in fields(kind) if field.init)


def _packed(rows: Mapping[Key, Versions]) -> Rows:
    if isinstance(rows, Rows):
        return rows
    depth = max(len(next(iter(rows), ())) - 1, 0)
    names = [name for name, _ in groupby(rows, lambda key: key[:depth])]
    if len(names) > len(set(names)):
        depth = 0  # drawers would bring the rows into another order
    drawers = groupby(rows.items(), lambda item: item[0][:depth])
    return Rows({name: _drawer(dict(items)) for name, items in drawers}, depth)


def _drawer(rows: Mapping[Key, Versions]) -> bytes:
    file = io.BytesIO()
    writer = _Writer(file, {})
    writer.dump({key: tuple([_with_common_cells(row, writer) for row in versions]) for key, versions in rows.items()})
    return file.getvalue()


def _with_common_cells(row: TableRow, writer: _Writer) -> TableRow:
    return TableRow(row.interval, {column: writer.one(cell) for column, cell in row.cells.items()})
