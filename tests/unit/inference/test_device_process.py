"""The process of a device and those who feed it."""

import os
import queue
import socket
import struct
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from hemalum.analysis.devices import CUDA, MIGRAPHX, PROVIDERS, Device
from hemalum.analysis.inference import NetworkFailed, NetworkOutOfMemory, open_network
from hemalum.capabilities.inference import on_device
from hemalum.capabilities.inference.channel import receive, send
from hemalum.capabilities.inference.feeding import DeviceLost, Feed
from hemalum.capabilities.inference.model import PROCESSOR, DeviceEnd, Engine, digest_of
from hemalum.kernel.errors import HemalumError
from hemalum.testing.models import write_model

PATIENCE_S = 60
STAND_IN = {"provider": PROCESSOR, "number": 0, "name": "stand-in", "memory_mib": 64}


class Ended(Exception):
    """The test has seen enough."""


@pytest.fixture
def served(tmp_path: Path) -> Iterator[str]:
    """Where the sample model is served, in a thread of this process."""
    folder, address = write_model(tmp_path / "model"), str(tmp_path / "s")
    ready, over = threading.Event(), threading.Event()

    def told(stage: str, _done: int, _total: int) -> None:
        if stage == "ready":
            ready.set()
        if over.is_set():
            raise Ended

    def serve() -> None:
        with pytest.raises(Ended):
            on_device.serve(str(folder), STAND_IN, address, 8, told)

    thread = threading.Thread(target=serve)
    thread.start()
    assert ready.wait(PATIENCE_S)
    yield address
    over.set()
    thread.join(PATIENCE_S)
    assert not thread.is_alive()


def patches(count: int, side: int = 32) -> np.ndarray[Any, np.dtype[np.float32]]:
    return np.random.default_rng(count).random((count, 3, side, side), np.float32)


def test_what_comes_of_a_patch_does_not_depend_on_how_many_came_with_it(served: str) -> None:
    feed, all_of_them = Feed(served), patches(8)
    asked = [feed.ask(all_of_them[:count]) for count in (8, 1, 5, 3)]
    answers = [each.result(PATIENCE_S)["scores"] for each in asked]
    feed.close()
    for answer, count in zip(answers, (8, 1, 5, 3), strict=True):
        assert answer.tobytes() == answers[0][:count].tobytes()


def test_what_is_no_batch_is_refused_and_the_next_one_is_answered(served: str) -> None:
    feed = Feed(served)
    with pytest.raises(HemalumError, match="up to 8 patches"):
        feed.ask(patches(9)).result(PATIENCE_S)
    with pytest.raises(HemalumError, match="3 x 31"):
        feed.ask(patches(1, 31)).result(PATIENCE_S)
    assert feed.ask(patches(1)).result(PATIENCE_S)["scores"].shape == (1, 2)
    feed.close()
    feed.close()


def test_a_reader_that_lies_or_breaks_off_disturbs_nobody(served: str) -> None:
    for message in (b"\xff\xff\xff\xff", b"\x02\x00\x00\x00ab", b"\x40\x00"):
        with socket.socket(socket.AF_UNIX) as end:
            end.connect(served)
            end.sendall(message)
    with socket.socket(socket.AF_UNIX) as end:
        end.connect(served)
        send(end, None, {"other": patches(1)})
        assert receive(end) is None
    feed = Feed(served)
    assert feed.ask(patches(2)).result(PATIENCE_S)["scores"].shape == (2, 2)
    feed.close()


def test_where_nobody_listens_the_device_is_lost(tmp_path: Path) -> None:
    feed = Feed(str(tmp_path / "nobody"))
    with pytest.raises(DeviceLost):
        feed.ask(patches(1)).result(PATIENCE_S)
    feed.close()


@pytest.mark.parametrize(
    ("error", "end"),
    [
        (NetworkOutOfMemory("The network needs more memory than is allowed."), DeviceEnd.OUT_OF_MEMORY),
        (NetworkFailed("The network failed on this input: {cause}", cause="700"), DeviceEnd.FAILED),
    ],
)
def test_a_device_that_fails_ends_its_process_with_the_reason(error: HemalumError, end: DeviceEnd) -> None:
    class Failing:
        def run(self, _batch: Any) -> Any:
            raise error

    asked: queue.SimpleQueue[Any] = queue.SimpleQueue()
    asked.put((patches(1), Future()))
    answer = on_device._serve(Failing(), 1, asked, lambda *_: None)  # type: ignore[arg-type]
    assert answer["end"] == end.value
    assert answer["said"]["template"] == error.sentence.template


