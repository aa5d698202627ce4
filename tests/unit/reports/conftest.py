"""Reports that people with real sign-ins write, and one program."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from hemalum.capabilities.access.model import PersonKind, Role
from hemalum.capabilities.reports.model import (
    BY_PERSON,
    Content,
    Language,
    Section,
    Source,
    TemplateRef,
    Version,
)
from hemalum.capabilities.reports.service import open_reports
from hemalum.capabilities.reports.showing import Draft
from hemalum.capabilities.slides.model import Terms
from hemalum.runtime.db import transaction
from tests.hospital import PASSWORD, PROSTATE, Hospital, quick_passwords

PEOPLE = {
    "li": Role.PATHOLOGIST,
    "wang": Role.PATHOLOGIST,
    "junior": Role.JUNIOR_PATHOLOGIST,
    "tech": Role.TECHNICIAN,
    "clinician": Role.CLINICIAN,
    "robot": Role.JUNIOR_PATHOLOGIST,
}


class World(Hospital):
    def __init__(self, folder: Path) -> None:
        super().__init__(folder, PEOPLE)
        self.sign_in(*(name for name in PEOPLE if name != "robot"))
        self._make_program("robot")
        self.reports = open_reports(self.cases, self.access, folder)

    def _make_program(self, name: str) -> None:
        table = sa.table("access_person", sa.column("id"), sa.column("kind"))
        person_id = self.access.actor_for(name).person_id
        with transaction(self.database) as connection:
            change = sa.update(table).where(table.c.id == person_id).values(kind=PersonKind.SERVICE.value)
            connection.execute(change)
        self.sessions[name] = "a-token"

    def case_id(self, *, ready: bool = True, named: bool = True, specimen: str = "Prostate") -> str:
        identity = self.patient("Ada Secretname") if named else None
        case = self.case(("H&E",), identity=identity, specimen=specimen)
        return self.make_ready(case) if ready else case.case.id

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
        case_id = self.case_id()
        return case_id, self.sign(case_id, self.write(case_id, content=self.content(**values)))

    def image_of(self, case_id: str, terms: Terms) -> str:
        """An image that is the scan of the only slide of a case."""
        image_id = self.add_image(terms=terms)
        slide = self.slide(self.cases.get_case(self.who("tech"), case_id))
        self.cases.linking.link(self.who("tech"), image_id, slide)
        return image_id


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with quick_passwords():
        made = World(tmp_path_factory.mktemp("reports"))
        yield made
        made.close()
