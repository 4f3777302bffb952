"""Checked rules kept between runs, so that a second run need not read and check the files again.

A cache file is named by a hash of every rule file, of this package and of Python; it is written to the side and then renamed, and
it is believed only when its own hash is right and it belongs to the user. Anything else about it is ignored: the rules are then
read anew.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from eligibility.files import LANGUAGES
from eligibility.rulebook import RuleBook

VARIABLE: Final = "ELIGIBILITY_CACHE"
_KEPT: Final = 8
_LARGEST_FILE: Final = 8_000_000


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
        for path in sorted(Path(__file__).parent.rglob("*.py")):
            state = path.stat()
            digest.update(f"{path.name}:{state.st_size}:{state.st_mtime_ns};".encode())
        for root in roots:
            digest.update(f"{root.absolute()}\0".encode("utf-8", "surrogateescape"))
            for path in sorted(root.rglob("*")):
                if path.suffix.lower() in (".yaml", ".yml", ".csv") and not _is_translation(path) and path.is_file():
                    if path.stat().st_size > _LARGEST_FILE:
                        return None
                    content = path.read_bytes()
                    digest.update(f"{path.relative_to(root).as_posix()}:{len(content)};".encode("utf-8", "surrogateescape"))
                    digest.update(content)
    except OSError:
        return None
    return digest.hexdigest()


def _is_translation(path: Path) -> bool:
    """Whether a file lies in the folder of translations of a pack: they are no part of the rules."""
    return path.parent.name == LANGUAGES and (path.parent.parent / "pack.yaml").exists()


def read(name: str) -> RuleBook | None:
    """The rules kept under a fingerprint, or None."""
    where = folder()
    if where is None:
        return None
    path = where / f"{name}.rules"
    try:
        if hasattr(os, "getuid") and path.stat().st_uid != os.getuid():
            return None
        data = path.read_bytes()
        if hashlib.sha256(data[32:]).digest() != data[:32]:
            return None
        book = pickle.loads(data[32:])  # noqa: S301  # written by this package for this user, and checked above
    except Exception:  # a cache that cannot be used is no error of the caller
        return None
    return book if isinstance(book, RuleBook) else None


def write(name: str, book: RuleBook) -> None:
    """Keep rules under a fingerprint; where that is not possible, nothing happens."""
    where = folder()
    if where is None:
        return
    try:
        where.mkdir(mode=0o700, parents=True, exist_ok=True)
        data = pickle.dumps(book, pickle.HIGHEST_PROTOCOL)
        handle, temporary = tempfile.mkstemp(dir=where, suffix=".part")
        with os.fdopen(handle, "wb") as file:
            file.write(hashlib.sha256(data).digest())
            file.write(data)
        Path(temporary).replace(where / f"{name}.rules")
        kept = sorted(where.glob("*.rules"), key=lambda path: path.stat().st_mtime_ns)
        for old in kept[:-_KEPT]:
            old.unlink(missing_ok=True)
    except (OSError, pickle.PicklingError, RecursionError):
        return
