"""Reports as messages: what is in them, and that another implementation finds their structure right."""

import base64
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hl7apy.consts import VALIDATION_LEVEL
from hl7apy.parser import parse_message
from hl7apy.validation import Validator

from hemalum.formats.hl7.acknowledging import (
    Ack,
    AnsweredOrder,
    OrderAnswer,
    Problem,
    acknowledge,
    answer_orders,
)
from hemalum.formats.hl7.message import Message, parse
from hemalum.formats.hl7.reading import (
    AdministrativeSex,
    Number,
    Patient,
    read_header,
    read_orders,
    read_patient,
)
from hemalum.formats.hl7.reporting import (
    ReportMessage,
    ReportStatus,
    Section,
    Signer,
    report_document,
    report_result,
)
from hemalum.formats.hl7.writing import Ends
from hemalum.kernel.sentence import Sentence

NOW = datetime(2026, 11, 28, 1, 30, tzinfo=UTC)
PATIENT = Patient(
    (Number("P7", "HOSPITAL", "MR"),), "Ada Example", AdministrativeSex.FEMALE, date(1960, 5, 4)
)
REPORT = ReportMessage(
    Ends("HEMALUM", "LAB", "HIS", "HOSPITAL"),
    "M1",
    NOW,
    PATIENT,
    "CN01-S26-000123-K",
    ReportStatus.FINAL,
    NOW,
    Signer("li", "Li"),
    (
        Section("22637-3", "Final diagnosis", "Chronic gastritis.\nNo dysplasia; H&E | 胃炎"),
        Section("MICRO", "Microscopy", "~^\\", coding="L"),
    ),
    placer=Number("ORD1", "HIS"),
    received_at=NOW,
    pdf=b"%PDF-1.7 \x00\x0b\x1c\r",
)
ORDER = (
    "MSH|^~\\&|HIS|HOSPITAL|LIS|LAB|20261128093000+0800||OML^O21^OML_O21|7|P|2.5.1\r"
    "PID|1||P7^^^HOSPITAL^MR||Example^Ada\rORC|NW|ORD1^HIS\rOBR|1|ORD1^HIS||G^Biopsy^L\rSPM|1|S1||T^Tissue^L\r"
)


def written(which: str) -> Message:
    if which == "result":
        return report_result(REPORT)
    if which == "document":
        return report_document(REPORT)
    if which == "replacement":
        return report_document(replace(REPORT, version=2, replaces="CN01-S26-000123-K.1"))
    order = parse(ORDER)
    if which == "refusal":
        problem = Problem(Sentence("The node cannot do this now; send it again."))
        header = read_header(order)
        return acknowledge(header, Ack.ERROR, now=NOW, control_id="A1", problems=[problem])
    answered = [
        AnsweredOrder(each, OrderAnswer.ACCEPTED, "CN01-S26-000123-K", ("CN01-S26-000123-K/A",))
        for each in read_orders(order)
    ]
    return answer_orders(
        read_header(order), Ack.ACCEPT, read_patient(order), answered, now=NOW, control_id="A1"
    )


@pytest.mark.parametrize("which", ["result", "document", "replacement", "refusal", "answer"])
def test_another_implementation_accepts_what_is_written(which: str) -> None:
    said: Any = parse_message(str(written(which)), validation_level=VALIDATION_LEVEL.TOLERANT)
    assert Validator.validate(said)


def test_a_result_comes_back_as_it_was() -> None:
    read = parse(str(report_result(REPORT)))
    assert read_patient(read) == PATIENT
    first, second, document = read.all("OBX")
    assert (first.text(3, 2), first.text(5), first.text(11)) == (
        "Final diagnosis",
        REPORT.sections[0].text,
        "F",
    )
    assert second.text(5) == "~^\\"
    assert base64.b64decode(document.text(5, 5)) == REPORT.pdf
    request = read.get("OBR")
    assert (request.text(2), request.text(3), request.text(25)) == ("ORD1", "CN01-S26-000123-K", "F")
    assert (request.text(32, 1, 1), request.text(32, 1, 2)) == ("li", "Li")


def test_a_document_says_what_it_replaces_and_who_answers_for_it() -> None:
    amended = replace(REPORT, status=ReportStatus.CORRECTED, version=2, replaces="CN01-S26-000123-K.1")
    message = parse(str(report_document(amended)))
    assert [message.header.text(9, part) for part in (1, 2, 3)] == ["MDM", "T10", "MDM_T02"]
    assert message.get("EVN").text(1) == "T10"
    transcription = message.get("TXA")
    assert [transcription.text(number) for number in (12, 13, 14, 15, 17)] == [
        "CN01-S26-000123-K.2",
        "CN01-S26-000123-K.1",
        "ORD1",
        "CN01-S26-000123-K",
        "LA",
    ]
    assert [transcription.text(19), transcription.text(22), transcription.text(22, 15)] == [
        "AV",
        "li",
        "20261128013000+0000",
    ]
    assert parse(str(report_document(REPORT))).header.text(9, 2) == "T02"
    draft = replace(REPORT, status=ReportStatus.PRELIMINARY, signer=None)
    assert parse(str(report_document(draft))).get("TXA").text(17) == "PA"
