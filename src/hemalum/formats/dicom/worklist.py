"""Items of a modality worklist, and which of them a query asks for (DICOM PS3.4 annex K).

An item is one glass slide that is to be scanned: the container of the Specimen Module (PS3.3 C.7.6.22) under
the Scheduled Specimen Sequence of PS3.4 table K.6-1.
"""

import fnmatch
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from pydicom.datadict import dictionary_VR
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.multival import MultiValue
from pydicom.sequence import Sequence

from hemalum.formats.dicom.codes import code_item
from hemalum.formats.dicom.uids import derived_uid
from hemalum.kernel.errors import Invalid

_SLIDE_MICROSCOPY = "SM"
_CONTROL = re.compile(r"[\x00-\x1f\x7f\\]")
_WITH_WILDCARDS = frozenset({"AE", "CS", "LO", "LT", "PN", "SH", "ST", "UC", "UT"})
_TIMES = frozenset({"DA", "TM"})
_NO_KEYS = frozenset({"SpecificCharacterSet"})
_NAME_LENGTH, _LONG_LENGTH = 64, 64


@dataclass(frozen=True, slots=True)
class ScheduledSlide:
    """A glass slide that is to be scanned."""

    identifier: str
    """What its code says."""
    case_id: str
    """Lasting; the study is named after it."""
    case_number: str
    short_number: str
    """The number of the case in 16 characters at most."""
    site: str
    """Who gave the number."""
    patient_name: str
    """As it is written, in any script; the number of the case where the patient is withheld."""
    patient_id: str
    patient_issuer: str
    birth_date: date | None
    sex: str
    """F, M, O, or nothing."""
    procedure: str
    """What is to be done: stain and specimen, in few words."""
    specimen: str
    """What the tissue is."""
    stain: str
    priority: str
    """STAT, HIGH or ROUTINE (PS3.3 C.4-12)."""
    wanted_at: datetime
    """Local time from which it may be scanned."""
    station: str
    """AE title of the scanner that asks: any may scan it."""


def item_of(slide: ScheduledSlide, charset: str = "ISO_IR 192") -> Dataset:
    """All that a worklist can tell of a slide, in this character set (PS3.3 C.12.1.1.2)."""
    item = Dataset()
    item.SpecificCharacterSet = charset
    item.AccessionNumber = slide.short_number
    item.IssuerOfAccessionNumberSequence = Sequence([_issuer(slide.site)])
    item.PatientName = _name(slide.patient_name)
    item.PatientID = _line(slide.patient_id)
    item.IssuerOfPatientID = _line(slide.patient_issuer)
    item.PatientBirthDate = "" if slide.birth_date is None else slide.birth_date.strftime("%Y%m%d")
    item.PatientSex = slide.sex
    item.ReferringPhysicianName = ""
    item.StudyInstanceUID = derived_uid(slide.case_id, "study")
    item.ReferencedStudySequence = Sequence([])
    item.RequestedProcedureID = slide.short_number
    item.RequestedProcedureDescription = _line(slide.procedure)
    item.RequestedProcedurePriority = slide.priority
    item.AdmissionID = ""
    item.ScheduledProcedureStepSequence = Sequence([_step_of(slide)])
    item.ScheduledSpecimenSequence = Sequence([_container_of(slide)])
    return item


def matches(item: Dataset, query: Dataset) -> bool:
    """Whether an item is one that a query asks for: universal, single value, list, wildcard, range and
    sequence matching (PS3.4 C.2.2.2). What the item does not have is no condition.

    Raises:
        Invalid: a key has more items or other characters than a query may have.
    """
    return all(
        element.keyword in _NO_KEYS or element.keyword not in item or _fits(item, element)
        for element in query
        if element.keyword
    )


def answer(item: Dataset, query: Dataset) -> Dataset:
    """Of an item what a query asks to be told; what the item does not have is told as empty."""
    told = _asked_of(item, query)
    told.SpecificCharacterSet = item.SpecificCharacterSet
    return told


def single_value(query: Dataset, keyword: str) -> str:
    """The one whole value that a query asks for in this attribute, wherever it stands; else nothing."""
    for element in query.iterall():
        if element.keyword == keyword and element.VM == 1:
            text = str(element.value)
            return "" if set(text) & set("*?") else text
    return ""


