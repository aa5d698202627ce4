"""Which reader opens a file: decided by what is in it, never by its name (MIRAX apart)."""

import codecs
import re
from collections.abc import Callable, Sequence
from pathlib import Path

from hemalum.formats.dicom.header import recognises as is_dicom
from hemalum.formats.ome.xml import looks_like_ome
from hemalum.formats.wsi.aperio import is_aperio, open_aperio
from hemalum.formats.wsi.companions import find_missing_companion, list_companions
from hemalum.formats.wsi.dicom import open_dicom
from hemalum.formats.wsi.generic_tiff import open_generic_tiff
from hemalum.formats.wsi.kfb import is_kfb, open_kfb
from hemalum.formats.wsi.mdsx import is_mdsx, open_mdsx
from hemalum.formats.wsi.ome_tiff import open_ome_tiff
from hemalum.formats.wsi.openslide_reader import OpenSlideSlide, find_vendor
from hemalum.formats.wsi.plain import open_picture
from hemalum.formats.wsi.qptiff import is_qptiff, open_qptiff
from hemalum.formats.wsi.sdpc import is_sdpc, open_sdpc
from hemalum.formats.wsi.slide import Slide
from hemalum.formats.wsi.source import ByteSource, FileSource
from hemalum.formats.wsi.tiff import Tag, TiffContainer
from hemalum.formats.wsi.unread import name_unread
from hemalum.formats.wsi.zyp import is_zyp, open_zyp
from hemalum.kernel.errors import UnreadableSlide
from hemalum.kernel.sentence import Sentence, cause_of

