"""Witnesses: who watches that a log shows everybody the same history (C2SP tlog-witness, tlog-cosignature).

A witness remembers the largest checkpoint of each log and cosigns only what is shown to extend it. So a log
that was rewound or forked gets no cosignature for its other history, and the witness holds the evidence. Here
are both sides: `Witness` answers other nodes, `ask_witnesses` has our own log cosigned, and `verify_views`
compares two checkpoints that somebody came by.
"""

import http.client
import logging
import re
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from hemalum.kernel.errors import HemalumError, Invalid
from hemalum.runtime.log import store
from hemalum.runtime.log.log import Log
from hemalum.runtime.log.merkle import EMPTY_ROOT, HASH_BYTES
from hemalum.runtime.log.notes import (
    Checkpoint,
    SignatureType,
    SigningKey,
    VerifierKey,
    decode_base64,
    encode_base64,
    open_checkpoint,
    parse_checkpoint,
    parse_note,
)
from hemalum.runtime.log.policy import Known
from hemalum.runtime.log.proofs import proves_consistency

SIZE_TYPE = "text/x.tlog.size"
MAX_REQUEST_BYTES = 1 << 17
MAX_PROOF_LINES = 63
_ASK_TIMEOUT_S = 10
_SIZE = re.compile(rb"([0-9]{1,19})\n?")
_LOG = logging.getLogger(__name__)

type Post = Callable[[str, bytes], tuple[int, bytes]]
"""Sends a body to a URL; returns status and body of the answer. Raises OSError when nobody answers."""


