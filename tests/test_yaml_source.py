"""Reading YAML strictly: what is accepted, what is refused, and where everything stands."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path
from unittest import mock

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from eligibility import yaml_source
from eligibility.diagnostics import Collector, Diagnostic, Span, render
from eligibility.engine import bundled_rules
from eligibility.yaml_source import REFUSED, Positions, parse_yaml, read_yaml

PARSERS = [yaml.SafeLoader] + ([yaml.CSafeLoader] if hasattr(yaml, "CSafeLoader") else [])


@contextmanager
def parser(loader: object) -> Iterator[None]:
    """Read with one of the two parsers of PyYAML."""
    with mock.patch.object(yaml_source, "_LOADER", loader):
        yield


def read(text: str | bytes) -> tuple[object, Positions, list[Diagnostic]]:
    collector = Collector()
    found = parse_yaml(text.encode() if isinstance(text, str) else text, "rules/x.yaml", collector)
    data, positions = found if found else (None, Positions("rules/x.yaml", ""))
    return data, positions, collector.errors


def marked(span: Span) -> str:
    """The text a span underlines."""
    return span.text[span.column - 1 : span.column - 1 + span.length]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1.10", Decimal("1.10")),
        ("-0.5", Decimal("-0.5")),
        ("41700", 41700),
        ("-3", -3),
        ("2024-04-04", date(2024, 4, 4)),
        ("true", True),
        ("false", False),
        ("null", None),
        ("NOR", "NOR"),
        ("3 weeks", "3 weeks"),
        ("1.0.0", "1.0.0"),
        ("15-1252.00", "15-1252.00"),
        ("'010'", "010"),
        ('"no"', "no"),
        ("a >= 1e3", "a >= 1e3"),
        ("-", "-"),
        ("١٢", "١٢"),
    ],
)
def test_a_plain_scalar_has_one_meaning(text: str, value: object) -> None:
    """Numbers are exact, dates are dates, and everything else that is not quoted is text."""
    data, _, errors = read(f"a: {text}" if text != "-" else "a: '-'")
    assert errors == []
    assert isinstance(data, dict)
    assert (type(data["a"]), data["a"]) == (type(value), value)
    assert str(data["a"]) == str(value)


AMBIGUOUS = """
    no NO yes On off y N True FALSE ~ Null
    010 00 -07 0x1F 0b1 0o17 1_000 1e3 1.5E+3 .5 5. +5 +.5 .inf -.inf .NaN 12:30 1:2:3.4 2025-1-1
