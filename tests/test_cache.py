"""The cache of checked rules: quick, and never believed when it should not be."""

from __future__ import annotations

import os
import pickle
import shutil
import subprocess
import sys
from collections.abc import Iterable
from contextlib import nullcontext
from datetime import date
from itertools import product
from pathlib import Path

import pytest

from eligibility import cache
from eligibility.compiler import CompiledRules, compile_rules, period_of
from eligibility.diagnostics import RuleError
from eligibility.engine import RuleSet, load_rules
from eligibility.node_index import NodeIndex
from eligibility.pickling import Rows, _packed
from eligibility.rulebook import ALWAYS, Table, TableRow

PACKS = Path(__file__).parent / "packs"
POINTS = PACKS / "points"
DAY = date(2026, 6, 1)
CASE = {"offer": {"occupation": "2134"}}


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


@pytest.mark.parametrize("stop", [OSError("no space left"), KeyboardInterrupt()])
def test_what_could_not_be_kept_is_cleared_away(
    kept: Path, pack: Path, monkeypatch: pytest.MonkeyPatch, stop: BaseException
) -> None:
    """A full disk, or Ctrl-C, leaves no parts of files in the cache; only the second is for the caller to hear of."""

    def replace(*_: object) -> None:
        raise stop

    monkeypatch.setattr(Path, "replace", replace)
    with nullcontext() if isinstance(stop, OSError) else pytest.raises(KeyboardInterrupt):
        assert mark(pack) == 6
    assert not list(kept.iterdir())


def test_what_is_no_file_does_not_keep_old_ones_from_being_cleared_away(kept: Path, pack: Path) -> None:
    """A folder among the files of the cache, older than they are, is passed over."""
    (kept / "old.rules").mkdir(parents=True)
    os.utime(kept / "old.rules", (0, 0))
    card = pack / "card.yaml"
    text = card.read_text()
    for number in range(12):
        card.write_text(f"{text}# {number}\n")
        mark(pack)
    assert len([path for path in kept.glob("*.rules") if path.is_file()]) == 8


def test_only_the_latest_few_are_kept(kept: Path, pack: Path) -> None:
    """Old cache files are cleared away."""
    card = pack / "card.yaml"
    text = card.read_text()
    for number in range(12):
        card.write_text(f"{text}# {number}\n")
        mark(pack)
    assert len(list(kept.glob("*.rules"))) == 8


def small(pack: Path) -> RuleSet:
    """A small pack with the facts it reads."""
    return load_rules(PACKS / "world", pack, bundled=False)


def told(pack: Path, engine: str = "durable") -> str:
    """Everything an evaluation says about a case of which little is known."""
    return small(pack).evaluate(CASE, as_of=DAY, engine=engine).to_json()


def never_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on, compiling is a failure."""
    monkeypatch.setattr("eligibility.engine.compile_rules", lambda *_: pytest.fail("the rules were compiled again"))


@pytest.mark.parametrize("name", ["reporting", "figures", "points", "quantifiers"])
def test_kept_rules_say_the_same(kept: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rules from the cache give the same bytes as rules that were just checked and compiled, with every engine."""
    folder = PACKS / name
    engines = ("durable", "reference", "compiled")
    first = [told(folder, engine) for engine in engines]
    never_compiled(monkeypatch)
    assert [told(folder, engine) for engine in engines] == first
    monkeypatch.undo()
    monkeypatch.setenv(cache.VARIABLE, "off")
    assert [told(folder, engine) for engine in engines] == first


def test_compiled_rules_from_the_cache_share_the_parts_of_their_book(kept: Path, pack: Path) -> None:
    """The rules, conditions and nodes of compiled rules are those of the checked rules, not copies."""
    told(pack)
    rules = small(pack)
    compiled = rules.compiled(DAY)
    assert len(list(kept.glob("*.compiled"))) == 1
    assert compiled.book is rules.book
    assert all(each.rule is rules.book.rules[each.rule.id] for each in compiled.rules)
    criteria = [top.condition for each in compiled.rules for top in each.conditions]
    written = [each for rule in rules.book.rules.values() for each in rule.criteria]
    assert criteria
    assert all(any(each is other for other in written) for each in criteria)
    fresh = compile_rules(rules.book, DAY)
    names = [name for name in CompiledRules.__dataclass_fields__ if name != "book"]
    assert [getattr(compiled, name) for name in names] == [getattr(fresh, name) for name in names]


def test_equal_nodes_of_kept_rules_are_one_object(kept: Path) -> None:
    """Every node of the checked rules and of the compiled ones is the very node its step was made for."""
    told(PACKS / "reporting")
    rules = small(PACKS / "reporting")
    compiled = rules.compiled(DAY)
    assert isinstance(compiled.index, NodeIndex)
    written = [each.node for rule in rules.book.rules.values() for top in rule.criteria for each in top.walk()]
    read = [node for node in written if node is not None and node in compiled.index]
    assert len(read) > 20
    assert all(id(node) in compiled.index.very for node in read)
    assert len(set(read)) == len({id(node) for node in read}) < len(read)


