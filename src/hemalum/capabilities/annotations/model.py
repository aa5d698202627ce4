"""Annotations as people change them: commands, states, classes. No I/O."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec

from hemalum.analysis.quantities import Quantity
from hemalum.formats.annotations.model import GEOMETRIES, Annotation, AnnotationKind, Box
from hemalum.formats.annotations.reading import Skipped
from hemalum.kernel.errors import Conflict, Invalid
from hemalum.kernel.events import Event
from hemalum.kernel.ids import ImageId, OrganisationId, PersonId
from hemalum.kernel.sentence import Sentence

MOST_CHANGES = 10_000
"""In one command of a person; an import may hold more."""
MOST_IMPORTED = 20_000

_LONGEST_NAME = 200
_LONGEST_NOTE = 10_000
_MOST_CLASSES = 200
_ID = re.compile(r"[A-Za-z0-9_-]{8,40}")
_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")


class ChangedMeanwhile(Conflict):
    """Somebody else changed what a command is about. Nothing of it was done."""

    code = "changed-meanwhile"


class Locked(Conflict):
    """The annotation is locked against changes."""

    code = "locked"


class CommandLabel(StrEnum):
    """What a command did, in one word."""

    ADD = "add"
    CHANGE = "change"
    REMOVE = "remove"
    CLASS = "class"
    IMPORT = "import"


@dataclass(frozen=True, slots=True)
class Add:
    """To add an annotation."""

    annotation: Annotation


@dataclass(frozen=True, slots=True)
class Change:
    """To change some fields of an annotation, which the person saw in this version."""

    id: str
    version: int
    fields: Mapping[str, Any]
    """By name, of `Annotation`."""


@dataclass(frozen=True, slots=True)
class Remove:
    """To remove an annotation, which the person saw in this version."""

    id: str
    version: int


type Step = Add | Change | Remove


@dataclass(frozen=True, slots=True)
class Command:
    """What a person does at once: all of it or nothing."""

    id: str
    """Made by the client; a command that arrives twice is done once."""
    label: CommandLabel
    steps: Sequence[Step]

    def __post_init__(self) -> None:
        check_id(self.id)
        if not self.steps:
            raise Invalid("A command holds at least one change.")
        most = MOST_IMPORTED if self.label is CommandLabel.IMPORT else MOST_CHANGES
        if len(self.steps) > most:
            raise Invalid(
                "A command holds {count} changes, more than {most}.", count=len(self.steps), most=most
            )
        named = [step.annotation.id if isinstance(step, Add) else step.id for step in self.steps]
        for each in named:
            check_id(each)
        if len(set(named)) < len(named):
            raise Invalid("A command changes each annotation once.")


@dataclass(frozen=True, slots=True)
class Signed:
    """Who did something, and when."""

    person_id: PersonId
    person_name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class State:
    """An annotation as one command left it. Never changed."""

    id: str
    annotation: Annotation | None
    """None when it was removed."""
    version: int
    """1 for the first state of an annotation, 1 more for each further one."""
    same_as: int
    """The version that first was as this one is; 0 for an annotation that is not there."""
    created: Signed
    changed: Signed


class Standing(StrEnum):
    """Where a command is in the stacks of the person who gave it."""

    DONE = "done"
    """It can be undone."""
    UNDONE = "undone"
    """It can be done again."""
    CLOSED = "closed"
    """It was undone and something else was done since; or it is an undo or redo itself."""


@dataclass(frozen=True, slots=True)
class Done:
    """A command in the history of an image."""

    sequence: int
    command_id: str
    label: CommandLabel
    by: Signed
    undo_of: int | None
    """Sequence of the command that it took back."""
    standing: Standing
    effect: int
    """Sequence of the command whose states it is undone, or done again, by taking back."""


@dataclass(frozen=True, slots=True)
class Stack:
    """What a person can undo and redo on an image."""

    undo: Done | None
    redo: Done | None


class Shown(msgspec.Struct, frozen=True):
    """An annotation as it goes out. The geometry is JSON as it was kept, not read again."""

    id: str
    kind: AnnotationKind
    geometry: msgspec.Raw
    shape: Box | None
    plane: int | None
    class_: str | None = msgspec.field(name="class")
    colour: str | None
    name: str
    note: str
    locked: bool
    version: int
    created_by: "Person"
    created_at: datetime
    changed_by: "Person"
    changed_at: datetime
    measured: "MeasuredOrNot"


class Person(msgspec.Struct, frozen=True):
    """Somebody as others see them."""

    id: PersonId
    name: str


class MeasuredOrNot(msgspec.Struct, frozen=True):
    """What was measured, or why nothing can be."""

    area_um2: Quantity | None = None
    perimeter_um: Quantity | None = None
    length_um: Quantity | None = None
    why_not: Sentence | None = None


@dataclass(frozen=True, slots=True)
class Since:
    """What changed on an image after a sequence, or all of it."""

    sequence: int
    since: int | None
    """None when this is everything."""
    annotations: tuple[Shown, ...]
    removed: tuple[str, ...]
    stack: Stack


@dataclass(frozen=True, slots=True)
class HistoryChange:
    """What a command did to one annotation; None for one that was not there."""

    id: str
    before: Annotation | None
    after: Annotation | None


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """A command with all that it did."""

    done: Done
    changes: tuple[HistoryChange, ...]


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """A part of the history, oldest first."""

    total: int
    offset: int
    items: tuple[HistoryEntry, ...] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class AnnotationClass:
    """A class that annotations can be given, with how it looks."""

    name: str
    colour: str
    """#RRGGBB."""
    shape: str
    """The form of its points and of its sign in lists, for whoever does not tell the colours apart."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a file."""

    added: int
    skipped: tuple[Skipped, ...]
    since: Since


