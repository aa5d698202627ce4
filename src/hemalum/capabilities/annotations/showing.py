"""How annotations look to somebody: what is there or changed, measured by the scale of the image."""

from dataclasses import dataclass
from typing import Any

import msgspec
import sqlalchemy as sa

from hemalum.analysis.quantities import Measured, Provenance, Scale
from hemalum.capabilities.annotations import store
from hemalum.capabilities.annotations.model import MeasuredOrNot, Person, Shown, Since
from hemalum.capabilities.slides.model import Image
from hemalum.formats.annotations.model import Annotation, AnnotationKind
from hemalum.formats.wsi.model import SlideDescription
from hemalum.kernel.actor import Actor
from hemalum.kernel.ids import PersonId
from hemalum.kernel.sentence import Sentence
from hemalum.kernel.typed import typed

_ELLIPSE_TOLERANCE = 0.02
"""How far the area of an outline may be off that of the ellipse that it is said to be."""


@dataclass(frozen=True, slots=True)
class Asked:
    """An image that somebody may do something to, and by which scale it is measured."""

    image: Image
    actor: Actor
    """With the purpose that was decided for."""
    description: SlideDescription
    scale: Scale | None
    why_not: Sentence | None
    """Why nothing can be measured, when there is no scale."""
    permitted: Any
    """As `Slides.permit` gave it."""


def since_of(connection: sa.Connection, asked: Asked, since: int | None) -> Since:
    """What is drawn on the image, or what changed after a sequence, in the caller's transaction."""
    image_id = asked.image.id
    sequence = store.read_sequence(connection, image_id)
    if since is not None and since > sequence:
        # Of another time: whoever asks has nothing that holds.
        since = None
    rows = list(store.read_live(connection, image_id, since))
    return Since(
        sequence,
        since,
        tuple(_shown(row, asked) for row in rows if row.geometry is not None),
        tuple(row.annotation_id for row in rows if row.geometry is None),
        store.find_stack(connection, image_id, asked.actor.person_id),
    )


def _shown(row: Any, asked: Asked) -> Shown:
    return Shown(
        id=row.annotation_id,
        kind=AnnotationKind(row.kind),
        geometry=msgspec.Raw(row.geometry.encode()),
        shape=row.shape,
        plane=row.plane,
        class_=row.class_name,
        colour=row.colour,
        name=row.name,
        note=row.note,
        locked=row.locked,
        version=row.version,
        created_by=Person(PersonId(row.created_by), row.created_by_name),
        created_at=row.created_at,
        changed_by=Person(PersonId(row.changed_by), row.changed_by_name),
        changed_at=row.changed_at,
        measured=_measured(row, asked),
    )


def _measured(row: Any, asked: Asked) -> MeasuredOrNot:
    """What was measured when it was drawn, or measured now if the image has another scale since."""
    if asked.scale is None:
        return MeasuredOrNot(why_not=asked.why_not)
    if row.measured is not None and row.scale == msgspec.to_builtins(asked.scale):
        numbers = typed(row.measured, Measured)
    else:
        numbers = measure_of(store.annotation_of(row), asked.scale)
    return MeasuredOrNot(numbers.area_um2, numbers.perimeter_um, numbers.length_um)


def measure_of(annotation: Annotation | None, scale: Scale | None) -> Measured:
    """An annotation by a scale. An ellipse is measured as one, if its outline is that ellipse's."""
    from hemalum.analysis.measuring import measure, measure_ellipse

    if annotation is None or scale is None:
        return Measured()
    outline = measure(annotation.geometry, scale)
    shape = annotation.shape
    if annotation.kind is not AnnotationKind.ELLIPSE or shape is None or outline.area_um2 is None:
        return outline
    ellipse = measure_ellipse(shape.width, shape.height, scale)
    assert ellipse.area_um2 is not None
    off = abs(outline.area_um2.value - ellipse.area_um2.value)
    return ellipse if off <= _ELLIPSE_TOLERANCE * ellipse.area_um2.value else outline


def provenance_of(image: Image) -> Provenance:
    """Whether the scale of an image is that of its file, or one that a person stated."""
    stated = [one.value for one in image.statements if one.element == "spacing_um"]
    return Provenance.STATED if stated and stated[-1] is not None else Provenance.STORED
