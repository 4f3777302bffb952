"""The README says only what happens: its commands, Python and rule pack are run, and what it shows is what comes out."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
FILE = re.compile(r"^# (\S+\.(?:yaml|csv|json))$", re.MULTILINE)


def blocks(kind: str) -> list[str]:
    return [text for language, text in BLOCK.findall(README.read_text(encoding="utf-8")) if language == kind]


def write_pack(folder: Path) -> None:
    """The files of the README's rule pack: each begins with a comment that names it."""
    for text in blocks("yaml"):
        parts = FILE.split(text)[1:]
        for name, content in zip(parts[::2], parts[1::2], strict=True):
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content.lstrip("\n"), encoding="utf-8")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder that looks like a fresh clone with the README's rule pack beside it."""
    for name in ("examples", "rules"):
        (tmp_path / name).symlink_to(ROOT / name)
    write_pack(tmp_path)
    return tmp_path


def run(command: str, place: Path) -> str:
    words = shlex.split(command)
    assert words[:3] == ["uv", "run", "eligibility"], command
    environment = {**os.environ, "COLUMNS": "100", "NO_COLOR": "1"}
    done = subprocess.run(  # noqa: S603  # the README's own commands
        [sys.executable, "-m", "eligibility", *words[3:]], cwd=place, env=environment, capture_output=True, text=True, check=False
    )
    return done.stdout + done.stderr


def commands(text: str) -> list[tuple[str, str]]:
    """Each `$ command` of a console block with the output shown below it."""
    parts = re.split(r"^\$ (.*)\n", text, flags=re.MULTILINE)[1:]
    return list(zip(parts[::2], parts[1::2], strict=True))


def shown_in(shown: str, real: str) -> bool:
    """Whether the shown output is the real one; a line `…` stands for any lines."""
    pattern = ".*?".join(re.escape(part) for part in re.split(r"^…\n", shown, flags=re.MULTILINE))
    return re.fullmatch(pattern, real, flags=re.DOTALL) is not None


def test_shown_output_is_real_output(place: Path) -> None:
    """Every console block shows what its commands print."""
    count = 0
    for text in blocks("console"):
        for command, shown in commands(text):
            real = run(command, place)
            assert shown_in(shown, real), f"$ {command}\n{real}"
            count += 1
    assert count >= 4


def test_python_blocks_run(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The Python of the README runs from top to bottom."""
    monkeypatch.chdir(place)
    names: dict[str, object] = {}
    for text in blocks("python"):
        exec(compile(text, str(README), "exec"), names)  # noqa: S102  # the README's own code
    assert "report" in names


def test_the_two_commands_are_one_line_each() -> None:
    """The README gives one line to evaluate and one to test, and CI runs the latter."""
    one_liners = [line for text in blocks("sh") for line in text.splitlines()]
    assert any(line.endswith("eligibility evaluate examples/ml_engineer_london.json") for line in one_liners)
    (test,) = [line for line in one_liners if line.endswith("run pytest")]
    assert test in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_links_lead_somewhere() -> None:
    """Every relative link of the README names a file of the repository."""
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", README.read_text(encoding="utf-8")):
        assert (ROOT / target).exists(), target
