"""Every endpoint of access, tried as nobody, outsider, without its permission, and by whom it is for."""

from itertools import count
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from hemalum.capabilities.access.model import Role
from hemalum.runtime.db import transaction

NOBODY_NEEDED = "nobody"
SIGNED_IN = "signed in"
ADMINISTRATOR = "access.administer"
NODE_ADMINISTRATOR = "access.administer_node"

_A = "/api/access"
_PERSON = f"{_A}/people/{{person_id}}"
_SERVICE = f"{_A}/people/{{service_id}}"
_PROVIDER = {"name": "A university", "issuer": "http://127.0.0.1:1", "client_id": "hemalum"}

NEEDED: dict[str, tuple[str, Any]] = {
    f"GET {_A}/me": (SIGNED_IN, None),
    f"GET {_A}/me/settings": (SIGNED_IN, None),
    f"PUT {_A}/me/settings": (SIGNED_IN, {"theme": "light"}),
    f"PUT {_A}/me/organisation": (SIGNED_IN, {"organisation_id": "home"}),
    f"POST {_A}/sign-in/password": (NOBODY_NEEDED, {"name": "nobody", "password": "x"}),
    f"POST {_A}/sign-in/second-factor": (NOBODY_NEEDED, {"ticket": "x", "code": "x"}),
    f"POST {_A}/sign-in/link": (NOBODY_NEEDED, {"code": "x"}),
    f"POST {_A}/sign-in/passkey/options": (NOBODY_NEEDED, None),
    f"POST {_A}/sign-in/passkey": (NOBODY_NEEDED, {"ticket": "x", "credential": {}}),
    f"GET {_A}/institutions": (NOBODY_NEEDED, None),
    f"GET {_A}/institutions/{{provider_id}}/start": (NOBODY_NEEDED, None),
    f"GET {_A}/institutions/callback": (NOBODY_NEEDED, None),
    f"POST {_A}/institutions/{{provider_id}}/back-channel": (NOBODY_NEEDED, None),
    f"GET {_A}/providers": (NODE_ADMINISTRATOR, None),
    f"POST {_A}/providers": (NODE_ADMINISTRATOR, _PROVIDER | {"issuer": "https://one.example"}),
    f"PUT {_A}/providers/{{provider_id}}": (NODE_ADMINISTRATOR, _PROVIDER),
    f"DELETE {_A}/providers/{{provider_id}}": (NODE_ADMINISTRATOR, None),
    f"POST {_A}/providers/{{provider_id}}/test": (NODE_ADMINISTRATOR, None),
    f"POST {_A}/sign-out": (SIGNED_IN, None),
    f"GET {_A}/account": (SIGNED_IN, None),
    f"PUT {_A}/account/password": (SIGNED_IN, {"password": "a quiet morning in the laboratory"}),
    f"POST {_A}/account/totp": (SIGNED_IN, None),
    f"PUT {_A}/account/totp": (SIGNED_IN, {"code": "000000"}),
    f"DELETE {_A}/account/totp": (SIGNED_IN, None),
    f"POST {_A}/account/recovery-codes": (SIGNED_IN, None),
    f"POST {_A}/account/passkeys/options": (SIGNED_IN, None),
    f"POST {_A}/account/passkeys": (SIGNED_IN, {"ticket": "x", "credential": {}}),
    f"DELETE {_A}/account/passkeys/{{passkey_id}}": (SIGNED_IN, None),
    f"GET {_A}/account/sessions": (SIGNED_IN, None),
    f"DELETE {_A}/account/sessions": (SIGNED_IN, None),
    f"DELETE {_A}/account/sessions/{{session_id}}": (SIGNED_IN, None),
    f"GET {_A}/account/tokens": (SIGNED_IN, None),
    f"POST {_A}/account/tokens": (SIGNED_IN, {"name": "t", "scopes": ["access.administer"], "days": 1}),
    f"DELETE {_A}/account/tokens/{{token_id}}": (SIGNED_IN, None),
    f"GET {_A}/people": (ADMINISTRATOR, None),
    f"POST {_A}/people": (ADMINISTRATOR, {"name": "NEW", "display_name": "New", "roles": ["student"]}),
    f"GET {_PERSON}": (ADMINISTRATOR, None),
    f"PATCH {_PERSON}": (ADMINISTRATOR, {"display_name": "Another name"}),
    f"PUT {_PERSON}/roles": (ADMINISTRATOR, {"roles": [{"role": "technician"}]}),
    f"POST {_PERSON}/suspension": (ADMINISTRATOR, None),
    f"DELETE {_PERSON}/suspension": (ADMINISTRATOR, None),
    f"POST {_PERSON}/link": (ADMINISTRATOR, {}),
    f"DELETE {_PERSON}/sessions": (ADMINISTRATOR, None),
    f"GET {_SERVICE}/tokens": (ADMINISTRATOR, None),
    f"POST {_SERVICE}/tokens": (ADMINISTRATOR, {"name": "t", "scopes": ["slides.ingest"], "days": 1}),
    f"DELETE {_SERVICE}/tokens/{{service_token_id}}": (ADMINISTRATOR, None),
    f"GET {_A}/groups": (ADMINISTRATOR, None),
    f"POST {_A}/groups": (ADMINISTRATOR, {"name": "NEW", "members": []}),
    f"PUT {_A}/groups/{{group_id}}": (ADMINISTRATOR, {"name": "NEW", "members": []}),
    f"DELETE {_A}/groups/{{group_id}}": (ADMINISTRATOR, None),
    f"GET {_A}/organisations": (NODE_ADMINISTRATOR, None),
    f"POST {_A}/organisations": (NODE_ADMINISTRATOR, {"name": "New hospital"}),
    f"PUT {_A}/organisations/{{organisation_id}}": (NODE_ADMINISTRATOR, {"name": "Changed"}),
}
"""What each endpoint asks of who calls it, and a request that it takes. New endpoints have to be added."""

