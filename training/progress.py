"""How far a training is, told on a terminal or to `regenerate.py`."""

import re
import sys
import time

_WIDTH = 30
_BETWEEN_S = 2.0
_LINE = re.compile(r"(?P<what>\S+) (?P<done>\d+)/\d+\b")


class Progress:
    """Rewrites one line of a terminal; elsewhere it writes a line now and then."""

    def __init__(self, what: str, total: int, done: int = 0) -> None:
        self._what, self._total, self._first = what, total, done
        self._begun = self._told = time.monotonic()
        self._smooth: float | None = None
        if done:
            self._tell(done)

    def step(self, done: int, loss: float) -> None:
        self._smooth = loss if self._smooth is None else 0.97 * self._smooth + 0.03 * loss
        now = time.monotonic()
        if now - self._told < _BETWEEN_S and done < self._total:
            return
        self._told = now
        self._tell(done)

    def _tell(self, done: int) -> None:
        line = f"{self._what} {done}/{self._total}"
        if self._smooth is not None:
            line += f" loss {self._smooth:.3f}"
        if sys.stdout.isatty():
            left_s = (time.monotonic() - self._begun) / max(1, done - self._first) * (self._total - done)
            print(f"{bar(done / self._total)} {line}, {minutes(left_s)} left", end="\r", flush=True)
        else:
            print(line, flush=True)


def told(line: str) -> tuple[str, int] | None:
    """What is trained and how many of its steps are done, of a line that `Progress` wrote."""
    found = _LINE.match(line)
    return (found["what"], int(found["done"])) if found else None


def bar(share: float) -> str:
    return f"[{'#' * int(_WIDTH * share):<{_WIDTH}}]"


def minutes(seconds: float) -> str:
    return f"{seconds / 60:.0f} min"
