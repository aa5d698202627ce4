"""Custody in one hospital with people of every role."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hemalum.capabilities.access.model import Role
from hemalum.capabilities.cases.ledger import ShownCase
from hemalum.capabilities.custody.model import Point, Step
from hemalum.capabilities.custody.scanning import ScanAsked, Scanned
from hemalum.capabilities.custody.service import Custody
from hemalum.kernel.ids import new_id
from tests.hospital import ELSEWHERE, NOON, Hospital

PEOPLE = {
    "li": Role.PATHOLOGIST,
    "junior": Role.JUNIOR_PATHOLOGIST,
    "tech": Role.TECHNICIAN,
    "other": Role.TECHNICIAN,
    "clinician": Role.CLINICIAN,
    "student": Role.STUDENT,
}


class Laboratory(Hospital):
    """Each case, point and container of a test is its own."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, PEOPLE)
        self.access.add_person("outsider", "Outsider", ELSEWHERE, Role.TECHNICIAN)
        self.custody = Custody(self.cases)

    def stage(self, case: ShownCase, code: str) -> str:
        shown = self.custody.cases.get_case(self.who("tech"), case.case.id)
        return next(each.stage.value for each in shown.material if each.identifier == code)

    def point(self, step: Step) -> Point:
        return self.custody.points.add(self.who("tech"), f"{step.value} {new_id()}", "Room 1", step)

    def retire(self, *points: Point) -> None:
        """Points of a test are no station of the next one."""
        for each in points:
            self.custody.points.change(self.who("tech"), each.id, is_active=False)

    def scan(self, point: Point, code: str, who: str = "tech", **asked: Any) -> Scanned:
        return self.custody.scanning.scan(self.who(who), ScanAsked(point.id, code, **asked))

    def is_whole(self, code: str) -> bool:
        return self.custody.tracing.find(self.who("tech"), code).verified.is_whole


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laboratory]:
    made = Laboratory(tmp_path_factory.mktemp("custody"))
    yield made
    made.close()


@pytest.fixture
def lab(opened: Laboratory) -> Iterator[Laboratory]:
    """The laboratory as it is between tests: at noon, and without a station."""
    opened.now = NOON
    opened.records.clear()
    yield opened
    opened.now = NOON
    opened.retire(*opened.custody.points.list_active(opened.who("tech")))
