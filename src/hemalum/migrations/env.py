"""How Alembic runs our migrations: always on a connection that `hemalum.runtime.db.migrate` gives it."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
