"""VL Whole Slide Microscopy headers for any image that has a frame index (PS3.3 A.32.8, C.8.12).

One instance for each level, plus label and overview. The headers need no pixel data; `part10` puts header and
stored frames together.
"""

import io
import re
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import ImageCms
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.filewriter import write_file_meta_info
from pydicom.sequence import Sequence
from pydicom.uid import UID

from hemalum.formats.dicom import syntaxes
from hemalum.formats.dicom.codes import code_item
from hemalum.formats.dicom.describe import UNKNOWN, UNKNOWN_MOMENT
from hemalum.formats.dicom.part10 import InstanceForm
from hemalum.formats.dicom.specimen import write_specimen
from hemalum.formats.dicom.stored_form import StoredForm, stored_form
from hemalum.formats.dicom.uids import (
    IMPLEMENTATION_CLASS_UID,
    IMPLEMENTATION_VERSION_NAME,
    SeriesUids,
)
from hemalum.formats.wsi.frame_index import FrameIndex, FrameLevel
from hemalum.formats.wsi.model import AssociatedKind, Channel, SlideDescription
from hemalum.formats.wsi.source import ByteSource
from hemalum.kernel.errors import NoPhysicalScale
from hemalum.kernel.geometry import PixelSize, SpacingUm

WHOLE_SLIDE_IMAGE = "1.2.840.10008.5.1.4.1.1.77.1.6"

_DEPTH_UM = 1.0
"""Nominal imaged depth of one focal plane; Imaged Volume Depth (0048,0003) is of type 1."""
_MM_PER_UM = 1e-3
_PALETTE_ENTRIES = 65536


@dataclass(frozen=True, eq=False)
class InstanceHeader:
    """One instance without its pixels."""

    dataset: Any
    """pydicom Dataset with file_meta."""
    form: StoredForm
    level: int | None
    """Number of the level that it shows; None for a label or overview."""
    associated: AssociatedKind | None = None


@dataclass(frozen=True, slots=True)
class _Matrix:
    """Size and grid of the pixels of one instance."""

    size: PixelSize
    tile: PixelSize
    frames: int
    samples: int
    bits_allocated: int
    encoded_bytes: int


def build_headers(
    description: SlideDescription,
    index: FrameIndex,
    sources: list[ByteSource],
    uids: SeriesUids,
) -> list[InstanceHeader]:
    """One header for each level of the index, finest first.

    `uids.levels` has one entry for each level.

    Raises:
        NoPhysicalScale: the image states no um/px, and DICOM whole slide images must; or an unverified one.
        Invalid: the samples are floating point.
    """
    spacing = description.measurable_um
    if spacing is None:
        raise NoPhysicalScale(
            "This image states no verified physical scale, so it cannot be given as DICOM; a person must "
            "state its um/px first."
        )
    forms = [stored_form(level, sources) for level in index.levels]
    lossy = next((form.lossy_method for form in forms if form.lossy_method), None)
    headers = []
    for number, (level, form) in enumerate(zip(index.levels, forms, strict=True)):
        dataset = _common(description, uids, uids.levels[number], form, number + 1)
        _level_modules(dataset, description, spacing, index, number, form, uids)
        _lossy(dataset, _matrix(level), form.lossy_method or lossy)
        headers.append(InstanceHeader(dataset, form, number))
    return headers


def build_associated_header(
    description: SlideDescription,
    kind: AssociatedKind,
    size: PixelSize,
    encoded_bytes: int,
    uids: SeriesUids,
) -> InstanceHeader:
    """Header of a label, overview or thumbnail of one JPEG frame (`associated_frame` encodes it).

    `encoded_bytes` is the length of that frame. A label has no scale: its spacing is taken from the width of
    a glass slide (75 x 25 mm), which is what an overview shows.
    """
    form = StoredForm(syntaxes.JPEG_BASELINE, "YBR_FULL_422", "ISO_10918_1", False, b"", 8)
    number = len(description.levels) + 1 + list(AssociatedKind).index(kind)
    dataset = _common(description, uids, uids.associated[kind], form, number)
    matrix = _Matrix(size, size, 1, 3, 8, encoded_bytes)
    spacing = _associated_spacing(description, kind, size)
    names = {"label": "LABEL", "macro": "OVERVIEW", "thumbnail": "THUMBNAIL"}
    image_type = ["ORIGINAL", "PRIMARY", names[kind.value], "NONE"]
    if kind is AssociatedKind.THUMBNAIL:
        image_type = ["DERIVED", "PRIMARY", "THUMBNAIL", "RESAMPLED"]
    _pixel_modules(dataset, matrix, form, image_type)
    _slide_modules(dataset, size, spacing, depth_um=_DEPTH_UM, planes=1)
    if kind is AssociatedKind.LABEL:
        dataset.BarcodeValue = _line(description.barcode)
        dataset.LabelText = ""
    shows_label = kind is not AssociatedKind.THUMBNAIL
    dataset.SpecimenLabelInImage = "YES" if shows_label else "NO"
    dataset.BurnedInAnnotation = "YES" if shows_label else "NO"
    dataset.OpticalPathSequence = Sequence([_optical_path(Channel("brightfield"), 1, _srgb(), None)])
    dataset.NumberOfOpticalPaths = 1
    _functional_groups(dataset, spacing, image_type, plane_step_um=None, paths=1)
    _dimensions(dataset, uids)
    _lossy(dataset, matrix, form.lossy_method)
    return InstanceHeader(dataset, form, None, kind)


