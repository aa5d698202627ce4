"""Models on a device. The processor stands in for one: in processes, over sockets, and by what is decided."""

import os
import signal
import socket
import struct
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
from click.testing import CliRunner
from onnx import TensorProto, helper

from hemalum.analysis.devices import Device
from hemalum.app.cli import hemalum, open_node
from hemalum.app.doctor import examine
from hemalum.capabilities.inference.devices import Devices, FoundDevices
from hemalum.capabilities.inference.model import PROCESSOR, Engine, InferenceRun, RunState
from hemalum.capabilities.inference.routes import EngineShown
from hemalum.capabilities.inference.service import Inference
from hemalum.capabilities.models.model import Version
from hemalum.capabilities.models.service import Models
from hemalum.formats.model.folder import ModelFolder, read_model_folder
from hemalum.kernel.capability import Check
from hemalum.kernel.sentence import Sentence
from hemalum.runtime.sandbox import Workers
from hemalum.testing.models import WEIGHTS, network_of, scoring_network, without_golden

from .conftest import Laboratory
from .test_runs import columns, kept_of

PATIENCE_S = 60
STAND_IN = Device(PROCESSOR, 0, "stand-in")
ON_DEVICE = Engine(PROCESSOR, onnxruntime.__version__, 0, "stand-in", 32)
ON_PROCESSOR = Engine(PROCESSOR, onnxruntime.__version__)


@contextmanager
def with_devices(
    laboratory: Laboratory,
    *found: Device,
    models: Models | None = None,
    workers: Workers | None = None,
    **settings: Any,
) -> Iterator[Inference]:
    """The engine on a node that has these devices."""
    parts = laboratory.parts
    models, workers = models or parts.models, workers or Workers(2)
    looked = FoundDevices(found, onnxruntime.__version__)
    devices = Devices(models, replace(parts.settings, **settings), lambda: looked)
    node = replace(laboratory.inference, models=models, workers=workers, processes=2, devices=devices)
    try:
        yield node
    finally:
        node.close()


def engines(laboratory: Laboratory, run: InferenceRun) -> list[Engine]:
    return laboratory.inference.engines_of(laboratory.actor, run.id)


class Meddling(Workers):
    """Does something to the processes of devices before readers are sent to them, a few times."""

    def __init__(self, meddle: Callable[[int], None], first: int, last: int) -> None:
        super().__init__(2)
        self._meddle = meddle
        self._when = range(first, last)
        self._chunks = 0

    def call(self, function: str, arguments: Mapping[str, Any], **options: Any) -> Any:
        if function.endswith(":run_chunk"):
            for device in (each["device"] for each in arguments["models"]):
                if device is not None and self._chunks in self._when:
                    self._meddle(listening_at(device["address"]))
            self._chunks += 1
        return super().call(function, arguments, **options)


def listening_at(address: str) -> int:
    """The process that serves at a socket."""
    with socket.socket(socket.AF_UNIX) as end:
        try:
            end.connect(address)
        except OSError:
            return 0
        credentials = end.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    pid: int = struct.unpack("3i", credentials)[0]
    return pid


def kill(pid: int) -> None:
    # Of two chunks that are sent at once, the other may have killed it.
    if pid:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def stop(pid: int) -> None:
    if pid:
        os.kill(pid, signal.SIGSTOP)


def test_a_model_runs_on_a_device_and_its_run_says_so(laboratory: Laboratory) -> None:
    version = laboratory.add("on-device")
    with with_devices(laboratory, STAND_IN) as node:
        (run,) = laboratory.ran(version, inference=node)
        (again,) = laboratory.ran(version, inference=node)
    (plain,) = laboratory.ran(version)
    assert run.state is RunState.DONE, run.reason
    assert engines(laboratory, run) == [ON_DEVICE]
    assert engines(laboratory, plain) == [ON_PROCESSOR]
    there, here = kept_of(laboratory, run), kept_of(laboratory, plain)
    assert np.array_equal(columns(there, "places"), columns(here, "places"))
    assert np.allclose(columns(there, "output.scores"), columns(here, "output.scores"), atol=1e-5)
    assert np.array_equal(columns(there, "abstained"), columns(here, "abstained"))
    assert run.digest == again.digest, "on the same kind of device the same comes out"
    assert run.digest != plain.digest, "and is never taken for that of a processor"


def test_each_model_has_one_process_and_the_emptiest_device(laboratory: Laboratory) -> None:
    second = replace(STAND_IN, number=1)
    versions = [laboratory.add(name) for name in ("first-of-two", "second-of-two")]
    with with_devices(laboratory, STAND_IN, second) as node:
        first_pass = laboratory.ran(*versions, inference=node)
        second_pass = laboratory.ran(*versions, inference=node)
        assert node.devices._started == 2
    used = [engines(laboratory, run) for run in first_pass]
    assert sorted(each.device or 0 for engine in used for each in engine) == [0, 1]
    assert [engines(laboratory, run) for run in second_pass] == used
    assert [run.digest for run in second_pass] == [run.digest for run in first_pass]


