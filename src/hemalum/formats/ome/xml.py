"""OME-XML as it stands in OME-TIFF files: sizes, scale, channels, and which directory holds which plane."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

from hemalum.kernel.errors import UnreadableSlide

MAX_TEXT = 32 << 20
MAX_PLANES = 65_536

_UM = {
    "": 1.0,
    "µm": 1.0,
    "μm": 1.0,
    "um": 1.0,
    "micron": 1.0,
    "nm": 1e-3,
    "Å": 1e-4,
    "pm": 1e-6,
    "mm": 1e3,
    "cm": 1e4,
    "dm": 1e5,
    "m": 1e6,
    "in": 25_400.0,
    "mil": 25.4,
}
"""Micrometres in one unit of length (OME 2016-06 UnitsLength); "pixel" and "reference frame" are none."""


@dataclass(frozen=True, slots=True)
class OmeChannel:
    """One Channel element. `samples` is 3 for RGB."""

    name: str | None
    samples: int
    colour: str | None
    """"#rrggbb"."""
    excitation_nm: float | None
    emission_nm: float | None


@dataclass(frozen=True, slots=True)
class OmeTiffData:
    """One TiffData element: planes in dimension order, from this plane and directory on."""

    ifd: int | None
    first_z: int
    first_c: int
    first_t: int
    plane_count: int | None
    file_uuid: str | None
    """The file that holds the planes, where the set has several."""


@dataclass(frozen=True, slots=True)
class OmeImage:
    """One Image with its Pixels."""

    name: str
    size_x: int
    size_y: int
    size_z: int
    size_c: int
    """Samples over all channels, as OME counts them."""
    size_t: int
    dimension_order: str
    spacing_um: tuple[float | None, float | None, float | None]
    """x, y, z; None where not stated in a unit of length."""
    channels: tuple[OmeChannel, ...]
    tiff_data: tuple[OmeTiffData, ...]
    acquired_at: str | None
    objective_power: float | None
    microscope: tuple[str | None, str | None, str | None]
    """Manufacturer, model, serial number."""


@dataclass(frozen=True, slots=True)
class OmeDocument:
    """The whole text."""

    uuid: str | None
    creator: str | None
    images: tuple[OmeImage, ...]


def looks_like_ome(text: str) -> bool:
    """Whether an image description is OME-XML."""
    return text.rstrip().endswith("OME>") and "<OME" in text[:4096] + text[-4096:]


def parse_ome(text: str) -> OmeDocument:
    """Read an OME-XML text.

    Raises:
        UnreadableSlide: it is not well-formed, carries a DTD, or its sizes make no sense.
    """
    if len(text) > MAX_TEXT:
        raise UnreadableSlide("The OME-XML of the file is too large.")
    try:
        root = ElementTree.fromstring(re.sub(r"^\s*<\?xml[^>]*\?>", "", text), forbid_dtd=True)
    except (ElementTree.ParseError, DefusedXmlException, ValueError, RecursionError) as error:
        raise UnreadableSlide("The OME-XML of the file is damaged.") from error
    return OmeDocument(
        uuid=root.get("UUID"),
        creator=root.get("Creator"),
        images=tuple(_image(root, element) for element in _children(root, "Image")),
    )


def plane_directories(
    image: OmeImage, channel_planes: int, own_uuid: str | None
) -> dict[tuple[int, int, int], int]:
    """The directory number of each (z, channel plane, t).

    `channel_planes` is the number of planes along the channel axis: an RGB channel is one.

    Raises:
        UnreadableSlide: planes lie in other files, or there are more than can be true.
    """
    counts = {"Z": image.size_z, "C": channel_planes, "T": image.size_t}
    total = counts["Z"] * counts["C"] * counts["T"]
    if total > MAX_PLANES:
        raise UnreadableSlide("The OME-XML claims {total} planes.", total=total)
    axes = image.dimension_order[2:]
    found: dict[tuple[int, int, int], int] = {}
    for block in image.tiff_data or (OmeTiffData(0, 0, 0, 0, None, None),):
        if block.file_uuid is not None and own_uuid is not None and block.file_uuid != own_uuid:
            raise UnreadableSlide("OME-TIFF sets of several files are not supported, and this is one.")
        first = {"Z": block.first_z, "C": block.first_c, "T": block.first_t}
        start = sum(first[axis] * _stride(axes, counts, axis) for axis in axes)
        count = block.plane_count
        if count is None:
            count = total - start if block.ifd is None or not image.tiff_data else 1
        for step in range(min(count, total - start)):
            position = start + step
            where = {axis: position // _stride(axes, counts, axis) % counts[axis] for axis in axes}
            found[(where["Z"], where["C"], where["T"])] = (block.ifd or 0) + step
    return found


def _stride(axes: str, counts: dict[str, int], axis: str) -> int:
    stride = 1
    for faster in axes[: axes.index(axis)]:
        stride *= counts[faster]
    return stride


def _image(root: Any, element: Any) -> OmeImage:
    pixels = next(_children(element, "Pixels"), None)
    if pixels is None:
        raise UnreadableSlide("An image of the OME-XML has no pixels.")
    order = pixels.get("DimensionOrder", "XYZCT")
    if len(order) != 5 or not order.startswith("XY") or set(order[2:]) != set("ZCT"):
        raise UnreadableSlide("The OME-XML has the dimension order {order}.", order=repr(order[:20]))
    date = next(_children(element, "AcquisitionDate"), None)
    objective, microscope = _instrument(root, element)
    return OmeImage(
        name=element.get("Name") or "",
        size_x=_count(pixels, "SizeX"),
        size_y=_count(pixels, "SizeY"),
        size_z=_count(pixels, "SizeZ"),
        size_c=_count(pixels, "SizeC"),
        size_t=_count(pixels, "SizeT"),
        dimension_order=order,
        spacing_um=(_length(pixels, "X"), _length(pixels, "Y"), _length(pixels, "Z")),
        channels=tuple(_channel(child) for child in _children(pixels, "Channel")),
        tiff_data=tuple(_tiff_data(child) for child in _children(pixels, "TiffData")),
        acquired_at=(date.text or "").strip() or None if date is not None else None,
        objective_power=objective,
        microscope=microscope,
    )


def _instrument(root: Any, image: Any) -> tuple[float | None, tuple[str | None, str | None, str | None]]:
    wanted = {ref.get("ID") for ref in _children(image, "InstrumentRef")}
    settings = {ref.get("ID") for ref in _children(image, "ObjectiveSettings")}
    for instrument in _children(root, "Instrument"):
        if wanted and instrument.get("ID") not in wanted:
            continue
        objectives = list(_children(instrument, "Objective"))
        used = [o for o in objectives if o.get("ID") in settings]
        if not used and len(objectives) == 1:
            used = objectives
        power = _number(used[0].get("NominalMagnification")) if used else None
        maker = next(_children(instrument, "Microscope"), None)
        if maker is None:
            return power, (None, None, None)
        return power, (maker.get("Manufacturer"), maker.get("Model"), maker.get("SerialNumber"))
    return None, (None, None, None)


def _channel(element: Any) -> OmeChannel:
    return OmeChannel(
        name=element.get("Name") or element.get("Fluor") or None,
        samples=_count(element, "SamplesPerPixel"),
        colour=_colour(element.get("Color")),
        excitation_nm=_wavelength(element, "Excitation"),
        emission_nm=_wavelength(element, "Emission"),
    )


def _tiff_data(element: Any) -> OmeTiffData:
    uuid = next(_children(element, "UUID"), None)
    return OmeTiffData(
        ifd=_index(element, "IFD") if element.get("IFD") is not None else None,
        first_z=_index(element, "FirstZ"),
        first_c=_index(element, "FirstC"),
        first_t=_index(element, "FirstT"),
        plane_count=_index(element, "PlaneCount") if element.get("PlaneCount") is not None else None,
        file_uuid=(uuid.text or "").strip() or None if uuid is not None else None,
    )


def _children(element: Any, name: str) -> Iterator[Any]:
    return (child for child in element if str(child.tag).rpartition("}")[2] == name)


def _count(element: Any, name: str) -> int:
    value = _index(element, name) if element.get(name) is not None else 1
    if value < 1:
        raise UnreadableSlide("The OME-XML claims {name} {value}.", name=name, value=value)
    return value


def _index(element: Any, name: str) -> int:
    text = element.get(name, "0").strip()
    if not re.fullmatch(r"\d{1,9}", text):
        raise UnreadableSlide(
            "The OME-XML has the value {value} for {name}.", value=repr(text[:20]), name=name
        )
    return int(text)


def _number(text: str | None) -> float | None:
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if 0 < value < float("inf") else None


def _length(pixels: Any, axis: str) -> float | None:
    value = _number(pixels.get(f"PhysicalSize{axis}"))
    factor = _UM.get(pixels.get(f"PhysicalSize{axis}Unit", ""))
    return None if value is None or factor is None else value * factor


def _wavelength(element: Any, kind: str) -> float | None:
    value = _number(element.get(f"{kind}Wavelength"))
    factor = _UM.get(element.get(f"{kind}WavelengthUnit", "nm"))
    return None if value is None or factor is None else round(value * factor * 1000, 3)


def _colour(text: str | None) -> str | None:
    """OME keeps colours as a signed 32-bit number, RGBA from the top."""
    try:
        value = int(text or "") & 0xFFFFFFFF
    except ValueError:
        return None
    return f"#{value >> 8:06x}"
