"""The hand that moves a free camera: orbit, pan, zoom, follow or stay. Knows no Qt."""

from dataclasses import replace

import numpy as np

from sim import camera as cameras
from sim.framing import CameraShift
from sim.task import CameraPose, Floats, Task

DEGREES_PER_HEIGHT = 120.0
"""A drag over the whole height of a picture turns the camera by this."""
ZOOM_PER_NOTCH = 1.15
"""One notch of the wheel makes the robot this much larger."""


class CameraHand:
    """Where a live view is seen from."""

    def __init__(self, task: Task) -> None:
        """As the task wants to be seen."""
        self._task = task
        self.pose: CameraPose = task.camera
        self._tied = False
        self.shown: CameraShift | None = None
        """How the camera gave way in the last picture: panning and zooming go on from what was seen."""

    @property
    def following(self) -> bool:
        """Whether the camera goes with the robot."""
        return self.pose.follow is not None

    def stand(self, pose: CameraPose | None) -> None:
        """Stays at a pose, whatever is dragged; None lets it go, as the task wants to be seen."""
        self._tied, self.shown = pose is not None, None
        self.pose = self._task.camera if pose is None else pose

    def body(self, positions: Floats) -> Floats | None:
        """The position (3,) of the followed body among those of all bodies (nbody, 3); None if none is followed."""
        if self.pose.follow is None:
            return None
        return np.asarray(positions[self._task.model.body(self.pose.follow).id])

    def orbit(self, across: float, down: float) -> None:
        """Turns as a drag by shares of the picture's height does: the scene goes with the pointer."""
        self._move(cameras.orbit(self.pose, -across * DEGREES_PER_HEIGHT, -down * DEGREES_PER_HEIGHT))

    def pan(self, across: float, down: float) -> None:
        """Moves what is seen along with a drag by shares of the picture's height."""
        seen = self.pose if self.shown is None else replace(self.shown, distance=self.pose.distance).of(self.pose)
        if self._move(cameras.pan(seen, across, -down)) and self.shown is not None:
            self.shown = replace(self.shown, right=0.0, up=0.0)

    def zoom(self, notches: float) -> None:
        """Goes nearer by so many notches of the wheel, or farther if negative."""
        pose = self.pose if self.shown is None else replace(self.pose, distance=self.shown.distance)
        if self._move(cameras.zoom(pose, ZOOM_PER_NOTCH**notches)) and self.shown is not None:
            self.shown = replace(self.shown, distance=self.pose.distance)

    def follow(self, on: bool, positions: Floats) -> None:
        """Goes with the robot, or stays where it is now; the picture does not jump when it stays."""
        if on == self.following:
            return
        if on:
            self._move(replace(self.pose, follow=self._task.camera.follow, lookat=self._task.camera.lookat))
        else:
            self._move(replace(self.pose, follow=None, lookat=cameras.followed_lookat(self.pose, self.body(positions))))

    def home(self) -> None:
        """Back to how the task wants to be seen."""
        if self._move(self._task.camera):
            self.shown = None

    def _move(self, pose: CameraPose) -> bool:
        """Takes a pose, unless it is tied to one; returns whether it did."""
        if not self._tied:
            self.pose = pose
        return not self._tied
