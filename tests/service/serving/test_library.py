"""The library over HTTP."""

import hashlib
import io
import time
from typing import Any

import httpx
import pytest
from PIL import Image


def page(node: Any, who: str = "administrator", **asked: Any) -> dict[str, Any]:
    answer = node.get("/api/slides/images", who, params=asked)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_the_library_lists_searches_sorts_and_pages(node: Any) -> None:
    everything = page(node)
    assert everything["total"] >= len(node.images)
    assert {item["status"] for item in everything["items"]} == {"available"}
    assert {item["name"] for item in page(node, q="RGB svs")["items"]} == {"j2k_rgb.svs", "rgb.svs"}
    names = [item["name"].casefold() for item in page(node, sort="name")["items"]]
    assert names == sorted(names)
    sizes = [item["size_bytes"] for item in page(node, sort="size")["items"]]
    assert sizes == sorted(sizes, reverse=True)
    first, second = page(node, sort="name", limit=2), page(node, sort="name", limit=2, offset=2)
    assert [item["name"].casefold() for item in first["items"] + second["items"]] == names[:4]
    assert first["total"] == everything["total"]
    assert page(node, status="quarantined")["total"] == 0
    assert page(node, q="no such slide")["items"] == []


@pytest.mark.parametrize(
    "asked", [{"limit": 501}, {"limit": 0}, {"offset": -1}, {"sort": "x"}, {"status": "x"}]
)
def test_a_malformed_question_is_answered_with_a_sentence(node: Any, asked: dict[str, Any]) -> None:
    answer = node.get("/api/slides/images", params=asked)
    assert answer.status_code == 422
    problem = answer.json()
    assert problem["code"] == "invalid"
    assert next(iter(asked)) in problem["detail"]
    assert problem["detail"].endswith(".")


def test_the_detail_of_an_image(node: Any) -> None:
    detail = node.detail("ycbcr")
    sample = node.samples["ycbcr"]
    assert detail["sha256"] == hashlib.sha256(sample.path.read_bytes()).hexdigest()
    assert detail["spacing_um"] == {"x": 0.5, "y": 0.5}
    assert detail["levels"][0]["width_px"] == detail["width_px"] == 612
    elements = {element["name"]: element for element in detail["elements"]}
    assert elements["spacing_um"]["source"]
    assert elements["stain"]["value"] is None
    assert {finding["element"] for finding in detail["findings"]} >= {"stain", "organ"}
    assert detail["properties"]
    assert detail["objects"][0]["name"] == sample.path.name
    assert node.get("/api/slides/images/nothing").status_code == 404


def test_list_and_detail_agree_on_a_scanner_of_which_only_the_maker_is_known(node: Any) -> None:
    detail = node.detail("ycbcr")
    listed = next(item for item in page(node, q="aperio")["items"] if item["id"] == detail["id"])
    elements = {element["name"]: element["value"] for element in detail["elements"]}
    for told in (listed, detail, elements):
        assert (told["vendor"], told["scanner_model"]) == ("Aperio", None)
    assert ("scanner_model", "missing") in {(one["element"], one["problem"]) for one in detail["findings"]}
    assert "vendor" not in {one["element"] for one in detail["findings"]}


def test_a_stated_scale_gives_the_image_its_dicom_face(node: Any) -> None:
    image = node.images["strips"]
    path = f"/api/slides/images/{image}/metadata"
    before = node.get("/api/slides/revision").json()["revision"]
    with node.client() as client:
        assert client.patch(path, json={"spacing_um": -1}).status_code == 422
        assert client.patch(path, json={"nonsense": 1}).status_code == 422
        stated = client.patch(path, json={"spacing_um": 0.4, "stain": "H&E"})
        assert stated.status_code == 200, stated.text
        assert stated.json()["spacing_um"] == {"x": 0.4, "y": 0.4}
        assert node.get("/api/slides/revision").json()["revision"] > before
        study = stated.json()["study_uid"]
        end = time.monotonic() + 30
        while not (found := client.get(f"/dicomweb/studies/{study}/instances").json()):
            assert time.monotonic() < end
            time.sleep(0.1)
        assert found[0]["00080060"]["Value"] == ["SM"]
        taken_back = client.patch(path, json={"spacing_um": None, "stain": None}).json()
        assert taken_back["spacing_um"] is None


