"""Rows found by a piece of their text: always all that hold it, whatever was written, changed or removed."""

import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from hemalum.runtime.db import looked_up, open_database, reading, transaction
from hemalum.runtime.text_index import MOST_FOUND, TextIndex, count_found, count_rows, grams_of

INDEX = TextIndex("thing", "id", "body")
THING = sa.Table(
    "thing",
    sa.MetaData(),
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("body", sa.Text, nullable=False),
)
texts = st.text(alphabet="ab1&-/'\" é胃窦活", max_size=12)


def made(rows: dict[str, str]) -> sa.Engine:
    """A database with rows that were there before the index was."""
    database = open_database("sqlite://")
    with transaction(database) as connection:
        THING.create(connection)
        if rows:
            connection.execute(sa.insert(THING), [{"id": key, "body": body} for key, body in rows.items()])
        INDEX.create(connection)
    return database


def find(database: sa.Engine, *words: str, most: int = 100) -> set[str] | None:
    with reading(database) as connection:
        found = INDEX.find(connection, words, most)
    return None if found is None else set(found)


def test_pairs_threes_and_ideographs() -> None:
    assert grams_of("ab a") == ["ab"]
    assert grams_of("h&e") == ["h&", "&e", "h&e"]
    assert grams_of("胃窦 a") == ["胃窦", "胃", "窦"]
    assert grams_of("a") == []


@given(
    st.dictionaries(st.sampled_from("pqrs"), texts),
    st.lists(st.tuples(st.sampled_from("pqrstu"), st.none() | texts), max_size=12),
    texts,
)
def test_nothing_that_holds_the_text_is_missed(
    rows: dict[str, str], changes: list[tuple[str, str | None]], wanted: str
) -> None:
    database = made(rows)
    with transaction(database) as connection:
        for key, body in changes:
            if body is None:
                connection.execute(sa.delete(THING).where(THING.c.id == key))
                rows.pop(key, None)
            elif key in rows:
                connection.execute(sa.update(THING).where(THING.c.id == key).values(body=body))
                rows[key] = body
            else:
                connection.execute(sa.insert(THING).values(id=key, body=body))
                rows[key] = body
    words = wanted.split()
    holding = {key for key, body in rows.items() if all(word in body for word in words)}
    together = {key for key, body in rows.items() if all(gram in grams_of(body) for gram in grams_of(wanted))}
    found = find(database, *words)
    database.dispose()
    if found is None:
        assert all(grams_of(word) == [] for word in words)
    else:
        assert holding <= found <= together | holding


def test_what_is_too_common_or_too_short_is_left_to_the_list() -> None:
    database = made({str(number): "biopsy of the stomach" for number in range(5)})
    assert find(database, "stomach", most=5) == set("01234")
    assert find(database, "stomach", most=4) is None
    assert find(database, "s") is None
    database.dispose()


def test_a_number_of_common_pairs_is_looked_up() -> None:
    rows = {str(number): f"{number:04d} 00 05 50" for number in range(100)}
    database = made(rows | {"x": "0500", "y": "00500"})
    assert find(database, "0500", most=2) == {"x", "y"}
    database.dispose()


def test_an_index_is_made_anew() -> None:
    database = made({"a": "0500", "b": "0050"})
    with transaction(database) as connection:
        INDEX.create_anew(connection)
        connection.execute(sa.insert(THING).values(id="c", body="10500"))
        connection.execute(sa.delete(THING).where(THING.c.id == "b"))
    assert find(database, "0500") == {"a", "c"}
    assert find(database, "0050") == set()
    database.dispose()


def test_compacting_the_database_changes_nothing() -> None:
    database = made({str(number): f"number {number:04d}" for number in range(9)})
    with transaction(database) as connection:
        connection.execute(sa.delete(THING).where(THING.c.id.in_(["0", "3", "4"])))
    raw = database.raw_connection()
    raw.cursor().execute("VACUUM")
    raw.close()
    assert find(database, "0007") == {"7"}
    database.dispose()


def test_a_search_counts_so_many_and_no_more() -> None:
    database = made({str(number): "x" for number in range(MOST_FOUND + 5)})
    with reading(database) as connection:
        listed = sa.select(THING.c.id).order_by(THING.c.id)
        assert count_found(connection, listed.where(THING.c.id == "7")) == 1
        assert count_found(connection, listed.where(THING.c.body == "x")) == MOST_FOUND + 1
        assert count_rows(connection, listed.where(THING.c.body == "x")) == MOST_FOUND + 5
        some = looked_up(sa.select(THING).where(THING.c.id.in_(["3", "1", "none"])))
        assert list(connection.execute(some(listed)).scalars()) == ["1", "3"]
        assert count_rows(connection, some(listed.where(THING.c.id != "1"))) == 1
    database.dispose()
