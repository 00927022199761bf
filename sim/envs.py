"""Every task as a Gymnasium environment, for those who bring their own learner.

    import gymnasium
    env = gymnasium.make("sim.envs:backflip/Hopper-v0", reward_fn=my_reward, render_mode="rgb_array")

Importing this module registers `backflip/<TaskName>-v0` for every task, and short names for some. The part before the
colon makes Gymnasium import it; after `import sim.envs` it can be left out.
"""

import os
import sys
import time
from collections.abc import Callable
from typing import Any

import mujoco
import numpy as np
from gymnasium.core import Env  # not from the package itself: as a plugin this is imported while that still loads
from gymnasium.envs.registration import register as register_env
from gymnasium.envs.registration import registry
from gymnasium.spaces import Box

from sim.batch import EXPLODED_SPEED, BatchSim
from sim.errors import UserError
from sim.registry import get_task, task_names
from sim.render import FrameRequest, SceneRenderer, create_renderer
from sim.scenes import FULL_STATE, Image
from sim.score import score_of
from sim.task import Floats, Singles

NAMESPACE = "backflip"
VERSION = 0
SHORT_NAMES = {"Hopper": "hopper-backflip"}
"""Further names, and the tasks they stand for."""
OBSERVATION_LIMIT = 10 * EXPLODED_SPEED
"""No observation is larger: physics counts as broken before."""
HUMAN, PICTURES = "human", "rgb_array"
RENDER_FPS = 62.5
"""One picture a control step of 16 ms."""

RewardFunction = Callable[[Singles, Singles], float]
"""(nobs,) the observation that a step led to, (nu,) the action applied, in [-1, 1] -> the step's reward."""


class RenderModeError(UserError):
    """An environment cannot be shown in the way that was asked for."""


