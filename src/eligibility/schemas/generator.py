"""How pydantic models become JSON Schemas: the draft, and what YAML and our JSON do differently from pydantic's own choice."""

from __future__ import annotations

from typing import Any, Final

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

DRAFT: Final = "https://json-schema.org/draft/2020-12/schema"
Schema = dict[str, Any]


class SchemaGenerator(GenerateJsonSchema):
    """As pydantic's, but of what YAML holds: a decimal is a number and never text; a key is left out rather than null."""

    def decimal_schema(self, _schema: core_schema.DecimalSchema) -> JsonSchemaValue:
        """A number."""
        return {"type": "number"}

    def date_schema(self, _schema: core_schema.DateSchema) -> JsonSchemaValue:
        """A day as text, also for validators that do not look at `format`."""
        return {"type": "string", "format": "date", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        """A value that may be left out: where null would say the same, it is not offered."""
        inner = schema["schema"]
        if schema.get("default", ...) is None and inner["type"] == "nullable":
            return self.generate_inner(inner["schema"])
        return super().default_schema(schema)

    def dict_schema(self, schema: core_schema.DictSchema) -> JsonSchemaValue:
        """A map; one whose keys have a pattern has no other keys."""
        found = super().dict_schema(schema)
        return {**found, "additionalProperties": False} if "patternProperties" in found else found

    def field_title_should_be_set(self, _schema: Any) -> bool:
        """A key needs no title: it is its own."""
        return False
