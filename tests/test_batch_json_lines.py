"""JSON Lines are read as `evaluate` reads a profile: what it refuses is rejected for the same reasons."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from batch_runs import DAY, RULE, profile, rules, run, write_lines
from eligibility import facts
from eligibility.batch import json_lines
from eligibility.diagnostics import ProfileError, UsageError
from eligibility.engine import RuleSet

__all__ = ["rules"]

GOOD = json.dumps(profile())
ODD = {
    "another type": json.dumps(profile(pay="45000")),
    "a number as text": json.dumps(profile(english=7)),
    "true as a number": json.dumps(profile(pay=True)),
    "a list instead": json.dumps(profile(english=["B2"])),
    "text instead of a list": json.dumps(profile(nationalities="FR")),
    "an unknown key": json.dumps({**profile(), "applicnt": {"english": "B2"}}),
    "an unknown key that is null": json.dumps({**profile(), "applicnt": None}),
    "an unknown key of a group that is null": json.dumps(profile(salry=3)).replace("3", "null"),
    "an unknown key of money that is null": json.dumps(profile(salary={"amount": 1, "currency": "GBP", "weeks": None})),
    "an unknown key of a record that is null": json.dumps(profile(degrees=1)).replace(
        '"degrees": 1', '"degrees": [{"levl": null}]'
    ),
    "a key twice, second null": GOOD.replace('"GB"', '"GB", "country": null'),
    "a key of a group": json.dumps(profile(salry=3)),
    "a key twice": GOOD.replace('"country"', '"country": "DE", "country"'),
    "a key twice, first null": GOOD.replace('"country"', '"country": null, "country"'),
    "too many digits": GOOD.replace("45000", "45000.000000000000001"),
    "a large number": GOOD.replace("45000", "12345678901234567890"),
    "infinite": GOOD.replace("45000", "1e999"),
    "not a number": GOOD.replace("45000", "NaN"),
    "half a character": GOOD.replace('"offer"', '"offer": {"title": "\\ud800"}, "offer"'),
    "bytes that are no text": json.dumps(profile(title="x")).replace("x", "\udcff").replace("45000", "null"),
    "an escaped key": GOOD.replace("english", "engl\\u0069sh"),
    "an escaped value": GOOD.replace("B2", "B\\u0032"),
    "a colon in a text": json.dumps(profile(title="Lead: Python")),
    "a text like a list": json.dumps(profile(title="[ML] engineer: lead")),
    "a text that begins with a colon": json.dumps(profile(title=":null")),
    "a text like a null": json.dumps(profile(title=": null")),
    "a text with many digits": json.dumps(profile(title="Engineer 1234567890123456789")),
    "an empty list as a word": json.dumps(profile(english=[])),
    "an empty object as a word": json.dumps(profile(english={})),
    "two words for one": json.dumps(profile(english=["B1", "B2"])),
    "a list in a list": json.dumps(profile(nationalities=(["FR"],))),
    "quotes in a text": json.dumps(profile(title='"a": null')),
    "a space before a colon": GOOD.replace('":', '" :'),
    "a leading nought": GOOD.replace("45000", "045000"),
    "two points": GOOD.replace("45000", "45.0.00"),
    "a minus alone": GOOD.replace("45000", "-"),
    "a point alone": GOOD.replace("45000", "."),
    "no digit before the point": GOOD.replace("45000", ".5"),
    "no digit after the point": GOOD.replace("45000", "45000."),
    "no comma": GOOD.replace('"GB", ', '"GB" '),
    "a comma at the end": GOOD.replace("}}", ",}}"),
    "a comma at the beginning": GOOD.replace('{"offer"', '{,"offer"').replace('{"applicant"', '{,"applicant"'),
    "two commas": GOOD.replace('"GB", ', '"GB",, '),
    "nothing after the colon": GOOD.replace("45000", ""),
    "a bracket too many": GOOD + "}",
    "a text that goes on": GOOD.replace('"GB"', '"GB'),
    "an origin": GOOD.replace("45000", '{"value": 45000, "as_of": "2026-01-01", "source": "contract"}'),
    "an origin without a value": GOOD.replace("45000", '{"source": "contract"}'),
    "no object": "[1, 2]",
    "a number alone": "7",
    "no JSON": "nonsense",
    "an open brace": GOOD[:-1],
    "two objects": GOOD + GOOD,
    "nothing stated": "{}",
    "an empty group": '{"offer": {}}',
    "a group that is a number": '{"offer": 5}',
    "money in another unit": GOOD.replace("45000", '{"amount": 45000, "currency": "EUR", "period": "year"}'),
    "money written out": GOOD.replace("45000", '{"amount": 45000, "currency": "GBP", "period": "year"}'),
    "a value out of bounds": json.dumps(profile(weekly_hours=400)),
    "a date that is none": json.dumps(profile(start_date="2026-02-30")),
    "an unknown choice": json.dumps(profile(english="D4")),
    "explicit nulls": '{"applicant": {"english": null}, "offer": {"country": "GB", "yearly_cost": null}}',
    "a schema": json.dumps({"$schema": "profile.json", **profile()}),
}


def expected(rules: RuleSet, line: str) -> tuple[str | None, list[tuple[str, str, str]]]:
    """The status of a line and what is wrong with it, as one evaluation says it."""
    try:
        return str(rules.evaluate(line.encode("utf-8", "surrogatepass"), as_of=DAY, engine="reference")[RULE].status), []
    except ProfileError as error:
        return None, [(each.code, each.path, each.as_dict()["message"]) for each in error.diagnostics]  # type: ignore[misc]


def agrees(rules: RuleSet, lines: list[str], folder: Path, **options: Any) -> None:
    """Check that a batch says of each line what its evaluation says."""
    found = run(rules, write_lines(folder / "in.jsonl", lines), **options)
    assert found.summary.rows == len(found.rows) == len(lines)
    for number, (line, row) in enumerate(zip(lines, found.rows, strict=True), 1):
        status, problems = expected(rules, line)
        said = [(each["code"], each["path"], each["reason"]) for each in found.rejects if each["row"] == number]
        assert (row["row"], row[RULE], row["rejected"], said) == (number, status, bool(problems), problems), line


@pytest.mark.parametrize("line", ODD.values(), ids=ODD.keys())
def test_a_line_is_read_as_a_profile_is(rules: RuleSet, tmp_path: Path, line: str) -> None:
    """Whatever is odd about a line comes out as from `evaluate`, and the rows around it are not touched."""
    agrees(rules, [GOOD, line, json.dumps(profile(pay=1))], tmp_path)


def test_all_odd_lines_together(rules: RuleSet, tmp_path: Path) -> None:
    """Lines that are odd in many ways do not hide each other."""
    agrees(rules, [GOOD, *ODD.values(), GOOD], tmp_path)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.sampled_from([GOOD, GOOD, json.dumps(profile(pay=1)), *ODD.values()]), min_size=1, max_size=30),
    st.integers(200, 2000),
)
def test_no_row_is_lost_or_moved(rules: RuleSet, tmp_path_factory: pytest.TempPathFactory, lines: list[str], size: int) -> None:
    """However a file is cut into blocks, each row comes out once, in its place, as from `evaluate`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_lines, "BLOCK", size)
        agrees(rules, [GOOD.replace("GB", "DE"), *lines], tmp_path_factory.mktemp("lines"))


