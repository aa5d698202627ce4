"""Witnesses: they cosign what extends what they saw, and nothing else (C2SP tlog-witness)."""

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from hemalum.kernel.errors import Invalid
from hemalum.runtime.db import open_database
from hemalum.runtime.log import store
from hemalum.runtime.log.log import Log
from hemalum.runtime.log.merkle import EMPTY_ROOT, Frontier, leaf_hash
from hemalum.runtime.log.notes import (
    Checkpoint,
    Note,
    SignatureType,
    SigningKey,
    open_checkpoint,
    parse_note,
    parse_signatures,
)
from hemalum.runtime.log.policy import Known, Policy
from hemalum.runtime.log.proofs import consistency_proof
from hemalum.runtime.log.witness import (
    Answer,
    Evidence,
    Forked,
    Request,
    Witness,
    ask_witnesses,
    judge,
    parse_request,
    verify_views,
)
from tests.budgets import examples

AT = datetime(2026, 5, 1, 12, tzinfo=UTC)
LOG = SigningKey("log.example", bytes(32))
SEED = bytes(range(32))
LEAVES = [leaf_hash(b"entry %d" % number) for number in range(64)]


def tree_hash(leaves: list[bytes]) -> bytes:
    tree = Frontier()
    tree.extend(leaves)
    return tree.root()


def note(leaves: list[bytes], key: SigningKey = LOG, name: str | None = None) -> bytes:
    """A signed checkpoint of a tree."""
    text = Checkpoint(name or key.verifier.name, len(leaves), tree_hash(leaves)).text
    return bytes(Note(text, [key.sign(text)]))


def request(leaves: list[bytes], old: int) -> bytes:
    """What a log asks that grew from `old` entries to these."""
    proof = consistency_proof(old, len(leaves), lambda begin, end: tree_hash(leaves[begin:end]))
    return bytes(Request(old, tuple(proof), note(leaves)))


@pytest.fixture
def witness(tmp_path: Path) -> Iterator[Witness]:
    engine = open_database(f"sqlite:///{tmp_path / 'witness'}.sqlite")
    yield Witness(engine, "witness.example", SEED, [LOG.verifier])
    engine.dispose()


def test_what_extends_the_last_is_cosigned_with_the_time(witness: Witness) -> None:
    for old, new in [(0, 0), (0, 5), (5, 5), (5, 8), (8, 64)]:
        answer = witness.add_checkpoint(request(LEAVES[:new], old), AT)
        assert (answer.status, answer.content_type) == (200, "text/plain; charset=utf-8")
        (signature,) = parse_signatures(answer.body)
        assert witness.key.signed(parse_note(note(LEAVES[:new])).text, signature)
        assert int.from_bytes(signature.signature[:8]) == AT.timestamp()
    assert witness.list_evidence() == []


def test_a_log_that_lags_behind_is_told_where_to_go_on(witness: Witness) -> None:
    witness.add_checkpoint(request(LEAVES[:8], 0), AT)
    told = Answer(409, b"8\n", "text/x.tlog.size")
    assert witness.add_checkpoint(request(LEAVES[:20], 0), AT) == told
    assert witness.add_checkpoint(request(LEAVES[:20], 5), AT) == told
    assert witness.add_checkpoint(request(LEAVES[:5], 5), AT) == told
    assert witness.add_checkpoint(request(LEAVES[:20], 8), AT).status == 200
    assert witness.list_evidence() == []


def test_the_state_outlives_the_witness(witness: Witness) -> None:
    witness.add_checkpoint(request(LEAVES[:8], 0), AT)
    again = Witness(witness._engine, "witness.example", SEED, [LOG.verifier])
    assert again.key == witness.key
    assert again.add_checkpoint(request(LEAVES[:9], 0), AT).body == b"8\n"


def test_an_unknown_log_or_key_is_refused(witness: Witness) -> None:
    stranger = SigningKey("stranger.example", bytes(32))
    unknown = bytes(Request(0, (), note(LEAVES[:3], stranger)))
    assert witness.add_checkpoint(unknown, AT).status == 404
    forged = bytes(Request(0, (), note(LEAVES[:3], SigningKey("log.example", SEED))))
    assert witness.add_checkpoint(forged, AT).status == 403
    borrowed = bytes(Request(0, (), note(LEAVES[:3], stranger, "log.example")))
    assert witness.add_checkpoint(borrowed, AT).status == 403


