"""`manage.py up`: the whole of Giuria on one machine, until Ctrl-C."""

import fcntl
import hashlib
import http.client
import os
import signal
import socket
import sys
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import redis
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import BaseCommand, CommandError, call_command, get_commands
from django.db import connection

from common.embedded import Unavailable, valkey_command, valkey_url
from common.supervisor import ChildStopped, Supervisor

HOST = "127.0.0.1"
START_SECONDS = 60
_UNUSED_STATIC = ["rest_framework"]  # the API answers in JSON alone


class Command(BaseCommand):
    """Start Valkey, the web server and the worker; print where to go; stop all of them on Ctrl-C."""

    help = "Run Giuria on this machine: database, demo data, Valkey, web server and worker, under one supervisor."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the port."""
        port = os.environ.get("GIURIA_PORT", "8000")
        parser.add_argument("--port", type=int, default=port, help="port of the web server (default: %(default)s)")

    def handle(self, *, port: int, **_options: object) -> None:
        """Run until somebody stops it or a program ends."""
        for stopping in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(stopping, signal.default_int_handler)
        try:
            with ExitStack() as held:
                held.enter_context(_var_to_ourselves())
                _refuse_a_taken_port(port)
                settings.SITE_URL = os.environ.setdefault("GIURIA_SITE_URL", f"http://{HOST}:{port}")
                sockets = held.enter_context(_short_folder())
                self._run(held.enter_context(Supervisor(sys.stdout)), Path(sockets), port)
        except KeyboardInterrupt:
            self.stdout.write(f"Giuria has stopped. Its data is in {settings.VAR_DIR}.")
        except (Unavailable, ChildStopped) as error:
            raise CommandError(str(error)) from error

    def _run(self, supervisor: Supervisor, sockets: Path, port: int) -> None:
        if not settings.REDIS_URL:
            _start_valkey(supervisor, sockets / "valkey.sock")
        self._prepare()
        _start_web_and_workers(supervisor, port)
        supervisor.listen()
        _wait(supervisor, lambda: _web_answers(port), "The web server")
        self._welcome()
        supervisor.watch()

    def _prepare(self) -> None:
        """Bring the database and the static files up to date; on the first start, seed the demo."""
        self.stdout.write("Giuria is getting ready: the first time this takes a little longer.")
        self.stdout.flush()
        call_command("migrate", verbosity=0, interactive=False)
        self.check(databases=["default"])
        _collect_static()
        if settings.DEMO and "seed_demo" in get_commands():
            call_command("seed_demo", verbosity=0)
        connection.close()

    def _welcome(self) -> None:
        self.stdout.write(f"\nGiuria is at {settings.SITE_URL}   (Ctrl-C stops it)\n")
        if "demo_links" in get_commands():
            call_command("demo_links", stdout=self.stdout)
        self.stdout.flush()


def _collect_static() -> None:
    """Collect and compress the static files, unless these have been collected before: it takes seconds."""
    digest = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list(_UNUSED_STATIC):
            digest.update(f"{path} {storage.size(path)} {storage.get_modified_time(path)}\n".encode())
    collected = Path(settings.STATIC_ROOT) / ".collected"
    if not collected.exists() or collected.read_text() != digest.hexdigest():
        call_command("collectstatic", verbosity=0, interactive=False, ignore_patterns=_UNUSED_STATIC)
        collected.write_text(digest.hexdigest())


@contextmanager
def _var_to_ourselves() -> Iterator[None]:
    """Hold the lock of VAR_DIR; raise Unavailable if another Giuria does, or if nothing can be written there."""
    try:
        settings.VAR_DIR.mkdir(parents=True, exist_ok=True)
        lock = (settings.VAR_DIR / "up.lock").open("w")
    except OSError as error:
        line = f"{settings.VAR_DIR} cannot be written ({error.strerror}): choose another folder with GIURIA_VAR."
        raise Unavailable(line) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            line = (
                f"Giuria already runs on {settings.VAR_DIR}: stop it first, or choose another folder with GIURIA_VAR."
            )
            raise Unavailable(line) from error
        yield


def _refuse_a_taken_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            line = f"Port {port} cannot be used ({error.strerror}): choose another, for example GIURIA_PORT={port + 1}."
            raise Unavailable(line) from error


def _short_folder() -> tempfile.TemporaryDirectory[str]:
    """Make a folder for the socket, whose path may have 107 bytes: var/ can lie deeper."""
    return tempfile.TemporaryDirectory(prefix="giuria-", dir="/tmp", ignore_cleanup_errors=True)


def _start_valkey(supervisor: Supervisor, path: Path) -> None:
    """Start the private Valkey, and tell the children where it is."""
    data = settings.VAR_DIR / "valkey"
    data.mkdir(exist_ok=True)
    supervisor.start("valkey", valkey_command(path, data=data), os.environ, noise="Memory overcommit")
    os.environ["REDIS_URL"] = valkey_url(path)
    _wait(supervisor, lambda: _valkey_answers(path), "Valkey")


def _valkey_answers(path: Path) -> bool:
    try:
        with redis.Redis(unix_socket_path=str(path)) as server:
            return bool(server.ping())
    except redis.RedisError:
        return False


def _start_web_and_workers(supervisor: Supervisor, port: int) -> None:
    python = [sys.executable, "-m"]
    web = [*python, "granian", "--interface", "wsgi", "--host", HOST, "--port", str(port), "--no-ws"]
    web += ["--workers", "2", "--blocking-threads", "4", "--workers-kill-timeout", "3", "config.wsgi:application"]
    celery = [*python, "celery", "--quiet", "-A", "config"]
    worker = [*celery, "worker", "--concurrency", "2", "--without-mingle", "--without-gossip"]
    beat = [*celery, "beat", "--schedule", str(settings.VAR_DIR / "beat"), "--pidfile="]
    quiet = {**os.environ, "PYTHONWARNINGS": "ignore:You're running the worker with superuser"}
    # Asked to stop, Celery first looks for a broker that may have ended before it. What it was at, the outbox knows.
    supervisor.start("worker", worker, quiet, orphaned=signal.SIGKILL)
    supervisor.start("beat", beat, quiet, orphaned=signal.SIGKILL)
    supervisor.start("web", web, os.environ)


def _web_answers(port: int) -> bool:
    web = http.client.HTTPConnection(HOST, port, timeout=5)
    try:
        web.request("GET", "/healthz")
        return web.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        web.close()


def _wait(supervisor: Supervisor, answers: Callable[[], bool], name: str) -> None:
    """Return when it answers; raise Unavailable after START_SECONDS, ChildStopped if a child ends first."""
    deadline = time.monotonic() + START_SECONDS
    while not answers():
        supervisor.check()
        if time.monotonic() > deadline:
            raise Unavailable(f"{name} does not answer after {START_SECONDS} s: see what it says above.")
        time.sleep(0.1)
