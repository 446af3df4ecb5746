"""How a command runs: on a loop of its own, with files that may be wrong. Knows no directory and no server."""

import asyncio
import itertools
import os
import signal
import stat
import sys
import threading
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any, Final, ParamSpec, TypeVar

import click

from hpserver.cli.screen import say, tr
from hpserver.errors import ConfigurationError

P = ParamSpec("P")
T = TypeVar("T")

MAX_SECRET: Final = 4096
"""Bytes of a file with a password or a PIN: a larger one is another file."""


def asynchronous(command: Callable[P, Coroutine[Any, Any, T]]) -> Callable[P, T]:
    """Run a coroutine command to its end."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        return asyncio.run(command(*args, **kwargs))

    return run


def read_secret(file: Path | None) -> str:
    """Return the one line of a file with a password or a PIN, "" without a file. Raises ConfigurationError."""
    if file is None:
        return ""
    try:
        with file.open("rb") as opened:
            text = opened.read(MAX_SECRET + 1).decode("utf-8").strip("\r\n")
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{file} is no text in UTF-8.", path=str(file)) from error
    if not text or "\n" in text or len(text) > MAX_SECRET:
        raise ConfigurationError(f"{file} must hold one line: the secret.", path=str(file))
    return text


@contextmanager
def interruptible() -> Iterator[None]:
    """Let Ctrl+C end a question that blocks the loop; the loop's own way waits for the answer first."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def patient(what: str) -> Iterator[None]:
    """Say on a terminal that something goes on, from its first second on; Ctrl+C gives it up."""
    done = threading.Event()

    def tick() -> None:
        for passed in itertools.count(1):
            if done.wait(1.0):
                break
            click.echo(f"\r{what}... {passed} s", err=True, nl=False)
        if passed > 1:
            click.echo("", err=True)

    ticking = threading.Thread(target=tick) if sys.stderr.isatty() else None
    with interruptible():
        try:
            if ticking is not None:
                ticking.start()
            yield
        finally:
            done.set()
            if ticking is not None:
                ticking.join()


def no_fault(_secret: str) -> Sequence[str]:
    """Any secret will do."""
    return ()


def ask_secret(
    label: str, option: str, *, twice: bool = False, faults: Callable[[str], Sequence[str]] = no_fault
) -> str:
    """Return a secret typed unseen, `twice` when it is new, or the next line that is piped in.

    `faults` gives the lines that say what a new one lacks: a person is told them and types another.

    Raises ConfigurationError when there is neither: `option` names the file that can hold it.
    """
    if sys.stdin.isatty():
        with interruptible():
            while True:
                typed = _unseen(label)
                if lacking := faults(typed):
                    say("\n".join(lacking))
                elif twice and typed != _unseen(tr(f"{label}, encore une fois", f"{label}, once more")):
                    say(
                        tr("Ce n'est pas deux fois la même chose : recommencez.", "These differ: type it again, twice.")
                    )
                else:
                    return typed
    line = sys.stdin.readline().rstrip("\r\n")
    if not line:
        raise ConfigurationError(
            tr(
                f"{label} : aucun terminal où demander, donnez {option}.",
                f"{label}: no terminal to ask on, give {option}.",
            )
        )
    return line


def confirm(name: str, what: str, *, yes: bool) -> None:
    """Have a person type the name of what is about to go, unless they said `--yes`. Raises click.UsageError."""
    if yes:
        return
    label = tr(f"{what} Tapez {name} pour confirmer", f"{what} Type {name} to confirm")
    if sys.stdin.isatty():
        with interruptible():
            typed = str(click.prompt(label, default="", show_default=False, err=True, prompt_suffix=tr(" : ", ": ")))
    else:
        typed = sys.stdin.readline().strip()
    if typed.strip() != name:
        told = f"rien n'a été fait : tapez {name}, ou donnez --yes.", f"nothing was done: type {name}, or give --yes."
        raise click.UsageError(tr(*told))


def _unseen(label: str) -> str:
    return str(click.prompt(label, hide_input=True, err=True, prompt_suffix=tr(" : ", ": ")))


def write_file(path: Path, content: bytes, *, private: bool = False) -> None:
    """Write a file, or standard output for `-`. A private one can be read by its owner alone."""
    if str(path) == "-":
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600 if private else 0o666)
    with os.fdopen(descriptor, "wb") as file:
        if private and os.name == "posix" and stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.fchmod(descriptor, 0o600)  # it may have been there, open to others
        file.write(content)
