"""Scanner formats that come through OpenSlide, on stand-ins; OpenSlide itself is the second opinion."""

import struct
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import ClassVar

import numpy as np
import openslide
import pytest
from numpy.typing import NDArray
from PIL import Image

from hemalum.formats.wsi import open_slide
from hemalum.formats.wsi.openslide_properties import SEVERAL_PLANES, has_several_planes, read_tags
from hemalum.formats.wsi.openslide_reader import OpenSlideSlide
from hemalum.kernel.errors import UnreadableSlide
from hemalum.kernel.geometry import PixelRegion
from hemalum.testing import vendors
from hemalum.testing.conformance import SampleConformance
from hemalum.testing.samples import LOSSY_TOLERANCE
from hemalum.testing.vendors import BARCODE, OBJECTIVE, VENDOR_MAKERS, VendorSample

TOLD = ("vendor", "scanner_model", "scanner_serial", "software", "barcode", "acquired_at")


class VendorConformance(SampleConformance):
    """A stand-in is what OpenSlide takes it for, and shows what OpenSlide shows."""

    sample: ClassVar[VendorSample]
    said: ClassVar[Mapping[str, str]]
    """What the file says of itself, of `TOLD`; what is left out it does not say."""

    @pytest.fixture
    def theirs(self) -> Iterator[openslide.OpenSlide]:
        with openslide.OpenSlide(self.sample.path) as slide:
            yield slide

    @pytest.fixture
    def ours(self) -> Iterator[OpenSlideSlide]:
        with open_slide(self.sample.path) as slide:
            assert isinstance(slide, OpenSlideSlide)
            yield slide

    def test_it_is_taken_for_its_vendors(self, ours: OpenSlideSlide) -> None:
        assert openslide.OpenSlide.detect_format(self.sample.path) == self.sample.vendor
        assert ours.description.format == self.sample.vendor

    def test_levels_and_pixels_are_openslides(
        self, ours: OpenSlideSlide, theirs: openslide.OpenSlide
    ) -> None:
        sizes = [(level.size.width_px, level.size.height_px) for level in ours.description.levels]
        assert tuple(sizes) == theirs.level_dimensions
        for level, size in enumerate(sizes):
            pixels = ours.read_level(level, PixelRegion(0, 0, *size))
            assert np.array_equal(pixels, on_white(theirs.read_region((0, 0), level, size)))

    def test_pictures_are_openslides_and_the_true_ones(
        self, ours: OpenSlideSlide, theirs: openslide.OpenSlide
    ) -> None:
        assert set(ours.description.associated) == set(self.sample.associated)
        assert {kind.value for kind in self.sample.associated} == set(theirs.associated_images)
        for kind, truth in self.sample.associated.items():
            pixels = ours.read_associated(kind)
            assert np.array_equal(pixels, on_white(theirs.associated_images[kind.value]))
            assert np.abs(pixels.astype(float) - truth).mean() <= LOSSY_TOLERANCE

    def test_scale_and_objective_are_openslides(
        self, ours: OpenSlideSlide, theirs: openslide.OpenSlide
    ) -> None:
        said = ours.description
        assert said.spacing_um is not None
        assert said.spacing_um.x_um == float(theirs.properties["openslide.mpp-x"])
        assert said.spacing_um.y_um == float(theirs.properties["openslide.mpp-y"])
        assert said.objective_power == float(theirs.properties["openslide.objective-power"]) == OBJECTIVE

    def test_it_says_what_it_was_told_and_where(self, ours: OpenSlideSlide) -> None:
        said = ours.description
        told = {name: value for name in TOLD if (value := getattr(said, name)) is not None}
        assert told == self.said
        assert said.warnings == ()
        assert set(said.sources) == {*self.said, "spacing_um", "objective_power"} - {"vendor"}
        assert set(said.sources.values()) <= set(said.properties)


