"""Apps of others: who may register, open and let them, how they get tokens, and when those end."""

import base64
import hashlib
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from hemalum.capabilities.access.model import PersonKind, Role

from .conftest import RunningNode

_A = "/api/apps"
REDIRECT = "https://app.example/back"
VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
STATED = {
    "name": "Some app",
    "kind": "public",
    "scopes": [
        "openid",
        "fhirUser",
        "launch",
        "offline_access",
        "online_access",
        "patient/*.rs",
        "user/Task.rs",
    ],
    "redirects": [REDIRECT],
    "launch_at": "https://app.example/launch",
}
_numbers = count()


@dataclass
class Desk:
    """A browser of somebody who may read, and what they let a public app do."""

    node: RunningNode
    browser: httpx.Client
    patient_id: str
    client_id: str
    asked: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.asked = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": REDIRECT,
            "scope": "user/Task.rs",
            "state": "some state",
            "aud": f"{self.node.base}/fhir/R4",
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
        }

    def begin(self, **more: str) -> dict[str, str]:
        """Where a browser is sent by a request of the app, as what stands in that address."""
        sent = self.browser.get("/oauth/authorize", params=self.asked | more, follow_redirects=False)
        assert sent.status_code == 303, sent.text
        return told(sent.headers["location"])

    def let(self, **more: str) -> str:
        """A code, after the person allowed all of it."""
        ticket = self.begin(**more)["request"]
        scopes = [one["scope"] for one in self.show(ticket).json()["scopes"]]
        allowed = {"request": ticket, "scopes": scopes, "patient_id": self.patient_id}
        answer = self.browser.post(f"{_A}/requests/allow", json=allowed)
        assert answer.status_code == 200, answer.text
        back = told(answer.json()["continue_at"])
        assert back["state"] == "some state"
        return back["code"]

    def show(self, ticket: str) -> httpx.Response:
        return self.browser.post(f"{_A}/requests/show", json={"request": ticket})

    def redeem(self, code: str, **more: str) -> httpx.Response:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": REDIRECT,
            "client_id": self.client_id,
            "code_verifier": VERIFIER,
        }
        with self.node.browser() as app:
            return app.post("/oauth/token", data=form | more)

    def refresh(self, secret: str, **more: str) -> httpx.Response:
        form = {"grant_type": "refresh_token", "refresh_token": secret, "client_id": self.client_id}
        with self.node.browser() as app:
            return app.post("/oauth/token", data=form | more)

    def reads(self, token: str) -> int:
        with self.node.browser(authorization=f"Bearer {token}") as app:
            return app.get("/fhir/R4/Task").status_code


