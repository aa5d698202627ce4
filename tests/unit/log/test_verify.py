"""Whatever is done to a log behind its back, verification names it."""

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from itertools import pairwise
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hemalum.kernel.errors import Invalid, NotFound
from hemalum.runtime.db import open_database
from hemalum.runtime.log import open_log as open_node_log
from hemalum.runtime.log.log import Log
from hemalum.runtime.log.merkle import Frontier, leaf_hash
from hemalum.runtime.log.notes import Checkpoint, Note, NotSigned, SigningKey, parse_note
from hemalum.runtime.log.policy import Known, Policy
from hemalum.runtime.log.verify import Finding, Problem, verify_log, verify_node_log
from hemalum.runtime.settings import load_settings

SIZE = 700
CHECKPOINTS = (0, 100, 300, 300, 520, SIZE)

type Execute = Callable[..., None]


@pytest.fixture
def policy(witness_key: SigningKey) -> Policy:
    return Policy(witnesses={"w1": Known(witness_key.verifier)})


@pytest.fixture
def log(open_log: Callable[..., Log], policy: Policy, witness_key: SigningKey) -> Log:
    """700 entries with checkpoints at 100, 300, 520 and 700, of which the witness cosigned that of 300."""
    log = open_log(policy=policy)
    for begin, end in pairwise(CHECKPOINTS):
        log._grow([b"entry %d" % number for number in range(begin, end)], sign=True)
        if end == 300:
            log.cosign(witness_key.cosign(parse_note(log.checkpoint()).text, 1_700_000_000).line)
    return log


def find(log: Log, *outside: bytes) -> Finding | None:
    """What verification finds."""
    return verify_log(log._engine, log.key, log.policy.witness_keys, outside).finding


@contextmanager
def attacker(log: Log) -> Iterator[Execute]:
    """Somebody who may do everything in the database."""
    with closing(sqlite3.connect(log._engine.url.database)) as connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        yield lambda statement, *values: connection.execute(statement, values)
        connection.commit()


def test_a_log_that_nobody_touched_is_whole(log: Log) -> None:
    report = verify_log(log._engine, log.key, log.policy.witness_keys, [log.checkpoint()])
    assert report.finding is None
    assert (report.origin, report.size) == (log.key.name, SIZE)
    assert report.root == parse_note(log.checkpoint()).text.decode().split("\n")[2]
    assert (report.signed_size, report.checkpoints, report.cosignatures) == (SIZE, 6, 1)


def test_an_empty_log_is_whole(open_log: Callable[..., Log]) -> None:
    log = open_log("empty")
    assert verify_log(log._engine, log.key).finding is None


@pytest.mark.parametrize("index", [0, 255, 256, 299, SIZE - 1])
def test_a_removed_entry_is_missing(log: Log, index: int) -> None:
    with attacker(log) as execute:
        execute('DELETE FROM log_entry WHERE "index" = ?', index)
    finding = find(log)
    assert finding is not None
    assert finding.first_index == finding.last_index == index
    assert finding.problem is (Problem.TRUNCATED if index == SIZE - 1 else Problem.MISSING)


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(index=st.integers(0, SIZE - 1), byte=st.integers(0, 8), bit=st.integers(0, 7))
def test_no_bit_of_an_entry_can_be_changed(log: Log, index: int, byte: int, bit: int) -> None:
    (entry,) = log.read(index, 1)
    changed = bytearray(entry)
    changed[byte % len(entry)] ^= 1 << bit
    with attacker(log) as execute:
        execute('UPDATE log_entry SET entry = ? WHERE "index" = ?', bytes(changed), index)
    finding = find(log)
    with attacker(log) as execute:
        execute('UPDATE log_entry SET entry = ? WHERE "index" = ?', entry, index)
    assert finding is not None
    # One changed digit may make it the very entry of another place, which then stands there a second time.
    assert (finding.problem, finding.first_index, finding.last_index) == (Problem.ALTERED, index, index)


@pytest.mark.parametrize(("one", "other"), [(3, 7), (10, 690), (255, 256)])
def test_entries_that_changed_places_are_reordered(log: Log, one: int, other: int) -> None:
    with attacker(log) as execute:
        execute(
            'UPDATE log_entry SET entry = CASE "index" WHEN ? THEN ? ELSE ? END WHERE "index" IN (?, ?)',
            one,
            *log.read(other, 1),
            *log.read(one, 1),
            one,
            other,
        )
    finding = find(log)
    assert finding == Finding(Problem.REORDERED, one, one, f"What stands as entry {one} is entry {other}.")


