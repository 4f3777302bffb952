"""JSON Schemas (draft 2020-12) of profiles, rule files and reports, made from the declarations and models that do the checking.

The files beside this module are these schemas for the bundled rules, for editors and other programs. A test fails where they are
out of date; `pytest tests/test_schemas.py --update-golden` writes them anew.
"""

from __future__ import annotations

from typing import Any

from eligibility.rulebook import RuleBook
from eligibility.schemas.profile import profile_schema
from eligibility.schemas.rules import rules_schema

__all__ = ["NAMES", "profile_schema", "report_schema", "rules_schema", "schema"]

NAMES = ("profile", "rules", "report")


def report_schema() -> dict[str, Any]:
    """The schema of the JSON report."""
    from eligibility.report_model import ReportDocument

    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **ReportDocument.model_json_schema(by_alias=True, mode="serialization"),
    }


def schema(name: str, book: RuleBook) -> dict[str, Any]:
    """The schema of one of `NAMES`; only that of the profile depends on the rules."""
    return {"profile": lambda: profile_schema(book), "rules": rules_schema, "report": report_schema}[name]()
