"""The bench in a real browser, worked by a hand scanner; a piece is found, and discarded by two people."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from hemalum.app.node import open_parts
from hemalum.capabilities.cases.accessioning import Accession, PartAsked
from hemalum.capabilities.cases.model import Stage
from hemalum.capabilities.custody.model import ContainerKind, Step
from hemalum.runtime.settings import load_settings


@pytest.fixture(scope="module")
def bench(node: Any) -> dict[str, Any]:
    """Two stations, a rack, and cases of one block each."""
    node.command("person", "--data", str(node.data), "--role", "technician", "second.technician")
    with open_parts(load_settings(node.data, {})) as parts:
        admin = parts.access.actor_for("admin")
        cut = parts.custody.points.add(admin, "Microtome 2", "Room 4", Step.CUT)
        stain = parts.custody.points.add(admin, "Stainer", "Room 5", Step.STAIN)
        rack = parts.custody.containers.add(admin, ContainerKind.RACK, "Rack 12", 20)
        tray = parts.custody.containers.add(admin, ContainerKind.TRAY, "Tray 3", 20)
        cases = [
            parts.cases.accession(admin, Accession((PartAsked("biopsy", "Stomach", (("H&E",),)),)))
            for _ in range(4)
        ]
        parts.cases.move_material(admin, cases[3].material[1].id, Stage.EMBEDDED)
        for piece in cases[2].material[1:]:
            parts.cases.move_material(admin, piece.id, Stage.FILED)
    codes = [[piece.identifier for piece in case.material] for case in cases]
    ids = [case.case.id for case in cases]
    return {"cut": cut, "stain": stain, "rack": rack.code, "tray": tray.code, "codes": codes, "cases": ids}


def read(page: Page, code: str) -> None:
    """What a hand scanner does: it types wherever the focus is, and presses Enter."""
    page.keyboard.type(code)
    page.keyboard.press("Enter")


def choose(page: Page, station: str) -> None:
    page.get_by_role("button", name="Station").click()
    page.get_by_role("option", name=station).click()


def test_a_scanner_works_the_bench(
    bench: dict[str, Any], open_page: Callable[..., Page], violations: Callable[[Page], list[str]]
) -> None:
    (_, block, slide), (_, other_block, other_slide), *_ = bench["codes"]
    page = open_page("/bench", allow="409")
    choose(page, "Microtome 2")
    outcome = page.get_by_role("status").filter(has=page.locator(".scan-result"))
    expect(page.get_by_role("textbox", name="Scan a code")).to_be_visible()
    page.locator(
        "h2", has_text="Last scans"
    ).click()  # the focus is nowhere; the scanner still types into its field
    read(page, block.lower())
    expect(outcome).to_contain_text("Taken")
    expect(outcome).to_contain_text(block)
    expect(page.get_by_role("region", name="To be made of A/1")).to_contain_text("A/1/1")
    read(page, other_slide)
    expect(outcome).to_contain_text(
        f"{other_slide} is made of {other_block}, but {block} was scanned here last."
    )
    read(page, slide)
    expect(outcome).to_contain_text(f"{slide}Slide · H&E · Sectioned")
    scans = page.get_by_role("list", name="Last scans").get_by_role("listitem")
    expect(scans.nth(0)).to_contain_text(slide)
    expect(scans.nth(1)).to_contain_text("Refused")
    assert violations(page) == []
    choose(page, "Stainer")
    waiting = page.get_by_role("region", name="Waits here")
    waiting.get_by_role("button", name=slide).click()
    read(page, slide)
    expect(outcome).to_contain_text("Stained")
    expect(waiting.get_by_role("button", name=slide)).to_have_count(0)
    scans.first.get_by_role("button", name="Undo").click()
    expect(scans.nth(1)).to_contain_text("a mistake, corrected")
    expect(waiting.get_by_role("button", name=slide)).to_have_count(1)
    page.reload()
    expect(page.get_by_role("button", name="Station")).to_contain_text("Stainer")
    # A rack that is read twice is open for what follows.
    read(page, bench["rack"])
    expect(outcome).to_contain_text("Taken")
    read(page, bench["rack"])
    expect(page.get_by_text(f"What is scanned goes into {bench['rack']}.")).to_be_visible()
    read(page, slide)
    expect(outcome).to_contain_text("Stained")
    page.goto(page.url.replace("/bench", f"/cases/{bench['cases'][0]}?queue=open"))
    page.get_by_role("button", name="Where is A/1/1").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Stainer / Rack 12 / 1")
    expect(dialog).to_contain_text("4 events, whole")


def test_a_scanner_that_is_faster_than_the_server_fills_the_tray_it_opened(
    bench: dict[str, Any], open_page: Callable[..., Page]
) -> None:
    block = bench["codes"][1][1]
    # Whether this station may have the block is not what is tried here.
    page = open_page("/bench", allow="409")
    choose(page, "Stainer")
    held: list[Route] = []

    def hold_first(route: Route) -> None:
        if held:
            route.continue_()
        else:
            held.append(route)

    page.route("**/api/custody/scans", hold_first)
    with page.expect_request("**/api/custody/scans"):
        read(page, bench["tray"])
    read(page, bench["tray"])
    read(page, block)
    with page.expect_request(
        lambda asked: asked.url.endswith("/api/custody/scans") and block in (asked.post_data or "")
    ) as last:
        held[0].continue_()
    assert last.value.post_data_json["container"] == bench["tray"]


@pytest.fixture
def gross(node: Any) -> Iterator[str]:
    """A station for grossing while a test needs one, and the code of a part of which nothing was planned."""
    with open_parts(load_settings(node.data, {})) as parts:
        admin = parts.access.actor_for("admin")
        point = parts.custody.points.add(admin, "Grossing 1", "Room 2", Step.GROSS)
        case = parts.cases.accession(admin, Accession((PartAsked("resection", "Colon"),)))
        yield case.material[0].identifier
        parts.custody.points.change(admin, point.id, is_active=False)


def test_what_nobody_planned_is_made_at_its_station(
    gross: str, open_page: Callable[..., Page], violations: Callable[[Page], list[str]]
) -> None:
    page = open_page("/bench")
    choose(page, "Grossing 1")
    read(page, gross)
    children = page.get_by_role("region", name="To be made of A")
    children.get_by_role("button", name="Add block").click()
    made = children.get_by_role("listitem")
    expect(made).to_contain_text("A/1")
    expect(made).to_contain_text("Planned")
    with page.expect_download():
        made.get_by_role("button", name="Print label").click()
    expect(made).to_contain_text("Cassette printed")
    page.get_by_role("button", name="Cassettes and photographs").click()
    dialog = page.get_by_role("dialog")
    pieces = dialog.get_by_role("textbox", name="Pieces in A/1")
    pieces.fill("2")
    pieces.press("Enter")
    expect(dialog.get_by_role("form", name="Cassette A/1")).to_contain_text("Administrator")
    assert violations(page) == []
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    # The scanner has its field again.
    read(page, f"{gross}/1")
    expect(page.locator(".scan-result")).to_contain_text(f"{gross}/1")
    expect(page.get_by_role("link", name="Open the case")).to_be_visible()


def test_two_people_discard(
    bench: dict[str, Any], open_page: Callable[..., Page], sign_in: Callable[[str], Any]
) -> None:
    slide = bench["codes"][2][2]
    page = open_page("/keeping", allow="409")
    page.get_by_role("textbox", name="Codes, one a line").fill(slide)
    page.get_by_role("textbox", name="Reason").fill("broken beyond use")
    page.get_by_role("button", name="Propose").click()
    expect(page.get_by_role("alert")).to_contain_text("is of a case without a final report")
    page.get_by_role("checkbox", name="Also what has to be kept longer").check()
    page.get_by_role("button", name="Propose").click()
    card = page.get_by_role("list", name="Discards").locator(".discard-card", has_text=slide)
    expect(card).to_contain_text("You proposed this; somebody else confirms it.")
    expect(card.get_by_role("button", name="Discard 1 piece")).to_have_count(0)
    page.context.clear_cookies()
    page.context.add_cookies(sign_in("second.technician")["cookies"])
    page.reload()
    expect(card).to_contain_text("Something in it has to be kept longer.")
    card.get_by_role("button", name="Discard 1 piece").click()
    expect(card).to_contain_text("Discarded")
    expect(card.get_by_role("button")).to_have_count(0)


def test_a_block_is_lost_and_found_again(
    bench: dict[str, Any], open_page: Callable[..., Page], violations: Callable[[Page], list[str]]
) -> None:
    block = bench["codes"][3][1]
    page = open_page("/where")
    field = page.get_by_label("Code of a piece or container")
    field.fill(block)
    field.press("Enter")
    page.get_by_role("button", name="Report as lost").click()
    page.get_by_label("Since when and where it is missed").fill("not in the rack of today")
    page.get_by_role("button", name="Save").click()
    lost = page.get_by_role("listitem").filter(has=page.get_by_role("button", name=block))
    expect(lost).to_be_visible()
    expect(page.get_by_text("not in the rack of today")).to_be_visible()
    assert violations(page) == []
    found = page.get_by_role("button", name="Report as found")
    expect(found).to_be_focused()
    found.press("Enter")
    expect(page.get_by_text("Found again: Embedded")).to_be_visible()
    expect(page.get_by_text("Nothing is lost.")).to_be_visible()
    expect(page.get_by_role("button", name="Report as lost")).to_be_focused()
    expect(page.get_by_text("2 events, whole").first).to_be_visible()
