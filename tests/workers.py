"""Real worker processes for the tests that kill them."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection

ROOT = Path(settings.BASE_DIR)


def database_url() -> str:
    """Return the address of the database under test, for another process."""
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()


def environment(**changes: str) -> dict[str, str]:
    """Return the environment of a process that works on the test's own database."""
    lease = {"GIURIA_LEASE_SECONDS": "3", "GIURIA_SWEEP_SECONDS": "0.5", "GIURIA_EMBEDDED": "1"}
    return {
        **os.environ,
        "DATABASE_URL": database_url(),
        "DJANGO_SETTINGS_MODULE": "config.settings",
        **lease,
        **changes,
    }


def start_worker(**changes: str) -> subprocess.Popen[bytes]:
    """Start a Celery worker with beat, in its own process group."""
    folder = tempfile.mkdtemp(prefix="worker-", dir=os.environ["GIURIA_VAR"])  # goes away with the run
    command = [sys.executable, "-m", "celery", "-A", "config", "worker", "-B", "-s", f"{folder}/beat", "-c", "2"]
    command += ["--without-mingle", "--without-gossip", "-l", "warning"]
    return subprocess.Popen(command, cwd=ROOT, env=environment(**changes), start_new_session=True)


def kill(process: subprocess.Popen[bytes]) -> None:
    """Kill a process and its children at once, as a power cut would."""
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@contextmanager
def worker(**changes: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a worker for the length of a block."""
    process = start_worker(**changes)
    try:
        yield process
    finally:
        if process.poll() is None:
            kill(process)


def wait_until(true: Callable[[], object], seconds: float = 30) -> float:
    """Wait until something is true and return how long it took, in seconds; fail when it does not become true."""
    start = time.monotonic()
    while not true():
        if time.monotonic() - start > seconds:
            raise AssertionError(f"not true after {seconds} s")
        time.sleep(0.02)
    return time.monotonic() - start


@contextmanager
def web_server(**changes: str) -> Iterator[str]:
    """Run the real web server for the length of a block and yield its host and port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)]
    command += ["--workers", "1", "--blocking-threads", "4", "config.wsgi:application"]
    env = environment(GIURIA_DEBUG="1", **changes)
    process = subprocess.Popen(command, cwd=ROOT, env=env, start_new_session=True)
    try:
        wait_until(lambda: _answers(port))
        yield f"127.0.0.1:{port}"
    finally:
        kill(process)


def _answers(port: int) -> bool:
    try:
        connection_ = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        connection_.request("GET", "/healthz")
        return connection_.getresponse().status == http.HTTPStatus.OK
    except OSError:
        return False
