"""`eligibility batch` and `eligibility simulate`: what they write where, how far they say they are, and how they end."""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from rich.console import Console

from batch_runs import BODY, DAY, RULE, profile, rules, write_lines
from eligibility import engine
from eligibility.batch.pipeline import Progress
from eligibility.cli import Exit, main, population
from eligibility.cli.shell import tidy_end
from eligibility.engine import RuleSet
from small_rules import WORLD, write

__all__ = ["rules"]


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch, rules: RuleSet, request: pytest.FixtureRequest) -> None:
    """The rules of these tests in the place of the bundled ones."""
    if "packs" not in request.fixturenames:
        monkeypatch.setattr(engine, "load_rules", lambda *folders: rules)


def run(*arguments: str | Path, input: str | None = None) -> Result:  # noqa: A002  # as in CliRunner
    """Run a command in this process."""
    result = CliRunner().invoke(main, [str(each) for each in arguments], input=input)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def test_a_batch_is_written_and_told(tmp_path: Path) -> None:
    """The table and what was rejected go to files, the summary to standard output and to a page, a warning to standard error."""
    path = write_lines(tmp_path / "in.jsonl", [profile(), "x", profile(pay=1)])
    done = run(
        "batch", path, "-o", tmp_path / "out.csv", "--as-of", DAY, "--summary", tmp_path / "s.html", "--explain-failures", "1"
    )
    assert done.exit_code == Exit.DONE
    assert (tmp_path / "out.csv").read_text(
        encoding="utf-8"
    ) == f"row,{RULE},rejected\n1,eligible,false\n2,,true\n3,not_eligible,false\n"
    assert json.loads((tmp_path / "out.csv.rejects.jsonl").read_text(encoding="utf-8")) == {
        "file": str(path),
        "row": 2,
        "path": "profile",
        "code": "E400",
        "reason": "the profile is not JSON: line 1, column 1: expecting value",
        "next_step": "a profile is one object in braces",
    }
    assert json.loads((tmp_path / "out.csv.failures.jsonl").read_text(encoding="utf-8"))["row"] == 3
    assert "2 rows from 1 file evaluated, 1 rejected" in done.stdout
    assert f"warning: 1 of 3 rows was rejected; see {tmp_path / 'out.csv.rejects.jsonl'}" in done.stderr
    assert (tmp_path / "s.html").read_text(encoding="utf-8").startswith("<!doctype html>")


def test_what_an_earlier_run_explained_is_told_apart(tmp_path: Path) -> None:
    """Explanations that lie beside the table from an earlier run are left there, with a warning that they are not of this one."""
    path = write_lines(tmp_path / "in.jsonl", [profile(pay=1)])
    asked = ("batch", path, "-o", tmp_path / "out.csv", "--as-of", DAY)
    assert "warning" not in run(*asked, "--explain-failures", "1").stderr
    old = tmp_path / "out.csv.failures.jsonl"
    assert f"warning: {old} was there before and is not of this run" in run(*asked).stderr
    assert old.exists()


def test_standard_input_is_json_lines(tmp_path: Path) -> None:
    """`-` reads JSON Lines, or the form that is named."""
    line = json.dumps(profile())
    assert run("batch", "-", "-o", tmp_path / "out.jsonl", "--as-of", DAY, input=f"{line}\n").exit_code == Exit.DONE
    assert json.loads((tmp_path / "out.jsonl").read_text(encoding="utf-8")) == {"row": 1, RULE: "eligible", "rejected": False}
    text = "offer.country,offer.yearly_cost\nDE,1\n"
    done = run("batch", "-", "-o", tmp_path / "out.csv", "--format", "csv", "--as-of", DAY, input=text)
    assert (done.exit_code, "not applicable" in done.stdout) == (Exit.DONE, False)
    assert "1,not_applicable,false" in (tmp_path / "out.csv").read_text(encoding="utf-8")
    assert (
        "cannot be read from standard input"
        in run("batch", "-", "-o", tmp_path / "x.csv", "--format", "parquet", input="").stderr
    )


