"""CSV: cells of text become facts, named by the header or by a file of columns; a bad row is rejected by itself."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest

from batch_runs import BODY, rules, run
from eligibility.batch import csv_rows
from eligibility.diagnostics import UsageError
from eligibility.engine import RuleSet
from small_rules import load

__all__ = ["rules"]

HEAD = "applicant.english,applicant.nationalities,offer.country,offer.yearly_cost\n"


def write(path: Path, text: str) -> Path:
    """A file of text as it is."""
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    return path


def said(rules: RuleSet, folder: Path, text: str, columns: str = "") -> str:
    """What is said about a file that is refused."""
    options: dict[str, Any] = {"columns": write(folder / "columns.yaml", columns)} if columns else {}
    with pytest.raises(UsageError) as caught:
        run(rules, write(folder / "in.csv", text), **options)
    return str(caught.value).replace(str(folder), "")


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_cells_become_facts(rules: RuleSet, tmp_path: Path, separator: str, end: str) -> None:
    """Numbers, words and lists are read from text, an empty cell states nothing, whatever separates cells and lines."""
    rows = [
        [
            "applicant.english",
            "applicant.nationalities",
            "offer.country",
            "offer.yearly_cost",
            "offer.permanent",
            "offer.start_date",
        ],
        ["B2", "FR" if separator == ";" else "FR;DE", "GB", "45000.50", "yes", "2026-07-01"],
        ["B2", "GB", "GB", "45000", "FALSE", ""],
        ["B2", "FR", "GB", "", "", ""],
        ["A1", "[]", "GB", " 45000 ", "", ""],
        ["B2", "FR", "DE", "nan", "", ""],
    ]
    path = write(tmp_path / "in.csv", "".join(separator.join(row) + end for row in rows))
    found = run(rules, path)
    assert found.outcomes == ["eligible", "not_eligible", "undetermined", "not_eligible", "not_applicable"]


def test_quotes_hold_separators_and_lines(rules: RuleSet, tmp_path: Path) -> None:
    """A cell in quotes may hold the separator, quotes and lines; rows stay in order beside those without quotes."""
    text = f'offer.title,{HEAD}"Lead, ""ML""\nand more",B2,FR,GB,45000\nEngineer,B2,"FR;DE",GB,1\n'
    assert run(rules, write(tmp_path / "in.csv", text)).outcomes == ["eligible", "not_eligible"]


def test_a_long_cell_is_a_cell(rules: RuleSet, tmp_path: Path) -> None:
    """A cell in quotes may be long and hold many lines, and the rows after it keep their places."""
    columns = write(tmp_path / "columns.yaml", "ignore: [notes]")
    notes = "a line, and more\n" * 20_000
    text = f'notes,{HEAD}"{notes}",B2,FR,GB,45000\nshort,B2,FR,GB,1\n"",B2,FR,GB,45000\n'
    found = run(rules, write(tmp_path / "in.csv", text), columns=columns)
    assert (found.outcomes, found.rejects) == (["eligible", "not_eligible", "eligible"], [])


def test_a_row_of_too_many_or_too_few_cells_is_rejected(rules: RuleSet, tmp_path: Path) -> None:
    """A row with another number of cells than the header is rejected with code E415, with and without quotes around it."""
    good = "B2,FR,GB,45000\n"
    for text in (f"{good}B2,FR\n{good}B2,FR,GB,1,2\n", f'"B2",FR,GB,45000\nB2,FR\n{good}"B2",FR,GB,1,2\n'):
        found = run(rules, write(tmp_path / "in.csv", HEAD + text))
        assert found.outcomes == ["eligible", None, "eligible", None]
        assert [(each["row"], each["code"], each["reason"]) for each in found.rejects] == [
            (2, "E415", "expected 4 cells, found 2"),
            (4, "E415", "expected 4 cells, found 5"),
        ]
        assert found.rejects[0]["next_step"] == "put a cell that holds `,` in quotes"


def test_bad_cells_are_rejected_with_all_that_is_wrong(rules: RuleSet, tmp_path: Path) -> None:
    """Every cell of a row that does not fit is named, and the rows around it are evaluated."""
    found = run(rules, write(tmp_path / "in.csv", f"{HEAD}B2,FR,GB,45000\nD9,FR;XX,GB,much\nB2,FR,GB,1.2345678\n"))
    assert found.outcomes == ["eligible", None, None]
    assert [(each["row"], each["path"], each["code"]) for each in found.rejects] == [
        (2, "applicant.english", "E402"),
        (2, "applicant.nationalities[1]", "E402"),
        (2, "offer.yearly_cost", "E402"),
        (3, "offer.yearly_cost", "E402"),
    ]
    assert found.rejects[2]["reason"] == "expected a number for the yearly cost of the job, found the text `much`"
    assert found.summary.rejected == 2
    assert {(each.path, each.rows) for each in found.summary.reasons} == {
        ("applicant.english", 1),
        ("applicant.nationalities", 1),
        ("offer.yearly_cost", 2),
    }


def test_a_row_that_states_nothing_is_rejected(rules: RuleSet, tmp_path: Path) -> None:
    """A row of empty cells is no profile, as an empty object is none."""
    found = run(rules, write(tmp_path / "in.csv", f"{HEAD},,,\nB2,FR,GB,45000\n"))
    assert ([each["code"] for each in found.rejects], found.outcomes) == (["E407"], [None, "eligible"])


def test_bytes_that_are_no_text_are_rejected(rules: RuleSet, tmp_path: Path) -> None:
    """A row that is not UTF-8 is rejected by itself."""
    text = f"offer.title,{HEAD}Engineer,B2,FR,GB,45000\nIng\udcffnieur,B2,FR,GB,45000\nEngineer,B2,FR,GB,45000\n"
    found = run(rules, write(tmp_path / "in.csv", text))
    assert found.outcomes == ["eligible", None, "eligible"]
    assert found.rejects[0]["reason"] == "the row is not UTF-8"


def test_a_quote_that_is_not_closed_ends(rules: RuleSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A quote that nobody closes takes a limited number of rows with it, not the rest of the file."""
    monkeypatch.setattr(csv_rows, "BLOCK", 400)
    monkeypatch.setattr(csv_rows, "LONGEST_ROW", 200)
    good = "B2,FR,GB,45000\n"
    found = run(rules, write(tmp_path / "in.csv", f'{HEAD}{good}"B2,FR,GB,45000\n{good * 200}'))
    assert (found.outcomes[0], found.outcomes[1], found.outcomes[-1]) == ("eligible", None, "eligible")
    assert found.summary.rejected == 1
    assert found.summary.rows > 150


