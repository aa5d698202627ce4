"""What was signed, for a second reading of it: the first answers, and the second ones in the same form."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import sqlalchemy as sa

from hemalum.capabilities.cases.service import Cases
from hemalum.capabilities.reports import store
from hemalum.capabilities.reports.differences import AnswerChange, compare
from hemalum.capabilities.reports.filling import Problem, settle
from hemalum.capabilities.reports.leaving import TemplateOf
from hemalum.capabilities.reports.model import (
    Content,
    Section,
    TemplateRef,
    Value,
    Version,
    check_content,
)
from hemalum.capabilities.reports.templates import Template, decode_template
from hemalum.kernel.errors import NotFound
from hemalum.runtime.db import reading


@dataclass(frozen=True)
class Rereading:
    """Signed reports as the node itself compares them with what somebody else says."""

    cases: Cases
    opened: store.Opened
    template_of: TemplateOf

    def list_versions(self, connection: sa.Connection, case_id: str) -> list[Version]:
        """The versions of a report, oldest first, without what they say."""
        return store.list_versions(connection, case_id)

    def find_signed(self, connection: sa.Connection, case_id: str, number: int) -> Version | None:
        """A version that was signed; None where it was not, or its patient was erased."""
        found = store.find_version(connection, case_id, self.opened, number)
        return found if found is not None and found.is_signed and found.content is not None else None

    def list_people(self, connection: sa.Connection, case_id: str) -> frozenset[str]:
        """Ids of all who wrote or signed a version of a report."""
        written = {one.author_id for one in store.list_versions(connection, case_id)}
        return frozenset(written | {one.person_id for one in store.list_cosignatures(connection, case_id)})

    def get_template(self, template_id: str, digest: str) -> Template:
        """The very template that a report was filled into.

        Raises:
            NotFound: no report was filled into this one.
        """
        with reading(self.cases.ledger.database) as connection:
            kept = store.find_template(connection, digest)
        template = None if kept is None else decode_template(kept)
        if template is None or template.id != template_id:
            raise NotFound("There is no template {template}.", template=template_id)
        return template

    def settle(
        self, connection: sa.Connection, ref: TemplateRef | None, values: Mapping[str, Value], words: str
    ) -> tuple[Content, tuple[Problem, ...]]:
        """Second answers in the form they are kept, and what is missing or wrong in them.

        `words` is the diagnosis in free text, which is needed only where there is no template.

        Raises:
            Invalid: an answer is none that its element takes.
        """
        content = Content(ref, values, {Section.DIAGNOSIS: words} if words.strip() else {})
        check_content(content)
        kept, filled = settle(self.template_of(connection, ref), content)
        needs_words = ref is None
        problems = tuple(
            one for one in filled.problems if needs_words or one.subject != f"section/{Section.DIAGNOSIS}"
        )
        return kept, problems

    def compare(self, connection: sa.Connection, first: Content, second: Content) -> tuple[AnswerChange, ...]:
        """Which elements the two answer otherwise, in the order of the template."""
        template = self.template_of(connection, first.template)
        spoken = replace(second, template=first.template)
        return compare(first, spoken, template, template).answers
