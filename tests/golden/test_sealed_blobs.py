"""Known answers of the sealed form, and a second implementation of it that shares no code with the first.

C2SP publishes no known answers for a chunked encryption with AES-256-GCM and SHA-512, so these are our own.
The second implementation is written from the layout alone, on HMAC, single block encryption and GHASH in
plain Python (RFC 5869, NIST SP 800-38D). Regenerate with `make golden`, and read the difference.
"""

import hashlib
import hmac
import json
import os
import struct
from functools import reduce
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from hemalum.runtime.crypto.sealed import DataKey, Sealer, Suite, unseal

GOLDEN = Path(__file__).parent / "sealed" / "vectors.json"
SIZES = (0, 1, 100, 16383, 16384, 16385, 40000)
NAME, PLACE = "b5n0w3k9slide00image", "images/b5n0w3k9slide00image/g1/index.hfi"
SECRET = bytes(range(1, 33))


def _salt(size: int) -> bytes:
    return hashlib.sha256(b"salt %d" % size).digest()[:24]


def _content(size: int) -> bytes:
    return bytes(number * 7 % 251 for number in range(size))


def _sealed(suite: Suite, size: int) -> bytes:
    sealer = Sealer(DataKey(NAME, suite, SECRET), PLACE, _salt(size))
    return sealer.header + sealer.update(_content(size)) + sealer.finish()


def _known(suite: Suite, size: int) -> dict[str, Any]:
    blob = _sealed(suite, size)
    return {
        "suite": suite.value,
        "secret": SECRET.hex(),
        "name": NAME,
        "place": PLACE,
        "salt": _salt(size).hex(),
        "content": f"{size} bytes: number * 7 % 251",
        "header": blob[:64].hex(),
        "end": blob[-32:].hex(),
        "sha256": hashlib.sha256(blob).hexdigest(),
    }


def test_known_answers() -> None:
    made = [_known(suite, size) for suite in Suite for size in SIZES]
    if os.environ.get("HEMALUM_GOLDEN") == "write":
        GOLDEN.write_text(json.dumps(made, indent=1) + "\n")
    assert json.loads(GOLDEN.read_text()) == made


@pytest.mark.parametrize("suite", Suite)
@pytest.mark.parametrize("size", SIZES)
def test_a_second_implementation_agrees(suite: Suite, size: int) -> None:
    blob = _second_seal(suite, _content(size), _salt(size))
    assert blob == _sealed(suite, size)
    assert unseal(DataKey(NAME, suite, SECRET), PLACE, blob) == _content(size)


# The second implementation ------------------------------------------------------------------------------

_PARTS = {
    Suite.AES_256_GCM: (b"AEAD_AES_256_GCM", 32, "sha512", algorithms.AES, b"HSEAL\x01\x01\x00"),
    Suite.SM4_GCM: (b"AEAD_SM4_GCM", 16, "sm3", algorithms.SM4, b"HSEAL\x01\x02\x00"),
}


def _second_seal(suite: Suite, content: bytes, salt: bytes) -> bytes:
    name, key_length, digest, cipher, prefix = _PARTS[suite]
    context = prefix + b"\x00" + NAME.encode() + b"\x00" + PLACE.encode()
    info = b"c2sp.org/chunked-encryption@v1+" + name + b"\x00" + salt + context
    output = _hkdf_expand(digest, SECRET, info, key_length + 12 + 32)
    key, base, commitment = output[:key_length], output[key_length : key_length + 12], output[-32:]
    chunks = [content[at : at + 16384] for at in range(0, len(content), 16384)]
    if not chunks or len(chunks[-1]) == 16384:
        chunks.append(b"")
    blob = prefix + salt + commitment
    for number, chunk in enumerate(chunks):
        nonce = bytes(a ^ b for a, b in zip(base, number.to_bytes(12, "big"), strict=True))
        blob += _gcm(cipher(key), nonce, chunk)
    return blob


def _hkdf_expand(digest: str, secret: bytes, info: bytes, length: int) -> bytes:
    output = block = b""
    number = 0
    while len(output) < length:
        number += 1
        block = hmac.new(secret, block + info + bytes((number,)), lambda: hashlib.new(digest)).digest()
        output += block
    return output[:length]


def _gcm(algorithm: Any, nonce: bytes, content: bytes) -> bytes:
    blocks = -(-len(content) // 16)
    counters = b"".join(nonce + struct.pack(">I", number) for number in range(1, blocks + 2))
    encryptor = Cipher(algorithm, modes.ECB()).encryptor()
    stream = encryptor.update(bytes(16) + counters)
    subkey, mask, pad = stream[:16], stream[16:32], stream[32:]
    ciphertext = bytes(a ^ b for a, b in zip(content, pad, strict=False))
    padded = ciphertext + bytes(-len(ciphertext) % 16) + struct.pack(">QQ", 0, len(ciphertext) * 8)
    table = _multiples(int.from_bytes(subkey))
    state = 0
    for at in range(0, len(padded), 16):
        state = _multiply(state ^ int.from_bytes(padded[at : at + 16]), table)
    return ciphertext + bytes(a ^ b for a, b in zip(state.to_bytes(16), mask, strict=True))


def _multiples(subkey: int) -> list[int]:
    """The subkey times x to the power of 0 to 127, in the field of GHASH."""
    found = [subkey]
    for _ in range(127):
        last = found[-1]
        found.append(last >> 1 ^ (0xE1 << 120 if last & 1 else 0))
    return found


def _multiply(value: int, table: list[int]) -> int:
    return reduce(lambda total, bit: total ^ table[bit] if value >> (127 - bit) & 1 else total, range(128), 0)
