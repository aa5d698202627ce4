"""What older releases kept is still read."""

import json
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from hemalum.capabilities.slides import store
from hemalum.capabilities.slides.model import Finding, Problem, description_to_builtins
from hemalum.formats.wsi.model import Level, PixelFormat, SlideDescription
from hemalum.kernel.geometry import PixelSize
from hemalum.kernel.sentence import Sentence
from hemalum.runtime.db import migrate, open_database, reading, transaction

MIGRATIONS = Path(__file__).parents[3] / "src" / "hemalum" / "migrations"


def test_what_was_text_becomes_a_sentence(tmp_path: Path) -> None:
    described = SlideDescription("x", (Level(PixelSize(9, 9), 1.0),), PixelFormat(3, "uint8"), None)
    description = json.dumps(description_to_builtins(described) | {"warnings": ["Two tags {disagree}."]})
    finding = {"element": "file", "problem": "contradictory", "message": "Odd.", "code": None, "values": {}}
    row = {
        "id": "one",
        "organisation_id": "main",
        "name": "a.svs",
        "status": "quarantined",
        "created_at": "2026-01-01 00:00:00.000000",
        "finding_count": 1,
        "search_text": "",
        "keep_originals": 0,
        "reason": "a.svs is empty.",
        "findings": json.dumps([finding]),
        "description": description,
        "file_description": description,
    }
    database = open_database(f"sqlite:///{tmp_path / 'a.db'}")
    with transaction(database) as connection:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = connection
        command.upgrade(config, "0003")
        table = sa.table("slides_image", *map(sa.column, row))
        connection.execute(sa.insert(table).values([row, dict.fromkeys(row) | _bare(row)]))
    migrate(database)
    with reading(database) as connection:
        image = store.get_image(connection, "one")
        bare = store.get_image(connection, "two")
    assert image.summary.reason == Sentence("a.svs is empty.")
    assert image.findings == (Finding("file", Problem.CONTRADICTORY, Sentence("Odd.")),)
    assert image.description is not None
    assert image.description.warnings == (Sentence("Two tags {disagree}."),)
    assert (bare.summary.reason, bare.findings, bare.description) == (None, (), None)
    database.dispose()


def _bare(row: dict[str, object]) -> dict[str, object]:
    """An image of which nothing is known yet."""
    kept = ("organisation_id", "name", "created_at", "finding_count", "search_text", "keep_originals")
    return {name: row[name] for name in kept} | {"id": "two", "status": "receiving"}
