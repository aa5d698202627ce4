"""How well ink, folds and edges are found: on synthetic slides, on real examples by the network, too.

The masks of HistoQC and the tiles of HistoLab need the folder of shared data beside the repository.
There is no peer: these are HistoQC's own examples. The few numbers of the rules were chosen while looking at
these pictures, so for them this is no trial on unseen ones; the network did not learn from them.
"""

import os
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from artefacts_slides import print_tables
from hemalum.analysis.agreement import dice
from hemalum.analysis.artefacts import find_edges, find_pen
from hemalum.analysis.batches import prepare
from hemalum.analysis.inference import open_network
from hemalum.analysis.tissue import find_tissue
from hemalum.formats.model.reading import read_contract
from hemalum.formats.model.shipped import shipped_models

_BESIDE = Path(__file__).resolve().parents[2] / "shared"
DATA = Path(os.environ.get("HEMALUM_SHARED", _BESIDE)) / "data/artefacts"

type Find = Callable[[NDArray[np.uint8]], NDArray[np.bool_]]

NETWORK = "hemalum.artefacts"


def pen(rgb: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Where the rules find ink."""
    return find_pen(rgb, find_tissue(rgb))


_MASKED: tuple[tuple[str, str, Find], ...] = (
    ("histoqc/pen_red", "ink", pen),
    ("histoqc/pen_black", "ink", pen),
    ("histoqc/coverslip_edge_he", "edge", find_edges),
)


class Shipped:
    """The shipped network, on pictures of any size at the scale that they have."""

    def __init__(self) -> None:
        (folder,) = (each for each in shipped_models() if each.name == NETWORK)
        contract = read_contract((folder / "model.toml").read_bytes())
        assert contract.input is not None
        self.given, (self.output,) = contract.input, contract.outputs
        self.network = open_network(folder / "model.onnx")

    def finds(self, class_name: str) -> Find:
        """Where one of its classes is the likeliest."""
        number = [each.name for each in self.output.classes].index(class_name)
        return lambda rgb: self._classes(rgb) == number

    def _classes(self, rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
        tile, context = self.given.tile_px, self.given.context_px
        inner = tile - 2 * context
        behind = [context + (-side) % inner for side in rgb.shape[:2]]
        padded = np.pad(rgb, ((context, behind[0]), (context, behind[1]), (0, 0)), mode="symmetric")
        found = np.zeros((padded.shape[0], padded.shape[1]), np.uint8)
        kept = slice(context, context + inner)
        for top in range(0, padded.shape[0] - 2 * context, inner):
            for left in range(0, padded.shape[1] - 2 * context, inner):
                batch = prepare(padded[None, top : top + tile, left : left + tile], self.given)
                logits = self.network.run(batch)[self.output.name][0]
                found[top : top + inner, left : left + inner] = logits[:, kept, kept].argmax(axis=0)
        return found[: rgb.shape[0], : rgb.shape[1]]


def picture(path: Path) -> NDArray[np.uint8]:
    return np.asarray(Image.open(path).convert("RGB"))


def main() -> None:
    print_tables()
    if DATA.exists():
        print()
        print_examples()


def print_examples() -> None:
    """Tables of the pictures of others."""
    shipped = Shipped()
    print("| picture | class | Dice, rules | Dice, network | CPU-s per megapixel, rules | network |")
    print("|---|---|---|---|---|---|")
    for name, class_name, rule in _MASKED:
        rgb = picture(DATA / f"{name}.png")
        truth = np.asarray(Image.open(DATA / f"{name}_mask.png").convert("L")) > 0
        told = [tried(find, rgb, truth) for find in (rule, shipped.finds(class_name))]
        overlaps, times = zip(*told, strict=True)
        numbers = [*(f"{each:.3f}" for each in overlaps), *(f"{each:.2f}" for each in times)]
        print(f"| {name} | {class_name} | {' | '.join(numbers)} |")
    ink = shipped.finds("ink")
    print("\n| picture of HistoLab | share taken for ink, rules | network |\n|---|---|---|")
    for path in sorted((DATA / "histolab").glob("*.png")):
        rgb = picture(path)
        print(f"| {path.stem} | {pen(rgb).mean():.3f} | {ink(rgb).mean():.3f} |")


def tried(find: Find, rgb: NDArray[np.uint8], truth: NDArray[np.bool_]) -> tuple[float, float]:
    """Dice with the mask, and processor time per megapixel in seconds."""
    begun = time.process_time()
    found = find(rgb)
    return dice(found, truth), (time.process_time() - begun) / found.size * 1e6


if __name__ == "__main__":
    main()
