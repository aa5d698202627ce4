"""The log: what is appended is there, in order, and can be proved."""

import asyncio
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hemalum.kernel.errors import Invalid, NotFound
from hemalum.runtime.db import open_database
from hemalum.runtime.log import append, open_log, store
from hemalum.runtime.log.append import _Batch
from hemalum.runtime.log.export import export
from hemalum.runtime.log.log import Log
from hemalum.runtime.log.merkle import EMPTY_ROOT, leaf_hash
from hemalum.runtime.log.notes import (
    Checkpoint,
    SignatureType,
    SigningKey,
    VerifierKey,
    encode_base64,
    open_checkpoint,
    parse_note,
)
from hemalum.runtime.log.policy import Group, Known, Policy
from hemalum.runtime.log.proofs import proves_consistency, proves_inclusion
from hemalum.runtime.log.store import LogFailed, LogFull
from hemalum.runtime.log.tiles import Tile, tiles_of
from hemalum.runtime.settings import load_settings

type OpenLog = Callable[..., Log]
NO_ROOM = sa.exc.OperationalError("INSERT", {}, Exception("full"))


def fill(log: Log, count: int) -> None:
    """Append so many entries, together."""

    async def append_all() -> None:
        await asyncio.gather(*(log.append_async(b"entry %d" % number) for number in range(count)))

    asyncio.run(append_all())


def signed(log: Log) -> Checkpoint:
    """The newest checkpoint, once it covers everything."""
    end = time.monotonic() + 30
    while True:
        checkpoint = open_checkpoint(log.checkpoint(), log.key)
        if checkpoint.size == log.size() or time.monotonic() > end:
            return checkpoint
        time.sleep(0.05)


def test_an_empty_log_is_signed(log: Log) -> None:
    checkpoint = open_checkpoint(log.checkpoint(), log.key)
    assert (checkpoint.origin, checkpoint.size, checkpoint.root) == (log.key.name, 0, EMPTY_ROOT)
    assert log.size() == 0
    assert log.read(0, 10) == []


def test_entries_stand_where_they_were_put(log: Log) -> None:
    positions = [log.append(entry) for entry in (b"", b"two", b"x" * 65_535)]
    assert [position.index for position in positions] == [0, 1, 2]
    assert positions[1].leaf_hash == leaf_hash(b"two")
    assert log.size() == 3
    assert log.read(0, 10) == [b"", b"two", b"x" * 65_535]
    assert log.read(1, 1) == [b"two"]
    assert log.read(3, 1) == log.read(-5, -1) == []


def test_an_entry_that_no_bundle_could_hold_is_refused(log: Log) -> None:
    with pytest.raises(Invalid, match="65535 bytes"):
        log.append(b"x" * 65_536)
    with pytest.raises(Invalid):
        asyncio.run(log.append_async(b"x" * 65_536))
    with pytest.raises(TypeError):
        log.append("text")  # type: ignore[arg-type] (what is tested)
    assert log.size() == 0


def test_a_checkpoint_comes_within_a_second_by_itself(log: Log) -> None:
    log.append(b"one")
    assert signed(log).size == 1
    with store.reading(log._engine) as connection:
        assert store.newest_checkpoint(connection) is not None


def test_closing_signs_what_was_not_yet(open_log: OpenLog, log_key: SigningKey) -> None:
    first = open_log()
    first.append(b"one")
    first.close()
    again = open_log()
    assert open_checkpoint(again.checkpoint(), log_key.verifier).size == 1
    assert again.append(b"two").index == 1


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), entries=st.lists(st.binary(max_size=40), min_size=1, max_size=600))
def test_whatever_is_appended_is_proved(open_log: OpenLog, data: st.DataObject, entries: list[bytes]) -> None:
    log = open_log(f"log-{time.monotonic_ns()}")
    for entry in entries[:3]:
        log.append(entry)

    async def append_rest() -> None:
        await asyncio.gather(*(log.append_async(entry) for entry in entries[3:]))

    asyncio.run(append_rest())
    assert log.read(0, len(entries)) == entries
    checkpoint = signed(log)
    index = data.draw(st.integers(0, len(entries) - 1))
    proof = log.prove(index, checkpoint.size)
    assert proof == log.prove(index)
    leaf = leaf_hash(entries[index])
    assert proves_inclusion(proof, leaf, index, checkpoint.size, checkpoint.root)
    assert not proves_inclusion(
        proof, leaf_hash(entries[index] + b"!"), index, checkpoint.size, checkpoint.root
    )
    old = data.draw(st.integers(1, len(entries)))
    with store.reading(log._engine) as connection:
        old_root = store.range_hash(connection)(0, old)
    consistency = log.prove_consistency(old, len(entries))
    assert proves_consistency(consistency, old, len(entries), old_root, checkpoint.root)
    assert old == len(entries) or not proves_consistency(
        consistency, old, len(entries), checkpoint.root, old_root
    )
    log.close()


