"""Files of annotations, whoever wrote them. What runs in child processes is here."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import msgspec

from hemalum.formats.annotations.asap import read_asap
from hemalum.formats.annotations.cytomine import read_cytomine
from hemalum.formats.annotations.geojson import read_geojson
from hemalum.formats.annotations.geometry import check_geometry
from hemalum.formats.annotations.reading import Read, decode_json
from hemalum.formats.annotations.sectra import read_sectra
from hemalum.kernel.errors import Invalid
from hemalum.kernel.geometry import PixelSize

MOST_ANNOTATIONS = 100_000
"""In one file."""


class FileForm(StrEnum):
    """Whose file it is."""

    GEOJSON = "geojson"
    ASAP = "asap"
    CYTOMINE = "cytomine"
    SECTRA = "sectra"


def read_file(content: bytes, form: str | None, width_px: int, height_px: int) -> dict[str, Any]:
    """What a file holds that can be drawn on an image of this size, as plain values of `Read`.

    Without a form, the content tells which it is.

    Raises:
        Invalid: it is no such file, or holds too much.
    """
    size = PixelSize(width_px, height_px)
    read = _read(content, FileForm(form) if form else form_of(content), size)
    if len(read.annotations) > MOST_ANNOTATIONS:
        raise Invalid(
            "The file holds {count} annotations, more than {most}.",
            count=len(read.annotations),
            most=MOST_ANNOTATIONS,
        )
    good = Read(skipped=read.skipped)
    for annotation in read.annotations:
        try:
            check_geometry(annotation.geometry, size)
        except Invalid as error:
            good.skip(annotation.name or annotation.id, error.sentence)
        else:
            good.annotations.append(annotation)
    plain: dict[str, Any] = msgspec.to_builtins(good)
    return plain


def form_of(content: bytes) -> FileForm:
    """Whose file this is.

    Raises:
        Invalid: nobody's that is known.
    """
    if content.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<"):
        return FileForm.ASAP
    found = decode_json(content)
    first = found[0] if isinstance(found, list) and found else found
    if isinstance(first, Mapping):
        if "geometry" in first or "features" in first:
            return FileForm.GEOJSON
        if "content" in first:
            return FileForm.SECTRA
        if not {"annotation", "collection", "location"}.isdisjoint(first):
            return FileForm.CYTOMINE
    if found == []:
        return FileForm.GEOJSON
    raise Invalid("The file is of no program whose annotations are known here.")


def _read(content: bytes, form: FileForm, size: PixelSize) -> Read:
    match form:
        case FileForm.ASAP:
            return read_asap(content)
        case FileForm.CYTOMINE:
            return read_cytomine(content, size)
        case FileForm.SECTRA:
            return read_sectra(content, size)
        case FileForm.GEOJSON:
            return read_geojson(content)
