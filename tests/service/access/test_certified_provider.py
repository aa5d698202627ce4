"""Signing in and out by way of a certified OpenID provider of another maker (npm: oidc-provider).

It tells groups at its userinfo endpoint only, asks for consent, and ends sessions by back-channel.
"""

import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.processes import free_port

ROOT = Path(__file__).parents[3]
_A = "/api/access"
PEOPLE = {
    "ho": {"name": "何慧", "preferred_username": "ho.certified", "groups": ["pathology"]},
    "visitor": {"name": "A visitor", "preferred_username": "visitor", "groups": []},
}
MOST_STEPS = 12


def _node_js() -> str:
    found = shutil.which("node", path=f"{ROOT / '.venv' / 'node-bin'}:{os.environ['PATH']}")
    if found is None or not (ROOT / "web" / "node_modules" / "oidc-provider").exists():
        pytest.fail("Node.js and the packages of web/ are needed: run scripts/setup test.")
    return found


@dataclass(frozen=True)
class Institution:
    """The provider's address, and its id at the node."""

    address: str
    id: str


@pytest.fixture(scope="module")
def institution(node: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Institution]:
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    stated = {
        "name": "Certified",
        "issuer": address,
        "client_id": "hemalum",
        "client_secret": "a secret of the tests, long enough",
        "scopes": "openid profile groups",
        "rules": [{"group": "pathology", "organisation_id": "home", "role": "pathologist"}],
    }
    with node.signed_in("admin") as admin:
        made = admin.post(f"{_A}/providers", json=stated).json()["id"]
        settings = {
            "people": PEOPLE,
            "redirectUris": [f"{node.base}{_A}/institutions/callback"],
            "postLogoutRedirectUris": [f"{node.base}/"],
            "backchannelLogoutUri": f"{node.base}{_A}/institutions/{made}/back-channel",
        }
        with provided(port, settings, tmp_path_factory.mktemp("certified") / "log"):
            assert admin.post(f"{_A}/providers/{made}/test").status_code == 204
            yield Institution(address, made)


@contextmanager
def provided(port: int, settings: Mapping[str, Any], log_file: Path) -> Iterator[None]:
    """The provider in a process of its own."""
    command = [_node_js(), str(Path(__file__).with_name("provider.mjs")), str(port), json.dumps(settings)]
    with log_file.open("w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        for _ in range(300):
            try:
                httpx.get(f"http://127.0.0.1:{port}/.well-known/openid-configuration")
                break
            except httpx.TransportError:
                time.sleep(0.1)
        yield
    finally:
        process.terminate()
        process.wait(20)


def way_back(node: Any, there: httpx.Client, address: str, name: str) -> str:
    """What somebody does at the provider, signing in and agreeing; where it sends the browser back to."""
    answer = there.get(address)
    for _ in range(MOST_STEPS):
        if answer.is_redirect:
            location = str(answer.next_request.url) if answer.next_request else ""
            if location.startswith(node.base):
                return location
            answer = there.get(location)
            continue
        form = re.search(r'action="([^"]+)"', answer.text)
        prompt = re.search(r'name="prompt" value="(\w+)"', answer.text)
        assert form, answer.text
        assert prompt, answer.text
        answer = there.post(form[1], data={"prompt": prompt[1], "login": name, "password": "x"})
    pytest.fail("the provider never sent the browser back")


def sign_in(node: Any, client: httpx.Client, there: httpx.Client, institution: Institution, name: str) -> str:
    """Come in by way of the provider; where the node leads to then."""
    start = client.get(f"{_A}/institutions/{institution.id}/start", params={"to": "/worklist"})
    return client.get(way_back(node, there, start.headers["location"], name)).headers["location"]


def test_somebody_signs_in_with_groups_that_only_userinfo_tells(node: Any, institution: Institution) -> None:
    with node.browser() as client, httpx.Client(base_url=institution.address) as there:
        assert sign_in(node, client, there, institution, "ho") == "/worklist"
        me = client.get(f"{_A}/me").json()
        assert (me["name"], me["display_name"], me["roles"]) == ("ho.certified", "何慧", ["pathologist"])
        left = client.post(f"{_A}/sign-out").json()["continue_at"]
        assert client.get(f"{_A}/me").status_code == 401
        shown = there.get(left)
        assert shown.status_code == 200, shown.text
        assert "/session/end/confirm" in shown.text


def test_without_a_known_group_nobody_comes_in(node: Any, institution: Institution) -> None:
    with node.browser() as client, httpx.Client(base_url=institution.address) as there:
        assert sign_in(node, client, there, institution, "visitor") == "/sign-in?refused=institution-refused"


def test_who_signs_out_there_is_signed_out_here(node: Any, institution: Institution) -> None:
    with node.browser() as client, httpx.Client(base_url=institution.address) as there:
        sign_in(node, client, there, institution, "ho")
        assert client.get(f"{_A}/me").status_code == 200
        asked = there.get("/session/end").text
        proof = re.search(r'name="xsrf" value="(\w+)"', asked)
        assert proof, asked
        assert there.post("/session/end/confirm", data={"xsrf": proof[1], "logout": "yes"}).is_redirect
        assert client.get(f"{_A}/me").status_code == 401
