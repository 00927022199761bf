"""One simulation that a policy plays step by step, for somebody who watches: it can be pushed, and has a memory."""

from enum import Enum

import numpy as np

from sim.attempts import Attempts
from sim.batch import BatchSim
from sim.checks import finite_array, whole_number
from sim.clip import Clip
from sim.policy import PolicyWeights
from sim.score import score_of
from sim.task import Floats, Singles, Task

REMEMBERED_SECONDS = 10.0
"""So much of the past is kept, seconds of simulation."""
NOBODY = 0
"""The body that is the world: pushing it is pushing nothing."""


class Moment(Enum):
    """What a control step led to."""

    NOTHING = "nothing"
    SUCCESS = "success"
    """The true score counts it."""
    FALL = "fall"
    """The robot lies on the floor (or its physics broke): the next step starts anew."""
    CUT = "cut"
    """The episode is over by time: the next step starts anew."""


class LiveRollout:
    """A policy at play, as in `sim.score.evaluate`: the same steps, falls, restarts and counts, one step at a time."""

    def __init__(self, task: Task, seed: int = 0) -> None:
        """Stands at the task's normal start.

        Args:
            task: what is simulated.
            seed: decides the starts.

        Raises:
            InputError: `seed` is no whole number from 0.
        """
        self.task = task
        self.policy: PolicyWeights | None = None
        """Who acts; without one all actions are 0."""
        self.spread: Singles = np.zeros(task.action_size, np.float32)
        """(nu,) standard deviation of the noise on each action: a policy that tries things shows more to judge."""
        self.lie_steps = 0
        """So many control steps a robot that fell is left lying, before a fresh start."""
        self._lain = 0
        self.diverse_share = 0.0
        """Chance that a fresh start is one of the diverse ones."""
        self._rng = np.random.default_rng(whole_number("seed", seed, 0))
        # the caller's thread does it all: one simulation is no work for a second one
        self._sim = BatchSim(task, 1, nthread=1)
        self._positions, self._pushes = self._sim.body_positions, self._sim.pushes
        self._pushed, self._force = NOBODY, np.zeros(3)
        self._everyone = np.ones(1, bool)
        length = round(REMEMBERED_SECONDS / task.control_dt)
        self._states = np.zeros((length, task.state_size))
        self._observations = np.zeros((length, task.observation_size), np.float32)
        self._actions = np.zeros((length, task.action_size), np.float32)
        self._steps = 0
        self._state: Floats
        self._start: Floats
        self._over: bool
        self._stand_up()
        self._scorer = task.scorer(1)
        self._scorer.update(self._sim.readings)
        self._attempts = task.attempt_counter(1)
        self.clear_counts()

    @property
    def state(self) -> Floats:
        """(nstate,) the present mjSTATE_FULLPHYSICS row, a copy; the last sound one when physics broke."""
        return self._state

    @property
    def start(self) -> Floats:
        """(nstate,) the state that the present episode started from."""
        return self._start

    @property
    def body_positions(self) -> Floats:
        """(nbody, 3) live view of the bodies' centres of mass in the world, metres; row 0 is the world."""
        row: Floats = self._positions[0]
        return row

    @property
    def steps(self) -> int:
        """Control steps since the beginning, over all episodes."""
        return self._steps

    @property
    def memory_steps(self) -> int:
        """How many control steps are remembered at most."""
        return len(self._states)

    @property
    def seconds_counted(self) -> float:
        """Seconds of simulation that `successes` and `falls` are counted over."""
        return self._counted * self.task.control_dt

    @property
    def true_score(self) -> float:
        """What was counted, as `sim.score.score_of` says it."""
        return score_of(self.task, self.successes, self._scored)

    @property
    def attempts(self) -> Attempts:
        """What was attempted meanwhile, and what the strict count refused of it."""
        return self._attempts.attempts(self._scored * self.task.control_dt)

    @property
    def last(self) -> tuple[Singles, Singles]:
        """(nobs,), (nu,) of the last step that is remembered: what was reached, and the action that led there."""
        row = (self._steps - 1) % len(self._states)
        return self._observations[row], self._actions[row]

    def clear_counts(self) -> None:
        """Counts successes and falls from here."""
        self.successes = self.falls = self._counted = self._scored = 0
        self._attempts.clear()

    def step(self) -> Moment:
        """One control step of the policy; after a fall or a cut, from a fresh start."""
        if self._over:
            self.restart()
        actions = self._actions_now()
        self._pushes[0] = 0.0
        self._pushes[0, self._pushed, :3] = self._force
        result = self._sim.step(actions)
        self._observed = result.observations
        counts = int(self._sim.counts[0])
        scored = counts * int(self._scorer.update(self._sim.readings)[0])
        self._counted += 1
        self._scored += counts
        broken = bool(result.exploded[0])
        counted = np.array([0 if broken else scored])
        self._attempts.update(self._sim.readings, counted, self._sim.counts & ~result.exploded)
        if not broken:
            self._state = self._sim.physics_states()[0]
            self._remember(actions)
            self.successes += scored
        self._over = bool(result.done[0])
        if broken or result.fallen[0]:
            return self._fall(broken=broken)
        if self._lain:  # it got up by itself
            self._over = True
            return Moment.CUT
        if scored:
            return Moment.SUCCESS
        return Moment.CUT if self._over else Moment.NOTHING

    def _fall(self, *, broken: bool) -> Moment:
        """Counts a fall once; the robot lies there for a while if it is to."""
        self._lain += 1
        self._over = broken or self._lain > self.lie_steps
        if self._lain > 1:
            return Moment.CUT if self._over else Moment.NOTHING
        self.falls += 1
        return Moment.FALL

    def restart(self) -> None:
        """Stands at a normal start again; counts go on."""
        self._stand_up()
        self._scorer.reset(self._everyone)
        self._attempts.reset(self._everyone)

    def push(self, body: int, force: Floats) -> None:
        """Pulls a body by its centre of mass with `force` (3,), newtons in the world, until told otherwise.

        Raises:
            InputError: there is no such body, or `force` is no vector of finite numbers.
        """
        self._pushed = whole_number("body", body, NOBODY, len(self.body_positions) - 1)
        self._force = finite_array("forces", force, (3,)).astype(np.float64)

    def let_go(self) -> None:
        """Ends a push."""
        self.push(NOBODY, np.zeros(3))

    def recent(self, steps: int) -> Clip | None:
        """The last `steps` control steps that are remembered, fewer if there are not so many; None before the first.

        It may reach over a restart.
        """
        rows = self._last(min(steps, self._steps))
        if not len(rows):
            return None
        task = self.task
        past = self._states[rows], self._observations[rows], self._actions[rows]
        return Clip(task.name, task.model_hash, task.control_dt, *past)

    def trail(self, steps: int) -> Floats:
        """(k, nstate) the last states since the restart, at most `steps`, oldest first."""
        rows: Floats = self._states[self._last(min(steps, self._since_restart))]
        return rows

    def _stand_up(self) -> None:
        start = (
            self.task.mixed_start(self._rng, 1, self.diverse_share)
            if self.diverse_share > 0.0
            else self.task.normal_start(self._rng, 1)
        )
        self._observed = self._sim.reset(self._everyone, *start)
        self._start = self._state = self._sim.physics_states()[0]
        self._since_restart = self._lain = 0
        self._over = False

    def _actions_now(self) -> Singles:
        if self.policy is None:
            return np.zeros((1, self.task.action_size), np.float32)
        actions = self.policy.act(self._observed)
        if self.spread.any():
            actions += self.spread * self._rng.standard_normal(actions.shape, np.float32)
            np.clip(actions, -1.0, 1.0, out=actions)
        return actions

    def _remember(self, actions: Singles) -> None:
        row = self._steps % len(self._states)
        self._states[row] = self._state
        self._observations[row] = self._observed[0]
        self._actions[row] = actions[0]
        self._steps += 1
        self._since_restart += 1

    def _last(self, steps: int) -> np.ndarray:
        """Rows of the memory, oldest first."""
        kept = min(steps, len(self._states))
        return np.arange(self._steps - kept, self._steps) % len(self._states)
