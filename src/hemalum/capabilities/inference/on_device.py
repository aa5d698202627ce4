"""A network on a device, in a process of its own that serves those who read patches. Child processes only.

The engine names these functions to `hemalum.runtime.sandbox.Workers` and never imports this module.

Readers connect to a Unix socket. Each connection is one request after the other: a batch of patches, and what
the network gives for it. So there are never more batches in memory than connections, and a reader that is too
fast waits. Every batch is filled up to the same size, so that the kernels of the device, which differ with
the size of a batch, are the same for all patches.
"""

import os
import queue
import socket
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import onnxruntime
from numpy.typing import NDArray

from hemalum.analysis.devices import CUDA, PROVIDERS, Device
from hemalum.analysis.golden import GoldenMismatch, check_golden
from hemalum.analysis.inference import (
    Network,
    NetworkFailed,
    NetworkOutOfMemory,
    WrongShape,
    open_network,
)
from hemalum.capabilities.inference.channel import receive, send
from hemalum.capabilities.inference.model import DeviceEnd
from hemalum.formats.model.folder import ModelFolder, read_model_folder
from hemalum.kernel.errors import HemalumError, NotFound
from hemalum.kernel.sentence import Sentence
from hemalum.kernel.typed import typed

type Array = NDArray[Any]
type Report = Callable[[str, int, int], None]
type _Asked = tuple[Array, Future[dict[str, Array]]]

_BATCH_BYTES = 32 << 20
"""Of one batch as the network is given it; the contract may allow fewer patches."""
_MOST_CONNECTIONS = 256
_MOST_DEVICES = 64
_STACK_BYTES = 1 << 20
"""Of a thread that takes batches; all of it counts as memory of the process."""
_HEARTBEAT_S = 0.5
_PROBE = bytes.fromhex(
    "080a3a320a0b0a017812017922034e65671201675a0f0a0178120a0a08080112040a020801"
    "620f0a0179120a0a08080112040a02080142040a001012"
)
"""A network of one number: y = -x (ONNX, operators of version 18)."""
_NVIDIA = Path("/proc/driver/nvidia/gpus")
_NO_GOLDEN = Sentence("The model has no golden tiles, so nothing shows that a device gives what it should.")


def providers() -> list[str]:
    """Which providers for devices onnxruntime was built with; whether there is a device is not looked at."""
    built = onnxruntime.get_available_providers()
    return [each for each in PROVIDERS if each in built]


def find(provider: str, memory_mib: int) -> dict[str, Any]:
    """The devices of a provider on which a network runs: `devices`, `onnxruntime` for its version, and `why`
    there are no more."""
    _count_as_the_bus_does()
    found: list[Device] = []
    why: Sentence | None = None
    while why is None and len(found) < _MOST_DEVICES:
        device = Device(provider, len(found), memory_mib=memory_mib)
        try:
            open_network(_PROBE, device=device).run(np.ones(1, np.float32))
            found.append(device)
        except HemalumError as error:
            why = error.sentence
    names = _names(provider)
    if len(names) == len(found):
        found = [replace(each, name=name) for each, name in zip(found, names, strict=True)]
    told = {"devices": found, "onnxruntime": onnxruntime.__version__, "why": why}
    plain: dict[str, Any] = msgspec.to_builtins(told)
    return plain


def serve(
    folder: str, device: Mapping[str, Any], address: str, most: int, progress: Report
) -> dict[str, Any]:
    """Open the model in `folder` on a device, prove it by its golden tiles, and serve at a socket.

    Reports "ready" with the size of batches, which is `most` at most, where that is not 0, and then a sign of
    life twice a second while it is not at work. Comes back only when it cannot go on, with `end` and `said`.
    """
    _count_as_the_bus_does()
    try:
        version = read_model_folder(Path(folder))
        if not version.contract.golden.tiles:
            return _ended(DeviceEnd.UNPROVED, _NO_GOLDEN)
        network, batch = _proved(version, typed(device, Device), most, progress)
    except GoldenMismatch as error:
        return _ended(DeviceEnd.MISMATCH, error.sentence)
    except NetworkOutOfMemory as error:
        return _ended(DeviceEnd.OUT_OF_MEMORY, error.sentence)
    except HemalumError as error:
        return _ended(DeviceEnd.FAILED, error.sentence)
    asked: queue.SimpleQueue[_Asked] = queue.SimpleQueue()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(address)
        listener.listen(_MOST_CONNECTIONS)
        threading.stack_size(_STACK_BYTES)
        threading.Thread(target=_welcome, args=(listener, asked), daemon=True).start()
        progress("ready", batch, batch)
        return _serve(network, batch, asked, progress)


