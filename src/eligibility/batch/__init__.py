"""Many profiles at once: tables of them, read in pieces and evaluated by the columnar engine.

running.py evaluates files; simulation.py sets two laws against each other, with moves (who comes out otherwise) and figures (of
law that differ). What stands below them: pipeline (blocks in, results out), sources (which files), json_lines, csv_rows
and parquet_rows (how they are read), layout (which column is which fact), sheet and cells (what written cells mean), rows (what
is read), scoring (outcomes in the order of the rows) by an evaluator, outputs (files that are whole or not there), tally,
gaps, sampling and single (what is counted, missing and explained).
"""

from __future__ import annotations

from eligibility.batch.running import evaluate_files
from eligibility.batch.simulation import simulate_files

__all__ = ["evaluate_files", "simulate_files"]
