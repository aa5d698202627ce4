"""In which form a network is given tiles, and what its outputs mean."""

import numpy as np
import pytest

from hemalum.analysis.batches import activate, prepare
from hemalum.formats.model.contract import Activation, Input
from hemalum.formats.model.reading import read_contract
from hemalum.testing.models import SAMPLE_TOML
from hemalum.testing.samples import picture

STATISTICS = "mean = [0.5, 0.4, 0.3]\nstd = [0.2, 0.25, 1.0]"
TILES = np.stack([picture(32, 32, seed=each) for each in (1, 2)])


def given_by(form: str) -> Input:
    given = read_contract(SAMPLE_TOML.replace("tile_px = 32", f"tile_px = 32\n{form}").encode()).input
    assert given is not None
    return given


@pytest.mark.parametrize(("dtype", "off"), [("float32", 1e-6), ("float16", 2e-3)])
@pytest.mark.parametrize("layout", ["NCHW", "NHWC"])
def test_tiles_are_prepared_as_the_contract_says(layout: str, dtype: str, off: float) -> None:
    batch = prepare(TILES, given_by(f'{STATISTICS}\nlayout = "{layout}"\ndtype = "{dtype}"'))
    wanted = (TILES / 255 - (0.5, 0.4, 0.3)) / (0.2, 0.25, 1.0)
    planar = batch if layout == "NCHW" else batch.transpose(0, 3, 1, 2)
    assert batch.dtype == np.dtype(dtype)
    assert batch.flags.c_contiguous
    assert np.allclose(planar, wanted.transpose(0, 3, 1, 2), rtol=off, atol=off)


@pytest.mark.parametrize("layout", ["NCHW", "NHWC"])
def test_whole_numbers_are_given_as_they_are(layout: str) -> None:
    batch = prepare(TILES, given_by(f'layout = "{layout}"\ndtype = "uint8"'))
    assert batch.flags.c_contiguous
    assert np.array_equal(batch if layout == "NHWC" else batch.transpose(0, 2, 3, 1), TILES)


def test_a_tile_gives_the_same_bytes_alone_and_among_others() -> None:
    given = given_by(STATISTICS)
    assert prepare(TILES[1:], given).tobytes() == prepare(TILES, given)[1:].tobytes()


def test_activations() -> None:
    values = np.array([[0.0, 1000.0], [-1000.0, 0.0]], np.float32)
    assert np.allclose(activate(values, Activation.SOFTMAX, axis=1), [[0, 1], [0, 1]])
    assert np.allclose(activate(values, Activation.SIGMOID, axis=1), [[0.5, 1], [0, 0.5]])
    assert np.array_equal(activate(values, Activation.NONE, axis=1), values)