def test_wrong_calls_end_with_a_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is not there, a name without form, a folder that is not there and missing packages end without a traceback."""
    path = write_lines(tmp_path / "in.jsonl", [profile()])
    for arguments, code, message in (
        (("batch", tmp_path / "no.csv", "-o", tmp_path / "out.csv"), Exit.USAGE, "E610 there is no such file"),
        (("batch", path, "-o", tmp_path / "out.xls"), Exit.USAGE, "E613"),
        (("batch", path, "-o", tmp_path / "no" / "out.csv"), Exit.USAGE, "E614"),
        (("batch", path, "-o", tmp_path / "out.csv", "--summary", "s.txt"), Exit.USAGE, "E613 the name of `s.txt`"),
        (("batch", path, "-o", tmp_path / "out.csv", "--as-of", DAY, "--as-of-column", "day"), Exit.USAGE, "E612"),
        (("simulate", path, "--as-of", DAY), Exit.USAGE, "E612 there is only one law"),
        (("simulate", path, "--against", DAY, "--report", "r.txt"), Exit.USAGE, "E613 the name of `r.txt`"),
    ):
        done = run(*arguments)
        assert (done.exit_code, message in done.stderr) == (code, True), done.stderr
    monkeypatch.setattr(population, "find_spec", lambda name: None)
    done = run("batch", path, "-o", tmp_path / "out.csv")
    assert "this needs polars and pyarrow: install eligibility with its extra `columns`" in done.stderr


def test_a_simulation_is_written_and_told(tmp_path: Path) -> None:
    """The comparison goes to standard output and to a report, the rows that move to a table."""
    path = write_lines(tmp_path / "in.jsonl", [profile(pay=35000), profile(), "x"])
    files = ("--moved", tmp_path / "moved.csv", "--report", tmp_path / "report.json")
    done = run("simulate", path, "--as-of", "2025-06-01", "--against", DAY, "--by", "offer.country", *files)
    assert done.exit_code == Exit.DONE
    assert "1 of 2 rows (50%) moves; 1 rejected" in done.stdout
    assert "warning: 1 of 3 rows is not valid" in done.stderr
    assert (tmp_path / "moved.csv").read_text(encoding="utf-8").splitlines()[1] == f"1,GB,{RULE},eligible,not_eligible,pay"
    assert json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))["by"] == "offer.country"


@pytest.fixture
def packs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of packs in the place of the bundled ones, which has the rules of these tests."""
    folder = tmp_path / "packs"
    folder.mkdir()
    (folder / "world").symlink_to(WORLD)
    write(folder / "small", BODY)
    monkeypatch.setattr(engine, "bundled_rules", lambda: folder)
    return folder


def test_packs_take_the_place_of_their_like(tmp_path: Path, packs: Path) -> None:
    """With --rules-against a pack replaces that of its name, and the others stay."""
    write(tmp_path / "draft", BODY.replace("40000", "50000"))
    path = write_lines(tmp_path / "in.jsonl", [profile()])
    done = run("simulate", path, "--as-of", DAY, "--rules-against", tmp_path / "draft")
    assert done.exit_code == Exit.DONE, done.stderr
    assert "1 row: as of 2026-06-01, other rules" in done.stdout
    assert "GBP 50,000 a year" in done.stdout


