"""How long something that goes on steadily will still take, from how far it has come. Knows neither Qt nor clocks."""

LEAST_SECONDS = 2.0
"""Before that nothing is known: the first steps say little."""
LEAST_SHARE = 0.02
"""And nothing before so much of it was done."""
STALLED_SECONDS = 8.0
"""What has not moved for so long has no end in sight."""
STEP_SECONDS = 5
"""Estimates are told in steps of this: a number that changes all the time is read all the time."""
MINUTE = 60


class Remaining:
    """The rate since the beginning, carried on."""

    def __init__(self) -> None:
        """Nothing was seen yet."""
        self.restart()

    def restart(self) -> None:
        """Begins anew."""
        self._first: tuple[float, float] | None = None
        self._last: tuple[float, float] | None = None
        self._now = 0.0

    def look(self, share: float, now: float) -> None:
        """Takes in how far it has come.

        Args:
            share: what is done, 0 to 1.
            now: seconds of a clock that never goes back.
        """
        if self._first is None or self._last is None or share < self._last[0]:
            self._first = self._last = share, now
        elif share > self._last[0]:
            self._last = share, now
        self._now = now

    @property
    def done(self) -> float:
        """The share of what was left at the beginning that is done, 0 to 1."""
        if self._first is None or self._last is None or self._first[0] >= 1.0:
            return 0.0
        return (self._last[0] - self._first[0]) / (1.0 - self._first[0])

    @property
    def seconds(self) -> float | None:
        """What it will still take; None while that cannot be said."""
        if self._first is None or self._last is None or self._now - self._last[1] > STALLED_SECONDS:
            return None
        gained, took = self._last[0] - self._first[0], self._last[1] - self._first[1]
        if gained < LEAST_SHARE or took < LEAST_SECONDS:
            return None
        return max(0.0, (1.0 - self._last[0]) * took / gained - (self._now - self._last[1]))


def left_words(seconds: float | None) -> str:
    """Returns an estimate in words, such as `about 40 s left`."""
    if seconds is None:
        return "estimating how long that takes"
    rounded = STEP_SECONDS * max(1, round(seconds / STEP_SECONDS))
    if rounded <= STEP_SECONDS:
        return "a few seconds left"
    minutes, rest = divmod(rounded, MINUTE)
    return f"about {minutes} min {rest} s left" if minutes else f"about {rest} s left"
