"""Decoding, mixing, resampling and encoding for the screen. Runs in child processes only.

The server names these functions to `hemalum.runtime.sandbox.Workers` and never imports this module.
Arguments and results are plain values. A *recipe* says where the index and the objects of an image lie; for a
*mix* see `scaling.Mix`. Encoded images come back as
`{"media_type", "content", "width_px", "height_px"}`, and with "encoding" where the content is packed.
"""

import io
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import Any

import imagecodecs
import numpy as np
import pydicom
import simplejpeg
from numpy.typing import NDArray
from PIL import Image, ImageCms

from hemalum.analysis import focus, tissue
from hemalum.analysis.histograms import HIGH_PERCENT, LOW_PERCENT, histogram
from hemalum.capabilities.slides.scaling import Mix, Scaling, add_signal, to_rgb
from hemalum.formats.dicom.encapsulated import single_frame
from hemalum.formats.dicom.header import read_header
from hemalum.formats.dicom.json import bulk_value
from hemalum.formats.dicom.stored_form import stored_form
from hemalum.formats.wsi.decode import decode_frame
from hemalum.formats.wsi.frame_index import FrameLevel
from hemalum.formats.wsi.indexed import IndexedSlide
from hemalum.formats.wsi.model import Codec, Colour, PixelFormat
from hemalum.formats.wsi.slide import Pixels
from hemalum.formats.wsi.source import MemorySource
from hemalum.kernel.errors import Invalid, UnreadableSlide
from hemalum.kernel.geometry import PixelRegion, PixelSize
from hemalum.kernel.sentence import Sentence
from hemalum.runtime.crypto.source import open_place
from hemalum.runtime.recipes import Recipe, UrlSource, check_unchanged, open_recipe
from hemalum.runtime.tile_forms import SAMPLES, ComputedPlane, TileForm

type Encoded = dict[str, Any]

MAX_OUTPUT_PIXELS = 16_777_216
_OPEN_IMAGES = 8
_MAX_JPEG_SIDE = 65_500
_MOST_COUNTED = 4_194_304
_MOST_FUSED = 64
_PACKING = 1
"""Level of gzip: 1 takes a quarter of the time of PNG and leaves a tenth more (docs/reference/http.md)."""
_NO_PNG = Sentence("Samples of this type have no lossless form that a browser shows; ask for JPEG.")

_IDENTITY = {
    "sop_class_uid": "SOPClassUID",
    "sop_instance_uid": "SOPInstanceUID",
    "study_uid": "StudyInstanceUID",
    "series_uid": "SeriesInstanceUID",
    "name": "ContainerIdentifier",
}

_open: OrderedDict[str, IndexedSlide] = OrderedDict()


def transcode_tile(level: Mapping[str, Any], stream: bytes, form: str = TileForm.PICTURE) -> Encoded:
    """A stored frame without loss: as PNG, or its samples; see `TileForm`.

    Raises:
        UnreadableSlide: it does not decode.
        Invalid: its samples are not integers, and a picture is wanted.
    """
    return _in_form(decode_frame(_level(level), stream), form)


