"""Labels: the code holds the identifier alone, no text is a command, and printing is written down."""

import io
import re
import subprocess

import pytest
from pypdf import PdfReader

from hemalum.capabilities.cases.labels import Label, as_pdf, as_zpl, label_of, place
from hemalum.capabilities.cases.model import Kind, Stage
from hemalum.capabilities.custody.model import Mishap
from hemalum.capabilities.custody.service import Custody
from hemalum.kernel.errors import Conflict, NotFound, NotPermitted
from tests.hospital import NOON

from .conftest import World

HOSTILE = 'H&E ^XZ^XA ~JR _5E #panic("no") \\ 胃窦'
LABEL = Label("CN01-S26-000123-K/A/2/1", ("CN01-S26-000123-K", "A/2/1", HOSTILE), 22, 22)


def said(zpl: str) -> list[str]:
    """The fields of a label as a printer reads them."""
    fields = [found.encode() for found in re.findall(r"\^FH_\^FD(.*?)\^FS", zpl)]
    return [
        re.sub(rb"_([0-9A-F]{2})", lambda found: bytes([int(found[1], 16)]), one).decode() for one in fields
    ]


def test_a_label_for_a_printer_holds_text_and_no_commands_of_others() -> None:
    [first, second] = as_zpl([LABEL, LABEL], 300).decode().split("^XZ\n")[:2]
    assert first == second
    code, number, piece, stain = said(first)
    assert code == f"MA,{LABEL.identifier}"
    assert (number, piece) == LABEL.lines[:2]
    # What does not fit is cut.
    assert HOSTILE.startswith(stain)
    assert len(stain) > 20
    assert set(re.findall(r"[\^~][A-Z0-9]{2}", first)) <= {
        "^XA", "^CI", "^PW", "^LL", "^LH", "^FO", "^BQ", "^FH", "^FD", "^FS", "^A0"
    }  # fmt: skip


@pytest.mark.parametrize("dpi", [203, 300, 600])
@pytest.mark.parametrize(("width", "height"), [(50, 25), (30, 9), (22, 22)])
def test_code_and_text_lie_on_the_label(width: float, height: float, dpi: int) -> None:
    label = Label("LONGSITE-S26-123456789-K/AZ/120/120", ("LONGSITE-S26-123456789-K", "AZ/120/120", "PAS"), width, height)  # fmt: skip # noqa: E501
    placed = place(label)
    zpl = as_zpl([label], dpi).decode()
    for x, y in re.findall(r"\^FO(\d+),(\d+)", zpl):
        assert 0 < int(x) < width * dpi / 25.4
        assert 0 < int(y) < height * dpi / 25.4
    assert placed.code_x_mm + placed.code_mm < width
    assert placed.text_y_mm + placed.line_mm * len(label.lines) <= height
    assert placed.text_x_mm + placed.room_mm < width


def test_a_pdf_has_a_page_of_its_size_for_each_label() -> None:
    pages = PdfReader(io.BytesIO(as_pdf([LABEL, Label("X", ("CN01", "A"), 50, 25)], NOON))).pages
    assert [round(float(page.mediabox.width) / 72 * 25.4) for page in pages] == [22, 50]
    shown = "".join(pages[0].extract_text().split())
    assert "".join(HOSTILE.split()) in shown.replace("\u2011", "-").replace("\u2010", "-")


def test_the_code_of_a_pdf_is_read_by_another_program(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("labels")
    (folder / "label.pdf").write_bytes(as_pdf([LABEL], NOON))
    subprocess.run(["pdftoppm", "-r", "300", "-png", "label.pdf", "label"], cwd=folder, check=True)
    read = subprocess.run(
        ["zbarimg", "-q", "--raw", "label-1.png"], cwd=folder, check=True, capture_output=True, text=True
    )
    assert read.stdout.strip() == LABEL.identifier


def test_printing_labels_what_was_planned_and_stands_in_the_history(world: World) -> None:
    case = world.case(("H&E", "PAS"))
    tech = world.who("tech")
    ids = [piece.id for piece in case.material]
    number, made = world.cases.labelling.print(
        tech, case.case.id, ids[::-1], lambda labels: repr(labels).encode()
    )
    assert number == case.case.number
    # In the order of the case, whatever the order of asking.
    assert [found[0] for found in re.findall(r"identifier='([^']+)'()", made.decode())] == [
        piece.identifier for piece in case.material
    ]
    after = world.cases.get_case(tech, case.case.id)
    stages = {piece.kind: piece.stage for piece in after.material}
    assert stages == {Kind.PART: Stage.RECEIVED, Kind.BLOCK: Stage.PRINTED, Kind.SLIDE: Stage.LABELLED}
    events = [one for one in world.cases.list_events(tech, case.case.id) if one.action == "print_label"]
    assert [one.subject for one in events] == [piece.identifier for piece in case.material]
    world.cases.labelling.print(tech, case.case.id, ids[-1:], lambda _labels: b"")
    assert world.cases.get_case(tech, case.case.id).material[-1].stage is Stage.LABELLED
    assert "Ada" not in made.decode()


def test_what_cannot_be_made_was_not_printed(world: World) -> None:
    case = world.case()
    tech = world.who("tech")

    def fail(_labels: object) -> bytes:
        raise Conflict("The printer is on fire.")

    with pytest.raises(Conflict):
        world.cases.labelling.print(tech, case.case.id, [case.material[-1].id], fail)
    assert world.cases.get_case(tech, case.case.id).material == case.material


def test_a_lost_slide_and_one_of_another_case_get_no_label(world: World) -> None:
    case, other = world.case(), world.case()
    tech = world.who("tech")
    slide = case.material[-1]
    with pytest.raises(NotFound):
        world.cases.labelling.print(tech, case.case.id, [other.material[-1].id], lambda _: b"")
    world.cases.move_material(tech, slide.id, Stage.LABELLED)
    Custody(world.cases).mishaps.tell(tech, slide.identifier, Mishap.LOST, "fell behind the bench")
    with pytest.raises(Conflict, match="nothing to label"):
        world.cases.labelling.print(tech, case.case.id, [slide.id], lambda _: b"")
    with pytest.raises(NotPermitted):
        world.cases.labelling.print(world.who("junior"), case.case.id, [slide.id], lambda _: b"")


def test_a_label_says_what_it_is_on(world: World) -> None:
    case = world.case()
    lines = [label_of(case.case, piece).lines for piece in case.material]
    assert lines[0] == (case.case.number, "A", "Stomach, biopsy")
    assert lines[-1] == (case.case.number, "A/1/2", "HP")
