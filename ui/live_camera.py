"""The camera of a live view."""

from collections.abc import Callable

from sim.task import CameraPose
from ui.live_player import LivePlayer


class LiveCamera:
    """Where a live view is seen from. Knows no Qt."""

    def __init__(self, moved: Callable[[], None]) -> None:
        """Looks at nothing yet; `moved` has a picture drawn from where the camera is now."""
        self._moved = moved
        self.player: LivePlayer | None = None
        """What it looks at; None without a robot."""

    @property
    def following(self) -> bool:
        """Whether the camera goes with the robot."""
        return self.player is not None and self.player.hand.following

    def set_follow(self, on: bool) -> None:
        """Goes with the robot, or stays."""
        self._move(lambda player: player.set_follow(on))

    def orbit(self, across: float, down: float) -> None:
        """Turns the camera as a drag by so many heights of the picture would."""
        self._move(lambda player: player.hand.orbit(across, down))

    def pan(self, across: float, down: float) -> None:
        """Moves what is seen along with a drag by so many heights of the picture."""
        self._move(lambda player: player.hand.pan(across, down))

    def zoom(self, notches: float) -> None:
        """Goes nearer by so many notches of the wheel."""
        self._move(lambda player: player.hand.zoom(notches))

    def stand(self, pose: CameraPose | None) -> None:
        """Looks from a pose that no drag moves; None lets the camera go."""
        self._move(lambda player: player.hand.stand(pose))

    def reset(self) -> None:
        """Looks from where the task wants to be seen."""
        self._move(lambda player: player.hand.home())

    def _move(self, change: Callable[[LivePlayer], None]) -> None:
        if self.player is not None:
            change(self.player)
            self._moved()