def on_white(image: Image.Image) -> NDArray[np.uint8]:
    white = Image.new("RGBA", image.size, "white")
    white.alpha_composite(image.convert("RGBA"))
    return np.asarray(white.convert("RGB"))


class TestLeicaScn(VendorConformance):
    make = staticmethod(vendors.leica_scn)
    said: ClassVar = {
        "vendor": "Leica",
        "scanner_model": "Leica SCN400",
        "software": "1.5.1.10804",
        "barcode": BARCODE,
        "acquired_at": "2026-03-14T09:26:53.589000+00:00",
    }


class TestPhilipsTiff(VendorConformance):
    make = staticmethod(vendors.philips_tiff)
    said: ClassVar = {
        "vendor": "Philips",
        "scanner_model": "UFS Scanner",
        "scanner_serial": "FMT0107",
        "software": "1.8.6824 20180906_R51",
        "barcode": BARCODE,
        "acquired_at": "2026-03-14T09:26:53",
    }


class TestVentanaBif(VendorConformance):
    make = staticmethod(vendors.ventana_bif)
    said: ClassVar = {
        "vendor": "Ventana",
        "scanner_model": "VENTANA DP 200",
        "scanner_serial": "BI26N0265",
        "software": "3.3.1.1",
        "acquired_at": "2026-03-14T09:26:53",
    }


class TestTrestle(VendorConformance):
    make = staticmethod(vendors.trestle_tiff)
    said: ClassVar = {
        "vendor": "Trestle",
        "software": "MedScan v3.4.2.1 - Release",
        "acquired_at": "2026-03-14T09:26:53",
    }


class TestHamamatsuNdpi(VendorConformance):
    make = staticmethod(vendors.hamamatsu_ndpi)
    said: ClassVar = {
        "vendor": "Hamamatsu",
        "scanner_model": "C13220-01",
        "scanner_serial": "190042",
        "software": "NDP.scan 3.2.12",
        "acquired_at": "2026-03-14T09:26:53",
    }


class TestHamamatsuVms(VendorConformance):
    make = staticmethod(vendors.hamamatsu_vms)
    said: ClassVar = {"vendor": "Hamamatsu"}


class TestMirax(VendorConformance):
    make = staticmethod(vendors.mirax_mrxs)
    said: ClassVar = {
        "vendor": "3DHISTECH",
        "scanner_model": "Pannoramic 250 Flash III",
        "scanner_serial": "MAN1D_000042",
        "software": "3.0.3",
        "acquired_at": "2026-03-14T09:26:53",
    }


class TestZeissCzi(VendorConformance):
    make = staticmethod(vendors.zeiss_czi)
    said: ClassVar = {
        "vendor": "Zeiss",
        "scanner_model": "Axioscan 7",
        "software": "ZEN slidescan",
        "barcode": BARCODE,
        "acquired_at": "2026-03-14T09:26:53.589000+00:00",
    }


class TestMiraxByItsFirstFileAlone(TestMirax):
    def open(self, tmp_path: Path) -> OpenSlideSlide:
        slide = open_slide(self.sample.path)
        assert isinstance(slide, OpenSlideSlide)
        return slide


def test_regions_that_begin_beside_the_scanned_part_are_not_displaced(tmp_path: Path) -> None:
    """OpenSlide 4.0.1 shows them one pixel off on coarser levels of a Leica SCN."""
    with open_slide(vendors.leica_scn(tmp_path).path) as slide:
        size = slide.description.levels[1].size
        whole = slide.read_level(1, PixelRegion(0, 0, size.width_px, size.height_px))
        for x, y in [(0, 0), (100, 20), (159, 47), (161, 49), (300, 100)]:
            part = slide.read_level(1, PixelRegion(x, y, 120, 110))
            assert np.array_equal(part, whole[y : y + 110, x : x + 120])


