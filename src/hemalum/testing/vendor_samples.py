"""Stand-ins for scanner formats of which no real file may be shipped, each with the pixels it was made from.

They are the smallest files that OpenSlide takes for those of the vendor, made after its format descriptions
(https://openslide.org/formats/) and, for CZI, after the segments that tifffile's czifile documents. What they
cannot show is what real scanners write besides; a reader that passes on them still has to meet real files.

Each maker writes into a folder and returns a `VendorSample`. Everything in them is made up.
"""

import base64
import io
import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import tifffile
from numpy.typing import NDArray
from PIL import Image

from hemalum.formats.wsi.model import AssociatedKind
from hemalum.testing.samples import LOSSY_TOLERANCE, SPACING_UM, SampleSlide, halved, picture

OBJECTIVE = 20
BARCODE = "S26-0042-A1"

_TILE_PX = 128
_QUALITY = 92
_PX_PER_CM = 10_000 / SPACING_UM

type Pixels = NDArray[np.uint8]


@dataclass(frozen=True, eq=False, kw_only=True)
class VendorSample(SampleSlide):
    """A stand-in: its files (first the one to open) and what it is to be taken for."""

    vendor: str
    """OpenSlide's name of the format."""
    associated: Mapping[AssociatedKind, Pixels] = field(default_factory=dict)
    tolerance: float = LOSSY_TOLERANCE


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
        _levels(glass[:-1, :-1], halved(glass)),
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
    scan += attribute("DICOM_PIXEL_SPACING", f"&quot;{SPACING_UM / 1000}&quot; &quot;{SPACING_UM / 1000}&quot;")
    scan += attribute("DICOM_DERIVATION_DESCRIPTION", f"PHILIPS UFS V1.8 | Quality=2-levels={OBJECTIVE},1")
    scan += array("PIIM_PIXEL_DATA_REPRESENTATION_SEQUENCE", spacings)
    label_jpeg = base64.b64encode(_jpeg(label)).decode()
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
        _levels(*levels),
        vendor="philips",
        associated={AssociatedKind.LABEL: label, AssociatedKind.MACRO: macro},
    )


def ventana_bif(folder: Path) -> VendorSample:
    """Ventana BIF: overlapping tiles, their joints in XML; coarser levels are made of shrunk tiles."""
    path = folder / "ventana.bif"
    columns, rows, overlap_x, overlap_y = 5, 4, 8, 4
    finest = picture(rows * (_TILE_PX - overlap_y) + overlap_y, columns * (_TILE_PX - overlap_x) + overlap_x)
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
        f'<EncodeInfo Ver="2"><SlideStitchInfo><ImageInfo AOIScanned="1" AOIIndex="0" Width="{_TILE_PX}" '
        f'Height="{_TILE_PX}" NumRows="{rows}" NumCols="{columns}" Pos-X="0" Pos-Y="0">{"".join(joints)}'
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
        _levels(finest, halved(finest)),
        vendor="ventana",
        associated={AssociatedKind.MACRO: macro, AssociatedKind.THUMBNAIL: thumbnail},
    )


def trestle_tiff(folder: Path) -> VendorSample:
    """Trestle: TIFF with overlapping tiles, um/px in the resolution tags, and the macro in a file beside it."""
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
    beside.write_bytes(_jpeg(macro))
    return VendorSample(
        (path, beside),
        _levels(*levels),
        vendor="trestle",
        associated={AssociatedKind.MACRO: macro},
    )


