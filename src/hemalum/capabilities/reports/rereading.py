"""What was signed, for a second reading of it: the first answers, and the second ones in the same form."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from hemalum.capabilities.cases.service import Cases
from hemalum.capabilities.reports import store
from hemalum.capabilities.reports.differences import AnswerChange, compare
from hemalum.capabilities.reports.drawing import draw
from hemalum.capabilities.reports.filling import Problem, settle
from hemalum.capabilities.reports.findings import Finding, Submission, check_submission
from hemalum.capabilities.reports.leaving import TemplateOf
from hemalum.capabilities.reports.model import (
    Content,
    Section,
    TemplateRef,
    Value,
    Version,
    check_content,
)
from hemalum.capabilities.reports.templates import ElementKind, Template, decode_template
from hemalum.kernel.errors import NotFound
from hemalum.kernel.typed import typed
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

    def draw(
        self, connection: sa.Connection, ref: TemplateRef | None, findings: Sequence[Mapping[str, Any]]
    ) -> dict[str, Value]:
        """What findings, in the form in which programs hand them in, answer of a template by element.

        What it does not ask for, and what a model would not say for sure, is left out.

        Raises:
            Invalid: a finding makes no sense, or is of another kind or unit than the template asks for.
        """
        template = self.template_of(connection, ref)
        if template is None:
            return {}
        asked = {one.finding for one in template.draws}
        known = tuple(typed(one, Finding) for one in findings if one["name"] in asked)
        if not known:
            return {}
        check_submission(Submission("second-reading", known))
        drawn = draw(template, known)
        return {one.element: one.value for one in drawn if one.value is not None}

    def list_words(self, connection: sa.Connection, ref: TemplateRef | None) -> frozenset[str]:
        """The elements of a template that are answered in words."""
        template = self.template_of(connection, ref)
        elements = () if template is None else template.elements
        return frozenset(one.id for one in elements if one.kind is ElementKind.TEXT)

    def compare(self, connection: sa.Connection, first: Content, second: Content) -> tuple[AnswerChange, ...]:
        """Which elements the two answer otherwise, in the order of the template."""
        template = self.template_of(connection, first.template)
        spoken = replace(second, template=first.template)
        return compare(first, spoken, template, template).answers
