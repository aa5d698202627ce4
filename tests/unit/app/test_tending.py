"""What a server looks after by itself goes on, whatever fails once."""

import asyncio
import sqlite3
from pathlib import Path
from types import SimpleNamespace

import pytest
import sqlalchemy as sa

from hemalum.app import node
from hemalum.app.node import Node
from hemalum.kernel.errors import Invalid
from hemalum.runtime.settings import load_settings


class Failing:
    """A part of a node whose tasks all fail, and are counted."""

    def __init__(self) -> None:
        self.called: dict[str, int] = {}

    def call(self, name: str, error: Exception) -> None:
        self.called[name] = self.called.get(name, 0) + 1
        raise error

    async def write_ended(self) -> None:
        self.call("write_ended", Invalid("The log cannot keep it."))

    def start(self) -> None:
        self.call("start", OSError("no process can be started"))

    def notice_destroyed(self) -> None:
        self.call("notice_destroyed", sa.exc.OperationalError("SELECT", {}, sqlite3.OperationalError("busy")))

    def judge(self) -> None:
        self.call("judge", KeyError("a fault of ours"))

    def have_cosigned(self) -> None:
        self.call("have_cosigned", Invalid("There is no witness."))

    def hear(self) -> None:
        self.call("hear", KeyError("a fault of ours"))


@pytest.mark.parametrize("task", ["tend", "hear"])
def test_a_task_that_fails_stops_neither_itself_nor_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, task: str
) -> None:
    for name in ("_TENDED_EVERY_S", "_HEARD_EVERY_S", "_READERS_AFTER_S"):
        monkeypatch.setattr(node, name, 0.001)
    part = Failing()
    looked_after = Node(load_settings(tmp_path / "node", {}))
    monkeypatch.setattr(looked_after, "_serving", SimpleNamespace(openings=part))
    monkeypatch.setattr(looked_after, "_endings", part)
    monkeypatch.setattr(
        looked_after,
        "_parts",
        SimpleNamespace(slides=SimpleNamespace(workers=part), keyring=part, audit=part, witnessing=part),
    )
    expected = {
        "tend": ["write_ended", "notice_destroyed", "judge", "have_cosigned"],
        "hear": ["hear"],
    }[task]

    async def wait() -> None:
        running = asyncio.create_task(getattr(looked_after, task)())
        async with asyncio.timeout(30):
            while not running.done() and any(part.called.get(name, 0) < 2 for name in expected):
                await asyncio.sleep(0.01)
        assert not running.done()
        running.cancel()

    asyncio.run(wait())
