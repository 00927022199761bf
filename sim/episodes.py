"""Episodes of a task as Gymnasium counts them, any number at once: what the single and the vector environment share."""

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.batch import BatchSim
from sim.checks import number_array, quoted
from sim.errors import InputError
from sim.registry import get_task
from sim.score import score_of
from sim.task import Bools, Floats, Singles, Task

State = dict[str, Any]
"""Everything that the next step of an environment depends on, as copies: arrays, and the name of the task."""
TASK, SIMULATION, SCORER = "task", "simulation", "scorer"
"""Entries of a `State`: the task's name, and what parts of it begin with."""
COUNTS = ("successes", "recent", "scored", "steps", "begun")
"""Further entries: attributes of `Episodes` whose rows are the simulations."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one control step led to, before any reset; each array has a row for each simulation."""

    observations: Singles
    """(n, nobs) a copy; a row whose physics broke repeats its last good observation."""
    terminated: Bools
    """(n,) the robot fell, or the physics broke."""
    truncated: Bools
    """(n,) the episode has lasted as long as it may; as with Gymnasium's TimeLimit, it may be terminated as well."""
    landed: NDArray[np.int64]
    """(n,) successes completed by this step."""
    exploded: Bools
    """(n,) the physics broke."""


class Episodes:
    """`n` episodes of a task, stepped together, each with its true score so far."""

    def __init__(self, task: Task, n: int, max_steps: int | None, nthread: int = 0) -> None:
        """Makes the simulations; each waits for its first `reset`.

        Args:
            task: what is simulated.
            n: number of simulations.
            max_steps: control steps after which an episode is truncated; None never truncates.
            nthread: native threads; 0 is one for each core that may be used.
        """
        self.task, self.n, self.max_steps = task, n, max_steps
        self.sim = BatchSim(task, n, nthread)
        self.scorer = task.scorer(n)
        self.begun = np.zeros(n, bool)
        """(n,) whether an episode goes on that can be stepped."""
        self.steps = np.zeros(n, np.int64)
        """(n,) control steps of the present episode."""
        self.scored = np.zeros(n, np.int64)
        """(n,) those of them whose successes may count."""
        self.successes = np.zeros(n, np.int64)
        """(n,) successes in them."""
        self.recent = np.zeros((n, 0 if task.score_window is None else task.scored_steps), np.int64)
        """(n, window) successes of the last steps of a task with a score window, in a ring."""

    def reset(self, rows: Bools, qpos: Floats, qvel: Floats) -> None:
        """Starts new episodes of the k `rows` (n,) from `qpos` (k, nq) and `qvel` (k, nv)."""
        self.sim.reset(rows, qpos, qvel)
        others = self.scorer.state()
        self.scorer.reset(rows)
        self.scorer.update(self.sim.readings)
        self.scorer.restore(others, ~rows)
        for counts in (self.steps, self.scored, self.successes, self.recent):
            counts[rows] = 0
        self.begun |= rows

    def step(self, actions: Singles) -> Outcome:
        """Holds `actions` (n, nu), clipped to [-1, 1], for one control step of all simulations."""
        result = self.sim.step(actions)
        counts = self.sim.counts.astype(np.int64)
        landed = np.where(result.exploded, 0, counts * self.scorer.update(self.sim.readings))
        if self.recent.shape[1]:
            every = np.arange(self.n), self.scored % self.recent.shape[1]
            self.recent[every] = np.where(counts > 0, landed, self.recent[every])
        self.successes += landed
        self.scored += counts
        self.steps += 1
        self.begun &= ~result.exploded
        terminated = result.fallen | result.exploded
        truncated = np.zeros(self.n, bool) if self.max_steps is None else self.steps >= self.max_steps
        return Outcome(result.observations.copy(), terminated, truncated, landed, result.exploded)

    def true_scores(self) -> Floats:
        """Returns the true score (n,) of each episode so far.

        That of a task with a score window begins where the window does, at the end of the task's own episodes; after
        that it is the share of the last `score_window` seconds.
        """
        window = self.recent.shape[1]
        counted = np.minimum(self.scored, window) if window else self.scored
        successes = self.recent.sum(axis=1) if window else self.successes
        pairs = zip(successes, counted, strict=True)
        return np.array([score_of(self.task, float(count), int(steps)) for count, steps in pairs])

    def get_state(self) -> State:
        """Returns copies of everything that the next step depends on."""
        parts = {SIMULATION: self.sim.state(), SCORER: self.scorer.state()}
        state: State = {TASK: self.task.name} | {name: getattr(self, name).copy() for name in COUNTS}
        return state | {f"{part}.{name}": value for part, values in parts.items() for name, value in values.items()}

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Goes on from a state of episodes of the same task and number.

        Raises:
            InputError: it is another task's, of another number of simulations, or damaged; nothing is changed then.
        """
        present = self.get_state()
        if not isinstance(state, Mapping):
            raise InputError(f"a state must be what get_state() returned; found {quoted(state)}.")
        if state.get(TASK) != present[TASK]:
            found = quoted(state.get(TASK))
            raise InputError(f"a state must be what get_state() returned, of task '{present[TASK]}'; found {found}.")
        missing = sorted(set(present) - set(state))
        if missing:
            raise InputError(f"a state must be what get_state() returned; found none of {', '.join(missing)}.")
        for name, value in present.items():
            if isinstance(value, np.ndarray) and value.dtype == bool:
                _check_flags(name, state[name], value.shape)
            elif isinstance(value, np.ndarray):
                number_array(name, state[name], value.shape)
        # it checks before it changes anything
        self.sim.restore(_part(SIMULATION, state))
        self.scorer.restore(_part(SCORER, state))
        for name in COUNTS:
            getattr(self, name)[:] = state[name]

    def __reduce__(self) -> tuple[Any, ...]:
        """A copy is made anew, since native threads cannot be copied, and goes on from the same state."""
        arguments = self.task.name, self.n, self.max_steps, self.sim.nthread
        return _remade, (arguments, self.get_state())

    def __deepcopy__(self, memo: dict[int, Any]) -> "Episodes":
        """Copies of an environment share what never changes: the task and its model."""
        twin = Episodes(self.task, self.n, self.max_steps, self.sim.nthread)
        # a scorer may be a user's own, and remember more than arrays
        twin.scorer = copy.deepcopy(self.scorer, memo)
        twin.set_state(self.get_state())
        return twin


def _remade(arguments: tuple[str, int, int | None, int], state: State) -> Episodes:
    name, n, max_steps, nthread = arguments
    episodes = Episodes(get_task(name), n, max_steps, nthread)
    episodes.set_state(state)
    return episodes


def _part(part: str, state: Mapping[str, Any]) -> dict[str, Any]:
    return {name.removeprefix(f"{part}."): state[name] for name in state if name.startswith(f"{part}.")}


def _check_flags(name: str, value: object, shape: tuple[int, ...]) -> None:
    array = np.asarray(value)
    if array.dtype != bool or array.shape != shape:
        raise InputError(f"{name} must be booleans of shape {shape}; found {array.dtype} of shape {array.shape}.")
