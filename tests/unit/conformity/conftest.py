"""Conformity on a fresh database with real policies, a real keyring and cases; slides without pixels."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
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
from hemalum.capabilities.cases.model import Identity, PatientIdentifier, Sex
from hemalum.capabilities.cases.service import Cases, open_cases
from hemalum.capabilities.conformity.jobs import jobs_of
from hemalum.capabilities.conformity.service import Conformity
from hemalum.capabilities.reports.service import open_reports
from hemalum.capabilities.slides import store
from hemalum.capabilities.slides.model import Terms
from hemalum.capabilities.slides.policy import Gate
from hemalum.capabilities.slides.service import Slides, described_columns
from hemalum.formats.wsi.model import Level, PixelFormat, SlideDescription
from hemalum.kernel.actor import Actor, Purpose
from hemalum.kernel.audit import Record
from hemalum.kernel.geometry import PixelSize, SpacingUm
from hemalum.kernel.ids import ImageId, OrganisationId, new_id
from hemalum.runtime.crypto.keys import Keyring, open_keyring
from hemalum.runtime.db import migrate, open_database, transaction
from hemalum.runtime.policy import load_policies
from hemalum.runtime.settings import load_settings

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
"""A Wednesday."""
HOME = OrganisationId("home")
POLICIES = load_policies()
DESCRIPTION = SlideDescription(
    "generic-tiff", (Level(PixelSize(1000, 800), 1.0),), PixelFormat(3, "uint8"), SpacingUm(0.5, 0.5)
)


@dataclass
class World:
    cases: Cases
    access: Access
    database: sa.Engine
    keyring: Keyring
    records: list[Record]
    queued: list[tuple[str, dict[str, Any]]]
    conformity: Conformity
    now: datetime = NOON
    count: int = 0
    actors: dict[str, Actor] = field(default_factory=dict)

    def who(self, name: str, purpose: Purpose = Purpose.CARE) -> Actor:
        return replace(self.access.actor_for(name), purpose=purpose)

    def new_image(self, **described: Any) -> str:
        """An available image whose file says this."""
        image_id = new_id()
        said = replace(
            DESCRIPTION, **{"specimen": "S1", "acquired_at": "2026-11-20T10:00:00+08:00"} | described
        )
        with transaction(self.database) as connection:
            store.add_image(
                connection,
                image_id=ImageId(image_id),
                terms=Terms(HOME),
                name="scan.svs",
                created_by=None,
                created_at=NOON,
                objects=[],
            )
            columns = described_columns("scan.svs", said, [], said, NOON)
            store.update_image(
                connection, image_id, status="available", available_at=NOON, generation="1", **columns
            )
        return image_id

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

    def patient(self, name: str = "Ada Example", **values: Any) -> Identity:
        self.count += 1
        numbers = (PatientIdentifier("Home register", f"P{self.count:06d}"),)
        stated = {"sex": Sex.FEMALE, "birth_date": date(1960, 5, 4), "identifiers": numbers} | values
        return Identity(name, **stated)

    def case(self, *blocks: tuple[str, ...], identity: Identity | None = None, **asked: Any) -> ShownCase:
        part = PartAsked("biopsy", "Stomach", blocks or (("H&E", "HP"),))
        return self.cases.accession(self.who("tech"), Accession((part,), identity, **asked))

    def slide(self, case: ShownCase, number: int = 0) -> str:
        return [each.identifier for each in case.material if each.kind == "slide"][number]

    def told(self) -> list[str]:
        found = [each.action for each in self.records]
        self.records.clear()
        return found

    def later(self, by: timedelta) -> None:
        self.now += by


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder: Path = tmp_path_factory.mktemp("cases")
    database = open_database(f"sqlite:///{folder / 'node.sqlite'}")
    migrate(database)
    settings = load_settings(folder, {})
    settings.keys.mkdir(parents=True, exist_ok=True)
    keyring = open_keyring(settings, database)
    records: list[Record] = []
    access = Access(database, permissions_by(POLICIES).of)
    access.ensure_first_people()
    access.add_organisation("elsewhere", "Another hospital")
    for name, organisation, role in (
        ("li", "home", Role.PATHOLOGIST),
        ("wang", "home", Role.PATHOLOGIST),
        ("junior", "home", Role.JUNIOR_PATHOLOGIST),
        ("tech", "home", Role.TECHNICIAN),
        ("clinician", "home", Role.CLINICIAN),
        ("quality", "home", Role.QUALITY_MANAGER),
        ("outsider", "elsewhere", Role.PATHOLOGIST),
    ):
        access.add_person(name, name.capitalize(), organisation, role)
    queued: list[tuple[str, dict[str, Any]]] = []
    unused = cast(Any, SimpleNamespace())
    queue = cast(
        Any, SimpleNamespace(enqueue=lambda name, arguments, job_id: queued.append((name, arguments)))
    )
    gate = Gate(POLICIES, access.place_of, frozenset({Purpose.RESEARCH}))
    slides = Slides(settings, database, unused, queue, unused, gate, records.append, clock=lambda: NOON)
    made = World(cast(Any, None), access, database, keyring, records, queued, cast(Any, None))
    made.cases = open_cases(slides, access, keyring, lambda: made.now)
    reports = open_reports(made.cases, access, folder)
    made.conformity = Conformity(slides, made.cases, reports, access)
    yield made
    database.dispose()
