"""Languages of rule packs: the files in their folders `languages/`, checked against the rules and put together.

They are no part of the rules: no outcome rests on them, so they are read only when a language is asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from eligibility.diagnostics import Collector, Diagnostic, RuleError, Span, UsageError, did_you_mean
from eligibility.files import LANGUAGES, is_folder, list_folder, printable, read_bytes
from eligibility.labels import Collected, labels_of
from eligibility.language import CAPITAL, DEFAULT, Language, Placeholder, needed, parsed, placeholders
from eligibility.loader import Loaded, pack_roots
from eligibility.model import LanguageFile
from eligibility.rulebook import RuleBook
from eligibility.validation import validate
from eligibility.wording import SENTENCES
from eligibility.yaml_source import MAXIMUM_BYTES, parse_yaml

_SUFFIX: Final = ".yaml"
_COUNT: Final = "count"  # the placeholder that chooses between two forms in other languages too
_WHERE: Final = {
    "labels": "an address is the path in the rule files, such as `facts.offer.salary` or `gb.skilled_worker.title`",
    "texts": "write it as it stands in the rule files, word for word",
    "sentences": "the ids of sentences stand in `wording.py`",
}
_KINDS: Final = {"labels": "label", "texts": "text", "sentences": "sentence"}


def languages_of(folders: Iterable[Path]) -> tuple[str, ...]:
    """The codes of the languages that some packs know, English first."""
    found = {_code(path) for path, _ in _files(folders, Collector())}
    return (DEFAULT, *sorted(found - {DEFAULT}))


def read_language(code: str, folders: Iterable[Path], book: RuleBook) -> Language:
    """A language with all that the packs in some folders give of it.

    Raises: UsageError for one that no pack knows; RuleError with every problem in its files.
    """
    known = languages_of(folders)
    if code not in known:
        listed = f"the languages are {', '.join(known)}"
        raise UsageError([Diagnostic("E606", f"there is no language `{code}`", help=did_you_mean(code, known, otherwise=listed))])
    return check_languages(folders, book, only=code).get(code, Language(code))


def check_languages(folders: Iterable[Path], book: RuleBook, only: str | None = None) -> Mapping[str, Language]:
    """The languages of the packs in some folders by their codes, or one. Raises: RuleError with every problem in their files."""
    collector = Collector()
    found: dict[str, _Reader] = {}
    original = labels_of(book)
    for path, display in _files(folders, collector):
        code = _code(path)
        if only in (None, code) and (file := _load(path, display, collector)) is not None:
            found.setdefault(code, _Reader(code, original, collector)).add(file)
    if collector.errors:
        raise RuleError(collector.errors)
    return {code: Language(code, reader.sentences, reader.labels, reader.texts) for code, reader in found.items()}


def _files(folders: Iterable[Path], collector: Collector) -> Iterator[tuple[Path, str]]:
    """The language files of the packs in some folders, and what they are called in messages."""
    for root, name in pack_roots(folders, collector):
        folder, display = root / LANGUAGES, f"{name}/{LANGUAGES}"
        for path in list_folder(folder, display, collector) if is_folder(folder) else []:
            if path.suffix == _SUFFIX:
                yield path, printable(f"{display}/{path.name}")
            else:
                message = "the folder of translations holds something else"
                collector.add(
                    "E121", message, path=printable(f"{display}/{path.name}"), help="move it, or name it such as `de.yaml`"
                )


def _code(path: Path) -> str:
    """The language that the name of a file says: `de` for `de.yaml` and `de.facts.yaml`."""
    return path.name.partition(".")[0]


def _load(path: Path, display: str, collector: Collector) -> Loaded[LanguageFile] | None:
    data = read_bytes(path, display, MAXIMUM_BYTES, collector)
    read = None if data is None else parse_yaml(data, display, collector)
    if read is None:
        return None
    content, positions = read
    model = validate(LanguageFile, content, positions, collector)
    if model is None:
        return None
    if model.language == DEFAULT:
        collector.add("E121", "what the rule files say is English already", positions.value("language"), help="remove the file")
        return None
    if model.language != _code(path):
        message = f"`{model.language}` stands in `{path.name}`"
        collector.add("E121", message, positions.value("language"), help=f"name the file `{model.language}{_SUFFIX}`")
        return None
    return Loaded(model, positions, display, path.parent)


@dataclass(slots=True)
class _Reader:
    """Puts together what several files say in one language."""

    code: str
    original: Collected
    collector: Collector
    sentences: dict[str, str] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    files: dict[tuple[str, str], str] = field(default_factory=dict)

    def add(self, file: Loaded[LanguageFile]) -> None:
        """Take what one file says."""
        for section, known, taken in (
            ("labels", self.original.labels, self.labels),
            ("texts", dict.fromkeys(self.original.texts), self.texts),
            ("sentences", SENTENCES, self.sentences),
        ):
            written: Mapping[str, str] = getattr(file.model, section)
            for name, translation in written.items():
                if self._is_new(file, section, name, translation, known, taken):
                    taken[name] = translation
                    self.files[section, name] = file.file

    def _is_new(
        self,
        file: Loaded[LanguageFile],
        section: str,
        name: str,
        translation: str,
        known: Mapping[str, str | None],
        taken: Mapping[str, str],
    ) -> bool:
        """Whether a translation can be taken; says so where it cannot."""
        span = file.positions.key(section, name)
        if name not in known:
            help = did_you_mean(name, known, otherwise=_WHERE[section])
            self._refuse("E221", f"there is no {_KINDS[section]} `{name}` to translate", span, help)
        elif taken.get(name, translation) != translation or (section != "texts" and name in taken):
            self._refuse(
                "E217", f"`{name}` is translated twice", span, f"the other translation is in {self.files[section, name]}"
            )
        else:
            for problem, help in self._misfits(section, name, translation):
                self._refuse("E222", problem, file.positions.value(section, name), help)
            return True
        return False

    def _misfits(self, section: str, name: str, translation: str) -> Iterator[tuple[str, str]]:
        """What is wrong with the placeholders of a translation."""
        if section == "labels":
            return
        own = placeholders(translation)
        known = placeholders(SENTENCES[name] if section == "sentences" else name)
        wanted = needed(name) if section == "sentences" else known
        names = ", ".join(f"`{{{each}}}`" for each in sorted(known)) or "none"
        for each in sorted(own - known):
            help = did_you_mean(each, known, otherwise=f"its placeholders are: {names}")
            yield f"`{{{each}}}` is no placeholder of the original", help
        for each in sorted(wanted - own):
            yield f"the placeholder `{{{each}}}` is missing", "write it where its text belongs"
        for piece in parsed(translation):
            if isinstance(piece, Placeholder) and not _is_fit(piece):
                yield f"`{piece.form}` cannot be said of `{{{piece.name}}}`", f"write `{{{piece.name}}}`, or word it without"

    def _refuse(self, code: str, message: str, span: Span, help: str) -> None:
        self.collector.add(code, message, span, help=help)


def _is_fit(piece: Placeholder) -> bool:
    """Whether a template of another language can put a placeholder so: grammar is for English alone."""
    return piece.form in ("", CAPITAL) or (piece.name == _COUNT and "|" in piece.form)
