"""Elements of HTML. A text among the children is always escaped, and every element that is opened is closed."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_VOID: Final = {"meta": "", "wbr": "", "rect": "/"}  # elements without content, and how they end: rect as SVG wants it
# fmt: off
_OWN_LINE: Final = frozenset([
    "body", "caption", "details", "div", "dl", "dt", "figcaption", "figure", "footer", "h1", "h2", "h3", "h4", "head", "header",
    "html", "li", "main", "meta", "p", "section", "style", "table", "tbody", "thead", "title", "tr", "ul",
])
# fmt: on
_WHOLE: Final = re.compile(r"(\b\d{4}-\d{2}-\d{2}\b|\b[A-Z]{3} \d[\d,.]*\d\b)")  # dates and amounts
_JOINT: Final = re.compile(r"(?<=[a-z0-9][._])(?=[a-z])")  # within names of facts and rules
_CONTROL: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")  # no page may hold them


@dataclass(frozen=True, slots=True)
class Element:
    """An element of a page."""

    tag: str
    attributes: tuple[tuple[str, str], ...]
    children: tuple[Child, ...]

    def __str__(self) -> str:
        start = "\n" if self.tag in _OWN_LINE else ""
        attributes = "".join(f' {name}="{escaped(value)}"' for name, value in self.attributes)
        if self.tag in _VOID:
            return f"{start}<{self.tag}{attributes}{_VOID[self.tag]}>"
        inner = "".join(escaped(child) if isinstance(child, str) else str(child) for child in self.children)
        return f"{start}<{self.tag}{attributes}>{inner}</{self.tag}>"


@dataclass(frozen=True, slots=True)
class Verbatim:
    """Text of this package that stands as it is: the style sheet."""

    text: str

    def __str__(self) -> str:
        return self.text


Child = Element | Verbatim | str


def element(tag: str, *children: Child, **attributes: str | None) -> Element:
    """An element; `class_` is the attribute class, `aria_label` is aria-label, and one that is None is left out.

    >>> str(element("a", "1 < 2", class_="cite", href=None))
    '<a class="cite">1 &lt; 2</a>'
    """
    named = ((name.rstrip("_").replace("_", "-"), value) for name, value in attributes.items())
    return Element(tag, tuple((name, value) for name, value in named if value is not None), children)


def pieces(text: str) -> Iterator[Child]:
    """A text in which no date and no amount is broken at the end of a line, and the names of facts between their parts."""
    for at, piece in enumerate(_WHOLE.split(text)):
        if at % 2 == 0:
            first, *others = _JOINT.split(piece)
            yield first
            for part in others:
                yield element("wbr")
                yield part
        else:
            yield element("span" if " " in piece else "time", piece, class_="whole" if " " in piece else None)


def escaped(text: str) -> str:
    """A text that cannot become markup."""
    return html.escape(_CONTROL.sub("\N{REPLACEMENT CHARACTER}", text))
