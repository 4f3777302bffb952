"""The page around a printed document: one file that loads nothing, runs nothing and sends nothing."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from pathlib import Path

from eligibility.rendering.elements import Child, Verbatim, element


def page(title: str, header: list[Child], main: list[Child], footer: list[Child], language: str) -> str:
    """A whole page with its style sheet in it; the browser is told to load nothing and run nothing."""
    style = f"\n{style_sheet()}"
    digest = b64encode(sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=policy),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("meta", name="referrer", content="no-referrer"),
        element("title", title),
        element("style", Verbatim(style)),
    )
    parts = [element("header", *header), element("main", *main)]
    body = element("body", *parts, *([element("footer", *footer)] if footer else []))
    return f"<!doctype html>{element('html', head, body, lang=language)}\n"


def style_sheet() -> str:
    """The style sheet of all pages."""
    return Path(__file__).with_name("page.css").read_text(encoding="utf-8")
