"""Draws what the network of artefacts learns from: `python training/artefacts_windows.py --help`.

Runs in the environment of the project, which reads slides; that of training has PyTorch in their place.
"""

import argparse
import time
from pathlib import Path

import numpy as np

from artefacts_data import CLASSES, real_windows, slides_learnt, windows_of
from colours import ColourClasses

_SEED = 20261128
_SLIDES, _OF_EACH, _OF_PICTURE = 18, 4, 32
_COARSER = (1, 1, 1, 4)
"""Of the windows of a slide every fourth is of 8 um/px: the network has to bear pictures of other scales."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder of data sets")
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    begun = time.process_time()
    drawn = windows_of(slides_learnt(_SLIDES, _SEED), _OF_EACH, _SEED, _COARSER)
    real = real_windows(arguments.data, _OF_PICTURE, _SEED)
    for name, windows in (("drawn", drawn), ("real", real)):
        windows.save(arguments.out / f"{name}.npz")
    colours = ColourClasses.counted([drawn, real], len(CLASSES))
    np.save(arguments.out / "baseline.npy", colours.classes)
    spent = time.process_time() - begun
    print(f"drew {len(drawn.rgb)} synthetic and {len(real.rgb)} painted windows in {spent:.0f} CPU-s")


if __name__ == "__main__":
    main()
