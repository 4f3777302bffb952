"""The public names of the package are there, and cost nothing before they are used."""

from __future__ import annotations

import subprocess
import sys

import pytest

import eligibility


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
