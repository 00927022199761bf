"""Draws frames of one task in the current OpenGL context. Used by the thread that owns the context, and no other."""

import copy
from dataclasses import dataclass

import mujoco
import numpy as np
from numpy.typing import NDArray

from sim import camera as cameras
from sim import cues
from sim.backends import Quality
from sim.checks import finite_array, whole_number
from sim.framing import INSET_MARGIN, INSET_SHARE, CameraShift, Framed, SideView, resolved
from sim.quiet import silence
from sim.task import CameraPose, Floats, Task
from sim.travel import Travel

Image = NDArray[np.uint8]
"""(h, w, 3) RGB, top row first."""

SIZE_RANGE = (16, 4096)
"""Pixels along either side of a picture."""
DIVIDER, DIVIDER_COLOUR = 2, (14, 18, 23)
"""The line between two views, side by side: its width in pixels, and its colour, RGB."""
EXTRA_GEOMS = 64
"""Room in a scene for what is added to the model: shadow and lines."""
KNOWN_POSITIONS = 4096
"""States whose trail positions are kept."""
FULL_STATE = mujoco.mjtState.mjSTATE_FULLPHYSICS


@dataclass(frozen=True, slots=True, eq=False)
class FrameRequest:
    """One picture: what to draw, from where, how large, with which cues."""

    task: Task
    state: Floats
    """(nstate,) mjSTATE_FULLPHYSICS row; not to be changed before the picture is there."""
    camera: CameraPose
    width: int = 480
    height: int = 360
    """Pixels."""
    side_view: SideView | bool = SideView.NONE
    """A second view, at right angles, in the upper right corner: a robot on the floor needs the lower ones."""
    trail: Floats | None = None
    """(k, nstate) past states, oldest first, whose positions are drawn as fading lines."""
    height_line: bool = False
    """A vertical line from the first of the task's trail bodies to the floor, with its length in metres."""
    shadows: bool | None = None
    """Real shadows or not; None does what the machine can afford."""
    framed: Framed | None = None
    """How the cameras have given way, so that all that moves is in the picture; None leaves them at `camera`."""
    travel: Travel | None = None
    """Adds distance and speed along the floor, and a mark where the robot started; None adds nothing."""

    def __post_init__(self) -> None:
        check_size(self.width, self.height)
        name, nstate = self.task.name, self.task.state_size
        object.__setattr__(self, "state", finite_array(f"states of {name}", self.state, (nstate,)))
        if self.trail is not None:
            object.__setattr__(self, "trail", finite_array(f"trails of {name}", self.trail, ("k", nstate)))