def test_an_old_size_above_the_checkpoint_is_malformed(witness: Witness) -> None:
    assert witness.add_checkpoint(bytes(Request(9, (), note(LEAVES[:3]))), AT).status == 400


@pytest.mark.parametrize("proof", [(), (bytes(32),), (LEAVES[0],) * 63])
def test_a_proof_that_does_not_hold_is_kept_as_evidence(witness: Witness, proof: tuple[bytes, ...]) -> None:
    witness.add_checkpoint(request(LEAVES[:8], 0), AT)
    refused = bytes(Request(8, proof, note(LEAVES[:20])))
    for _ in range(2):
        assert witness.add_checkpoint(refused, AT).status == 422
    assert witness.list_evidence() == [
        Evidence("log.example", False, refused=note(LEAVES[:20]), witnessed=note(LEAVES[:8]))
    ]
    assert witness.add_checkpoint(request(LEAVES[:20], 8), AT).status == 200


def test_the_first_checkpoint_comes_without_a_proof(witness: Witness) -> None:
    assert witness.add_checkpoint(bytes(Request(0, (bytes(32),), note(LEAVES[:3]))), AT).status == 422
    text = Checkpoint("log.example", 0, bytes(32)).text
    empty = bytes(Request(0, (), bytes(Note(text, [LOG.sign(text)]))))
    assert witness.add_checkpoint(empty, AT).status == 422
    assert witness.list_evidence() == []


def test_two_checkpoints_of_one_size_prove_a_fork_whenever_they_come(witness: Witness) -> None:
    forked, other = ([*LEAVES[:7], leaf_hash(last)] for last in (b"forged", b"forged again"))
    witness.add_checkpoint(request(LEAVES[:8], 0), AT)
    first = bytes(Request(8, (), note(forked)))
    assert witness.add_checkpoint(first, AT) == Answer(409, b"8\n", "text/x.tlog.size")
    witness.add_checkpoint(request(LEAVES[:20], 8), AT)
    assert witness.add_checkpoint(request(other, 0), AT) == Answer(409, b"20\n", "text/x.tlog.size")
    found = {evidence.refused: evidence for evidence in witness.list_evidence()}
    assert found == {
        note(leaves): Evidence("log.example", True, note(leaves), note(LEAVES[:8]))
        for leaves in (forked, other)
    }


def test_evidence_is_bounded_and_proofs_of_forks_have_room_of_their_own(
    witness: Witness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "_MOST_EVIDENCE", 3)
    witness.add_checkpoint(request(LEAVES[:8], 0), AT)
    for size in range(20, 30):
        assert witness.add_checkpoint(bytes(Request(8, (), note(LEAVES[:size]))), AT).status == 422
    for number in range(5):
        forked = [*LEAVES[:7], leaf_hash(b"forged %d" % number)]
        assert witness.add_checkpoint(bytes(Request(8, (), note(forked))), AT).status == 409
    assert [evidence.proves_fork for evidence in witness.list_evidence()].count(True) == 3
    assert len(witness.list_evidence()) == 6


def test_extension_lines_make_no_fork(witness: Witness) -> None:
    witness.add_checkpoint(request(LEAVES[:8], 0), AT)
    text = Checkpoint("log.example", 8, tree_hash(LEAVES[:8]), ("more",)).text
    asked = bytes(Request(8, (), bytes(Note(text, [LOG.sign(text)]))))
    assert witness.add_checkpoint(asked, AT).status == 200
    assert witness.list_evidence() == []


