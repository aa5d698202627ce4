"""Slides as bags of embeddings, with one label each: the exports of a node and a table of labels."""

import csv
import io
import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_COLUMNS = ("slide", "patient", "label")


class BadBags(Exception):
    """The exports or the table are not what they should be. The sentence says how."""


@dataclass(frozen=True, slots=True)
class Bag:
    """One slide."""

    slide: str
    patient: str
    label: int
    """Among the classes."""
    features: NDArray[np.float32]
    """(tiles, dimensions)"""


@dataclass(frozen=True, slots=True)
class EncoderUsed:
    """What made the embeddings."""

    id: str
    version: str
    address: str


@dataclass(frozen=True, slots=True)
class Cohort:
    """Slides of one laboratory, all embedded by one version of one encoder."""

    bags: tuple[Bag, ...]
    classes: tuple[str, ...]
    encoder: EncoderUsed


def read_cohort(folder: Path, labels: Path) -> Cohort:
    """The slides that a table names (CSV: slide, patient, label), with their exports `SLIDE.npz` in a folder.

    Raises:
        BadBags: a slide has no export, there is nothing to learn from, or encoders differ.
    """
    rows = _read_labels(labels)
    classes = tuple(sorted({row["label"] for row in rows}))
    if len(classes) < 2:
        raise BadBags(f"{labels.name} has slides of one class alone; a head tells at least two apart.")
    bags: list[Bag] = []
    used: set[EncoderUsed] = set()
    for row in rows:
        features, encoder = _read_export(folder / f"{row['slide']}.npz")
        used.add(encoder)
        bags.append(Bag(row["slide"], row["patient"], classes.index(row["label"]), features))
    if len(used) > 1:
        named = ", ".join(sorted(f"{each.id} {each.version}" for each in used))
        raise BadBags(f"The slides were embedded by different encoders ({named}); run one of them over all.")
    return Cohort(tuple(bags), classes, used.pop())


def by_patient(bags: Sequence[Bag]) -> list[list[int]]:
    """The numbers of the bags of each patient, in the order of their names."""
    found: dict[str, list[int]] = {}
    for number, bag in enumerate(bags):
        found.setdefault(bag.patient, []).append(number)
    return [found[patient] for patient in sorted(found)]


def _read_labels(path: Path) -> list[dict[str, str]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            missing = [name for name in _COLUMNS if name not in (reader.fieldnames or ())]
            if missing:
                raise BadBags(f"{path.name} has no column {' and no column '.join(missing)}.")
            rows = [{name: (row[name] or "").strip() for name in _COLUMNS} for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadBags(f"{path.name} cannot be read as a table: {error}.") from error
    for number, row in enumerate(rows, 2):
        if not all(row.values()):
            raise BadBags(f"Line {number} of {path.name} has an empty field.")
        if Path(row["slide"]).name != row["slide"]:
            raise BadBags(f"Line {number} of {path.name} names a slide that cannot be a file.")
    if len({row["slide"] for row in rows}) < len(rows):
        raise BadBags(f"{path.name} names a slide twice.")
    return rows


def _read_export(path: Path) -> tuple[NDArray[np.float32], EncoderUsed]:
    try:
        with zipfile.ZipFile(path) as archive:
            about = json.loads(archive.read("about.json"))
            silent = np.load(io.BytesIO(archive.read("abstained.npy")), allow_pickle=False)
            features = np.load(io.BytesIO(archive.read("embedding.npy")), allow_pickle=False)
        encoder = EncoderUsed(about["model_id"], about["model_version"], about["address"])
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise BadBags(f"{path.name} is no export of embeddings: {error}.") from error
    features = features[~silent].astype(np.float32)
    if features.ndim != 2 or not len(features) or not np.isfinite(features).all():
        raise BadBags(f"{path.name} holds no embeddings of tiles.")
    return features, encoder