class ExportForm(StrEnum):
    """The files that what is drawn can be taken away in."""

    GEOJSON = "geojson"
    DICOM_ANN = "dicom-ann"
    DICOM_SR = "dicom-sr"
    ASAP = "asap"
    CSV = "csv"


@dataclass(frozen=True, slots=True)
class Exported:
    """A file of annotations."""

    content: bytes
    media_type: str
    suffix: str
    left_out: int = 0
    """Annotations that the form cannot hold."""


SHAPES = ("circle", "square", "triangle", "diamond", "cross", "plus", "star", "hexagon", "ring")

DEFAULT_CLASSES = (
    AnnotationClass("Tumor", "#D55E00", "circle"),
    AnnotationClass("Stroma", "#009E73", "square"),
    AnnotationClass("Immune cells", "#CC79A7", "triangle"),
    AnnotationClass("Necrosis", "#000000", "cross"),
    AnnotationClass("Other", "#F0E442", "diamond"),
    AnnotationClass("Region*", "#0072B2", "hexagon"),
    AnnotationClass("Ignore*", "#999999", "ring"),
    AnnotationClass("Positive", "#E69F00", "plus"),
    AnnotationClass("Negative", "#56B4E9", "star"),
)
"""QuPath's classes in the colours by Okabe and Ito, 2008, grey for what is ignored."""


@dataclass(frozen=True, slots=True)
class AnnotationsWereChanged(Event):
    """Somebody added, changed or removed annotations of an image."""

    image_id: ImageId
    organisation_id: OrganisationId
    person_id: PersonId
    sequence: int


def check_id(text: str) -> None:
    """Refuse what cannot be the id of an annotation or command."""
    if not _ID.fullmatch(text):
        raise Invalid("An id has 8 to 40 letters, digits, hyphens and underscores.")


def check_content(annotation: Annotation) -> None:
    """Refuse texts that are too long, and a geometry that its kind cannot have.

    Raises:
        Invalid: what is wrong.
    """
    if max(len(annotation.name), len(annotation.class_name or "")) > _LONGEST_NAME:
        raise Invalid("A name has at most {most} characters.", most=_LONGEST_NAME)
    if len(annotation.note) > _LONGEST_NOTE:
        raise Invalid("A note has at most {most} characters.", most=_LONGEST_NOTE)
    if annotation.class_name == "":
        raise Invalid("The name of a class is not empty.")
    kind, geometry = annotation.kind, str(annotation.geometry.get("type"))
    if geometry not in GEOMETRIES[kind]:
        raise Invalid("A {kind} cannot have a geometry of type {type}.", kind=kind.value, type=geometry)


def check_classes(classes: Sequence[AnnotationClass]) -> None:
    """Refuse a list of classes that cannot be kept."""
    if len(classes) > _MOST_CLASSES:
        raise Invalid("There are at most {most} classes.", most=_MOST_CLASSES)
    names = [one.name for one in classes]
    if len(set(names)) < len(names):
        raise Invalid("Two classes have the same name.")
    for one in classes:
        if not one.name.strip() or len(one.name) > _LONGEST_NAME:
            raise Invalid("The name of a class has 1 to {most} characters.", most=_LONGEST_NAME)
        if not _COLOUR.fullmatch(one.colour):
            raise Invalid("A colour is written as #RRGGBB.")
        if one.shape not in SHAPES:
            raise Invalid("The shape of a class is one of {shapes}.", shapes=", ".join(SHAPES))
