"""Rescreening on a fresh database with real policies, a real keyring and signed reports; no pixels."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher

from hemalum.app.registry import permissions_by
from hemalum.capabilities.access import passwords
from hemalum.capabilities.access.model import Grant, GrantKind, Role, Way
from hemalum.capabilities.access.service import Access
from hemalum.capabilities.access.store import credentials
from hemalum.capabilities.cases.accessioning import Accession, PartAsked
from hemalum.capabilities.cases.model import CaseStatus, Identity
from hemalum.capabilities.cases.service import Cases, open_cases
from hemalum.capabilities.quality.discrepancy import RuleShelf
from hemalum.capabilities.quality.jobs import DRAW_JOB, jobs_of
from hemalum.capabilities.quality.model import Answers, PlanAsked, Reread
from hemalum.capabilities.quality.service import Rescreening
from hemalum.capabilities.reports.model import Content, Language, Section, TemplateRef, Value
from hemalum.capabilities.reports.service import Reports, open_reports
from hemalum.capabilities.reports.showing import Draft
from hemalum.capabilities.slides.policy import Gate
from hemalum.capabilities.slides.service import Slides
from hemalum.kernel.actor import Actor, Purpose
from hemalum.kernel.audit import Record
from hemalum.kernel.ids import OrganisationId, new_id
from hemalum.runtime import outbox
from hemalum.runtime.crypto.keys import Keyring, open_keyring
from hemalum.runtime.db import migrate, open_database, transaction
from hemalum.runtime.policy import load_policies
from hemalum.runtime.settings import load_settings

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
HOME = OrganisationId("home")
PASSWORD = "a long enough pass phrase"
POLICIES = load_policies()
READERS = ("li", "wang", "zhao", "chen")
PROSTATE: dict[str, Value] = {
    "specimen": "needle",
    "finding": "acinar",
    "primary_pattern": "pattern_3",
    "secondary_pattern": "pattern_4",
    "cores_total": 12.0,
    "cores_positive": 3.0,
    "perineural": False,
}
"""All that the template asks of such a biopsy: grade group 2."""


@dataclass
class World:
    rescreening: Rescreening
    reports: Reports
    cases: Cases
    access: Access
    database: sa.Engine
    keyring: Keyring
    records: list[Record]
    sessions: dict[str, str]
    now: datetime = NOON

    def who(self, name: str, purpose: Purpose | None = None) -> Actor:
        actor = self.access.actor_for(name)
        stated = purpose or (Purpose.QUALITY if name == "manager" else Purpose.CARE)
        return replace(actor, purpose=stated, session_id=self.sessions.get(name, actor.session_id))

    def sign(self, who: str = "li", template: str = "prostate", **values: Any) -> str:
        """A case that somebody signed, with answers that differ from those of PROSTATE by these."""
        identity = Identity("Ada Secretname")
        asked = Accession((PartAsked("biopsy", "Prostate", (("H&E",),)),), identity)
        case_id = self.cases.accession(self.who("tech"), asked).case.id
        self.cases.move_case(self.who("tech"), case_id, CaseStatus.READY)
        ref = TemplateRef(template, 0, "") if template else None
        content = Content(ref, PROSTATE | values if template else {}, {Section.DIAGNOSIS: "Carcinoma."})
        version = self.reports.write(self.who(who), case_id, Draft(None, content, Language.EN))
        self.reports.sign(self.who(who), case_id, version.number, version.sha256, PASSWORD)
        return case_id

    def work(self) -> None:
        """Do what was put into the outbox."""
        jobs = jobs_of(self.rescreening)
        run = cast(Any, SimpleNamespace(step=lambda _name, function: function()))
        queued: list[tuple[str, dict[str, Any]]] = []
        subscribers = {"ReportSigned": (DRAW_JOB,)}
        outbox.deliver(self.database, subscribers, lambda name, _id, told: queued.append((name, told)))
        for name, arguments in queued:
            jobs[name](run, arguments)

    def later(self, **by: float) -> None:
        self.now += timedelta(**by)

    def plan(self, share: float = 1.0, **asked: Any) -> str:
        """A plan that is in force now, for the days of this test alone."""
        plan = self.rescreening.plan(self.who("manager"), PlanAsked("Weekly", share, **asked))
        self.later(days=1)
        return plan.id

    def drawn(self, who: str = "li", **values: Any) -> Reread:
        """A case that somebody signed and that was drawn."""
        case_id = self.sign(who, **values)
        self.work()
        return self.of_case(case_id)

    def of_case(self, case_id: str) -> Reread:
        with transaction(self.database) as connection:
            table = sa.table("quality_reread", sa.column("id"), sa.column("case_id"))
            query = sa.select(table.c.id).where(table.c.case_id == case_id)
            reread_id = connection.execute(query).scalar_one()
        return self.rescreening.get_reread(self.who("chen"), reread_id).reread

    def reread(self, one: Reread, who: str = "wang", **values: Any) -> Reread:
        """It, once somebody read it a second time."""
        self.rescreening.readings.begin(self.who(who), one.id)
        return self.rescreening.readings.answer(self.who(who), one.id, Answers(PROSTATE | values))

    def told(self) -> list[Record]:
        found = list(self.records)
        self.records.clear()
        return found


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder: Path = tmp_path_factory.mktemp("quality")
    database = open_database(f"sqlite:///{folder / 'node.sqlite'}")
    migrate(database)
    settings = load_settings(folder, {})
    settings.keys.mkdir(parents=True, exist_ok=True)
    keyring = open_keyring(settings, database)
    made = cast(World, None)
    records: list[Record] = []
    access = Access(database, permissions_by(POLICIES).of, clock=lambda: made.now if made else NOON)
    access.ensure_first_people()
    access.add_organisation("elsewhere", "Another hospital")
    unused = cast(Any, SimpleNamespace())
    gate = Gate(POLICIES, access.place_of, frozenset({Purpose.RESEARCH}))
    slides = Slides(settings, database, unused, unused, unused, gate, records.append)
    cases = open_cases(slides, access, keyring, lambda: made.now)
    before, passwords._hasher = passwords._hasher, PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    sessions = {name: add_reader(access, name) for name in READERS}
    access.add_person("tech", "Tech", HOME, Role.TECHNICIAN)
    access.add_person("junior", "Junior", HOME, Role.JUNIOR_PATHOLOGIST)
    access.add_person("manager", "Manager", HOME, Role.QUALITY_MANAGER)
    access.add_person("outsider", "Outsider", "elsewhere", Role.PATHOLOGIST, Role.QUALITY_MANAGER)
    reports = open_reports(cases, access, folder)
    rescreening = Rescreening(cases, reports, RuleShelf(folder / "rescreening"))
    made = World(rescreening, reports, cases, access, database, keyring, records, sessions)
    yield made
    passwords._hasher = before
    database.dispose()


@pytest.fixture
def world(node: World) -> World:
    """The node, a week after the test before, all plans ended."""
    for shown in node.rescreening.list_plans(node.who("manager")):
        if shown.plan.last_day is None:
            node.rescreening.end_plan(node.who("manager"), shown.plan.id)
    node.later(days=7)
    node.told()
    return node


def add_reader(access: Access, name: str) -> str:
    """A pathologist with a password and a session, whose id comes back."""
    person = access.add_person(name, name.capitalize(), HOME, Role.PATHOLOGIST)
    grant = Grant(
        new_id(), GrantKind.SESSION, person.id, NOON, NOON + timedelta(days=900), HOME, way=Way.PASSWORD
    )
    with transaction(access.database) as connection:
        credentials.put_password(connection, person.id, passwords.hash_password(PASSWORD), NOON)
        access.add_grant(connection, grant)
    return grant.id
