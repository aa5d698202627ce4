"""Readers of Chinese scanners' formats keep the promises of `Slide`, on files that know nothing of them."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest

from hemalum.formats.wsi import open_slide
from hemalum.kernel.errors import UnreadableSlide
from hemalum.kernel.geometry import PixelRegion
from hemalum.testing.conformance import SampleConformance
from hemalum.testing.domestic_writers.kfb import write_huge_kfb, write_kfb
from hemalum.testing.domestic_writers.kfbf import write_huge_kfbf, write_kfbf
from hemalum.testing.domestic_writers.makers import MAKERS, STUBS
from hemalum.testing.domestic_writers.mdsx import write_mdsx
from hemalum.testing.domestic_writers.sdpc import write_huge_sdpc, write_sdpc
from hemalum.testing.domestic_writers.written import HugeTable, WrittenSlide, decode_jpeg
from hemalum.testing.domestic_writers.zyp import write_zyp
from hemalum.testing.samples import SampleSlide, picture

PICTURE = picture(700, 900)
GREYS = [picture(700, 900, seed)[:, :, 1:2] for seed in range(4)]


class DomesticConformance(SampleConformance):
    """The suite on what a writer says it wrote, cut to the pictures and levels that are read."""

    write: ClassVar[Callable[[Path], WrittenSlide]]

    @classmethod
    def make(cls, folder: Path) -> SampleSlide:
        sample = cls.write(folder).as_sample()
        with open_slide(sample.path) as slide:
            sizes = [level.size for level in slide.description.levels]
        levels = zip(sample.levels, sizes, strict=False)
        return replace(sample, levels=tuple(a[:, :, : s.height_px, : s.width_px] for a, s in levels))


class TestKfb(DomesticConformance):
    write = staticmethod(lambda folder: write_kfb(folder / "x", PICTURE))


class TestKfbf(DomesticConformance):
    write = staticmethod(lambda folder: write_kfbf(folder / "x", GREYS))


class TestSdpc(DomesticConformance):
    write = staticmethod(lambda folder: write_sdpc(folder / "x", PICTURE))


class TestMdsx(DomesticConformance):
    write = staticmethod(lambda folder: write_mdsx(folder / "x", PICTURE))


class TestZyp(DomesticConformance):
    write = staticmethod(lambda folder: write_zyp(folder / "x", PICTURE))


SMALL = picture(436, 612)
GREY = [picture(436, 612, seed)[:, :, 1:2] for seed in range(3)]
VARIANTS: dict[str, Callable[[Path], WrittenSlide]] = {
    **{f"maker {number}": maker for number, maker in enumerate(MAKERS)},
    "kfb padded": lambda folder: write_kfb(folder / "x", SMALL, edge_tiles="padded"),
    "kfb entry": lambda folder: write_kfb(folder / "x", PICTURE, offset_base="entry"),
    "kfbf one channel": lambda folder: write_kfbf(folder / "x", GREY[:1]),
    "kfbf wide": lambda folder: write_kfbf(
        folder / "x", GREYS, orientation="width_first", edge_tiles="padded"
    ),
    "kfbf sparse": lambda folder: write_kfbf(folder / "x", GREYS, missing={(0, 0, 0), (0, 2, 3), (1, 0, 1)}),
    "sdpc other header": lambda folder: write_sdpc(
        folder / "x", SMALL, header_bytes=156, size_counts_table=True
    ),
    "sdpc sparse": lambda folder: write_sdpc(folder / "x", PICTURE, missing={(0, 0, 0), (1, 1, 0)}),
    "sdpc bare": lambda folder: write_sdpc(folder / "x", SMALL, person=None, with_extra=False),
    "zyp sparse": lambda folder: write_zyp(folder / "x", PICTURE, missing={(0, 0, 0), (0, 2, 1)}),
    "zyp aligned": lambda folder: write_zyp(folder / "x", PICTURE, corner=(256, 512)),
    "zyp bare": lambda folder: write_zyp(
        folder / "x", SMALL, value_form="bare_utf16", version_form="bare_ascii"
    ),
    "zyp ascii": lambda folder: write_zyp(folder / "x", SMALL, value_form="bare_ascii", size_form="WxH"),
    "zyp apart": lambda folder: write_zyp(folder / "x", SMALL, size_form="apart", remark="备注" * 200),
    "zyp no pair": lambda folder: write_zyp(folder / "x", SMALL, marker_pair=b"", version="2.01"),
    "mdsx up": lambda folder: write_mdsx(folder / "x", picture(511, 1023), rounding="up"),
    "mdsx broken path": lambda folder: write_mdsx(
        folder / "x", SMALL, broken_path=True, text_form="utf-16-le"
    ),
    "mdsx sparse": lambda folder: write_mdsx(folder / "x", PICTURE, missing={(0, 0, 0), (1, 0, 1)}),
}


@pytest.mark.parametrize("name", VARIANTS)
def test_every_way_of_writing_is_read(tmp_path: Path, name: str) -> None:
    written = VARIANTS[name](tmp_path)
    sample = written.as_sample()
    with open_slide(written.path) as slide:
        description = slide.description
        assert len(description.levels) >= (2 if written.path.suffix == ".zyp" else 1)
        for number, level in enumerate(description.levels):
            for channel in range(len(description.channels)):
                region = PixelRegion(0, 0, level.size.width_px, level.size.height_px)
                read = slide.read_level(number, region, channel=channel).astype(float)
                truth = sample.levels[number][0, channel, : read.shape[0], : read.shape[1]]
                assert np.abs(read - truth).mean() <= sample.tolerance
        pictures = {kind.value: slide.read_associated(kind) for kind in description.associated}
    assert description.spacing_um is not None
    assert description.spacing_um.x_um == pytest.approx(written.spacing_um, rel=1e-6)
    assert description.objective_power == written.objective
    expected = {kind: pixels for kind, pixels in written.associated.items() if kind != "thumbnail"}
    assert {kind: pixels.shape for kind, pixels in pictures.items()} == {
        kind: (*pixels.shape[:2], 3) for kind, pixels in expected.items()
    }
    assert description.scanner_serial == written.properties.get("serial")
    assert [channel.name for channel in description.channels] == (
        [channel.name for channel in written.channels] or ["brightfield"]
    )
    person = written.properties.get("person")
    if person is not None:
        assert set(map(str, person.values())) <= set(description.clinical.values())


def test_hevc_tiles_are_read(tmp_path: Path) -> None:
    pytest.importorskip("av")
    written = write_sdpc(tmp_path / "x", SMALL, codec="hevc")
    with open_slide(written.path) as slide:
        size = slide.description.size
        read = slide.read_level(0, PixelRegion(0, 0, size.width_px, size.height_px)).astype(float)
    assert np.abs(read - written.levels[0].pixels[0, 0]).mean() < 2


def test_numbers_of_unknown_meaning_that_vary_are_refused(tmp_path: Path) -> None:
    written = write_mdsx(tmp_path / "x", SMALL, words="varied")
    with pytest.raises(UnreadableSlide, match="not known, and it varies"):
        open_slide(written.path)


@pytest.mark.parametrize(("name", "write"), STUBS)
def test_what_is_not_read_is_named_with_what_to_do(
    tmp_path: Path, name: str, write: Callable[[Path], None]
) -> None:
    write(tmp_path / name)
    kinds = {"tmap": "TMAP", "tron": "TRON", "mds": "MDS", "sdpc": "SDPC"}
    with pytest.raises(UnreadableSlide, match=kinds[name.split(".")[1]]) as refusal:
        open_slide(tmp_path / name)
    assert str(refusal.value).endswith("export it as DICOM, SVS or TIFF with the scanner's software.")


@pytest.mark.parametrize(
    "write",
    [
        lambda path: write_huge_kfb(path, side_px=1024),
        lambda path: write_huge_kfbf(path, side_px=1024),
        lambda path: write_huge_sdpc(path, side_tiles=64, stored_bytes=1_400_000),
    ],
    ids=["kfb", "kfbf", "sdpc"],
)
def test_tiles_past_4_gib_are_read(tmp_path: Path, write: Callable[[Path], HugeTable]) -> None:
    written = write(tmp_path / "x")
    assert written.path.stat().st_size > 1 << 32
    with open_slide(written.path) as slide:
        index = slide.frame_index
        assert index is not None
        assert int(index.levels[0].offsets.max()) > 1 << 32
        level, tile = slide.description.levels[0], index.levels[0].tile
        corner = (level.size.width_px - tile.width_px, level.size.height_px - tile.height_px)
        read = slide.read_level(0, PixelRegion(*corner, tile.width_px, tile.height_px))
    assert np.abs(read.astype(float) - decode_jpeg(written.stream)).mean() < 2
