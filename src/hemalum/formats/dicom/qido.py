"""QIDO-RS queries: a query string made a checked filter, and what matches it (PS3.18 8.3, PS3.4 C.2.2.2).

Pure functions over the DICOM JSON model; a store narrows by `Filter` in its own way and may use `matches` for
the rest.
"""

import fnmatch
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from hemalum.kernel.errors import Invalid

MAX_LIMIT = 1000
_MAX_CONDITIONS = 64
_MAX_VALUE = 4096
_WILDCARD_VRS = frozenset(("AE", "CS", "LO", "LT", "PN", "SH", "ST", "UC", "UR", "UT"))
_RANGE_VRS = frozenset(("DA", "DT", "TM"))
_RESERVED = frozenset(("includefield", "limit", "offset", "fuzzymatching", "emptyvaluematching"))

_USUAL = {
    "SpecificCharacterSet": ("00080005", "CS"),
    "ImageType": ("00080008", "CS"),
    "SOPClassUID": ("00080016", "UI"),
    "SOPInstanceUID": ("00080018", "UI"),
    "PyramidUID": ("00080019", "UI"),
    "StudyDate": ("00080020", "DA"),
    "SeriesDate": ("00080021", "DA"),
    "ContentDate": ("00080023", "DA"),
    "AcquisitionDateTime": ("0008002A", "DT"),
    "StudyTime": ("00080030", "TM"),
    "SeriesTime": ("00080031", "TM"),
    "ContentTime": ("00080033", "TM"),
    "AccessionNumber": ("00080050", "SH"),
    "InstanceAvailability": ("00080056", "CS"),
    "Modality": ("00080060", "CS"),
    "ModalitiesInStudy": ("00080061", "CS"),
    "SOPClassesInStudy": ("00080062", "UI"),
    "Manufacturer": ("00080070", "LO"),
    "InstitutionName": ("00080080", "LO"),
    "ReferringPhysicianName": ("00080090", "PN"),
    "TimezoneOffsetFromUTC": ("00080201", "SH"),
    "StudyDescription": ("00081030", "LO"),
    "SeriesDescription": ("0008103E", "LO"),
    "ManufacturerModelName": ("00081090", "LO"),
    "RetrieveURL": ("00081190", "UR"),
    "PatientName": ("00100010", "PN"),
    "PatientID": ("00100020", "LO"),
    "PatientBirthDate": ("00100030", "DA"),
    "PatientSex": ("00100040", "CS"),
    "DeviceSerialNumber": ("00181000", "LO"),
    "StudyInstanceUID": ("0020000D", "UI"),
    "SeriesInstanceUID": ("0020000E", "UI"),
    "StudyID": ("00200010", "SH"),
    "SeriesNumber": ("00200011", "IS"),
    "InstanceNumber": ("00200013", "IS"),
    "FrameOfReferenceUID": ("00200052", "UI"),
    "NumberOfStudyRelatedSeries": ("00201206", "IS"),
    "NumberOfStudyRelatedInstances": ("00201208", "IS"),
    "NumberOfSeriesRelatedInstances": ("00201209", "IS"),
    "DimensionOrganizationType": ("00209311", "CS"),
    "NumberOfFrames": ("00280008", "IS"),
    "Rows": ("00280010", "US"),
    "Columns": ("00280011", "US"),
    "BitsAllocated": ("00280100", "US"),
    "PerformedProcedureStepStartDate": ("00400244", "DA"),
    "PerformedProcedureStepStartTime": ("00400245", "TM"),
    "ContainerIdentifier": ("00400512", "LO"),
    "SpecimenIdentifier": ("00400551", "LO"),
    "SpecimenDescriptionSequence": ("00400560", "SQ"),
    "TotalPixelMatrixColumns": ("00480006", "UL"),
    "TotalPixelMatrixRows": ("00480007", "UL"),
    "AvailableTransferSyntaxUID": ("00083002", "UI"),
}
_USUAL_VRS = dict(_USUAL.values())


