"""How a teacher steers practice, and the curve of reward against KL.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

from app.store.migrations.versions.r0002_presses import keep_append_only

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "steering_event",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("mode", sa.String(16), nullable=True),
        sa.Column("value", sa.Double(), nullable=True),
        sa.Column("supersedes", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("teacher", sa.String(16), nullable=False),
        sa.Column("peeking", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_steering_event"),
        sa.ForeignKeyConstraint(["supersedes"], ["steering_event.id"], name="fk_steering_event_supersedes"),
        sa.UniqueConstraint("supersedes", name="uq_steering_event_supersedes"),
    )
    op.create_table(
        "meter_point",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("iteration", sa.BigInteger(), nullable=False),
        sa.Column("labels", sa.Integer(), nullable=False),
        sa.Column("env_steps", sa.BigInteger(), nullable=False),
        sa.Column("kl", sa.Double(), nullable=True),
        sa.Column("kl_error", sa.Double(), nullable=True),
        sa.Column("learned_reward", sa.Double(), nullable=False),
        sa.Column("learned_reward_std", sa.Double(), nullable=False),
        sa.Column("true_score", sa.Double(), nullable=False),
        sa.Column("falls_per_10s", sa.Double(), nullable=False),
        sa.Column("policy", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("version", name="pk_meter_point"),
    )
    keep_append_only(op.get_context().dialect.name, ("steering_event",))


def downgrade() -> None:
    """An older program would not know what to do with it."""
    raise NotImplementedError("steering cannot be put into the second layout")
