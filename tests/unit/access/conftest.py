"""Access on a fresh database, with a clock that tests set and a log that they read."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from hemalum.app.registry import permissions_by
from hemalum.capabilities.access import passwords
from hemalum.capabilities.access.sealing import sealing
from hemalum.capabilities.access.service import Access
from hemalum.kernel.audit import Record
from hemalum.runtime.crypto.keys import open_keyring
from hemalum.runtime.db import migrate, open_database
from hemalum.runtime.policy import load_policies
from hemalum.runtime.settings import load_settings

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
PERMISSIONS = permissions_by(load_policies()).of


@dataclass
class Desk:
    """Access at a moment, what it recorded, and which sessions it said had ended."""

    access: Access
    records: list[Record] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    now: datetime = NOON

    def later(self, by: timedelta) -> None:
        self.now += by

    def told(self) -> list[tuple[str, str]]:
        """What was recorded since the last look, and what became of it."""
        found = [(each.action.removeprefix("access."), each.outcome.value) for each in self.records]
        self.records.clear()
        return found


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
    database = open_database(f"sqlite:///{tmp_path / 'node.sqlite'}")
    migrate(database)
    seal, unseal = sealing(open_keyring(load_settings(tmp_path, {}), database))
    made = Desk(Access(database, PERMISSIONS, seal=seal, unseal=unseal))
    made.access = replace(
        made.access,
        clock=lambda: made.now,
        record=made.records.append,
        session_ended=made.ended.append,
    )
    made.access.ensure_first_people()
    made.records.clear()
    yield made
    database.dispose()


@pytest.fixture
def access(desk: Desk) -> Access:
    return desk.access
