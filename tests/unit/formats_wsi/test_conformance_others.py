"""DICOM, pictures and what OpenSlide reads keep the promises of `Slide`."""

from pathlib import Path

from hemalum.formats.wsi.openslide_reader import OpenSlideSlide
from hemalum.formats.wsi.slide import Slide
from hemalum.testing import samples
from hemalum.testing.conformance import SampleConformance
from hemalum.testing.samples import SampleSlide


class TestDicomYbr422(SampleConformance):
    @classmethod
    def make(cls, folder: Path) -> SampleSlide:
        return samples.dicom_slide(folder, "YBR_FULL_422")


class TestDicomRgbJpeg(SampleConformance):
    @classmethod
    def make(cls, folder: Path) -> SampleSlide:
        return samples.dicom_slide(folder, "RGB")


class TestDicomNative(SampleConformance):
    @classmethod
    def make(cls, folder: Path) -> SampleSlide:
        return samples.dicom_slide(folder, "native")


class TestOpenSlideOnAperio(SampleConformance):
    @classmethod
    def make(cls, folder: Path) -> SampleSlide:
        return samples.svs_ycbcr(folder)

    def open(self, tmp_path: Path) -> Slide:
        return OpenSlideSlide(self.sample.path)


class TestOpenSlideOnGenericTiff(SampleConformance):
    @classmethod
    def make(cls, folder: Path) -> SampleSlide:
        return samples.tiled_tiff(folder, "deflate")

    def open(self, tmp_path: Path) -> Slide:
        return OpenSlideSlide(self.sample.path)


class TestPng(SampleConformance):
    @classmethod
    def make(cls, folder: Path) -> SampleSlide:
        return samples.plain_picture(folder, "PNG")


class TestPlainJpeg(SampleConformance):
    @classmethod
    def make(cls, folder: Path) -> SampleSlide:
        return samples.plain_picture(folder, "JPEG")


class TestWebp(SampleConformance):
    @classmethod
    def make(cls, folder: Path) -> SampleSlide:
        return samples.plain_picture(folder, "WEBP")


class TestJpeg2000Picture(SampleConformance):
    @classmethod
    def make(cls, folder: Path) -> SampleSlide:
        return samples.plain_picture(folder, "JPEG2000")


class TestJpegLsPicture(SampleConformance):
    @classmethod
    def make(cls, folder: Path) -> SampleSlide:
        return samples.plain_picture(folder, "JPEG-LS")
