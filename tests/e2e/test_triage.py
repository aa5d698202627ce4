"""A released model orders the worklist in a real browser, with its reason on the row, until turned off."""

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from hemalum.app.node import Parts, open_parts
from hemalum.capabilities.access.model import Role
from hemalum.capabilities.cases.accessioning import Accession, PartAsked
from hemalum.capabilities.cases.model import Subspecialty
from hemalum.capabilities.inference.model import RunState
from hemalum.capabilities.models import store as model_store
from hemalum.capabilities.models.model import Version
from hemalum.capabilities.triage.model import Calibration, CalibrationMethod, Rule, Site, TriagePurpose
from hemalum.capabilities.triage.rules import write_rule
from hemalum.formats.model.contract import Status
from hemalum.runtime.db import transaction
from hemalum.runtime.settings import load_settings
from hemalum.testing.models import write_model

REGISTERED = '\n[[jurisdictions]]\ncode = "CN"\nbasis = "a test"\n'
ERRORS = tuple(n / 100 for n in range(1, 40))
RULE = Rule(
    TriagePurpose.TRIAGE,
    "other",
    0.6,
    Calibration(CalibrationMethod.PLATT, slope=20.0, intercept=-10.0),
    0.1,
    (Site("home", ERRORS, ERRORS),),
)
SCAN = "deep pyramid.tiff"
PATIENCE_S = 120


def named(text: str) -> str:
    text = text.replace("sample.violet", "sample.triage").replace("Violet share", "Other share")
    return text.replace('stains = ["he"]\n', "") + REGISTERED


def set_status(parts: Parts, version: Version, status: Status) -> None:
    """What the service does once a publisher is trusted and a validation recorded."""
    actor = parts.access.actor_for("admin")
    with transaction(parts.database) as connection:
        model_store.set_status(connection, version, status, actor, "for a test", parts.slides.clock())


@pytest.fixture
def ordered(node: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """Two cases of one field: that which is due first has no score, the other is high by a run of a model."""
    folder = write_model(tmp_path_factory.mktemp("triage") / "other", edit=named)
    with open_parts(load_settings(node.data, {})) as parts:
        parts.access.give_role("admin", "home", Role.QUALITY_MANAGER)
        admin = parts.access.actor_for("admin")
        version = parts.models.add(admin, folder)
        home = parts.access.get_organisation()
        move = partial(parts.access.people.change_organisation, admin)
        move(replace(home, jurisdiction="CN"))
        set_status(parts, version, Status.CLINICAL)
        parts.triage.set(admin, version.id, RULE, "Tried on our biopsies")
        numbers = []
        for hours in (1, 9):
            asked = Accession(
                (PartAsked("biopsy", "Brain", (("H&E",),)),), None, subspecialty=Subspecialty.NEUROPATHOLOGY
            )
            shown = parts.cases.accession(admin, asked)
            due = parts.slides.clock() + timedelta(hours=hours)
            parts.cases.triage(admin, shown.case.id, due=due)
            numbers.append(shown.case.number)
        parts.cases.linking.link(admin, node.images[SCAN], shown.material[-1].identifier)
        (run,) = parts.inference.start(admin, node.images[SCAN], [version.id])
        end = time.monotonic() + PATIENCE_S
        while (now := parts.inference.get_run(admin, run.id)).state.is_live and time.monotonic() < end:
            time.sleep(0.2)
        move(home)
        assert now.state is RunState.DONE, now
        yield numbers[0], numbers[1]
        parts.cases.linking.unlink(admin, node.images[SCAN], "the test is over")
        set_status(parts, version, Status.WITHDRAWN)


def test_the_worklist_is_ordered_with_the_reason_on_the_row(
    open_page: Callable[..., Page], ordered: tuple[str, str], violations: Callable[[Page], list[str]]
) -> None:
    first_due, high = ordered
    page = open_page("/worklist?queue=open&field=neuropathology")
    ours = re.compile(f"{first_due}|{high}")
    rows = page.locator("[role=rowgroup] [role=row]").filter(has_text=ours)
    expect(rows.nth(0)).to_contain_text(high)
    expect(rows.nth(0)).to_contain_text("High 0.99 · slide A/1/1 · Other share 1.0.0 for triage")
    expect(rows.nth(1)).to_contain_text(first_due)
    assert violations(page) == []
    page.get_by_role("checkbox", name="Order by models").click()
    expect(rows.nth(0)).to_contain_text(first_due)
    expect(rows.nth(1)).to_contain_text(high)
    assert "order=due" in page.url
    page.get_by_role("link", name="Triage by models").click()
    points = page.get_by_role("region", name="Operating points")
    point = points.get_by_role("listitem").filter(has_text="Other share 1.0.0").first
    expect(point).to_contain_text("Tried on our biopsies")
    expect(point).to_contain_text("in force")
    looks = page.get_by_role("region", name="Time to the first look")
    expect(looks).to_be_visible()
    assert violations(page) == []
    point.get_by_role("button", name="End").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox", name="Reason").fill("Another scanner from Monday on")
    dialog.get_by_role("button", name="End").click()
    expect(points).to_contain_text("ended")
    page.goto(page.url.replace("/triage", "/worklist?queue=open&field=neuropathology"))
    expect(rows.nth(0)).to_contain_text(first_due)
    expect(rows.nth(1)).not_to_contain_text("High")
    page.goto(page.url.replace("/worklist?queue=open&field=neuropathology", "/triage"))
    page.get_by_role("button", name="Set an operating point…").click()
    dialog = page.get_by_role("dialog")
    assert violations(page) == []
    for label, option in (
        ("Where the rule comes from", "A rule from a file"),
        ("Version of the model", "Other share 1.0.0 · Clinical"),
    ):
        dialog.get_by_role("button", name=label).click()
        page.get_by_role("option", name=option).click()
    put = dialog.get_by_role("button", name="Put in force")
    expect(put).to_be_disabled()
    rule = {"name": "rule.json", "mimeType": "application/json", "buffer": write_rule(RULE).encode()}
    dialog.get_by_label("Rule (JSON)").set_input_files(rule)  # type: ignore[arg-type]
    expect(dialog.get_by_role("status")).to_have_text("rule.json")
    dialog.get_by_role("textbox", name="Reason").fill("Passed on by the county hospital")
    put.click()
    expect(dialog).to_have_count(0)
    expect(points.get_by_role("listitem").first).to_contain_text("Passed on by the county hospital")
    expect(points.get_by_role("listitem").first).to_contain_text("in force")
