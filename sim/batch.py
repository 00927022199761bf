"""Many simulations of one task, a control step at a time, on native threads."""

from collections.abc import Mapping
from dataclasses import dataclass

import mujoco
import numpy as np
from mujoco.batch import Batch

from sim.checks import finite_array, whole_number
from sim.cores import usable_cores
from sim.errors import InputError
from sim.quiet import silence_batch
from sim.task import Bools, Floats, Readings, Singles, Task

STEPS_DOWN_FOR_A_FALL = 3
"""A robot that lies on the floor for this many control steps in a row has fallen."""
EXPLODED_SPEED = 1e3
"""A generalised velocity beyond this, in m/s or rad/s, is no physics any more."""
FASTEST_START = 10 * EXPLODED_SPEED
"""No start is faster: the solver would report, for each step, what is no warning of one simulation."""
FIELDS = mujoco.mjtStage.mjSTAGE_VEL.value


@dataclass(frozen=True, slots=True)
class StepResult:
    """What one control step led to, before any reset."""

    observations: Singles
    """(nsim, nobs) of the state reached. A row that exploded repeats the last good observation."""
    fallen: Bools
    """(nsim,) the episode ended in a fall (terminated)."""
    truncated: Bools
    """(nsim,) the episode reached its time limit."""
    exploded: Bools
    """(nsim,) the state was not finite or far too fast; the row must reach neither learner nor clip."""

    @property
    def done(self) -> Bools:
        """(nsim,) must be reset before the next step."""
        return self.fallen | self.truncated | self.exploded