@dataclass(frozen=True, slots=True)
class Condition:
    """One attribute that must match."""

    path: tuple[str, ...]
    """Tags from the outermost sequence to the attribute: eight upper-case hexadecimal digits each."""
    vr: str
    value: str = ""
    """For exact and wildcard matching."""
    values: tuple[str, ...] = ()
    """For UID lists."""
    earliest: str | None = None
    latest: str | None = None
    """For ranges; both ends belong to it."""

    @property
    def is_wildcard(self) -> bool:
        return self.vr in _WILDCARD_VRS and ("*" in self.value or "?" in self.value)

    @property
    def is_range(self) -> bool:
        return self.earliest is not None or self.latest is not None


@dataclass(frozen=True, slots=True)
class Filter:
    """A checked query."""

    conditions: tuple[Condition, ...] = ()
    include: frozenset[tuple[str, ...]] = frozenset()
    """Attributes asked for on top of those always returned."""
    include_all: bool = False
    limit: int = MAX_LIMIT
    offset: int = 0
    fuzzy_asked: bool = False
    """The client asked for fuzzy matching, which is not done: the answer carries a Warning header."""

    def find(self, keyword: str) -> Condition | None:
        """The condition on a top-level attribute, or None."""
        path = (_tag(keyword),)
        return next((condition for condition in self.conditions if condition.path == path), None)


def parse_query(parameters: Iterable[tuple[str, str]], fixed: Mapping[str, str] | None = None) -> Filter:
    """Check a query string, given as decoded pairs in order. `fixed` are attributes that the path states.

    Raises:
        Invalid: an unknown attribute, a malformed value, or a number out of range.
    """
    conditions: dict[tuple[str, ...], Condition] = {}
    include: set[tuple[str, ...]] = set()
    include_all, limit, offset, fuzzy = False, MAX_LIMIT, 0, False
    for name, value in parameters:
        if len(value) > _MAX_VALUE:
            raise Invalid("The value of {attribute} is too long.", attribute=_shown(name))
        lowered = name.lower()
        if lowered not in _RESERVED:
            condition = _condition(name, value)
            if condition is not None:
                conditions[condition.path] = condition
        elif lowered == "includefield":
            for field in filter(None, value.split(",")):
                include_all = include_all or field.lower() == "all"
                if field.lower() != "all":
                    include.add(attribute_path(field))
        elif lowered == "limit":
            limit = min(_whole_number(name, value), MAX_LIMIT)
        elif lowered == "offset":
            offset = _whole_number(name, value)
        elif lowered == "fuzzymatching":
            fuzzy = value.lower() == "true"
    for keyword, value in (fixed or {}).items():
        condition = _condition(keyword, value)
        if condition is not None:
            conditions[condition.path] = condition
    if len(conditions) > _MAX_CONDITIONS:
        raise Invalid("The query has too many attributes.")
    return Filter(tuple(conditions.values()), frozenset(include), include_all, limit, offset, fuzzy)


def attribute_path(name: str) -> tuple[str, ...]:
    """Tags of an attribute given by keywords or tags, joined by dots inside sequences.

    Raises:
        Invalid: there is no such attribute.
    """
    return tuple(_tag(part) for part in name.split("."))


def matches(condition: Condition, model: Mapping[str, Any]) -> bool:
    """Whether a data set in the DICOM JSON model meets a condition."""
    found = list(_reach(model, condition.path))
    if condition.values:
        return any(text in condition.values for text in found)
    if condition.is_range:
        return any(_within(condition, text) for text in found)
    pattern = _pattern(condition)
    return any(pattern.fullmatch(text) for text in found)


