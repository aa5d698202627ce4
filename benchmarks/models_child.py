"""One round of `models.py`, in a process of its own: engine or onnxruntime, slide, folder, patches."""

import hashlib
import json
import resource
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto, helper

from hemalum.analysis.inference import open_network
from hemalum.analysis.patches import plan_patches
from hemalum.capabilities.inference import running
from hemalum.formats.model.contract import Contract
from hemalum.formats.model.reading import read_contract
from hemalum.formats.wsi import open_slide
from hemalum.kernel.geometry import RegionUm
from hemalum.testing.models import SAMPLE_TOML

LAYERS = ((16, 2), (32, 2), (64, 2), (64, 1), (96, 2), (96, 1))
"""Channels and stride of each convolution."""


def network() -> bytes:
    """Convolutions of 3 x 3 with random weights, a mean and two classes."""
    rng = np.random.default_rng(0)
    nodes: list[Any] = []
    constants: list[Any] = [helper.make_tensor("axes", TensorProto.INT64, [2], [2, 3])]
    name, channels = "image", 3
    for number, (wide, stride) in enumerate(LAYERS):
        weights = rng.normal(0, (2 / (channels * 9)) ** 0.5, (wide, channels, 3, 3)).astype(np.float32)
        kept, made = f"w{number}", f"c{number}"
        constants.append(helper.make_tensor(kept, TensorProto.FLOAT, weights.shape, weights.ravel()))
        nodes.append(helper.make_node("Conv", [name, kept], [made], strides=[stride] * 2, pads=[1] * 4))
        name, channels = f"r{number}", wide
        nodes.append(helper.make_node("Relu", [made], [name]))
    last = rng.normal(0, 0.1, (channels, 2)).astype(np.float32)
    constants.append(helper.make_tensor("last", TensorProto.FLOAT, last.shape, last.ravel()))
    nodes.append(helper.make_node("ReduceMean", [name, "axes"], ["mean"], keepdims=0))
    nodes.append(helper.make_node("MatMul", ["mean", "last"], ["scores"]))
    graph = helper.make_graph(
        nodes,
        "bench",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["n", 3, 224, 224])],
        [helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["n", 2])],
        constants,
    )
    made_of = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    return bytes(made_of.SerializeToString())


def recipe_of(path: Path, folder: Path) -> dict[str, Any]:
    """The slide as the node tells a child of it."""
    index = folder / "bench.hfi"
    with open_slide(path) as slide:
        assert slide.frame_index is not None
        index.write_bytes(slide.frame_index.to_bytes())
    found = path.stat()
    return {
        "key": "bench",
        "index": {"path": str(index), "size": index.stat().st_size},
        "objects": [{"path": str(path), "size": found.st_size, "mtime_ns": found.st_mtime_ns}],
    }


def model_of(path: Path, onnx: Path, contract: Contract, count: int) -> dict[str, Any]:
    """The model as the node tells a child of it, with patches from the middle of the slide."""
    assert contract.input is not None
    with open_slide(path) as slide:
        sizes = [level.size for level in slide.description.levels]
        need = running.need_of(contract.input)
        plan = plan_patches(sizes, slide.description.measurable_um, np.ones((8, 8), bool), need)
    middle = len(plan.places) // 2
    return {
        "network": {"path": str(onnx), "size": onnx.stat().st_size},
        "sha256": hashlib.sha256(onnx.read_bytes()).hexdigest(),
        "weights": None,
        "contract": msgspec.to_builtins(contract),
        "level": plan.level,
        "scale": list(plan.scale),
        "places": plan.places[middle : middle + count].astype("<i4").tobytes(),
        "blocks": plan.blocks[middle : middle + count].astype("<i8").tobytes(),
    }


def batches_of(path: Path, contract: Contract, model: dict[str, Any]) -> Iterator[NDArray[Any]]:
    """What the network is given, patch by patch."""
    given = contract.input
    assert given is not None
    side_um = given.tile_px * given.um_per_px
    with open_slide(path) as slide:
        for row, column in np.frombuffer(model["places"], "<i4").reshape(-1, 2).tolist():
            region = RegionUm(column * side_um, row * side_um, side_um, side_um)
            yield running.to_batch(slide.read_region(region, given.um_per_px), given)


def main() -> None:
    way, path, folder, count = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4])
    onnx = folder / "bench.onnx"
    onnx.write_bytes(network())
    contract = read_contract(SAMPLE_TOML.replace("tile_px = 32", "tile_px = 224").encode())
    recipe, model = recipe_of(path, folder), model_of(path, onnx, contract, count)
    if way == "engine":
        cpu_s, wall_s = time.process_time(), time.perf_counter()
        running.run_chunk(recipe, [model], lambda *_: None)
    else:
        batches = list(batches_of(path, contract, model))
        bare = open_network(onnx)
        cpu_s, wall_s = time.process_time(), time.perf_counter()
        for batch in batches:
            bare.run(batch)
    found = {
        "wall_s": time.perf_counter() - wall_s,
        "cpu_s": time.process_time() - cpu_s,
        "patches": len(model["places"]) // 8,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000,
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main()
