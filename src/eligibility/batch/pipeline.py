"""Files to results, block by block: two are worked on at a time, few are held, and results come in the order of the rows."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Generic, TypeVar

from eligibility.batch.asked import Asked
from eligibility.batch.layout import Layout
from eligibility.batch.rows import Block, Rows, Source
from eligibility.batch.sources import Form, is_stream, opened

T = TypeVar("T")

WORKERS: Final = 2
_WAITING: Final = 3  # blocks that are read ahead


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is: rows so far, bytes read, and all bytes there are to read where that is known."""

    rows: int
    done: int
    size: int | None


Watcher = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class Result(Generic[T]):
    """What came of a block: the file, the place of its first row in the file and in the whole run, both from 0."""

    file: str
    start: int
    index: int
    value: T


@dataclass(frozen=True)
class Pipeline(Generic[T]):
    """Reads files of one layout and works on their rows; `work` runs in any thread and says how many rows it had."""

    files: Sequence[str]
    layout: Layout
    needed: Collection[str]
    form: Form | None
    work: Callable[[Rows], T]
    count: Callable[[T], int]
    watch: Watcher | None = None

    def results(self) -> Iterator[Result[T]]:
        """What came of each block, in order.

        Raises: UsageError for files that cannot be read as tables; where there are several, before any of them is read.
        """
        if len(self.files) > 1:
            self._check()
        size = None if any(map(is_stream, self.files)) else sum(Path(name).stat().st_size for name in self.files)
        done = index = 0
        with ThreadPoolExecutor(WORKERS, thread_name_prefix="batch") as threads:
            for name in self.files:
                start = 0
                for value, taken in self._file(name, threads):
                    yield Result(name, start, index, value)
                    rows = self.count(value)
                    start, index, done = start + rows, index + rows, done + taken
                    if self.watch is not None:
                        self.watch(Progress(index, done, size))

    def _check(self) -> None:
        asked = Asked()
        for name in self.files:
            if not is_stream(name):
                with asked, opened(name, self.layout, self.needed, self.form) as source:
                    source.check()
        asked.end()

    def _work(self, source: Source, block: Block) -> T:
        return self.work(source.read(block))

    def _file(self, name: str, threads: ThreadPoolExecutor) -> Iterator[tuple[T, int]]:
        waiting: deque[tuple[Future[T], int]] = deque()
        with opened(name, self.layout, self.needed, self.form) as source:
            try:
                for block in source.blocks():
                    waiting.append((threads.submit(self._work, source, block), block.size))
                    if len(waiting) >= _WAITING:
                        future, size = waiting.popleft()
                        yield future.result(), size
                while waiting:
                    future, size = waiting.popleft()
                    yield future.result(), size
            finally:
                for future, _ in waiting:
                    future.cancel()
