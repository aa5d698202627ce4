"""How well ink and edges of glass are found: Dice with the masks of HistoQC.

Needs the folder of shared data beside the repository. There is no peer: these are HistoQC's own examples. The
few numbers of the rules were chosen while looking at these pictures, so this is no trial on unseen ones.
"""

import os
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from hemalum.analysis.agreement import dice
from hemalum.analysis.artefacts import find_edges, find_pen

_BESIDE = Path(__file__).resolve().parents[2] / "shared"
DATA = Path(os.environ.get("HEMALUM_SHARED", _BESIDE)) / "data/artefacts"

type Find = Callable[[NDArray[np.uint8]], NDArray[np.bool_]]

_MASKED: tuple[tuple[str, Find], ...] = (
    ("histoqc/pen_red", find_pen),
    ("histoqc/pen_black", find_pen),
    ("histoqc/coverslip_edge_he", find_edges),
)


def picture(path: Path) -> NDArray[np.uint8]:
    return np.asarray(Image.open(path).convert("RGB"))


def main() -> None:
    print("| picture | Dice | CPU-s per megapixel |\n|---|---|---|")
    for name, find in _MASKED:
        rgb = picture(DATA / f"{name}.png")
        truth = np.asarray(Image.open(DATA / f"{name}_mask.png").convert("L")) > 0
        begun = time.process_time()
        found = find(rgb)
        spent = (time.process_time() - begun) / found.size * 1e6
        print(f"| {name} | {dice(found, truth):.3f} | {spent:.2f} |")
    print("\n| picture of HistoLab | share taken for ink |\n|---|---|")
    for path in sorted((DATA / "histolab").glob("*.png")):
        print(f"| {path.stem} | {find_pen(picture(path)).mean():.3f} |")


if __name__ == "__main__":
    main()
