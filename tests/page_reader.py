"""Pages read back, and pages shown in a browser."""

from __future__ import annotations

import html
import json
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, Final

import pytest

from eligibility.engine import RuleSet, load_rules

MEASURE: Final = Path(__file__).parent / "pages" / "measure.html"
PHONE: Final = 360
DESKTOP: Final = 1280
VOID: Final = {"meta", "wbr"}


@dataclass
class Node:
    """An element of a page that was read back."""

    tag: str
    attributes: dict[str, str | None]
    parent: Node | None
    children: list[Node | str] = field(default_factory=list)

    def walk(self) -> Iterator[Node]:
        yield self
        for child in self.children:
            if isinstance(child, Node):
                yield from child.walk()

    def all(self, *tags: str) -> list[Node]:
        return [each for each in self.walk() if each.tag in tags]

    @property
    def text(self) -> str:
        return "".join(child if isinstance(child, str) else child.text for child in self.children)

    def has_class(self, name: str) -> bool:
        return name in (self.attributes.get("class") or "").split()

    def above(self) -> Iterator[Node]:
        node = self.parent
        while node is not None:
            yield node
            node = node.parent


class Reader(HTMLParser):
    """Reads a page whose elements must all be closed in order."""

    def __init__(self) -> None:
        super().__init__()
        self.at = self.root = Node("", {}, None)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(dict(attrs)) == len(attrs), "an attribute stands twice"
        node = Node(tag, dict(attrs), self.at)
        self.at.children.append(node)
        self.at = self.at if tag in VOID else node

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag == "rect", "only SVG has elements that end themselves"
        self.at.children.append(Node(tag, dict(attrs), self.at))

    def handle_endtag(self, tag: str) -> None:
        assert self.at.tag == tag, f"</{tag}> closes <{self.at.tag}>"
        assert self.at.parent is not None
        self.at = self.at.parent

    def handle_data(self, data: str) -> None:
        self.at.children.append(data)


def read(page: str) -> Node:
    reader = Reader()
    reader.feed(page)
    reader.close()
    assert reader.at is reader.root, f"<{reader.at.tag}> is not closed"
    return reader.root


@cache
def bundled() -> RuleSet:
    """The rules that come with the package, loaded once for all tests of pages."""
    return load_rules()


def plain(text: str) -> str:
    return " ".join(text.split())


def chromium(folder: Path, *arguments: str) -> str:
    """What Chromium prints, without a window; it keeps what it needs in a folder."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found is None:
        pytest.skip("Chromium is not installed (on Debian: apt-get install chromium)")
    quiet = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
    command = [found, *quiet, "--allow-file-access-from-files", f"--user-data-dir={folder / 'browser'}", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)  # noqa: S603  # an installed browser
    return done.stdout


def measured(folder: Path, pages: Sequence[str], widths: Sequence[int], *options: str) -> list[dict[str, Any]]:
    """What a browser found in each page at each width with all folds open; see pages/measure.html."""
    for number, page in enumerate(pages):
        (folder / f"{number}.html").write_text(page, encoding="utf-8")
    measure = Path(shutil.copy(MEASURE, folder))
    asked = ",".join(f"{number}:{width}" for number in range(len(pages)) for width in widths)
    shown = chromium(folder, *options, "--window-size=1400,1000", "--dump-dom", f"{measure.as_uri()}#{asked}")
    found: list[dict[str, Any]] = json.loads(html.unescape(shown.partition('<pre id="found">')[2].partition("</pre>")[0]))
    assert len(found) == len(pages) * len(widths)
    return found
