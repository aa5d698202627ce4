"""What administrators can and cannot do to people, groups, organisations and service accounts."""

from typing import Any

import httpx
import pytest

from hemalum.capabilities.access.model import Role

_A = "/api/access"
PASSWORD = "a quiet morning in the laboratory"


def listed(client: httpx.Client, name: str) -> dict[str, Any]:
    found = client.get(f"{_A}/people", params={"q": name}).json()["items"]
    return next(each for each in found if each["name"] == name)


def roles_of(client: httpx.Client, person_id: str) -> set[str]:
    return {each["role"] for each in client.get(f"{_A}/people/{person_id}").json()["roles"]}


def test_somebody_invited_sets_a_password_and_works(node: Any) -> None:
    asked = {"name": "Wang.Fang", "display_name": "王芳", "roles": ["pathologist", "student"]}
    with node.signed_in("chief") as chief, node.browser() as invited:
        added = chief.post(f"{_A}/people", json=asked)
        assert added.status_code == 201
        base, _, code = added.json()["link"].partition("/welcome#")
        assert base == node.base
        shown = listed(chief, "wang.fang")
        assert (shown["display_name"], shown["has_credential"], shown["last_seen_at"]) == (
            "王芳",
            False,
            None,
        )
        assert invited.post(f"{_A}/sign-in/link", json={"code": code}).json()["purpose"] == "invitation"
        assert invited.put(f"{_A}/account/password", json={"password": PASSWORD}).status_code == 204
        me = invited.get(f"{_A}/me").json()
        assert me["display_name"] == "王芳"
        assert "slides.break_glass" in me["permissions"]
        shown = listed(chief, "wang.fang")
        assert shown["has_credential"]
        assert shown["last_seen_at"] is not None


def test_people_are_searched_and_paged(node: Any) -> None:
    for number in range(3):
        node.person(f"paged{number}", Role.STUDENT)
    with node.signed_in("chief") as chief:
        page = chief.get(f"{_A}/people", params={"q": "PAGED tests", "offset": 1, "limit": 1}).json()
        assert (page["total"], [each["name"] for each in page["items"]]) == (3, ["paged1"])
        assert chief.get(f"{_A}/people", params={"q": "100%"}).json()["total"] == 0
        assert chief.get(f"{_A}/people", params={"limit": 0}).status_code == 422


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"name": "student"}, 409),
        ({"name": "ＳＴＵＤＥＮＴ"}, 409),
        ({"name": ""}, 422),
        ({"name": "with space"}, 422),
        ({"name": "x" * 101}, 422),
        ({"display_name": "  "}, 422),
        ({"roles": []}, 422),
        ({"roles": ["king"]}, 422),
        ({"roles": ["node_administrator"]}, 403),
        ({"roles": ["auditor"]}, 403),
    ],
)
def test_who_cannot_be_invited(node: Any, asked: dict[str, Any], status: int) -> None:
    with node.signed_in("chief") as chief:
        whole = {"name": "fresh", "display_name": "Fresh", "roles": ["student"]} | asked
        assert chief.post(f"{_A}/people", json=whole).status_code == status
        assert chief.get(f"{_A}/people", params={"q": "fresh"}).json()["total"] == 0


def test_roles_are_given_until_a_day_and_taken(node: Any) -> None:
    person_id = node.person("changing", Role.STUDENT)
    with node.signed_in("chief") as chief, node.signed_in("changing") as them:
        asked = {"roles": [{"role": "technician"}, {"role": "pathologist", "until": "2020-01-01T00:00:00Z"}]}
        assert chief.put(f"{_A}/people/{person_id}/roles", json=asked).status_code == 204
        assert them.get(f"{_A}/me").json()["roles"] == ["technician"]
        shown = {each["role"]: each["has_ended"] for each in listed(chief, "changing")["roles"]}
        assert shown == {"technician": False, "pathologist": True}
        assert chief.put(f"{_A}/people/{person_id}/roles", json={"roles": []}).status_code == 204
        assert them.get(f"{_A}/me").status_code == 401


