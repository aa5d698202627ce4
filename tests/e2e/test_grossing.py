"""A photograph in a real browser: handed in, scaled by keys, and withdrawn."""

import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from hemalum.app.node import open_parts
from hemalum.capabilities.cases.accessioning import Accession, PartAsked
from hemalum.runtime.settings import load_settings


@pytest.fixture
def case_id(node: Any) -> str:
    with open_parts(load_settings(node.data, {})) as parts:
        admin = parts.access.actor_for("admin")
        accession = Accession((PartAsked("resection", "Colon", (("H&E",),)),))
        return str(parts.cases.accession(admin, accession).case.id)


def photograph() -> bytes:
    """A specimen on a board."""
    pixels = np.full((600, 1500, 3), 90, np.uint8)
    pixels[200:400, 250:550] = (170, 60, 70)
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "JPEG")
    return out.getvalue()


def test_a_photograph_is_handed_in_scaled_and_withdrawn(
    case_id: str, open_page: Callable[..., Page], violations: Callable[[Page], list[str]]
) -> None:
    page = open_page(f"/cases/{case_id}?queue=open")
    photographs = page.get_by_role("region", name="Photographs")
    expect(photographs).to_contain_text("None yet.")
    file = {"name": "specimen.jpg", "mimeType": "image/jpeg", "buffer": photograph()}
    photographs.get_by_label("Pictures to add").set_input_files([file])
    photographs.get_by_role("button", name="Photograph of A").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("img")).to_be_visible()
    # A photograph that is wider than the dialog is shown whole.
    shown, room = (
        dialog.get_by_role("img").bounding_box(),
        dialog.locator(".photograph-dialog").bounding_box(),
    )
    assert shown is not None
    assert room is not None
    assert shown["x"] + shown["width"] <= room["x"] + room["width"]
    dialog.get_by_role("button", name="Two places").click()
    place = dialog.get_by_role("button", name="Place 1 on the ruler")
    place.focus()
    # 750 pixels apart; twenty of them more with each press.
    for _ in range(5):
        page.keyboard.press("Shift+ArrowLeft")
    dialog.get_by_label("Distance in mm").fill("85")
    page.keyboard.press("Enter")
    expect(dialog).to_contain_text("The bar is 50 mm long.")
    assert violations(page) == []
    page.keyboard.press("Escape")
    expect(photographs).to_contain_text("150 mm wide")
    photographs.get_by_role("button", name="Photograph of A").click()
    dialog.get_by_label("Why it does not belong here").fill("another case")
    dialog.get_by_role("button", name="Entered in error").click()
    expect(dialog).to_be_hidden()
    expect(photographs).to_contain_text("Entered in error: another case")
    expect(photographs.get_by_role("button", name="Photograph of A")).to_have_count(0)
