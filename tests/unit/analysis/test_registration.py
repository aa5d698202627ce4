"""Transforms between slides: what they leave over at landmarks, and which of them can be none."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.interpolate import RegularGridInterpolator

from hemalum.analysis.registration import Affine, Landmark, check_affine, check_bending, residual_um
from hemalum.formats.displacements import (
    MOST_BYTES,
    MOST_NODES,
    DisplacementGrid,
    decode_displacements,
    encode_displacements,
)
from hemalum.kernel.errors import Invalid
from hemalum.testing.synth.sections import deformation

RNG = np.random.default_rng(11)
SAME = Affine(1, 0, 0, 1, 0, 0)


def test_displacements_lie_between_nodes_as_scipy_says() -> None:
    values = RNG.normal(0, 30, (5, 7, 2)).astype(np.float32)
    grid = DisplacementGrid(-100, 40, 25, 60, values)
    places = RNG.uniform((-100, 40), (50, 280), (200, 2))
    rows, columns = 40 + 60 * np.arange(5.0), -100 + 25 * np.arange(7.0)
    other = RegularGridInterpolator((rows, columns), values.astype(float))(places[:, ::-1])
    assert np.allclose(grid.at(places), other)
    assert np.allclose(grid.at(np.array([[-9e5, 9e5]])), values[-1, 0])


@given(
    arrays(
        np.float32,
        st.tuples(st.integers(2, 6), st.integers(2, 6), st.just(2)),
        elements=st.floats(-10_000, 10_000, width=32),
    ),
    st.floats(-1e6, 1e6),
    st.floats(0.001, 1e6),
)
def test_bytes_are_the_grid_again(values: np.ndarray, place: float, step: float) -> None:
    content = encode_displacements(DisplacementGrid(place, -place, step, step / 2, values))
    again = decode_displacements(content)
    assert (again.origin_x_um, again.origin_y_um, again.step_y_um) == (place, -place, step / 2)
    assert np.array_equal(again.values, values)
    assert encode_displacements(again) == content


@given(st.binary(max_size=200))
def test_any_other_bytes_are_refused(content: bytes) -> None:
    for each in (content, b"HEMALDG1" + content):
        with pytest.raises(Invalid):
            decode_displacements(each)


def test_the_largest_grid_is_as_long_as_is_said() -> None:
    largest = np.zeros((MOST_NODES // 256, 256, 2), np.float32)
    content = encode_displacements(DisplacementGrid(0, 0, 1, 1, largest))
    assert len(content) == MOST_BYTES
    decode_displacements(content)
    with pytest.raises(Invalid, match="at most 65536"):
        decode_displacements(encode_displacements(DisplacementGrid(0, 0, 1, 1, np.zeros((257, 256, 2)))))


def test_a_residual_is_the_root_mean_square_of_what_is_left() -> None:
    matrix = Affine(0, 1, -1, 0, 100, 0)
    landmarks = [Landmark((10, 20), (80, 13)), Landmark((0, 0), (104, 0)), Landmark((5, 5), (95, 5))]
    assert residual_um(matrix, None, landmarks) == pytest.approx(np.sqrt((9 + 16 + 0) / 3))
    lifted = DisplacementGrid(0, 0, 100, 100, np.full((2, 2, 2), (0, 3), np.float32))
    assert residual_um(matrix, lifted, landmarks[:1]) == pytest.approx(0)


def test_a_serial_section_is_bent_without_folds_and_a_crumpled_one_is_refused() -> None:
    bent = deformation(7, 12_000, 9_000, seed=3)
    assert bent is not None
    x, y = np.meshgrid(np.linspace(0, 12_000, 81), np.linspace(0, 9_000, 61))
    values = np.stack(bent.from_first(x, y), axis=-1) - np.stack([x, y], axis=-1)
    grid = DisplacementGrid(0, 0, 150, 150, values.astype(np.float32))
    check_bending(SAME, grid)
    crumpled = values.copy()
    crumpled[30, 40, 0] += 200
    with pytest.raises(Invalid, match="fold"):
        check_bending(SAME, DisplacementGrid(0, 0, 150, 150, crumpled))
    # What folds on a slide that lies as the other does not fold on one that lies the other way up.
    mirrored = values.copy()
    mirrored[..., 0] = -values[..., 0]
    check_bending(Affine(-1, 0, 0, 1, 12_000, 0), DisplacementGrid(0, 0, 150, 150, mirrored))


@pytest.mark.parametrize("kind", ["rigid", "similarity", "affine"])
def test_kinds_hold_what_they_say(kind: str) -> None:
    turn = np.array([[np.cos(0.6), -np.sin(0.6)], [np.sin(0.6), np.cos(0.6)]])
    for linear, kinds in (
        (turn, {"rigid", "similarity", "affine"}),
        (turn @ np.diag([-1, 1]), {"rigid", "similarity", "affine"}),
        (1.3 * turn, {"similarity", "affine"}),
        (turn @ np.diag([1.1, 0.9]), {"affine"}),
        (turn @ np.diag([1, 1e-9]), set()),
        (turn * np.nan, set()),
        (turn * 25, set()),
    ):
        matrix = Affine(linear[0, 0], linear[1, 0], linear[0, 1], linear[1, 1], 1e5, -1e5)
        if kind in kinds:
            check_affine(matrix, kind)
        else:
            with pytest.raises(Invalid):
                check_affine(matrix, kind)
