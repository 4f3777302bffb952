"""Languages: templates, labels and formats of languages other than English, and what they must not change."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import example, given
from hypothesis import strategies as st

from eligibility import RuleError, UsageError, engine, load_rules
from eligibility.cli import main
from eligibility.cli.answers import read_answer
from eligibility.cli.rule_data import rule_data
from eligibility.cli.rule_page import rule_page
from eligibility.datatypes import BooleanType, Unit
from eligibility.engine import RuleSet
from eligibility.formatting import money, percent, quantity
from eligibility.labels import labels_read
from eligibility.language import ENGLISH, Language
from eligibility.report import Report
from eligibility.translations import read_language
from eligibility.wording import SENTENCES
from small_rules import load

EXAMPLES = Path(__file__).parents[1] / "examples"
GOLDEN = Path(__file__).parent / "golden"
AS_OF = date(2026, 11, 23)
TRANSLATED = ("de", "fr")
COMPLETE = ("de.blue_card", "gb.skilled_worker", "gb.sponsor_licence")
BODY = """
parameters:
  least: {title: least salary, unit: GBP/year, cite: LAW 1, values: {2020-01-01: {value: 41700, cite: LAW 1}}}
criteria:
  pay:
    title: The salary is high enough
    cite: LAW 1
    met_when: 'convert(offer.salary, "GBP/year", hours_per_week=offer.weekly_hours, weeks_per_year=weeks(52)) >= least'
notes:
  - {say: "The least salary is {least}.", cite: LAW 2}
"""
DIGEST = re.compile(r"\b[0-9a-f]{12}\b")
# What a report says in words, or names by them; everything else is the same in every language.
WORDS = {
    "title", "authority", "sentence", "reason", "words", "text", "label", "question", "why", "help", "name", "notice", "language",
    "untranslated",
}  # fmt: skip


@cache
def rules() -> RuleSet:
    return load_rules()


@cache
def language(code: str) -> Language:
    return read_language(code, rules().roots, rules().book)


@cache
def report(name: str, *only: str) -> Report:
    return rules().evaluate(EXAMPLES / f"{name}.json", as_of=AS_OF, pathways=only or None, engine="reference")


def in_dutch(folder: Path, text: str, body: str = BODY) -> RuleSet:
    """A small pathway with a translation into a language that no other pack knows."""
    (folder / "small" / "languages").mkdir(parents=True)
    (folder / "small" / "languages" / "nl.yaml").write_text(text, encoding="utf-8")
    return load(folder, body)


def small_report(rules: RuleSet) -> Report:
    profile = {"offer": {"weekly_hours": 40, "salary": {"amount": 38000, "currency": "GBP", "period": "year"}}}
    return rules.evaluate(profile, as_of="2026-06-01", pathways=["small.visa"], engine="reference")


def without_words(data: Any) -> Any:
    if isinstance(data, dict):
        return {key: without_words(value) for key, value in data.items() if key not in WORDS}
    return [without_words(each) for each in data] if isinstance(data, list) else data


# what there is


def test_a_language_that_is_not_there_is_reported() -> None:
    """A language that no pack knows is refused with E606, and the languages there are are named."""
    with pytest.raises(UsageError) as caught:
        rules().in_language("dee")
    assert caught.value.diagnostics[0].code == "E606"
    assert caught.value.diagnostics[0].help == "did you mean `de`?"
    with pytest.raises(UsageError) as caught:
        report("ml_engineer_munich", "de.blue_card").in_language("xx")
    assert caught.value.diagnostics[0].help == f"the languages are {', '.join(rules().languages)}"


@pytest.mark.parametrize("code", TRANSLATED)
def test_every_sentence_is_translated(code: str) -> None:
    """German and French have a template for every sentence, and the checks of the templates find nothing wrong."""
    assert SENTENCES.keys() - language(code).sentences.keys() == set()


@pytest.mark.parametrize("code", TRANSLATED)
def test_every_label_that_a_report_can_say_is_translated(code: str) -> None:
    """All that reports on German rules, the Skilled Worker visa and the sponsor licence can say is there in both languages."""
    compiled = rules().compiled(AS_OF)
    chosen = [each for each in compiled.rules if each.rule.id in COMPLETE or each.rule.pack == "de"]
    found = labels_read(compiled, chosen)
    assert list(found.lacking(language(code))) == []
    assert len(list(found.lacking(ENGLISH))) > 1_000


# what it says


@pytest.mark.parametrize(
    ("code", "name", "rule"),
    [("de", "ml_engineer_london_underpaid", "gb.skilled_worker"), ("fr", "ml_engineer_munich", "de.blue_card")],
)
def test_a_report_reads_well_in_another_language(code: str, name: str, rule: str, golden: Callable[[Path, str], None]) -> None:
    """The text of a report in German and in French is, word for word, the one that was read and found good."""
    outcome = report(name, rule).in_language(code)[rule]
    golden(GOLDEN / f"{rule}.{code}.txt", DIGEST.sub("0" * 12, outcome.to_text(depth=2)))


def test_what_a_language_lacks_stays_english_and_is_counted_once(tmp_path: Path) -> None:
    """Labels, texts and sentences that are not translated are English, and the report says once how many texts that are."""
    rules = in_dutch(tmp_path, "language: nl\nlabels:\n  facts.offer.salary: salaris\nsentences:\n  value.yes: ja\n")
    found = small_report(rules).in_language("nl")
    assert found["small.visa"].explanation.children[0].sentence.startswith("Salaris is GBP 38.000 a year; it must be at least")
    assert (
        found.as_dict()["untranslated"] == 7
    )  # the titles of the rule, the figure and the criterion, the note, and words of facts
    assert found.to_text().count("what these rules say, 7 texts are not translated") == 1
    assert "not translated" not in small_report(rules).to_text()


def test_a_language_has_templates_labels_and_texts_of_its_own(tmp_path: Path) -> None:
    """Templates, labels and texts of a language take the place of the English ones, numbers and days included."""
    rules = in_dutch(
        tmp_path,
        """\