def test_large_trees_are_proved_across_levels_of_tiles(log: Log) -> None:
    """Over 65,536 entries, so that there are tiles of level 2."""
    log._grow([b"%d" % number for number in range(66_000)], sign=True)
    checkpoint = signed(log)
    assert checkpoint.size == 66_000
    for index in (0, 255, 256, 65_535, 65_536, 65_999):
        (entry,) = log.read(index, 1)
        proof = log.prove(index, 66_000)
        assert proves_inclusion(proof, leaf_hash(entry), index, 66_000, checkpoint.root)
    assert len(log.tile(2, 0, 1)) == 32
    assert len(log.tile(1, 0)) == 8192
    with store.reading(log._engine) as connection:
        tree, hashed = store.frontier(connection), store.range_hash(connection)(0, 66_000)
    assert tree.root() == hashed == checkpoint.root


@pytest.mark.parametrize(("index", "size"), [(-1, None), (3, None), (2, 2), (0, 4), (0, 0)])
def test_nothing_else_is_proved(log: Log, index: int, size: int | None) -> None:
    fill(log, 3)
    with pytest.raises(NotFound):
        log.prove(index, size)


@pytest.mark.parametrize(("old", "new"), [(-1, 3), (2, 1), (2, 4)])
def test_no_consistency_is_proved_with_trees_that_are_not(log: Log, old: int, new: int) -> None:
    fill(log, 3)
    with pytest.raises(NotFound):
        log.prove_consistency(old, new)


def test_tiles_and_bundles_are_what_the_standard_says(log: Log) -> None:
    fill(log, 300)
    entries = log.read(0, 300)
    assert log.tile(0, 1, 44) == b"".join(leaf_hash(entry) for entry in entries[256:])
    assert log.tile(0, 0, 3) == log.tile(0, 0)[:96]
    assert log.entry_bundle(1, 2) == b"".join(len(one).to_bytes(2) + one for one in entries[256:258])
    for level, index, width in [
        (0, 1, 45),
        (0, 2, 1),
        (1, 0, 2),
        (2, 0, 1),
        (0, -1, 1),
        (-1, 0, 1),
        (0, 0, 257),
    ]:
        with pytest.raises(NotFound):
            log.tile(level, index, width)
    with pytest.raises(NotFound):
        log.entry_bundle(1, 45)


def test_an_export_holds_what_its_checkpoint_covers(log: Log, tmp_path: Path) -> None:
    fill(log, 300)
    signed(log)
    folder = tmp_path / "public"
    assert export(log, folder) == 300
    assert {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()} == {
        "checkpoint",
        *(tile.path for tile in tiles_of(300)),
    }
    fill(log, 300)
    signed(log)
    assert export(log, folder, with_entries=True) == 600
    assert (folder / "checkpoint").read_bytes() == log.checkpoint()
    assert (folder / Tile(0, 2, 88, of_entries=True).path).read_bytes() == log.entry_bundle(2, 88)


# Many at once


