"""The chain finds what was changed, removed, reordered or cut off, and the database refuses all of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
import sqlalchemy as sa

from hemalum.capabilities.custody import chain, store
from hemalum.capabilities.custody.model import CustodyEvent, Step
from hemalum.capabilities.custody.service import Custody
from hemalum.runtime.db import reading, transaction

from .conftest import Laboratory

FORGED = "UPDATE custody_event SET {what} WHERE number = {number}"


@contextmanager
def unguarded(lab: Laboratory) -> Iterator[sa.Connection]:
    """As somebody who owns the file of the database; all is as before afterwards."""
    with transaction(lab.database) as connection:
        guards = connection.exec_driver_sql(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'custody_event'"
        ).scalars()
        for name in list(guards):
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        yield connection
        connection.rollback()


def scanned(lab: Laboratory) -> tuple[str, list[int]]:
    code = lab.case().material[0].identifier
    points = [lab.point(Step.PLACE) for _ in range(3)]
    return code, [lab.scan(point, code).event.number for point in points]


def test_the_database_refuses_to_change_or_remove(lab: Laboratory) -> None:
    _, numbers = scanned(lab)
    for statement in (
        FORGED.format(what="actor_name = 'Somebody'", number=numbers[0]),
        f"DELETE FROM custody_event WHERE number = {numbers[0]}",
    ):
        with (
            pytest.raises(sa.exc.IntegrityError, match="append-only"),
            transaction(lab.database) as connection,
        ):
            connection.exec_driver_sql(statement)


@pytest.mark.parametrize(
    ("forge", "said"),
    [
        ("UPDATE custody_event SET actor_name = 'Somebody' WHERE number = {1}", "changed"),
        ("UPDATE custody_event SET reason = 'so it was' WHERE number = {1}", "changed"),
        ("UPDATE custody_event SET at = '2020-01-01 00:00:00.000000' WHERE number = {0}", "changed"),
        ("DELETE FROM custody_event WHERE number = {1}", "missing"),
        ("UPDATE custody_event SET hash = '{hash}' WHERE number = {1}", "changed"),
        ("DELETE FROM custody_event WHERE number = {2}", "end of the chain"),
        ("UPDATE custody_standing SET point = 'elsewhere' WHERE subject = '{code}'", "elsewhere"),
    ],
)
def test_what_was_forged_is_found(lab: Laboratory, forge: str, said: str) -> None:
    code, numbers = scanned(lab)
    with unguarded(lab) as connection:
        connection.exec_driver_sql(forge.format(*numbers, hash="f" * 64, code=code))
        whole = chain.verify(connection, "home")
        piece = chain.verify_subject(connection, "home", code)
        faults = [str(each.said) for each in (*whole.faults, *piece.faults)]
        assert any(said in each for each in faults), faults
    assert lab.custody.tracing.verify(lab.who("tech")).is_whole
    assert lab.is_whole(code)


def test_reordered_events_are_found(lab: Laboratory) -> None:
    code, numbers = scanned(lab)
    with unguarded(lab) as connection:
        for before, after in ((numbers[0], 10**6), (numbers[1], numbers[0]), (10**6, numbers[1])):
            connection.exec_driver_sql(FORGED.format(what=f"number = {after}", number=before))
        assert not chain.verify(connection, "home").is_whole
        assert not chain.verify_subject(connection, "home", code).is_whole


def test_who_makes_all_hashes_anew_is_told_by_the_log(lab: Laboratory) -> None:
    _, numbers = scanned(lab)
    with reading(lab.database) as connection:
        told = {each.number: each.hash for each in store.each_event(connection, "home")}

    def faults(log: dict[int, str]) -> list[int]:
        look = lab.custody.tracing.verify_for_operator
        found = look("home", lambda number: frozenset({log[number]} if number in log else ()))
        return [each.number for each in found.faults]

    assert faults(told) == []
    assert faults(told | {numbers[1]: "f" * 64}) == [numbers[1]]
    assert faults({number: each for number, each in told.items() if number != numbers[2]}) == [numbers[2]]
    assert faults(told | {numbers[2] + 1: "f" * 64}) == [numbers[2] + 1]


def test_what_was_found_whole_is_not_read_again_the_same_day(
    lab: Laboratory, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, numbers = scanned(lab)
    looked: list[int] = []
    hash_of = chain.hash_of

    def counted(event: CustodyEvent) -> str:
        looked.append(event.number)
        return hash_of(event)

    monkeypatch.setattr(chain, "hash_of", counted)
    tracing, tech = Custody(lab.cases).tracing, lab.who("tech")
    assert tracing.verify(tech).is_whole
    assert looked == list(range(1, numbers[-1] + 1))
    began = lab.now
    _, more = scanned(lab)
    looked.clear()
    lab.now = began + timedelta(hours=23)
    found = tracing.verify(tech)
    assert (found.events, found.faults, found.whole_at) == (more[-1], (), began)
    assert looked == [numbers[-1], *more]
    looked.clear()
    lab.now = began + timedelta(hours=24)
    assert tracing.verify(tech).whole_at == lab.now
    assert looked == list(range(1, more[-1] + 1))


@pytest.mark.parametrize(
    ("forge", "said"),
    [
        ("UPDATE custody_event SET reason = 'so it was' WHERE number = {0}", "changed"),
        ("UPDATE custody_event SET previous_hash = '{hash}' WHERE number = {1}", "follow"),
        ("DELETE FROM custody_event WHERE number = {1}", "missing"),
        ("DELETE FROM custody_event WHERE number >= {0}", "end of the chain"),
    ],
)
@pytest.mark.parametrize("only_on", [True, False])
def test_what_was_forged_since_is_found(lab: Laboratory, forge: str, said: str, only_on: bool) -> None:
    """Also where whoever forged made the hashes, or the end of the chain, anew."""
    # Whatever ran before: something is left when all is gone from what was seen on.
    scanned(lab)
    _, (seen, *numbers) = scanned(lab)
    with unguarded(lab) as connection:
        event = store.find_event(connection, "home", seen)
        assert event is not None
        known = chain.Seen(event.number, event.hash, event.previous_hash, lab.now)
        connection.exec_driver_sql(forge.format(seen, numbers[0], hash="f" * 64))
        _make_anew(connection, seen)
        whole = chain.verify(connection, "home", seen=known, only_on=only_on)
    assert any(said in str(each.said) for each in whole.faults), whole


def _make_anew(connection: sa.Connection, number: int) -> None:
    """Give a link the hash of what it tells now; the chain ends where its last link does."""
    event = store.find_event(connection, "home", number)
    if event is not None:
        changed = f"hash = '{chain.hash_of(event)}'"
        connection.exec_driver_sql(FORGED.format(what=changed, number=number))
    connection.exec_driver_sql(
        "UPDATE custody_head SET (number, hash) ="
        " (SELECT number, hash FROM custody_event ORDER BY number DESC LIMIT 1)"
    )
