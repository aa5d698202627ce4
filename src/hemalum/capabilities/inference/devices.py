"""Processes in which models run on devices: one for each model, started when needed and ended when idle.

What goes wrong on a device is no fault of a slide: it is tried once more, in smaller batches where memory was
what was missing, and then the model runs on the processor, and its run says so.
"""

import math
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from hemalum.analysis.devices import Device
from hemalum.capabilities.inference.model import PROCESSOR, DeviceEnd, Engine
from hemalum.capabilities.models.model import Version
from hemalum.capabilities.models.service import Models
from hemalum.kernel.errors import HemalumError, Invalid
from hemalum.kernel.sentence import Sentence
from hemalum.kernel.typed import typed
from hemalum.runtime.sandbox import Cancelled, ChildDied, ChildOutOfMemory, ChildStalled, Limits, Workers
from hemalum.runtime.settings import Settings

_ON_DEVICE = "hemalum.capabilities.inference.on_device:"
_SEEN = (
    "LD_LIBRARY_PATH",
    "CUDA_VISIBLE_DEVICES",
    "CUDA_DEVICE_ORDER",
    "CUDA_CACHE_PATH",
    "HIP_VISIBLE_DEVICES",
    "ROCR_VISIBLE_DEVICES",
)
"""Variables of the environment that say where drivers lie and which devices are this node's."""
_YEARS_S = 10 * 365 * 24 * 3600
_TICK_S = 0.25
_GONE_S = 30
_MOST_LOST = 2
"""So many processes of one model may go in one pass before it goes on on the processor."""
_NOT_BUILT = Sentence("it was built without a provider for graphics processors")
_BY_SETTING = Sentence("the setting model_devices is cpu")
_LOOKING_FAILED = Sentence("the process that looked for devices died")
_DIED = Sentence("The process of the model on the device died.")
_STALLED = Sentence("The model made no progress on the device and was stopped.")
_NO_MEMORY = Sentence("The process of the model on the device needs more memory than is allowed.")
_ENDED = Sentence("The process of the model on the device was ended.")


class NotOnDevice(HemalumError):
    """A model runs on the processor of a node whose models run on devices. The sentence says why."""

    status = 503
    code = "not-on-device"


@dataclass(frozen=True, slots=True)
class FoundDevices:
    """The devices on which onnxruntime runs networks here."""

    devices: tuple[Device, ...] = ()
    onnxruntime: str = ""
    """Its version, where there is any device."""
    why: Sentence | None = None
    """Why there are none."""


def find_devices(settings: Settings, workers: Workers) -> FoundDevices:
    """What there is, tried in child processes: one of `workers` says what onnxruntime was built with."""
    try:
        built = workers.call(_ON_DEVICE + "providers", {})
    except HemalumError:
        return FoundDevices(why=_LOOKING_FAILED)
    why = _NOT_BUILT
    for provider in built:
        looking = Workers(1, _limits(settings), passes_on=_SEEN)
        asked = {"provider": provider, "memory_mib": settings.model_device_memory_mib}
        try:
            told = looking.call(_ON_DEVICE + "find", asked)
        except HemalumError:
            why = _LOOKING_FAILED
            continue
        finally:
            looking.close()
        if told["devices"]:
            return FoundDevices(typed(told["devices"], tuple[Device, ...]), told["onnxruntime"])
        why = typed(told["why"], Sentence)
    return FoundDevices(why=why)


def devices_for(settings: Settings, look: Callable[[], FoundDevices]) -> FoundDevices:
    """The devices that models run on by the settings, of those that there are.

    Raises:
        Invalid: the settings name a device that is not there.
    """
    wanted = settings.model_devices
    if wanted == "cpu":
        return FoundDevices(why=_BY_SETTING)
    looked = look()
    if wanted == "auto":
        return looked
    known = {each.number: each for each in looked.devices}
    for number in wanted:
        if number not in known:
            raise _unknown(number, looked)
    return FoundDevices(tuple(known[number] for number in wanted), looked.onnxruntime)


def _unknown(number: int, looked: FoundDevices) -> Invalid:
    if looked.devices:
        return Invalid(
            "The setting model_devices names device {number}, and onnxruntime can use {known} here.",
            number=number,
            known=", ".join(str(each.number) for each in looked.devices),
        )
    return Invalid(
        "The setting model_devices names device {number}, and onnxruntime can use none here: {why}",
        number=number,
        why=looked.why or _NOT_BUILT,
    )


def _limits(settings: Settings) -> Limits:
    """Of a process that uses a device: of its address space most is the driver's, and it serves for days."""
    return Limits(
        memory_mib=settings.model_memory_mib,
        memory="data",
        cpu_s=_YEARS_S,
        stall_s=settings.model_stall_s,
        wall_s=math.inf,
        idle_s=settings.worker_idle_s,
    )


