"""A scan being examined by a child process, while whoever asked for it does something else."""

import shutil
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

from hemalum.capabilities.slides.model import ImageObject
from hemalum.runtime.sandbox import OnProgress, Workers


class Examination:
    """What `hemalum.formats.wsi.inspection:inspect` finds out about the originals of a scan, begun at once.

    `files` is where the child finds the originals; what it writes goes into `out`, in the folder that is
    given. `cancelled` is asked a few times a second, in another thread.
    """

    def __init__(
        self,
        workers: Workers,
        originals: Sequence[ImageObject],
        files: Sequence[Path],
        folder: Path,
        cancelled: Callable[[], bool],
    ) -> None:
        self.files = files
        self.out = folder / "out"
        self._workers = workers
        self._originals = originals
        self._folder = folder
        self.cancelled = cancelled
        self._dropped = threading.Event()
        self._progress: OnProgress | None = None
        thread = ThreadPoolExecutor(1, thread_name_prefix="examine")
        self._answer = thread.submit(self._examine)
        thread.shutdown(wait=False)

    def is_of(self, originals: Sequence[ImageObject]) -> bool:
        """Whether it looks at these files, and they were then as they are described here."""
        return list(map(_state, self._originals)) == list(map(_state, originals))

    def result(self, progress: OnProgress) -> dict[str, Any]:
        """Wait for the end; returns what `inspect` answered. `progress` is called from now on, elsewhere.

        Raises:
            UnreadableSlide: it is not a slide that can be shown correctly; the sentence says why.
            Cancelled: `cancelled` answered True.
        """
        self._progress = progress
        return self._answer.result()

    def drop(self) -> None:
        """Stop it if it still goes on, and remove its folder: nobody needs any of it any more."""
        self._dropped.set()
        wait([self._answer])
        shutil.rmtree(self._folder, ignore_errors=True)

    def _examine(self) -> dict[str, Any]:
        self.out.mkdir(parents=True)
        answer: dict[str, Any] = self._workers.call(
            "hemalum.formats.wsi.inspection:inspect",
            {"paths": [str(path) for path in self.files], "out_dir": str(self.out)},
            progress=self._report,
            cancelled=lambda: self._dropped.is_set() or self.cancelled(),
        )
        return answer

    def _report(self, stage: str, done: int, total: int) -> None:
        if self._progress is not None:
            self._progress(stage, done, total)


def _state(one: ImageObject) -> tuple[Any, ...]:
    """What tells a file from another, and from itself at another time."""
    return (one.kind, one.location, one.size, one.mtime_ns)