def test_what_a_witness_saw_cannot_be_taken_back(witness: Witness) -> None:
    witness.add_checkpoint(request(LEAVES[:8], 0), AT)
    with pytest.raises(sa.exc.IntegrityError, match="append-only"), witness._engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM log_witnessed")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"old 0\n",
        b"old 00\n\n" + note([]),
        b"old -1\n\n" + note([]),
        b"old +1\n\n" + note([]),
        b"old x\n\n" + note([]),
        b"new 0\n\n" + note([]),
        b"old 0\nAAAA\n\n" + note([]),
        b"old 0\nnot base64\n\n" + note([]),
        b"old 0\n" + b"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n" * 64 + b"\n" + note([]),
        b"old 0\n\n" + note([])[:-5],
        b"old 0\n\nno checkpoint\n\n" + "— name AAAAAAAA\n".encode(),
        b"old 0\n\n" + b"x" * (1 << 17),
        b"old \xff\n\n" + note([]),
        b"old " + b"9" * 5000 + b"\n\n" + note([]),
    ],
)
def test_what_is_no_request_is_refused(witness: Witness, body: bytes) -> None:
    assert witness.add_checkpoint(body, AT).status == 400


def test_a_request_is_written_as_it_is_read() -> None:
    body = request(LEAVES[:9], 5)
    assert bytes(parse_request(body)) == body


@settings(max_examples=examples(50))
@given(seen=st.integers(0, 30), grown=st.integers(0, 30), data=st.data())
def test_a_proof_lets_exactly_the_extension_through(seen: int, grown: int, data: st.DataObject) -> None:
    """The judgement alone, on trees of all shapes."""
    new = seen + grown
    latest = Checkpoint("log.example", seen, tree_hash(LEAVES[:seen]))
    good = parse_request(request(LEAVES[:new], seen))
    checkpoint = Checkpoint("log.example", new, tree_hash(LEAVES[:new]))
    assert judge(good, checkpoint, latest) is None
    if seen:
        changed = data.draw(st.integers(0, seen - 1))
        other = [*LEAVES[:changed], leaf_hash(b"forged"), *LEAVES[changed + 1 : new]]
        forged = Checkpoint("log.example", new, tree_hash(other))
        refusal = judge(parse_request(request(other, seen)), forged, latest)
        assert refusal is not None
        assert refusal.status == (422 if grown else 409)


def test_every_forked_history_is_noticed_by_two_witnesses() -> None:
    """A log shows two histories; witnesses cosigned the beginning or the end of one, and refuse the other."""
    chance = random.Random(9162)
    for _ in range(1000):
        common, longer = sorted(chance.sample(range(1, len(LEAVES)), 2))
        fork = chance.randrange(common)
        other = [*LEAVES[:fork], leaf_hash(b"forged"), *LEAVES[fork + 1 : longer]]
        asked = parse_request(request(other, common))
        checkpoint = Checkpoint("log.example", longer, tree_hash(other))
        seen = [Checkpoint("log.example", size, tree_hash(LEAVES[:size])) for size in (common, longer)]
        answers = [judge(replace(asked, old_size=latest.size), checkpoint, latest) for latest in seen]
        assert [answer and answer.status for answer in answers] == [422, 409]


def open_view(leaves: list[bytes], key: SigningKey = LOG) -> Checkpoint:
    return open_checkpoint(note(leaves, key), key.verifier)


# Comparing views


def test_views_of_one_history_agree() -> None:
    def prove(old: int, new: int) -> list[bytes]:
        return consistency_proof(old, new, lambda begin, end: tree_hash(LEAVES[begin:end]))

    for one, other in [(0, 0), (0, 9), (9, 9), (5, 9), (9, 5)]:
        verify_views(open_view(LEAVES[:one]), open_view(LEAVES[:other]), prove)


def test_views_of_two_histories_do_not() -> None:
    forked = [*LEAVES[:3], leaf_hash(b"forged"), *LEAVES[4:9]]

    def prove(old: int, new: int) -> list[bytes]:
        return consistency_proof(old, new, lambda begin, end: tree_hash(forked[begin:end]))

    for one, other in [(9, 9), (5, 9), (4, 5)]:
        with pytest.raises(Forked, match=f"of {one} and {other} entries"):
            verify_views(open_view(LEAVES[:one]), open_view(forked[:other]), prove)
    empty = Checkpoint("log.example", 0, bytes(32))
    with pytest.raises(Forked):
        verify_views(empty, open_view(LEAVES[:3]), prove)
    assert open_view([]).root == EMPTY_ROOT


