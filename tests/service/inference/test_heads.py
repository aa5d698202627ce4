"""Encoders and slide heads: embeddings leave, and a head runs on what its encoder said."""

import importlib
import io
import json
import shutil
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from hemalum.capabilities.inference.commands import export_embeddings
from hemalum.capabilities.inference.exporting import as_npz
from hemalum.capabilities.inference.model import InferenceRun, RunState
from hemalum.capabilities.models import store as model_store
from hemalum.capabilities.models.model import (
    Fitness,
    NotReleasable,
    Version,
    check_chain,
    encoder_of,
)
from hemalum.formats.model.contract import Status
from hemalum.kernel.errors import Conflict
from hemalum.runtime.db import transaction
from hemalum.testing.heads import CHOSEN, WEIGHTS, as_encoder, write_head

from .conftest import Laboratory


def add_pair(
    laboratory: Laboratory, name: str, more: str = "", um_per_px: float = 2.0
) -> tuple[Version, Version]:
    """An encoder and a head on it; no other test has them."""
    encoder = laboratory.add(
        f"{name}-encoder",
        lambda text: as_encoder(text).replace("um_per_px = 0.5", f"um_per_px = {um_per_px}"),
    )
    folder = write_head(
        laboratory.folder / f"{name}-head", f"sample.{name}-head", f"sample.{name}-encoder", more
    )
    return encoder, laboratory.parts.models.add(laboratory.actor, folder)


def exported(laboratory: Laboratory, run: InferenceRun) -> bytes:
    node = laboratory.inference
    taken = node.export_embeddings(laboratory.actor, run.id)
    return b"".join(as_npz(taken, map(laboratory.parts.slides.blobs.get, taken.keys)))


