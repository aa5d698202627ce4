"""The page of models in a real browser: a licence is accepted, a trial recorded, a version runs in shadow."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from hemalum.app.node import open_parts
from hemalum.runtime.settings import load_settings
from hemalum.testing.models import write_model


@pytest.fixture(scope="module")
def version(node: Any, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A version whose licence nobody accepted yet."""
    asks = 'name = "Terms of the publisher"\nneeds_acceptance = true\naccess = "gated"'
    folder = write_model(
        tmp_path_factory.mktemp("models") / "violet",
        edit=lambda text: text.replace('name = "Apache-2.0"', asks, 1),
    )
    with open_parts(load_settings(node.data, {})) as parts:
        return parts.models.add(parts.access.actor_for("admin"), folder).id


def test_a_version_goes_into_shadow(
    version: str, open_page: Callable[..., Page], violations: Callable[[Page], list[str]]
) -> None:
    page = open_page("/models")
    page.get_by_role("navigation", name="Versions of models").get_by_role("link", name="Violet share").click()
    model = page.get_by_role("article", name="Violet share 1.0.0")
    expect(model).to_contain_text("Research: not validated for clinical use.")
    expect(model.get_by_role("cell", name="0.86–0.95")).to_be_visible()
    model.get_by_role("button", name="Accept the licence in my name").click()
    expect(model.get_by_role("button", name="Accept the licence in my name")).to_have_count(0)
    trial = model.get_by_role("region", name="Tried in this laboratory")
    for name, value in (
        ("Cohort", "Biopsies of October"),
        ("Number", "80"),
        ("Metric", "AUC"),
        ("Value", "0.9"),
    ):
        trial.get_by_role("textbox" if name in ("Cohort", "Metric") else "spinbutton", name=name).fill(value)
    trial.get_by_role("button", name="Record the trial").click()
    expect(trial.get_by_role("rowheader", name="Biopsies of October")).to_be_visible()
    model.get_by_role("textbox", name="Reason").fill("To be compared with our readers")
    model.get_by_role("button", name="Run in shadow").click()
    expect(model.get_by_role("region", name="History")).to_contain_text("Research → Shadow")
    expect(model).to_contain_text("unseen by readers")
    assert violations(page) == []
