"""Scanner formats that come through OpenSlide, on stand-ins; OpenSlide itself is the second opinion."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import openslide
import pytest
import tifffile
from numpy.typing import NDArray
from PIL import Image

from hemalum.formats.wsi import open_slide
from hemalum.formats.wsi.openslide_properties import has_several_planes, read_tags
from hemalum.formats.wsi.openslide_reader import OpenSlideSlide
from hemalum.kernel.geometry import PixelRegion
from hemalum.testing import vendor_samples
from hemalum.testing.conformance import SampleConformance
from hemalum.testing.samples import LOSSY_TOLERANCE
from hemalum.testing.vendor_samples import BARCODE, OBJECTIVE, VendorSample

TOLD = ("vendor", "scanner_model", "scanner_serial", "software", "barcode", "acquired_at")


class VendorConformance(SampleConformance):
    """A stand-in is what OpenSlide takes it for, and shows what OpenSlide shows."""

    sample: ClassVar[VendorSample]
    said: Mapping[str, str]
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
    make = staticmethod(vendor_samples.leica_scn)
    said = {
        "vendor": "Leica",
        "scanner_model": "Leica SCN400",
        "software": "1.5.1.10804",
        "barcode": BARCODE,
        "acquired_at": "2026-03-14T09:26:53.589000+00:00",
    }


class TestPhilipsTiff(VendorConformance):
    make = staticmethod(vendor_samples.philips_tiff)
    said = {
        "vendor": "Philips",
        "scanner_model": "UFS Scanner",
        "scanner_serial": "FMT0107",
        "software": "1.8.6824 20180906_R51",
        "barcode": BARCODE,
        "acquired_at": "2026-03-14T09:26:53",
    }


class TestVentanaBif(VendorConformance):
    make = staticmethod(vendor_samples.ventana_bif)
    said = {
        "vendor": "Ventana",
        "scanner_model": "VENTANA DP 200",
        "scanner_serial": "BI26N0265",
        "software": "3.3.1.1",
        "acquired_at": "2026-03-14T09:26:53",
    }


class TestTrestle(VendorConformance):
    make = staticmethod(vendor_samples.trestle_tiff)
    said = {
        "vendor": "Trestle",
        "software": "MedScan v3.4.2.1 - Release",
        "acquired_at": "2026-03-14T09:26:53",
    }


class TestHamamatsuNdpi(VendorConformance):
    make = staticmethod(vendor_samples.hamamatsu_ndpi)
    said = {
        "vendor": "Hamamatsu",
        "scanner_model": "C13220-01",
        "scanner_serial": "190042",
        "software": "NDP.scan 3.2.12",
        "acquired_at": "2026-03-14T09:26:53",
    }


class TestHamamatsuVms(VendorConformance):
    make = staticmethod(vendor_samples.hamamatsu_vms)
    said = {"vendor": "Hamamatsu"}


class TestMirax(VendorConformance):
    make = staticmethod(vendor_samples.mirax)
    said = {
        "vendor": "3DHISTECH",
        "scanner_model": "Pannoramic 250 Flash III",
        "scanner_serial": "MAN1D_000042",
        "software": "3.0.3",
        "acquired_at": "2026-03-14T09:26:53",
    }


class TestZeissCzi(VendorConformance):
    make = staticmethod(vendor_samples.zeiss_czi)
    said = {
        "vendor": "Zeiss",
        "scanner_model": "Axioscan 7",
        "software": "ZEN slidescan",
        "barcode": BARCODE,
        "acquired_at": "2026-03-14T09:26:53.589000+00:00",
    }
