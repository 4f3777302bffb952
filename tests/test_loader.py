"""Folders of rules: what belongs to a pack, what each file is, and what happens to bad ones."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eligibility import loader
from eligibility.diagnostics import CODES, Collector, render
from eligibility.loader import KINDS, LoadedPack, load_packs, read_csv

PACK = """\
pack: {name}
title: A pack
version: 1.0.0
jurisdiction: WORLD
language: 1
maintainer: tests
licence: Apache-2.0
"""
PATHWAY = """\
pathway: {name}
title: A visa
in_force: {{from: 2020-01-01}}
sources:
  LAW: {{title: The law, read_on: 2025-12-06, grade: A}}
criteria:
  job: {{title: The job is full-time, met_when: offer.weekly_hours >= 30, cite: LAW 1}}
"""


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write files below a folder named `rules`; the folder is the answer."""

    def files(**texts: str | bytes) -> Path:
        top = tmp_path / "rules"
        top.mkdir(exist_ok=True)
        for name, text in texts.items():
            path = top / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode() if isinstance(text, str) else text)
        return top

    return files


def load(*folders: Path) -> tuple[list[LoadedPack], str]:
    collector = Collector()
    packs = load_packs(folders, collector)
    return packs, render(collector.errors)


def test_a_folder_of_packs_is_loaded_in_order(write: Callable[..., Path]) -> None:
    """Packs come in order of their folders and files in order of their names, each sorted by what it is."""
    top = write(
        **{
            "gb/pack.yaml": PACK.format(name="gb"),
            "gb/visa/visa.yaml": PATHWAY.format(name="gb.visa"),
            "gb/a_visa.yaml": PATHWAY.format(name="gb.a_visa"),
            "gb/visa/scenarios.yaml": "scenarios: gb.visa\nprofiles: {a: {}}\ncases: {}\n",
            "gb/role.yaml": PATHWAY.format(name="gb.role").replace("pathway", "assessment"),
            "gb/facts.yaml": "countries: {file: countries.csv}\n",
            "de/pack.yaml": PACK.format(name="de"),
            "de/change.yaml": """\
amends: de.policy
overrides:
  gb.visa.criteria.job: {title: x, met_when: offer.weekly_hours >= 35, cite: LAW 1}
  gb.visa.derived.pay: {title: x, value: offer.salary}
""",
        }
    )
    packs, errors = load(top)
    assert errors == "rules/gb/visa/scenarios.yaml:3:8: E113 an empty map for `cases`\n" + "\n".join(
        [
            "    3 | cases: {}",
            "      |        ^^",
            "  help: write at least one entry, or leave the key out where it may be left out",
        ]
    )
    assert [pack.pack.model.pack for pack in packs] == ["de", "gb"]
    de, gb = packs
    assert [file.model.pathway for file in gb.pathways] == ["gb.a_visa", "gb.visa"]
    assert [file.file for file in gb.pathways] == ["rules/gb/a_visa.yaml", "rules/gb/visa/visa.yaml"]
    assert gb.pathways[1].folder == top / "gb" / "visa"
    assert gb.root == top / "gb"
    assert [file.model.assessment for file in gb.assessments] == ["gb.role"]
    assert len(gb.facts) == 1
    assert gb.scenarios == ()
    override = de.amendments[0].model.overrides["gb.visa.criteria.job"]
    assert type(override).__name__ == "Criterion"
    assert type(de.amendments[0].model.overrides["gb.visa.derived.pay"]).__name__ == "Derived"
    assert de.amendments[0].positions.value("overrides", "gb.visa.criteria.job", "title").line == 3


def test_a_folder_may_be_a_pack(write: Callable[..., Path]) -> None:
    """A folder with `pack.yaml` is one pack, and messages begin with its name."""
    packs, errors = load(write(**{"pack.yaml": PACK.format(name="gb"), "visa.yaml": PATHWAY.format(name="gb.visa")}))
    assert errors == ""
    assert [pack.pathways[0].file for pack in packs] == ["rules/visa.yaml"]


