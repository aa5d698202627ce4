"""Signed reports on their way to the systems of their hospital: ORU^R01 and MDM, once for each of them."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from hemalum.capabilities.cases.model import Case, Identity, Sex
from hemalum.capabilities.interfaces import store
from hemalum.capabilities.interfaces.model import Receiver, Sent
from hemalum.capabilities.interfaces.outbox import Outbox
from hemalum.capabilities.reports.model import (
    LOINC_OF_ANSWERS,
    LOINC_OF_SECTION,
    Passage,
    Section,
    SignedReport,
    Status,
)
from hemalum.capabilities.reports.service import Reports
from hemalum.formats.hl7 import reporting
from hemalum.formats.hl7.message import Message
from hemalum.formats.hl7.reading import AdministrativeSex, Number, Patient
from hemalum.formats.hl7.writing import Ends
from hemalum.kernel.audit import Record, Recorder
from hemalum.kernel.errors import HemalumError
from hemalum.runtime.db import reading

APPLICATION = "HEMALUM"
"""MSH-3 of what the node sends by itself."""
OWN_CONTROL_ID = 20
"""Characters of MSH-10 in v2.5.1, which what the node sends by itself keeps to."""
_LOG = logging.getLogger(__name__)
_SEXES = {
    Sex.FEMALE: AdministrativeSex.FEMALE,
    Sex.MALE: AdministrativeSex.MALE,
    Sex.OTHER: AdministrativeSex.OTHER,
    Sex.UNKNOWN: AdministrativeSex.UNKNOWN,
}
_WITHDRAWN = "Entered in error: this report was never meant for this patient. 误录作废：本报告不属于该患者。"
_WAYS: dict[Sent, tuple[str, Callable[[reporting.ReportMessage], Message]]] = {
    Sent.RESULTS: ("", reporting.report_result),
    Sent.DOCUMENTS: ("D", reporting.report_document),
}
"""What the control id begins with, so that both can go to one receiver, and how the message is written."""

type PrintPdf = Callable[[str, str, int], bytes]
"""The signed document of a version, by organisation, case and number; empty where there is none any more."""


@dataclass(frozen=True)
class Publishing:
    """Writes down for every receiver that a report was signed."""

    reports: Reports
    outbox: Outbox
    record: Recorder
    print_pdf: PrintPdf

    def send_report(self, organisation_id: str, case_id: str, number: int) -> int:
        """Have a signed version sent to the receivers of its organisation; answers how many messages it took.

        The same once more sends nothing twice.
        """
        report = self.reports.leaving.read_signed(organisation_id, case_id, number)
        if report is None:
            return 0
        waiting = self._left_to_send(organisation_id, report)
        if not waiting:
            return 0
        wants_pdf = any(receiver.with_pdf for receiver, _ in waiting)
        pdf = self._print(organisation_id, report) if wants_pdf else b""
        return sum(
            self._send(receiver, sent, report, pdf if receiver.with_pdf else b"")
            for receiver, sent in waiting
        )

    def _left_to_send(self, organisation_id: str, report: SignedReport) -> list[tuple[Receiver, Sent]]:
        """To whom the report goes, as what, and was not written down for yet."""
        with reading(self.outbox.database) as connection:
            return [
                (receiver, sent)
                for receiver in store.list_receivers(connection, organisation_id)
                for sent in _WAYS
                if sent in receiver.sends
                and not store.was_sent(connection, receiver.id, _control_id(sent, report))
            ]

    def _print(self, organisation_id: str, report: SignedReport) -> bytes:
        """The signed document; empty where there is none. The words of a report go out in any case."""
        if report.version.status is Status.ENTERED_IN_ERROR:
            return b""
        try:
            return self.print_pdf(organisation_id, report.case.id, report.version.number)
        except HemalumError as error:
            _LOG.error("a report goes out without its document: %s", error)
            return b""

    def _send(self, receiver: Receiver, sent: Sent, report: SignedReport, pdf: bytes) -> bool:
        message = self._message(receiver, report, _control_id(sent, report), pdf)
        detail = {
            "receiver": receiver.id,
            "as": sent.value,
            "version": report.version.number,
            "with_pdf": bool(pdf),
        }
        record = Record(
            "interfaces.send_report",
            None,
            target=f"case/{report.case.id}",
            organisation_id=report.case.organisation_id,
            detail=detail,
        )
        return self.outbox.add_once(
            receiver,
            _WAYS[sent][1](message),
            lambda: self.record(record),
            patient_id=report.version.patient_id,
            case_id=report.case.id,
        )

    def _message(
        self, receiver: Receiver, report: SignedReport, control_id: str, pdf: bytes
    ) -> reporting.ReportMessage:
        case, version = report.case, report.version
        orders = [Number(one.value, one.issuer) for one in case.foreign_numbers]
        is_first = version.status is Status.FINAL
        return reporting.ReportMessage(
            ends=Ends(APPLICATION, case.organisation_id, receiver.application, receiver.facility),
            control_id=control_id,
            at=self.outbox.clock(),
            patient=patient_of(report.identity, case),
            case_number=case.number,
            status=reporting.ReportStatus.FINAL if is_first else reporting.ReportStatus.CORRECTED,
            reported_at=version.at,
            signer=reporting.Signer(version.author_id, version.author_name),
            sections=_sections(report),
            version=version.number,
            placer=orders[0] if orders else None,
            received_at=case.received_at,
            replaces="" if report.replaces is None else f"{case.number}.{report.replaces}",
            pdf=pdf,
        )


def _control_id(sent: Sent, report: SignedReport) -> str:
    """The same for the same version, so that it goes out once."""
    return (_WAYS[sent][0] + report.version.sha256)[:OWN_CONTROL_ID]


def _sections(report: SignedReport) -> tuple[reporting.Section, ...]:
    if report.version.status is Status.ENTERED_IN_ERROR:
        return (reporting.Section(LOINC_OF_SECTION[Section.COMMENT], "Comment", _WITHDRAWN),)
    return tuple(_section(passage) for passage in report.passages)


def _section(passage: Passage) -> reporting.Section:
    code = LOINC_OF_ANSWERS if passage.section is None else LOINC_OF_SECTION[passage.section]
    return reporting.Section(code, passage.heading, passage.text)


def patient_of(identity: Identity | None, case: Case) -> Patient:
    """A patient as messages tell of them. PID-3 may not be empty: whoever has no number, or is not known any
    more, gets that of the case as an anonymous one (ANON, HL7 table 0203)."""
    numbers = () if identity is None else identity.identifiers
    told = tuple(Number(one.value, one.issuer, "MR") for one in numbers)
    told = told or (Number(case.number, case.organisation_id, "ANON"),)
    if identity is None:
        return Patient(told, "")
    return Patient(told, identity.name, _SEXES[identity.sex], identity.birth_date)
