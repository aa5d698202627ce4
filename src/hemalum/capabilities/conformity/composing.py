"""Where each element of a record comes from.

What people stated for the image goes first, then what the laboratory wrote for the material, then the codes
of the file's header, then its words. The laboratory is the organisation unless the file or a person names
another.
"""

import hashlib
import re
from typing import Literal

from hemalum.capabilities.cases.model import Origin, Request
from hemalum.capabilities.slides.model import Image
from hemalum.formats.profile.record import Concept, History, Laboratory, Record, Scan, Specimen
from hemalum.formats.profile.terms import Code
from hemalum.formats.wsi.model import SlideDescription

_MOST_LINE = 500
_LOCAL = "L"
"""Codes of a laboratory's own (PS3.16 chapter 8)."""
_HAN = re.compile(r"[\u3400-\u9fff]")
_SCHEMED = re.compile(r"([A-Z0-9]{1,16})[ :|](\S+)")


def compose(
    image: Image,
    origin: Origin | None,
    request: Request | None,
    coded: tuple[tuple[str, str], ...],
    home: str,
) -> Record:
    """The record of an available image, in the words that were written.

    `coded` are codes of the signed report with their meanings, `home` is the name of the organisation.
    """
    served, file = image.description, image.file_description
    assert served is not None
    assert file is not None
    stated = {one.element: one.value for one in image.statements}
    return Record(
        _specimen(served, file, stated, origin),
        _scan(served, "spacing_um" in stated and stated["spacing_um"] is not None),
        Laboratory(_line(served.laboratory or home)),
        None if request is None or not request.history.strip() else _history(request.history),
        tuple(_code(value, meaning) for value, meaning in coded),
    )


def _specimen(
    served: SlideDescription, file: SlideDescription, stated: dict[str, object], origin: Origin | None
) -> Specimen:
    header = file.coded or Specimen()
    part = None if origin is None else origin.part
    site = _said(stated.get("organ")) or _said(part.organ if part else "") or header.site or _said(file.organ)
    stain = (
        _said(stated.get("stain"))
        or _said(origin.slide.description if origin else "")
        or header.stain
        or _said(file.stain)
    )
    thickness_um = stated.get("thickness_um")
    identifier = origin.slide.identifier if origin else served.specimen or served.barcode or ""
    return Specimen(
        _line(identifier),
        site,
        _said(stated.get("laterality")) or header.laterality,
        _said(stated.get("collection")) or header.collection,
        _said(stated.get("fixative")) or header.fixative,
        _said(stated.get("embedding")) or header.embedding,
        thickness_um if isinstance(thickness_um, float) else header.thickness_um,
        stain,
    )


def _scan(served: SlideDescription, is_stated: bool) -> Scan:
    spacing, profile = served.spacing_um, served.icc_profile
    trusted: Literal["file", "unverified", "person"] = (
        "person" if is_stated else "unverified" if served.scale_is_unverified else "file"
    )
    return Scan(
        spacing_um=None if spacing is None else (spacing.x_um, spacing.y_um),
        spacing_source=None if spacing is None else trusted,
        objective_power=served.objective_power,
        vendor=_line(served.vendor),
        scanner_model=_line(served.scanner_model),
        focus_method="auto" if served.focus_method == "auto" else "manual" if served.focus_method else None,
        colour_profile_sha256="" if profile is None else hashlib.sha256(profile).hexdigest(),
        acquired_at=_line(served.acquired_at),
    )


def _history(text: str) -> History:
    # Han letters are Chinese here; which language Latin letters are, nobody can tell from them.
    return History(text, "zh" if _HAN.search(text) else "")


def _code(value: str, meaning: str) -> Code:
    match = _SCHEMED.fullmatch(value)
    return Code(_LOCAL, value, meaning) if match is None else Code(match[1], match[2], meaning)


def _said(value: object) -> Concept | None:
    text = _line(value if isinstance(value, str) else "")
    return Concept(said=text) if text else None


def _line(text: str | None) -> str:
    return " ".join((text or "").split())[:_MOST_LINE]
