"""Where a picture is taken from: moving a free camera, and the projection that belongs to it. Needs no OpenGL."""

import math
from dataclasses import dataclass, replace

import mujoco
import numpy as np

from sim.task import CameraPose, Floats

FOVY = 45.0
"""MuJoCo's default vertical field of view of a free camera, degrees."""
ELEVATION_RANGE = (-89.0, 15.0)
"""From straight above to slightly below the horizon, degrees; MuJoCo counts looking down as negative."""
DISTANCE_RANGE = (0.5, 30.0)
"""Metres between the camera and what it looks at."""
RIGHT_ANGLE = 90.0
LOW_ELEVATION = -12.0
"""Degrees: from hardly above the ground."""
FREE_HEIGHT = 0.15
"""A followed body may be so much higher than `lookat`, as a share of the distance, before the camera rises too."""


def orbit(pose: CameraPose, azimuth: float, elevation: float) -> CameraPose:
    """Turns the camera about what it looks at by so many degrees; the elevation stays within ELEVATION_RANGE."""
    lowest, highest = ELEVATION_RANGE
    turned = (pose.azimuth + azimuth) % 360.0
    return replace(pose, azimuth=turned, elevation=min(max(pose.elevation + elevation, lowest), highest))


def pan(pose: CameraPose, right: float, up: float, fovy: float = FOVY) -> CameraPose:
    """Moves what is seen to the right and up, by shares of the picture's height, as when it is dragged."""
    metres = 2.0 * pose.distance * math.tan(math.radians(fovy) / 2.0)
    _, axis_right, axis_up = axes(pose)
    moved = np.asarray(pose.lookat) - metres * (right * axis_right + up * axis_up)
    return replace(pose, lookat=(float(moved[0]), float(moved[1]), float(moved[2])))


def zoom(pose: CameraPose, factor: float) -> CameraPose:
    """Makes what is looked at `factor` times as large; the distance stays within DISTANCE_RANGE."""
    if not factor > 0.0:
        raise ValueError(f"a zoom factor is positive, found {factor}")
    nearest, farthest = DISTANCE_RANGE
    return replace(pose, distance=min(max(pose.distance / factor, nearest), farthest))


def at_right_angles(pose: CameraPose) -> CameraPose:
    """The same camera, gone a quarter turn round what it looks at."""
    return orbit(pose, RIGHT_ANGLE, 0.0)


def beside(pose: CameraPose) -> CameraPose:
    """The camera gone a quarter turn the other way, hardly above the ground: it sees what is off the ground."""
    turned = orbit(pose, -RIGHT_ANGLE, 0.0)
    return replace(turned, elevation=max(turned.elevation, LOW_ELEVATION))


def between(first: CameraPose, last: CameraPose, share: float) -> CameraPose:
    """The pose so far on the way from one to another, 0 to 1; azimuths as they are written, not the shorter way."""

    def mix(a: float, b: float) -> float:
        return a + share * (b - a)

    x, y, z = (mix(a, b) for a, b in zip(first.lookat, last.lookat, strict=True))
    return replace(
        first,
        azimuth=mix(first.azimuth, last.azimuth),
        elevation=mix(first.elevation, last.elevation),
        distance=mix(first.distance, last.distance),
        lookat=(x, y, z),
    )


def axes(pose: CameraPose) -> tuple[Floats, Floats, Floats]:
    """The camera's unit vectors forward, right and up, each (3,), in the world."""
    azimuth, elevation = math.radians(pose.azimuth), math.radians(pose.elevation)
    flat = np.array([math.cos(azimuth), math.sin(azimuth), 0.0])
    vertical = np.array([0.0, 0.0, 1.0])
    forward = math.cos(elevation) * flat + math.sin(elevation) * vertical
    up = -math.sin(elevation) * flat + math.cos(elevation) * vertical
    right = np.array([math.sin(azimuth), -math.cos(azimuth), 0.0])
    return forward, right, up


@dataclass(frozen=True, slots=True, eq=False)
class CameraView:
    """A camera at work: its place in the world and the picture's size. The pinhole model that MuJoCo draws with."""

    position: Floats
    """(3,) metres."""
    forward: Floats
    """(3,) unit vector, as are the next two."""
    right: Floats
    up: Floats
    focal: float
    """Focal length in pixels."""
    width: int
    height: int
    """Pixels."""

    def ray(self, column: float, row: float) -> Floats:
        """The unit vector (3,) from the camera through a pixel, for finding what a pointer points at."""
        across, down = column - self.width / 2.0, row - self.height / 2.0
        direction = self.focal * self.forward + across * self.right - down * self.up
        return np.asarray(direction / np.linalg.norm(direction))


def followed_lookat(pose: CameraPose, body: Floats | None) -> tuple[float, float, float]:
    """The point looked at, in the world: `lookat`, plus the horizontal position of a followed body (3,) if any.

    It rises only with a body that would leave the picture: a robot that jumps is seen to leave the floor.
    """
    x, y, z = pose.lookat
    if body is None:
        return x, y, z
    rise = max(0.0, float(body[2]) - z - FREE_HEIGHT * pose.distance)
    return x + float(body[0]), y + float(body[1]), z + rise


def aim(lens: mujoco.MjvCamera, pose: CameraPose, body: Floats | None) -> None:
    """Sets a free camera of MuJoCo's to a pose; `body` (3,) is where a followed body is, if one is followed."""
    lens.azimuth, lens.elevation, lens.distance = pose.azimuth, pose.elevation, pose.distance
    lens.lookat[:] = followed_lookat(pose, body)


def view(pose: CameraPose, body: Floats | None, width: int, height: int, fovy: float = FOVY) -> CameraView:
    """The camera of `pose` for a picture of this size.

    Args:
        pose: the camera.
        body: (3,) position of the body that `pose.follow` names; None when it names none.
        width: of the picture, pixels.
        height: of the picture, pixels.
        fovy: vertical field of view, degrees.
    """
    forward, right, up = axes(pose)
    position = np.asarray(followed_lookat(pose, body)) - pose.distance * forward
    focal = height / 2.0 / math.tan(math.radians(fovy) / 2.0)
    return CameraView(position, forward, right, up, focal, width, height)
