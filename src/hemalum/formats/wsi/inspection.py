"""Everything that is done once with an untrusted scan: understand it, check it, complete it.

Runs in a confined child process. What it finds out goes into a folder of plain files, so that whoever serves
the slide later never parses the original again.
"""

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

from hemalum.formats.wsi.colour import check_colour
from hemalum.formats.wsi.companions import list_companions
from hemalum.formats.wsi.decode import decode_frame
from hemalum.formats.wsi.derive import complete_levels
from hemalum.formats.wsi.dicom import group_dicom_files
from hemalum.formats.wsi.display import FIRST_SHOWN, display_colours
from hemalum.formats.wsi.frame_index import FrameIndex, FrameLevel, read_frame
from hemalum.formats.wsi.indexed import IndexedSlide
from hemalum.formats.wsi.label_code import find_identifier
from hemalum.formats.wsi.model import AssociatedKind, SlideDescription
from hemalum.formats.wsi.opening import open_files
from hemalum.formats.wsi.openslide_reader import OpenSlideSlide
from hemalum.formats.wsi.slide import Pixels, Slide
from hemalum.formats.wsi.source import ByteSource, FileSource, close_all
from hemalum.kernel.errors import Invalid, UnreadableSlide
from hemalum.kernel.typed import typed_json

THUMBNAIL_PX = 1024
LABEL_PICTURE = "picture of the label"
"""Source of a barcode that no tag states."""

_LOSSY_PICTURES = {"plain-jpeg", "plain-webp"}
_SAMPLES_PER_LEVEL = 8
_MAX_PIXELS = 1 << 40
"""A million by a million: 25 cm of glass at 0.25 um, both ways."""
_JPEG_QUALITY = 88
_MAX_ASSOCIATED_PX = 4096

type OnProgress = Callable[[str, int, int], None]


def inspect(paths: list[str], out_dir: str, progress: OnProgress) -> dict[str, Any]:
    """Take in a scan that consists of these files.

    Writes into `out_dir`: `description.json` (SlideDescription, levels completed), `file_description.json`
    (as the file says), `index.hfi`, and where there is something to write `derived.bin`, `thumbnail.jpg`,
    `label.jpg`, `macro.jpg`, `clinical.json` (what the file says of the patient, which the descriptions leave
    out). In the index the files have the number of their place in the answer's `paths`,
    and the derived object the number after the last of them.

    Returns a map with `paths` (the files in the order of their numbers) and `derived_bytes`.

    Raises:
        UnreadableSlide: it is not a slide that can be shown correctly; the sentence says why.
    """
    folder = Path(out_dir)
    progress("reading", 0, 1)
    _check_nothing_is_left_out(paths)
    with open_files([Path(path) for path in paths]) as opened:
        ordered = _in_order(opened, paths)
        slide = _checked(opened, ordered, progress)
        pictures = _associated(slide)
        slide.description = _with_label_code(slide.description, pictures)
        derived = folder / "derived.bin"
        completed = complete_levels(slide, derived, len(ordered), lossy=_is_lossy(opened), progress=progress)
        _write_json(folder / "file_description.json", slide.description)
        _write_json(folder / "description.json", completed.description)
        (folder / "index.hfi").write_bytes(completed.index.to_bytes())
        progress("pictures", 0, 1)
        others = _other_sources(slide, ordered, derived if completed.derived_bytes else None)
        try:
            sources = [*_slide_sources(slide), *others]
            _write_thumbnail(IndexedSlide(completed.description, completed.index, sources), folder)
        finally:
            close_all(others)
        for kind, picture in pictures.items():
            picture.save(folder / f"{kind.value}.jpg", "JPEG", quality=_JPEG_QUALITY)
        if slide.description.clinical:
            (folder / "clinical.json").write_bytes(msgspec.json.encode(slide.description.clinical))
    return {"paths": ordered, "derived_bytes": completed.derived_bytes}


def group(paths: list[str]) -> list[list[str]]:
    """Which DICOM files belong together: one list for each series; the rest one by one, order kept."""
    found = group_dicom_files([Path(path) for path in paths])
    groups = [[str(path) for path in series] for series in found.values()]
    grouped = {path for series in groups for path in series}
    return groups + [[path] for path in paths if path not in grouped]


