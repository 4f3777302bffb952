"""Plans kept between runs beside the rules they are made of, so that a second run over data of the same shape plans nothing."""

from __future__ import annotations

import hashlib
import pickle
from dataclasses import dataclass

import polars as pl

from eligibility.cache import Place
from eligibility.columnar.sheet import Plan


@dataclass(frozen=True, slots=True)
class PlanFile:
    """The file of one plan. `asked` is all that a plan depends on besides the rules, this package and Polars."""

    place: Place
    asked: tuple[object, ...]

    @property
    def ending(self) -> str:
        """What its name ends with."""
        asked = repr((pl.__version__, pl.get_index_type(), *self.asked))
        return f"{hashlib.sha256(asked.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}.plan"

    def read(self) -> Plan | None:
        """The plan, or None where there is none that can be believed."""
        try:
            data = self.place.read(self.ending)
            plan = None if data is None else pickle.loads(data)  # noqa: S301  # a file of the user's own, with the hash it had
        except Exception:  # a cache that cannot be used is no error of the caller
            return None
        return plan if isinstance(plan, Plan) else None

    def write(self, plan: Plan) -> None:
        """Keep the plan; where that is not possible, nothing happens."""
        try:
            self.place.write(self.ending, pickle.dumps(plan, pickle.HIGHEST_PROTOCOL))
        except (OSError, pickle.PicklingError, pl.exceptions.PolarsError, RuntimeError):
            return
