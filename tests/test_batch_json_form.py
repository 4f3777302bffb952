"""The form of lines: what matches it says known keys alone, each at most once, with values of their types."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batch_runs import profile, rules, run, write_lines
from eligibility.batch import json_lines
from eligibility.batch.json_form import Form, lines_of, matching
from eligibility.engine import RuleSet

__all__ = ["rules"]

NAMES: Final[dict[str, Any]] = {
    "job": {
        "pay": pl.Float64(),
        "title": pl.String(),
        "open": pl.Boolean(),
        "cost": pl.Struct({"amount": pl.Float64(), "currency": pl.String()}),
    },
    "number": pl.Int64(),
    "places": pl.List(pl.String()),
    "degrees": pl.List(pl.Struct({"level": pl.String(), "year": pl.Float64()})),
}
WHOLE: Final = {
    "job": {"pay": 1.5, "title": "a", "open": True, "cost": {"amount": 1, "currency": "GBP"}},
    "number": 1,
    "places": ["FR", "DE"],
    "degrees": [{"level": "master", "year": 2020}, {"level": "doctor", "year": 2024}],
}
VALUES: Final = st.sampled_from(
    [
        None,
        0,
        -3,
        2.25,
        123_456_789_012_345,
        1_234_567_890_123_456,
        1e30,
        "",
        "a",
        "Zoë",
        'q"',
        "[x",
        "\n",
        True,
        False,
        [],
        ["FR"],
        [None],
        {},
        {"amount": 2},
        {"currency": None, "amount": 2},
        [{"level": "x"}],
        [{"year": None}],
        [{"place": 1}],
        [["a"]],
    ]
)


def learnt() -> tuple[str, ...]:
    form = Form()
    form.learn([WHOLE])
    return form.patterns(NAMES)


def match(*lines: str) -> list[bool]:
    found = lines_of("".join(f"{line}\n" for line in lines).encode())
    assert found is not None
    return matching(found, learnt()).to_list()


def is_plain(value: Any, kind: Any) -> bool:
    """Whether a value that was read from JSON is of a type, or says nothing."""
    match kind:
        case pl.Boolean():
            return isinstance(value, bool)
        case pl.Float64():
            return isinstance(value, int | float) and not isinstance(value, bool)
        case pl.Int64():
            return isinstance(value, int) and not isinstance(value, bool)
        case pl.List(inner=inner):
            return isinstance(value, list) and all(is_plain(each, inner) for each in value)
        case pl.Struct(fields=fields):
            return says_known(value, {field.name: field.dtype for field in fields})
        case dict():
            return says_known(value, kind)
    return isinstance(value, str)


def says_known(value: Any, names: dict[str, Any]) -> bool:
    """Whether an object, as its pairs, has known keys alone, each once, with values of their types."""
    if not isinstance(value, tuple):
        return False
    keys = [key for key, _ in value]
    return len(set(keys)) == len(keys) and all(
        key in names and (each is None or is_plain(each, names[key])) for key, each in value
    )


def says_all(line: str) -> bool:
    return says_known(json.loads(line, object_pairs_hook=tuple), NAMES)


@given(st.data())
@settings(max_examples=300)
def test_what_matches_is_known(data: st.DataObject) -> None:
    """However a line is changed, one that matches says what its frame holds and nothing else."""
    line = json.dumps(WHOLE, separators=data.draw(st.sampled_from([(",", ":"), (", ", ": ")])))
    for _ in range(data.draw(st.integers(1, 3))):
        keys = ["job", "pay", "title", "open", "cost", "amount", "currency", "number", "places", "degrees", "level", "year"]
        key, other = data.draw(st.sampled_from(keys)), data.draw(st.sampled_from([*keys, "salry", "n\\u0061me"]))
        value = json.dumps(data.draw(VALUES), ensure_ascii=data.draw(st.booleans()))
        old, new = data.draw(
            st.sampled_from(
                [
                    (f'"{key}"', f'"{other}"'),
                    (f'"{key}":', f'"{other}":{value},"{key}":'),
                    (f'"{key}":', f'"{key}":{value},"{other}":'),
                ]
            )
        )
        line = line.replace(old, new, 1)
    if match(line) == [True]:
        assert says_all(line), line


@pytest.mark.parametrize(
    "line",
    [
        json.dumps(WHOLE),
        json.dumps(WHOLE, separators=(",", ":")),
        "{}",
        '{"job":{},"places":[]}',
        '{"job":null,"number":null,"places":null,"degrees":null}',
        '{"job":{"pay":null,"open":false},"degrees":[{"level":null},{}]}',
        '{"job":{"title":"Zoë: [lead], \\ud83d"}}'.replace("\\ud83d", "\U0001f600"),
        '  {"number": -7} \r',
    ],
)
def test_what_programs_write_matches(line: str) -> None:
    """Keys may be left out or null, and stand with spaces or without."""
    assert match(line) == [True]


@pytest.mark.parametrize(
    "line",
    [
        '{"number":1.5}',
        '{"job":{"pay":"1"}}',
        '{"job":{"pay":1e3}}',
        '{"job":{"pay":1234567890123456}}',
        '{"job":{"title":"a\\u0062"}}',
        '{"job":{"open":"true"}}',
        '{"job":{"salry":null}}',
        '{"pay":null}',
        '{"job":{"pay":1,"pay":1}}',
        '{"places":"FR"}',
        '{"places":[null]}',
        '{"degrees":[{"place":null}]}',
        "[]",
        "",
        '{"job":{}} {}',
    ],
)
def test_what_a_frame_may_not_hold_does_not_match(line: str) -> None:
    """Other types, long numbers, escaped characters, unknown keys and doubled ones are looked at more closely."""
    assert match(line, "{}") == [False, True]


def test_without_one_order_there_is_no_form() -> None:
    """Keys that come now in one order and now in another could stand twice."""
    form = Form()
    form.learn([{"number": 1, "places": []}, {"places": [], "number": 1}])
    assert form.patterns(NAMES) == ()


def test_bytes_that_are_no_text_have_no_lines() -> None:
    """They are told apart where lines are read one by one."""
    assert lines_of(b'{"job":"\xff"}\n') is None


def test_only_lines_of_another_form_are_looked_at_closely(
    rules: RuleSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One odd line does not make its neighbours slow, and every row stays in its place."""
    closely: list[int] = []
    read = json_lines.JsonLines._read_lines

    def counted(self: json_lines.JsonLines, lines: list[json_lines.Line], refused: Any) -> Any:
        closely.append(len(lines))
        return read(self, lines, refused)

    monkeypatch.setattr(json_lines.JsonLines, "_read_lines", counted)
    good = json.dumps(profile(title=None))
    lines = [good] * 5 + ["", good.replace("45000", "45000.0000000000000001"), *[good] * 5]
    found = run(rules, write_lines(tmp_path / "in.jsonl", lines))
    assert closely == [1]
    assert found.summary.rows == 11
    assert found.summary.rejected == 1
    assert [row["row"] for row in found.rejects] == [6]
