"""The one command that runs everything: started, looked at, stopped and killed as a whole."""

import http.client
import os
import queue
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from common import embedded

ROOT = Path(__file__).resolve().parent.parent.parent
PATIENCE = 90
pytestmark = pytest.mark.process


class Up:
    """A running `manage.py up` and what it has said."""

    def __init__(self, var: Path, port: int, **environment: str) -> None:
        self.var, self.port = var, port
        self.said: list[str] = []
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "up", "--port", str(port)],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], "GIURIA_VAR": str(var), **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        for line in self.process.stdout or ():
            self._lines.put(line)
        self._lines.put(None)

    def hear(self, words: str) -> None:
        """Listen until it says these words."""
        deadline = time.monotonic() + PATIENCE
        while (line := self._lines.get(timeout=max(0.1, deadline - time.monotonic()))) is not None:
            self.said.append(line)
            if words in line:
                return
        raise AssertionError(f"It never said {words!r}, but:\n{''.join(self.said)}")

    def get(self, path: str) -> int:
        """Ask the web server for a page and return the status."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)) as web:
            web.request("GET", path)
            return web.getresponse().status

    def end(self, how: signal.Signals = signal.SIGINT) -> int:
        """Send a signal and return the exit code."""
        self.process.send_signal(how)
        return self.process.wait(30)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def processes_of(var: Path) -> list[int]:
    """Return the processes that were started for this folder."""
    mark = f"GIURIA_VAR={var}".encode()
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (folder / "environ").read_bytes().split(b"\0"):
                found.append(int(folder.name))
        except OSError:
            continue
    return found


def socket_folder(process: int) -> str | None:
    """Return the folder of the socket on which a process reaches Valkey: who is killed cannot remove it."""
    found = re.search(rb"REDIS_URL=redis\+socket://(\S+)/valkey\.sock", Path(f"/proc/{process}/environ").read_bytes())
    return found[1].decode() if found else None


def eventually(true: Callable[[], bool], seconds: float = 15) -> bool:
    deadline = time.monotonic() + seconds
    while not true() and time.monotonic() < deadline:
        time.sleep(0.1)
    return true()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    """One that stays up for the tests that only look at it, on a new folder, with the demo."""
    up = Up(tmp_path_factory.mktemp("running") / "var", free_port())
    up.hear("Giuria is at")
    yield up
    up.end()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the tests that start it, one after the other: only the first start has to make a database."""
    return tmp_path_factory.mktemp("up") / "var"


@pytest.fixture
def start(folder: Path) -> Iterator[Callable[[], Up]]:
    """Start it without the demo, as often as it is called."""
    started: list[Up] = []

    def begin() -> Up:
        started.append(Up(folder, free_port(), GIURIA_DEMO="0"))
        started[-1].hear("Giuria is at")
        return started[-1]

    yield begin
    for up in started:
        if up.process.poll() is None:
            up.end()


def refused(var: Path, *arguments: str) -> str:
    """Return the one line with which a start is refused."""
    answer = subprocess.run(
        [sys.executable, "manage.py", "up", *arguments],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "GIURIA_VAR": str(var)},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert answer.returncode == 1
    assert answer.stdout == ""
    assert answer.stderr.count("\n") == 1
    return answer.stderr


def test_it_remembers_that_its_data_are_invented(running: Up) -> None:
    assert (running.var / "demo").exists()


def test_it_answers(running: Up) -> None:
    assert running.get("/healthz") == 200
    assert running.get("/") == 200


def test_it_prints_a_link_that_works_for_each_role(running: Up) -> None:
    running.hear("applicant")
    links = [line.split() for line in running.said if "/sign-in/link/" in line]
    assert [role for role, *_ in links] == ["organiser", "chair", "juror", "juror", "juror", "applicant"]
    for *_, link in links:
        assert running.get(link.removeprefix(f"http://127.0.0.1:{running.port}")) in (200, 302)


def test_work_that_was_asked_for_is_done(running: Up) -> None:
    with closing(sqlite3.connect(running.var / "giuria.sqlite3", timeout=20)) as database:
        waiting = (
            "SELECT count(*) FROM common_outbox WHERE state IN ('pending', 'claimed') AND due_at < datetime('now')"
        )
        assert eventually(lambda: database.execute(waiting).fetchone() == (0,), PATIENCE)


def test_a_taken_port_is_one_clear_line(running: Up, tmp_path: Path) -> None:
    line = refused(tmp_path / "var", "--port", str(running.port))
    assert f"Port {running.port} cannot be used" in line
    assert f"GIURIA_PORT={running.port + 1}" in line


def test_a_second_one_on_the_same_data_is_refused(running: Up) -> None:
    assert "already runs" in refused(running.var, "--port", str(free_port()))


def test_a_folder_that_cannot_be_written_is_one_clear_line() -> None:
    assert "GIURIA_VAR" in refused(Path("/dev/null/var"))


def test_a_missing_wheel_is_one_clear_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(embedded.Unavailable, match="make setup"):
        embedded.valkey_binary()


def test_ctrl_c_leaves_no_process_and_a_second_start_keeps_the_data(start: Callable[[], Up]) -> None:
    first = start()
    key = (first.var / "secret-key").read_text()
    assert first.end(signal.SIGINT) == 0
    assert processes_of(first.var) == []
    assert not (first.var / "demo").exists()
    with closing(sqlite3.connect(first.var / "giuria.sqlite3")) as database:
        assert database.execute("SELECT count(*) FROM contests_call").fetchone() == (0,)  # it runs without the demo
        database.execute("CREATE TABLE mark AS SELECT 42 AS number")

    collected = (first.var / "static" / ".collected").stat().st_mtime
    second = start()
    assert (second.var / "static" / ".collected").stat().st_mtime == collected
    assert (second.var / "secret-key").read_text() == key
    with closing(sqlite3.connect(second.var / "giuria.sqlite3")) as database:
        assert database.execute("SELECT number FROM mark").fetchone() == (42,)
    assert second.end(signal.SIGTERM) == 0


def test_a_program_that_dies_stops_everything_with_one_clear_line(start: Callable[[], Up]) -> None:
    up = start()
    worker = [pid for pid in processes_of(up.var) if b"celery" in Path(f"/proc/{pid}/cmdline").read_bytes()]
    os.kill(min(worker), signal.SIGKILL)
    up.hear("worker has stopped by itself (SIGKILL)")
    assert up.process.wait(30) == 1
    assert processes_of(up.var) == []


def test_a_killed_supervisor_takes_its_programs_along(start: Callable[[], Up]) -> None:
    up = start()
    up.end(signal.SIGKILL)
    assert eventually(lambda: processes_of(up.var) == [])
