"""Cases from accession to the end: who may, what follows, what is written down, and what is refused."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from hemalum.capabilities.access.model import Membership, Person, Role
from hemalum.capabilities.access.store import people
from hemalum.capabilities.cases import tables
from hemalum.capabilities.cases.accessioning import Accession, PartAsked
from hemalum.capabilities.cases.model import (
    CaseQuery,
    CaseStatus,
    IllegalMove,
    OtherPatient,
    PatientIdentifier,
    Priority,
    Queue,
    Request,
    Stage,
    Subspecialty,
    due_at,
)
from hemalum.capabilities.custody.model import Mishap
from hemalum.capabilities.custody.service import Custody
from hemalum.capabilities.slides.model import Terms
from hemalum.kernel import identifiers
from hemalum.kernel.actor import Purpose
from hemalum.kernel.audit import Record
from hemalum.kernel.errors import Conflict, Invalid, NotFound, NotPermitted
from hemalum.kernel.ids import PersonId, new_id
from hemalum.kernel.sentence import Sentence
from hemalum.runtime.db import reading, transaction
from hemalum.runtime.log.store import LogFull
from tests.hospital import HOME, NOON

from .conftest import World


def numbers(found: tuple[int, list]) -> list[str]:  # type: ignore[type-arg]
    return [one.case.number for one in found[1]]


def test_an_order_becomes_a_case_with_all_its_material(world: World) -> None:
    parts = (PartAsked("biopsy", "Stomach", (("H&E", "HP"), ("H&E",))), PartAsked("fluid", smears=("Pap",)))
    request = Request("Surgery", "Dr Example", "ulcer?")
    asked = Accession(parts, world.patient(), request, Priority.URGENT, Subspecialty.GASTROINTESTINAL)
    shown = world.cases.accession(world.who("tech"), asked)
    code = identifiers.parse(shown.case.number)
    assert (code.site, code.series, code.year) == ("HOME", "S", 26)
    names = [piece.identifier.removeprefix(shown.case.number) for piece in shown.material]
    assert names == ["/A", "/A/1", "/A/1/1", "/A/1/2", "/A/2", "/A/2/1", "/B", "/B/0/1"]
    assert shown.case.status is CaseStatus.ACCESSIONED
    assert (shown.case.specimen, shown.case.stains) == ("Stomach, biopsy; fluid", ("H&E", "HP", "Pap"))
    assert (shown.case.slides_total, shown.case.slides_scanned) == (4, 0)
    assert shown.case.due_at == world.now + timedelta(hours=24)
    assert shown.identity == asked.identity
    assert world.cases.read_request(world.who("li"), shown.case.id) == request
    (event,) = world.cases.list_events(world.who("li"), shown.case.id)
    assert (event.action, event.actor_name, event.after) == ("accession", "Tech", shown.case.number)
    following = world.case()
    assert identifiers.parse(following.case.number).serial == code.serial + 1


def test_nothing_in_the_database_or_the_log_names_the_patient(world: World) -> None:
    world.records.clear()
    identity = world.patient("Secretname Person")
    world.case(identity=identity, request=Request("Ward", "Dr Hidden", "secret history"))
    with reading(world.database) as connection:
        rows = [
            str(tuple(row))
            for table in tables.case_table.metadata.tables.values()
            if table.name.startswith(("cases_", "outbox"))
            for row in connection.execute(sa.select(table))
        ]
    secrets = (
        "Secretname",
        "1960",
        identity.identifiers[0].value,
        "Hidden",
        "secret history",
        "Home register",
    )
    text = "\n".join(rows) + "\n".join(map(str, world.records))
    assert not [secret for secret in secrets if secret in text]


def test_an_erased_patient_leaves_the_case(world: World) -> None:
    shown = world.case(identity=world.patient(), request=Request(history="x"))
    world.keyring.destroy(f"patient/{shown.case.patient_id}")
    again = world.cases.get_case(world.who("li"), shown.case.id)
    assert (again.identity, again.is_withheld, again.case.number) == (None, False, shown.case.number)
    assert world.cases.read_request(world.who("li"), shown.case.id) is None


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        (Accession(()), "at least one part"),
        (Accession((PartAsked(" "),)), "described"),
        (Accession((PartAsked("x" * 201),)), "at most 200"),
        (Accession((PartAsked("x", "", (("H&E",) * 600,)),)), "at most 500"),
        (Accession((PartAsked("x"),), request=Request(history="?")), "state the patient first"),
        (Accession((PartAsked("x"),), received_at=NOON + timedelta(days=400)), "lies ahead"),
    ],
)
def test_what_can_be_no_order_is_refused(world: World, asked: Accession, sentence: str) -> None:
    with pytest.raises(Invalid, match=sentence):
        world.cases.accession(world.who("tech"), asked)


@pytest.mark.parametrize(
    ("who", "purpose"),
    [
        ("clinician", Purpose.CARE),
        ("quality", Purpose.QUALITY),
        ("tech", Purpose.QUALITY),
        ("junior", Purpose.CARE),
    ],
)
def test_others_accession_nothing(world: World, who: str, purpose: Purpose) -> None:
    with pytest.raises(NotPermitted):
        world.cases.accession(world.who(who, purpose), Accession((PartAsked("x"),)))


def test_cases_of_another_hospital_are_not_there(world: World) -> None:
    shown = world.case(identity=world.patient())
    outsider = world.who("outsider")
    assert world.cases.list_cases(outsider, CaseQuery())[0] == 0
    for ask in (
        lambda: world.cases.get_case(outsider, shown.case.id),
        lambda: world.cases.list_events(outsider, shown.case.id),
        lambda: world.cases.move_material(outsider, shown.material[0].id, Stage.GROSSED),
        lambda: world.cases.assigning.assign(outsider, shown.case.id, outsider.person_id),
        lambda: world.cases.patients.get(outsider, str(shown.case.patient_id)),
        lambda: world.cases.find_case(outsider, shown.case.number),
    ):
        with pytest.raises(NotFound):
            ask()


def test_for_quality_the_case_is_seen_and_the_patient_is_not(world: World) -> None:
    case = world.case(identity=world.patient()).case
    shown = world.cases.get_case(world.who("quality", Purpose.QUALITY), case.id)
    assert (shown.identity, shown.is_withheld) == (None, True)
    with pytest.raises(NotPermitted):
        world.cases.get_case(world.who("li", Purpose.TEACHING), case.id)


def test_a_blinded_image_withholds_the_patient_of_its_case(world: World) -> None:
    identity = world.patient()
    case = world.case(identity=identity)
    image = world.new_image()
    world.cases.linking.link(world.who("tech"), image, world.slide(case))
    li, number = world.who("li"), identity.identifiers[0].value
    assert numbers(world.cases.list_cases(li, CaseQuery(text=number))) == [case.case.number]
    world.set_terms(image, Terms(HOME, blinded=True))
    assert world.cases.get_case(li, case.case.id).is_withheld
    assert world.cases.list_cases(li, CaseQuery(text=number))[0] == 0
    assert world.cases.patients.find(li, number) == []
    with pytest.raises(NotFound):
        world.cases.patients.get(li, str(case.case.patient_id))


def test_that_patients_were_shown_is_recorded_once_in_a_while(world: World) -> None:
    case = world.case(identity=world.patient()).case
    wang = world.who("wang")
    world.told()
    world.cases.get_case(wang, case.id)
    world.cases.get_case(wang, case.id)
    assert world.told() == ["cases.view_patient"]


def test_a_patient_counts_as_shown_once_the_log_has_taken_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, wang = world.case(identity=world.patient()).case, world.who("wang")
    world.told()

    def refuse(one: Record) -> None:
        raise LogFull("The log is full.")

    with monkeypatch.context() as full:
        full.setattr(world, "refuses", refuse)
        with pytest.raises(LogFull):
            world.cases.get_case(wang, case.id)
        with pytest.raises(LogFull):
            world.cases.reporting.tell_read(wang, case)
    world.cases.get_case(wang, case.id)
    world.cases.reporting.tell_read(wang, case)
    world.cases.reporting.tell_read(wang, case)
    assert world.told() == ["cases.view_patient", "reports.view"]


def test_the_bench_moves_the_case(world: World) -> None:
    shown = world.case(("H&E",))
    tech = world.who("tech")
    part, block, slide = shown.material
    shown = world.cases.move_material(tech, part.id, Stage.GROSSED)
    assert shown.case.status is CaseStatus.IN_PROCESS
    world.cases.move_material(tech, block.id, Stage.EMBEDDED)
    with pytest.raises(IllegalMove, match="cannot become filled"):
        world.cases.move_material(tech, block.id, Stage.FILLED)
    with pytest.raises(Invalid, match="reason"):
        world.cases.move_material(tech, part.id, Stage.REJECTED)
    world.cases.move_material(tech, slide.id, Stage.STAINED, occurred_at=world.now - timedelta(hours=2))
    Custody(world.cases).mishaps.tell(tech, slide.identifier, Mishap.BROKEN, "fell")
    shown = world.cases.get_case(tech, shown.case.id)
    assert (shown.case.slides_total, shown.case.slides_scanned) == (0, 0)
    shown, recut = world.cases.add_material(tech, shown.case.id, block.id, "H&E")
    assert recut.identifier == f"{shown.case.number}/A/1/2"
    image = world.new_image()
    shown = world.cases.linking.link(tech, image, recut.identifier)
    assert (shown.case.status, shown.case.slides_scanned) == (CaseStatus.READY, 1)
    assert shown.material[-1].stage is Stage.SCANNED
    last = world.cases.list_events(tech, shown.case.id)[-1]
    assert (last.action, last.before, last.after, last.actor_id) == ("move_case", "in_process", "ready", None)


def test_a_case_is_assigned_handed_over_and_signed_out(world: World) -> None:
    case = world.case().case
    li, wang, junior, tech = (world.who(name) for name in ("li", "wang", "junior", "tech"))
    world.cases.move_case(tech, case.id, CaseStatus.READY)
    with pytest.raises(IllegalMove, match="giving it to somebody"):
        world.cases.move_case(li, case.id, CaseStatus.ASSIGNED)
    with pytest.raises(NotFound, match="Nobody"):
        world.cases.assigning.assign(tech, case.id, tech.person_id)
    shown = world.cases.assigning.assign(junior, case.id, junior.person_id)
    assert (shown.case.status, shown.case.assignee_name) == (CaseStatus.ASSIGNED, "Junior")
    with pytest.raises(NotPermitted):
        world.cases.assigning.assign(junior, case.id, li.person_id, "please")
    world.cases.move_case(junior, case.id, CaseStatus.DRAFT)
    world.cases.move_case(junior, case.id, CaseStatus.PRELIMINARY)
    with pytest.raises(Conflict, match="handed over to somebody"):
        world.cases.assigning.assign(li, case.id, None, "away")
    with pytest.raises(Invalid, match="reason"):
        world.cases.assigning.assign(li, case.id, li.person_id)
    world.cases.assigning.assign(li, case.id, li.person_id, "consultant's turn")
    with pytest.raises(NotPermitted):
        world.cases.move_case(junior, case.id, CaseStatus.FINAL, "LIS 1")
    with pytest.raises(Invalid, match="reason"):
        world.cases.move_case(li, case.id, CaseStatus.FINAL)
    shown = world.cases.move_case(li, case.id, CaseStatus.FINAL, "report 1 in the LIS")
    assert shown.case.status is CaseStatus.FINAL
    with pytest.raises(Conflict, match="closed"):
        world.cases.assigning.assign(li, case.id, wang.person_id, "x")
    with pytest.raises(NotPermitted):
        world.cases.move_case(tech, case.id, CaseStatus.AMENDED, "x")


def test_a_case_has_the_year_of_its_laboratory(world: World) -> None:
    try:
        world.now = datetime(2026, 12, 31, 15, 59, tzinfo=UTC)
        assert "-S26-" in world.case().case.number
        world.now = datetime(2026, 12, 31, 16, 0, tzinfo=UTC)  # midnight in Shanghai
        assert "-S27-" in world.case().case.number
    finally:
        world.now = NOON


def test_a_smear_comes_later_straight_from_its_part(world: World) -> None:
    case, tech = world.case(("H&E",)), world.who("tech")
    part, block, _ = case.material
    for number, stain in enumerate(("Pap", "MGG"), 1):
        shown, smear = world.cases.add_material(tech, case.case.id, part.id, stain, is_smear=True)
        assert smear.identifier == f"{case.case.number}/A/0/{number}"
        assert (smear.kind, smear.parent_id, smear.description) == ("slide", part.id, stain)
    assert shown.case.slides_total == 3
    assert world.cases.add_material(tech, case.case.id, part.id)[1].identifier.endswith("/A/2")
    for parent in (None, block.id):
        with pytest.raises(Invalid, match="A smear is made of a part"):
            world.cases.add_material(tech, case.case.id, parent, "Pap", is_smear=True)


def test_nothing_is_made_of_what_is_gone(world: World) -> None:
    case, tech = world.case(("H&E",)), world.who("tech")
    part = case.material[0]
    world.cases.move_material(tech, part.id, Stage.REJECTED, "no request came with it")
    with pytest.raises(Conflict, match="is gone: it is rejected") as refused:
        world.cases.add_material(tech, case.case.id, part.id)
    assert refused.value.sentence.values["stage"] == Sentence("rejected")
    assert len(world.cases.get_case(tech, case.case.id).material) == len(case.material)


def test_in_a_large_hospital_everybody_who_reads_can_be_given_a_case(world: World) -> None:
    with transaction(world.database) as connection:
        for number in range(501):
            person = Person(PersonId(new_id()), f"aaron-{number}", f"Aaron {number:03}")
            people.add_person(connection, person, NOON)
            people.put_membership(connection, Membership(person.id, HOME, Role.STUDENT), NOON)
    li, case = world.who("li"), world.case().case
    names = [one.name for one in world.cases.assigning.list_readers(li)]
    assert names == ["Administrator", "Junior", "Li", "Wang"]
    world.cases.move_case(world.who("tech"), case.id, CaseStatus.READY)
    assert world.cases.assigning.assign(li, case.id, li.person_id).case.assignee_id == li.person_id


def test_lists_put_the_pressing_first_and_count_what_they_list(world: World) -> None:
    li = world.who("li")
    field = Subspecialty.KIDNEY
    routine = world.case(subspecialty=field)
    older = world.case(subspecialty=field, received_at=world.now - timedelta(days=3))
    frozen = world.case(subspecialty=field, priority=Priority.INTRAOPERATIVE)
    urgent = world.case(subspecialty=field, priority=Priority.URGENT)
    listed = numbers(world.cases.list_cases(li, CaseQuery(subspecialty=field)))
    assert listed == [one.case.number for one in (frozen, urgent, older, routine)]
    page = world.cases.list_cases(li, CaseQuery(subspecialty=field, offset=1, limit=2))
    assert (page[0], numbers(page)) == (4, listed[1:3])
    world.cases.triage(li, routine.case.id, priority=Priority.URGENT)
    pressing = numbers(world.cases.list_cases(li, CaseQuery(Queue.URGENT, subspecialty=field)))
    assert pressing[0] == frozen.case.number
    assert set(pressing[1:]) == {urgent.case.number, routine.case.number}
    late = world.cases.list_cases(li, CaseQuery(Queue.LATE, subspecialty=field))
    assert (late[0], numbers(late)) == (1, [older.case.number])
    revision, counts = world.cases.count_queues(li)
    for queue, count in counts.items():
        assert world.cases.list_cases(li, CaseQuery(queue))[0] == count, queue
    world.cases.assigning.assign(li, frozen.case.id, li.person_id)
    assert world.cases.count_queues(li)[0] > revision
    assert frozen.case.number in numbers(world.cases.list_cases(li, CaseQuery(Queue.MINE)))


def test_cases_are_found_by_label_specimen_and_number_of_the_patient(world: World) -> None:
    identity = world.patient()
    case = world.case(identity=identity, foreign_numbers=(PatientIdentifier("Old LIS", "B26-777"),)).case
    li = world.who("li")
    for text in (
        case.number.lower(),
        f"{case.number}/A/1/2",
        "b26-777",
        identity.identifiers[0].value.lower(),
    ):
        assert case.number in numbers(world.cases.list_cases(li, CaseQuery(text=text))), text
    assert world.cases.list_cases(li, CaseQuery(text="Ada Example"))[0] == 0
    assert world.cases.find_case(li, f"{case.number}/A").case == case
    other = replace(identifiers.parse(case.number), serial=999_999)
    with pytest.raises(NotFound):
        world.cases.find_case(li, str(other))


def test_routine_cases_are_due_after_two_working_days() -> None:
    friday = NOON + timedelta(days=2)
    assert due_at(Priority.ROUTINE, NOON) == NOON + timedelta(days=2)
    assert due_at(Priority.ROUTINE, friday) == friday + timedelta(days=4)
    assert due_at(Priority.INTRAOPERATIVE, NOON) == NOON + timedelta(minutes=20)


def test_what_was_ordered_ahead_is_due_from_when_it_came(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    tech, ordered, field = world.who("tech"), world.now, Subspecialty.NEUROPATHOLOGY
    case, stated, by_hand = (world.case(is_expected=True, subspecialty=field) for _ in range(3))
    assert case.case.due_at == ordered + timedelta(days=2)
    world.cases.triage(tech, stated.case.id, due=ordered + timedelta(days=20))
    monkeypatch.setattr(world, "now", ordered + timedelta(days=14))
    # Nothing is late that did not come yet.
    assert world.cases.list_cases(tech, CaseQuery(Queue.LATE, subspecialty=field))[0] == 0
    came = world.now - timedelta(hours=1)
    for one in (case, stated):
        world.cases.move_material(tech, one.material[0].id, Stage.RECEIVED, occurred_at=came)
    world.cases.move_case(tech, by_hand.case.id, CaseStatus.ACCESSIONED)
    found = [world.cases.get_case(tech, one.case.id).case for one in (case, stated, by_hand)]
    assert [one.received_at for one in found] == [came, came, world.now]
    assert [one.due_at for one in found] == [
        came + timedelta(days=2),
        ordered + timedelta(days=20),
        world.now + timedelta(days=2),
    ]


def test_a_site_is_called_as_its_operator_says(world: World) -> None:
    with pytest.raises(Invalid):
        world.cases.set_site("elsewhere", "C-1")
    assert world.cases.set_site("elsewhere", "cn02") == "CN02"
    with pytest.raises(Conflict):
        world.cases.set_site("home", "CN02")


def test_a_list_tells_of_a_case_what_the_case_tells(world: World) -> None:
    """Lists read no material; who may see and know what has to come out the same."""
    tech, li, patient = world.who("tech"), world.who("li"), world.patient()
    shown = [world.case(identity=patient), world.case(identity=patient), world.case(identity=None)]
    number = patient.identifiers[0].value
    # Linked at the same moment, they stand in the order of their ids.
    scans = sorted(world.new_image() for _ in range(4))
    for image, place in zip(scans, (0, 0, 1, 1), strict=True):
        world.cases.linking.link(tech, image, world.slide(shown[0], place))
    kept = [world.new_image() for _ in range(2)]
    for image in kept:
        world.cases.linking.link(tech, image, world.slide(shown[2]))
    secret = Terms(HOME, restricted=True)
    for hidden, first in (([], scans[1]), ([scans[1]], scans[0]), ([scans[0]], scans[3]), (kept, scans[3])):
        for image in hidden:
            world.set_terms(image, secret)
        for case in (each.case for each in shown):
            [listed] = world.cases.list_cases(li, CaseQuery(text=case.number))[1]
            whole = world.cases.get_case(li, case.id)
            assert listed.case == whole.case
            assert (listed.identity, listed.is_withheld) == (whole.identity, whole.is_withheld)
            assert listed.first_image_id == whole.first_image_id
            visible = [piece.image_ids for piece in whole.material if piece.image_ids]
            assert listed.first_image_id == (visible[0][-1] if visible else None)
        assert world.cases.get_case(li, shown[0].case.id).first_image_id == first
    assert world.cases.list_cases(li, CaseQuery(text=number))[0] == 0, (
        "one of the patient's cases is withheld"
    )


def test_another_case_of_a_known_patient_makes_no_key(world: World) -> None:
    ada = world.patient()
    world.case(identity=ada)
    keys = {one.name for one in world.cases.ledger.vault.keyring.list_keys()}
    world.case(identity=ada)
    assert {one.name for one in world.cases.ledger.vault.keyring.list_keys()} == keys
    world.case(identity=world.patient())
    assert {one.name for one in world.cases.ledger.vault.keyring.list_keys()} > keys


def test_the_same_number_is_the_same_patient_unless_something_speaks_against_it(world: World) -> None:
    identity = world.patient("Ann Other")
    first = world.case(identity=replace(identity, birth_date=None))
    same = world.case(identity=replace(identity, name="ANN  OTHER"))
    assert first.case.patient_id == same.case.patient_id
    known = world.cases.get_case(world.who("li"), first.case.id).identity
    assert known == identity
    for other, sentence in (
        (replace(identity, name="Bob"), "another name"),
        (replace(identity, sex="male"), "other sex"),
        (replace(identity, birth_date=NOON.date()), "another date of birth"),
    ):
        with pytest.raises(OtherPatient, match=sentence):
            world.case(identity=other)
