"""JSON Schemas (draft 2020-12) of profiles, rule files, reports and other documents.

They are made from the declarations and models that do the checking.
The files beside this module are these schemas for the bundled rules, for editors and other programs. A test fails where they are
out of date; `pytest tests/test_schemas.py --update-golden` writes them anew.
"""

from __future__ import annotations

from typing import Final

from pydantic import TypeAdapter

from eligibility.batch_model import BatchSummary
from eligibility.comparison_model import Comparison
from eligibility.receipt_model import Receipt, Verification
from eligibility.remedies_model import RemediesDocument
from eligibility.report_model import Part, ReportDocument
from eligibility.rulebook import RuleBook
from eligibility.schemas.generator import DRAFT, Schema, SchemaGenerator
from eligibility.schemas.profile import profile_schema
from eligibility.schemas.rules import rules_schema
from eligibility.sensitivity_model import SensitivityDocument
from eligibility.simulation_model import Simulation
from eligibility.timeline_model import TimelineDocument

__all__ = ["NAMES", "profile_schema", "report_schema", "rules_schema", "schema"]

_DOCUMENTS: Final[dict[str, type[Part]]] = {
    "report": ReportDocument,
    "remedies": RemediesDocument,
    "timeline": TimelineDocument,
    "sensitivity": SensitivityDocument,
    "receipt": Receipt,
    "verification": Verification,
    "comparison": Comparison,
    "batch": BatchSummary,
    "simulation": Simulation,
}
NAMES = ("profile", "rules", *_DOCUMENTS)


def report_schema() -> Schema:
    """The schema of the JSON report."""
    return document_schema("report")


def document_schema(name: str) -> Schema:
    """The schema of the JSON of a document: `report`, `receipt` and so on."""
    return {"$schema": DRAFT, **TypeAdapter(_DOCUMENTS[name]).json_schema(mode="serialization", schema_generator=SchemaGenerator)}


def schema(name: str, book: RuleBook) -> Schema:
    """The schema of one of `NAMES`; only that of the profile depends on the rules."""
    if name == "profile":
        return profile_schema(book)
    return rules_schema() if name == "rules" else document_schema(name)
