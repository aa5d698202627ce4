"""Signed reports on their way to the systems of their hospital: ORU^R01, once for each receiver."""

from dataclasses import dataclass

from hemalum.capabilities.cases.model import Identity, Sex
from hemalum.capabilities.interfaces import store
from hemalum.capabilities.interfaces.model import Receiver
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
from hemalum.formats.hl7.reading import AdministrativeSex, Number, Patient
from hemalum.formats.hl7.writing import Ends
from hemalum.runtime.db import reading, transaction

_APPLICATION = "HEMALUM"
_MOST_CONTROL_ID = 20
"""Of MSH-10 in v2.5.1."""
_SEXES = {
    Sex.FEMALE: AdministrativeSex.FEMALE,
    Sex.MALE: AdministrativeSex.MALE,
    Sex.OTHER: AdministrativeSex.OTHER,
    Sex.UNKNOWN: AdministrativeSex.UNKNOWN,
}
_WITHDRAWN = "Entered in error: this report was never meant for this patient. 误录作废：本报告不属于该患者。"


@dataclass(frozen=True)
class Publishing:
    """Writes down for every receiver that a report was signed."""

    reports: Reports
    outbox: Outbox

    def send_report(self, organisation_id: str, case_id: str, number: int) -> int:
        """Have a signed version sent to the receivers of its organisation; answers to how many.

        The same once more sends nothing twice.
        """
        report = self.reports.read_signed(organisation_id, case_id, number)
        if report is None:
            return 0
        with reading(self.outbox.database) as connection:
            receivers = store.list_receivers(connection)
        count = 0
        for receiver in receivers:
            if receiver.organisation_id == organisation_id:
                count += self._send(receiver, report)
        return count

    def _send(self, receiver: Receiver, report: SignedReport) -> bool:
        control_id = report.version.sha256[:_MOST_CONTROL_ID]
        with transaction(self.outbox.database) as connection:
            if store.was_sent(connection, receiver.id, control_id):
                return False
            self.outbox.add(
                connection,
                receiver,
                reporting.report_result(self._message(receiver, report, control_id)),
                patient_id=report.version.patient_id,
                case_id=report.case.id,
            )
        return True

    def _message(self, receiver: Receiver, report: SignedReport, control_id: str) -> reporting.ReportMessage:
        case, version = report.case, report.version
        orders = [Number(one.value, one.issuer) for one in case.foreign_numbers]
        is_first = version.status is Status.FINAL
        return reporting.ReportMessage(
            ends=Ends(_APPLICATION, case.organisation_id, receiver.application, receiver.facility),
            control_id=control_id,
            at=self.outbox.clock(),
            patient=_patient(report.identity),
            case_number=case.number,
            status=reporting.ReportStatus.FINAL if is_first else reporting.ReportStatus.CORRECTED,
            reported_at=version.at,
            signer=reporting.Signer(version.author_id, version.author_name),
            sections=_sections(report),
            version=version.number,
            placer=orders[0] if orders else None,
            received_at=case.received_at,
            replaces="" if report.replaces is None else f"{case.number}.{report.replaces}",
        )


def _sections(report: SignedReport) -> tuple[reporting.Section, ...]:
    if report.version.status is Status.ENTERED_IN_ERROR:
        return (reporting.Section(LOINC_OF_SECTION[Section.COMMENT], "Comment", _WITHDRAWN),)
    return tuple(_section(passage) for passage in report.passages)


def _section(passage: Passage) -> reporting.Section:
    code = LOINC_OF_ANSWERS if passage.section is None else LOINC_OF_SECTION[passage.section]
    return reporting.Section(code, passage.heading, passage.text)


def _patient(identity: Identity | None) -> Patient:
    if identity is None:
        return Patient((), "")
    numbers = tuple(Number(one.value, one.issuer, "MR") for one in identity.identifiers)
    return Patient(numbers, identity.name, _SEXES[identity.sex], identity.birth_date)
