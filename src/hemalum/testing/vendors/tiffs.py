"""Vendors whose files are tiled TIFF: Leica SCN, Philips, Ventana BIF, Trestle."""

import base64
from pathlib import Path
from typing import Any

import numpy as np
import tifffile

from hemalum.formats.wsi.model import AssociatedKind
from hemalum.testing.samples import SPACING_UM, halved, picture
from hemalum.testing.vendors.sample import BARCODE, OBJECTIVE, QUALITY, Pixels, VendorSample, jpeg, pyramid

TILE_PX = 128

_PX_PER_CM = 10_000 / SPACING_UM


def leica_scn(folder: Path) -> VendorSample:
    """Leica SCN: BigTIFF whose XML places the scanned area on the glass; the rest of the glass is white."""
    path = folder / "leica.scn"
    scan, macro = picture(436, 612), picture(100, 250, seed=7)
    left, top, glass_width, glass_height = 320, 96, 1251, 601
    sizes = {
        "glass": (glass_width, glass_height, 0, 0),
        "scan": (scan.shape[1], scan.shape[0], left, top),
    }
    views = {
        name: 'sizeX="{}" sizeY="{}" offsetX="{}" offsetY="{}"'.format(
            *(round(pixels * SPACING_UM * 1000) for pixels in size)
        )
        for name, size in sizes.items()
    }
    common = f"""<creationDate>2026-03-14T09:26:53.589Z</creationDate>
      <device model="Leica SCN400;Leica SCN" version="1.5.1.10804"/><scanSettings>
      <objectiveSettings><objective>{OBJECTIVE}</objective></objectiveSettings><illuminationSettings>
      <illuminationSource>brightfield</illuminationSource><numericalAperture>0.4</numericalAperture>
      </illuminationSettings></scanSettings>"""
    said = f"""<?xml version="1.0"?>
    <scn xmlns="http://www.leica-microsystems.com/scn/2010/10/01"><collection {views["glass"]}>
      <barcode>{base64.b64encode(BARCODE.encode()).decode()}</barcode>
      <image>{common}<pixels><dimension sizeX="250" sizeY="100" r="0" ifd="0"/></pixels>
        <view {views["glass"]}/></image>
      <image>{common}<pixels><dimension sizeX="612" sizeY="436" r="0" ifd="1"/>
        <dimension sizeX="306" sizeY="218" r="1" ifd="2"/></pixels><view {views["scan"]}/></image>
    </collection></scn>"""
    with tifffile.TiffWriter(path, bigtiff=True) as writer:
        _write_tiles(writer, macro, description=said)
        _write_tiles(writer, scan, resolution=(_PX_PER_CM, _PX_PER_CM), resolutionunit="CENTIMETER")
        _write_tiles(writer, halved(scan))
    glass = np.full((glass_height + 1, glass_width + 1, 3), 255, np.uint8)
    glass[top : top + scan.shape[0], left : left + scan.shape[1]] = scan
    return VendorSample(
        (path,),
        pyramid(glass[:-1, :-1], halved(glass)),
        vendor="leica",
        associated={AssociatedKind.MACRO: macro},
    )


