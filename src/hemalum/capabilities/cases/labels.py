"""Labels of parts, blocks and slides: a two-dimensional code of the identifier, and what people read.

Nothing of the patient stands on them. For printers of labels as ZPL II (Zebra Programming Guide: ^BQ, ^A0,
^CI28, ^FH), for all others as PDF with a page for each label.
"""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from hemalum.capabilities.cases import policy, store
from hemalum.capabilities.cases.ledger import Ledger
from hemalum.capabilities.cases.model import GONE, Case, Kind, Material, Stage, word_of
from hemalum.kernel.actor import Actor
from hemalum.kernel.errors import Conflict, NotFound
from hemalum.runtime.db import reading, transaction
from hemalum.runtime.typesetting import typeset

_LAYOUT = Path(__file__).with_name("labels.typ")
_MARGIN_MM = 1.0
_STACKED_CODE = 0.55
"""Share of the height that the code has where the text stands below it."""
_WIDE = 1.6
"""From this ratio of sides on the text stands beside the code."""
_LETTER_WIDTH = 0.6
"""Of a letter of a printer's own font, as a share of its height; capitals and figures."""
_SMALLEST_LETTER_MM = 1.2
_MM_PER_INCH = 25.4
_LARGEST_MODULE_DOTS = 10
_TALLEST_LINE_MM = 5.0
_PRINT = "print_label"
_PRINTED = {Kind.BLOCK: Stage.PRINTED, Kind.SLIDE: Stage.LABELLED}
"""Where a planned piece is once it has its label."""


class LabelForm(StrEnum):
    """What labels are asked for as."""

    PDF = "pdf"
    ZPL = "zpl"


@dataclass(frozen=True, slots=True)
class Label:
    """What stands on a label."""

    identifier: str
    lines: tuple[str, ...]
    width_mm: float
    height_mm: float


@dataclass(frozen=True, slots=True)
class Placed:
    """Where it stands, in mm from the upper left corner."""

    code_x_mm: float
    code_y_mm: float
    code_mm: float
    text_x_mm: float
    text_y_mm: float
    room_mm: float
    """Width of the text."""
    line_mm: float
    """From line to line."""


_SIZES_MM = {Kind.PART: (50.0, 25.0), Kind.BLOCK: (30.0, 9.0), Kind.SLIDE: (22.0, 22.0)}
"""Width and height: of a container's label, the writing face of a cassette, the frosted end of a slide."""


def label_of(case: Case, piece: Material) -> Label:
    """The label of a piece of a case."""
    width, height = _SIZES_MM[piece.kind]
    place = piece.identifier.removeprefix(f"{case.number}/")
    said = ", ".join(each for each in (piece.organ, piece.description) if each)
    return Label(piece.identifier, tuple(each for each in (case.number, place, said) if each), width, height)


def place(label: Label) -> Placed:
    """Where code and text stand: beside each other on wide labels, else one below the other."""
    inner_w, inner_h = label.width_mm - 2 * _MARGIN_MM, label.height_mm - 2 * _MARGIN_MM
    if label.width_mm >= _WIDE * label.height_mm:
        code = inner_h
        x, y, width, height = 2 * _MARGIN_MM + code, _MARGIN_MM, inner_w - code - _MARGIN_MM, inner_h
        code_x = _MARGIN_MM
    else:
        code = min(inner_w, _STACKED_CODE * label.height_mm)
        x, y, width, height = _MARGIN_MM, 1.5 * _MARGIN_MM + code, inner_w, inner_h - code - 0.5 * _MARGIN_MM
        code_x = (label.width_mm - code) / 2
    return Placed(code_x, _MARGIN_MM, code, x, y, width, height / len(label.lines))


def as_zpl(labels: Sequence[Label], dpi: int) -> bytes:
    """Labels for a printer of this resolution, UTF-8. Letters that its own font lacks stay empty."""
    return "".join(_zpl(label, dpi / _MM_PER_INCH) for label in labels).encode()


def as_pdf(labels: Sequence[Label], at: datetime) -> bytes:
    """Labels as PDF, a page of its size for each.

    Raises:
        CannotPrint: the node lacks what it takes.
    """
    files, pages = {}, []
    for number, label in enumerate(labels):
        picture = io.BytesIO()
        draw_code(label.identifier).save(picture, kind="svg", border=0)
        files[f"code-{number}.svg"] = picture.getvalue()
        placed = place(label)
        pages.append(
            {
                "width": label.width_mm,
                "height": label.height_mm,
                "code": f"code-{number}.svg",
                "code_at": [placed.code_x_mm, placed.code_y_mm, placed.code_mm],
                "lines": [
                    {"said": said, "x": placed.text_x_mm, "y": placed.text_y_mm + row * placed.line_mm}
                    for row, said in enumerate(label.lines)
                ],
                "line": min(placed.line_mm, _TALLEST_LINE_MM),
                "room": placed.room_mm,
            }
        )
    return typeset(_LAYOUT, {"pages": pages}, files, is_chinese=False, at=at)