@pytest.mark.parametrize(
    ("index", "expected"),
    [
        (5, (Problem.ALTERED, 0, 99)),  # no tile is full there; the checkpoint of 100 tells
        (120, (Problem.ALTERED, 100, 255)),  # its tile and the checkpoints of 100 and 300 tell
        (280, (Problem.FORKED, 0, 299)),  # the cosigned checkpoint tells, that of 100 could be forged
        (560, (Problem.ALTERED, 520, 699)),  # the newest checkpoint tells
    ],
)
def test_an_entry_altered_with_its_hash_is_found_between_checkpoints(
    log: Log, index: int, expected: tuple[Problem, int, int]
) -> None:
    with attacker(log) as execute:
        execute('UPDATE log_entry SET entry = ? WHERE "index" = ?', b"forged", index)
        execute('UPDATE log_leaf SET hash = ? WHERE "index" = ?', leaf_hash(b"forged"), index)
    finding = find(log)
    assert finding is not None
    assert (finding.problem, finding.first_index, finding.last_index) == expected


@pytest.mark.parametrize("keep", [0, 1, 256, 519, 699])
def test_a_tail_cut_off_is_noticed_by_checkpoints_and_hashes(log: Log, keep: int) -> None:
    checkpoint = log.checkpoint()
    with attacker(log) as execute:
        for table in ("log_entry", "log_leaf"):
            execute(f'DELETE FROM {table} WHERE "index" >= ?', keep)
    finding = find(log)
    assert finding is not None
    assert (finding.problem, finding.first_index) == (Problem.TRUNCATED, keep)
    with attacker(log) as execute:
        execute("DELETE FROM log_cosignature")
        execute("DELETE FROM log_checkpoint WHERE size > ?", keep)
    finding = find(log)
    if keep < 512:
        assert finding is not None
        assert (finding.problem, finding.first_index) == (Problem.TRUNCATED, keep)
    else:
        # Everything that told of it is gone with it; only who holds a checkpoint elsewhere knows.
        assert finding is None
    finding = find(log, checkpoint)
    assert finding is not None
    assert (finding.problem, finding.first_index) == (Problem.TRUNCATED, keep)


def test_hashes_of_entries_that_are_not_there_are_noticed(log: Log) -> None:
    with attacker(log) as execute:
        execute("INSERT INTO log_leaf VALUES (?, ?)", SIZE, bytes(32))
    finding = find(log)
    assert finding is not None
    assert (finding.problem, finding.first_index, finding.last_index) == (Problem.TRUNCATED, SIZE, SIZE)


@pytest.mark.parametrize("statement", ["UPDATE log_node SET hash = ?", "DELETE FROM log_node WHERE ? <> 0"])
def test_a_wrong_stored_hash_is_told_from_a_wrong_entry(log: Log, statement: str) -> None:
    with attacker(log) as execute:
        execute(f'{statement} {"AND" if "WHERE" in statement else "WHERE"} "index" = 1', bytes(32))
    finding = find(log)
    assert finding is not None
    assert (finding.problem, finding.first_index, finding.last_index) == (Problem.HASH, 256, 511)


def test_a_missing_hash_of_an_entry_is_named(log: Log) -> None:
    with attacker(log) as execute:
        execute('DELETE FROM log_leaf WHERE "index" = 44')
    finding = find(log)
    assert finding == Finding(Problem.HASH, 44, 44, "The hash of entry 44 is missing.")


def test_a_copied_entry_is_no_reordering(log: Log) -> None:
    with attacker(log) as execute:
        execute('UPDATE log_entry SET entry = ? WHERE "index" = 44', *log.read(45, 1))
    finding = find(log)
    assert finding == Finding(Problem.ALTERED, 44, 44, "Entry 44 is not what was logged.")


def test_what_comes_first_is_named_first(log: Log) -> None:
    """A tile that lies is noticed only at its end, where other entries may be wrong too."""
    with attacker(log) as execute:
        execute('UPDATE log_entry SET entry = ? WHERE "index" = ?', b"forged", 540)
        execute('UPDATE log_leaf SET hash = ? WHERE "index" = ?', leaf_hash(b"forged"), 5)
        execute('UPDATE log_entry SET entry = ? WHERE "index" = ?', b"forged", 5)
    finding = find(log)
    assert finding is not None
    assert finding.first_index <= 5 <= finding.last_index


def test_a_checkpoint_that_the_log_never_signed_is_noticed(log: Log) -> None:
    stranger = SigningKey(log.key.name, bytes(32))
    text = Checkpoint(log.key.name, 400, bytes(32)).text
    with attacker(log) as execute:
        execute("INSERT INTO log_checkpoint VALUES (400, ?)", bytes(Note(text, [stranger.sign(text)])))
    finding = find(log)
    assert finding is not None
    assert (finding.problem, finding.last_index) == (Problem.CHECKPOINT, 399)


