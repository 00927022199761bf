"""What a teacher who presses watches, scene after scene: the policy that practises, at times the best so far."""

import numpy as np

from sim.policy import PolicyWeights
from sim.rollout import LiveRollout, Moment
from sim.task import Singles

SCENE_SECONDS = 3.0
"""A scene in which nothing falls lasts so long, seconds of simulation."""
LYING_SECONDS = 0.8
"""A robot that fell is left lying for so long: that it lies there can be judged like everything else."""
SHOWN_SHARE = 0.3
"""Chance that a scene is of the best policy so far, from a normal start, without noise."""
DIVERSE_SHARE = 0.4
"""Chance that any other scene starts from one of the diverse starts."""


class Programme:
    """Directs a live rollout. What was never seen cannot be judged, so it shows what practice tries."""

    def __init__(self, rollout: LiveRollout, seed: int = 0) -> None:
        """Waits for policies.

        Args:
            rollout: is played.
            seed: decides which scene comes next.
        """
        self.rollout = rollout
        self._rng = np.random.default_rng(seed)
        self._best: PolicyWeights | None = None
        self._trying: PolicyWeights | None = None
        self._spread = np.zeros(rollout.task.action_size, np.float32)
        self._scene_steps = round(SCENE_SECONDS / rollout.task.control_dt)
        self._played, self._fallen = 0, False
        rollout.lie_steps = round(LYING_SECONDS / rollout.task.control_dt)
        self.of_best = False
        """Whether the present scene is of the best policy."""

    def set_policies(self, best: PolicyWeights, trying: PolicyWeights, spread: Singles) -> None:
        """What there is to show from now on; the present scene goes on with it.

        Args:
            best: the shown policy.
            trying: the one that practises,
            spread: and (nu,) the standard deviation of the noise with which it tries things.
        """
        first = self._best is None
        self._best, self._trying, self._spread = best, trying, spread
        if first:
            self._begin()
        self._cast()

    def step(self) -> Moment:
        """One control step; CUT at a scene's end, after which another one begins."""
        moment = self.rollout.step()
        self._played += 1
        self._fallen |= moment is Moment.FALL
        # who fell has its time on the floor, however long the scene was before
        if moment is not Moment.CUT and (self._fallen or self._played < self._scene_steps):
            return moment
        self._begin()
        self.rollout.restart()
        return Moment.CUT

    def stop(self) -> None:
        """The rollout is the best policy's alone again, from normal starts."""
        self.rollout.policy, self.rollout.spread = self._best, np.zeros_like(self._spread)
        self.rollout.diverse_share, self.rollout.lie_steps = 0.0, 0

    def _begin(self) -> None:
        self._played, self._fallen = 0, False
        self.of_best = bool(self._rng.random() < SHOWN_SHARE)
        self.rollout.diverse_share = 0.0 if self.of_best else DIVERSE_SHARE
        self._cast()

    def _cast(self) -> None:
        self.rollout.policy = self._best if self.of_best else self._trying
        self.rollout.spread = np.zeros_like(self._spread) if self.of_best else self._spread