def test_arrays_come_as_they_were_sent() -> None:
    here, there = socket.socketpair()
    sent: dict[str, np.ndarray[Any, Any]] = {
        "a": np.arange(6, dtype=np.int32).reshape(2, 3)[:, ::2],
        "none": np.zeros((0, 3), np.float16),
    }
    with here, there:
        send(here, {"b": 1}, sent)
        here.shutdown(socket.SHUT_WR)
        message = receive(there)
        assert message is not None
        said, arrays = message
        assert said == {"b": 1}
        for name, array in sent.items():
            assert arrays[name].dtype == array.dtype
            assert np.array_equal(arrays[name], array)
        assert receive(there) is None


@pytest.mark.parametrize(
    "array", [["x", "<f8", [1 << 40]], ["x", "|O", [1]], ["x", "<f4", [-1]], ["x", "<f4", [2]]]
)
def test_what_is_no_array_is_not_made(array: list[Any]) -> None:
    body = msgspec.msgpack.encode({"said": None, "arrays": [array]})
    here, there = socket.socketpair()
    with here, there:
        here.sendall(struct.pack("<I", len(body)) + body + b"1234")
        here.shutdown(socket.SHUT_WR)
        with pytest.raises(ValueError, match=r"no array|broken off"):
            receive(there)


def test_a_provider_that_is_not_built_in_is_named() -> None:
    built = on_device.providers()
    missing = next(each for each in PROVIDERS if each not in built)
    found = on_device.find(missing, 64)
    assert found["devices"] == []
    assert missing in str(found["why"])


def test_a_network_is_opened_on_the_device_that_is_asked_for() -> None:
    network = open_network(on_device._PROBE, device=Device(PROCESSOR, 0))
    assert network.run(np.array([2.0], np.float32))["y"] == [-2.0]


def test_providers_are_asked_for_the_same_bytes_each_time() -> None:
    cuda = Device(CUDA, 1, memory_mib=100).options
    assert (cuda["device_id"], cuda["gpu_mem_limit"], cuda["use_tf32"]) == ("1", str(100 << 20), "0")
    assert cuda["cudnn_conv_algo_search"] != "EXHAUSTIVE"
    assert Device(MIGRAPHX, 2).options["device_id"] == "2"


def test_devices_have_the_names_of_their_driver(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for bus, name in (("0000:81:00.0", "Second"), ("0000:01:00.0", "First")):
        (tmp_path / bus).mkdir()
        (tmp_path / bus / "information").write_text(f"Model: \t\t {name}\nBus Type: \t PCIe\n")
    monkeypatch.setattr(on_device, "_NVIDIA", tmp_path)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    assert on_device._names(CUDA) == ["First", "Second"]
    monkeypatch.setitem(os.environ, "CUDA_VISIBLE_DEVICES", "1")
    assert on_device._names(CUDA) == [], "they are numbered otherwise then"


def test_a_digest_tells_kinds_of_devices_apart() -> None:
    processor = Engine(PROCESSOR, "1.32.0")
    device = Engine(CUDA, "1.32.0", 0, "A", 32)
    on_processor = digest_of(b"content", [processor])
    assert on_processor == digest_of(b"content", []), "as it was before devices"
    assert digest_of(b"content", [Engine(PROCESSOR, "1.33.0")]) == on_processor
    told = {
        digest_of(b"content", each)
        for each in (
            [processor],
            [device],
            [Engine(CUDA, "1.32.0", 0, "B", 32)],
            [Engine(CUDA, "1.33.0", 0, "A", 32)],
            [Engine(CUDA, "1.32.0", 0, "A", 16)],
            [Engine(MIGRAPHX, "1.32.0", 0, "A", 32)],
        )
    }
    assert len(told) == 6
    same = [Engine(CUDA, "1.32.0", 1, "A", 32), processor]
    assert digest_of(b"content", same) == digest_of(b"content", [device])
