"""The forms in which commands write what they found, on standard output or into a file."""

from __future__ import annotations

import sys
from pathlib import Path
from shutil import get_terminal_size
from typing import Protocol

import click

from eligibility.cli.shell import is_terminal, write, write_file

FORMS = ("text", "json", "markdown", "html")
WIDTH = 100

form_option = click.option("--format", "form", type=click.Choice(FORMS), default="text", help="The form of the answer (text).")
output_option = click.option(
    "--output", "-o", metavar="FILE", type=click.Path(path_type=Path), help="Write the answer to a file."
)


class Printable(Protocol):
    """A document that can be printed in every form."""

    def to_json(self) -> str:
        """As JSON."""

    def to_markdown(self) -> str:
        """As Markdown."""

    def to_html(self) -> str:
        """As a page of HTML."""

    def to_text(self, *, width: int) -> str:
        """As text of a width."""


def write_answer(document: Printable, form: str, output: Path | None) -> None:
    """A document in a form, as wide as the terminal where it goes to one."""
    if form == "json":
        text = document.to_json()
    elif form == "markdown":
        text = document.to_markdown()
    elif form == "html":
        text = document.to_html()
    else:
        to_screen = output is None and is_terminal(sys.stdout)
        text = document.to_text(width=get_terminal_size().columns if to_screen else WIDTH)
    write_out(text, output)


def write_out(text: str, output: Path | None) -> None:
    """A text into a file, or on standard output where there is none."""
    if output is None:
        write(text)
    else:
        write_file(output, text.rstrip("\n"))
