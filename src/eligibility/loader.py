"""Folders of rule files to models: which files a pack has, what each of them is, and what does not fit.

Nothing is raised for what stands in a file: every problem is a diagnostic in the collector, and the file is left out.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import BaseModel

from eligibility.csv_source import MAXIMUM_BYTES as MAXIMUM_CSV_BYTES
from eligibility.csv_source import CsvFile, read_csv
from eligibility.diagnostics import Collector, did_you_mean
from eligibility.files import LANGUAGES, is_folder, list_folder, printable, read_bytes
from eligibility.model import OVERRIDABLE, AmendmentFile, AssessmentFile, FactFile, Pack, PathwayFile, ScenarioFile
from eligibility.positions import Positions
from eligibility.validation import salvage, validate
from eligibility.yaml_source import MAXIMUM_BYTES as MAXIMUM_YAML_BYTES
from eligibility.yaml_source import REFUSED, parse_yaml, read_yaml

__all__ = ["CsvFile", "Loaded", "LoadedPack", "Positions", "load_packs", "pack_roots", "read_csv", "read_yaml"]

MAXIMUM_FILES = 2_000

KINDS: dict[str, type[BaseModel]] = {
    "pack": Pack,
    "facts": FactFile,
    "consistency": FactFile,
    "vocabularies": FactFile,
    "schemes": FactFile,
    "countries": FactFile,
    "currencies": FactFile,
    "pathway": PathwayFile,
    "assessment": AssessmentFile,
    "amends": AmendmentFile,
    "scenarios": ScenarioFile,
}

M = TypeVar("M", bound=BaseModel)
M_co = TypeVar("M_co", bound=BaseModel, covariant=True)


@dataclass(frozen=True)
class Loaded(Generic[M_co]):
    """The model of one file, where its parts stand, its name for messages, and the folder its tables lie in.

    `broken` has the paths of elements that the model goes without because of errors that were reported.
    """

    model: M_co
    positions: Positions
    file: str
    folder: Path
    broken: frozenset[tuple[object, ...]] = frozenset()


@dataclass(frozen=True)
class LoadedPack:
    """The files of one pack that could be read; `digest` is a SHA-256 over names and bytes of all its YAML and CSV files."""

    pack: Loaded[Pack]
    root: Path
    facts: tuple[Loaded[FactFile], ...]
    pathways: tuple[Loaded[PathwayFile], ...]
    assessments: tuple[Loaded[AssessmentFile], ...]
    amendments: tuple[Loaded[AmendmentFile], ...]
    scenarios: tuple[Loaded[ScenarioFile], ...]
    digest: str


def load_packs(folders: Iterable[Path], collector: Collector) -> list[LoadedPack]:
    """The packs of some folders, each of which is a pack (it holds `pack.yaml`) or holds packs; in order of folders and names.

    An element with problems is left out of its file, a file that cannot do without it out of its pack, a pack without a sound
    `pack.yaml` out of the answer.
    """
    packs: dict[str, LoadedPack] = {}
    for root, display in pack_roots(folders, collector):
        pack = _load_pack(root, display, collector)
        if pack is None:
            continue
        name = pack.pack.model.pack
        if name in packs:
            help = f"rename one of them; the other is {packs[name].pack.file}"
            collector.add("E117", f"two packs are named `{name}`", pack.pack.positions.value("pack"), help=help)
        else:
            packs[name] = pack
    return list(packs.values())


def pack_roots(folders: Iterable[Path], collector: Collector) -> Iterator[tuple[Path, str]]:
    """The folders of the packs in some folders, and what they are called in messages."""
    for folder in folders:
        top = Path(os.path.abspath(folder))  # noqa: PTH100  # Path.resolve would follow links and rename what the author typed
        for root in _roots(top, collector):
            yield root, root.relative_to(top.parent).as_posix()


def pack_names(folders: Iterable[Path]) -> list[tuple[Path, str]]:
    """The folders of the packs in some folders, each with its name; those whose `pack.yaml` is not sound are left out."""
    found = []
    for root, display in pack_roots(folders, Collector()):
        path, name = root / "pack.yaml", f"{display}/pack.yaml"
        data = read_bytes(path, name, MAXIMUM_YAML_BYTES, Collector())
        file = None if data is None else _load_file(data, path, name, root, Collector())
        if file is not None and isinstance(file.model, Pack):
            found.append((root, file.model.pack))
    return found


def _roots(top: Path, collector: Collector) -> list[Path]:
    """The folders of the packs in a folder, in order of their names."""
    name = top.name or str(top)
    if not is_folder(top):
        collector.add("E100", "there is no folder of this name", path=printable(name))
        return []
    if (top / "pack.yaml").exists():
        return [top]
    roots: list[Path] = []
    strays = 0
    for entry in list_folder(top, name, collector):
        display = f"{name}/{entry.name}"
        if not is_folder(entry):
            if _is_rule_file(entry):
                strays += 1
                collector.add("E116", "a rule file that belongs to no pack", path=printable(display), help="move it into a pack")
        elif (entry / "pack.yaml").exists():
            roots.append(entry)
        elif any(_is_rule_file(path) for path in _files(entry, display, collector)):
            strays += 1
            help = f"write one with the keys {', '.join(Pack.model_fields)}"
            collector.add("E116", "a folder of rule files without `pack.yaml`", path=printable(display), help=help)
    if not roots and not strays:
        help = "a rule pack is a folder that holds `pack.yaml`"
        collector.add("E100", "there is no rule pack in this folder", path=printable(name), help=help)
    return roots


def _is_rule_file(path: Path) -> bool:
    return path.suffix.lower() in (".yaml", ".yml")


def _files(root: Path, display: str, collector: Collector) -> list[Path]:
    """The rule files and tables below a folder in a stable order, without hidden ones."""
    found: list[Path] = []
    waiting = [root]
    while waiting and len(found) <= MAXIMUM_FILES:
        folder = waiting.pop()
        inside = display + folder.as_posix().removeprefix(root.as_posix())
        for entry in list_folder(folder, inside, collector):
            if not is_folder(entry):
                if _is_rule_file(entry) or entry.suffix.lower() == ".csv":
                    found.append(entry)
            elif entry.is_symlink():
                collector.add(
                    "E121", "a link to a folder", path=printable(f"{inside}/{entry.name}"), help="put the folder itself here"
                )
            else:
                waiting.append(entry)
    return sorted(found, key=lambda path: path.relative_to(root).as_posix())


def _load_pack(root: Path, display: str, collector: Collector) -> LoadedPack | None:
    paths = [path for path in _files(root, display, collector) if path.relative_to(root).parts[0] != LANGUAGES]
    if len(paths) > MAXIMUM_FILES:
        message = f"a pack of more than {MAXIMUM_FILES:,} files"
        collector.add("E102", message, path=printable(display), help="split it into several packs")
        return None
    digest = hashlib.sha256()
    files: list[Loaded[Any]] = []
    for path in paths:
        relative = path.relative_to(root).as_posix()
        name = printable(f"{display}/{relative}")
        if path.suffix not in (".yaml", ".csv"):
            collector.add("E121", "a rule file ends in `.yaml`, a table in `.csv`", path=name, help="rename it")
            continue
        data = read_bytes(path, name, MAXIMUM_YAML_BYTES if path.suffix == ".yaml" else MAXIMUM_CSV_BYTES, collector)
        if data is None:
            continue
        for part in (os.fsencode(relative), data):
            digest.update(len(part).to_bytes(8, "big"))
            digest.update(part)
        if path.suffix == ".yaml" and (file := _load_file(data, path, name, root, collector)):
            files.append(file)
    packs = _of(Pack, files)
    if not packs:
        return None
    for file in files:
        _check_id(file, packs[0].model.pack, collector)
    return LoadedPack(
        packs[0],
        root,
        _of(FactFile, files),
        _of(PathwayFile, files),
        _of(AssessmentFile, files),
        _of(AmendmentFile, files),
        _of(ScenarioFile, files),
        digest.hexdigest(),
    )


def _of(model: type[M], files: list[Loaded[Any]]) -> tuple[Loaded[M], ...]:
    return tuple(file for file in files if isinstance(file.model, model))


def _check_id(file: Loaded[BaseModel], pack: str, collector: Collector) -> None:
    """Whether the id of a pathway, assessment or amendment begins with its pack; scenarios may be about rules of other packs."""
    key = next((key for key in ("pathway", "assessment", "amends") if hasattr(file.model, key)), None)
    if key is None:
        return
    rule_id = str(getattr(file.model, key))
    first, _, rest = rule_id.partition(".")
    if first != pack:
        message = f"`{rule_id}` does not begin with the name of its pack, `{pack}`"
        collector.add("E118", message, file.positions.value(key), help=f"write `{pack}.{rest}`")


def _load_file(data: bytes, path: Path, display: str, root: Path, collector: Collector) -> Loaded[BaseModel] | None:
    read = parse_yaml(data, display, collector)
    if read is None:
        return None
    content, positions = read
    kind = _kind(content, positions, collector)
    if kind is None:
        return None
    model = KINDS[kind]
    before = len(collector.found)
    if path.name == "pack.yaml" and path.parent != root:
        collector.add("E121", "a pack inside another pack", positions.key(kind), help="move its folder beside the other pack")
    elif (path.name == "pack.yaml") != (model is Pack):
        message = f"`{kind}` stands in `{path.name}`"
        help = (
            "the file `pack.yaml` begins with `pack`"
            if path.name == "pack.yaml"
            else "write it into `pack.yaml` beside the rules"
        )
        collector.add("E121", message, positions.key(kind), help=help)
    in_place = len(collector.found) == before
    if model is AmendmentFile:
        content = _with_overrides(content, positions, collector)
    found = validate(model, content, positions, collector)
    if found is not None:
        return Loaded(found, positions, display, path.parent) if in_place else None
    rest = salvage(model, content)
    return Loaded(rest[0], positions, display, path.parent, rest[1]) if rest and in_place else None


def _kind(content: object, positions: Positions, collector: Collector) -> str | None:
    """The first top-level key that tells what a file is."""
    if not isinstance(content, dict) or not content:
        help = "a rule file holds `key: value` lines"
        collector.add("E115", "the file does not say what it is", positions.value(), help=help)
        return None
    for key in content:
        if key in KINDS:
            return str(key)
    first = next(iter(content))
    otherwise = f"begin with one of: {', '.join(KINDS)}"
    help = next((found for key in content if (found := did_you_mean(str(key), KINDS))), otherwise)
    collector.add("E115", "the file does not say what it is", positions.key(first), help=help)
    return None


def _with_overrides(content: object, positions: Positions, collector: Collector) -> object:
    """An amendment whose overrides are models already, each of the kind that its path names."""
    if not isinstance(content, dict) or not isinstance(content.get("overrides"), dict):
        return content
    overrides: dict[object, object] = {}
    for target, written in content["overrides"].items():
        match str(target).split("."):
            case [_, _, section, _] if section in OVERRIDABLE:
                element = validate(OVERRIDABLE[section], written, positions, collector, ("overrides", target))
                overrides[target] = element or REFUSED
            case _:
                overrides[target] = REFUSED
                message = f"`{target}` does not name an element of a rule"
                help = f"write `pack.rule.section.name`, where section is one of: {', '.join(OVERRIDABLE)}"
                collector.add("E114", message, positions.key("overrides", target), help=help)
    return {**content, "overrides": overrides}