def test_numbers_of_a_file_stay_exact(write: Callable[..., Path]) -> None:
    """A decimal in a rule file is the decimal that is written, not a binary fraction."""
    visa = (
        PATHWAY.format(name="gb.visa")
        + "parameters:\n  p: {title: p, unit: count, values: {2025-01-01: {value: 1.10, cite: LAW}}}\n"
    )
    packs, errors = load(write(**{"pack.yaml": PACK.format(name="gb"), "visa.yaml": visa}))
    assert errors == ""
    (value,) = packs[0].pathways[0].model.parameters["p"].values.values()
    assert isinstance(value.value, Decimal)
    assert str(value.value) == "1.10"


def test_files_that_are_no_rules_are_ignored(write: Callable[..., Path]) -> None:
    """Hidden files and folders, READMEs and notes do not matter to a pack."""
    sound = write(**{"pack.yaml": PACK.format(name="gb")})
    before = load(sound)[0][0].digest
    write(**{"README.md": "x", ".draft.yaml": "no: no", ".git/x.yaml": "no", "notes.txt": b"\xff"})
    packs, errors = load(sound)
    assert errors == ""
    assert packs[0].digest == before


def test_the_digest_follows_names_and_bytes(write: Callable[..., Path]) -> None:
    """Any change to a rule file or table, or to its name, gives another digest; nothing else does."""
    files = {"pack.yaml": PACK.format(name="gb"), "visa.yaml": PATHWAY.format(name="gb.visa"), "rates.csv": "code\n1\n"}
    top = write(**files)
    digests = [load(top)[0][0].digest, load(top)[0][0].digest]
    write(**{"rates.csv": "code\n2\n"})
    digests.append(load(top)[0][0].digest)
    (top / "rates.csv").rename(top / "rates2.csv")
    digests.append(load(top)[0][0].digest)
    write(**{"visa.yaml": files["visa.yaml"] + "# a comment\n"})
    digests.append(load(top)[0][0].digest)
    assert digests[0] == digests[1]
    assert len(set(digests)) == 4
    assert all(len(digest) == 64 for digest in digests)


def test_a_pack_without_a_sound_pack_file_is_left_out(write: Callable[..., Path]) -> None:
    """The files of a pack are checked even if its `pack.yaml` is not sound, and the pack is not loaded."""
    packs, errors = load(
        write(**{"pack.yaml": "pack: gb\n", "visa.yaml": PATHWAY.format(name="gb.visa").replace("title: A", "titel: A")})
    )
    assert packs == []
    assert "rules/pack.yaml:1:1: E111" in errors
    assert "rules/visa.yaml:2:1: E110" in errors


def test_a_folder_that_is_missing_or_empty_is_reported(tmp_path: Path) -> None:
    """A folder without packs is an error, never an empty answer."""
    (tmp_path / "empty").mkdir()
    assert load(tmp_path / "missing") == ([], "missing: E100 there is no folder of this name")
    assert load(tmp_path / "empty")[1].startswith("empty: E100 there is no rule pack in this folder")
    assert load(tmp_path / "bad\0name")[1] == "bad\ufffdname: E100 there is no folder of this name"


def test_a_file_that_cannot_be_read_is_reported(write: Callable[..., Path]) -> None:
    """A link to nothing is reported with the reason."""
    top = write(**{"pack.yaml": PACK.format(name="gb")})
    (top / "visa.yaml").symlink_to("nowhere.yaml")
    assert load(top)[1] == "rules/visa.yaml: E101 the file cannot be read: no such file or directory"


