"""Which items of a worklist a query asks for (PS3.4 C.2.2.2), and what it is told of them."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from pydicom.dataset import Dataset

from hemalum.formats.dicom.worklist import ScheduledSlide, answer, item_of, matches, single_value
from hemalum.kernel.errors import Invalid

SLIDE = ScheduledSlide(
    "CN01-S26-000123-K/A/1/1",
    "case-1",
    "CN01-S26-000123-K",
    "CN01S26000123K",
    "CN01",
    "Example Ada",
    "P7",
    "REGISTER",
    date(1960, 5, 4),
    "F",
    "H&E; stomach",
    "stomach",
    "H&E",
    "HIGH",
    datetime(2026, 11, 28, 9, 30, tzinfo=UTC),
    "SCANNER1",
)


def query(**keys: object) -> Dataset:
    asked = Dataset()
    for keyword, value in keys.items():
        setattr(asked, keyword, [value] if isinstance(value, Dataset) else value)
    return asked


def step(**keys: object) -> Dataset:
    return query(ScheduledProcedureStepSequence=query(**keys))


@pytest.mark.parametrize(
    "asked",
    [
        query(),
        query(PatientName="", AccessionNumber=None),
        query(PatientName="example*"),
        query(PatientName="EXAMPLE ADA^"),
        query(PatientID="P?"),
        query(AccessionNumber="CN01S26000123K"),
        query(StudyInstanceUID=["1.2.3", item_of(SLIDE).StudyInstanceUID]),
        query(PatientBirthDate="19600504"),
        step(Modality="SM", ScheduledStationAETitle="SCANNER1"),
        step(ScheduledProcedureStepStartDate="20261128"),
        step(ScheduledProcedureStepStartDate="20261127-20261128"),
        step(ScheduledProcedureStepStartDate="-20261128"),
        step(ScheduledProcedureStepStartDate="20261128-"),
        step(ScheduledProcedureStepStartTime="0930"),
        step(ScheduledProcedureStepStartTime="0900-0930"),
        query(ScheduledSpecimenSequence=query(ContainerIdentifier="CN01-S26-000123-K/A/1/1")),
        query(ScheduledSpecimenSequence=Dataset()),
        # What no item has is no condition.
        query(CurrentPatientLocation="ward 7"),
    ],
    ids=repr,
)
def test_a_query_finds(asked: Dataset) -> None:
    assert matches(item_of(SLIDE), asked)


@pytest.mark.parametrize(
    "asked",
    [
        query(PatientName="example"),
        query(PatientID="p7"),
        query(PatientID="P[7]"),
        query(AccessionNumber="CN01S26000124K"),
        query(PatientSex="M"),
        query(PatientBirthDate="19600505-"),
        step(Modality="CT"),
        step(ScheduledProcedureStepStartDate="20261129-"),
        step(ScheduledProcedureStepStartTime="0931"),
        query(ScheduledSpecimenSequence=query(ContainerIdentifier="CN01-S26-000123-K/A/1/2")),
    ],
    ids=repr,
)
def test_a_query_does_not_find(asked: Dataset) -> None:
    assert not matches(item_of(SLIDE), asked)


def test_a_birth_that_is_not_known_lies_in_no_range() -> None:
    unknown = item_of(replace(SLIDE, birth_date=None))
    assert not matches(unknown, query(PatientBirthDate="-20261128"))


@pytest.mark.parametrize("asked", [query(PatientID=["P7", "P8"]), Dataset()], ids=["values", "items"])
def test_what_is_no_query_is_refused(asked: Dataset) -> None:
    if not len(asked):
        asked.ScheduledSpecimenSequence = [Dataset(), Dataset()]
    with pytest.raises(Invalid):
        matches(item_of(SLIDE), asked)


def test_only_what_was_asked_for_is_told() -> None:
    asked = query(PatientName="", ReferringPhysicianName="", CurrentPatientLocation="", PatientID="P7")
    asked.ScheduledProcedureStepSequence = [query(Modality="", ScheduledProcedureStepID="")]
    asked.ScheduledSpecimenSequence = [Dataset()]
    asked.ReferencedPatientSequence = [query(ReferencedSOPInstanceUID="")]
    told = answer(item_of(SLIDE), asked)
    assert str(told.PatientName) == "Example Ada"
    assert told.CurrentPatientLocation in (None, "")
    assert len(told.ReferencedPatientSequence) == 0
    assert "PatientSex" not in told
    (its_step,) = told.ScheduledProcedureStepSequence
    assert (its_step.Modality, its_step.ScheduledProcedureStepID, len(its_step)) == ("SM", "A/1/1", 2)
    (container,) = told.ScheduledSpecimenSequence
    assert container.ContainerIdentifier == SLIDE.identifier
    assert container.SpecimenDescriptionSequence[0].SpecimenDetailedDescription == "stomach; H&E"


def test_a_name_stays_one_name_whatever_stands_in_it() -> None:
    odd = item_of(replace(SLIDE, patient_name="Ada=Eve^\\Example\n" + "x" * 90))
    assert str(odd.PatientName).startswith("Ada Eve  Example")
    assert len(str(odd.PatientName)) <= 64


def test_one_value_is_found_wherever_it_stands() -> None:
    asked = query(ScheduledSpecimenSequence=query(ContainerIdentifier="X/A/1/1"), AccessionNumber="X*")
    assert single_value(asked, "ContainerIdentifier") == "X/A/1/1"
    assert single_value(asked, "AccessionNumber") == ""
    assert single_value(asked, "SpecimenIdentifier") == ""
