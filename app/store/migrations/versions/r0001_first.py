"""The first layout.

Revision ID: 0001
Revises: none
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

REFUSAL = "feedback events are append-only"


def upgrade() -> None:
    """Makes all tables, and the triggers that keep feedback events append-only."""
    op.create_table(
        "meta",
        sa.Column("key", sa.String(255), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_meta"),
    )
    op.create_table(
        "pair",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("repeats", sa.Integer(), nullable=True),
        sa.Column("swapped", sa.Boolean(), nullable=False),
        sa.Column("left_clip", sa.String(255), nullable=False),
        sa.Column("right_clip", sa.String(255), nullable=False),
        sa.Column("offered_at", sa.Double(), nullable=False),
        sa.Column("iteration", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_pair"),
    )
    op.create_table(
        "feedback_event",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("pair_id", sa.Integer(), nullable=False),
        sa.Column("choice", sa.String(16), nullable=True),
        sa.Column("supersedes", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("teacher", sa.String(16), nullable=False),
        sa.Column("peeking", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_feedback_event"),
        sa.ForeignKeyConstraint(["pair_id"], ["pair.id"], name="fk_feedback_event_pair_id"),
        sa.ForeignKeyConstraint(["supersedes"], ["feedback_event.id"], name="fk_feedback_event_supersedes"),
        sa.UniqueConstraint("supersedes", name="uq_feedback_event_supersedes"),
    )
    op.create_index("ix_feedback_event_pair_id", "feedback_event", ["pair_id"])
    op.create_index(
        "uq_feedback_event_first_answer",
        "feedback_event",
        ["pair_id"],
        unique=True,
        sqlite_where=sa.text("supersedes IS NULL"),
        postgresql_where=sa.text("supersedes IS NULL"),
    )
    op.create_table(
        "taken",
        sa.Column("event_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("iteration", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("event_id", name="pk_taken"),
        sa.ForeignKeyConstraint(["event_id"], ["feedback_event.id"], name="fk_taken_event_id"),
    )
    op.create_table(
        "flag_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pair_id", sa.Integer(), nullable=False),
        sa.Column("flagged", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_flag_event"),
        sa.ForeignKeyConstraint(["pair_id"], ["pair.id"], name="fk_flag_event_pair_id"),
    )
    op.create_table(
        "peek_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("peeking", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_peek_event"),
    )
    op.create_table(
        "metric",
        sa.Column("iteration", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("labels", sa.Integer(), nullable=False),
        sa.Column("env_steps", sa.BigInteger(), nullable=False),
        sa.Column("learned_reward", sa.Double(), nullable=True),
        sa.Column("learned_reward_std", sa.Double(), nullable=True),
        sa.Column("agreement", sa.Double(), nullable=True),
        sa.Column("agreement_count", sa.Integer(), nullable=False),
        sa.Column("true_score", sa.Double(), nullable=True),
        sa.Column("falls_per_10s", sa.Double(), nullable=True),
        sa.Column("leash_used", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("iteration", name="pk_metric"),
    )
    op.create_table(
        "digest",
        sa.Column("iteration", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("events", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("iteration", "events", name="pk_digest"),
    )
    _keep_append_only(op.get_context().dialect.name)


def _keep_append_only(dialect: str) -> None:
    if dialect == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER feedback_event_no_{verb.lower()} BEFORE {verb} ON feedback_event "
                f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
            )
    elif dialect == "postgresql":
        op.execute(
            "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{REFUSAL}'; END $$"
        )
        op.execute(
            "CREATE TRIGGER feedback_event_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON feedback_event "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def downgrade() -> None:
    """There is nothing older."""
    raise NotImplementedError("the first layout has no predecessor")
