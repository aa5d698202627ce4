"""Signed reports as other systems are told of them: read by the node itself, for nobody in particular."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC

import sqlalchemy as sa

from hemalum.capabilities.access.service import Access
from hemalum.capabilities.cases.service import Cases
from hemalum.capabilities.reports import store
from hemalum.capabilities.reports.filling import label_of_section
from hemalum.capabilities.reports.model import Passage, Section, SignedReport, Status, TemplateRef
from hemalum.capabilities.reports.picturing import Sent
from hemalum.capabilities.reports.printing import Printable, lay_out
from hemalum.capabilities.reports.templates import Template
from hemalum.runtime.db import reading

type TemplateOf = Callable[[sa.Connection, TemplateRef | None], Template | None]


@dataclass(frozen=True)
class Leaving:
    """The signed reports of a node, for the systems of its hospitals."""

    cases: Cases
    access: Access
    opened: store.Opened
    template_of: TemplateOf

    def read_signed(self, organisation_id: str, case_id: str, number: int) -> SignedReport | None:
        """A version that was signed; None where its patient was erased since."""
        with reading(self.cases.ledger.database) as connection:
            case, identity = self.cases.reporting.find_for_node(connection, organisation_id, case_id)
            version = store.find_version(connection, case_id, self.opened, number)
            if version is None or version.content is None:
                return None
            template = self.template_of(connection, version.content.template)
            versions = store.list_versions(connection, case_id)
        before = [one.number for one in versions if one.is_signed and one.number < number]
        language = version.language
        passages = [
            Passage(section, label_of_section(section).of(language), version.content.sections[section])
            for section in Section
            if version.content.sections.get(section)
        ]
        printed = Printable(case, identity, None, version, template, (), "", False, UTC, frozenset())
        answers = lay_out(printed, (), language)["answers"]
        if template is not None and answers:
            told = "\n".join(f"{label}: {answer}" for label, answer, _ in answers)
            passages.append(Passage(None, template.label.of(language), told))
        return SignedReport(case, identity, version, tuple(passages), max(before, default=None))

    def read_printable(self, organisation_id: str, case_id: str, number: int) -> Printable | None:
        """All that a signed version tells on paper; None where its patient was erased since."""
        with reading(self.cases.ledger.database) as connection:
            case, identity = self.cases.reporting.find_for_node(connection, organisation_id, case_id)
            version = store.find_version(connection, case_id, self.opened, number)
            if version is None or version.content is None:
                return None
            template = self.template_of(connection, version.content.template)
            request = self.cases.reporting.request_for_node(connection, case)
            versions = store.list_versions(connection, case_id)
            signatures = store.list_cosignatures(connection, case_id)
            scans = self.cases.reporting.images_of(connection, case)
        return Printable(
            case,
            identity,
            request,
            version,
            template,
            signatures,
            self.access.get_organisation(organisation_id).name,
            any(one.is_signed and one.number > number for one in versions),
            self.cases.ledger.zone,
            frozenset(scans),
        )

    @property
    def pictured(self) -> Sent:
        """The figures of reports that go out."""
        return Sent(self.cases)

    def read_codes(self, case_id: str) -> tuple[tuple[str, str], ...]:
        """The codes of what was chosen in the newest signed version, with their meanings in English.

        Empty where nothing is signed, was entered in error, or the patient was erased.
        """
        with reading(self.cases.ledger.database) as connection:
            signed = [one for one in store.list_versions(connection, case_id) if one.is_signed]
            if not signed or signed[-1].status is Status.ENTERED_IN_ERROR:
                return ()
            version = store.find_version(connection, case_id, self.opened, signed[-1].number)
            content = None if version is None else version.content
            template = None if content is None else self.template_of(connection, content.template)
        if content is None or template is None:
            return ()
        found = []
        for element in template.elements:
            value = content.values.get(element.id)
            for chosen in value if isinstance(value, list | tuple) else [value]:
                option = element.option(chosen) if isinstance(chosen, str) else None
                if option is not None and option.code:
                    found.append((option.code, option.en))
        return tuple(found)
