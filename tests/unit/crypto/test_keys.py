"""The keyring: one key for each slide, whatever happens to the node key."""

import base64
import secrets
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from hemalum.kernel.audit import Record
from hemalum.kernel.errors import Conflict, Damaged, HemalumError, Invalid, NotFound
from hemalum.runtime.crypto import keys
from hemalum.runtime.crypto.keys import (
    KeyDestroyed,
    Keyring,
    WrongNodeKey,
    key_table,
    open_keyring,
    rotate_node_key,
)
from hemalum.runtime.crypto.node_keys import NodeKeyUnavailable
from hemalum.runtime.crypto.sealed import Suite
from hemalum.runtime.db import migrate, open_database, transaction
from hemalum.runtime.settings import Settings, load_settings, make_folders

type Open = Callable[..., Keyring]


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


@pytest.fixture
def settings(data: Path, database: sa.Engine) -> Settings:
    return load_settings(data, {})


def _with(data: Path, **said: str) -> Settings:
    return load_settings(data, {f"HEMALUM_{name.upper()}": value for name, value in said.items()})


def _node_keys_used(database: sa.Engine) -> set[str]:
    with database.connect() as connection:
        return set(connection.execute(sa.select(key_table.c.node_key)).scalars())


def test_a_slide_has_one_key_in_every_process(settings: Settings, database: sa.Engine) -> None:
    first, second = (open_keyring(settings, database) for _ in range(2))
    assert first.find("slide") is None
    made = first.ensure("slide")
    assert made is not None
    assert (made.name, made.suite) == ("slide", Suite.AES_256_GCM)
    assert second.find("slide") == second.ensure("slide") == made
    assert first.ensure("another") != made
    assert (settings.keys / "node").stat().st_mode & 0o777 == 0o600


