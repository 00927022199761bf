"""From real time to control steps. Knows no Qt."""

LONGEST_GAP_S = 0.1
"""After a longer break, such as a busy moment of the machine, the missed time is dropped instead of raced through."""


class Pace:
    """How many control steps are due, so that simulated time runs `speed` times as fast as real time."""

    def __init__(self, control_dt: float) -> None:
        """Real time, to begin with.

        Args:
            control_dt: seconds of simulation in one step.
        """
        self.speed = 1.0
        self._control_dt = control_dt
        self._last: float | None = None
        self._owed = 0.0
        self._held_until = 0.0

    def due(self, now: float) -> int:
        """Steps to do at `now`, seconds of a clock that never goes back."""
        last, self._last = self._last, now
        if last is None or now < self._held_until:
            return 0
        since = min(now - max(last, self._held_until), LONGEST_GAP_S)
        self._owed += since * self.speed / self._control_dt
        steps = int(self._owed)
        self._owed -= steps
        return steps

    def hold(self, until: float) -> None:
        """Does nothing until then, and owes nothing for the steps it did not do."""
        self._held_until = until
        self._owed = 0.0

    def stop(self) -> None:
        """Forgets when it was last asked: the time until the next `due` does not count."""
        self._last = None
        self._owed = 0.0
        self._held_until = 0.0
