"""Several programs as one: started together, heard together, stopped together. Needs no Django."""

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import IO, Self

_PR_SET_PDEATHSIG = 1
_LOOK_SECONDS = 0.2


class ChildStopped(Exception):  # noqa: N818 - it reads as what happened
    """A program ended although nobody asked it to."""


@dataclass
class Child:
    """One running program; what it says with `noise` in it is not passed on."""

    name: str
    process: subprocess.Popen[str]
    grace: float
    noise: str | None


class Supervisor:
    """Runs its children until one of them ends or the block is left; prefixes what they say with their name."""

    def __init__(self, out: IO[str]) -> None:
        self._out = out
        self._children: list[Child] = []
        self._readers: list[threading.Thread] = []
        self._writing = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()

    def start(
        self,
        name: str,
        command: Sequence[str],
        env: Mapping[str, str],
        *,
        grace: float = 10,
        noise: str | None = None,
        orphaned: signal.Signals = signal.SIGTERM,
    ) -> None:
        """Start a program, which has `grace` seconds to stop. All start before `listen`: no fork among threads.

        If the supervisor is killed, the program gets the signal `orphaned`.
        """
        process = subprocess.Popen(  # noqa: S603 - our own programs
            command,
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,  # Ctrl-C is for the supervisor, which stops its children in order
            preexec_fn=partial(_end_with_parent, orphaned),  # noqa: PLW1509 - there are no threads yet
        )
        self._children.append(Child(name, process, grace, noise))

    def listen(self) -> None:
        """Pass on what the children say, line by line."""
        for child in self._children:
            reader = threading.Thread(target=self._pass_on, args=[child], daemon=True)
            reader.start()
            self._readers.append(reader)

    def _pass_on(self, child: Child) -> None:
        width = max(len(other.name) for other in self._children)
        for line in child.process.stdout or ():
            if line.strip() and not (child.noise and child.noise in line):
                with self._writing:
                    self._out.write(f"{child.name:<{width}} | {line.rstrip()}\n")
                    self._out.flush()

    def check(self) -> None:
        """Raise ChildStopped if a child has ended."""
        for child in self._children:
            if (code := child.process.poll()) is not None:
                raise ChildStopped(f"{child.name} has stopped by itself ({_how(code)}), so everything stops.")

    def watch(self) -> None:
        """Return never; raise ChildStopped when a child ends."""
        while True:
            self.check()
            time.sleep(_LOOK_SECONDS)

    def _stop(self) -> None:
        """Stop the children in the opposite order of their start, by force those that take too long."""
        for stopping in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(stopping, signal.SIG_IGN)  # it is being done
        if not self._readers:
            self.listen()  # it ends early: what they said tells why
        for child in reversed(self._children):
            _stop(child)
        for reader in self._readers:
            reader.join(timeout=1)


def _stop(child: Child) -> None:
    if child.process.poll() is None:
        child.process.terminate()
        try:
            child.process.wait(child.grace)
        except subprocess.TimeoutExpired:
            _kill_group(child.process.pid)
            child.process.wait()
    _kill_group(child.process.pid)  # what a child left behind ends with it


def _kill_group(leader: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)


def _how(code: int) -> str:
    return f"exit code {code}" if code >= 0 else signal.Signals(-code).name


def _end_with_parent(by: signal.Signals) -> None:
    """Ask Linux to stop this child if the supervisor is killed; elsewhere a kill -9 leaves the children running."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, by)