def philips_tiff(folder: Path) -> VendorSample:
    """Philips TIFF: levels padded to whole tiles, the true sizes and the label in the XML of the first."""
    path = folder / "philips.tiff"
    finest, label, macro = picture(384, 640), picture(60, 80, seed=3), picture(80, 200, seed=4)
    levels = [finest, halved(finest), halved(finest, 4)]

    def attribute(name: str, value: str) -> str:
        return f'<Attribute Name="{name}" Group="0x0" Element="0x0" PMSVR="IString">{value}</Attribute>'

    def array(name: str, members: str) -> str:
        return attribute(name, f"<Array>{members}</Array>")

    spacings = "".join(
        f'<DataObject ObjectType="PixelDataRepresentation">{spacing}</DataObject>'
        for spacing in (
            attribute("DICOM_PIXEL_SPACING", f"&quot;{mm}&quot; &quot;{mm}&quot;")
            for mm in (SPACING_UM / 1000 * 2**number for number in range(len(levels)))
        )
    )
    scan = attribute("PIM_DP_IMAGE_TYPE", "WSI")
    scan += attribute(
        "DICOM_PIXEL_SPACING", f"&quot;{SPACING_UM / 1000}&quot; &quot;{SPACING_UM / 1000}&quot;"
    )
    scan += attribute("DICOM_DERIVATION_DESCRIPTION", f"PHILIPS UFS V1.8 | Quality=2-levels={OBJECTIVE},1")
    scan += array("PIIM_PIXEL_DATA_REPRESENTATION_SEQUENCE", spacings)
    label_jpeg = base64.b64encode(jpeg(label)).decode()
    pictures = attribute("PIM_DP_IMAGE_TYPE", "LABELIMAGE") + attribute("PIM_DP_IMAGE_DATA", label_jpeg)
    said = '<?xml version="1.0" encoding="UTF-8"?><DataObject ObjectType="DPUfsImport">'
    said += attribute("DICOM_MANUFACTURER", "PHILIPS")
    said += attribute("DICOM_MANUFACTURERS_MODEL_NAME", "UFS Scanner")
    said += attribute("DICOM_DEVICE_SERIAL_NUMBER", "FMT0107")
    said += attribute("DICOM_SOFTWARE_VERSIONS", "&quot;1.8.6824&quot; &quot;20180906_R51&quot;")
    said += attribute("DICOM_ACQUISITION_DATETIME", "20260314092653.000000")
    said += attribute("PIM_DP_UFS_BARCODE", base64.b64encode(BARCODE.encode()).decode())
    said += array(
        "PIM_DP_SCANNED_IMAGES",
        "".join(f'<DataObject ObjectType="DPScannedImage">{one}</DataObject>' for one in (scan, pictures)),
    )
    said += "</DataObject>"
    with tifffile.TiffWriter(path) as writer:
        for number, level in enumerate(levels):
            _write_tiles(
                writer,
                _whole_tiles(level),
                description=said if number == 0 else f"level={number}",
                software="Philips DP v1.0",
                subfiletype=1 if number else 0,
            )
        _write_strip(writer, macro, description="Macro")
    return VendorSample(
        (path,),
        pyramid(*levels),
        vendor="philips",
        associated={AssociatedKind.LABEL: label, AssociatedKind.MACRO: macro},
    )


def ventana_bif(folder: Path) -> VendorSample:
    """Ventana BIF: overlapping tiles, their joints in XML; coarser levels are made of shrunk tiles."""
    path = folder / "ventana.bif"
    columns, rows, overlap_x, overlap_y = 5, 4, 8, 4
    finest = picture(rows * (TILE_PX - overlap_y) + overlap_y, columns * (TILE_PX - overlap_x) + overlap_x)
    stored = _overlapping(finest, overlap_x, overlap_y)
    macro, thumbnail = picture(90, 210, seed=5), halved(finest, 4)

    def number(column: int, row: int) -> int:
        """From the bottom row upwards, every second row from right to left; the first is 1."""
        upwards = rows - 1 - row
        return 1 + upwards * columns + (columns - 1 - column if upwards % 2 else column)

    def joint(one: int, other: int, direction: str, x: int, y: int) -> str:
        return (
            f'<TileJointInfo FlagJoined="1" Confidence="100" Direction="{direction}" '
            f'Tile1="{one}" Tile2="{other}" OverlapX="{x}" OverlapY="{y}"/>'
        )

    joints = [
        joint(number(column, row), number(column + 1, row), "RIGHT", overlap_x, 0)
        for row in range(rows)
        for column in range(columns - 1)
    ]
    joints += [
        joint(number(column, row + 1), number(column, row), "UP", 0, overlap_y)
        for row in range(rows - 1)
        for column in range(columns)
    ]
    scanned = (
        f'<iScan Magnification="{OBJECTIVE}" ScanRes="{SPACING_UM}" UnitNumber="BI26N0265" '
        'ScannerModel="VENTANA DP 200" BuildVersion="3.3.1.1" BuildDate="Jan 02 2020" Mode="LM" '
        'Z-layers="1" Z-spacing="1"/>'
    )
    stitched = (
        f'<EncodeInfo Ver="2"><SlideStitchInfo><ImageInfo AOIScanned="1" AOIIndex="0" Width="{TILE_PX}" '
        f'Height="{TILE_PX}" NumRows="{rows}" NumCols="{columns}" Pos-X="0" Pos-Y="0">{"".join(joints)}'
        '</ImageInfo></SlideStitchInfo><AoiOrigin><AOI0 OriginX="0" OriginY="0"/></AoiOrigin></EncodeInfo>'
    )
    with tifffile.TiffWriter(path, bigtiff=True) as writer:
        _write_strip(writer, macro, description="Label Image", extratags=[_xml_packet(scanned)])
        for level in range(2):
            _write_tiles(
                writer,
                halved(stored, 2**level),
                description=f"level={level} mag={OBJECTIVE // 2**level} quality=90",
                datetime="2026:03:14 09:26:53",
                extratags=[_xml_packet(stitched)] if level == 0 else [],
            )
        _write_strip(writer, thumbnail, description="Thumbnail")
    return VendorSample(
        (path,),
        pyramid(finest, halved(finest)),
        vendor="ventana",
        associated={AssociatedKind.MACRO: macro, AssociatedKind.THUMBNAIL: thumbnail},
    )


