"""Takes the policy away: scores it, writes its card, and hands both to `app.bundle`."""

import platform
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from app.labelling import Labelling
from app.restoring import catch_up
from app.session import Session, open_to_read, own_version
from app.trainers import Trainers
from learning.messages import Choice, Snapshot
from sim.policy import PolicyWeights
from sim.score import EPISODES, Evaluation, evaluate
from sim.task import Task

SCORING_SEED = 1_000_003
"""Starts of the scored episodes: never a session's own."""
VERSIONED = ("mujoco", "torch", "numpy")
"""Packages whose versions decide what a policy does."""
LIMITS = (
    "It was taught and scored in simulation only, from the task's normal start, with deterministic actions.",
    "It knows this robot model alone; see model.xml.",
    "The learned reward is the reward model's own opinion, not a measure of success: the true score is.",
)


@dataclass(frozen=True, slots=True)
class Facts:
    """What a model card needs to know of a session, gathered at one instant."""

    task: Task
    policy: PolicyWeights
    session: str
    teacher: str
    labels: int
    label_counts: dict[str, int]
    env_steps: int
    iterations: int
    seed: int
    learned_reward: float
    peeked: bool


@dataclass(frozen=True, slots=True)
class Exported:
    """A bundle on the disk, and what its policy was scored at."""

    bundle: Path
    task: Task
    evaluation: Evaluation


def gather(session: Session, snapshot: Snapshot, labelling: Labelling) -> Facts:
    """The facts of an open session, on the teacher's thread."""
    return Facts(
        task=session.task,
        policy=snapshot.shown_policy,
        session=session.path.name,
        teacher=", ".join(sorted({*session.labels.teachers(), *session.presses.teachers()})) or "nobody",
        labels=labelling.count - labelling.choice_counts()[Choice.CANNOT_TELL] + session.presses.count(),
        label_counts=labelling.choice_counts() | session.presses.press_counts(),
        env_steps=snapshot.env_steps,
        iterations=snapshot.iteration,
        seed=session.header.seed,
        learned_reward=snapshot.learned_reward,
        peeked=session.labels.ever_peeked(),
    )


def write_export(
    facts: Facts,
    folder: Path,
    *,
    preview: bool = True,
    on_progress: Callable[[float, str], None] = lambda _share, _what: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Exported:
    """Scores the policy and writes the bundle; may run on any thread.

    Raises:
        UserError: the folder cannot be written.
    """
    from app.bundle import ModelCard, write_bundle  # onnx is slow to load, and the window needs none of it

    on_progress(0.0, "scoring the policy")
    evaluation = evaluate(facts.task, facts.policy.act, SCORING_SEED, EPISODES)
    card = ModelCard(
        session=facts.session,
        teacher=facts.teacher,
        labels=facts.labels,
        label_counts=facts.label_counts,
        env_steps=facts.env_steps,
        iterations=facts.iterations,
        seed=facts.seed,
        true_score=evaluation.true_score,
        falls_per_10s=evaluation.falls_per_10s,
        evaluation_episodes=evaluation.episodes,
        learned_reward=facts.learned_reward,
        peeked=facts.peeked,
        versions=versions(),
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        limits=LIMITS,
    )
    bundle = write_bundle(
        folder,
        task=facts.task,
        policy=facts.policy,
        card=card,
        preview=preview,
        on_progress=on_progress,
        cancelled=cancelled,
    )
    return Exported(bundle, facts.task, evaluation)


def export_policy(
    session: Session, snapshot: Snapshot, labelling: Labelling, folder: Path | None, *, preview: bool
) -> Exported:
    """Exports the shown policy of an open session to `folder`, or else into the session's own exports."""
    target = folder or session.exports / datetime.now().strftime("%Y%m%d-%H%M%S")
    return write_export(gather(session, snapshot, labelling), target, preview=preview)


def export_session(
    path: Path,
    folder: Path,
    trainers: Trainers,
    *,
    preview: bool = True,
    on_progress: Callable[[Snapshot], None] = lambda _: None,
) -> Exported:
    """Exports the policy that the session at `path` has come to; the session itself stays as it is.

    Labels that its newest checkpoint lacks are taken in first, and trained on as far as they pay for.

    Raises:
        UserError: no session, or a folder that cannot be written.
    """
    with open_to_read(path) as session:
        _, snapshot = catch_up(session, trainers, on_progress)
        labelling = Labelling(session, lambda _event: None, tuple)
        return export_policy(session, snapshot, labelling, folder, preview=preview)


def versions() -> dict[str, str]:
    """What the program runs on."""
    found = {"backflip": own_version(), "python": platform.python_version()}
    for package in VERSIONED:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "missing"
    return found
