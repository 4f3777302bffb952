"""Many profiles at once: tables of them, read in pieces and evaluated by the columnar engine.

running.py evaluates files. What stands below it: pipeline (blocks in, results out), sources (which files), json_lines, csv_rows
and parquet_rows (how they are read), layout (which column is which fact), sheet and cells (what written cells mean), rows (what
is read), scoring (outcomes in the order of the rows) by an evaluator, outputs (files that are whole or not there), tally,
sampling and single (what is counted and explained).
"""

from __future__ import annotations

from eligibility.batch.running import evaluate_files

__all__ = ["evaluate_files"]