def instance_form(header: InstanceHeader) -> InstanceForm:
    """What `part10` needs to write the instance, without any DICOM library."""
    form = header.form
    return InstanceForm(header_bytes(header), form.encapsulated, form.decoded, form.blank)


def header_bytes(header: InstanceHeader) -> bytes:
    """The instance as Part 10 up to its pixel data: preamble, meta information and data set."""
    out = io.BytesIO()
    out.write(bytes(128) + b"DICM")
    write_file_meta_info(out, header.dataset.file_meta, enforce_standard=True)
    body = io.BytesIO()
    header.dataset.save_as(body, implicit_vr=False, little_endian=True, enforce_file_format=False)
    return out.getvalue() + _without_meta(body.getvalue())


def _without_meta(encoded: bytes) -> bytes:
    """Drop what `save_as` wrote before the data set."""
    position = 132 if encoded[128:132] == b"DICM" else 0
    if encoded[position : position + 2] != b"\x02\x00":
        return encoded[position:]
    length = int.from_bytes(encoded[position + 8 : position + 12], "little")
    return encoded[position + 12 + length :]


def _common(
    description: SlideDescription, uids: SeriesUids, instance_uid: str, form: StoredForm, number: int
) -> Any:
    """Patient, study, series, equipment, specimen and SOP common: what all instances share."""
    dataset = Dataset()
    dataset.file_meta = _file_meta(instance_uid, form.transfer_syntax)
    moment, zone = _moment(description.acquired_at)
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.SOPClassUID = WHOLE_SLIDE_IMAGE
    dataset.SOPInstanceUID = instance_uid
    if zone:
        dataset.TimezoneOffsetFromUTC = zone
    for keyword in ("PatientName", "PatientID", "PatientBirthDate", "PatientSex"):
        setattr(dataset, keyword, "")
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = uids.study, uids.series
    known = description.acquired_at is not None and moment != UNKNOWN_MOMENT
    dataset.StudyDate, dataset.StudyTime = (moment[:8], moment[8:14]) if known else ("", "")
    for keyword in ("AccessionNumber", "ReferringPhysicianName", "StudyID"):
        setattr(dataset, keyword, "")
    dataset.Modality = "SM"
    dataset.SeriesNumber = 1
    dataset.FrameOfReferenceUID = uids.frame_of_reference
    dataset.PositionReferenceIndicator = "SLIDE_CORNER"
    dataset.Manufacturer = _line(description.vendor) or UNKNOWN
    dataset.ManufacturerModelName = _line(description.scanner_model) or UNKNOWN
    dataset.DeviceSerialNumber = _line(description.scanner_serial) or UNKNOWN
    dataset.SoftwareVersions = _line(description.software) or UNKNOWN
    if description.laboratory:
        dataset.InstitutionName = _line(description.laboratory)
    dataset.InstanceNumber = number
    dataset.ContentDate, dataset.ContentTime = moment[:8], moment[8:14]
    dataset.AcquisitionDateTime = moment
    if not known:
        dataset.ImageComments = "The date and time of acquisition are not known."
    dataset.AcquisitionContextSequence = Sequence([])
    _specimen(dataset, description, uids)
    return dataset


