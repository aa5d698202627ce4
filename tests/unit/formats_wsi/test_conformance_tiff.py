"""Every reader of TIFF files keeps the promises of `Slide`."""

from pathlib import Path

from hemalum.testing import samples
from hemalum.testing.conformance import SampleConformance
from hemalum.testing.samples import SampleSlide


class TestAperioYcbcr(SampleConformance):
    @classmethod
    def make(cls, folder: Path) -> SampleSlide:
        return samples.svs_ycbcr(folder)


class TestAperioRgb(SampleConformance):
    @classmethod
    def make(cls, folder: Path) -> SampleSlide:
        return samples.svs_rgb(folder)


class TestAperioJpeg2000Ycbcr(SampleConformance):
    @classmethod
    def make(cls, folder: Path) -> SampleSlide:
        return samples.svs_jpeg2000(folder, ycbcr=True)


class TestAperioJpeg2000Rgb(SampleConformance):
    @classmethod
    def make(cls, folder: Path) -> SampleSlide:
        return samples.svs_jpeg2000(folder, ycbcr=False)


class TestTiledDeflate(SampleConformance):
    @classmethod
    def make(cls, folder: Path) -> SampleSlide:
        return samples.tiled_tiff(folder, "deflate")


class TestBigTiffLzwPredictorSubIfds(SampleConformance):
    @classmethod
    def make(cls, folder: Path) -> SampleSlide:
        return samples.tiled_tiff(folder, "lzw", predictor=True, big=True, sub_directories=True)


class TestBigEndian16Bit(SampleConformance):
    @classmethod
    def make(cls, folder: Path) -> SampleSlide:
        return samples.tiled_tiff(folder, "deflate", predictor=True, dtype="uint16", byteorder=">")


class TestFloatZstd(SampleConformance):
    @classmethod
    def make(cls, folder: Path) -> SampleSlide:
        return samples.tiled_tiff(folder, "zstd", predictor=True, dtype="float32")


class TestUncompressed16Bit(SampleConformance):
    @classmethod
    def make(cls, folder: Path) -> SampleSlide:
        return samples.tiled_tiff(folder, "none", dtype="uint16")


class TestPackBits(SampleConformance):
    @classmethod
    def make(cls, folder: Path) -> SampleSlide:
        return samples.tiled_tiff(folder, "packbits")


class TestPast4Gib(SampleConformance):
    @classmethod
    def make(cls, folder: Path) -> SampleSlide:
        return samples.tiled_tiff_past_4_gib(folder)


class TestJpegYcbcrWithoutTables(SampleConformance):
    @classmethod
    def make(cls, folder: Path) -> SampleSlide:
        return samples.jpeg_tiff(folder, ycbcr=True)


class TestJpegRgbWithoutTables(SampleConformance):
    @classmethod
    def make(cls, folder: Path) -> SampleSlide:
        return samples.jpeg_tiff(folder, ycbcr=False)


class TestOmeTiffPlanesAndChannels(SampleConformance):
    @classmethod
    def make(cls, folder: Path) -> SampleSlide:
        return samples.ome_tiff(folder)


class TestOmeTiffBrightfield(SampleConformance):
    @classmethod
    def make(cls, folder: Path) -> SampleSlide:
        return samples.ome_tiff_rgb(folder)


class TestStripTiff(SampleConformance):
    @classmethod
    def make(cls, folder: Path) -> SampleSlide:
        return samples.strip_tiff(folder)


class TestStripsOf16BitChannels(SampleConformance):
    @classmethod
    def make(cls, folder: Path) -> SampleSlide:
        return samples.strip_tiff(folder, "uint16")
