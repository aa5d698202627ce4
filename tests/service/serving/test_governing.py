"""Who else sees a slide: protection, consent, sending it on, breaking the glass and reviewing that."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

REASON = {"reason": "the patient is bleeding and lies in theatre"}


SLIDES = {
    "test_a_protected_slide_is_seen_by_breaking_the_glass_and_that_is_reviewed": "rgb",
    "test_an_emergency_reaches_slides_of_others_and_is_recorded": "jpeg2000",
}
"""Glass stays broken for hours, so each test that breaks it has a slide of its own."""


@pytest.fixture
def image(node: Any, request: pytest.FixtureRequest) -> Iterator[str]:
    """A slide that is put back under plain terms and taken back from everybody."""
    image_id = node.images[SLIDES.get(request.node.name, "deflate")]
    yield f"/api/slides/images/{image_id}"
    with node.client() as client:
        assert client.put(f"/api/slides/images/{image_id}/terms", json={}).status_code == 200
        client.delete(f"/api/slides/images/{image_id}/shares/elsewhere")


def sees(node: Any, image: str, who: str, purpose: str = "care") -> bool:
    """Whether somebody finds the slide in the library; opening it must agree."""
    with node.client(who) as client:
        client.headers["x-hemalum-purpose"] = purpose
        listed = {item["id"] for item in client.get("/api/slides/images?limit=500").json()["items"]}
        opened = client.post(f"{image}/openings", json={}).status_code
    in_list = image.rpartition("/")[2] in listed
    assert in_list == (opened == 201)
    return in_list


def open_glass(reviewer: httpx.Client, image: str) -> list[dict[str, Any]]:
    """What waits for review at a slide."""
    waiting = reviewer.get("/api/slides/glass", params={"open": True}).json()
    return [glass for glass in waiting if glass["image_id"] == image.rpartition("/")[2]]


def test_a_protected_slide_is_seen_by_breaking_the_glass_and_that_is_reviewed(node: Any, image: str) -> None:
    with node.client() as client, node.client("reviewer") as reviewer:
        assert sees(node, image, "administrator")
        assert client.put(f"{image}/terms", json={"restricted": True}).json()["restricted"] is True
        assert not sees(node, image, "administrator")
        assert not sees(node, image, "student", "teaching")
        refused = client.get(image)
        assert (refused.status_code, refused.json()["code"]) == (403, "glass-needed")
        assert client.get(f"{image}/thumbnail").status_code == 403
        assert client.post(f"{image}/glass", json={"reason": "short"}).status_code == 422
        broken = client.post(f"{image}/glass", json=REASON)
        assert broken.status_code == 201
        assert sees(node, image, "administrator")
        assert not sees(node, image, "administrator", "research")
        assert client.get(f"{image}/original").status_code == 403
        again = client.post(f"{image}/glass", json=REASON)
        assert (again.status_code, again.json()["code"]) == (409, "conflict")

        [waiting] = open_glass(reviewer, image)
        assert waiting["reason"] == REASON["reason"]
        assert waiting["image_id"] == image.rpartition("/")[2]
        path = f"/api/slides/glass/{waiting['id']}/review"
        reviewed = reviewer.post(path, json={"verdict": "justified", "remark": "seen in theatre"})
        assert reviewed.json()["verdict"] == "justified"
        assert reviewer.post(path, json={"verdict": "not_justified"}).status_code == 409
        assert open_glass(reviewer, image) == []
        assert waiting["id"] in [glass["id"] for glass in reviewer.get("/api/slides/glass").json()]


def test_a_slide_is_read_where_it_was_sent_and_nowhere_else(node: Any, image: str) -> None:
    with node.client() as client, node.client("outsider") as outsider:
        assert outsider.get(image).status_code == 404
        sent = client.post(f"{image}/shares", json={"organisation_id": "elsewhere", "days": 3})
        assert sent.status_code == 201
        assert [share["organisation_id"] for share in client.get(f"{image}/shares").json()] == ["elsewhere"]
        assert sees(node, image, "outsider")
        assert outsider.get("/api/slides/images").json()["total"] == 1
        for path in ("original", "shares", "terms"):
            assert outsider.get(f"{image}/{path}").status_code == 403
        assert outsider.patch(f"{image}/metadata", json={"stain": "PAS"}).status_code == 403
        assert client.delete(f"{image}/shares/elsewhere").status_code == 204
        assert outsider.get(image).status_code == 404
        assert client.delete(f"{image}/shares/elsewhere").status_code == 404
        assert client.post(f"{image}/shares", json={"organisation_id": "home"}).status_code == 422
        assert client.post(f"{image}/shares", json={"organisation_id": "nowhere"}).status_code == 404
        assert (
            client.post(f"{image}/shares", json={"organisation_id": "elsewhere", "days": 0}).status_code
            == 422
        )


def test_a_slide_that_is_taken_back_shows_no_more_tiles(node: Any, image: str) -> None:
    with node.client() as client, node.client("outsider") as outsider:
        client.post(f"{image}/shares", json={"organisation_id": "elsewhere", "days": 3})
        opening = outsider.post(f"{image}/openings", json={}).json()
        tile = opening["tile_url"].format(level=0, plane=0, channel=0, row=0, column=0)
        assert outsider.get(tile).status_code == 200
        assert client.delete(f"{image}/shares/elsewhere").status_code == 204
        assert outsider.get(tile).status_code == 401
        # Whoever may still see it opens it again.
        own = client.post(f"{image}/openings", json={}).json()["tile_url"]
        assert client.get(own.format(level=0, plane=0, channel=0, row=0, column=0)).status_code == 200


def test_an_emergency_reaches_slides_of_others_and_is_recorded(node: Any, image: str) -> None:
    with node.client("on-call") as outsider, node.client("reviewer") as reviewer:
        assert outsider.get(image).status_code == 404
        assert outsider.post("/api/slides/images/nothing/glass", json=REASON).status_code == 404
        assert outsider.post(f"{image}/glass", json=REASON).status_code == 201
        assert outsider.get(image).status_code == 200
        waiting = open_glass(reviewer, image)
        assert [glass["person_name"] for glass in waiting] == ["Somebody on call"]
        path = f"/api/slides/glass/{waiting[0]['id']}/review"
        assert reviewer.post(path, json={"verdict": "not_justified"}).status_code == 200


def test_what_the_patient_objected_to_is_not_done(node: Any, image: str) -> None:
    with node.client() as client:
        assert sees(node, image, "researcher", "research")
        client.put(f"{image}/terms", json={"refused": ["research"]})
        assert not sees(node, image, "researcher", "research")
        assert sees(node, image, "administrator")
        assert client.put(f"{image}/terms", json={"refused": ["gossip"]}).status_code == 422


def test_dicom_follows_the_same_rules(node: Any, image: str) -> None:
    series = node.detail("deflate")["series_uid"]
    with node.client() as client:
        client.put(f"{image}/terms", json={"refused": ["research"], "restricted": True})
        found = client.get("/dicomweb/series", params={"SeriesInstanceUID": series}).json()
        assert found == []
        client.put(f"{image}/terms", json={"refused": ["research"]})
        assert len(client.get("/dicomweb/series", params={"SeriesInstanceUID": series}).json()) == 1
    asked = node.get("/dicomweb/series", "researcher", params={"SeriesInstanceUID": series})
    assert asked.json() == []
