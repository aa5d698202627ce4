"""The page of models in a real browser: a licence is accepted, a trial recorded, a version runs in shadow."""

import re
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from hemalum.app.node import open_parts
from hemalum.runtime.settings import load_settings
from hemalum.testing.models import scoring_network, telling_weights, without_golden, write_model
from hemalum.testing.samples import picture

SCAN = "deep pyramid.tiff"
PATIENCE_S = 120


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


def zipped(folder: Path) -> Path:
    return Path(shutil.make_archive(str(folder), "zip", folder))


def test_a_model_is_added_as_an_archive_and_faults_are_told_step_by_step(
    open_page: Callable[..., Page],
    tmp_path: Path,
    node: Any,
    violations: Callable[[Page], list[str]],
) -> None:
    def named(text: str) -> str:
        asks = 'name = "Terms of the publisher"\nneeds_acceptance = true'
        text = text.replace('name = "Apache-2.0"', asks, 1)
        return text.replace("sample.violet", "sample.archive").replace("Violet share", "Archived share")

    good = zipped(write_model(tmp_path / "good", edit=named))
    folder = write_model(tmp_path / "bad", edit=named)
    (folder / "LICENSE").unlink()
    (folder / "more.txt").write_text("not in the list")
    page = open_page("/models")
    page.get_by_role("link", name="Add a model").click()
    form = page.get_by_role("region", name="Add a model")
    chooser = form.get_by_label("Choose an archive…").locator("xpath=self::input")
    chooser.set_input_files(zipped(folder))
    expect(form).to_contain_text("It was not added.")
    steps = form.get_by_role("list", name="What was checked").locator("> li")
    expect(steps.nth(1)).to_contain_text("in order")
    expect(steps.nth(2)).to_contain_text("The file LICENSE is missing.")
    expect(steps.nth(2)).to_contain_text("The file more.txt is not in the list of files.")
    expect(steps.nth(4)).to_contain_text("not come to")
    assert violations(page) == []
    chooser.set_input_files(good)
    expect(form).to_contain_text("Archived share 1.0.0 is here, as research.")
    expect(form).to_contain_text("It does not run until somebody accepts the licence.")
    form.get_by_role("link", name="Open it").click()
    expect(page.get_by_role("article", name="Archived share 1.0.0")).to_be_visible()


def test_two_versions_are_compared_and_a_difference_opens_at_its_place(
    open_page: Callable[..., Page],
    tmp_path: Path,
    node: Any,
    violations: Callable[[Page], list[str]],
) -> None:
    ground, runs = picture(512, 512, seed=3), []
    with open_parts(load_settings(node.data, {})) as parts:
        admin = parts.access.actor_for("admin")
        for number, shift in (("1.0.0", 1.0), ("1.1.0", 1.2)):

            def named(text: str, number: str = number) -> str:
                text = text.replace("sample.violet", "sample.compared").replace("Violet share", "Green share")
                text = text.replace('version = "1.0.0"', f'version = "{number}"').replace(
                    'stains = ["he"]\n', ""
                )
                return without_golden(text)

            network = scoring_network(weights=telling_weights(ground, shift))
            folder = write_model(tmp_path / number, edit=named, network=network)
            version = parts.models.add(admin, folder)
            runs += parts.inference.start(admin, node.images[SCAN], [version.id])
        end = time.monotonic() + PATIENCE_S
        while any(parts.inference.get_run(admin, each.id).state.is_live for each in runs):
            assert time.monotonic() < end
            time.sleep(0.2)
    page = open_page("/comparison")
    expect(page.get_by_text("Choose two versions of the same kind.")).to_be_visible()
    for label, number in (("First version", "1.0.0"), ("Second version", "1.1.0")):
        page.get_by_role("button", name=label).click()
        page.get_by_role("option", name=f"Green share {number} · Research").click()
    found = page.get_by_role("region", name="Comparison of versions")
    expect(found).to_contain_text("They agree on")
    slides = found.get_by_role("table", name="Slides, those that differ most first")
    expect(slides.get_by_role("row")).to_have_count(2)
    assert violations(page) == []
    page.keyboard.press("j")
    expect(slides.get_by_role("link", name=SCAN)).to_be_focused()
    slides.get_by_role("cell").last.get_by_role("link").first.click()
    page.wait_for_url(re.compile(r"/slides/[^?]+\?.*x=[\d.]+.*z="))
    page = open_page("/runs")
    run = page.get_by_role("listitem").filter(has_text="Green share 1.1.0")
    run.get_by_text("Computed on").click()
    expect(run).to_contain_text("Processor, onnxruntime")
    assert violations(page) == []


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
    cohort = model.get_by_role("region", name="Run over many slides")
    expect(cohort).to_contain_text("readers do not see what it says")
    cohort.get_by_role("textbox", name="Search of the library").fill("pyramid")
    cohort.get_by_role("button", name="Run on 1 slide").click()
    expect(cohort.get_by_role("status")).to_have_text("Handed in: 1 of 1")
    assert violations(page) == []
    cohort.get_by_role("link", name="Runs of models").click()
    run = page.get_by_role("listitem").filter(has_text="Violet share 1.0.0").filter(has_text=SCAN).first
    expect(run).to_contain_text("Shadow")