def trestle_tiff(folder: Path) -> VendorSample:
    """Trestle: overlapping tiles, um/px in the resolution tags, and the macro picture in a file beside it."""
    path = folder / "trestle.tif"
    finest = picture(488, 608)
    levels = [finest, halved(finest)]
    overlaps = [(8, 8), (4, 4)]
    macro = picture(70, 140, seed=6)
    said = f"Background Color=E6E6E6;White Balance=(188,206,254);Objective Power={OBJECTIVE};JPEG Quality=92;"
    said += "OverlapsXY=" + "".join(f" {x} {y}" for x, y in overlaps) + ";"
    with tifffile.TiffWriter(path) as writer:
        for number, (level, (x, y)) in enumerate(zip(levels, overlaps, strict=True)):
            _write_tiles(
                writer,
                _overlapping(level, x, y),
                description=said if number == 0 else None,
                software="MedScan v3.4.2.1 - Release",
                datetime="2026:03:14 09:26:53",
                resolution=(SPACING_UM, SPACING_UM),
                subfiletype=1 if number else 0,
            )
    beside = folder / "trestle.Full"
    beside.write_bytes(jpeg(macro))
    return VendorSample(
        (path, beside),
        pyramid(*levels),
        vendor="trestle",
        associated={AssociatedKind.MACRO: macro},
    )


def _write_tiles(writer: tifffile.TiffWriter, pixels: Pixels, **options: Any) -> None:
    _write(writer, pixels, tile=(TILE_PX, TILE_PX), **options)


def _write_strip(writer: tifffile.TiffWriter, pixels: Pixels, **options: Any) -> None:
    _write(writer, pixels, rowsperstrip=pixels.shape[0], **options)


def _write(writer: tifffile.TiffWriter, pixels: Pixels, **options: Any) -> None:
    writer.write(
        pixels,
        photometric="rgb",
        compression="jpeg",
        compressionargs={"level": QUALITY},
        metadata=None,
        **({"software": False} | options),
    )


def _whole_tiles(pixels: Pixels) -> Pixels:
    padding = [(0, -length % TILE_PX) for length in pixels.shape[:2]]
    return np.pad(pixels, (*padding, (0, 0)), mode="edge")


def _overlapping(pixels: Pixels, overlap_x: int, overlap_y: int) -> Pixels:
    """Tiles that overlap, laid side by side as they are stored."""
    step_x, step_y = TILE_PX - overlap_x, TILE_PX - overlap_y
    height, width = pixels.shape[:2]
    lines = [
        np.concatenate(
            [pixels[y : y + TILE_PX, x : x + TILE_PX] for x in range(0, width - overlap_x, step_x)], axis=1
        )
        for y in range(0, height - overlap_y, step_y)
    ]
    return np.concatenate(lines)


def _xml_packet(text: str) -> tuple[int, int, int, bytes, bool]:
    return 700, 1, len(text), text.encode(), True
