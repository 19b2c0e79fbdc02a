"""The hashed requirements, for machines where only pip can be used. uv.lock is the truth.

`export` writes requirements.txt and requirements-dev.txt out of uv.lock, and needs uv; `check` fails if they name other
packages, versions or hashes than uv.lock, or a package index.
"""

import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RUNTIME, DEV = ROOT / "requirements.txt", ROOT / "requirements-dev.txt"
HEADER = "# Made by `make lock` out of uv.lock: change pyproject.toml instead.\n"
_PACKAGE = re.compile(r"^(?P<name>[a-z0-9-]+)(?:\[[^]]*\])?==(?P<version>[^ ;\\]+)")
_HASH = re.compile(r"--hash=(sha256:[0-9a-f]{64})")

Packages = dict[tuple[str, str], frozenset[str]]


def export() -> None:
    """Write both files."""
    uv = shutil.which("uv", path=f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin") or shutil.which("uv")
    if uv is None:
        raise SystemExit("requirements: uv is missing, and only uv can resolve dependencies: `pip install uv`")
    for path, group in ((RUNTIME, "--no-dev"), (DEV, "--all-groups")):
        command = [uv, "export", "--frozen", "--format", "requirements-txt", "--no-emit-project", "--no-header", group]
        text = subprocess.run([*command, "--no-annotate"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
        path.write_text(HEADER + text, encoding="utf-8")


def locked() -> Packages:
    """Return the packages of uv.lock, by name and version, with the hashes of all their files."""
    packages: Packages = {}
    for package in tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))["package"]:
        if "registry" in package["source"]:
            files = [*package.get("wheels", []), *([package["sdist"]] if "sdist" in package else [])]
            packages[package["name"], package["version"]] = frozenset(file["hash"] for file in files)
    return packages


def required(path: Path) -> Packages:
    """Return the packages of a requirements file, by name and version, with their hashes."""
    packages: Packages = {}
    for line in path.read_text(encoding="utf-8").replace("\\\n", "").splitlines():
        if found := _PACKAGE.match(line):
            packages[found["name"], found["version"]] = frozenset(_HASH.findall(line))
    return packages


def differences() -> Iterator[str]:
    """Say in which packages the files differ from the lock, and which lines name a package index."""
    lock, dev, runtime = locked(), required(DEV), required(RUNTIME)
    for name, version in sorted(lock.keys() ^ dev.keys()):
        yield f"{name} {version} is in only one of uv.lock and {DEV.name}"
    for path, packages in ((DEV, dev), (RUNTIME, runtime)):
        for name, version in sorted(packages):
            if lock.get((name, version)) != packages[name, version]:
                yield f"{name} {version} has other files in uv.lock than in {path.name}"
        if re.search(r"://|^-", path.read_text(encoding="utf-8"), re.MULTILINE):
            yield f"{path.name} names a package index"


def main(arguments: list[str]) -> int:
    """Run one command; return 0 if there is nothing to complain of."""
    if arguments == ["export"]:
        export()
    elif arguments != ["check"]:
        sys.stderr.write(__doc__ or "")
        return 2
    complaints = list(differences())
    for complaint in complaints:
        sys.stderr.write(f"requirements: {complaint}; run `make lock`\n")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
