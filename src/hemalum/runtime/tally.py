"""How many rows of a large table have which values, without counting them.

SQLite keeps the numbers in a table that triggers bring after the rows; it has one writer at a time, so nobody
waits for them. In PostgreSQL every writer would wait for every other at the same few numbers, and an index is
counted soon enough there.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa


@dataclass(frozen=True)
class Tally:
    """The numbers of rows of a table by the values of some of its columns, none of which is ever null.

    In SQLite a migration that makes the table anew drops the triggers, and has to make them again.
    """

    table: str
    columns: tuple[str, ...]

    def create(self, connection: sa.Connection) -> None:
        """Begin to keep the numbers, those of the rows that are there already, too; for migrations."""
        if connection.dialect.name == "sqlite":
            for statement in self._sqlite():
                connection.exec_driver_sql(statement)

    def find(self, connection: sa.Connection, **values: Collection[Any]) -> int | None:
        """How many rows have one of these values in each of these columns; None where nobody keeps count."""
        if connection.dialect.name != "sqlite":
            return None
        kept = sa.table(self._name, *map(sa.column, (*self.columns, "rows")))
        wanted = [kept.c[name].in_(list(among)) for name, among in values.items()]
        total = sa.func.coalesce(sa.func.sum(kept.c.rows), 0)
        return int(connection.execute(sa.select(total).where(*wanted)).scalar_one())

    @property
    def _name(self) -> str:
        return f"{self.table}_tally"

    def _sqlite(self) -> Iterable[str]:
        name, table, names = self._name, self.table, ", ".join(self.columns)
        changed = " OR ".join(f"old.{one} <> new.{one}" for one in self.columns)
        more = (
            f"INSERT INTO {name} VALUES ({', '.join(f'new.{one}' for one in self.columns)}, 1)"
            f" ON CONFLICT DO UPDATE SET rows = rows + 1;"
        )
        less = (
            f"UPDATE {name} SET rows = rows - 1"
            f" WHERE {' AND '.join(f'{one} = old.{one}' for one in self.columns)};"
        )
        yield f"CREATE TABLE {name} ({names}, rows INTEGER NOT NULL, PRIMARY KEY ({names})) WITHOUT ROWID"
        yield f"CREATE TRIGGER {name}_insert AFTER INSERT ON {table} BEGIN {more} END"
        yield f"CREATE TRIGGER {name}_delete AFTER DELETE ON {table} BEGIN {less} END"
        yield (
            f"CREATE TRIGGER {name}_update AFTER UPDATE OF {names} ON {table} WHEN {changed}"
            f" BEGIN {less} {more} END"
        )
        yield f"INSERT INTO {name} SELECT {names}, count(*) FROM {table} GROUP BY {names}"
