"""What documents that people read have in common: they are JSON text, and text."""

from __future__ import annotations

from abc import abstractmethod

from eligibility.report_model import Part


class Printed(Part):
    """A document that can be printed."""

    def to_json(self) -> str:
        """The document as JSON text; the same document gives the same text."""
        from eligibility.rendering.json import to_json

        return to_json(self.as_dict())

    @abstractmethod
    def to_text(self) -> str:
        """The document as text."""

    def __str__(self) -> str:
        return self.to_text()
