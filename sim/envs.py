"""Every task as a Gymnasium environment, for those who bring their own learner.

    import gymnasium
    env = gymnasium.make("sim.envs:backflip/Hopper-v0", reward_fn=my_reward, render_mode="rgb_array")

A `reward_fn` sees one step: (nobs,) the observation that it led to, and (nu,) the action applied; many simulations in
one call of MuJoCo's batch are `gymnasium.make_vec(..., vectorization_mode="vector_entry_point")`, see `sim.vector_env`.

Importing this module registers `backflip/<TaskName>-v0` for every task, and short names for some. The part before the
colon makes Gymnasium import it; after `import sim.envs` it can be left out.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from gymnasium.core import Env  # not from the package itself: as a plugin this is imported while that still loads
from gymnasium.envs.registration import register as register_env
from gymnasium.envs.registration import registry
from gymnasium.error import ResetNeeded
from gymnasium.spaces import Box, Space

from sim.batch import EXPLODED_SPEED
from sim.checks import finite_array, optional_seed, quoted, whole_number
from sim.episodes import Episodes, State
from sim.errors import InputError, UserError
from sim.registry import get_task, task_names
from sim.render import FrameRequest, SceneRenderer, create_renderer
from sim.scenes import Image, check_size
from sim.task import Floats, Singles, Task
from sim.viewer import Viewer, has_display

NAMESPACE = "backflip"
VERSION = 0
SHORT_NAMES = {"Hopper": "hopper-backflip"}
"""Further names, and the tasks they stand for."""
OBSERVATION_LIMIT = 10 * EXPLODED_SPEED
"""No observation is larger: physics counts as broken before."""
HUMAN, PICTURES = "human", "rgb_array"
WIDTH, HEIGHT = 480, 360
"""Pixels of a picture, unless others are asked for."""
NO_LIMIT = -1
"""As in `gymnasium.make`: episodes are never truncated."""
GENERATOR = "np_random"
"""Entry of an environment's state: the state of its random generator."""
RESET_FIRST = "no episode goes on: call reset() first, as after broken physics."

RewardFunction = Callable[[Singles, Singles], float]
"""(nobs,) the observation that a step led to, (nu,) the action applied, in [-1, 1] -> the step's reward."""
Info = dict[str, float | int | bool]


class RenderModeError(UserError):
    """An environment cannot be shown in the way that was asked for."""


