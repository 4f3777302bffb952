"""The explanation of an outcome: a tree from the rule over its criteria and branches to single tests, pruned to what decides.

It is arranged from findings (see `explaining`) and holds everything there is to say, so whoever prints it needs nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Final, Literal

from eligibility.datatypes import JUDGEMENT, MET, NOT_MET, UNKNOWN_TRUTH, Number, Truth, Type, Value
from eligibility.rulebook import Citation

Finding = Literal["met", "not_met", "unknown", "judgement", "not_applicable"]
FINDINGS: Final[dict[Truth, Finding]] = {MET: "met", NOT_MET: "not_met", UNKNOWN_TRUTH: "unknown", JUDGEMENT: "judgement"}
Kind = Literal["rule", "concern", "criterion", "branch", "exception", "condition", "record", "value"]


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a test: what the value is called, the value, and the value in words."""

    name: str
    value: Value
    type: Type
    text: str


@dataclass(frozen=True, slots=True)
class Margin:
    """A difference: what was found minus what is required.

    `amount` is exact and in `unit` (`GBP/year`, `days`, `levels`, `percent`, `count` and so on); `share` relates money to what is
    required.
    """

    amount: Number
    unit: str
    words: str
    share: Fraction | None = None

    @property
    def size(self) -> Fraction:
        """How far, whatever the direction: only for comparison with margins of the same unit."""
        return abs(Fraction(self.amount))


@dataclass(frozen=True, slots=True)
class Gap:
    """What is missing: a fact nobody stated, with the question to ask, or a figure of law, with the reason why it is unknown."""

    kind: Literal["fact", "figure"]
    name: str
    label: str
    question: str
    why: str
    changed_by: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """One node: what it says, what was found, and the nodes below that decide it.

    `id` is the path in the rule (`salary.E`), with `/n` for the parts of an expression, `[n]` for records and `/vn` for
    calculations. `since` is the date of force of the figure, table or criterion that decides, `citation` where it stands. `used`
    are the stated facts that decide it. `decides` says whether the outcome of the rule rests on it. A node of kind `value` shows
    how a figure was worked out and has no status.
    """

    id: str
    kind: Kind
    title: str
    status: Finding | None
    sentence: str
    decides: bool
    citation: Citation | None = None
    since: date | None = None
    observed: Side | None = None
    required: Side | None = None
    margin: Margin | None = None
    used: tuple[str, ...] = ()
    missing: tuple[Gap, ...] = ()
    help: str | None = None
    children: tuple[Explanation, ...] = ()

    def facts(self) -> frozenset[str]:
        """The stated facts that alone reproduce a settled finding; for the root, the status of the rule and what fails."""
        return frozenset(self.used)

    def walk(self) -> Iterator[Explanation]:
        """This node and every node below it."""
        yield self
        for child in self.children:
            yield from child.walk()

    def find(self, path: str) -> Explanation | None:
        """The node whose id is a path, or None where it was pruned or is not there."""
        return next((node for node in self.walk() if node.id == path), None)

    def as_dict(self) -> dict[str, object]:
        """The tree as plain JSON data; see `report_model.ExplanationNode`."""
        from eligibility.documents import explanation_node  # imported late, as everything that only printing needs

        return explanation_node(self).as_dict()

    def to_json(self) -> str:
        """The tree as JSON text."""
        from eligibility.rendering.json import to_json

        return to_json(self.as_dict())

    def to_markdown(self) -> str:
        """The tree as a nested Markdown list."""
        from eligibility.documents import explanation_node
        from eligibility.rendering.markdown import explanation_markdown

        return explanation_markdown(explanation_node(self))

    def to_text(self, *, color: bool = False, width: int | None = 100, depth: int | None = None) -> str:
        """The tree as indented text, `depth` levels of it below the root (None: all).

        Lines are no wider than `width` (None: as wide as they are). With `color` the text is styled for a terminal.
        """
        from eligibility.documents import explanation_node
        from eligibility.rendering.text import explanation_text

        return explanation_text(explanation_node(self), color=color, width=width, depth=depth)

    def __str__(self) -> str:
        return self.to_text()
