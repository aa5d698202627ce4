"""TIAToolbox's patch engine on a slide: python patch_predictor.py CORES

Reads one request a line, a JSON object, and answers each with one line. The first line says that it is ready,
so that imports are over before any clock starts.

{"network": NAME, "weights": NPZ, "shape": {...}, "given": NPZ}
    what the network gives for a batch, without TIAToolbox around it
{"network": NAME, "weights": NPZ, "shape": {...}, "slide": FILE, "slide_px": [rows, columns], "side_px": 224,
 "um_per_px": 0.5, "places": [[row, column], ...], "batch": 8, "workers": 0}
    one round over these patches: what it took. The first round of its kind opens the slide, starts the reader
    processes and looks at all of its patches once before.
"""

import importlib.util
import json
import os
import re
import sys
import time
from pathlib import Path
from typing import Any

CORES = int(sys.argv[1])
# Before all imports: OpenCV, NumPy and PyTorch look at the processors only once.
os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])

import numpy as np  # noqa: E402
import psutil  # noqa: E402
import torch  # noqa: E402
from torch import Tensor, nn  # noqa: E402
from torch.utils.data import DataLoader  # noqa: E402


def declare_missing_operators() -> None:
    """Lets torchvision be imported where its compiled part does not load beside this build of PyTorch.

    Its operators (boxes, of which no patch engine makes use) are declared without being there.
    """
    found = importlib.util.find_spec("torchvision")
    if found is None or found.origin is None:
        return
    folder = Path(found.origin).parent
    try:
        for compiled in folder.glob("_C*.so"):
            torch.ops.load_library(str(compiled))
    except OSError:
        told = (folder / "_meta_registrations.py").read_text("utf-8")
        names = re.findall(r"register_(?:meta|fake)\(\"(?:torchvision::)?(\w+)\"", told)
        for name in sorted({*names, "nms"}):
            _OPERATORS.define(f"{name}(Tensor a, Tensor b) -> Tensor")


_OPERATORS = torch.library.Library("torchvision", "FRAGMENT")
declare_missing_operators()

import tiatoolbox  # noqa: E402
from tiatoolbox.models.architecture.utils import argmax_last_axis  # noqa: E402
from tiatoolbox.models.architecture.vanilla import CNNModel  # noqa: E402
from tiatoolbox.models.dataset.classification import predefined_preproc_func  # noqa: E402
from tiatoolbox.models.engine.io_config import IOPatchPredictorConfig  # noqa: E402
from tiatoolbox.models.engine.patch_predictor import PatchPredictor  # noqa: E402
from tiatoolbox.models.models_abc import ModelABC  # noqa: E402

_MASK_PX = 32
"""Pixels of the slide along one of the mask that says where patches are."""


# Networks: those of `networks.py`, whose weights come in the order in which they are made there


