"""`eligibility ask`: what is typed becomes the profile, in a terminal and through a pipe, whatever is typed."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from contextlib import suppress
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from eligibility import engine
from eligibility.cli import Exit, main
from eligibility.cli.answers import form_of, listed_choices, read_answer
from eligibility.cli.interview import Interview, _json
from eligibility.diagnostics import ProfileError
from eligibility.engine import RuleSet, load_rules
from eligibility.facts import read_document
from eligibility.fitting import Misfit
from eligibility.questions import Question
from small_rules import load

EXAMPLE = Path(__file__).parents[1] / "examples" / "new_graduate_incomplete.json"
AS_OF = ("--as-of", "2026-06-01")
LOAD = cache(load_rules)
BODY = """
parameters:
  hours: {title: hours, unit: hours/week, cite: LAW 5, values: {2020-01-01: {value: 37.5, cite: LAW 5}}}
applies_when:
  - {when: offer.country == "GB", otherwise: It is elsewhere.}
criteria:
  title: {title: The right title, cite: LAW 1, met_when: 'contains(offer.title, "back")'}
  rating: {title: A good rating, cite: LAW 2, met_when: employer.rating == "A"}
  degree: {title: A degree, cite: LAW 3, met_when: any(d.level == "master" for d in applicant.degrees)}
  skills: {title: Python, cite: LAW 4, met_when: '"python" in applicant.skills'}
  hours: {title: Enough hours, cite: LAW 5, met_when: offer.weekly_hours >= hours}
"""
ANSWERS = ["GB", "python, 2", "1", "master", "Back office", "37.50", "yes", "A"]


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RuleSet:
    """Rules of one pathway, `small.visa`, that the command loads instead of the bundled ones."""
    rules = load(tmp_path / "rules", BODY)
    monkeypatch.setattr(engine, "load_rules", lambda *folders: rules)
    return rules


def ask(*arguments: str | Path, lines: list[str] | bytes = b"") -> Result:
    """Run the command on lines of answers, as if its streams were files."""
    typed = lines if isinstance(lines, bytes) else "".join(f"{line}\n" for line in lines).encode()
    result = CliRunner().invoke(main, ["ask", *map(str, arguments), *AS_OF], input=typed)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def asked(result: Result) -> list[str]:
    """The facts that were asked for, in turn."""
    return re.findall(r"^([a-z_]+(?:\.[a-z_\[\]0-9]+)+): .*\?.* \[", result.stderr, flags=re.MULTILINE)


def test_answers_become_a_profile(small: RuleSet) -> None:
    """Through a pipe every question is one line, and the answers come out as a profile that settles the pathway."""
    result = ask(lines=ANSWERS)
    assert result.exit_code == 0
    profile = json.loads(result.stdout)
    assert profile["offer"] == {"country": "GB", "title": "Back office", "weekly_hours": 37.5}
    assert profile["employer"] == {"licensed": True, "rating": "A"}
    assert profile["applicant"] == {"degrees": [{"level": "master"}], "skills": ["python", "statistics"]}
    assert '"weekly_hours": 37.50' in result.stdout
    assert small.evaluate(result.stdout, as_of="2026-06-01")["small.visa"].status.value == "eligible"
    assert len(asked(result)) == len(ANSWERS)
    assert asked(result)[:4] == ["offer.country", "applicant.skills", "applicant.degrees", "applicant.degrees[0].level"]
    assert "8 questions answered, 1 of 1 outcome settled." in result.stderr
    assert "  small.visa: eligible" in result.stderr


def test_the_end_of_the_input_ends_the_interview(small: RuleSet) -> None:
    """When the answers end, what was answered is written; when there is none, nothing is."""
    result = ask(lines=["GB", "python"])
    assert result.exit_code == 0
    assert json.loads(result.stdout) == {"offer": {"country": "GB"}, "applicant": {"skills": ["python"]}}
    assert "0 of 1 outcome settled" in result.stderr
    nothing = ask()
    assert (nothing.exit_code, nothing.stdout) == (0, "")
    assert "nothing was answered" in nothing.stderr


def test_an_answer_that_settles_everything_ends_the_interview(small: RuleSet) -> None:
    """Nothing more is asked once no answer could change an outcome."""
    result = ask("--pathway", "small.visa", lines=["DE", "never read"])
    assert asked(result) == ["offer.country"]
    assert "  small.visa: not applicable" in result.stderr


def test_what_is_not_known_is_stated_as_null(small: RuleSet, tmp_path: Path) -> None:
    """`?` states a fact as null, goes on with what still matters, and the end names what is missing."""
    result = ask(lines=["GB", *["?"] * 20])
    profile = json.loads(result.stdout)
    assert profile["offer"] == {"country": "GB", "title": None, "weekly_hours": None}
    assert profile["employer"] == {"licensed": None, "rating": None}
    assert "small.visa: undetermined; not stated: degrees, skills, " in result.stderr
    path = tmp_path / "profile.json"
    path.write_text(result.stdout)
    assert asked(ask(path)) == []


def test_the_end_names_figures_that_nobody_knows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A figure of law that is not known is not asked for: what hangs on it stays open, and the end says why."""
    body = """
    parameters:
      hours: {title: hours, unit: hours/week, cite: LAW 1, values: {2020-01-01: {unknown: Not published., cite: LAW 1}}}
    criteria:
      hours: {title: Enough hours, cite: LAW 1, met_when: offer.weekly_hours >= hours}
      permanent: {title: A permanent job, cite: LAW 2, met_when: offer.permanent}
    """
    rules = load(tmp_path / "rules", body)
    monkeypatch.setattr(engine, "load_rules", lambda *folders: rules)
    result = ask(lines=["yes"])
    assert asked(result) == ["offer.permanent"]
    assert "small.visa: undetermined; " in result.stderr
    assert "no figure: small.visa.hours (Not published.)" in result.stderr


