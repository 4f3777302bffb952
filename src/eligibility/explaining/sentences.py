"""Sentences for the leaves of an explanation: what was found, what is required (source, date of force), the margin."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from eligibility import nodes
from eligibility.datatypes import JUDGEMENT, MET, NOT_MET, Truth
from eligibility.english import be, capital, is_plural, listed, lowered, the
from eligibility.explaining.margins import margin_of
from eligibility.explaining.phrases import Phrases
from eligibility.explaining.readings import Law
from eligibility.explanation import Margin, Side
from eligibility.findings import OUTSIDE, Frame
from eligibility.rulebook import Citation


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

    def leaf(self, node: nodes.Node, *, positive: bool, frame: Frame = OUTSIDE) -> Leaf:
        """What a condition that is not made of others, or its opposite, came to."""
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
                return self._texts(text, "contain", self.phrases.quoted(phrases), frame, positive=positive)
            case nodes.StartsWith(code=code, prefixes=prefixes):
                law = self.phrases.law(prefixes, frame)
                leaf = self._texts(
                    code, "begin with", self.phrases.prefixes(prefixes, frame) + source(law), frame, positive=positive
                )
                return self._with_law(leaf, law)
            case nodes.HumanJudgement():
                return Leaf("This is for a human to judge.")
            case nodes.Constant(value=value):
                return Leaf("This always holds." if (value is MET) == positive else "This never holds.")
        return self._boolean(node, frame, positive=positive)

    # a condition that is a value

    def _boolean(self, node: nodes.Node, frame: Frame, *, positive: bool) -> Leaf:
        phrases = self.phrases
        noun, truth = phrases.noun(node, frame), phrases.truth(node, frame)
        law = phrases.law(node, frame)
        wanted = "yes" if positive else "no"
        observed = Side(noun, truth, node.type, phrases.text(node, frame))
        required = Side(noun, MET if positive else NOT_MET, node.type, wanted)
        if truth in (MET, NOT_MET):
            fits = (truth is MET) == positive
            said = f"{capital(noun)}{source(law)}: {observed.text}" + ("" if fits else f", but it must be {wanted}")
        elif truth is JUDGEMENT:
            said = f"{capital(noun)}{source(law)}: for a human to judge"
        else:
            said = f"{capital(noun)}{source(law)}: {self.why_unknown(node, frame)}; it must be {wanted}"
        return self._with_law(Leaf(f"{said}.", observed, required), law)

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
        found = f"{capital(noun)} {be(noun)} {self.found(left, frame)}"
        bound = "" if operator == "!=" else phrases.bound(operator, right)
        need = f"; {must(noun, positive=operator != '!=')} be {bound}{self.required(right, frame, unit)}"
        if operator == "==" and isinstance(right, nodes.Constant) and observed.value == required.value:
            need = ", as required"
        tail = f": {margin.words}" if margin is not None and need != ", as required" else ""
        since = None if law is None else law.since or phrases.latest_start(right)
        return Leaf(
            f"{found}{need}{tail}.", observed, required, margin, since, None if law is None else law.citation, (left, right)
        )

    def found(self, node: nodes.Node, frame: Frame) -> str:
        """What a value is, with the source of a figure of law."""
        if self.phrases.is_unknown(node, frame):
            return self.why_unknown(node, frame)
        law = None if self.phrases.reads_facts(node) and not isinstance(node, nodes.Lookup) else self.phrases.law(node, frame)
        return self.phrases.measure(node, frame) + source(law)

    def required(self, node: nodes.Node, frame: Frame, unit: str | None) -> str:
        """What is required: a constant by its value, anything else by name, value and source."""
        phrases = self.phrases
        if isinstance(node, nodes.Constant):
            return phrases.text(node, frame, unit)
        noun = phrases.noun(node, frame)
        if phrases.is_unknown(node, frame):
            return f"{the(noun)}, which {be(noun)} {self.why_unknown(node, frame)}"
        return f"{the(noun)}, {phrases.text(node, frame)}{source(phrases.law(node, frame))}"

    def why_unknown(self, node: nodes.Node, frame: Frame) -> str:
        """`not stated` for a fact, `not known` for a figure of law (with the reason) and for what is worked out from them."""
        phrases = self.phrases
        if isinstance(node, nodes.FactValue | nodes.AssumedFact | nodes.ItemValue):
            return "not stated"
        missing = sorted(self.findings.missing(phrases.index(node), frame))
        whys = list(dict.fromkeys(lowered(each.why.rstrip(".")) for each in missing if each.why and each.kind == "figure"))
        if whys and all(each.kind == "figure" for each in missing):
            return f"not known ({'; '.join(whys)})"
        return "not known"

    # lists, tables and texts

    def _membership(self, node: nodes.Membership, frame: Frame, *, positive: bool) -> Leaf:
        """A sentence for a value that has to be in a list that stands in the rule or is fixed by law."""
        phrases, item, collection = self.phrases, node.item, node.collection
        noun, truth = phrases.noun(item, frame), phrases.truth(node, frame)
        observed = Side(noun, phrases.value(item, frame), item.type, phrases.text(item, frame))
        law, among = phrases.law(collection, frame), phrases.among(collection, frame)
        needed = must(noun, positive=positive)
        if isinstance(collection, nodes.Constant):
            said = f"{needed} be {among}"
        elif phrases.is_unknown(collection, frame):
            subject = "they are" if is_plural(noun) else "it is"
            said = f"whether {subject} {among} is {self.why_unknown(collection, frame)}; {needed} be"
        elif truth is Truth.UNKNOWN:
            said = f"{needed} be {among}{source(law)}"
        else:
            said = f"this is {'' if truth is MET else 'not '}{among}{source(law)}"
            said += "" if (truth is MET) == positive else f", and {needed.partition(' ')[2]} be"
        sentence = f"{capital(noun)} {be(noun)} {self.found(item, frame)}; {said}."
        required = None
        if isinstance(collection, nodes.Constant | nodes.ListValue):
            required = Side(phrases.noun(collection, frame), phrases.value(collection, frame), collection.type, among)
        return self._with_law(Leaf(sentence, observed, required, parts=(item,)), law)

    def _holds(self, node: nodes.Membership, frame: Frame, *, positive: bool) -> Leaf:
        """A sentence for a list that somebody stated, and a value that has to be in it."""
        phrases, collection = self.phrases, node.collection
        noun, wanted = phrases.noun(collection, frame), phrases.text(node.item, frame)
        observed = Side(noun, phrases.value(collection, frame), collection.type, phrases.text(collection, frame))
        required = Side(noun, phrases.value(node.item, frame), node.item.type, f"{'' if positive else 'not '}{wanted}")
        if phrases.is_unknown(collection, frame):
            need = f"{wanted} must {'' if positive else 'not '}be among them"
            return Leaf(f"{capital(noun)}: {self.why_unknown(collection, frame)}; {need}.", observed, required)
        if phrases.truth(node, frame) is MET:
            said = f"{'include' if is_plural(noun) else 'includes'} {wanted}{'' if positive else ', but must not'}"
        else:
            verb = "do not include" if is_plural(noun) else "does not include"
            said = f"{verb} {wanted}{', but must' if positive else ''} (stated: {observed.text})"
        return Leaf(f"{capital(noun)} {said}.", observed, required)

    def _table(self, node: nodes.TableHas, frame: Frame, *, positive: bool) -> Leaf:
        phrases = self.phrases
        law, truth = phrases.law(node, frame), phrases.truth(node, frame)
        keys = [key for key in node.keys if not isinstance(key, nodes.Constant)]
        named = listed([f"{phrases.noun(key, frame)} ({phrases.text(key, frame)})" for key in keys])
        where = f"in the table “{phrases.book.rules[node.rule].tables[node.table].title}”{source(law)}"
        needed = "must be" if positive else "must not be"
        open_keys = [key for key in keys if phrases.is_unknown(key, frame)]
        if open_keys:
            noun = phrases.noun(open_keys[0], frame)
            said = f"{noun} {be(noun)} {self.why_unknown(open_keys[0], frame)}; it {needed} {where}"
        elif truth is Truth.UNKNOWN:
            said = f"whether {named} is {where} is {self.why_unknown(node, frame)}; it {needed} so"
        else:
            said = f"{named} {'is' if len(keys) == 1 else 'are'} {'' if truth is MET else 'not '}{where}"
            said += "" if (truth is MET) == positive else f", and {needed}"
        sides = [Side(phrases.noun(key, frame), phrases.value(key, frame), key.type, phrases.text(key, frame)) for key in keys]
        return self._with_law(Leaf(f"{capital(said)}.", sides[0] if len(sides) == 1 else None), law)

    def _texts(self, node: nodes.Node, verb: str, required: str, frame: Frame, *, positive: bool) -> Leaf:
        phrases = self.phrases
        noun = phrases.noun(node, frame)
        observed = Side(noun, phrases.value(node, frame), node.type, phrases.text(node, frame))
        need = f"{must(noun, positive=positive)} {verb} {required}"
        return Leaf(f"{capital(noun)} {be(noun)} {self.found(node, frame)}; {need}.", observed, parts=(node,))

    def _with_law(self, leaf: Leaf, law: Law | None) -> Leaf:
        """The leaf with the source and the date of force of the figure of law it rests on."""
        if law is None:
            return leaf
        return Leaf(leaf.sentence, leaf.observed, leaf.required, leaf.margin, law.since, law.citation, leaf.parts)


def must(noun: str, *, positive: bool) -> str:
    """`it must` or `they must not`, as a noun phrase and what is asked of it need it."""
    return f"{'they' if is_plural(noun) else 'it'} must{'' if positive else ' not'}"


def source(law: Law | None, *reasons: str) -> str:
    """In brackets: why a value is what it is, the date of force of a figure of law, and its place."""
    parts = [] if law is None or law.since is None else [f"since {law.since.isoformat()}"]
    parts += [] if law is None or law.citation is None else [law.citation.text]
    said = "; ".join([*reasons, *([", ".join(parts)] if parts else [])])
    return f" ({said})" if said else ""