GUARDED = [key for key, (needed, _) in NEEDED.items() if needed != NOBODY_NEEDED]
NAMED = ("{person_id}", "{service_id}", "{group_id}")

OTHER_ANSWERS = {
    f"POST {_A}/sign-in/password": 401,
    f"POST {_A}/sign-in/second-factor": 401,
    f"POST {_A}/sign-in/link": 401,
    f"POST {_A}/sign-in/passkey/options": 422,
    f"POST {_A}/sign-in/passkey": 401,
    f"POST {_A}/institutions/{{provider_id}}/back-channel": 422,
    f"POST {_A}/providers/{{provider_id}}/test": 422,
    f"PUT {_A}/account/totp": 409,
    f"POST {_A}/account/recovery-codes": 409,
    f"POST {_A}/account/passkeys/options": 422,
    f"POST {_A}/account/passkeys": 401,
    f"DELETE {_A}/account/passkeys/{{passkey_id}}": 404,
}
"""What the rightful one gets for this request: a code is wrong, or the node has a number for a name."""

FOR_ANY_TOKEN = {f"GET {_A}/me", f"GET {_A}/me/settings", f"POST {_A}/sign-out"}
"""Who its holder is, that a program has no settings, and to end it."""

_numbers = count()


@pytest.fixture
def places(node: Any) -> dict[str, str]:
    """Fresh things of home to be named in paths."""
    number = next(_numbers)
    with node.signed_in("chief") as chief:
        made = {"name": f"scanner{number}", "display_name": "A scanner", "roles": ["technician"]}
        service = chief.post(f"{_A}/people", json=made | {"kind": "service"}).json()["id"]
        group = chief.post(f"{_A}/groups", json={"name": f"Board {number}", "members": []}).json()["id"]
        token = {"name": "t", "scopes": ["slides.ingest"], "days": 1}
        service_token = chief.post(f"{_A}/people/{service}/tokens", json=token).json()["id"]
    with node.signed_in("admin") as admin:
        known = [
            each for each in admin.get(f"{_A}/providers").json() if each["issuer"] == _PROVIDER["issuer"]
        ]
        provider = known[0] if known else admin.post(f"{_A}/providers", json=_PROVIDER).json()
    return {
        "provider_id": provider["id"],
        "person_id": node.person(f"somebody{number}", Role.STUDENT),
        "service_id": service,
        "service_token_id": service_token,
        "group_id": group,
        "organisation_id": "elsewhere",
        "passkey_id": "none",
    }


def ask(client: httpx.Client, key: str, places: dict[str, str]) -> httpx.Response:
    method, _, path = key.partition(" ")
    body = NEEDED[key][1]
    if isinstance(body, dict) and body.get("name") == "NEW":
        body = body | {"name": f"new-{next(_numbers)}"}
    return client.request(method, path.format(**places), json=body)


def own(client: httpx.Client, places: dict[str, str]) -> dict[str, str]:
    """Things of who is signed in, whatever others of these tests left them."""
    assert client.delete(f"{_A}/account/totp").status_code == 204
    token = {"name": "t", "scopes": ["access.administer"], "days": 1}
    sessions = client.get(f"{_A}/account/sessions").json()
    made = client.post(f"{_A}/account/tokens", json=token)
    return places | {"session_id": sessions[0]["id"], "token_id": made.json().get("id", "none")}


