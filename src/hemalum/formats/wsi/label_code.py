"""The identifier in the two-dimensional code on the picture of a label.

Only an identifier of ours is taken from there: codes of others may hold what is personal, and who may see a
slide need not be one who may see its label.
"""

from collections.abc import Iterable

import numpy as np
import zxingcpp
from PIL import Image

from hemalum.kernel.identifiers import Identifier, find_in

_LONGEST_PX = 2000
"""A code of 25 modules on a label of 25 mm still has four pixels for each of them."""


def find_identifier(pictures: Iterable[Image.Image]) -> Identifier | None:
    """The one slide that the codes on these pictures name, the first picture with one deciding; None where
    they name none, or several."""
    for picture in pictures:
        grey = picture.convert("L")
        grey.thumbnail((_LONGEST_PX, _LONGEST_PX))
        codes = zxingcpp.read_barcodes(np.asarray(grey))
        named = {each for code in codes for each in find_in(code.text) if each.slide is not None}
        if named:
            return named.pop() if len(named) == 1 else None
    return None
