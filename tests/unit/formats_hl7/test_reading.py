"""What messages say of patients and orders, and how they are answered."""

from datetime import UTC, date, datetime

import pytest

from hemalum.formats.hl7.acknowledging import (
    Ack,
    AnsweredOrder,
    OrderAnswer,
    Problem,
    acknowledge,
    answer_orders,
    problem_of,
    read_ack,
)
from hemalum.formats.hl7.faults import BadMessage, Fault, Place
from hemalum.formats.hl7.message import Message, parse
from hemalum.formats.hl7.reading import (
    AckWhen,
    AdministrativeSex,
    Control,
    Number,
    Urgency,
    read_header,
    read_orders,
    read_patient,
    read_prior_numbers,
)
from hemalum.kernel.sentence import Sentence

NOW = datetime(2026, 11, 28, 1, 30, tzinfo=UTC)
HEADER = r"MSH|^~\&|HIS|HOSPITAL|LIS|LAB|20261128093000+0800||OML^O21^OML_O21|7|P|2.5.1|||AL|NE"
PATIENT = "PID|1||P7^^^HOSPITAL&1.2.3&ISO^MR~331^^^^SS||张^伟^^^^^L^I~Zhang^Wei^^^^^L^A||19600504|M"
ORDER = (
    "PV1|1|I|SURG^4^2",
    "ORC|NW|ORD1^HIS||GRP^HIS|||^^^^^A|||||C8^王^芳",
    r"OBR|1|ORD1^HIS||GAST^Gastric biopsy^L|||||||||ulcer \T\ anaemia||||||||||||||^^^^^R",
    "NTE|1||since May",
    "DG1|1||K25^Gastric ulcer^I10",
    "TQ1|1||||||||S^Stat^HL70485",
    "SPM|1|S1&HIS||TISS^Tissue^L||||ST^Stomach, antrum^L||||||two pieces||||20261128",
    "SPM|2|S2&HIS||TISS^Tissue^L||||ST^Stomach, corpus^L",
)


def message(*lines: str) -> Message:
    return parse("\r".join((HEADER, *lines)))


def test_a_header_says_who_sends_what() -> None:
    header = read_header(message())
    assert (header.kind, header.control_id, header.processing_id) == ("OML^O21", "7", "P")
    assert (header.accept_ack, header.application_ack) == (AckWhen.ALWAYS, AckWhen.NEVER)
    assert header.is_enhanced
    assert not read_header(parse("MSH|^~\\&|||||||ACK|1|P|2.5.1")).is_enhanced
    with pytest.raises(BadMessage, match="MSH-10 is missing"):
        read_header(parse("MSH|^~\\&|||||||ACK||P|2.5.1"))
    with pytest.raises(BadMessage, match="MSH-15 holds a code that is not known here"):
        read_header(parse("MSH|^~\\&|||||||ACK|1|P|2.5.1|||XX"))


def test_a_patient_has_numbers_name_birth_and_sex() -> None:
    patient = read_patient(message(PATIENT))
    assert patient.numbers == (Number("P7", "HOSPITAL", "MR"), Number("331", "", "SS"))
    assert (patient.name, patient.sex, patient.birth_date) == (
        "张伟",
        AdministrativeSex.MALE,
        date(1960, 5, 4),
    )


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Everyman^Adam^A^III", "Adam A Everyman"),
        ("Alias^^^^^^A~Example^Ada^^^^^L", "Ada Example"),
        ("张伟", "张伟"),
        ("Van&der Berg^Ada", "Ada Van"),
        ("~Example", "Example"),
    ],
)
def test_names_are_put_together(name: str, said: str) -> None:
    assert read_patient(message(f"PID|1||7||{name}")).name == said


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ("PV1|1", "PID"),
        ("PID|1||||Example^Ada", "PID-3"),
        ("PID|1||^^^HOSPITAL||Example^Ada", "PID-3"),
        ("PID|1||7", "PID-5"),
        ("PID|1||7||Example^Ada||1960-05-04", "PID-7"),
        ("PID|1||7||Example^Ada||19600504|X", "PID-8"),
    ],
)
def test_what_is_wrong_with_a_patient_is_named_without_a_value(line: str, place: str) -> None:
    with pytest.raises(BadMessage) as caught:
        read_patient(message(line))
    assert str(caught.value.place) == place
    assert "Example" not in str(caught.value)
    assert "1960" not in str(caught.value)


def test_a_year_of_birth_is_no_date_of_birth() -> None:
    assert read_patient(message("PID|1||7||Example^Ada||1960")).birth_date is None


def test_a_merger_names_the_numbers_before() -> None:
    merger = message(PATIENT, "MRG|P6^^^HOSPITAL^MR~P5")
    assert read_prior_numbers(merger) == (Number("P6", "HOSPITAL", "MR"), Number("P5"))
    with pytest.raises(BadMessage, match="MRG-1 is missing"):
        read_prior_numbers(message(PATIENT, "MRG||"))