def test_a_column_that_nobody_knows_is_refused(rules: RuleSet, tmp_path: Path) -> None:
    """Every column is a fact, carried along, or ignored by name; others are refused with code E611 and what was meant."""
    assert said(rules, tmp_path, "offer.yearly_costs,xyzzy\n1,2\n") == (
        "/in.csv: E611 the column `offer.yearly_costs` is no fact\n"
        "  help: did you mean `offer.yearly_cost`?\n"
        "/in.csv: E611 the column `xyzzy` is no fact\n"
        "  help: say in a file of columns which fact it is, name it there under `ignore`, or give it as `id_column` (`--id`)"
    )
    assert "did you mean `offer.salary.currency`?" in said(rules, tmp_path, "offer.salary.curency\nGBP\n")
    assert not list(tmp_path.glob("out*"))


def test_a_header_must_be_one(rules: RuleSet, tmp_path: Path) -> None:
    """A header names each column once."""
    assert "E610 column 2 of the header has no name" in said(rules, tmp_path, "offer.country,\nGB,\n")
    assert "E610 the column `offer.country` stands twice" in said(rules, tmp_path, "offer.country,offer.country\nGB,GB\n")
    assert "E610 the file is empty" in said(rules, tmp_path, "")


def test_a_header_may_go_on_in_quotes(rules: RuleSet, tmp_path: Path) -> None:
    """The first row may have quotes with lines in them; one that nobody closes ends with its line."""
    columns = write(tmp_path / "columns.yaml", 'columns: {"Level\\nof English": applicant.english}')
    text = '\ufeff"Level\nof English",applicant.nationalities,offer.country,offer.yearly_cost\nB2,FR,GB,45000\nA1,FR,GB,45000\n'
    assert run(rules, write(tmp_path / "in.csv", text), columns=columns).outcomes == ["eligible", "not_eligible"]
    assert """the column `"applicant.english` is no fact""" in said(rules, tmp_path, f'"{HEAD}B2,FR,GB,45000\n')


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (HEAD.encode("utf-16"), "E610 the file is UTF-16, not UTF-8"),
        (HEAD.encode("utf-16-le"), "E610 the file is UTF-16, not UTF-8"),
        (gzip.compress(HEAD.encode(), mtime=0), "E610 the file is compressed"),
        (b"PK\x03\x04...\n", "E610 the file is an archive or a workbook, not a text"),
        (b"PAR1...\n", "E610 the file is Parquet, not a text"),
        (b"offer.country,offer.titl\xe9\nGB,x\n", "E610 the header is not UTF-8"),
        (b"offer.country\rGB\rDE\r", "E610 a carriage return stands alone in the header"),
        (b"\nGB\n", "E610 the file has no header"),
    ],
)
def test_a_file_that_is_no_csv_in_utf8_says_so(rules: RuleSet, tmp_path: Path, data: bytes, message: str) -> None:
    """Other encodings, packed files and other line ends are named, once, with what to do."""
    (tmp_path / "in.csv").write_bytes(data)
    with pytest.raises(UsageError) as caught:
        run(rules, tmp_path / "in.csv")
    assert message in str(caught.value)
    assert [each.help != "" for each in caught.value.diagnostics] == [True]


