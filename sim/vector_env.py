"""Many simulations of a task as one Gymnasium vector environment, stepped together on native threads.

import gymnasium
envs = gymnasium.make_vec("sim.envs:backflip/Hopper-v0", num_envs=64, vectorization_mode="vector_entry_point",
reward_fn=my_batched_reward)
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from gymnasium.error import ResetNeeded
from gymnasium.utils import seeding
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space
from numpy.typing import NDArray

from sim.checks import finite_array, number_array, optional_seed, quoted, whole_number
from sim.envs import (
    GENERATOR,
    HEIGHT,
    PICTURES,
    RESET_FIRST,
    WIDTH,
    RenderModeError,
    check_options,
    render_fps,
    restored_generator,
    seed_spaces,
    spaces,
    step_limit,
)
from sim.episodes import Episodes, Outcome, State
from sim.errors import InputError
from sim.registry import get_task
from sim.render import FrameRequest, SceneRenderer, create_renderer
from sim.scenes import Image, check_size
from sim.task import Bools, Floats, Singles, Task

BatchRewardFunction = Callable[[Singles, Singles], Floats]
"""(n, nobs) the observations that a step led to, (n, nu) the actions applied, in [-1, 1] -> (n,) rewards."""
RESET_MASK = "reset_mask"
"""Option of `reset`, as of Gymnasium's own: (n,) booleans, which simulations begin anew."""
OVER = "over"
"""Entry of the environment's state: which episodes are over, while the next ones have not begun."""
Seeds = int | Sequence[int | None] | None
Infos = dict[str, Any]


