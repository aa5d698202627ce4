"""Networks with random weights that models are measured with, made by the package `onnx`."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto, helper, load_model, numpy_helper

from measure import BENCH_DATA

SIDE_PX = 224
SMALL = ((16, 2), (32, 2), (64, 2), (64, 1), (96, 2), (96, 1))
"""Channels and stride of each convolution."""
STAGES = ((64, 3), (128, 4), (256, 6), (512, 3))
"""Inner channels and blocks of each stage of ResNet-50 (K. He et al., Deep residual learning for image
recognition, CVPR 2016, table 1)."""
_CLASSES = 2
_AXES = "axes"


def written(name: str, content: bytes) -> Path:
    """The network as a file under bench-data."""
    path = BENCH_DATA / f"{name}.onnx"
    path.write_bytes(content)
    return path


def weights_of(path: Path) -> Path:
    """The weights of a network of this module, in the order in which they were made, as an .npz beside it."""
    kept = path.with_suffix(".npz")
    constants = (each for each in load_model(path).graph.initializer if each.name != _AXES)
    np.savez(kept, **{each.name: numpy_helper.to_array(each) for each in constants})
    return kept


def small() -> bytes:
    """Six convolutions of 3 x 3, a mean and two classes: about a millisecond a patch."""
    graph = _Graph()
    name = "image"
    for wide, stride in SMALL:
        name = graph.convolution(name, wide, 3, stride)
    return graph.classified(name)


def resnet50() -> bytes:
    """ResNet-50 with its normalisation folded into the convolutions, and two classes."""
    graph = _Graph()
    name = graph.convolution("image", 64, 7, 2)
    name = graph.node("MaxPool", [name], 64, kernel_shape=[3, 3], strides=[2, 2], pads=[1] * 4)
    for stage, (inner, blocks) in enumerate(STAGES):
        for block in range(blocks):
            stride = 2 if stage and not block else 1
            beside = name
            if not block:
                beside = graph.convolution(name, inner * 4, 1, stride, relu=False)
            name = graph.convolution(name, inner, 1, 1)
            name = graph.convolution(name, inner, 3, stride)
            # Small: sums of many blocks would otherwise grow without bounds, untrained as they are.
            name = graph.convolution(name, inner * 4, 1, 1, relu=False, gain=0.2)
            name = graph.node("Add", [name, beside], inner * 4)
            name = graph.node("Relu", [name], inner * 4)
    return graph.classified(name)


class _Graph:
    """A network under construction; the same calls give the same weights."""

    def __init__(self) -> None:
        self._rng = np.random.default_rng(0)
        self._nodes: list[Any] = []
        self._constants: list[Any] = []
        self._channels = {"image": 3}

    def node(self, kind: str, inputs: list[str], channels: int, **attributes: Any) -> str:
        name = f"n{len(self._nodes)}"
        self._nodes.append(helper.make_node(kind, inputs, [name], **attributes))
        self._channels[name] = channels
        return name

    def convolution(
        self, name: str, wide: int, side: int, stride: int, *, relu: bool = True, gain: float = 1.0
    ) -> str:
        inputs = self._channels[name] * side * side
        weights = self._rng.normal(0, gain * (2 / inputs) ** 0.5, (wide, self._channels[name], side, side))
        names = [name, self._constant(weights), self._constant(np.zeros(wide))]
        made = self.node("Conv", names, wide, strides=[stride] * 2, pads=[side // 2] * 4)
        return self.node("Relu", [made], wide) if relu else made

    def classified(self, name: str) -> bytes:
        """The file, with the mean of each channel and two classes at the end."""
        last = self._constant(self._rng.normal(0, 0.1, (self._channels[name], _CLASSES)))
        self._constants.append(helper.make_tensor(_AXES, TensorProto.INT64, [2], [2, 3]))
        self._nodes.append(helper.make_node("ReduceMean", [name, _AXES], ["mean"], keepdims=0))
        self._nodes.append(helper.make_node("MatMul", ["mean", last], ["scores"]))
        side = SIDE_PX
        graph = helper.make_graph(
            self._nodes,
            "bench",
            [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["n", 3, side, side])],
            [helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["n", _CLASSES])],
            self._constants,
        )
        made_of = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
        return bytes(made_of.SerializeToString())

    def _constant(self, values: NDArray[Any]) -> str:
        name = f"w{len(self._constants)}"
        packed = values.astype("<f4")
        self._constants.append(
            helper.make_tensor(name, TensorProto.FLOAT, packed.shape, packed.tobytes(), raw=True)
        )
        return name