def test_who_stops_early_sees_what_is_settled(small: RuleSet) -> None:
    """After a stop the outcomes that are settled are listed, and of the open ones those that were asked for by name."""
    assert "small.visa" not in ask(lines=["GB"]).stderr
    assert "  small.visa: undetermined\n" in ask("--pathway", "small.visa", lines=["GB"]).stderr


def test_going_back_takes_back_the_answer(small: RuleSet) -> None:
    """`<` asks the question before again, without its answer; before the first there is none."""
    result = ask(lines=["<", "GB", "python", "<", "<", "DE"])
    skills = "applicant.skills"
    assert asked(result) == ["offer.country", "offer.country", skills, "applicant.degrees", skills, "offer.country"]
    assert "this is the first question" in result.stderr
    assert json.loads(result.stdout) == {"offer": {"country": "DE"}}


def test_a_point_stops(small: RuleSet) -> None:
    """`.` writes what was answered and asks nothing more."""
    result = ask(lines=["GB", ".", "Cook"])
    assert json.loads(result.stdout) == {"offer": {"country": "GB"}}


def test_any_text_is_an_answer_where_text_is_asked_for(small: RuleSet) -> None:
    """Words that mean something elsewhere are a job title like any other; the signs still work."""
    for text in ("back", "don't know; back"):
        assert json.loads(ask(lines=[*ANSWERS[:4], text]).stdout)["offer"]["title"] == text
    assert "title" not in json.loads(ask(lines=[*ANSWERS[:4], "."]).stdout)["offer"]


def test_what_is_no_answer_is_said_and_asked_again(small: RuleSet) -> None:
    """An answer that does not fit is explained in one line, and the next line is taken for the same question."""
    result = ask(lines=["", "Germny", *ANSWERS[:6], "maybe", "yes", "C", "7", "A"])
    assert "please answer: a country or its two-letter code" in result.stderr
    assert "expected a country, found the text `Germny`; did you mean `DE` (Germany)?" in result.stderr
    assert "expected yes or no, found the text `maybe`" in result.stderr
    assert "expected a number from 1 to 3, or a name of the list, found the text `7`" in result.stderr
    assert json.loads(result.stdout)["employer"] == {"licensed": True, "rating": "A"}


