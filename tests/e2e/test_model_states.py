"""What a model does not say has a name on the screen, in both languages, and never is a low score."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from hemalum.app.node import open_parts
from hemalum.runtime.settings import load_settings
from hemalum.testing.models import scoring_network, without_golden, write_model

from .conftest import write_pyramid
from .waiting import eventually

PATIENCE_S = 120


@pytest.fixture
def slides(node: Any, tmp_path: Path) -> dict[str, str]:
    """The ids of a slide of glass alone, and of one that does not say how large its pixels are."""
    noise = np.random.default_rng(8).integers(-2, 3, (700, 900, 3))
    write_pyramid(tmp_path / "glass alone.tiff", [(244 + noise).astype(np.uint8)], compression="deflate")
    Image.fromarray((200 + noise).astype(np.uint8)).save(tmp_path / "no scale.png")
    node.ingest(tmp_path / "glass alone.tiff", tmp_path / "no scale.png")
    return {"glass": node.images["glass alone.tiff"], "unscaled": node.images["no scale.png"]}


@pytest.fixture
def ran(node: Any, slides: dict[str, str], tmp_path: Path) -> dict[str, str]:
    """Slides by how the run of a model on them ends."""

    def named(name: str) -> Callable[[str], str]:
        return lambda text: without_golden(
            text.replace("sample.violet", f"sample.{name}")
            .replace("Violet share", name.title())
            .replace('stains = ["he"]\n', "")
        )

    tissue = node.images["lossless colon.tiff"]
    sees_numbers = write_model(tmp_path / "plain", edit=named("plain"))
    sees_none = write_model(
        tmp_path / "broken",
        edit=named("broken"),
        network=scoring_network(weights=np.full((3, 2), np.nan, np.float32)),
    )
    with open_parts(load_settings(node.data, {})) as parts:
        admin = parts.access.actor_for("admin")
        plain, broken = (parts.models.add(admin, folder) for folder in (sees_numbers, sees_none))
        asked = [(slides["glass"], plain), (slides["unscaled"], plain), (tissue, broken), (tissue, plain)]
        runs = [one for image, version in asked for one in parts.inference.start(admin, image, [version.id])]
        end = time.monotonic() + PATIENCE_S
        while any(parts.inference.get_run(admin, one.id).state.is_live for one in runs):
            assert time.monotonic() < end
            time.sleep(0.2)
    return {"glass": slides["glass"], "unscaled": slides["unscaled"], "broken": tissue}


def test_what_a_model_says_of_classes_waits_until_asked_and_its_regions_open(
    ran: dict[str, str], open_page: Callable[..., Page], violations: Callable[[Page], list[str]]
) -> None:
    page = open_page(f"/slides/{ran['broken']}?panel=1&tab=layers")
    run = page.locator(".runs-short > li").filter(has_text="Plain 1.0.0").filter(has_text="Done").first
    expect(run.get_by_role("definition")).to_have_count(0)
    run.get_by_role("button", name="Show what it says").click()
    said = run.locator(".said-of")
    expect(said).to_contain_text("Other")
    expect(said.get_by_role("definition").first).to_contain_text("mm²")
    regions = said.get_by_role("list", name="Regions: Violet").get_by_role("button")
    whole = page.evaluate("() => window.hemalumViews.get('').pose(true).z")
    regions.first.click()
    assert eventually(page, lambda: page.evaluate("() => window.hemalumViews.get('').pose(true).z") != whole)
    assert violations(page) == []


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        (
            "en-GB",
            {
                "glass": ("Plain 1.0.0", "Abstained: no score", "no tissue"),
                "unscaled": ("Plain 1.0.0", "Refused", "no physical scale"),
                "broken": ("Broken 1.0.0", "Failed", "not a number"),
            },
        ),
        (
            "zh-CN",
            {
                "glass": ("1.0.0", "弃答", "组织"),
                "unscaled": ("1.0.0", "拒绝", "物理尺度"),
                "broken": ("1.0.0", "失败", "数"),
            },
        ),
    ],
)
def test_refused_abstained_and_failed_are_told_with_the_reason(
    ran: dict[str, str],
    open_page: Callable[..., Page],
    violations: Callable[[Page], list[str]],
    locale: str,
    said: dict[str, tuple[str, str, str]],
) -> None:
    for name, image in ran.items():
        page = open_page(f"/slides/{image}?panel=1&tab=layers", locale=locale)
        model, state, reason = said[name]
        run = page.locator(".runs-short > li").filter(has_text=model).filter(has_text=reason)
        expect(run).to_contain_text(state)
        # A share of a class would be a score.
        expect(run).not_to_contain_text("%")
        assert violations(page) == []
