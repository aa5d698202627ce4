"""What was told of a scan, in the panel of its slide."""

import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from .waiting import eventually


def test_the_panel_tells_of_the_scan_and_leads_to_its_most_blurred_places(
    node: Any, open_page: Callable[..., Page], violations: Callable[[Page], list[str]]
) -> None:
    page = open_page(f"/slides/{node.images['lossless colon.tiff']}?panel=1")
    scan = page.get_by_role("region", name="Scan")
    expect(scan).to_contain_text("mm²")
    expect(scan).to_contain_text(re.compile(r"Out of focus\d+ of \d+ places?"))
    expect(scan).to_contain_text("Ink, folds and both stains are told once the stain is known")
    before = page.url
    worst = scan.get_by_role("list", name="Most blurred places").get_by_role("button")
    worst.first.click()
    assert eventually(page, lambda: page.url != before)
    assert violations(page) == []


def test_of_fluorescence_it_says_that_nothing_is_told(node: Any, open_page: Callable[..., Page]) -> None:
    page = open_page(f"/slides/{node.images['stack']}?panel=1&tab=slide")
    scan = page.get_by_role("region", name="Scan")
    expect(scan).to_contain_text("Scans are judged in brightfield only.")
