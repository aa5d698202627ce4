"""A real node in a process of its own, with people of two hospitals."""

import itertools
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx
import pytest

from hemalum.app.node import open_parts
from hemalum.capabilities.access.model import LinkPurpose, Role
from hemalum.capabilities.access.service import Access
from hemalum.runtime.settings import Settings, load_settings
from tests.processes import READY, Process

PATIENCE_S = 60
PASSWORD = "a quiet morning in the laboratory"

_addresses = (f"198.51.{number // 250}.{number % 250 + 1}" for number in itertools.count())


@dataclass
class RunningNode:
    """The node as browsers and programs see it, and its people as the operator of the machine does.

    Of home: `admin` (everything), `chief` (administrator), `student`. Of the hospital elsewhere: `outsider`
    (administrator, pathologist, technician).
    """

    base: str
    access: Access

    def browser(self, **headers: str) -> httpx.Client:
        """Nobody yet, at an address of their own."""
        sent = {"x-hemalum": "1", "x-forwarded-for": next(_addresses), **headers}
        return httpx.Client(base_url=self.base, headers=sent, timeout=PATIENCE_S)

    @contextmanager
    def signed_in(self, name: str, purpose: LinkPurpose = LinkPurpose.ENTER) -> Iterator[httpx.Client]:
        """Somebody who came in by a one-time link."""
        code = self.access.issue_link(name, purpose)
        with self.browser() as browser:
            answer = browser.post("/api/access/sign-in/link", json={"code": code})
            assert answer.status_code == 200, answer.text
            yield browser

    def person(self, name: str, *roles: Role, organisation_id: str = "home") -> str:
        """Somebody new; their id."""
        return self.access.add_person(name, f"{name} of the tests", organisation_id, *roles).id


@pytest.fixture(scope="package")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningNode]:
    settings = load_settings(tmp_path_factory.mktemp("access") / "node", {})
    with open_parts(settings) as parts:
        access = parts.access
        access.add_organisation("elsewhere", "Another hospital")
        access.add_person("chief", "The chief", "home", Role.ADMINISTRATOR)
        access.add_person("student", "A student", "home", Role.STUDENT)
        outsider = (Role.ADMINISTRATOR, Role.PATHOLOGIST, Role.TECHNICIAN)
        access.add_person("outsider", "An outsider", "elsewhere", *outsider)
        with serving(settings) as base:
            yield RunningNode(base, access)


@contextmanager
def serving(settings: Settings) -> Iterator[str]:
    """Serve a node in a process of its own; its address."""
    log = settings.data / "server.log"
    with log.open("w") as written:
        arguments = ("serve", "--data", settings.data, "--port", 0)
        process = Process(*arguments, stdout=subprocess.PIPE, stderr=written)
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        assert READY in line, line
        yield line.split(READY)[1].strip().rstrip("/")
    finally:
        process.terminate()
        code = process.wait(20)
        process.stdout.close()
    assert code == 0
    assert "Traceback" not in log.read_text()