language: nl
labels:
  facts.offer.salary: salaris
  facts.offer.salary.question: Hoeveel?
  facts.offer.weekly_hours: werkuren
  facts.offer.weekly_hours.question: Hoeveel uren?
  small.visa.title: Een visum
  small.visa.parameters.least.title: laagste salaris
  small.visa.criteria.pay.title: Het salaris is hoog genoeg
texts:
  "The least salary is {least}.": Het laagste salaris is {least}.
sentences:
  value.money: "{amount} {currency}"
  per.year: "{text} per jaar"
  bound.ge: ten minste {value}
  margin.short: "{size} te weinig"
  test.since: sinds {day}
  test.named: "{noun}, {value}{source}"
  test.compared: "{noun:capital}: {found}; vereist: {required}{margin}."
""",
    )
    found = small_report(rules).in_language("nl")
    assert found["small.visa"].title == "Een visum"
    assert found["small.visa"].notes[0].text == "Het laagste salaris is 41.700 GBP per jaar."
    assert found["small.visa"].explanation.children[0].sentence == (
        "Salaris: 38.000 GBP per jaar; vereist: ten minste laagste salaris, 41.700 GBP per jaar "
        "(sinds 1\N{NO-BREAK SPACE}januari\N{NO-BREAK SPACE}2020, LAW 1): 3.700 GBP per jaar (8,9%) te weinig."
    )
    assert found.as_dict()["untranslated"] == 0


def test_a_report_in_a_language_leaves_the_english_one_as_it_was(tmp_path: Path) -> None:
    """What a report in another language says of a gap in the law does not come up in the English one, whichever is made first."""
    text = "language: nl\ntexts:\n  Nobody published it.: Niemand heeft het bekendgemaakt.\n"
    rules = in_dutch(tmp_path, text, BODY.replace("value: 41700,", "unknown: Nobody published it.,"))
    english = small_report(rules)
    dutch = english.in_language("nl").to_text()
    assert "niemand heeft het bekendgemaakt" in dutch.lower()
    assert "niemand" not in english.to_text().lower()
    assert "nobody published it" in english.to_text().lower()


def test_a_mistake_in_a_translation_stops_no_evaluation(tmp_path: Path) -> None:
    """A wrong translation is refused where its language is asked for; in English nobody need know of it."""
    rules = in_dutch(tmp_path, "language: nl\nlabels:\n  facts.offer.salery: salaris\n")
    assert small_report(rules)["small.visa"].status.value == "not_eligible"
    with pytest.raises(RuleError) as caught:
        rules.in_language("nl")
    assert caught.value.diagnostics[0].code == "E221"


# numbers, money and days


def test_numbers_money_and_days_are_written_as_in_the_language() -> None:
    """German and French have their own separators, order of amount and currency, plurals and names of months."""
    german, french = language("de"), language("fr")
    space, thin = "\N{NO-BREAK SPACE}", "\N{NARROW NO-BREAK SPACE}"
    assert money(41700, "GBP", "year", language=german) == f"41.700{space}GBP pro Jahr"
    assert money(Fraction(82451, 2), "EUR", "month", language=french) == f"41{thin}225,50{space}EUR par mois"
    assert percent(Fraction(37, 417), language=german) == f"8,9{space}%"
    assert percent(Fraction(1, 10000), language=french) == f"moins de 0,1{space}%"
    years = Unit.parse("years")
    assert years is not None
    assert [quantity(each, years, german) for each in (1, Fraction(3, 2))] == [f"1{space}Jahr", f"1,5{space}Jahre"]
    assert [quantity(each, years, french) for each in (0, Fraction(3, 2), 2)] == [
        f"0{space}an", f"1,5{space}an", f"2{space}ans"
    ]  # fmt: skip
    assert [german.day(date(2026, 4, each)) for each in (1, 2)] == [f"{each}.{space}April{space}2026" for each in (1, 2)]
    assert [french.day(date(2026, 2, each)) for each in (1, 3)] == [f"{each}{space}février{space}2026" for each in ("1er", 3)]


@example(Fraction(10**40 + 1, 3))
@example(Fraction(10**40 + 1, 8))
@given(st.fractions(max_denominator=10**6) | st.integers(-(10**40), 10**40).map(Fraction))
def test_a_number_is_as_exact_in_every_language(number: Fraction) -> None:
    """A number has the same digits in German as in English, however long it is."""
    shown = language("de").number(number).translate(str.maketrans(",.", ".,"))
    assert shown == ENGLISH.number(number)
    assert Fraction(shown.replace(",", "").rstrip("…")) == number or shown.endswith("…")


def test_reasons_of_findings_are_translated() -> None:
    """Why something is unknown is said in the language, with the names that stand in it."""
    german = language("de")
    assert german.why("stated, but not in EUR") == "angegeben, aber nicht in EUR"
    assert german.why("no row of the table applies") == "keine Zeile der Tabelle trifft zu"
    assert german.why("Something else.") == "Something else."


# what it must not change


@pytest.mark.parametrize("code", TRANSLATED)
@pytest.mark.parametrize("name", ["ml_engineer_london", "new_graduate_incomplete", "applied_scientist_san_jose"])
def test_outcomes_and_figures_are_the_same_in_every_language(name: str, code: str) -> None:
    """A report in another language has the same outcomes, figures, margins, facts and gaps: only its words are other ones."""
    chosen = (*COMPLETE, "us.h1b", "ca.crs", "de.skilled_academic")
    english = report(name, *chosen)
    other = english.in_language(code)
    assert without_words(other.as_dict()) == without_words(english.as_dict())
    assert other.as_dict() != english.as_dict()
    assert other.receipt() == english.receipt()


def test_rules_in_a_language_report_in_it() -> None:
    """What rules in a language report and ask is what a report in English says once it is translated."""
    german = rules().in_language("de")
    source = EXAMPLES / "ml_engineer_munich.json"
    found = german.evaluate(source, as_of=AS_OF, pathways=["de.blue_card"], engine="reference")
    assert found.as_dict() == report("ml_engineer_munich", "de.blue_card").in_language("de").as_dict()
    question = german.next_questions(None, as_of=AS_OF, pathways=["de.blue_card"])[0]
    assert question.question == "Welche Staatsangehörigkeiten hat die Person?"
    assert question.why == "sagt, was anwendbar ist, und kann klären: Blaue Karte EU (Deutschland)"
    assert german.book_in("en") is rules().book


def test_yes_and_no_can_be_said_in_the_language() -> None:
    """An interview takes yes and no in its language, and in English too."""
    german = rules().in_language("de")
    stated = {"applicant": {"nationalities": ["IN"]}, "offer": {"country": "DE"}}
    asked = german.next_questions(stated, as_of=AS_OF, pathways=["de.blue_card"])
    question = next(each for each in asked if isinstance(each.type, BooleanType))
    said = [read_answer(word, question, german.book.codes, german.book.language) for word in ("ja", "Nein", "yes")]
    assert said == [True, False, True]


def test_english_reads_no_translation() -> None:
    """An evaluation in English imports neither what translates nor babel, and opens no file of a language."""
    script = """
