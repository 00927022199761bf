"""Presses of reward and punish, and the moments that they are about.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

from app.store.migrations.versions.r0001_first import REFUSAL

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

APPEND_ONLY = ("moments", "reinforcement_event")


def upgrade() -> None:
    """Makes the tables of presses, and lets `taken` be about events of either kind."""
    op.create_table(
        "moments",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("recording", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_moments"),
    )
    op.create_table(
        "reinforcement_event",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("press", sa.String(16), nullable=True),
        sa.Column("strong", sa.Boolean(), nullable=False),
        sa.Column("supersedes", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("teacher", sa.String(16), nullable=False),
        sa.Column("peeking", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_reinforcement_event"),
        sa.ForeignKeyConstraint(["number"], ["moments.number"], name="fk_reinforcement_event_number"),
        sa.ForeignKeyConstraint(["supersedes"], ["reinforcement_event.id"], name="fk_reinforcement_event_supersedes"),
        sa.UniqueConstraint("supersedes", name="uq_reinforcement_event_supersedes"),
    )
    op.create_index("ix_reinforcement_event_number", "reinforcement_event", ["number"])
    op.create_index(
        "uq_reinforcement_event_first",
        "reinforcement_event",
        ["number"],
        unique=True,
        sqlite_where=sa.text("supersedes IS NULL"),
        postgresql_where=sa.text("supersedes IS NULL"),
    )
    op.create_table(
        "taken_event",
        sa.Column("event_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("iteration", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("event_id", name="pk_taken_event"),
    )
    op.execute("INSERT INTO taken_event (event_id, iteration) SELECT event_id, iteration FROM taken")
    op.drop_table("taken")
    keep_append_only(op.get_context().dialect.name, APPEND_ONLY)


def keep_append_only(dialect: str, tables: tuple[str, ...]) -> None:
    """Makes the database refuse to change or delete rows of `tables`."""
    for table in tables:
        if dialect == "sqlite":
            for verb in ("UPDATE", "DELETE"):
                op.execute(
                    f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
                )
        elif dialect == "postgresql":
            op.execute(
                f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
            )


def downgrade() -> None:
    """An older program would not know what to do with presses."""
    raise NotImplementedError("presses cannot be put into the first layout")
