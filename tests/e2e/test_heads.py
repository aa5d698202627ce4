"""A slide head in a real browser: a person runs it, asks what it says, and sees which encoder served it."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from hemalum.app.node import open_parts
from hemalum.runtime.settings import load_settings
from hemalum.testing.heads import as_encoder, write_head
from hemalum.testing.models import write_model


@pytest.fixture(scope="module")
def head(node: Any, tmp_path_factory: pytest.TempPathFactory) -> None:
    """An encoder and a head on it."""
    folder = tmp_path_factory.mktemp("heads")

    def named(text: str) -> str:
        text = as_encoder(text).replace("sample.violet", "sample.encoder")
        return text.replace('name = "Violet share"', 'name = "Sample encoder"').replace(
            "紫色比例", "示例编码器"
        )

    encoder = write_model(folder / "encoder", edit=named)
    made = write_head(folder / "head", "sample.head", "sample.encoder")
    with open_parts(load_settings(node.data, {})) as parts:
        actor = parts.access.actor_for("admin")
        for each in (encoder, made):
            parts.models.add(actor, each)


def test_foundation_encoders_are_listed_and_weights_must_be_supplied(
    head: None, open_page: Callable[..., Page], violations: Callable[[Page], list[str]]
) -> None:
    page = open_page("/models")
    known = page.get_by_role("region", name="Foundation encoders")
    expect(known).to_contain_text("their weights must be supplied")
    midnight = known.get_by_role("listitem").filter(has_text="Midnight-12k")
    expect(midnight).to_contain_text("MIT")
    expect(midnight).to_contain_text("Weights not supplied")
    assert violations(page) == []


def test_a_head_says_nothing_until_asked_and_names_its_encoder(
    head: None, node: Any, open_page: Callable[..., Page]
) -> None:
    page = open_page(f"/slides/{node.images['jpeg lung.tiff']}?panel=1")
    page.get_by_role("tab", name="Layers").click()
    models = page.get_by_role("region", name="Models on this slide")
    models.get_by_role("button", name=re.compile("Model")).click()
    page.get_by_role("option", name="Head 1.0.0").click()
    models.get_by_role("button", name="Run", exact=True).click()
    said = models.get_by_role("listitem").filter(has_text="Head 1.0.0")
    expect(said).to_contain_text("On embeddings of Sample encoder 1.0.0", timeout=120_000)
    expect(said.get_by_role("definition")).to_have_count(0)
    said.get_by_role("button", name="Show what it says").click()
    expect(said.get_by_role("definition")).to_have_text([re.compile(r"\d%$")] * 2)
    reveals = page.context.request.get(
        f"{node.url}/api/reading/images/{node.images['jpeg lung.tiff']}/reveals"
    ).json()
    assert [one["name"] for one in reveals] == ["Head 1.0.0"]
