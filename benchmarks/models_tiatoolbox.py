"""TIAToolbox's patch engine as a peer of `models.py`, in an environment and processes of its own."""

import contextlib
import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Self

import numpy as np
from numpy.typing import NDArray

import networks
from measure import BENCH_DATA, REPOSITORY

NAME = "TIAToolbox"
PYTHON = REPOSITORY / ".tools" / "tiatoolbox-venv" / "bin" / "python"
FEWEST_PATCHES = 96
"""Of a round. OpenSlide keeps 32 MB of what it decoded, about 40 patches, and fewer would come from there."""
_PROGRAM = Path(__file__).with_name("peers") / "patch_predictor.py"
_SHAPE = {"small": networks.SMALL, "stages": networks.STAGES}


class NotAtHand(Exception):
    """TIAToolbox cannot be measured here, and why."""


@dataclass(frozen=True)
class Setting:
    """How the patch engine is told to work."""

    batch: int
    readers: int
    """Processes that read patches; with none the process of the network reads them."""

    def __str__(self) -> str:
        readers = f", {self.readers} reader{'s' if self.readers > 1 else ''}" if self.readers else ""
        return f"{NAME}, batches of {self.batch}{readers}"


def settings(cores: int) -> list[Setting]:
    """Those that are measured: as it comes, larger batches, and with more than one core reader processes."""
    alone = [Setting(8, 0), Setting(32, 0)]
    return alone if cores == 1 else [*alone, Setting(8, 1), Setting(8, cores)]


class PatchEngine:
    """The patch engine on some of the processors, ready when it is made.

    Raises:
        NotAtHand: it is not installed, or does not start.
    """

    def __init__(self, cores: int) -> None:
        if not PYTHON.exists():
            raise NotAtHand("it is not installed (benchmarks/install-tiatoolbox)")
        self._log = BENCH_DATA / "logs" / f"tiatoolbox-{cores}.log"
        self._log.parent.mkdir(parents=True, exist_ok=True)
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [PYTHON, _PROGRAM, str(cores)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env=os.environ | {"OMP_NUM_THREADS": str(cores)},
            )
        self.versions: dict[str, str] = self._answer()["ready"]

    def scores(self, network: str, weights: Path, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        """What PyTorch gives for a batch (n, 3, height, width): (n, classes)."""
        given = BENCH_DATA / "batch.npz"
        np.savez(given, batch=batch)
        found = self._ask({"network": network, "weights": str(weights), "given": str(given)})
        return np.array(found["scores"], np.float32)

    def round(self, setting: Setting, request: dict[str, Any]) -> dict[str, Any]:
        """What one round took; see the program."""
        return self._ask(request | {"batch": setting.batch, "workers": setting.readers})

    def _ask(self, request: dict[str, Any]) -> dict[str, Any]:
        with contextlib.suppress(BrokenPipeError):
            print(json.dumps(request | {"shape": _SHAPE}), file=self._stream(self._process.stdin), flush=True)
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        line = self._stream(self._process.stdout).readline()
        if not line:
            self.close()
            last = self._log.read_text(errors="replace").strip().splitlines()[-1:] or ["it said nothing"]
            raise NotAtHand(f"it ended: {last[0]}")
        found: dict[str, Any] = json.loads(line)
        return found

    @staticmethod
    def _stream(stream: IO[str] | None) -> IO[str]:
        assert stream is not None
        return stream

    def close(self) -> None:
        """Ask it to end, by the end of its requests, then insist."""
        with contextlib.suppress(BrokenPipeError):
            self._stream(self._process.stdin).close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
