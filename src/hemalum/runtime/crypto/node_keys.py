"""The node key, which wraps the keys of slides: in a file, in the environment, in an HSM or in a KMS.

Named by a URL:

- `file:/path`: 32 bytes, readable by their owner only; `DIR/keys/node` by default, made at the first start.
- `env:NAME`: 32 bytes in base64 in an environment variable.
- `pkcs11:token=LABEL;object=LABEL?module-path=/path/module.so`: an AES key that never leaves the token
  (RFC 7512). The PIN is in `HEMALUM_PKCS11_PIN`. Needs `pip install hemalum[hsm]`.
- `aws-kms:KEY?region=NAME&endpoint=URL`: a key of AWS KMS, or of a service with its API. Credentials come
  from the environment. Needs `pip install hemalum[kms]`.
"""

import base64
import binascii
import hashlib
import os
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import parse_qs, unquote

from hemalum.kernel.errors import Damaged, HemalumError, Invalid
from hemalum.kernel.sentence import Sentence
from hemalum.runtime.crypto.sealed import SECRET_BYTES, DataKey, Suite, seal, unseal
from hemalum.runtime.files import sync_folder
from hemalum.runtime.tickets import load_or_make_key

PIN_VARIABLE = "HEMALUM_PKCS11_PIN"

_NONCE_BYTES = 12
_TAG_BITS = 128
_CANNOT_OPEN = Sentence("A key of this node does not open.")


class NodeKeyUnavailable(HemalumError):
    """The node key cannot be had, so nothing that is sealed can be read."""

    status = 503
    code = "node-key-unavailable"


class NodeKey(Protocol):
    """A key that wraps others. May be used from several threads."""

    @property
    def id(self) -> str:
        """Names the key and tells nothing of it; kept beside what it wraps."""
        ...

    def wrap(self, key: DataKey) -> bytes:
        """The secret of a key, sealed and bound to its name and suite.

        Raises:
            NodeKeyUnavailable: the HSM or KMS does not answer.
        """
        ...

    def unwrap(self, name: str, suite: Suite, wrapped: bytes) -> bytes:
        """The secret that `wrap` was given.

        Raises:
            Damaged: it was wrapped by another key or for another name, or was changed.
            NodeKeyUnavailable: the HSM or KMS does not answer.
        """
        ...


@dataclass(frozen=True)
class NodeKeys:
    """The key that wraps now, and those that did before, as long as a rotation is not finished."""

    present: NodeKey
    former: tuple[NodeKey, ...] = ()


class LocalNodeKey:
    """A node key in the memory of this process. Wraps in the sealed form, with the suite of what it wraps."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        self.id = "local:" + hashlib.sha256(b"hemalum node key\0" + secret).hexdigest()[:16]

    def wrap(self, key: DataKey) -> bytes:
        return seal(self._wrapping(key.suite), key.name, key.secret)

    def unwrap(self, name: str, suite: Suite, wrapped: bytes) -> bytes:
        return unseal(self._wrapping(suite), name, wrapped)

    def _wrapping(self, suite: Suite) -> DataKey:
        return DataKey("node-key", suite, self._secret)


class Pkcs11NodeKey:
    """An AES key in a token that speaks PKCS#11. It wraps with CKM_AES_GCM inside the token."""

    def __init__(self, url: str) -> None:
        """Log in to the token and find the key.

        Raises:
            NodeKeyUnavailable: module, token or key cannot be had, or the PIN is wrong.
            Invalid: the URL lacks something, or python-pkcs11 is not installed.
        """
        path, _, query = url.partition("?")
        said = dict(part.partition("=")[::2] for part in path.removeprefix("pkcs11:").split(";"))
        module = parse_qs(query).get("module-path", [""])[0]
        token, label = unquote(said.get("token", "")), unquote(said.get("object", ""))
        if not (token and label and module):
            raise Invalid("A pkcs11: node key names token, object and module-path.")
        try:
            import pkcs11
        except ImportError as error:
            raise Invalid("A pkcs11: node key needs python-pkcs11: pip install hemalum[hsm].") from error
        self._pkcs11 = pkcs11
        self._lock = threading.Lock()
        self.id = f"pkcs11:token={token};object={label}"
        with self._asking():
            found = pkcs11.lib(module).get_token(token_label=token)
            try:
                session = found.open(user_pin=os.environ.get(PIN_VARIABLE))
            except pkcs11.exceptions.UserAlreadyLoggedIn:  # a process is logged in as a whole
                session = found.open()
            self._key = session.get_key(
                object_class=pkcs11.ObjectClass.SECRET_KEY, key_type=pkcs11.KeyType.AES, label=label
            )

    def wrap(self, key: DataKey) -> bytes:
        nonce = secrets.token_bytes(_NONCE_BYTES)
        with self._asking():
            return nonce + bytes(self._key.encrypt(key.secret, **self._how(nonce, key.name, key.suite)))

    def unwrap(self, name: str, suite: Suite, wrapped: bytes) -> bytes:
        nonce, rest = wrapped[:_NONCE_BYTES], wrapped[_NONCE_BYTES:]
        with self._asking():
            return bytes(self._key.decrypt(rest, **self._how(nonce, name, suite)))

    def _how(self, nonce: bytes, name: str, suite: Suite) -> dict[str, Any]:
        return {
            "mechanism": self._pkcs11.Mechanism.AES_GCM,
            "mechanism_param": self._pkcs11.GCMParams(nonce, f"{suite}\0{name}".encode(), _TAG_BITS),
        }

    @contextmanager
    def _asking(self) -> Iterator[None]:
        """One call at a time, as sessions want; what the token says in our words."""
        known = self._pkcs11.exceptions
        try:
            with self._lock:
                yield
        except (known.EncryptedDataInvalid, known.EncryptedDataLenRange, known.GeneralError) as error:
            raise Damaged.saying(_CANNOT_OPEN) from error
        except known.PKCS11Error as error:
            raise NodeKeyUnavailable(
                "The token that holds the node key refuses ({code}).", code=type(error).__name__
            ) from error