def test_an_administrator_does_not_reach_into_the_node_or_another_hospital(node: Any) -> None:
    """Whoever could reset the password of a more powerful person would have their power."""
    both = node.person("twohomes", Role.STUDENT)
    node.access.give_role("twohomes", "elsewhere", Role.ADMINISTRATOR)
    with node.signed_in("chief") as chief, node.signed_in("admin") as admin:
        first = listed(chief, "admin")["id"]
        for person_id in (both, first):
            assert chief.post(f"{_A}/people/{person_id}/link", json={}).status_code == 403
            assert chief.post(f"{_A}/people/{person_id}/suspension").status_code == 403
            assert chief.delete(f"{_A}/people/{person_id}/sessions").status_code == 403
        assert chief.put(f"{_A}/people/{first}/roles", json={"roles": []}).status_code == 403
        own = chief.get(f"{_A}/me").json()["person_id"]
        raised = {"roles": [{"role": "administrator"}, {"role": "node_administrator"}]}
        assert chief.put(f"{_A}/people/{own}/roles", json=raised).status_code == 403
        assert roles_of(chief, own) == {"administrator"}
        assert admin.post(f"{_A}/people/{both}/link", json={}).status_code == 201
        assert chief.put(f"{_A}/people/{both}/roles", json={"roles": []}).status_code == 204


def test_somebody_always_administers_the_node(node: Any) -> None:
    with node.signed_in("admin") as admin:
        own = admin.get(f"{_A}/me").json()["person_id"]
        asked = {"roles": [{"role": "administrator"}]}
        assert admin.put(f"{_A}/people/{own}/roles", json=asked).status_code == 409
        assert admin.post(f"{_A}/people/{own}/suspension").status_code == 409
        assert "node_administrator" in roles_of(admin, own)


def test_a_reset_voids_the_old_password(node: Any) -> None:
    person_id = node.person("forgetful", Role.STUDENT)
    with node.signed_in("forgetful") as them, node.signed_in("chief") as chief, node.browser() as anew:
        assert them.put(f"{_A}/account/password", json={"password": PASSWORD}).status_code == 204
        link = chief.post(f"{_A}/people/{person_id}/link", json={"remove_factors": True}).json()["link"]
        assert them.get(f"{_A}/me").status_code == 401
        shown = {"name": "forgetful", "password": PASSWORD}
        assert anew.post(f"{_A}/sign-in/password", json=shown).status_code == 401
        came = anew.post(f"{_A}/sign-in/link", json={"code": link.partition("#")[2]})
        assert came.json()["purpose"] == "reset"
        assert anew.put(f"{_A}/account/password", json={"password": PASSWORD + "!"}).status_code == 204


def test_groups_hold_people_of_the_organisation(node: Any) -> None:
    person_id = node.person("member", Role.PATHOLOGIST)
    outsider = node.access.get_person("outsider").id
    with node.signed_in("chief") as chief, node.signed_in("member") as them:
        asked = {"name": "Liver board", "members": [person_id]}
        group = chief.post(f"{_A}/groups", json=asked).json()
        assert them.get(f"{_A}/me").json()["groups"] == [group["id"]]
        assert chief.post(f"{_A}/groups", json=asked).status_code == 409
        assert chief.post(f"{_A}/groups", json={"name": " ", "members": []}).status_code == 422
        stranger = {"name": "Liver board", "members": [outsider]}
        assert chief.put(f"{_A}/groups/{group['id']}", json=stranger).status_code == 404
        assert chief.delete(f"{_A}/groups/{group['id']}").status_code == 204
        assert them.get(f"{_A}/me").json()["groups"] == []