def hamamatsu_ndpi(folder: Path) -> VendorSample:
    """Hamamatsu NDPI: a level is one JPEG with restart markers; classic TIFF with links of 64 bits.

    OpenSlide makes levels of its own of it, by decoding at a half, a fourth and an eighth of the size.
    """
    path = folder / "hamamatsu.ndpi"
    finest, macro = picture(512, 640), picture(80, 200, seed=8)
    shared: list[_Tag] = [
        _ascii(271, "Hamamatsu"),
        _ascii(272, "C13220-01"),
        _ascii(305, "NDP.scan 3.2.12"),
        _ascii(306, "2026:03:14 09:26:53"),
        (65420, 4, struct.pack("<I", 1)),
        (65422, 9, struct.pack("<i", 1_250_000)),
        (65423, 9, struct.pack("<i", -730_000)),
        (65424, 9, struct.pack("<i", 0)),
        _ascii(65427, BARCODE),
        _ascii(65449, "Created=2026/03/14\r\nUpdated=2026/03/14\r\nNDP.S/N=190042\r\n"),
    ]
    pages = [
        (finest, float(OBJECTIVE), SPACING_UM, 8),
        (halved(finest), OBJECTIVE / 2, SPACING_UM * 2, 4),
        (macro, -1.0, 25.0, 0),
    ]
    content = bytearray(struct.pack("<2sHQ", b"II", 42, 0))
    link = 4
    for pixels, lens, spacing_um, interval in pages:
        height, width = pixels.shape[:2]
        stream = _jpeg(pixels, subsampling="4:2:2", restart_marker_blocks=interval)
        tags = [
            *((tag, 4, struct.pack("<I", value)) for tag, value in ((256, width), (257, height))),
            (258, 3, struct.pack("<3H", 8, 8, 8)),
            *((tag, 3, struct.pack("<H", value)) for tag, value in ((259, 7), (262, 6), (277, 3), (296, 3))),
            (273, 4, struct.pack("<I", len(content))),
            (278, 4, struct.pack("<I", height)),
            (279, 4, struct.pack("<I", len(stream))),
            *((tag, 5, struct.pack("<2I", round(1e7 / spacing_um), 1000)) for tag in (282, 283)),
            (65421, 11, struct.pack("<f", lens)),
            *([(65426, 4, _restarts(stream))] if interval else []),
            *shared,
        ]
        content += stream
        struct.pack_into("<Q", content, link, len(content) + len(content) % 2)
        content += bytes(len(content) % 2)
        link = _append_directory(content, tags)
    path.write_bytes(content)
    return VendorSample(
        (path,),
        _levels(finest, *(halved(finest, 2**n) for n in range(1, 5))),
        vendor="hamamatsu",
        associated={AssociatedKind.MACRO: macro},
    )


def hamamatsu_vms(folder: Path) -> VendorSample:
    """Hamamatsu VMS: an index in text, and beside it JPEGs that lie side by side, a map, and a macro."""
    path = folder / "hamamatsu.vms"
    finest, macro = picture(512, 1024), picture(80, 200, seed=9)
    halves, overview = np.split(finest, 2, axis=1), halved(finest, 4)
    names = ["hamamatsu.jpg", "hamamatsu(1,0).jpg", "hamamatsu_map2.jpg", "hamamatsu_macro.jpg"]
    for name, pixels in zip(names, [*halves, overview], strict=False):
        (folder / name).write_bytes(_jpeg(pixels, subsampling="4:2:2", restart_marker_blocks=4))
    (folder / names[3]).write_bytes(_jpeg(macro))
    (folder / "hamamatsu.opt").write_bytes(b"".join(_optimisation(folder / name) for name in names[:2]))
    nanometres = [round(side * SPACING_UM * 1000) for side in (finest.shape[1], finest.shape[0])]
    path.write_text(
        "[Virtual Microscope Specimen]\n"
        "NoLayers=1\nNoJpegColumns=2\nNoJpegRows=1\n"
        f"ImageFile={names[0]}\nImageFile(1,0)={names[1]}\nMapFile={names[2]}\nMacroImage={names[3]}\n"
        "OptimisationFile=hamamatsu.opt\n"
        f"PhysicalWidth={nanometres[0]}\nPhysicalHeight={nanometres[1]}\nSourceLens={OBJECTIVE}\n"
        f"Reference={BARCODE}\n"
    )
    return VendorSample(
        (path, *(folder / name for name in sorted([*names, "hamamatsu.opt"]))),
        _levels(finest, *(halved(finest, 2**n) for n in range(1, 6))),
        vendor="hamamatsu",
        associated={AssociatedKind.MACRO: macro},
    )


