"""Pictures in which each pixel is the number of the geom that is seen there: what a camera sees, without colours.

For instance:

    with Segmenter(task) as segmenter:
        geoms = segmenter.draw(clip.states[0], task.camera, 96, 72)
        ball = geoms == task.model.geom("ball_geom").id
"""

import copy
from typing import Self

import mujoco
import numpy as np
from numpy.typing import NDArray

from sim import camera as cameras
from sim.backends import open_context, probe
from sim.checks import finite_array
from sim.quiet import silence
from sim.scenes import SIZE_RANGE, check_size, grow
from sim.task import CameraPose, Floats, Task

GeomPicture = NDArray[np.int32]
"""(h, w) numbers of geoms, top row first; NOTHING where none is seen."""
NOTHING = -1
FULL_STATE = mujoco.mjtState.mjSTATE_FULLPHYSICS
GEOM = mujoco.mjtObj.mjOBJ_GEOM


class Segmenter:
    """Draws in an OpenGL context of its own, on the thread that made it and no other.

    What it draws is a function of state and camera alone: no samples are mixed, no shadow and no light is in it.
    """

    def __init__(self, task: Task) -> None:
        """Finds out how to draw here, about a second once in a process.

        Raises:
            NoRendererError: nothing can be drawn on this machine.
        """
        self._gl = open_context(probe().backend, SIZE_RANGE[0], SIZE_RANGE[0])
        self._gl.make_current()
        self.task = task
        self._model = copy.copy(task.model)
        self._model.vis.quality.offsamples = 0
        self._model.vis.global_.offwidth, self._model.vis.global_.offheight = SIZE_RANGE[0], SIZE_RANGE[0]
        self._data = mujoco.MjData(self._model)
        silence(self._data)
        self._option, self._camera = mujoco.MjvOption(), mujoco.MjvCamera()
        self._scene = mujoco.MjvScene(self._model, maxgeom=self._model.ngeom)
        for flag in (mujoco.mjtRndFlag.mjRND_SEGMENT, mujoco.mjtRndFlag.mjRND_IDCOLOR):
            self._scene.flags[flag] = True
        self._context = mujoco.MjrContext(self._model, mujoco.mjtFontScale.mjFONTSCALE_100)

    def draw(self, state: Floats, camera: CameraPose, width: int, height: int) -> GeomPicture:
        """What is seen of a state.

        Args:
            state: (nstate,) mjSTATE_FULLPHYSICS row of the task.
            camera: from where.
            width: pixels.
            height: pixels.

        Raises:
            InputError: the state is of another task or not finite, or a side is out of bounds.
        """
        check_size(width, height)
        finite_array(f"states of {self.task.name}", state, (self.task.state_size,))
        self._gl.make_current()
        mujoco.mjr_setBuffer(mujoco.mjtFramebuffer.mjFB_OFFSCREEN, self._context)
        grow(self._context, width, height)
        mujoco.mj_setState(self._model, self._data, state, FULL_STATE)
        mujoco.mj_fwdPosition(self._model, self._data)
        body = None if camera.follow is None else self._data.body(camera.follow).xpos
        lens = self._camera
        cameras.aim(lens, camera, body)
        mujoco.mjv_updateScene(
            self._model, self._data, self._option, None, lens, mujoco.mjtCatBit.mjCAT_ALL, self._scene
        )
        whole = mujoco.MjrRect(0, 0, width, height)
        mujoco.mjr_render(whole, self._scene, self._context)
        colours = np.empty((height, width, 3), np.uint8)
        mujoco.mjr_readPixels(colours, None, whole, self._context)
        # a geom's colour is its number in the scene and one more; black is the sky
        seen = colours[::-1].astype(np.int32) @ np.array([1, 1 << 8, 1 << 16], np.int32)
        numbers = np.full(self._scene.ngeom + 1, NOTHING, np.int32)
        for geom in self._scene.geoms[: self._scene.ngeom]:
            if geom.objtype == GEOM:
                numbers[geom.segid + 1] = geom.objid
        picture: GeomPicture = numbers[seen]
        return picture

    def close(self) -> None:
        """Gives the context back, on the thread that made it. Safe to repeat; nothing can be drawn afterwards."""
        if self._context is not None:
            self._gl.make_current()
            self._context.free()
            self._context = None
            self._gl.free()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()
