"""Every endpoint, tried as nobody, as an outsider, without its permission, and with it."""

from dataclasses import replace
from typing import Any

import httpx
import pytest

from hemalum.app.node import open_parts
from hemalum.capabilities.custody.codes import code_of
from hemalum.runtime.settings import load_settings

from .endpoints import (
    BODIES,
    IMAGE,
    NEEDED,
    NOBODY_NEEDED,
    REFUSED_FOR_OTHER_REASONS,
    REPORT,
    SEARCHES,
    STUDY,
)


@pytest.fixture(scope="module")
def places(node: Any) -> dict[str, str]:
    """Values for the parameters of paths, of one slide."""
    image = node.images["ycbcr"]
    detail = node.detail("ycbcr")
    study, series = detail["study_uid"], detail["series_uid"]
    found = node.get(f"/dicomweb/studies/{study}/series/{series}/instances").json()
    return {
        "image_id": image,
        "layer_id": node.layer,
        **node.case,
        "other_id": node.images["rgb"],
        "study": study,
        "series": series,
        "instance": found[0]["00080018"]["Value"][0],
        "channel": "0",
        "frames": "1",
        "frame": "1",
        "path": "00480105/0/00282000",
        "upload_id": "none",
        "organisation_id": "nowhere",
        "glass_id": "none",
        "person_id": "none",
        "template_id": "skin",
        "version_id": "none",
        "run_id": "none",
        "number": "1000",
        "critical_id": "none",
        "order_id": "none",
        "submission_id": "none",
        "photograph_id": "none",
        "point_id": "none",
        "container_code": code_of(999_999),
        "discard_id": "none",
        "plan_id": "none",
        "day": "2026-01-01",
        "reread_id": "none",
        "region": "full",
        "size": "64,",
        "rotation": "0",
        "quality": "default",
        "form": "jpg",
        "level": "8",
        "column": "0",
        "row": "0",
    }


@pytest.fixture(scope="module")
def viewing(node: Any) -> str:
    """A token of the administrator with the scope slides.view."""
    with open_parts(load_settings(node.data, {})) as parts:
        code = parts.access.issue_link("admin")
    with httpx.Client(base_url=node.base, headers={"x-hemalum": "1"}) as browser:
        assert browser.post("/api/access/sign-in/link", json={"code": code}).status_code == 200
        asked = {"name": "viewer", "scopes": ["slides.view"], "days": 1}
        secret: str = browser.post("/api/access/account/tokens", json=asked).json()["secret"]
    return secret


def ask(node: Any, key: str, places: dict[str, str], who: str | None) -> int:
    method, _, path = key.partition(" ")
    params = {}
    if path.endswith("/conformity/slides"):
        params = {"level": "refused"}
    if path.endswith("/inference/compare"):
        params = {"first": "none", "second": "another"}
    if path.endswith("/pick"):
        params = {"x_px": 10, "y_px": 10}
    if path.endswith("/region"):
        params = {"x_um": 0, "y_um": 0, "width_um": 20, "height_um": 20, "spacing_um": 1}
    if path.endswith("/difference"):
        params = {"before": 1000, "after": 1001}
    if path.endswith("/progress"):
        params = {"image": places["image_id"]}
    if path.endswith("/drift/slides"):
        params = {"monday": "2026-11-02"}
    elif any(part in path for part in ("/turnaround", "/rates", "/first-looks", "/drift")):
        params = {"begin": "2026-11-01T00:00:00Z", "end": "2026-12-01T00:00:00Z"}
    headers = {"tus-resumable": "1.0.0", "upload-length": "10", "upload-offset": "0"}
    body = BODIES.get(key, {} if method in ("POST", "PATCH", "PUT") and path.startswith(IMAGE) else None)
    with node.client(who) as client:
        status: int = client.request(
            method, path.format(**places), params=params, headers=headers, json=body
        ).status_code
    return status


def test_every_endpoint_says_what_it_needs(node: Any) -> None:
    document = node.get("/api/openapi.json").json()
    listed = {f"{method.upper()} {path}" for path, methods in document["paths"].items() for method in methods}
    elsewhere = ("/api/access/", "/api/audit/", "/api/apps")
    assert {each for each in listed if not any(part in each for part in elsewhere)} == set(NEEDED)
    names = [each["operationId"] for methods in document["paths"].values() for each in methods.values()]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("key", NEEDED)
def test_nobody_gets_in(node: Any, places: dict[str, str], key: str) -> None:
    expected = 204 if NEEDED[key] == NOBODY_NEEDED else 401
    assert ask(node, key, places, None) == expected


@pytest.mark.parametrize("path", ["/api/quality/rates.csv", "/api/cases/turnaround.csv"])
def test_no_browser_keeps_a_table_of_cases(node: Any, path: str) -> None:
    period = {"begin": "2026-11-01T00:00:00Z", "end": "2026-12-01T00:00:00Z"}
    answer = node.get(path, params=period)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "private, no-store")


OF_ROLES = ("upload", "/glass", "/readers", "/templates", "/plans", "/give-up", "/triage/points")
"""Outsiders lack the role, or it is nobody's in particular."""