def test_blank_lines_are_no_rows(rules: RuleSet, tmp_path: Path) -> None:
    """Blank lines and line ends of other systems change nothing."""
    path = tmp_path / "in.jsonl"
    path.write_bytes(f"\n{GOOD}\r\n  \n{GOOD}".encode())
    assert run(rules, path).outcomes == ["eligible", "eligible"]


def test_flat_keys_are_facts(rules: RuleSet, tmp_path: Path) -> None:
    """A key may be the whole path of a fact; a fact that is stated in both ways is refused."""
    flat = {"applicant.english": "B2", "applicant.nationalities": ["FR"], "offer.country": "GB", "offer.yearly_cost": 50000}
    found = run(rules, write_lines(tmp_path / "in.jsonl", [flat, {**flat, "offer": {"country": "DE"}}]))
    assert found.outcomes == ["eligible", None]
    assert [(each["code"], each["path"]) for each in found.rejects] == [("E405", "offer.country")]
    columns = tmp_path / "columns.yaml"
    columns.write_text("columns: {where: offer.country, words: {fact: applicant.skills, values: {py: python}}}", encoding="utf-8")
    rows = [{"where": "GB", "words": ["py"], **profile(country=None)}, {"where": "GB", **profile(country="GB")}]
    found = run(rules, write_lines(tmp_path / "in.jsonl", rows), columns=columns, id_column="words")
    assert (found.outcomes, [row["words"] for row in found.rows]) == (["eligible", None], ["py", None])
    assert [(each["code"], each["path"]) for each in found.rejects] == [("E405", "offer.country")]


def test_a_key_of_every_line_that_is_no_fact_is_refused(rules: RuleSet, tmp_path: Path) -> None:
    """What every line holds is a column, and no column is dropped silently; `--id` names one that is no fact."""
    path = write_lines(tmp_path / "in.jsonl", [{"person": number, **profile()} for number in range(3)])
    with pytest.raises(LookupError, match="E611 the column `person` is no fact"):
        run(rules, path)
    assert [row["person"] for row in run(rules, path, id_column="person").rows] == ["0", "1", "2"]