def _file_meta(instance_uid: str, transfer_syntax: str) -> Any:
    meta = FileMetaDataset()
    meta.FileMetaInformationVersion = b"\x00\x01"
    meta.MediaStorageSOPClassUID = UID(WHOLE_SLIDE_IMAGE)
    meta.MediaStorageSOPInstanceUID = UID(instance_uid)
    meta.TransferSyntaxUID = UID(transfer_syntax)
    meta.ImplementationClassUID = UID(IMPLEMENTATION_CLASS_UID)
    meta.ImplementationVersionName = IMPLEMENTATION_VERSION_NAME
    return meta


def _moment(acquired_at: str | None) -> tuple[str, str]:
    """ISO 8601 as DICOM DT without zone, and the zone as +HHMM (empty when not stated)."""
    match = re.fullmatch(
        r"(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d))?(?:\.\d+)?)?(Z|[+-]\d\d:?\d\d)?",
        acquired_at or "",
    )
    if match is None:
        return UNKNOWN_MOMENT, ""
    year, month, day, hour, minute, second, zone = match.groups()
    zone = "+0000" if zone == "Z" else (zone or "").replace(":", "")
    return f"{year}{month}{day}{hour or '00'}{minute or '00'}{second or '00'}", zone


def _specimen(dataset: Any, description: SlideDescription, uids: SeriesUids) -> None:
    """Specimen module (PS3.3 C.7.6.22): one slide with one specimen."""
    dataset.ContainerIdentifier = _line(description.barcode or description.specimen) or UNKNOWN
    dataset.IssuerOfTheContainerIdentifierSequence = Sequence([])
    dataset.ContainerTypeCodeSequence = Sequence([code_item("433466003", "SCT", "Microscope slide")])
    specimen = Dataset()
    specimen.SpecimenIdentifier = _line(description.specimen or description.barcode) or UNKNOWN
    specimen.SpecimenUID = uids.specimen
    specimen.IssuerOfTheSpecimenIdentifierSequence = Sequence([])
    if description.organ:
        specimen.SpecimenShortDescription = _line(description.organ)
    specimen.SpecimenPreparationSequence = Sequence(_staining(description, specimen.SpecimenIdentifier))
    if description.coded is not None:
        write_specimen(specimen, description.coded)
    dataset.SpecimenDescriptionSequence = Sequence([specimen])


def _staining(description: SlideDescription, identifier: str) -> list[Any]:
    """The staining step when the stain is known (PS3.16 TID 8001 and 8003)."""
    if not description.stain:
        return []
    step = Dataset()
    step.SpecimenPreparationStepContentItemSequence = Sequence(
        [
            _content("TEXT", code_item("121041", "DCM", "Specimen Identifier"), identifier),
            _content(
                "CODE",
                code_item("111701", "DCM", "Processing type"),
                code_item("127790008", "SCT", "Staining"),
            ),
            _content("TEXT", code_item("424361007", "SCT", "Using substance"), description.stain),
        ]
    )
    return [step]


def _content(kind: str, name: Any, value: Any) -> Any:
    item = Dataset()
    item.ValueType = kind
    item.ConceptNameCodeSequence = Sequence([name])
    if kind == "CODE":
        item.ConceptCodeSequence = Sequence([value])
    else:
        item.TextValue = str(value)
    return item


def _level_modules(
    dataset: Any,
    description: SlideDescription,
    spacing: SpacingUm,
    index: FrameIndex,
    number: int,
    form: StoredForm,
    uids: SeriesUids,
) -> None:
    level, finest = index.levels[number], index.levels[0]
    across = spacing.x_um * finest.size.width_px / level.size.width_px
    down = spacing.y_um * finest.size.height_px / level.size.height_px
    own = SpacingUm(across, down)
    image_type = (
        ["ORIGINAL", "PRIMARY", "VOLUME", "NONE"]
        if number == 0
        else ["DERIVED", "PRIMARY", "VOLUME", "RESAMPLED"]
    )
    step = _plane_step_um(description)
    _pixel_modules(dataset, _matrix(level), form, image_type)
    depth = (level.planes - 1) * (step or 0.0) + _DEPTH_UM
    _slide_modules(dataset, level.size, own, depth_um=depth, planes=level.planes)
    dataset.SpecimenLabelInImage = "NO"
    dataset.BurnedInAnnotation = "NO"
    dataset.FocusMethod = (description.focus_method or "auto").upper()
    dataset.PyramidUID = uids.pyramid
    profile = (description.icc_profile or _srgb()) if level.pixel.samples == 3 else None
    paths = [
        _optical_path(channel, position, profile, description.objective_power)
        for position, channel in enumerate(_channels(description, level), 1)
    ]
    dataset.OpticalPathSequence = Sequence(paths)
    dataset.NumberOfOpticalPaths = len(paths)
    _functional_groups(dataset, own, image_type, plane_step_um=step, paths=len(paths))
    _dimensions(dataset, uids)