def test_an_answer_that_contradicts_another_is_refused(small: RuleSet, tmp_path: Path) -> None:
    """What other facts rule out is said, and the question stays."""
    known = tmp_path / "known.json"
    known.write_text(json.dumps({"offer": {"country": "GB", "title": "back"}, "employer": {"rating": "B"}}))
    interview = Interview(small, json.loads(known.read_text()), "2026-06-01", None)
    assert interview.question is None  # it fails already
    known.write_text(json.dumps({"offer": {"country": "GB", "title": "back"}, "employer": {"rating": "A"}}))
    interview = Interview(small, json.loads(known.read_text()), "2026-06-01", None)
    interview.question = next(
        each
        for each in small.next_questions({"offer": {"country": "GB", "title": "back"}}, as_of="2026-06-01")
        if each.fact == "employer.licensed"
    )
    with pytest.raises(ProfileError, match="E404"):
        interview.answer(value=False)
    assert interview.document["employer"] == {"rating": "A"}


def test_bytes_that_are_no_text_do_no_harm(small: RuleSet) -> None:
    """Lines that are not UTF-8, or endless, are answers that do not fit."""
    result = ask(lines=b"\xff\xfe\n" + b"x" * 100_000 + b"\nGB\n")
    assert json.loads(result.stdout) == {"offer": {"country": "GB"}}
    assert "\x1b" not in ask(lines=b"\x1b[2J\nGB\n").stderr


# files


def test_a_profile_is_gone_on_from(small: RuleSet, tmp_path: Path) -> None:
    """With a file to write to, nothing goes to standard output, and the next interview goes on where the last one ended."""
    path = tmp_path / "profile.json"
    first = ask("-o", path, lines=ANSWERS[:6])
    assert (first.exit_code, first.stdout) == (0, "")
    assert f"written to {path}" in first.stderr
    second = ask(path, "-o", path, lines=ANSWERS[6:])
    assert asked(second)[0] == "employer.licensed"
    assert small.evaluate(path, as_of="2026-06-01")["small.visa"].status.value == "eligible"


def test_what_a_profile_says_beside_its_facts_stays(small: RuleSet, tmp_path: Path) -> None:
    """Where a fact comes from, exact numbers and the order of keys are written as they were read."""
    path = tmp_path / "profile.json"
    listed = '{"value": [{"awarded_on": "2020-01-01"}], "source": "diploma"}'
    path.write_text(
        f'{{"$schema": "x", "offer": {{"weekly_hours": 40.10, "country": "GB"}}, "applicant": {{"degrees": {listed}}}}}'
    )
    result = ask(path, lines=["python", "master", "Back office", "yes"])
    profile = json.loads(result.stdout)
    assert list(profile) == ["$schema", "offer", "applicant", "employer"]
    assert "40.10" in result.stdout
    assert profile["applicant"]["degrees"] == {"value": [{"awarded_on": "2020-01-01", "level": "master"}], "source": "diploma"}


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("-",), Exit.USAGE, "the profile must be a file"),
        (("-o", "{here}/there.json"), Exit.USAGE, "is there already"),
        (("-o", "{here}/no/folder.json"), Exit.USAGE, "there is no folder"),
        (("-o", "{here}"), Exit.USAGE, "is a directory"),
        (("{here}/missing.json",), Exit.FAILURE, "cannot be read"),
        (("{here}/there.json",), Exit.INVALID_PROFILE, "E401 unknown fact `ofer`"),
        (("--pathway", "small.vsa"), Exit.USAGE, "did you mean `small.visa`?"),
        (("--as-of", "soon"), Exit.USAGE, "E602"),
    ],
)
def test_what_would_fail_later_is_refused_at_once(
    small: RuleSet, tmp_path: Path, arguments: tuple[str, ...], code: Exit, said: str
) -> None:
    """Before the first question it is said what is wrong with the call, and nothing is written."""
    (tmp_path / "there.json").write_text('{"ofer": {}}')
    result = CliRunner().invoke(main, ["ask", *AS_OF, *(each.format(here=tmp_path) for each in arguments)], input="GB\n")
    assert (result.exit_code, result.stdout) == (code, "")
    assert said in result.stderr
    assert asked(result) == []


