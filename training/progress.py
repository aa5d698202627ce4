"""A line that tells how far a training is."""

import sys
import time

_WIDTH = 30
_BETWEEN_S = 2.0


class Progress:
    """Rewrites one line of a terminal; in a file it writes a line now and then."""

    def __init__(self, what: str, total: int, done: int = 0) -> None:
        self._what, self._total, self._first = what, total, done
        self._begun = self._told = time.monotonic()
        self._smooth: float | None = None

    def step(self, done: int, loss: float) -> None:
        self._smooth = loss if self._smooth is None else 0.97 * self._smooth + 0.03 * loss
        now = time.monotonic()
        between = _BETWEEN_S if sys.stdout.isatty() else 10 * _BETWEEN_S
        if now - self._told < between and done < self._total:
            return
        self._told = now
        bar = "#" * (_WIDTH * done // self._total)
        left_s = (now - self._begun) / max(1, done - self._first) * (self._total - done)
        end = "\r" if sys.stdout.isatty() else "\n"
        line = f"{self._what} [{bar:<{_WIDTH}}] {done}/{self._total} loss {self._smooth:.3f}"
        print(f"{line}, {left_s / 60:.0f} min left", end=end, flush=True)
