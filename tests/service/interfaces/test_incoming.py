"""Messages that come in: what they do, how they are answered, and what becomes of bad ones."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from hemalum.capabilities.cases.model import CaseStatus, Kind, PatientIdentifier, Priority, Stage
from hemalum.capabilities.cases.service import Accession, PartAsked
from hemalum.capabilities.interfaces.inbox import Strangers
from hemalum.capabilities.interfaces.model import (
    Direction,
    MessageState,
    Sender,
    SenderId,
)
from hemalum.capabilities.orders.model import PlacedState
from hemalum.formats.hl7.charsets import decode
from hemalum.formats.hl7.message import parse
from hemalum.formats.hl7.reading import rough_header
from hemalum.kernel.audit import Record
from hemalum.kernel.clock import utc_now
from hemalum.kernel.errors import Conflict, Invalid, NotFound
from hemalum.kernel.ids import OrganisationId
from hemalum.runtime.log.store import LogFull

from .conftest import HERE, MERGE, Hospital

ADMIT, UPDATE, ORDER = "ADT^A04^ADT_A01", "ADT^A08^ADT_A01", "OML^O21^OML_O21"
ADA = "PID|1||7^^^REGISTER||Example^Ada"


# Patients -------------------------------------------------------------------------------------------------


def test_a_register_tells_of_patients_and_corrects_them(hospital: Hospital) -> None:
    number = f"P{hospital.number()}"
    assert hospital.ask(hospital.message(ADMIT, hospital.patient(number))) == ("AA", "")
    assert hospital.ask(hospital.message(UPDATE, hospital.patient(number, "Changed^Ada"))) == ("AA", "")
    (patient,) = hospital.find_patients(number)
    assert (patient.identity.name, str(patient.identity.birth_date)) == ("Ada Changed", "1960-05-04")
    state = hospital.entries(limit=1)[0]
    assert (state.kind, state.state, state.patient_id) == ("ADT^A08", MessageState.DONE, patient.id)


def test_an_update_may_come_before_the_patient(hospital: Hospital) -> None:
    number = f"P{hospital.number()}"
    assert hospital.ask(hospital.message(UPDATE, hospital.patient(number)))[0] == "AA"
    assert hospital.ask(hospital.message(ADMIT, hospital.patient(number)))[0] == "AA"
    assert len(hospital.find_patients(number)) == 1


def test_nobody_becomes_somebody_else_by_an_update(hospital: Hospital) -> None:
    number = f"P{hospital.number()}"
    hospital.ask(hospital.message(ADMIT, hospital.patient(number)))
    other = hospital.patient(number, "Somebody^Else", "19991231")
    code, why = hospital.ask(hospital.message(UPDATE, other))
    assert code == "AE"
    assert "another name and date of birth" in why
    code, why = hospital.ask(hospital.message(ADMIT, hospital.patient(number, "Somebody^Else")))
    assert code == "AE"
    assert "Somebody" not in why
    (patient,) = hospital.find_patients(number)
    assert patient.identity.name == "Ada Example"


def test_what_is_older_takes_the_place_of_nothing_newer(hospital: Hospital) -> None:
    """A correction that was set aside, or came late on another line, does not undo the one after it."""
    number = f"P{hospital.number()}"

    def correction(name: str, minute: int, **header: str) -> str:
        said = hospital.message(UPDATE, hospital.patient(number, name), **header)
        return said.replace("|20261128093000+0800|", f"|2026112809{minute:02d}00+0800|", 1)

    def known() -> str:
        (patient,) = hospital.find_patients(number)
        return str(patient.identity.name)

    assert hospital.ask(correction("Example^Ada", 10))[0] == "AA"
    bad = hospital.message(UPDATE, hospital.patient(number, "Old^Ada", "nothing"))
    assert hospital.ask(bad)[0] == "AE"
    dead = hospital.entries(limit=1)[0].number
    assert hospital.ask(correction("New^Ada", 20))[0] == "AA"
    newest = hospital.entries(limit=1)[0].number
    why = f"Message {newest} corrected this patient later and is done; nothing older takes its place."
    # Late on its way, and in its own zone.
    late = correction("Old^Ada", 15).replace("0915", "0115").replace("+0800|", "+0000|", 1)
    assert hospital.ask(late) == ("AE", why)
    # Repaired by somebody who does not know of the one after it.
    entry = hospital.interfaces.edit(hospital.who(), dead, correction("Old^Ada", 19))
    assert (entry.state, str(entry.reason)) == (MessageState.DEAD, why)
    assert known() == "Ada New"
    # Of two that were written in the same second, the one that came first does not come last.
    first = correction("First^Ada", 30)
    taken = hospital.interfaces.inbox.take(first.encode(), HERE)
    assert hospital.ask(correction("Second^Ada", 30))[0] == "AA"
    assert taken.number is not None
    hospital.interfaces.inbox.do(taken.number)
    assert known() == "Ada Second"


def test_patients_are_merged_also_after_sign_out(hospital: Hospital) -> None:
    before, after = f"P{hospital.number()}", f"P{hospital.number()}"
    cases, admin = hospital.parts.cases, hospital.who()
    hospital.ask(hospital.message(ORDER, hospital.patient(before), *hospital.order(f"O{before}")))
    (shown,) = hospital.cases_of(before)
    for piece in shown.material:
        cases.move_material(admin, piece.id, Stage.GROSSED)
    for status in (CaseStatus.READY, CaseStatus.DRAFT, CaseStatus.FINAL):
        if status is CaseStatus.DRAFT:
            cases.assigning.assign(admin, shown.case.id, admin.person_id)
        cases.move_case(admin, shown.case.id, status, "report 1" if status is CaseStatus.FINAL else "")
    merger = hospital.message(MERGE, hospital.patient(after), f"MRG|{before}^^^REGISTER^MR")
    assert hospital.ask(merger) == ("AA", "")
    (patient,) = hospital.find_patients(after)
    assert patient.case_ids == (shown.case.id,)
    again = cases.get_case(admin, shown.case.id)
    assert (again.case.status, again.case.number) == (CaseStatus.FINAL, shown.case.number)
    assert cases.list_events(admin, shown.case.id)[-1].action == "merge_patients"
    # What still goes by the old number reaches the same patient, and saying it again changes nothing.
    assert hospital.ask(hospital.message(ADMIT, hospital.patient(before)))[0] == "AA"
    events = len(cases.list_events(admin, shown.case.id))
    again_said = hospital.message(MERGE, hospital.patient(after), f"MRG|{before}^^^REGISTER^MR")
    assert hospital.ask(again_said) == ("AA", "")
    assert len(cases.list_events(admin, shown.case.id)) == events


def test_a_merger_of_nobody_is_a_dead_letter(hospital: Hospital) -> None:
    known, unknown = f"P{hospital.number()}", f"P{hospital.number()}"
    merger = hospital.message(MERGE, hospital.patient(known), f"MRG|{unknown}^^^REGISTER^MR")
    code, why = hospital.ask(merger)
    assert (code, why) == ("AE", "Nobody is known here by the number that was to be merged.")
    assert hospital.find_patients(known) == []
    dead = hospital.entries(limit=1)[0]
    assert dead.state is MessageState.DEAD
    # The one who is to be merged comes late: then it is done.
    hospital.ask(hospital.message(ADMIT, hospital.patient(unknown)))
    assert hospital.interfaces.replay(hospital.who(), dead.number).state is MessageState.DONE
    assert hospital.find_patients(known) == hospital.find_patients(unknown)


# Orders ---------------------------------------------------------------------------------------------------


def test_an_order_becomes_a_case_and_is_answered_with_its_numbers(hospital: Hospital) -> None:
    number = f"P{hospital.number()}"
    (answer,) = hospital.tell(
        hospital.message(ORDER, hospital.patient(number), *hospital.order(f"O{number}", priority="S"))
    )
    (shown,) = hospital.cases_of(number)
    assert (shown.case.status, shown.case.priority) == (CaseStatus.REGISTERED, Priority.URGENT)
    assert [(one.issuer, one.value) for one in shown.case.foreign_numbers] == [("HIS", f"O{number}")]
    parts = [piece for piece in shown.material if piece.kind is Kind.PART]
    assert [(one.organ, one.description, one.stage) for one in parts] == [
        ("Antrum", "Tissue", Stage.EXPECTED),
        ("Corpus", "Tissue", Stage.EXPECTED),
    ]
    asked = hospital.parts.cases.read_request(hospital.who(), shown.case.id)
    assert asked is not None
    assert (asked.clinician, asked.history) == ("Fang Wang", "pain, H&E wanted")
    assert [each.text(2, 2) for each in answer.all("SPM")] == [one.identifier for one in parts]
    assert (answer.get("ORC").text(1), answer.get("ORC").text(3)) == ("OK", shown.case.number)


def test_an_order_whose_specimen_was_received_is_accessioned(hospital: Hospital) -> None:
    number = f"P{hospital.number()}"
    lines = [*hospital.order(f"O{number}")[:-1]]
    lines[-1] += "|" * 10 + "202611270930"
    assert hospital.ask(hospital.message(ORDER, hospital.patient(number), *lines))[0] == "AA"
    (shown,) = hospital.cases_of(number)
    assert shown.case.status is CaseStatus.ACCESSIONED
    # In the zone of the sender, which is that of Shanghai.
    assert shown.case.received_at.isoformat() == "2026-11-27T01:30:00+00:00"


def test_an_order_is_changed_and_cancelled(hospital: Hospital) -> None:
    number = f"P{hospital.number()}"
    patient, placer = hospital.patient(number), f"O{number}"
    early = hospital.message(ORDER, patient, *hospital.order(placer, "CA"))
    assert hospital.ask(early) == ("AE", "No order of this number was placed before.")
    assert hospital.ask(hospital.message(ORDER, patient, *hospital.order(placer)))[0] == "AA"
    again = hospital.message(ORDER, patient, *hospital.order(placer))
    assert hospital.ask(again) == ("AE", "This order was placed before.")
    (changed,) = hospital.tell(hospital.message(ORDER, patient, *hospital.order(placer, "XO", "S")))
    assert changed.get("ORC").text(1) == "XR"
    assert hospital.cases_of(number)[0].case.priority is Priority.URGENT
    fewer = hospital.message(ORDER, patient, *hospital.order(placer, "XO")[:-1])
    assert hospital.ask(fewer)[1].startswith("The changed order has other specimens")
    (cancelled,) = hospital.tell(hospital.message(ORDER, patient, *hospital.order(placer, "CA")))
    assert cancelled.get("ORC").text(1) == "CR"
    (shown,) = hospital.cases_of(number)
    assert shown.case.status is CaseStatus.ENDED


def states(hospital: Hospital, case_id: str) -> list[tuple[str, str, bool]]:
    placed = hospital.parts.orders.placing.list_of_case(hospital.who(), case_id)
    return [(one.number, one.state.value, one.wants_revocation) for one in placed]


def test_what_was_begun_is_not_cancelled_and_people_are_told(hospital: Hospital) -> None:
    number = f"P{hospital.number()}"
    patient, cases, admin = hospital.patient(number), hospital.parts.cases, hospital.who()
    placing = hospital.parts.orders.placing
    hospital.ask(hospital.message(ORDER, patient, *hospital.order(f"O{number}")))
    (shown,) = hospital.cases_of(number)
    cases.move_material(admin, shown.material[0].id, Stage.GROSSED)
    (answer,) = hospital.tell(hospital.message(ORDER, patient, *hospital.order(f"O{number}", "CA")))
    assert (answer.get("MSA").text(1), answer.get("ORC").text(1)) == ("AA", "UC")
    assert cases.get_case(admin, shown.case.id).case.status is CaseStatus.IN_PROCESS
    assert states(hospital, shown.case.id) == [(f"O{number}", "active", True)]
    (order,) = placing.list_of_case(admin, shown.case.id)
    with pytest.raises(Invalid, match="reason"):
        placing.move_placed(admin, order.id, PlacedState.ACTIVE, "")
    kept = placing.move_placed(admin, order.id, PlacedState.ACTIVE, "asked by phone: go on")
    assert (kept.state, kept.wants_revocation) == (PlacedState.ACTIVE, False)
    told = [one.action for one in cases.list_events(admin, shown.case.id)]
    assert told[-2:] == ["want_revocation", "keep_order"]


def test_orders_are_held_released_and_completed_by_the_report(hospital: Hospital) -> None:
    number = f"P{hospital.number()}"
    patient, cases, admin = hospital.patient(number), hospital.parts.cases, hospital.who()
    hospital.ask(hospital.message(ORDER, patient, *hospital.order(f"O{number}")))
    (shown,) = hospital.cases_of(number)
    for control, answered, state in (("HD", "HR", "on_hold"), ("RL", "OR", "active"), ("RL", "OR", "active")):
        (answer,) = hospital.tell(hospital.message(ORDER, patient, *hospital.order(f"O{number}", control)))
        assert answer.get("ORC").text(1) == answered
        assert states(hospital, shown.case.id) == [(f"O{number}", state, False)]
    cases.move_material(admin, shown.material[0].id, Stage.GROSSED)
    cases.move_case(admin, shown.case.id, CaseStatus.READY)
    cases.assigning.assign(admin, shown.case.id, admin.person_id)
    cases.move_case(admin, shown.case.id, CaseStatus.DRAFT)
    cases.move_case(admin, shown.case.id, CaseStatus.FINAL, "report 1")
    assert hospital.parts.orders.has_to_follow("home", shown.case.id)
    assert hospital.parts.orders.placing.follow("home", shown.case.id) == 1
    assert not hospital.parts.orders.has_to_follow("home", shown.case.id)
    assert hospital.parts.orders.placing.follow("home", shown.case.id) == 0
    assert states(hospital, shown.case.id) == [(f"O{number}", "completed", False)]
    code, why = hospital.ask(hospital.message(ORDER, patient, *hospital.order(f"O{number}", "HD")))
    assert (code, why) == ("AE", "This order is completed already; it cannot become on hold.")


def test_a_change_may_bring_further_specimens(hospital: Hospital) -> None:
    number = f"P{hospital.number()}"
    patient = hospital.patient(number)
    hospital.ask(hospital.message(ORDER, patient, *hospital.order(f"O{number}")))
    more = (*hospital.order(f"O{number}", "XO"), "SPM|3|S3&HIS||TISS^Tissue^L||||ST^Pylorus^L")
    (answer,) = hospital.tell(hospital.message(ORDER, patient, *more))
    (shown,) = hospital.cases_of(number)
    parts = [piece for piece in shown.material if piece.kind is Kind.PART]
    assert [(one.organ, one.stage) for one in parts][-1] == ("Pylorus", Stage.EXPECTED)
    assert [each.text(2, 2) for each in answer.all("SPM")] == [one.identifier for one in parts]
    # The same once more, by another message, changes nothing.
    assert hospital.ask(hospital.message(ORDER, patient, *more))[0] == "AA"
    assert len(hospital.cases_of(number)[0].material) == 3


def test_orders_of_one_message_become_one_case_for_each_group(hospital: Hospital) -> None:
    number = f"P{hospital.number()}"
    patient, key = hospital.patient(number), hospital.number()
    lines = (
        f"ORC|NW|A{key}^HIS||G{key}^HIS",
        f"OBR|1|A{key}^HIS",
        "SPM|1|S1&HIS||TISS^Tissue^L||||ST^Antrum^L",
        f"ORC|NW|B{key}^HIS||G{key}^HIS",
        f"OBR|1|B{key}^HIS",
        "SPM|1|S2&HIS||TISS^Tissue^L||||ST^Corpus^L",
        f"ORC|NW|C{key}^HIS",
        f"OBR|1|C{key}^HIS",
        "SPM|1|S3&HIS||TISS^Tissue^L||||ST^Skin^L",
    )
    (answer,) = hospital.tell(hospital.message(ORDER, patient, *lines))
    found = {shown.case.specimen: shown for shown in hospital.cases_of(number)}
    assert sorted(found) == ["Antrum, Tissue; Corpus, Tissue", "Skin, Tissue"]
    both, skin = found["Antrum, Tissue; Corpus, Tissue"], found["Skin, Tissue"]
    answered = [(one.text(1), one.text(2), one.text(3)) for one in answer.all("ORC")]
    assert answered == [
        ("OK", f"A{key}", both.case.number),
        ("OK", f"B{key}", both.case.number),
        ("OK", f"C{key}", skin.case.number),
    ]
    identifiers = [piece.identifier for piece in (*both.material, *skin.material)]
    assert [each.text(2, 2) for each in answer.all("SPM")] == identifiers
    # One of two orders of a case is revoked, then the other one, with which the case ends.
    for one, status in (("A", CaseStatus.REGISTERED), ("B", CaseStatus.ENDED)):
        cancel = hospital.message(ORDER, patient, f"ORC|CA|{one}{key}^HIS")
        assert hospital.ask(cancel)[0] == "AA"
        assert hospital.parts.cases.get_case(hospital.who(), both.case.id).case.status is status
    assert [one[1] for one in states(hospital, both.case.id)] == ["revoked", "revoked"]


def test_a_case_that_was_typed_in_has_its_order(hospital: Hospital) -> None:
    cases, admin, placing = hospital.parts.cases, hospital.who(), hospital.parts.orders.placing
    number = PatientIdentifier("Ward 3", hospital.number())
    typed = Accession((PartAsked("biopsy"),), foreign_numbers=(number,))
    shown = cases.accession(admin, typed)
    assert placing.has_to_note(shown.case.id)
    assert placing.ensure_noted("home", shown.case.id) is True
    assert not placing.has_to_note(shown.case.id)
    assert placing.ensure_noted("home", shown.case.id) is False
    assert states(hospital, shown.case.id) == [(number.value, "active", False)]
    (order,) = placing.list_of_case(admin, shown.case.id)
    with pytest.raises(Invalid):
        placing.move_placed(admin, order.id, PlacedState.COMPLETED, "done")
    placing.move_placed(admin, order.id, PlacedState.REVOKED, "sent by mistake")
    assert cases.get_case(admin, shown.case.id).case.status is CaseStatus.ENDED
    with pytest.raises(Conflict):
        placing.move_placed(admin, order.id, PlacedState.ACTIVE, "after all")


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        (("PID|1||7",), "PID-5 is missing."),
        (
            (ADA, "ORC|NW|1"),
            "The segment OBR is missing, or stands where it cannot.",
        ),
        (
            (ADA, "ORC|NW|1", "OBR|1", "SPM|1|S1"),
            "SPM-4 is missing.",
        ),
        (
            (ADA, "ORC|NW|1", "OBR|1", "ORC|NW|1", "OBR|1"),
            "Two orders of this message have the same number.",
        ),
        (
            (ADA, "ORC|NW|1||G", "OBR|1", "ORC|CA|2||G", "OBR|1"),
            "A message does one thing to all of its orders (ORC-1).",
        ),
    ],
)
def test_a_bad_order_is_a_dead_letter(hospital: Hospital, lines: tuple[str, ...], why: str) -> None:
    if len(lines) == 1:
        lines += hospital.order(hospital.number())
    assert hospital.ask(hospital.message(ORDER, *lines)) == ("AE", why)
    dead = hospital.entries(limit=1)[0]
    assert (dead.state, str(dead.reason), dead.is_kept) == (MessageState.DEAD, why, True)


# Once and once only ---------------------------------------------------------------------------------------


def test_the_same_message_is_done_once_and_answered_alike(hospital: Hospital) -> None:
    number = f"P{hospital.number()}"
    content = hospital.message(ORDER, hospital.patient(number), *hospital.order(f"O{number}"))
    first, again = hospital.tell(content), hospital.tell(content)
    assert first == again
    assert len(hospital.cases_of(number)) == 1


def test_a_control_id_names_one_message(hospital: Hospital) -> None:
    control_id = f"C{hospital.number()}"
    first = hospital.message(ADMIT, hospital.patient(f"P{hospital.number()}"), control_id=control_id)
    other = hospital.message(ADMIT, hospital.patient(f"P{hospital.number()}"), control_id=control_id)
    assert hospital.ask(first)[0] == "AA"
    assert hospital.ask(other) == ("AE", "MSH-10 was used before, for another message.")
    assert hospital.entries(control_id=control_id)[0].state is MessageState.DEAD


def test_what_was_kept_when_the_node_died_is_done_at_its_next_start(hospital: Hospital) -> None:
    number = f"P{hospital.number()}"
    content = hospital.message(ADMIT, hospital.patient(number))
    taken = hospital.interfaces.inbox.take(content.encode(), HERE)
    assert taken.number is not None
    # Here the node dies: nothing was done, and nothing was answered.
    assert hospital.find_patients(number) == []
    assert hospital.interfaces.inbox.resume() == 1
    assert len(hospital.find_patients(number)) == 1
    assert hospital.ask(content) == ("AA", "")
    assert hospital.interfaces.inbox.resume() == 0


def test_a_fault_of_the_node_leaves_the_message_waiting(
    hospital: Hospital, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = hospital.message(ADMIT, hospital.patient(f"P{hospital.number()}"))
    taken = hospital.interfaces.inbox.take(content.encode(), HERE)
    assert taken.number is not None

    class OnFire(Conflict):
        status = 500

    def burn(*_: object, **__: object) -> None:
        raise OnFire("The disk of the node is full; make room and try again.")

    with monkeypatch.context() as patched:
        patched.setattr("hemalum.capabilities.cases.patients.Patients.register", burn)
        with pytest.raises(OnFire):
            hospital.interfaces.inbox.do(taken.number)
        assert hospital.interfaces.inbox.resume() == 1
    assert hospital.entries(limit=1)[0].state is MessageState.WAITING
    assert hospital.ask(content) == ("AA", "")


def test_what_nobody_sends_again_is_done_later_without_a_new_start(hospital: Hospital) -> None:
    content = hospital.message(ADMIT, hospital.patient(f"P{hospital.number()}"))
    hospital.interfaces.inbox.take(content.encode(), HERE)
    hospital.interfaces.catch_up()
    assert hospital.entries(limit=1)[0].state is MessageState.WAITING
    replace(hospital.interfaces, clock=lambda: utc_now() + timedelta(minutes=2)).catch_up()
    assert hospital.entries(limit=1)[0].state is MessageState.DONE


# Who may send what ----------------------------------------------------------------------------------------


def test_strangers_are_refused_and_nothing_of_theirs_is_kept(hospital: Hospital) -> None:
    patient = hospital.patient(f"P{hospital.number()}")
    why = "This node takes no messages from this sender at this address."
    before = len(hospital.entries(limit=500))
    assert hospital.ask(hospital.message(ADMIT, patient, application="OTHER")) == ("AR", why)
    (answer,) = hospital.tell(hospital.message(ADMIT, patient), "192.0.2.1")
    assert answer.get("MSA").text(1) == "AR"
    (answer,) = hospital.tell(b"\xff\x00 no message at all")
    assert (answer.get("MSA").text(1), answer.get("ERR").text(2)) == ("AR", "MSH")
    assert len(hospital.entries(limit=500)) == before


def test_the_log_is_told_of_a_stranger_once_a_minute_and_of_none_too_little(hospital: Hospital) -> None:
    content = hospital.message(ADMIT, hospital.patient("7")).encode()
    told: list[Record] = []
    ticks = [0.0]

    def full(_refusal: Record) -> None:
        raise LogFull("There is no room left for the log.")

    def keep(refusal: Record) -> None:
        told.append(refusal)
        inbox.take(content, "192.0.2.1")  # another one, while this one is being written down

    inbox = replace(hospital.interfaces.inbox, record=full, strangers=Strangers(now=lambda: ticks[0]))
    for _ in range(2):
        with pytest.raises(LogFull):
            inbox.take(content, "192.0.2.1")
    inbox = replace(inbox, record=keep)
    for at in (0.0, 59.0, 61.0, 119.0):
        ticks[0] = at
        inbox.take(content, "192.0.2.1")
    assert [one.personal for one in told] == [{"address": "192.0.2.1"}] * 2
    inbox.take(content, "192.0.2.2")
    assert told[-1].personal == {"address": "192.0.2.2"}


@pytest.mark.parametrize(
    ("kind", "header", "place"),
    [
        ("ADT^A02^ADT_A02", {}, "MSH^1^9"),
        ("ORU^R01^ORU_R01", {}, "MSH^1^9"),
        (ADMIT, {"processing": "T"}, "MSH^1^11"),
        (ADMIT, {"version": "3"}, "MSH^1^12"),
    ],
)
def test_what_is_not_spoken_here_is_rejected(
    hospital: Hospital, kind: str, header: dict[str, str], place: str
) -> None:
    (answer,) = hospital.tell(hospital.message(kind, hospital.patient("7"), **header))
    assert answer.get("MSA").text(1) == "AR"
    assert "^".join(answer.get("ERR").text(2, part) for part in (1, 2, 3)) == place
    entry = hospital.entries(limit=1)[0]
    assert (entry.state, entry.is_kept) == (MessageState.REFUSED, False)


def test_a_message_without_a_name_is_rejected(hospital: Hospital) -> None:
    for control_id in ("C" * 200, "a\x01b"):
        content = hospital.message(ADMIT, hospital.patient("7"), control_id=control_id)
        assert hospital.ask(content) == ("AR", "MSH-10 cannot be used as the name of a message.")
    nameless = hospital.message(ADMIT, hospital.patient("7"), control_id="NAME").replace("|NAME|", "||")
    assert hospital.ask(nameless) == ("AR", "MSH-10 is missing.")


def test_in_enhanced_mode_keeping_and_doing_are_answered_apart(hospital: Hospital) -> None:
    def codes(acks: str, *lines: str) -> list[str]:
        return [each.get("MSA").text(1) for each in hospital.tell(hospital.message(ADMIT, *lines, acks=acks))]

    def patient() -> str:
        return hospital.patient(f"P{hospital.number()}")

    assert codes("AL|AL", patient()) == ["CA", "AA"]
    assert codes("AL|NE", patient()) == ["CA"]
    assert codes("NE|ER", patient()) == []
    assert codes("NE|ER", "PID|1") == ["AE"]
    assert codes("ER|SU", patient()) == ["AA"]
    content = hospital.message("ADT^A02^ADT_A02", patient(), acks="AL|AL")
    assert [each.get("MSA").text(1) for each in hospital.tell(content)] == ["CR"]
    once = hospital.message(ADMIT, patient(), acks="AL|AL")
    assert [each.get("MSA") for each in hospital.tell(once)] == [
        each.get("MSA") for each in hospital.tell(once)
    ]


# Encodings ------------------------------------------------------------------------------------------------


def test_names_come_in_the_encoding_that_is_stated(hospital: Hospital) -> None:
    number = f"P{hospital.number()}"
    content = hospital.message(ADMIT, hospital.patient(number, "芜^伟"), charset="GB 18030-2000")
    assert hospital.ask(content.encode("gb18030")) == ("AA", "")
    assert hospital.find_patients(number)[0].identity.name == "芜伟"


def test_a_message_in_the_wrong_encoding_is_kept_and_corrected(hospital: Hospital) -> None:
    number = f"P{hospital.number()}"
    content = hospital.message(ADMIT, hospital.patient(number, "张^伟"))
    code, why = hospital.ask(content.encode("gb18030"))
    assert (code, why) == ("AE", "PID-5 is not written in UNICODE UTF-8.")
    dead = hospital.entries(limit=1)[0]
    shown = hospital.interfaces.show(hospital.who(), dead.number)
    assert shown.text is not None
    assert "�" in shown.text
    corrected = hospital.interfaces.edit(hospital.who(), dead.number, content.replace("\r", "\n"))
    assert (corrected.state, corrected.replaces) == (MessageState.DONE, dead.number)
    assert hospital.find_patients(number)[0].identity.name == "张伟"
    assert hospital.interfaces.show(hospital.who(), dead.number).entry.state is MessageState.REPLACED


# Connecting -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"name": ""}, "A name has 1 to 60 characters."),
        ({"application": "", "facility": ""}, "A sender is known by its application"),
        ({"charset": "EBCDIC"}, "The encoding is one of"),
        ({"time_zone": "Mars/Olympus"}, "There is no time zone called"),
        ({"addresses": ("10.0.0.0/99",)}, "is not an address or network"),
        ({"addresses": ()}, "Say from which addresses it sends."),
        ({"processing_id": "X"}, "The processing id is P, T or D."),
        ({"acts_as": "outsider"}, "has no role where its sender belongs to"),
        ({"acts_as": "nobody"}, "There is nobody called nobody."),
        ({"name": "his"}, "There is a connection called his already."),
    ],
)
def test_a_sender_that_cannot_be_used_is_not_added(
    hospital: Hospital, change: dict[str, object], why: str
) -> None:
    sender = Sender(SenderId(""), OrganisationId("home"), "another", "his", "A", "B")
    with pytest.raises((Invalid, Conflict, NotFound), match=why):
        hospital.interfaces.add_sender(replace(sender, **change))  # type: ignore[arg-type]


def test_how_connections_stand(hospital: Hospital) -> None:
    hospital.dead_letter()
    standing = next(one for one in hospital.interfaces.standings(hospital.who()) if one.name == "his")
    assert (standing.direction, standing.dead > 0, standing.last_at is not None) == (Direction.IN, True, True)
    assert hospital.interfaces.standings(hospital.who("outsider")) == []


# Messages of others ---------------------------------------------------------------------------------------


def test_messages_of_others_go_through(hospital: Hospital, shared: Callable[[str], Path]) -> None:
    """Each is done, or refused by a sentence that says where; what is done makes patients and cases."""
    codes: dict[str, str] = {}
    interfaces = hospital.interfaces
    for path in sorted(shared("clinical/hl7v2").glob("*.hl7")):
        header = rough_header(parse(decode(path.read_bytes()).text).header)
        # Some of them go by the same name.
        content = path.read_bytes().replace(header.control_id.encode(), path.name.encode(), 1)
        name = header.sending_application
        if not any(one.is_named(name, "") for one in interfaces.list_senders()):
            sender = Sender(SenderId(""), OrganisationId("home"), f"of {path.name}", "his", name, "")
            interfaces.add_sender(replace(sender, processing_id=header.processing_id))
        for answer in hospital.tell(content):
            codes[path.name] = answer.get("MSA").text(1)
            if codes[path.name] not in ("AA", "CA"):
                assert answer.get("ERR").text(8), path.name
    done = {name for name, code in codes.items() if code == "AA"}
    assert {name for name in codes if name.startswith("ADT")} | {"MDM_01.hl7", "OML-O21-01.hl7"} == done
    assert {name for name, code in codes.items() if code == "AE"} == {
        "MDHHS-OML-O21-1.hl7",  # a line end is missing before its ORC
        "OML-O21-03.hl7",  # changes of status, which a laboratory sends and does not take
    }