"""


@pytest.mark.parametrize("text", AMBIGUOUS.split())
def test_a_scalar_with_two_meanings_is_refused(text: str) -> None:
    """What YAML 1.1 and 1.2 readers take for different things is refused, and the help says what to write."""
    data, positions, errors = read(f"a: {text}")
    assert [error.code for error in errors] == ["E108"]
    assert errors[0].help
    assert data == {"a": REFUSED}
    assert marked(positions.value("a")) == text


@pytest.mark.parametrize("text", ["2025-02-30", "2023-02-29", "2025-13-01", "0000-01-01"])
def test_a_day_that_does_not_exist_is_refused(text: str) -> None:
    """An impossible date is an error, not a text."""
    assert [error.code for error in read(f"a: {text}")[2]] == ["E109"]


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs"))),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(codec="ascii", categories=("L", "N", "P"))).filter(bool), inner, max_size=4)
    ),
    max_leaves=20,
)


@pytest.mark.parametrize("loader", PARSERS)
@given(data=st.dictionaries(st.sampled_from(["a", "b c", "1"]), JSON))
def test_json_reads_as_what_it_says(loader: object, data: dict[str, object]) -> None:
    """JSON is read as YAML without loss, whichever parser reads it."""
    with parser(loader):
        assert read(json.dumps(data, ensure_ascii=False))[0] == data


SIGNS = "ab01.5_xn:-?{}[],'\"\\#&*!<|>%~@`é😀 \n\r\t"
WORDS = [
    "- ",
    ": ",
    "\n  ",
    "\n    ",
    "---\n",
    "...\n",
    "!!str ",
    "<<: ",
    "%YAML 1.2\n",
    "no",
    "2025-02-30",
    "\\u12",
    "\\U00110000",
    "&x ",
    "*x",
]
TOKENS = st.lists(st.sampled_from([*SIGNS, *WORDS]), max_size=30).map("".join)


@pytest.mark.parametrize("loader", PARSERS)
@given(text=TOKENS | st.text() | st.binary())
@example(text='a: "\\U00110000"')
@example(text='a: "\\uD800"')
@example(text="%YAML 1." + "9" * 5000 + "\n---\na: b")
@example(text=b"\xff")
@example(text="&a [*a]")
def test_no_text_raises_an_error(loader: object, text: str | bytes) -> None:
    """Any bytes give data or diagnostics, and every diagnostic stands at a place of the file."""
    raw = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    with parser(loader):
        data, positions, errors = read(raw)
    assert errors or data is not REFUSED
    render(errors)
    lines = re.split("\r\n|[\r\n]", raw.decode("utf-8", "replace"))
    for span in [error.span for error in errors if error.span] if errors else [positions.value()]:
        assert 1 <= span.line <= len(lines) + 1
        assert 1 <= span.column <= len(lines[span.line - 1] if span.line <= len(lines) else "") + 1
        assert not span.text or span.text == lines[span.line - 1]


@pytest.mark.parametrize("loader", PARSERS)
@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("\n".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9) if n else 'lol'}]" for n in range(30)), "E107"),
        ("a: " + "[" * 100_000, "E119"),
        ("a: " + "{a: " * 100_000, "E119"),
        ("\n".join(" " * n + "a:" for n in range(1_000)), "E119"),
        ("\n".join("- " * 100_000 for _ in range(2)), "E119"),
        ("a: [" + "1, " * 300_000 + "1]", "E119"),
        ("{" + ", ".join(f"k{n}: 1" for n in range(30_000)) + "}", "E119"),
        ("a: [" + "[1, 1, 1, 1, 1], " * 80_000 + "1]", "E119"),
        ("a: '" + "x" * 30_000 + "'", "E119"),
        ("a: " + "9" * 15_000, "E119"),
        ("a: [" + "~, " * 15_000 + "1]", "E119"),
        ("\n".join(f"{n * (2**61 - 1)}: 1" for n in range(50_000)), "E119"),
        ("a: [" + ("9" * 19_000 + "x, ") * 100 + "~]", "E108"),
        ("a: [" + ("9:" * 9_000 + "x, ") * 100 + "~]", "E108"),
        ("a: [" + ("2" * 19_000 + "e, ") * 100 + "~]", "E108"),
        ("a: x\n" * 50_000, "E106"),
    ],
    ids=lambda value: value if value.startswith("E") else value[:12],
)
def test_a_bomb_is_refused_at_once(loader: object, text: str, code: str) -> None:
    """Files that grow, nest or repeat without end are refused within seconds, with at most some hundred diagnostics."""
    start = time.process_time()
    with parser(loader):
        _, _, errors = read(text)
    assert code in {error.code for error in errors}
    assert len(errors) <= yaml_source.MAXIMUM_PROBLEMS + 1
    assert time.process_time() - start < 20


def test_a_place_is_known_for_every_key_and_value() -> None:
    """Keys and values are found by their path, and an unknown path falls back to the nearest key above it."""
    _, positions, errors = read("""\
title: "A title"
in_force: {from: 2024-04-04, list: [one, 'two three']}
values:
  2025-01-01: {value: 1.10}
  nested:
    - deep: here