class TaskEnv(Env[Singles, Singles]):
    """One simulation of a task.

    The reward is 0 unless a `reward_fn` is given: what to want is the teacher's business. `info` has

    - `true_score`: successes in this episode so far, per 10 s of simulation (for hopper-backflip: landed backflips);
      of a task with a score window, the share of that window so far, 0 before it;
    - `landed`: successes completed by this very step, 0 or 1;
    - `exploded`: whether the physics broke; the observation is then the last good one, and the episode is over.

    An episode is terminated by a fall or broken physics, and truncated at the task's time limit.
    """

    metadata: dict[str, Any] = {"render_modes": [HUMAN, PICTURES], "render_fps": RENDER_FPS}  # noqa: RUF012 - typed so by Gymnasium

    def __init__(
        self,
        task: str,
        render_mode: str | None = None,
        reward_fn: RewardFunction | None = None,
        width: int = 480,
        height: int = 360,
    ) -> None:
        """Makes the environment; `reset` starts an episode.

        Args:
            task: name of the task.
            render_mode: None, `rgb_array` for pictures (height, width, 3), or `human` for MuJoCo's viewer.
            reward_fn: what a step is worth.
            width: of a picture, pixels.
            height: of a picture, pixels.

        Raises:
            UnknownTaskError: no task has the name.
            RenderModeError: no such way to render, or `human` without a display.
        """
        self.task = get_task(task)
        if render_mode not in (None, HUMAN, PICTURES):
            raise RenderModeError(f"Unknown render_mode '{render_mode}': wanted '{HUMAN}', '{PICTURES}' or None.")
        if not _has_display():
            if render_mode == HUMAN:
                raise RenderModeError("render_mode='human' needs a display: set DISPLAY, or use 'rgb_array'.")
            # of what this environment declares it can do, checkers try everything
            self.metadata = {**TaskEnv.metadata, "render_modes": [PICTURES]}
        self.render_mode = render_mode
        self.observation_space = Box(-OBSERVATION_LIMIT, OBSERVATION_LIMIT, (self.task.observation_size,), np.float32)
        self.action_space = Box(-1.0, 1.0, (self.task.action_size,), np.float32)
        self._reward_fn = reward_fn
        self._size = (width, height)
        self._sim = BatchSim(self.task, 1, nthread=1)
        self._scorer = self.task.scorer(1)
        self._scored_steps = 0
        self._landed_total = 0
        self._renderer: SceneRenderer | None = None
        self._viewer: _Viewer | None = None

    def reset(
        self,
        *,
        seed: int | None = None,
        options: dict[str, Any] | None = None,  # noqa: ARG002 - Gymnasium's signature
    ) -> tuple[Singles, dict[str, float | int | bool]]:
        """Starts an episode from the task's normal start; `options` are not used."""
        super().reset(seed=seed)
        everyone = np.ones(1, bool)
        observations = self._sim.reset(everyone, *self.task.normal_start(self.np_random, 1))
        self._scorer.reset(everyone)
        self._scorer.update(self._sim.readings)
        self._scored_steps = self._landed_total = 0
        self._show()
        return observations[0].copy(), self._info(0, exploded=False)

    def step(self, action: Singles) -> tuple[Singles, float, bool, bool, dict[str, float | int | bool]]:
        """Holds `action` (nu,), clipped to [-1, 1], for one control step."""
        applied = np.clip(np.asarray(action, np.float32), -1.0, 1.0)
        result = self._sim.step(applied[None])
        exploded = bool(result.exploded[0])
        counts = int(self._sim.counts[0])
        landed = 0 if exploded else counts * int(self._scorer.update(self._sim.readings)[0])
        self._scored_steps += counts
        self._landed_total += landed
        observation = result.observations[0].copy()
        reward = 0.0 if self._reward_fn is None else float(self._reward_fn(observation, applied))
        self._show()
        terminated = exploded or bool(result.fallen[0])
        return observation, reward, terminated, bool(result.truncated[0]), self._info(landed, exploded)

    def render(self) -> Image | None:
        """The present picture in mode `rgb_array`; otherwise None.

        Raises:
            NoRendererError: nothing can be drawn on this machine.
        """
        if self.render_mode != PICTURES:
            return None
        if self._renderer is None:
            self._renderer = create_renderer()
        request = FrameRequest(self.task, self.physics_state(), self.task.camera, *self._size)
        return self._renderer.render(request)

    def physics_state(self) -> Floats:
        """(nstate,) the present mjSTATE_FULLPHYSICS row."""
        state: Floats = self._sim.physics_states()[0]
        return state

    def close(self) -> None:
        """Ends the renderer's thread or closes the viewer. Safe to repeat."""
        if self._renderer is not None:
            self._renderer.close()
            self._renderer = None
        if self._viewer is not None:
            self._viewer.close()
            self._viewer = None

    def _info(self, landed: int, exploded: bool) -> dict[str, float | int | bool]:
        score = score_of(self.task, self._landed_total, self._scored_steps)
        return {"true_score": score, "landed": landed, "exploded": exploded}

    def _show(self) -> None:
        if self.render_mode == HUMAN:
            if self._viewer is None:
                self._viewer = _Viewer(self.task.model, self.task.control_dt)
            self._viewer.show(self.physics_state())


class _Viewer:
    """MuJoCo's own window, in real time."""

    def __init__(self, model: mujoco.MjModel, control_dt: float) -> None:
        import mujoco.viewer  # it needs a display's libraries, which machines without one may lack

        self._model, self._data = model, mujoco.MjData(model)
        self._control_dt = control_dt
        self._due = time.monotonic()
        self._handle = mujoco.viewer.launch_passive(model, self._data, show_left_ui=False, show_right_ui=False)

    def show(self, state: Floats) -> None:
        """Shows a state, and waits until it is due. A window that was closed stays closed."""
        if not self._handle.is_running():
            return
        with self._handle.lock():
            mujoco.mj_setState(self._model, self._data, state, FULL_STATE)
            mujoco.mj_forward(self._model, self._data)
        self._handle.sync()
        self._due = max(self._due + self._control_dt, time.monotonic() - self._control_dt)
        time.sleep(max(0.0, self._due - time.monotonic()))

    def close(self) -> None:
        """Closes the window."""
        self._handle.close()


def env_ids() -> dict[str, str]:
    """The environments' names, and the task of each."""
    names = {"".join(word.capitalize() for word in task.split("-")): task for task in task_names()}
    return {f"{NAMESPACE}/{name}-v{VERSION}": task for name, task in (names | SHORT_NAMES).items()}


def register() -> None:
    """Makes the tasks known to Gymnasium. Safe to repeat."""
    for env_id, task in env_ids().items():
        if env_id not in registry:
            register_env(env_id, entry_point="sim.envs:TaskEnv", kwargs={"task": task})


def _has_display() -> bool:
    return sys.platform != "linux" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


register()
