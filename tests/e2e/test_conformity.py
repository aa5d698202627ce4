"""The page of conformity in a real browser: a word that holds a slide back is mapped by keys."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from .waiting import eventually

WORD = "玄字柜七格"


@pytest.fixture
def strange(node: Any, tmp_path: Path) -> str:
    """The id of a slide of this test alone."""
    path = tmp_path / "strange words.png"
    Image.fromarray(np.full((300, 400, 3), 230, np.uint8)).save(path)
    node.ingest(path)
    found: str = node.images[path.name]
    return found


def test_a_word_is_mapped_and_its_slide_goes_free(
    node: Any, strange: str, open_page: Callable[..., Page], violations: Callable[[Page], list[str]]
) -> None:
    page = open_page(f"/slides/{strange}?panel=1")
    asked = {"data": {"organ": WORD, "stain": "HE"}, "headers": {"x-hemalum": "1"}}
    assert page.request.patch(f"{node.url}/api/slides/images/{strange}/metadata", **asked).ok

    def is_held_back() -> bool:
        return page.request.get(f"{node.url}/api/slides/images/{strange}/original").status == 403

    assert eventually(page, is_held_back)
    page.reload()
    expect(page.get_by_text("This slide is held back").first).to_be_visible()
    page.get_by_role("link", name="Map words").click()
    expect(page).to_have_title("Conformity of metadata · Hemalum")
    unknown = page.get_by_role("region", name="Words without a mapping")
    word = unknown.get_by_role("button", name=WORD)
    expect(word).to_contain_text("1 slide")
    assert violations(page) == []
    word.click()
    term = page.get_by_label(f"Term for “{WORD}”")
    term.fill("sigm")
    expect(page.get_by_text("1 slide has this word; 1 would no longer be held back.")).to_be_visible()
    expect(page.get_by_role("button", name="Map to Sigmoid colon")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_role("rowheader", name=WORD)).to_be_visible()
    expect(word).to_have_count(0)
    assert eventually(page, lambda: not is_held_back())
    page.goto(f"{node.url}/conformity?element=site&level=mapped")
    expect(page.get_by_role("link", name="strange words.png")).to_be_visible()
