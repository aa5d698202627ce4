"""Stains brought to those of a model: by Macenko, by Reinhard where they cannot be told, or not at all."""

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from hemalum.analysis.stain import RUIFROK_HE
from hemalum.capabilities.appraisal.model import Staining
from hemalum.capabilities.inference import store
from hemalum.capabilities.inference.model import InferenceRun, RunState
from hemalum.capabilities.models.model import Version
from hemalum.formats.model.contract import Normalisation
from hemalum.runtime.db import reading
from hemalum.testing.models import WEIGHTS

from .conftest import Laboratory

TARGET = np.array([[0.62, 0.72, 0.31], [0.11, 0.90, 0.42]])
STRENGTHS = np.array([1.1, 0.6])
MEAN, SPREAD = (-0.5, -0.02, 0.03), (0.2, 0.03, 0.02)
MACENKO = f"""
[input.macenko]
haematoxylin = {TARGET[0].tolist()}
eosin = {TARGET[1].tolist()}
strengths = {STRENGTHS.tolist()}
"""
REINHARD = f"""
[input.reinhard]
mean = {list(MEAN)}
spread = {list(SPREAD)}
"""


def asking(method: str, *references: str) -> Callable[[str], str]:
    """A contract that asks for normalisation to these."""

    def edit(text: str) -> str:
        text = text.replace("um_per_px = 0.5", f'um_per_px = 0.5\nnormalisation = "{method}"', 1)
        return text.replace("[[outputs]]", "".join(references) + "\n[[outputs]]", 1)

    return edit


@pytest.fixture(autouse=True)
def _on_its_own(laboratory: Laboratory) -> None:
    """Tests of findings, triage and rereading make the slide one of a case, which says how it is stained."""
    linking, image_id = laboratory.parts.cases.linking, laboratory.images["tissue"]
    if linking.find_case_of(laboratory.actor, image_id) is not None:
        linking.unlink(laboratory.actor, image_id, "for the next test")


@contextmanager
def known_as(laboratory: Laboratory, on: str, stain: str) -> Iterator[None]:
    """A slide whose stain somebody stated."""
    slides, image_id = laboratory.parts.slides, laboratory.images[on]
    slides.describe(laboratory.actor, image_id, {"stain": stain})
    yield
    slides.describe(laboratory.actor, image_id, {"stain": None})


def check(laboratory: Laboratory, run: InferenceRun, on: str, colour: Callable[[Any], Any]) -> None:
    """That the numbers are those of the network on the pixels of a slide with other colours."""
    with reading(laboratory.parts.database) as connection:
        kept = store.list_chunks(connection, [run.id])
    chunks = [np.load(io.BytesIO(laboratory.parts.slides.blobs.get(each.blob_key))) for each in kept]
    places = np.concatenate([each["places"] for each in chunks])
    given = np.concatenate([each["output.scores"] for each in chunks])
    pixels = laboratory.pictures[on]
    for at in range(0, len(places), len(places) // 30):
        row, column = places[at]
        tile = pixels[row * 32 : row * 32 + 32, column * 32 : column * 32 + 32]
        if tile.shape[:2] != (32, 32):
            continue
        raised = np.exp((colour(tile) / 255).mean(axis=(0, 1)) @ WEIGHTS)
        assert given[at] == pytest.approx(raised / raised.sum(), abs=2e-3)


def staining_of(laboratory: Laboratory, on: str) -> Staining:
    told = laboratory.parts.appraising.show(laboratory.actor, laboratory.images[on])
    assert told is not None
    assert told.figures is not None
    return told.figures.staining


def by_macenko(own: NDArray[np.float64], strengths: NDArray[np.float64]) -> Callable[[Any], Any]:
    def recolour(tile: NDArray[np.uint8]) -> NDArray[np.float64]:
        density = -np.log10(np.maximum(tile, 1) / 255).reshape(-1, 3)
        amounts = np.linalg.lstsq(own.T, density.T, rcond=None)[0].clip(min=0)
        wanted = (amounts.T / strengths * STRENGTHS) @ TARGET
        return np.asarray(np.clip(255 * 10.0**-wanted, 0, 255).reshape(tile.shape))

    return recolour


def test_stains_are_brought_to_those_of_the_contract(laboratory: Laboratory) -> None:
    version = laboratory.add("macenko", asking("macenko", MACENKO, REINHARD))
    with known_as(laboratory, "tissue", "HE"):
        (run,) = laboratory.ran(version)
        (again,) = laboratory.ran(version)
        staining = staining_of(laboratory, "tissue")
    assert run.state is RunState.DONE, run.reason
    assert run.recolouring is not None
    assert run.recolouring.method is Normalisation.MACENKO
    assert run.recolouring.stains == (staining.haematoxylin, staining.eosin)
    assert staining.haematoxylin is not None
    assert staining.eosin is not None
    pair = staining.haematoxylin, staining.eosin
    own = np.array([each.density_rgb for each in pair])
    assert np.abs(own - RUIFROK_HE).max() < 0.4
    check(laboratory, run, "tissue", by_macenko(own, np.array([each.strength for each in pair])))
    assert again.digest == run.digest


def test_where_stains_cannot_be_told_mean_and_spread_are_matched(laboratory: Laboratory) -> None:
    version = laboratory.add("fallback", asking("macenko", MACENKO, REINHARD))
    (run,) = laboratory.ran(version)
    assert run.state is RunState.DONE, run.reason
    assert run.recolouring is not None
    assert run.recolouring.method is Normalisation.REINHARD
    own = staining_of(laboratory, "tissue").colouring
    assert own is not None
    assert run.recolouring.colouring == own
    cones = np.array([[0.3811, 0.5783, 0.0402], [0.1967, 0.7244, 0.0782], [0.0241, 0.1288, 0.8444]])
    lab = np.diag([3**-0.5, 6**-0.5, 2**-0.5]) @ [[1, 1, 1], [1, 1, -2], [1, -1, 0]]

    def recolour(tile: NDArray[np.uint8]) -> NDArray[np.float64]:
        seen = np.log10(np.maximum(tile, 1) / 255 @ cones.T) @ lab.T
        moved = (seen - own.mean) / own.spread * SPREAD + MEAN
        light = 10 ** (moved @ np.linalg.inv(lab).T) @ np.linalg.inv(cones).T
        return np.asarray(np.clip(255 * light, 0, 255))

    check(laboratory, run, "tissue", recolour)


def test_without_a_second_reference_the_run_is_refused_and_says_why(laboratory: Laboratory) -> None:
    beside = laboratory.add("beside-refused")
    refused, done = laboratory.ran(laboratory.add("only-macenko", asking("macenko", MACENKO)), beside)
    assert refused.state is RunState.REFUSED
    assert "not known that haematoxylin and eosin" in str(refused.reason)
    assert (refused.scores, refused.recolouring) == ({}, None)
    assert done.state is RunState.DONE


def test_by_reinhard_alone_stains_are_not_asked_for(laboratory: Laboratory) -> None:
    version = laboratory.add("reinhard", asking("reinhard", REINHARD))
    with known_as(laboratory, "tissue", "HE"):
        (run,) = laboratory.ran(version)
    assert run.state is RunState.DONE, run.reason
    assert run.recolouring is not None
    assert run.recolouring.method is Normalisation.REINHARD


def test_on_a_blank_slide_such_a_model_says_nothing(laboratory: Laboratory) -> None:
    version: Version = laboratory.add("normalised-blank", asking("macenko", MACENKO, REINHARD))
    (run,) = laboratory.ran(version, on="blank")
    assert run.state is RunState.ABSTAINED
