"""Who decides: this program in several ways, other engines, and Python by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from benchmarks.decision import by_hand, expression_peers, population, rule_peers
from benchmarks.decision.by_hand import Answer
from benchmarks.decision.rules import CRITERIA, PACK, PATHWAY, Figures, figures
from eligibility.backends.compiled import CompiledEngine
from eligibility.compiler import CompiledRule
from eligibility.datatypes import MET, NOT_MET, UNKNOWN_TRUTH
from eligibility.engine import RuleSet, load_rules
from eligibility.status import Status

AS_OF: Final = date(2026, 11, 23)

Row = dict[str, Any]
Found = bool | None | Answer
"""The outcome alone, or with the criteria."""

Decide = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Contestant:
    """One way to decide. `make` gives what puts a row in the form that is given, and what decides one of these.

    `read` puts what comes out in the form of the others; only what decides is timed.
    """

    name: str
    distribution: str | None
    unknown: str
    make: Callable[[], tuple[Callable[[Row], Any], Decide]]
    read: Callable[[Any], Found] = lambda found: found


def _peer(name: str, distribution: str | None, unknown: str, decide: Callable[[Figures], by_hand.Decide]) -> Contestant:
    return Contestant(name, distribution, unknown, lambda: (lambda row: row, decide(figures())))


def _ours(name: str, decide: Callable[[RuleSet], Decide], read: Callable[[Any], Found], *, checked: bool = True) -> Contestant:
    def make() -> tuple[Callable[[Row], Any], Decide]:
        rules = load_rules(PACK, bundled=False)
        return lambda row: rules.profile(population.profile(row)) if checked else population.profile(row), decide(rules)

    return Contestant(name, None, "a value of its own", make, read)


OUTCOMES: Final = {Status.ELIGIBLE: True, Status.NOT_ELIGIBLE: False, Status.UNDETERMINED: None}
_TRUTHS: Final = {MET: True, NOT_MET: False, UNKNOWN_TRUTH: None}


def _rule(rules: RuleSet) -> CompiledRule:
    return next(rule for rule in rules.compiled(AS_OF).rules if rule.rule.id == PATHWAY)


def _criteria(rules: RuleSet) -> Decide:
    """All criteria and the outcome, by one generated function."""
    compiled, rule = rules.compiled(AS_OF), _rule(rules)
    steps = {each.condition.path: each.effective for top in rule.conditions for each in top.walk()}
    call = CompiledEngine().program(compiled).values(compiled, [*(steps[name] for name in CRITERIA), rule.criteria_met]).call
    return lambda profile: call(profile.facts, AS_OF)


def _read_criteria(found: Any) -> Found:
    *criteria, outcome = (_TRUTHS[each] for each in found)
    return outcome, tuple(criteria)


def _status(rules: RuleSet) -> Decide:
    return lambda profile: rules.statuses(profile, as_of=AS_OF)


def _evaluated(engine: str) -> Callable[[RuleSet], Decide]:
    return lambda rules: lambda profile: rules.evaluate(profile, as_of=AS_OF, engine=engine)


def _explained(rules: RuleSet) -> Decide:
    def decide(profile: Any) -> Any:
        report = rules.evaluate(profile, as_of=AS_OF, engine="compiled")
        return report[PATHWAY].explanation and report

    return decide


def _read_status(found: Any) -> Found:
    return OUTCOMES[found[PATHWAY]]


def _read_report(found: Any) -> Found:
    return OUTCOMES[found[PATHWAY].status]


OURS: Final = (
    _ours("compiled, all criteria", _criteria, _read_criteria),
    _ours("compiled, `statuses`", _status, _read_status),
    _ours("compiled, `statuses` of a JSON object", _status, _read_status, checked=False),
    _ours("compiled, report with findings", _evaluated("compiled"), _read_report),
    _ours("compiled, explanation in words", _explained, _read_report),
    _ours("reference, report with findings", _evaluated("reference"), _read_report),
    _ours("durable, report with findings", _evaluated("durable"), _read_report),
)
BY_HAND: Final = "by hand in Python, three-valued"
PEERS: Final = (
    _peer(BY_HAND, None, "functions on None", lambda law: by_hand.decision(law, exact=False)),
    _peer("zen-engine", "zen-engine", "least and greatest of 0, 0.5, 1", expression_peers.zen),
    _peer("datalogic", "datalogic-py", "least and greatest of 0, 0.5, 1", expression_peers.datalogic),
    _peer("CEL in Rust", "common-expression-language", "two conditions each", expression_peers.cel_rust),
    _peer("CEL in C++", "cel-expr-python", "errors that `&&` and `||` absorb", expression_peers.cel_cpp),
    _peer("Rego in Rust (regorus)", "opa-eval", "two rules each, else null", expression_peers.rego),
    _peer("business-rules", "business-rules", "two rules each", rule_peers.business_rules),
    _peer("durable-rules alone", "durable-rules", "two rules each", rule_peers.durable_rules),
    _peer("OpenFisca", "OpenFisca-Core", "least and greatest of 0, 1, 2", rule_peers.openfisca),
)