class AwsKmsNodeKey:
    """A key of AWS KMS, which wraps in the service, bound to name and suite as encryption context."""

    def __init__(self, url: str) -> None:
        """Ask the service for the key.

        Raises:
            NodeKeyUnavailable: the service does not answer, or knows no such key.
            Invalid: the URL names no key, or boto3 is not installed.
        """
        path, _, query = url.partition("?")
        said = {name: values[0] for name, values in parse_qs(query).items()}
        key_id = unquote(path.removeprefix("aws-kms:"))
        if not key_id or set(said) - {"region", "endpoint"}:
            raise Invalid("An aws-kms: node key names a key, and may name region and endpoint.")
        try:
            import boto3
            import botocore.exceptions
        except ImportError as error:
            raise Invalid("An aws-kms: node key needs boto3: pip install hemalum[kms].") from error
        self._failures = (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError)
        with self._asking():
            self._client = boto3.client(
                "kms", region_name=said.get("region"), endpoint_url=said.get("endpoint")
            )
            self.id = str(self._client.describe_key(KeyId=key_id)["KeyMetadata"]["Arn"])

    def wrap(self, key: DataKey) -> bytes:
        bound = {"name": key.name, "suite": key.suite.value}
        with self._asking():
            answer = self._client.encrypt(KeyId=self.id, Plaintext=key.secret, EncryptionContext=bound)
            return bytes(answer["CiphertextBlob"])

    def unwrap(self, name: str, suite: Suite, wrapped: bytes) -> bytes:
        bound = {"name": name, "suite": suite.value}
        with self._asking():
            answer = self._client.decrypt(KeyId=self.id, CiphertextBlob=wrapped, EncryptionContext=bound)
            return bytes(answer["Plaintext"])

    @contextmanager
    def _asking(self) -> Iterator[None]:
        try:
            yield
        except self._failures as error:
            code = getattr(error, "response", {}).get("Error", {}).get("Code", type(error).__name__)
            if code in ("InvalidCiphertextException", "IncorrectKeyException"):
                raise Damaged.saying(_CANNOT_OPEN) from error
            raise NodeKeyUnavailable(
                "The KMS that holds the node key refuses ({code}).", code=code
            ) from error


def open_node_keys(url: str, former_url: str, *, make: bool) -> NodeKeys:
    """The node key at a URL, with the one before it; with `make` a file that is not there is made.

    Raises:
        Invalid: a URL is of no known kind, or what it names is no key.
        NodeKeyUnavailable: the key cannot be had.
    """
    former = [former_url] if former_url else []
    if url.startswith("file:") and _former_file(_path(url)).exists():
        former.append(f"file:{_former_file(_path(url))}")
    return NodeKeys(_open(url, make=make), tuple(_open(one, make=False) for one in former))


def begin_file_rotation(url: str) -> None:
    """Put a fresh node key in the place of a file's, and the present one beside it. Safe to repeat."""
    path = _path(url)
    fresh = path.with_name(f"{path.name}.next")
    if not _former_file(path).exists():
        load_or_make_key(fresh)
        _former_file(path).hardlink_to(path)
    if fresh.exists():
        fresh.replace(path)
    sync_folder(path.parent)


def end_file_rotation(url: str) -> None:
    """Remove the node key that wraps nothing any more."""
    path = _path(url)
    _former_file(path).unlink(missing_ok=True)
    sync_folder(path.parent)


def _open(url: str, *, make: bool) -> NodeKey:
    kind = url.partition(":")[0]
    if kind not in _KINDS:
        raise Invalid("A node key is named by {kinds}.", kinds=", ".join(f"{name}:" for name in _KINDS))
    if kind == "file" and make:
        load_or_make_key(_path(url))
    return _KINDS[kind](url)


def _open_file(url: str) -> NodeKey:
    path = _path(url)
    try:
        secret = path.read_bytes()
    except OSError as error:
        raise NodeKeyUnavailable(
            "The node key {path} cannot be read; put it back from its backup. Nothing was changed.",
            path=str(path),
        ) from error
    return LocalNodeKey(_checked(secret, str(path)))


def _open_variable(url: str) -> NodeKey:
    name = url.removeprefix("env:")
    text = os.environ.get(name)
    if not text:
        raise NodeKeyUnavailable("The environment variable {name} holds no node key.", name=name)
    try:
        secret = base64.b64decode(text, validate=True)
    except binascii.Error:
        secret = b""
    return LocalNodeKey(_checked(secret, name))


_KINDS: dict[str, Callable[[str], NodeKey]] = {
    "file": _open_file,
    "env": _open_variable,
    "pkcs11": Pkcs11NodeKey,
    "aws-kms": AwsKmsNodeKey,
}


def _checked(secret: bytes, where: str) -> bytes:
    if len(secret) != SECRET_BYTES:
        raise Invalid("The node key {where} is not {bytes} bytes long.", where=where, bytes=SECRET_BYTES)
    return secret


def _path(url: str) -> Path:
    return Path(unquote(url.removeprefix("file:").removeprefix("//")))


def _former_file(path: Path) -> Path:
    return path.with_name(f"{path.name}.old")
