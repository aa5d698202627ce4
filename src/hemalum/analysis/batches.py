"""What networks are given of tiles, and what their outputs mean, both in the form that contracts state."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hemalum.formats.model.contract import Activation, Input, Layout


def prepare(tiles: NDArray[np.uint8], given: Input) -> NDArray[Any]:
    """The batch for tiles (n, rows, columns, RGB): scaled, normalised and laid out as the contract says.

    Normalising the stain of a slide comes before and is not done here.
    """
    is_planar = given.layout is Layout.NCHW
    samples = tiles.transpose(0, 3, 1, 2) if is_planar else tiles
    if given.dtype == "uint8":
        return np.ascontiguousarray(samples)
    # In place, once the samples lie as the network wants them, and in as few passes as there can be: with
    # copies, and laid out at the end, this took longer than a small network.
    shape = (-1, 1, 1) if is_planar else (-1,)
    mean, std = (np.array(each, np.float64).reshape(shape) for each in (given.mean, given.std))
    scaled = samples.astype(np.float32, order="C")
    scaled *= (1 / (given.divisor * std)).astype(np.float32)
    scaled -= (mean / std).astype(np.float32)
    return scaled.astype(given.dtype, copy=False)


def activate(values: NDArray[Any], activation: Activation, axis: int) -> NDArray[np.float32]:
    """What the network gave as values that mean something; classes lie along `axis`."""
    plain = values.astype(np.float32)
    if activation is Activation.SIGMOID:
        return (1 / (1 + np.exp(-np.clip(plain, -80, 80)))).astype(np.float32)
    if activation is Activation.SOFTMAX:
        raised = np.exp(plain - plain.max(axis=axis, keepdims=True))
        return (raised / raised.sum(axis=axis, keepdims=True)).astype(np.float32)
    return plain
