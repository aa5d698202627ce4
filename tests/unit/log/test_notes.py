"""Signed notes, checkpoints and cosignatures."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hemalum.kernel.errors import Invalid
from hemalum.runtime.log.merkle import Frontier, leaf_hash
from hemalum.runtime.log.notes import (
    Checkpoint,
    Note,
    NotSigned,
    Signature,
    SignatureType,
    SigningKey,
    VerifierKey,
    decode_base64,
    open_checkpoint,
    parse_checkpoint,
    parse_note,
    parse_signatures,
    parse_verifier_key,
)

# The key with which Tessera signed the log in its testdata folder; published there for this purpose.
TESSERA = SigningKey(
    "example.com/log/testdata", decode_base64("AeymY/SZAX0jZcJ8enZ5FY1Dz+wTML2yWSkK+9DSF3eg")[1:]
)
TESSERA_PUBLIC = "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx"
TESSERA_ENTRIES = [
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eit",
    "nain",
    "ten",
    "ileven",
    "twelf",
    "threeten",
    "fourten",
    "fivten",
]
TESSERA_LAST = (
    "example.com/log/testdata\n15\nrKbDipCvhuX1GZ7g5BBe8sA6BbJ7ja/1nk427v383cs=\n\n— example.com/log/testdata"
    " M9e0luh4jTG+UMBqOUo9/q+yAEvx1ilBEniMvjf1zfcBOhg+CKubMt53MvIt/uEWP6zdkdIQzd/fmwlM/dlPWF74ewI=\n"
).encode()


def tessera_checkpoint(size: int) -> bytes:
    """What we sign for the first entries of Tessera's log."""
    tree = Frontier()
    tree.extend(leaf_hash(entry.encode()) for entry in TESSERA_ENTRIES[:size])
    text = Checkpoint(TESSERA.verifier.name, size, tree.root()).text
    return bytes(Note(text, [TESSERA.sign(text)]))


def test_our_checkpoint_is_the_one_of_another_implementation() -> None:
    assert str(TESSERA.verifier) == TESSERA_PUBLIC
    assert tessera_checkpoint(15) == TESSERA_LAST


def test_all_checkpoints_of_another_implementation_come_out_byte_for_byte(vectors: Path) -> None:
    for size in range(16):
        path = vectors / "tlog" / "tessera-log" / f"checkpoint.{size}"
        assert tessera_checkpoint(size) == path.read_bytes()


def test_ed25519_does_as_wycheproof_says(vectors: Path) -> None:
    tried = 0
    for group in json.loads((vectors / "wycheproof" / "ed25519_test.json").read_text())["testGroups"]:
        key = VerifierKey("wycheproof", SignatureType.LOG, bytes.fromhex(group["publicKey"]["pk"]))
        for case in group["tests"]:
            signature = Signature(key.name, key.key_id, bytes.fromhex(case["sig"]))
            assert key.signed(bytes.fromhex(case["msg"]), signature) is (case["result"] == "valid"), case
            tried += 1
    assert tried == 151


def test_a_checkpoint_is_believed_only_when_a_known_key_signed_it(log_key: SigningKey) -> None:
    checkpoint = open_checkpoint(TESSERA_LAST, log_key.verifier, TESSERA.verifier)
    assert (checkpoint.origin, checkpoint.size) == ("example.com/log/testdata", 15)
    with pytest.raises(NotSigned):
        open_checkpoint(TESSERA_LAST, log_key.verifier)
    with pytest.raises(NotSigned):
        open_checkpoint(TESSERA_LAST.replace(b"\n15\n", b"\n16\n"), TESSERA.verifier)