def expected_of(features: np.ndarray[Any, Any]) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Attention and probabilities, by hand."""
    raised = np.exp(features @ CHOSEN - (features @ CHOSEN).max())
    attention = raised / raised.sum()
    likely = np.exp(attention @ features @ WEIGHTS)
    return attention, likely / likely.sum()


def test_a_head_brings_its_encoder_along_and_says_what_it_rests_on(laboratory: Laboratory) -> None:
    encoder, head = add_pair(laboratory, "brought", um_per_px=0.5)
    base, run = laboratory.ran(head)
    assert (base.version_id, base.state) == (encoder.id, RunState.DONE), base.reason
    assert run.state is RunState.DONE, run.reason
    content = exported(laboratory, base)
    with np.load(io.BytesIO(content)) as arrays:
        features, places = arrays["embedding"], arrays["places_um"]
    assert features.shape == (base.patches, 2)
    attention, likely = expected_of(features)
    assert [run.scores["a"], run.scores["b"]] == pytest.approx(likely.tolist(), abs=1e-5)
    rests_on = laboratory.inference.encoder_run_of(run)
    assert rests_on is not None
    assert rests_on.id == base.id
    (layer,) = [each for each in laboratory.parts.layers.list_all(run.image_id) if each.id in run.layers]
    assert layer.count == base.patches
    pixels = laboratory.pictures["tissue"].astype(np.float32) / 255
    at = int(attention.argmax())
    x, y = (round(each / 0.5) for each in places[at])
    weighed = pixels[y : y + 32, x : x + 32].mean(axis=(0, 1)) @ np.array(
        [[-2, 2], [-1, 1], [1, -1]], np.float32
    )
    assert features[at] == pytest.approx(weighed, abs=1e-3)


def test_an_encoder_that_has_run_is_not_run_again(laboratory: Laboratory) -> None:
    encoder, head = add_pair(laboratory, "known")
    (base,) = laboratory.ran(encoder)
    (run,) = laboratory.ran(head)
    assert run.state is RunState.DONE, run.reason
    rests_on = laboratory.inference.encoder_run_of(run)
    assert rests_on is not None
    assert rests_on.id == base.id
    again = laboratory.inference.retry(laboratory.actor, run.id)
    assert again.version_id == head.id
    laboratory.inference.cancel(laboratory.actor, again.id)


def test_the_same_embeddings_give_the_same_bytes(laboratory: Laboratory) -> None:
    encoder, _ = add_pair(laboratory, "bytes")
    (run,) = laboratory.ran(encoder)
    content = exported(laboratory, run)
    assert content == exported(laboratory, run)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        about = json.loads(archive.read("about.json"))
    assert (about["model_id"], about["image_id"]) == (run.model_id, run.image_id)
    assert about["side_um"] == 64
    assert [each["provider"] for each in about["engines"]] == ["CPUExecutionProvider"]


def test_a_head_without_its_encoder_is_refused(laboratory: Laboratory) -> None:
    folder = write_head(laboratory.folder / "lonely", "sample.lonely", "sample.nowhere")
    version = laboratory.parts.models.add(laboratory.actor, folder)
    (run,) = laboratory.ran(version)
    assert run.state is RunState.REFUSED
    assert "sample.nowhere" in str(run.reason)


def test_a_head_that_is_not_sure_says_nothing(laboratory: Laboratory) -> None:
    rule = '[abstain]\noutput = "scores"\nbelow = 0.999999'
    _, head = add_pair(laboratory, "unsure", rule)
    _, run = laboratory.ran(head)
    assert run.state is RunState.ABSTAINED
    assert not run.scores


def test_a_slide_without_tissue_gets_no_score(laboratory: Laboratory) -> None:
    _, head = add_pair(laboratory, "empty")
    base, run = laboratory.ran(head, on="blank")
    assert (base.state, run.state) == (RunState.ABSTAINED, RunState.ABSTAINED)
    assert run.reason == base.reason


def test_a_head_of_other_embeddings_fails_and_says_so(laboratory: Laboratory) -> None:
    encoder = laboratory.add("plain-encoder", as_encoder)
    folder = write_head(laboratory.folder / "wide", "sample.wide", "sample.plain-encoder", dimensions=3)
    head = laboratory.parts.models.add(laboratory.actor, folder)
    base, run = laboratory.ran(head)
    assert (base.version_id, base.state) == (encoder.id, RunState.DONE)
    assert run.state is RunState.FAILED
    assert "n x 3" in str(run.reason)


def test_what_gives_no_embeddings_exports_none(laboratory: Laboratory) -> None:
    _, head = add_pair(laboratory, "exports")
    _, run = laboratory.ran(head)
    (other,) = laboratory.ran(laboratory.add("no-embedding"))
    for each in (run, other):
        with pytest.raises(Conflict):
            laboratory.inference.export_embeddings(laboratory.actor, each.id)
    with pytest.raises(Conflict):
        laboratory.inference.export(laboratory.actor, run.id)


def test_heads_in_shadow_draw_nothing(laboratory: Laboratory) -> None:
    _, head = add_pair(laboratory, "hidden")
    head = laboratory.parts.models.set_status(laboratory.actor, head.id, Status.SHADOW, "to be tried")
    _, run = laboratory.ran(head)
    assert run.state is RunState.DONE
    assert run.layers == ()
    assert run.id not in {each.id for each in laboratory.inference.list_runs(laboratory.reader)}


def test_embeddings_of_all_slides_go_where_a_head_is_learnt(
    laboratory: Laboratory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoder, _ = add_pair(laboratory, "written")
    (run,) = laboratory.ran(encoder)

    @contextmanager
    def opened(data: Path) -> Iterator[Any]:
        yield laboratory.parts

    asked = [
        "--data",
        str(tmp_path),
        "--model",
        run.model_id,
        "--version",
        "1.0.0",
        "--to",
        str(tmp_path / "out"),
    ]
    done = CliRunner().invoke(export_embeddings, asked, obj=opened, catch_exceptions=False)
    assert done.output.split()[0] == run.image_id
    table = tmp_path / "out/labels.csv"
    head, line = table.read_text("utf-8").splitlines()
    assert head == "slide,patient,label,name"
    assert line.startswith(f"{run.image_id},,,")
    shutil.copy(tmp_path / f"out/{run.image_id}.npz", tmp_path / "out/other.npz")
    table.write_text(f"slide,patient,label\n{run.image_id},p1,a\nother,p2,b\n")
    monkeypatch.syspath_prepend(Path(__file__).parents[3] / "training")
    bags = importlib.import_module("bags")
    cohort = bags.read_cohort(tmp_path / "out", table)
    assert (cohort.encoder.id, cohort.encoder.address) == (run.model_id, run.address)
    assert cohort.bags[0].features.shape == (run.patches, 2)


def standing(laboratory: Laboratory, version: Version, status: Status) -> Version:
    """As `set_status` leaves it, once there is all that release asks for."""
    parts = laboratory.parts
    with transaction(parts.database) as connection:
        now = parts.slides.clock()
        model_store.set_status(connection, version, status, laboratory.actor, "for a test", now)
    return parts.models.get_version("home", version.id)


def test_a_head_counts_for_no_more_than_its_encoder(laboratory: Laboratory) -> None:
    inference, image_id = laboratory.inference, laboratory.images["tissue"]
    encoder, head = add_pair(laboratory, "chain")
    image = laboratory.parts.slides.get_image_of_any(image_id)
    head = standing(laboratory, head, Status.CLINICAL)
    for less in (Status.RESEARCH, Status.SHADOW):
        encoder = standing(laboratory, encoder, less)
        fit = inference.fit(head, image)
        assert fit.verdict is Fitness.REFUSED
        assert "the encoder sample.chain-encoder 1.0.0 on which it rests is not" in str(fit.reasons[-1])
    (run,) = laboratory.ran(head)
    assert run.state is RunState.REFUSED
    assert "on which it rests is not" in str(run.reason)
    assert head.id not in {each.version_id for each in inference.consider(image_id)}
    standing(laboratory, encoder, Status.CLINICAL)
    assert inference.fit(head, image).verdict is not Fitness.REFUSED
    standing(laboratory, encoder, Status.WITHDRAWN)
    standing(laboratory, head, Status.WITHDRAWN)


def test_a_head_in_shadow_runs_by_itself_once_its_encoder_does(laboratory: Laboratory) -> None:
    inference, image_id = laboratory.inference, laboratory.images["nuclei"]
    encoder, head = add_pair(laboratory, "chain-in-shadow")
    standing(laboratory, head, Status.SHADOW)
    assert head.id not in {each.version_id for each in inference.consider(image_id)}
    standing(laboratory, encoder, Status.SHADOW)
    begun = inference.consider(image_id)
    assert {encoder.id, head.id} <= {each.version_id for each in begun}
    for each in begun:
        inference.cancel(laboratory.actor, each.id)
    for version in (encoder, head):
        standing(laboratory, version, Status.RESEARCH)


def test_a_head_rests_on_the_encoder_that_may_be_used_for_as_much(laboratory: Laboratory) -> None:
    encoder, head = add_pair(laboratory, "chain-of-two")
    newer = replace(
        encoder,
        id="newer",
        added_at=encoder.added_at + timedelta(days=1),
        contract=replace(encoder.contract, identity=replace(encoder.contract.identity, version="2.0.0")),
    )
    assert encoder_of(head, [encoder, newer]) == newer
    released = replace(encoder, status=Status.CLINICAL)
    in_use = replace(head, status=Status.CLINICAL)
    assert encoder_of(in_use, [released, newer]) == released
    check_chain(head, [released, newer])
    with pytest.raises(NotReleasable, match="release that first"):
        check_chain(head, [encoder, newer])
    with pytest.raises(NotReleasable, match="release that first"):
        check_chain(head, [])


def test_a_head_is_not_released_before_its_encoder(laboratory: Laboratory) -> None:
    _, head = add_pair(laboratory, "chain-to-be-released")
    head = laboratory.in_shadow(head)
    with pytest.raises(NotReleasable, match="chain-to-be-released-encoder"):
        laboratory.parts.models.set_status(laboratory.reviewer, head.id, Status.CLINICAL, "it is good")
    assert laboratory.parts.models.get_version("home", head.id).status is Status.SHADOW