def test_every_endpoint_says_what_it_needs(node: Any) -> None:
    with node.browser() as nobody:
        document = nobody.get("/api/openapi.json").json()
    listed = {f"{method.upper()} {path}" for path, methods in document["paths"].items() for method in methods}
    tokens = {f"{_PERSON}/tokens": f"{_SERVICE}/tokens", "tokens/{token_id}": "tokens/{service_token_id}"}
    for each in [each for each in listed if f"{_PERSON}/tokens" in each]:
        listed.remove(each)
        for before, after in tokens.items():
            each = each.replace(before, after)
        listed.add(each)
    assert {each for each in listed if _A in each} == set(NEEDED)


@pytest.mark.parametrize("key", GUARDED)
def test_nobody_gets_in(node: Any, places: dict[str, str], key: str) -> None:
    filled = places | {"session_id": "none", "token_id": "none"}
    with node.browser() as nobody:
        assert ask(nobody, key, filled).status_code == 401


@pytest.mark.parametrize("how", ["revoked", "expired", "idle", "suspended"])
def test_an_ended_session_gets_nowhere(node: Any, places: dict[str, str], how: str) -> None:
    name = f"ended{next(_numbers)}"
    person_id = node.person(name, Role.ADMINISTRATOR)
    with node.signed_in(name) as client:
        assert client.get(f"{_A}/me").status_code == 200
        changes = {
            "revoked": "UPDATE access_grant SET revoked_at = '2026-01-01' WHERE person_id = :id",
            "expired": "UPDATE access_grant SET expires_at = '2026-01-01' WHERE person_id = :id",
            "idle": "UPDATE access_grant SET used_at = '2026-01-01' WHERE person_id = :id",
            "suspended": "UPDATE access_person SET suspended_at = '2026-01-01' WHERE id = :id",
        }
        with transaction(node.access.database) as connection:
            connection.execute(sa.text(changes[how]), {"id": person_id})
        filled = places | {"session_id": "none", "token_id": "none"}
        for key in GUARDED:
            assert ask(client, key, filled).status_code == 401, key


@pytest.mark.parametrize("key", [key for key, (needed, _) in NEEDED.items() if needed.startswith("access.")])
def test_without_its_permission_it_is_refused(node: Any, places: dict[str, str], key: str) -> None:
    with node.signed_in("student") as student:
        assert ask(student, key, places).status_code == 403
    if NEEDED[key][0] == NODE_ADMINISTRATOR:
        with node.signed_in("chief") as chief:
            assert ask(chief, key, places).status_code == 403


@pytest.mark.parametrize("key", GUARDED)
def test_a_token_reaches_no_further_than_its_scopes(node: Any, places: dict[str, str], key: str) -> None:
    """A token that is for viewing, of somebody who may do everything."""
    filled = places | {"session_id": "none", "token_id": "none"}
    asked = {"name": "viewer", "scopes": ["slides.view"], "days": 1}
    with node.signed_in("admin") as admin, node.browser() as program:
        secret = admin.post(f"{_A}/account/tokens", json=asked).json()["secret"]
        program.headers["authorization"] = f"Bearer {secret}"
        status = ask(program, key, filled).status_code
    assert status == (200 if key in FOR_ANY_TOKEN else 403)


@pytest.mark.parametrize("key", [key for key in NEEDED if any(name in key for name in NAMED)])
def test_an_outsider_cannot_tell_that_it_exists(node: Any, places: dict[str, str], key: str) -> None:
    with node.signed_in("outsider") as outsider:
        found = ask(outsider, key, places)
        nothing = ask(outsider, key, dict.fromkeys(places, "nothing"))
    assert (found.status_code, nothing.status_code) == (404, 404)
    assert found.json() == nothing.json()


@pytest.mark.parametrize("key", NEEDED)
def test_who_may_gets_an_answer(node: Any, places: dict[str, str], key: str) -> None:
    needed = NEEDED[key][0]
    who = "admin" if needed == NODE_ADMINISTRATOR else "chief"
    with node.signed_in(who) as client:
        status = ask(client, key, own(client, places)).status_code
    assert status == OTHER_ANSWERS.get(key, status)
    assert status < 400 or key in OTHER_ANSWERS


def test_another_organisation_is_for_the_nodes_administrator(node: Any) -> None:
    there = {"organisation_id": "elsewhere"}
    with node.signed_in("chief") as chief, node.signed_in("admin") as admin:
        assert chief.get(f"{_A}/people", params=there).status_code == 404
        assert admin.get(f"{_A}/people", params={"organisation_id": "nowhere"}).status_code == 404
        found = admin.get(f"{_A}/people", params=there).json()
    assert "outsider" in [each["name"] for each in found["items"]]


def test_a_foreign_page_cannot_sign_anybody_in(node: Any) -> None:
    with node.browser() as client:
        del client.headers["x-hemalum"]
        answer = client.post(f"{_A}/sign-in/password", json={"name": "a", "password": "b"})
    assert (answer.status_code, answer.json()["code"]) == (403, "not-permitted")
