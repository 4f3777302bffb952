"""Folders of rule files to one checked rule book: read, check, report every problem at once."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from eligibility.checker import check_packs
from eligibility.diagnostics import Collector, RuleError
from eligibility.loader import LoadedPack, load_packs
from eligibility.rulebook import RuleBook


def read_folders(roots: Sequence[Path]) -> tuple[LoadedPack, ...]:
    """The files of all packs in some folders. Raises: RuleError."""
    collector = Collector()
    packs = load_packs(roots, collector)
    if collector.errors:
        raise RuleError(collector.errors)
    return tuple(packs)


def check_folders(roots: Sequence[Path]) -> RuleBook:
    """The rule book of all packs in some folders. Raises: RuleError with every problem in every file."""
    collector = Collector()
    packs = load_packs(roots, collector)
    book = check_packs(packs, collector) if not collector.errors else _partly_checked(packs, collector)
    if collector.errors:
        raise RuleError(collector.errors)
    return book


def _partly_checked(packs: Sequence[LoadedPack], collector: Collector) -> RuleBook:
    """Check what could be read, so that the problems of all files are reported at once.

    A name that a file with errors would have declared is no mistake of the others, so unknown names are left out then.
    """
    inner = Collector()
    book = check_packs(packs, inner)
    collector.found.extend(each for each in inner.found if each.code not in ("E202", "E212", "E214", "E216"))
    return book
