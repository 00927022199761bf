"""What the reward model says of clips, for a teacher who asks why."""

from typing import TYPE_CHECKING

import numpy as np

from learning.clip_pool import compared_features
from learning.messages import Explanation, PairExplanation
from sim.clip import Clip

if TYPE_CHECKING:
    from learning.trainer import Trainer


def explain(trainer: "Trainer", clip: Clip) -> Explanation:
    """The learned reward of each frame, in units of its spread over the first clips."""
    features = trainer.task.reward_features(clip.observations).astype(np.float64)
    return Explanation(
        (trainer.model.mean(features) - trainer.middle) / trainer.scale, trainer.model.std(features) / trainer.scale
    )


def explain_pair(trainer: "Trainer", left: Clip, right: Clip) -> PairExplanation:
    """The same of both clips of a pair, and which of them the model expects to be preferred."""
    counts = [compared_features(trainer.task, clip, trainer.config.clip_frames) for clip in (left, right)]
    chance = float(trainer.model.probability((counts[0] - counts[1])[None])[0])
    return PairExplanation(explain(trainer, left), explain(trainer, right), chance)