@dataclass(frozen=True)
class Labelling:
    """Prints labels, and writes down that they were printed."""

    ledger: Ledger

    def print(
        self,
        actor: Actor,
        case_id: str,
        material_ids: Sequence[str],
        make: Callable[[Sequence[Label]], bytes],
    ) -> tuple[str, bytes]:
        """The number of the case, and what `make` makes of the labels, in the order of its material.

        What was planned is printed or labelled from then on. Nothing is written down where `make` fails.

        Raises:
            NotFound: there is no such piece in this case.
            Conflict: a piece is lost, broken, rejected or disposed of.
        """
        asking = self.ledger.ask(actor, policy.PROCESS)
        with reading(self.ledger.database) as connection:
            case, pieces = self._chosen(connection, asking, case_id, material_ids)
        made = make([label_of(case, piece) for piece in pieces])
        with transaction(self.ledger.database) as connection:
            store.get_case(connection, asking.organisation_id, case_id, to_write=True)
            case, pieces = self._chosen(connection, asking, case_id, material_ids)
            for piece in pieces:
                self._note(connection, asking, case, piece)
            self.ledger.follow(connection, case)
        return case.number, made

    def _chosen(
        self, connection: sa.Connection, asking: Actor, case_id: str, material_ids: Sequence[str]
    ) -> tuple[Case, list[Material]]:
        case = store.get_case(connection, asking.organisation_id, case_id)
        wanted = set(material_ids)
        pieces = [piece for piece in store.list_material(connection, [case.id]) if piece.id in wanted]
        if len(pieces) < len(wanted):
            raise NotFound("This case has no such part, block or slide.")
        for piece in pieces:
            if piece.stage in GONE:
                raise Conflict(
                    "{identifier} is {stage}: there is nothing to label.",
                    identifier=piece.identifier,
                    stage=word_of(piece.stage),
                )
        return case, pieces

    def _note(self, connection: sa.Connection, asking: Actor, case: Case, piece: Material) -> None:
        after = _PRINTED.get(piece.kind) if piece.stage is Stage.PLANNED else None
        if after is None:
            self.ledger.note(connection, case, asking, _PRINT, subject=piece.identifier)
        else:
            self.ledger.set_stage(connection, case, asking, piece, after, action=_PRINT)


def draw_code(identifier: str) -> Any:
    """The two-dimensional code for a label: a QR code of the identifier and of nothing else."""
    import segno  # most commands print nothing

    return segno.make(identifier, error="m", micro=False)


def _zpl(label: Label, dots_per_mm: float) -> str:
    placed = place(label)
    modules = draw_code(label.identifier).symbol_size(border=0)[0]
    module = int(placed.code_mm * dots_per_mm / modules)
    dots = {
        name: round(mm * dots_per_mm)
        for name, mm in (
            ("width", label.width_mm),
            ("height", label.height_mm),
            ("code_x", placed.code_x_mm),
            ("code_y", placed.code_y_mm),
            ("text_x", placed.text_x_mm),
        )
    }
    lines = []
    for row, said in enumerate(label.lines):
        tallest = min(0.85 * placed.line_mm, _TALLEST_LINE_MM)
        letter = max(_SMALLEST_LETTER_MM, min(tallest, placed.room_mm / (len(said) * _LETTER_WIDTH)))
        fits = int(placed.room_mm / (letter * _LETTER_WIDTH))
        at = round((placed.text_y_mm + row * placed.line_mm) * dots_per_mm)
        size = round(letter * dots_per_mm)
        lines.append(f"^FO{dots['text_x']},{at}^A0N,{size},{size}^FH_^FD{_field(said[:fits])}^FS")
    return "\n".join(
        [
            f"^XA^CI28^PW{dots['width']}^LL{dots['height']}^LH0,0",
            f"^FO{dots['code_x']},{dots['code_y']}^BQN,2,{min(max(module, 1), _LARGEST_MODULE_DOTS)}"
            f"^FH_^FDMA,{_field(label.identifier)}^FS",
            *lines,
            "^XZ\n",
        ]
    )


def _field(text: str) -> str:
    """A text so that nothing in it is a command of the printer: all but plain letters as hexadecimal."""
    plain = " -/.,:+()&"
    return "".join(
        one
        if one in plain or (one.isascii() and one.isalnum())
        else "".join(f"_{byte:02X}" for byte in one.encode())
        for one in text
    )
