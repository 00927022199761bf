"""Practice: the policy acts in many simulations at once, and what came of it is kept for one improvement."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from learning.policy import ActorCritic, gaussian_log_prob
from sim.batch import BatchSim
from sim.task import Bools, Floats, Singles, Task


@dataclass(frozen=True, slots=True, eq=False)
class Rollout:
    """`T` control steps of `N` simulations. Frame `t` is what action `t` produced, before any reset."""

    inputs: Tensor
    """(T, N, nobs) normalised observations that the actions were chosen on."""
    actions: Tensor
    """(T, N, nu) as drawn, not clipped."""
    log_probs: Tensor
    """(T, N)"""
    means: Tensor
    """(T, N, nu) of the policy that acted."""
    log_std: Tensor
    """(nu,) of the policy that acted."""
    reached: Singles
    """(T, N, nobs) observations of the frames."""
    fallen: Bools
    """(T, N) the episode ended in a fall."""
    truncated: Bools
    """(T, N) the episode was cut off: by its time limit, or since the state left all bounds."""
    last_inputs: Tensor
    """(N, nobs) normalised observations that the next actions will be chosen on."""

    @property
    def steps(self) -> int:
        """Control steps in it."""
        return int(self.fallen.size)


REMEMBER_EVERY = 4
"""Of each so-manieth control step of a rollout, the states are remembered for restarts."""


START_STOCK = 256
"""So many starts are drawn at once: a rollout uses up some 150."""
START_SAMPLE = 16
"""Normal starts over which the value of a fresh start is averaged."""


def start_inputs(task: Task, policy: ActorCritic, seed: int) -> Tensor:
    """(START_SAMPLE, nobs) normalised observations of normal starts."""
    starts = task.normal_start(np.random.default_rng(seed), START_SAMPLE)
    observations = BatchSim(task, START_SAMPLE, nthread=1).reset(np.ones(START_SAMPLE, bool), *starts)
    return policy.normalise(torch.from_numpy(observations))


class PracticeGround:
    """`nsim` simulations that go on from rollout to rollout.

    A share of the episodes starts from the task's diverse starts: what follows after a landing is otherwise never seen
    before the policy can land. Another share goes on from a state that the policy itself was in lately, so that the
    middle of what it does is practised as often as the beginning (Tavakoli et al. 2018, "Exploring restart
    distributions"; docs/lab-notes.md).
    """

    def __init__(
        self,
        task: Task,
        nsim: int,
        diverse_share: float,
        revisited_share: float,
        rng: np.random.Generator,
        nthread: int = 0,
    ) -> None:
        """Simulations that have just been started.

        Args:
            task: what is simulated.
            nsim: how many at once.
            diverse_share: chance that an episode starts from a diverse start.
            revisited_share: chance that it starts from a state of the last rollout instead of either start.
            rng: shared with the trainer.
            nthread: native threads; 0 is one for each core that may be used.
        """
        self.task = task
        self.sim = BatchSim(task, nsim, nthread)
        self._diverse_share = diverse_share
        self._revisited_share = revisited_share
        self._rng = rng
        self.restart()

    def restart(self) -> None:
        """Starts every simulation anew, at ages spread over an episode so that they do not all end at once."""
        nsim = self.sim.nsim
        self.visited: tuple[Floats, Floats] = (np.empty((0, self.task.model.nq)), np.empty((0, self.task.model.nv)))
        """Positions (k, nq) and velocities (k, nv) of the last rollout."""
        self._stock = self.visited
        self.sim.reset(np.ones(nsim, bool), *self._starts(nsim))
        self.sim.age_rows(self._rng.integers(0, self.task.episode_steps, nsim))

    def collect(self, policy: ActorCritic, steps: int) -> Rollout:
        """Lets `policy` act for `steps` control steps, with its own spread."""
        sim, task = self.sim, self.task
        nsim = sim.nsim
        inputs = torch.empty(steps, nsim, task.observation_size)
        actions = torch.empty(steps, nsim, task.action_size)
        means = torch.empty(steps, nsim, task.action_size)
        reached = np.empty((steps, nsim, task.observation_size), np.float32)
        fallen = np.empty((steps, nsim), bool)
        truncated = np.empty((steps, nsim), bool)
        noise = torch.from_numpy(self._rng.standard_normal((steps, nsim, task.action_size), np.float32))
        observations = sim.observations
        self._stock = self._starts(START_STOCK)
        visited: list[tuple[Floats, Floats]] = []
        with torch.no_grad():
            log_std = policy.spread()
            noise *= torch.exp(log_std)
            for t in range(steps):
                x = policy.normalise(torch.from_numpy(observations))
                inputs[t] = x
                mean = policy.mean(x)
                means[t] = mean
                torch.add(mean, noise[t], out=actions[t])
                result = sim.step(actions[t].numpy())
                reached[t] = result.observations
                fallen[t] = result.fallen
                truncated[t] = result.truncated | result.exploded
                if t % REMEMBER_EVERY == 0:
                    usable = ~(result.done | task.down(result.observations))
                    visited.append((sim.readings.qpos[usable], sim.readings.qvel[usable]))
                observations = self._restart_done(result.done)
            log_probs = gaussian_log_prob(actions, means, log_std)
            last = policy.normalise(torch.from_numpy(observations))
        qpos, qvel = zip(*visited, strict=True)
        self.visited = np.concatenate(qpos), np.concatenate(qvel)
        return Rollout(inputs, actions, log_probs, means, log_std.clone(), reached, fallen, truncated, last)

    def _restart_done(self, done: Bools) -> Singles:
        count = int(np.count_nonzero(done))
        return self.sim.reset(done, *self._take_starts(count)) if count else self.sim.observations

    def _take_starts(self, count: int) -> tuple[Floats, Floats]:
        """`count` starts from a stock: drawing a few is hardly cheaper than drawing many."""
        qpos, qvel = self._stock
        if len(qpos) < count:
            more_qpos, more_qvel = self._starts(max(count, START_STOCK))
            qpos, qvel = np.concatenate([qpos, more_qpos]), np.concatenate([qvel, more_qvel])
        self._stock = qpos[count:], qvel[count:]
        return qpos[:count], qvel[:count]

    def _starts(self, n: int) -> tuple[Floats, Floats]:
        qpos, qvel = self.task.mixed_start(self._rng, n, self._diverse_share)
        if len(self.visited[0]):
            again = self._rng.random(n) < self._revisited_share
            rows = self._rng.integers(0, len(self.visited[0]), n)[again]
            qpos[again], qvel[again] = self.visited[0][rows], self.visited[1][rows]
        return qpos, qvel
