"""The seed corpus: a session with answers, presses and a checkpoint, and a bundle, made by the program itself."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np

from app.bundle import load_bundle, write_bundle
from app.session import DATABASE, NewSession
from app.teach import teach
from app.trainers import LearningTrainers
from sim.registry import get_task

TASK = "hopper-backflip"
TINY: dict[str, Any] = {
    "nsim": 4, "rollout_steps": 4, "hidden": [4], "schedule": [[3, 2], [100, 1]], "trial_episodes": 1, "trial_every": 2,
    "broad_clips": 20, "recent_clips": 10, "clips_per_trial": 3, "candidates": 20, "meter_rollouts": 2,
    "meter_seconds": 0.1, "clip_frames": 6, "audition_frames": 12, "repertoire": 3,
}  # fmt: skip
"""A trainer whose whole state is small, so that many cases a second can be made of it."""
SESSION, BUNDLE = "session", "bundle"


def make_corpus(folder: Path) -> None:
    """Makes the corpus in `folder`; nothing if it is there already."""
    if folder.exists():
        return
    part = folder.with_name(folder.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    lesson = NewSession(TASK, 4, "oracle", feedback="compare,press", minutes=0.7)
    teach(lesson, part, preview=False, trainers=LearningTrainers(TINY))
    for name in ("session.log", "lock"):
        (part / SESSION / name).unlink(missing_ok=True)
    with closing(sqlite3.connect(part / SESSION / DATABASE)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
        connection.execute("VACUUM")
    task, bundle = get_task(TASK), load_bundle(part / BUNDLE)
    features = task.reward_features(np.zeros((1, task.observation_size), np.float32)).shape[1]
    reward = {"mean": np.ones(features, np.float32)}
    write_bundle(part / BUNDLE, task=task, policy=bundle.policy, card=bundle.card, reward=reward, preview=False)
    part.rename(folder)
