"""Networks as ONNX files."""

from pathlib import Path

import torch
from torch import Tensor, nn


def export(net: nn.Module, example: Tensor, path: Path, *outputs: str) -> None:
    """Writes the network with a free batch and its outputs by name; sides are those of the example."""
    torch.onnx.export(
        net.eval(),
        (example,),
        # A text, not a path: beside it networks of more than 2 GiB leave their weights.
        str(path),
        # The newer exporter needs another package; these networks hold nothing that the older one lacks.
        dynamo=False,
        opset_version=17,
        input_names=["image"],
        output_names=list(outputs),
        dynamic_axes={name: {0: "n"} for name in ("image", *outputs)},
    )
