"""The durable engine: rules run by durable-rules as stratified forward chaining, with the findings of the reference engine.

Only the C module of durable-rules is used, and of it only what was measured to be safe; see `durable_shards`.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Final

from eligibility.backends.durable_decisions import Decision
from eligibility.backends.durable_shards import Shard, failure, field_names, packed, turn
from eligibility.backends.durable_strata import stratify
from eligibility.compiler import CompiledRules
from eligibility.datatypes import UNKNOWN_TRUTH
from eligibility.findings import Findings
from eligibility.operations import Inputs, Step, Values

DISTRIBUTION: Final = "durable-rules"
VERSION: Final = "2.0.28"  # what was measured; another version may behave differently
_PLANS: Final = 32


def available() -> str | None:
    """None where durable-rules can be used, else the reason why not, as part of a sentence."""
    return _load()[1]


def _load() -> tuple[ModuleType | None, str | None]:
    try:
        module = importlib.import_module("durable_rules_engine")
    except ImportError:
        return None, f"{DISTRIBUTION} {VERSION} is not installed, or was built for another Python"
    try:
        version = importlib.metadata.version(DISTRIBUTION)
    except importlib.metadata.PackageNotFoundError:
        version = "of unknown version"
    if version != VERSION:
        return None, f"{DISTRIBUTION} {VERSION} is needed, {version} is installed"
    return module, None


@dataclass(frozen=True, slots=True)
class Stage:
    """A part of a run: steps of the host, then shards of one stratum."""

    host: tuple[Step, ...]
    shards: tuple[Shard, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """How some steps are run: the values known beforehand, the stages, and the steps of their shards that nobody asked for."""

    known: Values
    stages: tuple[Stage, ...]
    unasked: tuple[int, ...]


def _companions(compiled: CompiledRules) -> Callable[[Decision], int]:
    """A sorting key that brings decisions into one shard that are run together.

    Those that tell whether a rule concerns a case come first, as they always run; then those needed by the same rules.
    """
    keys = [0] * len(compiled.steps)
    for position, rule in enumerate(compiled.rules):
        for step in rule.needed:
            keys[step] -= 1 << position
        for step in rule.decides_concern:
            keys[step] -= 1 << len(compiled.rules) + position
    return lambda decision: keys[decision.step]


class Network:
    """The shards of some steps of compiled rules, and the plans for the parts of it that were run lately."""

    def __init__(self, module: ModuleType, compiled: CompiledRules, order: tuple[int, ...]) -> None:
        strata, together = stratify(compiled, order, field_names()), _companions(compiled)
        self.covered = frozenset(order)
        self.names, self.constant = strata.names, strata.constant
        self.stages = tuple(
            Stage(
                stratum.host,
                tuple(Shard(module, group, strata.followers) for group in packed(sorted(stratum.decisions, key=together))),
            )
            for stratum in strata.strata
        )
        self.start = compiled.start
        self.plans: dict[tuple[int, ...], Plan] = {}

    def covers(self, order: tuple[int, ...]) -> bool:
        """Whether it can run the steps in `order`."""
        return order in self.plans or self.covered.issuperset(order)

    def plan(self, order: tuple[int, ...]) -> Plan:
        """How to run the steps in `order`."""
        plan = self.plans.get(order)
        if plan is None:
            plan = self._plan(frozenset(order))
            with turn:
                while len(self.plans) >= _PLANS:
                    del self.plans[next(iter(self.plans))]
                self.plans[order] = plan
        return plan

    def _plan(self, asked: frozenset[int]) -> Plan:
        known = list(self.start)
        for index in asked.intersection(self.constant):
            known[index] = self.constant[index]
        stages = tuple(
            Stage(
                tuple(step for step in stage.host if step.index in asked),
                tuple(shard for shard in stage.shards if not asked.isdisjoint(shard.steps)),
            )
            for stage in self.stages
        )
        touched = frozenset[int]().union(*(shard.steps for stage in stages for shard in stage.shards))
        return Plan(known, stages, tuple(sorted(touched - asked)))


class DurableEngine:
    """durable-rules behind a self-check: it gives the findings of the reference engine, or raises. Safe to share between threads.

    Raises: EngineError E501 where durable-rules cannot be used; see `available`.
    """

    name = "durable"

    def __init__(self) -> None:
        module, reason = _load()
        if module is None:
            raise failure("E501", f"the durable engine cannot be used: {reason}", "install it, or choose another engine")
        self._module = module
        self._networks: weakref.WeakKeyDictionary[CompiledRules, Network] = weakref.WeakKeyDictionary()

    def network(self, compiled: CompiledRules, order: tuple[int, ...] | None = None) -> Network:
        """The shards of the steps in `order`, or of all steps; freed with the compiled rules.

        A first case gets no more than it needs. Where another needs more, all shards are made, once.
        """
        with turn:
            network = self._networks.get(compiled)
            if network is None and order is not None:
                network = self._networks[compiled] = Network(self._module, compiled, order)
            elif network is None or not network.covers(compiled.order if order is None else order):
                network = self._networks[compiled] = Network(self._module, compiled, compiled.order)
            return network

    def run(self, compiled: CompiledRules, order: tuple[int, ...], inputs: Inputs) -> Findings:
        """The findings of the steps in `order`.

        Raises: EngineError E502 where durable-rules fails, E503 where its answer is unsound, E504 where rules do not fit.
        """
        network = self.network(compiled, order)
        plan = network.plan(order)
        values, names, steps = plan.known.copy(), network.names.copy(), compiled.steps
        for stage in plan.stages:
            for step in stage.host:
                values[step.index] = step.operation(values, inputs, steps)
            for shard in stage.shards:
                shard.run(values, names)
        for index in plan.unasked:
            values[index] = UNKNOWN_TRUTH
        return Findings(compiled, values, inputs, self.name)