def told(address: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


@pytest.fixture(scope="module")
def desk(node: RunningNode) -> Iterator[Desk]:
    node.person("apps-reader", Role.PATHOLOGIST, Role.TECHNICIAN)
    with node.signed_in("chief") as chief:
        made = chief.post(_A, json=STATED)
    assert made.status_code == 201, made.text
    with node.signed_in("apps-reader") as browser:
        asked = {
            "parts": [{"organ": "Skin"}],
            "patient": {"name": "Nobody Lettoapps", "identifiers": [{"issuer": "Apps", "value": "AP-1"}]},
        }
        case = browser.post("/api/cases/cases", json=asked).json()
        yield Desk(node, browser, case["patient_id"], made.json()["id"])


# Who may ------------------------------------------------------------------------------------------------

SIGNED_IN = "signed in"
MANAGER = "apps.manage"
READER = "cases.view_patient"
NEEDED: dict[str, tuple[str, Any]] = {
    f"GET {_A}": (MANAGER, None),
    f"POST {_A}": (MANAGER, STATED),
    f"PUT {_A}/{{app_id}}": (MANAGER, STATED),
    f"POST {_A}/{{app_id}}/secret": (MANAGER, None),
    f"DELETE {_A}/{{app_id}}": (MANAGER, None),
    f"GET {_A}/launchable": (READER, None),
    f"POST {_A}/{{app_id}}/launches": (READER, {"patient_id": "nobody"}),
    f"GET {_A}/authorisations": (SIGNED_IN, None),
    f"DELETE {_A}/authorisations/{{authorisation_id}}": (SIGNED_IN, None),
    f"POST {_A}/requests/show": (SIGNED_IN, {"request": "none"}),
    f"POST {_A}/requests/allow": (SIGNED_IN, {"request": "none", "scopes": ["openid"]}),
    f"POST {_A}/requests/refuse": (SIGNED_IN, {"request": "none"}),
}
ANSWERS = {f"POST {_A}/{{app_id}}/secret": 409}
"""A public app has no secret."""


def ask(client: httpx.Client, key: str, app_id: str) -> int:
    method, _, path = key.partition(" ")
    filled = path.format(app_id=app_id, authorisation_id="none")
    return client.request(method, filled, json=NEEDED[key][1]).status_code


def test_every_endpoint_says_what_it_needs(node: RunningNode) -> None:
    with node.browser() as nobody:
        document = nobody.get("/api/openapi.json").json()
    listed = {f"{method.upper()} {path}" for path, methods in document["paths"].items() for method in methods}
    assert {each for each in listed if _A in each} == set(NEEDED)


def test_who_may_do_what(node: RunningNode, desk: Desk) -> None:
    with node.browser() as nobody, node.signed_in("student") as student, node.signed_in("outsider") as other:
        for key, (needed, _) in NEEDED.items():
            assert ask(nobody, key, desk.client_id) == 401, key
            if needed != SIGNED_IN:
                assert ask(student, key, desk.client_id) == 403, key
            if "{app_id}" in key or "requests" in key or "{authorisation_id}" in key:
                assert ask(other, key, desk.client_id) == 404, key
    with node.signed_in("chief") as chief:
        app = chief.post(_A, json=STATED).json()["id"]
        for key in (key for key, (needed, _) in NEEDED.items() if needed == MANAGER):
            status = ask(chief, key, app)
            assert status == ANSWERS[key] if key in ANSWERS else status < 400, key
        assert ask(chief, f"DELETE {_A}/{{app_id}}", app) == 404  # removed just now, the last of them
    assert ask(desk.browser, f"GET {_A}/launchable", "") == 200
    assert ask(desk.browser, f"GET {_A}/authorisations", "") == 200


@pytest.mark.parametrize(
    "wrong",
    [
        {"scopes": []},
        {"scopes": ["everything"]},
        {"scopes": ["system/*.rs"]},
        {"redirects": []},
        {"redirects": ["http://app.example/back"]},
        {"redirects": ["https://app.example/#part"]},
        {"redirects": ["javascript:alert(1)"]},
        {"name": " "},
        {"keys": "no keys"},
        {"kind": "confidential", "keys": '{"keys": [{"kty": "RSA", "n": "x", "e": "AQAB", "d": "x"}]}'},
        {"account": "nobody at all"},
    ],
)
def test_an_app_that_cannot_be_known_is_refused(node: RunningNode, wrong: dict[str, Any]) -> None:
    with node.signed_in("chief") as chief:
        assert chief.post(_A, json=STATED | wrong).status_code in (404, 422)


# Consent ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"aud": "https://elsewhere.example/fhir"}, "invalid_request"),
        ({"scope": "system/*.rs"}, "invalid_scope"),
        ({"scope": "user/Patient.rs"}, "invalid_scope"),
        ({"launch": "made up", "scope": "launch patient/*.rs"}, "invalid_request"),
        ({"state": ""}, "invalid_request"),
    ],
)
def test_an_app_is_told_why_not(desk: Desk, wrong: dict[str, str], error: str) -> None:
    back = desk.begin(**wrong)
    assert back["error"] == error
    assert "request" not in back


def test_nobody_is_sent_where_the_app_was_not_registered(desk: Desk) -> None:
    assert desk.begin(redirect_uri="https://evil.example/") == {"refused": "unknown-redirect"}
    assert desk.begin(client_id="nobody") == {"refused": "unknown-app"}


def test_the_person_may_refuse_and_choose(desk: Desk) -> None:
    ticket = desk.begin(scope="openid user/Task.rs patient/*.rs")["request"]
    shown = desk.show(ticket).json()
    assert (shown["app"], shown["goes_to"], shown["needs_patient"]) == ("Some app", "app.example", True)
    wider = {"request": ticket, "scopes": ["user/*.rs"]}
    assert desk.browser.post(f"{_A}/requests/allow", json=wider).status_code == 422
    nobody = {"request": ticket, "scopes": ["patient/*.rs"]}
    assert desk.browser.post(f"{_A}/requests/allow", json=nobody).status_code == 422
    unknown = nobody | {"patient_id": "nobody"}
    assert desk.browser.post(f"{_A}/requests/allow", json=unknown).status_code == 404
    refused = desk.browser.post(f"{_A}/requests/refuse", json={"request": ticket}).json()
    assert told(refused["continue_at"])["error"] == "access_denied"
    assert desk.show(ticket).status_code == 404


def test_only_a_browser_lets_an_app(node: RunningNode, desk: Desk) -> None:
    ticket = desk.begin()["request"]
    token = node.access.issue_token("apps-reader")
    with node.browser(authorization=f"Bearer {token}") as program:
        assert program.post(f"{_A}/requests/show", json={"request": ticket}).status_code == 403
    with node.signed_in("outsider") as outsider:
        assert outsider.post(f"{_A}/requests/show", json={"request": ticket}).status_code == 403


