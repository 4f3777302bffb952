"""Which rules a command works on: the bundled ones and further folders, or the packs that some paths lie in."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

if TYPE_CHECKING:
    from eligibility.engine import RuleSet
    from eligibility.loader import LoadedPack

F = TypeVar("F", bound=Callable[..., object])

_WORD = re.compile(r"[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)*")


def rules_option(command: F) -> F:
    """The option `--rules DIR`, repeatable."""
    return click.option(
        "--rules",
        "folders",
        multiple=True,
        metavar="DIR",
        type=click.Path(path_type=Path),
        help="Add the rule packs in a folder to the bundled ones; may be given several times.",
    )(command)


def load_rules_of(paths: Iterable[Path]) -> RuleSet:
    """The packs that the paths are, hold or lie in, and the bundled packs they need; without paths, all bundled rules."""
    from eligibility.diagnostics import RuleError
    from eligibility.engine import load_rules

    folders = list(dict.fromkeys(_pack_folder(path) for path in paths))
    if not folders:
        return load_rules()
    try:
        return load_rules(*folders, bundled=False)
    except RuleError:
        needed = [pack.root for pack in _needed(folders)]
        if not needed:
            raise
    return load_rules(*needed, *folders, bundled=False)


def _pack_folder(path: Path) -> Path:
    """The folder of the pack a path lies in, or the path itself."""
    return next((folder for folder in (path, *path.absolute().parents) if exists(folder / "pack.yaml")), path)


def exists(path: Path) -> bool:
    """Whether there is such a file or folder; false also for a name that cannot be one."""
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def _needed(folders: Iterable[Path]) -> list[LoadedPack]:
    """The bundled packs whose names the given packs, or packs they need, use."""
    from eligibility.diagnostics import Collector
    from eligibility.engine import bundled_rules
    from eligibility.loader import load_packs

    chosen = load_packs(folders, Collector())
    given = {pack.pack.model.pack for pack in chosen}
    others = [pack for pack in load_packs([bundled_rules()], Collector()) if pack.pack.model.pack not in given]
    needed: list[LoadedPack] = []
    while True:
        words = {word for pack in chosen for word in _words(pack)}
        coded = any(file.model.countries for pack in chosen for file in pack.facts)
        found = [pack for pack in others if pack not in needed and _gives(pack, words, coded=coded)]
        if not found:
            return needed
        needed += found
        chosen += found


def _words(pack: LoadedPack) -> Iterator[str]:
    for path in pack.root.rglob("*.yaml"):
        yield from _WORD.findall(path.read_text(encoding="utf-8", errors="replace"))


def _gives(pack: LoadedPack, words: set[str], *, coded: bool) -> bool:
    """Whether a pack declares a name that is among the words, or the code lists that nobody has declared yet."""
    declared = {
        name for file in pack.facts for part in (file.model.facts, file.model.vocabularies, file.model.schemes) for name in part
    }
    rules = {file.model.pathway for file in pack.pathways} | {file.model.assessment for file in pack.assessments}
    read_from = any(word.startswith(tuple(f"{rule}." for rule in rules)) for word in words) if rules else False
    codes = not coded and any(file.model.countries for file in pack.facts)
    return bool(words & (declared | rules)) or read_from or codes
