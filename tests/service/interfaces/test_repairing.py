"""Dead letters: who sees what of them, what people do with them, and how long texts are kept."""

from dataclasses import replace

import pytest

from hemalum.capabilities.interfaces import store
from hemalum.capabilities.interfaces.model import MessageState, NotRepairable, Receiver, ReceiverId
from hemalum.formats.hl7.message import Message, parse
from hemalum.kernel.errors import Conflict, Invalid, NotFound, NotPermitted
from hemalum.kernel.ids import OrganisationId
from hemalum.runtime.db import transaction

from .conftest import HERE, Hospital

ADMIT, ORDER = "ADT^A04^ADT_A01", "OML^O21^OML_O21"


def test_who_may_not_know_the_patient_sees_a_masked_message(hospital: Hospital) -> None:
    number = hospital.dead_letter()
    whole = hospital.interfaces.show(hospital.who(), number)
    assert whole.text is not None
    assert "Secret" in whole.text
    masked = hospital.interfaces.show(hospital.who("chief"), number)
    assert (masked.text, masked.is_masked) == (None, True)
    assert "Secret" not in str(masked)
    told = {
        each.name: [one.number for one in each.fields if one.text is not None] for each in masked.segments
    }
    assert (told["PID"], told["MRG"], 9 in told["MSH"]) == ([1], [], True)
    with pytest.raises(NotPermitted):
        hospital.interfaces.edit(hospital.who("chief"), number, str(whole.text))
    with pytest.raises(NotFound):
        hospital.interfaces.show(hospital.who("outsider"), number)


def test_dead_letters_are_replayed_corrected_and_discarded(hospital: Hospital) -> None:
    number, admin = hospital.dead_letter(), hospital.who()
    interfaces = hospital.interfaces
    assert interfaces.replay(admin, number).state is MessageState.DEAD
    text = interfaces.show(admin, number).text or ""
    with pytest.raises(Conflict, match="same as that of a message"):
        interfaces.edit(admin, number, text)
    with pytest.raises(Invalid, match="MSH is missing"):
        interfaces.edit(admin, number, "nonsense")
    with pytest.raises(Invalid, match="needs a reason"):
        interfaces.discard(admin, number, " ")
    gone = interfaces.discard(admin, number, "sent by mistake")
    assert (gone.state, str(gone.reason)) == (MessageState.DISCARDED, "Discarded: sent by mistake")
    for act in (interfaces.replay, lambda actor, one: interfaces.edit(actor, one, text)):
        with pytest.raises(NotRepairable):
            act(admin, number)
    with pytest.raises(NotRepairable):
        interfaces.discard(admin, number, "once more")


def test_a_correction_is_looked_at_as_a_message_that_comes(hospital: Hospital) -> None:
    number = hospital.dead_letter()
    text = hospital.interfaces.show(hospital.who(), number).text or ""
    corrected = hospital.interfaces.edit(hospital.who(), number, text.replace("ADT^A40", "ADT^A99"))
    assert corrected.state is MessageState.DEAD
    assert str(corrected.reason).startswith("Messages of this kind are not taken in here")


def test_erasing_a_patient_erases_what_was_written_about_them(hospital: Hospital) -> None:
    number = f"P{hospital.number()}"
    content = hospital.message(ADMIT, hospital.patient(number))
    hospital.ask(content)
    entry = hospital.entries(limit=1)[0]
    hospital.parts.keyring.destroy(f"patient/{entry.patient_id}")
    shown = hospital.interfaces.show(hospital.who(), entry.number)
    assert (shown.text, shown.segments, shown.is_erased) == (None, (), True)
    assert hospital.ask(content) == ("AA", "")


def result(hospital: Hospital, number: str) -> Message:
    return parse(hospital.message("ORU^R01^ORU_R01", hospital.patient(number, "Secret^Ada")))


def test_of_a_report_the_last_version_holds(hospital: Hospital) -> None:
    """What a receiver did not take is not sent after the version that took its place."""
    interfaces, admin, number = hospital.interfaces, hospital.who(), f"P{hospital.number()}"
    hospital.ask(hospital.message(ADMIT, hospital.patient(number)))
    patient_id, case_id = hospital.entries(limit=1)[0].patient_id, f"case of {number}"
    receiver = interfaces.add_receiver(
        Receiver(ReceiverId(""), OrganisationId("home"), number, HERE, 2575, "HIS", "HOSPITAL")
    )
    told = {"patient_id": patient_id, "case_id": case_id}
    with transaction(interfaces.database) as connection:
        dead, other, later = (
            interfaces.outbox.add(connection, receiver, result(hospital, number), **told | {"case_id": each})
            for each in (case_id, "of another case", case_id)
        )
        for each in (dead, other):
            store.move_message(connection, each, [MessageState.WAITING], MessageState.DEAD)
    why = f"Message {later} tells of this report later; what is older would take its place."
    text = interfaces.show(admin, dead).text or ""
    with pytest.raises(NotRepairable) as refused:
        interfaces.edit(admin, dead, text.replace("|F", "|M"))
    assert str(refused.value) == why
    # What still waits comes after what is replayed.
    assert interfaces.replay(admin, dead).state is MessageState.WAITING
    with transaction(interfaces.database) as connection:
        store.move_message(connection, dead, [MessageState.WAITING], MessageState.DEAD)
        store.move_message(connection, later, [MessageState.WAITING], MessageState.DONE)
    with pytest.raises(NotRepairable) as refused:
        interfaces.replay(admin, dead)
    assert str(refused.value) == why
    # A correction of what goes out is about its patient as well, and goes with them.
    corrected = interfaces.edit(admin, other, text.replace("|F", "|M"))
    assert (corrected.patient_id, corrected.case_id) == (patient_id, "of another case")
    hospital.parts.keyring.destroy(f"patient/{patient_id}")
    assert interfaces.show(admin, corrected.number).is_erased


def test_texts_are_dropped_once_they_are_old(hospital: Hospital) -> None:
    number = f"P{hospital.number()}"
    content = hospital.message(ADMIT, hospital.patient(number))
    hospital.ask(content)
    order = hospital.message(ORDER, hospital.patient(number), *hospital.order(f"O{number}"))
    hospital.ask(order)
    ordered, discarded, dead = (
        hospital.entries(limit=1)[0].number,
        hospital.dead_letter(),
        hospital.dead_letter(),
    )
    hospital.interfaces.discard(hospital.who(), discarded, "sent by mistake")
    text = hospital.interfaces.show(hospital.who(), discarded).text or ""
    aged = replace(hospital.interfaces, kept=-hospital.interfaces.kept)
    aged.tidy()
    rows = {one.number: one for one in hospital.entries(limit=10)}
    assert rows[dead].is_kept
    assert not any(one.is_kept for one in rows.values() if one.state is MessageState.DONE)
    assert hospital.interfaces.show(hospital.who(), ordered).answer == ()
    assert hospital.ask(content) == hospital.ask(order) == ("AA", "")
    assert hospital.ask(text) == ("AR", "This message came before and was not done.")