def test_an_app_opened_beside_a_patient_sees_that_patient(node: RunningNode, desk: Desk) -> None:
    opened = desk.browser.post(f"{_A}/{desk.client_id}/launches", json={"patient_id": desk.patient_id})
    stated = told(opened.json()["continue_at"])
    assert stated["iss"] == f"{node.base}/fhir/R4"
    ticket = desk.begin(scope="launch patient/*.rs", launch=stated["launch"])["request"]
    shown = desk.show(ticket).json()
    assert shown["patient"]["name"] == "Nobody Lettoapps"
    assert shown["needs_patient"] is False
    with node.signed_in("student") as student:
        assert student.post(f"{_A}/requests/show", json={"request": ticket}).status_code == 403
    # A launch is good once.
    assert "error" in desk.begin(scope="launch patient/*.rs", launch=stated["launch"])
    allowed = {"request": ticket, "scopes": ["launch", "patient/*.rs"]}
    answer = desk.browser.post(f"{_A}/requests/allow", json=allowed).json()
    made = desk.redeem(told(answer["continue_at"])["code"]).json()
    assert made["patient"] == desk.patient_id


# Tokens -------------------------------------------------------------------------------------------------


def test_a_code_is_good_once_and_ends_all_when_it_comes_again(desk: Desk) -> None:
    code = desk.let(scope="user/Task.rs offline_access")
    first = desk.redeem(code)
    assert first.status_code == 200, first.text
    assert first.headers["cache-control"] == "no-store"
    assert desk.reads(first.json()["access_token"]) == 200
    again = desk.redeem(code)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    assert desk.reads(first.json()["access_token"]) == 401
    assert desk.refresh(first.json()["refresh_token"]).status_code == 400


@pytest.mark.parametrize("wrong", [{"code_verifier": "w" * 43}, {"redirect_uri": "https://app.example/"}])
def test_a_code_is_good_for_who_asked(desk: Desk, wrong: dict[str, str]) -> None:
    assert desk.redeem(desk.let(), **wrong).json()["error"] == "invalid_grant"


def test_refresh_tokens_rotate_and_one_that_was_spent_ends_all(desk: Desk) -> None:
    made = desk.redeem(desk.let(scope="user/Task.rs openid offline_access")).json()
    newer = desk.refresh(made["refresh_token"], scope="user/Task.r").json()
    assert newer["scope"] == "user/Task.r"
    assert desk.reads(made["access_token"]) == 401
    # By this scope nothing is searched.
    assert desk.reads(newer["access_token"]) == 403
    assert desk.refresh(made["refresh_token"]).json()["error"] == "invalid_grant"
    assert desk.reads(newer["access_token"]) == 401
    assert desk.refresh(newer["refresh_token"]).json()["error"] == "invalid_grant"


def test_who_the_person_is_is_signed(node: RunningNode, desk: Desk) -> None:
    made = desk.redeem(desk.let(scope="openid fhirUser user/Task.rs", nonce="once")).json()
    with node.browser() as app:
        keys = KeySet.import_key_set(app.get("/oauth/keys").json())
    claims = jwt.decode(made["id_token"], keys, algorithms=["RS256"]).claims
    assert (claims["iss"], claims["aud"], claims["nonce"]) == (node.base, desk.client_id, "once")
    assert claims["fhirUser"].startswith(f"{node.base}/fhir/R4/Practitioner/")


def test_what_is_not_to_last_ends_with_the_session(node: RunningNode) -> None:
    node.person("apps-leaver", Role.PATHOLOGIST)
    with node.signed_in("chief") as chief:
        client_id = chief.post(_A, json=STATED).json()["id"]
    with node.signed_in("apps-leaver") as browser:
        desk = Desk(node, browser, "", client_id)
        short = desk.redeem(desk.let(scope="user/Task.rs online_access")).json()
        lasting = desk.redeem(desk.let(scope="user/Task.rs offline_access")).json()
        assert desk.reads(short["access_token"]) == 200
        assert browser.post("/api/access/sign-out").status_code == 200
    assert desk.reads(short["access_token"]) == 401
    assert desk.refresh(short["refresh_token"]).json()["error"] == "invalid_grant"
    assert desk.reads(lasting["access_token"]) == 200
    with node.signed_in("chief") as chief:
        assert chief.delete(f"{_A}/{client_id}").status_code == 204
    assert desk.reads(lasting["access_token"]) == 401


def test_roles_still_decide(node: RunningNode) -> None:
    """A student may not see cases, whatever they let an app do."""
    with node.signed_in("chief") as chief:
        client_id = chief.post(_A, json=STATED).json()["id"]
    with node.signed_in("student") as browser:
        desk = Desk(node, browser, "", client_id)
        made = desk.redeem(desk.let()).json()
        assert made["scope"] == "user/Task.rs"
        assert desk.reads(made["access_token"]) == 403


