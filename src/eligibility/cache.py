"""Checked rules kept between runs, so that a second run need not read and check the files again.

A cache file is named by a hash of every rule file, of this package and of Python; it is written to the side and then renamed, and
it is believed only when its own hash is right and it belongs to the user. Anything else about it is ignored: the rules are then
read anew. What is made of checked rules, such as the compiled rules of a period, lies beside them; it also says to which file of
checked rules it belongs.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path
from typing import Final

from eligibility.compiler import CompiledRules
from eligibility.files import LANGUAGES
from eligibility.pickling import book_bytes, compiled_bytes, read_book, read_compiled
from eligibility.rulebook import Interval, RuleBook

VARIABLE: Final = "ELIGIBILITY_CACHE"
_KEPT: Final = 8
_LARGEST_FILE: Final = 8_000_000
_PROGRAM: Final = (".py",)
_RULES: Final = (".yaml", ".yml", ".csv")
_HASH: Final = hashlib.sha256().digest_size


def folder() -> Path | None:
    """The folder of the cache: the one `ELIGIBILITY_CACHE` names, none where it says `off`, else that of the user's caches."""
    named = os.environ.get(VARIABLE)
    if named == "off":
        return None
    if named:
        return Path(named)
    from platformdirs import user_cache_path

    return user_cache_path("eligibility")


def fingerprint(roots: Iterable[Path]) -> str | None:
    """A hash of all rule files below some folders and of what reads them; None where one of them cannot be read."""
    digest = hashlib.sha256(sys.version.encode())
    try:
        for entry in _files(str(Path(__file__).parent), _PROGRAM):
            state = entry.stat()
            digest.update(f"{entry.path}:{state.st_size}:{state.st_mtime_ns};".encode("utf-8", "surrogateescape"))
        for root in roots:
            digest.update(f"{root.absolute()}\0".encode("utf-8", "surrogateescape"))  # also one that holds nothing
            for entry in _files(str(root.absolute()), _RULES):
                if entry.stat().st_size > _LARGEST_FILE:
                    return None
                content = Path(entry).read_bytes()
                digest.update(f"{entry.path}:{len(content)};".encode("utf-8", "surrogateescape"))
                digest.update(content)
    except OSError:
        return None
    return digest.hexdigest()


def _files(folder: str, suffixes: tuple[str, ...], *, translates: bool = False) -> Iterator[os.DirEntry[str]]:
    """The files of some kinds below a folder, in order of their names, but for translations, which are no part of the rules."""
    with os.scandir(folder) as entries:
        listed = {entry.name: entry for entry in sorted(entries, key=attrgetter("name"))}
    for name, entry in listed.items():
        if entry.is_dir(follow_symlinks=False):
            yield from _files(entry.path, suffixes, translates=name == LANGUAGES and "pack.yaml" in listed)
        elif not translates and name.lower().endswith(suffixes) and entry.is_file():
            yield entry


@dataclass(frozen=True, slots=True)
class Place:
    """Where what is made of some checked rules is kept: beside them, by their fingerprint and the hash of their file."""

    name: str
    digest: bytes

    def read(self, ending: str) -> bytes | None:
        """What was kept under the fingerprint and an ending, or None. Raises: OSError."""
        believed = _believed(f"{self.name}.{ending}")
        return None if believed is None or believed[1][:_HASH] != self.digest else believed[1][_HASH:]

    def write(self, ending: str, data: bytes) -> None:
        """Keep something under the fingerprint and an ending. Raises: OSError."""
        _keep(f"{self.name}.{ending}", self.digest + data)


@dataclass(frozen=True, slots=True)
class Kept:
    """Checked rules in the cache: their place, the book, and its parts that compiled rules share."""

    place: Place
    book: RuleBook
    parts: list[object]


def read(name: str) -> Kept | None:
    """The rules kept under a fingerprint, or None."""
    try:
        believed = _believed(f"{name}.rules")
        if believed is None:
            return None
        digest, data = believed
        book, parts = read_book(data)
    except Exception:  # a cache that cannot be used is no error of the caller
        return None
    return Kept(Place(name, digest), book, parts)


def write(name: str, book: RuleBook) -> Kept | None:
    """Keep rules under a fingerprint; where that is not possible, nothing happens."""
    try:
        data, parts = book_bytes(book)
        return Kept(Place(name, _keep(f"{name}.rules", data)), book, parts)
    except (OSError, pickle.PicklingError, RecursionError):
        return None


def read_period(kept: Kept, period: Interval) -> CompiledRules | None:
    """The compiled rules of a period that lie beside checked rules, or None."""
    try:
        data = kept.place.read(_ending(period))
        compiled = None if data is None else read_compiled(data, kept.parts)
    except Exception:  # as above
        return None
    return compiled if compiled and compiled.book is kept.book and compiled.interval == period else None


def write_period(kept: Kept, compiled: CompiledRules) -> None:
    """Keep compiled rules beside the checked rules they were made from; where that is not possible, nothing happens."""
    try:
        kept.place.write(_ending(compiled.interval), compiled_bytes(compiled, kept.parts))
    except (OSError, pickle.PicklingError, RecursionError):
        return


def _ending(period: Interval) -> str:
    return f"{period.start or 'always'}.compiled"


def _believed(name: str) -> tuple[bytes, bytes] | None:
    """What a file of the cache holds, after the hash of it, where there is one and it can be believed."""
    where = folder()
    if where is None:
        return None
    path = where / name
    if not path.is_file() or (hasattr(os, "getuid") and path.stat().st_uid != os.getuid()):
        return None
    written = path.read_bytes()
    digest, data = written[:_HASH], written[_HASH:]
    return (digest, data) if hashlib.sha256(data).digest() == digest else None


def _keep(name: str, data: bytes) -> bytes:
    """Put data into a file of the cache and let the oldest files of its kind go; the hash of the data."""
    where, digest = folder(), hashlib.sha256(data).digest()
    if where is None:
        return digest
    where.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=where, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(digest)
            file.write(data)
        Path(temporary).replace(where / name)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    _clear(where, Path(name).suffix)
    return digest


def _clear(where: Path, suffix: str) -> None:
    """Let the oldest files of a kind go; other processes may do the same."""
    found: list[tuple[int, Path]] = []
    for path in where.glob(f"*{suffix}"):
        with suppress(OSError):
            if path.is_file():
                found.append((path.stat().st_mtime_ns, path))
    for _, old in sorted(found)[:-_KEPT]:
        with suppress(OSError):
            old.unlink()
