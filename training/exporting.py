"""Networks as ONNX files."""

from pathlib import Path

import torch
from torch import Tensor, nn


def export(net: nn.Module, example: Tensor, path: Path, output: str) -> None:
    """Writes the network with a free batch; sides are those of the example."""
    torch.onnx.export(
        net.eval(),
        (example,),
        # A text, not a path: beside it networks of more than 2 GiB leave their weights.
        str(path),
        # The newer exporter needs another package; these networks hold nothing that the older one lacks.
        dynamo=False,
        opset_version=17,
        input_names=["image"],
        output_names=[output],
        dynamic_axes={"image": {0: "n"}, output: {0: "n"}},
    )