def test_answers_survive_a_file_that_cannot_be_written(small: RuleSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the file fails after the last question, the profile goes to standard output and the exit code says so."""

    def full(*_: object, **__: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    result = ask("-o", tmp_path / "profile.json", lines=["DE"])
    assert result.exit_code == Exit.FAILURE
    assert json.loads(result.stdout) == {"offer": {"country": "DE"}}
    assert "no space left on device; the profile follows" in result.stderr


# answers


def question(path: str) -> Question:
    """A question about a fact of the bundled rules."""
    declared = LOAD().book.facts[path]
    return Question(path, declared, declared.label, declared.choices, "anyone", (), (), 1, "")


MUNICH = {"applicant": {"nationalities": ["NG"]}, "offer": {"country": "DE"}}
POUNDS = {"amount": 60000, "currency": "GBP", "period": "year"}


@pytest.mark.parametrize(
    ("path", "text", "value"),
    [
        ("applicant.nationalities", "Nigeria, gb", ["NG", "GB"]),
        ("applicant.nationalities", "none", []),
        ("offer.salary", "60000 GBP year", POUNDS),
        ("offer.salary", "gbp 60,000/year", POUNDS),
        ("offer.salary", "60000 GBP per year", POUNDS),
        ("offer.salary", "28.85 eur an hour", {"amount": Decimal("28.85"), "currency": "EUR", "period": "hour"}),
        ("offer.salary", "500 EUR once", {"amount": 500, "currency": "EUR", "period": None}),
        ("applicant.degrees", "2", [{}, {}]),
        ("applicant.degrees", "none", []),
        ("offer.weekly_hours", "37.5", Decimal("37.5")),
        ("offer.occupation.isco08", "2512", "2512"),
        ("case.applied_on", "2027-01-15", "2027-01-15"),
        ("offer.binding", "Y", True),
        ("offer.binding", "no", False),
    ],
)
def test_answers_are_read_as_people_write_them(path: str, text: str, value: object) -> None:
    """Countries by name, money in any order, thousands with commas, choices by number or name."""
    rules = LOAD()
    assert read_answer(text, question(path), rules.book.codes) == value


@pytest.mark.parametrize(
    ("path", "text", "said"),
    [
        ("offer.salary", "60000", "expected an amount with currency and period, found nothing for currency and period"),
        ("offer.salary", "60000 EUR", "expected an amount with currency and period, found nothing for period"),
        ("offer.salary", "60000 EUR year net", "expected an amount with currency and period, found the text `net`"),
        ("offer.salary", "60.000,00 EUR year", "expected an amount with currency and period, found the text `60.000,00`"),
        ("offer.weekly_hours", "forty", "expected a number, found the text `forty`"),
        ("offer.weekly_hours", "1e3", "expected a number, found the text `1e3`"),
        ("offer.weekly_hours", "4000", "expected a number from "),
        ("offer.weekly_hours", "9" * 5_000, "expected a number up to 10^15, found"),
        ("case.applied_on", "15.1.2027", "expected a date, found the text `15.1.2027`"),
        ("case.applied_on", "2027-02-30", "expected a date, found `2027-02-30`, a day the calendar does not have"),
        ("applicant.degrees", "-1", "expected a whole number from 0 to 500"),
        ("applicant.degrees", "501", "expected a whole number from 0 to 500"),
        ("applicant.degrees", "a master", "expected a whole number from 0 to 500"),
        ("offer.occupation.isco08", "abc", "expected a code of isco08"),
        ("offer.binding", "2", "expected yes or no"),
    ],
)
def test_what_does_not_fit_is_explained(path: str, text: str, said: str) -> None:
    """Nothing is guessed: an answer without its currency, out of bounds or in another form is refused."""
    rules = LOAD()
    with pytest.raises(Misfit) as caught:
        read_answer(text, question(path), rules.book.codes)
    assert caught.value.message.startswith(said)


@given(st.text(max_size=30))
def test_no_text_breaks_the_reading_of_answers(text: str) -> None:
    """Whatever is typed fits the question or is refused with a reason."""
    rules = LOAD()
    for each in _some_questions():
        with suppress(Misfit):
            read_answer(text, each, rules.book.codes)


@cache
def _some_questions() -> tuple[Question, ...]:
    by_type = {str(each.type): each for each in LOAD().next_questions(MUNICH, as_of="2026-11-23")}
    return tuple(by_type.values())


def test_every_question_says_what_may_be_typed() -> None:
    """The form of an answer is named for every type, and choices are numbered."""
    assert {form_of(each) for each in _some_questions()} >= {"yes or no", "a date as YYYY-MM-DD"}
    chosen = next(each for each in _some_questions() if each.choices)
    assert next(listed_choices(chosen)).startswith("1 ")


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.decimals(allow_nan=False, allow_infinity=False, places=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(), plain, max_size=3))
def test_a_profile_is_written_as_it_was_read(document: dict[str, Any]) -> None:
    """The JSON text of any plain data reads back as the same data."""
    text = _json(document, "")
    assert read_document(text) == document
    json.loads(text)


# a terminal


def talk(*arguments: str, lines: list[str]) -> str:
    """What a terminal shows when lines are typed one after the other."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(sys.executable, [sys.executable, "-m", "eligibility", "ask", *arguments])  # noqa: S606  # our own command
    shown = _shown(terminal, "> ")
    for line in lines:
        os.write(terminal, f"{line}\n".encode())
        shown += _shown(terminal, "> ")
    os.waitpid(pid, 0)
    return shown


def _shown(terminal: int, until: str) -> str:
    shown, patience = "", time.monotonic() + 60
    while not shown.endswith(until) and time.monotonic() < patience:
        if select.select([terminal], [], [], 1)[0]:
            try:
                shown += os.read(terminal, 65_536).decode(errors="replace")
            except OSError:  # the other end is closed
                break
    return shown


def test_in_a_terminal_a_question_says_more(tmp_path: Path) -> None:
    """In a terminal a question comes with progress, the reason, who can say it, and numbered choices."""
    path = tmp_path / "profile.json"
    shown = talk("--pathway", "de.blue_card", *AS_OF, "-o", str(path), lines=["Nigeria", "Germany", "."])
    assert "`?` don't know, `<` back, `.` stop" in shown
    assert "0 of 1 settled; says what applies, and may settle EU Blue Card (Germany), for the applicant to say" in shown
    assert "Of which countries is the applicant a national?" in shown
    assert json.loads(path.read_text()) == {"applicant": {"nationalities": ["NG"]}, "offer": {"country": "DE"}}


def test_an_interruption_keeps_the_answers(tmp_path: Path) -> None:
    """Ctrl-C ends with exit code 130, after what was answered is written to the file."""
    path = tmp_path / "profile.json"
    command = [sys.executable, "-m", "eligibility", "ask", "--pathway", "de.blue_card", "-o", str(path), *AS_OF]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as process:  # noqa: S603  # our own command
        assert process.stdin is not None
        assert process.stderr is not None
        process.stdin.write(b"NG\n")
        process.stdin.flush()
        for line in process.stderr:
            if line.startswith(b"offer.country"):
                break
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) == Exit.INTERRUPTED
    assert json.loads(path.read_text()) == {"applicant": {"nationalities": ["NG"]}}
