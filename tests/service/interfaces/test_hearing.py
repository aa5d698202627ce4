"""What other systems of the laboratory say happened to material is so here, and in the chain of custody."""

import pytest

from hemalum.capabilities.cases.ledger import ShownCase
from hemalum.capabilities.cases.model import Kind, Material, Stage
from hemalum.capabilities.custody.model import Action, ContainerKind
from hemalum.capabilities.custody.service import Custody
from hemalum.capabilities.interfaces.model import MessageState

from .conftest import Hospital

STATUS, ORDER = "SSU^U03^SSU_U03", "OML^O21^OML_O21"
AT = "20261128093000+0800"


def case_with_slide(hospital: Hospital) -> tuple[ShownCase, Material, Material]:
    """A case whose part came, with a block and a slide of it."""
    number = f"H{hospital.number()}"
    assert hospital.ask(hospital.message(ORDER, hospital.patient(number), *hospital.order(number)))[0] == "AA"
    (shown,) = hospital.cases_of(number)
    cases, tech = hospital.parts.cases, hospital.who("his")
    cases.move_material(tech, shown.material[0].id, Stage.RECEIVED)
    _, block = cases.add_material(tech, shown.case.id, shown.material[0].id)
    _, slide = cases.add_material(tech, shown.case.id, block.id, "H&E")
    return shown, block, slide


def told(
    code: str, event: str = "", stage: str = "", carrier: str = "", position: str = "", status: str = "F"
) -> tuple[str, ...]:
    """A container of a message with its specimen."""
    lines = [f"SAC|||{code}^HEMALUM||||{AT}|O^^HL70370||{carrier}|{position}"]
    if event:
        lines.append(f"OBX|1|CE|event^Specimen event^99HEMALUM||{event}^^HL70003||||||{status}|||{AT}")
    if stage:
        lines.append(f"OBX|2|CE|stage^Stage^99HEMALUM||{stage}^^99HEMALUM||||||{status}|||{AT}")
    return (*lines, f"SPM|1|^{code}&HEMALUM||TISS^Tissue^HL70487")


def hear(hospital: Hospital, *lines: str) -> tuple[str, str]:
    return hospital.ask(hospital.message(STATUS, f"EQU|STAINER^VENDOR|{AT}", *lines))


def stage_of(hospital: Hospital, shown: ShownCase, piece: Material) -> Stage:
    material = hospital.parts.cases.get_case(hospital.who(), shown.case.id).material
    return next(one.stage for one in material if one.id == piece.id)


def custody(hospital: Hospital) -> Custody:
    return Custody(hospital.parts.cases)


def place_of(hospital: Hospital, code: str) -> tuple[str, int | None]:
    """The container that something lies in, and its numbered place there."""
    standing = custody(hospital).tracing.find(hospital.who("his"), code).standing
    assert standing is not None
    return standing.place.container, standing.place.slot


def test_an_event_moves_the_piece_and_stands_in_the_chain(hospital: Hospital) -> None:
    shown, block, slide = case_with_slide(hospital)
    assert hear(hospital, *told(slide.identifier, "S51", "stained"))[0] == "AA"
    assert stage_of(hospital, shown, slide) is Stage.STAINED
    # To hear what is so already changes nothing.
    assert hear(hospital, *told(slide.identifier, "S51", "stained"))[0] == "AA"
    found = custody(hospital).tracing.find(hospital.who("his"), slide.identifier)
    heard = [one for one in found.events if one.action is Action.HEAR]
    assert [(one.before, one.after) for one in heard] == [("planned", "stained")]
    assert heard[0].occurred_at.isoformat() == "2026-11-28T01:30:00+00:00"
    assert custody(hospital).tracing.verify(hospital.who("his")).is_whole
    (entry,) = hospital.entries(limit=1)
    assert (entry.state, entry.kind) == (MessageState.DONE, "SSU^U03")
    # Without its stage an event says it by the kind of the piece.
    assert hear(hospital, *told(block.identifier, "S50"), *told(slide.identifier, "S47"))[0] == "AA"
    assert [stage_of(hospital, shown, one) for one in (block, slide)] == [Stage.CUT, Stage.FILED]


def test_a_mistake_that_is_told_as_one_goes_back(hospital: Hospital) -> None:
    shown, _, slide = case_with_slide(hospital)
    hear(hospital, *told(slide.identifier, "S51", "coverslipped"))
    code, reason = hear(hospital, *told(slide.identifier, "S51", "stained"))
    assert (code, "cannot become" in reason) == ("AE", True)
    assert hear(hospital, *told(slide.identifier, "S51", "stained", status="C"))[0] == "AA"
    assert stage_of(hospital, shown, slide) is Stage.STAINED