def _channels(description: SlideDescription, level: FrameLevel) -> list[Channel]:
    named = list(description.channels[: level.channels])
    return named + [Channel(f"channel {n + 1}") for n in range(len(named), level.channels)]


def _matrix(level: FrameLevel) -> _Matrix:
    present = level.lengths > 0
    encoded = int(level.lengths.sum(dtype=np.uint64)) + int(present.sum()) * (len(level.prefix) - level.skip)
    bits = 8 * np.dtype(level.pixel.dtype).itemsize
    return _Matrix(level.size, level.tile, level.lengths.size, level.pixel.samples, bits, encoded)


def _pixel_modules(dataset: Any, matrix: _Matrix, form: StoredForm, image_type: list[str]) -> None:
    dataset.ImageType = image_type
    dataset.SamplesPerPixel = matrix.samples
    dataset.PhotometricInterpretation = form.photometric
    if matrix.samples == 3:
        dataset.PlanarConfiguration = 0
    else:
        dataset.RescaleIntercept, dataset.RescaleSlope = 0, 1
        dataset.PresentationLUTShape = "IDENTITY"
    dataset.NumberOfFrames = matrix.frames
    dataset.Rows, dataset.Columns = matrix.tile.height_px, matrix.tile.width_px
    dataset.BitsAllocated = matrix.bits_allocated
    dataset.BitsStored, dataset.HighBit = form.bits_stored, form.bits_stored - 1
    dataset.PixelRepresentation = 0
    dataset.VolumetricProperties = "VOLUME"


def _lossy(dataset: Any, matrix: _Matrix, method: str | None) -> None:
    """Once lossy, always lossy: also levels stored without loss say so (PS3.3 C.7.6.1.1.5)."""
    if method is None:
        dataset.LossyImageCompression = "00"
        return
    per_frame = matrix.tile.width_px * matrix.tile.height_px * matrix.samples * matrix.bits_allocated // 8
    ratio = max(1.0, matrix.frames * per_frame / max(1, matrix.encoded_bytes))
    dataset.LossyImageCompression = "01"
    dataset.LossyImageCompressionRatio = f"{ratio:.4g}"
    dataset.LossyImageCompressionMethod = method


def _slide_modules(
    dataset: Any, size: PixelSize, spacing: SpacingUm, *, depth_um: float, planes: int
) -> None:
    """Where the image lies on the glass. No format tells, so it is put at the corner, label end first."""
    width_mm = size.width_px * spacing.x_um * _MM_PER_UM
    height_mm = size.height_px * spacing.y_um * _MM_PER_UM
    dataset.ImagedVolumeWidth, dataset.ImagedVolumeHeight = width_mm, height_mm
    dataset.ImagedVolumeDepth = depth_um
    dataset.TotalPixelMatrixColumns = size.width_px
    dataset.TotalPixelMatrixRows = size.height_px
    dataset.TotalPixelMatrixFocalPlanes = planes
    origin = Dataset()
    # Rows run along -x and columns along -y of the slide, so the origin is the far corner.
    origin.XOffsetInSlideCoordinateSystem = _decimal(height_mm)
    origin.YOffsetInSlideCoordinateSystem = _decimal(width_mm)
    dataset.TotalPixelMatrixOriginSequence = Sequence([origin])
    dataset.ImageOrientationSlide = [0, -1, 0, -1, 0, 0]
    dataset.FocusMethod = "AUTO"
    dataset.ExtendedDepthOfField = "NO"


def _functional_groups(
    dataset: Any, spacing: SpacingUm, image_type: list[str], *, plane_step_um: float | None, paths: int
) -> None:
    measures = Dataset()
    measures.PixelSpacing = [_decimal(spacing.y_um * _MM_PER_UM), _decimal(spacing.x_um * _MM_PER_UM)]
    measures.SliceThickness = _decimal((plane_step_um or _DEPTH_UM) * _MM_PER_UM)
    if plane_step_um:
        measures.SpacingBetweenSlices = _decimal(plane_step_um * _MM_PER_UM)
    frame_type = Dataset()
    frame_type.FrameType = image_type
    shared = Dataset()
    shared.PixelMeasuresSequence = Sequence([measures])
    shared.WholeSlideMicroscopyImageFrameTypeSequence = Sequence([frame_type])
    if paths == 1:
        path = Dataset()
        path.OpticalPathIdentifier = "1"
        shared.OpticalPathIdentificationSequence = Sequence([path])
    dataset.SharedFunctionalGroupsSequence = Sequence([shared])