class _Process:
    """One model on one device. Changed under the lock of its `Devices`."""

    def __init__(self, number: int, device: Device, address: Path) -> None:
        self.number = number
        self.device = device
        self.address = address
        self.batch = 0
        """What is served at once; 0 before anything is."""
        self.users = 0
        self.idle_since = time.monotonic()
        self.is_unwanted = False
        self.end = DeviceEnd.FAILED
        self.said = _ENDED
        self.decided = threading.Event()
        """It serves, or has gone without."""
        self.gone = threading.Event()


@dataclass(frozen=True, slots=True)
class Lease:
    """The process of a model for as long as a chunk takes; it does not end of idleness meanwhile."""

    process: _Process
    devices: "Devices"
    address: str
    """Of the model, among all models."""

    @property
    def number(self) -> int:
        """Of the process: another one has another."""
        return self.process.number

    @property
    def place(self) -> dict[str, Any]:
        """What a reader is told of it."""
        return {"address": str(self.process.address), "batch": self.process.batch}

    def engine(self) -> Engine:
        device = self.process.device
        runtime = self.devices.found().onnxruntime
        return Engine(device.provider, runtime, device.number, device.name, self.process.batch)

    def release(self) -> None:
        self.devices.give_back(self.process)

    def lost(self) -> Sentence:
        """Why the process has gone, which a reader noticed first."""
        return self.devices.end_of(self.process, self.address)


class Devices:
    """The devices of a node and what runs on them. May be used from many threads; `close` when done."""

    def __init__(self, models: Models, settings: Settings, find: Callable[[], FoundDevices]) -> None:
        self._models = models
        self._settings = settings
        self._find = find
        self._lock = threading.RLock()
        self._looked: FoundDevices | None = None
        self._processes: dict[str, _Process] = {}
        """By address of the version."""
        self._threads: list[threading.Thread] = []
        self._started = 0
        self._most: dict[str, int] = {}
        """Batches of those that had no memory for larger ones."""
        self._unfit: dict[str, Sentence] = {}
        """Why versions are not tried on devices again."""
        self._folder: Path | None = None
        self._is_closed = False

    def found(self) -> FoundDevices:
        """The devices that models run on by the settings; looked for once, for seconds where there are some.

        Raises:
            Invalid: the settings name a device that is not there.
        """
        return devices_for(self._settings, self._look_once)

    def _look_once(self) -> FoundDevices:
        with self._lock:
            if self._looked is None:
                self._looked = self._find()
            return self._looked

    def lease(self, version: Version, cancelled: Callable[[], bool]) -> Lease | None:
        """The process of a model, ready to be fed, until `release`. None on a node without devices.

        Raises:
            NotOnDevice: the model cannot be run on them.
            Cancelled: `cancelled` answered True before it was ready.
            Invalid: as `found`.
        """
        if not self.found().devices:
            return None
        for is_last in (False, True):
            process = self._take(version)
            try:
                while not process.decided.wait(_TICK_S):
                    if cancelled():
                        raise Cancelled("The work was cancelled.")
            except Cancelled:
                self.give_back(process)
                raise
            if process.batch:
                return Lease(process, self, version.address)
            self.give_back(process)
            if process.end.is_of_model:
                with self._lock:
                    self._unfit[version.address] = process.said
            lacks_memory = process.end is DeviceEnd.OUT_OF_MEMORY
            if is_last or not lacks_memory or not self._end_idle(process.device):
                break
        raise NotOnDevice.saying(process.said)

    def _take(self, version: Version) -> _Process:
        with self._lock:
            if version.address in self._unfit:
                raise NotOnDevice.saying(self._unfit[version.address])
            process = self._processes.get(version.address)
            if process is None:
                process = self._start(version)
            process.users += 1
            return process

    def _start(self, version: Version) -> _Process:
        """On the device with the fewest processes."""
        if self._is_closed:
            raise Cancelled("The work was cancelled.")
        if self._folder is None:
            # Only this user may enter it, and its name is short: a socket has no room for a long one.
            self._folder = Path(tempfile.mkdtemp(prefix="hemalum-"))
        busy = [each.device.number for each in self._processes.values()]
        device = min(self.found().devices, key=lambda each: (busy.count(each.number), each.number))
        self._started += 1
        process = _Process(self._started, device, self._folder / str(self._started))
        self._processes[version.address] = process
        name = f"device-{device.number}"
        thread = threading.Thread(target=self._watch, args=(process, version), name=name, daemon=True)
        self._threads = [each for each in self._threads if each.is_alive()] + [thread]
        thread.start()
        return process

    def _watch(self, process: _Process, version: Version) -> None:
        """Start a process and stay with it until it has gone."""
        workers = Workers(1, _limits(self._settings), passes_on=_SEEN)
        end, said = DeviceEnd.FAILED, _ENDED
        try:
            with ExitStack() as files:
                folder = files.enter_context(self._models.open_folder(version))

                def told(stage: str, done: int, _total: int) -> None:
                    if stage == "ready":
                        files.close()
                        process.batch = done
                        process.decided.set()

                asked = {
                    "folder": str(folder.path),
                    "device": msgspec.to_builtins(process.device),
                    "address": str(process.address),
                    "most": self._most.get(version.address, 0),
                }
                answer = workers.call(
                    _ON_DEVICE + "serve", asked, progress=told, cancelled=lambda: self._is_over(process)
                )
            end, said = DeviceEnd(answer["end"]), typed(answer["said"], Sentence)
        except Cancelled:
            pass
        except ChildStalled:
            said = _STALLED
        except ChildOutOfMemory:
            end, said = DeviceEnd.OUT_OF_MEMORY, _NO_MEMORY
        except ChildDied:
            said = _DIED
        except HemalumError as error:
            said = error.sentence
        finally:
            workers.close()
            process.address.unlink(missing_ok=True)
            with self._lock:
                process.end, process.said = end, said
                self._forget(process)
            process.decided.set()
            process.gone.set()

    def _is_over(self, process: _Process) -> bool:
        """Whether a process is to go; then nobody is given it any more."""
        with self._lock:
            idle_s = time.monotonic() - process.idle_since
            is_idle = process.users == 0 and idle_s > self._settings.worker_idle_s
            is_over = self._is_closed or process.is_unwanted or is_idle
            if is_over:
                self._forget(process)
            return is_over

    def _forget(self, process: _Process) -> None:
        for address, each in list(self._processes.items()):
            if each is process:
                del self._processes[address]

    def give_back(self, process: _Process) -> None:
        """One fewer uses a process."""
        with self._lock:
            process.users -= 1
            process.idle_since = time.monotonic()

    def end_of(self, process: _Process, address: str) -> Sentence:
        """Why a process has gone; the next one of its model is given smaller batches where that may help."""
        if not process.gone.wait(_GONE_S):
            # It lives and does not answer.
            process.is_unwanted = True
            process.gone.wait(_GONE_S)
        with self._lock:
            if process.end is DeviceEnd.OUT_OF_MEMORY and process.batch > 1:
                self._most[address] = process.batch // 2
            return process.said

    def _end_idle(self, device: Device) -> bool:
        """End the processes on a device that nobody uses; whether there were any."""
        with self._lock:
            idle = [each for each in self._processes.values() if each.device == device and each.users == 0]
            for each in idle:
                each.is_unwanted = True
                self._forget(each)
        for each in idle:
            each.gone.wait(_GONE_S)
        return bool(idle)

    def close(self) -> None:
        """End all processes."""
        with self._lock:
            self._is_closed = True
            threads, folder = self._threads, self._folder
        for each in threads:
            each.join(_GONE_S)
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)


