"""Models run over a slide: what comes out, how it ends, and that nothing is done twice."""

import io
from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import onnxruntime
import pytest

from hemalum.capabilities.access.model import Organisation, Role
from hemalum.capabilities.inference import store
from hemalum.capabilities.inference.model import InferenceRun, RunState
from hemalum.capabilities.layers.model import Layer
from hemalum.capabilities.slides.governing import Governing
from hemalum.kernel.actor import Purpose
from hemalum.kernel.errors import Conflict, NotFound, NotPermitted
from hemalum.kernel.ids import OrganisationId
from hemalum.runtime.db import reading
from hemalum.testing.models import scoring_network, without_golden

from .conftest import DirectRun, Laboratory


def kept_of(laboratory: Laboratory, run: InferenceRun) -> list[bytes]:
    with reading(laboratory.parts.database) as connection:
        kept = store.list_chunks(connection, [run.id])
    return [laboratory.parts.slides.blobs.get(each.blob_key) for each in kept]


def layers_of(laboratory: Laboratory, run: InferenceRun) -> list[Layer]:
    return [each for each in laboratory.parts.layers.list_all(run.image_id) if each.id in run.layers]


def columns(chunks: list[bytes], name: str) -> np.ndarray[Any, Any]:
    return np.concatenate([np.load(io.BytesIO(each))[name] for each in chunks])


def test_a_model_runs_over_the_tissue_and_is_drawn(laboratory: Laboratory) -> None:
    (run,) = laboratory.ran(laboratory.add("drawn"))
    assert run.state is RunState.DONE, run.reason
    assert run.patches == run.patches_done > 500
    assert run.scores["violet"] + run.scores["other"] == pytest.approx(1)
    (layer,) = layers_of(laboratory, run)
    assert (layer.producer, layer.producer_version) == (run.model_id, "1.0.0")
    assert layer.origin == "model"
    assert layer.count + run.abstained == run.patches
    chunks = kept_of(laboratory, run)
    assert len(chunks) > 1
    places = columns(chunks, "places")
    assert len(np.unique(places, axis=0)) == len(places) == run.patches