def test_cells_are_made_of_what_a_device_gives(laboratory: Laboratory) -> None:
    version = laboratory.shipped("hemalum.nuclei")
    with with_devices(laboratory, STAND_IN) as node:
        (run,) = laboratory.ran(version, on="nuclei", inference=node)
    (plain,) = laboratory.ran(version, on="nuclei")
    assert run.state is RunState.DONE, run.reason
    (engine,) = engines(laboratory, run)
    assert engine.is_device
    assert engine.batch > 1
    assert run.measured is not None
    assert plain.measured is not None
    assert run.measured.cells is not None
    assert plain.measured.cells is not None
    assert run.measured.cells.count == pytest.approx(plain.measured.cells.count, abs=2)


def test_a_process_that_is_killed_is_started_once_more(laboratory: Laboratory) -> None:
    version = laboratory.add("killed-once")
    with with_devices(laboratory, STAND_IN, workers=Meddling(kill, 0, 1)) as node:
        (run,) = laboratory.ran(version, inference=node)
        assert node.devices._started == 2
    assert run.state is RunState.DONE, run.reason
    assert run.patches_done == run.patches
    assert engines(laboratory, run) == [ON_DEVICE]


def test_where_processes_are_killed_again_and_again_the_processor_takes_over(laboratory: Laboratory) -> None:
    version = laboratory.add("killed-always")
    with with_devices(laboratory, STAND_IN, workers=Meddling(kill, 0, 100)) as node:
        (run,) = laboratory.ran(version, inference=node)
    (plain,) = laboratory.ran(version)
    (engine,) = engines(laboratory, run)
    assert run.state is RunState.DONE, run.reason
    assert not engine.is_device
    assert "on the device died" in str(engine.instead)
    assert run.digest == plain.digest, "all of it was computed on the processor"


def test_a_run_that_begins_on_a_device_and_ends_on_the_processor_says_so(laboratory: Laboratory) -> None:
    version = laboratory.add("killed-later")
    with with_devices(laboratory, STAND_IN, workers=Meddling(kill, 1, 100)) as node:
        (run,) = laboratory.ran(version, inference=replace(node, processes=1))
    (plain,) = laboratory.ran(version)
    assert run.state is RunState.DONE, run.reason
    first, second = engines(laboratory, run)
    assert (first, second.is_device) == (ON_DEVICE, False)
    assert second.instead is not None
    assert run.digest != plain.digest


def test_a_device_that_hangs_is_given_up(laboratory: Laboratory) -> None:
    version = laboratory.add("device-hangs")
    meddling = Meddling(stop, 0, 100)
    with with_devices(laboratory, STAND_IN, workers=meddling, model_stall_s=6) as node:
        (run,) = laboratory.ran(version, inference=node)
    (engine,) = engines(laboratory, run)
    assert run.state is RunState.DONE, run.reason
    assert "no progress on the device" in str(engine.instead)


def roomy() -> bytes:
    """The sample network, which takes 64 MiB for each patch on its way."""
    nodes = [
        helper.make_node("ReduceMean", ["image", "axes"], ["means"], keepdims=0),
        helper.make_node("MatMul", ["means", "weights"], ["plain"]),
        helper.make_node("ReduceMax", ["plain", "last"], ["one"], keepdims=1),
        helper.make_node("Expand", ["one", "wide"], ["much"]),
        helper.make_node("ReduceMax", ["much", "last"], ["same"], keepdims=1),
        helper.make_node("Sub", ["same", "one"], ["nothing"]),
        helper.make_node("Add", ["plain", "nothing"], ["scores"]),
    ]
    constants = [
        helper.make_tensor("axes", TensorProto.INT64, [2], [2, 3]),
        helper.make_tensor("last", TensorProto.INT64, [1], [1]),
        helper.make_tensor("wide", TensorProto.INT64, [2], [1, 16 << 20]),
        helper.make_tensor("weights", TensorProto.FLOAT, WEIGHTS.shape, WEIGHTS.ravel()),
    ]
    return network_of(nodes, constants, (3, 32, 32), {"scores": (2,)})


def test_batches_are_as_large_as_there_is_memory(laboratory: Laboratory) -> None:
    def coarse(text: str) -> str:
        return text.replace("um_per_px = 0.5", "um_per_px = 4.0")

    version = laboratory.add("roomy", coarse, network=roomy())
    with with_devices(laboratory, STAND_IN, model_memory_mib=1024) as node:
        (run,) = laboratory.ran(version, inference=node)
    (engine,) = engines(laboratory, run)
    assert run.state is RunState.DONE, run.reason
    assert engine.is_device
    assert 1 <= engine.batch < 32


