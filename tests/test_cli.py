"""The command line: every command and exit code, clean streams, and no traceback whatever is put in or taken away."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from eligibility import engine
from eligibility.backends.reference import ReferenceEngine
from eligibility.cli import Exit, evaluate, main, shell
from eligibility.cli.rule_data import rule_data
from eligibility.cli.rule_page import rule_page
from eligibility.diagnostics import Diagnostic, EngineError
from eligibility.engine import load_rules

ROOT = Path(__file__).parents[1]
POINTS = Path(__file__).parent / "packs" / "points"
EXAMPLE = ROOT / "examples" / "ml_engineer_london.json"
GOOD = {"card": {"language": True, "experience": True, "age": 30, "reference": False}}
AS_OF = ("--as-of", "2023-01-01")
CARD = ("--rules", str(POINTS), "--pathway", "points.card", *AS_OF)
LOAD = cache(load_rules)
ESCAPE = re.compile(r"\x1b\[")


@pytest.fixture(autouse=True)
def _loaded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rules that no test changes are loaded once for all commands that run in this process."""
    monkeypatch.setattr(engine, "load_rules", LOAD)


def run(*arguments: str | Path, input: str | bytes | None = None) -> Result:  # noqa: A002  # as in CliRunner
    """Run a command in this process, as if its streams were files."""
    result = CliRunner().invoke(main, [str(each) for each in arguments], input=input)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def start(*arguments: str | Path, **options: object) -> subprocess.Popen[bytes]:
    """Start a command in a process of its own."""
    command = [sys.executable, "-m", "eligibility", *(str(each) for each in arguments)]
    streams = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    return subprocess.Popen(command, **{**streams, **options})  # type: ignore[call-overload,no-any-return]  # noqa: S603


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """A copy of the points pack that a test may spoil."""
    folder = tmp_path / "points"
    folder.mkdir()
    for path in POINTS.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    return folder


def spoil(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def commands(group: click.Group, *before: str) -> Iterator[tuple[str, ...]]:
    for name, command in group.commands.items():
        yield (*before, name)
        if isinstance(command, click.Group):
            yield from commands(command, *before, name)


# help


@pytest.mark.parametrize("command", [(), *commands(main)], ids=" ".join)
def test_every_command_has_help(command: tuple[str, ...]) -> None:
    """Help says what a command does in a first line that is never cut, and goes to standard output."""
    result = run(*command, "--help")
    assert (result.exit_code, result.stderr) == (0, "")
    assert "..." not in result.stdout.replace("]...", "").replace("]... ", "")
    if command != ("rules",):
        assert "Examples:\n  eligibility " in re.sub(r"^ +", "  ", result.stdout, flags=re.MULTILINE).replace(
            "  Examples", "Examples"
        )


@pytest.mark.parametrize("command", [(), *commands(main)], ids=" ".join)
def test_help_fits_a_terminal(command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    """No line of help is wider than a terminal of 80 columns."""
    monkeypatch.setenv("COLUMNS", "80")
    assert [line for line in run(*command, "--help").stdout.splitlines() if len(line) > 80] == []


def test_the_version_is_that_of_the_package() -> None:
    """`--version` prints name and version."""
    assert re.fullmatch(r"eligibility \d+\.\d+\.\d+\n", run("--version").stdout)


def test_the_shells_can_complete() -> None:
    """The completion script that the help names is there for bash."""
    environment = {**os.environ, "_ELIGIBILITY_COMPLETE": "bash_source"}
    script = "from eligibility.cli import main; main(prog_name='eligibility')"
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True)  # noqa: S603
    assert "_eligibility_completion" in done.stdout
    assert "_ELIGIBILITY_COMPLETE=bash_source eligibility" in run("--help").stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("evalute",), "Did you mean 'evaluate'?"),
        (("evaluate", EXAMPLE, "--as-off", "2026-01-01"), "Did you mean '--as-of'?"),
        (("evaluate", EXAMPLE, "--as-of", "01.02.2026"), "E602 "),
        (("evaluate", EXAMPLE, "--as-of", "2026-02-30"), "E602 "),
        (("evaluate", EXAMPLE, "--pathway", "gb.skiled_worker"), "did you mean `gb.skilled_worker`?"),
        (("evaluate", EXAMPLE, "--engine", "quick"), "'durable', 'reference'"),
        (("evaluate", EXAMPLE, "--format", "pdf"), "'json'"),
        (("evaluate", EXAMPLE, "--depth", "-1"), "x>=0"),
        (("evaluate",), "Missing argument 'PROFILE'"),
        (("rules", "show", "gb.skiled_worker"), "did you mean `gb.skilled_worker`?"),
        (("rules", "show", "gb.skilled_worker", "--as-of", "soon"), "E602 "),
        (("schema", "profiles"), "'profile'"),
        (("test", "gb.skiled_worker"), "did you mean `gb.skilled_worker`?"),
        (("test", "x" * 5_000), "there is no rule, pack or folder"),
        ((), "Usage:"),
    ],
    ids=lambda value: " ".join(map(str, value)) if isinstance(value, tuple) else None,
)
def test_wrong_usage_is_said_with_the_right_one(arguments: tuple[str | Path, ...], said: str) -> None:
    """A wrong command, option or name ends with exit code 2, nothing on standard output, and a suggestion."""
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (Exit.USAGE, "")
    assert said in result.stderr