class Forked(HemalumError):
    """One log has two histories: somebody was shown what others were not."""

    status = 409
    code = "log-forked"


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of a witness: to cosign a checkpoint, which extends the one of `old_size` entries."""

    old_size: int
    proof: tuple[bytes, ...]
    checkpoint: bytes
    """The signed note."""

    def __bytes__(self) -> bytes:
        lines = (f"old {self.old_size}", *(encode_base64(one) for one in self.proof))
        return "".join(f"{line}\n" for line in lines).encode() + b"\n" + self.checkpoint


@dataclass(frozen=True, slots=True)
class Answer:
    """What an HTTP server is to answer."""

    status: int
    body: bytes
    content_type: str = "text/plain; charset=utf-8"


def parse_request(body: bytes) -> Request:
    """The request in the body of `POST add-checkpoint`.

    Raises:
        Invalid: it is none.
    """
    head, gap, checkpoint = body.partition(b"\n\n")
    try:
        first, *lines = head.decode("ascii").split("\n")
        word, _, size = first.partition(" ")
        proof = tuple(decode_base64(line) for line in lines)
        well_formed = word == "old" and str(int(size)) == size and int(size) >= 0
    except ValueError as error:
        raise Invalid("This is not a request to a witness.") from error
    too_much = len(body) > MAX_REQUEST_BYTES or len(proof) > MAX_PROOF_LINES
    if not well_formed or not gap or too_much or any(len(one) != HASH_BYTES for one in proof):
        raise Invalid("This is not a request to a witness.")
    return Request(int(size), proof, checkpoint)


def judge(request: Request, checkpoint: Checkpoint, latest: Checkpoint | None) -> Answer | None:
    """Why a witness that has cosigned `latest` refuses this checkpoint; None when it may cosign it."""
    seen = 0 if latest is None else latest.size
    if request.old_size > checkpoint.size:
        return Answer(400, b"The old size is larger than the checkpoint.\n")
    if request.old_size != seen:
        return Answer(409, b"%d\n" % seen, SIZE_TYPE)
    if latest is not None and latest.size == checkpoint.size and latest.root != checkpoint.root:
        return Answer(409, b"%d\n" % seen, SIZE_TYPE)
    if latest is None or latest.size == 0:
        proven = not request.proof and (checkpoint.size > 0 or checkpoint.root == EMPTY_ROOT)
    else:
        proven = proves_consistency(request.proof, latest.size, checkpoint.size, latest.root, checkpoint.root)
    return (
        None if proven else Answer(422, b"The proof does not show that this extends the last checkpoint.\n")
    )


@dataclass(frozen=True, slots=True)
class Evidence:
    """A checkpoint that its log signed and that does not extend the one that was cosigned before."""

    origin: str
    proves_fork: bool
    """Both are of one size with other roots, which nobody but the log can make. Otherwise the checkpoint came
    without a good proof, which may be the fault of whoever sent it."""
    refused: bytes
    witnessed: bytes


class Witness:
    """Cosigns checkpoints of other logs and remembers them in the database of the own log."""

    def __init__(self, engine: sa.Engine, name: str, seed: bytes, logs: Iterable[VerifierKey]) -> None:
        """`seed` is the private Ed25519 key of the witness, another one than that of the log."""
        self._engine = engine
        self._key = SigningKey(name, seed, SignatureType.WITNESS)
        self._logs: dict[str, list[VerifierKey]] = {}
        for log in logs:
            self._logs.setdefault(log.name, []).append(log)
        store.prepare(engine)

    @property
    def key(self) -> VerifierKey:
        """The public key for the policies of others."""
        return self._key.verifier

    def add_checkpoint(self, body: bytes, at: datetime) -> Answer:
        """Answer `POST add-checkpoint` with a cosignature, or say why not. May be used from any thread.

        Raises:
            LogFailed: what was cosigned cannot be remembered, so nothing is.
        """
        try:
            request = parse_request(body)
            note = parse_note(request.checkpoint)
            checkpoint = parse_checkpoint(note.text)
        except Invalid as error:
            return Answer(400, f"{error}\n".encode())
        keys = self._logs.get(checkpoint.origin)
        if keys is None:
            return Answer(404, b"This witness does not know this log.\n")
        if not any(note.signatures_of(key) for key in keys):
            return Answer(403, b"This checkpoint is not signed by a key of its log.\n")
        with store.writing(self._engine) as connection:
            refusal = self._remember(connection, request, checkpoint)
        return refusal or Answer(200, self._key.cosign(note.text, int(at.timestamp())).line)

    def list_evidence(self) -> list[Evidence]:
        """What was refused although its log signed it."""
        with store.reading(self._engine) as connection:
            return [Evidence(*row) for row in store.refused(connection)]

    def _remember(self, connection: sa.Connection, request: Request, checkpoint: Checkpoint) -> Answer | None:
        """Judge a checkpoint that its log signed, and keep it, as cosigned or as evidence."""
        origin, size = checkpoint.origin, checkpoint.size
        newest = store.newest_witnessed(connection, origin)
        of_this_size = store.find_witnessed(connection, origin, size)
        refusal = judge(request, checkpoint, None if newest is None else _opened(newest))
        if refusal is None and of_this_size is None:
            store.add_witnessed(connection, origin, size, request.checkpoint)
        forked = of_this_size is not None and _opened(of_this_size).root != checkpoint.root
        witnessed = of_this_size if forked else newest
        if witnessed is not None and refusal is not None and (forked or refusal.status == 422):
            evidence = request.checkpoint, witnessed
            store.add_refused(connection, origin, checkpoint.text, evidence, proves_fork=forked)
        return refusal


def _opened(note: bytes) -> Checkpoint:
    """A checkpoint whose signature this witness checked when it kept it."""
    return parse_checkpoint(parse_note(note).text)


# The other side


def ask_witnesses(log: Log, post: Post | None = None) -> dict[str, str | None]:
    """Have the newest checkpoint cosigned by every witness of the policy that has a URL.

    Returns by the name of the witness what went wrong, or None. One that fails does not hinder the others.
    """
    outcome: dict[str, str | None] = {}
    for name, witness in log.policy.witnesses.items():
        if witness.url is None:
            continue
        try:
            ask_witness(log, witness, post or _post)
            outcome[name] = None
        except (HemalumError, OSError) as error:
            _LOG.warning("the witness %s did not cosign: %s", name, error)
            outcome[name] = str(error) if isinstance(error, HemalumError) else "It does not answer."
    return outcome


def ask_witness(log: Log, witness: Known, post: Post) -> None:
    """Have the newest checkpoint cosigned by one witness.

    Raises:
        Forked: the witness has seen another history of this log, or a longer one.
        Invalid: the witness refused for another reason, or its answer is not its cosignature.
        OSError: it does not answer.
    """
    note = log.checkpoint()
    size = open_checkpoint(note, log.key).size
    old = log.size_cosigned_by(witness.key)
    status, body = _submit(log, witness, post, note, old, size)
    seen = _SIZE.fullmatch(body) if status == 409 else None
    if seen is not None and int(seen[1]) != old:
        old = int(seen[1])
        status, body = _submit(log, witness, post, note, old, size)
    if status in (409, 422):
        raise Forked("The witness {name} has seen another history of this log.", name=witness.key.name)
    if status != 200:
        raise Invalid(
            "The witness {name} refused with status {status}.", name=witness.key.name, status=status
        )
    log.cosign(body, size)


def _submit(log: Log, witness: Known, post: Post, note: bytes, old: int, size: int) -> tuple[int, bytes]:
    if old > size:
        raise Forked(
            "The witness {name} has seen {old} entries of this log, which now has {size}.",
            name=witness.key.name,
            old=old,
            size=size,
        )
    request = Request(old, tuple(log.prove_consistency(old, size)), note)
    return post(f"{(witness.url or '').rstrip('/')}/add-checkpoint", bytes(request))


def _post(url: str, body: bytes) -> tuple[int, bytes]:
    if not url.startswith(("https://", "http://")):
        raise Invalid("The address of a witness begins with https://.")
    try:
        request = urllib.request.Request(url, body, {"Content-Type": "text/plain"})  # noqa: S310 (checked above)
        with urllib.request.urlopen(request, timeout=_ASK_TIMEOUT_S) as answer:  # noqa: S310 (checked above)
            return answer.status, answer.read(MAX_REQUEST_BYTES)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read(MAX_REQUEST_BYTES)
    except (http.client.HTTPException, ValueError) as error:
        raise ConnectionError from error


def verify_views(one: Checkpoint, other: Checkpoint, prove: Callable[[int, int], Sequence[bytes]]) -> None:
    """Compare two checkpoints of a log from different places, their signatures being checked already.

    `prove(old, new)` asks the log for the proof that the larger tree extends the smaller one.

    Raises:
        Forked: they are of two histories.
        Invalid: they are not of one log.
    """
    if one.origin != other.origin:
        raise Invalid(
            "These are checkpoints of two logs, {origin} and {other}.", origin=one.origin, other=other.origin
        )
    small, large = sorted((one, other), key=lambda checkpoint: checkpoint.size)
    if small.size == large.size:
        agree = small.root == large.root
    elif small.size == 0:
        agree = small.root == EMPTY_ROOT
    else:
        proof = prove(small.size, large.size)
        agree = proves_consistency(proof, small.size, large.size, small.root, large.root)
    if not agree:
        raise Forked(
            "The log {origin} has two histories: its checkpoints of {smaller} and {larger} entries do"
            " not belong together.",
            origin=one.origin,
            smaller=small.size,
            larger=large.size,
        )
