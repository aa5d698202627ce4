"""Purpose, protected slides and emergencies in a real browser."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from hemalum.testing.samples import svs_rgb

OpenPage = Callable[..., Page]
Violations = Callable[[Page], list[str]]


def test_the_purpose_goes_with_every_request(open_page: OpenPage) -> None:
    page = open_page()
    chip = page.get_by_role("button", name="Purpose")
    expect(chip).to_contain_text("Care")
    chip.click()
    with page.expect_request(lambda asked: asked.headers.get("x-hemalum-purpose") == "teaching"):
        page.get_by_role("option", name="Teaching").click()
    expect(chip).to_contain_text("Teaching")
    page.reload()
    expect(chip).to_contain_text("Teaching")
    picture = page.locator(".row:not(.head) img").first
    expect(picture).to_have_attribute("src", re.compile("purpose=teaching"))


def test_a_protected_slide_opens_in_an_emergency_only(
    open_page: OpenPage, node: Any, violations: Violations, tmp_path: Path
) -> None:
    sample = svs_rgb(tmp_path)
    node.ingest(sample.path)
    page = open_page(f"/slides/{node.images[sample.path.name]}", allow="403")
    page.get_by_role("button", name="Panel").click()
    section = page.locator("details.access")
    section.locator("summary").click()
    protected = section.get_by_label("Protected person")
    protected.click()
    expect(protected).to_be_checked()
    assert violations(page) == []
    page.reload()
    form = page.locator(".glass-needed")
    expect(form).to_contain_text("This slide is kept from you")
    assert violations(page) == []
    form.get_by_label("Why you need it now").fill("the patient lies in theatre, bleeding")
    form.get_by_role("button", name="Open in an emergency").click()
    expect(form).to_be_hidden()
    page.wait_for_function("() => window.hemalumViews?.size > 0")
