"""Reports on a fresh database with real policies, a real keyring and real sign-ins; slides without pixels."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher

from hemalum.app.registry import permissions_by
from hemalum.capabilities.access import passwords
from hemalum.capabilities.access.model import Grant, GrantKind, PersonKind, Role, Way
from hemalum.capabilities.access.service import Access
from hemalum.capabilities.access.store import credentials
from hemalum.capabilities.cases.accessioning import Accession, PartAsked
from hemalum.capabilities.cases.model import CaseStatus, Identity, PatientIdentifier, Sex
from hemalum.capabilities.cases.service import Cases, open_cases
from hemalum.capabilities.reports.model import (
    BY_PERSON,
    Content,
    Language,
    Section,
    Source,
    TemplateRef,
    Value,
    Version,
)
from hemalum.capabilities.reports.service import Reports, open_reports
from hemalum.capabilities.reports.showing import Draft
from hemalum.capabilities.slides import standing, store
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

NOON = datetime(2026, 11, 25, 12, 0, 0, 123456, tzinfo=UTC)
"""Clocks know microseconds; what prints a time may not."""
HOME = OrganisationId("home")
PASSWORD = "a long enough pass phrase"
POLICIES = load_policies()
DESCRIPTION = SlideDescription(
    "generic-tiff", (Level(PixelSize(1000, 800), 1.0),), PixelFormat(3, "uint8"), SpacingUm(0.5, 0.5)
)
PEOPLE = {
    "li": Role.PATHOLOGIST,
    "wang": Role.PATHOLOGIST,
    "junior": Role.JUNIOR_PATHOLOGIST,
    "tech": Role.TECHNICIAN,
    "clinician": Role.CLINICIAN,
    "robot": Role.JUNIOR_PATHOLOGIST,
}
PROSTATE: dict[str, Value] = {
    "specimen": "needle",
    "finding": "acinar",
    "primary_pattern": "pattern_3",
    "secondary_pattern": "pattern_4",
    "cores_total": 12.0,
    "cores_positive": 3.0,
    "perineural": False,
}
"""All that the template asks of such a biopsy."""


@dataclass
class World:
    reports: Reports
    cases: Cases
    access: Access
    database: sa.Engine
    keyring: Keyring
    records: list[Record]
    sessions: dict[str, str]
    refuses: Callable[[Record], None] = lambda _record: None
    """Called with every record, before it is kept."""
    now: datetime = NOON
    count: int = 0
    on_ready: list[str] = field(default_factory=list)

    def who(self, name: str, purpose: Purpose = Purpose.CARE) -> Actor:
        """Somebody as their session makes them."""
        actor = self.access.actor_for(name)
        return replace(actor, purpose=purpose, session_id=self.sessions.get(name, actor.session_id))

    def case(self, *, ready: bool = True, named: bool = True, specimen: str = "Prostate") -> str:
        self.count += 1
        numbers = (PatientIdentifier("Register", f"P{self.count:06d}"),)
        identity = Identity("Ada Secretname", Sex.FEMALE, date(1960, 5, 4), numbers) if named else None
        part = PartAsked("biopsy", specimen, (("H&E",),))
        case_id = self.cases.accession(self.who("tech"), Accession((part,), identity)).case.id
        if ready:
            self.cases.move_case(self.who("tech"), case_id, CaseStatus.READY)
        return case_id

    def status(self, case_id: str) -> str:
        return self.cases.get_case(self.who("li"), case_id).case.status.value

    def content(self, diagnosis: str = "Adenocarcinoma.", **values: Any) -> Content:
        answers = PROSTATE | values
        answers = {name: value for name, value in answers.items() if value is not None}
        return Content(TemplateRef("prostate", 0, ""), answers, {Section.DIAGNOSIS: diagnosis})

    def write(
        self,
        case_id: str,
        who: str = "li",
        content: Content | None = None,
        based_on: int | str | None = "newest",
        source: Source = BY_PERSON,
        language: Language = Language.EN,
    ) -> Version:
        if based_on == "newest":
            current = self.reports.show(self.who("li"), case_id).current
            based_on = None if current is None else current.number
        assert not isinstance(based_on, str)
        draft = Draft(based_on, content or self.content(), language, source=source)
        return self.reports.write(self.who(who), case_id, draft)

    def sign(
        self, case_id: str, version: Version, who: str = "li", password: str | None = PASSWORD
    ) -> Version:
        return self.reports.sign(self.who(who), case_id, version.number, version.sha256, password)

    def signed(self, **values: Any) -> tuple[str, Version]:
        case_id = self.case()
        return case_id, self.sign(case_id, self.write(case_id, content=self.content(**values)))

    def image_of(self, case_id: str, terms: Terms) -> str:
        """An image that is the scan of the only slide of a case."""
        image_id = new_id()
        with transaction(self.database) as connection:
            store.add_image(
                connection,
                image_id=ImageId(image_id),
                terms=terms,
                name="scan.svs",
                created_by=None,
                created_at=NOON,
                objects=[],
            )
            columns = described_columns("scan.svs", DESCRIPTION, [], DESCRIPTION, NOON)
            store.update_image(connection, image_id, **columns)
        slide = self.cases.get_case(self.who("tech"), case_id).material[-1].identifier
        self.cases.linking.link(self.who("tech"), image_id, slide)
        return image_id

    def set_terms(self, image_id: str, terms: Terms) -> None:
        with transaction(self.database) as connection:
            store.update_image(connection, image_id, terms_id=standing.keep_terms(connection, terms))

    def told(self) -> list[str]:
        found = [each.action for each in self.records]
        self.records.clear()
        return found

    def later(self, by: timedelta) -> None:
        self.now += by


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder: Path = tmp_path_factory.mktemp("reports")
    database = open_database(f"sqlite:///{folder / 'node.sqlite'}")
    migrate(database)
    settings = load_settings(folder, {})
    settings.keys.mkdir(parents=True, exist_ok=True)
    keyring = open_keyring(settings, database)
    made = cast(World, None)
    records: list[Record] = []

    def record(one: Record) -> None:
        made.refuses(one)
        records.append(one)

    access = Access(database, permissions_by(POLICIES).of, clock=lambda: made.now if made else NOON)
    access.ensure_first_people()
    unused = cast(Any, SimpleNamespace())
    gate = Gate(POLICIES, access.place_of, frozenset({Purpose.RESEARCH}))
    slides = Slides(settings, database, unused, unused, unused, gate, record)
    cases = open_cases(slides, access, keyring, lambda: made.now)
    before, passwords._hasher = passwords._hasher, PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    sessions = {name: add_person(access, name, role) for name, role in PEOPLE.items()}
    made = World(open_reports(cases, access, folder), cases, access, database, keyring, records, sessions)
    yield made
    passwords._hasher = before
    database.dispose()


def add_person(access: Access, name: str, role: Role) -> str:
    """Somebody with a password and a session, whose id comes back; programs have neither."""
    person = access.add_person(name, name.capitalize(), HOME, role)
    grant = Grant(
        new_id(), GrantKind.SESSION, person.id, NOON, NOON + timedelta(days=30), HOME, way=Way.PASSWORD
    )
    with transaction(access.database) as connection:
        if name == "robot":
            table = sa.table("access_person", sa.column("id"), sa.column("kind"))
            change = sa.update(table).where(table.c.id == person.id).values(kind=PersonKind.SERVICE.value)
            connection.execute(change)
            return "a-token"
        credentials.put_password(connection, person.id, passwords.hash_password(PASSWORD), NOON)
        access.add_grant(connection, grant)
    return grant.id
