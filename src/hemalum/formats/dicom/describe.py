"""What a VL Whole Slide Microscopy header says of slide and scanner, in the terms of `SlideDescription`."""

import math
import re
from collections.abc import Iterator
from typing import Any

from hemalum.formats.wsi.model import Channel
from hemalum.kernel.geometry import SpacingUm
from hemalum.kernel.sentence import Sentence

STAINING = frozenset((("127790008", "SCT"), ("P3-00003", "SRT")))
"""Processing type "Staining" in the present and the retired SNOMED coding (PS3.16 CID 8113)."""
USING_SUBSTANCE = frozenset((("424361007", "SCT"), ("G-C350", "SRT")))
PROCESSING_TYPE = ("111701", "DCM")

_TEXT_FIELDS = {
    "vendor": ("Manufacturer", "(0008,0070)"),
    "scanner_model": ("ManufacturerModelName", "(0008,1090)"),
    "scanner_serial": ("DeviceSerialNumber", "(0018,1000)"),
    "software": ("SoftwareVersions", "(0018,1020)"),
    "laboratory": ("InstitutionName", "(0008,0080)"),
    "study_uid": ("StudyInstanceUID", "(0020,000D)"),
    "series_uid": ("SeriesInstanceUID", "(0020,000E)"),
    "frame_of_reference_uid": ("FrameOfReferenceUID", "(0020,0052)"),
}
UNKNOWN = "Unknown"
UNKNOWN_MOMENT = "19000101000000"
"""Acquisition DateTime is of type 1, so an unknown one needs a value that nobody takes for real."""

_NOTHING = (None, "", UNKNOWN, UNKNOWN.upper(), UNKNOWN.lower())
_PROPERTY_BYTES = 1024
_SPACING_TOLERANCE = 0.05


