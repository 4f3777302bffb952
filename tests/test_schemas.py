"""The JSON Schemas accept what the readers accept, refuse what they refuse for its structure, and are published as files."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from eligibility import schemas
from eligibility.diagnostics import Collector, EligibilityError, ProfileError
from eligibility.engine import RuleSet, bundled_rules, load_rules
from eligibility.remedies import advise
from eligibility.remedies.document import document as remedies_document
from eligibility.scenarios import scenarios
from eligibility.sensitivity import sensitivity
from eligibility.sensitivity_document import sensitivity_document
from eligibility.timeline import forecast
from eligibility.timeline_document import timeline_document
from eligibility.yaml_source import read_yaml

ROOT = Path(__file__).parents[1]
PUBLISHED = ROOT / "src" / "eligibility" / "schemas"
EXAMPLES = sorted((ROOT / "examples").glob("*.json"))
RULE_FILES = sorted(bundled_rules().rglob("*.yaml"))
BAD = Path(__file__).parent / "bad"
BAD_STRUCTURE = sorted(folder for folder in BAD.iterdir() if folder.name[:4] in ("E110", "E111", "E112", "E113"))


@cache
def rules() -> RuleSet:
    return load_rules()


@cache
def validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(schemas.schema(name, rules().book))


def problems(name: str, document: object) -> list[str]:
    """What a schema says against a document, each with its place."""
    return [f"{error.json_path}: {error.message[:200]}" for error in validator(name).iter_errors(document)]


def as_json(value: object) -> Any:
    """What a YAML or profile reader gives, as JSON data."""
    if isinstance(value, dict):
        return {str(key): as_json(each) for key, each in value.items()}
    if isinstance(value, list):
        return [as_json(each) for each in value]
    if isinstance(value, Decimal):
        return float(value)
    return value.isoformat() if isinstance(value, date) else value


def yaml_data(path: Path) -> Any:
    read = read_yaml(path, path.name, Collector())
    return None if read is None else as_json(read[0])


@pytest.mark.parametrize("name", schemas.NAMES)
def test_the_published_schema_is_up_to_date(name: str, golden: Callable[[Path, str], None]) -> None:
    """The file in the package is the schema of the bundled rules; `pytest --update-golden` writes it anew."""
    found = schemas.schema(name, rules().book)
    golden(PUBLISHED / f"{name}.schema.json", json.dumps(found, ensure_ascii=False, indent=2) + "\n")


@pytest.mark.parametrize("name", schemas.NAMES)
def test_a_schema_is_a_schema(name: str) -> None:
    """Each schema is valid against the meta-schema of draft 2020-12, and all its references lead somewhere."""
    found = schemas.schema(name, rules().book)
    Draft202012Validator.check_schema(found)
    assert {each.removeprefix("#/$defs/") for each in references(found)} <= found["$defs"].keys()


def references(part: object) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        for each in part.values():
            yield from references(each)
    elif isinstance(part, list):
        for each in part:
            yield from references(each)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_examples_fit(path: Path) -> None:
    """Each example profile fits the profile schema, and its report the report schema."""
    assert problems("profile", json.loads(path.read_text(encoding="utf-8"))) == []
    report = rules().evaluate(path, as_of="2026-11-23", engine="reference")
    assert problems("report", json.loads(report.to_json())) == []


def test_remedies_timelines_and_sensitivities_fit() -> None:
    """What the commands print as JSON fits the schema of their document."""
    profile, day, names = EXAMPLES[2], date(2026, 11, 23), ["gb.skilled_worker", "gb.scale_up"]
    book = rules().book
    advice = advise(rules(), profile, day, names)
    assert any(each.remedies for each in advice)
    assert problems("remedies", json.loads(remedies_document(advice, day, book).to_json())) == []
    course = forecast(rules(), profile, day, "2027-06-01", names)
    assert problems("timeline", json.loads(timeline_document(course, book).to_json())) == []
    safe = sensitivity(rules(), profile, day, names)
    assert any(each.leeways for each in safe)
    assert problems("sensitivity", json.loads(sensitivity_document(safe, day, book).to_json())) == []


def test_the_profiles_of_all_scenarios_fit() -> None:
    """A profile that a scenario of the bundled rules evaluates fits the profile schema."""
    stated: dict[str, dict[str, str]] = {}
    for each in scenarios(rules()):
        for path, value in facts_of(each.profile or {}):
            stated.setdefault(path, {}).setdefault(json.dumps(as_json(value)), each.id)
    misfits: dict[str, list[str]] = {}
    while stated:  # facts do not depend on each other: every value of every fact is looked at once, many in one profile
        taken = {path: values.popitem() for path, values in stated.items()}
        if found := problems("profile", grouped({path: json.loads(text) for path, (text, _) in taken.items()})):
            misfits |= {name: found for _, name in taken.values()}
        stated = {path: values for path, values in stated.items() if values}
    assert misfits == {}


def facts_of(part: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, object]]:
    """The values of a profile by path, down to the facts that are declared and to what is no group."""
    for key, each in part.items():
        path = f"{prefix}{key}"
        if isinstance(each, Mapping) and path not in rules().book.facts:
            yield from facts_of(each, f"{path}.")
        else:
            yield path, each


def grouped(facts: Mapping[str, object]) -> dict[str, Any]:
    """A profile that states facts given by path."""
    made: dict[str, Any] = {}
    for path, value in facts.items():
        here = made
        *groups, name = path.split(".")
        for group in groups:
            here = here.setdefault(group, {})
        here[name] = value
    return made


@pytest.mark.parametrize("path", RULE_FILES, ids=lambda path: path.relative_to(bundled_rules()).as_posix())
def test_rule_files_fit(path: Path) -> None:
    """Every bundled rule file fits the schema of rule files."""
    assert problems("rules", yaml_data(path)) == []


@pytest.mark.parametrize("folder", BAD_STRUCTURE, ids=lambda folder: folder.name)
def test_badly_built_rule_files_do_not_fit(folder: Path) -> None:
    """A rule file with a wrong key, type or value is refused by the schema too, so that an editor shows it."""
    assert any(problems("rules", yaml_data(path)) for path in folder.rglob("*.yaml"))


@pytest.mark.parametrize(
    "profile",
    [
        {"$schema": "profile.schema.json", "offer": {"country": "GB"}},
        {"offer": {"salary": {"amount": 41699.99, "currency": "GBP", "period": "year"}}},
        {"offer": {"bonus": {"amount": 1, "currency": "GBP"}}},
        {"offer": {"bonus": {"amount": 1, "currency": "GBP", "period": None}}},
        {"offer": {"country": None, "duties": []}},
        {"offer": {"country": {"value": "GB", "as_of": "2026-01-01", "source": "the contract"}}},
        {"offer": {"country": {"value": None, "as_of": None, "source": None}}},
        {"offer": {"salary": {"value": {"amount": 1, "currency": "EUR", "period": "hour"}}}},
        {"applicant": {"degrees": [{"level": "master", "field": None, "recognised_in": ["DE"]}], "nationalities": ["IN", "US"]}},
        {"applicant": {"degrees": {"value": [{"level": "master"}], "source": "the diploma"}}},
        {"applicant": None, "offer": {"title": "Engineer"}},
        {"offer": {"weekly_hours": 37.5, "contract_months": 12.0}},
    ],
    ids=json.dumps,
)
def test_what_the_reader_accepts_fits(profile: dict[str, object]) -> None:
    """Every way to state a fact that the reader accepts fits the schema: null, money, lists, records, a value with its origin."""
    rules().profile(json.dumps(profile))
    assert problems("profile", profile) == []


@pytest.mark.parametrize(
    "profile",
    [
        {},
        [],
        {"ofer": {}},
        {"offer": {"countri": "GB"}},
        {"offer": []},
        {"offer": {"country": "England"}},
        {"offer": {"country": "gb"}},
        {"offer": {"country": ["GB"]}},
        {"offer": {"country": {"value": "GB", "sorce": "me"}}},
        {"offer": {"country": {"value": "GB", "source": 1}}},
        {"offer": {"country": {"source": "me"}}},
        {"offer": {"weekly_hours": "37.5"}},
        {"offer": {"weekly_hours": True}},
        {"offer": {"weekly_hours": 1000}},
        {"offer": {"contract_months": 1.5}},
        {"offer": {"binding": "yes"}},
        {"offer": {"binding": 1}},
        {"offer": {"start_date": "1.9.2026"}},
        {"offer": {"start_date": 20260901}},
        {"offer": {"salary": 60000}},
        {"offer": {"salary": {"amount": "60000", "currency": "GBP", "period": "year"}}},
        {"offer": {"salary": {"amount": 60000, "currency": "Pound", "period": "year"}}},
        {"offer": {"salary": {"amount": 60000, "currency": "GBP", "period": "fortnight"}}},
        {"offer": {"salary": {"amount": 60000, "period": "year"}}},
        {"offer": {"salary": {"amount": 60000, "currency": "GBP", "per": "year"}}},
        {"offer": {"salary": {"amount": 1e16, "currency": "GBP", "period": "year"}}},
        {"offer": {"occupation": {"uk_soc2020": 2134}}},
        {"offer": {"occupation": {"uk_soc2020": "21345"}}},
        {"offer": {"title": 7}},
        {"offer": {"title": "x" * 10_001}},
        {"offer": {"duties": "research"}},
        {"offer": {"duties": ["resarch"]}},
        {"offer": {"duties": [None]}},
        {"employer": {"kind": "firm"}},
        {"applicant": {"degrees": {"level": "master"}}},
        {"applicant": {"degrees": ["master"]}},
        {"applicant": {"degrees": [{"levl": "master"}]}},
        {"applicant": {"degrees": [{"level": {"value": "master"}}]}},
        {"applicant": {"nationalities": ["IN"] * 501}},
    ],
    ids=lambda profile: json.dumps(profile)[:60],
)
def test_what_the_reader_refuses_for_its_structure_does_not_fit(profile: object) -> None:
    """A profile that is refused for its keys, types, choices, patterns or bounds is refused by the schema as well."""
    with pytest.raises(ProfileError):
        rules().profile(json.dumps(profile))
    assert problems("profile", profile) != []


def test_the_schema_of_a_profile_knows_the_facts_of_other_packs() -> None:
    """A pack that declares facts adds them to the profile schema."""
    points = load_rules(Path(__file__).parent / "packs" / "points", bundled=False)
    found = schemas.profile_schema(points.book)
    assert found["properties"].keys() == {"$schema", "card"}
    assert found["properties"]["card"]["properties"]["age"]["title"] == "age"


def test_a_fact_is_described_for_people() -> None:
    """Label, question, help, unit and the meaning of choices stand beside each fact."""
    offer = schemas.profile_schema(rules().book)["properties"]["offer"]["properties"]
    hours = rules().book.facts["offer.weekly_hours"]
    assert offer["weekly_hours"]["title"] == hours.label
    assert hours.question in offer["weekly_hours"]["description"]
    assert "In hours/week." in offer["weekly_hours"]["description"]
    assert "research: research new methods" in offer["duties"]["description"]


def test_a_bad_profile_is_never_a_surprise() -> None:
    """Each single change of an example to another type is refused by the schema wherever the reader refuses it for its type."""
    for fact, value in facts_of(json.loads(EXAMPLES[0].read_text(encoding="utf-8"))):
        example = grouped({fact: value})  # facts do not depend on each other
        for path, wrong in product(list(leaves(example)), _WRONG):
            changed = json.loads(json.dumps(example))
            here = changed
            for step in path[:-1]:
                here = here[step]
            here[path[-1]] = wrong
            try:
                rules().profile(json.dumps(changed))
            except EligibilityError:
                assert problems("profile", changed) != [], (path, wrong)
            else:
                assert problems("profile", changed) == [], (path, wrong)


_WRONG: list[Any] = [{"unknown": 1}, [[]], True, "\u2603", -(10**16)]


def leaves(part: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    for key, each in part.items() if isinstance(part, dict) else enumerate(part):
        if isinstance(each, dict | list) and each:
            yield from leaves(each, (*path, key))
        else:
            yield (*path, key)
