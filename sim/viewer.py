"""MuJoCo's own window, which shows an environment in real time."""

import os
import sys
import threading
import time

import mujoco
import numpy as np

from sim import camera as cameras
from sim.quiet import silence
from sim.scenes import FULL_STATE
from sim.task import Floats, Task

CLOSE_SECONDS = 10.0
"""Closing waits this long for the window's thread."""


def has_display() -> bool:
    """Returns whether a window can be opened here."""
    return sys.platform != "linux" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


class Viewer:
    """MuJoCo's passive viewer, looking from the task's camera, which goes along with the body that it follows."""

    def __init__(self, task: Task, state: Floats) -> None:
        """Opens the window, with the robot at `state` (nstate,)."""
        import mujoco.viewer  # it needs a display's libraries, which machines without one may lack

        self._pose, self._model = task.camera, task.model
        self._control_dt = task.control_dt
        self._data = mujoco.MjData(self._model)
        silence(self._data)
        self._pose_robot(state)
        self._due = time.monotonic()
        others = threading.enumerate()
        self._handle = mujoco.viewer.launch_passive(self._model, self._data, show_left_ui=False, show_right_ui=False)
        self._threads = [thread for thread in threading.enumerate() if thread not in others]
        self._looked_at = self._lookat()
        with self._handle.lock():
            self._handle.cam.type = mujoco.mjtCamera.mjCAMERA_FREE
            cameras.aim(self._handle.cam, self._pose, self._body())

    @property
    def lookat(self) -> Floats:
        """(3,) the point that the camera looks at, metres."""
        return np.array(self._handle.cam.lookat)

    def show(self, state: Floats) -> None:
        """Shows `state` (nstate,), and waits until it is due. A window that was closed stays closed."""
        if not self._handle.is_running():
            return
        with self._handle.lock():
            self._pose_robot(state)
            before, self._looked_at = self._looked_at, self._lookat()
            # by steps, so that a view that was dragged away stays there
            self._handle.cam.lookat[:] += self._looked_at - before
        self._handle.sync()
        self._due = max(self._due + self._control_dt, time.monotonic() - self._control_dt)
        time.sleep(max(0.0, self._due - time.monotonic()))

    def close(self) -> None:
        """Closes the window, and waits for its thread: a program that ends while a window closes crashes."""
        self._handle.close()
        for thread in self._threads:
            thread.join(CLOSE_SECONDS)

    def _pose_robot(self, state: Floats) -> None:
        mujoco.mj_setState(self._model, self._data, state, FULL_STATE)
        mujoco.mj_forward(self._model, self._data)

    def _body(self) -> Floats | None:
        return None if self._pose.follow is None else np.array(self._data.body(self._pose.follow).xpos)

    def _lookat(self) -> Floats:
        return np.array(cameras.followed_lookat(self._pose, self._body()))
