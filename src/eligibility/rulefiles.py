"""Folders of rule files to one checked rule book: read, check, report every problem at once."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from eligibility.checker import check_packs
from eligibility.diagnostics import Collector, RuleError
from eligibility.loader import LoadedPack, load_packs
from eligibility.rulebook import RuleBook

# What a file that could not be read might have declared: names, tables, units, elements to override.
_ABOUT_NAMES: Final = frozenset({"E202", "E212", "E214", "E216"})


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
    unread = _has_unread(packs, collector)
    checked = Collector()
    book = check_packs(packs, checked)
    collector.found.extend(each for each in checked.found if not (unread and each.code in _ABOUT_NAMES))
    if collector.errors:
        raise RuleError(collector.errors)
    return book


def _has_unread(packs: Sequence[LoadedPack], collector: Collector) -> bool:
    """Whether there is a file of which nothing is known, so that a name nobody declares may be no mistake."""
    read = {pack.pack.file for pack in packs}
    for pack in packs:
        read.update(file.file for file in (*pack.facts, *pack.pathways, *pack.assessments, *pack.amendments, *pack.scenarios))
    return any((problem.span.file if problem.span else problem.path) not in read for problem in collector.errors)