def test_a_part_that_begins_beside_the_glass_is_shown_as_far_as_it_lies_on_it(tmp_path: Path) -> None:
    sample = vendors.leica_scn(tmp_path)
    scanned = sample.levels[0][0, 0, 96:532, 320:932]
    sample.path.write_bytes(sample.path.read_bytes().replace(b'offsetX="160000"', b'offsetX="-16000"'))
    with open_slide(sample.path) as slide:
        assert slide.description.properties["openslide.region[0].x"] == "-32"
        shown = slide.read_level(0, PixelRegion(0, 96, 580, 436))
    assert np.abs(shown.astype(float) - scanned[:, 32:]).mean() <= LOSSY_TOLERANCE


@pytest.mark.parametrize("name", ["hamamatsu-vms", "mirax-mrxs"])
def test_a_slide_of_several_files_is_not_shown_without_them(tmp_path: Path, name: str) -> None:
    sample = VENDOR_MAKERS[name](tmp_path)
    for path in sample.paths[1:]:
        if path.suffix == ".opt":  # it only makes reading faster
            continue
        content = path.read_bytes()
        path.unlink()
        refusal = _refusal_of(sample.path)
        assert path.name in refusal
        assert str(tmp_path) not in refusal
        path.write_bytes(content)


def _refusal_of(path: Path) -> str:
    with pytest.raises(UnreadableSlide) as refusal:
        _read_all(path)
    return str(refusal.value)


def _read_all(path: Path) -> None:
    with open_slide(path) as slide:
        size = slide.description.size
        slide.read_level(0, PixelRegion(0, 0, size.width_px, size.height_px))


def test_what_openslide_says_in_several_lines_becomes_one_sentence(tmp_path: Path) -> None:
    path = vendors.philips_tiff(tmp_path).path
    photometric = struct.pack("<HHI", 262, 3, 1)
    content = path.read_bytes().replace(photometric + b"\6", photometric + b"\0")
    path.write_bytes(content)
    refusal = _refusal_of(path)
    assert refusal.startswith("OpenSlide cannot decode this region: ")
    assert "sampling factors" in refusal
    assert "\n" not in refusal
    assert refusal.endswith(".")
    assert len(refusal) < 300


def test_the_first_of_several_files_alone_is_named_as_that(tmp_path: Path) -> None:
    for name, missing in [("mirax-mrxs", "mirax/Slidedat.ini"), ("hamamatsu-vms", "hamamatsu(1,0).jpg")]:
        alone = tmp_path / name
        (alone / "made").mkdir(parents=True)
        first = VENDOR_MAKERS[name](alone / "made").path
        first = first.rename(alone / first.name)
        with pytest.raises(UnreadableSlide) as refusal:
            open_slide(first)
        assert str(refusal.value) == (
            f"{first.name} is one of several files of a slide, and {missing} is not beside it: "
            "take the slide in by its path, where all of its files lie together."
        )


def test_the_preview_in_a_mirax_file_never_passes_for_the_slide(tmp_path: Path) -> None:
    sample = vendors.mirax_mrxs(tmp_path)
    shouted = sample.path.rename(tmp_path / "mirax.MRXS")
    assert _refusal_of(shouted) == "mirax.MRXS is not a slide in any format OpenSlide knows."


def test_other_files_than_its_own_do_not_make_one_slide(tmp_path: Path) -> None:
    sample = vendors.hamamatsu_vms(tmp_path)
    other = tmp_path / "other.jpg"
    other.write_bytes(sample.paths[1].read_bytes())
    with pytest.raises(UnreadableSlide, match="only when all of them are DICOM"):
        open_slide([sample.path, other])


def _ndpi_with_a_plane(folder: Path) -> Path:
    """The second level says that it lies 2 um higher."""
    path = vendors.hamamatsu_ndpi(folder).path
    content = path.read_bytes()
    tag = struct.pack("<HHIi", 65424, 9, 1, 0)
    second = content.index(tag, content.index(tag) + 1)
    path.write_bytes(content[:second] + struct.pack("<HHIi", 65424, 9, 1, 2000) + content[second + 12 :])
    return path