class BatchSim:
    """`nsim` simulations of `task`, stepped together; deterministic for the same calls at any thread count.

    Call `reset` for the rows that are `done` after every `step`.
    """

    def __init__(self, task: Task, nsim: int, nthread: int = 0) -> None:
        """Starts all simulations in the model's default state.

        Args:
            task: what is simulated.
            nsim: number of simulations.
            nthread: native threads; 0 is one for each core that may be used.

        Raises:
            InputError: a number is out of its range.
        """
        nsim = whole_number("nsim", nsim, 1)
        nthread = whole_number("nthread", nthread, 0)
        self.task = task
        self.nsim = nsim
        self.exploded_total = 0
        # persistent: computing the position and velocity stages of the new state then costs nothing extra
        self._batch = Batch(task.model, nsim, nthread or usable_cores(), persistent=True)
        self._readings = Readings(self._batch.bind("qpos"), self._batch.bind("qvel"), self._batch.bind("sensordata"))
        self._ctrl = self._batch.bind("ctrl")
        self._full_size = task.state_size
        self._age = np.zeros(nsim, np.int64)
        self._down = np.zeros(nsim, np.int64)
        self._batch.reset(stage=FIELDS)
        silence_batch(self._batch)
        self._default_row = self._batch.state[0].copy()
        self._broken = np.zeros(nsim, bool)
        self._observations = task.observe(self._readings)

    @property
    def nthread(self) -> int:
        """Native threads that step the simulations."""
        return int(self._batch.nthread)

    @property
    def observations(self) -> Singles:
        """(nsim, nobs) of the present state."""
        return self._observations

    @property
    def counts(self) -> Bools:
        """(nsim,) whether a success in the present state counts: it is no earlier than the task scores episodes."""
        return np.asarray(self._age > self.task.episode_steps - self.task.scored_steps)

    @property
    def readings(self) -> Readings:
        """Live views of positions, velocities and sensors; copy what must outlive the next call."""
        return self._readings

    @property
    def body_positions(self) -> Floats:
        """(nsim, nbody, 3) live view of the centres of mass, metres; zero from the first use to the next call."""
        return np.asarray(self._batch.bind("xipos"))

    @property
    def pushes(self) -> Floats:
        """(nsim, nbody, 6) live view of forces (3) and torques (3) from outside, in the world, until a reset."""
        return np.asarray(self._batch.bind("xfrc_applied"))

    def physics_states(self) -> Floats:
        """(nsim, nstate) a copy of the mjSTATE_FULLPHYSICS rows."""
        return np.array(self._batch.state[:, : self._full_size])

    def step(self, actions: Singles) -> StepResult:
        """Holds `actions` (nsim, nu), clipped to [-1, 1], for one control step.

        Raises:
            InputError: `actions` have another shape, or are not finite numbers.
        """
        actions = finite_array("actions", actions, (self.nsim, self.task.action_size))
        np.clip(actions, -1.0, 1.0, out=self._ctrl, casting="unsafe")
        self._batch.step(nstep=self.task.substeps, stage=FIELDS)
        readings = self._readings
        speed = np.abs(readings.qvel).max(axis=1)
        exploded = ~(np.isfinite(readings.qpos).all(axis=1) & (speed < EXPLODED_SPEED))
        with np.errstate(invalid="ignore"):
            observations = self.task.observe(readings)
        if exploded.any():
            self._broken |= exploded
            self.exploded_total += int(exploded.sum())
            observations[exploded] = self._observations[exploded]
        self._observations = observations
        self._age += 1
        self._down = np.where(self.task.down(observations), self._down + 1, 0)
        fallen = (self._down >= STEPS_DOWN_FOR_A_FALL) & ~exploded
        truncated = (self._age >= self.task.episode_steps) & ~fallen & ~exploded
        return StepResult(observations, fallen, truncated, exploded)

    def reset(self, mask: Bools, qpos: Floats, qvel: Floats) -> Singles:
        """Restarts the simulations in `mask` (nsim,) from `qpos` (k, nq) and `qvel` (k, nv), k rows of the mask.

        Returns:
            (nsim, nobs) the present observations, the restarted rows included.

        Raises:
            InputError: an array has another shape, is not finite, or is faster than physics allows.
        """
        mask = self._checked_mask(mask)
        if mask.any():
            qpos, qvel = self._checked_start(mask, qpos, qvel)
            if (self._broken & mask).any():
                self._batch.reset(self._broken & mask, stage=mujoco.mjtStage.mjSTAGE_NONE.value)
                silence_batch(self._batch)
            # a native reset of each fallen row would wake all threads once more in every control step
            self._batch.state[mask] = self._default_row
            self._readings.qpos[mask] = qpos
            self._readings.qvel[mask] = qvel
            self._batch.forward(mask, stage=FIELDS)
            self._age[mask] = 0
            self._down[mask] = 0
            self._broken &= ~mask
            readings = self._readings
            started = Readings(readings.qpos[mask], readings.qvel[mask], readings.sensordata[mask])
            observations = self._observations.copy()
            observations[mask] = self.task.observe(started)
            self._observations = observations
        return self._observations

    def age_rows(self, ages: np.ndarray) -> None:
        """Sets how old (nsim,) each episode is, in control steps, so that not all end at once."""
        self._age[:] = finite_array("ages", ages, (self.nsim,))

    def state(self) -> dict[str, np.ndarray]:
        """Returns everything that the next step depends on; simulations whose physics broke are at their default."""
        rows = self._batch.state.copy()
        rows[self._broken] = self._default_row
        return {
            "rows": rows,
            "age": self._age.copy(),
            "down": self._down.copy(),
            "observations": self._observations.copy(),
        }

    def restore(self, state: Mapping[str, np.ndarray]) -> None:
        """Goes on from a `state()` of a batch of the same task and size.

        Raises:
            InputError: the state is of another task or size, or not finite; the batch is then unchanged.
        """
        checked = self._checked_state(state)
        self._batch.state[:] = checked["rows"]
        # the stages are functions of the row; the warm start in it is put back after computing them
        self._batch.forward(stage=FIELDS)
        self._batch.state[:] = checked["rows"]
        self._age[:] = checked["age"]
        self._down[:] = checked["down"]
        self._broken[:] = False
        self._observations = np.array(checked["observations"], np.float32)

    def _checked_mask(self, mask: object) -> Bools:
        array = np.asarray(mask)
        if array.dtype != bool or array.shape != (self.nsim,):
            raise InputError(
                f"mask must be booleans of shape ({self.nsim},); found {array.dtype} of shape {array.shape}."
            )
        return array

    def _checked_start(self, mask: Bools, qpos: object, qvel: object) -> tuple[Floats, Floats]:
        model, rows = self.task.model, int(mask.sum())
        positions = finite_array("qpos", qpos, (rows, int(model.nq)))
        velocities = finite_array("qvel", qvel, (rows, int(model.nv)))
        fastest = float(np.abs(velocities).max())
        if fastest > FASTEST_START:
            raise InputError(f"qvel must be at most {FASTEST_START:g} m/s or rad/s; found {fastest:g}.")
        return positions, velocities

    def _checked_state(self, state: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        present = self.state()
        missing = [name for name in present if name not in state]
        if missing:
            raise InputError(f"a state needs {', '.join(present)}; found none of {', '.join(missing)}.")
        return {name: finite_array(name, state[name], array.shape) for name, array in present.items()}