def test_keys_that_come_later_are_read(rules: RuleSet, tmp_path: Path) -> None:
    """A fact that the first lines do not state is read where it is stated."""
    lines = [json.dumps(profile(english=None))] * 300 + [GOOD] * 300
    found = run(rules, write_lines(tmp_path / "in.jsonl", lines))
    assert found.outcomes == ["undetermined"] * 300 + ["eligible"] * 300


def test_a_file_of_columns_works_for_lines(rules: RuleSet, tmp_path: Path) -> None:
    """Foreign keys, at whatever depth, are named by a file of columns; a constant that a line states too is refused."""
    columns = tmp_path / "columns.yaml"
    columns.write_text(
        """\
columns:
  person.level: {fact: applicant.english, values: {good: B2}}
  person.passports: {fact: applicant.nationalities, separator: "|"}
  job.pay: {fact: offer.yearly_cost, currency: GBP, period: year, times: 1000}
  job.basic: {fact: offer.salary, currency: GBP, period: year}
constants: {offer.country: GB}
ignore: [job.notes, person.history]
missing: [n/a]
""",
        encoding="utf-8",
    )

    def line(pay: object, level: str = "good", **more: object) -> dict[str, object]:
        person = {"id": "x", "level": level, "passports": "FR|DE", "history": [{"year": 2020}]}
        return {"person": person, "job": {"pay": pay, "basic": 1000, "notes": {"a": 1}}, **more}

    rows = [
        line(45),
        line(39.9994),
        line(40),
        line("forty"),
        line(45, "n/a"),
        line(45, offer={"country": "DE"}),
        line(45, "poor"),
    ]
    found = run(rules, write_lines(tmp_path / "in.jsonl", rows), columns=columns, id_column="person.id")
    assert found.outcomes == ["eligible", "not_eligible", "eligible", None, "undetermined", None, None]
    assert [(each["row"], each["code"], each["path"]) for each in found.rejects] == [
        (4, "E402", "offer.yearly_cost"),
        (6, "E405", "offer.country"),
        (7, "E402", "applicant.english"),
    ]


@pytest.mark.parametrize("length", [50, 100, 200, 250, 351, 425, 1000, 5000])
def test_of_a_line_that_is_too_long_nothing_is_left_out(
    rules: RuleSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, length: int
) -> None:
    """A line that is longer than a profile is rejected wherever it lies, never read without its middle, and no other with it."""
    monkeypatch.setattr(json_lines, "BLOCK", 100)
    for module in (json_lines, facts):
        monkeypatch.setattr(module, "MAXIMUM_BYTES", 300)
    columns = tmp_path / "columns.yaml"
    columns.write_text("ignore: [notes]", encoding="utf-8")
    short, long = (json.dumps({"notes": "x" * size, **profile()}) for size in (1, length))
    found = run(rules, write_lines(tmp_path / "in.jsonl", [short, long, short, long, short]), columns=columns)
    assert found.outcomes[::2] == ["eligible"] * 3
    assert found.outcomes[1] == found.outcomes[3]
    assert found.outcomes[1] == ("eligible" if len(long) <= 300 else None)
    assert {each["code"] for each in found.rejects} <= {"E403"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            f"[{GOOD}, {GOOD}]",
            "E610 the file is one list of JSON, not JSON Lines\n  help: write one profile a line, as `jq -c '.[]'`",
        ),
        (f"[\n{GOOD},\n{GOOD}\n]\n", "E610 the file is one list of JSON, not JSON Lines"),
        (json.dumps(json.loads(GOOD), indent=2), "E610 the file is JSON over many lines, not JSON Lines"),
        (f"{GOOD}\n".encode("utf-16").decode("latin-1"), "E610 the file is UTF-16, not UTF-8"),
        (gzip.compress(GOOD.encode(), mtime=0).decode("latin-1"), "E610 the file is compressed"),
    ],
)
def test_a_file_that_is_no_json_lines_says_so(rules: RuleSet, tmp_path: Path, text: str, message: str) -> None:
    """A list, an object over many lines, another encoding and a packed file are refused as a whole, and what to do is said."""
    (tmp_path / "in.jsonl").write_bytes(text.encode("latin-1"))
    with pytest.raises(UsageError) as caught:
        run(rules, tmp_path / "in.jsonl")
    assert message in str(caught.value)
    assert not list(tmp_path.glob("out*"))


def test_a_row_that_is_a_list_is_rejected_by_itself(rules: RuleSet, tmp_path: Path) -> None:
    """A line that is no object does not make the file another than JSON Lines."""
    found = run(rules, write_lines(tmp_path / "in.jsonl", ["[1]", "{", GOOD]))
    assert found.outcomes == [None, None, "eligible"]
