"""The tables of a session. Valid for SQLite and PostgreSQL alike."""

from sqlalchemy import BigInteger, Boolean, Double, ForeignKey, Index, Integer, LargeBinary, MetaData, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

WORD = 16
"""Longest enumeration value stored, in characters."""
PATH = 255
"""Longest file name inside the session folder."""
DIGEST = 64
"""A SHA-256 in hexadecimal."""


class Base(DeclarativeBase):
    """Names every constraint, so that later migrations can speak of it."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class Meta(Base):
    """Single facts about the session."""

    __tablename__ = "meta"

    key: Mapped[str] = mapped_column(String(PATH), primary_key=True)
    value: Mapped[str] = mapped_column(Text)


class StoredPair(Base):
    """A pair that was offered. Its clips are files in `clips/`."""

    __tablename__ = "pair"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(WORD))
    repeats: Mapped[int | None] = mapped_column(Integer)
    swapped: Mapped[bool] = mapped_column(Boolean)
    left_clip: Mapped[str] = mapped_column(String(PATH))
    right_clip: Mapped[str] = mapped_column(String(PATH))
    offered_at: Mapped[float] = mapped_column(Double)
    """Seconds since the epoch."""
    iteration: Mapped[int] = mapped_column(BigInteger)


class StoredEvent(Base):
    """A feedback event. Rows are never changed or deleted: triggers refuse it.

    The events of a pair are a chain: one first answer, and each later event supersedes the one before. So the last one
    is in force.
    """

    __tablename__ = "feedback_event"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    pair_id: Mapped[int] = mapped_column(ForeignKey("pair.id"), index=True)
    choice: Mapped[str | None] = mapped_column(String(WORD))
    """None takes the answer back."""
    supersedes: Mapped[int | None] = mapped_column(ForeignKey("feedback_event.id"), unique=True)
    created_at: Mapped[float] = mapped_column(Double)
    """Seconds since the epoch."""
    seconds: Mapped[float] = mapped_column(Double)
    """How long the teacher took."""
    teacher: Mapped[str] = mapped_column(String(WORD))
    """`person`, or the kind of the simulated one."""
    peeking: Mapped[bool] = mapped_column(Boolean)
    """Whether the true score was on the screen."""


Index(
    "uq_feedback_event_first_answer",
    StoredEvent.pair_id,
    unique=True,
    sqlite_where=StoredEvent.supersedes.is_(None),
    postgresql_where=StoredEvent.supersedes.is_(None),
)


class StoredMoments(Base):
    """Moments of a live rollout that were judged together. Rows are never changed or deleted."""

    __tablename__ = "moments"

    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    recording: Mapped[bytes] = mapped_column(LargeBinary)
    """Safetensors: `states`, `observations`, `actions` as in a clip's file, and `shares` of the credit."""


class StoredReinforcement(Base):
    """A press, silence, or one of them taken back. Append-only, in a chain for each of the moments, as answers are.

    Its ids and those of `StoredEvent` are one sequence: the order in which a teacher gave them.
    """

    __tablename__ = "reinforcement_event"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(ForeignKey("moments.number"), index=True)
    press: Mapped[str | None] = mapped_column(String(WORD))
    """None takes it back."""
    strong: Mapped[bool] = mapped_column(Boolean)
    supersedes: Mapped[int | None] = mapped_column(ForeignKey("reinforcement_event.id"), unique=True)
    created_at: Mapped[float] = mapped_column(Double)
    """Seconds since the epoch."""
    seconds: Mapped[float] = mapped_column(Double)
    """Of watching since the event before."""
    teacher: Mapped[str] = mapped_column(String(WORD))
    """`person`, or the kind of the simulated one."""
    peeking: Mapped[bool] = mapped_column(Boolean)
    """Whether the true score was on the screen."""


Index(
    "uq_reinforcement_event_first",
    StoredReinforcement.number,
    unique=True,
    sqlite_where=StoredReinforcement.supersedes.is_(None),
    postgresql_where=StoredReinforcement.supersedes.is_(None),
)


class StoredSteering(Base):
    """How the teacher steered practice, or took that back. Append-only; its ids are of the same sequence."""

    __tablename__ = "steering_event"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(WORD))
    version: Mapped[int | None] = mapped_column(Integer)
    mode: Mapped[str | None] = mapped_column(String(WORD))
    value: Mapped[float | None] = mapped_column(Double)
    supersedes: Mapped[int | None] = mapped_column(ForeignKey("steering_event.id"), unique=True)
    """The event that is taken back."""
    created_at: Mapped[float] = mapped_column(Double)
    """Seconds since the epoch."""
    teacher: Mapped[str] = mapped_column(String(WORD))
    peeking: Mapped[bool] = mapped_column(Boolean)


class StoredMeterPoint(Base):
    """A policy that had its trial, and how far it was from the reference policy, as last measured."""

    __tablename__ = "meter_point"

    version: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    generation: Mapped[int] = mapped_column(Integer)
    iteration: Mapped[int] = mapped_column(BigInteger)
    labels: Mapped[int] = mapped_column(Integer)
    env_steps: Mapped[int] = mapped_column(BigInteger)
    kl: Mapped[float | None] = mapped_column(Double)
    """Nats per second of simulation."""
    kl_error: Mapped[float | None] = mapped_column(Double)
    learned_reward: Mapped[float] = mapped_column(Double)
    learned_reward_std: Mapped[float] = mapped_column(Double)
    true_score: Mapped[float] = mapped_column(Double)
    falls_per_10s: Mapped[float] = mapped_column(Double)
    policy: Mapped[bytes] = mapped_column(LargeBinary)
    """Safetensors of `PolicyWeights`."""


class StoredTaken(Base):
    """At which iteration the trainer took an event in: an answer, a press, or steering."""

    __tablename__ = "taken_event"

    event_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    iteration: Mapped[int] = mapped_column(BigInteger)


class StoredFlag(Base):
    """A pair was flagged by the teacher, or the flag was taken off; the last row of a pair counts."""

    __tablename__ = "flag_event"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    pair_id: Mapped[int] = mapped_column(ForeignKey("pair.id"))
    flagged: Mapped[bool] = mapped_column(Boolean)
    created_at: Mapped[float] = mapped_column(Double)


class StoredPeek(Base):
    """The teacher switched the true score on or off."""

    __tablename__ = "peek_event"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    peeking: Mapped[bool] = mapped_column(Boolean)
    created_at: Mapped[float] = mapped_column(Double)


class StoredMetric(Base):
    """A point of the plots."""

    __tablename__ = "metric"

    iteration: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    labels: Mapped[int] = mapped_column(Integer)
    env_steps: Mapped[int] = mapped_column(BigInteger)
    learned_reward: Mapped[float | None] = mapped_column(Double)
    learned_reward_std: Mapped[float | None] = mapped_column(Double)
    agreement: Mapped[float | None] = mapped_column(Double)
    agreement_count: Mapped[int] = mapped_column(Integer)
    true_score: Mapped[float | None] = mapped_column(Double)
    falls_per_10s: Mapped[float | None] = mapped_column(Double)
    leash_used: Mapped[float | None] = mapped_column(Double)


class StoredDigest(Base):
    """What all learned weights hashed to between two iterations: a replay must pass through the same."""

    __tablename__ = "digest"

    iteration: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    events: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    """Events taken in by then: taking one in need not move the iteration."""
    digest: Mapped[str] = mapped_column(String(DIGEST))
