"""Reports on their way to a hospital system: ORU^R01 (7.3.1), MDM^T02 and MDM^T10 (9.6.2, 9.6.10)."""

import base64
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from hemalum.formats.hl7.message import Content, Message, Segment, compose
from hemalum.formats.hl7.reading import Number, Patient
from hemalum.formats.hl7.times import write_time
from hemalum.formats.hl7.writing import Ends, write_header, write_patient


class ReportStatus(StrEnum):
    """How far a report is (HL7 tables 0085 and 0123)."""

    PRELIMINARY = "P"
    FINAL = "F"
    CORRECTED = "C"


@dataclass(frozen=True, slots=True)
class Signer:
    """Who answers for a report."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a report under its heading."""

    code: str
    """LOINC where there is one."""
    heading: str
    text: str
    coding: str = "LN"
    """Of whom the code is; `L` for a local one."""


@dataclass(frozen=True, slots=True)
class ReportMessage:
    """A version of a report as it leaves the laboratory."""

    ends: Ends
    control_id: str
    at: datetime
    patient: Patient
    case_number: str
    status: ReportStatus
    reported_at: datetime
    signer: Signer | None
    """None as long as nobody signed it."""
    sections: tuple[Section, ...]
    version: int = 1
    placer: Number | None = None
    """The number of the order, where the case has one."""
    received_at: datetime | None = None
    """When the specimens came."""
    document_id: str = ""
    replaces: str = ""
    """The document id of the version before."""
    pdf: bytes = field(default=b"", repr=False)
    processing_id: str = "P"


SERVICE = ("60567-5", "Comprehensive pathology report panel", "LN")
_DOCUMENT = ("11526-1", "Pathology study", "LN")


def report_result(report: ReportMessage) -> Message:
    """ORU^R01: one result for each section, and the document where there is one."""
    segments = [
        _header(report, ("ORU", "R01", "ORU_R01")),
        write_patient(report.patient),
        compose("ORC", "RE", _placer(report), report.case_number),
        _request(report),
        *(_section(number, each, report) for number, each in enumerate(report.sections, 1)),
    ]
    if report.pdf:
        segments.append(_document(len(report.sections) + 1, report))
    return Message(tuple(segments))


def report_document(report: ReportMessage) -> Message:
    """The report as a document, with its content: MDM^T02, or MDM^T10 where it takes the place of another.

    An edit (T08) is of what was never available for care, so a signed report is replaced and not edited; and
    a version holds all of its report, so that one with an addendum replaces what was, too (9.5.1).
    """
    event = "T10" if report.replaces else "T02"
    segments = [
        _header(report, ("MDM", event, "MDM_T02")),
        compose("EVN", event, write_time(report.at)),
        write_patient(report.patient),
        compose("PV1", "1", "N"),
        _transcription(report),
        *(_section(number, each, report) for number, each in enumerate(report.sections, 1)),
    ]
    if report.pdf:
        segments.append(_document(len(report.sections) + 1, report))
    return Message(tuple(segments))


def _header(report: ReportMessage, kind: tuple[str, str, str]) -> Segment:
    return write_header(report.ends, kind, report.at, report.control_id, report.processing_id)


def _placer(report: ReportMessage) -> Content:
    return "" if report.placer is None else (report.placer.value, report.placer.issuer)


def _request(report: ReportMessage) -> Segment:
    received = "" if report.received_at is None else write_time(report.received_at)
    signer: Content = "" if report.signer is None else ((report.signer.id, report.signer.name),)
    return compose(
        "OBR",
        "1",
        _placer(report),
        report.case_number,
        SERVICE,
        "",
        "",
        received or write_time(report.reported_at),
        *([""] * 6),
        received,
        *([""] * 7),
        write_time(report.reported_at),
        "",
        "SP",
        report.status,
        *([""] * 6),
        signer,
    )


def _section(number: int, section: Section, report: ReportMessage) -> Segment:
    code = (section.code, section.heading, section.coding)
    return compose("OBX", str(number), "FT", code, str(number), section.text, *([""] * 5), report.status)


def _document(number: int, report: ReportMessage) -> Segment:
    content = base64.b64encode(report.pdf).decode("ascii")
    value = ("", "application", "pdf", "Base64", content)
    return compose("OBX", str(number), "ED", _DOCUMENT, str(number), value, *([""] * 5), report.status)


_COMPLETION = {
    ReportStatus.PRELIMINARY: "PA",
    ReportStatus.FINAL: "LA",
    ReportStatus.CORRECTED: "LA",
}
"""Pre-authenticated until somebody signed, then legally authenticated (HL7 table 0271)."""


_AVAILABLE = "AV"
"""For the care of the patient (HL7 table 0273)."""


def _transcription(report: ReportMessage) -> Segment:
    signer: Content = "" if report.signer is None else (report.signer.id, report.signer.name)
    return compose(
        "TXA",
        "1",
        "SP",
        "TX",
        write_time(report.reported_at),
        signer,
        write_time(report.reported_at),
        "",
        "",
        signer,
        "",
        "",
        report.document_id or f"{report.case_number}.{report.version}",
        report.replaces,
        [_entity(report)],
        report.case_number,
        "",
        _COMPLETION[report.status],
        "",
        "" if report.signer is None else _AVAILABLE,
        "",
        "",
        _authenticated(report),
    )


def _authenticated(report: ReportMessage) -> Content:
    """Who signed, and when: what is legally authenticated says so (PPN)."""
    if report.signer is None:
        return ""
    return (report.signer.id, report.signer.name, *([""] * 12), write_time(report.reported_at))


def _entity(report: ReportMessage) -> tuple[str, ...]:
    return ("",) if report.placer is None else (report.placer.value, report.placer.issuer)
