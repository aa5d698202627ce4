"""Photographs on a real node: cleaned, sealed, scaled, withdrawn, and erased with their patient."""

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from hemalum.app.node import Parts
from hemalum.capabilities.audit.model import Filter
from hemalum.capabilities.cases.model import Kind
from hemalum.capabilities.grossing.model import EnteredInError, Ruler
from hemalum.capabilities.grossing.service import Grossing
from hemalum.formats.photographs import clean
from hemalum.kernel.actor import Purpose
from hemalum.kernel.errors import Invalid, NotFound, NotPermitted

from .conftest import case, piece, who

ORIENTATION, MODEL, EXIF, TAKEN = 0x0112, 0x0110, 0x8769, 36867


def picture(width: int = 640, height: int = 480, form: str = "JPEG", seed: int = 0, **exif: Any) -> bytes:
    """A photograph as a camera writes it, lying on its side."""
    pixels = np.random.default_rng(seed).integers(0, 255, (height, width, 3), np.uint8)
    written = Image.Exif()
    written[ORIENTATION] = 6
    written[MODEL] = "Camera of Ada Example"
    written.get_ifd(EXIF)[TAKEN] = "2026:11:28 09:30:00"
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, form, **({"exif": written} if form == "JPEG" else {}))
    return out.getvalue()


@pytest.fixture(scope="module")
def grossing(parts: Parts) -> Grossing:
    return Grossing(parts.cases)


def test_a_photograph_is_turned_upright_and_keeps_nothing_of_the_camera() -> None:
    made = clean(picture(), 100)
    assert (made["width_px"], made["height_px"], made["taken_at"]) == (480, 640, "2026-11-28T09:30:00")
    with (
        Image.open(io.BytesIO(made["photograph"])) as kept,
        Image.open(io.BytesIO(made["printed"])) as printed,
        Image.open(io.BytesIO(made["thumbnail"])) as small,
    ):
        assert printed.size == (75, 100)
        assert (kept.size, dict(kept.getexif())) == ((480, 640), {})
        assert max(small.size) == 512
    assert b"Ada" not in made["photograph"]
    assert clean(picture(form="PNG"), 100)["taken_at"] is None
    assert clean(picture(7000, 100, "PNG"), 100)["width_px"] == 6000


@pytest.mark.parametrize("content", [b"", b"no picture", picture()[:2000], b"GIF89a" + bytes(100)])
def test_what_is_no_photograph_is_refused(content: bytes) -> None:
    with pytest.raises(Invalid):
        clean(content, 100)


def test_photographs_are_kept_once_listed_and_looked_at(parts: Parts, grossing: Grossing) -> None:
    shown, actor = case(parts), who(parts)
    first = grossing.add(actor, piece(shown), picture(seed=1))
    assert grossing.add(actor, piece(shown), picture(seed=1)) == first
    second = grossing.add(actor, piece(shown, Kind.BLOCK), picture(seed=2))
    assert [each.id for each in grossing.list_of_case(actor, shown.case.id)] == [first.id, second.id]
    content = grossing.read(actor, first.id)
    with Image.open(io.BytesIO(content)) as kept:
        assert kept.size == (480, 640)
    assert len(grossing.read(actor, first.id, small=True)) < len(content)
    assert content[:2000] not in b"".join(
        path.read_bytes() for path in parts.settings.data.rglob("photograph*") if path.is_file()
    )
    wanted = Filter(action="grossing.view_photograph", target=f"case/{shown.case.id}")
    assert len(parts.audit.list_entries(who(parts, "auditor"), wanted, None, 10).entries) == 1
    actions = [each.action for each in parts.cases.list_events(actor, shown.case.id)]
    assert actions.count("add_photograph") == 2
    with pytest.raises(Invalid):
        grossing.add(actor, piece(shown, Kind.SLIDE), picture())
    with pytest.raises(Invalid):
        grossing.add(actor, piece(shown), b"no picture")


def test_a_picture_that_was_handed_in_for_the_wrong_piece_is_handed_in_for_the_right_one(
    parts: Parts, grossing: Grossing
) -> None:
    shown, actor = case(parts), who(parts)
    part = grossing.add(actor, piece(shown), picture(seed=7))
    block = grossing.add(actor, piece(shown, Kind.BLOCK), picture(seed=7))
    assert (block.material_id, block.sha256) == (piece(shown, Kind.BLOCK), part.sha256)
    withdrawn = grossing.withdraw(actor, part.id, "shows the block")
    again = grossing.add(actor, piece(shown), picture(seed=7))
    assert again.wrong_because is None
    assert {each.id for each in grossing.list_of_case(actor, shown.case.id)} == {
        withdrawn.id,
        block.id,
        again.id,
    }
    assert grossing.read(actor, block.id) == grossing.read(actor, again.id)


def test_the_scale_is_read_off_a_ruler(parts: Parts, grossing: Grossing) -> None:
    shown, actor = case(parts), who(parts)
    photograph = grossing.add(actor, piece(shown), picture(seed=3))
    scaled = grossing.set_scale(actor, photograph.id, Ruler(0, 0, 300, 400, 50))
    assert scaled.um_per_px == 100
    assert grossing.list_of_case(actor, shown.case.id) == [scaled]
    for wrong in (
        Ruler(0, 0, 0, 0, 10),
        Ruler(0, 0, 5000, 0, 10),
        Ruler(0, 0, 100, 0, 0),
        Ruler(0, 0, 100, 0, float("nan")),
        Ruler(0, float("nan"), 100, 0, 10),
    ):
        with pytest.raises(Invalid):
            grossing.set_scale(actor, photograph.id, wrong)
    assert grossing.set_scale(actor, photograph.id, None).um_per_px is None


def test_what_was_entered_in_error_stays_and_is_shown_no_more(parts: Parts, grossing: Grossing) -> None:
    shown, actor = case(parts), who(parts)
    photograph = grossing.add(actor, piece(shown), picture(seed=4))
    with pytest.raises(Invalid):
        grossing.withdraw(actor, photograph.id, " ")
    withdrawn = grossing.withdraw(actor, photograph.id, "of another case")
    assert grossing.list_of_case(actor, shown.case.id) == [withdrawn]
    for again in (
        lambda: grossing.read(actor, photograph.id),
        lambda: grossing.withdraw(actor, photograph.id, "again"),
        lambda: grossing.set_scale(actor, photograph.id, Ruler(0, 0, 100, 0, 10)),
    ):
        with pytest.raises(EnteredInError):
            again()


def test_who_may_not_know_the_patient_sees_no_photograph(parts: Parts, grossing: Grossing) -> None:
    shown = case(parts)
    photograph = grossing.add(who(parts), piece(shown), picture(seed=5))
    for look in (
        lambda actor: grossing.list_of_case(actor, shown.case.id),
        lambda actor: grossing.read(actor, photograph.id, small=True),
    ):
        with pytest.raises(NotPermitted):
            look(who(parts, "quality", Purpose.QUALITY))
        with pytest.raises(NotFound):
            look(who(parts, "outsider"))
    with pytest.raises(NotFound):
        grossing.add(who(parts, "outsider"), piece(shown), picture())
    with pytest.raises(NotPermitted):
        grossing.add(who(parts, "auditor"), piece(shown), picture())


def test_a_photograph_is_erased_with_its_patient(parts: Parts, grossing: Grossing) -> None:
    shown, actor = case(parts), who(parts)
    photograph = grossing.add(actor, piece(shown), picture(seed=6))
    parts.keyring.destroy(f"patient/{shown.case.patient_id}")
    with pytest.raises(NotFound, match="erased with its patient"):
        grossing.read(actor, photograph.id)
