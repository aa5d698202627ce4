"""Slide heads: which encoder one rests on, and how it is run on what that encoder said."""

import hashlib
import io
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from hemalum.capabilities.inference import store
from hemalum.capabilities.inference.model import (
    PROCESSOR,
    WHOLE,
    Chunk,
    Engine,
    InferenceRun,
    RunState,
)
from hemalum.capabilities.inference.results import LayerNamed, draw
from hemalum.capabilities.models.model import Fit, Fitness, Version, encoder_of
from hemalum.formats.model.contract import Contract, Status, Task
from hemalum.kernel.sentence import Sentence
from hemalum.runtime.db import reading, transaction

if TYPE_CHECKING:
    from hemalum.capabilities.inference.service import Inference

_RUN_HEAD = "hemalum.capabilities.inference.running:run_head"
PLACE_LASTS_S = 6 * 3600
_UNSURE = Sentence("The head is not sure enough to say anything about this slide.")


def is_head(contract: Contract) -> bool:
    """Whether a model looks at embeddings and not at patches."""
    return contract.task is Task.SLIDE_HEAD


def fit_with_encoder(head: Version, own: Fit, encoder: Version | None, of_encoder: Fit | None) -> Fit:
    """Whether a head may run: if it fits itself, and the encoder that it rests on does and may be used for as
    much."""
    if encoder is None or of_encoder is None:
        wanted = head.contract.features
        assert wanted is not None
        missing = Sentence(
            "The encoder {encoder} on which this head rests is not among the models here.",
            {"encoder": f"{wanted.encoder} {wanted.encoder_version}".strip()},
        )
        return _refused(own, missing)
    if head.status is Status.CLINICAL and encoder.status is not Status.CLINICAL:
        identity = encoder.contract.identity
        less = Sentence(
            "It is in clinical use, and the encoder {encoder} on which it rests is not.",
            {"encoder": f"{identity.id} {identity.version}"},
        )
        return _refused(own, less)
    if own.verdict is of_encoder.verdict or of_encoder.verdict is Fitness.OK:
        return Fit(own.verdict, tuple(dict.fromkeys((*own.reasons, *of_encoder.reasons))))
    if own.verdict is Fitness.OK or of_encoder.verdict is Fitness.REFUSED:
        return Fit(of_encoder.verdict, of_encoder.reasons)
    return own


def _refused(own: Fit, why: Sentence) -> Fit:
    before = own.reasons if own.verdict is Fitness.REFUSED else ()
    return Fit(Fitness.REFUSED, (*before, why))


def conclude(inference: "Inference", run: InferenceRun, head: Version, cancelled: Callable[[], bool]) -> None:
    """Run a head on the last output of its encoder for the same scan, and end its run. Safe to repeat.

    Raises what the child process raises.
    """
    versions = inference.models.versions_of(run.organisation_id)
    encoder = encoder_of(head, versions)
    base = None if encoder is None else _last_run(inference, run, encoder)
    if encoder is None or base is None or base.state not in WHOLE:
        reason = Sentence("The encoder on which this head rests said nothing of this slide.")
        inference.end(run.id, RunState.FAILED, reason)
        return
    with transaction(inference.slides.database) as connection:
        store.keep_encoder_run(connection, run.pass_id, run.id, base.id)
    if base.state is RunState.ABSTAINED:
        inference.end(run.id, RunState.ABSTAINED, base.reason)
        return
    answer = _answer(inference, run, head, base, cancelled)
    layers: tuple[str, ...] = ()
    with np.load(io.BytesIO(answer["content"]), allow_pickle=False) as arrays:
        found = {name: arrays[name] for name in arrays.files}
    if not run.is_shadow and "attention" in found:
        layers = _drawn(inference, run, encoder, found)
    digest = _digest(found, base)
    if answer["abstains"]:
        inference.end(run.id, RunState.ABSTAINED, _UNSURE, layers=layers, digest=digest)
    else:
        inference.end(run.id, RunState.DONE, None, scores=answer["scores"], layers=layers, digest=digest)


def _last_run(inference: "Inference", run: InferenceRun, encoder: Version) -> InferenceRun | None:
    """The newest run of the encoder on this scan that said something, else the newest that ended."""
    with reading(inference.slides.database) as connection:
        known = store.list_of_image(connection, run.image_id)
    own = [each for each in known if each.version_id == encoder.id and each.generation == run.generation]
    return next((each for each in own if each.state is RunState.DONE), own[0] if own else None)


def _answer(
    inference: "Inference",
    run: InferenceRun,
    head: Version,
    base: InferenceRun,
    cancelled: Callable[[], bool],
) -> dict[str, Any]:
    slides = inference.slides
    with reading(slides.database) as connection:
        chunks = store.list_chunks(connection, [base.id])
    places = [
        slides.blobs.place(each.blob_key, slides.blobs.size(each.blob_key), PLACE_LASTS_S) for each in chunks
    ]
    model = {"contract": msgspec.to_builtins(head.contract), **inference.models.network_of(head)}
    answer: dict[str, Any] = inference.workers.call(
        _RUN_HEAD, {"model": model, "chunks": places}, cancelled=cancelled
    )
    key = f"images/{run.image_id}/inference/{run.id}/00000.npz"
    record = slides.blobs.put(key, answer["content"])
    with transaction(slides.database) as connection:
        # Done before by a process that died: the same bytes.
        if not store.list_chunks(connection, [run.id]):
            store.add_chunk(connection, Chunk(run.id, 0, answer["tiles"], 0, key))
            store.update_run(connection, run.id, patches=answer["tiles"])
            store.keep_engine(connection, run.pass_id, run.id, Engine(PROCESSOR, answer["onnxruntime"]))
            slides.attach(connection, run.image_id, record.key)
    return answer


def _drawn(
    inference: "Inference", run: InferenceRun, encoder: Version, found: Mapping[str, Any]
) -> tuple[str, ...]:
    """Attention over the patches of the encoder, by the largest."""
    given = encoder.contract.input
    assert given is not None
    rows, columns = found["attended"].T
    values = np.full((int(rows.max()) + 1, int(columns.max()) + 1), np.nan, np.float32)
    values[rows, columns] = found["attention"] / found["attention"].max()
    nothing = np.zeros(values.shape, bool)
    layer = draw(
        inference.layers,
        run,
        inference.used_by(run),
        given,
        LayerNamed("attention", "Attention", "注意力"),
        values,
        nothing,
    )
    return () if layer is None else (layer,)


def _digest(found: Mapping[str, Any], base: InferenceRun) -> str:
    digest = hashlib.sha256((base.digest or "").encode())
    for name in sorted(found):
        digest.update(name.encode() + hashlib.sha256(found[name].tobytes()).digest())
    return digest.hexdigest()
