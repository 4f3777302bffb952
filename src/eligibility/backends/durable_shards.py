"""Shards: rulesets of durable-rules, small enough for its limits whatever the profile says, run one at a time.

Of the C module only what was measured to be safe is used: one flat fact under a private name, deleted with its state afterwards.
Every answer is checked: an engine that lost, doubled or invented a finding is an error, never an answer.
"""

from __future__ import annotations

import contextlib
import json
import os
import threading
import weakref
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from types import ModuleType
from typing import Final

from eligibility.backends.durable_decisions import Condition, Decision, Field, Inference, Names, TruthField
from eligibility.datatypes import JUDGEMENT, MET, NOT_MET, UNKNOWN_TRUTH, Truth, negate
from eligibility.diagnostics import Diagnostic, EngineError
from eligibility.operations import Values

MAXIMUM_LOAD: Final = 60  # the stack of durable-rules holds 64 entries
MAXIMUM_SIBLINGS: Final = 400  # 511 conditions under one node; more never return
MAXIMUM_RULES: Final = 120  # 127 disjunctions may share a condition, 255 rules may end in one
MAXIMUM_MEMBERS: Final = 240  # 252 properties of a fact
SENTINEL: Final = "z"  # a rule that always fires: without any, deleting the state is unsafe
_SID: Final = "1"
_MARK: Final = f'"k":1,"sid":"{_SID}","id":"1"}}'
_RESERVED: Final = ("k", "id", "sid", "$s", "$i", "$m", "$forward")

Followers = Mapping[int, tuple[tuple[int, bool], ...]]

turn = threading.RLock()
"""Held while a shard is made or run, and while the process forks: a child never inherits a state in mid-run."""

if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=turn.acquire, after_in_parent=turn.release, after_in_child=turn.release)


def failure(code: str, message: str, help: str = "") -> EngineError:
    """An error of this engine; nothing of the profile may be in the message."""
    return EngineError([Diagnostic(code, message, help=help)])


def field_names() -> Iterator[str]:
    """Names for fields, without end: no two have the same 32-bit FNV-1a hash, by which durable-rules tells fields apart.

    >>> names = field_names()
    >>> next(names), next(names)
    ('f0', 'f1')
    """
    taken = {fnv1a(name) for name in _RESERVED}
    position = 0
    while True:
        name = f"f{position}"
        position += 1
        if fnv1a(name) not in taken:
            taken.add(fnv1a(name))
            yield name


def fnv1a(name: str) -> int:
    """The hash by which durable-rules knows a field."""
    value = 2166136261
    for byte in name.encode():
        value = (value ^ byte) * 16777619 % 2**32
    return value


class Budget:
    """What a shard may still take, so that no profile can bring durable-rules to one of its limits."""

    def __init__(self) -> None:
        self.load, self.siblings, self.rules = 1, 1, 1
        self.members: set[str] = set()

    def take(self, decision: Decision) -> bool:
        """Whether the decision fits; it is counted if it does."""
        load, siblings = self.load + decision.load, self.siblings + decision.siblings
        rules = self.rules + len(decision.inferences)
        members = self.members.union(*(field.names for field in decision.fields))
        if load > MAXIMUM_LOAD or siblings > MAXIMUM_SIBLINGS or rules > MAXIMUM_RULES or len(members) > MAXIMUM_MEMBERS:
            return False
        self.load, self.siblings, self.rules, self.members = load, siblings, rules, members
        return True


def packed(decisions: Iterable[Decision]) -> list[list[Decision]]:
    """The decisions in groups that each fit a shard, in order.

    Raises: EngineError where one decision alone is too large.
    """
    groups: list[list[Decision]] = []
    budget = Budget()
    for decision in decisions:
        if not groups or not budget.take(decision):
            budget = Budget()
            if not budget.take(decision):
                raise failure("E504", "a condition is too large for the durable engine", "choose another engine")
            groups.append([])
        groups[-1].append(decision)
    return groups