# evaluate


def test_a_report_goes_to_standard_output() -> None:
    """The text report names the date and the pathway, on standard output alone, without escape codes."""
    result = run("evaluate", EXAMPLE, "--as-of", "2026-11-23", "--pathway", "gb.skilled_worker")
    assert (result.exit_code, result.stderr) == (0, "")
    assert "2026-11-23" in result.stdout
    assert "gb.skilled_worker" in result.stdout
    assert not ESCAPE.search(result.stdout)


def test_json_is_the_report_as_it_is() -> None:
    """`--format json` prints the JSON of the report, byte for byte."""
    arguments = ("evaluate", EXAMPLE, "--as-of", "2026-11-23", "--pathway", "gb.skilled_worker", "--format", "json")
    report = LOAD().evaluate(EXAMPLE, as_of="2026-11-23", pathways=["gb.skilled_worker"])
    result = run(*arguments)
    assert result.stdout.rstrip("\n") == report.to_json().rstrip("\n")
    assert json.loads(result.stdout)


def test_markdown_is_markdown() -> None:
    """`--format markdown` prints headings, and no escape codes."""
    result = run("evaluate", EXAMPLE, "--as-of", "2026-11-23", "--pathway", "gb.skilled_worker", "--format", "markdown")
    assert re.search(r"^# ", result.stdout, flags=re.MULTILINE)
    assert not ESCAPE.search(result.stdout)


def test_depth_limits_the_text() -> None:
    """`--depth 0` shows the criteria without what stands below them."""
    arguments = ("evaluate", EXAMPLE, "--as-of", "2026-11-23", "--pathway", "gb.skilled_worker")
    assert len(run(*arguments, "--depth", "0").stdout.splitlines()) < len(run(*arguments).stdout.splitlines())


@pytest.mark.parametrize("engine", evaluate.ENGINES)
def test_the_report_names_the_engine_that_was_asked_for(engine: str) -> None:
    """`--engine` chooses the engine, and the JSON report says which one answered."""
    result = run("evaluate", "-", *CARD, "--engine", engine, "--format", "json", input=json.dumps(GOOD))
    assert json.loads(result.stdout)["engine"] == engine


def test_the_command_line_offers_every_engine() -> None:
    """The engines of `--engine` are those of the library."""
    assert evaluate.ENGINES == engine.ENGINES