import sys
from pathlib import Path
opened = []
sys.addaudithook(lambda event, args: opened.append(str(args[0])) if event == "open" else None)
from eligibility import load_rules
report = load_rules().evaluate(Path(sys.argv[1]), as_of="2026-11-23", pathways=["gb.skilled_worker"], engine="reference")
assert "Eligibility as of 2026-11-23" in report.to_text()
assert not any(name.partition(".")[0] == "babel" or name == "eligibility.translations" for name in sys.modules)
assert not any("languages" in path for path in opened), opened
"""
    source = str(EXAMPLES / "ml_engineer_london.json")
    done = subprocess.run([sys.executable, "-c", script, source], capture_output=True, text=True, check=False)  # noqa: S603  # our own script
    assert done.stderr == ""


# pages and commands


def test_a_page_says_its_language() -> None:
    """A page tells browsers and screen readers which language it is in, and reads its marks out in it."""
    page = report("ml_engineer_munich", "de.blue_card").in_language("de").to_html()
    assert '<html lang="de">' in page
    assert 'aria-label="zu beurteilen"' in page
    assert '<html lang="en">' in report("ml_engineer_munich", "de.blue_card").to_html()


def test_commands_answer_in_the_language_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """`--language` and ELIGIBILITY_LANGUAGE say the language of reports and interviews."""
    monkeypatch.setattr(engine, "load_rules", lambda *_: rules())
    source = str(EXAMPLES / "ml_engineer_munich.json")
    chosen = ("--pathway", "de.blue_card", "--as-of", "2026-11-23")

    def run(*arguments: str, typed: str | None = None, **variables: str) -> str:
        return CliRunner().invoke(main, [*arguments, *chosen], input=typed, env=variables).output

    assert "Blaue Karte EU (Deutschland)" in run("evaluate", source, "--language", "de")
    found = json.loads(run("evaluate", source, "--format", "json", ELIGIBILITY_LANGUAGE="fr"))
    assert (found["language"], found["untranslated"]) == ("fr", 0)
    assert found["outcomes"][0]["title"] == "Carte bleue européenne (Allemagne)"
    asked = run("ask", "--language", "de", typed="Indien\nDeutschland\n")
    assert '"nationalities": ["IN"]' in asked
    assert "2 Fragen beantwortet" in asked
    assert "there is no language `gr`" in run("evaluate", source, "--language", "gr")


def test_a_rule_is_shown_in_a_language(tmp_path: Path) -> None:
    """The page of a rule has its labels and headings in the language, and English where that has none."""
    rules = in_dutch(tmp_path, "language: nl\nlabels:\n  small.visa.title: Een visum\nsentences:\n  show.parameters: Bedragen\n")
    dutch = rules.in_language("nl")
    page = rule_page(rule_data(dutch, "small.visa", AS_OF), dutch.book.language)
    assert page.startswith("small.visa: Een visum\nPathway (WORLD)")
    assert "\nBEDRAGEN\n  least: least salary" in page
