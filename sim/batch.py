"""Many simulations of one task, a control step at a time, on native threads."""

import logging
from dataclasses import dataclass

import mujoco
import numpy as np
from mujoco.batch import Batch

from sim.cores import usable_cores
from sim.task import Bools, Floats, Readings, Singles, Task

STEPS_DOWN_FOR_A_FALL = 3
"""A robot that lies on the floor for this many control steps in a row has fallen."""
EXPLODED_SPEED = 1e3
"""A generalised velocity beyond this, in m/s or rad/s, is no physics any more."""
log = logging.getLogger(__name__)

FIELDS = mujoco.mjtStage.mjSTAGE_VEL.value


def _note(warning: str) -> None:
    log.debug("MuJoCo: %s", warning)


# Otherwise MuJoCo writes its warnings to a file wherever the program was started. Broken physics is counted anyway.
mujoco.set_mju_user_warning(_note)


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
        """
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
        """Holds `actions` (nsim, nu), clipped to [-1, 1], for one control step."""
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
        """
        if mask.any():
            if (self._broken & mask).any():
                self._batch.reset(self._broken & mask, stage=mujoco.mjtStage.mjSTAGE_NONE.value)
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
        self._age[:] = ages

    def state(self) -> dict[str, np.ndarray]:
        """Everything that the next step depends on."""
        return {
            "rows": self._batch.state.copy(),
            "age": self._age.copy(),
            "down": self._down.copy(),
            "observations": self._observations.copy(),
        }

    def restore(self, state: dict[str, np.ndarray]) -> None:
        """Goes on from a `state()` of a batch of the same task and size."""
        self._batch.state[:] = state["rows"]
        # the stages are functions of the row; the warm start in it is put back after computing them
        self._batch.forward(stage=FIELDS)
        self._batch.state[:] = state["rows"]
        self._age[:] = state["age"]
        self._down[:] = state["down"]
        self._observations = np.array(state["observations"], np.float32)
