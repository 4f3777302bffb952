"""Where the parts of a rule are written: file and line, in the file of the rule or in one that amends it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from eligibility.diagnostics import Collector
from eligibility.loader import Loaded, LoadedPack, read_csv
from eligibility.model import AmendmentFile, Condition, Element, ExceptionTo, RuleBody
from eligibility.rulebook import Rule

BRANCHES: Final = ("all", "any", "none", "of", "points")
Keys = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a file of a pack."""

    pack: str
    file: Path
    line: int


class Places:
    """The places of the parts of one rule."""

    def __init__(self, packs: Sequence[LoadedPack], rule: Rule) -> None:
        self.rule = rule
        self.own_pack = rule.pack
        bodies = (file for pack in packs for file in (*pack.pathways, *pack.assessments))
        self.own: Loaded[RuleBody] = next(file for file in bodies if file.file == rule.file)
        self.overrides: dict[str, tuple[str, Loaded[AmendmentFile]]] = {
            name: (pack.pack.model.pack, file) for pack in packs for file in pack.amendments for name in file.model.overrides
        }

    def element(self, section: str, name: str) -> Element:
        """A written element, as an amendment has it where there is one."""
        amended = self.overrides.get(f"{self.rule.id}.{section}.{name}")
        if amended is not None:
            return amended[1].model.overrides[f"{self.rule.id}.{section}.{name}"]
        found: Element = getattr(self.own.model, section)[name]
        return found

    def at(self, *path: object) -> Place:
        """The place of a part of the rule by its keys in the file: `parameters`, its name, `values`, and so on."""
        found: Loaded[RuleBody] | Loaded[AmendmentFile] = self.own
        pack, keys = self.own_pack, path
        amended = self.overrides.get(f"{self.rule.id}.{path[0]}.{path[1]}") if len(path) > 1 else None
        if amended is not None:
            pack, found = amended
            keys = ("overrides", f"{self.rule.id}.{path[0]}.{path[1]}", *path[2:])
        return Place(pack, found.folder / Path(found.file).name, found.positions.key(*keys).line)

    def folder(self, section: str, name: str) -> Path:
        """The folder that the tables of an element lie in."""
        amended = self.overrides.get(f"{self.rule.id}.{section}.{name}")
        return (self.own if amended is None else amended[1]).folder

    def conditions(self) -> dict[str, tuple[Keys, Condition | str | Element]]:
        """The keys in the file, and what is written there, of every criterion, branch, row and exception by its path."""
        found: dict[str, tuple[Keys, Condition | str | Element]] = {}
        for criterion in self.rule.criteria:
            for each in (criterion, *(exception for part in criterion.walk() for exception in part.exceptions)):
                section, _, name = (each.path if each.path.startswith("exceptions.") else f"criteria.{each.path}").partition(".")
                for path, keys, written in _below(each.path, (section, name), self.element(section, name)):
                    found[path] = (keys, written)
        return found

    def rows(self, name: str, file: str) -> dict[tuple[str, ...], list[int]]:
        """The lines of the rows of a table by their key, in the order of the file."""
        table = self.rule.tables[name]
        path = self.folder("tables", name) / file
        csv = read_csv(path, file, Collector())
        found: dict[tuple[str, ...], list[int]] = {}
        if csv is not None:
            positions = [csv.header.index(column) for column, _ in table.key]
            for number, row in enumerate(csv.rows):
                found.setdefault(tuple(row[position].strip() for position in positions), []).append(csv.span(number).line)
        return found


def _below(path: str, keys: Keys, written: Element | str) -> Iterator[tuple[str, Keys, Element | str]]:
    yield path, keys, written
    if not isinstance(written, Condition | ExceptionTo):
        return
    for kind in BRANCHES:
        branches = getattr(written, kind)
        pairs = branches.items() if isinstance(branches, dict) else enumerate(branches or [])
        for key, each in pairs:
            name = key if isinstance(branches, dict) else int(key) + 1
            yield from _below(f"{path}.{name}", (*keys, kind, key), each)
