"""The public names of the package are there, and cost nothing before they are used."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import eligibility

PACKS = Path(__file__).parent / "packs"


@pytest.mark.parametrize("name", eligibility.__all__)
def test_every_public_name_is_there(name: str) -> None:
    """Each name in `__all__` can be used, and is listed by `dir`."""
    assert getattr(eligibility, name)
    assert name in dir(eligibility)


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    """An unknown name fails as it does for any module."""
    with pytest.raises(AttributeError, match="module 'eligibility' has no attribute 'load_rulez'"):
        eligibility.load_rulez  # noqa: B018  # looking is enough


def test_the_import_loads_nothing() -> None:
    """`import eligibility` loads no other module of the package and none of its dependencies."""
    code = "import sys; before = set(sys.modules); import eligibility; print(*sorted(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603
    assert {"eligibility"} == {name for name in done.stdout.split() if name.partition(".")[0] not in sys.stdlib_module_names}


def test_a_report_of_kept_rules_needs_no_pydantic(tmp_path: Path) -> None:
    """Who has evaluated once need not wait for what only reads rules and documents: text, Markdown and HTML come without."""
    code = f"""if True:
        import sys, eligibility
        profile = {{"offer": {{"country": "GB"}}}}
        report = eligibility.load_rules({str(PACKS)!r}, bundled=False).evaluate(profile, as_of="2026-06-01")
        report.to_text(), report.to_markdown(), report.to_html(), report.to_json()
        print("pydantic" in sys.modules)"""
    environment = {**os.environ, "ELIGIBILITY_CACHE": str(tmp_path)}
    found = [
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment).stdout.strip()  # noqa: S603
        for _ in range(2)
    ]
    assert found == ["True", "False"]
