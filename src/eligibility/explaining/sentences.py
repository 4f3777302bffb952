"""Sentences for the leaves of an explanation: what was found, what is required (source, date of force), the margin."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from eligibility import nodes
from eligibility.datatypes import JUDGEMENT, MET, NOT_MET, BooleanType, Truth
from eligibility.explaining.margins import margin_of
from eligibility.explaining.phrases import Phrases
from eligibility.explaining.readings import Law
from eligibility.explanation import Margin, Side
from eligibility.findings import OUTSIDE, Frame
from eligibility.rulebook import Citation

_NAMED: Final = (nodes.ParameterValue, nodes.Reference, nodes.FactValue, nodes.AssumedFact, nodes.ItemValue)


@dataclass(frozen=True, slots=True)
class Leaf:
    """What is said about a condition that is not made of others. `parts` are the values it compares."""

    sentence: str
    observed: Side | None = None
    required: Side | None = None
    margin: Margin | None = None
    since: date | None = None
    citation: Citation | None = None
    parts: tuple[nodes.Node, ...] = ()


class Sentences:
    """Sentences about the conditions of compiled rules, with the values of findings."""

    def __init__(self, phrases: Phrases) -> None:
        self.phrases = phrases
        self.findings = phrases.findings
        self.say = phrases.say

    def leaf(self, node: nodes.Node, *, positive: bool, frame: Frame = OUTSIDE) -> Leaf:
        """What a condition that is not made of others, or its opposite, came to."""
        if frame is not OUTSIDE:
            return self._leaf(node, frame, positive=positive)
        return self.findings.once("leaves", node, lambda: self._leaf(node, frame, positive=positive), positive)

    def _leaf(self, node: nodes.Node, frame: Frame, *, positive: bool) -> Leaf:
        match node:
            case nodes.Comparison():
                return self._comparison(node, frame, positive=positive)
            case nodes.Membership(item=nodes.Constant()):
                return self._holds(node, frame, positive=positive)
            case nodes.Membership():
                return self._membership(node, frame, positive=positive)
            case nodes.TableHas():
                return self._table(node, frame, positive=positive)
            case nodes.Contains(text=text, phrases=phrases):
                return self._texts(text, "test.contains", self.phrases.quoted(phrases), frame, positive=positive)
            case nodes.StartsWith(code=code, prefixes=prefixes):
                law = self.phrases.law(prefixes, frame)
                named = self.phrases.prefixes(prefixes, frame) + self.phrases.source(law)
                return self._with_law(self._texts(code, "test.begins", named, frame, positive=positive), law)
            case nodes.HumanJudgement():
                return Leaf(self.say("test.judgement"))
            case nodes.Constant(value=value):
                return Leaf(self.say("test.always" if (value is MET) == positive else "test.never"))
        return self._boolean(node, frame, positive=positive)

    # a condition that is a value

    def _boolean(self, node: nodes.Node, frame: Frame, *, positive: bool) -> Leaf:
        phrases = self.phrases
        noun, truth = phrases.noun(node, frame), phrases.truth(node, frame)
        law = phrases.law(node, frame)
        wanted = self.say("value.yes" if positive else "value.no")
        observed = Side(noun, truth, node.type, phrases.text(node, frame))
        required = Side(noun, MET if positive else NOT_MET, node.type, wanted)
        place = phrases.source(law)
        if truth is JUDGEMENT or (truth in (MET, NOT_MET) and (truth is MET) == positive):
            found = self.say("value.judgement") if truth is JUDGEMENT else observed.text
            said = self.say("test.yes_no", noun=noun, source=place, found=found)
        elif truth in (MET, NOT_MET):
            said = self.say("test.yes_no_bad", noun=noun, source=place, found=observed.text, required=wanted)
        else:
            why = self.why_unknown(node, frame)
            said = self.say("test.yes_no_unknown", noun=noun, source=place, found=why, required=wanted)
        return self._with_law(Leaf(said, observed, required), law)

    # comparisons

    def _comparison(self, node: nodes.Comparison, frame: Frame, *, positive: bool) -> Leaf:
        phrases = self.phrases
        operator, left, right = phrases.oriented(node, positive=positive)
        noun = phrases.subject(left, frame)
        observed = Side(noun, phrases.value(left, frame), left.type, phrases.text(left, frame))
        unit = phrases.unit(right) or phrases.unit(left)
        required = Side(phrases.noun(right, frame), phrases.value(right, frame), right.type, phrases.text(right, frame, unit))
        law = phrases.law(right, frame) or phrases.law(left, frame)
        margin = None
        if not phrases.is_unknown(left, frame) and not phrases.is_unknown(right, frame):
            margin = margin_of(operator, observed.value, required.value, left.type, unit, node.order, phrases.book)
        found = self.found(left, frame)
        if operator == "==" and isinstance(right, nodes.Constant) and observed.value == required.value:
            said = self.say("test.as_required", noun=noun, found=found)
        else:
            need = self.required(right, frame, unit)
            tail = "" if margin is None else self.say("test.margin", margin=margin.words)
            if operator == "!=":
                said = self.say("test.compared_not", noun=noun, found=found, required=need, margin=tail)
            else:
                bounded = phrases.bounded(operator, right, need)
                said = self.say("test.compared", noun=noun, found=found, required=bounded, margin=tail)
        since = None if law is None else law.since or phrases.latest_start(right)
        return Leaf(said, observed, required, margin, since, None if law is None else law.citation, (left, right))

    def found(self, node: nodes.Node, frame: Frame) -> str:
        """What a value is, with the source of a figure of law."""
        if self.phrases.is_unknown(node, frame):
            return self.why_unknown(node, frame)
        law = None if self.phrases.reads_facts(node) and not isinstance(node, nodes.Lookup) else self.phrases.law(node, frame)
        return self.phrases.measure(node, frame) + self.phrases.source(law)

    def required(self, node: nodes.Node, frame: Frame, unit: str | None) -> str:
        """What is required: a constant by its value, anything else by name, value and source."""
        phrases = self.phrases
        if isinstance(node, nodes.Constant):
            return phrases.text(node, frame, unit)
        noun = phrases.subject(node, frame) if isinstance(node, _NAMED) else phrases.noun(node, frame)
        if phrases.is_unknown(node, frame):
            return self.say("test.named_unknown", noun=noun, why=self.why_unknown(node, frame))
        place = phrases.source(phrases.law(node, frame))
        return self.say("test.named", noun=noun, value=phrases.measure(node, frame), source=place)

    def why_unknown(self, node: nodes.Node, frame: Frame) -> str:
        """`not stated` for a fact, `not known` for a figure of law (with the reason) and for what is worked out from them."""
        phrases = self.phrases
        if isinstance(node, nodes.FactValue | nodes.AssumedFact | nodes.ItemValue):
            return self.say("value.not_stated")
        missing = sorted(self.findings.missing(phrases.index(node), frame))
        whys = list(dict.fromkeys(phrases.why(each) for each in missing if each.why and each.kind == "figure"))
        if whys and all(each.kind == "figure" for each in missing):
            return self.say("value.because", reasons="; ".join(whys))
        return self.say("value.unknown")

    # lists, tables and texts

    def _membership(self, node: nodes.Membership, frame: Frame, *, positive: bool) -> Leaf:
        """A sentence for a value that has to be in a list that stands in the rule or is fixed by law."""
        phrases, item, collection = self.phrases, node.item, node.collection
        noun, truth = phrases.noun(item, frame), phrases.truth(node, frame)
        observed = Side(noun, phrases.value(item, frame), item.type, phrases.text(item, frame))
        law, among = phrases.law(collection, frame), phrases.among(collection, frame)
        found = self.found(item, frame)
        if not isinstance(collection, nodes.Constant) and phrases.is_unknown(collection, frame):
            name = "test.list_unknown" if positive else "test.list_unknown_not"
            why = self.why_unknown(collection, frame)
            sentence = self.say(name, noun=noun, found=found, among=among, why=why)
        else:
            if isinstance(collection, nodes.Constant) or truth is Truth.UNKNOWN:
                name = "test.among" if positive else "test.among_not"
            else:
                name = "test.is_among" if truth is MET else "test.is_not_among"
                name += "" if (truth is MET) == positive else "_bad"
            place = "" if isinstance(collection, nodes.Constant) else phrases.source(law)
            sentence = self.say(name, noun=noun, found=found, among=among + place)
        required = Side(phrases.noun(collection, frame), phrases.value(collection, frame), collection.type, among)
        return self._with_law(Leaf(sentence, observed, required, parts=(item,)), law)

    def _holds(self, node: nodes.Membership, frame: Frame, *, positive: bool) -> Leaf:
        """A sentence for a list that somebody stated, and a value that has to be in it."""
        phrases, collection = self.phrases, node.collection
        noun, wanted = phrases.noun(collection, frame), phrases.text(node.item, frame)
        observed = Side(noun, phrases.value(collection, frame), collection.type, phrases.text(collection, frame))
        asked = wanted if positive else self.say("word.not", value=wanted)
        required = Side(noun, phrases.value(node.item, frame), node.item.type, asked)
        if phrases.is_unknown(collection, frame):
            name, why = "test.holds_unknown" if positive else "test.holds_unknown_not", self.why_unknown(collection, frame)
            return Leaf(self.say(name, noun=noun, why=why, value=wanted), observed, required)
        if phrases.truth(node, frame) is MET:
            return Leaf(self.say("test.holds" if positive else "test.holds_bad", noun=noun, value=wanted), observed, required)
        name = "test.lacks_bad" if positive else "test.lacks"
        return Leaf(self.say(name, noun=noun, value=wanted, stated=observed.text), observed, required)

    def _table(self, node: nodes.TableHas, frame: Frame, *, positive: bool) -> Leaf:
        phrases = self.phrases
        law, truth = phrases.law(node, frame), phrases.truth(node, frame)
        keys = [key for key in node.keys if not isinstance(key, nodes.Constant)]
        named = phrases.language.listed([phrases.with_value(key, frame) for key in keys])
        title = phrases.book.rules[node.rule].tables[node.table].title
        where = self.say("test.table", table=title, source=phrases.source(law))
        open_keys = [key for key in keys if phrases.is_unknown(key, frame)]
        if open_keys:
            noun = phrases.noun(open_keys[0], frame)
            name, why = "test.key_unknown" if positive else "test.key_unknown_not", self.why_unknown(open_keys[0], frame)
            said = self.say(name, noun=noun, why=why, where=where)
        elif truth is Truth.UNKNOWN:
            name, why = "test.row_unknown" if positive else "test.row_unknown_not", self.why_unknown(node, frame)
            said = self.say(name, keys=named, where=where, why=why)
        else:
            name = ("test.row" if truth is MET else "test.no_row") + ("" if (truth is MET) == positive else "_bad")
            said = self.say(name, keys=named, count=len(keys), where=where)
        nouns = phrases.language.listed([phrases.noun(key, frame) for key in keys])
        observed = Side(nouns, truth, BooleanType(), named)
        if len(keys) == 1:
            observed = Side(nouns, phrases.value(keys[0], frame), keys[0].type, phrases.text(keys[0], frame))
        required = Side(title, MET if positive else NOT_MET, BooleanType(), where)
        return self._with_law(Leaf(said, observed, required), law)

    def _texts(self, node: nodes.Node, name: str, required: str, frame: Frame, *, positive: bool) -> Leaf:
        phrases = self.phrases
        noun = phrases.noun(node, frame)
        observed = Side(noun, phrases.value(node, frame), node.type, phrases.text(node, frame))
        name += "" if positive else "_not"
        said = self.say(name, noun=noun, found=self.found(node, frame), value=required)
        return Leaf(said, observed, Side(noun, MET if positive else NOT_MET, BooleanType(), required), parts=(node,))

    def _with_law(self, leaf: Leaf, law: Law | None) -> Leaf:
        """The leaf with the source and the date of force of the figure of law it rests on."""
        if law is None:
            return leaf
        return Leaf(leaf.sentence, leaf.observed, leaf.required, leaf.margin, law.since, law.citation, leaf.parts)