class Shard:
    """One ruleset and the steps it decides; `followers` take the truth of a decided step (True) or its negation (False).

    The ruleset is made when it first runs: most cases concern few of the rules.
    """

    def __init__(self, module: ModuleType, decisions: Sequence[Decision], followers: Followers) -> None:
        self.module, self.decisions = module, tuple(decisions)
        self.followers = {each.step: followers.get(each.step, ()) for each in decisions}
        self.steps = frozenset(self.followers).union(*[[step for step, _ in each] for each in self.followers.values()])
        self.running = False
        self._made: int | None = None

    @cached_property
    def truths(self) -> tuple[tuple[int, str, str, str], ...]:
        """The steps whose truths the ruleset reads, with the members of a fact for met, not met and judgement."""
        fields = {field.name: field for each in self.decisions for field in each.fields if isinstance(field, TruthField)}
        return tuple((field.step, *field.fragments) for field in fields.values())

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        """What else the ruleset reads."""
        found = {field.names: field for each in self.decisions for field in each.fields if not isinstance(field, TruthField)}
        return tuple(found.values())

    @cached_property
    def rules(self) -> dict[str, tuple[int, Inference]]:
        """The rules by name, each with the step it decides."""
        return {
            f"{each.step}{inference.truth.value[0]}": (each.step, inference)
            for each in self.decisions
            for inference in each.inferences
        }

    @cached_property
    def most(self) -> int:
        """How often rules can fire in one run."""
        return 1 + sum(inference.firings for _, inference in self.rules.values())

    @property
    def handle(self) -> int:
        """The number by which durable-rules knows the ruleset.

        Raises: EngineError where it refuses it.
        """
        with turn:
            if self._made is None:
                try:
                    made: int = self.module.create_ruleset("eligibility", self.text())
                except (self.module.error, MemoryError):
                    raise failure("E502", "the durable engine refused the compiled rules") from None
                weakref.finalize(self, self.module.delete_ruleset, made).atexit = False
                self._made = made
                self.fired("{" + _MARK)
            return self._made

    def text(self) -> str:
        """The ruleset as durable-rules reads it."""
        conditions: dict[str, Condition] = {SENTINEL: {"k": 1}}
        conditions |= {name: inference.condition for name, (_, inference) in self.rules.items()}
        return json.dumps({name: {"all": [{"m": condition}]} for name, condition in conditions.items()})

    def run(self, values: Values, names: Names) -> None:
        """Decide the steps that can be, and write their truths into `values`.

        Raises: EngineError.
        """
        decidable = {each.step for each in self.decisions if each.decidable(values)}
        if not decidable:
            return
        decided = self.checked(self.fired(self.fact(values, names)), decidable)
        for step, truth in decided.items():
            values[step] = truth
            for follower, same in self.followers[step]:
                values[follower] = truth if same else negate(truth)

    def fact(self, values: Values, names: Names) -> str:
        """What the shard reads of the values, as flat JSON."""
        parts = ["{", *[field.fragment(values, names) for field in self.fields]]
        for step, met, not_met, judgement in self.truths:
            truth = values[step]
            if truth is MET:
                parts.append(met)
            elif truth is NOT_MET:
                parts.append(not_met)
            elif truth is JUDGEMENT:
                parts.append(judgement)
            elif truth is not UNKNOWN_TRUTH:
                raise failure("E502", "a condition has a value that is no truth")
        return "".join([*parts, _MARK])

    def fired(self, fact: str) -> dict[str, int]:
        """How often each rule fires on a fact.

        Raises: EngineError where the engine fails.
        """
        module, fired = self.module, dict[str, int]()
        with turn:
            handle = self.handle
            if self.running:
                raise failure("E502", "the durable engine was called from within itself")
            self.running = True
            try:
                refused, state = module.assert_fact(handle, fact)
                first = None if refused else module.start_action_for_state(handle, state)
                message = first and first[1]
                for _ in range(self.most + 1):
                    if not message:
                        break
                    name = message[2 : message.index('"', 2)]
                    fired[name] = fired.get(name, 0) + 1
                    message = module.complete_and_start_action(handle, state)
            except (module.error, MemoryError, ValueError):
                raise failure("E502", "the durable engine failed") from None
            finally:
                self.running = False
                with contextlib.suppress(module.error):  # there is no state where the fact was refused
                    module.delete_state(handle, _SID)
        return fired

    def checked(self, fired: dict[str, int], decidable: set[int]) -> dict[int, Truth]:
        """The truths the firings stand for.

        Raises: EngineError unless the decided steps are exactly those that can be, each with one truth.
        """
        decided: dict[int, Truth] = {}
        sound = fired.pop(SENTINEL, 0) == 1
        for name, times in fired.items():
            step, inference = self.rules.get(name, (-1, None))
            if inference is None or times > inference.firings or step in decided:
                sound = False
                break
            decided[step] = inference.truth
        if not sound or decided.keys() != decidable:
            raise failure("E503", "the durable engine lost, doubled or invented a finding", "report this")
        return decided
