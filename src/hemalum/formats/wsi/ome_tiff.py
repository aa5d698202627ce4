"""OME-TIFF: planes, channels and pyramids as the OME-XML lays them out (OME-TIFF specification 6)."""

from collections.abc import Sequence

from hemalum.formats.ome.xml import OmeDocument, OmeImage, parse_ome, plane_directories
from hemalum.formats.wsi.indexed import AssociatedReader
from hemalum.formats.wsi.model import (
    AssociatedKind,
    Channel,
    FocalPlane,
    Level,
    PixelFormat,
    SlideDescription,
)
from hemalum.formats.wsi.slide import Slide
from hemalum.formats.wsi.tiff import Tag, TiffContainer, TiffDirectory
from hemalum.formats.wsi.tiff_image import TiffImage, lut_colour, read_image
from hemalum.formats.wsi.tiff_slide import Cell, associated_reader, make_tiff_slide
from hemalum.kernel.errors import UnreadableSlide
from hemalum.kernel.geometry import SpacingUm
from hemalum.kernel.sentence import Sentence

_ASSOCIATED_NAMES = {
    "label": AssociatedKind.LABEL,
    "macro": AssociatedKind.MACRO,
    "overview": AssociatedKind.MACRO,
    "thumbnail": AssociatedKind.THUMBNAIL,
}


def open_ome_tiff(tiff: TiffContainer) -> Slide:
    """The main image of an OME-TIFF. Of a time series the first moment is shown.

    Raises:
        UnreadableSlide: the OME-XML is damaged or does not fit the directories, or the set has several files.
    """
    document = parse_ome(tiff.directories[0].text(Tag.IMAGE_DESCRIPTION))
    if not document.images:
        raise UnreadableSlide("The OME-XML of the file names no image.")
    main = max(document.images, key=lambda image: (_kind(image) is None, image.size_x * image.size_y))
    planes = _planes(tiff, document, main)
    layout = _layout(tiff, planes)
    base = layout[0][0][0].image
    associated: dict[AssociatedKind, AssociatedReader] = {}
    others = []
    for image in document.images:
        kind = _kind(image)
        if image is main:
            continue
        if kind is None or kind in associated:
            others.append(image.name)
            continue
        directory = _planes(tiff, document, image)[0][0]
        associated[kind] = associated_reader(_read(tiff, directory), tiff.source)
    description = _describe(document, main, base, layout[0][0], len(others))
    return make_tiff_slide(tiff.source, description, layout, associated)


def _planes(tiff: TiffContainer, document: OmeDocument, image: OmeImage) -> list[list[TiffDirectory]]:
    """Directories by [z][channel plane] at the first moment."""
    channel_planes = _channel_planes(tiff, image)
    numbers = plane_directories(image, channel_planes, document.uuid)
    planes = []
    for z in range(image.size_z):
        row = []
        for channel in range(channel_planes):
            number = numbers.get((z, channel, 0))
            if number is None or number >= len(tiff.directories):
                raise UnreadableSlide("The OME-XML names a plane that the file does not hold.")
            row.append(tiff.directories[number])
        planes.append(row)
    return planes


def _channel_planes(tiff: TiffContainer, image: OmeImage) -> int:
    """Planes along the channel axis. Where a writer lists the samples of RGB as channels, the TIFF knows."""
    if len({channel.samples for channel in image.channels}) > 1:
        raise UnreadableSlide("OME-TIFF files that mix RGB and single channels are not supported.")
    first = (image.tiff_data[0].ifd or 0) if image.tiff_data else 0
    directory = tiff.directories[min(first, len(tiff.directories) - 1)]
    stored = directory.integer(Tag.SAMPLES_PER_PIXEL, 1)
    if stored > 0 and image.size_c % stored == 0:
        return image.size_c // stored
    return len(image.channels) or image.size_c