@given(place=st.integers(0, len(TESSERA_LAST) * 8 - 1))
def test_no_bit_of_a_checkpoint_can_be_changed(place: int) -> None:
    changed = bytearray(TESSERA_LAST)
    changed[place // 8] ^= 1 << place % 8
    with pytest.raises(NotSigned):
        open_checkpoint(bytes(changed), TESSERA.verifier)


def test_a_cosignature_holds_for_its_time_only(witness_key: SigningKey) -> None:
    """C2SP tlog-cosignature: 72 bytes behind the key id, the time first."""
    text = parse_note(TESSERA_LAST).text
    signature = witness_key.cosign(text, 1_679_315_147)
    assert len(signature.signature) == 72
    assert int.from_bytes(signature.signature[:8]) == 1_679_315_147
    assert parse_signatures(signature.line) == [signature]
    assert witness_key.verifier.signed(text, signature)
    later = Signature(signature.name, signature.key_id, (1_679_315_148).to_bytes(8) + signature.signature[8:])
    assert not witness_key.verifier.signed(text, later)
    assert not witness_key.verifier.signed(text + b"extension\n", signature)
    cut = Signature(signature.name, signature.key_id, signature.signature[:5])
    assert not witness_key.verifier.signed(text, cut)


def test_a_log_cannot_pass_for_a_witness() -> None:
    """One seed, two types: the ids differ, and so does what is signed."""
    seed = bytes(32)
    log, witness = SigningKey("a", seed), SigningKey("a", seed, SignatureType.WITNESS)
    text = b"a\n1\nAAAA\n"
    assert log.verifier.key_id != witness.verifier.key_id
    forged = Signature("a", witness.verifier.key_id, bytes(8) + log.sign(text).signature)
    assert not witness.verifier.signed(text, forged)


def test_keys_are_written_and_read(log_key: SigningKey, witness_key: SigningKey) -> None:
    for key in (log_key.verifier, witness_key.verifier):
        assert parse_verifier_key(f" {key}\n") == key


@pytest.mark.parametrize(
    "text",
    [
        "",
        "name",
        "name+33d7b496",
        "name+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx",
        TESSERA_PUBLIC.replace("AeHT", "AuHT"),
        TESSERA_PUBLIC[:-4],
        TESSERA_PUBLIC + "=",
        TESSERA_PUBLIC.replace("33d7b496", "33D7B496"),
        TESSERA_PUBLIC.replace("example.com", "example com"),
    ],
)
def test_what_is_no_public_key_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match="not the public key"):
        parse_verifier_key(text)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\tb", "a\u3000b"])
def test_a_name_that_notes_cannot_carry_is_refused(name: str) -> None:
    with pytest.raises(Invalid, match="no space and no plus"):
        SigningKey(name, bytes(32))


@pytest.mark.parametrize(
    "note",
    [
        b"",
        b"text\n",
        b"text\n\n",
        b"text\n\nno signature\n",
        TESSERA_LAST[:-1],
        TESSERA_LAST + "— name AAAA\n".encode(),
        TESSERA_LAST + "— name AAAAAAA\n".encode(),
        TESSERA_LAST + "— name AAAAAAAB=\n".encode(),
        TESSERA_LAST + b"\xff\n",
        TESSERA_LAST * 400,
        TESSERA_LAST + "— name AAAAAAAA\n".encode() * 64,
    ],
)
def test_what_is_no_note_is_refused(note: bytes) -> None:
    with pytest.raises(NotSigned):
        parse_note(note)


ROOT = "rKbDipCvhuX1GZ7g5BBe8sA6BbJ7ja/1nk427v383cs="


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a\n1\n",
        f"\n1\n{ROOT}\n",
        f"a\n01\n{ROOT}\n",
        f"a\n-1\n{ROOT}\n",
        f"a\n1 \n{ROOT}\n",
        f"a\n9223372036854775808\n{ROOT}\n",
        f"a\n1\n{ROOT}",
        f"a\n1\n{ROOT[4:]}\n",
        f"a\n1\n{ROOT}\n\n",
        f"a\t\n1\n{ROOT}\n",
        f"a\n1\n{ROOT}\n\x01\n",
    ],
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(NotSigned):
        parse_checkpoint(text.encode())


def test_extension_lines_are_kept_and_signed() -> None:
    text = f"a\n1\n{ROOT}\nmore\n".encode()
    assert parse_checkpoint(text).extensions == ("more",)
    assert parse_checkpoint(text).text == text
