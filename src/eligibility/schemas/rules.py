"""The JSON Schema of rule files, from the models that read them: one schema for every kind of file, told apart by its keys."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue, models_json_schema
from pydantic_core import core_schema

from eligibility.loader import KINDS
from eligibility.model import OVERRIDABLE, AmendmentFile

Schema = dict[str, Any]


def rules_schema() -> Schema:
    """The schema of any rule file: packs, facts, pathways, assessments, amendments and scenarios."""
    files: list[type[BaseModel]] = list(dict.fromkeys(KINDS.values()))
    models = [*files, *OVERRIDABLE.values()]
    _, found = models_json_schema([(model, "validation") for model in models], schema_generator=_Generator)
    definitions: Schema = found["$defs"]
    definitions[AmendmentFile.__name__]["properties"]["overrides"] = _overrides()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
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


class _Generator(GenerateJsonSchema):
    """As pydantic's, but of what YAML holds: a decimal is a number and never text; a key is left out rather than null."""

    def decimal_schema(self, _schema: core_schema.DecimalSchema) -> JsonSchemaValue:
        return {"type": "number"}

    def date_schema(self, _schema: core_schema.DateSchema) -> JsonSchemaValue:
        return {"type": "string", "format": "date", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        inner = schema["schema"]
        if schema.get("default", ...) is None and inner["type"] == "nullable":
            return self.generate_inner(inner["schema"])
        return super().default_schema(schema)

    def dict_schema(self, schema: core_schema.DictSchema) -> JsonSchemaValue:
        found = super().dict_schema(schema)
        return {**found, "additionalProperties": False} if "patternProperties" in found else found

    def field_title_should_be_set(self, _schema: Any) -> bool:
        return False