def mirax(folder: Path) -> VendorSample:
    """MIRAX: a file that shows a preview, and the slide in a folder of its name.

    The camera took 3 x 2 photos, cut into 2 x 2 images each, of which one column lies 4 px off; the coarsest
    level has images that span several photos.
    """
    path, data = folder / "mirax.mrxs", folder / "mirax"
    data.mkdir()
    whole = picture(4 * _IMAGE_PX - 8, 6 * _IMAGE_PX - 16)
    label, macro, thumbnail = (picture(60, 80, seed=seed) for seed in (11, 12, 13))
    places = {(x, y): (120 * x - 4 * (x == 1), 120 * y) for x in range(3) for y in range(2)}
    photos = {at: whole[y : y + 128, x : x + 128] for at, (x, y) in places.items()}
    stored = _MiraxData(data)
    levels = [_mirax_images(photos, 2**number) for number in range(3)]
    pages = [[(at, *stored.add(_jpeg(pixels))) for at, pixels in level.items()] for level in levels]
    positions = b"".join(struct.pack("<Bii", 0, *places[x, y]) for y in range(2) for x in range(3))
    records = [stored.add(_jpeg(one)) for one in (macro, label, thumbnail)] + [stored.add(positions)]
    (data / "Index.dat").write_bytes(_mirax_index(pages, records))
    (data / "Slidedat.ini").write_text(_mirax_text(len(levels), stored.close()), encoding="utf-8-sig")
    path.write_bytes(_jpeg(thumbnail))
    return VendorSample(
        (path, *sorted(data.iterdir())),
        _levels(whole, halved(whole), halved(whole, 4)),
        vendor="mirax",
        associated={
            AssociatedKind.LABEL: label,
            AssociatedKind.MACRO: macro,
            AssociatedKind.THUMBNAIL: thumbnail,
        },
    )


def zeiss_czi(folder: Path) -> VendorSample:
    """Zeiss CZI: uncompressed BGR subblocks of two levels, label and overview as attachments. Lossless."""
    path = folder / "zeiss.czi"
    finest = picture(384, 640)
    label, macro = picture(60, 80, seed=14), picture(80, 200, seed=15)
    content = bytearray(_segment(b"ZISRAWFILE", bytes(512)))
    entries: list[bytes] = []
    for factor in (1, 2):
        level = halved(finest, factor)
        for y in range(0, level.shape[0], _TILE_PX):
            for x in range(0, level.shape[1], _TILE_PX):
                tile = level[y : y + _TILE_PX, x : x + _TILE_PX]
                entry = _czi_entry(len(content), len(entries), (x, y), tile.shape[1::-1], factor)
                entries.append(entry)
                body = struct.pack("<iiq", 0, 0, tile.size) + entry
                content += _segment(b"ZISRAWSUBBLOCK", body.ljust(256, b"\0") + tile[:, :, ::-1].tobytes())
    attachments = []
    for name, pixels in ((b"Label", label), (b"SlidePreview", macro)):
        stream = _jpeg(pixels)
        entry = struct.pack("<2s10sqi16s8s80s", b"A1", b"", len(content), 0, bytes(16), b"JPG", name)
        attachments.append(entry)
        content += _segment(
            b"ZISRAWATTACH", (struct.pack("<i12s", len(stream), b"") + entry).ljust(256, b"\0") + stream
        )
    places = {}
    for name, body in (
        (b"ZISRAWDIRECTORY", struct.pack("<i124s", len(entries), b"") + b"".join(entries)),
        (b"ZISRAWMETADATA", struct.pack("<ii248s", len(_CZI_XML), 0, b"") + _CZI_XML),
        (b"ZISRAWATTDIR", struct.pack("<i252s", len(attachments), b"") + b"".join(attachments)),
    ):
        places[name] = len(content)
        content += _segment(name, body)
    struct.pack_into(
        "<4i16s16siqqiq",
        content,
        32,
        *(1, 0, 0, 0, b"made up", b"made up", 0),
        *(places[b"ZISRAWDIRECTORY"], places[b"ZISRAWMETADATA"], 0, places[b"ZISRAWATTDIR"]),
    )
    path.write_bytes(content)
    return VendorSample(
        (path,),
        _levels(finest, halved(finest)),
        vendor="zeiss",
        associated={AssociatedKind.LABEL: label, AssociatedKind.MACRO: macro},
        tolerance=0.0,
    )


VENDOR_MAKERS: Mapping[str, Callable[[Path], VendorSample]] = {
    "leica-scn": leica_scn,
    "philips-tiff": philips_tiff,
    "ventana-bif": ventana_bif,
    "trestle-tiff": trestle_tiff,
    "hamamatsu-ndpi": hamamatsu_ndpi,
    "hamamatsu-vms": hamamatsu_vms,
    "mirax": mirax,
    "zeiss-czi": zeiss_czi,
}
"""One of each, for tests that go over all of them."""


