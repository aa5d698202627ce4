"""Accounts in a real browser: invitation, password, passkey, authenticator app, people, sessions."""

import base64
import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from hemalum.capabilities.access import totp
from tests.identity_provider import provider_of

type OpenPage = Callable[..., Page]
type Violations = Callable[[Page], list[str]]

PASSWORD = "a quiet morning in the laboratory"
REFUSED = "status of 4"
"""What Chromium writes to its console when the server turns a request down, which is what is tried here."""


def named(node: Any, path: str = "/") -> str:
    """An address by name: passkeys are bound to names, never to numbers."""
    return str(node.url).replace("127.0.0.1", "localhost") + path


def person(node: Any, name: str, *roles: str) -> None:
    given = [word for role in roles for word in ("--role", role)]
    node.command("person", "--data", str(node.data), *given, "--display-name", name.title(), name)


def come_in(node: Any, page: Page, name: str) -> None:
    """By a one-time link of the operator."""
    link = node.command("link", "--data", str(node.data), "--user", name, "--base", named(node, ""))
    page.goto(link.strip())
    expect(page.get_by_role("button", name=f"Signed in as {name.title()}")).to_be_visible()


def leave(page: Page) -> None:
    page.get_by_role("button", name="Signed in as").click()
    page.get_by_role("menuitem", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def sign_in(page: Page, name: str, password: str = PASSWORD) -> None:
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in").click()


@pytest.fixture
def visitor(open_page: OpenPage) -> Page:
    """A window of nobody, with an authenticator built in that always agrees."""
    page = open_page(signed_in=False, allow=REFUSED)
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return page


def test_somebody_invited_comes_in_and_comes_back(node: Any, open_page: OpenPage, visitor: Page) -> None:
    page = open_page("/people", allow=REFUSED)
    page.get_by_role("button", name="Add somebody").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name to show").fill("Li Na")
    dialog.get_by_label("Signs in as").fill("li.na")
    dialog.get_by_label("Pathologist", exact=True).check()
    dialog.get_by_role("button", name="Invite").click()
    link = dialog.get_by_label("Send this link to Li Na").input_value()
    page.keyboard.press("Escape")
    row = page.get_by_role("row").filter(has_text="li.na")
    expect(row).to_contain_text("Invited")

    visitor.goto(link)
    expect(visitor.get_by_role("heading", name="Welcome, Li Na")).to_be_visible()
    assert "#" not in visitor.url, "the code does not stay in the address"
    visitor.get_by_label("New password").fill("password1234")
    visitor.get_by_role("button", name="Set this password").click()
    expect(visitor.get_by_role("alert")).to_contain_text("too easy to guess")
    visitor.get_by_label("New password").fill(PASSWORD)
    visitor.get_by_role("button", name="Set this password").click()
    expect(visitor.get_by_role("button", name="Signed in as Li Na")).to_be_visible()

    leave(visitor)
    sign_in(visitor, "li.na", "not the right password")
    expect(visitor.get_by_role("alert")).to_have_text("The name or the password is wrong.")
    sign_in(visitor, "LI.NA")
    expect(visitor.get_by_role("button", name="Signed in as Li Na")).to_be_visible()
    visitor.goto(link)
    expect(visitor.get_by_role("alert")).to_contain_text("has been used or is too old")


def test_a_passkey_is_a_way_in_by_itself(node: Any, visitor: Page) -> None:
    person(node, "wang", "technician")
    come_in(node, visitor, "wang")
    visitor.goto(named(node, "/account"))
    visitor.get_by_role("button", name="Make a passkey").click()
    expect(visitor.get_by_text("Made on")).to_be_visible()
    leave(visitor)
    visitor.get_by_role("button", name="Use a passkey").click()
    expect(visitor.get_by_role("button", name="Signed in as Wang")).to_be_visible()
    visitor.goto(named(node, "/account"))
    expect(visitor.locator(".lines").filter(has_text="This one")).to_contain_text("passkey")
    visitor.get_by_role("button", name="Remove").click()
    expect(visitor.get_by_role("alert")).to_contain_text("This is your only way in")


def test_an_authenticator_app_is_asked_after_the_password(node: Any, visitor: Page) -> None:
    person(node, "chan", "researcher")
    come_in(node, visitor, "chan")
    visitor.goto(named(node, "/account"))
    visitor.get_by_role("button", name="Set a password").click()
    visitor.get_by_label("New password").fill(PASSWORD)
    visitor.get_by_role("button", name="Set this password").click()
    visitor.get_by_role("button", name="Set up an app").click()
    secret = base64.b32decode(visitor.locator(".secret").inner_text().replace(" ", ""))
    visitor.get_by_label("Code of the app").fill(totp.code_at(secret, int(time.time()) // totp.STEP_S))
    visitor.get_by_role("button", name="Confirm").click()
    expect(visitor.locator(".codes li")).to_have_count(10)
    codes = visitor.locator(".codes li").all_inner_texts()
    leave(visitor)
    sign_in(visitor, "chan")
    visitor.get_by_label("Code").fill("000000")
    visitor.get_by_role("button", name="Continue").click()
    expect(visitor.get_by_role("alert")).to_contain_text("This code is wrong")
    visitor.get_by_label("Code").fill(codes[3])
    visitor.get_by_role("button", name="Continue").click()
    expect(visitor.get_by_role("button", name="Signed in as Chan")).to_be_visible()


def test_too_many_failures_count_down(visitor: Page) -> None:
    for _ in range(5):
        sign_in(visitor, "nobody-of-that-name", "guess after guess")
        expect(visitor.get_by_role("alert")).to_have_text("The name or the password is wrong.")
    sign_in(visitor, "nobody-of-that-name", "guess after guess")
    alert = visitor.get_by_role("alert")
    expect(alert).to_have_text(re.compile(r"Wait 0:\d\d\."))
    expect(visitor.get_by_role("button", name="Sign in")).to_be_disabled()
    shown = alert.inner_text()
    expect(alert).not_to_have_text(shown)


def test_roles_groups_and_suspension_take_effect(node: Any, open_page: OpenPage, visitor: Page) -> None:
    person(node, "zhao", "student")
    come_in(node, visitor, "zhao")
    page = open_page("/people?q=zhao")
    page.get_by_role("button", name="Groups").click()
    page.get_by_label("New group").fill("Liver board")
    page.get_by_role("button", name="Add a group").click()
    expect(page.get_by_role("dialog").get_by_text("Liver board")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("row").filter(has_text="zhao").click()
    panel = page.get_by_role("complementary")
    panel.get_by_label("Student", exact=True).uncheck()
    panel.get_by_label("Lab technician", exact=True).check()
    panel.get_by_label("Lab technician until").fill("2035-12-31")
    panel.get_by_role("button", name="Save roles").click()
    expect(page.get_by_role("row").filter(has_text="zhao")).to_contain_text("Lab technician")
    panel.get_by_label("Liver board").click()
    expect(panel.get_by_label("Liver board")).to_be_checked()
    visitor.goto(named(node))
    expect(visitor.get_by_role("button", name="Add slides").first).to_be_visible()
    panel.get_by_role("button", name="Suspend").click()
    expect(page.get_by_role("row").filter(has_text="zhao")).to_contain_text("Suspended")
    visitor.goto(named(node))
    expect(visitor.get_by_role("heading", name="Sign in")).to_be_visible()


def test_why_one_does_not_come_to_another_organisation_is_said(
    node: Any, open_page: OpenPage, violations: Violations
) -> None:
    node.command("organisation", "--data", str(node.data), "--id", "east", "East Clinic")
    person(node, "wu", "student")
    node.command("person", "--data", str(node.data), "--role", "student", "--organisation", "east", "wu")
    page = open_page(signed_in=False, allow="Failed to load resource")
    come_in(node, page, "wu")
    page.route("**/api/access/me/organisation", lambda route: route.abort())
    page.get_by_role("button", name="Signed in as").click()
    page.get_by_role("menuitem", name="East Clinic").click()
    dialog = page.get_by_role("dialog", name="You do not act in East Clinic")
    expect(dialog.get_by_role("alert")).to_have_text("The server does not answer.")
    assert violations(page) == []
    page.unroute("**/api/access/me/organisation")
    with page.expect_navigation():
        dialog.get_by_role("button", name="Try again").click()
    page.get_by_role("button", name="Signed in as").click()
    expect(page.get_by_text("East Clinic")).to_be_visible()
    expect(page.get_by_role("menuitem", name="East Clinic")).to_have_count(0)


@pytest.fixture
def institution() -> Iterator[str]:
    """The address of an identity provider that is not ours."""
    somebody = {"sub": "ho", "name": "Ho Wai", "preferred_username": "ho.wai", "groups": ["pathology"]}
    with provider_of([somebody]) as address:
        yield address


def test_somebody_comes_by_their_university(
    open_page: OpenPage, node: Any, institution: str, violations: Violations
) -> None:
    page = open_page("/organisations", allow=REFUSED)
    page.get_by_role("button", name="Add an institution").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("City University")
    dialog.get_by_label("Issuer").fill(institution)
    dialog.get_by_label("Client id").fill("hemalum")
    dialog.get_by_role("button", name="Add a group").click()
    dialog.get_by_label("Group", exact=True).fill("pathology")
    assert violations(page) == []
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_be_hidden()
    page.get_by_role("button", name="Test").click()
    expect(page.get_by_role("status").filter(has_text="It answers")).to_be_visible()

    window = open_page("/?q=colon", signed_in=False, allow="")
    window.get_by_role("link", name="Continue with City University").click()
    window.get_by_role("button", name="Authorize as ho").click()
    expect(window.get_by_role("button", name="Signed in as Ho Wai")).to_be_visible()
    expect(window).to_have_url(f"{node.url}/?q=colon")
    window.get_by_role("button", name="Signed in as Ho Wai").click()
    window.get_by_role("menuitem", name="Sign out").click()
    window.wait_for_url(f"{institution}/oauth2/end_session*")
    window.goto(node.url)
    expect(window.get_by_role("heading", name="Sign in")).to_be_visible()
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_text("City University")).to_be_hidden()


def test_people_are_walked_through_by_keys(node: Any, open_page: OpenPage) -> None:
    for name in ("walker-a", "walker-b"):
        person(node, name, "student")
    page = open_page("/people?q=walker")
    page.get_by_role("row").filter(has_text="walker-a").click()
    expect(page.get_by_role("row", selected=True)).to_contain_text("walker-a")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("row", selected=True)).to_contain_text("walker-b")
    expect(page.get_by_role("complementary")).to_contain_text("walker-b")
    page.keyboard.press("ArrowUp")
    expect(page.get_by_role("row", selected=True)).to_contain_text("walker-a")


@pytest.mark.parametrize(("language", "theme"), [("en", "dark"), ("zh-CN", "light")])
@pytest.mark.parametrize("path", ["/account", "/people", "/organisations"])
def test_pages_are_for_everybody(
    open_page: OpenPage, violations: Violations, path: str, language: str, theme: str
) -> None:
    page = open_page(path, locale=language, theme=theme)
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    page.wait_for_load_state("networkidle")
    assert violations(page) == []
