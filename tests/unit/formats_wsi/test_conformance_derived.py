"""What ingest makes of slides without tiles of their own keeps the promises of `Slide` too."""

from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hemalum.formats.wsi import open_slide
from hemalum.formats.wsi.derive import complete_levels
from hemalum.formats.wsi.indexed import IndexedSlide
from hemalum.formats.wsi.openslide_reader import OpenSlideSlide
from hemalum.formats.wsi.slide import Slide
from hemalum.formats.wsi.source import FileSource
from hemalum.testing import samples
from hemalum.testing.conformance import SampleConformance
from hemalum.testing.samples import LOSSY_TOLERANCE, SampleSlide


def _with_halves(sample: SampleSlide, tolerance: float) -> SampleSlide:
    """The truth of a picture of one level, and of the one that is derived from it."""
    finest = sample.levels[0]
    half = np.stack([np.stack([samples.halved(c) for c in plane]) for plane in finest])
    levels: tuple[NDArray[np.generic], ...] = (finest, half)
    return SampleSlide(sample.paths, levels, tolerance, sample.spacing_um)


def _derived(slide: Slide, tmp_path: Path, *, lossy: bool) -> IndexedSlide:
    path = tmp_path / "derived.bin"
    with slide:
        completed = complete_levels(slide, path, 0, lossy=lossy, progress=lambda *_: None)
    assert completed.derived_bytes == path.stat().st_size
    # Label and macro are kept as pictures beside the index.
    description = replace(completed.description, associated=())
    return IndexedSlide(description, completed.index, [FileSource(path)])


class TestLosslessTiles(SampleConformance):
    @classmethod
    def make(cls, folder: Path) -> SampleSlide:
        return _with_halves(samples.strip_tiff(folder), 0.5)

    def open(self, tmp_path: Path) -> Slide:
        return _derived(open_slide(self.sample.path), tmp_path, lossy=False)


class TestChannelsOf16Bit(SampleConformance):
    @classmethod
    def make(cls, folder: Path) -> SampleSlide:
        return _with_halves(samples.strip_tiff(folder, "uint16"), 0.5)

    def open(self, tmp_path: Path) -> Slide:
        return _derived(open_slide(self.sample.path), tmp_path, lossy=False)


class TestFloatChannels(SampleConformance):
    @classmethod
    def make(cls, folder: Path) -> SampleSlide:
        return _with_halves(samples.strip_tiff(folder, "float32"), 0.01)

    def open(self, tmp_path: Path) -> Slide:
        return _derived(open_slide(self.sample.path), tmp_path, lossy=False)


class TestLossyTilesOfWhatOpenSlideReads(SampleConformance):
    @classmethod
    def make(cls, folder: Path) -> SampleSlide:
        sample = samples.svs_ycbcr(folder)
        return SampleSlide(sample.paths, sample.levels[:2], LOSSY_TOLERANCE)

    def open(self, tmp_path: Path) -> Slide:
        return _derived(OpenSlideSlide(self.sample.path), tmp_path, lossy=True)