def test_a_file_without_header_is_one_problem(rules: RuleSet, tmp_path: Path) -> None:
    """A first row that holds a profile, or only foreign names, is refused in one sentence that says what it should be."""
    assert said(rules, tmp_path, "B2,FR,GB,45000\nB2,FR,GB,1\n") == (
        "/in.csv: E611 no column of the first row is a fact: `B2`, `FR`, `GB`, `45000`\n"
        "  help: the first row names the columns, by the paths of facts or as a file of columns says"
    )
    many = ",".join(f"x{number}" for number in range(11))
    assert "`x7` and 3 more" in said(rules, tmp_path, f"{many}\n{many}\n")


def test_an_empty_amount_states_no_money(tmp_path: Path) -> None:
    """A currency and a period are the unit of an amount: beside an empty one they state nothing, and an amount needs them."""
    body = BODY.replace("offer.yearly_cost >= threshold", """'convert(offer.salary, "GBP/year") >= threshold'""")
    paid = load(tmp_path / "rules", body)
    head = (
        "applicant.english,applicant.nationalities,offer.country,offer.salary.amount,offer.salary.currency,offer.salary.period\n"
    )
    rows = [
        "B2,FR,GB,45000,GBP,year",
        "B2,FR,GB,,GBP,year",
        "B2,FR,GB, 45000,GBP,year",
        "B2,FR,GB,NaN,GBP,year",
        "A1,,GB,,GBP,year",
        "B2,FR,GB,1,,year",
        ",,,,GBP,year",
    ]
    found = run(paid, write(tmp_path / "in.csv", head + "\n".join(rows)))
    assert found.outcomes == ["eligible", "undetermined", "eligible", "undetermined", "not_eligible", None, None]
    assert [(each["row"], each["path"], each["code"]) for each in found.rejects] == [
        (6, "offer.salary", "E402"),
        (7, "profile", "E407"),
    ]
    head = "offer.country,offer.salary.currency\n"
    assert run(paid, write(tmp_path / "in.csv", f"{head}GB,GBP\n")).outcomes == [None]


