"""Signed reports as other systems are told of them: read by the node itself, for nobody in particular."""

from collections.abc import Callable
from datetime import UTC

import sqlalchemy as sa

from hemalum.capabilities.cases.service import Cases
from hemalum.capabilities.reports import store
from hemalum.capabilities.reports.filling import label_of_section
from hemalum.capabilities.reports.model import Passage, Section, SignedReport, TemplateRef
from hemalum.capabilities.reports.printing import Printable, lay_out
from hemalum.capabilities.reports.templates import Template
from hemalum.runtime.db import reading

type TemplateOf = Callable[[sa.Connection, TemplateRef | None], Template | None]


def read_signed(
    cases: Cases,
    opened: store.Opened,
    template_of: TemplateOf,
    organisation_id: str,
    case_id: str,
    number: int,
) -> SignedReport | None:
    """A version that was signed; None where its patient was erased since."""
    with reading(cases.ledger.database) as connection:
        case, identity = cases.reporting.find_for_node(connection, organisation_id, case_id)
        version = store.find_version(connection, case_id, opened, number)
        if version is None or version.content is None:
            return None
        template = template_of(connection, version.content.template)
        versions = store.list_versions(connection, case_id)
    before = [one.number for one in versions if one.is_signed and one.number < number]
    language = version.language
    passages = [
        Passage(section, label_of_section(section).of(language), version.content.sections[section])
        for section in Section
        if version.content.sections.get(section)
    ]
    printed = Printable(case, identity, None, version, template, (), "", False, UTC)
    answers = lay_out(printed, (), language)["answers"]
    if template is not None and answers:
        told = "\n".join(f"{label}: {answer}" for label, answer in answers)
        passages.append(Passage(None, template.label.of(language), told))
    return SignedReport(case, identity, version, tuple(passages), max(before, default=None))
