"""The ciphers under sealed blobs against the public Wycheproof vectors."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from hemalum.runtime.crypto.sm4 import OpensslSm4Gcm, sm4_gcm

NONCE_BITS, TAG_BITS = 96, 128


def vectors(path: Path) -> Iterator[tuple[dict[str, Any], list[bytes]]]:
    """Vectors with the lengths of sealed blobs, nonces of 96 bits and tags of 128; others are passed over."""
    for group in json.loads(path.read_text())["testGroups"]:
        if (group["ivSize"], group["tagSize"]) == (NONCE_BITS, TAG_BITS):
            for test in group["tests"]:
                yield test, [bytes.fromhex(test[part]) for part in ("key", "iv", "aad", "msg", "ct", "tag")]


@pytest.mark.parametrize(
    ("name", "cipher", "expected"),
    [
        ("aes_gcm_test.json", AESGCM, 197),
        ("sm4_gcm_test.json", sm4_gcm, 65),
        ("sm4_gcm_test.json", OpensslSm4Gcm, 65),
    ],
)
def test_every_vector_with_our_lengths_agrees(
    shared: Callable[[str], Path], name: str, cipher: Any, expected: int
) -> None:
    checked = 0
    for test, (key, nonce, associated, message, ciphertext, tag) in vectors(
        shared(f"vectors/wycheproof/{name}")
    ):
        aead = cipher(key)
        checked += 1
        if test["result"] == "valid":
            assert aead.encrypt(nonce, message, associated) == ciphertext + tag, test["tcId"]
            assert aead.decrypt(nonce, ciphertext + tag, associated) == message, test["tcId"]
        else:
            with pytest.raises(InvalidTag):
                aead.decrypt(nonce, ciphertext + tag, associated)
    assert checked == expected


@pytest.mark.parametrize("cipher", [sm4_gcm, OpensslSm4Gcm])
def test_parts_agree_with_every_vector_without_associated_data(
    shared: Callable[[str], Path], cipher: Any
) -> None:
    checked = 0
    for test, (key, nonce, associated, message, ciphertext, tag) in vectors(
        shared("vectors/wycheproof/sm4_gcm_test.json")
    ):
        if associated:
            continue
        checked += 1
        middle = len(ciphertext) // 2
        for start, stop in ((0, middle), (middle, len(ciphertext))):
            if test["result"] == "valid":
                part = cipher(key).decrypt_part(nonce, ciphertext + tag, start, stop)
                assert part == message[start:stop], test["tcId"]
            else:
                with pytest.raises(InvalidTag):
                    cipher(key).decrypt_part(nonce, ciphertext + tag, start, stop)
    assert checked > 10
