"""Checked rules on their way to other processes: packed once where they were loaded, opened once in each process."""

from __future__ import annotations

import hashlib
import pickle
import zlib
from dataclasses import dataclass, field
from functools import lru_cache
from threading import Lock
from typing import Final, Protocol, cast
from weakref import WeakKeyDictionary

import eligibility
from eligibility.columnar.evaluation import ColumnarRules
from eligibility.diagnostics import Diagnostic, EngineError
from eligibility.engine import RuleSet
from eligibility.rulebook import RuleBook

_KEPT: Final = 8
_lock: Final = Lock()
_packed: Final[WeakKeyDictionary[RuleSet, Parcel]] = WeakKeyDictionary()


class Held(Protocol):
    """What holds bytes for other processes, such as a broadcast of Spark."""

    @property
    def value(self) -> bytes:
        """The bytes."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """The checked rules as bytes; two parcels of one digest hold the same."""

    digest: str
    version: str
    content: bytes | Held = field(compare=False, repr=False)

    def open(self) -> RuleBook:
        """The rules. Raises: EngineError where they were damaged, or packed by another version of this package."""
        if self.version != eligibility.__version__:
            message = f"the rules come from version {self.version} of this package, the process that opens them has "
            help = "install one version everywhere"
            raise EngineError([Diagnostic("E501", f"{message}{eligibility.__version__}", help=help)])
        content = self.content if isinstance(self.content, bytes) else self.content.value
        if hashlib.sha256(content).hexdigest() != self.digest:
            raise EngineError([Diagnostic("E503", "the rules were damaged on their way", help="send them again")])
        return cast(RuleBook, pickle.loads(zlib.decompress(content)))  # noqa: S301  # packed by the program that sends the work


def pack(rules: RuleSet) -> Parcel:
    """Rules as a parcel, made once."""
    with _lock:
        known = _packed.get(rules)
        if known is None:
            content = zlib.compress(pickle.dumps(rules.book, pickle.HIGHEST_PROTOCOL), 1)
            known = _packed[rules] = Parcel(hashlib.sha256(content).hexdigest(), eligibility.__version__, content)
        return known


def unpack(parcel: Parcel, pathways: tuple[str, ...]) -> ColumnarRules:
    """The columnar engine of the rules in a parcel; opened once in a process, plans and all."""
    with _lock:
        return _columnar(parcel, pathways)


@lru_cache(_KEPT)
def _columnar(parcel: Parcel, pathways: tuple[str, ...]) -> ColumnarRules:
    return ColumnarRules(_rules(parcel), pathways)


@lru_cache(_KEPT)
def _rules(parcel: Parcel) -> RuleSet:
    return RuleSet(parcel.open())


def opened() -> int:
    """How many parcels this process has opened."""
    return _rules.cache_info().misses
