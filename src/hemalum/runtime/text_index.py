"""Finding a piece of text in a million rows: an index of the neighbouring characters of a column.

SQLite keeps it as a full-text table that triggers bring after the column, PostgreSQL as a GIN index. Pairs
and not words, since Chinese has no spaces between words, and numbers are searched by any part of them; by
threes, too, of letters and figures: there are but a hundred pairs of figures, and all are common.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

MOST_FOUND = 1000
"""So many of what a search finds are counted and listed; who seeks one of more says more."""
MOST_CANDIDATES = 2000
"""More rows than these are not looked up one by one: what is so common is soon found in the order of the
list."""
_FIRST_IDEOGRAPH = "\u2e80"
"""From here on a single character is a word of its own (Unicode, CJK Radicals Supplement)."""

_POSTGRESQL_FUNCTION = f"""
CREATE OR REPLACE FUNCTION hemalum_grams(body text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT coalesce(array_agg(DISTINCT gram), '{{}}') FROM (
    SELECT substr(body, i, 2) AS gram FROM generate_series(1, length(body) - 1) AS i
    UNION
    SELECT substr(body, i, 3) FROM generate_series(1, length(body) - 2) AS i
    UNION
    SELECT substr(body, i, 1) FROM generate_series(1, length(body)) AS i
    WHERE ascii(substr(body, i, 1)) >= {ord(_FIRST_IDEOGRAPH)}
  ) AS found
$$
"""


def grams_of(text: str) -> list[str]:
    """Every two and three neighbouring characters without a space, and every single ideograph; each once.

    Three only of what is no ideograph: two of those are rare enough.
    """
    return list(dict.fromkeys(gram for word in text.split() for gram in _of_word(word)))


def _of_word(word: str) -> Iterator[str]:
    yield from (word[at : at + 2] for at in range(len(word) - 1))
    threes = (word[at : at + 3] for at in range(len(word) - 2))
    yield from (each for each in threes if max(each) < _FIRST_IDEOGRAPH)
    if not word.isascii():
        yield from (each for each in word if each >= _FIRST_IDEOGRAPH)


def _grams_to_ask(words: Iterable[str]) -> list[str]:
    """Those of words that are in no other one: who has the others has them, too."""
    grams = list(dict.fromkeys(gram for word in words for gram in grams_of(word)))
    inside = {part for each in grams for part in (each[:-1], each[1:])}
    return [each for each in grams if each not in inside]


def _asked(connection: sa.Connection, grams: Sequence[str], most: int) -> dict[str, Any]:
    if connection.dialect.name == "postgresql":
        return {"grams": list(grams), "most": most}
    return {"grams": " AND ".join(map(_token, grams)), "most": most}


@dataclass(frozen=True)
class TextIndex:
    """The index of one column of text, of a table whose rows are known by one column of text.

    In SQLite a migration that makes the table anew drops the triggers, and has to make them again.
    """

    table: str
    key: str
    column: str

    def create(self, connection: sa.Connection) -> None:
        """Make the index, of what is there already, too; for migrations."""
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(_POSTGRESQL_FUNCTION)
            made = f"CREATE INDEX {self._grams} ON {self.table} USING gin (hemalum_grams({self.column}))"
            connection.exec_driver_sql(made)
            return
        for statement in self._sqlite():
            connection.exec_driver_sql(statement)

    def create_anew(self, connection: sa.Connection) -> None:
        """Replace an index that was made by other rules; for migrations."""
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"DROP INDEX {self._grams}")
        else:
            for trigger in ("insert", "update", "delete"):
                connection.exec_driver_sql(f"DROP TRIGGER {self._grams}_{trigger}")
            connection.exec_driver_sql(f"DROP TABLE {self._grams}")
            connection.exec_driver_sql(f"DROP TABLE {self._rows}")
        self.create(connection)

    def find(
        self, connection: sa.Connection, words: Iterable[str], most: int = MOST_CANDIDATES
    ) -> list[str] | None:
        """Keys of all rows that may hold all of these words; whoever asks looks at their text again.

        None when there are more than `most`, or when the words are too short to be looked for.
        """
        grams = _grams_to_ask(words)
        if not grams or self._has_more(connection, grams, most):
            return None
        return self._find(connection, grams, most)

    def find_some(
        self, connection: sa.Connection, words: Iterable[str], most: int = MOST_CANDIDATES
    ) -> tuple[list[str], bool]:
        """Keys of at most so many of these rows, and whether they are all; none, where `find` cannot look."""
        grams = _grams_to_ask(words)
        if not grams:
            return [], False
        found = self._find(connection, grams, most + 1)
        return found[:most], len(found) <= most

    @property
    def _grams(self) -> str:
        return f"{self.table}_grams"

    @property
    def _rows(self) -> str:
        """Numbers of rows that stay when the database is compacted."""
        return f"{self.table}_text"

    def _find(self, connection: sa.Connection, grams: Sequence[str], most: int) -> list[str]:
        if connection.dialect.name == "postgresql":
            statement = f"SELECT {self.key} FROM {self._holding_postgresql}"
        else:
            statement = (
                f"SELECT id FROM {self._rows} WHERE number IN (SELECT rowid FROM {self._holding_sqlite})"
            )
        return list(connection.execute(sa.text(statement), _asked(connection, grams, most)).scalars())

    def _has_more(self, connection: sa.Connection, grams: Sequence[str], most: int) -> bool:
        """Whether more rows than `most` hold all grams; their keys, each of which is looked up, are left."""
        is_postgresql = connection.dialect.name == "postgresql"
        holding = self._holding_postgresql if is_postgresql else self._holding_sqlite
        statement = sa.text(f"SELECT count(*) FROM (SELECT 1 FROM {holding}) AS found")
        count: int = connection.execute(statement, _asked(connection, grams, most + 1)).scalar_one()
        return count > most

    @property
    def _holding_postgresql(self) -> str:
        return f"{self.table} WHERE hemalum_grams({self.column}) @> :grams LIMIT :most"

    @property
    def _holding_sqlite(self) -> str:
        return f"{self._grams} WHERE {self._grams} MATCH :grams LIMIT :most"

    def _sqlite(self) -> Iterable[str]:
        rows, grams, table, key, column = self._rows, self._grams, self.table, self.key, self.column
        add = (
            f"INSERT INTO {grams} (rowid, grams)"
            f" SELECT number, hemalum_grams(new.{column}) FROM {rows} WHERE id = new.{key};"
        )
        remove = (
            f"INSERT INTO {grams} ({grams}, rowid, grams)"
            f" SELECT 'delete', number, hemalum_grams(old.{column}) FROM {rows} WHERE id = old.{key};"
        )
        yield f"CREATE TABLE {rows} (number INTEGER PRIMARY KEY, id VARCHAR(40) NOT NULL UNIQUE)"
        yield (
            f"CREATE VIRTUAL TABLE {grams} USING fts5"
            " (grams, content='', detail='none', columnsize=0, tokenize='ascii')"
        )
        yield (
            f"CREATE TRIGGER {grams}_insert AFTER INSERT ON {table} BEGIN"
            f" INSERT INTO {rows} (id) VALUES (new.{key}); {add} END"
        )
        yield (
            f"CREATE TRIGGER {grams}_update AFTER UPDATE OF {column} ON {table}"
            f" WHEN old.{column} <> new.{column} BEGIN {remove} {add} END"
        )
        yield (
            f"CREATE TRIGGER {grams}_delete AFTER DELETE ON {table} BEGIN {remove}"
            f" DELETE FROM {rows} WHERE id = old.{key}; END"
        )
        yield f"INSERT INTO {rows} (id) SELECT {key} FROM {table}"
        yield (
            f"INSERT INTO {grams} (rowid, grams) SELECT {rows}.number, hemalum_grams({table}.{column})"
            f" FROM {table} JOIN {rows} ON {rows}.id = {table}.{key}"
        )


def count_rows(connection: sa.Connection, listed: sa.Select[Any]) -> int:
    """How many rows a list has."""
    counted = listed.order_by(None).with_only_columns(sa.func.count(), maintain_column_froms=True)
    return connection.execute(counted).scalar_one()


def count_found(connection: sa.Connection, listed: sa.Select[Any]) -> int:
    """The same of what a search finds; MOST_FOUND + 1 stands for all that are more."""
    one = sa.literal(1).label("one")
    some = listed.order_by(None).with_only_columns(one, maintain_column_froms=True).limit(MOST_FOUND + 1)
    return connection.execute(sa.select(sa.func.count()).select_from(some.subquery())).scalar_one()


def teach_sqlite(connection: sqlite3.Connection) -> None:
    """Give a connection the function that the triggers call."""
    connection.create_function("hemalum_grams", 1, _tokens, deterministic=True)


def _tokens(text: Any) -> str:
    return " ".join(map(_token, grams_of(text or "")))


def _token(gram: str) -> str:
    """A gram in letters and figures: the full-text table would part a word at any other."""
    return gram.encode("utf-32-be", "surrogatepass").hex()
