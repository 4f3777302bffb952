"""The decision in rule engines: business-rules, durable-rules alone, and OpenFisca."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, cast

from benchmarks.decision.by_hand import Answer, Decide
from benchmarks.decision.formula import PART, Among, Holds, Leaf, Part, criteria, folded, rails, with_need
from benchmarks.decision.population import FIELDS, WORDS
from benchmarks.decision.rules import CRITERIA, Figures


def _from_found(found: Mapping[str, bool]) -> Answer:
    return found.get("outcome"), tuple([found.get(name) for name in CRITERIA])


def business_rules(law: Figures) -> Decide:
    """business-rules: two rules for each criterion; whether a fact is known, and sums, are variables of the host."""
    from business_rules import run_all
    from business_rules.actions import BaseActions, rule_action
    from business_rules.fields import FIELD_TEXT
    from business_rules.variables import BaseVariables, boolean_rule_variable, numeric_rule_variable, string_rule_variable

    space: dict[str, Any] = {"__init__": lambda self, profile: setattr(self, "profile", profile)}
    kinds = {
        "whole": (numeric_rule_variable, 0),
        "decimal": (numeric_rule_variable, 0),
        "text": (string_rule_variable, ""),
        "truth": (boolean_rule_variable, False),
    }

    def define(name: str, read: Callable[[Any], Any], kind: Any) -> None:
        read.__name__ = name
        space[name] = kind()(read)

    def stated(name: str, nothing: Any) -> Callable[[Any], Any]:
        return lambda self: self.profile.get(name, nothing)

    def known(name: str) -> Callable[[Any], Any]:
        return lambda self: name in self.profile

    for name, form in FIELDS.items():
        kind, nothing = kinds[form]
        define(name, stated(name, nothing), kind)
        define(f"{name}_known", known(name), boolean_rule_variable)
    define("need_known", known("need"), boolean_rule_variable)

    def test(name: str, operator: str, value: Any = True) -> dict[str, Any]:  # noqa: FBT002  # what flags are compared with
        return {"name": name, "operator": operator, "value": value}

    def leaf(each: Leaf) -> tuple[dict[str, Any], dict[str, Any]]:
        match each:
            case Holds(fact=fact):
                return {"all": [test(fact, "is_true")]}, {"all": [test(f"{fact}_known", "is_true"), test(fact, "is_false")]}
            case Part(share=share):
                margin = f"margin_{share}"
                define(
                    margin,
                    lambda self: float(self.profile.get("salary", 0) * PART - share * self.profile.get("need", 0)),
                    numeric_rule_variable,
                )
                sure = [test("need_known", "is_true"), test("salary_known", "is_true")]
                return {"all": [*sure, test(margin, "greater_than_or_equal_to", 0)]}, {
                    "all": [*sure, test(margin, "less_than", 0)]
                }
            case Among(fact=fact, words=words):
                define(f"{fact}_listed", lambda self: self.profile.get(fact) in words, boolean_rule_variable)
                sure = [test(f"{fact}_known", "is_true")]
                return {"all": [*sure, test(f"{fact}_listed", "is_true")]}, {"all": [*sure, test(f"{fact}_listed", "is_false")]}
        sure = [test(f"{each.fact}_known", "is_true")]
        if each.sign == "==":
            define(f"{each.fact}_same", lambda self: self.profile.get(each.fact) == each.value, boolean_rule_variable)
            return {"all": [*sure, test(f"{each.fact}_same", "is_true")]}, {"all": [*sure, test(f"{each.fact}_same", "is_false")]}
        operators = ("greater_than_or_equal_to", "less_than")
        met, failed = operators if each.sign == ">=" else operators[::-1]
        return {"all": [*sure, test(each.fact, met, each.value)]}, {"all": [*sure, test(each.fact, failed, each.value)]}

    made: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {}
    for name, formula in criteria(law).items():
        made[name] = rails(formula, leaf, made.__getitem__, lambda parts: {"all": parts}, lambda parts: {"any": parts})

    class Actions(BaseActions):  # type: ignore[misc]  # the package has no types
        def __init__(self, found: dict[str, bool]) -> None:
            self.found = found

        @rule_action(params={"name": FIELD_TEXT, "truth": FIELD_TEXT})  # type: ignore[untyped-decorator]  # the same
        def settle(self, name: str, truth: str) -> None:
            self.found[name] = truth == "met"

    variables = type("Variables", (BaseVariables,), space)
    rules = [
        {"conditions": condition, "actions": [{"name": "settle", "params": {"name": name, "truth": truth}}]}
        for name, pair in made.items()
        for truth, condition in zip(("met", "failed"), pair, strict=True)
    ]

    def decide(profile: Mapping[str, Any]) -> Answer:
        found: dict[str, bool] = {}
        run_all(rule_list=rules, defined_variables=variables(with_need(law.going_rates, profile)), defined_actions=Actions(found))
        return _from_found(found)

    return decide


def durable_rules(law: Figures) -> Decide:
    """durable-rules alone: two rules for each criterion; an absent fact matches neither, the host works out how far pay is above."""
    from durable import engine

    opposites = {">=": "$lt", "<": "$gte"}
    signs = {">=": "$gte", "<": "$lt"}

    def leaf(each: Leaf) -> tuple[dict[str, Any], dict[str, Any]]:
        match each:
            case Holds(fact=fact):
                return {fact: True}, {fact: False}
            case Part(share=share):
                # two facts compared with each other hold or not where one is absent, as it happens: so with a constant only
                return {"$gte": {f"margin_{share}": 0}}, {"$lt": {f"margin_{share}": 0}}
            case Among(fact=fact, words=words):
                return {"$or": [{fact: word} for word in words]}, {"$and": [{"$neq": {fact: word}} for word in words]}
        if each.sign == "==":
            return {each.fact: each.value}, {"$neq": {each.fact: each.value}}
        return {signs[each.sign]: {each.fact: each.value}}, {opposites[each.sign]: {each.fact: each.value}}

    made: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {}
    found: dict[str, bool] = {}
    rules: dict[str, Any] = {}

    def settle(name: str, truth: object) -> Callable[[Any], None]:
        return lambda _: found.update({name: truth is True})

    for name, formula in criteria(law).items():
        made[name] = rails(formula, leaf, made.__getitem__, lambda parts: {"$and": parts}, lambda parts: {"$or": parts})
        for truth, condition in zip((True, False), made[name], strict=True):
            rules[f"{name.replace('.', '_')}_{truth}"] = {"all": [{"m": condition}], "run": settle(name, truth)}
    host = engine.Host()
    ruleset = f"decision_{law.number}"
    host.set_rulesets({ruleset: rules})
    shares = {share for _, share in law.options}
    numbers = itertools.count(1)

    def decide(profile: Mapping[str, Any]) -> Answer:
        found.clear()
        message = with_need(law.going_rates, profile)
        if "need" in message and "salary" in message:
            message |= {f"margin_{share}": float(message["salary"] * PART - share * message["need"]) for share in shares}
        state = str(next(numbers))
        with suppress(engine.MessageNotHandledException):
            host.assert_fact(ruleset, {**message, "sid": state, "id": 1})
        host.delete_state(ruleset, state)
        return _from_found(found)

    return decide


def openfisca(law: Figures) -> Decide:
    """OpenFisca: a variable for each criterion, the least and greatest of 0, 1 and 2; whether a fact is known is an input."""
    import numpy as np
    from openfisca_core.entities import build_entity
    from openfisca_core.periods import DateUnit
    from openfisca_core.simulations import SimulationBuilder
    from openfisca_core.taxbenefitsystems import TaxBenefitSystem
    from openfisca_core.variables import Variable

    person = build_entity("person", "persons", "profile", is_person=True)
    rates = np.array([law.going_rates.get(job, 0) for job in WORDS["job_code"]])
    compare = {">=": np.greater_equal, "<": np.less, "==": np.equal}

    def variable(name: str, kind: type, formula: Any = None) -> Any:
        members = {"value_type": kind, "entity": person, "definition_period": DateUnit.MONTH, "label": name, "__doc__": name}
        return type(name, (Variable,), members | ({"formula": formula} if formula else {}))

    def leaf(each: Leaf) -> Callable[[Callable[[str], Any]], Any]:
        def worked(read: Callable[[str], Any]) -> Any:
            match each:
                case Holds(fact=fact):
                    known, held = read(f"{fact}_known"), read(fact)
                case Among(fact=fact, words=words):
                    known, held = read(f"{fact}_known"), np.isin(WORDS[fact], words)[read(fact)]
                case Part(share=share):
                    rate = rates[read("job_code")]
                    known = read("salary_known") & read("weekly_hours_known") & read("job_code_known") & (rate > 0)
                    held = read("salary").astype("f8") * PART >= share * rate * read("weekly_hours").astype("f8")
                case _:
                    value = WORDS[each.fact].index(cast(str, each.value)) if each.fact in WORDS else each.value
                    known, held = read(f"{each.fact}_known"), compare[each.sign](read(each.fact), value)
            return np.where(known, np.where(held, 2, 0), 1)

        return worked

    def joined(combine: Any) -> Any:
        return lambda parts: lambda read: combine.reduce([part(read) for part in parts])

    def of_people(made: Any) -> Callable[[Any, Any], Any]:
        return lambda people, period: made(lambda name: people(name, period))

    names = {name: f"s_{name.replace('.', '_')}" for name in criteria(law)}

    class System(TaxBenefitSystem):  # type: ignore[misc]  # the package has no types
        def __init__(self) -> None:
            super().__init__([person])
            for name, stated in FIELDS.items():
                self.add_variable(variable(name, {"truth": bool, "decimal": float}.get(stated, int)))
                self.add_variable(variable(f"{name}_known", bool))
            for name, formula in criteria(law).items():
                made = folded(
                    formula, leaf, lambda other: lambda read: read(names[other]), joined(np.minimum), joined(np.maximum)
                )
                self.add_variable(variable(names[name], int, of_people(made)))

    system = System()

    def decide(profile: Mapping[str, Any]) -> Answer:
        stated: dict[str, Any] = {}
        for name in FIELDS:
            stated[f"{name}_known"] = {"2026-01": name in profile}
            if name in profile:
                value = profile[name]
                stated[name] = {"2026-01": WORDS[name].index(value) if name in WORDS else value}
        simulation = SimulationBuilder().build_from_entities(system, {"persons": {"one": stated}})
        truths = [(False, None, True)[int(simulation.calculate(name, "2026-01")[0])] for name in names.values()]
        return truths[-1], tuple(truths[:-1])

    return decide
