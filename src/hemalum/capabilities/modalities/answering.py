"""What a scanner asks, and what it is answered: slides of cases as items of a worklist."""

from datetime import datetime

from pydicom.dataset import Dataset

from hemalum.capabilities.cases.model import Identity, Priority, Sex
from hemalum.capabilities.cases.service import SlideToScan
from hemalum.capabilities.modalities.model import MOST_SHORT, Scanner
from hemalum.capabilities.modalities.service import Modalities
from hemalum.formats.dicom import worklist
from hemalum.formats.dicom.worklist import ScheduledSlide

_NAMING = ("ContainerIdentifier", "SpecimenIdentifier", "AccessionNumber", "RequestedProcedureID")
_SEX = {Sex.FEMALE: "F", Sex.MALE: "M", Sex.OTHER: "O", Sex.UNKNOWN: ""}
_PRIORITY = {Priority.INTRAOPERATIVE: "STAT", Priority.URGENT: "HIGH", Priority.ROUTINE: "ROUTINE"}


def answer(modalities: Modalities, scanner: Scanner, query: Dataset) -> tuple[list[Dataset], bool]:
    """Of the slides that wait for a scan, those that a query asks for, each with what it asks to be told; and
    whether there may be more, because only the most pressing slides were looked through.

    A whole identifier or number of a case finds its slides, scanned or not. Whose patient may not be known
    has the number of the case in the place of name and number.

    Raises as `Modalities.list_slides` and `worklist.matches` do.
    """
    named = (worklist.single_value(query, keyword) for keyword in _NAMING)
    found = modalities.list_slides(scanner, next(filter(None, named), ""))
    now = modalities.clock().astimezone(modalities.time_zone)
    items = [worklist.item_of(_scheduled(one, scanner.title, now), scanner.charset) for one in found]
    told = [worklist.answer(item, query) for item in items if worklist.matches(item, query)]
    return told, len(found) >= modalities.most_items


def _scheduled(one: SlideToScan, station: str, now: datetime) -> ScheduledSlide:
    """What a worklist tells of a slide: that it may be scanned now, at the station that asks."""
    case, identity = one.shown.case, one.shown.identity
    who = identity or Identity(case.number)
    number = who.identifiers[0] if who.identifiers else None
    specimen = ", ".join(word for word in (one.part.organ, one.part.description) if word)
    stain = one.slide.description
    return ScheduledSlide(
        one.slide.identifier,
        case.id,
        case.number,
        one.number_within(MOST_SHORT),
        one.site,
        who.name,
        case.number if number is None else number.value,
        "" if number is None else number.issuer,
        who.birth_date,
        _SEX[who.sex],
        "; ".join(word for word in (stain, specimen) if word) or one.slide.identifier,
        specimen,
        stain,
        _PRIORITY[case.priority],
        now,
        station,
    )
