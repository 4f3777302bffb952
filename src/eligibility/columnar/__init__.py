"""Rules for populations: the compiled rules as one plan of columns, by Polars (the extra `columns`).

It gives for every row of a frame the outcome that one evaluation of the row gives; explanations come from that.
"""

from __future__ import annotations

from eligibility.columnar.evaluation import ColumnarRules, Evaluated

__all__ = ["ColumnarRules", "Evaluated"]
