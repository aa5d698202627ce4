"""A case read by keys alone, from the worklist to its slides and back; whose it is stays on the screen."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from hemalum.app.node import open_parts
from hemalum.capabilities.cases.accessioning import Accession, PartAsked
from hemalum.capabilities.cases.model import Identity, PatientIdentifier, Priority
from hemalum.runtime.settings import load_settings
from hemalum.testing.domestic_writers.sdpc import SAMPLE_PERSON, write_sdpc
from hemalum.testing.samples import picture

OpenPage = Callable[..., Page]
Violations = Callable[[Page], list[str]]

PATIENT, NUMBER = "Nobody, Ada", "E2E-0001"


@pytest.fixture
def read_cases(node: Any) -> Iterator[dict[str, str]]:
    """Two urgent cases with scans, the first of two slides; nothing is linked any more afterwards."""
    slides = {
        PATIENT: ["lossless colon.tiff", "jpeg lung.tiff"],
        "Nobody, Berta": ["deep pyramid.tiff"],
    }
    with open_parts(load_settings(node.data, {})) as parts:
        admin = parts.access.actor_for("admin")
        numbers = {}
        for count, (name, scans) in enumerate(slides.items(), 1):
            identity = Identity(name, identifiers=(PatientIdentifier("Register", f"E2E-{count:04d}"),))
            part = PartAsked("biopsy", "Colon", tuple(("H&E",) for _ in scans))
            # The last line of the list would change with every test that adds a case.
            priority = Priority.INTRAOPERATIVE if count == 1 else Priority.URGENT
            shown = parts.cases.accession(admin, Accession((part,), identity, priority=priority))
            numbers[name] = shown.case.number
            places = [piece.identifier for piece in shown.material if piece.kind == "slide"]
            for scan, place in zip(scans, places, strict=True):
                parts.cases.linking.link(admin, node.images[scan], place)
        yield numbers
        for scans in slides.values():
            for scan in scans:
                parts.cases.linking.unlink(admin, node.images[scan], "the test is over")


def on_slide(page: Page, node: Any, name: str) -> None:
    page.wait_for_url(f"**/slides/{node.images[name]}?**")
    page.wait_for_function("() => window.hemalumViews?.get('')")


def test_a_case_is_read_by_keys_alone(
    open_page: OpenPage, node: Any, read_cases: dict[str, str], violations: Violations
) -> None:
    page = open_page("/worklist?queue=urgent")
    expect(page.get_by_role("row", name=read_cases[PATIENT])).to_contain_text(f"{PATIENT} {NUMBER}")
    assert violations(page) == []
    page.keyboard.press("j")
    first = page.locator("[role=row][aria-selected=true]")
    expect(first).to_contain_text("Intra-operative")
    expect(first).to_contain_text("2/2")
    page.keyboard.press("Enter")
    on_slide(page, node, "lossless colon.tiff")
    header = page.locator(".patient-identity")
    expect(header).to_contain_text(PATIENT)
    expect(header).to_contain_text(NUMBER)
    expect(header).to_contain_text("A/1/1")
    tray = page.get_by_role("navigation", name="Slides of the case")
    expect(tray.get_by_role("button")).to_have_count(2)
    assert violations(page) == []
    page.keyboard.press("PageDown")
    on_slide(page, node, "jpeg lung.tiff")
    expect(tray.locator("[aria-current=true]")).to_contain_text("A/2/1")
    page.keyboard.press("PageDown")
    page.keyboard.press("Control+PageDown")
    on_slide(page, node, "deep pyramid.tiff")
    expect(header).to_contain_text("Nobody, Berta")
    page.keyboard.press("Alt+PageUp")
    on_slide(page, node, "lossless colon.tiff")
    for place in (
        page.title(),
        page.url,
        page.evaluate("() => JSON.stringify([localStorage, sessionStorage, history.state])"),
    ):
        assert "Nobody" not in place
        assert "E2E-" not in place
    page.keyboard.press("Escape")
    page.wait_for_url("**/worklist?**queue=urgent**")
    expect(page.locator("[role=row][aria-selected=true]")).to_contain_text(read_cases[PATIENT])


def test_an_order_is_typed_in_found_by_the_number_of_its_patient_and_labelled(
    open_page: OpenPage, violations: Violations
) -> None:
    page = open_page("/worklist", locale="zh-CN")
    expect(page.get_by_role("button", name="登记申请").first).to_be_visible()
    page.keyboard.press("n")
    form = page.get_by_role("dialog")
    form.get_by_label("姓名").fill("虚构·甲")
    form.get_by_label("患者编号").fill("E2E-7001")
    form.get_by_label("部位").fill("胃")
    form.get_by_label("每块或每张涂片的染色").fill("HE、PAS")
    form.get_by_role("button", name="登记").click()
    expect(form).to_have_count(0)
    row = page.locator("[role=row][aria-selected=true]")
    expect(row).to_contain_text("虚构·甲")
    expect(row).to_contain_text("0/2")
    page.keyboard.press("/")
    page.keyboard.type("E2E-7001")
    expect(page.locator("[role=row][aria-rowindex]:not(.head)")).to_have_count(1)
    assert "E2E-7001" not in page.url
    page.get_by_role("button", name="打开病例").click()
    expect(page.locator(".material .piece")).to_have_count(4)
    expect(page.locator(".case-events")).to_contain_text("接收登记")
    page.get_by_role("button", name="新增切片").click()
    page.get_by_label("染色", exact=True).fill("AB-PAS")
    held: list[Route] = []
    page.route("**/api/cases/cases/*/material", lambda route: held.append(route), times=1)
    page.keyboard.press("Enter")
    asked = page.get_by_role("form", name="新增切片")
    expect(asked.get_by_role("button", name="保存")).to_have_attribute("aria-disabled", "true")
    # A second press asks for no second slide.
    page.keyboard.press("Enter")
    for route in held:
        route.continue_()
    expect(page.locator(".material .piece")).to_have_count(5)
    expect(page.locator(".material .piece").last).to_contain_text("AB-PAS")
    page.get_by_role("button", name="新增标本").click()
    later = page.get_by_role("form", name="新增标本")
    later.get_by_label("部位").fill("食管")
    page.keyboard.press("Enter")
    expect(page.locator(".material .piece")).to_have_count(6)
    expect(page.locator(".material .piece").last).to_contain_text("食管")
    page.get_by_role("button", name="标签", exact=True).click()
    labels = page.get_by_role("dialog")
    # Block and slides are only planned, and nothing was made of the parts: none has a label yet.
    expect(labels.get_by_role("checkbox", checked=True)).to_have_count(6)
    assert violations(page) == []
    with page.expect_download() as saved:
        labels.get_by_role("button", name="打印 6 张标签").click()
    assert saved.value.suggested_filename.endswith("-labels.pdf")
    assert saved.value.path().read_bytes().startswith(b"%PDF-")
    expect(page.locator(".material .piece", has_text="AB-PAS")).to_contain_text("已贴标签")
    page.keyboard.press("Escape")
    # A block is a cassette to describe as soon as it is there; who adds nothing is where they began.
    expect(page.locator(".cassettes > li")).to_have_count(1)
    page.get_by_role("button", name="新增蜡块").first.click()
    expect(page.locator(".cassettes > li")).to_have_count(2)
    page.get_by_role("button", name="新增涂片").first.click()
    page.get_by_role("form", name="新增涂片").get_by_role("button", name="取消").click()
    expect(page.get_by_role("button", name="新增涂片").first).to_be_focused()
    # The button is gone with what it opened: keys go on from there.
    page.get_by_role("button", name="打开报告").press("Enter")
    expect(page.get_by_role("heading", name="报告", exact=True)).to_be_focused()


def test_codes_are_scanned_as_orders_come_in(open_page: OpenPage, node: Any, violations: Violations) -> None:
    name, number = "Nobody, Clara", "E2E-0077"
    with open_parts(load_settings(node.data, {})) as parts:
        identity = Identity(name, identifiers=(PatientIdentifier("Register", number),))
        part = PartAsked("biopsy", "Colon", (("H&E",),))
        shown = parts.cases.accession(parts.access.actor_for("admin"), Accession((part,), identity))
    case = shown.case.number
    page = open_page("/worklist")
    expect(page.get_by_role("button", name="Accession an order").first).to_be_visible()
    page.keyboard.press("n")
    form = page.get_by_role("dialog")
    expect(form.get_by_label("Scan the code")).to_be_focused()
    page.keyboard.type("NEW-77\n")
    expect(form.get_by_label("Number of the order")).to_have_value("NEW-77")
    page.keyboard.type(f"{number}\n")
    expect(form.get_by_label("Name", exact=True)).to_have_value(name)
    expect(form.get_by_label("Patient's number")).to_have_value(number)
    assert violations(page) == []
    # The label of a slide is of a case that is here.
    page.keyboard.type(f"{case}/A/1/1\n")
    expect(form).to_contain_text(f"This is of {case}, which is here already.")
    form.get_by_role("button", name="Open the case").click()
    page.wait_for_url("**/cases/**")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_a_scanner_that_is_faster_than_the_server_loses_no_code(open_page: OpenPage, node: Any) -> None:
    name, number, order = "Nobody, Dora", "E2E-0078", "2026/0078"
    with open_parts(load_settings(node.data, {})) as parts:
        identity = Identity(name, identifiers=(PatientIdentifier("Register", number),))
        part = PartAsked("biopsy", "Colon", (("H&E",),))
        asked = Accession((part,), identity, foreign_numbers=(PatientIdentifier("Ward", order),))
        shown = parts.cases.accession(parts.access.actor_for("admin"), asked)
    page = open_page("/worklist")
    expect(page.get_by_role("button", name="Accession an order").first).to_be_visible()
    page.keyboard.press("n")
    form = page.get_by_role("dialog")
    expect(form.get_by_label("Scan the code")).to_be_focused()
    held: list[Route] = []
    page.route("**/api/cases/search", lambda route: held.append(route), times=1)
    with page.expect_request("**/api/cases/search"):
        page.keyboard.type("NEW-78\n")
    page.keyboard.type(f"{number}\n")
    for route in held:
        route.continue_()
    expect(form.get_by_label("Name", exact=True)).to_have_value(name)
    expect(form.get_by_label("Number of the order")).to_have_value("NEW-78")
    # What is read into another field hands nothing in.
    made: list[str] = []
    page.on("request", lambda asked: made.append(asked.url) if asked.url.endswith("/cases/cases") else None)
    form.get_by_label("Organ").fill("Colon")
    form.get_by_label("Clinician").press_sequentially("CL-4\n")
    # A stroke in the number of an order is no label.
    form.get_by_label("Scan the code").fill(order)
    page.keyboard.press("Enter")
    expect(form).to_contain_text(f"This is of {shown.case.number}, which is here already.")
    assert made == []


@pytest.fixture
def scanned(node: Any, tmp_path: Path) -> Iterator[str]:
    """The id of a scan whose file names a patient, linked to a case of somebody of that name, sex unknown."""
    written = write_sdpc(tmp_path / "named.sdpc", picture(500, 700, seed=17), spacing_um=0.25)
    node.ingest(written.path)
    image = node.images[written.path.name]
    with open_parts(load_settings(node.data, {})) as parts:
        admin = parts.access.actor_for("admin")
        identity = Identity(str(SAMPLE_PERSON["name"]))
        shown = parts.cases.accession(
            admin, Accession((PartAsked("biopsy", "Antrum", (("H&E",),)),), identity)
        )
        parts.cases.linking.link(admin, image, shown.material[-1].identifier)
        yield image
        parts.cases.linking.unlink(admin, image, "the test is over")


def test_what_a_file_says_of_its_patient_is_compared_with_the_case_and_taken_over(
    open_page: OpenPage, scanned: str, violations: Violations
) -> None:
    page = open_page(f"/slides/{scanned}?panel=1")
    section = page.locator(".image-case")
    section.get_by_role("button", name="Compare the file with the case").click()
    expect(section.get_by_role("row", name="Name")).to_contain_text("agrees")
    expect(section.get_by_role("row", name="Sex")).to_contain_text("only in the file")
    assert violations(page) == []
    section.get_by_role("button", name="Copy to the case").click()
    expect(section.get_by_role("row", name="Sex")).to_contain_text("agrees")
    expect(section.get_by_role("button", name="Copy to the case")).to_have_count(0)