@pytest.mark.parametrize(
    "key",
    [key for key in NEEDED if "{" in key and not any(part in key for part in OF_ROLES)],
)
def test_an_outsider_cannot_tell_that_it_exists(node: Any, places: dict[str, str], key: str) -> None:
    status = ask(node, key, places, "outsider")
    if key in SEARCHES:
        assert status == 200
    elif key == f"POST {STUDY}":
        assert status == 415  # storing into one's own organisation, whatever the study
    else:
        assert status == 404
        unknown = ("image_id", "case_id", "material_id", "patient_id")
        nothing = {name: "nothing" if name in unknown else value for name, value in places.items()}
        nothing |= {"study": "1.2.3"}
        assert ask(node, key, nothing, "administrator") == 404


def test_an_outsider_finds_nothing(node: Any) -> None:
    assert node.get("/api/slides/images", "outsider").json()["total"] == 0
    for target in ("studies", "series", "instances"):
        assert node.get(f"/dicomweb/{target}", "outsider").json() == []


OF_STAFF = (
    "slides.",
    "cases.",
    "custody.",
    "orders.",
    "interfaces.",
    "conformity.",
    "inference.",
    "models.",
    "quality.",
    "triage.",
)


@pytest.mark.parametrize("key", [key for key, needed in NEEDED.items() if needed.startswith(OF_STAFF)])
def test_without_its_permission_it_is_refused(node: Any, places: dict[str, str], key: str) -> None:
    """A student may view and do nothing else."""
    status = ask(node, key, places, "student")
    if NEEDED[key] == "slides.view":
        assert status < 400
    else:
        assert status == 403


@pytest.mark.parametrize("key", NEEDED)
def test_who_may_gets_an_answer(node: Any, places: dict[str, str], key: str) -> None:
    who = (
        "reviewer"
        if NEEDED[key].startswith(("audit.", "quality.manage", "triage.manage"))
        else "administrator"
    )
    status = ask(node, key, places, who)
    if key == f"POST {REPORT}/preliminary":
        # There is no version yet, or another one than this was saved meanwhile: tests come in any order.
        assert status in (404, 409)
    elif key in REFUSED_FOR_OTHER_REASONS:
        assert status == REFUSED_FOR_OTHER_REASONS[key]
    else:
        assert status < 400


@pytest.mark.parametrize("key", [key for key, needed in NEEDED.items() if needed != NOBODY_NEEDED])
def test_a_token_reaches_no_further_than_its_scopes(
    node: Any, places: dict[str, str], viewing: str, key: str
) -> None:
    """Of somebody who may do nearly everything, by a token that is for viewing."""
    narrowed = replace(node, tokens={"narrowed": viewing})
    status = ask(narrowed, key, places, "narrowed")
    if NEEDED[key] == "slides.view":
        assert status < 400
    else:
        assert status == 403


def test_a_cookie_alone_changes_nothing(node: Any) -> None:
    """A form on a foreign page sends the cookie, but cannot send the header."""
    with node.client(None) as client:
        client.cookies.set("hemalum_session", "whatever")
        refused = client.post(f"/api/slides/images/{node.images['ycbcr']}/openings", json={})
    assert (refused.status_code, refused.json()["code"]) == (403, "not-permitted")


def test_errors_are_problems_and_pages_are_guarded(node: Any) -> None:
    for path in ("/api/nothing", "/dicomweb/nothing", "/iiif/nothing/at/all", "/tiles/x", "/enter/nothing"):
        answer = node.get(path)
        assert answer.headers["content-type"] == "application/problem+json", path
        assert answer.json()["status"] == answer.status_code in (401, 404)
        assert answer.json()["detail"].endswith(".")
    health = node.get("/api/health", None)
    assert health.json()["status"] == "ok"
    assert health.headers["x-content-type-options"] == "nosniff"
    assert "camera=()" in health.headers["permissions-policy"]
    assert "frame-ancestors 'none'" in health.headers["content-security-policy"]
    with node.client() as client:
        assert client.put("/api/slides/images").status_code == 405


def test_head_is_answered_wherever_get_is(node: Any, places: dict[str, str]) -> None:
    paths = [key.removeprefix("GET ").format(**places) for key in NEEDED if key.startswith("GET ")]
    with node.client() as client:
        for path in paths:
            if path.endswith(("/region", "/pick")) or "uploads" in path:
                continue
            head = client.head(path, headers={"accept": "*/*"})
            assert (head.status_code, head.content) == (client.get(path).status_code, b""), path


def test_a_large_body_is_refused(node: Any) -> None:
    with node.client() as client:
        path = f"/api/slides/images/{node.images['ycbcr']}/metadata"
        whole = client.patch(path, content=b" " * (2 << 20), headers={"content-type": "application/json"})
        assert (whole.status_code, whole.json()["code"]) == (413, "too-large")
        pieces = client.patch(
            path, content=iter([b" " * 1024] * 2048), headers={"content-type": "application/json"}
        )
        assert (pieces.status_code, pieces.json()["code"]) == (413, "too-large")
