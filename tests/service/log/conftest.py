"""Logs in data directories of their own."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hemalum.runtime.log import Log, open_log
from hemalum.runtime.settings import Settings, load_settings


@pytest.fixture
def node_settings(tmp_path: Path) -> Settings:
    """Those of a fresh embedded node."""
    return load_settings(tmp_path / "node", {"HEMALUM_NODE_NAME": "node.example/log"})


@pytest.fixture(name="open_node_log")
def _open_node_log() -> Iterator[Callable[[Settings], Log]]:
    """Opens the log of a node; closed at the end."""
    opened: list[Log] = []

    def make(settings: Settings) -> Log:
        log = open_log(settings)
        opened.append(log)
        return log

    yield make
    for log in opened:
        log.close()
