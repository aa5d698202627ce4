"""No request breaks the node: what schemathesis makes of the OpenAPI document."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from hemalum.app.node import open_parts
from hemalum.runtime.settings import load_settings
from hemalum.testing import samples
from tests.budgets import IS_LONG

from .conftest import (
    RunningNode,
    dicom_with_label,
    make_people,
    names_of_slide,
    serving,
    wait_until_available,
)

PHASES = "coverage,fuzzing" if IS_LONG else "fuzzing"
"""What is on the edge of each parameter takes minutes to make up, and is the same at every run."""

EXAMPLES = {"administrator": 4, "nobody": 1}
"""Of each operation. Nobody is told 401 by nearly all of them: `make test-long` tries that."""

SHARES = 6
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
    command += [f"{fuzzed.base}/api/openapi.json", "--phases", PHASES, "--no-color"]
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
