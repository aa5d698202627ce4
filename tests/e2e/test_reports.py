"""A report from the first key to a signed amendment, beside the slide; whose it is stays on the screen."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from hemalum.app.node import open_parts
from hemalum.capabilities.cases.accessioning import Accession, PartAsked
from hemalum.capabilities.cases.model import Identity, PatientIdentifier
from hemalum.runtime.settings import load_settings

from .drawing import OpenSlide, People, drag, look
from .waiting import eventually

Violations = Callable[[Page], list[str]]

PASSWORD = "nine drops of haematoxylin"


@dataclass
class ReadCase:
    """A case whose one slide is on the screen."""

    id: str
    image: str


@pytest.fixture
def read_case(node: Any, slide: str) -> ReadCase:
    """A stomach biopsy with one scan, ready to be read."""
    with open_parts(load_settings(node.data, {})) as parts:
        admin = parts.access.actor_for("admin")
        identity = Identity("Nobody, Carla", identifiers=(PatientIdentifier("Register", slide[:12]),))
        part = PartAsked("stomach biopsy", "Stomach", (("H&E",),))
        shown = parts.cases.accession(admin, Accession((part,), identity))
        place = next(piece.identifier for piece in shown.material if piece.kind == "slide")
        parts.cases.linking.link(admin, slide, place)
    return ReadCase(shown.case.id, slide)


@pytest.fixture
def open_page_of(browser: Browser, sign_in: Callable[[str], Any]) -> Iterator[Callable[[str], Page]]:
    """Opens a Chinese window of somebody, still empty."""
    contexts = []

    def open_(name: str) -> Page:
        state = sign_in(name)
        contexts.append(browser.new_context(storage_state=state, locale="zh-CN", service_workers="block"))
        return contexts[-1].new_page()

    yield open_
    for context in contexts:
        context.close()


def report_of(people: People, case: ReadCase, who: str = "li") -> dict[str, Any]:
    found: dict[str, Any] = people.ask(who, "GET", f"/api/reports/cases/{case.id}")
    return found


def saved(pane: Locator) -> None:
    expect(pane.locator(".save-state")).to_have_text(re.compile("^(Saved|已保存)"))


def write_by_keys(page: Page, pane: Locator) -> None:
    """Antrum and body, three fragments, gastritis with all that it asks, a grade computed, no more."""
    pane.get_by_role("checkbox", name="Cardia").focus()
    for key in ("2", "4", "Enter", "3", "Enter"):
        page.keyboard.press(key)
    expect(pane.get_by_role("group", name="Activity")).to_have_count(0)
    page.keyboard.press("2")
    expect(pane.get_by_role("radio", name="Gastritis", exact=True)).to_be_checked()
    expect(pane.get_by_role("group", name="Activity")).to_be_visible()
    for key in ("Enter", "2", "Enter", "3", "Enter", "2", "Enter", "2"):
        page.keyboard.press(key)
    expect(pane.locator(".question.computed output")).to_have_text("I")
    expect(pane.locator(".question.computed")).to_contain_text("Gut 2007")


def agree_as_second(page: Page, people: People, case: ReadCase) -> None:
    """Read it on the page of the case in Chinese, sign it as a second person, take the print along."""
    page.goto(f"{people.node.url}/cases/{case.id}")
    page.get_by_role("button", name="打开报告").click()
    report = page.get_by_role("region", name="报告", exact=True)
    expect(report).to_contain_text("Chronic gastritis with atrophy.")
    expect(report.get_by_label("病理诊断", exact=True)).to_have_count(0)
    report.get_by_role("button", name="双签……").click()
    page.get_by_role("dialog").get_by_role("button", name="双签第").click()
    expect(report).to_contain_text("chan.draws 双签")
    with page.expect_download() as downloading:
        report.get_by_role("button", name="中文 PDF").click()
    content = Path(downloading.value.path()).read_bytes()
    assert content.startswith(b"%PDF-")
    assert "Nobody" not in downloading.value.suggested_filename


def test_a_report_is_written_by_keys_signed_and_amended(
    open_slide: OpenSlide,
    open_page_of: Callable[[str], Page],
    people: People,
    read_case: ReadCase,
    violations: Violations,
) -> None:
    page = open_slide(read_case.image)
    page.request.put(
        f"{people.node.url}/api/access/account/password",
        data={"current": None, "password": PASSWORD},
        headers={"x-hemalum": "1"},
    )
    look(page)
    page.locator(".slide-region").focus()
    page.keyboard.press("Alt+r")
    pane = page.get_by_role("complementary", name="Report of the case")
    pane.get_by_role("group", name="Templates that fit").get_by_role("button", name="Stomach, biopsy").click()
    write_by_keys(page, pane)
    saved(pane)
    values = report_of(people, read_case)["current"]["content"]["values"]
    assert values["sites"] == ["body", "antrum"]
    assert (values["fragments"], values["finding"], values["activity"]) == (3, "gastritis", "degree_1")

    # What is on the screen supports it, and leads back there.
    page.locator(".slide-region").focus()
    page.keyboard.press("l")
    drag(page, (900, 650), (1300, 950))
    page.keyboard.press("m")
    # The server measures the line; only then is there a figure to point at.
    marks = people.marks
    assert eventually(page, lambda: any(one["measured"]["length_um"] for one in marks(read_case.image)))
    diagnosis = pane.get_by_label("Diagnosis", exact=True)
    diagnosis.fill("Chronic gastritis.")
    pane.get_by_role("button", name=re.compile("^Point at Line")).click()
    supports = pane.get_by_role("list", name="Supported by")
    expect(supports).to_contain_text("250")
    pane.get_by_role("button", name="Picture of this view").click()
    expect(pane.locator(".picture img")).to_have_js_property("complete", value=True)
    page.evaluate("() => window.hemalumViews.get('').fit(true)")
    whole = page.evaluate("() => window.hemalumViews.get('').pose(true).z")
    supports.get_by_role("button").first.click()
    assert eventually(page, lambda: page.evaluate("() => window.hemalumViews.get('').pose(true).z") < whole)
    assert violations(page) == []

    # A signature needs all that is required, and then the password; Enter gives none.
    pane.get_by_role("button", name="Hand over as preliminary").click()
    expect(pane.locator(".report-head .standing")).to_have_text("Preliminary")
    pane.get_by_role("button", name="Sign …").click()
    dialog = page.get_by_role("dialog", name="Sign the report")
    expect(dialog).to_contain_text("Chronic gastritis.")
    expect(dialog).to_contain_text("To be stated: Helicobacter")
    expect(dialog.get_by_role("button", name="Sign version")).to_be_disabled()
    page.keyboard.press("Escape")
    pane.get_by_role("group", name="Helicobacter required").get_by_role("radio").first.focus()
    page.keyboard.press("1")
    saved(pane)
    pane.get_by_role("button", name="Sign …").click()
    dialog.get_by_label("Your password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(dialog).to_be_visible()
    assert violations(page) == []
    dialog.get_by_role("button", name="Sign version").click()
    expect(pane.locator(".report-head .standing")).to_contain_text("Signed")
    expect(diagnosis).to_have_count(0)
    signed = report_of(people, read_case)["current"]
    assert signed["status"] == "final"

    # An amendment that was begun by mistake is given up, and what was signed stands.
    pane.get_by_role("button", name="Amend …").click()
    page.get_by_role("dialog").get_by_label("Reason").fill("Wrong case")
    page.get_by_role("dialog").get_by_role("button", name="Begin another version").click()
    pane.get_by_role("button", name="Withdraw the amendment …").click()
    withdrawing = page.get_by_role("dialog", name="Withdraw the amendment")
    expect(withdrawing).to_contain_text(f"Version {signed['number']} stands again")
    expect(withdrawing.get_by_role("button", name="Withdraw it")).to_be_disabled()
    withdrawing.get_by_label("Reason").fill("Begun by mistake")
    assert violations(page) == []
    withdrawing.get_by_role("button", name="Withdraw it").click()
    expect(diagnosis).to_have_count(0)
    assert report_of(people, read_case)["current"]["sha256"] == signed["sha256"]
    pane.get_by_role("button", name="Versions").click()
    expect(page.get_by_role("dialog", name="Versions")).to_contain_text("Amendment withdrawn")
    page.keyboard.press("Escape")

    # A signed report is never changed: another version is begun, with a reason, and signed in its turn.
    pane.get_by_role("button", name="Amend …").click()
    page.get_by_role("dialog").get_by_label("Reason").fill("A special stain came in")
    page.get_by_role("dialog").get_by_role("button", name="Begin another version").click()
    expect(pane.locator(".report-head")).to_contain_text("stands until this one is signed")
    diagnosis.fill("Chronic gastritis with atrophy.")
    saved(pane)
    pane.get_by_role("button", name="Sign …").click()
    dialog.get_by_label("Your password").fill(PASSWORD)
    dialog.get_by_role("button", name="Sign version").click()
    expect(pane.locator(".report-head .standing")).to_contain_text("with addendum")
    pane.get_by_role("button", name="Versions").click()
    versions = page.get_by_role("dialog", name="Versions")
    expect(versions.locator(".version.signed")).to_have_count(2)
    expect(versions).to_contain_text("A special stain came in")
    versions.get_by_role("button", name=f"Changes since version {signed['number'] + 2}").click()
    expect(versions.locator(".difference ins")).to_contain_text("atrophy")
    agree_as_second(open_page_of("chan.draws"), people, read_case)
    for place in (page.title(), page.evaluate("() => JSON.stringify([localStorage, sessionStorage])")):
        assert "gastritis" not in place


def test_two_people_write_and_a_connection_is_lost(
    open_slide: OpenSlide, people: People, read_case: ReadCase, violations: Violations
) -> None:
    page = open_slide(
        read_case.image,
        "?report=1",
        allow="409|ERR_INTERNET|Failed to load",
        locale="zh-CN",
        color_scheme="light",
    )
    pane = page.get_by_role("complementary", name="病例报告")
    diagnosis = pane.get_by_label("病理诊断", exact=True)
    diagnosis.fill("慢性胃炎。")
    saved(pane)
    path = f"/api/reports/cases/{read_case.id}/versions"
    theirs = {"sections": {"diagnosis": "胃癌？"}}
    people.ask("chan", "POST", path, {"based_on": 1, "content": theirs, "language": "zh"})
    diagnosis.fill("慢性萎缩性胃炎。")
    conflict = pane.get_by_role("alert", name="两个版本")
    expect(conflict).to_contain_text("胃癌？")
    expect(conflict).to_contain_text("慢性萎缩性胃炎。")
    assert violations(page) == []
    conflict.get_by_role("button", name="保留我的").click()
    saved(pane)
    assert report_of(people, read_case)["current"]["content"]["sections"]["diagnosis"] == "慢性萎缩性胃炎。"

    page.context.set_offline(True)
    diagnosis.fill("慢性萎缩性胃炎，轻度。")
    expect(pane.locator(".save-state")).to_contain_text("服务器无响应")
    expect(page.locator(".bars")).to_contain_text("1")
    page.context.set_offline(False)
    saved(pane)
    current = report_of(people, read_case)["current"]
    assert current["content"]["sections"]["diagnosis"] == "慢性萎缩性胃炎，轻度。"
    pane.get_by_role("button", name="危急值……").click()
    page.get_by_label("须立即告知的内容").fill("疑为淋巴瘤")
    page.get_by_role("button", name="登记").click()
    pane.get_by_role("button", name="记录通知").click()
    page.get_by_label("通知对象").fill("吴医师，三病区")
    page.get_by_label("已通知到本人").check()
    page.get_by_label("对方复述的内容").fill("疑为淋巴瘤，明白")
    # The call is kept and what was read back is not: saving again writes no second call.
    refusal = {"status": 409, "json": {"code": "conflict", "title": "Not now"}}
    page.route("**/acknowledgement", lambda route: route.fulfill(**refusal), times=1)
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("dialog").get_by_role("alert")).to_be_visible()
    page.get_by_role("button", name="保存").click()
    expect(pane.locator(".critical-result")).to_contain_text("已复述确认")
    expect(pane.locator(".critical-result > .second", has_text="吴医师")).to_have_count(1)


def found(name: str, kind: str, **stated: Any) -> dict[str, Any]:
    return {"id": name, "name": name, "kind": kind, "model": {"name": "gastro", "version": "4"}} | stated


def test_what_a_model_found_is_taken_on_or_rejected_by_keys(
    open_slide: OpenSlide, people: People, read_case: ReadCase, violations: Violations
) -> None:
    region = {"x_um": 100, "y_um": 100, "width_um": 80, "height_um": 60}
    place = {"kind": "region", "image_id": read_case.image, "region": region}
    findings = [
        found("diagnosis", "class", label="gastritis", probability=0.97, supports=[place]),
        found("tissue_fragments", "count", number=1),
        found("activity", "class", label="1", probability=0.81),
        found("chronic_inflammation", "class", label="2", probability=0.88),
        found("helicobacter", "presence", has_abstained=True, why="too few foci"),
    ]
    handed = {"id": "run-1", "findings": findings}
    path = f"/api/reports/cases/{read_case.id}/findings"
    assert people.ask("chan", "POST", path, handed)["wording"] == "grammar"
    page = open_slide(read_case.image, "?report=1")
    pane = page.get_by_role("complementary", name="Report of the case")
    drafted = pane.get_by_role("region", name="Draft from findings")
    expect(drafted).to_contain_text("gastro 4, handed in by")
    expect(drafted).to_contain_text("Helicobacter: the model abstained · It says: too few foci")
    expect(pane.locator(".report-head .standing")).to_have_text("AI draft")
    expect(pane.locator("[data-field='element/helicobacter']")).to_contain_text("The model abstained")
    fragments = pane.locator("[data-field='element/fragments']")
    expect(fragments).to_contain_text("tissue_fragments: 1")
    finding = pane.locator("[data-field='element/finding']")
    expect(finding.get_by_role("button", name=re.compile("^Accept .*Alt \\+ A"))).to_be_visible()
    assert violations(page) == []
    finding.get_by_role("radio").first.focus()
    page.keyboard.press("Alt+a")
    expect(finding).to_contain_text("AI, accepted")
    fragments.get_by_role("textbox").focus()
    page.keyboard.press("Alt+x")
    expect(fragments).to_contain_text("Rejected")
    expect(fragments.get_by_role("textbox")).to_have_value("")
    page.keyboard.press("Alt+Shift+a")
    expect(drafted.get_by_role("button", name=re.compile("^Accept"))).to_have_count(0)
    saved(pane)
    content = report_of(people, read_case)["current"]["content"]
    assert (content["values"]["activity"], "fragments" in content["values"]) == ("degree_1", False)
    models = [one for one in content["statements"] if one["source"]["kind"] == "model"]
    assert {one["subject"] for one in models if not one["is_accepted"]} == {"element/helicobacter"}


def test_what_a_model_found_is_gone_through_on_the_slide(
    open_slide: OpenSlide, people: People, read_case: ReadCase, violations: Violations
) -> None:
    def at(y_um: float) -> dict[str, Any]:
        region = {"x_um": 200, "y_um": y_um, "width_um": 90, "height_um": 60}
        return {"kind": "region", "image_id": read_case.image, "region": region}

    findings = [
        found("diagnosis", "class", label="gastritis", probability=0.97, supports=[at(600)]),
        found("tissue_fragments", "count", number=2, supports=[at(500), at(100)]),
    ]
    handed = {"id": "run-3", "findings": findings}
    people.ask("chan", "POST", f"/api/reports/cases/{read_case.id}/findings", handed)
    page = open_slide(read_case.image, "?report=1")
    pane = page.get_by_role("complementary", name="Report of the case")
    fragments, finding = (pane.locator(f"[data-field='element/{name}']") for name in ("fragments", "finding"))
    expect(finding).to_contain_text("gastro 4 · extremely likely, 97")
    marks = page.locator(".finding-marks g")
    expect(marks).to_have_count(0)
    page.locator(".slide-region").focus()

    def middle() -> float:
        pose: dict[str, float] = page.evaluate("() => window.hemalumViews.get('').pose(false)")
        return round(pose["y"])

    # From top to bottom, whatever is said of it; all places of the statement at hand are outlined.
    for key, y_um, field, count in (
        ("n", 130, fragments, 2),
        ("n", 530, fragments, 2),
        ("n", 630, finding, 1),
    ):
        page.keyboard.press(key)
        assert eventually(page, lambda y_um=y_um: middle() == y_um)
        expect(field).to_have_class(re.compile("at-hand"))
        expect(marks).to_have_count(count)
    assert violations(page) == []
    page.keyboard.press("Alt+a")
    expect(finding).to_contain_text("AI, accepted")
    expect(marks).to_have_count(0)
    page.keyboard.press("Shift+n")
    assert eventually(page, lambda: middle() == 530)
    page.keyboard.press("Alt+c")
    expect(fragments.get_by_role("textbox")).to_be_focused()
    page.keyboard.press("Alt+n")
    assert eventually(page, lambda: middle() == 130)
    page.locator(".slide-region").focus()
    page.keyboard.press("Alt+x")
    expect(fragments).to_contain_text("Rejected")
    saved(pane)
    values = report_of(people, read_case)["current"]["content"]["values"]
    assert (values["finding"], "fragments" in values) == ("gastritis", False)


def test_what_a_model_has_to_say_waits_until_one_asks(
    open_slide: OpenSlide, people: People, read_case: ReadCase, violations: Violations
) -> None:
    """A model in clinical use stands in here as the program that hands its findings in when it is asked."""
    handed = {"id": "run-2", "findings": [found("tissue_fragments", "count", number=3)]}
    offer = {"version_id": "v", "model_version": "4", "name": "Gastro", "name_zh": "胃", "slides": 1}
    offer |= {"purpose": "Counts fragments of biopsies.", "purpose_zh": "计数活检组织块。"}
    asked: list[str] = []

    def answer(route: Route) -> None:
        if route.request.method == "POST":
            people.ask("chan", "POST", f"/api/reports/cases/{read_case.id}/findings", handed)
            asked.append(route.request.url)
            route.fulfill(json=offer | {"is_revealed": True})
        else:
            route.fulfill(json=[offer | {"is_revealed": bool(asked)}])

    page = open_slide(read_case.image)
    page.route(re.compile("/api/inference/cases/.*/findings"), answer)
    page.goto(f"{people.node.url}/slides/{read_case.image}?report=1")
    pane = page.get_by_role("complementary", name="Report of the case")
    offered = pane.get_by_role("region", name="Models have findings")
    expect(offered).to_contain_text("Gastro 4, on 1 slide")
    expect(offered).to_contain_text("Counts fragments of biopsies.")
    expect(pane.get_by_role("region", name="Draft from findings")).to_have_count(0)
    assert violations(page) == []
    offered.get_by_role("button", name="Show and draft").click()
    expect(offered).to_have_count(0)
    drafted = pane.get_by_role("region", name="Draft from findings")
    expect(drafted).to_contain_text("gastro 4, handed in by")
    expect(drafted).to_contain_text("Gastro 4, made for: Counts fragments of biopsies.")
    expect(pane.locator("[data-field='element/fragments']")).to_contain_text("tissue_fragments: 3")
    assert len(asked) == 1