def test_a_file_of_columns_names_facts_units_and_currencies(rules: RuleSet, tmp_path: Path) -> None:
    """Foreign names, words, units, currencies, separators, constants and ignored columns are written in a file."""
    columns = write(
        tmp_path / "columns.yaml",
        """\
columns:
  level: {fact: applicant.english, values: {intermediate: B1, good: B2}}
  passports: {fact: applicant.nationalities, separator: "|"}
  thousands: {fact: offer.yearly_cost, currency: GBP, period: year, times: 1000}
  basic: {fact: offer.salary, currency: GBP, period: month}
  bonus: offer.bonus.amount
  bonus_currency: offer.bonus.currency
constants: {offer.country: GB, offer.weekly_hours: 37.5}
ignore: [comments]
missing: [n/a, "-"]
""",
    )
    head = "person,level,passports,thousands,basic,bonus,bonus_currency,comments\n"
    rows = ["a,good,FR | DE,45.5,2000,1,EUR,x", "b,intermediate,FR,n/a,-,,,", "c,other,FR,45,2000.50,,,", "d,good,GB,39.999,1,,,"]
    found = run(rules, write(tmp_path / "in.csv", head + "\n".join(rows)), columns=columns, id_column="person")
    assert found.outcomes == ["eligible", "undetermined", None, "not_eligible"]
    assert [row["person"] for row in found.rows] == ["a", "b", "c", "d"]
    assert [(each["id"], each["path"]) for each in found.rejects] == [("c", "applicant.english")]


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ("columns: {x: offer.yearly_costs}", "there is no fact `offer.yearly_costs`"),
        ("columns: {x: {fact: offer.salary, currency: GBX, period: year}}", "there is no currency `GBX`"),
        ("columns: {x: {fact: offer.salary, currency: GBP, period: day}}", "there is no period `day`"),
        ("columns: {x: {fact: offer.salary, currency: GBP}}", "the column `x` has a currency or a period, but not both"),
        ("columns: {x: offer.salary}", "nothing says in which currency the column `x` is"),
        (
            "columns: {x: {fact: offer.yearly_cost, currency: EUR, period: year}}",
            "in GBP/year, the column `x` is in EUR/year",
        ),
        ("columns: {x: {fact: applicant.experience, unit: months}}", "is a fact in years, the column `x` is in months"),
        ("columns: {x: {fact: offer.permanent, times: 2}}", "the permanent job is no number"),
        ("columns: {x: {fakt: offer.permanent}}", "E110"),
        ("columns: {x: offer.title}\nconstants: {offer.title: Engineer}", "`offer.title` is both a column and a constant"),
        ("columns: {x: offer.title}\nconstants: {offer.countri: GB}", "there is no fact `offer.countri`"),
        ("columns: {x: offer.title}\nconstants: {offer.country: XX}", "expected a country"),
        ("columns: {x: offer.title}\nignore: [x]", "`x` is both a column and ignored"),
        ("columns: {x: offer.title, z: offer.country}", "there is no column `z`"),
        ("columns: {x: offer.title, zzz: offer.country}", "there is no column `zzz`\n  help: the columns are `x`"),
        ("columns: [x]", "E112"),
        ("columns: {x: 7}", "E112 expected the path of a fact, or a map for `x`, found the number `7`"),
        ("columns: {x: [offer.title]}", "E112 expected the path of a fact, or a map for `x`, found a list"),
        ("columns: {x: {fact: offer.salary, currency: GBP, period: year}}\nconstants: {offer.salary: null}", "both a column and"),
    ],
)
def test_a_file_of_columns_is_checked(rules: RuleSet, tmp_path: Path, columns: str, message: str) -> None:
    """What a file of columns says is checked before any row is read, and refused with its place."""
    assert message in said(rules, tmp_path, "x\n1\n", columns)


def test_what_is_wrong_with_a_column_is_said_once(rules: RuleSet, tmp_path: Path) -> None:
    """A column is the path of a fact or a map: what is wrong with the one is not said of the other too."""
    problems = said(rules, tmp_path, "x\n1\n", 'columns: {x: {fact: offer.title, sep: ","}, "y": [z]}')
    assert (problems.count("E112"), problems.count("E110")) == (1, 1)


def test_two_columns_of_one_fact_are_refused(rules: RuleSet, tmp_path: Path) -> None:
    """A fact has one column: two columns, a whole and a part, and a column beside a constant are refused."""
    columns = "columns: {pay: offer.yearly_cost}\nconstants: {offer.country: GB}"
    problems = said(rules, tmp_path, "pay,offer.yearly_cost,offer.country\n1,2,GB\n", columns)
    told = "the columns `pay` and `offer.yearly_cost` both give `offer.yearly_cost`\n  help: name one of them under `ignore`"
    assert told in problems
    assert "`offer.country` is both the column `offer.country` and a constant" in problems
    columns = "columns: {pay: {fact: offer.salary, currency: GBP, period: year}}"
    problems = said(rules, tmp_path, "pay,offer.salary.currency\n1,GBP\n", columns)
    assert "the columns `pay` and `offer.salary.currency` both give `offer.salary`" in problems