""")
    assert errors == []
    assert marked(positions.key("title")) == "title"
    assert marked(positions.value("title")) == "A title"
    assert marked(positions.value("in_force")) == "{from: 2024-04-04, list: [one, 'two three']}"
    assert marked(positions.value("in_force", "list", 1)) == "two three"
    assert marked(positions.key("in_force", "list", 1)) == "two three"
    assert marked(positions.key("values", date(2025, 1, 1))) == "2025-01-01"
    assert marked(positions.value("values", date(2025, 1, 1), "value")) == "1.10"
    assert marked(positions.key("values", "nested", 0, "deep")) == "deep"
    assert marked(positions.value("values", "nested", 7)) == "nested"
    assert marked(positions.value("values", "nope", "deeper")) == "values"
    assert marked(positions.value("values", "nested", 0, "deep", "er")) == "deep"
    span = positions.value("title")
    assert (span.file, span.line, span.column) == ("rules/x.yaml", 1, 9)
    assert marked(span.inside(2, 5)) == "title"


@pytest.mark.parametrize(
    "written",
    [
        "pay >= limit and not x",
        "'pay >= limit and not x'",
        '"pay >= limit and not x"',
        "pay >=\n    limit\n    and not x",
        "'pay >=\n    limit and\n\n    not x'",
        '"pay >= \\\n    limit and\\x20not x"',
        ">-\n    pay >= limit\n    and not x",
        "|\n\n    pay >=\n      limit and not x\n",
        "  # comment\n    pay >= limit and not x",
    ],
)
@pytest.mark.parametrize("loader", PARSERS)
def test_a_part_of_a_text_is_found_in_the_file(loader: object, written: str) -> None:
    """A word of an expression is underlined wherever quotes and line breaks put it."""
    with parser(loader):
        data, positions, errors = read(f"a:\n  b: {written}\n")
    assert errors == []
    assert isinstance(data, dict)
    text = data["a"]["b"]
    for word in ("pay", "limit", "not", "x"):
        assert marked(positions.part(("a", "b"), text.index(word), len(word))) == word


@pytest.mark.parametrize("loader", PARSERS)
def test_a_part_is_found_behind_quotes_and_escapes(loader: object) -> None:
    """Doubled quotes and escapes count as the one character they stand for."""
    with parser(loader):
        _, positions, _ = read("a: 'x == ''y'' and z'\nb: \"x == \\\"y\\\" and \\u0061z\"\n")
    assert marked(positions.part("a", 12, 1)) == "z"
    assert marked(positions.part("b", 14, 1)) == "z"
    assert marked(positions.part("a", 0, 8)) == "x == ''y''"
    assert marked(positions.part("a", 99, 1)) == "x == ''y'' and z"


def test_both_ends_of_a_windows_line_are_one_line_break() -> None:
    """A file with Windows line breaks has the same data and lines."""
    data, positions, errors = read("a: 1\r\nb:\r\n  - x\r\n")
    assert (data, errors) == ({"a": 1, "b": ["x"]}, [])
    assert positions.value("b", 0).line == 3


def test_all_problems_of_a_file_are_reported() -> None:
    """Reading goes on after a value that was refused."""
    _, _, errors = read("a: no\nb: 010\nb: &x 1\nc: 2025-02-30\nd:\n")
    assert [(error.code, error.span and error.span.line) for error in errors] == [
        ("E108", 1),
        ("E108", 2),
        ("E106", 3),
        ("E107", 3),
        ("E109", 4),
        ("E120", 5),
    ]


def test_a_file_is_read_by_its_path(tmp_path: Path) -> None:
    """`read_yaml` gives data and positions of a file, and names the file as it was told to."""
    path = tmp_path / "x.yaml"
    path.write_text("a: 1\n", encoding="utf-8")
    collector = Collector()
    found = read_yaml(path, "rules/x.yaml", collector)
    assert found is not None
    assert found[0] == {"a": 1}
    assert found[1].value("a").file == "rules/x.yaml"
    assert read_yaml(tmp_path / "y.yaml", "rules/y.yaml", collector) is None
    assert [str(error) for error in collector.errors] == ["rules/y.yaml: E101 the file cannot be read: no such file or directory"]


@pytest.mark.parametrize(
    "path", sorted(bundled_rules().glob("*/facts*.yaml")), ids=lambda path: f"{path.parent.name}/{path.name}"
)
def test_bundled_facts_need_no_libyaml(path: Path) -> None:
    """The bundled facts are YAML for PyYAML without libyaml too, which takes a question mark in an unquoted text for an error."""
    assert list(yaml.parse(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader))
