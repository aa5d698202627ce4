"""A heatmap keeps its values, and says where it has none and where its producer abstained."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hemalum.formats.layers.heatmap import write_heatmap
from hemalum.formats.layers.model import InvalidLayer, ValueColumn
from hemalum.formats.layers.pack import open_pack
from hemalum.formats.layers.parts import ABSTAINED, NONE, VALUE, decode_values

SCORE = ValueColumn("tumour", "probability")


def written(folder: Path, values: Any, **options: Any) -> Any:
    options = {"width_px": 30_000, "height_px": 20_000, "pitch_px": 32.0} | options
    manifest = write_heatmap(folder / "pack", np.asarray(values), SCORE, **options)
    return manifest, open_pack(folder / "pack")


def test_values_and_states_come_back(tmp_path: Path) -> None:
    values = np.random.default_rng(0).uniform(0, 1, (300, 520)).astype(np.float32)
    values[:40] = np.nan
    abstained = np.zeros(values.shape, bool)
    abstained[100:140, 200:260] = True
    manifest, pack = written(tmp_path, values, abstained=abstained)
    assert manifest.abstained == 40 * 60
    assert manifest.count == values.size - 40 * 520 - 40 * 60
    assert [level.pitch_px for level in manifest.rasters] == [32, 64, 128]
    assert manifest.rasters[0].tiles == ((0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2))
    found, states = decode_values(pack.part("values/0/0/0"))
    assert (states[:40] == NONE).all()
    assert (states[100:140, 200:256] == ABSTAINED).all()
    assert np.array_equal(found[150:256], values[150:256, :256])
    column = manifest.columns[0]
    shown = values[~np.isnan(values) & ~abstained]
    assert (column.minimum, column.maximum) == (shown.min(), shown.max())


def test_a_coarser_level_is_the_mean_of_what_has_a_value(tmp_path: Path) -> None:
    values = np.full((512, 512), np.nan)
    values[:2, :4] = [[0.2, 0.4, 0.5, np.nan], [0.6, np.nan, 0.5, 0.5]]
    abstained = np.zeros((512, 512), bool)
    abstained[0, 2] = abstained[1, 2] = True
    _, pack = written(tmp_path, values, abstained=abstained)
    found, states = decode_values(pack.part("values/1/0/0"))
    assert found[0, 0] == pytest.approx(0.4)
    assert states[0, :3].tolist() == [VALUE, ABSTAINED, NONE]


@pytest.mark.parametrize(
    ("reason", "values", "options"),
    [
        ("infinite", [[1.0, np.inf]], {}),
        ("raster", [1.0, 2.0], {}),
        ("raster", np.zeros((0, 3)), {}),
        ("raster", [["a"]], {}),
        ("nothing", [[np.nan]], {}),
        ("width above 0", [[1.0]], {"pitch_px": 0.0}),
        ("width above 0", [[1.0]], {"pitch_px": np.nan}),
        ("over the edge", np.ones((10, 2000)), {}),
        ("over the edge", [[1.0]], {"origin_px": (-5000.0, 0.0)}),
        ("another shape", [[1.0]], {"abstained": np.zeros((2, 2), bool)}),
    ],
)
def test_what_cannot_be_drawn_is_refused(
    tmp_path: Path, reason: str, values: Any, options: dict[str, Any]
) -> None:
    with pytest.raises(InvalidLayer, match=reason):
        written(tmp_path, values, **options)
