"""`eligibility schema`: the JSON Schemas of what goes in and what comes out."""

from __future__ import annotations

import json
from pathlib import Path

import click

from eligibility.cli.rule_sources import rules_option
from eligibility.cli.shell import write


@click.command(
    epilog="""\b
Examples:
  eligibility schema profile > profile.schema.json
  eligibility schema profile --rules my_pack/
  eligibility schema rules > rules.schema.json

\b
In an editor with the YAML language server, a rule file is checked and
completed while it is written if its first line is
  # yaml-language-server: $schema=rules.schema.json
and a profile if it begins with
  {"$schema": "profile.schema.json",
"""
)
@click.argument(
    "name",
    type=click.Choice(
        [
            "profile",
            "rules",
            "report",
            "remedies",
            "timeline",
            "sensitivity",
            "receipt",
            "verification",
            "comparison",
            "batch",
            "simulation",
        ]
    ),
)
@rules_option
def schema(name: str, folders: tuple[Path, ...]) -> None:
    """Print the JSON Schema of a kind of document.

    The schemas are of draft 2020-12; `rules` is about one rule file of any kind, `report` about the JSON that `evaluate` prints,
    `receipt` about what `evaluate --receipt` writes, `remedies`, `timeline` and `sensitivity` about the JSON of the commands of
    these names, `verification` and `comparison` about that of `verify` and `compare`, `batch` and `simulation` about the
    summaries of `batch` and `simulate`.
    The schema of a profile is made from the declared facts, so it grows with the packs given by --rules.
    """
    from eligibility import schemas
    from eligibility.engine import load_rules

    write(json.dumps(schemas.schema(name, load_rules(*folders).book), ensure_ascii=False, indent=2))
