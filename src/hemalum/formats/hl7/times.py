"""Times in messages: as precise as they are written, and with a zone or without (2.A.77, TS and DTM)."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from enum import IntEnum

from hemalum.formats.hl7.faults import BadMessage, Fault
from hemalum.formats.hl7.message import Segment

_SHAPE = re.compile(r"(\d{4}|\d{6}|\d{8}|\d{10}|\d{12}|\d{14}(?:\.\d{1,4})?)([+-]\d{4})?")
_PARTS = ("%Y", "%m", "%d", "%H", "%M", "%S")


class Precision(IntEnum):
    """To what a time is known."""

    YEAR = 4
    MONTH = 6
    DAY = 8
    HOUR = 10
    MINUTE = 12
    SECOND = 14


@dataclass(frozen=True, slots=True)
class Moment:
    """A time as a message states it."""

    value: datetime
    """What is not stated is the first: of a month its first day. Without a zone where none is stated."""
    precision: Precision

    def at(self, zone: tzinfo) -> datetime:
        """With its zone; in `zone` where the message states none."""
        return self.value if self.value.tzinfo else self.value.replace(tzinfo=zone)

    @property
    def day(self) -> date | None:
        """The date, when it is known to the day."""
        return self.value.date() if self.precision >= Precision.DAY else None


def read_moment(segment: Segment, field: int, component: int = 1) -> Moment | None:
    """The time in a field; None where there is none.

    Raises:
        BadMessage: it is none.
    """
    text = segment.text(field, component)
    if not text:
        return None
    found = _SHAPE.fullmatch(text)
    try:
        if found is None:
            raise ValueError
        digits, _, fraction = found[1].partition(".")
        zone = _zone(found[2]) if found[2] else None
        shape = "".join(_PARTS[: max(1, len(digits) // 2 - 1)])
        value = datetime.strptime(digits, shape).replace(
            microsecond=int(fraction.ljust(6, "0")) if fraction else 0, tzinfo=zone
        )
    except ValueError as error:
        place = segment.place(field)
        raise BadMessage("{place} is no date or time.", place=str(place)).at(
            place, Fault.DATA_TYPE
        ) from error
    return Moment(value, Precision(len(digits)))


def write_time(at: datetime) -> str:
    """A moment to the second, with its zone."""
    return at.strftime("%Y%m%d%H%M%S%z") if at.tzinfo else write_time(at.replace(tzinfo=UTC))


def write_day(day: date) -> str:
    """A date."""
    return day.strftime("%Y%m%d")


def _zone(text: str) -> timezone:
    hours, minutes = int(text[1:3]), int(text[3:5])
    if minutes >= 60 or hours > 14:
        raise ValueError
    ahead = timedelta(hours=hours, minutes=minutes)
    return timezone(-ahead if text[0] == "-" else ahead)