def test_a_service_account_acts_by_tokens_within_scopes(node: Any) -> None:
    with node.signed_in("chief") as chief, node.browser() as program:
        made = {"name": "robot", "display_name": "Robot", "roles": ["technician"], "kind": "service"}
        added = chief.post(f"{_A}/people", json=made).json()
        assert added["link"] is None
        tokens = f"{_A}/people/{added['id']}/tokens"
        asked = {"name": "slide rack", "scopes": ["slides.view"], "days": 30}
        token = chief.post(tokens, json=asked).json()
        program.headers["authorization"] = f"Bearer {token['secret']}"
        assert program.get(f"{_A}/me").json()["permissions"] == ["slides.view"]
        assert program.get("/api/slides/images").status_code == 200
        assert program.get(f"{_A}/account").status_code == 403
        shown = chief.get(tokens).json()[0]
        assert (shown["name"], shown["scopes"]) == ("slide rack", ["slides.view"])
        assert shown["used_at"] is not None
        assert "secret" not in shown
        assert chief.post(f"{_A}/people/{added['id']}/link", json={}).status_code == 409
        beyond = asked | {"scopes": ["slides.export"]}
        assert chief.post(tokens, json=beyond).status_code == 403
        assert chief.delete(f"{tokens}/{token['id']}").status_code == 204
        assert program.get(f"{_A}/me").status_code == 401


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"scopes": ["slides.ingest"]}, 403),
        ({"scopes": ["slides.view", "access.administer"]}, 403),
        ({"scopes": []}, 422),
        ({"name": " "}, 422),
        ({"days": 0}, 422),
        ({"days": 367}, 422),
    ],
)
def test_my_token_reaches_no_further_than_i_do(node: Any, asked: dict[str, Any], status: int) -> None:
    with node.signed_in("student") as student:
        whole = {"name": "mine", "scopes": ["slides.view"], "days": 7} | asked
        assert student.post(f"{_A}/account/tokens", json=whole).status_code == status


def test_my_token_shrinks_with_my_roles(node: Any) -> None:
    person_id = node.person("shrinking", Role.RESEARCHER)
    with node.signed_in("shrinking") as them, node.signed_in("chief") as chief, node.browser() as program:
        asked = {"name": "notebook", "scopes": ["slides.view", "slides.export"], "days": 7}
        made = them.post(f"{_A}/account/tokens", json=asked).json()
        program.headers["authorization"] = f"Bearer {made['secret']}"
        student = {"roles": [{"role": "student"}]}
        assert chief.put(f"{_A}/people/{person_id}/roles", json=student).status_code == 204
        assert program.get(f"{_A}/me").json()["permissions"] == ["slides.view"]
        assert program.post(f"{_A}/account/tokens", json=asked).status_code == 403
        assert them.delete(f"{_A}/account/tokens/{made['id']}").status_code == 204
        assert program.get(f"{_A}/me").status_code == 401


def test_an_organisation_is_added_changed_and_given_its_first_administrator(node: Any) -> None:
    stated = {
        "id": "sz-third",
        "name": "Shenzhen Third Hospital",
        "kind": "hospital",
        "jurisdiction": "CN-44",
        "accreditation": "CNAS MT0123",
        "accredited_until": "2029-06-30",
        "requires_second_factor": True,
    }
    with node.signed_in("admin") as admin:
        assert admin.post(f"{_A}/organisations", json=stated).json() == stated
        assert admin.post(f"{_A}/organisations", json=stated).status_code == 409
        changed = stated | {"name": "Third Hospital"}
        assert admin.put(f"{_A}/organisations/sz-third", json=changed).json() == changed
        assert admin.put(f"{_A}/organisations/none", json=changed).status_code == 404
        for bad in ({"jurisdiction": "China"}, {"name": " "}, {"id": "Not An Id"}, {"kind": "castle"}):
            assert admin.post(f"{_A}/organisations", json=stated | {"id": "other"} | bad).status_code == 422
        asked = {"name": "their-chief", "display_name": "Their chief", "roles": ["administrator"]}
        there = {"organisation_id": "sz-third"}
        link = admin.post(f"{_A}/people", json=asked, params=there).json()["link"]
    with node.browser() as chief:
        chief.post(f"{_A}/sign-in/link", json={"code": link.partition("#")[2]})
        me = chief.get(f"{_A}/me").json()
        assert (me["organisation_id"], me["needs_second_factor"], me["permissions"]) == ("sz-third", True, [])
