"""Small models that keep the contract, made on the spot: how violet the tissue of a tile is.

The network takes the mean of each channel and weighs it, so that anybody can say by hand what it has to give.
Makers write through the package `onnx`, never through this project's own readers.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper
from PIL import Image

from hemalum.analysis.batches import prepare
from hemalum.analysis.golden import write_golden
from hemalum.analysis.inference import open_network
from hemalum.formats.model.folder import CONTRACT_FILE, seal_folder
from hemalum.formats.model.reading import read_contract
from hemalum.testing.samples import picture

TILE_PX = 32
WEIGHTS = np.array([[-2.0, 2.0], [-1.0, 1.0], [1.0, -1.0]], np.float32)
"""Channels by classes."""

SAMPLE_TOML = """\
contract = "1.0"
task = "tile-score"
limits = ["Pen marks in violet count as tissue."]
limits_zh = ["紫色笔迹会被当作组织。"]

[identity]
id = "sample.violet"
version = "1.0.0"
name = "Violet share"
name_zh = "紫色比例"
publisher = "Sample publisher"
summary = "Says how violet a tile is. Made for tests."
summary_zh = "判断图块的紫色程度，仅供测试。"
released = 2026-11-01

[licence]
name = "Apache-2.0"
text = "LICENSE"

[network]
file = "model.onnx"

[input]
um_per_px = 0.5
tile_px = 32
stains = ["he"]

[[outputs]]
name = "scores"
spatial = "tile"
title = "Violet"
title_zh = "紫色"
activation = "softmax"
shape = [2]
range = [0.0, 1.0]
dicom = "parametric-map"

[[outputs.classes]]
name = "violet"
title = "Violet"
title_zh = "紫色"
colour = "#7b3fa0"

[[outputs.classes]]
name = "other"
title = "Other"
title_zh = "其他"

[use]
purpose = "Tests of the software. Not for patients."
purpose_zh = "软件测试，不用于患者。"
user = "Developers"
user_zh = "开发人员"
contraindications = ["Any use for a patient."]
contraindications_zh = ["任何用于患者的场合。"]
autonomy = "aid"

[calibration]
method = "temperature"
data = "synthetic slides"
parameters = { temperature = 1.0 }

[[operating_points]]
name = "balanced"
purpose = "balanced"
output = "scores"
class_name = "violet"
threshold = 0.5
claim = "sensitivity 0.90 (0.85 to 0.94)"

[abstain]
output = "scores"
below = 0.55

[[validation]]
cohort = "synthetic slides"
cohort_zh = "合成切片"
n = 120
of = "tiles"
of_zh = "个图块"
split = "by slide"
baseline = "colour histogram"
metrics = [{ name = "AUC", value = 0.91, low = 0.86, high = 0.95, baseline = 0.80, name_zh = "曲线下面积" }]
done = 2026-11-02
by = "Sample publisher"

[[training]]
name = "synthetic slides"
licence = "CC0-1.0"
n = 480

[golden]
tolerance = 1e-4
tiles = [{ input = "golden/1.png", expected = "golden/1.npz" }]
"""


def scoring_network(side: int = TILE_PX, weights: NDArray[np.float32] = WEIGHTS) -> bytes:
    """An ONNX file: means of the channels times `weights`."""
    nodes = [
        helper.make_node("ReduceMean", ["image", "axes"], ["means"], keepdims=0),
        helper.make_node("MatMul", ["means", "weights"], ["scores"]),
    ]
    constants = [
        helper.make_tensor("axes", TensorProto.INT64, [2], [2, 3]),
        helper.make_tensor("weights", TensorProto.FLOAT, weights.shape, weights.ravel()),
    ]
    return network_of(nodes, constants, (3, side, side), {"scores": (weights.shape[1],)})


def telling_weights(pixels: NDArray[np.uint8], shift: float = 1.0) -> NDArray[np.float32]:
    """Weights by which about half of the tiles of these pixels are violet, those with little green.

    More of them with a larger shift. A version with another network than the sample's has no golden tiles of
    its own: see `without_golden`.
    """
    rows, columns = pixels.shape[0] // TILE_PX, pixels.shape[1] // TILE_PX
    whole = pixels[: rows * TILE_PX, : columns * TILE_PX].astype(np.float32)
    red, green, _ = whole.reshape(rows, TILE_PX, columns, TILE_PX, 3).mean(axis=(1, 3)).reshape(-1, 3).T
    limit = float(np.median(green / red)) * shift
    return 20 * np.array([[limit, 0], [-1, 0], [0, 0]], np.float32)


def without_golden(text: str) -> str:
    """A contract of the sample without golden tiles."""
    return text.replace('tiles = [{ input = "golden/1.png", expected = "golden/1.npz" }]', "tiles = []")


def network_of(
    nodes: list[Any],
    constants: list[Any],
    takes: tuple[int, ...],
    gives: Mapping[str, tuple[int | None, ...]],
    opsets: Mapping[str, int] | None = None,
) -> bytes:
    """An ONNX file of these nodes, from `image` to outputs by name; shapes without the batch."""
    graph = helper.make_graph(
        nodes,
        "sample",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["n", *takes])],
        [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", *shape])
            for name, shape in gives.items()
        ],
        constants,
    )
    used = [helper.make_opsetid(name, number) for name, number in (opsets or {"": 18}).items()]
    made = helper.make_model(graph, opset_imports=used, ir_version=10)
    if set(opsets or {}) <= {""}:
        onnx.checker.check_model(made)
    return bytes(made.SerializeToString())


def write_model(
    folder: Path,
    *,
    edit: Callable[[str], str] = lambda text: text,
    network: bytes | None = None,
    sealed: bool = True,
) -> Path:
    """Write a version into a new folder: the sample, its contract changed by `edit`. Same calls, same bytes.

    Golden outputs are those of the unchanged network, whatever `network` is put in its place.
    """
    (folder / "golden").mkdir(parents=True)
    (folder / CONTRACT_FILE).write_text(edit(SAMPLE_TOML), "utf-8")
    (folder / "model.onnx").write_bytes(scoring_network() if network is None else network)
    (folder / "LICENSE").write_text("Apache License, Version 2.0: https://www.apache.org/licenses/\n")
    tile = picture(TILE_PX, TILE_PX, seed=3)
    Image.fromarray(tile).save(folder / "golden/1.png")
    given = read_contract(SAMPLE_TOML.encode()).input
    assert given is not None
    write_golden(
        folder / "golden/1.npz", open_network(scoring_network()).run(prepare(tile[np.newaxis], given))
    )
    if sealed:
        seal_folder(folder)
    return folder