def _layout(tiff: TiffContainer, planes: list[list[TiffDirectory]]) -> list[list[list[Cell]]]:
    reduced = [[directory.sub_directories() for directory in row] for row in planes]
    depth = min(len(subs) for row in reduced for subs in row)
    coarser = [[[subs[number] for subs in row] for row in reduced] for number in range(depth)]
    return [_cells(tiff, level) for level in (planes, *coarser)]


def _cells(tiff: TiffContainer, planes: Sequence[Sequence[TiffDirectory]]) -> list[list[Cell]]:
    return [[cell for d in row for cell in _split(_read(tiff, d))] for row in planes]


def _split(image: TiffImage) -> list[Cell]:
    if image.samples == 1 or image.is_rgb:
        return [Cell(image)]
    return [Cell(image, sample) for sample in range(image.samples)]


def _read(tiff: TiffContainer, directory: TiffDirectory) -> TiffImage:
    return read_image(directory, tiff.source, big_endian=tiff.order == "big")


def _kind(image: OmeImage) -> AssociatedKind | None:
    words = image.name.lower().replace("_", " ").split()
    return next((kind for word, kind in _ASSOCIATED_NAMES.items() if word in words), None)


def _describe(
    document: OmeDocument, image: OmeImage, base: TiffImage, row: Sequence[Cell], other_images: int
) -> SlideDescription:
    warnings: list[Sentence] = []
    if image.size_t > 1:
        warnings.append(
            Sentence("Of {frames} moments of a time series the first is shown.", {"frames": image.size_t})
        )
    if other_images:
        warnings.append(
            Sentence("The file holds {count} more images, which are not shown.", {"count": other_images})
        )
    if (image.size_x, image.size_y) != (base.size.width_px, base.size.height_px):
        warnings.append(Sentence("The OME-XML and the TIFF disagree about the size; the TIFF's is taken."))
    x, y, z = image.spacing_um
    spacing = SpacingUm(x, y) if x is not None and y is not None else None
    channels = _channels(image, row, base)
    manufacturer, model, serial = image.microscope
    sources = {
        "spacing_um": "Pixels/@PhysicalSizeX" if spacing else None,
        "objective_power": "Objective/@NominalMagnification" if image.objective_power else None,
        "acquired_at": "Image/AcquisitionDate" if image.acquired_at else None,
        "vendor": "Microscope/@Manufacturer" if manufacturer else None,
        "scanner_model": "Microscope/@Model" if model else None,
        "scanner_serial": "Microscope/@SerialNumber" if serial else None,
        "software": "OME/@Creator" if document.creator else None,
    }
    return SlideDescription(
        format="ome-tiff",
        levels=(Level(base.size, 1.0),),
        pixel=PixelFormat(1, "uint8"),
        spacing_um=spacing,
        planes=tuple(FocalPlane(number * (z or 0.0)) for number in range(image.size_z)),
        channels=channels,
        icc_profile=base.directory.raw(Tag.ICC_PROFILE),
        vendor=manufacturer,
        scanner_model=model,
        scanner_serial=serial,
        software=document.creator,
        objective_power=image.objective_power,
        acquired_at=image.acquired_at,
        properties={"ome.Image.Name": image.name} if image.name else {},
        sources={name: tag for name, tag in sources.items() if tag},
        warnings=tuple(warnings),
    )


def _channels(image: OmeImage, row: Sequence[Cell], base: TiffImage) -> tuple[Channel, ...]:
    if len(row) == 1 and base.is_rgb:
        return (Channel("brightfield"),)
    named = [channel for channel in image.channels for _ in range(channel.samples)]
    if len(image.channels) == len(row):
        named = list(image.channels)
    if len(named) != len(row):
        return tuple(
            Channel(f"Channel {number + 1}", lut_colour(cell.image)) for number, cell in enumerate(row)
        )
    return tuple(
        Channel(
            name=channel.name or f"Channel {number + 1}",
            colour=channel.colour or lut_colour(row[number].image),
            excitation_nm=channel.excitation_nm,
            emission_nm=channel.emission_nm,
        )
        for number, channel in enumerate(named)
    )
