"""Rescreening of reports that people with real sign-ins signed."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
import sqlalchemy as sa

from hemalum.capabilities.access.model import Role
from hemalum.capabilities.quality.discrepancy import RuleShelf
from hemalum.capabilities.quality.jobs import DRAW_JOB, jobs_of
from hemalum.capabilities.quality.model import Answers, PlanAsked, Reread
from hemalum.capabilities.quality.service import Rescreening
from hemalum.capabilities.reports.model import Content, Language, Section, TemplateRef
from hemalum.capabilities.reports.service import open_reports
from hemalum.capabilities.reports.showing import Draft
from hemalum.kernel.actor import Actor, Purpose
from hemalum.runtime import outbox
from hemalum.runtime.db import transaction
from tests.hospital import ELSEWHERE, PASSWORD, PROSTATE, Hospital, quick_passwords

READERS = ("li", "wang", "zhao", "chen")
OTHERS = {"tech": Role.TECHNICIAN, "junior": Role.JUNIOR_PATHOLOGIST, "manager": Role.QUALITY_MANAGER}


class World(Hospital):
    def __init__(self, folder: Path) -> None:
        super().__init__(folder, dict.fromkeys(READERS, Role.PATHOLOGIST) | OTHERS)
        self.sign_in(*READERS)
        self.access.add_person("outsider", "Outsider", ELSEWHERE, Role.PATHOLOGIST, Role.QUALITY_MANAGER)
        self.reports = open_reports(self.cases, self.access, folder)
        self.rescreening = Rescreening(self.cases, self.reports, RuleShelf(folder / "rescreening"))

    def who(self, name: str, purpose: Purpose | None = None) -> Actor:
        return super().who(name, purpose or (Purpose.QUALITY if name == "manager" else Purpose.CARE))

    def sign(self, who: str = "li", template: str = "prostate", **values: Any) -> str:
        """A case that somebody signed, with answers that differ from those of PROSTATE by these."""
        case_id = self.make_ready(self.case(("H&E",), identity=self.patient(), specimen="Prostate"))
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

    def plan(self, share: float = 1.0, **asked: Any) -> str:
        """A plan that is in force now, for the days of this test alone."""
        plan = self.rescreening.plan(self.who("manager"), PlanAsked("Weekly", share, **asked))
        self.later(timedelta(days=1))
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


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with quick_passwords():
        made = World(tmp_path_factory.mktemp("quality"))
        yield made
        made.close()


@pytest.fixture
def world(node: World) -> World:
    """The node, a week after the test before, all plans ended."""
    for shown in node.rescreening.list_plans(node.who("manager")):
        if shown.plan.last_day is None:
            node.rescreening.end_plan(node.who("manager"), shown.plan.id)
    node.later(timedelta(days=7))
    node.recorded()
    return node
