"""A live camera that gives way as far as the robot needs it, and comes back gently. Knows no Qt."""

import math

from sim.framing import CameraShift, Extent, Framed, Framing, SideView
from sim.render import FrameRequest
from sim.task import CameraPose, Task

COME_BACK_SECONDS = 1.5
"""In so much time a camera that gave way comes back by about two thirds: sooner, the picture would pump."""


class SteadyCamera:
    """Has everything that moves in every picture of one live view."""

    def __init__(self, task: Task) -> None:
        """Has not given way yet."""
        self._framing = Framing(task)
        self._at = -math.inf
        self._side: CameraShift | None = None

    def frame(self, request: FrameRequest, before: CameraShift | None, now: float) -> Framed:
        """How the cameras of the next picture give way.

        Args:
            request: the picture, from where it is seen if all is in it.
            before: how its camera gave way in the last picture; None makes it give way no further than it must.
            now: seconds of a clock that never goes back.
        """
        pose = request.camera
        seen = [self._framing.poses(request.state[None])]
        where = SideView(request.side_view)
        main, side = self._framing.extents(seen, pose, request.width, request.height, where)
        kept = math.exp((self._at - now) / COME_BACK_SECONDS)
        framed = Framed(_give_way(main, before, pose, kept), _give_way(side, self._side, pose, kept))
        self._at, self._side = now, framed.side
        return framed


def _give_way(extent: Extent, before: CameraShift | None, pose: CameraPose, kept: float) -> CameraShift:
    """As far as it must, and of how it gave way before so much (0 to 1) as is kept."""
    if before is None:
        return extent.give_way(CameraShift(0.0, 0.0, pose.distance))
    back = kept * max(0.0, before.distance - pose.distance)
    return extent.give_way(CameraShift(kept * before.right, kept * before.up, pose.distance + back))
