"""The reference engine: every step in order, by the meaning of its node.

Defines what a rule means; every other engine must agree.
"""

from __future__ import annotations

from eligibility.compiler import CompiledRules
from eligibility.findings import Findings
from eligibility.operations import Inputs


class ReferenceEngine:
    """A plain interpreter, written to be obviously right."""

    name = "reference"

    def run(self, compiled: CompiledRules, order: tuple[int, ...], inputs: Inputs) -> Findings:
        """The findings of the steps in `order`."""
        values, steps = list(compiled.start), compiled.steps
        for index in order:
            step = steps[index]
            values[index] = step.operation(values, inputs, steps)
        return Findings(compiled, values, inputs, self.name)