def test_installed_packs_stay_beside_those_that_are_replaced(
    tmp_path: Path, packs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Packs that other distributions bring are part of both laws."""
    installed = Path(shutil.move(packs / "small", tmp_path / "installed"))
    monkeypatch.setattr(engine, "_installed_packs", lambda: [installed])
    (tmp_path / "draft").mkdir()
    (tmp_path / "draft" / "world").symlink_to(WORLD)
    path = write_lines(tmp_path / "in.jsonl", [profile()])
    done = run("simulate", path, "--as-of", DAY, "--rules-against", tmp_path / "draft")
    assert done.exit_code == Exit.DONE, done.stderr
    assert "1 rule comes out as before for every row." in done.stdout


def test_only_names_are_read_of_the_packs_that_may_be_replaced(
    tmp_path: Path, packs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rules that are in the cache are not read again to see which pack takes the place of which."""
    write(tmp_path / "draft", BODY.replace("40000", "50000"))
    path = write_lines(tmp_path / "in.jsonl", [profile()])
    asked = ("simulate", path, "--as-of", DAY, "--rules-against", tmp_path / "draft")
    monkeypatch.setenv("ELIGIBILITY_CACHE", str(tmp_path / "cache"))
    first = run(*asked)
    monkeypatch.setattr("eligibility.rulefiles.check_folders", lambda _: pytest.fail("the rules were read again"))
    monkeypatch.setattr("eligibility.loader._load_pack", lambda *_: pytest.fail("a pack was read"))
    second = run(*asked)
    assert second.exit_code == Exit.DONE, second.stderr
    assert "1 row: as of 2026-06-01, other rules" in first.stdout
    assert "1 row: as of 2026-06-01, other rules" in second.stdout


def test_progress_without_a_terminal_is_lines(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Now and then a line says how many rows were read, how fast, and how long it may take."""
    clock = iter([0.0, 5.0, 10.0, 12.0, 20.0])
    monkeypatch.setattr(population, "monotonic", lambda: next(clock))
    with population.watching() as watch:
        for rows in (1000, 2000, 3000):
            watch(Progress(rows, rows, 4000))
        watch(Progress(4000, 4000, None))
    assert capsys.readouterr().err == "2,000 rows, 200 rows/s, 50% read, 10 s left\n4,000 rows, 200 rows/s\n"


def test_progress_on_a_terminal_is_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal a bar shows rows, rate and the time left."""
    monkeypatch.setattr(population, "is_terminal", lambda stream: True)
    shown = io.StringIO()
    monkeypatch.setattr(population, "console", lambda: Console(file=shown, force_terminal=True, width=100))
    with population.watching() as watch:
        watch(Progress(1000, 500, 1000))
    assert "1,000 rows" in shown.getvalue()
    assert "rows/s" in shown.getvalue()


_PROGRAM = """
import sys
sys.path.insert(0, {tests!r})
from pathlib import Path
from batch_runs import BODY
from small_rules import load
from eligibility import engine
from eligibility.cli import main
rules = load(Path({folder!r}), BODY)
engine.load_rules = lambda *folders: rules
main({asked!r})
"""


@pytest.mark.parametrize(
    ("sent", "code", "says"),
    [(signal.SIGINT, Exit.INTERRUPTED, b"interrupted"), (signal.SIGTERM, Exit.TERMINATED, b"terminated")],
)
@pytest.mark.parametrize("asked", [("batch", "-", "-o"), ("simulate", "-", "--against", "2027-01-01", "--moved")])
def test_a_run_that_is_stopped_says_so(
    asked: tuple[str, ...], sent: signal.Signals, code: Exit, says: bytes, tmp_path: Path
) -> None:
    """Ctrl-C and SIGTERM end a run with codes of their own, without a traceback and without any part of a table."""
    folder = tmp_path / "out"
    folder.mkdir()
    tests, rules = str(Path(__file__).parent), str(tmp_path / "rules")
    program = _PROGRAM.format(tests=tests, folder=rules, asked=[*asked, str(folder / "out.csv")])
    streams = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    with subprocess.Popen([sys.executable, "-c", program], **streams) as process:  # type: ignore[call-overload]  # noqa: S603  # our own program
        deadline = time.monotonic() + 60
        while not list(folder.iterdir()) and time.monotonic() < deadline:
            time.sleep(0.05)
        os.kill(process.pid, sent)
        _, said = process.communicate(timeout=60)
    assert (process.returncode, said.strip()) == (code, says)
    assert not list(folder.iterdir())


def _handled() -> object:
    with tidy_end():
        return signal.getsignal(signal.SIGTERM)


@pytest.mark.parametrize("before", [signal.SIG_DFL, signal.SIG_IGN])
def test_signals_are_handled_as_before_after_a_run(before: signal.Handlers) -> None:
    """While a command writes files, SIGTERM ends it tidily, unless it is handled elsewhere; afterwards all is as it was."""
    known = signal.signal(signal.SIGTERM, before)
    try:
        with tidy_end():
            assert (signal.getsignal(signal.SIGTERM) is before) == (before is signal.SIG_IGN)
        assert signal.getsignal(signal.SIGTERM) is before
        with ThreadPoolExecutor(1) as threads:
            assert threads.submit(_handled).result() is before  # only the main thread can handle signals
    finally:
        signal.signal(signal.SIGTERM, known)
