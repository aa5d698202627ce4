"""Networks in ONNX, run by onnxruntime on one thread, or on a device.

One inference thread for each process: on a busy machine more of them, which spin while they wait, made one
picture take 1.3 s in place of 22 ms. Whoever wants more speed runs more processes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from hemalum.analysis.devices import CUDA, Device
from hemalum.formats.model.onnx_file import check_self_contained
from hemalum.formats.model.reading import BadModel
from hemalum.kernel.errors import HemalumError, Invalid
from hemalum.kernel.sentence import Sentence, cause_of

_MOST_BYTES = (2 << 30) - 1
"""Of a protocol buffer; larger networks cannot be one ONNX file."""
_DTYPES: dict[str, np.dtype[Any]] = {
    "tensor(float)": np.dtype(np.float32),
    "tensor(float16)": np.dtype(np.float16),
    "tensor(double)": np.dtype(np.float64),
    "tensor(uint8)": np.dtype(np.uint8),
    "tensor(int8)": np.dtype(np.int8),
    "tensor(int32)": np.dtype(np.int32),
    "tensor(int64)": np.dtype(np.int64),
    "tensor(bool)": np.dtype(np.bool_),
}
_SIGNS_OF_NO_MEMORY = (
    "bad_alloc",
    "Failed to allocate memory",
    "MemoryError",
    "out of memory",
    "CUBLAS_STATUS_ALLOC_FAILED",
    "CUDNN_STATUS_ALLOC_FAILED",
)
"""In what onnxruntime says: of its arenas, and of what CUDA and HIP tell it."""
_ONLY_FATAL = 4
"""What fails is told by an error."""


class WrongShape(Invalid):
    """What the network is given, or gives, does not have the form that it states."""

    code = "wrong-shape"


class NotANumber(HemalumError):
    """The network gave NaN or an infinite value, which must never pass for a score."""

    status = 422
    code = "not-a-number"


class NetworkOutOfMemory(HemalumError):
    """The network needs more memory than this process may take."""

    status = 507
    code = "network-out-of-memory"


class NetworkFailed(HemalumError):
    """The network could not be run on this input. The sentence says why."""

    status = 422
    code = "network-failed"


class DeviceUnavailable(HemalumError):
    """onnxruntime does not run this network on the device. The sentence says why."""

    status = 503
    code = "device-unavailable"


@dataclass(frozen=True, slots=True)
class Tensor:
    """An input or output of a network, as the network states it."""

    name: str
    dtype: np.dtype[Any]
    shape: tuple[int | None, ...]
    """With the batch first; None for an axis of any length."""

    def takes(self, shape: Sequence[int]) -> bool:
        """Whether an array of this shape fits."""
        return len(shape) == len(self.shape) and all(
            wanted is None or wanted == length for wanted, length in zip(self.shape, shape, strict=True)
        )

    @property
    def form(self) -> str:
        """The shape for people, such as n x 3 x 224 x 224."""
        return " x ".join("n" if length is None else str(length) for length in self.shape)


class Network:
    """A network that was opened. For one thread at a time."""

    def __init__(self, session: onnxruntime.InferenceSession) -> None:
        self._session = session
        self.inputs = tuple(_tensor(each) for each in session.get_inputs())
        self.outputs = tuple(_tensor(each) for each in session.get_outputs())

    @property
    def input(self) -> Tensor:
        """The only input, or the first one."""
        return self.inputs[0]

    def run(
        self, batch: NDArray[Any] | Mapping[str, NDArray[Any]], outputs: Sequence[str] | None = None
    ) -> dict[str, NDArray[Any]]:
        """The outputs by name for one batch: an array for the only input, or arrays by name.

        `outputs` names those that are wanted; all by default. The same batch gives the same bytes on the
        same machine and version of onnxruntime.

        Raises:
            WrongShape: the batch is not what the network takes.
            NotANumber: an output holds NaN or an infinite value.
            NetworkOutOfMemory: there is not enough of it.
            NetworkFailed: it stopped for another reason.
        """
        given = batch if isinstance(batch, Mapping) else {self.input.name: batch}
        self._check(given)
        names = [each.name for each in self.outputs] if outputs is None else list(outputs)
        try:
            answered = self._session.run(names, dict(given))
        except Exception as error:
            raise _failure(error) from error
        found = dict(zip(names, answered, strict=True))
        for name, values in found.items():
            if np.issubdtype(values.dtype, np.floating) and not np.isfinite(values).all():
                raise NotANumber("The network gave a value of {output} that is not a number.", output=name)
        return found

    def _check(self, given: Mapping[str, NDArray[Any]]) -> None:
        known = {each.name: each for each in self.inputs}
        if given.keys() != known.keys():
            raise WrongShape(
                "The network takes {wanted} and is given {given}.",
                wanted=", ".join(sorted(known)),
                given=", ".join(sorted(given)),
            )
        for name, values in given.items():
            tensor = known[name]
            if values.dtype != tensor.dtype or not tensor.takes(values.shape):
                raise WrongShape(
                    "The network takes {wanted} of {wanted_type} and is given {given} of {given_type}.",
                    wanted=tensor.form,
                    wanted_type=str(tensor.dtype),
                    given=" x ".join(map(str, values.shape)),
                    given_type=str(values.dtype),
                )


def open_network(
    onnx: bytes | Path,
    weights: bytes | Path | None = None,
    weights_name: str = "",
    device: Device | None = None,
) -> Network:
    """Open a network from a file or its bytes, to run on the processor with one thread, or on a device.

    `weights` are those that lie in a second file, under the name by which the network knows it (that of the
    file, if nothing else is said). The runtime is given their bytes and opens no file itself.

    What comes from outside is opened in a child process (`runtime.sandbox`): a small file can ask for any
    amount of memory.

    Raises:
        BadModel: it is no ONNX file, not all in one file, or needs operators that are not there.
        NetworkOutOfMemory: there is not enough of it.
        DeviceUnavailable: onnxruntime would run it on the processor, or does not reach the device.
    """
    content = onnx if isinstance(onnx, bytes) else _read(onnx)
    name = weights_name or (weights.name if isinstance(weights, Path) else "")
    check_self_contained(content, name)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.inter_op.allow_spinning", "0")
    # The arena keeps the most that any batch ever took, which for patches is what each takes. Without it the
    # heap of the process grew with each patch, by 1 MB, while what was in use of it stayed the same.
    options.enable_cpu_mem_arena = True
    options.log_severity_level = _ONLY_FATAL
    try:
        beside = weights.read_bytes() if isinstance(weights, Path) else weights
        if beside is not None:
            options.add_external_initializers_from_files_in_memory([name], [beside], [len(beside)])
        session = _on_processor(content, options) if device is None else _on_device(content, options, device)
        return Network(session)
    except DeviceUnavailable:
        raise
    except Exception as error:
        if _is_out_of_memory(error):
            raise _failure(error) from error
        raise BadModel("The network cannot be opened: {cause}", cause=_said(error)) from error


def _on_processor(content: bytes, options: onnxruntime.SessionOptions) -> onnxruntime.InferenceSession:
    return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])


def _on_device(
    content: bytes, options: onnxruntime.SessionOptions, device: Device
) -> onnxruntime.InferenceSession:
    """A session whose first provider is that of the device; what that cannot do of it, the processor does."""
    if device.provider not in onnxruntime.get_available_providers():
        raise DeviceUnavailable("onnxruntime here has no {provider}.", provider=device.provider)
    if device.provider == CUDA:
        # Finds the libraries of CUDA where they came with `pip install onnxruntime-gpu[cuda,cudnn]`.
        onnxruntime.preload_dlls()
    options.use_deterministic_compute = True
    providers = [(device.provider, device.options)]
    try:
        session = onnxruntime.InferenceSession(content, options, providers=providers, enable_fallback=0)
    except Exception as error:
        if _is_out_of_memory(error):
            raise
        raise DeviceUnavailable(
            "{provider} cannot use this network or device {number}: {cause}",
            provider=device.provider,
            number=device.number,
            cause=_said(error),
        ) from error
    # It goes on without a provider whose libraries are missing, and says so in a log alone.
    if session.get_providers()[0] != device.provider:
        raise DeviceUnavailable(
            "{provider} was not loaded: its driver or libraries are missing or of another version.",
            provider=device.provider,
        )
    return session


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise BadModel("A network may have at most {size} GB.", size=2)
        return path.read_bytes()
    except OSError as error:
        raise BadModel("{path} cannot be read: {cause}.", path=path.name, cause=cause_of(error)) from error


def _tensor(argument: Any) -> Tensor:
    if argument.type not in _DTYPES:
        raise BadModel("The network uses {kind}, which is not supported.", kind=argument.type)
    shape = tuple(length if isinstance(length, int) else None for length in argument.shape)
    return Tensor(argument.name, _DTYPES[argument.type], shape)


def _failure(error: Exception) -> HemalumError:
    if _is_out_of_memory(error):
        return NetworkOutOfMemory("The network needs more memory than is allowed.")
    return NetworkFailed("The network failed on this input: {cause}", cause=_said(error))


def _is_out_of_memory(error: Exception) -> bool:
    said = str(error)
    return isinstance(error, MemoryError) or any(sign in said for sign in _SIGNS_OF_NO_MEMORY)


def _said(error: Exception) -> Sentence | str:
    """What onnxruntime says, without its own prefix; the kind of error where it says nothing more."""
    said = str(error).rpartition("] : ")[2].strip()
    return said.splitlines()[0] if said else type(error).__name__
