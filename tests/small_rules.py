"""Small rules written in the tests that use them, on the facts that the packs for tests share."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any, Final

from eligibility.diagnostics import Diagnostic, RuleError
from eligibility.engine import RuleSet
from eligibility.outcome import Outcome
from eligibility.rulefiles import check_folders

WORLD: Final = Path(__file__).parent / "packs" / "world"
HEAD: Final = """\
pathway: small.visa
title: A visa
in_force: {from: 2020-01-01, until: 2030-01-01}
sources:
  LAW: {title: The law, read_on: 2025-12-06, grade: A}
"""
PACK: Final = """\
pack: {name}
title: A pack
version: 1.0.0
jurisdiction: WORLD
language: 1
maintainer: tests
licence: Apache-2.0
"""


def write(folder: Path, body: str, *, name: str = "small", **files: str) -> Path:
    """A pack whose one pathway has the body; `files` are more files of the pack, by name without `.yaml` (or with `_csv`)."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pack.yaml").write_text(PACK.format(name=name), encoding="utf-8")
    if body:
        (folder / "visa.yaml").write_text(HEAD + textwrap.dedent(body), encoding="utf-8")
    for each, text in files.items():
        place = f"{each.removesuffix('_csv')}.csv" if each.endswith("_csv") else f"{each}.yaml"
        (folder / place).write_text(textwrap.dedent(text), encoding="utf-8")
    return folder


def load(folder: Path, body: str, *others: Path, **files: str) -> RuleSet:
    """The pathway `small.visa` with a body, written to a folder, and what stands beside it. Raises: RuleError."""
    folders = (WORLD, write(folder / "small", body, **files), *others)
    return RuleSet(check_folders(folders), folders)


def outcome(rules: RuleSet, facts: dict[str, Any] | None = None, as_of: str = "2026-06-01", rule: str = "small.visa") -> Outcome:
    """How a rule comes out for some facts, given by their dotted paths."""
    profile: dict[str, Any] = {}
    for path, value in (facts or {}).items():
        place = profile
        *groups, name = path.split(".")
        for group in groups:
            place = place.setdefault(group, {})
        place[name] = value
    return rules.evaluate(profile, as_of=as_of, pathways=[rule], engine="reference")[rule]


def problems(folder: Path, body: str, **files: str) -> tuple[Diagnostic, ...]:
    """What is wrong with a body; nothing where it loads."""
    try:
        load(folder, body, **files)
    except RuleError as error:
        return error.diagnostics
    return ()
