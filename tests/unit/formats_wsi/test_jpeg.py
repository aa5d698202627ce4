"""Heads of JPEG streams: what a decoder assumes, and how to make it assume the right colour."""

import imagecodecs
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hemalum.formats.wsi.decode import stream_decodes_as
from hemalum.formats.wsi.jpeg import (
    ADOBE_RGB,
    EOI,
    SOI,
    colour_splice,
    read_head,
    read_segments,
    recoloured,
    tables_only,
)
from hemalum.formats.wsi.model import Colour
from hemalum.kernel.errors import UnreadableSlide

PIXELS = np.full((32, 32, 3), (230, 150, 190), np.uint8)
APP = (0xE0, 0xEE)


def stream(stored: str, *, marked: bool = True) -> bytes:
    made = bytes(
        imagecodecs.jpeg8_encode(PIXELS, 95, colorspace="rgb", outcolorspace=stored, subsampling="444")
    )
    if marked:
        return made
    segments = read_segments(made)
    kept = b"".join(made[s.start : s.end] for s in segments if s.marker not in APP)
    # libjpeg numbers the components of RGB "R", "G", "B", which is a mark too.
    kept = kept.replace(b"\x03R\x11\x00G\x11\x00B\x11\x00", b"\x03\x01\x11\x00\x02\x11\x00\x03\x11\x00")
    kept = kept.replace(b"\x03R\x00G\x00B\x00", b"\x03\x01\x00\x02\x00\x03\x00")
    return SOI + kept + made[segments[-1].end :]


def test_the_head_says_size_sampling_and_assumed_colour() -> None:
    made = bytes(imagecodecs.jpeg8_encode(PIXELS, 90, subsampling="420"))
    head = read_head(made)
    assert (head.frame.width_px, head.frame.height_px, head.frame.precision) == (32, 32, 8)
    assert head.frame.sampling == ((2, 2), (1, 1), (1, 1))
    assert head.assumed_colour is Colour.YCBCR
    assert read_head(stream("rgb")).adobe_transform == 0
    assert read_head(stream("rgb")).assumed_colour is Colour.RGB
    assert read_head(stream("rgb", marked=False)).assumed_colour is Colour.YCBCR


@pytest.mark.parametrize("stored", ["rgb", "ycbcr"])
@pytest.mark.parametrize("lying", [True, False])
@pytest.mark.parametrize("marked", [True, False])
def test_a_splice_makes_a_browser_see_the_true_colour(stored: str, lying: bool, marked: bool) -> None:
    colour = Colour(stored)
    other = Colour.YCBCR if colour is Colour.RGB else Colour.RGB
    made = stream(stored, marked=marked)
    if lying:
        made = recoloured(made, other)
    splice = colour_splice(read_head(made), colour)
    assert splice is not None
    prefix, skip = splice
    shown = stream_decodes_as(prefix + made[skip:])
    assert np.abs(shown.astype(int) - PIXELS).max() <= 2


def test_a_wrong_marker_behind_the_tables_cannot_be_spliced_away() -> None:
    made = stream("ycbcr", marked=False)
    tables = [s for s in read_segments(made) if s.marker == 0xDB]
    hidden = made[: tables[-1].end] + ADOBE_RGB + made[tables[-1].end :]
    assert read_head(hidden).assumed_colour is Colour.RGB
    assert colour_splice(read_head(hidden), Colour.YCBCR) is None


def test_tables_keep_nothing_of_colour() -> None:
    made = stream("rgb")
    segments = read_segments(made)
    abbreviated = SOI + b"".join(made[s.start : s.end] for s in segments if s.marker in (0xDB, 0xEE)) + EOI
    tables = tables_only(abbreviated)
    assert b"Adobe" not in tables
    assert tables.startswith(b"\xff\xdb")


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(tail: bytes) -> None:
    for start in (b"", SOI, SOI + b"\xff\xc0"):
        try:
            read_head(start + tail)
        except UnreadableSlide as refusal:
            assert str(refusal).endswith(".")  # noqa: PT017 - either outcome is right


@given(st.integers(0, 700))
def test_a_head_cut_short_is_refused(length: int) -> None:
    made = stream("ycbcr")
    whole = read_segments(made)[-1].end
    if length < whole:
        with pytest.raises(UnreadableSlide):
            read_head(made[:length])