def test_thumbnails(node: Any) -> None:
    for name, image in node.images.items():
        answer = node.get(f"/api/slides/images/{image}/thumbnail", params={"width": 128})
        assert answer.status_code == 200, name
        picture = Image.open(io.BytesIO(answer.content))
        assert (picture.format, max(picture.size)) == ("JPEG", 128)
        again = node.get(
            f"/api/slides/images/{image}/thumbnail",
            params={"width": 128},
            headers={"if-none-match": answer.headers["etag"]},
        )
        assert again.status_code == 304


def test_the_label_needs_its_own_permission(node: Any) -> None:
    for kind in ("label", "macro"):
        path = f"/api/slides/images/{node.images['ycbcr']}/{kind}"
        seen = node.get(path)
        assert seen.status_code == 200
        assert Image.open(io.BytesIO(seen.content)).format == "JPEG"
        assert seen.headers["cache-control"] == "private, no-store"
        assert node.get(path, "student").status_code == 403
        assert node.get(path, "outsider").status_code == 404
        assert node.get(f"/api/slides/images/{node.images['deflate']}/{kind}").status_code == 404


def original(node: Any, **headers: str) -> httpx.Response:
    answer: httpx.Response = node.get(
        f"/api/slides/images/{node.images['ycbcr']}/original", headers=dict(headers.items())
    )
    return answer


def test_an_original_with_a_label_is_kept_from_those_who_may_not_see_labels(node: Any) -> None:
    with_label, without = (
        f"/api/slides/images/{node.images[name]}/original" for name in ("ycbcr", "deflate")
    )
    assert node.detail("ycbcr")["has_label"]
    assert node.get(with_label, "researcher").status_code == 403
    assert node.get(without, "researcher").status_code == 200
    assert node.get(with_label, "administrator").status_code == 200


def test_the_original_comes_whole_and_by_range(node: Any) -> None:
    content = node.samples["ycbcr"].path.read_bytes()
    whole = original(node)
    assert whole.content == content
    assert whole.headers["etag"] == f'"{hashlib.sha256(content).hexdigest()}"'
    assert "ycbcr.svs" in whole.headers["content-disposition"]
    for asked, expected in [
        ("bytes=10-99", content[10:100]),
        ("bytes=100-", content[100:]),
        ("bytes=-50", content[-50:]),
        (f"bytes=0-{len(content) * 2}", content),
    ]:
        part = original(node, range=asked)
        assert part.status_code == 206
        assert part.content == expected
    assert original(node, range="bytes=5-10").headers["content-range"] == f"bytes 5-10/{len(content)}"
    assert original(node, range=f"bytes={len(content)}-").status_code == 416
    assert original(node, range="bytes=1-2,5-6").content == content
    assert original(node, range="bytes=1-2", **{"if-range": '"another"'}).content == content


def test_only_a_quarantined_image_is_tried_again(node: Any) -> None:
    with node.client() as client:
        answer = client.post(f"/api/slides/images/{node.images['ycbcr']}/retry")
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")


def test_only_an_image_on_its_way_in_is_cancelled(node: Any) -> None:
    with node.client() as client:
        answer = client.post(f"/api/slides/images/{node.images['ycbcr']}/cancel")
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")


def test_findings_carry_their_template_and_values(node: Any) -> None:
    found = {one["element"]: one for one in node.detail("ycbcr")["findings"]}
    assert found["stain"]["message"] == "The stain is not stated."
    assert found["stain"]["template"] == "The {element} is not stated."
    assert found["stain"]["values"] == {"element": {"template": "stain", "values": {}}}


def test_problems_carry_their_template_and_values(node: Any) -> None:
    image = f"/api/slides/images/{node.images['ycbcr']}"
    with node.client() as client:
        problem = client.patch(f"{image}/metadata", json={"objective_power": 4000}).json()
    assert problem["detail"] == "The objective must lie between 0.5 and 200."
    assert problem["template"] == "{title} must lie between {low} and {high}."
    assert problem["values"]["title"] == {"template": "The objective", "values": {}}
    assert (problem["values"]["low"], problem["values"]["high"]) == (0.5, 200)
