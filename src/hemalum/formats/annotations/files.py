"""Files of annotations, whoever wrote them. What runs in child processes is here."""

from collections.abc import Callable, Mapping
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


class FileForm(StrEnum):
    """Whose file it is."""

    GEOJSON = "geojson"
    DICOM = "dicom"
    ASAP = "asap"
    CYTOMINE = "cytomine"
    SECTRA = "sectra"


MOST_ANNOTATIONS = 20_000
"""In one file: what people draw. Cells by the hundred thousand are results, not annotations."""

_BULK_ANNOTATIONS = ("1.2.840.10008.5.1.4.1.1.91.1",)
_REPORTS = (
    "1.2.840.10008.5.1.4.1.1.88.22",
    "1.2.840.10008.5.1.4.1.1.88.33",
    "1.2.840.10008.5.1.4.1.1.88.34",
)
"""SOP classes: Enhanced, Comprehensive and Comprehensive 3D SR (PS3.4 B.5)."""
_DICOM_PREFIX = slice(128, 132)
_READERS: Mapping[FileForm, Callable[[bytes, PixelSize], Read]] = {
    FileForm.GEOJSON: lambda content, _: read_geojson(content),
    FileForm.ASAP: lambda content, _: read_asap(content),
    FileForm.CYTOMINE: read_cytomine,
    FileForm.SECTRA: read_sectra,
}


def read_file(
    content: bytes, form: str | None, width_px: int, height_px: int, downsamples: Mapping[str, float]
) -> dict[str, Any]:
    """What a file holds that can be drawn on an image of this size, as plain values of `Read`.

    Without a form, the content tells which it is. `downsamples` are those of the image's DICOM instances by
    SOP Instance UID.

    Raises:
        Invalid: it is no such file, or holds too much.
    """
    size = PixelSize(width_px, height_px)
    found = FileForm(form) if form else form_of(content)
    read = _read_dicom(content, downsamples) if found is FileForm.DICOM else _READERS[found](content, size)
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
    if content[_DICOM_PREFIX] == b"DICM":
        return FileForm.DICOM
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
    raise Invalid("The file is not in a known annotation format.")


def _read_dicom(content: bytes, downsamples: Mapping[str, float]) -> Read:
    # highdicom takes longer to load than all other files to read.
    from hemalum.formats.annotations.dicom_bulk import read_bulk
    from hemalum.formats.annotations.dicom_report import read_report
    from hemalum.formats.annotations.dicom_source import read_object

    dataset = read_object(content)
    if dataset.SOPClassUID in _BULK_ANNOTATIONS:
        return read_bulk(dataset, downsamples)
    if dataset.SOPClassUID in _REPORTS:
        return read_report(dataset, downsamples)
    raise Invalid("The DICOM object holds neither bulk annotations nor a structured report.")
