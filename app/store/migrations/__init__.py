"""Alembic migrations of the session database, run by `app.store.database`."""
