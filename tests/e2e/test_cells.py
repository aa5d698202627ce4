"""Nuclei in a real browser: a person runs the shipped network, asks what it measured, and goes there."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pydicom
import pytest
import tifffile
from playwright.sync_api import Page, expect

from hemalum.app.node import open_parts
from hemalum.formats.model.shipped import shipped_models
from hemalum.runtime.settings import load_settings
from hemalum.testing.synth.slide import SyntheticSlide
from hemalum.testing.synth.tissue import TissueKind

SIDE_PX = (1600, 1200)


@pytest.fixture(scope="module")
def slide(node: Any, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A slide of 0.5 um/px with some hundred nuclei, and the network for them."""
    path: Path = tmp_path_factory.mktemp("cells") / "nuclei of a colon.tiff"
    made = SyntheticSlide(41, TissueKind.COLON, *SIDE_PX, 0.5)
    tifffile.imwrite(
        path,
        made.render(0, 0, *SIDE_PX),
        tile=(256, 256),
        photometric="rgb",
        compression="deflate",
        resolution=(20_000, 20_000),
        resolutionunit="CENTIMETER",
        metadata=None,
    )
    node.ingest(path)
    folder = next(one for one in shipped_models() if one.name == "hemalum.nuclei")
    with open_parts(load_settings(node.data, {})) as parts:
        parts.models.add(parts.access.actor_for("admin"), folder)
    return str(node.images[path.name])


def test_what_was_measured_of_nuclei_is_told_once_asked_for(
    slide: str, open_page: Callable[..., Page], violations: Callable[[Page], list[str]]
) -> None:
    page = open_page(f"/slides/{slide}?panel=1")
    page.get_by_role("tab", name="Layers").click()
    models = page.get_by_role("region", name="Models on this slide")
    models.get_by_role("button", name=re.compile("Model")).click()
    page.get_by_role("option", name="Nuclei 1.1.0").click()
    models.get_by_role("button", name="Run", exact=True).click()
    said = models.get_by_role("listitem").filter(has_text="Nuclei 1.1.0")
    show = said.get_by_role("button", name="Show what it says")
    expect(show).to_be_visible(timeout=180_000)
    expect(said).not_to_contain_text("Mitosis candidates")
    show.click()
    number = r"[\d.]+"
    density = rf"Mitosis candidates\s*\d+\s*Candidates per mm²\s*{number} \({number}–{number}\)"
    expect(said).to_contain_text(re.compile(density))
    expect(said).to_contain_text(re.compile(r"Neoplastic, of these\s*\d+ \(\d+%\)"))
    expect(said).to_contain_text("Research, not validated for clinical use.")
    with page.expect_download() as download:
        said.get_by_role("button", name="DICOM SR: measurements").click()
    assert pydicom.dcmread(download.value.path()).Modality == "SR"
    assert violations(page) == []
    before = page.url
    said.get_by_role("button", name="Go to the densest field").click()
    expect(page).not_to_have_url(before)
