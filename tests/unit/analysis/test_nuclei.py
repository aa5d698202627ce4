"""Nuclei are parted and measured as geometry says."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage

from hemalum.analysis import morphometry, nuclei, stain
from hemalum.analysis.basins import hills

UM_PER_PX = 0.5


def ellipses(*shapes: tuple[float, float, float, float, float], side: int = 160) -> NDArray[np.int32]:
    """Numbered ellipses: row and column of the middle, both half-axes, angle in radians; all in pixels."""
    rows, columns = np.mgrid[:side, :side].astype(float)
    labels = np.zeros((side, side), np.int32)
    for number, (row, column, along, across, angle) in enumerate(shapes, 1):
        right = (columns - column) * np.cos(angle) + (rows - row) * np.sin(angle)
        down = (rows - row) * np.cos(angle) - (columns - column) * np.sin(angle)
        labels[(right / along) ** 2 + (down / across) ** 2 <= 1] = number
    return labels


def stained(labels: NDArray[np.int32], densities: list[float] | None = None) -> NDArray[np.uint8]:
    """A picture of pink ground with nuclei of haematoxylin."""
    amount = np.array([0.0, *(densities or [0.8] * int(labels.max()))])[labels]
    ground = np.full(labels.shape, 0.12)
    return stain.rendered(np.stack([amount, ground], -1).astype(np.float32), stain.RUIFROK_HE)


def test_hills_are_parted_at_the_pass_if_both_stand_out() -> None:
    x = np.arange(60)
    ridge = np.tile(np.maximum(10 - np.abs(x - 20), 10 - np.abs(x - 36)), (3, 1)).astype(float)
    inside = ridge > -5
    assert len(np.unique(hills(ridge, inside, 7.0)[inside])) == 2
    assert len(np.unique(hills(ridge, inside, 8.5)[inside])) == 1
    parted = hills(ridge, inside, 7.0)
    assert parted[1, 20] != parted[1, 36]
    assert (parted[~inside] == 0).all()


def test_a_plain_is_one_hill() -> None:
    plain = np.ones((7, 9))
    assert (hills(plain, plain > 0, 0.1) == 1).all()
    assert not hills(plain, plain > 2, 0.1).any()


def test_hills_agree_with_a_search_that_visits_one_place_after_the_other() -> None:
    random = np.random.default_rng(4)
    height = np.round(ndimage.gaussian_filter(random.normal(size=(40, 50)), 2), 2)
    inside = ndimage.gaussian_filter(random.normal(size=(40, 50)), 3) > -0.05
    for drop in (0.0001, 0.05, 0.2):
        assert same_parts(hills(height, inside, drop), slowly(height, inside, drop))


def slowly(height: NDArray[np.float64], inside: NDArray[np.bool_], drop: float) -> NDArray[np.int32]:
    """The same by sinking a water level: each place joins the hill of its highest neighbour above water."""
    order = sorted(zip(*np.nonzero(inside), strict=True), key=lambda at: (-height[at], at))
    hill: dict[tuple[int, int], tuple[int, int]] = {}
    leads: dict[tuple[int, int], tuple[int, int]] = {}

    def top(peak: tuple[int, int]) -> tuple[int, int]:
        while peak in leads:
            peak = leads[peak]
        return peak

    place_in_order = {at: number for number, at in enumerate(order)}
    for at in order:
        around = [(at[0] + down, at[1] + right) for down in (-1, 0, 1) for right in (-1, 0, 1)]
        near = sorted((other for other in around if other in hill), key=place_in_order.__getitem__)
        hill[at] = hill[near[0]] if near else at
        for other in near:
            a, b = top(hill[at]), top(hill[other])
            lower, higher = sorted((a, b), key=lambda peak: (height[peak], (-peak[0], -peak[1])))
            if a != b and height[lower] - height[at] < drop:
                leads[lower] = higher
    out = np.zeros(height.shape, np.int32)
    tops = sorted({top(peak) for peak in hill.values()})
    for at, peak in hill.items():
        out[at] = tops.index(top(peak)) + 1
    return out


def same_parts(one: NDArray[np.int32], other: NDArray[np.int32]) -> bool:
    pairs = set(zip(one.ravel().tolist(), other.ravel().tolist(), strict=True))
    return len(pairs) == len({a for a, _ in pairs}) == len({b for _, b in pairs})


def test_touching_nuclei_are_found_apart() -> None:
    truth = ellipses((40, 40, 9, 8, 0), (40, 55, 9, 8, 0), (100, 60, 14, 6, 0.6), (120, 120, 5, 5, 0))
    found = nuclei.find_nuclei(stained(truth), UM_PER_PX)
    assert found.max() == 4
    assert len({found[40, 38], found[40, 57], found[100, 60], found[120, 120], 0}) == 5


def test_nothing_is_found_where_there_are_no_nuclei() -> None:
    assert not nuclei.find_nuclei(stained(np.zeros((80, 80), np.int32)), UM_PER_PX).any()
    assert not nuclei.find_nuclei(np.full((64, 64, 3), 255, np.uint8), UM_PER_PX).any()
    assert not nuclei.find_nuclei(np.zeros((64, 64, 3), np.uint8), UM_PER_PX)[1:-1, 1:-1].all()


def test_the_maps_of_a_network_become_nuclei() -> None:
    truth = ellipses((40, 40, 9, 8, 0), (40, 56, 9, 8, 0), (100, 60, 1.4, 1.4, 0))
    middle = np.zeros(truth.shape, np.float32)
    for number in (1, 2, 3):
        distance = ndimage.distance_transform_edt(truth == number)
        middle += (distance / distance.max()).astype(np.float32)
    found = nuclei.part((truth > 0).astype(np.float32), middle, UM_PER_PX)
    assert found.max() == 2, "the speck is too small to be a nucleus"
    assert (found[truth == 1] == found[40, 40]).mean() > 0.95


@pytest.mark.parametrize(
    ("along", "across", "angle"), [(20, 20, 0), (30, 15, 0), (30, 15, 0.4), (36, 12, 1.1)]
)
def test_forms_are_those_of_the_ellipse(along: float, across: float, angle: float) -> None:
    labels = ellipses((80, 80, along, across, angle))
    found = morphometry.measure_nuclei(labels, stained(labels), UM_PER_PX)
    h = ((along - across) / (along + across)) ** 2
    around = np.pi * (along + across) * (1 + 3 * h / (10 + np.sqrt(4 - 3 * h)))
    assert found.area_um2[0] == pytest.approx(np.pi * along * across / 4, rel=0.02)
    assert found.perimeter_um[0] == pytest.approx(around / 2, rel=0.03)
    assert found.circularity[0] == pytest.approx(4 * np.pi**2 * along * across / around**2, rel=0.06)
    assert found.major_um[0] == pytest.approx(along, rel=0.02)
    assert found.minor_um[0] == pytest.approx(across, rel=0.03)
    assert found.eccentricity[0] == pytest.approx(np.sqrt(1 - (across / along) ** 2), abs=0.1)
    assert found.feret_um[0] == pytest.approx(along, abs=1.0)
    assert found.least_feret_um[0] == pytest.approx(across, abs=1.0)
    assert (found.x_um[0], found.y_um[0]) == pytest.approx((40.25, 40.25))
    assert found.density_mean[0] == pytest.approx(0.8, abs=0.03)
    assert found.density_sd[0] == pytest.approx(0, abs=0.03)


def test_nuclei_that_touch_are_measured_each_for_itself() -> None:
    both = np.zeros((40, 60), np.int32)
    both[10:30, 10:30], both[10:30, 30:50] = 1, 2
    pair = morphometry.measure_nuclei(both, stained(both), UM_PER_PX)
    alone = morphometry.measure_nuclei((both == 1).astype(np.int32), stained(both), UM_PER_PX)
    for name in ("area_um2", "perimeter_um", "feret_um", "least_feret_um", "major_um"):
        assert getattr(pair, name) == pytest.approx(float(getattr(alone, name)[0]))


def test_a_picture_without_nuclei_gives_an_empty_table() -> None:
    none = np.zeros((20, 20), np.int32)
    assert len(morphometry.measure_nuclei(none, stained(none), UM_PER_PX)) == 0


def test_a_nucleus_is_of_the_class_that_is_likeliest_over_all_of_it() -> None:
    labels = np.array([[1, 1, 0, 2], [1, 0, 0, 2]], np.int32)
    first = np.array([[0.9, 0.3, 1.0, 0.2], [0.6, 1.0, 1.0, 0.7]], np.float32)
    classes, likely = nuclei.classify(labels, np.stack([first, 1 - first]))
    assert classes.tolist() == [0, 1]
    assert likely == pytest.approx([(0.9 + 0.3 + 0.6) / 3, 1 - (0.2 + 0.7) / 2])
    nothing = nuclei.classify(np.zeros((3, 3), np.int32), np.zeros((2, 3, 3), np.float32))
    assert [len(each) for each in nothing] == [0, 0]