class Allotment:
    """For the runs of one pass: which go to a device, and why the others do not. Used by several threads."""

    def __init__(self, devices: Devices, cancelled: Callable[[], bool]) -> None:
        self._devices = devices
        self._cancelled = cancelled
        self._lock = threading.Lock()
        self._lost: dict[str, set[int]] = {}
        self._instead: dict[str, Sentence] = {}

    @contextmanager
    def leased(self, versions: Mapping[str, Version]) -> Iterator[dict[str, Lease]]:
        """By run the process that it is to be given to, of those that are, meanwhile. Raises as `lease`."""
        leases: dict[str, Lease] = {}
        with ExitStack() as held:
            for run_id, version in versions.items():
                if run_id in self._instead:
                    continue
                try:
                    lease = self._devices.lease(version, self._cancelled)
                except NotOnDevice as error:
                    self._instead[run_id] = error.sentence
                    continue
                if lease is not None:
                    held.callback(lease.release)
                    leases[run_id] = lease
            yield leases

    def lost(self, run_id: str, lease: Lease) -> None:
        """A reader of a run found its process gone. After two of them the run goes on on the processor."""
        said = lease.lost()
        with self._lock:
            gone = self._lost.setdefault(run_id, set())
            gone.add(lease.number)
            if len(gone) >= _MOST_LOST:
                self._instead[run_id] = said

    def engine_of(self, run_id: str, lease: Lease | None, onnxruntime: str) -> Engine:
        """What a chunk of a run was computed on, by what its reader answered."""
        if lease is not None:
            return lease.engine()
        return Engine(PROCESSOR, onnxruntime, instead=self._instead.get(run_id))
