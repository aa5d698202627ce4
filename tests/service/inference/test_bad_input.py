"""Slides and models that do not fit, or misbehave: a named state, no low score, and the queue goes on."""

import hashlib
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from onnx import TensorProto, helper

from hemalum.app.node import working
from hemalum.capabilities.inference.model import RunState
from hemalum.capabilities.inference.service import Inference
from hemalum.capabilities.models.model import Version
from hemalum.capabilities.models.service import Models
from hemalum.formats.model.contract import Status
from hemalum.runtime.sandbox import Limits, Workers
from hemalum.testing import samples
from hemalum.testing.models import network_of, scoring_network

from .conftest import PATIENCE_S, Laboratory


@dataclass(frozen=True)
class OtherNetworks(Models):
    """Models of which some turn out to hold another network than the one that was checked."""

    others: tuple[tuple[str, str, str], ...] = ()
    """Id of the version, key of the blob, and SHA-256."""

    def network_of(self, version: Version) -> dict[str, Any]:
        told = super().network_of(version)
        for version_id, key, sha256 in self.others:
            if version_id == version.id:
                blobs = self.slides.blobs
                return {**told, "network": blobs.place(key, blobs.size(key), 600), "sha256": sha256}
        return told


class Impatient(Workers):
    """Has much patience for plans and little for networks."""

    def __init__(self) -> None:
        super().__init__(1)
        self._hasty = Workers(1, Limits(stall_s=4))

    def call(self, function: str, arguments: Mapping[str, Any], **options: Any) -> Any:
        if function.endswith(":run_chunk"):
            return self._hasty.call(function, arguments, **options)
        return super().call(function, arguments, **options)

    def close(self) -> None:
        self._hasty.close()
        super().close()


@contextmanager
def holding(
    laboratory: Laboratory, version: Version, network: bytes, workers: Workers | None = None
) -> Iterator[Inference]:
    """The engine, with another network in the place of that of a version."""
    models = laboratory.parts.models
    kept = laboratory.parts.slides.blobs.put(f"models/{version.id}/other.onnx", network)
    given = OtherNetworks(
        models.slides, models.conformity, models.workers, others=((version.id, kept.key, kept.sha256),)
    )
    workers = workers or Workers(1)
    try:
        yield replace(laboratory.inference, models=given, workers=workers)
    finally:
        workers.close()


def not_a_number() -> bytes:
    """The logarithm of a number below zero."""
    nodes = [
        helper.make_node("ReduceMean", ["image", "axes"], ["means"], keepdims=0),
        helper.make_node("Sub", ["means", "far"], ["below"]),
        helper.make_node("Log", ["below"], ["logs"]),
        helper.make_node("MatMul", ["logs", "weights"], ["scores"]),
    ]
    constants = [
        helper.make_tensor("axes", TensorProto.INT64, [2], [2, 3]),
        helper.make_tensor("far", TensorProto.FLOAT, [1], [100.0]),
        helper.make_tensor("weights", TensorProto.FLOAT, [3, 2], [1.0] * 6),
    ]
    return network_of(nodes, constants, (3, 32, 32), {"scores": (2,)})


def endless() -> bytes:
    """A loop that counts for days."""
    body = helper.make_graph(
        [
            helper.make_node("Identity", ["go_on"], ["goes_on"]),
            helper.make_node("Sin", ["value"], ["next"]),
        ],
        "body",
        [
            helper.make_tensor_value_info("turn", TensorProto.INT64, []),
            helper.make_tensor_value_info("go_on", TensorProto.BOOL, []),
            helper.make_tensor_value_info("value", TensorProto.FLOAT, ["n", 2]),
        ],
        [
            helper.make_tensor_value_info("goes_on", TensorProto.BOOL, []),
            helper.make_tensor_value_info("next", TensorProto.FLOAT, ["n", 2]),
        ],
    )
    nodes = [
        helper.make_node("ReduceMean", ["image", "axes"], ["means"], keepdims=0),
        helper.make_node("MatMul", ["means", "weights"], ["start"]),
        helper.make_node("Loop", ["turns", "yes", "start"], ["scores"], body=body),
    ]
    constants = [
        helper.make_tensor("axes", TensorProto.INT64, [2], [2, 3]),
        helper.make_tensor("weights", TensorProto.FLOAT, [3, 2], [1.0] * 6),
        helper.make_tensor("turns", TensorProto.INT64, [], [1 << 50]),
        helper.make_tensor("yes", TensorProto.BOOL, [], [True]),
    ]
    return network_of(nodes, constants, (3, 32, 32), {"scores": (2,)})