class Weights:
    """The weights of a network, one after the other."""

    def __init__(self, path: str) -> None:
        with np.load(path) as arrays:
            self._arrays = [torch.from_numpy(arrays[name]) for name in arrays.files]
        self._next = 0

    def take(self) -> Tensor:
        self._next += 1
        return self._arrays[self._next - 1]

    def convolution(self, stride: int) -> nn.Conv2d:
        """The next convolution."""
        kernel, bias = self.take(), self.take()
        wide, channels, side, _ = kernel.shape
        made = nn.Conv2d(channels, wide, side, stride, side // 2)
        made.weight, made.bias = nn.Parameter(kernel), nn.Parameter(bias)
        return made


class Block(nn.Module):
    """A bottleneck of ResNet-50."""

    def __init__(self, weights: Weights, stride: int, *, first: bool) -> None:
        super().__init__()
        self.beside = weights.convolution(stride) if first else nn.Identity()
        self.first, self.second = weights.convolution(1), weights.convolution(stride)
        self.third = weights.convolution(1)

    def forward(self, given: Tensor) -> Tensor:
        inner = torch.relu(self.second(torch.relu(self.first(given))))
        return torch.relu(self.third(inner) + self.beside(given))


def small(weights: Weights, shape: dict[str, Any]) -> nn.Module:
    layers: list[nn.Module] = []
    for _, stride in shape["small"]:
        layers += [weights.convolution(stride), nn.ReLU()]
    return nn.Sequential(*layers)


def resnet50(weights: Weights, shape: dict[str, Any]) -> nn.Module:
    layers: list[nn.Module] = [weights.convolution(2), nn.ReLU(), nn.MaxPool2d(3, 2, 1)]
    for stage, (_, blocks) in enumerate(shape["stages"]):
        strides = [2 if stage else 1] + [1] * (blocks - 1)
        layers += [Block(weights, stride, first=not block) for block, stride in enumerate(strides)]
    return nn.Sequential(*layers)


class Scoring(ModelABC):
    """A network as TIAToolbox wants it: prepared, run and answered as its own classifiers are."""

    def __init__(self, convolutions: nn.Module, last: Tensor) -> None:
        super().__init__()
        self.convolutions = convolutions
        self.last = nn.Parameter(last)
        self.preproc_func = predefined_preproc_func("kather100k")

    def scores(self, batch: Tensor) -> Tensor:
        return self.convolutions(batch).mean((2, 3)) @ self.last

    def forward(self, batch: Tensor) -> Tensor:
        return torch.softmax(self.scores(batch), -1)

    @staticmethod
    def infer_batch(model: nn.Module, batch_data: Tensor, *, device: str) -> np.ndarray:
        return CNNModel.infer_batch(model, batch_data, device=device)

    @staticmethod
    def postproc(image: Any) -> Any:
        return argmax_last_axis(image)


def network_of(request: dict[str, Any]) -> Scoring:
    """The network by its name, with the weights of a file."""
    weights = Weights(request["weights"])
    make = {"small": small, "ResNet-50": resnet50}[request["network"]]
    return Scoring(make(weights, request["shape"]), weights.take()).eval()


# Rounds


class Round:
    """The patch engine with a slide open and its reader processes started."""

    def __init__(self, request: dict[str, Any]) -> None:
        others = psutil.Process().children()
        self._predictor = PatchPredictor(
            network_of(request), request["batch"], request["workers"], device="cpu", verbose=False
        )
        self._predictor.patch_mode = False
        side = [request["side_px"]] * 2
        resolution = {"units": "mpp", "resolution": request["um_per_px"]}
        self._loader: DataLoader[Any] = self._predictor.get_dataloader(
            images=Path(request["slide"]),
            masks=mask_of(request),
            ioconfig=IOPatchPredictorConfig(
                input_resolutions=[resolution], patch_input_shape=side, stride_shape=side
            ),
            patch_mode=False,
            auto_get_mask=False,
        )
        self._count = len(self._loader.dataset.inputs)
        if self._count != len(request["places"]):
            raise SystemExit(f"{self._count} patches are planned for {len(request['places'])} places")
        self._through()
        self._readers = [child for child in psutil.Process().children() if child not in others]

    def _through(self) -> None:
        """What `PatchPredictor.run` does with a slide after its plan and before it saves the answers."""
        raw = self._predictor.infer_wsi(self._loader, Path())
        answers = self._predictor.post_process_wsi(raw, Path())
        np.asarray(answers["predictions"])

    def measured(self) -> dict[str, Any]:
        Path("/proc/self/clear_refs").write_text("5")
        cpu_s, wall_s = self._cpu_s(), time.perf_counter()
        self._through()
        return {
            "wall_s": time.perf_counter() - wall_s,
            "cpu_s": self._cpu_s() - cpu_s,
            "patches": self._count,
            "peak_mb": self._peak_mb(),
        }

    def _cpu_s(self) -> float:
        """Of this process and the readers of this round."""
        readers = [child.cpu_times() for child in self._readers]
        return time.process_time() + sum(each.user + each.system for each in readers)

    def _peak_mb(self) -> float:
        """The most that this process held since the round began, and what its readers have of their own."""
        held = re.search(r"^VmHWM:\s+(\d+)", Path("/proc/self/status").read_text(), re.MULTILINE)
        own = int(held.group(1)) * 1024 if held else 0
        return (own + sum(child.memory_full_info().uss for child in self._readers)) / 1e6


def mask_of(request: dict[str, Any]) -> np.ndarray:
    """Where the patches are: the middle of each, on a mask over the whole slide."""
    mask = np.zeros([side // _MASK_PX for side in request["slide_px"]], np.uint8)
    middles = (np.array(request["places"]) + 0.5) * request["side_px"] / _MASK_PX
    mask[tuple(middles.astype(int).T)] = 1
    return mask


def main() -> None:
    # What the libraries print must not stand between the answers.
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    torch.set_num_threads(CORES)
    rounds: dict[str, Round] = {}
    network = ""
    versions = {"tiatoolbox": tiatoolbox.__version__, "torch": torch.__version__}
    print(json.dumps({"ready": versions}), file=answers)
    for line in sys.stdin:
        request = json.loads(line)
        if "given" in request:
            with np.load(request["given"]) as arrays, torch.inference_mode():
                found = network_of(request).scores(torch.from_numpy(arrays["batch"])).tolist()
            print(json.dumps({"scores": found}), file=answers)
            continue
        if request["network"] != network:
            network = request["network"]
            rounds.clear()
        if line not in rounds:
            rounds[line] = Round(request)
        print(json.dumps(rounds[line].measured()), file=answers)


if __name__ == "__main__":
    main()
