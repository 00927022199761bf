"""How far and how fast a robot got along the floor, where that is what its task asks for."""

from dataclasses import dataclass

from sim.task import Floats, Task

SPEED_SECONDS = 0.3
"""Speed is the way of so much time, divided by it: from step to step it jumps too fast to be read."""
TIME = 0
"""Column of a state that is its time, seconds; the columns of qpos follow."""


@dataclass(frozen=True, slots=True)
class Travel:
    """Where a robot is along the floor, and where it came from."""

    start: float
    """Its place at the start, metres along x."""
    distance: float
    """Metres forward of there; behind it if negative."""
    speed: float
    """Metres per second, forward."""

    @property
    def lines(self) -> tuple[str, str]:
        """Distance and speed as they stand on a picture, one below the other."""
        # adding 0 turns a rounded -0 into 0
        return f"distance {round(self.distance, 2) + 0.0:+.2f} m", f"speed {round(self.speed, 1) + 0.0:+.1f} m/s"


def travel(task: Task, start: Floats, recent: Floats) -> Travel | None:
    """How far a robot got from a state to another; None if its task asks for no motion along the floor.

    Args:
        task: whose robot.
        start: (nstate,) where it started.
        recent: (k, nstate) the last states, oldest first; the last of them is the present one. They are of one
            episode, and should reach back by SPEED_SECONDS.
    """
    if task.forward is None:
        return None
    column = TIME + 1 + task.forward
    now = recent[-1]
    past = recent[max(0, len(recent) - 1 - speed_steps(task))]
    seconds = float(now[TIME] - past[TIME])
    speed = float(now[column] - past[column]) / seconds if seconds > 0.0 else 0.0
    return Travel(float(start[column]), float(now[column] - start[column]), speed)


def speed_steps(task: Task) -> int:
    """Control steps that speed is measured over."""
    return max(1, round(SPEED_SECONDS / task.control_dt))