class Facts:
    """Values for the fields of a description, with the tag each came from."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}
        self.sources: dict[str, str] = {}
        self.warnings: list[Sentence] = []

    def set(self, field: str, value: Any, source: str) -> None:
        """Keep `value` unless it is empty, or says that nothing is known."""
        if value not in _NOTHING:
            self.values[field] = value
            self.sources[field] = source


def describe(dataset: Any) -> Facts:
    """Everything but levels, planes, channels and pixels, from the header of the finest level."""
    facts = Facts()
    for field, (keyword, tag) in _TEXT_FIELDS.items():
        facts.set(field, text(dataset, keyword), f"{keyword} {tag}")
    facts.set("barcode", text(dataset, "BarcodeValue"), "BarcodeValue (2200,0005)")
    if "barcode" not in facts.values:
        facts.set("barcode", text(dataset, "ContainerIdentifier"), "ContainerIdentifier (0040,0512)")
    focus = (text(dataset, "FocusMethod") or "").lower()
    if focus in ("auto", "manual"):
        facts.set("focus_method", focus, "FocusMethod (0048,0011)")
    facts.set("acquired_at", _acquired_at(dataset), "AcquisitionDateTime (0008,002A)")
    _optical(dataset, facts)
    _specimen(dataset, facts)
    _spacing(dataset, facts)
    return facts


def text(dataset: Any, keyword: str) -> str | None:
    """The value of an element as one line of text, or None when it is absent or empty."""
    value = dataset.get(keyword)
    if value is None:
        return None
    if not isinstance(value, (str, bytes)) and hasattr(value, "__iter__"):
        value = ", ".join(str(part) for part in value)
    return str(value).replace("\x00", "").strip() or None


def number(dataset: Any, keyword: str) -> float | None:
    """The value of a numeric element, or None when it is absent, not a number or not finite."""
    value = dataset.get(keyword)
    try:
        result = float(value)
    except (TypeError, ValueError):
        return None
    return result if math.isfinite(result) else None


def sequence(dataset: Any, keyword: str) -> list[Any]:
    """The items of a sequence, empty when it is absent or not one."""
    value = dataset.get(keyword)
    if value is None or isinstance(value, (str, bytes)):
        return []
    return [item for item in value if hasattr(item, "get")]


def first(dataset: Any, *keywords: str) -> Any | None:
    """The first item of the first item ... of nested sequences, or None."""
    for keyword in keywords:
        found = sequence(dataset, keyword)
        if not found:
            return None
        dataset = found[0]
    return dataset


def pixel_measures(dataset: Any) -> Any | None:
    """The Pixel Measures shared by all frames, or None."""
    return first(dataset, "SharedFunctionalGroupsSequence", "PixelMeasuresSequence")


def channels(dataset: Any, samples: int) -> tuple[Channel, ...]:
    """One channel for each optical path, in order; at least one."""
    if samples == 3:
        return (Channel("brightfield"),)
    paths = sequence(dataset, "OpticalPathSequence")
    if not paths:
        return (Channel("channel 1"),)
    return tuple(_channel(path, position) for position, path in enumerate(paths, 1))


def properties(dataset: Any) -> dict[str, str]:
    """All short top-level elements as text. Patient data stay out: they belong to the case, not the image."""
    found: dict[str, str] = {}
    for element in dataset:
        if element.VR in ("SQ", "OB", "OW", "UN", "OF", "OD") or element.tag.group == 0x0010:
            continue
        value = text(dataset, element.keyword) if element.keyword else None
        if value is not None and len(value) <= _PROPERTY_BYTES:
            found[element.keyword] = value
    return found


def _acquired_at(dataset: Any) -> str | None:
    """AcquisitionDateTime as ISO 8601; its own zone first, then TimezoneOffsetFromUTC (0008,0201)."""
    stated = text(dataset, "AcquisitionDateTime") or ""
    if stated == UNKNOWN_MOMENT:
        return None
    match = re.fullmatch(
        r"(\d{4})(\d\d)(\d\d)(?:(\d\d)(?:(\d\d)(?:(\d\d)(\.\d{1,6})?)?)?)?([+-]\d{4})?", stated
    )
    if match is None:
        return None
    year, month, day, hour, minute, second, fraction, zone = match.groups()
    date = f"{year}-{month}-{day}"
    if hour is None:
        return date
    zone = zone or text(dataset, "TimezoneOffsetFromUTC") or ""
    zone = f"{zone[:3]}:{zone[3:]}" if re.fullmatch(r"[+-]\d{4}", zone) else ""
    return f"{date}T{hour}:{minute or '00'}:{second or '00'}{fraction or ''}{zone}"


def _optical(dataset: Any, facts: Facts) -> None:
    path = first(dataset, "OpticalPathSequence")
    if path is None:
        return
    facts.set("objective_power", number(path, "ObjectiveLensPower"), "ObjectiveLensPower (0048,0112)")
    profile = path.get("ICCProfile") or dataset.get("ICCProfile")
    if number(dataset, "SamplesPerPixel") != 3:
        # Of a grey image it is the profile of its palette colours.
        return
    if isinstance(profile, bytes) and len(profile) >= 128:
        length = int.from_bytes(profile[:4], "big")
        facts.set("icc_profile", profile[:length], "ICCProfile (0028,2000)")


def _channel(path: Any, position: int) -> Channel:
    name = (
        text(path, "OpticalPathDescription") or text(path, "OpticalPathIdentifier") or f"channel {position}"
    )
    emission = path.get("ImagePathFilterPassThroughWavelength")
    if not isinstance(emission, (int, float)):
        emission = None
    return Channel(
        name=name,
        colour=_palette_colour(path),
        excitation_nm=number(path, "IlluminationWaveLength"),
        emission_nm=None if emission is None else float(emission),
    )


def _palette_colour(path: Any) -> str | None:
    """The colour at the bright end of the palette that an optical path proposes (PS3.3 C.7.9)."""
    palette = first(path, "PaletteColorLookupTableSequence")
    if palette is None:
        return None
    parts = []
    for name in ("Red", "Green", "Blue"):
        table = palette.get(f"Segmented{name}PaletteColorLookupTableData") or palette.get(
            f"{name}PaletteColorLookupTableData"
        )
        if not isinstance(table, bytes) or len(table) < 2:
            return None
        parts.append(table[-1])
    return "#{:02x}{:02x}{:02x}".format(*parts)


def _specimen(dataset: Any, facts: Facts) -> None:
    specimen = first(dataset, "SpecimenDescriptionSequence")
    if specimen is None:
        return
    facts.set("specimen", text(specimen, "SpecimenIdentifier"), "SpecimenIdentifier (0040,0551)")
    organ = first(specimen, "PrimaryAnatomicStructureSequence")
    if organ is not None:
        facts.set("organ", text(organ, "CodeMeaning"), "PrimaryAnatomicStructureSequence (0008,2228)")
    stains = list(dict.fromkeys(_stains(specimen)))
    facts.set("stain", ", ".join(stains), "SpecimenPreparationSequence (0040,0610)")


def _stains(specimen: Any) -> Iterator[str]:
    """Substances used in the staining steps (PS3.16 TID 8003)."""
    for step in sequence(specimen, "SpecimenPreparationSequence"):
        content = sequence(step, "SpecimenPreparationStepContentItemSequence")
        kinds = {_code(item, "ConceptCodeSequence") for item in content if _named(item, {PROCESSING_TYPE})}
        if not kinds & STAINING:
            continue
        for item in content:
            if not _named(item, USING_SUBSTANCE):
                continue
            code = first(item, "ConceptCodeSequence")
            meaning = text(code, "CodeMeaning") if code is not None else text(item, "TextValue")
            if meaning:
                yield meaning


def _named(item: Any, concepts: set[tuple[str, str]] | frozenset[tuple[str, str]]) -> bool:
    return _code(item, "ConceptNameCodeSequence") in concepts


def _code(item: Any, keyword: str) -> tuple[str, str]:
    code = first(item, keyword)
    if code is None:
        return ("", "")
    return (text(code, "CodeValue") or "", text(code, "CodingSchemeDesignator") or "")


def _spacing(dataset: Any, facts: Facts) -> None:
    """PixelSpacing (row distance first), checked against the imaged volume (PS3.3 C.8.12.4)."""
    measures = pixel_measures(dataset)
    stated = measures.get("PixelSpacing") if measures is not None else None
    try:
        down_mm, across_mm = (float(part) for part in stated or ())
    except (TypeError, ValueError):
        facts.warnings.append(Sentence("The header states no pixel spacing."))
        return
    if not (0 < down_mm < 1 and 0 < across_mm < 1):
        facts.warnings.append(
            Sentence("The stated pixel spacing of {across_mm} mm makes no sense.", {"across_mm": across_mm})
        )
        return
    facts.set("spacing_um", SpacingUm(across_mm * 1000, down_mm * 1000), "PixelSpacing (0028,0030)")
    for keyword, total, spacing_mm in (
        ("ImagedVolumeWidth", "TotalPixelMatrixColumns", across_mm),
        ("ImagedVolumeHeight", "TotalPixelMatrixRows", down_mm),
    ):
        volume_mm, pixels = number(dataset, keyword), number(dataset, total)
        if not volume_mm or not pixels:
            continue
        difference_mm = abs(volume_mm - pixels * spacing_mm)
        if difference_mm > max(_SPACING_TOLERANCE * volume_mm, 2 * spacing_mm):
            facts.warnings.append(
                Sentence(
                    "{keyword} ({volume_mm} mm) and the pixel spacing ({across_mm} mm across"
                    " the image) contradict each other.",
                    {"keyword": keyword, "volume_mm": volume_mm, "across_mm": pixels * spacing_mm},
                )
            )