def _levels(*levels: Pixels) -> tuple[NDArray[Any], ...]:
    return tuple(level[np.newaxis, np.newaxis] for level in levels)


def _jpeg(pixels: Pixels, **options: Any) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=_QUALITY, **options)
    return buffer.getvalue()


# TIFF ---------------------------------------------------------------------------------------------------


def _write_tiles(writer: tifffile.TiffWriter, pixels: Pixels, **options: Any) -> None:
    _write(writer, pixels, tile=(_TILE_PX, _TILE_PX), **options)


def _write_strip(writer: tifffile.TiffWriter, pixels: Pixels, **options: Any) -> None:
    _write(writer, pixels, rowsperstrip=pixels.shape[0], **options)


def _write(writer: tifffile.TiffWriter, pixels: Pixels, **options: Any) -> None:
    writer.write(
        pixels,
        photometric="rgb",
        compression="jpeg",
        compressionargs={"level": _QUALITY},
        metadata=None,
        **({"software": False} | options),
    )


def _whole_tiles(pixels: Pixels) -> Pixels:
    padding = [(0, -length % _TILE_PX) for length in pixels.shape[:2]]
    return np.pad(pixels, (*padding, (0, 0)), mode="edge")


def _overlapping(pixels: Pixels, overlap_x: int, overlap_y: int) -> Pixels:
    """Tiles that overlap, laid side by side as they are stored."""
    step_x, step_y = _TILE_PX - overlap_x, _TILE_PX - overlap_y
    height, width = pixels.shape[:2]
    lines = [
        np.concatenate(
            [pixels[y : y + _TILE_PX, x : x + _TILE_PX] for x in range(0, width - overlap_x, step_x)], axis=1
        )
        for y in range(0, height - overlap_y, step_y)
    ]
    return np.concatenate(lines)


def _xml_packet(text: str) -> tuple[int, int, int, bytes, bool]:
    return 700, 1, len(text), text.encode(), True


type _Tag = tuple[int, int, bytes]
"""Number, type and value of a TIFF tag."""


def _ascii(number: int, text: str) -> _Tag:
    return number, 2, text.encode() + b"\0"


