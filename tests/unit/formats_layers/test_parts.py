"""Parts of layers come back as they were written, within the steps that the format states."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from hemalum.formats.layers import parts
from hemalum.kernel.errors import Damaged

SIDE = 2048


@given(
    arrays.arrays(np.float64, st.integers(0, 40), elements=st.floats(0, SIDE, exclude_max=True)),
    st.integers(0, 2**32 - 1),
)
def test_places_come_back_within_half_a_step(x: np.ndarray, seed: int) -> None:
    rng = np.random.default_rng(seed)
    y = rng.permutation(x)
    classes = rng.integers(0, 64, len(x)).astype(np.uint8)
    rows = rng.integers(0, 2**32, len(x), np.uint64).astype(np.uint32)
    back = parts.decode_points(parts.encode_points(x, y, classes, rows, SIDE), SIDE)
    assert np.abs(back[0] - x).max(initial=0) <= SIDE / parts.STEPS / 2 + 1e-9
    assert np.abs(back[1] - y).max(initial=0) <= SIDE / parts.STEPS / 2 + 1e-9
    assert np.array_equal(back[2], classes)
    assert np.array_equal(back[3], rows)


@given(
    st.lists(st.integers(0, 9).filter(lambda size: size == 0 or size > 2), max_size=12), st.integers(0, 99)
)
def test_outlines_come_back_within_half_a_step(sizes: list[int], seed: int) -> None:
    corners = np.random.default_rng(seed).uniform(-300, 300, (sum(sizes), 2)).astype(np.float32)
    back = parts.decode_outlines(parts.encode_outlines(parts.Outlines(np.array(sizes, np.int64), corners)))
    assert back.sizes.tolist() == sizes
    assert np.abs(back.corners - corners).max(initial=0) <= parts.FINEST_STEP_PX / 2 + 1e-4


def test_an_outline_of_thousands_of_pixels_keeps_its_shape() -> None:
    corners = np.array([[-8000, -8000], [8000, -8000], [8000, 8000], [-8000, 8000]], np.float32)
    back = parts.decode_outlines(parts.encode_outlines(parts.Outlines(np.array([4]), corners)))
    assert np.abs(back.corners - corners).max() <= 0.5


def test_counts_leave_out_classes_without_any() -> None:
    counts = np.zeros((3, 4, 4), np.uint32)
    counts[1, 2, 3] = 4_000_000_000
    back = parts.decode_counts(parts.encode_counts(counts))
    assert list(back) == [1]
    assert np.array_equal(back[1], counts[1])


def test_columns_and_values_keep_what_has_no_number() -> None:
    column = parts.decode_column(parts.encode_column(np.array([1.5, np.nan, -2])))
    assert column[0] == 1.5
    assert np.isnan(column[1])
    states = np.array([[parts.VALUE, parts.ABSTAINED], [parts.NONE, parts.VALUE]])
    values, back = parts.decode_values(parts.encode_values(np.array([[0.25, 0], [0, 1]]), states))
    assert values.tolist() == [[0.25, 0], [0, 1]]
    assert np.array_equal(back, states)


@pytest.mark.parametrize(
    ("part", "decode"),
    [
        (parts.encode_column(np.arange(5)), parts.decode_column),
        (
            parts.encode_points(*np.ones((4, 3)), SIDE),
            lambda part: parts.decode_points(part, SIDE),
        ),
        (parts.encode_outlines(parts.Outlines(np.array([3]), np.ones((3, 2)))), parts.decode_outlines),
        (parts.encode_counts(np.ones((1, 2, 2), np.uint32)), parts.decode_counts),
        (parts.encode_values(np.ones((2, 2)), np.ones((2, 2))), parts.decode_values),
    ],
)
def test_a_damaged_part_is_told(part: bytes, decode: object) -> None:
    assert callable(decode)
    for wrong in (b"", part[:3], part[:-1], part + b"x", b"HLXX" + part[4:]):
        with pytest.raises(Damaged):
            decode(wrong)
