"""A real node in a process of its own, with people of two hospitals."""

import itertools
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from hemalum.capabilities.access.model import LinkPurpose, Role
from hemalum.capabilities.access.service import Access
from hemalum.runtime.db import migrate, open_database
from hemalum.runtime.settings import load_settings, make_folders

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

    def signed_in(self, name: str, purpose: LinkPurpose = LinkPurpose.ENTER) -> httpx.Client:
        """Somebody who came in by a one-time link."""
        browser = self.browser()
        code = self.access.issue_link(name, purpose)
        answer = browser.post("/api/access/sign-in/link", json={"code": code})
        assert answer.status_code == 200, answer.text
        return browser

    def person(self, name: str, *roles: Role, organisation_id: str = "home") -> str:
        """Somebody new; their id."""
        return self.access.add_person(name, f"{name} of the tests", organisation_id, *roles).id


@pytest.fixture(scope="package")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningNode]:
    folder = tmp_path_factory.mktemp("access")
    settings = load_settings(folder / "node", {})
    make_folders(settings)
    database = open_database(settings.database_url)
    migrate(database)
    access = Access(database)
    access.ensure_first_people()
    access.add_organisation("elsewhere", "Another hospital")
    access.add_person("chief", "The chief", "home", Role.ADMINISTRATOR)
    access.add_person("student", "A student", "home", Role.STUDENT)
    outsider = (Role.ADMINISTRATOR, Role.PATHOLOGIST, Role.TECHNICIAN)
    access.add_person("outsider", "An outsider", "elsewhere", *outsider)
    process = _start(settings.data)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert "ready at " in line, line
        yield RunningNode(line.split("ready at ")[1].strip().rstrip("/"), access)
    finally:
        process.terminate()
        code = process.wait(20)
        assert process.stdout is not None
        process.stdout.close()
        database.dispose()
    assert code == 0
    assert "Traceback" not in (folder / "node" / "server.log").read_text()


def _start(data: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", "from hemalum.app.cli import main; main()"]
    with (data / "server.log").open("w") as log:
        return subprocess.Popen(
            [*command, "serve", "--data", str(data), "--port", "0"],
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
