"""How Alembic runs our migrations: always on a connection that `hemalum.runtime.db.migrate` gives it."""

from alembic import context

from hemalum.runtime.db import metadata

# The metadata lends its naming convention, so that constraints have the same names everywhere.
context.configure(
    connection=context.config.attributes["connection"], target_metadata=metadata, transactional_ddl=True
)
with context.begin_transaction():
    context.run_migrations()
