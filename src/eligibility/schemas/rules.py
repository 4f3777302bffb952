"""The JSON Schema of rule files, from the models that read them: one schema for every kind of file, told apart by its keys."""

from __future__ import annotations

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from eligibility.loader import KINDS
from eligibility.model import OVERRIDABLE, AmendmentFile, LanguageFile
from eligibility.schemas.generator import DRAFT, Schema, SchemaGenerator


def rules_schema() -> Schema:
    """The schema of any rule file: packs, facts, pathways, assessments, amendments, scenarios and languages."""
    files: list[type[BaseModel]] = [*dict.fromkeys(KINDS.values()), LanguageFile]
    models = [*files, *OVERRIDABLE.values()]
    _, found = models_json_schema([(model, "validation") for model in models], schema_generator=SchemaGenerator)
    definitions: Schema = found["$defs"]
    definitions[AmendmentFile.__name__]["properties"]["overrides"] = _overrides()
    return {
        "$schema": DRAFT,
        "title": "Rule file",
        "description": "A file of a rule pack. Its first key says what it is.",
        "type": "object",
        "minProperties": 1,
        "anyOf": [_reference(model) for model in files],
        "$defs": definitions,
    }


def _reference(model: type[BaseModel]) -> Schema:
    return {"$ref": f"#/$defs/{model.__name__}"}


def _overrides() -> Schema:
    """An override is written as what its path names."""
    name = "[a-z][a-z0-9_]*"
    patterns = {rf"^{name}\.{name}\.{section}\.{name}$": _reference(model) for section, model in OVERRIDABLE.items()}
    return {
        "type": "object",
        "description": "what is put in place of which element of another pack",
        "patternProperties": patterns,
        "additionalProperties": False,
        "minProperties": 1,
    }
