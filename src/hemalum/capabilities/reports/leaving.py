"""Signed reports as other systems are told of them: read by the node itself, for nobody in particular."""

from dataclasses import dataclass
from datetime import UTC

from hemalum.capabilities.cases.model import Case, Identity
from hemalum.capabilities.reports import store
from hemalum.capabilities.reports.filling import label_of_section
from hemalum.capabilities.reports.model import Section, Version
from hemalum.capabilities.reports.printing import Printable, lay_out
from hemalum.capabilities.reports.service import Reports
from hemalum.runtime.db import reading


@dataclass(frozen=True, slots=True)
class Passage:
    """A part of a report under its heading, in the language of the report."""

    section: Section | None
    """None for the answers of a template."""
    heading: str
    text: str


@dataclass(frozen=True, slots=True)
class SignedReport:
    """A signed version with whose it is."""

    case: Case
    identity: Identity | None
    version: Version
    passages: tuple[Passage, ...]
    replaces: int | None
    """The version that was signed before."""


def read_signed(reports: Reports, organisation_id: str, case_id: str, number: int) -> SignedReport | None:
    """A version that was signed; None where its patient was erased since."""
    with reading(reports.cases.ledger.database) as connection:
        case, identity = reports.cases.reporting.find_for_node(connection, organisation_id, case_id)
        version = store.find_version(connection, case_id, reports.open_content, number)
        if version is None or version.content is None:
            return None
        template = reports.template_of(connection, version.content.template)
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
