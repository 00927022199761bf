"""Whether all that moves is in a picture, and how a camera gives way until it is. Needs no OpenGL.

For instance, one steady camera for a whole clip:

    framing = Framing(task)
    framed = framing.frame([framing.poses(clip.states)], task.camera, 480, 360)
    picture = renderer.render(FrameRequest(task, clip.states[0], task.camera, framed=framed))
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import IntEnum

import mujoco
import numpy as np
from numpy.typing import NDArray

from sim import camera as cameras
from sim.quiet import silence
from sim.task import CameraPose, Floats, Task

MARGIN = 0.06
"""Share of half a picture's width and height that stays free at each edge."""
INSET_SHARE = 0.30
"""Width and height of the second view, as a share of the picture's."""
INSET_MARGIN = 8
"""Pixels between the second view and the picture's edge."""
NEAR = 0.05
"""Nothing that moves comes nearer to the camera's plane than this, metres."""
SHOWN_GROUPS = 3
"""MuJoCo draws geoms of the first groups only, unless it is told otherwise."""
FULL_STATE = mujoco.mjtState.mjSTATE_FULLPHYSICS
BOX_CORNERS = np.array([(x, y, z) for x in (-1.0, 1.0) for y in (-1.0, 1.0) for z in (-1.0, 1.0)])


