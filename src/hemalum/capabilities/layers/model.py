"""Layers of images. No I/O."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from hemalum.formats.layers.model import LayerClass, LayerKind, ValueColumn
from hemalum.kernel.events import Event
from hemalum.kernel.ids import ImageId, OrganisationId, PersonId


class LayerOrigin(StrEnum):
    """What kind of claim a layer is."""

    MODEL = "model"
    """A prediction."""
    MEASUREMENT = "measurement"
    """From an instrument, as the spots of spatial transcriptomics."""
    TRUTH = "truth"
    """Known exactly, because the slide was made up."""
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class LayerDraft:
    """What a producer says of a layer before its content."""

    title: str
    producer: str
    producer_version: str
    origin: LayerOrigin = LayerOrigin.MODEL
    title_zh: str | None = None
    id: str | None = None
    """Of the layer, from a producer that may die and write it once more; None: a fresh one."""
    computed_on: tuple[str, ...] = ()
    """What the producer ran on, where that decides the last digits: provider, device, version."""


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer as lists show it."""

    id: str
    image_id: ImageId
    generation: str
    """Of the image it was made for."""
    kind: LayerKind
    origin: LayerOrigin
    title: str
    title_zh: str | None
    producer: str
    producer_version: str
    count: int
    classes: tuple[LayerClass, ...]
    columns: tuple[ValueColumn, ...]
    created_at: datetime
    created_by: PersonId | None
    blob_key: str
    size: int
    sha256: str
    computed_on: tuple[str, ...] = ()
    """Empty where nobody said."""


@dataclass(frozen=True, slots=True)
class LayerBecameAvailable(Event):
    """A layer of an image can be looked at."""

    image_id: ImageId
    organisation_id: OrganisationId
    layer_id: str


@dataclass(frozen=True, slots=True)
class Picked:
    """The cell at a place."""

    row: int
    """Its number in what the producer gave, from 0."""
    x_px: float
    y_px: float
    class_index: int
    values: tuple[float | None, ...]
    outline_px: tuple[tuple[float, float], ...]
