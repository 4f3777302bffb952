"""Rules for populations: the compiled rules as one plan of columns, by Polars (the extra `columns`).

It gives for every row of a frame the outcome that one evaluation of the row gives; explanations come from that. `ArrowRules` is
the same as a function from Arrow to Arrow, which other processes can be sent.
"""

from __future__ import annotations

from eligibility.columnar.arrow import ArrowRules
from eligibility.columnar.evaluation import ColumnarRules, Evaluated

__all__ = ["ArrowRules", "ColumnarRules", "Evaluated"]
