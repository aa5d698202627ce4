"""What the doctor says of a node that cannot be opened."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from hemalum.app.doctor import examine
from hemalum.kernel.capability import Check
from hemalum.runtime import outbox
from hemalum.runtime.db import migrate, open_database, transaction
from hemalum.runtime.settings import load_settings, make_folders


def examined(folder: Path) -> dict[str, Check]:
    return {each.name: each for each in examine(folder)}


_OPENED, _NUMBER = "cannot be opened", "is not a number"


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("nonsense", _OPENED),
        ("oracle://db/hemalum", _OPENED),
        ("nosuch://db/hemalum", _OPENED),
        ("postgresql+psycopg://me:secret@db:port/hemalum", _NUMBER),
        ("postgresql+psycopg://me:sec@ret:word@db/hemalum", _NUMBER),
    ],
)
def test_a_database_that_cannot_be_meant_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str, said: str
) -> None:
    monkeypatch.setenv("HEMALUM_DATABASE_URL", url)
    found = examined(tmp_path / "node")
    assert not found["database"].ready
    assert said in found["database"].detail
    assert not any(part in found["database"].detail for part in ("sec", "word"))
    assert found["blob store"].ready


def test_a_database_of_a_newer_release_is_one_line(tmp_path: Path) -> None:
    settings = load_settings(tmp_path, {})
    make_folders(settings)
    database = open_database(settings.database_url)
    migrate(database)
    with transaction(database) as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    database.dispose()
    found = examined(tmp_path)
    assert not found["database"].ready
    assert "newer release of Hemalum (revision 9999)" in found["database"].detail


def test_a_node_in_order_is_ready(tmp_path: Path) -> None:
    found = examined(tmp_path / "node")
    assert all(found[name].ready for name in ("database", "blob store", "node key", "integrity", "models"))
    assert found["events"].ready


def test_events_that_reach_no_job_are_named(tmp_path: Path) -> None:
    examine(tmp_path)
    database = open_database(load_settings(tmp_path, {}).database_url)
    moment = datetime(2026, 11, 29, tzinfo=UTC)
    with transaction(database) as connection:
        connection.execute(
            sa.insert(outbox.outbox_table).values(
                type="CaseSignedOut",
                payload={},
                occurred_at=moment,
                failures=12,
                next_try_at=moment,
                jobs_left=["interfaces.send_report"],
            )
        )
    database.dispose()
    found = examined(tmp_path)["events"]
    assert not found.ready
    assert found.detail == "1 set aside: CaseSignedOut for interfaces.send_report"
