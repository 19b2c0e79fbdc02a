"""What a file says beside what it shows: it goes, and what is shown stays."""

import struct
import zlib
from io import BytesIO

import pytest
from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DecodedStreamObject, DictionaryObject, NameObject, TextStringObject

from common.metadata import Unreadable, without_metadata

NAME = b"Fabio Finta"


def pdf(*, locked: bool = False) -> bytes:
    """A page with a word on it, whose writer is named in each place that a PDF has for it."""
    writer = PdfWriter()
    page = writer.add_blank_page(200, 200)
    word, packet = DecodedStreamObject(), DecodedStreamObject()
    word.set_data(b"BT (Orti) Tj ET")
    packet.set_data(b"<x:xmpmeta>" + NAME + b"</x:xmpmeta>")
    page[NameObject("/Contents")] = writer._add_object(word)
    writer.add_metadata({"/Author": NAME.decode(), "/Creator": NAME.decode()})
    for thing in (writer.root_object, page):
        thing[NameObject("/Metadata")] = writer._add_object(packet)
    kind = {"/Type": NameObject("/Annot"), "/Subtype": NameObject("/Text"), "/T": TextStringObject(NAME.decode())}
    comment = DictionaryObject({NameObject(key): value for key, value in kind.items()})
    page[NameObject("/Annots")] = ArrayObject([writer._add_object(comment)])
    if locked:
        writer.encrypt("a word", algorithm="RC4-128")
    written = BytesIO()
    writer.write(written)
    return written.getvalue()


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


HEAD = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
SHOWN = chunk(b"IDAT", zlib.compress(b"\0\0")) + chunk(b"IEND", b"")
PNG = b"\x89PNG\r\n\x1a\n" + HEAD
LOUD_PNG = PNG + chunk(b"tEXt", b"Author\0" + NAME) + chunk(b"eXIf", NAME) + SHOWN


def segment(marker: int, data: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data


def exif(way_up: int, order: str = "<") -> bytes:
    """What a camera says: the way up, and whose it is."""
    mark = b"II" if order == "<" else b"MM"
    entries = struct.pack(f"{order}HHIHH", 0x0112, 3, 1, way_up, 0) + struct.pack(f"{order}HHII", 0x013B, 2, 12, 38)
    return b"Exif\0\0" + mark + struct.pack(f"{order}HIH", 42, 8, 2) + entries + struct.pack(f"{order}I", 0) + NAME


JFIF, TABLE = segment(0xE0, b"JFIF\0\1\1"), segment(0xDB, b"\0" * 65)
SCAN = segment(0xDA, b"\1\1\0\0\x3f\0") + b"\x12\xff\0\x34\xff\xd0\x56" + segment(0xC4, b"\0" * 20)
SCAN += segment(0xDA, b"\1\1\0\0\x3f\0") + b"\x78\xff\xd9"


def jpeg(way_up: int = 1, order: str = "<") -> bytes:
    loud = segment(0xE1, exif(way_up, order)) + segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + NAME)
    return b"\xff\xd8" + JFIF + loud + segment(0xED, b"Photoshop 3.0\0" + NAME) + segment(0xFE, NAME) + TABLE + SCAN


def test_a_pdf_shows_what_it_showed_and_names_nobody() -> None:
    assert NAME in pdf()
    clean = without_metadata(pdf(), "application/pdf")
    assert NAME not in clean
    assert NAME.decode().encode("utf-16-be") not in clean
    read = PdfReader(BytesIO(clean))
    assert not read.metadata
    assert read.xmp_metadata is None
    (contents,) = (page.get_contents() for page in read.pages)
    assert contents is not None
    assert b"(Orti) Tj" in contents.get_data()
    assert len(read.pages[0]["/Annots"]) == 1, "the comment itself is part of what is read"


def test_a_png_keeps_what_draws() -> None:
    assert without_metadata(LOUD_PNG, "image/png") == PNG + SHOWN


def test_a_jpeg_keeps_what_draws_and_loses_what_hangs_on_behind_its_end() -> None:
    assert without_metadata(jpeg() + NAME, "image/jpeg") == b"\xff\xd8" + JFIF + TABLE + SCAN


@pytest.mark.parametrize("order", ["<", ">"])
def test_a_picture_that_a_phone_turned_stays_turned(order: str) -> None:
    clean = without_metadata(jpeg(6, order), "image/jpeg")
    assert NAME not in clean
    assert clean == without_metadata(clean, "image/jpeg"), "what is said of the way up is read again"
    assert len(clean) == len(without_metadata(jpeg(), "image/jpeg")) + 36


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"%PDF-1.7\n" + b"x" * 400, "application/pdf"),
        (pdf(locked=True), "application/pdf"),
        (LOUD_PNG[:-6], "image/png"),
        (jpeg()[:60], "image/jpeg"),
        (b"\xff\xd8\xff\xe0" + b"x" * 400, "image/jpeg"),
        (LOUD_PNG, "image/gif"),
    ],
)
def test_what_is_broken_or_locked_is_said_to_be_so(content: bytes, kind: str) -> None:
    with pytest.raises(Unreadable):
        without_metadata(content, kind)


@pytest.mark.parametrize("content", [jpeg(), LOUD_PNG, pdf()])
def test_a_file_cut_anywhere_is_read_or_refused_and_never_more(content: bytes, size: object) -> None:
    kind = {b"\xff": "image/jpeg", b"\x89": "image/png", b"%": "application/pdf"}[content[:1]]
    for end in range(0, len(content), max(1, len(content) // size(40, 2000))):  # type: ignore[operator] # the fixture is a function
        try:
            without_metadata(content[:end], kind)
        except Unreadable:
            continue