class TaskScene:
    """MuJoCo's scene, buffers and uploaded textures of one task. Every method needs the context to be current."""

    def __init__(self, task: Task, quality: Quality) -> None:
        self._quality = quality
        self._model = copy.copy(task.model)
        self._model.vis.quality.offsamples = quality.samples
        # the buffer grows with the first request; a full screen of samples would be memory for nothing
        self._model.vis.global_.offwidth, self._model.vis.global_.offheight = SIZE_RANGE[0], SIZE_RANGE[0]
        self._data = mujoco.MjData(self._model)
        silence(self._data)
        self._option = mujoco.MjvOption()
        self._camera = mujoco.MjvCamera()
        self._scene = mujoco.MjvScene(self._model, maxgeom=self._model.ngeom + EXTRA_GEOMS)
        self._scene.flags[mujoco.mjtRndFlag.mjRND_REFLECTION] = quality.reflections
        self._context = mujoco.MjrContext(self._model, mujoco.mjtFontScale.mjFONTSCALE_100)
        self._trail_bodies = [body for name in task.trail_bodies if (body := self._body(name)) > 0]
        # the first body that is not the world, where a task's names are not in the model
        self._measured = next(iter(self._trail_bodies), min(1, self._model.nbody - 1))
        self._known_positions: dict[bytes, Floats] = {}
        self._has_floor = self._has_geom(cues.FLOOR)
        self._has_ground = self._has_floor or self._has_geom(cues.TABLE)

    def draw(self, request: FrameRequest) -> Image:
        """The finished picture."""
        # every scene has a framebuffer of its own in the one OpenGL context: the last one drawn to may be another's
        mujoco.mjr_setBuffer(mujoco.mjtFramebuffer.mjFB_OFFSCREEN, self._context)
        width, height = request.width, request.height
        past = self._past_positions(request.trail)
        self._pose(request.state)
        grow(self._context, width, height)
        shadows = self._quality.shadows if request.shadows is None else request.shadows
        whole = mujoco.MjrRect(0, 0, width, height)
        framed, travel, side_view = request.framed, request.travel, SideView(request.side_view)
        wide = side_view.main_size(width, height)[0]
        first = mujoco.MjrRect(0, 0, wide, height)
        view = self._render(request.camera, None if framed is None else framed.main, first, shadows, travel)
        inset = _inset(width, height) if side_view is SideView.CORNER else None
        second = mujoco.MjrRect(wide, 0, width - wide, height) if side_view is SideView.BESIDE else inset
        if second is not None:
            # a real shadow would cost as much as in the whole picture, and be speckled at this size
            turned, shift = side_view.second(request.camera), None if framed is None else framed.side
            self._render(turned, shift, second, shadows=False, travel=travel)
        rows = np.empty((height, width, 3), np.uint8)
        mujoco.mjr_readPixels(rows, None, whole, self._context)
        picture: Image = rows[::-1].copy()  # OpenGL's first row is the lowest
        hidden = None if inset is None else picture[_rows(inset, height), _columns(inset)].copy()
        seen = picture[:, :wide]
        if past is not None:
            cues.draw_trail(seen, view, past)
        if request.height_line:
            cues.draw_height(seen, view, self._data.xpos[self._measured])
        if travel is not None:
            cues.draw_travel(seen, view, travel)
        if side_view is SideView.BESIDE:
            picture[:, wide : wide + DIVIDER] = DIVIDER_COLOUR
        if inset is not None and hidden is not None:
            picture[_rows(inset, height), _columns(inset)] = hidden
            cues.draw_frame(picture, inset.left, height - inset.bottom - inset.height, inset.width, inset.height)
        return picture

    def free(self) -> None:
        """Gives the context's memory back."""
        self._context.free()

    def _body(self, name: str) -> int:
        return int(mujoco.mj_name2id(self._model, mujoco.mjtObj.mjOBJ_BODY, name))

    def _has_geom(self, name: str) -> bool:
        return bool(mujoco.mj_name2id(self._model, mujoco.mjtObj.mjOBJ_GEOM, name) >= 0)

    def _followed(self, pose: CameraPose) -> int:
        """The body a camera follows, else the first that is not the world."""
        body = self._body(pose.follow) if pose.follow is not None else -1
        return body if body > 0 else min(1, self._model.nbody - 1)

    def _pose(self, state: Floats) -> None:
        # one call for the whole position stage: each call gives up the GIL, and beside a busy thread waits 5 ms for it
        mujoco.mj_setState(self._model, self._data, state, FULL_STATE)
        mujoco.mj_fwdPosition(self._model, self._data)

    def _past_positions(self, trail: Floats | None) -> Floats | None:
        """(k, nbody, 3) positions of the trail's bodies, oldest first."""
        if trail is None or len(trail) == 0 or not self._trail_bodies:
            return None
        return np.stack([self._positions(state) for state in trail])

    def _positions(self, state: Floats) -> Floats:
        """(nbody, 3) positions of the trail's bodies in one state; trails of neighbouring frames share nearly all."""
        key = state.tobytes()
        if key not in self._known_positions:
            if len(self._known_positions) >= KNOWN_POSITIONS:
                self._known_positions.clear()
            mujoco.mj_setState(self._model, self._data, state, FULL_STATE)
            mujoco.mj_kinematics(self._model, self._data)
            self._known_positions[key] = self._data.xipos[self._trail_bodies]
        return self._known_positions[key]

    def _render(
        self, pose: CameraPose, shift: CameraShift | None, where: mujoco.MjrRect, shadows: bool, travel: Travel | None
    ) -> cameras.CameraView:
        pose = resolved(pose, None if pose.follow is None else self._data.xpos[self._followed(pose)], shift)
        lens = self._camera
        cameras.aim(lens, pose, None)
        self._scene.flags[mujoco.mjtRndFlag.mjRND_SHADOW] = shadows
        mujoco.mjv_updateScene(
            self._model, self._data, self._option, None, lens, mujoco.mjtCatBit.mjCAT_ALL, self._scene
        )
        if self._has_floor:
            cues.add_strong_lines(self._scene, (lens.lookat[0], lens.lookat[1]))
        if travel is not None:
            cues.add_start_mark(self._scene, travel.start)
        if self._has_ground and not shadows:
            cues.add_soft_shadow(self._scene, self._model, self._data)
        mujoco.mjr_render(where, self._scene, self._context)
        return cameras.view(pose, None, where.width, where.height, float(self._model.vis.global_.fovy))


def check_size(width: int, height: int) -> None:
    """Raises InputError unless `width` and `height` are pixels of a picture that can be drawn."""
    for name, side in (("width", width), ("height", height)):
        whole_number(f"a picture's sides are in pixels, and its {name}", side, *SIZE_RANGE)


def drawable_size(width: float, height: float) -> tuple[int, int]:
    """Returns the size of picture to draw where `width` x `height` pixels are to be filled.

    It is the same where that can be drawn, else the nearest one of the same aspect ratio, which is then to be scaled.
    Only of what is hundreds of times as wide as high, or the other way round, the ratio is given up.
    """
    least, most = SIZE_RANGE
    share = min(1.0, most / max(width, height, 1.0))
    return max(least, min(round(width * share), most)), max(least, min(round(height * share), most))


def grow(context: mujoco.MjrContext, width: int, height: int) -> None:
    """Makes room for a picture. Only ever grows: a new buffer for each of two sizes in turn would cost more than it."""
    wider, higher = max(width, context.offWidth), max(height, context.offHeight)
    if (wider, higher) != (context.offWidth, context.offHeight):
        mujoco.mjr_resizeOffscreen(wider, higher, context)


def _inset(width: int, height: int) -> mujoco.MjrRect:
    """Where the second view goes, in OpenGL's rows (lowest first)."""
    wide, high = round(width * INSET_SHARE), round(height * INSET_SHARE)
    margin = min(INSET_MARGIN, width - wide, height - high)
    return mujoco.MjrRect(width - wide - margin, height - high - margin, wide, high)


def _rows(rect: mujoco.MjrRect, height: int) -> slice:
    top = height - rect.bottom - rect.height
    return slice(top, top + rect.height)


def _columns(rect: mujoco.MjrRect) -> slice:
    return slice(rect.left, rect.left + rect.width)