_TIFF_MAGIC = (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")
_PICTURES = (
    (b"\x89PNG\r\n\x1a\n", 0),
    (b"\xff\xd8\xff", 0),
    (b"BM", 0),
    (b"WEBP", 8),
    (b"jP  \r\n\x87\n", 4),
    (b"\xff\x4f\xff\x51", 0),
)
"""PNG, JPEG of any kind, BMP, WebP, JPEG 2000 in a file and bare."""
_OTHERS = (
    (b"PK\x03\x04", Sentence("a ZIP archive; unpack it first")),
    (b"PK\x05\x06", Sentence("an empty ZIP archive")),
    (b"\x1f\x8b", Sentence("a gzip archive; unpack it first")),
    (b"BZh", Sentence("a bzip2 archive; unpack it first")),
    (b"\xfd7zXZ\x00", Sentence("an xz archive; unpack it first")),
    (b"7z\xbc\xaf\x27\x1c", Sentence("a 7-Zip archive; unpack it first")),
    (b"Rar!\x1a\x07", Sentence("a RAR archive; unpack it first")),
    (b"\x28\xb5\x2f\xfd", Sentence("a Zstandard archive; unpack it first")),
    (b"%PDF", Sentence("a PDF document")),
    (b"\x89HDF\r\n\x1a\n", Sentence("an HDF5 file")),
    (b"SQLite format 3\x00", Sentence("an SQLite database")),
    (b"GIF8", Sentence("a GIF picture")),
    (b"\x7fELF", Sentence("a program")),
    (b"MZ", Sentence("a program")),
)
_BY_HEAD: tuple[tuple[Callable[[bytes], bool], Callable[[ByteSource], Slide]], ...] = (
    (is_kfb, open_kfb),
    (is_sdpc, open_sdpc),
    (is_mdsx, open_mdsx),
)
"""Scanners' own formats that begin with a mark; ZYP is known by its end."""
_HEAD_BYTES = 4096
_CLASSIC_TIFF_LIMIT = 1 << 32
_NDPI_FOCAL_PLANE = 65424
_SCN_FOCAL_PLANE = re.compile(r'<dimension [^>]*\bz="[1-9]')
_OWN_READERS = (None, "aperio", "generic-tiff")
"""OpenSlide's names for the TIFF files that are read in place here, and for those it does not know."""


def open_files(given: Sequence[Path]) -> Slide:
    """What `hemalum.formats.wsi.open_slide` promises, for a list of files."""
    if not given:
        raise UnreadableSlide("There is no file to open.")
    first = _head(given[0])
    if is_dicom(first) and all(is_dicom(_head(path)) for path in given[1:]):
        return open_dicom(given)
    if not set(given[1:]) <= set(list_companions(given[0])):
        raise UnreadableSlide("Several files make one slide only when all of them are DICOM.")
    return _open_one(given[0], first)


def _open_one(path: Path, head: bytes) -> Slide:
    missing = find_missing_companion(path)
    if missing is not None:
        raise UnreadableSlide(
            "{name} is one of several files of a slide, and {missing} is not beside it: take the slide in by"
            " its path, where all of its files lie together.",
            name=path.name,
            missing=str(missing.relative_to(path.parent)),
        )
    if head.startswith(_TIFF_MAGIC):
        return _open_tiff(path)
    for recognises, opens in _BY_HEAD:
        if recognises(head):
            return _open_in_place(path, opens)
    if _ends_like_zyp(path):
        return _open_in_place(path, open_zyp)
    unread = name_unread(path, head)
    if unread is not None:
        raise UnreadableSlide("{name} is {what}.", name=path.name, what=unread)
    # A .mrxs that OpenSlide does not take shows a small preview, which must not pass for the slide.
    if find_vendor(path) is not None or path.suffix.lower() == ".mrxs":
        return OpenSlideSlide(path)
    if any(head[at : at + len(magic)] == magic for magic, at in _PICTURES):
        return open_picture(path)
    raise UnreadableSlide("{name} is not a slide: it is {what}.", name=path.name, what=_what(head))


def _open_in_place(path: Path, opens: Callable[[ByteSource], Slide]) -> Slide:
    source = FileSource(path)
    try:
        return opens(source)
    except BaseException:
        source.close()
        raise


def _ends_like_zyp(path: Path) -> bool:
    with FileSource(path) as source:
        return is_zyp(source)


def _open_tiff(path: Path) -> Slide:
    source = FileSource(path)
    try:
        slide = _open_tiff_by(path, source)
    except BaseException:
        source.close()
        raise
    if isinstance(slide, OpenSlideSlide):
        source.close()
    return slide


def _open_tiff_by(path: Path, source: FileSource) -> Slide:
    try:
        tiff = TiffContainer(source)
    except UnreadableSlide:
        # Hamamatsu keeps 64-bit offsets in classic TIFF. Nothing smaller needs them, and OpenSlide is not
        # shown what is damaged: it may end the process.
        if source.size > _CLASSIC_TIFF_LIMIT and find_vendor(path) == "hamamatsu":
            return OpenSlideSlide(path)
        raise
    if is_aperio(tiff):
        return open_aperio(tiff)
    if is_qptiff(tiff):
        return open_qptiff(tiff)
    if looks_like_ome(tiff.directories[0].text(Tag.IMAGE_DESCRIPTION)):
        return open_ome_tiff(tiff)
    if find_vendor(path) not in _OWN_READERS:
        return OpenSlideSlide(path, several_planes=_has_several_planes(tiff))
    return open_generic_tiff(tiff)


def _has_several_planes(tiff: TiffContainer) -> bool:
    """Whether an NDPI or a Leica SCN has other focal planes than the one that OpenSlide shows.

    NDPI numbers them around 0 in a tag, SCN from 0 in its XML.
    """
    in_tags = any(directory.number(_NDPI_FOCAL_PLANE) for directory in tiff.directories)
    return in_tags or _SCN_FOCAL_PLANE.search(tiff.directories[0].text(Tag.IMAGE_DESCRIPTION)) is not None


def _head(path: Path) -> bytes:
    try:
        if not path.is_file():
            raise UnreadableSlide("{name} is not a file.", name=path.name)
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
    except OSError as error:
        raise UnreadableSlide(
            "{name} cannot be read: {cause}.", name=path.name, cause=cause_of(error)
        ) from error
    if not head:
        raise UnreadableSlide("{name} is empty.", name=path.name)
    return head


def _what(head: bytes) -> Sentence:
    for magic, name in _OTHERS:
        if head.startswith(magic):
            return name
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype html", b"<html")):
        return Sentence("a web page")
    if not head.strip(b"\x00"):
        return Sentence("a file of zeros")
    if all(byte >= 32 or byte in b"\t\r\n\f" for byte in head) and _is_utf8(head):
        return Sentence("a text file")
    return Sentence("in no format that is known")


def _is_utf8(head: bytes) -> bool:
    try:
        # The last character of the head may be cut.
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return False
    return True
