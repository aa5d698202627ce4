"""What is asked of the service of reports, and what it answers."""

from collections.abc import Mapping
from dataclasses import dataclass

from hemalum.capabilities.access.model import Confirmation
from hemalum.capabilities.cases.model import Case
from hemalum.capabilities.reports.filling import Filled
from hemalum.capabilities.reports.model import (
    BY_PERSON,
    Content,
    Cosignature,
    Language,
    Section,
    Source,
    Version,
)
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
