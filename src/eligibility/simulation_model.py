"""The JSON of simulations: one population under two laws. `schemas` makes the published schema of `Simulation`."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Final, Literal

from eligibility.printed import Printed
from eligibility.report_model import PackPart, Part, StatusName, described

SIMULATION_VERSION: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause(Part):
    """Why rows came to have another outcome: the criterion that settles it, and the figures it reads that differ."""

    criterion: str | None = field(metadata=described("path of the criterion; absent where the rule as a whole is the reason"))
    title: str
    rows: int
    figures: list[str] = field(metadata=described("names of the figures, as in `figures` of the rule"))


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureChange(Part):
    """A figure, list or table that differs between two laws."""

    name: str
    title: str
    then: str
    now: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Move(Part):
    """Rows that went from one status to another."""

    then: StatusName
    now: StatusName
    rows: int
    causes: list[Cause] = field(metadata=described("commonest first"))


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupMoves(Part):
    """The rows of one group."""

    group: str
    rows: int
    moved: int
    eligible_then: int = field(metadata=described("rows that were eligible, or subject to judgement"))
    eligible_now: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleMoves(Part):
    """How a rule comes out under both laws."""

    id: str
    title: str
    then: dict[StatusName, int]
    now: dict[StatusName, int]
    moves: list[Move] = field(metadata=described("largest first"))
    figures: list[FigureChange]
    groups: list[GroupMoves]

    @property
    def moved(self) -> int:
        """The rows whose outcome differs."""
        return sum(move.rows for move in self.moves)


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulationSide(Part):
    """One of the two laws."""

    as_of: date
    packs: list[PackPart]


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation(Printed):
    """One population under two laws. Made by `batch.simulate_files`."""

    document: Literal["simulation"]
    schema_version: Literal[1]
    then: SimulationSide
    now: SimulationSide
    files: list[str]
    rows: int
    rejected: int = field(metadata=described("rows that are not valid under one law or the other; they are in no other count"))
    moved: int = field(metadata=described("rows with at least one outcome that differs"))
    by: str | None = field(default=None, metadata=described("the column that groups are made by"))
    rules: list[RuleMoves] = field(metadata=described("those whose outcomes differ first, the most rows first"))
    only_then: list[str] = field(metadata=described("rules that only the first law has"))
    only_now: list[str] = field(metadata=described("rules that only the second law has"))
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
