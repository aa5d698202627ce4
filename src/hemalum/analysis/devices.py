"""Devices beside the processor on which onnxruntime runs networks. Loads nothing of onnxruntime."""

from dataclasses import dataclass

CUDA = "CUDAExecutionProvider"
MIGRAPHX = "MIGraphXExecutionProvider"
PROVIDERS = (CUDA, MIGRAPHX)
"""Execution providers of onnxruntime that run whole networks on graphics processors under Linux, best first.

TensorRT is left out: it chooses its kernels by how fast they were when a network was opened, so that the same
patches need not give the same bytes. DirectML and CoreML are of systems on which no node runs."""


@dataclass(frozen=True, slots=True)
class Device:
    """A device as onnxruntime reaches it."""

    provider: str
    """The execution provider, by its name in onnxruntime."""
    number: int
    """Among the devices of the provider, from 0; for CUDA in the order of the bus, as nvidia-smi counts."""
    name: str = ""
    """What its driver calls it; empty where that is not known."""
    memory_mib: int = 8192
    """What one process may take of the memory of the device."""

    @property
    def options(self) -> dict[str, str]:
        """How the provider is asked for it: so that the same batch gives the same bytes, in full float32.

        Names and meanings: onnxruntime, "CUDA Execution Provider" and "MIGraphX Execution Provider", and
        their `*_execution_provider_info.cc`.
        """
        memory = str(self.memory_mib << 20)
        if self.provider == CUDA:
            return {
                "device_id": str(self.number),
                "gpu_mem_limit": memory,
                "arena_extend_strategy": "kSameAsRequested",
                # The default tries algorithms and takes the one that was fastest just then.
                "cudnn_conv_algo_search": "HEURISTIC",
                # Its products have 10 bits behind the point, which golden tiles do not forgive.
                "use_tf32": "0",
            }
        if self.provider == MIGRAPHX:
            return {"device_id": str(self.number), "migraphx_mem_limit": memory}
        return {}
