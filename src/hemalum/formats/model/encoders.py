"""Foundation encoders by name: what is known of each before anybody has its weights."""

import tomllib
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from hemalum.formats.model.contract import Access
from hemalum.kernel.typed import typed

_TABLE = Path(__file__).with_name("encoders.toml")


class Naming(StrEnum):
    """Whose names the tensors of a published file have."""

    TIMM = "timm"
    DINOV2 = "dinov2"
    """The repository of M. Oquab et al. 2023."""
    TRANSFORMERS = "transformers"
    """`Dinov2Model` and `Dinov2WithRegistersModel`."""


class Pooling(StrEnum):
    """What of the tokens of the last layer is the embedding of a tile."""

    CLASS = "class"
    CLASS_AND_MEAN = "class-and-mean"
    """The class token, then the mean of the tokens of patches; never registers."""


@dataclass(frozen=True, slots=True)
class Encoder:
    """One encoder of tiles."""

    id: str
    """Of the model that is made of its weights."""
    name: str
    publisher: str
    source: str
    """Where its weights are given out."""
    paper: str
    licence: str
    """SPDX."""
    access: Access
    note: str
    note_zh: str
    files: tuple[str, ...]
    """Names under which the weights are given out; the first that is there counts."""
    naming: Naming
    architecture: str
    """The name in timm."""
    pooling: Pooling
    dimensions: int
    parameters_million: int
    tile_px: int
    um_per_px: float
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    arguments: dict[str, Any] = field(default_factory=dict)
    """Of the architecture, where they differ from those of timm."""
    position_antialias: bool = True
    """Whether the publisher smooths positions when it resamples them to another size of tile."""
    feed_forward_as_weights: bool = False
    """Whether the kind of its feed-forward layers (plain or gated) is read off the weights."""


@cache
def encoders() -> tuple[Encoder, ...]:
    """All that are known, in the order in which they are recommended."""
    plain = tomllib.loads(_TABLE.read_text("utf-8"))
    return typed(plain["encoders"], tuple[Encoder, ...])
