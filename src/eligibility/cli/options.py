"""Options that several commands share, with one wording."""

from __future__ import annotations

import click

as_of_option = click.option("--as-of", metavar="DATE", help="The day whose law applies, as YYYY-MM-DD; today if left out.")
language_option = click.option(
    "--language",
    metavar="CODE",
    envvar="ELIGIBILITY_LANGUAGE",
    default="en",
    help="The language of the answer, such as de or fr (en); ELIGIBILITY_LANGUAGE says it for all commands.",
)
rule_option = click.option(
    "--pathway", "pathways", multiple=True, metavar="ID", help="Only this rule, such as gb.skilled_worker; repeatable."
)
pathway_option = click.option(
    "--pathway", "pathways", multiple=True, metavar="ID", help="Only this pathway, such as gb.skilled_worker; repeatable."
)
