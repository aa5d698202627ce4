"""What vendors write into ImageDescription: Aperio's line and the OME-XML."""

from xml.sax.saxutils import quoteattr

from hemalum.testing.synth.fluorescence import MARKERS
from hemalum.testing.synth.noise import Array
from hemalum.testing.synth.slide import Modality, SyntheticSlide


def aperio_text(
    slide: SyntheticSlide, full: tuple[int, int], size: tuple[int, int], tile_px: int, kind: str, quality: int
) -> str:
    arrow = "" if size == full else f" -> {size[0]}x{size[1]}"
    head = (
        f"Aperio Image Library v12.0.15 \r\n{full[0]}x{full[1]} [0,0 {full[0]}x{full[1]}] "
        f"({tile_px}x{tile_px}){arrow} {kind} Q={quality}"
    )
    power = round(10 / slide.spacing_um)
    stain = f"IHC {slide.marker}" if slide.marker else "H&E"
    return (
        f"{head}|AppMag = {power}|MPP = {slide.spacing_um:.6f}|ScanScope ID = SYNTH{slide.seed % 1000:03d}"
        f"|Filename = synthetic-{slide.seed}|Date = 01/15/26|Time = 10:30:00|Time Zone = GMT+00:00"
        f"|User = synthetic|Title = {slide.tissue.value} {stain}|ICC Profile = sRGB|OriginalWidth = {full[0]}"
        f"|OriginalHeight = {full[1]}"
    )


def aperio_thumbnail_text(slide: SyntheticSlide, full: tuple[int, int], overview: Array) -> str:
    return (
        f"Aperio Image Library v12.0.15 \r\n{full[0]}x{full[1]} -> {overview.shape[1]}x{overview.shape[0]} - "
        f"|AppMag = {round(10 / slide.spacing_um)}|MPP = {slide.spacing_um:.6f}"
    )


def ome_xml(slide: SyntheticSlide, name: str) -> str:
    fluorescent = slide.modality is Modality.FLUORESCENCE
    planes = slide.planes_um
    step = abs(planes[1] - planes[0]) if len(planes) > 1 else 1.0
    if fluorescent:
        channels = "".join(
            f'<Channel ID="Channel:0:{k}" Name={quoteattr(m.name)} SamplesPerPixel="1" '
            f'Color="{_ome_colour(m.colour)}" '
            f'ExcitationWavelength="{m.excitation_nm}" ExcitationWavelengthUnit="nm" '
            f'EmissionWavelength="{m.emission_nm}" EmissionWavelengthUnit="nm"/>'
            for k, m in enumerate(MARKERS[: slide.channel_count])
        )
        kind, size_c = "uint16", slide.channel_count
    else:
        channels, kind, size_c = '<Channel ID="Channel:0:0" SamplesPerPixel="3"/>', "uint8", 3
    places = "".join(
        f'<Plane TheZ="{z}" TheC="{c}" TheT="0" PositionZ="{height}" PositionZUnit="µm"/>'
        for z, height in enumerate(planes)
        for c in range(slide.channel_count)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation='
        '"http://www.openmicroscopy.org/Schemas/OME/2016-06 '
        'http://www.openmicroscopy.org/Schemas/OME/2016-06/ome.xsd">'
        '<Instrument ID="Instrument:0"><Objective ID="Objective:0" '
        f'NominalMagnification="{10 / slide.spacing_um:g}"/>'
        f'</Instrument><Image ID="Image:0" Name={quoteattr(name)}><ObjectiveSettings ID="Objective:0"/>'
        f'<Pixels ID="Pixels:0" DimensionOrder="XYCZT" Type="{kind}" BigEndian="false" Interleaved="true" '
        f'SizeX="{slide.width_px}" SizeY="{slide.height_px}" SizeC="{size_c}" SizeZ="{len(planes)}" '
        f'SizeT="1" '
        f'PhysicalSizeX="{slide.spacing_um}" PhysicalSizeXUnit="µm" PhysicalSizeY="{slide.spacing_um}" '
        f'PhysicalSizeYUnit="µm" PhysicalSizeZ="{step}" PhysicalSizeZUnit="µm">{channels}<TiffData/>{places}'
        "</Pixels></Image></OME>"
    )


def _ome_colour(colour: str) -> int:
    """OME keeps colour as a signed 32-bit RGBA number."""
    value = int(colour[1:], 16) << 8 | 0xFF
    return value - (1 << 32) if value >= 1 << 31 else value