@pytest.mark.parametrize("damage", [b"", b"nonsense", b"\0" * 4096, None])
def test_damaged_compiled_rules_are_ignored(kept: Path, pack: Path, damage: bytes | None) -> None:
    """Compiled rules that are empty, overwritten or cut off change nothing, and are kept anew."""
    before = told(pack)
    (file,) = kept.glob("*.compiled")
    whole = file.read_bytes()
    file.write_bytes(whole[:-10] if damage is None else damage)
    assert told(pack) == before
    assert file.read_bytes() == whole


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="only root can give a file away")
def test_compiled_rules_of_somebody_else_are_ignored(kept: Path, pack: Path) -> None:
    """Compiled rules in a file of another user are never read."""
    told(pack)
    (file,) = kept.glob("*.compiled")
    os.chown(file, 12345, 12345)
    found = cache.read(file.name.partition(".")[0])
    assert found is not None
    assert cache.read_period(found, period_of(found.book, DAY)) is None


def test_compiled_rules_of_other_rules_are_ignored(kept: Path, pack: Path) -> None:
    """Compiled rules belong to one file of checked rules, down to the byte, and to one period."""
    rules = small(pack)
    period, earlier = period_of(rules.book, DAY), period_of(rules.book, date(2000, 1, 1))
    assert period != earlier
    told(pack)
    (file,) = kept.glob("*.compiled")
    found = cache.read(file.name.partition(".")[0])
    assert found is not None
    assert cache.read_period(found, period) is not None
    other = cache.Kept(cache.Place(found.place.name, b"\0" * 32), found.book, found.parts)
    assert cache.read_period(other, period) is None
    shutil.copy(file, kept / f"{found.place.name}.always.compiled")
    assert cache.read_period(found, earlier) is None


def test_only_the_first_period_of_a_run_is_kept(kept: Path, pack: Path) -> None:
    """A run through many periods leaves one file of compiled rules, so that it pushes nothing else out."""
    rules = small(pack)
    for year in (2026, 1990, 2019):
        rules.compiled(date(year, 6, 1))
    assert len(list(kept.glob("*.compiled"))) == 1


def test_the_rows_of_a_table_are_opened_when_they_are_read(kept: Path) -> None:
    """Tables from the cache stay bytes until somebody asks, and then hold the same rows."""

    def tables() -> list[Table]:
        rules = small(PACKS / "figures").book.rules
        return [table for rule in rules.values() for table in rule.tables.values()]

    written, read = tables(), tables()
    rows = [table.rows for table in read]
    assert rows
    assert all(isinstance(each, Rows) and not each.opened for each in rows)
    assert [dict(each) for each in rows] == [table.rows for table in written]
    assert read == written


def numbered(keys: Iterable[tuple[str, ...]]) -> dict[tuple[str, ...], tuple[TableRow, ...]]:
    """A row for each key."""
    return {key: (TableRow(ALWAYS, {"rate": number}),) for number, key in enumerate(keys)}


def test_who_reads_one_row_opens_one_drawer() -> None:
    """Of a table with several keys only the rows that share all but the last are opened; all come out in their order."""
    rows = numbered(product("abc", "xyz"))
    kept = pickle.loads(pickle.dumps(_packed(rows)))  # noqa: S301  # written a moment ago
    assert kept["b", "y"] == rows["b", "y"]
    assert list(kept.opened) == [("b",)]
    assert not any(key in kept for key in (("d", "x"), ("b", "w"), ("b",), ()))
    assert list(kept.opened) == [("b",)]
    assert list(kept.items()) == list(rows.items())
    assert len(kept) == 9


@pytest.mark.parametrize("keys", [[("a",), ("b",)], [("a", "x"), ("b", "x"), ("a", "y")], []])
def test_rows_that_no_drawers_keep_in_order_lie_in_one(keys: list[tuple[str, ...]]) -> None:
    """A table with one key, or with rows of which those of one key are apart, is opened as a whole, in its order."""
    rows = numbered(keys)
    kept = _packed(rows)
    assert len(kept.drawers) == min(len(keys), 1)
    assert list(kept.items()) == list(rows.items())


def test_kept_rules_need_no_reader_of_files(kept: Path, pack: Path) -> None:
    """An evaluation with rules from the cache, told as text, imports neither what reads rules nor what writes pages."""
    told(pack)
    script = f"""
import sys, eligibility
rules = eligibility.load_rules({str(PACKS / "world")!r}, {str(pack)!r}, bundled=False)
rules.evaluate({CASE!r}, as_of="{DAY}").to_text()
print(*sorted(name for name in sys.modules if name.partition(".")[0] in ("eligibility", "yaml", "click", "rich")))
"""
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)  # noqa: S603  # as written above
    needless = ("loader", "model", "checker", "rulefiles", "questions", "rendering.html", "rendering.markdown")
    assert not {"yaml", "click", "rich", *(f"eligibility.{name}" for name in needless)}.intersection(run.stdout.split())
    assert "eligibility.rendering.text" in run.stdout.split()