def test_the_numbers_are_those_of_the_network_on_the_pixels(laboratory: Laboratory) -> None:
    """The sample network weighs channel means; anybody can say what it has to give."""
    (run,) = laboratory.ran(laboratory.add("numbers"))
    chunks = kept_of(laboratory, run)
    places, given = columns(chunks, "places"), columns(chunks, "output.scores")
    pixels = laboratory.pictures["tissue"].astype(np.float32) / 255
    weights = np.array([[-2.0, 2.0], [-1.0, 1.0], [1.0, -1.0]], np.float32)
    for row, column in places[:: len(places) // 40]:
        tile = pixels[row * 32 : row * 32 + 32, column * 32 : column * 32 + 32]
        if tile.shape[:2] != (32, 32):
            continue
        raised = np.exp(tile.mean(axis=(0, 1)) @ weights)
        at = np.flatnonzero((places == (row, column)).all(axis=1))[0]
        assert given[at] == pytest.approx(raised / raised.sum(), abs=1e-4)


def test_onnxruntime_on_its_own_gives_the_same_numbers(laboratory: Laboratory) -> None:
    """By the package alone, on pixels that were never in a slide."""
    network = scoring_network(weights=np.array([[3, -1], [-2, 1], [0.5, -2]], np.float32))
    (run,) = laboratory.ran(laboratory.add("bare", without_golden, network=network))
    session = onnxruntime.InferenceSession(network, providers=["CPUExecutionProvider"])
    pixels = laboratory.pictures["tissue"].astype(np.float32) / 255
    chunks = kept_of(laboratory, run)
    places, given = columns(chunks, "places"), columns(chunks, "output.scores")
    inside = np.flatnonzero((places < np.array(pixels.shape[:2]) // 32).all(axis=1))
    assert len(inside) > 500
    for at in inside[::20]:
        row, column = places[at] * 32
        tile = pixels[row : row + 32, column : column + 32].transpose(2, 0, 1)[None]
        (scores,) = session.run(["scores"], {"image": np.ascontiguousarray(tile)})
        raised = np.exp(scores[0] - scores[0].max())
        assert given[at] == pytest.approx(raised / raised.sum(), abs=1e-6)


def test_the_same_version_gives_the_same_bytes_alone_and_beside_others(laboratory: Laboratory) -> None:
    one = laboratory.add("same")
    other = laboratory.add("beside", lambda text: text.replace("um_per_px = 0.5", "um_per_px = 1.0"))
    (first,) = laboratory.ran(one)
    together = laboratory.ran(other, one)
    assert [each.state for each in together] == [RunState.DONE, RunState.DONE]
    assert together[1].digest == first.digest
    assert together[1].number == first.number + 1
    assert together[0].patches < together[1].patches
    assert len(layers_of(laboratory, first)) == len(layers_of(laboratory, together[1])) == 1


def test_a_pass_that_died_goes_on_where_it_was(laboratory: Laboratory) -> None:
    version = laboratory.add("resumed")
    (run,) = laboratory.inference.start(laboratory.actor, laboratory.images["tissue"], [version.id])
    dying = DirectRun(dies_after="chunks.0")
    with pytest.raises(KeyboardInterrupt):
        laboratory.inference.do(dying, run.pass_id)
    half = laboratory.inference.get_run(laboratory.actor, run.id)
    assert half.state is RunState.RUNNING
    assert 0 < half.patches_done < half.patches
    first = kept_of(laboratory, half)
    again = DirectRun()
    again.done = dying.done
    laboratory.inference.do(again, run.pass_id)
    whole = laboratory.inference.get_run(laboratory.actor, run.id)
    assert whole.state is RunState.DONE
    assert whole.patches_done == whole.patches
    assert kept_of(laboratory, whole)[: len(first)] == first
    (uninterrupted,) = laboratory.ran(version)
    assert uninterrupted.digest == whole.digest


def test_a_run_that_died_after_its_layers_were_drawn_does_not_draw_them_twice(
    laboratory: Laboratory, monkeypatch: pytest.MonkeyPatch
) -> None:
    node, actor = laboratory.inference, laboratory.actor
    version = laboratory.add("drawn-once")
    (run,) = node.start(actor, laboratory.images["tissue"], [version.id])

    def die(*_asked: Any, **_values: Any) -> None:
        raise KeyboardInterrupt

    dying = DirectRun()
    with monkeypatch.context() as patch:
        patch.setattr(type(node), "end", die)
        with pytest.raises(KeyboardInterrupt):
            node.do(dying, run.pass_id)
    again = DirectRun()
    again.done = dying.done
    node.do(again, run.pass_id)
    ended = node.get_run(actor, run.id)
    assert ended.state is RunState.DONE
    drawn = [each for each in laboratory.parts.layers.list_all(run.image_id) if each.producer == run.model_id]
    assert [each.id for each in drawn] == list(ended.layers)
    assert len(drawn) == 1


def test_a_run_that_was_cancelled_leaves_the_others_alone(laboratory: Laboratory) -> None:
    versions = [laboratory.add("cancelled"), laboratory.add("going-on")]
    node, actor = laboratory.inference, laboratory.actor
    begun = node.start(actor, laboratory.images["tissue"], [each.id for each in versions])
    node.cancel(actor, begun[0].id)
    node.do(DirectRun(), begun[0].pass_id)
    assert [node.get_run(actor, each.id).state for each in begun] == [RunState.CANCELLED, RunState.DONE]
    with pytest.raises(Conflict):
        node.cancel(actor, begun[1].id)
    again = node.retry(actor, begun[0].id)
    assert again.number == begun[0].number + 1
    node.cancel(actor, again.id)


def test_whoever_was_sent_a_slide_sees_its_runs_and_stops_none(laboratory: Laboratory) -> None:
    node, parts = laboratory.inference, laboratory.parts
    home = next(one for one in parts.access.people.list_organisations() if one.id == "home")
    elsewhere = Organisation(
        OrganisationId("elsewhere"),
        "Elsewhere",
        jurisdiction=home.jurisdiction,
        accreditation="CNAS 1",
        accredited_until=parts.access.clock().date() + timedelta(days=9),
    )
    parts.access.people.add_organisation(None, elsewhere)
    parts.access.add_person("guest", "A guest", "elsewhere", Role.PATHOLOGIST)
    guest = replace(parts.access.actor_for("guest"), purpose=Purpose.CARE)
    image = laboratory.images["tissue"]
    governing = Governing(parts.slides, lambda _: None)
    governing.share(laboratory.reader, image, "elsewhere", 3, None)
    (run,) = node.start(laboratory.actor, image, [laboratory.add("sent-on").id])
    assert node.get_run(guest, run.id).state is RunState.WAITING
    with pytest.raises(NotPermitted):
        node.cancel(guest, run.id)
    assert node.cancel(laboratory.actor, run.id).state is RunState.CANCELLED
    governing.end_share(laboratory.reader, image, "elsewhere")


def test_what_a_model_in_shadow_says_is_not_for_readers(laboratory: Laboratory) -> None:
    version = laboratory.in_shadow(laboratory.add("shadow"))
    (run,) = laboratory.ran(version)
    assert run.state is RunState.DONE
    assert run.is_shadow
    assert run.layers == ()
    seen = laboratory.inference.list_of_image(laboratory.reader, run.image_id)
    assert run.id not in {each.id for each in seen}
    assert run.id not in {each.id for each in laboratory.inference.list_runs(laboratory.reader)}
    with pytest.raises(NotFound):
        laboratory.inference.get_run(laboratory.reader, run.id)
    with pytest.raises(NotPermitted):
        laboratory.inference.compare(laboratory.reader, version.id, "other")


def test_a_new_slide_is_looked_at_by_models_in_shadow_once(laboratory: Laboratory) -> None:
    version = laboratory.in_shadow(laboratory.add("automatic"))
    on_request = laboratory.add("on-request")
    image_id = laboratory.images["tissue"]
    started = {each.version_id for each in laboratory.inference.consider(image_id)}
    assert version.id in started
    assert on_request.id not in started
    assert version.id not in {each.version_id for each in laboratory.inference.consider(image_id)}


def test_patches_leave_as_a_table_without_what_was_abstained(laboratory: Laboratory) -> None:
    from hemalum.capabilities.inference.exporting import as_csv

    exported = laboratory.add("exported")
    (live,) = laboratory.inference.start(laboratory.actor, laboratory.images["tissue"], [exported.id])
    for _ in range(2):
        with pytest.raises(Conflict, match="once the run is done"):
            laboratory.inference.export(laboratory.actor, live.id)
        if live.state.is_live:
            live = laboratory.inference.cancel(laboratory.actor, live.id)
    (run,) = laboratory.ran(exported)
    taken = laboratory.inference.export(laboratory.actor, run.id)
    chunks = map(laboratory.parts.slides.blobs.get, taken.keys)
    table = b"".join(as_csv(taken.version.contract, chunks))
    head, *lines = table.decode().splitlines()
    assert head == "x_um,y_um,side_um,abstained,violet,other"
    assert len(lines) == run.patches
    silent = [line for line in lines if line.split(",")[3] == "1"]
    assert len(silent) == run.abstained
    assert all(line.endswith(",1,,") for line in silent)


def test_a_lost_job_is_picked_up(laboratory: Laboratory) -> None:
    version = laboratory.add("lost")
    node = replace(laboratory.inference)
    (run,) = node.start(laboratory.actor, laboratory.images["tissue"], [version.id])
    node.pick_up()
    assert node.get_run(laboratory.actor, run.id).state is RunState.WAITING
    node.cancel(laboratory.actor, run.id)
