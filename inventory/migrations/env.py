"""What Alembic runs: the connection comes from inventory.schema, which holds the lock and the transaction."""

from alembic import context

from inventory.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite alters a table by rebuilding it
    transaction_per_migration=False,
)
context.run_migrations()
