"""What `eligibility test` is asked to look at: some rules and packs by name, files and folders, or everything that is bundled."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from eligibility.cli.rule_sources import exists, load_rules_of

if TYPE_CHECKING:
    from eligibility.engine import RuleSet
    from eligibility.scenarios import Scenario


@dataclass(frozen=True)
class Chosen:
    """The rules that were loaded, and the part of them that was asked for."""

    loaded: RuleSet
    names: tuple[str, ...]
    paths: tuple[Path, ...]

    @staticmethod
    def of(targets: Iterable[str]) -> Chosen:
        """What the arguments of the command name. Raises: UsageError for a name that nothing has."""
        listed = list(targets)
        paths = tuple(Path(target) for target in listed if _is_path(target))
        names = tuple(target for target in listed if not _is_path(target))
        loaded = load_rules_of(paths or _bundled(names))
        _refuse_unknown(names, loaded)
        return Chosen(loaded, names, paths)

    def scenarios(self) -> list[Scenario]:
        """The scenarios of the rules that are named, or in the files that are."""
        from eligibility.scenarios import scenarios

        found = scenarios(self.loaded, self.names or None)
        return [each for each in found if not self.paths or _is_below(each.path, self.paths)]

    def rules(self) -> list[str]:
        """The ids of the rules that are named, or whose files or scenarios are."""
        listed = list(self.loaded.book.rules)
        if self.names:
            listed = [name for name in listed if name in self.names or name.partition(".")[0] in self.names]
        if self.paths:
            here = set(self._in_files()) | {each.rule for each in self.scenarios()}
            listed = [name for name in listed if name in here]
        return listed

    def packs(self) -> list[str]:
        """The names of the packs that lie in the folders."""
        return [pack.pack.model.pack for pack in self.loaded.packs if self.paths and _is_below(pack.root, self.paths)]

    def _in_files(self) -> Iterator[str]:
        for pack in self.loaded.packs:
            for pathway in pack.pathways:
                if _is_below(pathway.folder / Path(pathway.file).name, self.paths):
                    yield pathway.model.pathway
            for assessment in pack.assessments:
                if _is_below(assessment.folder / Path(assessment.file).name, self.paths):
                    yield assessment.model.assessment


def _bundled(names: Iterable[str]) -> list[Path]:
    """The folders of the bundled packs of some rules and packs, which are quicker to run than all; none if one is not there."""
    from eligibility.engine import bundled_rules

    folders = [bundled_rules() / name.partition(".")[0] for name in names]
    return folders if all(exists(folder / "pack.yaml") for folder in folders) else []


def _is_path(target: str) -> bool:
    return exists(Path(target)) or "/" in target or "\\" in target


def _is_below(file: Path, paths: Iterable[Path]) -> bool:
    return any(file.resolve().is_relative_to(path.resolve()) for path in paths)


def _refuse_unknown(names: Iterable[str], loaded: RuleSet) -> None:
    from eligibility.engine import refuse_unknown_rules

    refuse_unknown_rules(names, [*loaded.book.rules, *(pack.name for pack in loaded.book.packs)], "rule, pack or folder")
