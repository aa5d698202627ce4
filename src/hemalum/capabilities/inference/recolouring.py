"""Colours of a slide brought to those that a model was made for, once told for the whole slide.

By Macenko's stains where they could be told, else by Reinhard's mean and spread, if the contract states them;
methods and their sources are those of `hemalum.analysis.stain`. Glass is recoloured like tissue.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from hemalum.analysis.stain import Colouring, Rejected, Stains, matched, normalised
from hemalum.capabilities.appraisal.model import Appraisal
from hemalum.capabilities.inference.model import Recolouring
from hemalum.formats.model.contract import Input, Normalisation
from hemalum.kernel.sentence import Sentence

type Pixels = NDArray[np.uint8]

NO_REFERENCE = Sentence(
    "The model needs normalised stains, and its contract states no colours that slides are brought to."
)
_OTHER_STAIN = Sentence("It is not known that haematoxylin and eosin are on the glass.")
_LITTLE_TISSUE = Sentence("There is too little stained tissue.")
_WHY = {
    Rejected.LITTLE_TISSUE: _LITTLE_TISSUE,
    Rejected.ONE_COLOUR: Sentence("Their colours are too alike, or only one of them is there."),
    Rejected.OTHER_STAIN: Sentence("A colour is too far from haematoxylin or eosin."),
}


def needs(given: Input | None) -> bool:
    """Whether a model is not given colours as they were scanned."""
    return given is not None and given.normalisation is not Normalisation.NONE


def states_reference(given: Input) -> bool:
    """Whether a contract that asks for normalisation says to what."""
    return (given.macenko if given.normalisation is Normalisation.MACENKO else given.reinhard) is not None


def chosen(given: Input, told: Appraisal) -> Recolouring | Sentence:
    """How the colours of a slide are brought to the reference of a model, or why they cannot be."""
    if told.figures is None:
        return _not_told(told.reason or _LITTLE_TISSUE)
    staining = told.figures.staining
    wants_stains = given.normalisation is Normalisation.MACENKO
    if wants_stains and staining.haematoxylin is not None and staining.eosin is not None:
        return Recolouring((staining.haematoxylin, staining.eosin), None)
    if given.reinhard is not None and staining.colouring is not None:
        return Recolouring(None, staining.colouring)
    if not wants_stains:
        why = _LITTLE_TISSUE
    else:
        why = _OTHER_STAIN if staining.rejected is None else _WHY[staining.rejected]
    return _not_told(why)


def recolouring_of(given: Input, own: Recolouring | None) -> Callable[[Pixels], Pixels]:
    """What a model is given of pixels (height, width, 3) of a slide."""
    if own is None:
        return lambda pixels: pixels
    if own.stains is not None:
        assert given.macenko is not None
        haematoxylin, eosin = own.stains
        of_slide = _stains(
            (haematoxylin.density_rgb, eosin.density_rgb), (haematoxylin.strength, eosin.strength)
        )
        wanted = given.macenko
        target = _stains((wanted.haematoxylin, wanted.eosin), wanted.strengths)
        return lambda pixels: normalised(pixels, of_slide, target)
    assert own.colouring is not None
    assert given.reinhard is not None
    colouring, reference = own.colouring, Colouring(given.reinhard.mean, given.reinhard.spread)
    return lambda pixels: matched(pixels, colouring, reference)


def _not_told(why: Sentence) -> Sentence:
    return Sentence(
        "The model needs normalised stains, and those of this slide could not be told. {why}", {"why": why}
    )


def _stains(colours: Sequence[tuple[float, float, float]], strengths: tuple[float, float]) -> Stains:
    matrix = np.array(colours, np.float32)
    return Stains(matrix, strengths, float(np.linalg.cond(matrix)))