def test_an_app_with_a_secret_looks_its_token_up_and_gives_it_back(node: RunningNode, desk: Desk) -> None:
    with node.signed_in("chief") as chief:
        made = chief.post(_A, json=STATED | {"kind": "confidential"}).json()
        renewed = chief.post(f"{_A}/{made['id']}/secret").json()["secret"]
    own = Desk(node, desk.browser, desk.patient_id, made["id"])
    code = own.let(scope="user/Task.rs offline_access")
    assert own.redeem(code).json()["error"] == "invalid_client"
    assert own.redeem(code, client_secret=made["secret"]).json()["error"] == "invalid_client"
    token = own.redeem(code, client_secret=renewed).json()
    basic = httpx.BasicAuth(made["id"], renewed)
    with node.browser() as app:
        shown = {"token": token["access_token"]}
        assert app.post("/oauth/introspect", data=shown | {"client_id": desk.client_id}).status_code == 401
        active = app.post("/oauth/introspect", data=shown, auth=basic).json()
        assert (active["active"], active["scope"]) == (True, "offline_access user/Task.rs")
        others = desk.redeem(desk.let()).json()["access_token"]
        assert app.post("/oauth/introspect", data={"token": others}, auth=basic).json() == {"active": False}
        assert app.post("/oauth/revoke", data={"token": others}, auth=basic).status_code == 200
        assert own.reads(others) == 200
        refresh = {"token": token["refresh_token"]}
        assert app.post("/oauth/revoke", data=refresh, auth=basic).status_code == 200
        assert app.post("/oauth/introspect", data=shown, auth=basic).json() == {"active": False}
    assert own.reads(token["access_token"]) == 401


def test_a_service_shows_who_it_is_by_its_key(node: RunningNode) -> None:
    with node.signed_in("chief") as chief:
        number = next(_numbers)
        service = {"name": f"robot{number}", "display_name": "A robot", "roles": ["technician"]}
        added = chief.post("/api/access/people", json=service | {"kind": PersonKind.SERVICE.value})
        assert added.status_code == 201, added.text
        key = ECKey.generate_key("P-384", {"kid": "1", "alg": "ES384"})
        public = {"keys": [key.as_dict(private=False)]}
        stated = {
            "name": "A robot's app",
            "kind": "confidential",
            "scopes": ["system/Task.rs"],
            "keys": httpx.Request("POST", "http://x", json=public).content.decode(),
            "account": service["name"],
        }
        made = chief.post(_A, json=stated)
        assert made.status_code == 201, made.text
        assert made.json()["secret"] is None
    client_id = made.json()["id"]
    now = int(time.time())
    claims = {
        "iss": client_id,
        "sub": client_id,
        "aud": f"{node.base}/oauth/token",
        "exp": now + 240,
        "jti": f"j{number}",
    }

    def form(**other: Any) -> dict[str, str]:
        return {
            "grant_type": "client_credentials",
            "scope": "system/*.rs",
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": jwt.encode(
                {"alg": "ES384", "kid": "1"}, claims | other, key, algorithms=["ES384"]
            ),
        }

    with node.browser() as app:
        answer = app.post("/oauth/token", data=form())
        assert answer.status_code == 200, answer.text
        token = answer.json()
        assert (token["scope"], token["expires_in"]) == ("system/Task.rs", 300)
        assert "refresh_token" not in token
        again = app.post("/oauth/token", data=form())
        assert (again.status_code, again.json()["error"]) == (401, "invalid_client")
        for wrong in (
            {"exp": now - 600},
            {"exp": now + 3600},
            {"aud": "https://elsewhere.example"},
            {"iss": "me"},
        ):
            refused = app.post("/oauth/token", data=form(jti=f"k{next(_numbers)}", **wrong))
            assert refused.json()["error"] == "invalid_client"
        bearer = {"authorization": f"Bearer {token['access_token']}"}
        assert app.get("/fhir/R4/Task", headers=bearer).status_code == 200
        assert app.get("/fhir/R4/Specimen", headers=bearer).status_code == 403
        export = bearer | {"prefer": "respond-async"}
        assert app.get("/fhir/R4/$export", headers=export).status_code == 403


def test_grants_and_uses_stand_in_the_log(node: RunningNode, desk: Desk) -> None:
    made = desk.redeem(desk.let()).json()
    assert desk.reads(made["access_token"]) == 200
    node.person("apps-auditor", Role.AUDITOR)
    with node.signed_in("apps-auditor") as auditor:
        entries = auditor.get("/api/audit/entries", params={"limit": 200}).json()["entries"]
    seen = {one["action"] for one in entries if one["action"].startswith("apps.")}
    assert {"apps.authorise", "apps.token", "apps.use"} <= seen
