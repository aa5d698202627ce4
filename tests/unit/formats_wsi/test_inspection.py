"""What ingest finds out about a scan suffices to show it, in every format; absurd scans are refused."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from hemalum.formats.wsi.decode import decode_frame
from hemalum.formats.wsi.frame_index import FrameIndex, read_frame
from hemalum.formats.wsi.inspection import inspect
from hemalum.formats.wsi.source import ByteSource, FileSource, close_all
from hemalum.kernel.errors import UnreadableSlide
from hemalum.testing import samples
from hemalum.testing.samples import MAKERS, SampleSlide


def _inspect(paths: tuple[Path, ...], folder: Path) -> tuple[FrameIndex, list[ByteSource]]:
    folder.mkdir()
    answer = inspect([str(path) for path in paths], str(folder), lambda *_: None)
    sources: list[ByteSource] = [FileSource(Path(path)) for path in answer["paths"]]
    if answer["derived_bytes"]:
        sources.append(FileSource(folder / "derived.bin"))
        assert sources[-1].size == answer["derived_bytes"]
    return FrameIndex.from_buffer((folder / "index.hfi").read_bytes()), sources


@pytest.mark.parametrize("make", MAKERS)
def test_every_format_ends_with_a_complete_index(tmp_path: Path, make: Callable[[Path], SampleSlide]) -> None:
    sample = make(tmp_path)
    index, sources = _inspect(sample.paths, tmp_path / "out")
    try:
        index.check_ranges([source.size for source in sources])
        coarsest = index.levels[-1].size
        assert max(coarsest.width_px, coarsest.height_px) <= 512
        planes, channels = sample.levels[0].shape[:2]
        for number, level in enumerate(index.levels):
            assert (level.planes, level.channels) == (planes, channels)
            if number >= len(sample.levels):
                continue
            for plane, channel in np.ndindex(planes, channels):
                stream = read_frame(level, sources, plane, channel, 0, 0)
                assert stream is not None
                truth = sample.levels[number][plane, channel, : level.tile.height_px, : level.tile.width_px]
                frame = decode_frame(level, stream)[: truth.shape[0], : truth.shape[1]]
                assert np.abs(frame.astype(np.float64) - truth).mean() <= max(sample.tolerance, 0.5)
    finally:
        close_all(sources)
    description = json.loads((tmp_path / "out/description.json").read_text())
    assert len(description["levels"]) == len(index.levels)
    with Image.open(tmp_path / "out/thumbnail.jpg") as thumbnail:
        assert max(thumbnail.size) == samples.WIDTH_PX


def test_more_pixels_than_fit_on_glass_are_refused(tmp_path: Path) -> None:
    path = _sparse(tmp_path, 4_000_000, 4096)
    with pytest.raises(UnreadableSlide, match="4000000 x 4000000 pixels, more than fit on any glass"):
        _inspect((path,), tmp_path / "out")


def test_a_scan_of_nothing_is_refused(tmp_path: Path) -> None:
    path = _sparse(tmp_path, 40_000, 1024)
    with pytest.raises(UnreadableSlide, match="holds no pixels"):
        _inspect((path,), tmp_path / "out")


def _sparse(folder: Path, side_px: int, tile_px: int) -> Path:
    """A TIFF that leaves out every tile."""
    path = folder / "sparse.tiff"
    count = (-(-side_px // tile_px)) ** 2
    with tifffile.TiffWriter(path, bigtiff=True) as writer:
        writer.write(
            iter([b""] * count),
            shape=(side_px, side_px, 3),
            dtype=np.uint8,
            tile=(tile_px, tile_px),
            photometric="rgb",
            compression="deflate",
            metadata=None,
        )
    return path