def halve_samples(level: Mapping[str, Any], content: bytes, form: str) -> Encoded:
    """The samples of a whole tile, as `TileForm.SAMPLES` has them, at half their resolution: means of 2 by 2.

    Whole numbers are rounded, half up. A last odd row or column stands for two.
    """
    facts = _level(level)
    shape = (facts.tile.height_px, facts.tile.width_px, facts.pixel.samples)
    kind = np.dtype(facts.pixel.dtype)
    samples = np.frombuffer(content, kind.newbyteorder("<")).reshape(shape)
    even = np.pad(samples, ((0, shape[0] % 2), (0, shape[1] % 2), (0, 0)), mode="edge")
    blocks = even.reshape(even.shape[0] // 2, 2, even.shape[1] // 2, 2, shape[2])
    if kind.kind == "f":
        return _in_form(blocks.mean(axis=(1, 3), dtype=np.float64).astype(kind), form)
    return _in_form(np.floor(blocks.mean(axis=(1, 3), dtype=np.float64) + 0.5).astype(kind), form)


def mix_tile(
    level: Mapping[str, Any], streams: Sequence[bytes | None], mixes: Sequence[Mix], media: str, quality: int
) -> Encoded:
    """Frames of several channels at one place, mixed additively; None is a blank frame."""
    facts = _level(level)
    mixed = np.zeros((facts.tile.height_px, facts.tile.width_px, 3), np.float32)
    for stream, mix in zip(streams, mixes, strict=True):
        if stream is not None:
            add_signal(mixed, decode_frame(facts, stream), mix)
    return _encode(to_rgb(mixed), media, quality)


def computed_tile(
    recipe: Recipe,
    level: int,
    plane: int,
    place: Sequence[int],
    channels: Sequence[int],
    *,
    mixes: Sequence[Mix] | None = None,
    form: str = TileForm.PICTURE,
    media: str = "jpeg",
    quality: int = 90,
) -> Encoded:
    """The tile at row and column that a `ComputedPlane` has there, of full tile size; see `focus`.

    With `mixes` the channels are mixed, else there is one. Pictures of 8 bits are JPEG, others PNG.

    Raises:
        Invalid: there are more than `_MOST_FUSED` planes.
    """
    slide = _opened(recipe)
    row, column = place
    made = [_over_planes(slide, level, ComputedPlane(plane), row, column, channel) for channel in channels]
    if mixes is not None:
        mixed = np.zeros((*made[0].shape[:2], 3), np.float32)
        for pixels, mix in zip(made, mixes, strict=True):
            add_signal(mixed, pixels, mix)
        return _encode(to_rgb(mixed), media, quality)
    if form == TileForm.PICTURE and made[0].dtype == np.uint8:
        return _encode(made[0], "jpeg", quality)
    return _in_form(made[0], form)


def _over_planes(
    slide: IndexedSlide, level: int, plane: ComputedPlane, row: int, column: int, channel: int
) -> Pixels:
    frames = slide.frame_index.levels[level]
    tile, size, planes = frames.tile, frames.size, frames.planes
    if planes > _MOST_FUSED:
        raise Invalid("At most {most} planes are computed into one.", most=_MOST_FUSED)
    left, top = column * tile.width_px, row * tile.height_px
    x0, y0 = (max(0, at - focus.MARGIN_PX) // focus.ALIGNED_PX * focus.ALIGNED_PX for at in (left, top))
    x1 = min(size.width_px, left + tile.width_px + focus.MARGIN_PX)
    y1 = min(size.height_px, top + tile.height_px + focus.MARGIN_PX)
    around = PixelRegion(x0, y0, x1 - x0, y1 - y0)
    stack = (slide.read_level(level, around, plane=number, channel=channel) for number in range(planes))
    whole = (
        focus.extended_depth(stack)
        if plane is ComputedPlane.EXTENDED_DEPTH
        else focus.best_focus(list(stack))
    )
    found = whole[top - y0 : top - y0 + tile.height_px, left - x0 : left - x0 + tile.width_px]
    missing = (tile.height_px - found.shape[0], tile.width_px - found.shape[1])
    return np.pad(found, ((0, missing[0]), (0, missing[1]), (0, 0)), mode="edge")


def native_frame(level: Mapping[str, Any], stream: bytes | None) -> bytes:
    """The samples of a frame, little-endian, rows then columns then samples (PS3.5 annex A.2).

    None is a blank frame: white for RGB, else zero.
    """
    facts = _level(level)
    if stream is None:
        shape = (facts.tile.height_px, facts.tile.width_px, facts.pixel.samples)
        return np.full(shape, 255 if facts.pixel.samples == 3 else 0, facts.pixel.dtype).tobytes()
    return _samples(decode_frame(facts, stream))


def image_samples(content: bytes) -> bytes:
    """The samples of a JPEG of ours, as RGB."""
    with Image.open(io.BytesIO(content), formats=("JPEG",)) as image:
        return _samples(np.asarray(image.convert("RGB")))


def dicom_form(recipe: Recipe, level: int) -> dict[str, Any]:
    """How the frames of a level go into DICOM: whether decoded, and what a blank one is."""
    slide = _opened(recipe)
    form = stored_form(slide.frame_index.levels[level], slide.sources)
    return {"decoded": form.decoded, "blank": form.blank}


def bulk_data(head: bytes, path: Sequence[str]) -> bytes | None:
    """A binary value of a Part 10 head by the path of its BulkDataURI, or None."""
    with pydicom.config.disable_value_validation():
        return bulk_value(read_header(MemorySource(head)).dataset, tuple(path))


def identify_instance(place: Mapping[str, Any]) -> dict[str, str]:
    """What a Part 10 file says that it is; see `crypto.source.open_place`.

    Raises:
        UnreadableSlide: it is no DICOM file, or does not say.
    """
    with closing(open_place(place, UrlSource)) as source, pydicom.config.disable_value_validation():
        dataset = read_header(source).dataset
        told = {name: str(dataset.get(keyword, "")) for name, keyword in _IDENTITY.items()}
    if not all(told[name] for name in ("sop_class_uid", "sop_instance_uid", "study_uid", "series_uid")):
        raise UnreadableSlide("This DICOM file does not say which instance it is.")
    told["name"] = told["name"] or told["series_uid"]
    return told


def original_frame(recipe: Recipe, object_number: int) -> bytes:
    """The one frame of a DICOM original that is no part of the pyramid, as it is stored.

    Raises:
        UnreadableSlide: the file has no pixel data, or they are damaged.
    """
    source = _opened(recipe).sources[object_number]
    header = read_header(source)
    place = header.pixel_data
    if place is None:
        raise UnreadableSlide("{name} has no pixel data.", name=source.name)
    if place.encapsulated:
        return single_frame(source, place)
    return source.read(place.offset, place.length)


def render(
    recipe: Recipe,
    box: Sequence[float],
    size: Sequence[int],
    *,
    plane: int = 0,
    channel: int = 0,
    mixes: Sequence[Mix | None] | None = None,
    media: str = "jpeg",
    quality: int = 90,
    turn: int = 0,
    mirror: bool = False,
    tone: str = "default",
) -> Encoded:
    """A rectangle of the image, scaled, coloured, mirrored, turned and encoded.

    `box` is left, top, width and height in level-0 pixels, fractions allowed; `size` is width and height of
    the result before turning. With `mixes` (one for each channel, None for a hidden one) all channels are
    mixed, else `channel` is shown. `turn` is clockwise in quarters, after mirroring. `tone` is default,
    color, gray or bitonal. With an ICC profile in the recipe, RGB is converted to sRGB. Memory is that of
    the result and one strip.

    Raises:
        Invalid: the result is too large, or its samples have no form in `media`.
        UnreadableSlide: a frame does not decode.
    """
    width, height = int(size[0]), int(size[1])
    if width <= 0 or height <= 0:
        raise Invalid("The region is empty.")
    if width * height > MAX_OUTPUT_PIXELS:
        raise Invalid(
            "The result would have more than {most} pixels; ask for less at once.", most=MAX_OUTPUT_PIXELS
        )
    slide = _opened(recipe)
    scaling = Scaling(slide, box, PixelSize(width, height), plane)
    if mixes is None:
        pixels = scaling.read(channel)
        if media == "jpeg" and pixels.dtype != np.uint8:
            raise Invalid("Samples of more than 8 bits are shown as PNG, or as JPEG with a window.")
    else:
        pixels = scaling.read_mixed(mixes)
    if recipe.get("icc") is not None and pixels.shape[2] == 3 and pixels.dtype == np.uint8:
        pixels = to_srgb(pixels, recipe["icc"])
    pixels = _toned(pixels, tone)
    if mirror:
        pixels = pixels[:, ::-1]
    return _encode(np.rot90(pixels, -turn), media, quality)


def resize_image(content: bytes, longest_px: int, media: str = "jpeg", quality: int = 90) -> Encoded:
    """A JPEG or PNG of ours made smaller, its longer side `longest_px`; never made larger."""
    with Image.open(io.BytesIO(content), formats=("JPEG", "PNG")) as image:
        scale = min(1.0, longest_px / max(image.size))
        wanted = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
        small = image.convert("RGB").resize(wanted, Image.Resampling.LANCZOS)
    return _encode(np.asarray(small), media, quality)


def find_tissue(content: bytes, longest_px: int, on_dark: bool) -> dict[str, Any]:
    """Where the tissue is on a JPEG or PNG of ours of the whole slide: `rows`, `columns`, packed `bits`."""
    with Image.open(io.BytesIO(content), formats=("JPEG", "PNG")) as image:
        image.draft("RGB", (longest_px, longest_px))
        image.thumbnail((longest_px, longest_px))
        cells = tissue.find_tissue(np.asarray(image.convert("RGB")), on_dark=on_dark)
    return {"rows": cells.shape[0], "columns": cells.shape[1], "bits": np.packbits(cells).tobytes()}


def find_windows(recipe: Recipe) -> list[list[float]]:
    """For each channel, the samples to show as black and as full colour.

    Percentiles (see `histograms`) of the middle plane of the coarsest level.
    """
    slide = _opened(recipe)
    number = len(slide.description.levels) - 1
    size = slide.description.levels[number].size
    region = PixelRegion(0, 0, min(size.width_px, 2048), min(size.height_px, 2048))
    windows = []
    for channel in range(len(slide.description.channels)):
        plane = len(slide.description.planes) // 2
        samples = slide.read_level(number, region, plane=plane, channel=channel)
        low, high = np.percentile(
            samples[np.isfinite(samples)] if samples.size else [0], (LOW_PERCENT, HIGH_PERCENT)
        )
        windows.append([float(low), float(high if high > low else low + 1)])
    return windows


def count_samples(recipe: Recipe, plane: int, channel: int) -> dict[str, Any]:
    """The histogram of one channel, all samples of the finest level that has at most `_MOST_COUNTED`."""
    slide = _opened(recipe)
    levels = slide.description.levels
    fitting = (
        at for at, each in enumerate(levels) if each.size.width_px * each.size.height_px <= _MOST_COUNTED
    )
    number = next(fitting, len(levels) - 1)
    size = levels[number].size
    region = PixelRegion(0, 0, size.width_px, size.height_px)
    found = histogram(slide.read_level(number, region, plane=plane, channel=channel))
    return {
        "level": number,
        "samples": int(found.counts.sum()),
        "counts": found.counts.tolist(),
        "first": found.first,
        "width": found.width,
        "least": found.least,
        "most": found.most,
        "auto_low": found.auto_low,
        "auto_high": found.auto_high,
    }


def to_srgb(pixels: NDArray[Any], profile: bytes) -> NDArray[Any]:
    """RGB in the colour space of an ICC profile as sRGB, relative colorimetric (ICC.1:2022).

    Raises:
        UnreadableSlide: the profile cannot be used.
    """
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        target = ImageCms.createProfile("sRGB")
        image = Image.fromarray(np.ascontiguousarray(pixels))
        intent = ImageCms.Intent.RELATIVE_COLORIMETRIC
        converted = ImageCms.profileToProfile(image, source, target, renderingIntent=intent)
    except (ImageCms.PyCMSError, OSError) as error:
        raise UnreadableSlide("The colour profile of this image cannot be used.") from error
    assert converted is not None
    return np.asarray(converted)


def _opened(recipe: Recipe) -> IndexedSlide:
    slide = _open.get(recipe["key"])
    if slide is not None:
        check_unchanged(recipe)
        _open.move_to_end(recipe["key"])
        return slide
    slide = _open[recipe["key"]] = IndexedSlide(*open_recipe(recipe))
    if len(_open) > _OPEN_IMAGES:
        _open.popitem(last=False)[1].close()
    return slide


def _in_form(pixels: NDArray[Any], form: str) -> Encoded:
    if form == TileForm.PICTURE:
        return _encode(pixels, "png", 0)
    samples = {"media_type": SAMPLES, "width_px": pixels.shape[1], "height_px": pixels.shape[0]}
    if form == TileForm.SAMPLES:
        return samples | {"content": _samples(pixels)}
    packed = imagecodecs.gzip_encode(_samples(pixels), level=_PACKING)
    return samples | {"content": bytes(packed), "encoding": "gzip"}


def _samples(pixels: NDArray[Any]) -> bytes:
    return np.ascontiguousarray(pixels, pixels.dtype.newbyteorder("<")).tobytes()


def _level(facts: Mapping[str, Any]) -> FrameLevel:
    """A level without its frames, from what `serving.level_facts` made of it."""
    nothing = np.zeros((0, 0, 0, 0))
    return FrameLevel(
        PixelSize(*facts["size"]),
        PixelSize(*facts["tile"]),
        1.0,
        Codec(facts["codec"]),
        PixelFormat(facts["samples"], facts["dtype"]),
        Colour(facts["colour"]),
        nothing.astype(np.uint16),
        nothing.astype(np.uint64),
        nothing.astype(np.uint32),
        predictor=facts["predictor"],
    )


def _toned(pixels: NDArray[Any], tone: str) -> NDArray[Any]:
    if tone in ("default", "color") or pixels.dtype != np.uint8:
        return pixels
    grey = pixels[:, :, :1]
    if pixels.shape[2] == 3:
        grey = np.asarray(Image.fromarray(np.ascontiguousarray(pixels)).convert("L"))[:, :, None]
    return np.where(grey >= 128, np.uint8(255), np.uint8(0)) if tone == "bitonal" else grey


def _encode(pixels: NDArray[Any], media: str, quality: int) -> Encoded:
    pixels = np.ascontiguousarray(pixels)
    if media == "jpeg":
        if max(pixels.shape[:2]) > _MAX_JPEG_SIDE:
            raise Invalid("A JPEG is at most {most} pixels wide and high.", most=_MAX_JPEG_SIDE)
        space = "GRAY" if pixels.shape[2] == 1 else "RGB"
        content = simplejpeg.encode_jpeg(
            pixels, quality=quality, colorspace=space, colorsubsampling="Gray" if space == "GRAY" else "444"
        )
    elif media == "png":
        if pixels.dtype not in (np.uint8, np.uint16):
            raise Invalid.saying(_NO_PNG)
        content = imagecodecs.png_encode(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels, level=3)
    else:
        raise Invalid("Images are made as jpeg or png.")
    height, width = pixels.shape[:2]
    return {
        "media_type": f"image/{media}",
        "content": bytes(content),
        "width_px": width,
        "height_px": height,
    }
