"""The house: its floors, its tools, its words, and no law in it."""

from __future__ import annotations

import ast
import csv
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCES = sorted((ROOT / "src" / "eligibility").rglob("*.py"))
TESTS = sorted((ROOT / "tests").glob("test_*.py"))

# Files longer than this hold more than one idea; each exception has its reason.
LONGEST_FILE = 450
WORDS = {"ID"}  # the head of a column; also a country
CONSTANTS = {"durable_shards.py": "the numbers of the hash function FNV-1a"}
LONGER = {
    "model.py": "the whole file format, one class an element",
    "nodes.py": "the whole typed tree, one class a form",
    "operations.py": "the meaning of every node",
    "elaboration.py": "the typing of every form and function",
    "wording.py": "every sentence in English, one a line",
}


def run(*command: str) -> str:
    """What a tool says when it finds something; nothing when it is content."""
    tool = Path(sys.executable).parent / command[0]
    found = str(tool) if tool.exists() else shutil.which(command[0])
    if found is None:
        pytest.skip(f"{command[0]} is not installed")
    done = subprocess.run([found, *command[1:]], cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603  # our own tools
    return "" if done.returncode == 0 else done.stdout + done.stderr


def test_a_module_imports_only_from_floors_below() -> None:
    """The modules lie in floors, every one has its place, and the engines do not know each other."""
    assert run("lint-imports", "--no-cache") == ""


def test_ruff_finds_nothing() -> None:
    """The sources and tests keep the rules of the linter."""
    assert run("ruff", "check", "--no-cache") == ""


def test_mypy_finds_nothing() -> None:
    """The sources and tests are typed without gaps."""
    assert run("mypy") == ""


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_a_file_holds_one_idea(path: Path) -> None:
    """A file begins with a docstring, and is short unless there is a reason."""
    text = path.read_text(encoding="utf-8")
    assert ast.get_docstring(ast.parse(text))
    assert len(text.splitlines()) <= LONGEST_FILE or path.name in LONGER


def test_only_long_files_are_excused() -> None:
    """No reason is given for a file that is short by now."""
    lengths = {path.name: len(path.read_text(encoding="utf-8").splitlines()) for path in SOURCES}
    assert all(lengths[name] > 400 for name in LONGER)


def _codes() -> set[str]:
    found: set[str] = set()
    for name in ("countries", "currencies"):
        with (ROOT / "rules" / "core" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            found.update(row["code"] for row in csv.DictReader(file))
    return found


def _literals(tree: ast.Module) -> Iterator[tuple[object, bool]]:
    """Every literal of a module outside of docstrings, and whether it is the value of a constant with a name in capitals."""
    named: set[int] = set()
    for node in ast.walk(tree):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        value = getattr(node, "value", None)
        if value is not None and any(isinstance(target, ast.Name) and target.id.isupper() for target in targets):
            named.update(id(each) for each in ast.walk(value))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant):
            yield node.value, id(node) in named


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_no_law_stands_in_python(path: Path) -> None:
    """No country, currency, date of law or figure stands in the sources: they are data, with a citation."""
    codes = _codes()
    for value, is_named in _literals(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(value, str):
            assert value not in codes - WORDS
            assert not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            size = abs(value) in {2**power for power in range(40)} | {10**power for power in range(16)}
            assert abs(value) < 1_000 or size or is_named or path.name in CONSTANTS


def _cited(text: str) -> bool:
    return bool(re.search(r"\bcite: ?\S", text))


@pytest.mark.parametrize("path", sorted((ROOT / "rules").rglob("*.yaml")), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_rule_file_names_its_sources(path: Path) -> None:
    """Every pathway and assessment that comes with the package names sources and cites them."""
    text = path.read_text(encoding="utf-8")
    if re.search(r"^(pathway|assessment):", text, re.MULTILINE):
        assert re.search(r"^sources:", text, re.MULTILINE)
        assert _cited(text)


@pytest.mark.parametrize("path", TESTS, ids=lambda path: path.name)
def test_every_test_states_a_truth(path: Path) -> None:
    """Every test has a docstring of one sentence, and every file of tests says what it is about."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            said = ast.get_docstring(node)
            assert said, node.name
            assert said.endswith("."), node.name


def test_the_public_names_exist() -> None:
    """Every name in `__all__` can be imported, in every module that has one."""
    for path in SOURCES:
        module = ast.parse(path.read_text(encoding="utf-8"))
        for node in module.body:
            if isinstance(node, ast.Assign) and any(isinstance(each, ast.Name) and each.id == "__all__" for each in node.targets):
                parts = path.relative_to(ROOT / "src").with_suffix("").parts
                name = ".".join(parts).removesuffix(".__init__")
                imported = __import__(name, fromlist=["__all__"])
                assert all(hasattr(imported, public) for public in imported.__all__), name