def test_many_that_begin_at_once_agree(settings: Settings, database: sa.Engine) -> None:
    found = []

    def begin() -> None:
        found.append(open_keyring(settings, database).ensure("slide"))

    threads = [threading.Thread(target=begin) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len({each.secret for each in found if each}) == 1


def test_the_database_holds_no_key_that_opens_anything(settings: Settings, database: sa.Engine) -> None:
    keyring = open_keyring(settings, database)
    secrets_made = [keyring.ensure(f"slide-{number}") for number in range(5)]
    kept = b"".join(path.read_bytes() for path in settings.data.glob("hemalum.sqlite*"))
    assert all(each is not None and each.secret not in kept for each in secrets_made)
    assert keyring.own.secret not in kept


def test_without_encryption_new_slides_have_no_key_and_old_ones_keep_theirs(
    data: Path, settings: Settings, database: sa.Engine
) -> None:
    sealed = open_keyring(settings, database).ensure("sealed")
    off = open_keyring(_with(data, encryption="off"), database)
    assert off.ensure("plain") is None
    assert off.ensure("sealed") == sealed


def test_national_suite(data: Path, database: sa.Engine) -> None:
    keyring = open_keyring(_with(data, encryption="sm4-gcm"), database)
    made = keyring.ensure("slide")
    assert made is not None
    assert made.suite is Suite.SM4_GCM
    assert open_keyring(_with(data, encryption="sm4-gcm"), database).find("slide") == made


@pytest.mark.parametrize("what", ["another key", "no key", "not a key"])
def test_a_wrong_node_key_is_one_sentence_and_nothing_is_overwritten(
    what: str, settings: Settings, database: sa.Engine
) -> None:
    made = open_keyring(settings, database).ensure("slide")
    path = settings.keys / "node"
    right = path.read_bytes()
    before = _rows(database)
    if what == "no key":
        path.unlink()
    else:
        path.write_bytes(secrets.token_bytes(32) if what == "another key" else b"short")
    with pytest.raises(HemalumError) as refused:
        open_keyring(settings, database)
    assert str(refused.value).count("\n") == 0
    assert _rows(database) == before
    assert path.exists() is (what != "no key")
    path.write_bytes(right)
    assert open_keyring(settings, database).find("slide") == made


def _rows(database: sa.Engine) -> list[tuple[object, ...]]:
    with database.connect() as connection:
        return [tuple(row) for row in connection.execute(sa.select(key_table).order_by(key_table.c.name))]


def test_rotation_touches_wrapped_keys_only(settings: Settings, database: sa.Engine) -> None:
    told: list[Record] = []
    keyring = open_keyring(settings, database, told.append)
    made = [keyring.ensure(f"slide-{number}") for number in range(3)]
    before, former = _node_keys_used(database), (settings.keys / "node").read_bytes()
    assert rotate_node_key(settings, keyring) == 4
    assert not before & _node_keys_used(database)
    assert (settings.keys / "node").read_bytes() != former
    assert [path.name for path in settings.keys.iterdir()] == ["node"]
    fresh = open_keyring(settings, database)
    assert [fresh.find(f"slide-{number}") for number in range(3)] == made
    assert [one.action for one in told] == ["keys.rotated"]


class _Killed(BaseException):
    pass


@pytest.mark.parametrize("moment", ["before the file", "after the file", "half-way", "before the end"])
def test_an_interrupted_rotation_goes_on(
    moment: str, settings: Settings, database: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyring = open_keyring(settings, database)
    made = {f"slide-{number}": keyring.ensure(f"slide-{number}") for number in range(7)}

    def die(*_: object) -> None:
        raise _Killed

    with monkeypatch.context() as patched:
        patched.setattr(keys, "_BATCH", 3)
        if moment == "before the file":
            patched.setattr(Path, "replace", die)
        elif moment == "after the file":
            patched.setattr(Keyring, "rotate", die)
        elif moment == "half-way":
            whole, calls = Keyring._wrapped_by_others, []

            def twice(self: Keyring, present: object) -> object:
                calls.append(1)
                return die() if len(calls) > 2 else whole(self, present)  # type: ignore[arg-type, func-returns-value]

            patched.setattr(Keyring, "_wrapped_by_others", twice)
        else:
            patched.setattr(keys.node_keys, "end_file_rotation", die)
        with pytest.raises(_Killed):
            rotate_node_key(settings, keyring)
    if moment == "half-way":
        assert len(_node_keys_used(database)) == 2
    again = open_keyring(settings, database)
    assert {name: again.find(name) for name in made} == made
    made["late"] = again.ensure("late")
    rotate_node_key(settings, again)
    last = open_keyring(settings, database)
    assert {name: last.find(name) for name in made} == made
    assert len(_node_keys_used(database)) == 1
    assert [path.name for path in settings.keys.iterdir()] == ["node"]


def test_a_running_process_follows_a_rotation(settings: Settings, database: sa.Engine) -> None:
    running, other = (open_keyring(settings, database) for _ in range(2))
    made = other.ensure("before")
    rotate_node_key(settings, other)
    assert running.find("before") == made
    late = open_keyring(settings, database)
    rotate_node_key(settings, other)
    assert late.ensure("after") is not None
    assert len(_node_keys_used(database)) == 1


def test_a_process_that_holds_a_former_node_key_makes_no_keys(
    data: Path, database: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("FIRST", "SECOND"):
        monkeypatch.setenv(name, base64.b64encode(secrets.token_bytes(32)).decode())
    running = open_keyring(_with(data, node_key="env:FIRST"), database)
    made = running.ensure("slide")
    moved = _with(data, node_key="env:SECOND", former_node_key="env:FIRST")
    assert rotate_node_key(moved, open_keyring(moved, database)) == 2
    with pytest.raises(WrongNodeKey):
        running.ensure("another")
    assert open_keyring(_with(data, node_key="env:SECOND"), database).find("slide") == made
    with pytest.raises(WrongNodeKey):
        open_keyring(_with(data, node_key="env:FIRST"), database)


def test_what_is_destroyed_is_gone(settings: Settings, database: sa.Engine) -> None:
    told: list[Record] = []
    keyring = open_keyring(settings, database, told.append)
    keyring.ensure("slide")
    keyring.ensure("kept")
    with transaction(database) as connection:
        wrapped = connection.execute(
            sa.select(key_table.c.wrapped).where(key_table.c.name == "slide")
        ).scalar()
    assert isinstance(wrapped, bytes)
    keyring.destroy("slide")
    keyring.destroy("slide")
    for ring in (keyring, open_keyring(settings, database)):
        for ask in (ring.find, ring.ensure):
            with pytest.raises(KeyDestroyed):
                ask("slide")
        assert ring.find("kept") is not None
    listed = {one.name: one.destroyed_at is not None for one in keyring.list_keys()}
    assert listed == {"node": False, "slide": True, "kept": False}
    assert [(one.action, one.target) for one in told] == [("keys.destroyed", "key/slide")]
    # Neither the database nor its log still holds the wrapped key.
    kept = b"".join(path.read_bytes() for path in settings.data.glob("hemalum.sqlite*"))
    assert wrapped[:48] not in kept
    assert wrapped[-48:] not in kept


def test_another_process_notices_what_is_destroyed(settings: Settings, database: sa.Engine) -> None:
    mine, other = open_keyring(settings, database), open_keyring(settings, database)
    assert mine.ensure("slide") == other.find("slide") is not None
    mine.destroy("slide")
    assert mine.was_destroyed("slide")
    assert not other.was_destroyed("slide")
    other.notice_destroyed()
    assert other.was_destroyed("slide")
    with pytest.raises(KeyDestroyed):
        other.find("slide")


def test_what_was_unwrapped_once_is_not_unwrapped_again(
    settings: Settings, database: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A KMS is asked once for each key, although the database is looked at again every minute."""
    monkeypatch.setattr(keys, "_REMEMBERED_FOR_S", -1.0)
    keyring = open_keyring(settings, database)
    made = keyring.ensure("slide")
    with monkeypatch.context() as patched:
        patched.setattr(Keyring, "_opened", None)
        assert keyring.find("slide") == made
    rotate_node_key(settings, open_keyring(settings, database))
    assert keyring.find("slide") == made


def test_many_keys_are_read_together(settings: Settings, database: sa.Engine) -> None:
    first, second = (open_keyring(settings, database) for _ in range(2))
    made = {name: first.ensure(name) for name in ("a", "b", "c")}
    first.destroy("c")
    asked: list[str] = []
    sa.event.listen(database, "before_cursor_execute", lambda *said: asked.append(said[2]))
    second.foresee(["a", "b", "c", "nobody's"])
    second.foresee(["a", "b"])
    assert {name: second.find(name) for name in ("a", "b")} == {name: made[name] for name in ("a", "b")}
    assert len([one for one in asked if "data_key" in one]) == 1
    with pytest.raises(KeyDestroyed):
        second.find("c")


def test_what_cannot_be_destroyed(settings: Settings, database: sa.Engine) -> None:
    keyring = open_keyring(settings, database)
    with pytest.raises(NotFound):
        keyring.destroy("never")
    with pytest.raises(Conflict):
        keyring.destroy("node")


def test_what_cannot_be_recorded_does_not_happen(settings: Settings, database: sa.Engine) -> None:
    def refuse(_record: Record) -> None:
        raise Conflict("The log is full.")

    keyring = open_keyring(settings, database, refuse)
    made = keyring.ensure("slide")
    for act in (lambda: keyring.destroy("slide"), keyring.rotate):
        with pytest.raises(Conflict):
            act()
    assert open_keyring(settings, database).find("slide") == made


def test_small_secrets_are_bound_to_their_purpose(settings: Settings, database: sa.Engine) -> None:
    keyring = open_keyring(settings, database)
    kept = keyring.seal(b"JBSWY3DPEHPK3PXP", "totp/person-1")
    assert b"JBSWY3DPEHPK3PXP" not in kept
    assert open_keyring(settings, database).unseal(kept, "totp/person-1") == b"JBSWY3DPEHPK3PXP"
    with pytest.raises(Damaged):
        keyring.unseal(kept, "totp/person-2")
    secret = keyring.load_or_make_secret(settings.keys / "log")
    assert len(secret) == 32
    assert keyring.load_or_make_secret(settings.keys / "log") == secret
    assert secret not in (settings.keys / "log").read_bytes()


@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("nowhere:x", Invalid),
        ("env:NOT_SET", NodeKeyUnavailable),
        ("env:NOT_BASE64", Invalid),
        ("env:TOO_SHORT", Invalid),
        ("pkcs11:token=x", Invalid),
        ("aws-kms:", Invalid),
        ("aws-kms:key?password=x", Invalid),
    ],
)
def test_node_keys_that_are_none(
    url: str, error: type[HemalumError], data: Path, database: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOT_BASE64", "!!")
    monkeypatch.setenv("TOO_SHORT", base64.b64encode(b"short").decode())
    with pytest.raises(error):
        open_keyring(_with(data, node_key=url), database)
    assert _rows(database) == []
