"""What all messages that are written share: their header, and who a patient is."""

from dataclasses import dataclass
from datetime import datetime

from hemalum.formats.hl7.charsets import UTF_8
from hemalum.formats.hl7.message import Content, Segment, compose
from hemalum.formats.hl7.reading import Patient
from hemalum.formats.hl7.times import write_day, write_time

VERSION = "2.5.1"


@dataclass(frozen=True, slots=True)
class Ends:
    """Between whom a message goes (MSH-3 to MSH-6)."""

    sending_application: str
    sending_facility: str
    receiving_application: str
    receiving_facility: str


def write_header(
    ends: Ends, kind: tuple[str, str, str], at: datetime, control_id: str, processing_id: str
) -> Segment:
    """MSH of a message in UTF-8; `kind` is code, event and structure."""
    return compose(
        "MSH",
        ends.sending_application,
        ends.sending_facility,
        ends.receiving_application,
        ends.receiving_facility,
        write_time(at),
        "",
        kind,
        control_id,
        processing_id,
        VERSION,
        *([""] * 5),
        UTF_8,
    )


def write_patient(patient: Patient) -> Segment:
    """PID with nothing but number, name, birth and sex."""
    numbers: Content = [(one.value, "", "", one.issuer, one.kind) for one in patient.numbers]
    given, _, family = patient.name.rpartition(" ")
    born = "" if patient.birth_date is None else write_day(patient.birth_date)
    return compose("PID", "1", "", numbers, "", (family, given, "", "", "", "", "L"), "", born, patient.sex)
