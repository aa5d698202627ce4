"""What is wrong with a message, and where: each failure names segment, field and component."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from hemalum.kernel.errors import Invalid


class Fault(StrEnum):
    """Message error condition codes (HL7 table 0357)."""

    SEGMENT_SEQUENCE = "100"
    REQUIRED_MISSING = "101"
    DATA_TYPE = "102"
    TABLE_VALUE = "103"
    UNSUPPORTED_MESSAGE = "200"
    UNSUPPORTED_EVENT = "201"
    UNSUPPORTED_PROCESSING = "202"
    UNSUPPORTED_VERSION = "203"
    UNKNOWN_KEY = "204"
    DUPLICATE_KEY = "205"
    LOCKED = "206"
    """It cannot be kept or done now: it is to be sent again."""
    INTERNAL = "207"


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a message: the segment, the how-manieth of its name, field, repetition and component, from 1;
    0 for all of them."""

    segment: str
    occurrence: int = 1
    field: int = 0
    repetition: int = 1
    component: int = 0

    def __str__(self) -> str:
        text = self.segment if self.occurrence == 1 else f"{self.segment}[{self.occurrence}]"
        if self.field:
            text += f"-{self.field}"
        if self.repetition > 1:
            text += f"[{self.repetition}]"
        return f"{text}.{self.component}" if self.component else text


class BadMessage(Invalid):
    """A message cannot be read, or does not say what it has to. Its sentence never repeats a value of the
    message, which may name a patient."""

    code = "bad-message"
    place: Place | None = None
    fault: Fault = Fault.DATA_TYPE

    def at(self, place: Place, fault: Fault) -> Self:
        """The same error, which now says where and of which kind it is."""
        self.place, self.fault = place, fault
        return self


def missing(place: Place) -> BadMessage:
    """The error for what a message has to say and does not."""
    return BadMessage("{place} is missing.", place=str(place)).at(place, Fault.REQUIRED_MISSING)


def out_of_place(segment: str) -> BadMessage:
    """The error for a segment that is missing, or stands where it cannot."""
    place = Place(segment)
    return BadMessage("The segment {place} is missing, or stands where it cannot.", place=segment).at(
        place, Fault.SEGMENT_SEQUENCE
    )


def not_known(place: Place) -> BadMessage:
    """The error for a code that is none of its table, or that is not spoken here."""
    return BadMessage("{place} holds a code that is not known here.", place=str(place)).at(
        place, Fault.TABLE_VALUE
    )
