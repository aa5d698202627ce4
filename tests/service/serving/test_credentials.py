"""Credentials that have ended, belong to somebody else, or reach less far: nothing is had by them."""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from hemalum.app.node import open_parts
from hemalum.capabilities.access.model import Role
from hemalum.capabilities.access.service import ADMINISTRATOR_NAME, Access
from hemalum.runtime.db import transaction
from hemalum.runtime.settings import load_settings

_A = "/api/access"
HEARD_WITHIN_S = 30

FOR_EVERYBODY = {
    "access_back_channel_logout",
    "access_come_back_from_institution",
    "access_list_institutions",
    "access_start_at_institution",
    "access_begin_sign_in_by_passkey",
    "access_sign_in_by_link",
    "access_sign_in_by_passkey",
    "access_sign_in_by_password",
    "access_sign_in_by_second_factor",
    "options_api_slides_uploads",
    "options_api_slides_uploads_upload_id_",
}
"""Operations that ask for no credentials."""

_numbers = count()


@pytest.fixture(scope="module")
def access(node: Any) -> Iterator[Access]:
    """Access of the node as the operator of the machine has it."""
    with open_parts(load_settings(node.data, {})) as parts:
        yield parts.access


@contextmanager
def browser_of(node: Any, access: Access, name: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=node.base, headers={"x-hemalum": "1"}, timeout=60) as browser:
        asked = {"x-forwarded-for": f"198.51.100.{next(_numbers) % 250 + 1}"}
        code = access.issue_link(name)
        assert browser.post(f"{_A}/sign-in/link", json={"code": code}, headers=asked).status_code == 200
        yield browser


def operations(node: Any) -> dict[str, tuple[str, str]]:
    """Method and a path of every operation in the node's own description, by its name."""
    paths = node.get("/api/openapi.json").json()["paths"]
    return {
        each["operationId"]: (method, re.sub(r"\{\w+\}", "1", path))
        for path, methods in paths.items()
        for method, each in methods.items()
    }


def expire(connection: sa.Connection, person_id: str) -> None:
    changed = "UPDATE access_grant SET expires_at = '2026-01-01' WHERE person_id = :id"
    connection.execute(sa.text(changed), {"id": person_id})


def revoke(connection: sa.Connection, person_id: str) -> None:
    changed = "UPDATE access_grant SET revoked_at = '2026-01-01' WHERE person_id = :id"
    connection.execute(sa.text(changed), {"id": person_id})


def suspend(connection: sa.Connection, person_id: str) -> None:
    changed = "UPDATE access_person SET suspended_at = '2026-01-01' WHERE id = :id"
    connection.execute(sa.text(changed), {"id": person_id})


@pytest.mark.parametrize("end", [expire, revoke, suspend], ids=lambda end: end.__name__)
def test_an_ended_token_opens_no_operation(
    node: Any, access: Access, end: Callable[[sa.Connection, str], None]
) -> None:
    name = f"ended{next(_numbers)}"
    person_id = access.add_person(name, "Somebody", "home", Role.ADMINISTRATOR, Role.PATHOLOGIST).id
    headers = {"authorization": f"Bearer {access.issue_token(name)}", "tus-resumable": "1.0.0"}
    with httpx.Client(base_url=node.base, headers=headers, timeout=60) as client:
        assert client.get(f"{_A}/me").status_code == 200
        with transaction(access.database) as connection:
            end(connection, person_id)
        listed = operations(node)
        assert listed.keys() > FOR_EVERYBODY
        for operation in listed.keys() - FOR_EVERYBODY:
            method, path = listed[operation]
            assert client.request(method, path).status_code == 401, operation


def opened(client: httpx.Client, image_id: str) -> str:
    """The address of a tile that was answered once."""
    answer = client.post(f"/api/slides/images/{image_id}/openings", json={})
    assert answer.status_code == 201, answer.text
    tile: str = answer.json()["tile_url"].format(level=0, plane=0, channel=0, row=0, column=0)
    assert client.get(tile).status_code == 200
    return tile


def test_the_address_of_a_tile_is_of_no_use_to_anybody_else(node: Any, access: Access) -> None:
    """Not to others at the hospital, by cookie or by token, nor to its owner in another session."""
    with (
        browser_of(node, access, "student") as owner,
        browser_of(node, access, "student") as again,
        browser_of(node, access, "admin") as other,
        node.client("student") as program,
        node.client(None) as nobody,
    ):
        tile = opened(owner, node.images["ycbcr"])
        for foreign in (again, other, program, nobody):
            refused = foreign.get(tile)
            assert (refused.status_code, refused.json()["code"]) == (401, "not-signed-in")
        assert owner.get(tile).status_code == 200