def _condition(name: str, value: str) -> Condition | None:
    """The condition of one parameter, or None for universal matching."""
    path = attribute_path(name)
    vr = _vr(path[-1])
    if value in ("", "*", '""'):
        return None
    if vr == "SQ":
        raise Invalid("{attribute} is a sequence; ask for an attribute in it.", attribute=_shown(name))
    if vr == "UI":
        values = tuple(filter(None, re.split(r"[,\\]", value)))
        if any(not re.fullmatch(r"[0-9.]{1,64}", uid) for uid in values):
            raise Invalid("{attribute} must be one UID or a list of them.", attribute=_shown(name))
        return Condition(path, vr, values=values)
    if vr in _RANGE_VRS:
        return _moment(name, path, vr, value)
    return Condition(path, vr, value=value)


def _moment(name: str, path: tuple[str, ...], vr: str, value: str) -> Condition:
    """A date, time or moment, or a range of them with a hyphen; either end may be open."""
    digits = {"DA": r"\d{8}", "TM": r"\d{2,6}(?:\.\d{1,6})?", "DT": r"\d{4,14}(?:\.\d{1,6})?"}[vr]
    match = re.fullmatch(rf"({digits})?(-)?({digits})?", value)
    if match is None or not (match[1] or match[3]) or (match[3] and not match[2]):
        raise Invalid(
            "{attribute} must be a date or time in DICOM form, or a range of them.", attribute=_shown(name)
        )
    earliest, hyphen, latest = match.groups()
    if not hyphen:
        latest = earliest
    return Condition(path, vr, earliest=earliest, latest=latest)


def _within(condition: Condition, text: str) -> bool:
    """Compare by the digits that both have: 2024 contains 20240506."""
    bare = re.split(r"[+-]", text)[0]
    low, high = condition.earliest, condition.latest
    if low is not None and bare[: len(low)] < low[: len(bare)]:
        return False
    return high is None or bare[: len(high)] <= high[: len(bare)]


def _pattern(condition: Condition) -> re.Pattern[str]:
    flags = re.IGNORECASE if condition.vr == "PN" else 0
    if not condition.is_wildcard:
        return re.compile(re.escape(condition.value), flags)
    # What fnmatch makes of it never goes back over a *, so that no pattern is slow; brackets mean themselves.
    return re.compile(fnmatch.translate(condition.value.replace("[", "[[]")), flags)


def _reach(model: Mapping[str, Any], path: tuple[str, ...]) -> Iterable[str]:
    """All values at a path, as text; sequences match when any of their items does."""
    element = model.get(path[0])
    if not isinstance(element, Mapping):
        return
    values = element.get("Value", ())
    if len(path) > 1:
        for item in values:
            yield from _reach(item, path[1:])
        return
    for value in values:
        if isinstance(value, Mapping):
            yield from (str(group) for group in value.values())
        elif value is not None:
            yield str(value)


def _tag(name: str) -> str:
    if re.fullmatch(r"[0-9A-Fa-f]{8}", name):
        return name.upper()
    if name in _USUAL:
        return _USUAL[name][0]
    # A server stays small without the full dictionary, which only unusual questions need.
    from pydicom.datadict import tag_for_keyword

    tag = tag_for_keyword(name) if re.fullmatch(r"[A-Za-z][A-Za-z0-9]{0,63}", name) else None
    if tag is None:
        raise Invalid("There is no DICOM attribute {attribute}.", attribute=_shown(name))
    return f"{int(tag):08X}"


def _vr(tag: str) -> str:
    if tag in _USUAL_VRS:
        return _USUAL_VRS[tag]
    from pydicom.datadict import dictionary_VR

    try:
        return str(dictionary_VR(int(tag, 16)))
    except KeyError:
        return "UN"


def _whole_number(name: str, value: str) -> int:
    if not re.fullmatch(r"\d{1,9}", value):
        raise Invalid("{attribute} must be a whole number.", attribute=_shown(name))
    return int(value)


def _shown(name: str) -> str:
    return re.sub(r"[^\w.]", "?", name)[:64]
