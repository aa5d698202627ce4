"""The trail: what entries say, what they hide, what erasing leaves."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from hemalum.kernel.actor import Actor, Purpose
from hemalum.kernel.audit import Outcome, Record
from hemalum.kernel.ids import OrganisationId, PersonId
from hemalum.runtime.audit import Trail, open_subjects

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
LI = Actor(
    PersonId("p-li"),
    "Li Wei",
    OrganisationId("home"),
    frozenset(),
    "s-1",
    roles=frozenset({"pathologist"}),
    purpose=Purpose.CARE,
    address="192.0.2.7",
)


@dataclass
class MemoryLog:
    entries: list[bytes] = field(default_factory=list)

    def append(self, entry: bytes) -> int:
        self.entries.append(entry)
        return len(self.entries) - 1

    def read(self, start: int, count: int) -> list[bytes]:
        return self.entries[start : start + count]

    def size(self) -> int:
        return len(self.entries)


@dataclass
class Kept:
    log: MemoryLog
    subjects: sa.Engine
    now: datetime = NOON

    def trail(self) -> Trail:
        return Trail(
            self.log, self.subjects, lambda key: b"W" + key[::-1], lambda w: w[:0:-1], lambda: self.now
        )


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    subjects = open_subjects(f"sqlite:///{tmp_path / 'subjects.sqlite'}")
    yield Kept(MemoryLog(), subjects)
    subjects.dispose()


def test_an_entry_names_nobody_and_its_reader_sees_who(kept: Kept) -> None:
    trail = kept.trail()
    trail.record(Record("slides.open", LI, target="image/x", personal={"reason": "Frau Schmidt"}))
    raw = kept.log.entries[0]
    for hidden in (b"Li Wei", b"192.0.2.7", b"Schmidt"):
        assert hidden not in raw
    assert json.loads(raw) | {"sealed": "", "salt": ""} == {
        "action": "slides.open",
        "at": "2026-11-27T12:00:00.000Z",
        "form": 1,
        "outcome": "done",
        "purpose": "care",
        "salt": "",
        "sealed": "",
        "subject": "p-li",
        "target": "image/x",
        "who": {"organisation": "home", "person": "p-li", "roles": ["pathologist"], "session": "s-1"},
    }
    [read] = kept.trail().read(0, 10)
    assert read.personal == {"name": "Li Wei", "address": "192.0.2.7", "reason": "Frau Schmidt"}
    assert not read.is_erased


def test_who_did_it_stays_hidden_where_somebody_else_is_the_subject(kept: Kept) -> None:
    trail = kept.trail()
    trail.record(Record("access.role_given", LI, personal={"name": "Wang"}, subject=PersonId("p-wang")))
    assert trail.read(0, 1)[0].personal == {"name": "Wang"}


def test_a_failed_sign_in_is_nobodys(kept: Kept) -> None:
    trail = kept.trail()
    trail.record(Record("access.sign_in", None, Outcome.FAILED, personal={"address": "192.0.2.9"}))
    [read] = trail.read(0, 1)
    assert read.entry.who is None
    assert read.personal == {"address": "192.0.2.9"}


def test_erasing_leaves_the_entry_and_hides_the_person(kept: Kept, tmp_path: Path) -> None:
    trail, other = kept.trail(), kept.trail()
    trail.record(Record("slides.open", LI))
    wrapped = _wrapped_key(kept)
    before = list(kept.log.entries)
    assert trail.erase("p-li")
    assert not trail.erase("p-li")
    assert kept.log.entries == before
    [read] = trail.read(0, 1)
    assert read.is_erased
    assert read.personal == {}
    assert other.read(0, 1)[0].is_erased
    trail.record(Record("slides.open", LI))
    assert kept.log.entries[1].find(b"sealed") == -1
    assert not any(wrapped in path.read_bytes() for path in tmp_path.iterdir())


def test_a_sealed_part_moved_to_another_entry_is_not_read(kept: Kept) -> None:
    trail = kept.trail()
    trail.record(Record("slides.open", LI))
    kept.now += timedelta(seconds=1)
    trail.record(Record("slides.open", LI))
    first, second = (json.loads(raw) for raw in kept.log.entries)
    kept.log.entries[1] = json.dumps(second | {"sealed": first["sealed"]}).encode()
    assert trail.read(1, 1)[0].personal == {}


def test_a_clock_set_back_is_an_entry_of_its_own(kept: Kept) -> None:
    kept.trail().record(Record("slides.open", LI))
    kept.now -= timedelta(hours=1)
    trail = kept.trail()
    trail.record(Record("slides.open", LI))
    trail.record(Record("slides.open", LI))
    actions = [json.loads(raw)["action"] for raw in kept.log.entries]
    assert actions == ["slides.open", "node.clock_set_back", "slides.open", "slides.open"]
    assert json.loads(kept.log.entries[1])["detail"] == {"seconds": 3600.0}


def test_a_record_that_the_log_refuses_is_an_error(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    trail = kept.trail()

    def full(_entry: bytes) -> int:
        raise OSError("no room")

    monkeypatch.setattr(kept.log, "append", full)
    with pytest.raises(OSError, match="no room"):
        trail.record(Record("slides.open", LI))


def _wrapped_key(kept: Kept) -> bytes:
    with kept.subjects.connect() as connection:
        found: bytes = connection.execute(sa.text("SELECT wrapped FROM audit_subject_key")).scalar_one()
    return found


def test_equal_records_are_unequal_entries(kept: Kept) -> None:
    """Hashes of entries are public; who guesses an entry must not be able to confirm it."""
    trail = kept.trail()
    for _ in range(2):
        trail.record(Record("slides.quarantine", None, target="image/x"))
    assert kept.log.entries[0] != kept.log.entries[1]


def test_two_processes_may_meet_somebody_at_the_same_moment(kept: Kept) -> None:
    @sa.event.listens_for(kept.subjects, "before_cursor_execute")
    def be_faster(_connection: object, cursor: Any, statement: str, *_: object) -> None:
        if statement.startswith("INSERT"):
            values = ("p-li", b"W" + bytes(range(32))[::-1], "2026-11-27 12:00:00.000000")
            cursor.execute(
                "INSERT INTO audit_subject_key (subject, wrapped, created_at) VALUES (?, ?, ?)", values
            )

    kept.trail().record(Record("slides.open", LI, target="image/x", personal={"reason": "Frau Schmidt"}))
    sa.event.remove(kept.subjects, "before_cursor_execute", be_faster)
    # What was sealed is opened by the key that stays.
    assert [read.personal.get("reason") for read in kept.trail().read(0, 10)] == ["Frau Schmidt"]