def test_threads_and_event_loops_append_together(log: Log) -> None:
    positions: list[int] = []

    def from_thread(name: int) -> None:
        positions.extend(log.append(b"%d" % name).index for _ in range(20))

    async def from_loop() -> None:
        found = await asyncio.gather(*(log.append_async(b"loop") for _ in range(200)))
        positions.extend(position.index for position in found)

    threads = [threading.Thread(target=from_thread, args=(name,)) for name in range(16)]
    threads += [threading.Thread(target=lambda: asyncio.run(from_loop())) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(positions) == list(range(720))
    assert log.read(0, 720).count(b"loop") == 400


def test_more_than_fit_together_are_split(log: Log) -> None:
    fill(log, 3 * append._MOST_TOGETHER + 1)
    assert log.size() == 3 * append._MOST_TOGETHER + 1


def test_a_task_that_is_cancelled_takes_no_other_along(log: Log) -> None:
    async def run() -> None:
        tasks = [asyncio.create_task(log.append_async(b"%d" % number)) for number in range(10)]
        await asyncio.sleep(0)
        tasks[3].cancel()
        done = await asyncio.gather(*tasks, return_exceptions=True)
        assert [type(one) for one in done].count(append.Position) >= 9

    asyncio.run(run())
    assert log.size() == 10


def test_two_openings_of_one_log_take_turns(open_log: OpenLog) -> None:
    one, other = open_log(), open_log()
    fill(one, 250)
    for number in range(250, 270):
        assert (one, other)[number % 2].append(b"%d" % number).index == number
    assert one.read(250, 20) == [b"%d" % number for number in range(250, 270)]
    checkpoint = signed(other)
    assert proves_inclusion(one.prove(256, 270), leaf_hash(b"256"), 256, 270, checkpoint.root)


def test_a_closed_log_takes_nothing(log: Log) -> None:
    log.close()
    with pytest.raises(LogFailed, match="closed"):
        log.append(b"late")


# What goes wrong


@pytest.mark.parametrize(
    ("attribute", "value", "error"),
    [("sqlite_errorcode", 13, LogFull), ("sqlstate", "53100", LogFull), ("sqlstate", "57P01", LogFailed)],
)
def test_an_entry_that_did_not_become_durable_is_not_acknowledged(
    log: Log, monkeypatch: pytest.MonkeyPatch, attribute: str, value: object, error: type[LogFailed]
) -> None:
    def refuse(*_arguments: Any) -> None:
        cause = Exception("no")
        setattr(cause, attribute, value)
        raise sa.exc.OperationalError("INSERT", {}, cause)

    log.append(b"before")
    with monkeypatch.context() as patched:
        patched.setattr(store, "append", refuse)
        with pytest.raises(LogFailed) as raised:
            log.append(b"lost")
        with pytest.raises(LogFailed):
            asyncio.run(log.append_async(b"lost"))
    assert type(raised.value) is error
    assert (LogFailed.status, LogFull.status) == (503, 507)
    assert str(raised.value).endswith(".")
    assert log.append(b"after").index == 1
    assert log.read(0, 9) == [b"before", b"after"]


def test_a_fault_of_ours_is_answered_too(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: Any) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patched:
        patched.setattr(store, "append", fail)
        with pytest.raises(LogFailed, match="unexpected"):
            log.append(b"lost")
    assert log.append(b"after").index == 0


def test_rows_cannot_be_changed_or_removed(log: Log) -> None:
    fill(log, 300)
    signed(log)
    for table in ("log_entry", "log_leaf", "log_node", "log_checkpoint"):
        for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET rowid = rowid"):
            with pytest.raises(sa.exc.IntegrityError, match="append-only"), log._engine.begin() as connection:
                connection.exec_driver_sql(statement)


def test_a_log_that_lost_what_it_signed_signs_nothing_more(open_log: OpenLog) -> None:
    first = open_log()
    fill(first, 10)
    first.close()
    with first._engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER log_leaf_keep_rows")
        connection.exec_driver_sql('DELETE FROM log_leaf WHERE "index" = 9')
    first._engine.dispose()
    with pytest.raises(LogFailed, match="no longer holds what it signed"):
        open_log()


def test_a_damaged_log_gives_out_nothing_halved(log: Log) -> None:
    fill(log, 300)
    with log._engine.begin() as connection:
        for table in ("log_entry", "log_leaf"):
            connection.exec_driver_sql(f"DROP TRIGGER {table}_keep_rows")
            connection.exec_driver_sql(f'DELETE FROM {table} WHERE "index" = 9')
    for read in (lambda: log.entry_bundle(0), lambda: log.tile(0, 0), lambda: log.prove(3)):
        with pytest.raises(LogFailed, match="damaged"):
            read()


def test_a_log_is_opened_under_its_own_name_and_key_only(open_log: OpenLog, log_key: SigningKey) -> None:
    open_log()
    with pytest.raises(LogFailed, match="not signed by the key"):
        open_log(key=SigningKey(log_key.verifier.name, bytes(32)))
    with pytest.raises(LogFailed, match="not signed by the key"):
        open_log(key=SigningKey("another.example", bytes(range(32))))


def test_a_database_that_cannot_be_opened_is_one_sentence(tmp_path: Path, log_key: SigningKey) -> None:
    engine = open_database(f"sqlite:///{tmp_path / 'absent' / 'log.sqlite'}")
    with pytest.raises(LogFailed, match="cannot be reached"):
        Log(engine, log_key)
    engine.dispose()


# Cosignatures

WITNESSES = [
    SigningKey(f"w{number}.example", bytes([number]) * 32, SignatureType.WITNESS) for number in range(1, 4)
]
QUORUM = Policy(
    witnesses={key.verifier.name: Known(key.verifier) for key in WITNESSES},
    groups={"two": Group(2, tuple(key.verifier.name for key in WITNESSES))},
    quorum="two",
)


def cosigned(log: Log, *keys: SigningKey) -> bytes:
    """Signature lines on the newest checkpoint."""
    text = parse_note(log.checkpoint()).text
    return b"".join(key.cosign(text, 1_700_000_000).line for key in keys)


def cosigners(note: bytes) -> list[VerifierKey]:
    """The known witnesses on a note."""
    return [key.verifier for key in WITNESSES if parse_note(note).signatures_of(key.verifier)]


def test_good_cosignatures_are_kept_once(open_log: OpenLog) -> None:
    log = open_log(policy=QUORUM)
    log.append(b"one")
    signed(log)
    stranger = SigningKey("stranger.example", bytes(32), SignatureType.WITNESS)
    lines = cosigned(log, WITNESSES[0], stranger)
    log.cosign(lines)
    log.cosign(lines, 1)
    assert cosigners(log.checkpoint()) == [WITNESSES[0].verifier]
    assert len(parse_note(log.checkpoint()).signatures) == 2
    assert log.size_cosigned_by(WITNESSES[0].verifier) == 1
    assert log.size_cosigned_by(WITNESSES[1].verifier) == 0


def test_bad_cosignatures_are_refused(open_log: OpenLog) -> None:
    log = open_log(policy=QUORUM)
    empty = cosigned(log, WITNESSES[0])
    log.append(b"one")
    signed(log)
    stranger = SigningKey("stranger.example", bytes(32), SignatureType.WITNESS)
    for lines in (empty, cosigned(log, stranger), b"", b"nonsense\n"):
        with pytest.raises(Invalid):
            log.cosign(lines, 1)
    with pytest.raises(NotFound):
        log.cosign(empty, 7)
    assert cosigners(log.checkpoint()) == []


def test_a_proof_file_prefers_the_checkpoint_that_meets_the_policy(open_log: OpenLog) -> None:
    log = open_log(policy=QUORUM)
    for keys in ([], WITNESSES[:2], WITNESSES[2:], []):
        log.append(b"entry")
        log._grow([], sign=True)
        if keys:
            log.cosign(cosigned(log, *keys))

    def covering(index: int) -> int:
        note = log.proof_file(index).partition(b"\n\n")[2]
        return open_checkpoint(note, log.key).size

    assert [covering(index) for index in range(4)] == [2, 2, 3, 4]


def test_a_proof_file_is_one_of_the_standard(log: Log) -> None:
    log.append(b"one")
    position = log.append(b"two")
    head, _, note = log.proof_file(1).partition(b"\n\n")
    first, extra, index, *proof = head.decode().split("\n")
    assert (first, index, len(proof)) == ("c2sp.org/tlog-proof@v1", "index 1", 1)
    assert extra == f"extra {encode_base64(position.leaf_hash)}"
    assert open_checkpoint(note, log.key).size == 2
    with pytest.raises(NotFound):
        log.proof_file(2)
    with pytest.raises(NotFound):
        log.proof_file(-1)


# A node's log


def test_a_node_has_its_log_beside_its_database(tmp_path: Path) -> None:
    settings = load_settings(tmp_path, {"HEMALUM_NODE_NAME": "south.example"})
    log = open_log(settings)
    log.append(b"one")
    assert log.key.name == "south.example"
    log.close()
    assert (tmp_path / "log" / "log.sqlite").is_file()
    assert (tmp_path / "keys" / "log").stat().st_mode & 0o777 == 0o600
    other = load_settings(tmp_path, {"HEMALUM_DATABASE_URL": "postgresql://db/node"})
    assert other.log_database_url == "postgresql://db/node"


def test_a_policy_that_cannot_be_meant_stops_the_log(tmp_path: Path) -> None:
    settings = load_settings(tmp_path, {})
    settings.log.mkdir()
    settings.log_policy.write_text("nonsense")
    with pytest.raises(Invalid, match="Line 1"):
        open_log(settings)


def test_whoever_waits_is_told_in_words_that_can_be_translated() -> None:
    failure = LogFailed("The log is that of {origin}, not of {name}.", origin="theirs", name="ours")
    with pytest.raises(LogFailed) as raised:
        _Batch(failure=failure).position(0)
    assert raised.value.sentence == failure.sentence
