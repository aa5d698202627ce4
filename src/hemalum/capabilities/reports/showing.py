"""What is asked of the service of reports, and what it answers."""

from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from hemalum.capabilities.access.model import Confirmation
from hemalum.capabilities.cases.model import Case
from hemalum.capabilities.cases.service import Cases
from hemalum.capabilities.reports.composing import compose
from hemalum.capabilities.reports.filling import Filled, settle
from hemalum.capabilities.reports.model import (
    BY_PERSON,
    Content,
    Cosignature,
    Language,
    Section,
    Source,
    Version,
)
from hemalum.capabilities.reports.picturing import foreign_images
from hemalum.capabilities.reports.templates import Template


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody wants the next version to say."""

    based_on: int | None
    """The newest version that they know; None when they know of none."""
    content: Content
    language: Language
    reason: str = ""
    source: Source = BY_PERSON


@dataclass(frozen=True, slots=True)
class Checked:
    """What follows from a content."""

    content: Content
    filled: Filled
    composed: Mapping[Language, Mapping[Section, str]]
    """What the template's own sentences say of the answers."""
    foreign_images: frozenset[str]
    """Slides of its figures that are none of the case, or not any more: they are not shown."""


@dataclass(frozen=True, slots=True)
class May:
    """What somebody may do with a report as it is now."""

    edit: bool
    preliminary: bool
    sign: bool
    amend: bool
    withdraw: bool
    """Give up an amendment that is not signed yet."""
    cosign: bool
    confirmation: Confirmation
    """What a signature asks of them."""


@dataclass(frozen=True, slots=True)
class ShownReport:
    """The report of a case as somebody may see it."""

    case: Case
    suggested: tuple[str, ...]
    """Ids of templates that fit what came in."""
    versions: tuple[Version, ...]
    """Oldest first, without what they say; drafts for those only who write reports."""
    current: Version | None
    """The newest of them, with what it says; what was signed, where an amendment of it was withdrawn."""
    template: Template | None
    """That the current version was filled into."""
    checked: Checked | None
    """Of the current version."""
    cosignatures: tuple[Cosignature, ...]
    may: May


def check_content_of(
    connection: sa.Connection, cases: Cases, case: Case, template: Template | None, content: Content
) -> Checked:
    """What a content of the report of a case amounts to now."""
    kept, filled = settle(template, content)
    composed = {
        language: {} if template is None else compose(template, filled.values, language)
        for language in Language
    }
    return Checked(kept, filled, composed, foreign_images(connection, cases, case, content))