class TaskEnv(Env[Singles, Singles]):
    """One simulation of a task.

    The reward is 0 unless a `reward_fn` is given: what to want is the teacher's business. `info` has

    - `true_score`: successes in this episode so far, per 10 s of simulation (for hopper-backflip: landed backflips);
      of a task with a score window, the share of that window so far, 0 before it, and of the last `score_window`
      seconds where an episode goes on for longer than the task's own;
    - `landed`: successes completed by this very step, 0 or 1;
    - `exploded`: whether the physics broke; the observation is then the last good one, and the episode is over.

    An episode is terminated by a fall or broken physics, and truncated at the time limit. The environment can be copied
    and pickled; `get_state` and `set_state` go back to an earlier moment.
    """

    metadata: dict[str, Any] = {"render_modes": [HUMAN, PICTURES]}  # noqa: RUF012 - typed so by Gymnasium

    def __init__(
        self,
        task: str,
        render_mode: str | None = None,
        reward_fn: RewardFunction | None = None,
        width: int = WIDTH,
        height: int = HEIGHT,
        max_episode_steps: int | None = None,
    ) -> None:
        """Makes the environment; `reset` starts an episode.

        Args:
            task: name of the task.
            render_mode: None, `rgb_array` for pictures (height, width, 3), or `human` for MuJoCo's viewer.
            reward_fn: what a step is worth.
            width: of a picture, pixels.
            height: of a picture, pixels.
            max_episode_steps: control steps after which an episode is truncated; None for the task's own number, -1
                for no limit.

        Raises:
            UnknownTaskError: no task has the name.
            RenderModeError: no such way to render, or `human` without a display.
            InputError: a number is out of its range.
        """
        found = get_task(task)
        if render_mode not in (None, HUMAN, PICTURES):
            raise RenderModeError(f"Unknown render_mode '{render_mode}': wanted '{HUMAN}', '{PICTURES}' or None.")
        check_size(width, height)
        modes = [HUMAN, PICTURES]
        if not has_display():
            if render_mode == HUMAN:
                raise RenderModeError("render_mode='human' needs a display: set DISPLAY, or use 'rgb_array'.")
            # of what this environment declares it can do, checkers try everything
            modes = [PICTURES]
        self.metadata = {"render_modes": modes, "render_fps": render_fps(found)}
        self.render_mode = render_mode
        self.observation_space, self.action_space = spaces(found)
        self.episodes = Episodes(found, 1, step_limit(found, max_episode_steps), nthread=1)
        self._reward_fn = reward_fn
        self._size = (width, height)
        self._renderer: SceneRenderer | None = None
        self._viewer: Viewer | None = None

    @property
    def task(self) -> Task:
        """What is simulated."""
        return self.episodes.task

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Singles, Info]:
        """Starts an episode from the task's normal start.

        Args:
            seed: decides this start and all later ones; None goes on with the present random generator.
            options: None or empty: there are none.

        Raises:
            InputError: `seed` is no whole number from 0, or there are options.
        """
        super().reset(seed=optional_seed(seed))
        check_options(options)
        episodes = self.episodes
        episodes.reset(np.ones(1, bool), *self.task.normal_start(self.np_random, 1))
        self._show()
        return episodes.sim.observations[0].copy(), self._info(0, exploded=False)

    def step(self, action: Singles) -> tuple[Singles, float, bool, bool, Info]:
        """Holds `action` (nu,), clipped to [-1, 1], for one control step.

        Raises:
            InputError: `action` has another shape, or is not made of finite numbers.
            ResetNeeded: no episode has begun, or its physics broke.
        """
        checked = finite_array("actions", action, (self.task.action_size,))
        if not self.episodes.begun[0]:
            raise ResetNeeded(f"step: {RESET_FIRST}")
        applied = np.clip(checked, -1.0, 1.0).astype(np.float32)
        outcome = self.episodes.step(applied[None])
        observation, exploded = outcome.observations[0], bool(outcome.exploded[0])
        reward = 0.0 if self._reward_fn is None else float(self._reward_fn(observation, applied))
        self._show()
        info = self._info(int(outcome.landed[0]), exploded)
        return observation, reward, bool(outcome.terminated[0]), bool(outcome.truncated[0]), info

    def render(self) -> Image | None:
        """Returns the present picture in mode `rgb_array`; otherwise None.

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
        state: Floats = self.episodes.sim.physics_states()[0]
        return state

    def get_state(self) -> State:
        """Returns copies of everything that the next step depends on, the random generator included."""
        return self.episodes.get_state() | {GENERATOR: self.np_random.bit_generator.state}

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Goes on from what `get_state` returned, of this environment or of another one of the same task.

        Raises:
            InputError: it is of another task, or damaged; nothing is changed then.
        """
        generator = restored_generator(self.np_random, state)
        self.episodes.set_state(state)
        self.np_random = generator

    def close(self) -> None:
        """Ends the renderer's thread or closes the viewer. Safe to repeat."""
        if self._renderer is not None:
            self._renderer.close()
            self._renderer = None
        if self._viewer is not None:
            self._viewer.close()
            self._viewer = None

    def __getstate__(self) -> dict[str, Any]:
        """A copy draws the same numbers, and opens a renderer or a viewer of its own."""
        seed_spaces(self.observation_space, self.action_space)
        # Gymnasium makes the generator when it is first asked for
        return (
            self.__dict__
            | {"_np_random": self.np_random, "_np_random_seed": self.np_random_seed}
            | {"_renderer": None, "_viewer": None}
        )

    def _info(self, landed: int, exploded: bool) -> Info:
        return {"true_score": float(self.episodes.true_scores()[0]), "landed": landed, "exploded": exploded}

    def _show(self) -> None:
        if self.render_mode == HUMAN:
            if self._viewer is None:
                self._viewer = Viewer(self.task, self.physics_state())
            self._viewer.show(self.physics_state())