def test_a_file_that_is_too_large_is_reported(write: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """A file beyond its limit, or a pack of too many files, is not read at all."""
    top = write(**{"pack.yaml": PACK.format(name="gb"), "visa.yaml": b"#" * 2_000_001, "rates.csv": b"#" * 8_000_001})
    assert load(top)[1] == "\n".join(
        [
            "rules/rates.csv: E102 the file is larger than 8 MB",
            "  help: split it",
            "rules/visa.yaml: E102 the file is larger than 2 MB",
            "  help: split it",
        ]
    )
    monkeypatch.setattr(loader, "MAXIMUM_FILES", 2)
    assert load(top) == ([], "rules: E102 a pack of more than 2 files\n  help: split it into several packs")


def test_a_link_to_a_folder_is_reported(write: Callable[..., Path], tmp_path: Path) -> None:
    """Rules behind a link inside a pack are not skipped without a word."""
    top = write(**{"pack.yaml": PACK.format(name="gb")})
    (tmp_path / "elsewhere").mkdir()
    (top / "more").symlink_to(tmp_path / "elsewhere")
    assert load(top)[1].startswith("rules/more: E121 a link to a folder")


def test_names_of_files_are_shown_on_one_line(write: Callable[..., Path]) -> None:
    """A file name with a line break cannot forge a message."""
    assert load(write(**{"pack.yaml": PACK.format(name="gb"), "a\nb.yaml": ""}))[1].startswith("rules/a\ufffdb.yaml: E104")


KEYS = sorted(
    {key for model in KINDS.values() for key in model.model_fields}
    | {"from", "value", "values", "all", "any", "of", "met_when", "0"}
)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.sampled_from(["x", "", "A", "2025-01-01", "gb.visa", "criteria.a"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*KEYS, "x", "a.b", "gb.visa.criteria.x"]), inner, max_size=4)
    ),
    max_leaves=25,
)


@given(kind=st.sampled_from(sorted(KINDS)), data=st.dictionaries(st.sampled_from(KEYS), ANYTHING, max_size=6))
def test_no_data_raises_an_error(kind: str, data: dict[str, object], tmp_path_factory: pytest.TempPathFactory) -> None:
    """Whatever stands in a file, it is loaded whole, or has diagnostics for every part that was left out."""
    top = tmp_path_factory.getbasetemp() / "fuzzed"
    top.mkdir(exist_ok=True)
    (top / "pack.yaml").write_text(PACK.format(name="gb"), encoding="utf-8")
    (top / "x.yaml").write_text(json.dumps({kind: data.get(kind, "gb.x"), **data}), encoding="utf-8")
    collector = Collector()
    (pack,) = load_packs([top], collector)
    loaded = [*pack.facts, *pack.pathways, *pack.assessments, *pack.amendments, *pack.scenarios]
    whole = [file for file in loaded if not file.broken]
    assert bool(whole) != bool(collector.found)
    assert len(collector.errors) == len(collector.found)
    assert all(error.code in CODES for error in collector.errors)
    wrong_types = [error.span for error in collector.errors if error.code == "E112"]
    assert len(wrong_types) == len(set(wrong_types))


@given(
    content=st.binary()
    | st.text()
    | st.lists(st.sampled_from(["a", ",", '"', "\n", "\r\n", "\r", " ", "é"]), max_size=30).map("".join)
)
def test_no_table_raises_an_error(content: bytes | str, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Any bytes are a table of equally long rows or have diagnostics."""
    path = tmp_path_factory.getbasetemp() / "table.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass"))
    collector = Collector()
    table = read_csv(path, "rules/table.csv", collector)
    assert (table is None) == bool(collector.errors)
    render(collector.errors)
    if table:
        assert len(set(table.header)) == len(table.header)
        assert len(table.rows) == len(table.lines)
        assert {len(row) for row in table.rows} <= {len(table.header)}
        for row in range(len(table.rows)):
            assert table.span(row, len(table.header) - 1).line == table.lines[row]


def test_a_cell_of_a_table_has_a_place(tmp_path: Path) -> None:
    """A cell is found by row and column, behind quotes, empty lines and cells of several lines."""
    path = tmp_path / "rates.csv"
    path.write_text('code,title,annual\n2134,"a, ""b""",1000\n\n2135,"two\nlines",2000\n2136,,3000\n', encoding="utf-8")
    collector = Collector()
    table = read_csv(path, "rules/rates.csv", collector)
    assert collector.errors == []
    assert table is not None
    assert table.header == ("code", "title", "annual")
    assert table.rows == (("2134", 'a, "b"', "1000"), ("2135", "two\nlines", "2000"), ("2136", "", "3000"))
    assert table.lines == (2, 4, 6)
    span = table.span(0, "annual")
    assert (span.file, span.line, span.text[span.column - 1 : span.column - 1 + span.length]) == ("rules/rates.csv", 2, "1000")
    assert (table.span(1, "annual").line, table.span(1, "annual").column) == (4, 1)
    assert (table.span(2, 0).column, table.span(2, 0).length) == (1, 4)
    assert table.header_span("title").column == 6
