"""Further work, from the case to the bench and back, by keys alone."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from hemalum.app.node import open_parts
from hemalum.capabilities.cases.accessioning import Accession, PartAsked
from hemalum.capabilities.cases.model import CaseStatus, Identity, Kind, PatientIdentifier, Priority
from hemalum.capabilities.orders.model import Work, WorkAsked, WorkState
from hemalum.runtime.settings import load_settings

OpenPage = Callable[..., Page]
Violations = Callable[[Page], list[str]]


@pytest.fixture
def case(node: Any) -> tuple[str, str]:
    """Id and number of a fresh urgent case of two blocks."""
    with open_parts(load_settings(node.data, {})) as parts:
        admin = parts.access.actor_for("admin")
        part = PartAsked("biopsy", "Colon", (("H&E",), ("H&E",)))
        shown = parts.cases.accession(admin, Accession((part,), priority=Priority.URGENT))
        return shown.case.id, shown.case.number


def test_stains_are_asked_for_accepted_and_planned(
    open_page: OpenPage, case: tuple[str, str], violations: Violations
) -> None:
    case_id, number = case
    page = open_page(f"/cases/{case_id}?queue=open")
    page.get_by_role("button", name="Order further work").press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="Order", exact=True)).to_be_disabled()
    dialog.get_by_label("Block A/1").press("Space")
    dialog.get_by_label("Block A/2").press("Space")
    stains = dialog.get_by_role("combobox", name="Stains, antibodies or probes")
    stains.press_sequentially("cdx")
    page.get_by_role("option", name="CDX2").wait_for()
    stains.press("ArrowDown")
    stains.press("Enter")
    stains.press_sequentially("Own antibody")
    stains.press("Enter")
    chosen = dialog.get_by_role("list", name="Chosen").get_by_role("listitem")
    expect(chosen).to_have_text(["CDX2", "Own antibody"])
    dialog.get_by_label("Question").fill("primary or not?")
    assert violations(page) == []
    dialog.get_by_role("button", name="Order on 2 pieces").press("Enter")
    expect(dialog).to_be_hidden()
    orders = page.locator(".work-order")
    expect(orders).to_have_count(2)
    expect(orders.first).to_contain_text("Immunohistochemistry CDX2, Own antibody A/1")
    expect(orders.first).to_contain_text("Requested")

    bench = open_page("/orders")
    row = bench.get_by_role("row").filter(has_text=number).filter(has_text="A/1")
    expect(row).to_contain_text("Requested")
    row.click()
    assert violations(bench) == []
    bench.keyboard.press("a")
    expect(row).to_contain_text("Accepted")
    other = bench.get_by_role("row").filter(has_text=number).filter(has_text="A/2")
    other.click()
    bench.keyboard.press("r")
    bench.get_by_label("Reason").fill("no tissue left")
    bench.keyboard.press("Enter")
    expect(other).to_be_hidden()

    expect(orders.first).to_contain_text("Accepted")
    expect(orders.last).to_contain_text("no tissue left")
    expect(page.locator(".piece").filter(has_text="CDX2")).to_contain_text("A/1/2")
    worklist = open_page("/worklist?queue=urgent")
    listed = worklist.get_by_role("row", name=number)
    expect(listed).to_contain_text("1 order of further work is open")


def test_a_patient_is_merged_side_by_side_and_times_are_told(
    open_page: OpenPage, node: Any, violations: Violations
) -> None:
    with open_parts(load_settings(node.data, {})) as parts:
        admin = parts.access.actor_for("admin")
        cases = []
        for name, number in (("Nobody, Clara", "MERGE-1"), ("Nobody, Klara", "MERGE-2")):
            identity = Identity(name, identifiers=(PatientIdentifier("Register", number),))
            asked = Accession((PartAsked("biopsy", "Skin"),), identity, priority=Priority.ROUTINE)
            cases.append(parts.cases.accession(admin, asked).case)
        case_id = cases[1].id
        parts.cases.move_case(admin, case_id, CaseStatus.READY)
        parts.cases.assigning.assign(admin, case_id, admin.person_id)
        parts.cases.move_case(admin, case_id, CaseStatus.DRAFT)
        parts.cases.move_case(admin, case_id, CaseStatus.FINAL, "report 1")
    page = open_page(f"/cases/{cases[0].id}?queue=open")
    page.get_by_role("button", name="Same person as").press("Enter")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Number of the other one").fill("MERGE-2")
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("row", name="Nobody, Klara")).to_contain_text("Nobody, Clara")
    assert violations(page) == []
    dialog.get_by_label("Reason").fill("one name, spelt twice")
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()

    page.goto(f"{node.url}/turnaround?by=priority")
    table = page.get_by_role("region", name="Times by group")
    expect(table.get_by_role("row", name="Routine")).to_contain_text("100")
    expect(page.get_by_role("link", name=cases[1].number)).to_be_visible()
    assert violations(page) == []
    page.goto(f"{node.url}/cases/{case_id}?queue=closed")
    expect(page.get_by_role("banner")).to_contain_text("Nobody, Clara")


def test_several_orders_are_accepted_at_once(
    open_page: OpenPage, node: Any, case: tuple[str, str], violations: Violations
) -> None:
    case_id, number = case
    with open_parts(load_settings(node.data, {})) as parts:
        admin = parts.access.actor_for("admin")
        blocks = [one.id for one in parts.cases.get_case(admin, case_id).material if one.kind is Kind.BLOCK]
        for stain in ("CDX2", "SATB2"):
            parts.orders.request_work(admin, case_id, WorkAsked(Work.IHC, tuple(blocks), (stain,)))
    bench = open_page("/orders?list=requested", allow="409")
    rows = bench.get_by_role("row").filter(has_text=number)
    expect(rows).to_have_count(4)
    rows.nth(0).click()
    bench.keyboard.press("Space")
    rows.nth(1).get_by_role("checkbox").click()
    rows.nth(2).get_by_role("checkbox").click()
    bench.keyboard.press("Space")
    accept = bench.get_by_role("button", name="Accept 2 orders")
    expect(accept).to_be_visible()
    assert violations(bench) == []
    bench.keyboard.press("a")
    expect(rows).to_have_count(2)
    expect(accept).to_be_hidden()
    # What somebody else decided meanwhile is said, and the others are accepted.
    for row in (rows.nth(0), rows.nth(1)):
        row.get_by_role("checkbox").click()
    with open_parts(load_settings(node.data, {})) as parts:
        admin = parts.access.actor_for("admin")
        left = [one for one in parts.orders.list_of_case(admin, case_id) if one.state is WorkState.REQUESTED]
        parts.orders.move_work(admin, left[0].id, WorkState.REJECTED, "no tissue left")
    bench.get_by_role("button", name="Accept 2 orders").click()
    expect(bench.get_by_role("alert")).to_contain_text("1 order was not accepted.")
    expect(rows).to_have_count(0)
