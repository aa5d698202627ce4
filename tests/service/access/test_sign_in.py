"""Signing in over HTTP: cookies, waits, links, sessions."""

from typing import Any

import httpx
import pytest

from hemalum.capabilities.access.model import LinkPurpose, Role

_A = "/api/access"
PASSWORD = "a quiet morning in the laboratory"


def with_password(node: Any, name: str, *roles: Role) -> str:
    person_id: str = node.person(name, *(roles or (Role.STUDENT,)))
    with node.signed_in(name, LinkPurpose.INVITATION) as client:
        assert client.put(f"{_A}/account/password", json={"password": PASSWORD}).status_code == 204
    return person_id


def sign_in(client: httpx.Client, name: str, password: str = PASSWORD) -> httpx.Response:
    return client.post(f"{_A}/sign-in/password", json={"name": name, "password": password})


def test_a_password_opens_a_session_in_a_guarded_cookie(node: Any) -> None:
    with_password(node, "cookie")
    with node.browser(**{"user-agent": "Test browser"}) as client:
        answer = sign_in(client, "cookie")
        assert answer.json() == {"ticket": None, "purpose": None}
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith("hemalum_session=")
        assert "HttpOnly" in cookie
        assert "SameSite=lax" in cookie
        assert "Secure" not in cookie
        assert answer.headers["cache-control"] == "no-store"
        assert client.get(f"{_A}/me").json()["name"] == "cookie"
        session = client.get(f"{_A}/account/sessions").json()[0]
    assert (session["is_this"], session["way"], session["device"]) == (True, "password", "Test browser")
    assert session["address"].startswith("198.51.")


def test_over_https_the_cookie_is_bound_to_the_host(node: Any) -> None:
    with_password(node, "secure")
    with node.browser(**{"x-forwarded-proto": "https"}) as client:
        answer = sign_in(client, "secure")
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith("__Host-hemalum_session=")
        assert "Secure" in cookie
        secret = cookie.split("=")[1].split(";")[0]
        headers = {"cookie": f"hemalum_session=planted; __Host-hemalum_session={secret}"}
        assert client.get(f"{_A}/me", headers=headers).json()["name"] == "secure"


def test_a_planted_session_is_not_signed_in_by_the_next_sign_in(node: Any) -> None:
    """Session fixation: whoever planted a cookie learns nothing of the session that follows."""
    with_password(node, "victim")
    with node.signed_in("student") as attacker, node.browser() as client:
        planted = attacker.cookies["hemalum_session"]
        client.cookies.set("hemalum_session", planted)
        assert sign_in(client, "victim").status_code == 200
        assert [each.value for each in client.cookies.jar if each.value == planted] == [planted]
        fresh = next(each.value for each in client.cookies.jar if each.value != planted)
        assert attacker.get(f"{_A}/me").status_code == 401, "what the browser held before has ended"
    headers = {"cookie": f"hemalum_session={fresh}"}
    assert httpx.get(f"{node.base}{_A}/me", headers=headers).json()["name"] == "victim"


def test_failures_lead_to_a_wait_that_is_told(node: Any) -> None:
    with_password(node, "waiting")
    with node.browser() as client:
        for _ in range(5):
            wrong = sign_in(client, "waiting", "not this password")
            assert (wrong.status_code, wrong.json()["code"]) == (401, "wrong-credentials")
        answers = [sign_in(client, "waiting")]
        for _ in range(5):
            assert sign_in(client, "unknown-name", "not this password").json() == wrong.json()
        answers.append(sign_in(client, "unknown-name"))
    for locked in answers:
        assert (locked.status_code, locked.json()["code"]) == (429, "locked")
        assert 0 < int(locked.headers["retry-after"]) <= 31


def test_a_flood_of_sign_ins_is_stopped_before_it_costs_anything(node: Any) -> None:
    with node.browser() as client:
        statuses = [
            client.post(f"{_A}/sign-in/second-factor", json={"ticket": "x", "code": "x"}) for _ in range(25)
        ]
    last = statuses[-1]
    assert (last.status_code, last.json()["code"]) == (429, "too-many-requests")
    assert int(last.headers["retry-after"]) >= 1


def test_a_link_signs_in_once_and_says_what_it_is_for(node: Any) -> None:
    node.person("invited", Role.STUDENT)
    code = node.access.issue_link("invited", LinkPurpose.INVITATION)
    with node.browser() as client:
        answer = client.post(f"{_A}/sign-in/link", json={"code": code})
        assert answer.json()["purpose"] == "invitation"
        again = client.post(f"{_A}/sign-in/link", json={"code": code})
    assert (again.status_code, again.json()["code"]) == (401, "link-spent")