def test_an_order_brings_its_specimens() -> None:
    (order,) = read_orders(message(PATIENT, *ORDER))
    assert (order.control, order.placer, order.group) == (
        Control.NEW,
        Number("ORD1", "HIS"),
        Number("GRP", "HIS"),
    )
    assert (order.urgency, order.service) == (Urgency.STAT, "Gastric biopsy")
    assert (order.clinician, order.department) == ("王芳", "SURG")
    assert order.history == "ulcer & anaemia\nsince May\nGastric ulcer"
    first, second = order.specimens
    assert (first.placer_id, first.description, first.organ) == (
        "S1",
        "Tissue, two pieces",
        "Stomach, antrum",
    )
    assert (second.description, second.received_at) == ("Tissue", None)
    assert first.received_at is not None
    assert first.received_at.day == date(2026, 11, 28)


def test_orders_of_a_message_are_told_apart() -> None:
    second = ("ORC|NW|ORD2", "OBR|1|||X^Other", "SPM|1|||SKN^Skin")
    orders = read_orders(message(PATIENT, *ORDER, *second))
    assert [each.placer.value for each in orders] == ["ORD1", "ORD2"]
    assert [len(each.specimens) for each in orders] == [2, 1]


@pytest.mark.parametrize(
    ("lines", "place"),
    [
        (("PV1|1",), "ORC"),
        (("OBR|1|ORD1", "ORC|NW|ORD1"), "ORC"),
        (("ORC||ORD1", "OBR|1"), "ORC-1"),
        (("ORC|RF|ORD1", "OBR|1"), "ORC-1"),
        (("ORC|NW|ORD1",), "OBR"),
        (("ORC|NW", "OBR|1"), "ORC-2"),
        (("ORC|NW|ORD1", "OBR|1", "SPM|1|S1"), "SPM-4"),
        (("ORC|NW|ORD1", "OBR|1", "SPM|1|||SKN", "SPM|2"), "SPM[2]-4"),
    ],
)
def test_what_is_wrong_with_an_order_is_named(lines: tuple[str, ...], place: str) -> None:
    with pytest.raises(BadMessage) as caught:
        read_orders(message(*lines))
    assert str(caught.value.place) == place


# Answers --------------------------------------------------------------------------------------------------


def test_an_acknowledgement_says_what_is_wrong_and_where() -> None:
    header = read_header(message())
    error = BadMessage("{place} is missing.", place="PID-3").at(
        Place("PID", 1, 3, 1, 4), Fault.REQUIRED_MISSING
    )
    problems = [problem_of(error), Problem(Sentence("The node cannot do this now; send it again."))]
    said = acknowledge(header, Ack.ERROR, now=NOW, control_id="A1", problems=problems)
    assert str(said).split("\r")[:-1] == [
        r"MSH|^~\&|LIS|LAB|HIS|HOSPITAL|20261128013000+0000||ACK^O21^ACK|A1|P|2.5.1||||||UNICODE UTF-8",
        "MSA|AE|7",
        "ERR||PID^1^3^1^4|101^Required field missing^HL70357|E||||PID-3 is missing.",
        "ERR|||207^Application internal error^HL70357|E||||The node cannot do this now; send it again.",
    ]
    read = read_ack(parse(str(said)))
    assert (read.code, read.control_id) == (Ack.ERROR, "7")
    assert read.text == "Required field missing PID-3; Application internal error"


def test_an_order_is_answered_with_the_laboratorys_numbers() -> None:
    asked = message(PATIENT, *ORDER)
    orders = [
        AnsweredOrder(each, OrderAnswer.ACCEPTED, "CN01-S26-000123-K", ("K/A", "K/B"))
        for each in read_orders(asked)
    ]
    said = answer_orders(
        read_header(asked), Ack.ACCEPT, read_patient(asked), orders, now=NOW, control_id="A1"
    )
    assert [str(each) for each in said.segments[1:]] == [
        "MSA|AA|7",
        "PID|1||P7^^^HOSPITAL^MR~331^^^^SS||张伟^^^^^^L||19600504|M",
        "ORC|OK|ORD1^HIS|CN01-S26-000123-K||||||20261128013000+0000",
        "OBR|1|ORD1^HIS|CN01-S26-000123-K|GAST^Gastric biopsy^L",
        "SPM|1|S1^K/A||TISS^Tissue^L",
        "SPM|2|S2^K/B||TISS^Tissue^L",
    ]


@pytest.mark.parametrize(("line", "place"), [("PID|1", "MSA"), ("MSA||7", "MSA-1"), ("MSA|ZZ|7", "MSA-1")])
def test_what_is_no_acknowledgement_is_named(line: str, place: str) -> None:
    with pytest.raises(BadMessage) as caught:
        read_ack(message(line))
    assert str(caught.value.place) == place
