"""Grossing in a real browser: photographs, cassettes, and what of both comes into a report."""

import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from hemalum.app.node import open_parts
from hemalum.capabilities.cases.accessioning import Accession, PartAsked
from hemalum.capabilities.grossing.describing import Describing
from hemalum.capabilities.grossing.model import Contents
from hemalum.runtime.settings import load_settings

OFFERED = {"is_available": True, "most_seconds": 300}


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


SPEAKS = """() => {
  navigator.mediaDevices.getUserMedia = async () => {
    const sound = new AudioContext();
    const made = sound.createMediaStreamDestination();
    const tone = sound.createOscillator();
    tone.connect(made);
    tone.start();
    return made.stream;
  };
}"""
"""A microphone that hears a tone; the machines of tests have none."""


def test_what_is_typed_of_a_cassette_stays_when_somebody_else_was_faster(
    case_id: str, node: Any, open_page: Callable[..., Page]
) -> None:
    page = open_page(f"/cases/{case_id}?queue=open", allow="409")
    cassettes = page.get_by_role("region", name="Cassettes")
    said = cassettes.get_by_label("What was put into A/1")
    said.fill("tip of the polyp")
    with open_parts(load_settings(node.data, {})) as parts:
        admin = parts.access.actor_for("admin")
        cassettes_of = Describing(parts.cases)
        (cassette,) = cassettes_of.list_of_case(admin, case_id)
        cassettes_of.describe(admin, cassette.material_id, 0, Contents("base of the polyp", 1, ()))
    cassettes.get_by_role("button", name="Keep").click()
    expect(cassettes.get_by_role("alert")).to_be_visible()
    expect(cassettes).to_contain_text("has described it meanwhile")
    expect(cassettes).to_contain_text("base of the polyp")
    expect(said).to_have_value("tip of the polyp")
    cassettes.get_by_role("button", name="Keep").click()
    expect(cassettes.get_by_role("alert")).to_have_count(0)
    expect(cassettes.get_by_role("button", name="Keep")).to_be_disabled()
    expect(said).to_have_value("tip of the polyp")


def test_cassettes_photographs_and_dictation_come_into_the_report(
    case_id: str, open_page: Callable[..., Page], violations: Callable[[Page], list[str]]
) -> None:
    page = open_page(f"/cases/{case_id}?queue=open")
    heard: list[bytes] = []
    page.route("**/api/reports/dictation", lambda route: route.fulfill(json=OFFERED))

    def understand(route: Any) -> None:
        heard.append(route.request.post_data_buffer or b"")
        route.fulfill(json={"text": "Adenocarcinoma."})

    page.route("**/dictation?language=*", understand)
    cassettes = page.get_by_role("region", name="Cassettes")
    cassettes.get_by_label("Pieces in A/1").fill("2")
    cassettes.get_by_label("Size in cm, A/1").fill("0.5 x 0.3")
    cassettes.get_by_label("What was put into A/1").fill("tip of the polyp")
    page.keyboard.press("Enter")
    expect(cassettes.get_by_role("button", name="Keep")).to_be_disabled()
    photographs = page.get_by_role("region", name="Photographs", exact=True)
    file = {"name": "specimen.jpg", "mimeType": "image/jpeg", "buffer": photograph()}
    photographs.get_by_label("Pictures to add").set_input_files([file])
    expect(photographs.get_by_role("button", name="Photograph of A")).to_be_visible()
    page.evaluate(SPEAKS)
    page.get_by_role("button", name="Open the report").click()

    text = page.get_by_role("region", name="Text")
    gross = text.get_by_role("textbox", name="Gross description")
    text.get_by_role("group", name="From the cassettes").get_by_role("button").click()
    expect(gross).to_have_value("A1: 2 pieces, 0.5 × 0.3 cm, tip of the polyp.")
    expect(text.get_by_role("group", name="From the cassettes")).to_have_count(0)

    pictures = page.get_by_role("region", name="Pictures")
    pictures.get_by_role("button", name="Photograph of the specimen").click()
    page.get_by_role("dialog").get_by_role("button", name="Photograph of A").click()
    expect(pictures.get_by_role("img", name="Photograph of A")).to_be_visible()
    expect(pictures).to_contain_text("no scale stated")

    diagnosis = text.get_by_role("textbox", name="Diagnosis")
    diagnosis.focus()
    page.keyboard.press("Alt+m")
    expect(text.get_by_role("button", name="Stop and write")).to_be_visible()
    page.keyboard.press("Alt+m")
    expect(text).to_contain_text("Understood; not in the report yet")
    expect(diagnosis).to_have_value("")
    assert heard[0].startswith(b"\x1a\x45\xdf\xa3"), "WebM, as the node takes it"
    assert violations(page) == []
    page.keyboard.press("Alt+x")
    expect(text).not_to_contain_text("Understood")
    page.keyboard.press("Alt+m")
    expect(text.get_by_role("button", name="Stop and write")).to_be_visible()
    page.keyboard.press("Alt+m")
    expect(text).to_contain_text("Understood; not in the report yet")
    page.keyboard.press("Alt+a")
    expect(diagnosis).to_have_value("Adenocarcinoma.")
    expect(page.locator(".save-state")).to_contain_text("Saved ")