def test_the_operators_link_still_leads_in(node: Any) -> None:
    with httpx.Client(base_url=node.base) as client:
        answer = client.get(f"/enter/{node.access.issue_link('student')}")
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        assert client.get(f"{_A}/me").json()["name"] == "student"


@pytest.mark.parametrize("body", [{}, {"name": "x"}, {"name": "x" * 201, "password": "x"}, [], "text"])
def test_what_is_no_sign_in_is_said(node: Any, body: Any) -> None:
    with node.browser() as client:
        assert client.post(f"{_A}/sign-in/password", json=body).status_code == 422


def test_my_sessions_can_be_ended_one_by_one_and_all(node: Any) -> None:
    with_password(node, "busy")
    others = [node.browser() for _ in range(3)]
    with node.browser() as mine:
        for each in (mine, *others):
            assert sign_in(each, "busy").status_code == 200
        sessions = mine.get(f"{_A}/account/sessions").json()
        assert [each["is_this"] for each in sessions].count(True) == 1
        elsewhere = [each["id"] for each in sessions if not each["is_this"]]
        assert mine.delete(f"{_A}/account/sessions/{elsewhere[0]}").status_code == 204
        assert [each.get(f"{_A}/me").status_code for each in others].count(401) == 1
        assert mine.delete(f"{_A}/account/sessions").status_code == 204
        assert [each.get(f"{_A}/me").status_code for each in others] == [401] * 3
        assert mine.get(f"{_A}/me").status_code == 200
    for each in others:
        each.close()


def test_of_others_i_see_and_end_no_session(node: Any) -> None:
    with node.signed_in("student") as student, node.signed_in("chief") as chief:
        theirs = chief.get(f"{_A}/account/sessions").json()[0]["id"]
        assert student.delete(f"{_A}/account/sessions/{theirs}").status_code == 404
        assert chief.get(f"{_A}/me").status_code == 200


def test_suspension_ends_sessions_and_tokens_at_once(node: Any) -> None:
    person_id = with_password(node, "leaving", Role.PATHOLOGIST)
    token = node.access.issue_token("leaving")
    with node.browser() as client, node.signed_in("chief") as chief:
        sign_in(client, "leaving")
        assert client.get(f"{_A}/me").status_code == 200
        assert chief.post(f"{_A}/people/{person_id}/suspension").status_code == 204
        assert client.get(f"{_A}/me").status_code == 401
        bearer = {"authorization": f"Bearer {token}"}
        assert chief.get("/api/slides/images", headers=bearer).status_code == 401
        refused = sign_in(client, "leaving")
        assert (refused.status_code, refused.json()["code"]) == (401, "suspended")
        assert chief.delete(f"{_A}/people/{person_id}/suspension").status_code == 204
        assert sign_in(client, "leaving").status_code == 200


def test_acting_elsewhere_takes_a_new_session(node: Any) -> None:
    node.person("both", Role.PATHOLOGIST)
    node.access.give_role("both", "elsewhere", Role.ADMINISTRATOR)
    with node.signed_in("both") as client:
        here = client.get(f"{_A}/me").json()
        assert [each["id"] for each in here["organisations"]] == ["home", "elsewhere"]
        before = client.cookies["hemalum_session"]
        there = client.put(f"{_A}/me/organisation", json={"organisation_id": "elsewhere"}).json()
        assert (there["organisation_id"], there["permissions"]) == (
            "elsewhere",
            [
                "access.administer",
                "annotations.define_classes",
                "apps.manage",
                "conformity.manage",
                "conformity.view",
                "custody.manage",
                "fhir.export",
                "fhir.subscribe",
                "inference.run",
                "inference.view_shadow",
                "interfaces.manage",
                "interfaces.view",
                "models.manage",
                "models.view",
                "slides.govern",
                "triage.view",
            ],
        )
        assert client.get("/api/slides/images").status_code == 403
        headers = {"cookie": f"hemalum_session={before}"}
        assert httpx.get(f"{node.base}{_A}/me", headers=headers).status_code == 401
        refused = client.put(f"{_A}/me/organisation", json={"organisation_id": "no"})
        assert (refused.status_code, refused.json()["code"]) == (404, "no-role-there")
