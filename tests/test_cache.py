"""The cache of checked rules: quick, and never believed when it should not be."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from eligibility import cache
from eligibility.diagnostics import RuleError
from eligibility.engine import load_rules

POINTS = Path(__file__).parent / "packs" / "points"


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "cache"
    monkeypatch.setenv(cache.VARIABLE, str(folder))
    return folder


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    return Path(shutil.copytree(POINTS, tmp_path / "points"))


def mark(pack: Path) -> int:
    """The pass mark as the rules have it in 2020."""
    rule = load_rules(pack, bundled=False).book.rules["points.card"]
    value = rule.parameters["pass_mark"].values[0].value
    assert isinstance(value, int)
    return value


def test_a_second_load_reads_no_rule_file(kept: Path, pack: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was checked once is not checked again."""
    assert mark(pack) == 6
    assert len(list(kept.glob("*.rules"))) == 1
    monkeypatch.setattr("eligibility.rulefiles.check_folders", lambda _: pytest.fail("the rules were checked again"))
    assert mark(pack) == 6


def test_a_changed_file_is_read_anew(kept: Path, pack: Path) -> None:
    """The cache is named by the content of the files."""
    assert mark(pack) == 6
    card = pack / "card.yaml"
    card.write_text(card.read_text().replace("2020-01-01: {value: 6}", "2020-01-01: {value: 5}"))
    assert mark(pack) == 5


@pytest.mark.parametrize("damage", [b"", b"nonsense", b"\0" * 4096])
def test_a_damaged_cache_is_ignored(kept: Path, pack: Path, damage: bytes) -> None:
    """A cache that is empty or was overwritten changes nothing but the time it takes."""
    mark(pack)
    (file,) = kept.glob("*.rules")
    file.write_bytes(damage)
    assert mark(pack) == 6


def test_a_cut_off_cache_is_ignored(kept: Path, pack: Path) -> None:
    """A cache of which the end is missing is not believed."""
    mark(pack)
    (file,) = kept.glob("*.rules")
    file.write_bytes(file.read_bytes()[:-10])
    assert mark(pack) == 6


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="only root can give a file away")
def test_the_cache_of_somebody_else_is_ignored(kept: Path, pack: Path) -> None:
    """A cache file of another user is never read."""
    mark(pack)
    (file,) = kept.glob("*.rules")
    os.chown(file, 12345, 12345)
    assert cache.read(file.stem) is None


def test_rules_with_errors_are_not_kept(kept: Path, pack: Path) -> None:
    """Every load of broken rules reports every problem."""
    card = pack / "card.yaml"
    card.write_text(card.read_text().replace("cite: LAW 1", "cite: LAWS 1"))
    for _ in range(2):
        with pytest.raises(RuleError, match="E301"):
            load_rules(pack, bundled=False)
    assert not list(kept.glob("*.rules"))


def test_the_cache_can_be_switched_off(pack: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`ELIGIBILITY_CACHE=off` keeps nothing."""
    monkeypatch.setenv(cache.VARIABLE, "off")
    assert cache.folder() is None
    assert mark(pack) == 6


def test_a_folder_that_cannot_be_written_does_no_harm(pack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing can be kept, rules load all the same."""
    (tmp_path / "file").write_text("")
    monkeypatch.setenv(cache.VARIABLE, str(tmp_path / "file" / "below"))
    assert mark(pack) == 6


def test_only_the_latest_few_are_kept(kept: Path, pack: Path) -> None:
    """Old cache files are cleared away."""
    card = pack / "card.yaml"
    text = card.read_text()
    for number in range(12):
        card.write_text(f"{text}# {number}\n")
        mark(pack)
    assert len(list(kept.glob("*.rules"))) == 8
