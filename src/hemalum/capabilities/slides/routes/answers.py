"""JSON forms of what the slides interface answers (docs/reference/http.md)."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat

from hemalum.capabilities.slides import model
from hemalum.capabilities.slides.serving import Opening, ShownChannel
from hemalum.formats.wsi.frame_index import FrameLevel
from hemalum.formats.wsi.model import ScaleTrust
from hemalum.kernel.actor import Purpose
from hemalum.kernel.sentence import Sentence, Value


class Progress(BaseModel):
    """How far the current stage of ingest has come."""

    stage: str
    done: int
    total: int


class Spacing(BaseModel):
    """Distance between level-0 pixels in micrometres."""

    x: float
    y: float


class ImageFacts(BaseModel):
    """What row and detail of an image share."""

    id: str
    name: str
    status: model.ImageStatus
    reason: str | None
    reason_said: Sentence | None
    """The reason in a form that can be said in another language."""
    progress: Progress | None
    created_at: datetime
    available_at: datetime | None
    size_bytes: int | None
    sha256: str | None
    format: str | None
    vendor: str | None
    scanner_model: str | None
    width_px: int | None
    height_px: int | None
    spacing_um: Spacing | None
    objective_power: float | None
    stain: str | None
    organ: str | None
    specimen: str | None
    planes: int
    has_label: bool
    has_macro: bool
    has_clinical: bool
    study_uid: str | None
    series_uid: str | None


class ImageSummary(ImageFacts):
    """A row of the library; channels and findings are counted."""

    channels: int
    findings: int


class LibraryPage(BaseModel):
    """A part of the library."""

    total: int
    more: bool
    """Whether a search finds more than `total`, which are not listed."""
    offset: int
    revision: int
    items: list[ImageSummary]


class Revision(BaseModel):
    """A number that grows whenever the library changes."""

    revision: int


class Element(BaseModel):
    """One element of the metadata."""

    name: str
    value: Any
    source: str | None
    required: bool


class Finding(BaseModel):
    """What a person should look at in the metadata."""

    element: str
    problem: model.Problem
    message: str
    template: str
    """`message` with {named} fields, by which it is found in another language."""
    values: dict[str, Value]
    """What fills the fields."""


class Clinical(BaseModel):
    """What the file of an image says of the patient and the case."""

    fields: dict[str, str]
    """By vendor tag, as the file spells the value."""


class StoredObject(BaseModel):
    """One file or blob of an image."""

    number: int
    kind: model.ObjectKind
    name: str
    size_bytes: int
    sha256: str | None


class ShownLevel(BaseModel):
    """One resolution of an image."""

    number: int
    width_px: int
    height_px: int
    tile_width_px: int
    tile_height_px: int
    rows: int
    columns: int
    downsample: float
    derived: bool
    stored: bool
    """Whether tiles are sent as they lie in the file. Such tiles may be asked for in runs."""


class Plane(BaseModel):
    """One focal plane."""

    offset_um: float


class Channel(BaseModel):
    """One channel as it is first shown."""

    name: str
    colour: str
    window: tuple[float, float]


class ChannelHistogram(BaseModel):
    """How often each sample of a channel occurs."""

    level: int
    """The level whose samples were counted, every one of them."""
    samples: int
    counts: list[int]
    """Samples from `first + i * width` up to the next bin."""
    first: float
    width: float
    least: float
    most: float
    auto_low: float
    """The sample at `auto_percent[0]` of all, by nearest rank."""
    auto_high: float
    auto_percent: tuple[float, float]


class ImageDetail(ImageFacts):
    """All that is known of an image."""

    elements: list[Element]
    findings: list[Finding]
    properties: dict[str, str]
    objects: list[StoredObject]
    levels: list[ShownLevel]
    channels: list[Channel]


class OpeningAsked(BaseModel):
    """Why somebody opens an image."""

    purpose: Purpose | None = None
    """None for the purpose that the request states in its header, or the first that one's roles allow."""
    continues: str | None = Field(default=None, max_length=40)
    """The opening that this one goes on with, when a viewer renews its ticket."""


class ShownLook(BaseModel):
    """How a channel is shown."""

    model_config = ConfigDict(extra="forbid")

    number: int = Field(ge=0)
    colour: str = Field(pattern="^[0-9a-f]{6}$")
    low: FiniteFloat
    high: FiniteFloat
    gamma: float = Field(default=1, ge=0.1, le=10)
    visible: bool


class SlideLook(BaseModel):
    """What readers of a slide see of its channels first, and who said so."""

    channels: list[ShownLook]
    set_by: str
    set_at: datetime


