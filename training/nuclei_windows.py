"""Draws synthetic slides for the network of nuclei: `python training/nuclei_windows.py --help`."""

import argparse
import time
from pathlib import Path

import numpy as np

from nuclei_drawn import CLASSES, slides_learnt, windows_of

_SEED = 20261129
_SLIDES, _OF_EACH = 36, 2


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="not read: all of it is drawn")
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    begun = time.process_time()
    drawn = windows_of(slides_learnt(_SLIDES, _SEED), _OF_EACH, _SEED)
    drawn.save(arguments.out / "drawn.npz")
    shares = np.bincount(drawn.classes.ravel(), minlength=len(CLASSES) + 1)[1:]
    told = ", ".join(
        f"{name} {share:.3f}" for name, share in zip(CLASSES, shares / shares.sum(), strict=True)
    )
    print(f"drew {len(drawn.rgb)} windows of {_SLIDES} slides in {time.process_time() - begun:.0f} CPU-s")
    print(f"of the pixels of nuclei: {told}")


if __name__ == "__main__":
    main()
