"""An application of others is registered, asks, and is let: for one patient, and what was chosen."""

import base64
import hashlib
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
from playwright.sync_api import Page, expect

from .waiting import eventually

type OpenPage = Callable[..., Page]

VERIFIER = "browser" * 7
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
PATIENT = "Nobody Letinbrowser"


def test_an_app_is_registered_and_let_for_one_patient(node: Any, open_page: OpenPage) -> None:
    page = open_page("/apps")
    order = {
        "parts": [{"organ": "Skin"}],
        "patient": {"name": PATIENT, "identifiers": [{"issuer": "Register", "value": "E2E-APP-1"}]},
    }
    made = page.context.request.post(f"{node.url}/api/cases/cases", data=order, headers={"x-hemalum": "1"})
    assert made.status == 201, made.text()
    page.get_by_role("button", name="Register an application").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name", exact=True).fill("Ward board")
    dialog.get_by_label("What it may ask for").fill("launch/patient patient/*.rs offline_access")
    dialog.get_by_label("Where browsers are sent back to").fill(f"{node.url}/api/health")
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_label("Its secret is shown this once.")).to_be_visible()
    secret = page.get_by_label("Its secret is shown this once.").input_value()
    client_id = page.get_by_role("dialog").locator(".mono.secret").inner_text()
    page.keyboard.press("Escape")

    asked = {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": f"{node.url}/api/health",
        "scope": "launch/patient patient/*.rs offline_access",
        "state": "s1",
        "aud": f"{node.url}/fhir/R4",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    }
    page.goto(f"{node.url}/oauth/authorize?{urlencode(asked)}")
    expect(page.get_by_role("heading", name="Ward board asks for access")).to_be_visible()
    expect(page.get_by_role("button", name="Allow", exact=True)).to_be_disabled()
    page.get_by_label("go on after you sign out").uncheck()
    page.get_by_label("Number of the patient").fill("E2E-APP-1")
    page.get_by_role("button", name="Find").click()
    page.get_by_label(PATIENT).check()
    page.get_by_role("button", name="Allow", exact=True).click()
    assert eventually(page, lambda: "/api/health" in page.url)
    back = parse_qs(urlsplit(page.url).query)
    form = {
        "grant_type": "authorization_code",
        "code": back["code"][0],
        "redirect_uri": f"{node.url}/api/health",
        "code_verifier": VERIFIER,
    }
    with httpx.Client(base_url=node.url) as app:
        token = app.post("/oauth/token", data=form, auth=(client_id, secret)).json()
    assert token["scope"] == "launch/patient patient/*.rs"
    assert token["patient"]
    assert "refresh_token" not in token

    page.goto(f"{node.url}/account")
    expect(page.get_by_text("Ward board")).to_be_visible()
    page.get_by_role("button", name="End", exact=True).click()
    expect(page.get_by_text("Ward board")).to_be_hidden()
