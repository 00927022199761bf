"""Where in a picture all that moves is, found without what frames it."""

from dataclasses import replace

import numpy as np

from sim import camera as cameras
from sim.cues import project
from sim.framing import CameraShift, Framing, Poses
from sim.scenes import FrameRequest
from sim.task import CameraPose, Floats, Task


def outermost(task: Task, poses: Poses, pose: CameraPose, shift: CameraShift, size: tuple[int, int]) -> Floats:
    """(4,) left, top, right and bottom of all that moves, as shares of half the picture from its middle."""
    follows = None if pose.follow is None else poses.bodies[:, task.model.body(pose.follow).id]
    looked_at = np.array(
        [cameras.followed_lookat(pose, None if follows is None else follows[row]) for row in range(len(poses.points))]
    )
    # the camera stands still, and the world moves past what it looks at
    still = shift.of(replace(pose, follow=None, lookat=(0.0, 0.0, 0.0)))
    view = cameras.view(still, None, *size, float(task.model.vis.global_.fovy))
    rims = poses.radii[:, None, None] * np.array([view.right, -view.right, view.up, -view.up])
    pixels, in_front = project((poses.points - looked_at[:, None])[:, :, None] + rims, view)
    assert in_front.all(), "something is behind the camera"
    middle = np.array(size) / 2.0
    shares = (pixels.reshape(-1, 2) - middle) / middle
    return np.concatenate([shares.min(axis=0), shares.max(axis=0)])


def seen_in(request: FrameRequest) -> Floats:
    """(4,) the same of a picture that is asked for."""
    usual = CameraShift(0.0, 0.0, request.camera.distance)
    shift = usual if request.framed is None else request.framed.main
    poses = Framing(request.task).poses(request.state[None])
    return outermost(request.task, poses, request.camera, shift, (request.width, request.height))
