"""How the facts of a population stand in columns: what the door brings and the plan reads.

A list stands as a column for each of its places, a record as a column for each of its fields; nothing is nested.
"""

from __future__ import annotations

from dataclasses import dataclass

from eligibility.datatypes import Type


@dataclass(frozen=True, slots=True)
class Column:
    """A single value: true or false, a text, a place in a closed list, days since 1970, or an integer over `below`."""

    name: str
    type: Type
    values: tuple[str, ...] = ()
    below: int = 1
    low: int = 0
    high: int = 0


@dataclass(frozen=True, slots=True)
class MoneyColumns:
    """Money of any currency and period; a period that is null is a sum paid once."""

    amount: Column
    currency: Column
    period: Column


@dataclass(frozen=True, slots=True)
class RecordColumns:
    """The fields of a record that are stated somewhere."""

    fields: tuple[tuple[str, Shape], ...]


@dataclass(frozen=True, slots=True)
class ListColumns:
    """A list: a column `length` of the number of its items, null where it is unknown, and its places."""

    length: str
    items: tuple[Shape, ...]


Shape = Column | MoneyColumns | RecordColumns | ListColumns
