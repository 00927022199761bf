"""Robots of which one motor goes astray, so that clips show what policies do not do."""

import numpy as np

from sim.task import Singles


class OneMotorElsewhere:
    """Of robots side by side, some have one motor told a place of its own from some moment on, whatever the others do.

    Two clips that differ in one thing tell what that thing is worth.
    """

    def __init__(self, rng: np.random.Generator, shape: tuple[int, ...], share: float = 1.0, latest: int = 0) -> None:
        """Draws which, where to and from when on.

        Args:
            rng: draws them.
            shape: how many robots, and of how many motors each.
            share: of the robots that have one astray.
            latest: it is told so within so many control steps, at once if 0.
        """
        n, motors = shape
        self._motor = rng.integers(0, motors, n)
        self._place = rng.uniform(-1.0, 1.0, n).astype(np.float32)
        begins = rng.integers(0, latest + 1, n)
        self._begins = np.where(rng.random(n) < share, begins, np.iinfo(np.int64).max)
        self._step = 0

    def bend(self, actions: Singles) -> Singles:
        """The actions (n, motors) of the next control step, changed in place."""
        rows = np.flatnonzero(self._begins <= self._step)
        actions[rows, self._motor[rows]] = self._place[rows]
        self._step += 1
        return actions