def test_a_checkpoint_in_the_wrong_place_is_noticed(log: Log) -> None:
    with attacker(log) as execute:
        execute("UPDATE log_checkpoint SET size = 90 WHERE size = 100")
    finding = find(log)
    assert finding is not None
    assert (finding.problem, finding.last_index) == (Problem.CHECKPOINT, 89)


def test_a_cosigned_checkpoint_that_was_removed_is_noticed(log: Log) -> None:
    with attacker(log) as execute:
        execute("DELETE FROM log_checkpoint WHERE size = 300")
    finding = find(log)
    assert finding is not None
    assert (finding.problem, finding.last_index) == (Problem.CHECKPOINT, 300)


@pytest.mark.parametrize("line", [b"nonsense", b"", "— witness.example/w1 AAAAAAAA\n".encode()])
def test_an_altered_cosignature_is_noticed(log: Log, line: bytes) -> None:
    with attacker(log) as execute:
        execute("UPDATE log_cosignature SET line = ?", line)
    finding = find(log)
    assert finding is not None
    assert (finding.problem, finding.last_index) == (Problem.FORKED, 299)


def test_how_much_is_signed_is_said(log: Log) -> None:
    """Without checkpoints nothing vouches for the end; that they are gone shows in the count only."""
    with attacker(log) as execute:
        execute("DELETE FROM log_checkpoint WHERE size > 520")
    report = verify_log(log._engine, log.key, log.policy.witness_keys)
    assert (report.finding, report.size, report.signed_size) == (None, SIZE, 520)


def rewrite(log: Log, key: SigningKey, entries: list[bytes]) -> None:
    """Another history, whole in itself and signed with the key of the log."""
    with attacker(log) as execute:
        for table in ("log_entry", "log_leaf", "log_node", "log_checkpoint"):
            execute(f"DELETE FROM {table}")
        tree = Frontier()
        for number, entry in enumerate(entries):
            execute("INSERT INTO log_entry VALUES (?, ?)", number, entry)
            execute("INSERT INTO log_leaf VALUES (?, ?)", number, leaf_hash(entry))
            for root in tree.extend([leaf_hash(entry)]):
                execute("INSERT INTO log_node VALUES (?, ?, ?)", root.level, root.index, root.hash)
            if tree.size in CHECKPOINTS:
                text = Checkpoint(key.verifier.name, tree.size, tree.root()).text
                note = bytes(Note(text, [key.sign(text)]))
                execute("INSERT INTO log_checkpoint VALUES (?, ?)", tree.size, note)


def test_whoever_holds_the_key_still_cannot_rewrite_what_others_saw(log: Log, log_key: SigningKey) -> None:
    before = log.checkpoint()
    entries = log.read(0, SIZE)
    rewrite(log, log_key, [*entries[:250], b"forged", *entries[251:]])
    cosigned = find(log)
    assert cosigned is not None
    assert (cosigned.problem, cosigned.first_index, cosigned.last_index) == (Problem.FORKED, 0, 299)
    with attacker(log) as execute:
        execute("DELETE FROM log_cosignature")
    assert find(log) is None
    held = find(log, before)
    assert held is not None
    assert (held.problem, held.first_index, held.last_index) == (Problem.FORKED, 0, 699)
    assert held.detail == "The entries 0 to 699 are not those of the checkpoint that somebody outside holds."


def test_a_checkpoint_from_outside_must_be_of_this_log(log: Log) -> None:
    with pytest.raises(NotSigned):
        find(log, b"nonsense")


def test_a_node_is_verified_by_its_own_key_or_a_named_one(tmp_path: Path) -> None:
    settings = load_settings(tmp_path / "node", {})
    with pytest.raises(NotFound, match="There is no log"):
        verify_node_log(settings)
    log = open_node_log(settings)
    log.append(b"one")
    log.close()
    assert verify_node_log(settings).size == 1
    assert verify_node_log(settings, str(log.key)).finding is None
    stranger = SigningKey("hemalum.local", bytes(32)).verifier
    report = verify_node_log(settings, str(stranger))
    assert report.finding is not None
    assert report.finding.problem is Problem.CHECKPOINT
    with pytest.raises(Invalid):
        verify_node_log(settings, "nonsense")
    settings.log_public_key.unlink()
    with pytest.raises(NotFound, match="name its public key"):
        verify_node_log(settings)


def test_a_log_is_verified_while_others_append(open_log: Callable[..., Log]) -> None:
    log = open_log("busy")

    async def run() -> None:
        await asyncio.gather(*(log.append_async(b"%d" % number) for number in range(500)))

    asyncio.run(run())
    engine = open_database(str(log._engine.url))
    with engine.connect() as connection:
        connection.execute(sa.text("SELECT 1"))
        assert verify_log(engine, log.key).finding is None
        log.append(b"more")
    engine.dispose()