def _proved(version: ModelFolder, device: Device, most: int, progress: Report) -> tuple[Network, int]:
    """The network, and the largest batch for which there is memory and its golden tiles hold.

    Raises as `open_network` and `check_golden` do.
    """
    given = version.contract.input
    if given is None:
        raise NotFound("Only models that look at patches run on devices.")
    of_one = np.dtype(given.dtype).itemsize * 3 * given.tile_px**2
    batch = max(1, min(given.max_batch, _BATCH_BYTES // of_one, most or given.max_batch))
    while True:
        progress("open", 0, 1)
        # Anew for each size: what a larger one took of memory stays with the network.
        network = open_network(version.network, version.weights, version.contract.network.weights, device)
        fixed = network.input.shape[0]
        progress("prove", 0, 1)
        try:
            check_golden(version, network, fixed or batch)
            return network, fixed or batch
        except NetworkOutOfMemory:
            if fixed is not None or batch == 1:
                raise
        del network
        batch //= 2


def _serve(
    network: Network, batch: int, asked: queue.SimpleQueue[_Asked], progress: Report
) -> dict[str, Any]:
    while True:
        progress("serve", 0, 1)
        try:
            patches, answer = asked.get(timeout=_HEARTBEAT_S)
        except queue.Empty:
            continue
        try:
            answer.set_result(_run(network, patches, batch))
        except NetworkOutOfMemory as error:
            return _ended(DeviceEnd.OUT_OF_MEMORY, error.sentence)
        except NetworkFailed as error:
            # A device that has failed once may not be trusted with the next batch.
            return _ended(DeviceEnd.FAILED, error.sentence)
        except HemalumError as error:
            answer.set_exception(error)


def _run(network: Network, patches: Array, batch: int) -> dict[str, Array]:
    """What the network gives for some patches, filled up to a whole batch by the last of them."""
    count = len(patches) if patches.ndim else 0
    if not 1 <= count <= batch:
        raise WrongShape("The network takes up to {batch} patches at once.", batch=batch)
    whole = patches
    if count < batch:
        whole = np.concatenate([patches, np.repeat(patches[-1:], batch - count, axis=0)])
    return {name: values[:count] for name, values in network.run(whole).items()}


def _welcome(listener: socket.socket, asked: queue.SimpleQueue[_Asked]) -> None:
    """Give every reader that connects a thread of its own, as long as there are not too many."""
    room = threading.Semaphore(_MOST_CONNECTIONS)
    while True:
        end, _ = listener.accept()
        if not room.acquire(blocking=False):
            end.close()
            continue
        try:
            threading.Thread(target=_attend, args=(end, asked, room), daemon=True).start()
        except RuntimeError:
            # No memory for it.
            end.close()
            room.release()


def _attend(end: socket.socket, asked: queue.SimpleQueue[_Asked], room: threading.Semaphore) -> None:
    """Take the batches of one reader, one after the other, until it leaves or sends what is none."""
    with end, suppress(OSError, ValueError, KeyError, TypeError, MemoryError, msgspec.MsgspecError):
        while (message := receive(end)) is not None:
            answer: Future[dict[str, Array]] = Future()
            asked.put((message[1]["batch"], answer))
            try:
                found = answer.result()
            except HemalumError as error:
                send(end, msgspec.to_builtins(error.sentence))
            else:
                send(end, None, found)
    room.release()


def _ended(end: DeviceEnd, said: Sentence) -> dict[str, Any]:
    return {"end": end.value, "said": msgspec.to_builtins(said)}


def _count_as_the_bus_does() -> None:
    """Let CUDA number devices as nvidia-smi does, and not the fastest first."""
    os.environ.setdefault("CUDA_DEVICE_ORDER", "PCI_BUS_ID")


def _names(provider: str) -> list[str]:
    """What the driver of NVIDIA calls the devices that it sees, by their place on the bus."""
    if provider != CUDA or "CUDA_VISIBLE_DEVICES" in os.environ or not _NVIDIA.is_dir():
        return []
    found = []
    for each in sorted(_NVIDIA.iterdir()):
        told = dict(
            line.partition(":")[::2] for line in (each / "information").read_text("utf-8").splitlines()
        )
        found.append(told.get("Model", "").strip())
    return found