def _append_directory(content: bytearray, tags: Sequence[_Tag]) -> int:
    """Add a TIFF directory with a link of 64 bits; returns where the link is."""
    sizes = {2: 1, 3: 2, 4: 4, 5: 8, 9: 4, 11: 4}
    values = len(content) + 2 + 12 * len(tags) + 8
    tail = bytearray()
    content += struct.pack("<H", len(tags))
    for number, kind, value in sorted(tags):
        content += struct.pack("<HHI", number, kind, len(value) // sizes[kind])
        if len(value) > 4:
            content += struct.pack("<I", values + len(tail))
            tail += value + bytes(len(value) % 2)
        else:
            content += value.ljust(4, b"\0")
    content += bytes(8) + tail
    return values - 8


def _restart_offsets(stream: bytes) -> list[int]:
    """Where the runs of a JPEG begin: after its head, and after each restart marker."""
    scan = stream.index(b"\xff\xda")
    first = scan + 2 + struct.unpack_from(">H", stream, scan + 2)[0]
    markers = [at for at in range(first, len(stream) - 1) if stream[at] == 0xFF and 0xD0 <= stream[at + 1] <= 0xD7]
    return [first, *(at + 2 for at in markers)]


def _restarts(stream: bytes) -> bytes:
    offsets = _restart_offsets(stream)
    return struct.pack(f"<{len(offsets)}I", *offsets)


def _optimisation(path: Path) -> bytes:
    """The part of a VMS optimisation file for one JPEG: where each row of its tiles begins."""
    stream = path.read_bytes()
    with Image.open(path) as image:
        rows = image.height // 8
    offsets = _restart_offsets(stream)
    return b"".join(struct.pack("<q32x", at) for at in offsets[:: len(offsets) // rows])


# MIRAX --------------------------------------------------------------------------------------------------

_IMAGE_PX = 64
_MIRAX_ID = "5A1DE0000000000000000000DEADBEEF"


class _MiraxData:
    """Data files of a MIRAX slide; every few pieces a new one."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: list[bytearray] = [bytearray()]

    def add(self, piece: bytes) -> tuple[int, int, int]:
        """Keep a piece; returns its offset, its length and the number of its file."""
        if len(self._files[-1]) > 40_000:
            self._files.append(bytearray())
        offset = len(self._files[-1])
        self._files[-1] += piece
        return offset, len(piece), len(self._files) - 1

    def close(self) -> list[str]:
        """Write the files; returns their names."""
        names = [f"Data{number:04}.dat" for number in range(len(self._files))]
        for name, content in zip(names, self._files, strict=True):
            (self._folder / name).write_bytes(content)
        return names


def _mirax_images(photos: Mapping[tuple[int, int], Pixels], factor: int) -> dict[int, Pixels]:
    """Images of a level by their index on the finest level, all of `_IMAGE_PX`, each of `factor` x `factor`."""
    across, down = 6, 4
    images = {}
    for top in range(0, down, factor):
        for left in range(0, across, factor):
            image = np.full((_IMAGE_PX, _IMAGE_PX, 3), 255, np.uint8)
            side = _IMAGE_PX // factor
            for y in range(top, min(top + factor, down)):
                for x in range(left, min(left + factor, across)):
                    photo = photos[x // 2, y // 2]
                    row, column = y % 2 * _IMAGE_PX, x % 2 * _IMAGE_PX
                    part = photo[row : row + _IMAGE_PX, column : column + _IMAGE_PX]
                    at = np.s_[(y - top) * side :, (x - left) * side :]
                    image[at][:side, :side] = halved(part, factor)
            images[top * across + left] = image
    return images


def _mirax_index(
    levels: Sequence[Sequence[tuple[int, int, int, int]]], records: Sequence[tuple[int, int, int]]
) -> bytes:
    """Index.dat: where the images of each level and the other records lie."""
    content = bytearray(b"01.02" + _MIRAX_ID.encode() + bytes(8))
    roots = len(content) - 8

    def page(header: Sequence[int], entries: bytes) -> int:
        """A list of one page; returns where it begins."""
        at = len(content)
        content.extend(struct.pack("<ii", 0, at + 8) + struct.pack(f"<{len(header)}i", *header) + entries)
        return at

    images = [page([len(level), 0], b"".join(struct.pack("<4i", *one) for one in level)) for level in levels]
    others = [page([1, 0, 0, 0], struct.pack("<3i", *one)) for one in records]
    for number, lists in enumerate((images, others)):
        struct.pack_into("<i", content, roots + 4 * number, len(content))
        content += struct.pack(f"<{len(lists)}i", *lists)
    return bytes(content)


def _mirax_text(levels: int, files: Sequence[str]) -> str:
    """Slidedat.ini."""
    sections: dict[str, dict[str, Any]] = {
        "GENERAL": {
            "SLIDE_VERSION": "01.02",
            "SLIDE_ID": _MIRAX_ID,
            "SLIDE_NAME": BARCODE,
            "SLIDE_CREATIONDATETIME": "14/03/2026 09:26:53",
            "CURRENT_SLIDE_VERSION": "2.2",
            "IMAGENUMBER_X": 6,
            "IMAGENUMBER_Y": 4,
            "OBJECTIVE_MAGNIFICATION": OBJECTIVE,
            "OBJECTIVE_NAME": "Plan-Apochromat",
            "CameraImageDivisionsPerSide": 2,
        },
        "HIERARCHICAL": {
            "INDEXFILE": "Index.dat",
            "HIER_COUNT": 1,
            "NONHIER_COUNT": 2,
            "HIER_0_NAME": "Slide zoom level",
            "HIER_0_COUNT": levels,
            **{f"HIER_0_VAL_{n}": f"ZoomLevel_{n}" for n in range(levels)},
            **{f"HIER_0_VAL_{n}_SECTION": f"LAYER_0_LEVEL_{n}_SECTION" for n in range(levels)},
            "NONHIER_0_NAME": "Scan data layer",
            "NONHIER_0_COUNT": 3,
            "NONHIER_0_SECTION": "NONHIERLAYER_0_SECTION",
            "NONHIER_1_NAME": "VIMSLIDE_POSITION_BUFFER",
            "NONHIER_1_COUNT": 1,
            "NONHIER_1_VAL_0": "default",
            "NONHIER_1_VAL_0_SECTION": "NONHIERLAYER_1_LEVEL_0_SECTION",
        },
        "NONHIERLAYER_0_SECTION": {
            "SCANNER_HARDWARE_VERSION": "Pannoramic 250 Flash III",
            "SCANNER_HARDWARE_ID": "MAN1D_000042",
            "SCANNER_SOFTWARE_VERSION": "3.0.3",
        },
        "NONHIERLAYER_1_LEVEL_0_SECTION": {"VIMSLIDE_POSITION_DATA_FORMAT_VERSION": 257},
        "DATAFILE": {"FILE_COUNT": len(files), **{f"FILE_{n}": name for n, name in enumerate(files)}},
    }
    for number, (value, key) in enumerate(
        [("SlideThumbnail", "THUMBNAIL"), ("SlideBarcode", "BARCODE"), ("SlidePreview", "PREVIEW")]
    ):
        section = f"NONHIERLAYER_0_LEVEL_{number}_SECTION"
        sections["HIERARCHICAL"][f"NONHIER_0_VAL_{number}"] = f"ScanDataLayer_{value}"
        sections["HIERARCHICAL"][f"NONHIER_0_VAL_{number}_SECTION"] = section
        sections[section] = {f"{key}_IMAGE_TYPE": "JPEG"}
    for number in range(levels):
        sections[f"LAYER_0_LEVEL_{number}_SECTION"] = {
            "OVERLAP_X": 8 / 2**number,
            "OVERLAP_Y": 8 / 2**number,
            "MICROMETER_PER_PIXEL_X": SPACING_UM * 2**number,
            "MICROMETER_PER_PIXEL_Y": SPACING_UM * 2**number,
            "IMAGE_FORMAT": "JPEG",
            "IMAGE_FILL_COLOR_BGR": 0xFFFFFF,
            "DIGITIZER_WIDTH": _IMAGE_PX,
            "DIGITIZER_HEIGHT": _IMAGE_PX,
            "IMAGE_CONCAT_FACTOR": 1 if number else 0,
        }
    return "".join(
        f"[{name}]\n" + "".join(f"{key} = {value}\n" for key, value in keys.items())
        for name, keys in sections.items()
    )


# CZI ----------------------------------------------------------------------------------------------------

_CZI_XML = f"""<ImageDocument><Metadata>
<Information>
  <Application><Name>ZEN slidescan</Name><Version>1.0.0</Version></Application>
  <Image><SizeX>640</SizeX><SizeY>384</SizeY><SizeC>1</SizeC>
    <AcquisitionDateAndTime>2026-03-14T09:26:53.589Z</AcquisitionDateAndTime>
    <ObjectiveSettings><ObjectiveRef Id="Objective:1"/></ObjectiveSettings></Image>
  <Instrument>
    <Microscopes><Microscope Id="Microscope:1" Name="Axioscan 7"/></Microscopes>
    <Objectives><Objective Id="Objective:1"><NominalMagnification>{OBJECTIVE}</NominalMagnification>
    </Objective></Objectives></Instrument>
</Information>
<Scaling><Items>
  <Distance Id="X"><Value>{SPACING_UM * 1e-6!r}</Value></Distance>
  <Distance Id="Y"><Value>{SPACING_UM * 1e-6!r}</Value></Distance>
</Items></Scaling>
<AttachmentInfos><AttachmentInfo><Label><Barcodes><Barcode Id="1"><Content>{BARCODE}</Content></Barcode>
</Barcodes></Label></AttachmentInfo></AttachmentInfos>
</Metadata></ImageDocument>""".encode()


def _segment(name: bytes, body: bytes) -> bytes:
    return struct.pack("<16sqq", name, len(body), len(body)) + body


def _czi_entry(position: int, order: int, at: tuple[int, int], size: tuple[int, int], factor: int) -> bytes:
    """The directory entry of a BGR24 subblock: its place on the finest level, and its stored size."""
    axes = [
        (b"X", at[0] * factor, size[0] * factor, size[0]),
        (b"Y", at[1] * factor, size[1] * factor, size[1]),
        (b"C", 0, 1, 1),
        (b"M", order, 1, 1),
    ]
    entry = struct.pack("<2siqiib5xi", b"DV", 3, position, 0, 0, 1 if factor > 1 else 0, len(axes))
    return entry + b"".join(struct.pack("<4siifi", name, start, length, 0.0, stored) for name, start, length, stored in axes)
