"""How fast a round of checking may go."""

from types import SimpleNamespace

import pytest

from hemalum.capabilities.slides import scrub


def test_small_slides_are_checked_with_a_rest_after_each(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    clock = SimpleNamespace(monotonic=lambda: 0.0, sleep=slept.append)
    monkeypatch.setattr(scrub, "time", clock)
    pace = scrub.Pace(50, SimpleNamespace(cancelled=lambda: False))  # type: ignore[arg-type]
    for _ in range(100):
        pace(1000)
        pace.rest()
    # A hundred slides of next to nothing: ten seconds, but for the nap that is not due yet.
    assert sum(slept) == pytest.approx(10, abs=0.25)
    assert pace.read == 100_000
