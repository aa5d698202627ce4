"""A small slide head and the encoder that it rests on, made on the spot, with numbers to be had by hand."""

from pathlib import Path

import numpy as np
from onnx import TensorProto, helper

from hemalum.formats.model.folder import CONTRACT_FILE, seal_folder

CHOSEN = np.array([3.0, 0.0], np.float32)
"""What the sample head attends to: the first number of an embedding."""
WEIGHTS = np.array([[1.0, -1.0], [0.5, 0.0]], np.float32)


def as_encoder(text: str) -> str:
    """The sample model as one that gives two plain numbers."""
    head, _, tail = text.partition("[[outputs.classes]]")
    _, _, rest = tail.partition("[use]")
    before, _, after = rest.partition("[calibration]")
    _, _, after = after.partition("[[validation]]")
    text = f"{head}[use]{before}[[validation]]{after}"
    text = text.replace('task = "tile-score"', 'task = "tile-embedding"')
    text = text.replace('activation = "softmax"\n', "").replace("range = [0.0, 1.0]\n", "")
    return text.replace('dicom = "parametric-map"\n', "")


HEAD_TOML = """\
contract = "1.0"
task = "slide-head"
[identity]
id = "{name}"
version = "1.0.0"
name = "Head"
publisher = "Sample publisher"
[licence]
name = "Apache-2.0"
[features]
encoder = "{encoder}"
dimensions = {dimensions}
[[outputs]]
name = "scores"
spatial = "slide"
title = "Kind"
activation = "softmax"
classes = [{{ name = "a", title = "A" }}, {{ name = "b", title = "B" }}]
[[outputs]]
name = "attention"
spatial = "tile"
title = "Attention"
[use]
purpose = "Tests."
{more}
[golden]
tiles = []
"""


def write_head(folder: Path, name: str, encoder: str, more: str = "", dimensions: int = 2) -> Path:
    """A head whose numbers anybody can compute: softmax of the first number, then two sums."""
    folder.mkdir()
    nodes = [
        helper.make_node("MatMul", ["features", "chosen"], ["raw"]),
        helper.make_node("Softmax", ["raw"], ["attention"], axis=0),
        helper.make_node("Unsqueeze", ["attention", "first"], ["row"]),
        helper.make_node("MatMul", ["row", "features"], ["pooled"]),
        helper.make_node("MatMul", ["pooled", "weights"], ["scores"]),
    ]
    constants = [
        helper.make_tensor("chosen", TensorProto.FLOAT, [dimensions], np.resize(CHOSEN, dimensions)),
        helper.make_tensor("first", TensorProto.INT64, [1], [0]),
        helper.make_tensor("weights", TensorProto.FLOAT, [dimensions, 2], np.resize(WEIGHTS, 2 * dimensions)),
    ]
    graph = helper.make_graph(
        nodes,
        "head",
        [helper.make_tensor_value_info("features", TensorProto.FLOAT, ["n", dimensions])],
        [
            helper.make_tensor_value_info("scores", TensorProto.FLOAT, [1, 2]),
            helper.make_tensor_value_info("attention", TensorProto.FLOAT, ["n"]),
        ],
        constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 8
    (folder / "model.onnx").write_bytes(model.SerializeToString())
    (folder / CONTRACT_FILE).write_text(
        HEAD_TOML.format(name=name, encoder=encoder, more=more, dimensions=dimensions)
    )
    seal_folder(folder)
    return folder