def _scn_with_a_plane(folder: Path) -> Path:
    path = vendors.leica_scn(folder).path
    path.write_bytes(path.read_bytes().replace(b'r="1" ifd', b'z="1" ifd'))
    return path


def _mirax_with_planes(folder: Path) -> Path:
    path = vendors.mirax_mrxs(folder).path
    slidedat = path.with_suffix("") / "Slidedat.ini"
    axis = "HIER_COUNT = 2\nHIER_1_NAME = Microscope focus level\nHIER_1_COUNT = 9"
    slidedat.write_text(slidedat.read_text().replace("\nHIER_COUNT = 1", f"\n{axis}"))
    return path


def _vms_with_planes(folder: Path) -> Path:
    path = vendors.hamamatsu_vms(folder).path
    path.write_text(path.read_text().replace("NoLayers=1", "NoLayers=3"))
    return path


@pytest.mark.parametrize(
    "make", [_ndpi_with_a_plane, _scn_with_a_plane, _mirax_with_planes, _vms_with_planes]
)
def test_focal_planes_that_are_not_shown_are_told_of(tmp_path: Path, make: Callable[[Path], Path]) -> None:
    with open_slide(make(tmp_path)) as slide:
        assert slide.description.warnings == (SEVERAL_PLANES,)
        assert len(slide.description.planes) == 1


@pytest.mark.parametrize(
    ("make", "written", "instead", "reason"),
    [
        (vendors.leica_scn, b"brightfield", b"fluorescenc", "Can't find main image"),
        (vendors.zeiss_czi, b"DV\3\0\0\0", b"DV\1\0\0\0", "Pixel type GRAY16 is not supported"),
        (vendors.zeiss_czi, b"M\0\0\0\1", b"Z\0\0\0\1", 'Unrecognized subblock dimension "Z"'),
    ],
)
def test_fluorescence_and_stacks_that_openslide_does_not_know_are_refused(
    tmp_path: Path, make: Callable[[Path], VendorSample], written: bytes, instead: bytes, reason: str
) -> None:
    path = make(tmp_path).path
    path.write_bytes(path.read_bytes().replace(written, instead))
    assert _refusal_of(path) == f"OpenSlide cannot read {path.name}: {reason}."


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2009/12/31", "2009-12-31"),
        ("2009:12:31 09:11:46", "2009-12-31T09:11:46"),
        ("2012-08-28T02:27:41.2510000Z", "2012-08-28T02:27:41.251000+00:00"),
        ("yesterday", None),
        ("20090101", None),
        ("", None),
    ],
)
def test_moments_are_read_and_never_made_up(text: str, moment: str | None) -> None:
    values, sources = read_tags({"tiff.DateTime": text})
    assert values.get("acquired_at") == moment
    assert ("acquired_at" in sources) == (moment is not None)


def test_only_what_a_vendor_joins_is_taken_apart() -> None:
    values, _ = read_tags(
        {
            "openslide.barcode": 'A;"1"',
            "leica.device-model": "SCN400;SCN",
            "mirax.NONHIERLAYER_10_SECTION.SCANNER_HARDWARE_ID": "S;1",
            "tiff.Software": "NDP; scan",
        }
    )
    assert values == {
        "barcode": 'A;"1"',
        "scanner_model": "SCN400",
        "scanner_serial": "S;1",
        "software": "NDP; scan",
    }


def test_numbers_of_planes_that_are_none_are_not_believed() -> None:
    assert has_several_planes({"ventana.Z-layers": "3"})
    for text in ("1", "0", "", "-3", "3.5", "many", "٣", "9" * 5000):
        assert not has_several_planes({"ventana.Z-layers": text, "mirax.HIERARCHICAL.HIER_COUNT": text})