def test_views_of_two_logs_are_not_compared() -> None:
    with pytest.raises(Invalid, match="two logs"):
        verify_views(open_view(LEAVES), open_view(LEAVES, SigningKey("b.example", SEED)), lambda *_: [])


# A log that asks


class Post:
    """Brings requests to a witness without a network."""

    def __init__(self, witness: Witness) -> None:
        self.witness = witness
        self.urls: list[str] = []

    def __call__(self, url: str, body: bytes) -> tuple[int, bytes]:
        self.urls.append(url)
        answer = self.witness.add_checkpoint(body, AT)
        return answer.status, answer.body


@pytest.fixture
def own_log(open_log: Callable[..., Log], witness: Witness) -> Log:
    """A log that has its checkpoints cosigned."""
    known = Known(witness.key, "https://witness.example/")
    log = open_log(key=LOG, policy=Policy(witnesses={"w": known}, quorum="w"))
    log._grow([b"one", b"two", b"three"], sign=True)
    return log


def test_a_log_has_its_checkpoints_cosigned(own_log: Log, witness: Witness) -> None:
    post = Post(witness)
    assert ask_witnesses(own_log, post) == {"w": None}
    own_log._grow([b"four"], sign=True)
    assert ask_witnesses(own_log, post) == {"w": None}
    assert post.urls == ["https://witness.example/add-checkpoint"] * 2
    assert own_log.size_cosigned_by(witness.key) == 4
    assert parse_note(own_log.checkpoint()).signatures_of(witness.key)
    assert b"witness.example" in own_log.proof_file(0)


def test_a_log_that_forgot_what_was_cosigned_goes_on_from_there(own_log: Log, witness: Witness) -> None:
    text = parse_note(own_log.checkpoint()).text
    witness.add_checkpoint(bytes(Request(0, (), own_log.checkpoint())), AT)
    own_log._grow([b"four"], sign=True)
    post = Post(witness)
    assert ask_witnesses(own_log, post) == {"w": None}
    assert len(post.urls) == 2
    assert text != parse_note(own_log.checkpoint()).text


def test_a_log_that_was_rewound_is_told(own_log: Log, witness: Witness) -> None:
    longer = [leaf_hash(entry) for entry in (b"one", b"two", b"three", b"four")]
    witness.add_checkpoint(request(longer, 0), AT)
    assert ask_witnesses(own_log, Post(witness)) == {
        "w": "The witness witness.example has seen 4 entries of this log, which now has 3."
    }


def test_a_log_that_was_forked_is_told(own_log: Log, witness: Witness) -> None:
    sentence = "The witness witness.example has seen another history of this log."
    witness.add_checkpoint(request(LEAVES[:2], 0), AT)
    assert ask_witnesses(own_log, Post(witness)) == {"w": sentence}
    witness.add_checkpoint(request(LEAVES[:3], 2), AT)
    assert ask_witnesses(own_log, Post(witness)) == {"w": sentence}


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (404, b"", "refused with status 404"),
        (200, b"nonsense", "not a signed note"),
        (200, SigningKey("x", SEED, SignatureType.WITNESS).cosign(b"", 0).line, "None of these lines"),
        (409, b"x" * 5000, "another history"),
    ],
)
def test_an_answer_that_is_of_no_use_is_reported(own_log: Log, status: int, body: bytes, said: str) -> None:
    outcome = ask_witnesses(own_log, lambda _url, _body: (status, body))
    assert said in (outcome["w"] or "")


def test_a_witness_that_is_away_does_not_hinder_the_others(
    open_log: Callable[..., Log], witness: Witness
) -> None:
    away = SigningKey("away.example", bytes(32), SignatureType.WITNESS).verifier
    silent = SigningKey("silent.example", SEED, SignatureType.WITNESS).verifier
    policy = Policy(
        witnesses={
            "away": Known(away, "https://away.example"),
            "silent": Known(silent),
            "w": Known(witness.key, "https://w.example"),
        }
    )
    good = Post(witness)

    def post(url: str, body: bytes) -> tuple[int, bytes]:
        if "away" in url:
            raise ConnectionRefusedError
        return good(url, body)

    log = open_log(key=LOG, policy=policy)
    assert ask_witnesses(log, post) == {"away": "It does not answer.", "w": None}
