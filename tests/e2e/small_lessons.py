"""The program as a user starts it, but new sessions train with less: fewer simulations, shorter evaluations.

Usage: python -m tests.e2e.small_lessons ARGUMENTS OF BACKFLIP

For tests whose assertions do not depend on how much is trained. A session keeps the configuration that it began with,
so the plain program continues and replays it with the same numbers.
"""

import sys
from typing import Any

from app.trainers import LearningTrainers

SMALL: dict[str, Any] = {
    "nsim": 48, "rollout_steps": 16, "hidden": [16], "trial_episodes": 2, "broad_clips": 100, "recent_clips": 60,
    "clips_per_trial": 8, "candidates": 200, "meter_rollouts": 2, "meter_seconds": 0.2,
}  # fmt: skip
"""Fields of the trainer's configuration; the schedule and all that decides which pair is asked stay as they are."""
SHORT: dict[str, Any] = SMALL | {"schedule": [[3, 2], [8, 12], [50, 4]], "trial_every": 6, "worth_leap": 0.0}
"""The same with training from the fourth label on, and a better policy on the screen at once."""


def train_less(fields: dict[str, Any]) -> None:
    """New sessions of this process have these fields in their configuration, unless the program says otherwise."""
    LearningTrainers.__init__.__defaults__ = (fields,)  # type: ignore[misc]


def main() -> None:
    """The console script's own main."""
    from app import cli

    train_less(SMALL)
    cli.main(sys.argv[1:])


if __name__ == "__main__":
    main()