class UnlimitedTaskEnv(TaskEnv):
    """A `TaskEnv` without a time limit of its own: `gymnasium.make` adds one, which its caller can raise."""

    def __init__(self, task: str, **options: Any) -> None:
        """Makes the environment; `options` are those of `TaskEnv`, but for `max_episode_steps`."""
        super().__init__(task, max_episode_steps=NO_LIMIT, **options)


def render_fps(task: Task) -> float:
    """Returns pictures a second, one a control step."""
    return 1.0 / task.control_dt


def spaces(task: Task) -> tuple[Space[Any], Space[Any]]:
    """Returns the spaces of one simulation's observations and actions."""
    observations = Box(-OBSERVATION_LIMIT, OBSERVATION_LIMIT, (task.observation_size,), np.float32)
    return observations, Box(-1.0, 1.0, (task.action_size,), np.float32)


def seed_spaces(*some: Space[Any]) -> None:
    """Makes the random generators of spaces, which Gymnasium makes when first asked for: copies then share them."""
    for space in some:
        _ = space.np_random


def step_limit(task: Task, max_episode_steps: int | None) -> int | None:
    """Returns after how many control steps an episode is truncated; None for never.

    Raises:
        InputError: `max_episode_steps` is neither None, -1, nor a whole number from 1.
    """
    if max_episode_steps is None:
        return task.episode_steps
    if not isinstance(max_episode_steps, bool) and max_episode_steps == NO_LIMIT:
        return None
    return whole_number("max_episode_steps", max_episode_steps, 1)


def check_options(options: object, known: tuple[str, ...] = ()) -> Mapping[str, Any]:
    """Returns the options of a `reset`; none where it was given None.

    Raises:
        InputError: they are no mapping, or there are others than the `known` ones.
    """
    if options is None:
        return {}
    unknown = sorted(map(str, set(options) - set(known))) if isinstance(options, Mapping) else []
    if not isinstance(options, Mapping) or unknown:
        wanted = f"nothing but {', '.join(known)}" if known else "None or empty"
        raise InputError(f"reset: options must be {wanted}; found {quoted(options)}.")
    return options


def restored_generator(present: np.random.Generator, state: object, which: int | None = None) -> np.random.Generator:
    """Returns a random generator in the state that an environment's state has for it.

    Args:
        present: a generator of the wanted kind, which stays as it is.
        state: of an environment.
        which: the generator's place, of several; None for the only one.

    Raises:
        InputError: the state has none, or one of another kind.
    """
    generator = np.random.Generator(type(present.bit_generator)())
    try:
        kept = state[GENERATOR] if which is None else state[GENERATOR][which]  # type: ignore[index]
        generator.bit_generator.state = kept
    except (KeyError, IndexError, TypeError, ValueError, OverflowError) as error:
        raise InputError(f"a state must be what get_state() returned; found no usable '{GENERATOR}'.") from error
    return generator


def env_ids() -> dict[str, str]:
    """The environments' names, and the task of each."""
    names = {"".join(word.capitalize() for word in task.split("-")): task for task in task_names()}
    return {f"{NAMESPACE}/{name}-v{VERSION}": task for name, task in (names | SHORT_NAMES).items()}


def register() -> None:
    """Makes the tasks known to Gymnasium. Safe to repeat."""
    for env_id, task in env_ids().items():
        if env_id not in registry:
            register_env(
                env_id,
                entry_point="sim.envs:UnlimitedTaskEnv",
                vector_entry_point="sim.vector_env:TaskVectorEnv",
                max_episode_steps=get_task(task).episode_steps,
                kwargs={"task": task},
            )


register()
