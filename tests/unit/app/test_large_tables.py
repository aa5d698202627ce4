"""What a node asks all the time reads no large table whole, however many slides and cases there are."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from hemalum.app.node import Parts, _work, open_parts
from hemalum.capabilities.cases.model import CaseQuery, Queue
from hemalum.capabilities.interfaces.model import Direction, MessageQuery, MessageState
from hemalum.capabilities.slides import integrity_store
from hemalum.capabilities.slides.model import ImageStatus, LibraryQuery
from hemalum.runtime.db import reading
from hemalum.runtime.settings import load_settings

LARGE = ("slides_image", "cases_case", "cases_material", "cases_link", "cases_patient")


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Parts]:
    folder: Path = tmp_path_factory.mktemp("large")
    with open_parts(load_settings(folder / "node", {})) as parts:
        yield parts


@contextmanager
def plans_of(database: sa.Engine) -> Iterator[list[str]]:
    """Lines of SQLite's plans of all that is read meanwhile."""
    asked: list[tuple[str, Any]] = []
    plans: list[str] = []

    def hear(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.startswith(("SELECT", "WITH")):
            asked.append((statement, parameters))

    sa.event.listen(database, "before_cursor_execute", hear)
    try:
        yield plans
    finally:
        sa.event.remove(database, "before_cursor_execute", hear)
    with reading(database) as connection:
        for statement, parameters in asked:
            planned = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            plans.extend(row[-1] for row in planned)


def check_nothing_is_read_whole(plans: list[str]) -> None:
    assert plans
    whole = [one for one in plans for table in LARGE if one == f"SCAN {table}"]
    assert whole == []


def test_housekeeping_reads_no_large_table_whole(node: Parts) -> None:
    work = _work(node)
    with plans_of(node.database) as plans:
        for task in work.housekeeping:
            task()
    check_nothing_is_read_whole(plans)
    assert any("ix_slides_image_status" in one for one in plans)


@pytest.mark.parametrize(
    "ask",
    [
        lambda parts, actor: parts.cases.count_queues(actor),
        *(
            lambda parts, actor, queue=queue: parts.cases.list_cases(actor, CaseQuery(queue))
            for queue in (Queue.OPEN, Queue.CLOSED)
        ),
        *(
            lambda parts, actor, status=status: parts.slides.list_images(actor, LibraryQuery(status=status))
            for status in (None, ImageStatus.AVAILABLE, ImageStatus.QUARANTINED)
        ),
    ],
)
def test_lists_and_counts_read_no_large_table_whole(node: Parts, ask: Callable[[Parts, Any], object]) -> None:
    actor = node.access.actor_for("admin")
    with plans_of(node.database) as plans:
        ask(node, actor)
    check_nothing_is_read_whole(plans)


def test_the_counts_of_queues_stand_in_an_index(node: Parts) -> None:
    with plans_of(node.database) as plans:
        node.cases.count_queues(node.access.actor_for("admin"))
    assert any("USING COVERING INDEX ix_cases_case_queues" in one for one in plans)


def test_a_rare_state_is_found_in_the_library_without_passing_the_others(node: Parts) -> None:
    query = LibraryQuery(status=ImageStatus.QUARANTINED)
    with plans_of(node.database) as plans:
        node.slides.list_images(node.access.actor_for("admin"), query)
    assert any("ix_slides_image_newest_of_status (terms_id=? AND status=?)" in one for one in plans)


def test_a_round_of_checking_goes_on_from_the_slide_before(node: Parts) -> None:
    with plans_of(node.database) as plans, reading(node.database) as connection:
        integrity_store.find_unchecked(connection, "round", "some-image")
    assert any("(status=? AND id>?)" in one for one in plans)


def test_the_report_on_integrity_goes_by_indexes(node: Parts) -> None:
    with plans_of(node.database) as plans, reading(node.database) as connection:
        integrity_store.count_standings(connection, "home")
        integrity_store.list_damaged(connection, "home")
    check_nothing_is_read_whole(plans)
    assert any("USING COVERING INDEX ix_slides_image_status" in one for one in plans)
    assert any("ix_slides_integrity_damaged" in one for one in plans)


@pytest.mark.parametrize(
    "ask",
    [
        lambda interfaces, actor: interfaces.standings(actor),
        lambda interfaces, actor: interfaces.count_states(actor),
        lambda interfaces, _: interfaces.catch_up(),
        lambda interfaces, _: interfaces.tidy(),
        *(
            lambda interfaces, actor, query=query: interfaces.list_messages(actor, query)
            for query in (
                MessageQuery(),
                MessageQuery(Direction.IN, before=1000),
                MessageQuery(state=MessageState.DEAD),
                MessageQuery(partner_id="his"),
                MessageQuery(control_id="7"),
            )
        ),
    ],
)
def test_the_monitor_reads_no_message_but_those_it_shows(
    node: Parts, ask: Callable[[Any, Any], object]
) -> None:
    with plans_of(node.database) as plans:
        ask(node.interfaces, node.access.actor_for("admin"))
    of_messages = [one for one in plans if "interfaces_message" in one]
    assert of_messages
    # By the organisation alone would be all of them, of a node with one hospital.
    assert [one for one in of_messages if one.startswith("SCAN") or one.endswith("(organisation_id=?)")] == []