def _step_of(slide: ScheduledSlide) -> Dataset:
    step = Dataset()
    step.Modality = _SLIDE_MICROSCOPY
    step.ScheduledStationAETitle = slide.station
    step.ScheduledProcedureStepStartDate = slide.wanted_at.strftime("%Y%m%d")
    step.ScheduledProcedureStepStartTime = slide.wanted_at.strftime("%H%M%S")
    step.ScheduledPerformingPhysicianName = ""
    step.ScheduledProcedureStepDescription = _line(slide.procedure)
    step.ScheduledProcedureStepID = slide.identifier.removeprefix(slide.case_number).lstrip("/")
    step.ScheduledStationName = ""
    step.ScheduledProcedureStepLocation = ""
    return step


def _container_of(slide: ScheduledSlide) -> Dataset:
    container = Dataset()
    container.ContainerIdentifier = slide.identifier
    container.IssuerOfTheContainerIdentifierSequence = Sequence([_issuer(slide.site)])
    # Microscope slide (PS3.16 CID 8101).
    container.ContainerTypeCodeSequence = Sequence([code_item("433466003", "SCT", "Microscope slide")])
    specimen = Dataset()
    specimen.SpecimenIdentifier = slide.identifier
    specimen.IssuerOfTheSpecimenIdentifierSequence = Sequence([_issuer(slide.site)])
    specimen.SpecimenUID = derived_uid(slide.identifier, "specimen")
    specimen.SpecimenShortDescription = _line(slide.specimen)
    specimen.SpecimenDetailedDescription = _CONTROL.sub(" ", f"{slide.specimen}; {slide.stain}".strip("; "))
    container.SpecimenDescriptionSequence = Sequence([specimen])
    return container


def _issuer(site: str) -> Dataset:
    issuer = Dataset()
    issuer.LocalNamespaceEntityID = site
    return issuer


def _line(text: str) -> str:
    return _CONTROL.sub(" ", text)[:_LONG_LENGTH].strip()


def _name(text: str) -> str:
    """A name in its one written form; what would part it into components and groups is left out."""
    return re.sub(r"[=^]", " ", _CONTROL.sub(" ", text))[:_NAME_LENGTH].strip()


# Matching -----------------------------------------------------------------------------------------------


def _fits(item: Dataset, key: DataElement) -> bool:
    vr = dictionary_VR(key.keyword)
    have = item[key.keyword].value
    if vr == "SQ":
        return _fits_sequence(have, key.value)
    wanted = [str(one) for one in key.value] if isinstance(key.value, MultiValue) else [str(key.value or "")]
    if wanted == [""]:
        return True
    if vr != "UI" and len(wanted) > 1:
        raise Invalid("{keyword} asks for more than one value.", keyword=key.keyword)
    return any(_fits_value(vr, str(have), one) for one in wanted)


def _fits_sequence(have: Iterable[Dataset], wanted: Sequence) -> bool:
    if len(wanted) > 1:
        raise Invalid("A sequence of a query has one item.")
    return not wanted or not len(wanted[0]) or any(matches(one, wanted[0]) for one in have)


def _fits_value(vr: str, have: str, wanted: str) -> bool:
    if vr in _TIMES:
        first, dash, last = wanted.partition("-")
        return _fits_time(_digits(have), _digits(first), _digits(last if dash else first))
    if vr == "PN":
        have, wanted = have.casefold().rstrip("^"), wanted.casefold().rstrip("^")
    if vr in _WITH_WILDCARDS and set(wanted) & set("*?"):
        return fnmatch.fnmatchcase(have, wanted.replace("[", "[[]"))
    return have == wanted


def _fits_time(have: str, first: str, last: str) -> bool:
    """Whether a date or time lies between two, which may be open, or given to the minute for the whole
    of it."""
    return bool(have) and have[: len(first)] >= first and have[: len(last)] <= last


def _digits(text: str) -> str:
    return re.sub(r"[^0-9]", "", text.partition(".")[0])


def _asked_of(item: Dataset, query: Dataset) -> Dataset:
    told = Dataset()
    for key in query:
        if key.keyword in item and key.keyword:
            told.add(_told(item[key.keyword], key))
        elif key.tag.element != 0 and not key.tag.is_private:
            told.add_new(key.tag, key.VR, [] if key.VR == "SQ" else None)
    return told


def _told(have: DataElement, key: DataElement) -> DataElement:
    """An element of an item with those parts that were asked for; all of them where nobody said which."""
    if have.VR != "SQ" or not key.value or not len(key.value[0]):
        return have
    return DataElement(have.tag, "SQ", [_asked_of(one, key.value[0]) for one in have.value])
