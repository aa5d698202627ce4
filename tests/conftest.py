"""What tests of every kind share."""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from functools import cache
from pathlib import Path

import certifi
import pytest
import sqlalchemy as sa
from hypothesis import settings

from hemalum.runtime import db
from tests.budgets import IS_LONG, examples

# How long an example takes says something of the machine and nothing of the code. The same examples at every
# run: what they find is then the doing of a change. `make test-long` looks for others.
settings.register_profile("hemalum", deadline=None, max_examples=examples(30), derandomize=not IS_LONG)
settings.load_profile("hemalum")

SHARED = Path(os.environ.get("HEMALUM_SHARED", Path(__file__).parents[2] / "shared")) / "data"
"""Files that lie beside the repository, on machines that have them."""
SERVICE = Path(__file__).with_name("service")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files of a folder run one after the other, however they are shuffled: they share its node.

    Tests of whole services come first: a file of them may take minutes, and processes that share the files
    are to end at about the same time.
    """
    folders: dict[Path, tuple[bool, int]] = {}
    for item in items:
        folder = item.path.parent
        folders.setdefault(folder, (SERVICE not in folder.parents, len(folders)))
    items.sort(key=lambda item: folders[item.path.parent])


@pytest.fixture(scope="session", autouse=True)
def _one_authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Every client of httpx, even of plain HTTP, reads whom it trusts in the web: 35 ms for all of them."""
    first, end, _ = certifi.contents().partition("-----END CERTIFICATE-----")
    path = tmp_path_factory.mktemp("trust") / "authority.pem"
    path.write_text(first + end)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", str(path))
        yield


@pytest.fixture(scope="session")
def shared() -> Callable[[str], Path]:
    """Where a file or folder of the shared data lies; skips the test where it is not there."""

    def find(name: str) -> Path:
        path = SHARED / name
        if not path.exists():
            pytest.skip(f"{name} of the shared data is not here")
        return path

    return find


@pytest.fixture(scope="session", autouse=True)
def one_by_one(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[sa.Connection], None]]:
    """What goes through the migrations as a node does.

    For one SQLite database of this process only: its pages are copied into every other fresh one, which
    spares each test a third of a second. Nodes in processes of their own migrate.
    """
    one_by_one = db._upgrade
    with ExitStack() as opened:

        @cache
        def migrated() -> sqlite3.Connection:
            path = tmp_path_factory.mktemp("migrated") / "node.sqlite"
            engine = db.open_database(f"sqlite:///{path}")
            with db.transaction(engine) as connection:
                one_by_one(connection)
            engine.dispose()
            return opened.enter_context(closing(sqlite3.connect(path, check_same_thread=False)))

        def copied(connection: sa.Connection) -> None:
            if connection.dialect.name != "sqlite" or db._revision_stored(connection) is not None:
                one_by_one(connection)
                return
            fresh = connection.connection.driver_connection
            assert isinstance(fresh, sqlite3.Connection)
            # Pages are copied between transactions only.
            fresh.execute("COMMIT")
            migrated().backup(fresh)
            fresh.execute("BEGIN IMMEDIATE")

        db._upgrade = copied
        yield one_by_one
        db._upgrade = one_by_one