def greedy() -> bytes:
    """Wants 256 GiB for one patch."""
    nodes = [
        helper.make_node("Expand", ["one", "huge"], ["much"]),
        helper.make_node("ReduceSum", ["much"], ["sum"], keepdims=0),
        helper.make_node("ReduceMean", ["image", "axes"], ["means"], keepdims=0),
        helper.make_node("MatMul", ["means", "weights"], ["product"]),
        helper.make_node("Add", ["product", "sum"], ["scores"]),
    ]
    constants = [
        helper.make_tensor("one", TensorProto.FLOAT, [1], [1.0]),
        helper.make_tensor("axes", TensorProto.INT64, [2], [2, 3]),
        helper.make_tensor("weights", TensorProto.FLOAT, [3, 2], [1.0] * 6),
    ]
    # From the input, so that nothing can be computed when the network is opened.
    nodes = [
        helper.make_node("Shape", ["image"], ["shape"]),
        helper.make_node("ReduceProd", ["shape"], ["size"], keepdims=1),
        helper.make_node("Mul", ["size", "size"], ["square"]),
        helper.make_node("Mul", ["square", "size"], ["huge"]),
        *nodes,
    ]
    return network_of(nodes, constants, (3, 32, 32), {"scores": (2,)})


def test_a_slide_without_scale_is_refused_and_says_so(laboratory: Laboratory) -> None:
    (run,) = laboratory.ran(laboratory.add("needs-scale"), on="unscaled")
    assert run.state is RunState.REFUSED
    assert "physical scale" in str(run.reason)
    assert run.scores == {}


def huge_slide(path: Path, side: int = 100_000) -> Path:
    """A slide of 100,000 x 100,000 px of glass; four of its tiles hold tissue."""
    glass = np.full((512, 512, 3), 244, np.uint8)
    tissue = samples.picture(1024, 1024, seed=12)
    with tifffile.TiffWriter(path, bigtiff=True) as writer:
        for number in range(4):
            shrunk, across = side // 4**number, -(-side // 4**number // 512)
            # Where the tissue lies in this level, from the tile that its corner is in.
            at = 98 * 512 // 4**number
            drawn = np.full((1536, 1536, 3), 244, np.uint8)
            small = samples.halved(tissue, 4**number).astype(np.uint8) if number else tissue
            row = at // 512
            inside = at - row * 512
            drawn[inside : inside + len(small), inside : inside + len(small)] = small
            empty = zlib.compress(glass.tobytes(), 1)

            def tiles(
                across: int = across, row: int = row, drawn: Any = drawn, empty: bytes = empty
            ) -> Iterator[bytes]:
                for tile in range(across * across):
                    down, right = tile // across - row, tile % across - row
                    if 0 <= down < 3 and 0 <= right < 3:
                        part = drawn[down * 512 : down * 512 + 512, right * 512 : right * 512 + 512]
                        yield zlib.compress(np.ascontiguousarray(part).tobytes(), 1)
                    else:
                        yield empty

            writer.write(
                tiles(),
                shape=(shrunk, shrunk, 3),
                dtype=np.uint8,
                tile=(512, 512),
                photometric="rgb",
                compression="deflate",
                subfiletype=int(number > 0),
                resolution=(40_000 / 4**number,) * 2,
                resolutionunit="CENTIMETER",
                metadata=None,
            )
    return path


def test_a_slide_of_100000_pixels_a_side_is_looked_at_where_it_has_tissue(
    laboratory: Laboratory, tmp_path: Path
) -> None:
    parts = laboratory.parts
    with working(parts):
        (received,) = parts.slides.take_in([huge_slide(tmp_path / "huge.tiff")], "home")
        summary = parts.slides.wait_for(received, PATIENCE_S)
    assert (summary.status, summary.width_px) == ("available", 100_000), summary.reason
    laboratory.images["huge"] = summary.id
    (run,) = laboratory.ran(laboratory.add("huge"), on="huge")
    assert run.state is RunState.DONE, run.reason
    # 1,024 px of 0.25 um; patches of 16 um, and a rim of those that hold some of it.
    assert 16 * 16 <= run.patches <= 24 * 24
    (layer,) = [one for one in parts.layers.list_all(run.image_id) if one.id in run.layers]
    assert layer.count + run.abstained == run.patches


def test_a_wrong_stain_is_refused(laboratory: Laboratory) -> None:
    version = laboratory.add("other-stain")
    slides, image_id = laboratory.parts.slides, laboratory.images["tissue"]
    slides.describe(laboratory.actor, image_id, {"stain": "PAS"})
    (run,) = laboratory.ran(version)
    slides.describe(laboratory.actor, image_id, {"stain": None})
    assert run.state is RunState.REFUSED
    assert "stain" in str(run.reason)


def test_on_a_blank_slide_a_model_says_nothing(laboratory: Laboratory) -> None:
    (run,) = laboratory.ran(laboratory.add("blank"), on="blank")
    assert run.state is RunState.ABSTAINED
    assert "no tissue" in str(run.reason)
    assert run.scores == {}
    assert run.layers == ()