def _check_nothing_is_left_out(paths: list[str]) -> None:
    """Raise UnreadableSlide when a file beside the first belongs to the slide and is not among them."""
    for one in list_companions(Path(paths[0])):
        if one.is_file() and str(one) not in paths:
            raise UnreadableSlide(
                "{name} belongs to the slide and was not taken in with it: take the slide in again, once all"
                " of its files are there.",
                name=one.name,
            )


def _slide_sources(slide: Slide) -> Sequence[ByteSource]:
    return slide.sources if isinstance(slide, IndexedSlide) else ()


def _in_order(slide: Slide, paths: list[str]) -> list[str]:
    """The files as the frame index numbers them, then those it does not refer to."""
    indexed = [str(source.path) for source in _slide_sources(slide) if isinstance(source, FileSource)]
    if len(indexed) != len(_slide_sources(slide)) or not set(indexed) <= set(paths):
        raise UnreadableSlide("The slide refers to files that were not given.")
    return indexed + [path for path in paths if path not in indexed]


def _other_sources(slide: Slide, ordered: list[str], derived: Path | None) -> list[ByteSource]:
    """Byte sources of the objects that the slide itself does not read, by number."""
    others = ordered[len(_slide_sources(slide)) :]
    paths = [Path(path) for path in others]
    if derived is not None:
        paths.append(derived)
    return [FileSource(path) for path in paths]


def _checked(slide: Slide, paths: list[str], progress: OnProgress) -> Slide:
    """The slide, its colours repaired where that was needed; refuses what would be shown wrongly."""
    index = slide.frame_index
    sources = list(_slide_sources(slide))
    size = slide.description.size
    if size.width_px * size.height_px > _MAX_PIXELS:
        raise UnreadableSlide(
            "The file claims {width} x {height} pixels, more than fit on any glass.",
            width=size.width_px,
            height=size.height_px,
        )
    if index is not None:
        if not index.levels[0].lengths.any():
            raise UnreadableSlide("The file holds no pixels: every tile of its finest level is left out.")
        index.check_ranges([source.size for source in sources])
        for number, level in enumerate(index.levels):
            progress("checking", number, len(index.levels))
            for place in _sample_places(level):
                _decode(level, sources, place, number)
    verdict = check_colour(slide, [Path(path) for path in paths])
    if verdict.refusal is not None:
        raise UnreadableSlide.saying(verdict.refusal)
    warnings = (*slide.description.warnings, *verdict.warnings)
    described = replace(slide.description, warnings=tuple(dict.fromkeys(warnings)))
    if verdict.index is None:
        slide.description = described
        return slide
    readers = {kind: partial(slide.read_associated, kind) for kind in described.associated}
    return IndexedSlide(described, verdict.index, sources, readers)


def _sample_places(level: FrameLevel) -> list[tuple[int, int, int, int]]:
    present = np.flatnonzero(level.lengths)
    if present.size == 0:
        return []
    chosen = present[np.linspace(0, present.size - 1, min(_SAMPLES_PER_LEVEL, present.size)).astype(int)]
    places = np.array(np.unravel_index(chosen, level.lengths.shape)).T
    return [(int(p), int(c), int(r), int(k)) for p, c, r, k in places]


def _decode(
    level: FrameLevel, sources: list[ByteSource], place: tuple[int, int, int, int], number: int
) -> None:
    stream = read_frame(level, sources, *place)
    if stream is None:
        return
    try:
        decode_frame(level, stream)
    except UnreadableSlide as error:
        raise UnreadableSlide(
            "The tile at row {row}, column {column} of level {number} does not decode: {reason}",
            row=place[2],
            column=place[3],
            number=number,
            reason=error.sentence,
        ) from error


def _is_lossy(slide: Slide) -> bool:
    """Whether pixels without tiles of their own were compressed with loss before, as scanners do."""
    return isinstance(slide, OpenSlideSlide) or slide.description.format in _LOSSY_PICTURES


