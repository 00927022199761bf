"""Where two clips are, in step: one position for both, which loops. Knows neither Qt nor pictures."""

from dataclasses import dataclass

TICK_SECONDS = 0.032
"""Real time from picture to picture: every second frame of the 16 ms tasks, so that none is skipped or shown twice."""
CUT_SECONDS = 0.35
"""How long the cut between two loops lasts, so that it does not look like a fall."""
SPEEDS = (0.25, 0.5, 1.0, 2.0)
NORMAL_SPEED = 1.0
FRAGMENT_SPEED = 0.5
"""Short clips are played slowly: 0.4 s are over before one has looked."""


@dataclass(slots=True)
class Playback:
    """The playing of one pair."""

    length: int
    """Frames of the longer clip; the shorter one waits at its end."""
    dt: float
    """Seconds of simulation from frame to frame."""
    speed: float = NORMAL_SPEED
    playing: bool = True
    position: float = 0.0
    """Frames from the start, below `length`."""
    cut_left: float = 0.0
    """Seconds that the cut still lasts; 0 while the clips run."""

    def __post_init__(self) -> None:
        if self.length < 1 or not self.dt > 0.0:
            raise ValueError(f"a pair has a frame at least and time passes, found {self.length} frames of {self.dt} s")

    @property
    def frame(self) -> int:
        """The frame that both clips show, each as far as it goes."""
        return min(int(self.position), self.length - 1)

    @property
    def seconds(self) -> float:
        """Simulated time from the start."""
        return self.frame * self.dt

    @property
    def total_seconds(self) -> float:
        """Simulated time of the longer clip."""
        return self.length * self.dt

    @property
    def cut_share(self) -> float:
        """How far the cut has come, 0 to 1; 0 while the clips run."""
        return 1.0 - self.cut_left / CUT_SECONDS if self.cut_left > 0.0 else 0.0

    def advance(self, seconds: float, drawn: int | None = None) -> None:
        """Lets real time pass.

        Args:
            seconds: how much.
            drawn: frames from the start that can be shown of both clips, where time stands still; None is all.
        """
        if not self.playing:
            return
        if self.cut_left > 0.0:
            self.cut_left = max(0.0, self.cut_left - seconds)
            if self.cut_left == 0.0:
                self.position = 0.0
            return
        reached = self.position + seconds * self.speed / self.dt
        if drawn is not None and drawn < self.length:
            reached = min(reached, max(self.position, drawn - 1.0))
        if reached >= self.length:
            # it begins with this tick: one that shows nothing new would look like a hold-up
            reached, self.cut_left = self.length - 1.0, max(CUT_SECONDS - seconds, seconds)
        self.position = reached

    def seek(self, frame: float) -> None:
        """Goes to a frame, as a hand on the timeline does."""
        self.position = min(max(frame, 0.0), self.length - 1.0)
        self.cut_left = 0.0

    def step(self, frames: int) -> None:
        """Stops, and goes so many frames on or back; over an end it comes in again at the other."""
        self.playing = False
        self.seek((self.frame + frames) % self.length)

    def replay(self) -> None:
        """Plays from the start."""
        self.seek(0)
        self.playing = True

    def change_speed(self, steps: int) -> None:
        """So many of SPEEDS faster, or slower if negative; as far as they go."""
        nearest = min(range(len(SPEEDS)), key=lambda number: abs(SPEEDS[number] - self.speed))
        self.speed = SPEEDS[min(max(nearest + steps, 0), len(SPEEDS) - 1)]
