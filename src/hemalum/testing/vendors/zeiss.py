"""Zeiss CZI (ZISRAW): segments one after the other, with directories of them, as OpenSlide reads them."""

import struct
from pathlib import Path

from hemalum.formats.wsi.model import AssociatedKind
from hemalum.testing.samples import SPACING_UM, halved, picture
from hemalum.testing.vendors.sample import BARCODE, OBJECTIVE, VendorSample, jpeg, pyramid

TILE_PX = 128

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


def zeiss_czi(folder: Path) -> VendorSample:
    """Zeiss CZI: uncompressed BGR subblocks of two levels, label and overview as attachments. Lossless."""
    path = folder / "zeiss.czi"
    finest = picture(384, 640)
    label, macro = picture(60, 80, seed=14), picture(80, 200, seed=15)
    content = bytearray(_segment(b"ZISRAWFILE", bytes(512)))
    entries: list[bytes] = []
    for factor in (1, 2):
        level = halved(finest, factor)
        for y in range(0, level.shape[0], TILE_PX):
            for x in range(0, level.shape[1], TILE_PX):
                tile = level[y : y + TILE_PX, x : x + TILE_PX]
                entry = _czi_entry(len(content), len(entries), (x, y), tile.shape[1::-1], factor)
                entries.append(entry)
                body = struct.pack("<iiq", 0, 0, tile.size) + entry
                content += _segment(b"ZISRAWSUBBLOCK", body.ljust(256, b"\0") + tile[:, :, ::-1].tobytes())
    attachments = []
    for name, pixels in ((b"Label", label), (b"SlidePreview", macro)):
        stream = jpeg(pixels)
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
        pyramid(finest, halved(finest)),
        vendor="zeiss",
        associated={AssociatedKind.LABEL: label, AssociatedKind.MACRO: macro},
        tolerance=0.0,
    )


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
    return entry + b"".join(
        struct.pack("<4siifi", name, start, length, 0.0, stored) for name, start, length, stored in axes
    )