def _write_json(path: Path, description: SlideDescription) -> None:
    path.write_bytes(msgspec.json.encode(replace(description, clinical={})))


# Pictures -----------------------------------------------------------------------------------------------


def _write_thumbnail(slide: IndexedSlide, folder: Path) -> None:
    description = slide.description
    plane = len(description.planes) // 2
    if description.is_brightfield:
        pixels = slide.thumbnail(THUMBNAIL_PX, plane=plane)
        picture = to_srgb(Image.fromarray(_eight_bit(pixels)), description.icc_profile)
    else:
        channels = [
            slide.thumbnail(THUMBNAIL_PX, plane=plane, channel=number)[:, :, 0]
            for number in range(len(description.channels))[:FIRST_SHOWN]
        ]
        colours = display_colours([channel.colour for channel in description.channels])
        picture = Image.fromarray(mixed(channels, [_rgb(colour) for colour in colours[:FIRST_SHOWN]]))
    picture.save(folder / "thumbnail.jpg", "JPEG", quality=_JPEG_QUALITY)


def _associated(slide: Slide) -> dict[AssociatedKind, Image.Image]:
    found: dict[AssociatedKind, Image.Image] = {}
    for kind in (AssociatedKind.LABEL, AssociatedKind.MACRO):
        if kind not in slide.description.associated:
            continue
        try:
            picture = Image.fromarray(slide.read_associated(kind))
        except (UnreadableSlide, Invalid):
            continue  # the scan itself is good; a damaged label does not keep it out
        picture.thumbnail((_MAX_ASSOCIATED_PX, _MAX_ASSOCIATED_PX))
        found[kind] = picture
    return found


def _with_label_code(
    description: SlideDescription, pictures: Mapping[AssociatedKind, Image.Image]
) -> SlideDescription:
    """The description with the identifier on the label as its barcode, where the file states none."""
    if description.barcode is not None:
        return description
    identifier = find_identifier(pictures.values())
    if identifier is None:
        return description
    sources = {**description.sources, "barcode": LABEL_PICTURE}
    return replace(description, barcode=str(identifier), sources=sources)


def to_srgb(picture: Image.Image, icc_profile: bytes | None) -> Image.Image:
    """The picture in sRGB; as it is when there is no usable profile."""
    if icc_profile is None:
        return picture
    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(icc_profile))
        converted = ImageCms.profileToProfile(picture, profile, ImageCms.createProfile("sRGB"))
    except (ImageCms.PyCMSError, OSError):
        return picture
    return picture if converted is None else converted


def mixed(channels: Sequence[NDArray[Any]], colours: Sequence[tuple[int, int, int]]) -> NDArray[np.uint8]:
    """Channels (height, width) added up in their colours, each between its 1st and 99.8th percentile."""
    out = np.zeros((*channels[0].shape, 3), np.float32)
    for channel, colour in zip(channels, colours, strict=True):
        low, high = np.percentile(channel, (1.0, 99.8))
        signal = np.clip((channel.astype(np.float32) - low) / max(high - low, 1e-6), 0, 1)
        out += signal[:, :, None] * np.asarray(colour, np.float32)
    return np.clip(out, 0, 255).astype(np.uint8)


def _rgb(colour: str) -> tuple[int, int, int]:
    red, green, blue = bytes.fromhex(colour.removeprefix("#"))
    return red, green, blue


def _eight_bit(pixels: Pixels) -> NDArray[np.uint8]:
    if pixels.dtype == np.uint8:
        return pixels.astype(np.uint8, copy=False)
    if pixels.dtype == np.uint16:
        return (pixels >> 8).astype(np.uint8)
    shown: NDArray[np.uint8] = np.clip(pixels * 255, 0, 255).astype(np.uint8)
    return shown


def read_description(path: Path) -> SlideDescription:
    """A description that `inspect` wrote."""
    return typed_json(path.read_bytes(), SlideDescription)


def read_index(path: Path) -> FrameIndex:
    """A frame index that `inspect` wrote."""
    return FrameIndex.from_buffer(path.read_bytes())