def test_pieces_and_containers_lie_where_they_are_said_to(hospital: Hospital) -> None:
    shown, _, slide = case_with_slide(hospital)
    keeping, tech = custody(hospital).containers, hospital.who("his")
    rack = keeping.add(tech, ContainerKind.RACK, "Rack of the stainer", 20)
    fridge = keeping.add(tech, ContainerKind.FRIDGE, "Fridge")
    assert hear(hospital, *told(slide.identifier, "S51", "racked", f"{rack.code}^HEMALUM", "7"))[0] == "AA"
    assert hear(hospital, f"SAC|||{rack.code}^HEMALUM|||||||{fridge.code}^HEMALUM")[0] == "AA"
    assert place_of(hospital, slide.identifier) == (rack.code, 7)
    assert place_of(hospital, rack.code)[0] == fridge.code
    # Codes of other systems say nothing here.
    assert hear(hospital, *told(slide.identifier, "S51", "scanned", "TRAY-9^VENDOR"))[0] == "AA"
    assert place_of(hospital, slide.identifier)[0] == rack.code
    assert hear(hospital, *told(slide.identifier, "S48"))[0] == "AA"
    assert place_of(hospital, slide.identifier) == ("", None)
    assert stage_of(hospital, shown, slide) is Stage.SCANNED


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        (told("LIS-4711", "S42"), "by a code of this laboratory"),
        (told("ZZ09-S26-000001-0/A", "S42"), "check character"),
        (told("{slide}", "S51"), "neither a stage nor a place"),
        (told("{slide}", "S42"), "says nothing of the stage of a slide"),
        (told("{slide}", "S51", "polished"), "stage that there is not here"),
        (told("{slide}", "S49", "disposed"), "no other system"),
        (told("{slide}", "S51", "racked", "{rack}^HEMALUM", "99"), "has no place 99"),
        (told("{slide}", "S51", "racked", "{rack}^HEMALUM", "first"), "SAC-11"),
        (told("{slide}", "S51", "racked", "{rack}^HEMALUM", "9" * 5000), "SAC-11"),
        (told("{slide}", "S51", "stained") + told("LIS-4711", "S42"), "by a code of this laboratory"),
        (("SPM|1|^X&HEMALUM||TISS",), "SAC"),
        (("SAC|||",), "SAC-3 is missing"),
    ],
)
def test_what_cannot_be_is_a_dead_letter_and_changes_nothing(
    hospital: Hospital, lines: tuple[str, ...], why: str
) -> None:
    shown, _, slide = case_with_slide(hospital)
    rack = custody(hospital).containers.add(
        hospital.who("his"), ContainerKind.RACK, f"Rack {hospital.number()}", 20
    )
    named = [one.replace("{slide}", slide.identifier).replace("{rack}", rack.code) for one in lines]
    code, reason = hear(hospital, *named)
    assert (code, why in reason) == ("AE", True), reason
    assert hospital.entries(limit=1)[0].state is MessageState.DEAD
    assert stage_of(hospital, shown, slide) is Stage.PLANNED
    found = custody(hospital).tracing.find(hospital.who("his"), slide.identifier)
    assert not [one for one in found.events if one.action is Action.HEAR]


def test_orders_that_follow_their_specimens_become_a_case(hospital: Hospital) -> None:
    number = f"O33-{hospital.number()}"
    lines = (
        hospital.patient(number),
        "SPM|1|S1&HIS||TISS^Tissue^L||||ST^Antrum^L",
        f"ORC|NW|{number}^HIS",
        "TQ1|1||||||||S",
        f"OBR|1|{number}^HIS||GAST^Gastric biopsy^L",
        "SPM|2|S2&HIS||TISS^Tissue^L||||ST^Corpus^L",
        f"ORC|NW|{number}^HIS",
        f"OBR|2|{number}^HIS||GAST^Gastric biopsy^L",
    )
    (answer,) = hospital.tell(hospital.message("OML^O33^OML_O33", *lines))
    assert answer.get("MSA").text(1) == "AA", str(answer)
    assert [answer.header.text(9, part) for part in (1, 2, 3)] == ["ORL", "O34", "ORL_O34"]
    (shown,) = hospital.cases_of(number)
    parts = [one for one in shown.material if one.kind is Kind.PART]
    assert [one.organ for one in parts] == ["Antrum", "Corpus"]
    assert shown.case.priority == "urgent"
    names = [one.name for one in answer.segments[2:]]
    assert names == ["PID", "SPM", "ORC", "OBR", "SPM", "ORC", "OBR"]
    assert [one.text(2, 2) for one in answer.all("SPM")] == [one.identifier for one in parts]
    (placed,) = hospital.parts.orders.placing.list_of_case(hospital.who(), shown.case.id)
    assert placed.specimen_ids == tuple(one.id for one in parts)
    cancel = hospital.message(
        "OML^O33^OML_O33", hospital.patient(number), "SPM|1|S1&HIS||TISS", f"ORC|CA|{number}^HIS"
    )
    (answer,) = hospital.tell(cancel)
    assert answer.get("ORC").text(1) == "CR"


def test_an_order_before_its_specimen_is_out_of_place(hospital: Hospital) -> None:
    lines = (hospital.patient("8"), "ORC|NW|X^HIS", "OBR|1|X^HIS||GAST")
    code, reason = hospital.ask(hospital.message("OML^O33^OML_O33", *lines))
    assert (code, "SPM" in reason) == ("AE", True)
