"""The frame index survives its file form and never points outside its objects."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hemalum.formats.wsi.frame_index import FrameIndex, FrameLevel, FrameRange, read_frame
from hemalum.formats.wsi.model import Codec, Colour, PixelFormat
from hemalum.formats.wsi.source import MemorySource
from hemalum.kernel.errors import UnreadableSlide
from hemalum.kernel.geometry import PixelSize


@st.composite
def levels(draw: st.DrawFn) -> FrameLevel:
    shape = tuple(draw(st.integers(1, 4)) for _ in range(4))
    rng = np.random.default_rng(draw(st.integers(0, 1000)))
    return FrameLevel(
        PixelSize(shape[3] * 256 - 3, shape[2] * 256),
        PixelSize(256, 256),
        draw(st.floats(1, 1000)),
        draw(st.sampled_from(Codec)),
        PixelFormat(draw(st.sampled_from([1, 3])), draw(st.sampled_from(["uint8", "uint16", "float32"]))),
        draw(st.sampled_from(Colour)),
        rng.integers(0, 3, shape).astype(np.uint16),
        rng.integers(0, 2**63, shape).astype(np.uint64),
        rng.integers(0, 2**32, shape).astype(np.uint32),
        prefix=draw(st.binary(max_size=40)),
        skip=draw(st.integers(0, 30)),
        derived=draw(st.booleans()),
        predictor=draw(st.booleans()),
        big_endian=draw(st.booleans()),
    )


@given(st.lists(levels(), max_size=4))
def test_file_form_round_trip(made: list[FrameLevel]) -> None:
    index = FrameIndex(tuple(made))
    buffer = index.to_bytes()
    again = FrameIndex.from_buffer(buffer)
    assert again.to_bytes() == buffer
    assert again.frame_count == index.frame_count
    for one, two in zip(index.levels, again.levels, strict=True):
        for name in ("size", "tile", "downsample", "codec", "pixel", "colour", "prefix", "skip", "derived"):
            assert getattr(one, name) == getattr(two, name)
        assert (one.predictor, one.big_endian) == (two.predictor, two.big_endian)
        for name in ("objects", "offsets", "lengths"):
            assert np.array_equal(getattr(one, name), getattr(two, name))


@given(levels(), st.integers(0, 500))
def test_a_cut_file_is_refused(made: FrameLevel, keep: int) -> None:
    buffer = FrameIndex((made,)).to_bytes()
    if keep < len(buffer) - 64:
        with pytest.raises(UnreadableSlide):
            FrameIndex.from_buffer(buffer[:keep])


def one_level(offset: int, length: int, number: int = 0) -> FrameLevel:
    return FrameLevel(
        *(PixelSize(8, 8), PixelSize(8, 8), 1.0, Codec.RAW, PixelFormat(1, "uint8"), Colour.GREY),
        objects=np.full((1, 1, 1, 1), number, np.uint16),
        offsets=np.full((1, 1, 1, 1), offset, np.uint64),
        lengths=np.full((1, 1, 1, 1), length, np.uint32),
        prefix=b"ab",
        skip=1,
    )


@pytest.mark.parametrize(
    ("offset", "length", "number", "sentence"),
    [
        (90, 11, 0, "past its end"),
        (101, 1, 0, "past its end"),
        (2**64 - 1, 2, 0, "past its end"),
        (0, 1, 1, "not part of the slide"),
    ],
)
def test_ranges_outside_the_object_are_refused(offset: int, length: int, number: int, sentence: str) -> None:
    with pytest.raises(UnreadableSlide, match=sentence):
        FrameIndex((one_level(offset, length, number),)).check_ranges([100])


def test_frames_are_read_with_prefix_and_skip() -> None:
    source = MemorySource(b"0123456789")
    assert read_frame(one_level(2, 3), [source], 0, 0, 0, 0) == b"ab34"
    assert one_level(2, 3).find(0, 0, 0, 0) == FrameRange(0, 2, 3)
    assert read_frame(one_level(2, 0), [source], 0, 0, 0, 0) is None
    FrameIndex((one_level(2, 8),)).check_ranges([10])
    for where in ((0, 0, -1, 0), (0, 0, 1, 0), (1, 0, 0, 0)):
        with pytest.raises(IndexError):
            one_level(2, 3).find(*where)