@dataclass(frozen=True)
class OtherFiles(Models):
    """Models whose files give other values than their golden tiles say, as a device may."""

    other: Path = Path()

    @contextmanager
    def open_folder(self, _version: Version) -> Iterator[ModelFolder]:
        yield read_model_folder(self.other)


def test_a_model_whose_golden_tiles_do_not_hold_on_a_device_runs_on_the_processor(
    laboratory: Laboratory,
) -> None:
    version = laboratory.add("mismatch")
    other = laboratory.write("mismatch", folder="mismatched", network=scoring_network(weights=WEIGHTS * 1.01))
    parts = laboratory.parts.models
    models = OtherFiles(parts.slides, parts.conformity, parts.workers, other=other)
    with with_devices(laboratory, STAND_IN, models=models) as node:
        runs = laboratory.ran(version, inference=node) + laboratory.ran(version, inference=node)
        assert node.devices._started == 1, "it would be the same on the next try"
    for run in runs:
        (engine,) = engines(laboratory, run)
        assert run.state is RunState.DONE, run.reason
        assert not engine.is_device
        assert "golden tiles" in str(engine.instead)


def test_a_model_without_golden_tiles_runs_on_the_processor(laboratory: Laboratory) -> None:
    version = laboratory.add("unproved", without_golden)
    with with_devices(laboratory, STAND_IN) as node:
        (run,) = laboratory.ran(version, inference=node)
    (engine,) = engines(laboratory, run)
    assert run.state is RunState.DONE, run.reason
    assert "no golden tiles" in str(engine.instead)


def test_a_node_without_devices_has_no_reason_to_tell(laboratory: Laboratory) -> None:
    version = laboratory.add("no-devices")
    with with_devices(laboratory) as node:
        (run,) = laboratory.ran(version, inference=node)
        assert node.devices._started == 0
    with with_devices(laboratory, STAND_IN, model_devices="cpu") as node:
        (other,) = laboratory.ran(version, inference=node)
    assert engines(laboratory, run) == engines(laboratory, other) == [ON_PROCESSOR]
    assert run.digest == other.digest


@pytest.mark.parametrize(("there", "said"), [((STAND_IN,), "can use 0 here"), ((), "can use none here")])
def test_a_device_that_is_not_there_is_named(
    laboratory: Laboratory, there: tuple[Device, ...], said: str
) -> None:
    version = laboratory.add(f"no-such-device-{len(there)}")
    with with_devices(laboratory, *there, model_devices=(3,)) as node:
        (run,) = laboratory.ran(version, inference=node)
    assert run.state is RunState.FAILED
    assert "names device 3" in str(run.reason)
    assert said in str(run.reason)


def test_an_idle_process_is_ended_and_another_one_started_when_it_is_needed(laboratory: Laboratory) -> None:
    version = laboratory.add("idle")
    with with_devices(laboratory, STAND_IN, worker_idle_s=0) as node:
        with_lease = node.devices.lease(version, lambda: False)
        assert with_lease is not None
        assert not with_lease.process.gone.is_set()
        with_lease.release()
        assert with_lease.process.gone.wait(PATIENCE_S)
        (run,) = laboratory.ran(version, inference=node)
    assert engines(laboratory, run) == [ON_DEVICE]


def test_a_command_says_on_which_devices_models_run(
    laboratory: Laboratory, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = ["models", "devices", "--data", str(laboratory.parts.settings.data)]
    monkeypatch.setenv("HEMALUM_MODEL_DEVICES", "cpu")
    done = CliRunner().invoke(hemalum, asked, obj=open_node)
    assert done.output == "none: the setting model_devices is cpu\n"
    monkeypatch.setenv("HEMALUM_MODEL_DEVICES", "70")
    done = CliRunner().invoke(hemalum, asked, obj=open_node)
    assert done.exit_code == 1
    assert "names device 70" in str(done.exception)


def test_the_doctor_names_a_device_that_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def examined() -> Check:
        return next(each for each in examine(tmp_path) if each.name == "devices for models")

    assert examined().ready
    monkeypatch.setenv("HEMALUM_MODEL_DEVICES", "70")
    assert not examined().ready
    assert "names device 70" in examined().detail


def test_over_http_a_run_says_why_it_was_the_processor() -> None:
    why = Sentence("Not here: {why}", {"why": Sentence("the setting model_devices is cpu")})
    shown = EngineShown(**asdict(replace(ON_PROCESSOR, instead=why)))
    assert shown.model_dump() == asdict(replace(ON_PROCESSOR, instead=why))
    assert str(shown.instead) == "Not here: the setting model_devices is cpu"