def _dimensions(dataset: Any, uids: SeriesUids) -> None:
    organisation = Dataset()
    organisation.DimensionOrganizationUID = uids.dimension_organisation
    dataset.DimensionOrganizationSequence = Sequence([organisation])
    dataset.DimensionOrganizationType = "TILED_FULL"


def _optical_path(
    channel: Channel, position: int, icc_profile: bytes | None, objective_power: float | None
) -> Any:
    """Brightfield when there is a colour profile, fluorescence otherwise (PS3.3 C.8.12.5).

    Palette colours are sRGB and need a profile of their own to say so.
    """
    path = Dataset()
    path.OpticalPathIdentifier = str(position)
    path.OpticalPathDescription = _line(channel.name, 64) or f"channel {position}"
    if icc_profile is not None:
        path.IlluminationTypeCodeSequence = Sequence([code_item("111744", "DCM", "Brightfield illumination")])
        path.ICCProfile = _even(icc_profile)
    else:
        path.IlluminationTypeCodeSequence = Sequence(
            [code_item("111743", "DCM", "Epifluorescence illumination")]
        )
    if channel.excitation_nm:
        path.IlluminationWaveLength = channel.excitation_nm
    else:
        path.IlluminationColorCodeSequence = Sequence([code_item("414298005", "SCT", "Full Spectrum")])
    if channel.emission_nm:
        path.ImagePathFilterPassThroughWavelength = round(channel.emission_nm)
    if objective_power:
        path.ObjectiveLensPower = _decimal(objective_power)
    if icc_profile is None and re.fullmatch(r"#[0-9a-fA-F]{6}", channel.colour or ""):
        assert channel.colour is not None
        path.PaletteColorLookupTableSequence = Sequence([_palette(channel.colour)])
        path.ICCProfile = _even(_srgb())
    return path


def _even(value: bytes) -> bytes:
    return value + b"\x00" * (len(value) % 2)


def _palette(colour: str) -> Any:
    """A ramp from black to the colour over all 16-bit values, as segments (PS3.3 C.7.9.2)."""
    palette = Dataset()
    for name, at in (("Red", 1), ("Green", 3), ("Blue", 5)):
        top = int(colour[at : at + 2], 16) * 257
        # 0 entries in the descriptor means 65536 (PS3.3 C.7.6.3.1.5).
        setattr(palette, f"{name}PaletteColorLookupTableDescriptor", [0, 0, 16])
        segments = np.array([0, 1, 0, 1, _PALETTE_ENTRIES - 1, top], "<u2")
        setattr(palette, f"Segmented{name}PaletteColorLookupTableData", segments.tobytes())
    return palette


def _plane_step_um(description: SlideDescription) -> float | None:
    """Distance between focal planes, or None for a single plane or when it is not known."""
    offsets = [plane.offset_um for plane in description.planes]
    if len(offsets) < 2 or offsets[-1] <= offsets[0]:
        return None
    return (offsets[-1] - offsets[0]) / (len(offsets) - 1)


def _associated_spacing(description: SlideDescription, kind: AssociatedKind, size: PixelSize) -> SpacingUm:
    if kind is AssociatedKind.THUMBNAIL and description.spacing_um is not None:
        return SpacingUm(
            description.spacing_um.x_um * description.size.width_px / size.width_px,
            description.spacing_um.y_um * description.size.height_px / size.height_px,
        )
    longer_um = 25_000.0 if kind is AssociatedKind.LABEL else 75_000.0
    spacing = longer_um / max(size.width_px, size.height_px)
    return SpacingUm(spacing, spacing)


def _srgb() -> bytes:
    """The sRGB profile, with a fixed date so that headers are the same each time."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile[24:36] = bytes.fromhex("07d0 0001 0001 0000 0000 0000")
    return bytes(profile)


def _decimal(value: float) -> str:
    """A DS value: 16 characters at the most."""
    for digits in range(12, 0, -1):
        text = f"{value:.{digits}g}"
        if len(text) <= 16:
            return text
    return "0"


def _line(value: str | None, most: int = 64) -> str:
    """Text that fits into LO: one line, no backslash, so many bytes of UTF-8 at the most."""
    line = re.sub(r"[\\\x00-\x1f\x7f]+", " ", value or "").strip()
    return line.encode()[:most].decode(errors="ignore").strip()
