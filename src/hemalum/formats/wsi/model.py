"""What a scanned image is, whatever file it came in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from hemalum.formats.profile.record import Specimen
from hemalum.kernel.errors import NoPhysicalScale
from hemalum.kernel.geometry import PixelSize, SpacingUm
from hemalum.kernel.sentence import Sentence


class Codec(StrEnum):
    """How one stored frame is compressed."""

    RAW = "raw"
    """Uncompressed little-endian samples, rows then columns then samples."""
    JPEG = "jpeg"
    """JPEG baseline, extended 12 bit or lossless; which one, the stream says."""
    JPEG2000 = "jpeg2000"
    HTJ2K = "htj2k"
    JPEG_LS = "jpeg-ls"
    JPEG_XL = "jpeg-xl"
    DICOM_RLE = "dicom-rle"
    LZW = "lzw"
    DEFLATE = "deflate"
    ZSTD = "zstd"
    PACKBITS = "packbits"
    PNG = "png"
    WEBP = "webp"
    HEVC = "hevc"
    """One intra frame, YUV 4:2:0 in limited range (ITU-T H.265); read with the optional extra `hevc`."""


class Colour(StrEnum):
    """What the samples of a frame mean once entropy decoding is undone."""

    GREY = "grey"
    RGB = "rgb"
    YCBCR = "ycbcr"
    """ITU-R BT.601 full range, as in JFIF; the decoder must convert to RGB."""


class AssociatedKind(StrEnum):
    """Images that come with the scan and are not the scan."""

    LABEL = "label"
    """The glass label. May carry a patient's name; needs its own permission."""
    MACRO = "macro"
    """The whole glass, photographed. May show the label too."""
    THUMBNAIL = "thumbnail"

    @property
    def words(self) -> Sentence:
        """How sentences call it."""
        return _KIND_WORDS[self]


_KIND_WORDS = {
    AssociatedKind.LABEL: Sentence("label"),
    AssociatedKind.MACRO: Sentence("macro"),
    AssociatedKind.THUMBNAIL: Sentence("thumbnail"),
}


class ScaleTrust(StrEnum):
    """How far the um/px of a file may be believed."""

    STORED = "stored"
    """The file states it, in a field whose meaning is known. Measuring is allowed."""
    UNVERIFIED = "unverified"
    """There is a number, but what it means is not sure or the file contradicts itself. Shown, never measured
    with, until a named person states the scale."""
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class PixelFormat:
    """Samples per pixel and their type, after decoding."""

    samples: int
    """1 for one channel, 3 for RGB. Alpha is flattened onto white when reading."""
    dtype: str
    """numpy name of one sample: "uint8", "uint16" or "float32"."""

    @property
    def bytes_per_pixel(self) -> int:
        # Commands and ingest only pass descriptions on; they start without numpy.
        import numpy as np

        return self.samples * np.dtype(self.dtype).itemsize


@dataclass(frozen=True, slots=True)
class Level:
    """One resolution of the pyramid. Level 0 is the finest."""

    size: PixelSize
    downsample: float
    """Level-0 pixels per pixel of this level, mean of both axes."""


@dataclass(frozen=True, slots=True)
class FocalPlane:
    """One z plane, in the order the file keeps them."""

    offset_um: float
    """Height above the lowest plane; 0 when the file does not say."""


@dataclass(frozen=True, slots=True)
class Channel:
    """One channel of a fluorescence or multiplex image, or the single colour channel of brightfield."""

    name: str
    colour: str | None = None
    """Display colour the file proposes, "#rrggbb"."""
    excitation_nm: float | None = None
    emission_nm: float | None = None
    window: tuple[float, float] | None = None
    """Sample values shown as black and as full colour, when the file proposes them."""


@dataclass(frozen=True)
class SlideDescription:
    """All that a file says of itself, in the field's terms. Nothing here is guessed."""

    format: str
    """Reader name: "aperio-svs", "generic-tiff", "ome-tiff", "dicom", "kfb", or OpenSlide's vendor name."""
    levels: tuple[Level, ...]
    pixel: PixelFormat
    spacing_um: SpacingUm | None
    """um between level-0 pixels; None when the file does not state it."""
    scale_is_unverified: bool = False
    """True when `spacing_um` is a number whose meaning is not sure; see `scale_trust`."""
    planes: tuple[FocalPlane, ...] = (FocalPlane(0.0),)
    channels: tuple[Channel, ...] = (Channel("brightfield"),)
    """One entry for RGB; one for each channel otherwise."""
    associated: tuple[AssociatedKind, ...] = ()
    icc_profile: bytes | None = None
    vendor: str | None = None
    scanner_model: str | None = None
    scanner_serial: str | None = None
    software: str | None = None
    objective_power: float | None = None
    focus_method: str | None = None
    """"auto" or "manual", as DICOM Focus Method (0048,0011)."""
    acquired_at: str | None = None
    """ISO 8601, with a zone only if the file has one."""
    barcode: str | None = None
    specimen: str | None = None
    stain: str | None = None
    organ: str | None = None
    coded: Specimen | None = None
    """What the three above and the preparation are in codes of the metadata profile, as far as known."""
    laboratory: str | None = None
    study_uid: str | None = None
    series_uid: str | None = None
    frame_of_reference_uid: str | None = None
    properties: Mapping[str, str] = field(default_factory=dict)
    """Vendor tags as the file spells them, values as text. Shown to everybody who may see the slide."""
    clinical: Mapping[str, str] = field(default_factory=dict)
    """What the file says of the patient and the case, by vendor tag (`hemalum.formats.wsi.clinical` lists
    them). Never shown with `properties`, never logged, kept apart from the rest of the description."""
    sources: Mapping[str, str] = field(default_factory=dict)
    """For each field above that is set from a vendor tag, the tag it was taken from."""
    warnings: tuple[Sentence, ...] = ()
    """What the file contradicts or leaves out."""

    @property
    def size(self) -> PixelSize:
        return self.levels[0].size

    @property
    def scale_trust(self) -> ScaleTrust:
        if self.spacing_um is None:
            return ScaleTrust.MISSING
        return ScaleTrust.UNVERIFIED if self.scale_is_unverified else ScaleTrust.STORED

    @property
    def measurable_um(self) -> SpacingUm | None:
        """The scale that may be measured with; None for one that is missing or unverified."""
        return None if self.scale_is_unverified else self.spacing_um

    def get_measurable_um(self) -> SpacingUm:
        """The same.

        Raises:
            NoPhysicalScale: it is missing or unverified.
        """
        found = self.measurable_um
        if found is not None:
            return found
        if self.spacing_um is None:
            raise NoPhysicalScale("This image states no physical scale; a person must state its um/px first.")
        raise NoPhysicalScale("The scale of this image is unverified; a person must state its um/px first.")

    @property
    def is_brightfield(self) -> bool:
        """RGB in one channel: absent tissue is white. Otherwise absent signal is zero."""
        return self.pixel.samples == 3
