"""Writes steps as Python, one after the other, and quantifiers as loops over the items of their list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from eligibility import nodes
from eligibility.backends.compiled_bounds import Bounds
from eligibility.backends.compiled_expressions import expression, needs_lines
from eligibility.backends.compiled_lines import Lines, Names
from eligibility.backends.compiled_ratios import Ratios
from eligibility.compiler import CompiledRules
from eligibility.datatypes import JUDGEMENT, MET, NOT_MET, UNKNOWN_TRUTH
from eligibility.operations import Step, whole


class Writer:
    """Writes the steps that are needed, of which `part` says to which part of the function they belong.

    Those in `kept` get lines of their own. With `stored` every value also goes into the list `v` of all values: then loops run to
    their end, so that what they work out for the last item stays there, as with the other engines.
    """

    def __init__(
        self,
        compiled: CompiledRules,
        bounds: Bounds,
        names: Names,
        needed: Iterable[int],
        part: Mapping[int, int],
        kept: frozenset[int],
        *,
        stored: bool = False,
    ) -> None:
        self.steps, self.bounds, self.stored = compiled.steps, bounds, stored
        wanted = [self.steps[index] for index in sorted(needed) if index not in bounds.constant]
        self.inside = {index: step.index for step in wanted for index in (*step.slots, *step.body)}
        self.ratios = Ratios(wanted, bounds, None if stored else kept)
        alone = frozenset[int]() if stored else self.alone(wanted, part, kept | self.ratios.leaves)
        self.lines = Lines(names, bounds, alone, self.ratios, stored=stored)

    def alone(self, wanted: Sequence[Step], part: Mapping[int, int], kept: frozenset[int]) -> frozenset[int]:
        """The steps that are written where they are used: only once, in the part or the loop they belong to."""

        def home(index: int) -> tuple[int | None, int]:
            return (self.inside.get(index), part.get(index, 0))

        user: dict[int, tuple[int | None, int] | None] = {}
        out = set(kept)
        for step in wanted:
            out.update(needs_lines(step, self.bounds.truths.__getitem__))
            is_loop = isinstance(step.node, nodes.Quantified | nodes.Aggregate)
            if is_loop:
                out.add(step.index)
            out.update(index for index, uses in Counter(step.inputs).items() if uses > 1)
            for position, index in enumerate(dict.fromkeys(step.inputs)):
                place = (step.index, part.get(step.index, 0)) if is_loop and position else home(step.index)
                user[index] = None if index in user else place
        return frozenset(
            index for index, place in user.items() if place is not None and index not in out and place == home(index)
        )

    def section(self, indices: Iterable[int]) -> None:
        """Write steps in order; those of loops with their loop."""
        for index in indices:
            if index not in self.inside and index not in self.bounds.constant:
                self.step(index)

    def step(self, index: int) -> None:
        """Write a step."""
        step = self.steps[index]
        match step.node:
            case nodes.Quantified():
                self.quantified(step, step.node)
            case nodes.Aggregate():
                self.aggregate(step, step.node)
            case _ if index in self.ratios.products:
                self.lines.pair(index)
                if index not in self.ratios.spared:
                    self.lines.value(index, expression(step, self.lines))
            case _ if index not in self.ratios.spared:
                self.lines.value(index, expression(step, self.lines))
        if index not in self.ratios.products:
            self.lines.pair(index)

    def over_items(self, step: Step, unknown: str) -> None:
        """Write the head of a loop over a list, and what is worked out for each item; `unknown` is for an unknown list."""
        lines, source = self.lines, step.inputs[0]
        if self.bounds.open[source]:
            lines.line(f"if {lines.use(source)} is K: x{step.index} = {unknown}")
            lines.line("else:")
            lines.indent += 1
        lines.line(f"for t{step.index} in {lines.use(source)}:")
        lines.indent += 1
        for slot in step.slots:
            lines.items[slot] = f"t{step.index}"
        for index in sorted((*step.slots, *step.body)):
            if index not in self.bounds.constant:
                self.step(index)
            elif self.stored:
                lines.line(f"v[{index}] = {lines.use(index)}")

    def quantified(self, step: Step, node: nodes.Quantified) -> None:
        """Write whether something holds for any or all items."""
        lines, indent, body, name = self.lines, self.lines.indent, step.inputs[1], f"x{step.index}"
        empty, decisive, decisive_truth = ("N", "M", MET) if node.kind == "any" else ("M", "N", NOT_MET)
        lines.line(f"{name} = {empty}")
        self.over_items(step, "U")
        truths = self.bounds.truths[body]
        if decisive_truth in truths:
            lines.line(f"if {lines.use(body)} is {decisive}:")
            lines.line(f" {name} = {decisive}{'' if self.stored else '; break'}")
        if UNKNOWN_TRUTH in truths:
            lines.line(f"if {lines.use(body)} is U{self.still(name, decisive)}: {name} = U")
        if JUDGEMENT in truths:
            lines.line(f"if {lines.use(body)} is J and {name} is {empty}: {name} = J")
        lines.line("pass")
        lines.indent = indent
        self.store(step)

    def still(self, name: str, decisive: str) -> str:
        """The test, in a loop that runs to its end, whether nothing has decided it."""
        return f" and {name} is not {decisive}" if self.stored else ""

    def store(self, step: Step) -> None:
        """Write that the value of a loop is kept."""
        if self.stored:
            self.lines.line(f"v[{step.index}] = x{step.index}")

    def aggregate(self, step: Step, node: nodes.Aggregate) -> None:
        """Write the count, sum, least or greatest over items; what is unknown about one of them leaves it unknown."""
        lines, indent, name, unknown = self.lines, self.lines.indent, f"x{step.index}", f"u{step.index}"
        _, condition, body = step.inputs
        of_all = node.kind in ("min", "max")
        leave = f" {unknown} = True; {'continue' if self.stored else 'break'}"
        lines.line(f"{name} = {'[]' if of_all else '0'}; {unknown} = False")
        self.over_items(step, "K")
        inner = lines.indent
        if condition >= 0:
            truths = self.bounds.truths[condition]
            if NOT_MET in truths:
                lines.line(f"if {lines.use(condition)} is N: continue")
            if not truths <= {MET, NOT_MET}:
                lines.line(f"if {lines.use(condition)} is not M:")
                lines.line(leave)
        if body >= 0 and self.bounds.open[body]:
            lines.line(f"if {lines.use(body)} is K:")
            lines.line(leave)
        value = lines.use(body) if body >= 0 else "1"
        lines.line(f"{name}.append({value})" if of_all else f"{name} += {'1' if node.kind == 'count' else value}")
        lines.indent = inner - 1
        done = f"{node.kind}({name}) if {name} else K" if of_all else f"{lines.names.of(whole)}({name})"
        lines.line(f"{name} = K if {unknown} else {done}")
        lines.indent = indent
        self.store(step)
