"""Node keys that never come here: in a PKCS#11 token (SoftHSM 2) and in a KMS (moto's of AWS)."""

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import boto3
import pkcs11
import pytest
import sqlalchemy as sa
from moto import mock_aws

from hemalum.kernel.errors import Damaged
from hemalum.runtime.crypto.keys import WrongNodeKey, open_keyring, rotate_node_key
from hemalum.runtime.crypto.node_keys import AwsKmsNodeKey, NodeKeyUnavailable, Pkcs11NodeKey
from hemalum.runtime.crypto.sealed import DataKey, Suite
from hemalum.runtime.db import migrate, open_database
from hemalum.runtime.settings import Settings, load_settings, make_folders

MODULE = Path("/usr/lib/softhsm/libsofthsm2.so")
PIN = "123456"
KEY = DataKey("slide", Suite.AES_256_GCM, bytes(range(32)))


@pytest.fixture(scope="module")
def token(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a node key in a fresh token."""
    if not MODULE.exists() or shutil.which("softhsm2-util") is None:
        pytest.skip("SoftHSM 2 is not installed")
    folder = tmp_path_factory.mktemp("token")
    (folder / "tokens").mkdir()
    (folder / "softhsm2.conf").write_text(f"directories.tokendir = {folder / 'tokens'}\n")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("SOFTHSM2_CONF", str(folder / "softhsm2.conf"))
        patched.setenv("HEMALUM_PKCS11_PIN", PIN)
        for label in ("hospital", "locked"):
            command = ["softhsm2-util", "--init-token", "--free", "--label", label]
            subprocess.run([*command, "--so-pin", PIN, "--pin", PIN], check=True, capture_output=True)
        with pkcs11.lib(str(MODULE)).get_token(token_label="hospital").open(rw=True, user_pin=PIN) as session:
            for label in ("node", "other"):
                session.generate_key(
                    pkcs11.KeyType.AES,
                    256,
                    label=label,
                    store=True,
                    template={pkcs11.Attribute.SENSITIVE: True, pkcs11.Attribute.EXTRACTABLE: False},
                )
        yield f"pkcs11:token=hospital;object=node?module-path={MODULE}"


@pytest.fixture
def kms(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The URL of a node key in a fresh KMS."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    with mock_aws():
        client = boto3.client("kms", region_name="cn-north-1")
        made = client.create_key()["KeyMetadata"]["KeyId"]
        client.close()
        yield f"aws-kms:{made}?region=cn-north-1"


@pytest.fixture(params=["token", "kms"])
def url(request: pytest.FixtureRequest) -> str:
    found: str = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "node"


@pytest.fixture
def database(data: Path) -> Iterator[sa.Engine]:
    settings = load_settings(data, {})
    make_folders(settings)
    opened = open_database(settings.database_url)
    migrate(opened)
    yield opened
    opened.dispose()


def _on(data: Path, url: str) -> Settings:
    return replace(load_settings(data, {}), node_key=url)


def test_a_node_lives_on_it(url: str, data: Path, database: sa.Engine) -> None:
    made = open_keyring(_on(data, url), database).ensure("slide")
    assert made is not None
    assert open_keyring(_on(data, url), database).find("slide") == made
    assert list((data / "keys").iterdir()) == []
    with pytest.raises(WrongNodeKey):
        open_keyring(replace(_on(data, url), node_key=_file(data)), database)


def _file(data: Path) -> str:
    (data / "keys" / "elsewhere").write_bytes(bytes(32))
    return f"file:{data / 'keys' / 'elsewhere'}"


def test_a_node_moves_to_it(url: str, data: Path, database: sa.Engine) -> None:
    before = open_keyring(load_settings(data, {}), database)
    made = before.ensure("slide")
    moved = replace(_on(data, url), former_node_key=f"file:{data / 'keys' / 'node'}")
    assert rotate_node_key(moved, open_keyring(moved, database)) == 2
    (data / "keys" / "node").unlink()
    assert open_keyring(_on(data, url), database).find("slide") == made


def test_a_token_opens_only_what_it_wrapped_for_this_name(token: str) -> None:
    node_key = Pkcs11NodeKey(token)
    wrapped = node_key.wrap(KEY)
    assert node_key.unwrap("slide", Suite.AES_256_GCM, wrapped) == KEY.secret
    assert KEY.secret not in wrapped
    other = Pkcs11NodeKey(token.replace("object=node", "object=other"))
    for holder, name, suite, changed in (
        (node_key, "another", Suite.AES_256_GCM, wrapped),
        (node_key, "slide", Suite.SM4_GCM, wrapped),
        (node_key, "slide", Suite.AES_256_GCM, wrapped[:-1] + bytes([wrapped[-1] ^ 1])),
        (other, "slide", Suite.AES_256_GCM, wrapped),
    ):
        with pytest.raises(Damaged):
            holder.unwrap(name, suite, changed)


def test_a_kms_opens_only_what_it_wrapped_for_this_name(kms: str) -> None:
    node_key = AwsKmsNodeKey(kms)
    wrapped = node_key.wrap(KEY)
    assert node_key.unwrap("slide", Suite.AES_256_GCM, wrapped) == KEY.secret
    assert KEY.secret not in wrapped
    for name, suite in (("another", Suite.AES_256_GCM), ("slide", Suite.SM4_GCM)):
        with pytest.raises(Damaged):
            node_key.unwrap(name, suite, wrapped)


def test_a_token_that_refuses_is_one_sentence(token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEMALUM_PKCS11_PIN", "wrong")
    with pytest.raises(NodeKeyUnavailable, match="The token that holds the node key refuses"):
        Pkcs11NodeKey(token.replace("hospital", "locked"))
    monkeypatch.setenv("HEMALUM_PKCS11_PIN", PIN)
    for wrong in (token.replace("hospital", "elsewhere"), token.replace("object=node", "object=none")):
        with pytest.raises(NodeKeyUnavailable):
            Pkcs11NodeKey(wrong)


def test_a_kms_that_refuses_is_one_sentence(kms: str) -> None:
    with pytest.raises(NodeKeyUnavailable, match="The KMS that holds the node key refuses"):
        AwsKmsNodeKey("aws-kms:00000000-0000-0000-0000-000000000000?region=cn-north-1")
