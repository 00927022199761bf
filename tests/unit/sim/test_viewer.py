"""MuJoCo's own window, in a process of its own, since closing it ends GLFW for the whole process."""

import os
import subprocess
import sys
import textwrap

import pytest

from sim.viewer import has_display

PROGRAM = """
    import gymnasium, numpy as np
    env = gymnasium.make("sim.envs:backflip/CheetahRun-v0", render_mode="human")
    env.reset(seed=0)
    bare = env.unwrapped
    seen, pose = bare._viewer._handle.cam, bare.task.camera
    print((seen.azimuth, seen.elevation, seen.distance) == (pose.azimuth, pose.elevation, pose.distance))
    torso = lambda: np.array(bare._viewer._data.body(pose.follow).xpos)
    print(np.allclose(bare._viewer.lookat[:2], pose.lookat[:2] + torso()[:2]))
    bare._viewer._handle.cam.lookat[:] += [0.0, 0.5, 0.0]  # dragged
    bare.episodes.sim.readings.qpos[0, 0] += 7.0
    env.step(np.zeros(6, np.float32))
    print(torso()[0] > 6.0, np.allclose(bare._viewer.lookat[:2], pose.lookat[:2] + torso()[:2] + [0.0, 0.5]))
    env.close()
"""


@pytest.mark.skipif(not os.environ.get("DISPLAY") or not has_display(), reason="needs an X server")
def test_the_viewer_follows_the_robot_with_the_tasks_camera(tmp_path):
    environment = {**os.environ, "PYTHONPATH": os.getcwd()}
    environment.pop("MUJOCO_GL", None)
    options = {"capture_output": True, "text": True, "check": False, "timeout": 60}
    command = [sys.executable, "-c", textwrap.dedent(PROGRAM)]
    ended = subprocess.run(command, env=environment, cwd=tmp_path, **options)
    if "GLFW" in ended.stderr and "failed" in ended.stderr:
        pytest.skip("no OpenGL on this screen")
    assert (ended.stdout.split(), ended.returncode) == (["True"] * 4, 0), ended.stderr
    assert list(tmp_path.iterdir()) == []
