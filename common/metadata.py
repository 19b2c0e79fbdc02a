"""Taking out of a file what its pages do not show: who wrote it, where, with what.

A PDF loses its information, its XMP packets, and the names on its comments; a picture every block that does not draw,
but for the way up in which a phone held it. Nothing that is seen changes.
"""

import re
import struct
import zlib
from collections.abc import Callable, Iterator
from io import BytesIO

from pypdf import PdfReader, PdfWriter
from pypdf.errors import PyPdfError
from pypdf.generic import DictionaryObject

_SHOWN = {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT", b"bKGD", b"pHYs"}
_PNG = b"\x89PNG\r\n\x1a\n"
_SCAN, _END, _EXIF, _UNSEEN = 0xDA, 0xD9, 0xE1, {*range(0xE0, 0xF0), 0xFE}
_NEXT = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")  # the marker after a scan
_KEPT = {0xE0: b"JFIF", 0xE2: b"ICC_PROFILE", 0xEE: b"Adobe"}
_WAY_UP = 0x0112
# What a file that is not what it says may lead a reader of its parts to.
_BROKEN = (
    PyPdfError, ArithmeticError, AssertionError, AttributeError, LookupError, NotImplementedError, RecursionError,
    TypeError, ValueError, struct.error, zlib.error,
)  # fmt: skip


class Unreadable(ValueError):  # noqa: N818 - it reads as what the file is
    """A file whose parts cannot be told apart."""


def without_metadata(content: bytes, content_type: str) -> bytes:
    """Return a PDF, JPEG or PNG without metadata; `Unreadable` for what is broken, locked or of another type."""
    try:
        return _CLEANERS[content_type](content)
    except _BROKEN as error:
        raise Unreadable(str(error)) from error


def _pdf(content: bytes) -> bytes:
    writer = PdfWriter(clone_from=PdfReader(BytesIO(content)))
    writer.metadata = None
    for thing in writer._objects:  # noqa: SLF001 - there is no other way to all of them
        if isinstance(thing, DictionaryObject):
            comment = thing.get("/Type") == "/Annot" and thing.get("/Subtype") != "/Widget"
            for name in ("/Metadata", "/PieceInfo", *(["/T"] if comment else [])):
                thing.pop(name, None)
    writer.compress_identical_objects(remove_duplicates=False, remove_unreferenced=True)
    written = BytesIO()
    writer.write(written)
    return written.getvalue()


def _png(content: bytes) -> bytes:
    parts, at = [_PNG], len(_PNG)
    while at < len(content):
        (size,), name = struct.unpack_from(">I", content, at), content[at + 4 : at + 8]
        if at + size + 12 > len(content):
            raise Unreadable("it ends too early")
        if name in _SHOWN:
            parts.append(content[at : at + size + 12])
        at += size + 12
    return b"".join(parts)


def _jpeg(content: bytes) -> bytes:
    parts, turned = [content[:2]], b""
    for marker, whole in _segments(content):
        if marker == _EXIF and whole[4:10] == b"Exif\0\0":
            turned = turned or _way_up(whole[10:])
        elif marker not in _UNSEEN or (marker in _KEPT and whole[4:].startswith(_KEPT[marker])):
            parts.append(whole)
    return b"".join([parts[0], turned, *parts[1:]])


def _segments(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield each marker with its whole segment, up to the end of the picture; what hangs on behind it goes."""
    at, marker = 2, 0
    while marker != _END:
        start, marker = content[at], content[at + 1]
        if start != 0xFF:  # noqa: PLR2004 - how every marker begins
            raise Unreadable("it has no marker where one must be")
        end = at + 2 if marker == _END else at + 2 + int.from_bytes(content[at + 2 : at + 4])
        if marker == _SCAN:
            following = _NEXT.search(content, end)
            end = following.start() if following else len(content)
        yield marker, content[at:end]
        at = end


def _way_up(tiff: bytes) -> bytes:
    """Return an Exif segment that says nothing but which way up the picture is; empty for the usual one."""
    order = {b"II": "<", b"MM": ">"}[tiff[:2]]
    (first,) = struct.unpack_from(f"{order}I", tiff, 4)
    (count,) = struct.unpack_from(f"{order}H", tiff, first)
    for entry in range(first + 2, first + 2 + 12 * count, 12):
        tag, _type, _count, value = struct.unpack_from(f"{order}HHIH", tiff, entry)
        if tag == _WAY_UP and value in range(2, 9):
            said = struct.pack(">2sHIHHHIHHI", b"MM", 42, 8, 1, _WAY_UP, 3, 1, value, 0, 0)
            return struct.pack(">BBH", 0xFF, 0xE1, len(said) + 8) + b"Exif\0\0" + said
    return b""


_CLEANERS: dict[str, Callable[[bytes], bytes]] = {"application/pdf": _pdf, "image/png": _png, "image/jpeg": _jpeg}
