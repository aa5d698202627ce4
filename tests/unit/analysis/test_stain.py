"""Stains are estimated where they can be, and rejected where they cannot."""

import numpy as np
import pytest
from numpy.typing import NDArray

from hemalum.analysis import stain
from hemalum.analysis.stain import RUIFROK_HE, Rejected, Stains


def section(colours: NDArray[np.float32], seed: int = 1, count: int = 20_000) -> NDArray[np.uint8]:
    """Pixels of tissue with nuclei, cytoplasm and mixtures of both."""
    random = np.random.default_rng(seed)
    nuclear, other = random.gamma(2, 0.25, count), random.gamma(3, 0.15, count)
    nuclear[: count // 3] *= 0.02
    other[2 * count // 3 :] *= 0.05
    return stain.rendered(np.stack([nuclear, other], 1).astype(np.float32), colours)


def turned(degrees: float) -> NDArray[np.float32]:
    """The stains of the book, haematoxylin redder by an angle."""
    toward = np.array([-0.4, 0.2, 0.8])
    first = RUIFROK_HE[0].astype(float)
    toward -= first * (toward @ first)
    toward /= np.linalg.norm(toward)
    new = first * np.cos(np.radians(degrees)) + toward * np.sin(np.radians(degrees))
    return np.stack([new, RUIFROK_HE[1]]).astype(np.float32)


def test_density_is_the_logarithm_of_the_light_let_through() -> None:
    pixels = np.array([[255, 26, 0]], np.uint8)
    assert stain.optical_density(pixels)[0] == pytest.approx(
        [0, -np.log10(26 / 255), np.log10(255)], abs=1e-5
    )


@pytest.mark.parametrize("degrees", [0, 12, 20])
def test_the_stains_of_a_slide_are_found(degrees: float) -> None:
    truth = turned(degrees)
    found = stain.estimate_stains(section(truth))
    assert isinstance(found, Stains)
    assert max(stain.angles_degrees(found.colours, truth / np.linalg.norm(truth, axis=1, keepdims=True))) < 5


def test_what_cannot_be_told_is_rejected_with_the_reason() -> None:
    glass = np.full((10_000, 3), 245, np.uint8)
    assert stain.estimate_stains(glass) is Rejected.LITTLE_TISSUE
    random = np.random.default_rng(2)
    amounts = np.stack([random.gamma(3, 0.3, 5000), np.zeros(5000)], 1).astype(np.float32)
    assert stain.estimate_stains(stain.rendered(amounts, RUIFROK_HE)) is Rejected.ONE_COLOUR
    two = np.repeat(np.array([[75, 50, 145], [241, 175, 243]], np.uint8), 3000, axis=0)
    assert stain.estimate_stains(two) is Rejected.ONE_COLOUR
    green = np.array([[0.8, 0.1, 0.59], [0.2, 0.1, 0.97]], np.float32)
    assert stain.estimate_stains(section(green)) in (Rejected.OTHER_STAIN, Rejected.ONE_COLOUR)


def test_a_normalised_slide_has_the_stains_of_the_target() -> None:
    own = stain.estimate_stains(section(turned(15)))
    target = stain.estimate_stains(section(RUIFROK_HE, seed=2))
    assert isinstance(own, Stains)
    assert isinstance(target, Stains)
    again = stain.estimate_stains(stain.normalised(section(turned(15)), own, target))
    assert isinstance(again, Stains)
    assert max(stain.angles_degrees(again.colours, target.colours)) < 4
    assert again.strengths == pytest.approx(target.strengths, rel=0.1)


def test_matching_colours_gives_the_mean_and_spread_of_the_target() -> None:
    pixels, wanted = section(turned(15)), stain.colouring(section(RUIFROK_HE, seed=3))
    moved = stain.matched(pixels.reshape(100, 200, 3), stain.colouring(pixels), wanted)
    found = stain.colouring(moved.reshape(-1, 3))
    assert found.mean == pytest.approx(wanted.mean, abs=0.02)
    assert found.spread == pytest.approx(wanted.spread, abs=0.05)
    assert moved.shape == (100, 200, 3)


def test_the_mean_of_one_colour_is_that_colour() -> None:
    pixels = np.tile(np.array([[180, 120, 170]], np.uint8), (10, 1))
    assert stain.mean_colour(stain.colouring(pixels)) == pytest.approx((180, 120, 170), abs=1)


def test_limits_are_those_of_the_handbook() -> None:
    # NIST/SEMATECH e-Handbook 6.3.2.4: centre 50, s 2.0539, weight 0.3, 3 standard deviations.
    baseline = [50 - 2.0539 / np.sqrt(2), 50 + 2.0539 / np.sqrt(2)]
    values = [
        52,
        47,
        53,
        49.3,
        50.1,
        47,
        51,
        50.1,
        51.2,
        50.5,
        49.6,
        47.6,
        49.9,
        51.3,
        47.8,
        51.2,
        52.6,
        52.4,
        53.6,
        52.1,
    ]
    chart = stain.drift(baseline, values, weight=0.3, width=3)
    assert (chart.lower, chart.upper) == pytest.approx((47.4115, 52.5884), abs=5e-3)
    published = [
        50.60,
        49.52,
        50.56,
        50.18,
        50.16,
        49.21,
        49.75,
        49.85,
        50.26,
        50.33,
        50.11,
        49.36,
        49.52,
        50.05,
    ]
    published += [49.38, 49.92, 50.73, 51.23, 51.94, 51.99]
    assert chart.averages == pytest.approx(published, abs=0.02)
    assert chart.outside == ()


def test_a_scanner_that_drifts_leaves_the_limits() -> None:
    random = np.random.default_rng(6)
    baseline = random.normal(10, 1, 60).tolist()
    assert stain.drift(baseline, random.normal(10, 1, 40).tolist()).outside == ()
    drifted = stain.drift(baseline, random.normal(12, 1, 40).tolist())
    assert drifted.outside
    with pytest.raises(ValueError, match="two values"):
        stain.drift([1.0], [1.0])
