"""Numbers of rows by their values: always what counting says, whatever was written, changed or removed."""

import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from hemalum.runtime.db import open_database, transaction
from hemalum.runtime.tally import Tally

TALLY = Tally("thing", ("place", "is_open"))
THING = sa.Table(
    "thing",
    sa.MetaData(),
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("place", sa.String(40), nullable=False),
    sa.Column("is_open", sa.Boolean, nullable=False),
    sa.Column("note", sa.Text),
)
places = st.sampled_from(["here", "there", "else'where"])
things = st.fixed_dictionaries(
    {"place": places, "is_open": st.booleans(), "note": st.sampled_from(["", "x"])}
)


@given(
    before=st.dictionaries(st.sampled_from("pqrs"), things),
    changes=st.lists(st.tuples(st.sampled_from("pqrstu"), st.none() | things), max_size=10),
)
def test_a_tally_says_what_counting_says(
    before: dict[str, dict[str, object]], changes: list[tuple[str, dict[str, object] | None]]
) -> None:
    database = open_database("sqlite://")
    rows = dict(before)
    with transaction(database) as connection:
        THING.create(connection)
        if rows:
            connection.execute(sa.insert(THING), [{"id": key} | values for key, values in rows.items()])
        TALLY.create(connection)
        for key, values in changes:
            if values is None:
                connection.execute(sa.delete(THING).where(THING.c.id == key))
                rows.pop(key, None)
            elif key in rows:
                connection.execute(sa.update(THING).where(THING.c.id == key).values(values))
                rows[key] = values
            else:
                connection.execute(sa.insert(THING).values({"id": key} | values))
                rows[key] = values
        assert TALLY.find(connection) == len(rows)
        for is_open in (True, False):
            for asked in (["here"], ["here", "else'where"], []):
                counted = [
                    one for one in rows.values() if one["place"] in asked and one["is_open"] is is_open
                ]
                assert TALLY.find(connection, place=asked, is_open=[is_open]) == len(counted)
        assert TALLY.find(connection, is_open=[True, False], place=["nowhere"]) == 0
    database.dispose()


def test_what_is_taken_back_was_not_counted() -> None:
    database = open_database("sqlite://")
    with transaction(database) as connection:
        THING.create(connection)
        TALLY.create(connection)
        inner = connection.begin_nested()
        connection.execute(sa.insert(THING).values(id="p", place="here", is_open=True))
        inner.rollback()
        assert TALLY.find(connection) == 0
    database.dispose()
