"""The JSON of simulations: one population under two laws. `Simulation.model_json_schema()` is the published schema."""

from __future__ import annotations

from datetime import date
from typing import Final, Literal

from pydantic import Field

from eligibility.printed import Printed
from eligibility.report_model import PackPart, Part, StatusName

SIMULATION_VERSION: Final = 1


class Cause(Part):
    """Why rows came to have another outcome: the criterion that settles it, and the figures it reads that differ."""

    criterion: str | None = Field(description="path of the criterion; absent where the rule as a whole is the reason")
    title: str
    rows: int
    figures: list[str] = Field(description="names of the figures, as in `figures` of the rule")


class FigureChange(Part):
    """A figure, list or table that differs between two laws."""

    name: str
    title: str
    then: str
    now: str


class Move(Part):
    """Rows that went from one status to another."""

    then: StatusName
    now: StatusName
    rows: int
    causes: list[Cause] = Field(description="commonest first")


class GroupMoves(Part):
    """The rows of one group."""

    group: str
    rows: int
    moved: int
    eligible_then: int = Field(description="rows that were eligible, or subject to judgement")
    eligible_now: int


class RuleMoves(Part):
    """How a rule comes out under both laws."""

    id: str
    title: str
    then: dict[StatusName, int]
    now: dict[StatusName, int]
    moves: list[Move] = Field(description="largest first")
    figures: list[FigureChange]
    groups: list[GroupMoves]

    @property
    def moved(self) -> int:
        """The rows whose outcome differs."""
        return sum(move.rows for move in self.moves)


class SimulationSide(Part):
    """One of the two laws."""

    as_of: date
    packs: list[PackPart]


class Simulation(Printed):
    """One population under two laws. Made by `batch.simulate_files`."""

    document: Literal["simulation"]
    schema_version: Literal[1]
    then: SimulationSide
    now: SimulationSide
    files: list[str]
    rows: int
    rejected: int = Field(description="rows that are not valid under one law or the other; they are in no other count")
    moved: int = Field(description="rows with at least one outcome that differs")
    by: str | None = Field(None, description="the column that groups are made by")
    rules: list[RuleMoves] = Field(description="those whose outcomes differ first, the most rows first")
    only_then: list[str] = Field(description="rules that only the first law has")
    only_now: list[str] = Field(description="rules that only the second law has")
    milliseconds: int
    notice: str

    def to_text(self, *, color: bool = False, width: int | None = 100) -> str:
        """The simulation as text, no wider than `width` (None: as wide as it is)."""
        from eligibility.rendering.simulation import simulation_outline
        from eligibility.rendering.text import blocks_text

        return blocks_text(simulation_outline(self), color=color, width=width)

    def to_html(self) -> str:
        """The simulation with a chart, as a page of HTML that needs no other file."""
        from eligibility.rendering.simulation import simulation_html

        return simulation_html(self)
