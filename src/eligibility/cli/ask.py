"""`eligibility ask`: an interview that asks only what can still change an outcome, and writes the profile."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from eligibility.cli.options import as_of_option, language_option, rule_option
from eligibility.cli.rule_sources import exists, rules_option
from eligibility.cli.shell import Exit, is_terminal, say, today, write

if TYPE_CHECKING:
    from eligibility.cli.interview import Interview
    from eligibility.language import Language
    from eligibility.outcome import Outcome
    from eligibility.questions import Question

LONGEST_LINE = 20_000
_DECLINED = ("?", "don't know", "dont know", "unknown")
_BACK = ("<", "back")
_STOP = (".", "stop")
_SAID = ("applicant", "employer", "authority")

_EPILOG = """\b
Examples:
  eligibility ask -o profile.json
  eligibility ask profile.json -o profile.json --pathway gb.skilled_worker
  eligibility ask --pathway de.blue_card --language de
  eligibility ask --pathway de.blue_card < answers.txt > profile.json

\b
Answers to every question:
  ?  don't know: the fact is stated as null and not asked again
  <  back to the question before
  .  stop and write the profile, as the end of the input does
"""


@click.command(epilog=_EPILOG)
@click.argument("profile", required=False, type=click.Path(path_type=Path))
@click.option(
    "-o", "--output", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path), help="Write the profile to a file."
)
@as_of_option
@rule_option
@language_option
@rules_option
def ask(
    profile: Path | None,
    output: Path | None,
    as_of: str | None,
    pathways: tuple[str, ...],
    language: str,
    folders: tuple[Path, ...],
) -> int:
    """Ask what can still change an outcome; write the profile.

    The most decisive question comes first, and none is asked that could change nothing.

    PROFILE is a JSON file to go on from; without it the interview starts from nothing. Questions go to standard error, the
    profile to standard output or to a file.
    """
    from eligibility.cli.interview import Interview
    from eligibility.engine import load_rules, parse_day

    _check(profile, output)
    rules = load_rules(*folders).in_language(language)
    interview = Interview(rules, _document(profile), parse_day(as_of or today()), pathways or None)
    is_patient = is_terminal(sys.stdin)
    total = len(interview.rules.pathways) if not pathways else len(set(pathways))
    if is_patient and interview.question is not None:
        said = rules.book.language.say
        say(said("ask.always", keys=said("ask.keys")))
    try:
        _converse(interview, total, is_patient=is_patient)
    except KeyboardInterrupt:
        if output is not None and interview.document:
            _deliver(interview, output)
        raise
    _sum_up(interview, total)
    return _deliver(interview, output)


def _check(profile: Path | None, output: Path | None) -> None:
    """Refuse before the first question what would fail after the last."""
    if profile is not None and str(profile) == "-":
        raise click.UsageError("answers come from standard input, so the profile must be a file")
    if sys.stdin is None:
        raise click.UsageError("standard input is closed, so nobody can answer")
    if output is not None and exists(output) and output != profile:
        raise click.UsageError(f"`{output}` is there already; give it as PROFILE too to go on from it")
    if output is not None and not exists(output.absolute().parent):
        raise click.UsageError(f"there is no folder for `{output}`")


def _document(profile: Path | None) -> Mapping[str, object]:
    """The profile to go on from, as plain data; checked when the interview begins."""
    from eligibility.facts import MAXIMUM_BYTES, read_document

    if profile is None:
        return {}
    with profile.open("rb") as file:
        return cast("Mapping[str, object]", read_document(file.read(MAXIMUM_BYTES + 1)))


def _converse(interview: Interview, total: int, *, is_patient: bool) -> None:
    """Ask until nothing is left to ask, somebody stops, or the input ends."""
    while (question := interview.question) is not None:
        _put_question(question, total - interview.open, total, interview.rules.book.language, is_patient=is_patient)
        while True:
            line = _line()
            if line is None or line.casefold() in _words(_STOP, question):
                return
            if _takes(line, question, interview):
                break
            if is_patient:
                click.echo("> ", nl=False, err=True)


def _takes(line: str, question: Question, interview: Interview) -> bool:
    """Take a line as an answer; if it is none, say what is wrong with it."""
    from eligibility.cli.answers import form_of, read_answer
    from eligibility.diagnostics import ProfileError
    from eligibility.fitting import Misfit

    language = interview.rules.book.language
    if not line:
        say(language.say("ask.please", form=form_of(question, language), keys=language.say("ask.keys")))
        return False
    if line.casefold() in _words(_BACK, question):
        if not interview.back():
            say(language.say("ask.first"))
        return True
    if line.casefold() in _words(_DECLINED, question):
        interview.decline()
        return True
    try:
        interview.answer(read_answer(line, question, interview.rules.book.codes, language))
    except Misfit as misfit:
        say(misfit.message + (f"; {misfit.help}" if misfit.help else ""))
        return False
    except ProfileError as error:
        say("; ".join(f"{each.message}; {each.help}" for each in error.diagnostics))
        return False
    return True


def _words(words: tuple[str, ...], question: Question) -> tuple[str, ...]:
    """How something other than an answer is said: where any text is an answer, by its sign alone."""
    from eligibility.datatypes import TextType

    return words[:1] if isinstance(question.type, TextType) else words


def _line() -> str | None:
    """The next line of standard input without blanks around it; None at its end."""
    line: bytes = sys.stdin.buffer.readline(LONGEST_LINE)
    return line.decode("utf-8", "replace").strip() if line else None


def _put_question(question: Question, settled: int, total: int, language: Language, *, is_patient: bool) -> None:
    from eligibility.cli.answers import form_of, listed_choices

    about = "" if question.subject == question.label else f"{question.subject}{language.say('word.colon')}"
    form = form_of(question, language)
    if not is_patient:
        choices = f": {', '.join(listed_choices(question))}" if question.choices else ""
        say(f"{question.fact}: {about}{question.question} [{form}{choices}] ({question.why})")
        return
    progress = language.say("ask.progress", count=settled, total=total, why=question.why)
    say("\n" + (language.say(f"ask.who_{question.who}", said=progress) if question.who in _SAID else progress))
    say(f"{about}{question.question}" + (f" {question.help}" if question.help else ""))
    for choice in listed_choices(question):
        say(f"  {choice}")
    click.echo(f"[{form}] > ", nl=False, err=True)


def _sum_up(interview: Interview, total: int) -> None:
    """Say how the pathways come out, and what is left open."""
    from eligibility.status import Status

    said = interview.rules.book.language.say
    outcomes, questions = said("page.outcomes", count=total), said("ask.questions", count=interview.answered)
    say("\n" + said("ask.summary", answered=questions, count=total - interview.open, outcomes=outcomes))
    if not interview.document:
        return
    chosen = interview.pathways or [rule.id for rule in interview.rules.pathways]
    report = interview.rules.evaluate(interview.document, as_of=interview.as_of, pathways=chosen, engine="reference")
    is_unfinished = interview.question is not None
    for outcome in report:
        is_left = outcome.status is Status.UNDETERMINED and is_unfinished
        if interview.pathways or not (is_left or outcome.status is Status.NOT_APPLICABLE):
            status = said(f"status.{outcome.status.value}")
            say(f"  {outcome.id}{said('word.colon')}{status}{'' if is_left else _lacks(outcome, interview)}")


def _lacks(outcome: Outcome, interview: Interview) -> str:
    """What leaves an outcome open: facts by their labels, and figures of law that nobody can state."""
    from eligibility.questions import declaration

    book = interview.rules.book
    missing = outcome.missing
    facts = [declaration(book, each.name).label for each in missing if each.kind == "fact"]
    figures = [f"{each.name} ({each.why})" if each.why else each.name for each in missing if each.kind == "figure"]
    parts = [book.language.say("ask.not_stated", labels=", ".join(dict.fromkeys(facts)))] if facts else []
    parts += [book.language.say("ask.no_figure", labels=", ".join(figures))] if figures else []
    return f"; {'; '.join(parts)}" if parts else ""


def _deliver(interview: Interview, output: Path | None) -> int:
    """Write the profile where it is wanted; if that fails, to standard output, so that no answer is lost."""
    said = interview.rules.book.language.say
    if not interview.document:
        say(said("ask.nothing"))
        return Exit.DONE
    text = interview.text()
    if output is None:
        write(text)
        return Exit.DONE
    try:
        output.write_text(f"{text}\n", encoding="utf-8")
    except OSError as error:
        say(f"`{output}` cannot be written: {(error.strerror or 'unknown reason').lower()}; the profile follows")
        write(text)
        return Exit.FAILURE
    say(said("ask.written", file=str(output)))
    return Exit.DONE
