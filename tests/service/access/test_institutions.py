"""Signing in by way of a real OpenID provider (oidc-provider-mock) in a process of its own."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.identity_provider import provider_of

_A = "/api/access"
PEOPLE = [
    {"sub": "ho", "name": "何慧", "preferred_username": "ho.wai", "groups": ["pathology", "everybody"]},
    {"sub": "visitor", "name": "A visitor", "groups": ["everybody"]},
]


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    """The address of a provider that knows a few people."""
    with provider_of(PEOPLE, "-r", "true", "-n", "true") as address:
        yield address


@pytest.fixture(scope="module")
def provider(node: Any, issuer: str) -> dict[str, Any]:
    """The institution in the node's settings, under a client that the provider registered."""
    back = f"{node.base}{_A}/institutions/callback"
    registered = httpx.post(f"{issuer}/oauth2/clients", json={"redirect_uris": [back]}).json()
    stated = {
        "name": "City University",
        "issuer": issuer,
        "client_id": registered["client_id"],
        "client_secret": registered["client_secret"],
        "rules": [{"group": "pathology", "organisation_id": "home", "role": "pathologist"}],
    }
    with node.signed_in("admin") as admin:
        made: dict[str, Any] = admin.post(f"{_A}/providers", json=stated).json()
        assert made["has_client_secret"]
        assert "client_secret" not in made
        assert admin.post(f"{_A}/providers/{made['id']}/test").status_code == 204
    return made


def set_out(client: httpx.Client, provider: dict[str, Any], to: str = "/") -> str:
    answer = client.get(f"{_A}/institutions/{provider['id']}/start", params={"to": to})
    assert answer.status_code == 303
    return answer.headers["location"]


def agree(there: str, subject: str) -> str:
    """What somebody does at the provider; the address that it sends the browser back to."""
    answer = httpx.post(there, data={"sub": subject})
    assert answer.status_code == 302, answer.text
    return answer.headers["location"]


def test_somebody_signs_in_by_their_university_and_out_of_it(node: Any, provider: dict[str, Any]) -> None:
    with node.browser() as client:
        shown = client.get(f"{_A}/institutions").json()
        assert {"id": provider["id"], "name": "City University"} in shown
        answer = client.get(agree(set_out(client, provider, "/slides/abc?x=1"), "ho"))
        assert (answer.status_code, answer.headers["location"]) == (303, "/slides/abc?x=1")
        me = client.get(f"{_A}/me").json()
        assert (me["name"], me["display_name"], me["roles"]) == ("ho.wai", "何慧", ["pathologist"])
        assert client.get(f"{_A}/account/sessions").json()[0]["way"] == "institution"
        left = urlsplit(client.post(f"{_A}/sign-out").json()["continue_at"])
        assert left.path == "/oauth2/end_session"
        assert parse_qs(left.query)["post_logout_redirect_uri"] == [f"{node.base}/"]
        assert client.get(f"{_A}/me").status_code == 401
    assert httpx.get(left.geturl()).status_code == 200


def test_the_same_person_comes_back_to_the_same_account(node: Any, provider: dict[str, Any]) -> None:
    found = set()
    for _ in range(2):
        with node.browser() as client:
            client.get(agree(set_out(client, provider), "ho"))
            found.add(client.get(f"{_A}/me").json()["person_id"])
    assert len(found) == 1


def refused(answer: httpx.Response) -> str:
    assert answer.status_code == 303
    place, _, code = answer.headers["location"].partition("=")
    assert place == "/sign-in?refused"
    return code


def test_without_a_known_group_nobody_comes_in(node: Any, provider: dict[str, Any]) -> None:
    with node.browser() as client:
        answer = client.get(agree(set_out(client, provider), "visitor"))
        assert refused(answer) == "institution-refused"
        assert client.get(f"{_A}/me").status_code == 401


def test_a_code_that_somebody_else_brought_signs_nobody_in(node: Any, provider: dict[str, Any]) -> None:
    """A stolen or planted address of the way back is worth nothing in another browser."""
    with node.browser() as first, node.browser() as second:
        way_back = agree(set_out(first, provider), "ho")
        assert refused(second.get(way_back)) == "not-found"
        set_out(second, provider)
        assert refused(second.get(way_back)) == "institution-fault"
        set_out(first, provider)
        assert refused(first.get(way_back)) == "institution-fault", "the journey is over"


def test_a_code_works_once(node: Any, provider: dict[str, Any]) -> None:
    with node.browser() as client:
        there = set_out(client, provider)
        cookie = client.cookies["hemalum_journey"]
        way_back = agree(there, "ho")
        assert client.get(way_back).headers["location"] == "/"
        assert "hemalum_journey" not in client.cookies
    with node.browser() as client:
        client.cookies.set("hemalum_journey", cookie)
        assert refused(client.get(way_back)) == "institution-fault"


def test_what_the_provider_turns_down_is_told(node: Any, provider: dict[str, Any]) -> None:
    with node.browser() as client:
        answer = httpx.post(set_out(client, provider), data={"action": "deny"})
        assert refused(client.get(answer.headers["location"])) == "institution-fault"


@pytest.mark.parametrize(
    "to", ["https://evil.example/", "//evil.example", "/\\evil.example", "x", "/\r\nx: y"]
)
def test_nobody_is_led_elsewhere(node: Any, provider: dict[str, Any], to: str) -> None:
    with node.browser() as client:
        assert client.get(agree(set_out(client, provider, to), "ho")).headers["location"] == "/"


def test_a_wrong_secret_is_said_in_one_sentence(node: Any, provider: dict[str, Any]) -> None:
    wrong = {key: provider[key] for key in ("name", "issuer", "client_id", "rules")}
    with node.signed_in("admin") as admin:
        path = f"{_A}/providers/{provider['id']}"
        before = admin.get(f"{_A}/providers").json()
        nothing = {"name": "Nothing", "issuer": "http://127.0.0.1:9", "client_id": "x"}
        made = admin.post(f"{_A}/providers", json=nothing).json()
        answer = admin.post(f"{_A}/providers/{made['id']}/test")
        assert (answer.status_code, answer.json()["code"]) == (422, "institution-fault")
        assert answer.json()["detail"].startswith("Nothing answers at http://127.0.0.1:9/")
        assert admin.delete(f"{_A}/providers/{made['id']}").status_code == 204
        assert admin.post(f"{_A}/providers", json=wrong).status_code == 409
        assert admin.put(path, json=wrong).json()["has_client_secret"], "unsaid, the secret stays"
        assert admin.post(f"{path}/test").status_code == 204
        assert admin.get(f"{_A}/providers").json() == before


def test_a_sign_out_that_nobody_signed_is_turned_down(node: Any, provider: dict[str, Any]) -> None:
    with node.browser() as client:
        path = f"{_A}/institutions/{provider['id']}/back-channel"
        assert client.post(path, data={"logout_token": "a.b.c"}).status_code == 422
        assert client.post(path, data={}).status_code == 422
        unknown = f"{_A}/institutions/none/back-channel"
        assert client.post(unknown, data={"logout_token": "x"}).status_code == 404
