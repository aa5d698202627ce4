"""Custody on a fresh database with real policies and a real keyring, and slides without pixels."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
import sqlalchemy as sa

from hemalum.app.registry import permissions_by
from hemalum.capabilities.access.model import Role
from hemalum.capabilities.access.service import Access
from hemalum.capabilities.cases.accessioning import Accession, PartAsked
from hemalum.capabilities.cases.ledger import ShownCase
from hemalum.capabilities.cases.service import open_cases
from hemalum.capabilities.custody.model import Point, Step
from hemalum.capabilities.custody.scanning import ScanAsked, Scanned
from hemalum.capabilities.custody.service import Custody
from hemalum.capabilities.slides.policy import Gate
from hemalum.capabilities.slides.service import Slides
from hemalum.kernel.actor import Actor, Purpose
from hemalum.kernel.audit import Record
from hemalum.kernel.ids import new_id
from hemalum.runtime.crypto.keys import open_keyring
from hemalum.runtime.db import migrate, open_database
from hemalum.runtime.policy import load_policies
from hemalum.runtime.settings import load_settings

NOON = datetime(2026, 11, 25, 12, 0, 0, 123456, tzinfo=UTC)
POLICIES = load_policies()
PEOPLE = {
    "li": Role.PATHOLOGIST,
    "junior": Role.JUNIOR_PATHOLOGIST,
    "tech": Role.TECHNICIAN,
    "other": Role.TECHNICIAN,
    "clinician": Role.CLINICIAN,
    "admin": Role.ADMINISTRATOR,
    "student": Role.STUDENT,
}


@dataclass
class Laboratory:
    """One hospital with people of every role; each case, point and container of a test is its own."""

    custody: Custody
    access: Access
    database: sa.Engine
    records: list[Record]
    now: datetime = NOON

    def who(self, name: str) -> Actor:
        return replace(self.access.actor_for(name), purpose=Purpose.CARE)

    def later(self, by: timedelta) -> None:
        self.now += by

    def case(self, *blocks: tuple[str, ...]) -> ShownCase:
        part = PartAsked("biopsy", "Stomach", blocks or (("H&E", "HP"),))
        return self.custody.cases.accession(self.who("tech"), Accession((part,)))

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
    folder: Path = tmp_path_factory.mktemp("custody")
    database = open_database(f"sqlite:///{folder / 'node.sqlite'}")
    migrate(database)
    settings = load_settings(folder, {})
    settings.keys.mkdir(parents=True, exist_ok=True)
    keyring = open_keyring(settings, database)
    records: list[Record] = []
    access = Access(database, permissions_by(POLICIES).of)
    access.ensure_first_people()
    access.add_organisation("elsewhere", "Another hospital")
    for name, role in PEOPLE.items():
        if name != "admin":
            access.add_person(name, name.capitalize(), "home", role)
    access.add_person("outsider", "Outsider", "elsewhere", Role.TECHNICIAN)
    unused = cast(Any, SimpleNamespace())
    gate = Gate(POLICIES, access.place_of, frozenset({Purpose.RESEARCH}))
    slides = Slides(settings, database, unused, unused, unused, gate, records.append)
    made = Laboratory(cast(Any, None), access, database, records)
    made.custody = Custody(open_cases(slides, access, keyring, lambda: made.now))
    yield made
    database.dispose()


@pytest.fixture
def lab(opened: Laboratory) -> Iterator[Laboratory]:
    """The laboratory as it is between tests: at noon, and without a station."""
    opened.now = NOON
    opened.records.clear()
    yield opened
    opened.now = NOON
    opened.retire(*opened.custody.points.list_active(opened.who("tech")))