class OpeningMade(BaseModel):
    """What a viewer needs to show an image."""

    ticket: str
    expires_at: datetime
    opening_id: str
    purpose: Purpose
    may_view_label: bool
    image_id: str
    name: str
    tile_url: str
    mode: Literal["direct", "composite"]
    brightfield: bool
    sample_type: str
    """Of the stored samples, in numpy's words: uint8, uint16, float32, ..."""
    spacing_um: Spacing | None
    scale_trust: ScaleTrust
    held_back: bool
    """Whether the metadata are refused, so that the slide does not leave the node."""
    objective_power: float | None
    levels: list[ShownLevel]
    planes: list[Plane]
    channels: list[Channel]
    look: SlideLook | None
    """What its readers see first, where somebody said so; else what the channels propose."""


def page_of(page: model.LibraryPage) -> LibraryPage:
    """The JSON form of a part of the library."""
    return LibraryPage(
        total=page.total,
        more=page.is_more,
        offset=page.offset,
        revision=page.revision,
        items=[
            ImageSummary(**_facts(item), channels=item.channels or 0, findings=item.findings)
            for item in page.items
        ],
    )


def detail_of(
    image: model.Image,
    elements: Iterable[model.Element],
    levels: tuple[FrameLevel, ...],
    channels: tuple[ShownChannel, ...],
) -> ImageDetail:
    """The JSON form of an image; `levels` and `channels` are empty until it is available."""
    return ImageDetail(
        **_facts(image.summary),
        elements=[
            Element(name=each.name, value=each.value, source=each.source, required=each.required)
            for each in elements
        ],
        findings=[
            Finding(
                element=each.element,
                problem=each.problem,
                message=str(each.message),
                template=each.message.template,
                values=dict(each.message.values),
            )
            for each in image.findings
        ],
        properties=dict(image.description.properties) if image.description else {},
        objects=[
            StoredObject(
                number=each.number,
                kind=each.kind,
                name=each.name,
                size_bytes=each.size,
                sha256=each.sha256,
            )
            for each in image.objects
        ],
        levels=levels_of(levels),
        channels=channels_of(channels),
    )


def opening_of(opening: Opening) -> OpeningMade:
    """The JSON form of an opening."""
    description = opening.image.description
    assert description is not None
    summary = opening.image.summary
    return OpeningMade(
        ticket=opening.ticket,
        expires_at=datetime.fromtimestamp(opening.terms.expires_at, UTC),
        opening_id=opening.terms.opening_id,
        purpose=opening.actor.purpose or Purpose.CARE,
        may_view_label=opening.terms.may_view_label,
        image_id=summary.id,
        name=summary.name,
        tile_url=f"/tiles/{opening.ticket}/{{level}}/{{plane}}/{{channel}}/{{row}}/{{column}}",
        mode="composite" if opening.is_composite else "direct",
        brightfield=description.is_brightfield,
        sample_type=description.pixel.dtype,
        spacing_um=_spacing(summary),
        scale_trust=description.scale_trust,
        held_back=opening.held_back,
        objective_power=summary.objective_power,
        levels=levels_of(opening.levels),
        planes=[Plane(offset_um=plane.offset_um) for plane in description.planes],
        channels=channels_of(opening.channels),
        look=None if opening.look is None else look_of(opening.look),
    )


def look_of(look: model.Look) -> SlideLook:
    """The JSON form of a look."""
    channels = [ShownLook(**asdict(channel)) for channel in look.channels]
    return SlideLook(channels=channels, set_by=look.person_name, set_at=look.set_at)


def levels_of(levels: tuple[FrameLevel, ...]) -> list[ShownLevel]:
    """The JSON form of the levels of a frame index."""
    return [
        ShownLevel(
            number=number,
            width_px=level.size.width_px,
            height_px=level.size.height_px,
            tile_width_px=level.tile.width_px,
            tile_height_px=level.tile.height_px,
            rows=level.rows,
            columns=level.columns,
            downsample=level.downsample,
            derived=level.derived,
            stored=level.media_type is not None,
        )
        for number, level in enumerate(levels)
    ]


def channels_of(channels: tuple[ShownChannel, ...]) -> list[Channel]:
    """The JSON form of channels."""
    return [Channel(name=channel.name, colour=channel.colour, window=channel.window) for channel in channels]


def _facts(image: model.ImageSummary) -> dict[str, Any]:
    names = set(ImageFacts.model_fields) - {"reason", "reason_said", "progress", "spacing_um", "planes"}
    progress = image.progress
    return {name: getattr(image, name) for name in names} | {
        "reason": image.reason and str(image.reason),
        "reason_said": image.reason,
        "planes": image.planes or 0,
        "progress": progress and Progress(stage=progress.stage, done=progress.done, total=progress.total),
        "spacing_um": _spacing(image),
    }


def _spacing(image: model.ImageSummary) -> Spacing | None:
    if image.spacing_x_um is None or image.spacing_y_um is None:
        return None
    return Spacing(x=image.spacing_x_um, y=image.spacing_y_um)
