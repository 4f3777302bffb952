"""The search for garbage is put off while much is made, not given up."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from eligibility.garbage import without_garbage_collection


class Knot:
    """An object that holds itself: only the search for garbage finds it."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    enabled = gc.isenabled()
    gc.enable()
    yield
    gc.unfreeze()
    if not enabled:
        gc.disable()


def test_nothing_is_looked_for_meanwhile() -> None:
    """The search is off inside, however deep, and on afterwards."""
    with without_garbage_collection():
        with without_garbage_collection():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()


def test_who_has_turned_it_off_finds_it_off() -> None:
    """Where nobody looks for garbage, nobody does afterwards."""
    gc.disable()
    with without_garbage_collection():
        pass
    assert not gc.isenabled()


def test_what_was_made_meanwhile_is_not_searched_at_once() -> None:
    """It counts as old, so that the next search of what is young passes it by."""
    with without_garbage_collection():
        made = [[number] for number in range(10_000)]
    young = {id(each) for each in gc.get_objects(generation=0)}
    assert not young.intersection(map(id, made))
    assert {id(each) for each in gc.get_objects(generation=2)}.issuperset(map(id, made))


def test_garbage_made_meanwhile_is_found_later() -> None:
    """A full search finds what nobody holds any more."""
    with without_garbage_collection():
        lost = weakref.ref(Knot())
    gc.collect()
    assert lost() is None


def test_what_somebody_froze_stays_frozen() -> None:
    """A program that freezes its objects before it forks finds them frozen."""
    gc.freeze()
    frozen = gc.get_freeze_count()
    with without_garbage_collection():
        pass
    assert gc.get_freeze_count() == frozen > 0