class SideView(IntEnum):
    """Where the second view is; as a truth value, whether there is one."""

    NONE = 0
    CORNER = 1
    """In the upper right corner of the first: a robot on the floor needs the lower ones."""
    BESIDE = 2
    """In the right half of the picture, as large as the first."""

    def main_size(self, width: int, height: int) -> tuple[int, int]:
        """(width, height) of the first view in a picture of this size, pixels."""
        return (width - width // 2, height) if self is SideView.BESIDE else (width, height)

    def second(self, pose: CameraPose) -> CameraPose:
        """The second camera, where the first one is at `pose`."""
        return cameras.beside(pose) if self is SideView.BESIDE else cameras.at_right_angles(pose)


@dataclass(frozen=True, slots=True)
class CameraShift:
    """How a camera has given way: moved in the plane of its picture, and to another distance."""

    right: float
    """Metres to the right,"""
    up: float
    """and up, as the camera sees it."""
    distance: float
    """Metres from what it looks at."""

    def of(self, pose: CameraPose) -> CameraPose:
        """The pose that the camera has given way to, from `pose`."""
        _, right, up = cameras.axes(pose)
        x, y, z = np.asarray(pose.lookat) + self.right * right + self.up * up
        return replace(pose, distance=self.distance, lookat=(float(x), float(y), float(z)))


@dataclass(frozen=True, slots=True)
class Framed:
    """How both cameras of a picture have given way."""

    main: CameraShift
    side: CameraShift
    """Of the second view, at right angles."""


@dataclass(frozen=True, slots=True, eq=False)
class Poses:
    """Where all that moves was, in some states."""

    points: Floats
    """(T, P, 3) metres, in the world: centres of balls that together contain all that moves."""
    radii: Floats
    """(P,) of these balls, metres."""
    bodies: Floats
    """(T, nbody, 3) metres: a camera may follow any of them."""


@dataclass(frozen=True, slots=True)
class Extent:
    """What of space a camera has to see: intercepts of the lines that its picture's edges must not cross.

    With the camera at distance D, a shift in the picture's plane keeps everything inside exactly when it is between
    `least - D * far_edge` and `most + D * near_edge`, separately to the right and up.
    """

    right: tuple[float, float]
    """Least and most to the right, metres; the next one is the same, up."""
    up: tuple[float, float]
    edges: tuple[float, float, float, float]
    """Tangents of the angles to the picture's left, right, lower and upper edge."""
    nearest: float
    """A camera nearer than this, metres, has something beside it or behind it."""

    @property
    def distance(self) -> float:
        """The least distance from which all of it can be seen, metres."""
        left, right, low, high = self.edges
        across = (self.right[0] - self.right[1]) / (left + right)
        upright = (self.up[0] - self.up[1]) / (low + high)
        return max(across, upright, self.nearest)

    def give_way(self, wish: CameraShift) -> CameraShift:
        """The shift nearest to `wish` with which all of it is in the picture; the distance changes only if it must."""
        left, right, low, high = self.edges
        distance = max(wish.distance, self.distance)
        return CameraShift(
            _between(wish.right, self.right[0] - distance * right, self.right[1] + distance * left),
            _between(wish.up, self.up[0] - distance * high, self.up[1] + distance * low),
            distance,
        )


class Framing:
    """Looks after the cameras of one task. It has simulation data of its own: one thread at a time."""

    def __init__(self, task: Task) -> None:
        """Finds out what moves."""
        self._model = task.model
        self._data = mujoco.MjData(task.model)
        silence(self._data)
        self._fovy = float(task.model.vis.global_.fovy)
        self._geoms, self._places, self._radii = moving_balls(task.model)

    def poses(self, states: Floats) -> Poses:
        """Where all that moves is in states (T, nstate), mjSTATE_FULLPHYSICS rows."""
        count, model, data = len(states), self._model, self._data
        positions = np.empty((count, len(self._geoms), 3))
        turns = np.empty((count, len(self._geoms), 9))
        bodies = np.empty((count, model.nbody, 3))
        for row, state in enumerate(states):
            mujoco.mj_setState(model, data, state, FULL_STATE)
            mujoco.mj_kinematics(model, data)
            positions[row], turns[row] = data.geom_xpos[self._geoms], data.geom_xmat[self._geoms]
            bodies[row] = data.xpos
        turned = np.einsum("tpij,pj->tpi", turns.reshape(count, -1, 3, 3), self._places)
        return Poses(positions + turned, self._radii, bodies)

    def frame(
        self,
        seen: Sequence[Poses],
        pose: CameraPose,
        width: int,
        height: int,
        side_view: SideView = SideView.NONE,
    ) -> Framed:
        """The steady cameras that have all of `seen` in their pictures.

        Args:
            seen: such as the clips of a pair, which are seen alike.
            pose: from where they would be seen if all was in the picture.
            width: of the picture, pixels.
            height: of the picture, pixels.
            side_view: where the second view is; one in a corner covers part of the first.
        """
        main, side = self.extents(seen, pose, width, height, side_view)
        wish = CameraShift(0.0, 0.0, pose.distance)
        return Framed(main.give_way(wish), side.give_way(wish))

    def extents(
        self,
        seen: Sequence[Poses],
        pose: CameraPose,
        width: int,
        height: int,
        side_view: SideView = SideView.NONE,
    ) -> tuple[Extent, Extent]:
        """What the camera of a picture, and that of its second view, have to see. Arguments as in `frame`."""
        following = None if pose.follow is None else self._followed(pose.follow)
        relative = [
            poses.points - _looked_at(pose, None if following is None else poses.bodies[:, following]) for poses in seen
        ]
        points = np.concatenate([part.reshape(-1, 3) for part in relative] or [np.zeros((0, 3))])
        radii = np.concatenate([np.tile(poses.radii, len(poses.points)) for poses in seen] or [np.zeros(0)])
        width, height = side_view.main_size(width, height)
        edges = _edges(width, height, self._fovy)
        clear = _clear_of_inset(edges, width, height) if side_view is SideView.CORNER else edges
        return _extent(points, radii, pose, clear), _extent(points, radii, side_view.second(pose), edges)

    def _followed(self, name: str) -> int:
        body = int(mujoco.mj_name2id(self._model, mujoco.mjtObj.mjOBJ_BODY, name))
        return body if body > 0 else min(1, self._model.nbody - 1)


def resolved(pose: CameraPose, body: Floats | None, shift: CameraShift | None) -> CameraPose:
    """The pose as it stands in the world, following nothing, after it has given way.

    Args:
        pose: the camera.
        body: (3,) where the body that it follows is; None if it follows none.
        shift: how it has given way; None leaves it where it is.
    """
    standing = replace(pose, follow=None, lookat=cameras.followed_lookat(pose, body))
    return standing if shift is None else shift.of(standing)


def moving_balls(model: mujoco.MjModel) -> tuple[NDArray[np.intp], Floats, Floats]:
    """Balls that together contain each geom that is drawn and moves.

    Returns:
        (P,) the geom of each ball, (P, 3) its centre in the geom's frame, (P,) its radius, metres.
    """
    geoms: list[int] = []
    places: list[Floats] = []
    radii: list[float] = []
    moves = model.body_weldid[model.geom_bodyid] != 0
    for geom in np.flatnonzero(moves & (model.geom_group < SHOWN_GROUPS)):
        centres, radius = _balls(model, int(geom))
        geoms += [int(geom)] * len(centres)
        places += list(centres)
        radii += [radius] * len(centres)
    return np.array(geoms, np.intp), np.array(places).reshape(-1, 3), np.array(radii)


def _balls(model: mujoco.MjModel, geom: int) -> tuple[Floats, float]:
    """The balls of one geom: itself, the ends of a capsule, or the corners of the box about anything else."""
    kind, size = model.geom_type[geom], model.geom_size[geom]
    if kind == mujoco.mjtGeom.mjGEOM_SPHERE:
        return np.zeros((1, 3)), float(size[0])
    if kind == mujoco.mjtGeom.mjGEOM_CAPSULE:
        return np.array([(0.0, 0.0, -size[1]), (0.0, 0.0, size[1])]), float(size[0])
    box = model.geom_aabb[geom]
    return box[:3] + BOX_CORNERS * box[3:], 0.0


def _looked_at(pose: CameraPose, followed: Floats | None) -> Floats:
    """(T, 1, 3), or (1, 1, 3) of a camera that follows nothing: what it looks at before it gives way."""
    if followed is None:
        return np.asarray(pose.lookat)[None, None]
    return np.array([cameras.followed_lookat(pose, body) for body in followed])[:, None]


def _edges(width: int, height: int, fovy: float) -> tuple[float, float, float, float]:
    """Tangents of the angles to the left, right, lower and upper edge, less the margin."""
    upright = (1.0 - MARGIN) * math.tan(math.radians(fovy) / 2.0)
    across = upright * width / height
    return across, across, upright, upright


def _clear_of_inset(
    edges: tuple[float, float, float, float], width: int, height: int
) -> tuple[float, float, float, float]:
    """The edges of what the second view leaves free: the part left of it in a wide picture, below it in a high one."""
    left, right, low, high = edges
    if width >= height:
        return left, right * (1.0 - 2.0 * (INSET_SHARE + INSET_MARGIN / width)), low, high
    return left, right, low, high * (1.0 - 2.0 * (INSET_SHARE + INSET_MARGIN / height))


def _extent(points: Floats, radii: Floats, pose: CameraPose, edges: tuple[float, float, float, float]) -> Extent:
    """What a camera at `pose` has to see of balls about `points` (n, 3), seen from what it looks at."""
    forward, right, up = cameras.axes(pose)
    if not len(points):
        return Extent((0.0, 0.0), (0.0, 0.0), edges, 0.0)
    ahead = points @ forward
    across, upright = points @ right, points @ up
    left_edge, right_edge, low_edge, high_edge = edges
    return Extent(
        (_least(across, ahead, radii, right_edge), -_least(-across, ahead, radii, left_edge)),
        (_least(upright, ahead, radii, high_edge), -_least(-upright, ahead, radii, low_edge)),
        edges,
        float((radii - ahead).max()) + NEAR,
    )


def _least(aside: Floats, ahead: Floats, radii: Floats, edge: float) -> float:
    """The intercept of the line along a picture's edge that leaves all balls on its inner side."""
    return float((aside + radii * math.hypot(1.0, edge) - ahead * edge).max())


def _between(wish: float, least: float, most: float) -> float:
    return (least + most) / 2.0 if least > most else min(max(wish, least), most)
