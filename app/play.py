"""Plays an exported policy: its true score, its falls, a video."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.progress import Countdown
from sim.score import EPISODES, evaluate

if TYPE_CHECKING:
    from app.bundle import Bundle

PERCENT = 100


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
        UserError: no bundle, or a file that cannot be written.
    """
    from app.bundle import load_bundle

    bundle = load_bundle(folder)
    if video is not None or sheet is not None:
        _draw(bundle, seed, video, sheet)
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


def _draw(bundle: "Bundle", seed: int, video: Path | None, sheet: Path | None) -> None:
    """Draws the first episode that has a success in it."""
    from app.bundle_preview import draw_sheet, film, record_success

    recording = record_success(bundle.task, bundle.act, seed)
    if not recording.successes:
        print("The policy was not seen to succeed: the pictures show an ordinary episode.", file=sys.stderr)
    if sheet is not None:
        draw_sheet(bundle.task, recording, sheet)
    if video is not None:
        countdown = Countdown("percent of the video")
        film(bundle.task, recording.clip, video, lambda share: countdown.show(round(PERCENT * share), PERCENT))
        countdown.end()
