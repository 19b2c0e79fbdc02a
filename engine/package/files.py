"""The files of a package: a folder or a zip, read with suspicion and written the same way every time."""

import stat
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, ZipInfo

from engine.package.faults import CONTEST, FILES, Found

LARGEST_FILE = 256 * 2**20
MOST_FILES = 64
EARLIEST_DATE = (1980, 1, 1, 0, 0, 0)
COMPRESSION = 9
ONLY_THESE = f"keep only {', '.join(FILES)}"


def read_files(path: Path, found: Found) -> dict[str, bytes]:
    """Return name to content of the files of a folder or zip; what does not belong there is noted."""
    files: dict[str, bytes] = {}
    if path.is_dir():
        files = dict(from_folder(path, found))
    elif path.is_file():
        try:
            with ZipFile(path) as archive:
                files = dict(from_zip(archive, found))
        except (BadZipFile, EOFError, OSError, RuntimeError, zlib.error) as error:
            found.note(path.name, 1, "file", f"this is not a readable zip ({error})", "give a folder or a zip")
    else:
        found.note(path.name, 1, "file", "there is no such folder or zip", "check the path")
    if CONTEST not in files and not found.broken(CONTEST) and (files or not found.faults):
        found.note(CONTEST, 1, "file", "the file is missing", "a package needs at least contest.json")
    return files


def from_folder(path: Path, found: Found) -> Iterator[tuple[str, bytes]]:
    """Yield the files of a folder."""
    for entry in sorted(path.iterdir()):
        if entry.name not in FILES or not entry.is_file() or entry.is_symlink():
            found.note(entry.name, 1, "file", "this does not belong to a package", ONLY_THESE)
        elif entry.stat().st_size > LARGEST_FILE:
            found.note(entry.name, 1, "file", "the file is too large", f"keep it under {LARGEST_FILE} bytes")
        else:
            yield entry.name, entry.read_bytes()


def from_zip(archive: ZipFile, found: Found) -> Iterator[tuple[str, bytes]]:
    """Yield the files of a zip; they may lie in one common folder, and nowhere else."""
    members = [member for member in archive.infolist() if not member.is_dir()]
    if len(members) > MOST_FILES:
        found.note(Path(archive.filename or "zip").name, 1, "file", f"the zip holds {len(members)} files", ONLY_THESE)
        return
    folders = {PurePosixPath(member.filename).parent for member in members}
    prefix = f"{next(iter(folders))}/" if len(folders) == 1 and folders != {PurePosixPath()} else ""
    seen: set[str] = set()
    for member in members:
        name = member.filename.removeprefix(prefix) if plain_folder(prefix) else member.filename
        if name not in FILES or stat.S_ISLNK(member.external_attr >> 16):
            found.note(member.filename, 1, "file", "this does not belong to a package", ONLY_THESE)
        elif name in seen:
            found.note(name, 1, "file", "the zip holds this file twice", "keep one")
        elif (content := member_content(archive, member)) is None:
            found.note(name, 1, "file", "the file is too large", f"keep it under {LARGEST_FILE} bytes")
        else:
            seen.add(name)
            yield name, content


def plain_folder(prefix: str) -> bool:
    """Whether a prefix is one plain folder name."""
    return prefix.count("/") == 1 and prefix not in {"/", "./", "../"} and "\\" not in prefix


def member_content(archive: ZipFile, member: ZipInfo) -> bytes | None:
    """Return what a member holds, whatever size it claims; None above the limit."""
    with archive.open(member) as stream:
        content = stream.read(LARGEST_FILE + 1)
    return content if len(content) <= LARGEST_FILE else None


def write_files(path: Path, files: Mapping[str, bytes]) -> None:
    """Write a zip when the path ends in .zip, else a folder; files of an older package there are replaced."""
    if path.suffix.lower() == ".zip":
        path.parent.mkdir(parents=True, exist_ok=True)
        with ZipFile(path, "w") as archive:
            for name, content in files.items():
                member = ZipInfo(name, EARLIEST_DATE)
                member.external_attr = 0o644 << 16
                archive.writestr(member, content, ZIP_DEFLATED, COMPRESSION)
        return
    path.mkdir(parents=True, exist_ok=True)
    for name in FILES:
        if name in files:
            (path / name).write_bytes(files[name])
        else:
            (path / name).unlink(missing_ok=True)
