"""The audit pages in a real browser: an auditor who also looks after quality, and a reader to look at."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, expect

VERIFIER = Path(__file__).parents[2] / "tools" / "hemalum-verify"
REASON = "Frozen section, nobody else could be reached"

type OpenAudit = Callable[..., Page]


@dataclass
class People:
    """The people of these tests."""

    node: Any
    tokens: dict[str, str]
    names: dict[str, str]

    def ask(self, who: str, method: str, path: str, body: Any = None) -> httpx.Response:
        headers = {"authorization": f"Bearer {self.tokens[who]}"}
        return httpx.request(method, self.node.url + path, headers=headers, json=body, timeout=30)

    def open(self, who: str, name: str) -> int:
        path = f"/api/slides/images/{self.node.images[name]}/openings"
        return self.ask(who, "POST", path, {}).status_code


@pytest.fixture(scope="module")
def people(node: Any) -> Iterator[People]:
    def token(name: str, *roles: str) -> str:
        given = [word for role in roles for word in ("--role", role)]
        node.command("person", "--data", str(node.data), *given, name)
        return str(node.command("token", "--data", str(node.data), "--user", name)).strip()

    names = {"auditor": "sun.auditor", "li": "li.wei", "leaver": "chen.gone"}
    tokens = {
        "auditor": token(names["auditor"], "auditor", "quality_manager"),
        "li": token(names["li"], "pathologist"),
        "leaver": token(names["leaver"], "pathologist"),
    }
    made = People(node, tokens, names)
    for name in ("lossless colon.tiff", "jpeg lung.tiff", "lossless colon.tiff"):
        assert made.open("li", name) == 201
    assert made.open("leaver", "jpeg lung.tiff") == 201
    protected = f"/api/slides/images/{node.images['deep pyramid.tiff']}"
    terms = {"restricted": True, "blinded": False, "consented": [], "refused": []}
    assert made.ask("auditor", "PUT", f"{protected}/terms", terms).status_code == 200
    for _ in range(6):
        assert made.open("li", "deep pyramid.tiff") in (403, 404)
    assert made.ask("li", "POST", f"{protected}/glass", {"reason": REASON}).status_code == 201
    yield made
    made.ask("auditor", "PUT", f"{protected}/terms", terms | {"restricted": False})


@pytest.fixture
def open_audit(people: People, browser: Browser, sign_in: Callable[[str], Any]) -> Iterator[OpenAudit]:
    """Opens a path of the app as one of the people; no error may show up in its console."""
    contexts, troubles = [], []

    def open_(path: str = "/audit", who: str = "auditor", allow: str = "\0", **options: Any) -> Page:
        options = {"viewport": {"width": 1440, "height": 860}, "locale": "en-GB"} | options
        options = {"service_workers": "block"} | options
        context = browser.new_context(storage_state=sign_in(people.names[who]), **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(30_000)

        def note(said: ConsoleMessage) -> None:
            if said.type == "error" and allow not in said.text:
                troubles.append(f"{said.text} {said.location['url']}")

        page.on("console", note)
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.goto(people.node.url + path)
        return page

    yield open_
    for context in contexts:
        context.close()
    assert troubles == []


def rows(page: Page) -> Locator:
    return page.locator(".row:not(.head)")


def panel(page: Page) -> Locator:
    return page.get_by_role("complementary", name="Selected entry")


def test_entries_are_searched_and_followed_by_keyboard(open_audit: OpenAudit, people: People) -> None:
    page = open_audit()
    expect(page).to_have_title("Audit · Hemalum")
    expect(rows(page).filter(has_text="li.wei").first).to_be_visible()
    page.get_by_role("combobox", name="Person").fill("li.w")
    page.get_by_role("option", name="li.wei").click()
    page.wait_for_url("**person=**")
    expect(rows(page).filter(has_text="chen.gone")).to_have_count(0)
    page.get_by_role("button", name="Outcome").click()
    page.get_by_role("option", name="Refused").click()
    expect(rows(page)).to_have_count(6)
    page.get_by_role("grid").focus()
    page.keyboard.press("Home")
    page.keyboard.press("j")
    expect(rows(page).nth(1)).to_have_attribute("aria-selected", "true")
    expect(panel(page)).to_contain_text("Slide opened")
    page.reload()
    expect(rows(page)).to_have_count(6)
    expect(panel(page)).to_contain_text("li.wei")
    page.get_by_role("button", name="Clear").click()
    page.wait_for_url(lambda url: "person=" not in url)


def test_a_day_without_entries_says_so(open_audit: OpenAudit, people: People) -> None:
    page = open_audit("/audit?from=2020-01-01&to=2020-01-02")
    expect(page.get_by_text("No entry matches.")).to_be_visible()
    page.goto(f"{people.node.url}/audit?from=2020-01-01")
    expect(rows(page).first).to_be_visible()


def test_an_entry_is_proved_to_a_third_party(open_audit: OpenAudit, people: People, tmp_path: Path) -> None:
    page = open_audit("/audit?action=slides.open&outcome=done")
    rows(page).first.click()
    files = []
    for name in ("Proof", "Entry"):
        with page.expect_download() as downloading:
            panel(page).get_by_role("link", name=name, exact=True).click()
        files.append(tmp_path / downloading.value.suggested_filename)
        downloading.value.save_as(files[-1])
    told = people.node.command("audit", "witnesses", "--data", str(people.node.data), "--json")
    key = json.loads(told)["keys"]["log"]
    command = [sys.executable, VERIFIER, "proof", files[0], "--log", key, "--entry", files[1]]
    assert subprocess.run(command, check=False).returncode == 0
    page.get_by_text("How it is checked").click()
    expect(panel(page)).to_contain_text("hemalum-verify proof entry-")


def test_who_saw_a_slide_is_a_step_from_the_slide(open_audit: OpenAudit, people: People) -> None:
    image = people.node.images["lossless colon.tiff"]
    page = open_audit(f"/slides/{image}")
    page.get_by_role("button", name="Panel").click()
    page.get_by_role("link", name="Who saw this slide").click()
    page.wait_for_url("**/audit?target=image**")
    life = page.get_by_role("region", name="Slide")
    expect(life.get_by_role("row").filter(has_text="li.wei")).to_contain_text("2")
    expect(life).to_contain_text("Slide taken in")
    whole = page.url
    life.get_by_role("button", name="li.wei").click()
    page.wait_for_url("**person=**")
    expect(rows(page)).to_have_count(2)
    # The list renders only the rows that fit: narrow it to the first act.
    page.goto(f"{whole}&action=slides.ingest")
    expect(rows(page).last).to_contain_text("Slide taken in")


def test_a_flag_is_looked_at_and_acknowledged(open_audit: OpenAudit) -> None:
    page = open_audit("/audit?tab=flags")
    flag = page.get_by_role("listitem").filter(has_text="Many refusals")
    expect(flag).to_contain_text("6 refusals in a row, at 1 different targets.")
    flag.get_by_role("button", name="Show the entries").click()
    page.wait_for_url("**flag=**")
    expect(rows(page)).to_have_count(6)
    page.go_back()
    expect(flag.get_by_role("button", name="Acknowledge")).to_be_disabled()
    flag.get_by_label("What became of it").fill("Looked for a slide that is protected")
    flag.get_by_role("button", name="Acknowledge").click()
    expect(flag).to_have_count(0)
    page.get_by_role("button", name="Which flags").click()
    page.get_by_role("option", name="All flags").click()
    expect(flag).to_contain_text("Acknowledged by sun.auditor")
    expect(flag).to_contain_text("Looked for a slide that is protected")


def test_an_emergency_is_reviewed(open_audit: OpenAudit) -> None:
    page = open_audit("/audit?tab=glass")
    glass = page.get_by_role("listitem").filter(has_text="deep pyramid.tiff")
    expect(glass).to_contain_text(REASON)
    glass.get_by_label("Remark on").fill("The surgeon confirms it")
    glass.get_by_role("button", name="Justified", exact=True).click()
    expect(glass).to_have_count(0)
    page.get_by_role("button", name="Which emergencies").click()
    page.get_by_role("option", name="All").click()
    expect(glass).to_contain_text("The surgeon confirms it")


def test_whoever_is_erased_is_erased_on_the_screen(open_audit: OpenAudit) -> None:
    page = open_audit("/audit?action=slides.open")
    rows(page).filter(has_text="chen.gone").first.click()
    panel(page).get_by_role("button", name="Erase this person").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Go on").click()
    erase = dialog.get_by_role("button", name="Erase for good")
    expect(erase).to_be_disabled()
    person = dialog.get_by_text("To erase, write").inner_text().rsplit(" ", 1)[1]
    dialog.get_by_role("textbox").fill(person)
    erase.click()
    expect(dialog).to_have_count(0)
    expect(panel(page)).to_contain_text("Erased")
    expect(rows(page).filter(has_text="chen.gone")).to_have_count(0)
    expect(rows(page).filter(has_text=f"Person {person[:10]}").first).to_be_visible()


def test_whoever_may_not_read_the_log_is_told_who_can_give_it(open_audit: OpenAudit) -> None:
    page = open_audit("/audit", "li")
    expect(page.get_by_text("Your role does not include reading the log.")).to_be_visible()
    expect(page.get_by_role("link", name="Audit", exact=True)).to_have_count(0)


@pytest.mark.parametrize("path", ["/audit", "/audit?tab=flags", "/audit?tab=glass"])
@pytest.mark.parametrize(("locale", "theme"), [("en-GB", "dark"), ("zh-CN", "light")])
def test_everybody_can_use_it(
    open_audit: OpenAudit, violations: Callable[[Page], list[str]], path: str, locale: str, theme: str
) -> None:
    page = open_audit(path, locale=locale)
    if theme == "light":
        page.get_by_role("button", name="切换到浅色").click()
    page.locator(".row:not(.head), .audit-card, .blank").first.wait_for()
    if path == "/audit":
        rows(page).first.click()
        page.locator(".preview h2").wait_for()
    assert violations(page) == []


def test_a_log_that_cannot_be_read_says_so(open_audit: OpenAudit) -> None:
    page = open_audit(allow="503")
    expect(rows(page).first).to_be_visible()
    failing = {"code": "log-failed", "template": "The log is closed.", "values": {}}
    page.route(
        "**/api/audit/entries?*",
        lambda route: route.fulfill(status=503, content_type="application/problem+json", json=failing),
    )
    page.get_by_role("button", name="Outcome").click()
    page.get_by_role("option", name="Failed").click()
    expect(page.get_by_role("alert")).to_contain_text("The log is closed.", timeout=60_000)
    page.unroute_all()
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("alert")).to_have_count(0)