def test_a_profile_comes_from_standard_input() -> None:
    """`-` reads the profile from standard input, with or without a byte order mark."""
    text = json.dumps(GOOD)
    assert (
        run("evaluate", "-", *CARD, input=text).stdout
        == run("evaluate", "-", *CARD, input=b"\xef\xbb\xbf" + text.encode()).stdout
    )


def test_without_a_date_it_is_today(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without `--as-of` the date is that of the clock, and the report says it."""
    monkeypatch.setattr(evaluate, "today", lambda: date(2022, 2, 22))
    result = run("evaluate", "-", "--rules", POINTS, "--pathway", "points.card", input=json.dumps(GOOD))
    assert "2022-02-22" in result.stdout
    assert abs((shell.today() - date.today()).days) <= 1  # noqa: DTZ011  # the clock of this machine


def test_only_the_command_line_reads_the_clock() -> None:
    """No module but `cli/shell.py` asks what day it is."""
    asking = re.compile(r"\b(today\(\)|now\(|time\(\)|utcnow)")
    found = [
        path
        for path in (ROOT / "src").rglob("*.py")
        if asking.search(path.read_text(encoding="utf-8")) and "cli" not in path.parts
    ]
    assert found == []


@pytest.mark.parametrize(
    ("changes", "as_of", "code"),
    [
        ({}, "2023-01-01", Exit.DONE),
        ({"experience": False, "language": False}, "2023-01-01", Exit.NOT_ELIGIBLE),
        ({"language": None}, "2023-01-01", Exit.UNDETERMINED),
        ({"reference": True}, "2023-01-01", Exit.SUBJECT_TO_JUDGEMENT),
        ({}, "2019-01-01", Exit.NO_WAY_IN),
    ],
)
def test_the_exit_code_tells_the_outcome_where_it_is_asked_to(changes: dict[str, object], as_of: str, code: Exit) -> None:
    """`--exit-status` gives each outcome a code; without it, every outcome ends with 0."""
    profile = json.dumps({"card": {**GOOD["card"], **changes}})
    arguments = ("evaluate", "-", "--rules", POINTS, "--pathway", "points.card", "--as-of", as_of)
    assert run(*arguments, "--exit-status", input=profile).exit_code == code
    assert run(*arguments, input=profile).exit_code == Exit.DONE


def test_the_exit_code_tells_the_best_outcome_of_several() -> None:
    """With several pathways the code is that of the best outcome; assessments do not count unless they are named."""
    profile = json.dumps(GOOD)
    both = ("--pathway", "points.card", "--pathway", "gb.skilled_worker")
    assert run("evaluate", "-", "--rules", POINTS, *AS_OF, *both, "--exit-status", input=profile).exit_code == Exit.DONE
    assert run("evaluate", "-", "--rules", POINTS, *AS_OF, "--exit-status", input=profile).exit_code == Exit.DONE
    insolvent = json.dumps({"employer": {"insolvent": True}})
    arguments = ("evaluate", "-", "--as-of", "2026-11-23", "--exit-status")
    assert run(*arguments, input=insolvent).exit_code == Exit.UNDETERMINED
    assert run(*arguments, "--pathway", "core.employer", input=insolvent).exit_code == Exit.NOT_ELIGIBLE


@pytest.mark.parametrize(
    ("profile", "said"),
    [
        ("", "E400 the profile is not JSON"),
        ("{", "E400 the profile is not JSON"),
        ("[]", "E402 expected an object"),
        ("{}", "E407 the profile states no fact"),
        ('{"ofer": {}}', "did you mean `offer`?"),
        ('{"offer": {"country": "England"}}', "offer.country: E402"),
        ('{"offer": {"country": "GB", "country": "DE"}}', "stands twice"),
        ("[" * 100_000, "nested"),
        ('{"offer": {"title": "' + "x" * 1_100_000 + '"}}', "larger than"),
        ("\x00", "E400 the profile is not JSON"),
        ('{"\\u001b[31mred": 1}', "unknown fact"),
    ],
    ids=["empty", "cut", "list", "nothing", "typo", "value", "twice", "deep", "large", "control", "escape"],
)
def test_a_bad_profile_is_an_answer_not_a_traceback(profile: str, said: str) -> None:
    """A profile that is not valid ends with exit code 4 and says what is wrong; terminal codes in it are not passed on."""
    result = run("evaluate", "-", *AS_OF, input=profile)
    assert (result.exit_code, result.stdout) == (Exit.INVALID_PROFILE, "")
    assert said in result.stderr
    assert "\x1b" not in result.stderr


def test_a_profile_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    """A missing file and a folder are profiles that cannot be read."""
    for path in (tmp_path / "missing.json", tmp_path):
        result = run("evaluate", path)
        assert (result.exit_code, result.stdout) == (Exit.INVALID_PROFILE, "")
        assert "the profile cannot be read" in result.stderr


@pytest.mark.parametrize(
    "command", [("evaluate", EXAMPLE), ("rules", "list"), ("rules", "show", "points.card"), ("schema", "profile")]
)
def test_rules_that_do_not_load_stop_every_command(pack: Path, command: tuple[str | Path, ...]) -> None:
    """Invalid rules end with exit code 3 and the place of the mistake, whatever was asked for."""
    spoil(pack / "card.yaml", "pass_mark: pass_mark", "pass_mark: pas_mark")
    result = run(*command, "--rules", pack)
    assert (result.exit_code, result.stdout) == (Exit.INVALID_RULES, "")
    assert re.search(r"card\.yaml:\d+:\d+: E\d{3} ", result.stderr)
    assert "did you mean `pass_mark`?" in result.stderr


def test_an_engine_that_gives_way_is_said_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the engine fails, the reference engine answers, and one line on standard error says so."""

    class Failing(ReferenceEngine):
        def run(self, *_: object) -> object:  # type: ignore[override]
            raise EngineError([Diagnostic("E500", "it is out of order")])

    monkeypatch.setattr(engine.RuleSet, "_engine", lambda _self, _name: Failing())
    result = run("evaluate", "-", *CARD, "--format", "json", input=json.dumps(GOOD))
    assert result.exit_code == 0
    assert json.loads(result.stdout)["engine"] == "reference"
    assert result.stderr == "warning: the durable engine could not answer (it is out of order); the reference engine did\n"


# check and test


def test_check_counts_what_a_pack_holds() -> None:
    """A sound pack is counted: rules, facts and scenarios."""
    result = run("check", POINTS)
    assert result.stdout == (
        "points 1.0.0 (Points against a pass mark): 1 pathway, 0 assessments, 4 facts, 9 scenarios\n1 rule, no errors\n"
    )
    assert (result.exit_code, result.stderr) == (0, "")


def test_check_without_a_path_checks_the_bundled_rules() -> None:
    """The bundled rules are sound."""
    result = run("check")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.endswith("rules, no errors\n")


def test_check_adds_the_bundled_packs_that_are_needed() -> None:
    """A pack that uses facts of another is checked together with it, and with no more; a path inside a pack stands for it."""
    whole = run("check", ROOT / "rules" / "sg")
    assert [line.split()[0] for line in whole.stdout.splitlines()[:-1]] == ["core", "sg"]
    assert run("check", ROOT / "rules" / "sg" / "employment_pass").stdout == whole.stdout


def test_check_shows_every_mistake_with_its_place(pack: Path) -> None:
    """All mistakes of all files are shown at once, on standard error."""
    spoil(pack / "card.yaml", "cite: LAW 3", "cite: LEX 3")
    spoil(pack / "facts.yaml", "type: integer", "type: intger")
    result = run("check", pack)
    assert (result.exit_code, result.stdout) == (Exit.INVALID_RULES, "")
    assert {"points/card.yaml", "points/facts.yaml"} <= {line.partition(":")[0] for line in result.stderr.splitlines()}


@pytest.mark.parametrize("path", ["missing", "empty"])
def test_a_folder_without_rules_is_said(tmp_path: Path, path: str) -> None:
    """A folder that is not there, or holds no pack, is an error of rules."""
    (tmp_path / "empty").mkdir()
    result = run("check", tmp_path / path)
    assert result.exit_code == Exit.INVALID_RULES
    assert "E100" in result.stderr


@pytest.mark.parametrize("engine", evaluate.ENGINES)
def test_test_counts_what_passed(engine: str) -> None:
    """Scenarios that pass are counted; the exit code is 0."""
    result = run("test", POINTS, "--engine", engine)
    assert (result.exit_code, result.stdout, result.stderr) == (0, "9 scenarios of 1 rule: 9 passed, 0 failed\n", "")


def test_test_shows_what_failed_with_its_place(pack: Path) -> None:
    """A scenario that fails is shown with file and line, title, and what came out; the exit code is 1."""
    spoil(
        pack / "scenarios.yaml",
        "as_of: 2023-12-31, expect: {outcome: eligible}",
        "as_of: 2023-12-31, expect: {outcome: not_eligible}",
    )
    result = run("test", pack)
    assert result.exit_code == Exit.FAILURE
    first, second, last = result.stdout.splitlines()
    assert first == f"FAILED {pack}/scenarios.yaml:5: points.card enough as of 2023-12-31: 3 + 2 + 2 + 1 reach 6"
    assert second == "    outcome: expected not_eligible, came out eligible"
    assert last == "9 scenarios of 1 rule: 8 passed, 1 failed"


@pytest.mark.parametrize(
    ("targets", "count"),
    [(["points.card"], 9), (["points"], 9), ([], 9), (["scenarios.yaml"], 9), (["facts.yaml"], 0)],
    ids=str,
)
def test_test_takes_paths_and_ids(pack: Path, targets: list[str], count: int) -> None:
    """A rule, a pack, a folder or a file chooses the scenarios that run; that there is none is a failure."""
    names = [str(pack / name) if name.endswith(".yaml") else name for name in targets]
    result = run("test", *([] if targets and targets[0].endswith(".yaml") else [pack]), *names)
    assert (f"{count} scenarios" in result.stdout) == bool(count)
    assert result.exit_code == (Exit.DONE if count else Exit.FAILURE)


def test_verbose_names_every_scenario() -> None:
    """`--verbose` has a line for each scenario, passed or not."""
    result = run("test", POINTS, "--verbose")
    assert sum(line.startswith("passed ") for line in result.stdout.splitlines()) == 9


def test_a_path_of_a_test_must_exist(tmp_path: Path) -> None:
    """Something with a slash is a path, not the id of a rule."""
    assert run("test", tmp_path / "missing").exit_code == Exit.INVALID_RULES


# rules and schema


def test_rules_are_listed_for_people_and_for_programs() -> None:
    """The text has a line for each rule, nothing cut; the JSON has the same rules."""
    text, data = run("rules", "list"), json.loads(run("rules", "list", "--format", "json").stdout)
    rules = LOAD().book.rules
    assert [line.split()[0] for line in text.stdout.splitlines()] == ["id", *rules]
    assert all(rule.title in line for line, rule in zip(text.stdout.splitlines()[1:], rules.values(), strict=True))
    assert [each["id"] for each in data] == [*rules]
    assert not ESCAPE.search(text.stdout)


def test_a_rule_is_shown_whole() -> None:
    """The page of a rule names every criterion, figure, list, table, derived value, note and source it has."""
    rule = LOAD().book.rules["gb.skilled_worker"]
    shown = run("rules", "show", "gb.skilled_worker", "--as-of", "2025-07-22").stdout
    names = [each.path.rpartition(".")[2] for criterion in rule.criteria for each in criterion.walk()]
    for part in (*rule.parameters, *rule.lists, *rule.tables, *rule.derived, *names):
        assert part in shown
    for text in (
        [note.say for note in rule.notes] + [each.say for each in rule.about] + [each.otherwise for each in rule.concerns]
    ):
        assert text in shown
    assert "> from 2025-07-22: GBP 41,700 a year [SW 4.4 (HC 997); grade A" in shown
    assert "  from 2024-04-04 until 2025-07-22: GBP 38,700 a year [SW 4.4 (HC 590); grade A]" in shown
    assert "SW: Immigration Rules, Appendix Skilled Worker (read on 2025-12-06, grade A)" in shown


def test_every_rule_can_be_shown() -> None:
    """Every bundled rule has a page, made of data that JSON can hold."""
    rules = LOAD()
    for rule in rules.book.rules:
        data = rule_data(rules, rule, date(2026, 11, 23))
        assert rule_page(json.loads(json.dumps(data))) == rule_page(data)
        assert rule_page(data).startswith(f"{rule}: ")
    shown = run("rules", "show", "core.role", "--as-of", "2026-11-23", "--format", "json").stdout
    assert json.loads(shown) == rule_data(rules, "core.role", date(2026, 11, 23))


def test_a_rule_is_shown_with_what_other_packs_put_in_its_place(pack: Path, tmp_path: Path) -> None:
    """An override shows in the page of the rule it changes, with its own source."""
    other = tmp_path / "acme"
    other.mkdir()
    other_pack = (pack / "pack.yaml").read_text(encoding="utf-8").replace("pack: points", "pack: acme")
    (other / "pack.yaml").write_text(other_pack, encoding="utf-8")
    (other / "policy.yaml").write_text(
        "amends: acme.policy\n"
        "sources: {HOUSE: {title: House rules, read_on: 2026-01-01, grade: A}}\n"
        "overrides:\n"
        "  points.card.parameters.young_until:\n"
        "    {title: age limit here, unit: years, cite: HOUSE 1, values: {2020-01-01: {value: 40}}}\n"
        "  points.card.criteria.reference: {title: A reference is given, cite: HOUSE 2, met_when: card.reference}\n",
        encoding="utf-8",
    )
    shown = run("rules", "show", "points.card", "--rules", pack, "--rules", other).stdout
    assert "age limit here" in shown
    assert "from 2020-01-01: 40 years [HOUSE 1; grade A]" in shown
    assert "reference: A reference is given [HOUSE 2; grade A]" in shown
    assert "HOUSE: House rules (read on 2026-01-01, grade A)" in shown


@pytest.mark.parametrize("name", ["profile", "rules", "report"])
def test_schemas_are_printed(name: str) -> None:
    """`schema` prints a JSON Schema of draft 2020-12."""
    result = run("schema", name)
    assert json.loads(result.stdout)["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert (result.exit_code, result.stderr) == (0, "")


def test_the_schema_of_a_profile_grows_with_packs() -> None:
    """Facts of packs given by `--rules` are in the profile schema."""
    assert "card" in json.loads(run("schema", "profile", "--rules", POINTS).stdout)["properties"]


# streams


@pytest.mark.parametrize(
    "command", [("rules", "show", "us.h1b"), ("schema", "profile"), ("evaluate", EXAMPLE)], ids=lambda each: each[0]
)
def test_a_reader_that_leaves_early_is_no_error(command: tuple[str | Path, ...]) -> None:
    """When the other end of a pipe closes, the command ends without a word, as one killed by the closed pipe."""
    process = start(*command)
    assert process.stdout is not None
    process.stdout.close()
    assert process.wait(60) == Exit.CLOSED_PIPE
    assert process.stderr is not None
    assert process.stderr.read() == b""
    _close(process)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device that is always full is a thing of Linux")
@pytest.mark.parametrize("command", [("rules", "list"), ("--help",), ("evaluate", "--help")], ids=" ".join)
def test_output_that_cannot_be_written_is_a_failure(command: tuple[str, ...]) -> None:
    """A full disk is said, and the exit code is 1."""
    with Path("/dev/full").open("wb") as full:
        process = start(*command, stdout=full)
        _, error = process.communicate(timeout=60)
    assert process.returncode == Exit.FAILURE
    assert error == b"the output cannot be written: no space left on device\n"


def test_closed_streams_are_said() -> None:
    """A process without standard output, or without standard input to read a profile from, fails in words."""
    arguments = f"{sys.executable} -m eligibility"
    closed_out = subprocess.run(f"{arguments} rules list >&-", shell=True, capture_output=True, text=True, check=False)  # noqa: S602
    assert (closed_out.returncode, closed_out.stderr) == (
        Exit.FAILURE,
        "the output cannot be written: standard output is closed\n",
    )
    closed_in = subprocess.run(f"{arguments} evaluate - <&-", shell=True, capture_output=True, text=True, check=False)  # noqa: S602
    assert closed_in.returncode == Exit.USAGE
    assert "standard input is closed; give the name of a file" in closed_in.stderr


def test_an_interrupted_command_says_so() -> None:
    """Ctrl-C ends a command with exit code 130 and one line."""
    process = start("evaluate", "-")
    time.sleep(1.5)  # until it waits for the profile
    process.send_signal(signal.SIGINT)
    out, error = process.communicate(timeout=60)
    assert (process.returncode, out, error.strip()) == (Exit.INTERRUPTED, b"", b"interrupted")


def test_characters_the_terminal_cannot_show_are_no_error() -> None:
    """With a narrow character set, text is written with escapes instead of failing."""
    environment = {**os.environ, "PYTHONIOENCODING": "latin-1"}
    process = start("evaluate", EXAMPLE, "--as-of", "2026-11-23", "--pathway", "gb.skilled_worker", env=environment)
    out, error = process.communicate(timeout=60)
    assert (process.returncode, error) == (0, b"")
    assert b"\\u2713" in out


@pytest.mark.parametrize(
    ("variables", "coloured"),
    [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)],
    ids=["plain", "NO_COLOR", "dumb"],
)
@pytest.mark.parametrize(
    "command",
    [("evaluate", EXAMPLE, "--pathway", "gb.skilled_worker"), ("rules", "list"), ("rules", "show", "core.seniority")],
    ids=["evaluate", "list", "show"],
)
def test_a_terminal_has_colour_unless_not_wanted(
    command: tuple[str | Path, ...], variables: dict[str, str], *, coloured: bool
) -> None:
    """On a terminal there is colour; not where NO_COLOR is set or the terminal has none."""
    environment = {key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "FORCE_COLOR")}
    shown = on_terminal(*command, environment={**environment, "TERM": "xterm-256color", "COLUMNS": "100", **variables})
    assert bool(ESCAPE.search(shown)) == coloured
    assert max(len(re.sub(r"\x1b\[[0-9;]*m", "", line)) for line in shown.splitlines() if "http" not in line) <= 100


def on_terminal(*arguments: str | Path, environment: dict[str, str]) -> str:
    """What a command writes to a terminal."""
    leader, follower = pty.openpty()
    process = start(*arguments, stdout=follower, stderr=follower, env=environment)
    os.close(follower)
    parts: list[bytes] = []
    while True:
        try:
            part = os.read(leader, 65_536)
        except OSError:  # how Linux says that the other end is closed
            break
        if not part:
            break
        parts.append(part)
    process.wait(60)
    os.close(leader)
    _close(process)
    return b"".join(parts).decode().replace("\r\n", "\n")


def _close(process: subprocess.Popen[bytes]) -> None:
    for stream in (process.stdin, process.stdout, process.stderr):
        if stream is not None:
            stream.close()
