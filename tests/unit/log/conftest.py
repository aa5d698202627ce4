"""Logs, keys and the shared vectors for the tests of the log."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hemalum.runtime.db import open_database
from hemalum.runtime.log.log import Log
from hemalum.runtime.log.notes import SignatureType, SigningKey
from hemalum.runtime.log.policy import Policy

ORIGIN = "node.example/log"

type OpenLog = Callable[..., Log]


@pytest.fixture(scope="session")
def vectors(shared: Callable[[str], Path]) -> Path:
    """The folder of published vectors."""
    return shared("vectors")


@pytest.fixture
def log_key() -> SigningKey:
    """The key of the log of the tests."""
    return SigningKey(ORIGIN, bytes(range(32)))


@pytest.fixture
def witness_key() -> SigningKey:
    """The key of a witness."""
    return SigningKey("witness.example/w1", bytes(range(1, 33)), SignatureType.WITNESS)


@pytest.fixture(name="open_log")
def _open_log(tmp_path: Path, log_key: SigningKey) -> Iterator[OpenLog]:
    """Opens the log in the test's folder, or another one by its name; closed at the end."""
    opened: list[Log] = []

    def make(name: str = "log", key: SigningKey = log_key, policy: Policy | None = None) -> Log:
        log = Log(open_database(f"sqlite:///{tmp_path / name}.sqlite"), key, policy)
        opened.append(log)
        return log

    yield make
    for log in opened:
        log.close()


@pytest.fixture
def log(open_log: OpenLog) -> Log:
    """An empty log."""
    return open_log()
