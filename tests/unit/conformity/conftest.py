"""Conformity of slides that wait in a queue, with cases and reports."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from hemalum.capabilities.access.model import Role
from hemalum.capabilities.conformity.jobs import jobs_of
from hemalum.capabilities.conformity.service import Conformity
from hemalum.capabilities.reports.service import open_reports
from tests.hospital import DESCRIPTION, ELSEWHERE, NOON, Hospital

PEOPLE = {
    "li": Role.PATHOLOGIST,
    "tech": Role.TECHNICIAN,
    "clinician": Role.CLINICIAN,
    "quality": Role.QUALITY_MANAGER,
}
SAID = replace(DESCRIPTION, specimen="S1", acquired_at="2026-11-20T10:00:00+08:00")


class World(Hospital):
    def __init__(self, folder: Path) -> None:
        self.queued: list[tuple[str, dict[str, Any]]] = []
        super().__init__(folder, PEOPLE, queue=SimpleNamespace(enqueue=self._enqueue))
        self.access.add_person("outsider", "Outsider", ELSEWHERE, Role.PATHOLOGIST)
        reports = open_reports(self.cases, self.access, folder)
        self.conformity = Conformity(self.slides, self.cases, reports, self.access)

    def _enqueue(self, name: str, arguments: dict[str, Any], job_id: str) -> None:
        self.queued.append((name, arguments))

    def new_image(self, **described: Any) -> str:
        """An available image whose file says this."""
        said = replace(SAID, **described)
        return self.add_image(said, status="available", available_at=NOON, generation="1")

    def work(self) -> None:
        """Do what was put into the queue."""
        jobs = jobs_of(self.conformity)
        run = cast(Any, SimpleNamespace(step=lambda _name, function: function()))
        while self.queued:
            name, arguments = self.queued.pop(0)
            if name in jobs:
                jobs[name](run, arguments)

    def levels(self, image_id: str) -> dict[str, str]:
        verdict = self.conformity.show_verdict(self.who("li"), image_id)
        assert verdict is not None
        return {one.element: one.level.value for one in verdict.verdicts}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = World(tmp_path_factory.mktemp("conformity"))
    yield made
    made.close()