def test_revoking_a_session_from_another_ends_its_tiles(node: Any, access: Access) -> None:
    with browser_of(node, access, "student") as lost, browser_of(node, access, "student") as owner:
        tile = opened(lost, node.images["ycbcr"])
        kept = opened(owner, node.images["ycbcr"])
        sessions = owner.get(f"{_A}/account/sessions").json()
        newest = max((each for each in sessions if not each["is_this"]), key=lambda each: each["created_at"])
        assert owner.delete(f"{_A}/account/sessions/{newest['id']}").status_code == 204
        assert lost.get(tile).status_code == 401
        assert owner.get(kept).status_code == 200


def test_suspending_somebody_ends_the_tiles_of_all_their_sessions_and_tokens(
    node: Any, access: Access
) -> None:
    person_id = access.add_person("leaving", "Somebody who leaves", "home", Role.PATHOLOGIST).id
    headers = {"authorization": f"Bearer {access.issue_token('leaving')}"}
    with (
        browser_of(node, access, "leaving") as browser,
        httpx.Client(base_url=node.base, headers=headers, timeout=60) as program,
        node.client() as administrator,
    ):
        tiles = {client: opened(client, node.images["ycbcr"]) for client in (browser, program)}
        assert administrator.post(f"{_A}/people/{person_id}/suspension").status_code == 204
        for client, tile in tiles.items():
            assert client.get(tile).status_code == 401
            assert client.get(f"{_A}/me").status_code == 401


def test_what_another_process_ends_is_heard_by_the_server(node: Any, access: Access) -> None:
    person_id = access.add_person("leaving-unseen", "Somebody who leaves", "home", Role.PATHOLOGIST).id
    with browser_of(node, access, "leaving-unseen") as browser:
        tile = opened(browser, node.images["ycbcr"])
        access.people.suspend(access.actor_for(ADMINISTRATOR_NAME), None, person_id)
        end = time.monotonic() + HEARD_WITHIN_S
        while browser.get(tile).status_code != 401:
            assert time.monotonic() < end, "the server never heard of it"
            time.sleep(0.1)


def test_what_was_opened_in_one_organisation_is_closed_in_the_next(node: Any, access: Access) -> None:
    access.add_person("visiting", "Somebody at two hospitals", "home", Role.PATHOLOGIST)
    access.give_role("visiting", "elsewhere", Role.PATHOLOGIST)
    with browser_of(node, access, "visiting") as browser:
        if browser.get(f"{_A}/me").json()["organisation_id"] != "home":
            browser.put(f"{_A}/me/organisation", json={"organisation_id": "home"})
        tile = opened(browser, node.images["ycbcr"])
        assert browser.put(f"{_A}/me/organisation", json={"organisation_id": "elsewhere"}).status_code == 200
        assert browser.get(tile).status_code == 401
        assert browser.get(f"/api/slides/images/{node.images['ycbcr']}").status_code == 404


def test_uploads_and_broken_glass_of_others_cannot_be_told_from_none(node: Any, access: Access) -> None:
    access.add_person("foreign-reviewer", "A reviewer elsewhere", "elsewhere", Role.QUALITY_MANAGER)
    begun = {"tus-resumable": "1.0.0", "upload-length": "10", "upload-metadata": "filename YQ=="}
    piece = {"upload-offset": "0", "content-type": "application/offset+octet-stream"}
    reason, verdict = {"reason": "somebody lies in theatre"}, {"verdict": "justified"}
    with node.client() as owner, node.client("outsider") as outsider, node.client("on-call") as breaker:
        upload = owner.post("/api/slides/uploads", headers=begun).headers["location"]
        for method in ("HEAD", "GET", "PATCH", "DELETE"):
            for path in (upload, "/api/slides/uploads/nothing"):
                headers = {"tus-resumable": "1.0.0"} | (piece if method == "PATCH" else {})
                content = b"x" if method == "PATCH" else None
                status = outsider.request(method, path, headers=headers, content=content).status_code
                assert status == 404, (method, path)
        assert owner.head(upload, headers={"tus-resumable": "1.0.0"}).headers["upload-offset"] == "0"
        assert owner.delete(upload, headers={"tus-resumable": "1.0.0"}).status_code == 204
        glass = breaker.post(f"/api/slides/images/{node.images['dicom-native']}/glass", json=reason).json()
    with browser_of(node, access, "foreign-reviewer") as reviewer:
        assert reviewer.get("/api/slides/glass").json() == []
        for glass_id in (glass["id"], "nothing"):
            answer = reviewer.post(f"/api/slides/glass/{glass_id}/review", json=verdict)
            assert answer.status_code == 404
