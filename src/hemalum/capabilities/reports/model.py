"""Versions of reports and what stands in them; states and the legal ways between them. No I/O."""

import hashlib
import math
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec

from hemalum.capabilities.cases.model import Case, CaseId, Identity, PatientId
from hemalum.kernel.errors import Conflict, Invalid, NotPermitted
from hemalum.kernel.events import Event
from hemalum.kernel.ids import OrganisationId, PersonId

MOST_VALUE = 4_000
"""Characters of a text element."""
MOST_SECTION = 40_000
MOST_FIGURES = 24
MOST_STATEMENTS = 400

type Value = str | bool | float | tuple[str, ...]
"""What an element was answered with: the id of an option or a text, yes or no, a number, ids of options."""


class SavedMeanwhile(Conflict):
    """The report has a newer version than the one that somebody built on."""

    code = "saved-meanwhile"


class ReportIncomplete(Invalid):
    """The report lacks what has to be stated before it is signed, or contradicts itself."""

    code = "incomplete"


class ReportWithheld(NotPermitted):
    """The actor may not know the patient of the case, so not the report."""

    code = "report-withheld"


class ReadBlinded(ReportWithheld):
    """The actor reads the case a second time, and has not said yet what they see."""

    code = "read-blinded"


class Language(StrEnum):
    """What a report is written in."""

    EN = "en"
    ZH = "zh"


