"""Two versions over the same slides: how far they agree, and where they do not."""

from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa

from hemalum.capabilities.inference.model import ComparedUnit, InferenceRun
from hemalum.capabilities.inference.tables import run_table
from hemalum.capabilities.models.model import Version
from hemalum.kernel.errors import Conflict, Invalid, NotFound
from hemalum.runtime.db import transaction
from hemalum.testing.models import scoring_network, telling_weights, without_golden

from .conftest import Laboratory
from .test_heads import add_pair
from .test_runs import columns, kept_of


def newer(laboratory: Laboratory, name: str, **options: Any) -> Version:
    folder = laboratory.write(name, folder=f"{name}-2", version="1.1.0", **options)
    return laboratory.parts.models.add(laboratory.actor, folder)


def classes_of(laboratory: Laboratory, run: InferenceRun) -> dict[tuple[int, int], int]:
    """By place, where it said something."""
    chunks = kept_of(laboratory, run)
    places, values = columns(chunks, "places"), columns(chunks, "output.scores")
    said = ~columns(chunks, "abstained")
    return {
        (int(row), int(column)): int(of)
        for (row, column), of in zip(places[said], values[said].argmax(axis=1), strict=True)
    }


def test_what_two_versions_say_of_the_same_patches_is_counted(laboratory: Laboratory) -> None:
    pixels = laboratory.pictures["tissue"]
    networks = [scoring_network(weights=telling_weights(pixels, shift)) for shift in (1.0, 1.2)]
    first = laboratory.add("compared", without_golden, network=networks[0])
    second = newer(laboratory, "compared", edit=without_golden, network=networks[1])
    runs = laboratory.ran(first, second)
    found = laboratory.inference.compare(laboratory.actor, first.id, second.id)
    assert (found.first.id, found.second.id, found.unit) == (first.id, second.id, ComparedUnit.PATCHES)
    own, other = (classes_of(laboratory, each) for each in runs)
    wanted = np.zeros((3, 3), int)
    for place in own.keys() & other.keys():
        wanted[own[place], other[place]] += 1
    assert np.array_equal(found.table, wanted)
    (slide,) = found.slides
    assert slide.table == found.table
    assert slide.only_first == len(own.keys() - other.keys())
    assert slide.only_second == len(other.keys() - own.keys())
    assert found.agreement == pytest.approx(np.trace(wanted) / wanted.sum())
    # One slide says nothing of how much slides vary.
    assert found.interval is None
    assert 0 < slide.agreeing < slide.compared
    assert slide.mean_difference > 0
    assert 1 <= len(slide.places) <= 5
    for place in slide.places:
        row, column = int(place.y_um // 16), int(place.x_um // 16)
        assert place.side_um == 16
        assert [own[row, column], other[row, column]] == [
            ["violet", "other"].index(one) for one in (place.first, place.second)
        ]
    assert (found.only, found.left_out) == ((0, 0), 0)


def test_the_same_network_agrees_with_itself_whatever_the_order_of_its_classes(
    laboratory: Laboratory,
) -> None:
    def turned(text: str) -> str:
        text = text.replace('\nname = "violet"', '\nname = "was-violet"')
        text = text.replace('\nname = "other"', '\nname = "violet"')
        return without_golden(text.replace('\nname = "was-violet"', '\nname = "other"'))

    pixels = laboratory.pictures["tissue"]
    weights = telling_weights(pixels)
    first = laboratory.add("turned", without_golden, network=scoring_network(weights=weights))
    second = newer(
        laboratory, "turned", edit=turned, network=scoring_network(weights=weights[:, ::-1].copy())
    )
    laboratory.ran(first, second)
    found = laboratory.inference.compare(laboratory.actor, first.id, second.id)
    (slide,) = found.slides
    assert slide.agreeing == slide.compared > 0
    assert slide.mean_difference == pytest.approx(0, abs=1e-6)
    assert slide.places == ()
    assert found.agreement == 1
    assert found.kappa == pytest.approx(1)


def test_patches_of_another_grid_are_not_taken_for_the_same(laboratory: Laboratory) -> None:
    first = laboratory.add("grid")
    second = newer(laboratory, "grid", edit=lambda text: text.replace("um_per_px = 0.5", "um_per_px = 1.0"))
    laboratory.ran(first, second)
    found = laboratory.inference.compare(laboratory.actor, first.id, second.id)
    assert found.unit is ComparedUnit.NOTHING
    assert found.agreement is None
    assert found.kappa is None
    (slide,) = found.slides
    assert slide.compared == 0
    assert set(slide.first) == set(slide.second) == {"violet", "other"}


def test_runs_on_different_scans_are_not_compared(laboratory: Laboratory) -> None:
    first = laboratory.add("scanned-anew")
    second = newer(laboratory, "scanned-anew")
    runs = laboratory.ran(first, second)
    with transaction(laboratory.parts.database) as connection:
        connection.execute(
            sa.update(run_table).where(run_table.c.id == runs[0].id).values(generation="earlier")
        )
    found = laboratory.inference.compare(laboratory.actor, first.id, second.id)
    assert (found.slides, found.only) == ((), (1, 1))


def test_heads_are_compared_slide_by_slide(laboratory: Laboratory) -> None:
    _, first = add_pair(laboratory, "one-head")
    _, second = add_pair(laboratory, "other-head")
    laboratory.ran(first)
    laboratory.ran(second)
    found = laboratory.inference.compare(laboratory.actor, first.id, second.id)
    assert found.unit is ComparedUnit.SLIDES
    assert sum(map(sum, found.table)) == len(found.slides) == 1
    assert found.slides[0].agreeing == 1


def test_what_cannot_be_compared_is_said(laboratory: Laboratory) -> None:
    node, actor = laboratory.inference, laboratory.actor
    first = laboratory.add("incomparable")
    with pytest.raises(Invalid, match="differ"):
        node.compare(actor, first.id, first.id)
    with pytest.raises(NotFound):
        node.compare(actor, first.id, "nothing")
    other = newer(
        laboratory,
        "incomparable",
        edit=lambda text: text.replace('name = "other"', 'name = "rest"'),
    )
    with pytest.raises(Conflict, match="same classes"):
        node.compare(actor, first.id, other.id)
    with pytest.raises(Conflict, match="same classes"):
        node.compare(actor, first.id, laboratory.shipped("hemalum.nuclei").id)
