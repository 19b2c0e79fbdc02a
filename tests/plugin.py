"""The pytest plugin of this repository: servers, sizes, and which tests run where.

It is loaded by `addopts`, before pytest-django reads the settings.
DATABASE_URL and REDIS_URL win if they are set. GIURIA_TEST_DB=sqlite runs the suite on SQLite.
GIURIA_TEST_SIZE=long runs the long sizes of the same tests.
"""

import os
import re
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

from common.embedded import Unavailable
from tests.servers import Server, start_postgres, start_valkey

WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")
IS_LONG = os.environ.get("GIURIA_TEST_SIZE") == "long"
_started: list[Server] = []
_folder = tempfile.TemporaryDirectory(prefix="giuria-")


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests() -> None:
    """Start what this process needs, before the settings are read."""
    try:
        _serve_redis()
        _serve_database()
    except Unavailable as error:
        raise pytest.UsageError(str(error)) from error
    os.environ["GIURIA_VAR"] = _folder.name
    os.environ.setdefault("GIURIA_SECRET_KEY", "for tests only, and long enough to please the deployment check")
    os.environ.setdefault("GIURIA_EMBEDDED", "1")
    os.environ.setdefault("GIURIA_LOG_LEVEL", "WARNING")


def _serve_redis() -> None:
    """Give each process of the run its own Valkey; on a server of yours, its own database number."""
    if "REDIS_URL" not in os.environ or "GIURIA_TEST_VALKEY" in os.environ:
        _started.append(start_valkey())
        os.environ.update(REDIS_URL=_started[-1].url, GIURIA_TEST_VALKEY="private")
    elif WORKER:
        number = int(WORKER.removeprefix("gw")) + 1
        os.environ["REDIS_URL"] = re.sub(r"(://[^/]+)(/\d*)?$", rf"\1/{number}", os.environ["REDIS_URL"])


def _serve_database() -> None:
    """Start one PostgreSQL cluster for the whole run; the others inherit its address."""
    if os.environ.get("GIURIA_TEST_DB") == "sqlite":
        os.environ.pop("DATABASE_URL", None)
    elif "DATABASE_URL" not in os.environ:
        _started.append(start_postgres())
        os.environ["DATABASE_URL"] = _started[-1].url


def pytest_addoption(parser: pytest.Parser) -> None:
    """Browser tests are asked for by name: they need chromium."""
    parser.addoption("--browser", action="store_true", help="run the browser tests too")


def pytest_configure(config: pytest.Config) -> None:
    """Name the markers; at the short size hypothesis tries the same examples each time, at the long one new ones."""
    settings.register_profile("short", derandomize=True, database=None, deadline=None)
    settings.load_profile("default" if IS_LONG else "short")
    for marker in (
        "sqlite: also run in the embedded pass, on SQLite",
        "process: starts real processes: workers, servers, commands",
        "browser: needs chromium; deselected unless --browser or -m browser",
    ):
        config.addinivalue_line("markers", marker)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave the browser tests out unless they are asked for, and read no file in vain in a pass of marked tests."""
    marked = config.getoption("-m")
    if collection_path.name == "e2e" and not (config.getoption("--browser") or "browser" in marked):
        return True
    if marked in {"sqlite", "browser"} and collection_path.name.startswith("test_"):
        return f"mark.{marked}" not in collection_path.read_text(encoding="utf-8") or None
    return None


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> None:
    """Wait for the servers: they have been starting while the tests were collected."""
    if session.config.option.collectonly:
        return
    try:
        for server in _started:
            server.wait()
    except Unavailable as error:
        pytest.exit(str(error), returncode=3)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    """Stop what this process started."""
    while _started:
        _started.pop().stop()
    _folder.cleanup()


@pytest.fixture(scope="session")
def size() -> Callable[[int, int], int]:
    """Choose how much of a test runs: `size(short, long)`."""

    def choose(short: int, long: int) -> int:
        return long if IS_LONG else short

    return choose