class Text(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The same in both languages."""

    en: str
    zh: str

    def of(self, language: Language) -> str:
        return self.zh if language is Language.ZH else self.en


# Versions -----------------------------------------------------------------------------------------------


class Status(StrEnum):
    """What a version is."""

    DRAFT = "draft"
    PRELIMINARY = "preliminary"
    """Handed over by whoever drafted it; no pathologist has signed it."""
    FINAL = "final"
    AMENDED = "amended"
    """Signed again, because something is to be understood otherwise."""
    CORRECTED = "corrected"
    """Signed again, because something was wrong."""
    ADDENDED = "addended"
    """Signed again, because something came in later."""
    ENTERED_IN_ERROR = "entered_in_error"
    """Signed as never having been meant for this case."""
    WITHDRAWN = "withdrawn"
    """An amendment that was begun and not signed: what was signed before stands, and is said once more."""


SIGNED = frozenset({Status.FINAL, Status.AMENDED, Status.CORRECTED, Status.ADDENDED, Status.ENTERED_IN_ERROR})
"""Signed by a pathologist."""


class Amendment(StrEnum):
    """What is to become of a report that was signed."""

    AMENDED = "amended"
    CORRECTED = "corrected"
    ADDENDED = "addended"
    ENTERED_IN_ERROR = "entered_in_error"


def status_of_signature(amends: Amendment | None) -> Status:
    """What a version is once it is signed."""
    return Status.FINAL if amends is None else Status(amends.value)


class SourceKind(StrEnum):
    """Who or what wrote a version, or stands behind a statement."""

    PERSON = "person"
    TEMPLATE = "template"
    MODEL = "model"


@dataclass(frozen=True, slots=True)
class Source:
    """Who or what the words come from; the author of a version is always whoever is responsible for it."""

    kind: SourceKind = SourceKind.PERSON
    name: str = ""
    """Of a model or template."""
    version: str = ""


BY_PERSON = Source()


class Section(StrEnum):
    """Parts of free text, in the order of a report."""

    MACROSCOPY = "macroscopy"
    MICROSCOPY = "microscopy"
    DIAGNOSIS = "diagnosis"
    COMMENT = "comment"


LOINC_OF_SECTION = {
    Section.MACROSCOPY: "22634-0",
    Section.MICROSCOPY: "22635-7",
    Section.DIAGNOSIS: "22637-3",
    Section.COMMENT: "22638-1",
}
"""Gross observation, microscopic observation, final diagnosis and comments of a pathology report."""
LOINC_OF_ANSWERS = "60572-5"
"""Pathology synoptic report."""


@dataclass(frozen=True, slots=True)
class Region:
    """A rectangle of a slide, from its upper left corner."""

    x_um: float
    y_um: float
    width_um: float
    height_um: float


@dataclass(frozen=True, slots=True)
class Figure:
    """A region of a slide that is printed with the report."""

    image_id: str
    region: Region
    caption: str = ""


@dataclass(frozen=True, slots=True)
class SpecimenFigure:
    """A photograph of a part or block that is printed with the report.

    All but the caption is stated by the node, as of when the version was written: what is signed keeps the
    scale that it was signed with.
    """

    photograph_id: str
    caption: str = ""
    identifier: str = ""
    """Of the piece that it shows."""
    sha256: str = ""
    """Of the photograph as it is kept."""
    width_px: int = 0
    height_px: int = 0
    um_per_px: float | None = None
    """None where nobody stated a scale; such a figure has no scale bar."""

    @property
    def width_um(self) -> float | None:
        return None if self.um_per_px is None else self.width_px * self.um_per_px


class SupportKind(StrEnum):
    """What can support a statement."""

    ANNOTATION = "annotation"
    LAYER = "layer"
    MEASUREMENT = "measurement"
    REGION = "region"
    MODEL = "model"


@dataclass(frozen=True, slots=True)
class Support:
    """One thing that can be looked at."""

    kind: SupportKind
    reference: str = ""
    """Its id, such as that of an annotation or layer."""
    image_id: str | None = None
    region: Region | None = None
    said: str = ""
    """What it tells, such as a measured value with its unit."""


@dataclass(frozen=True, slots=True)
class Statement:
    """Where an element's answer or a section's words come from, and what supports them."""

    subject: str
    """`element/<id>` or `section/<name>`."""
    source: Source = BY_PERSON
    certainty: float | None = None
    """0 to 1, as the model states it."""
    is_accepted: bool = False
    """Whether a person took it on."""
    supports: tuple[Support, ...] = ()


@dataclass(frozen=True, slots=True)
class TemplateRef:
    """The very template that a content was filled into."""

    id: str
    version: int
    digest: str


@dataclass(frozen=True, slots=True)
class Content:
    """What a version says. Personal: sealed at rest."""

    template: TemplateRef | None = None
    """None for a report in free text alone."""
    values: Mapping[str, Value] = field(default_factory=dict)
    sections: Mapping[Section, str] = field(default_factory=dict)
    figures: tuple[Figure, ...] = ()
    statements: tuple[Statement, ...] = ()
    photographs: tuple[SpecimenFigure, ...] = ()
    """Of the specimen; they stand before the regions of slides."""


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a report; never changed once it is written."""

    case_id: CaseId
    number: int
    """From 1 on, without gaps."""
    status: Status
    amends: Amendment | None
    """What it would become by being signed, when the report was signed before."""
    source: Source
    author_id: PersonId
    author_name: str
    at: datetime
    reason: str
    language: Language
    patient_id: PatientId | None
    """Under whose key it is sealed."""
    content: Content | None
    """None where the patient was erased."""
    sha256: str
    previous_sha256: str | None

    @property
    def is_signed(self) -> bool:
        return self.status in SIGNED


def standing_of(versions: Sequence[Version]) -> Version | None:
    """Which of the versions of a report people look at: the newest; where that only says that an amendment
    was withdrawn, what was signed before."""
    if not versions or versions[-1].status is not Status.WITHDRAWN:
        return versions[-1] if versions else None
    return next(one for one in reversed(versions) if one.is_signed)


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


def digest_of(version: Version) -> str:
    """SHA-256 of a version as canonical JSON (sorted names, UTF-8), that of the version before included.

    Everything is in it but the digest itself. Photographs are in it where there are some: versions from
    before there could be any keep their digest.
    """
    plain = msgspec.to_builtins(version)
    del plain["sha256"]
    if version.content is not None and not version.content.photographs:
        del plain["content"]["photographs"]
    return hashlib.sha256(msgspec.json.encode(plain, order="sorted")).hexdigest()


def said_in(content: Content) -> dict[str, Value]:
    """Answers and texts by what statements call them: `element/<id>`, `section/<name>`."""
    said: dict[str, Value] = {f"element/{name}": value for name, value in content.values.items()}
    return said | {f"section/{name.value}": text for name, text in content.sections.items() if text}


def check_basis(newest: Version | None, number: int | None) -> None:
    """Raise SavedMeanwhile unless the newest version is the one that somebody knows."""
    if newest is None or newest.number == number:
        return
    raise SavedMeanwhile(
        "{name} saved version {number} meanwhile, at {at}; nothing of yours was kept in its place.",
        name=newest.author_name,
        number=newest.number,
        at=newest.at.isoformat(timespec="seconds"),
    )


def untaken(content: Content) -> list[Statement]:
    """What a model said, still stands there, and nobody took on or changed."""
    said = said_in(content)
    return [
        one
        for one in content.statements
        if one.source.kind is SourceKind.MODEL and not one.is_accepted and one.subject in said
    ]


def check_content(content: Content) -> None:
    """Raise Invalid where a content is more than a report holds, or a figure or support shows nothing."""
    figures = len(content.figures) + len(content.photographs)
    if figures > MOST_FIGURES or len(content.statements) > MOST_STATEMENTS:
        raise Invalid(
            "A report has at most {figures} figures and {statements} statements.",
            figures=MOST_FIGURES,
            statements=MOST_STATEMENTS,
        )
    if any(len(text) > MOST_SECTION for text in content.sections.values()):
        raise Invalid("A section has at most {most} characters.", most=MOST_SECTION)
    if not all(map(_can_be_printed, _texts_of(msgspec.to_builtins(content)))):
        raise Invalid("A text holds a character that cannot be kept.")
    supports = (one.region for statement in content.statements for one in statement.supports)
    regions = (*(figure.region for figure in content.figures), *supports)
    for one in (region for region in regions if region is not None):
        numbers = (one.x_um, one.y_um, one.width_um, one.height_um)
        if not all(map(math.isfinite, numbers)) or one.width_um <= 0 or one.height_um <= 0:
            raise Invalid("A figure or support shows a region of some width and height.")


def _texts_of(plain: Any) -> Iterator[str]:
    if isinstance(plain, str):
        yield plain
    elif isinstance(plain, dict):
        for name, value in plain.items():
            yield name
            yield from _texts_of(value)
    elif isinstance(plain, list | tuple):
        for value in plain:
            yield from _texts_of(value)


def _can_be_printed(text: str) -> bool:
    """Whether a text holds no control character but line breaks and tabs, and no half of a pair."""
    return not any(unicodedata.category(one) in ("Cc", "Cs") and one not in "\n\r\t" for one in text)


@dataclass(frozen=True, slots=True)
class Cosignature:
    """A second pathologist's agreement with a signed version."""

    case_id: CaseId
    number: int
    person_id: PersonId
    person_name: str
    at: datetime
    sha256: str
    """Of the version that was agreed with."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered to one element, in the language of the report."""

    element: str
    label: str
    value: Value
    chosen: tuple[tuple[str, str], ...] = ()
    """Id and label of each option that was chosen."""
    unit: str = ""


@dataclass(frozen=True, slots=True)
class SignedVersion:
    """A signed version as whoever may read it sees it."""

    version: Version
    template: TemplateRef | None
    title: str
    """Of its template."""
    answers: tuple[Answer, ...]
    headings: Mapping[Section, str]
    cosignatures: tuple[Cosignature, ...]


# What is written down -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ReportSigned(Event):
    """A version of a report was signed."""

    case_id: CaseId
    organisation_id: OrganisationId
    number: int
    status: Status
    sha256: str


@dataclass(frozen=True, slots=True)
class ReportWasReopened(Event):
    """A signed report is being changed."""

    case_id: CaseId
    organisation_id: OrganisationId
    kind: Amendment


@dataclass(frozen=True, slots=True)
class FindingsWereHandedIn(Event):
    """A program handed findings in, and a language model is to word the draft made of them."""

    case_id: CaseId
    organisation_id: OrganisationId
    submission_id: str
