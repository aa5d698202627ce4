"""Aperio SVS (Aperio, "Digital Slides and Third-Party Data Interchange", 2008; OpenSlide's format notes)."""

import re
from collections.abc import Mapping
from datetime import datetime

from hemalum.formats.wsi.indexed import AssociatedReader
from hemalum.formats.wsi.model import AssociatedKind, Level, PixelFormat, SlideDescription
from hemalum.formats.wsi.slide import Slide
from hemalum.formats.wsi.tiff import Tag, TiffContainer, TiffDirectory
from hemalum.formats.wsi.tiff_image import TiffImage, read_image
from hemalum.formats.wsi.tiff_slide import Cell, associated_reader, make_tiff_slide
from hemalum.kernel.errors import UnreadableSlide
from hemalum.kernel.geometry import SpacingUm
from hemalum.kernel.sentence import Sentence

_LABEL_SUBFILE, _MACRO_SUBFILE = 1, 9
_MAX_DESCRIPTION = 1 << 20
_PLAUSIBLE_UM = (0.01, 50.0)


def is_aperio(tiff: TiffContainer) -> bool:
    """Whether the first directory is described by Aperio's software and tiled."""
    first = tiff.directories[0]
    return first.is_tiled and first.text(Tag.IMAGE_DESCRIPTION).startswith("Aperio")


def open_aperio(tiff: TiffContainer) -> Slide:
    """An Aperio SVS: the tiled directories are the pyramid, the others thumbnail, label and macro.

    Raises:
        UnreadableSlide: its tiles are truncated, contradictory or in a coding that is not supported.
    """
    big_endian = tiff.order == "big"
    tiled = [
        read_image(directory, tiff.source, big_endian=big_endian)
        for directory in tiff.directories
        if directory.is_tiled
    ]
    properties, software = read_properties(tiff.directories[0].text(Tag.IMAGE_DESCRIPTION))
    warnings: list[Sentence] = []
    if sum(image.size == tiled[0].size for image in tiled) > 1:
        warnings.append(Sentence("The file holds several focal planes; the first is shown."))
    associated: dict[AssociatedKind, AssociatedReader] = {}
    for number, directory in enumerate(tiff.directories):
        kind = None if directory.is_tiled else _associated_kind(number, directory)
        if kind is None or kind in associated:
            continue
        try:
            image = read_image(directory, tiff.source, big_endian=big_endian)
        except UnreadableSlide as error:
            warnings.append(
                Sentence(
                    "The {kind} image cannot be read: {reason}",
                    {"kind": kind.words, "reason": error.sentence},
                )
            )
            continue
        associated[kind] = associated_reader(image, tiff.source)
    description = _describe(tiled[0], properties, software, warnings)
    return make_tiff_slide(tiff.source, description, [[[Cell(image)]] for image in tiled], associated)


def read_properties(text: str) -> tuple[Mapping[str, str], str]:
    """The "key = value" pairs of an image description, and the software of its first line.

    Slides cut out of slides carry the pairs of both; the last of equal keys holds, as in OpenSlide.
    """
    head, *pairs = text[:_MAX_DESCRIPTION].split("|")
    found = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if equals and key.strip():
            found[key.strip()] = value.strip()
    return found, head.splitlines()[0].strip() if head.strip() else ""


def _associated_kind(number: int, directory: TiffDirectory) -> AssociatedKind | None:
    """Directory 1 is the thumbnail; label and macro name themselves on the second line or by subfile type."""
    if number == 1:
        return AssociatedKind.THUMBNAIL
    lines = directory.text(Tag.IMAGE_DESCRIPTION).splitlines()
    words = lines[1].split() if len(lines) > 1 else []
    if words and words[0] in ("label", "macro"):
        return AssociatedKind(words[0])
    subfile = directory.integer(Tag.NEW_SUBFILE_TYPE, 0)
    return {_LABEL_SUBFILE: AssociatedKind.LABEL, _MACRO_SUBFILE: AssociatedKind.MACRO}.get(subfile)


def _describe(
    base: TiffImage, properties: Mapping[str, str], software: str, warnings: list[Sentence]
) -> SlideDescription:
    mpp = _number(properties.get("MPP"))
    if mpp is not None and not _PLAUSIBLE_UM[0] <= mpp <= _PLAUSIBLE_UM[1]:
        warnings.append(
            Sentence("MPP = {value} is not a plausible scale and is not used.", {"value": properties["MPP"]})
        )
        mpp = None
    objective = _number(properties.get("AppMag"))
    acquired = _acquired_at(properties)
    profile = base.directory.raw(Tag.ICC_PROFILE)
    fields = {
        "spacing_um": ("MPP", mpp),
        "objective_power": ("AppMag", objective),
        "scanner_serial": ("ScanScope ID", properties.get("ScanScope ID") or None),
        "scanner_model": ("ScannerType", properties.get("ScannerType") or None),
        "barcode": ("Barcode", properties.get("Barcode") or None),
        "acquired_at": ("Date", acquired),
        "software": ("ImageDescription", software or None),
        "icc_profile": ("ICCProfile", profile),
    }
    return SlideDescription(
        format="aperio-svs",
        levels=(Level(base.size, 1.0),),
        pixel=PixelFormat(3, "uint8"),
        spacing_um=SpacingUm(mpp, mpp) if mpp is not None else None,
        icc_profile=profile,
        vendor="Aperio",
        scanner_model=properties.get("ScannerType") or None,
        scanner_serial=properties.get("ScanScope ID") or None,
        software=software or None,
        objective_power=objective,
        acquired_at=acquired,
        barcode=properties.get("Barcode") or None,
        properties={f"aperio.{key}": value for key, value in properties.items()},
        sources={name: f"aperio.{tag}" for name, (tag, value) in fields.items() if value is not None},
        warnings=tuple(warnings),
    )


def _acquired_at(properties: Mapping[str, str]) -> str | None:
    """Date is month/day/year, Time is local; newer scanners add "Time Zone = GMT-05:00"."""
    text = f"{properties.get('Date', '')} {properties.get('Time', '')}".strip()
    zone = re.fullmatch(r"GMT([+-]\d\d):?(\d\d)", properties.get("Time Zone", ""))
    for form in ("%m/%d/%y %H:%M:%S", "%m/%d/%Y %H:%M:%S", "%m/%d/%y", "%m/%d/%Y"):
        try:
            moment = datetime.strptime(text, form)  # noqa: DTZ007 - the file states no zone
        except ValueError:
            continue
        if "H" not in form:
            return moment.date().isoformat()
        return moment.isoformat() + (f"{zone[1]}:{zone[2]}" if zone else "")
    return None


def _number(text: str | None) -> float | None:
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if 0 < value < float("inf") else None
