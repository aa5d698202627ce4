"""Many who draw on one slide at once, on PostgreSQL and on SQLite."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from hemalum.capabilities.annotations.model import Add, Command, CommandLabel
from hemalum.capabilities.annotations.service import Annotations
from hemalum.capabilities.slides import store
from hemalum.capabilities.slides.model import Terms
from hemalum.capabilities.slides.policy import Gate
from hemalum.capabilities.slides.service import Slides, described_columns
from hemalum.formats.annotations.model import Annotation, AnnotationKind
from hemalum.formats.wsi.model import Level, PixelFormat, SlideDescription
from hemalum.kernel.actor import Actor, Purpose
from hemalum.kernel.geometry import PixelSize, SpacingUm
from hemalum.kernel.ids import ImageId, OrganisationId, PersonId, new_id
from hemalum.runtime.db import migrate, open_database, transaction
from hemalum.runtime.policy import Place, load_policies
from hemalum.runtime.sandbox import Workers

NOW = datetime(2026, 11, 28, 3, tzinfo=UTC)
HOME = OrganisationId("home")
MAY = frozenset({"slides.view", "annotations.view", "annotations.draw", "annotations.revise"})
PEOPLE = 6
COMMANDS = 5


def person(number: int) -> Actor:
    name = f"person{number}"
    return Actor(
        PersonId(name), name, HOME, MAY, name, roles=frozenset({"pathologist"}), purpose=Purpose.CARE
    )


@pytest.fixture(params=["postgresql", "sqlite"])
def annotations(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Annotations]:
    url = f"sqlite:///{tmp_path / 'node.sqlite'}"
    if request.param == "postgresql":
        url = request.getfixturevalue("larger_node")()["HEMALUM_DATABASE_URL"]
    database = open_database(url)
    migrate(database)
    description = SlideDescription(
        "generic-tiff",
        (Level(PixelSize(1000, 800), 1.0),),
        PixelFormat(3, "uint8"),
        SpacingUm(0.5, 0.5),
    )
    columns = described_columns("slide", description, [], description, NOW)
    with transaction(database) as connection:
        store.add_image(
            connection,
            image_id=ImageId("slide"),
            terms=Terms(HOME),
            name="slide",
            created_by=None,
            created_at=NOW,
            objects=[],
        )
        store.update_image(connection, "slide", **columns)
    gate = Gate(load_policies(), lambda _: Place(HOME, country="CN"), frozenset(Purpose))
    unused = cast(Any, SimpleNamespace())
    slides = Slides(unused, database, unused, unused, unused, gate, lambda _: None, lambda: NOW)
    workers = Workers(1)
    yield Annotations(slides, workers)
    workers.close()
    database.dispose()


def point(identifier: str) -> Add:
    return Add(Annotation(identifier, AnnotationKind.POINT, {"type": "Point", "coordinates": [1, 2]}))


def test_many_who_draw_at_once_lose_nothing(annotations: Annotations) -> None:
    def draw(number: int) -> None:
        for _ in range(COMMANDS):
            command = Command(new_id(), CommandLabel.ADD, [point(new_id())])
            annotations.give(person(number), "slide", command)
        annotations.undo(person(number), "slide")
        annotations.redo(person(number), "slide")

    with ThreadPoolExecutor(PEOPLE) as pool:
        list(pool.map(draw, range(PEOPLE)))
    found = annotations.list_since(person(0), "slide")
    assert found.sequence == PEOPLE * (COMMANDS + 2)
    assert len(found.annotations) == PEOPLE * COMMANDS
    history = annotations.list_history(person(0), "slide", 0, 500)
    assert [entry.done.sequence for entry in history.items] == list(range(1, found.sequence + 1))


def test_a_command_that_arrives_many_times_at_once_is_done_once(annotations: Annotations) -> None:
    command = Command("one-command", CommandLabel.ADD, [point("one-annotation")])
    with ThreadPoolExecutor(PEOPLE) as pool:
        answers = list(pool.map(lambda _: annotations.give(person(0), "slide", command), range(PEOPLE)))
    assert {answer.sequence for answer in answers} == {1}