def test_on_a_slide_of_pen_marks_a_model_says_nothing(laboratory: Laboratory) -> None:
    any_stain = laboratory.add("any-stain", lambda text: text.replace('stains = ["he"]\n', ""))
    runs = laboratory.ran(laboratory.add("pen"), laboratory.shipped("hemalum.nuclei"), any_stain, on="pen")
    for run in runs[:2]:
        assert run.state is RunState.ABSTAINED
        assert "pen ink" in str(run.reason)
        assert (run.scores, run.layers, run.measured) == ({}, (), None)
    assert "ink" not in str(runs[2].reason), "what is ink for one stain is a colour of another"


@pytest.mark.parametrize(("on", "state"), [("unscaled", RunState.REFUSED), ("blank", RunState.ABSTAINED)])
def test_of_such_a_slide_no_cell_is_counted(laboratory: Laboratory, on: str, state: RunState) -> None:
    (run,) = laboratory.ran(laboratory.shipped("hemalum.nuclei"), on=on)
    assert run.state is state, run.reason
    assert (run.scores, run.layers, run.measured) == ({}, (), None)


def test_nuclei_of_another_stain_are_not_counted(laboratory: Laboratory) -> None:
    slides, image_id = laboratory.parts.slides, laboratory.images["nuclei"]
    slides.describe(laboratory.actor, image_id, {"stain": "PAS"})
    (run,) = laboratory.ran(laboratory.shipped("hemalum.nuclei"), on="nuclei")
    slides.describe(laboratory.actor, image_id, {"stain": None})
    assert run.state is RunState.REFUSED
    assert "stain" in str(run.reason)
    assert run.measured is None


def test_a_model_that_mostly_abstains_has_no_score_and_is_hatched(laboratory: Laboratory) -> None:
    unsure = laboratory.add("unsure", lambda text: text.replace("below = 0.55", "below = 0.999"))
    (run,) = laboratory.ran(unsure)
    assert run.state is RunState.ABSTAINED
    assert run.abstained == run.patches
    assert run.scores == {}
    assert run.measured is None
    (layer,) = [one for one in laboratory.parts.layers.list_all(run.image_id) if one.id in run.layers]
    assert layer.count == 0


def test_a_withdrawn_version_does_not_run(laboratory: Laboratory) -> None:
    version = laboratory.add("withdrawn")
    reviewer = laboratory.reviewer
    laboratory.parts.models.set_status(reviewer, version.id, Status.WITHDRAWN, "it was wrong")
    (run,) = laboratory.ran(version)
    assert run.state is RunState.REFUSED
    assert "withdrawn" in str(run.reason)


def test_without_an_accepted_licence_it_does_not_run(laboratory: Laboratory) -> None:
    version = laboratory.add(
        "licensed", lambda text: text.replace('text = "LICENSE"', 'text = "LICENSE"\nneeds_acceptance = true')
    )
    (run,) = laboratory.ran(version)
    assert run.state is RunState.REFUSED
    assert "licence" in str(run.reason)
    laboratory.parts.models.accept_licence(laboratory.actor, version.id)
    (run,) = laboratory.ran(version)
    assert run.state is RunState.DONE


@pytest.mark.parametrize(
    ("name", "network", "said"),
    [
        ("nan", not_a_number(), "not a number"),
        ("shape", scoring_network(side=48), "takes"),
        ("classes", scoring_network(weights=np.ones((3, 5), np.float32)), "2 classes"),
        ("rubbish", b"this is no network", "not an ONNX file"),
        ("memory", greedy(), "memory"),
    ],
)
def test_a_network_that_fails_is_named_and_the_others_go_on(
    laboratory: Laboratory, name: str, network: bytes, said: str
) -> None:
    bad, good = laboratory.add(f"bad-{name}"), laboratory.add(f"good-{name}")
    with holding(laboratory, bad, network) as node:
        runs = laboratory.ran(bad, good, inference=node)
    assert [each.state for each in runs] == [RunState.FAILED, RunState.DONE]
    assert said in str(runs[0].reason)
    assert runs[0].scores == {}
    assert runs[0].layers == ()


def test_a_network_that_hangs_is_stopped(laboratory: Laboratory) -> None:
    version = laboratory.add("hangs")
    with holding(laboratory, version, endless(), Impatient()) as node:
        (run,) = laboratory.ran(version, inference=node)
    assert run.state is RunState.FAILED
    assert "no progress" in str(run.reason)


def test_weights_that_were_changed_are_not_run(laboratory: Laboratory) -> None:
    version = laboratory.add("changed", lambda text: text.replace("below = 0.55", "below = 0.551"))
    # Of nothing that a process may have open already.
    sha256 = hashlib.sha256(b"the weights that were taken in").hexdigest()
    with holding(laboratory, version, scoring_network(weights=np.ones((3, 2), np.float32))) as node:
        models = node.models
        assert isinstance(models, OtherNetworks)
        key = models.others[0][1]
        node = replace(node, models=replace(models, others=((version.id, key, sha256),)))
        (run,) = laboratory.ran(version, inference=node)
    assert run.state is RunState.FAILED
    assert "not those that were taken in" in str(run.reason)
