"""Planning where networks look. Runs in child processes only.

The engine names `plan` to `hemalum.runtime.sandbox.Workers` and never imports this module. Arguments and
results are plain values.
"""

import io
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from hemalum.analysis.artefacts import find_edges, tell_ink
from hemalum.analysis.patches import PatchNeed, PatchPlan, chunks_of, plan_patches
from hemalum.analysis.tissue import find_tissue
from hemalum.capabilities.inference.running import input_of, need_of, npz
from hemalum.formats.model.contract import Contract
from hemalum.kernel.errors import Invalid
from hemalum.kernel.geometry import PixelSize, SpacingUm
from hemalum.kernel.typed import typed

type Mask = NDArray[np.bool_]

_TISSUE_PX = 1024
_MOST_INK = 0.9
"""Of what stands out from the glass: with more than this of ink there is no tissue. Less is left to readers,
and to models for artefacts: red ink is not surely told from blood, and nothing may be lost for that."""
_INK_IS_KNOWN_FOR = ("he",)
_NOTHING = PatchPlan(
    PatchNeed(1.0, 1, 1), 0, (1.0, 1.0), (0, 0), np.zeros((0, 2), np.int32), np.zeros(0, np.int64)
)


def plan(
    thumbnail: bytes,
    on_dark: bool,
    sizes: Sequence[Sequence[int]],
    spacing_um: Sequence[float] | None,
    contracts: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    """Which patches each model looks at: an .npz with them, their number for each, and the chunks.

    A model that would look at too many looks at none, and `refused` says why. So does one for haematoxylin
    and eosin where all that stands out is ink, which `only_pen` tells.

    Raises:
        NoPhysicalScale: the slide states no um/px.
    """
    rgb = _picture(thumbnail)
    tissue = find_tissue(rgb, on_dark=on_dark)
    inputs = [input_of(typed(plain, Contract)) for plain in contracts]
    # What is ink for one stain is a colour of another.
    tells_ink = [not on_dark and each.only_tissue and each.stains == _INK_IS_KNOWN_FOR for each in inputs]
    beside_ink, is_ink = _told_from_ink(rgb, tissue) if any(tells_ink) else (tissue, False)
    levels = [PixelSize(*each) for each in sizes]
    spacing = None if spacing_um is None else SpacingUm(*spacing_um)
    plans: list[PatchPlan] = []
    refused: list[Any] = []
    only_pen: list[bool] = []
    for given, tells in zip(inputs, tells_ink, strict=True):
        mask = tissue if given.only_tissue else np.ones_like(tissue)
        only_pen.append(tells and is_ink)
        if tells:
            mask = np.zeros_like(tissue) if is_ink else beside_ink
        try:
            plans.append(plan_patches(levels, spacing, mask, need_of(given)))
            refused.append(None)
        except Invalid as error:
            plans.append(_NOTHING)
            refused.append(msgspec.to_builtins(error.sentence))
    arrays: dict[str, NDArray[Any]] = {}
    for number, each in enumerate(plans):
        arrays[f"places.{number}"], arrays[f"blocks.{number}"] = each.places, each.blocks
    return {
        "content": npz(arrays),
        "refused": refused,
        "only_pen": only_pen,
        "patches": [len(each.places) for each in plans],
        "levels": [[each.level, *each.scale, *each.grid] for each in plans],
        "chunks": [list(chunk) for chunk in chunks_of(plans)],
    }


def _picture(thumbnail: bytes) -> NDArray[np.uint8]:
    with Image.open(io.BytesIO(thumbnail), formats=("JPEG", "PNG")) as image:
        image.draft("RGB", (_TISSUE_PX, _TISSUE_PX))
        image.thumbnail((_TISSUE_PX, _TISSUE_PX))
        return np.asarray(image.convert("RGB"))


def _told_from_ink(rgb: NDArray[np.uint8], tissue: Mask) -> tuple[Mask, bool]:
    """Where tissue is, pale tissue beside ink with it, and whether nearly all of that is ink of a pen.

    `tissue` is what has colour, ink or not. None of it is taken away.
    """
    standing_out, ink = tell_ink(rgb, find_edges(rgb))
    coloured = tissue | (standing_out & ~ink)
    is_ink = ink.any() and int((tissue & ink).sum()) >= _MOST_INK * int(coloured.sum())
    return coloured, bool(is_ink)
