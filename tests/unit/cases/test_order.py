"""Long lists are read from indexes, whatever orders them, and no further than their page."""

from dataclasses import replace

import pytest
import sqlalchemy as sa

from hemalum.capabilities.cases import store
from hemalum.capabilities.cases.model import CaseQuery, CaseStatus, Queue
from hemalum.capabilities.cases.ordering import order_of
from hemalum.capabilities.cases.tables import case_table
from hemalum.runtime import text_index
from hemalum.runtime.db import reading
from hemalum.runtime.text_index import TextIndex

from .conftest import World


@pytest.mark.parametrize("by_band", [True, False])
def test_a_page_of_open_cases_needs_no_sorting(world: World, by_band: bool) -> None:
    case = case_table.c
    page = sa.select(case_table).where(case.organisation_id == "home", case.is_open)
    page = page.order_by(*order_of(CaseQuery(by_band=by_band))).limit(100)
    with reading(world.database) as connection:
        said = str(page.compile(connection, compile_kwargs={"literal_binds": True}))
        plan = [row[-1] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {said}")]
    assert plan == [f"SEARCH cases_case USING INDEX {plan[0].split('INDEX ')[1]}"], plan
    assert ("by_band" in plan[0]) is by_band


def test_of_what_is_common_a_page_is_read_without_looking_at_all(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    tech, query = world.who("tech"), CaseQuery(Queue.CLOSED, "quagga", limit=2)
    for _ in range(6):
        case = world.case(specimen="Quagga")
        world.cases.move_case(tech, case.case.id, CaseStatus.ENDED, "sent by mistake")
    total, newest = world.cases.list_cases(tech, replace(query, limit=6))
    assert (total, len(newest)) == (6, 6)
    look = TextIndex.find_some
    monkeypatch.setattr(TextIndex, "find_some", lambda index, *asked: look(index, *asked, 4))
    for module in (store, text_index):
        monkeypatch.setattr(module, "MOST_FOUND", 3)
    for offset, wanted in ((0, newest[:2]), (2, newest[2:4]), (4, [])):
        found = world.cases.list_cases(tech, replace(query, offset=offset))
        assert found == (4, wanted)