class TaskVectorEnv(VectorEnv[Singles, Singles, NDArray[Any]]):
    """`num_envs` simulations of a task; the same as as many `TaskEnv`, step by step, and faster.

    `infos` has what `TaskEnv` tells, as arrays, each with a mask of the same name after `_`.
    """

    def __init__(
        self,
        task: str,
        num_envs: int = 1,
        render_mode: str | None = None,
        reward_fn: BatchRewardFunction | None = None,
        width: int = WIDTH,
        height: int = HEIGHT,
        max_episode_steps: int | None = None,
        autoreset_mode: AutoresetMode | str = AutoresetMode.NEXT_STEP,
        nthread: int = 0,
    ) -> None:
        """Makes the simulations; `reset` starts their episodes.

        Args:
            task: name of the task.
            num_envs: number of simulations.
            render_mode: None, or `rgb_array` for a picture (height, width, 3) of each.
            reward_fn: what a step of each is worth; without one all rewards are 0.
            width: of a picture, pixels.
            height: of a picture, pixels.
            max_episode_steps: control steps after which an episode is truncated; None for the task's own number, -1
                for no limit.
            autoreset_mode: when an episode that is over gives way to the next one.
            nthread: native threads; 0 is one for each core that may be used.

        Raises:
            UnknownTaskError: no task has the name.
            RenderModeError: no such way to render.
            InputError: a number or a mode is out of its range.
        """
        found = get_task(task)
        self.num_envs = whole_number("num_envs", num_envs, 1)
        if render_mode not in (None, PICTURES):
            raise RenderModeError(f"Unknown render_mode '{render_mode}' of many: wanted '{PICTURES}' or None.")
        check_size(width, height)
        try:
            self._mode = AutoresetMode(autoreset_mode)
        except ValueError as error:
            known = ", ".join(mode.value for mode in AutoresetMode)
            raise InputError(f"autoreset_mode must be one of {known}; found {quoted(autoreset_mode)}.") from error
        self.render_mode = render_mode
        self.metadata = {
            "render_modes": [PICTURES],
            "render_fps": render_fps(found),
            "autoreset_mode": self._mode,
        }
        self.single_observation_space, self.single_action_space = spaces(found)
        self.observation_space = batch_space(self.single_observation_space, self.num_envs)
        self.action_space = batch_space(self.single_action_space, self.num_envs)
        self.episodes = Episodes(found, self.num_envs, step_limit(found, max_episode_steps), nthread)
        self._over = np.zeros(self.num_envs, bool)
        """(n,) whether the episode is over, and the next one has not begun."""
        self._generators: list[tuple[np.random.Generator, int]] | None = None
        """Of each simulation, with its seed."""
        self._reward_fn = reward_fn
        self._size = (width, height)
        self._renderer: SceneRenderer | None = None

    @property
    def task(self) -> Task:
        """What is simulated."""
        return self.episodes.task

    @property  # type: ignore[misc]
    def np_random(self) -> tuple[np.random.Generator, ...]:  # type: ignore[override]
        """The random generator of each simulation, as of Gymnasium's SyncVectorEnv."""
        return tuple(generator for generator, _ in self._seeded())

    @property
    def np_random_seed(self) -> tuple[int, ...]:  # type: ignore[override]
        """The seed of each simulation's generator."""
        return tuple(seed for _, seed in self._seeded())

    def reset(self, *, seed: Seeds = None, options: dict[str, Any] | None = None) -> tuple[Singles, Infos]:
        """Starts an episode of each simulation, from the task's normal start.

        Args:
            seed: of the first simulation, the others have the next ones; or a seed for each; None goes on with the
                present random generators.
            options: `reset_mask`, (num_envs,) booleans, lets the other simulations go on.

        Raises:
            InputError: a seed or an option is wrong.
        """
        rows = self._checked_mask(check_options(options, (RESET_MASK,)).get(RESET_MASK))
        seeds = self._checked_seeds(seed)
        generators = self._seeded(seeds)
        for index in np.flatnonzero(rows):
            if seeds[index] is not None:
                generators[index] = seeding.np_random(seeds[index])
        self._begin(rows)
        infos: Infos = {}
        self._tell(infos, rows, np.zeros(self.num_envs, np.int64), np.zeros(self.num_envs, bool))
        return self.episodes.sim.observations.copy(), infos

    def step(self, actions: Singles) -> tuple[Singles, Floats, Bools, Bools, Infos]:
        """Holds `actions` (num_envs, nu), clipped to [-1, 1], for one control step.

        Returns:
            Observations (num_envs, nobs); rewards, terminations and truncations, each (num_envs,); infos.

        Raises:
            InputError: `actions` have another shape, or are not made of finite numbers; or what `reward_fn` returns.
            ResetNeeded: no episode has begun, or one is over and nothing but `reset` begins the next.
        """
        checked = finite_array("actions", actions, (self.num_envs, self.task.action_size))
        waiting = self._over.copy()
        if not (self.episodes.begun | waiting).all() or (waiting.any() and self._mode is AutoresetMode.DISABLED):
            raise ResetNeeded(f"step: {RESET_FIRST}")
        applied = np.clip(checked, -1.0, 1.0).astype(np.float32)
        outcome = self.episodes.step(applied)
        rewards = self._rewards(outcome, applied)
        self._over = outcome.terminated | outcome.truncated
        infos: Infos = {}
        if self._mode is AutoresetMode.SAME_STEP and self._over.any():
            return self._begun_again(outcome, rewards, infos)
        # these were over before this step: it is their reset, whatever their actions
        self._over &= ~waiting
        if waiting.any():
            self._begin(waiting)
        going = ~waiting
        everyone = np.ones(self.num_envs, bool)
        self._tell(infos, everyone, np.where(going, outcome.landed, 0), outcome.exploded & going)
        observations = np.where(waiting[:, None], self.episodes.sim.observations, outcome.observations)
        return (
            observations,
            np.where(going, rewards, 0.0),
            outcome.terminated & going,
            outcome.truncated & going,
            infos,
        )

    def render(self) -> tuple[Image, ...] | None:
        """Returns the present picture of each simulation in mode `rgb_array`; otherwise None.

        Raises:
            NoRendererError: nothing can be drawn on this machine.
        """
        if self.render_mode != PICTURES:
            return None
        if self._renderer is None:
            self._renderer = create_renderer()
        task, renderer = self.task, self._renderer
        states = self.episodes.sim.physics_states()
        coming = [renderer.submit(FrameRequest(task, state, task.camera, *self._size)) for state in states]
        return tuple(future.result() for future in coming)

    def get_state(self) -> State:
        """Returns copies of everything that the next step depends on, the random generators included."""
        kept = [generator.bit_generator.state for generator, _ in self._seeded()]
        return self.episodes.get_state() | {GENERATOR: kept, OVER: self._over.copy()}

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Goes on from what `get_state` returned, of as many simulations of the same task.

        Raises:
            InputError: it is of another task or number, or damaged; nothing is changed then.
        """
        present = self._seeded()
        generators = [
            (restored_generator(generator, state, index), seed) for index, (generator, seed) in enumerate(present)
        ]
        kept = state.get(OVER)
        over = np.asarray(kept)
        if over.dtype != bool or over.shape != (self.num_envs,):
            raise InputError(
                f"a state must be what get_state() returned; found {quoted(state.get('over'))} for 'over'."
            )
        self.episodes.set_state(state)
        self._generators, self._over = generators, over.copy()

    def close_extras(self, **_: Any) -> None:
        """Ends the renderer's thread."""
        if self._renderer is not None:
            self._renderer.close()
            self._renderer = None

    def __getstate__(self) -> dict[str, Any]:
        """A copy draws the same numbers, and opens a renderer of its own."""
        self._seeded()
        seed_spaces(self.observation_space, self.action_space)
        return self.__dict__ | {"_renderer": None}

    def _begin(self, rows: Bools) -> None:
        """Starts episodes of `rows` (n,), each with the draws of its own generator."""
        generators = self._seeded()
        starts = [self.task.normal_start(generators[index][0], 1) for index in np.flatnonzero(rows)]
        qpos, qvel = (np.concatenate(parts) for parts in zip(*starts, strict=True))
        self.episodes.reset(rows, qpos, qvel)
        self._over &= ~rows

    def _begun_again(
        self, outcome: Outcome, rewards: Floats, infos: Infos
    ) -> tuple[Singles, Floats, Bools, Bools, Infos]:
        """What a step returns whose finished episodes give way at once: how they ended is in `infos`."""
        over = self._over.copy()
        final: Infos = {}
        self._tell(final, over, outcome.landed, outcome.exploded)
        last = np.full(self.num_envs, None, dtype=object)
        for index in np.flatnonzero(over):
            last[index] = outcome.observations[index]
        infos |= {"final_obs": last, "_final_obs": over, "final_info": final, "_final_info": over.copy()}
        self._begin(over)
        everyone = np.ones(self.num_envs, bool)
        self._tell(infos, everyone, np.where(over, 0, outcome.landed), outcome.exploded & ~over)
        return self.episodes.sim.observations.copy(), rewards, outcome.terminated, outcome.truncated, infos

    def _tell(self, infos: Infos, rows: Bools, landed: NDArray[np.int64], exploded: Bools) -> None:
        """Adds what there is to say of `rows` (n,), the others 0, in Gymnasium's form."""
        told = {"true_score": self.episodes.true_scores(), "landed": landed, "exploded": exploded}
        for name, values in told.items():
            infos[name], infos[f"_{name}"] = np.where(rows, values, values.dtype.type(0)), rows.copy()

    def _rewards(self, outcome: Outcome, applied: Singles) -> Floats:
        if self._reward_fn is None:
            return np.zeros(self.num_envs)
        rewards = self._reward_fn(outcome.observations, applied)
        return number_array("rewards of reward_fn", rewards, (self.num_envs,)).astype(np.float64)

    def _seeded(self, seeds: Sequence[int | None] = ()) -> list[tuple[np.random.Generator, int]]:
        """The generators; those that were given no seed so far have one of the system's."""
        if self._generators is None:
            self._generators = [seeding.np_random(seed) for seed in seeds or [None] * self.num_envs]
        return self._generators

    def _checked_seeds(self, seed: Seeds) -> list[int | None]:
        if seed is None:
            return [None] * self.num_envs
        if isinstance(seed, Sequence | np.ndarray) and not isinstance(seed, str | bytes):
            if len(seed) != self.num_envs:
                raise InputError(f"seed must be one number or {self.num_envs}; found {len(seed)}.")
            return [optional_seed(one) for one in seed]
        first = whole_number("seed", seed, 0)
        return [first + index for index in range(self.num_envs)]

    def _checked_mask(self, mask: object) -> Bools:
        if mask is None:
            return np.ones(self.num_envs, bool)
        array = np.asarray(mask)
        if array.dtype != bool or array.shape != (self.num_envs,) or not array.any():
            raise InputError(
                f"{RESET_MASK} must be booleans of shape ({self.num_envs},), one at least true; found {quoted(mask)}."
            )
        return array
