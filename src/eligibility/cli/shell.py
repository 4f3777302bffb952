"""What all commands share: exit codes, errors as messages, and streams that may be closed, full or not a terminal."""

from __future__ import annotations

import atexit
import errno
import gc
import os
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from enum import IntEnum
from pathlib import Path
from types import FrameType
from typing import IO, Any

import click

from eligibility.diagnostics import EligibilityError, ProfileError, ReceiptError, RuleError, UsageError


class Exit(IntEnum):
    """What the exit code of a command says; 10 to 13 only where `--exit-status` is given, 14 only from `verify`."""

    DONE = 0
    FAILURE = 1
    USAGE = 2
    INVALID_RULES = 3
    INVALID_PROFILE = 4
    INVALID_RECEIPT = 5
    NOT_ELIGIBLE = 10
    UNDETERMINED = 11
    SUBJECT_TO_JUDGEMENT = 12
    NO_WAY_IN = 13
    DRIFT = 14
    INTERRUPTED = 130
    CLOSED_PIPE = 141
    TERMINATED = 143


_CODES: dict[type[EligibilityError], Exit] = {
    RuleError: Exit.INVALID_RULES,
    ProfileError: Exit.INVALID_PROFILE,
    ReceiptError: Exit.INVALID_RECEIPT,
    UsageError: Exit.USAGE,
}


class CommandLine(click.Group):
    """A group of commands that ends every failure with a message and an exit code, never with a traceback."""

    def main(self, args: Sequence[str] | None = None, prog_name: str | None = None, *_: Any, **extra: Any) -> Any:
        """Run the command line; unless `standalone_mode` is false, the process ends with the exit code."""
        if not extra.pop("standalone_mode", True):
            return super().main(args, prog_name, standalone_mode=False, **extra)
        for stream in (sys.stdout, sys.stderr):
            if reconfigure := getattr(stream, "reconfigure", None):
                reconfigure(errors="backslashreplace")
        atexit.register(gc.freeze)  # everything goes when the process ends: looking for garbage in it would only take time
        sys.exit(_exit_code(lambda: super(CommandLine, self).main(args, prog_name, standalone_mode=False, **extra)))

    def make_context(self, *args: Any, **extra: Any) -> click.Context:
        """Parse the arguments; this may print help."""
        with _pipes():
            return super().make_context(*args, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that the arguments name."""
        with _pipes():
            return super().invoke(ctx)


class _ClosedPipe(Exception):
    """Whoever read standard output does so no longer. Not an OSError: click ends those with an exit code of its own."""


class _Terminated(KeyboardInterrupt):
    """Somebody has asked this process to end (SIGTERM).

    It is caught where Ctrl-C is, and nowhere else: where Python compiles a module, it drops all exceptions but Ctrl-C.
    """


@contextmanager
def tidy_end() -> Iterator[None]:
    """Let SIGTERM end a command as Ctrl-C does, so that what it has begun to write is cleared away; then leave it as it was."""
    if threading.current_thread() is not threading.main_thread() or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        yield  # signals are handled elsewhere
        return
    signal.signal(signal.SIGTERM, _terminate)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _terminate(number: int, _: FrameType | None) -> None:
    signal.signal(number, signal.SIG_IGN)  # a second one would interrupt the clearing away
    raise _Terminated


@contextmanager
def _pipes() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError as error:
        raise _ClosedPipe from error


def _exit_code(run: Callable[[], object]) -> int:
    try:
        code = run()
        if sys.stdout is not None:
            sys.stdout.flush()
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except EligibilityError as error:
        say(str(error))
        return _CODES.get(type(error), Exit.FAILURE)
    except (click.Abort, KeyboardInterrupt) as error:
        if isinstance(error, _Terminated) or isinstance(error.__cause__, _Terminated):  # click wraps it
            say("terminated")
            return Exit.TERMINATED
        say("interrupted")
        return Exit.INTERRUPTED
    except (_ClosedPipe, BrokenPipeError):
        _give_up_stdout()
        return Exit.CLOSED_PIPE
    except OSError as error:
        _give_up_stdout()
        what = "the output cannot be written" if error.filename is None else f"`{error.filename}` cannot be read"
        say(f"{what}: {(error.strerror or 'unknown reason').lower()}")
        return Exit.FAILURE
    return code if isinstance(code, int) else Exit.DONE


def _give_up_stdout() -> None:
    """Let what is still buffered go nowhere, so that Python does not complain about it on its way out."""
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
    except (OSError, ValueError, AttributeError):  # stdout is not a file
        return


def write(text: str) -> None:
    """Data, on standard output."""
    if sys.stdout is None:
        raise OSError(errno.EBADF, "standard output is closed")
    click.echo(text.rstrip("\n"), color=has_colour(sys.stdout) or None)


def write_file(path: Path, text: str) -> None:
    """Data, in a file."""
    try:
        path.write_text(f"{text}\n", encoding="utf-8")
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "the name is not possible"
        raise click.ClickException(f"`{path}` cannot be written: {reason.lower()}") from None


def say(text: str) -> None:
    """Anything that is not data, on standard error; control characters of a file or profile never reach the terminal."""
    shown = "".join(each if each.isprintable() or each in "\n\t" else "\ufffd" for each in text)
    click.echo(shown, err=True)


def has_colour(stream: IO[Any] | None) -> bool:
    """Whether a stream is a terminal that shows colour, and nobody has asked for none (https://no-color.org)."""
    return is_terminal(stream) and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def is_terminal(stream: IO[Any] | None) -> bool:
    """Whether a stream is a terminal."""
    return stream is not None and not stream.closed and stream.isatty()


def read_stdin(limit: int) -> bytes:
    """What stands on standard input, cut after `limit` bytes."""
    if sys.stdin is None:
        raise click.UsageError("standard input is closed; give the name of a file")
    data: bytes = sys.stdin.buffer.read(limit)
    return data


def profile_source(name: str) -> bytes | Path:
    """The profile a command was given: the path of a file, or what stands on standard input for `-`."""
    from eligibility.facts import MAXIMUM_BYTES  # imported late: help and completion need no rules

    return read_stdin(MAXIMUM_BYTES + 1) if name == "-" else Path(name)


def today() -> date:
    """The date of the clock, in local time. Nothing else in this package reads the clock."""
    return datetime.now(tz=UTC).astimezone().date()


@contextmanager
def engine_warnings() -> Iterator[None]:
    """Say once, in one line, that an engine gave way to another."""
    from eligibility.engine import EngineWarning

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", EngineWarning)
        try:
            yield
        finally:
            for text in dict.fromkeys(str(each.message) for each in caught if issubclass(each.category, EngineWarning)):
                say(f"warning: {text}")
