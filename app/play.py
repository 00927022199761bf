"""Plays an exported policy: its true score, its falls, a video."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.errors import UsageError
from sim.score import EPISODES, evaluate


@dataclass(frozen=True, slots=True)
class PlayReport:
    """What a bundle's policy did; the fields of `--json`."""

    task: str
    episodes: int
    sim_seconds: float
    true_score: float
    falls_per_10s: float
    learned_reward: float | None
    """As its card says: the reward model is not in the bundle."""


def play(
    folder: Path, episodes: int = EPISODES, seed: int = 0, video: Path | None = None, sheet: Path | None = None
) -> PlayReport:
    """Scores the policy of the bundle in `folder`, and draws what was asked for.

    Raises:
        UserError: no bundle, a bad number of episodes, or a file that cannot be written.
    """
    if episodes < 1:
        raise UsageError(f"--episodes is {episodes}, wanted 1 or more.")
    if seed < 0:
        raise UsageError(f"--seed is {seed}, wanted 0 or more.")
    from app.bundle import load_bundle

    bundle = load_bundle(folder)
    evaluation = evaluate(bundle.task, bundle.act, seed, episodes)
    learned: Any = bundle.config.get("learned_reward")
    return PlayReport(
        task=bundle.task.name,
        episodes=evaluation.episodes,
        sim_seconds=evaluation.sim_seconds,
        true_score=evaluation.true_score,
        falls_per_10s=evaluation.falls_per_10s,
        learned_reward=learned if isinstance(learned, int | float) else None,
    )
