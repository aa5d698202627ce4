"""The longest list of the worklist is read from an index, whatever orders it."""

import pytest
import sqlalchemy as sa

from hemalum.capabilities.cases.model import CaseQuery
from hemalum.capabilities.cases.ordering import order_of
from hemalum.capabilities.cases.tables import case_table
from hemalum.runtime.db import reading

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
