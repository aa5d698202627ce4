"""Images find their slides by exact code or by hand; files beside cases; patients who are one."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from hemalum.capabilities.cases.comparing import FileField
from hemalum.capabilities.cases.model import (
    CaseStatus,
    Identity,
    LinkedElsewhere,
    Request,
    RequestWasChanged,
    Sex,
    Stage,
)
from hemalum.capabilities.slides.model import Terms
from hemalum.kernel.errors import Conflict, Invalid, NotFound, NotPermitted
from hemalum.kernel.identifiers import Identifier, NoIdentifier, parse
from hemalum.kernel.ids import OrganisationId
from hemalum.runtime import outbox
from hemalum.runtime.db import reading
from tests.hospital import HOME

from .conftest import World

FILE = {
    "sdpc.name": "张伟(虚构)",
    "sdpc.sex": "1",
    "sdpc.age": "57",
    "sdpc.pathology_number": "H26-01234",
    "sdpc.department": "消化内科",
    "sdpc.hospital": "County hospital",
    "sdpc.clinical_diagnosis": "胃溃疡?",
}


def in_a_name(identifier: str) -> str:
    return identifier.replace("/", "_") + ".svs"


@pytest.mark.parametrize("says", [lambda one: {"barcode": one}, lambda one: {"name": in_a_name(one)}])
def test_an_image_finds_its_slide_by_its_code(world: World, says: Callable[[str], dict[str, Any]]) -> None:
    case = world.case()
    wanted = world.slide(case, 1)
    image = world.new_image(**says(wanted))
    assert world.cases.linking.link_by_code(image) == wanted
    assert world.cases.linking.link_by_code(image) is None
    found = world.cases.linking.find_case_of(world.who("li"), image)
    assert found is not None
    assert (found[0].case.number, found[1].identifier) == (case.case.number, wanted)
    assert (found[1].stage, found[1].image_ids) == (Stage.SCANNED, (image,))
    assert found[0].case.slides_scanned == 1


def test_a_slide_that_is_written_down_later_is_linked_then(world: World) -> None:
    case = world.case(("H&E",))
    block = case.material[1]
    image = world.new_image(barcode=f"{block.identifier}/2")
    assert world.cases.linking.link_by_code(image) is None
    assert world.cases.linking.find_claim(image) == ("waiting", f"{block.identifier}/2")
    world.cases.add_material(world.who("tech"), case.case.id, block.id, "PAS")
    found = world.cases.linking.find_case_of(world.who("li"), image)
    assert found is not None
    assert found[1].description == "PAS"


def test_nothing_is_guessed(world: World) -> None:
    case = world.case()
    first, second = world.slide(case, 0), world.slide(case, 1)
    wrong = first[:-6].replace(first[15], "Q" if first[15] != "Q" else "R")
    names = ["scan 7.svs", in_a_name(wrong), f"x{in_a_name(first)}", in_a_name(str(parse(first).case))]
    for name in names:
        image = world.new_image(name=name)
        assert world.cases.linking.link_by_code(image) is None, name
        assert world.cases.linking.find_claim(image) is None
    torn = world.new_image(name=in_a_name(first), barcode=second)
    assert world.cases.linking.link_by_code(torn) is None
    assert world.cases.linking.find_claim(torn) == ("contradictory", None)
    foreign = world.new_image(barcode=first, terms=Terms(OrganisationId("elsewhere")))
    assert world.cases.linking.link_by_code(foreign) is None


def test_a_person_goes_before_the_code(world: World) -> None:
    case = world.case(("H&E",))
    tech, slide = world.who("tech"), world.slide(case)
    image = world.new_image(barcode=slide)
    world.cases.linking.link_by_code(image)
    with pytest.raises(Invalid, match="reason"):
        world.cases.linking.unlink(tech, image, " ")
    world.cases.linking.unlink(tech, image, "label was swapped")
    assert world.cases.linking.find_case_of(tech, image) is None
    assert world.cases.linking.link_by_code(image) is None
    shown = world.cases.get_case(tech, case.case.id)
    assert (shown.case.slides_scanned, shown.material[-1].stage) == (0, Stage.RACKED)
    other = world.case()
    shown = world.cases.linking.link(tech, image, world.slide(other))
    assert shown.case.slides_scanned == 1
    with pytest.raises(LinkedElsewhere):
        world.cases.linking.link(tech, image, slide)


def test_what_cannot_be_linked_is_refused(world: World) -> None:
    case = world.case()
    tech, image, slide = world.who("tech"), world.new_image(), world.slide(case)
    code = parse(slide)
    for text, error in (
        ("A/1/1", NoIdentifier),
        (str(replace(code, slide=9)), NotFound),
        (str(code.case), NotFound),
        (str(Identifier("XX99", "S", 26, 1, "A", 1, 1)), NotFound),
        (case.material[0].identifier, Invalid),
    ):
        with pytest.raises(error):
            world.cases.linking.link(tech, image, text)
    with pytest.raises(NotPermitted):
        world.cases.linking.link(world.who("junior"), image, slide)
    with pytest.raises(NotFound):
        world.cases.linking.link(world.who("outsider"), image, slide)
    with pytest.raises(NotFound):
        world.cases.linking.unlink(tech, image, "x")


def test_slides_of_closed_cases_are_scanned_too(world: World) -> None:
    case = world.case(("H&E",))
    tech, image = world.who("tech"), world.new_image()
    world.cases.move_case(tech, case.case.id, CaseStatus.ENDED, "reported years ago")
    shown = world.cases.linking.link(tech, image, world.slide(case))
    assert (shown.case.status, shown.case.slides_scanned) == (CaseStatus.ENDED, 1)


# Files beside cases -------------------------------------------------------------------------------------


def compared(world: World, image: str, who: str = "tech") -> dict[str, tuple[str, bool]]:
    fields = world.cases.comparing.compare(world.who(who), image)
    return {one.field.value: (one.agreement.value, one.may_take_over) for one in fields}


def linked(world: World, said: dict[str, str], **asked: Any) -> tuple[str, Any]:
    case = world.case(**asked)
    image = world.new_image(clinical=said)
    return image, world.cases.linking.link(world.who("tech"), image, world.slide(case))


def test_a_file_is_held_beside_the_case_field_by_field(world: World) -> None:
    identity = Identity("张 伟(虚构)", Sex.FEMALE, date(1969, 10, 1))
    image, _ = linked(world, FILE, identity=identity, request=Request("外科"))
    world.told()
    assert compared(world, image) == {
        "name": ("agrees", False),
        "sex": ("differs", False),
        "age": ("agrees", False),
        "number": ("only_file", True),
        "department": ("differs", False),
        "history": ("only_file", True),
    }
    assert "slides.view_clinical" in world.told()


def test_what_the_case_lacks_is_taken_over_by_one_act(world: World) -> None:
    image, shown = linked(world, FILE)
    assert shown.case.patient_id is None
    tech, everything = world.who("tech"), list(FileField)
    with pytest.raises(NotPermitted):
        world.cases.comparing.take_over(world.who("junior"), image, everything)
    fields = world.cases.comparing.take_over(tech, image, everything)
    assert {one.agreement.value for one in fields} == {"agrees"}
    now = world.cases.get_case(tech, shown.case.id)
    assert now.identity == Identity("张伟(虚构)", Sex.MALE, age_years=57, age_on=date(2026, 11, 20))
    assert [one.value for one in now.case.foreign_numbers] == ["H26-01234"]
    assert world.cases.read_request(tech, shown.case.id) == Request("消化内科", "", "胃溃疡?")
    with reading(world.database) as connection:
        told = connection.execute(
            sa.select(outbox.outbox_table.c.payload).where(
                outbox.outbox_table.c.type == RequestWasChanged.__name__
            )
        )
        assert shown.case.id in {one["case_id"] for one in told.scalars()}
    with pytest.raises(Conflict, match="already"):
        world.cases.comparing.take_over(tech, image, [FileField.NAME])


def test_what_means_nothing_sure_is_not_taken_over(world: World) -> None:
    image, _ = linked(world, {"sdpc.name": " ", "sdpc.sex": "2", "sdpc.age": "0"})
    assert compared(world, image)["sex"] == ("only_file", False)
    assert compared(world, image)["age"] == ("empty", False)
    for fields in ([FileField.SEX], [FileField.NAME], [FileField.AGE]):
        with pytest.raises(Invalid):
            world.cases.comparing.take_over(world.who("tech"), image, fields)
    image, shown = linked(world, FILE)
    with pytest.raises(Invalid, match="state the patient first"):
        world.cases.comparing.take_over(world.who("tech"), image, [FileField.HISTORY])
    assert world.cases.get_case(world.who("tech"), shown.case.id).case.patient_id is None


def test_who_may_not_know_the_patient_compares_nothing(world: World) -> None:
    image, _ = linked(world, FILE, identity=world.patient())
    with pytest.raises(NotFound):
        world.cases.comparing.compare(world.who("outsider"), image)
    world.set_terms(image, Terms(HOME, blinded=True))
    with pytest.raises(NotPermitted):
        world.cases.comparing.compare(world.who("li"), image)
    plain, _ = linked(world, FILE)
    with pytest.raises(NotFound):
        world.cases.comparing.compare(world.who("li"), world.new_image(clinical=FILE))
    assert world.cases.linking.find_case_of(world.who("li"), plain) is not None


# Patients -----------------------------------------------------------------------------------------------


def test_patients_are_merged_and_parted_again(world: World) -> None:
    one, two = world.patient("Ada One"), world.patient("Ada Two")
    first, second = world.case(identity=one), world.case(identity=two)
    a, b = str(first.case.patient_id), str(second.case.patient_id)
    li, patients = world.who("li"), world.cases.patients
    with pytest.raises(NotPermitted):
        patients.merge(world.who("junior"), a, b, "the same")
    with pytest.raises(Invalid, match="reason"):
        patients.merge(li, a, b, "")
    with pytest.raises(Conflict):
        patients.merge(li, a, a, "x")
    kept = patients.merge(li, a, b, "married")
    assert (kept.identity, set(kept.case_ids)) == (two, {first.case.id, second.case.id})
    assert world.cases.get_case(li, first.case.id).identity == two
    assert [each.id for each in patients.find(li, one.identifiers[0].value)] == [b]
    for again in (lambda: patients.merge(li, a, b, "x"), lambda: patients.merge(li, b, a, "x")):
        with pytest.raises(Conflict, match="merged"):
            again()
    # A further order by the old number goes to whom the number means now.
    with pytest.raises(Conflict):
        world.case(identity=one)
    assert world.case(identity=replace(two, identifiers=one.identifiers)).case.patient_id == b
    parted = patients.unmerge(li, a, "it was her sister")
    assert (parted.identity, parted.case_ids) == (one, (first.case.id,))
    assert world.cases.get_case(li, first.case.id).identity == one
    with pytest.raises(Conflict):
        patients.unmerge(li, a, "x")
    said = [event.action for event in world.cases.list_events(li, first.case.id)]
    assert said == ["accession", "merge_patients", "unmerge_patients"]


def test_chains_of_mergers_come_apart_in_any_order(world: World) -> None:
    people = [world.case(identity=world.patient(f"Person {n}")).case for n in range(3)]
    a, b, c = (str(each.patient_id) for each in people)
    li, patients = world.who("li"), world.cases.patients
    patients.merge(li, a, b, "x")
    patients.merge(li, b, c, "x")
    names = [world.cases.get_case(li, each.id).identity for each in people]
    assert len(set(names)) == 1
    patients.unmerge(li, a, "x")
    assert world.cases.get_case(li, people[0].id).identity != names[0]
    assert world.cases.get_case(li, people[1].id).identity == names[0]


def test_a_patient_is_corrected_with_a_reason_and_loses_no_number(world: World) -> None:
    identity, other = world.patient("Wrong Name"), world.patient()
    case = world.case(identity=identity).case
    world.case(identity=other)
    tech, patients, patient = world.who("tech"), world.cases.patients, str(case.patient_id)
    right = replace(identity, name="Right Name")
    assert patients.correct(tech, patient, right, "typing error").identity == right
    with pytest.raises(Conflict, match="not taken away"):
        patients.correct(tech, patient, replace(right, identifiers=()), "x")
    both = replace(right, identifiers=right.identifiers + other.identifiers)
    with pytest.raises(Conflict, match="another patient"):
        patients.correct(tech, patient, both, "x")
    with pytest.raises(Invalid):
        patients.correct(tech, patient, replace(right, birth_date=date(2126, 1, 1)), "x")
    assert world.cases.get_case(tech, case.id).identity == right
