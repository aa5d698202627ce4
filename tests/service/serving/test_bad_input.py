"""No request breaks the node: what schemathesis makes of the OpenAPI document, and what people think of."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from hemalum.app.node import open_parts
from hemalum.runtime.settings import load_settings
from hemalum.testing import samples

from .conftest import RunningNode, dicom_with_label, make_people, serving, wait_until_available

EXAMPLES = {"administrator": 2, "nobody": 1}
"""Of each operation, on top of those that schemathesis makes for each of its parameters. Nobody is told 401
by nearly all of them: `make test-long` tries that."""

SHARES = 3
"""So many parts the interface is tried in, each within the time that a test has."""

PATIENCE_S = 280

LEFT_OUT = {"access_sign_out", "access_act_in"}
"""They end the session that schemathesis came with; all that follows would be answered 401."""


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningNode]:
    """A node that nothing else looks at: its slides and people come out of this as they may."""
    folder = tmp_path_factory.mktemp("fuzzed")
    settings = load_settings(folder / "node", {})
    made = {"svs": samples.svs_ycbcr(folder), "dicom": dicom_with_label(folder)}
    settings.data.mkdir()
    (settings.data / "hemalum.toml").write_text("requests_per_second = 1_000_000")
    with open_parts(settings) as parts:
        tokens = make_people(parts.access)
        with serving(settings) as base:
            running = RunningNode(settings.data, base, tokens, made)
            for name, sample in made.items():
                running.images[name] = parts.slides.take_in(list(sample.paths), "home")[0].image_id
            wait_until_available(parts.slides, running)
            code = parts.access.issue_link("admin")
            entered = httpx.post(
                f"{base}/api/access/sign-in/link", json={"code": code}, headers={"x-hemalum": "1"}
            )
            running.tokens["session"] = entered.cookies["hemalum_session"]
            running.tokens["somebody"] = parts.access.get_person("student").id
            yield running


def names_of_slide(node: Any, name: str) -> dict[str, list[str]]:
    """What a DICOM slide is called, by the parameter of a path that names it."""
    detail = node.detail(name)
    study, series = detail["study_uid"], detail["series_uid"]
    found = node.get(f"/dicomweb/studies/{study}/series/{series}/instances").json()
    instances = [each["00080018"]["Value"][0] for each in found]
    return {"study": [study], "series": [series], "instance": instances}


def configuration(node: RunningNode) -> str:
    lines = [f"hooks = {json.dumps(str(Path(__file__).with_name('schemathesis_hooks.py')))}"]
    names = names_of_slide(node, "dicom") | {
        "image_id": list(node.images.values()),
        "person_id": [node.tokens["somebody"]],
        # Not the administrator's own, which may come out asking for a second factor.
        "organisation_id": ["elsewhere", "third"],
    }
    for name, values in names.items():
        lines += [f"[dictionaries.{name}]", f"values = {json.dumps(values)}"]
    lines.append("[parameters]")
    for name in names:
        probability = 1 if name == "organisation_id" else 0.7
        lines.append(f'"path.{name}" = {{dictionary = "{name}", probability = {probability}}}')
    for phase in ("coverage", "fuzzing"):
        # Names out of answers would be the administrator's own session, too.
        lines += [f"[phases.{phase}.extra-data-sources]", "responses = false"]
    return "\n".join(lines)


@pytest.mark.parametrize("share", range(SHARES))
@pytest.mark.parametrize("who", ["administrator", pytest.param("nobody", marks=pytest.mark.long)])
def test_no_request_breaks_the_node(fuzzed: RunningNode, tmp_path: Path, who: str, share: int) -> None:
    (tmp_path / "schemathesis.toml").write_text(configuration(fuzzed))
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", "schemathesis.toml", "run"]
    command += [f"{fuzzed.base}/api/openapi.json", "--phases", "coverage,fuzzing", "--no-color"]
    command += ["--checks", "not_a_server_error,tells_what_is_wrong", "--suppress-health-check", "all"]
    command += ["--max-examples", str(EXAMPLES[who]), "--generation-deterministic", "--continue-on-failure"]
    command += ["--header", "X-Hemalum: 1", "--warnings", "off"]
    if who == "administrator":
        command += ["--header", f"Cookie: hemalum_session={fuzzed.tokens['session']}"]
        for name in LEFT_OUT:
            command += ["--exclude-operation-id", name]
    paths = sorted(httpx.get(f"{fuzzed.base}/api/openapi.json", timeout=PATIENCE_S).json()["paths"])
    for path in paths[share::SHARES]:
        command += ["--include-path", path]
    environment = os.environ | {"HEMALUM_FUZZED_FOLDER": str(fuzzed.data)}
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        cwd=tmp_path,
        env=environment,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    signed_in = httpx.get(
        f"{fuzzed.base}/api/access/me", cookies={"hemalum_session": fuzzed.tokens["session"]}
    )
    assert signed_in.status_code == 200, "the administrator lost the session, so little was tried"


LONG, HUGE = "9" * 5000, "9" * 400
"""More digits than Python makes a number of, and a number larger than any float."""

_IMAGE = "/api/slides/images/{image_id}"
_REGION = f"{_IMAGE}/region?x_um=0&y_um=0&height_um=10&spacing_um=1"
_INSTANCE = "/dicomweb/studies/{study}/series/{series}/instances/{instance}"

BAD_PATHS = {
    f"{_REGION}&width_um=inf": 422,
    f"{_REGION}&width_um=nan": 422,
    f"{_REGION}&width_um=1e300": 422,
    f"{_IMAGE}/region?x_um=0&y_um=0&width_um=5&height_um=5&spacing_um=5e-324": 422,
    f"{_IMAGE}/original?number={HUGE}": 404,
    f"/api/slides/images?offset={2**63}": 422,
    f"/api/slides/images?offset={HUGE}": 422,
    f"/api/access/people?offset={2**63}": 422,
    "/api/slides/images?q=%00": 422,
    "/api/slides/images/%00": 422,
    f"/api/slides/images/{LONG}": 404,
    "/api/slides/uploads/..%2f..": 404,
    f"/iiif/3/{{image_id}}/{LONG},0,1,1/max/0/default.jpg": 400,
    f"/iiif/3/{{image_id}}/pct:0,0,{HUGE},1/max/0/default.jpg": 400,
    f"/iiif/3/{{image_id}}/full/{LONG},/0/default.jpg": 400,
    f"/iiif/3/{{image_id}}/full/^{HUGE},/0/default.jpg": 400,
    f"/iiif/3/{{image_id}}/full/^!{HUGE},{HUGE}/0/default.jpg": 400,
    f"/iiif/3/{{image_id}}/full/pct:{HUGE}/0/default.jpg": 400,
    f"/iiif/3/{{image_id}}/full/max/{HUGE}/default.jpg": 400,
    f"/deepzoom/{{image_id}}_files/{LONG}/0_0.jpg": 422,
    f"{_INSTANCE}/frames/{LONG}": 400,
    f"{_INSTANCE}/rendered?viewport=nan,nan": 400,
    f"{_INSTANCE}/rendered?viewport=10,10,-inf,0,inf,1": 400,
    f"{_INSTANCE}/thumbnail?viewport=inf,5": 400,
    f"{_INSTANCE}/rendered?quality=²": 400,
    f"{_INSTANCE}/rendered?quality={LONG}": 400,
    f"{_INSTANCE}/bulkdata/00480105/²/00282000": 404,
    "/dicomweb/studies?StudyDescription=%00": 200,
    f"/tiles/{{ticket}}/{LONG}/0/0/0/0": 422,
    f"/tiles/{{ticket}}/0/0/composite/0/0?c={LONG}-ff0000-0-1": 422,
    "/tiles/{ticket}/0/0/composite/0/0?c=0-ff0000-0-1e999": 422,
    "/enter/%00": 401,
}
"""Addresses that once broke something, or might, and what they get."""

BAD_RANGES = [f"bytes={LONG}-", f"bytes=-{LONG}", f"bytes=0-{LONG}", "bytes=²-"]

BAD_BODIES = {
    r'{"stain": "\ud800"}': 422,
    r'{"\ud800": 1}': 422,
    '{"stain": {"a": [1]}, "organ": []}': 422,
    '{"focus_method": []}': 422,
    '{"objective_power": 1' + "0" * 400 + "}": 422,
    '{"objective_power": 1' + "0" * 5000 + "}": 400,
    '{"objective_power": NaN}': 422,
    '{"spacing_um": {"x": [], "y": {}}}': 422,
    "[" * 100_000: 400,
    "[]": 422,
    "\xff\xfe": 422,
}
"""What somebody states of a slide that no slide can be."""


@pytest.fixture(scope="module")
def places(node: Any) -> dict[str, str]:
    """Values for the parameters of paths."""
    names = {name: values[0] for name, values in names_of_slide(node, "dicom-label").items()}
    ticket = node.open("fluorescence")["ticket"]
    return names | {"image_id": node.images["ycbcr"], "ticket": ticket}


def check_refused(answer: httpx.Response, status: int) -> None:
    assert answer.status_code == status, answer.text
    if status >= 400:
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["detail"].endswith(".")


@pytest.mark.parametrize("path", BAD_PATHS, ids=range(len(BAD_PATHS)))
def test_no_address_breaks_the_node(node: Any, places: dict[str, str], path: str) -> None:
    check_refused(node.get(path.format(**places)), BAD_PATHS[path])


@pytest.mark.parametrize("asked", BAD_RANGES, ids=range(len(BAD_RANGES)))
def test_a_range_that_is_none_asks_for_everything(node: Any, asked: str) -> None:
    path = f"/api/slides/images/{node.images['rgb']}/original"
    assert node.get(path, headers={"range": asked.encode("latin-1")}).status_code == 200


@pytest.mark.parametrize("body", BAD_BODIES, ids=range(len(BAD_BODIES)))
def test_no_statement_breaks_the_node(node: Any, body: str) -> None:
    path = f"/api/slides/images/{node.images['rgb']}/metadata"
    with node.client() as client:
        answer = client.patch(path, content=body, headers={"content-type": "application/json"})
    check_refused(answer, BAD_BODIES[body])


@pytest.mark.parametrize(
    "until", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2030-01-01T00:00"]
)
def test_a_time_that_is_none_is_refused(node: Any, until: str) -> None:
    with node.client() as client:
        student = client.get("/api/access/people", params={"q": "student"}).json()["items"][0]["id"]
        asked = {"roles": [{"role": "student", "until": until}]}
        check_refused(client.put(f"/api/access/people/{student}/roles", json=asked), 422)


def test_a_host_that_is_none_breaks_nothing(node: Any) -> None:
    for host in ("[", "a b", "h\xe9"):
        answer = node.get("/api/access/me", headers={"host": host.encode("latin-1")})
        assert answer.status_code == 200
