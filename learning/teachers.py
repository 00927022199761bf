"""Simulated teachers after B-Pref (Lee et al. 2021, section 4.1), driven by the task's hidden partial credit."""

from dataclasses import dataclass, replace

import numpy as np

from learning.messages import Choice, Pair, PairKind
from sim.batch import BatchSim
from sim.clip import Clip
from sim.task import Task

REFERENCE_CLIPS, REFERENCE_STEPS = 128, 50
"""Of random actions from diverse starts: they give the unit in which a teacher's thresholds are."""


@dataclass(frozen=True, slots=True)
class TeacherConfig:
    """The parameters, in the paper's words. The credit of a frame is measured in units of its own spread."""

    beta: float = np.inf
    """Rationality: the answer is drawn from a Boltzmann distribution of the returns; infinite is always the better."""
    gamma: float = 1.0
    """Myopia: credit counts gamma ** (frames before the clip's end)."""
    epsilon: float = 0.0
    """Share of answers that are turned round by mistake."""
    skip: float = 0.0
    """Cannot tell, if neither clip's return reaches this much a frame."""
    equal: float = 0.0
    """Equal, if the returns differ by less than this much a frame."""

    def __post_init__(self) -> None:
        if not (self.beta > 0 and 0 < self.gamma <= 1 and 0 <= self.epsilon <= 1 and self.equal >= 0):
            raise ValueError(f"no teacher has these parameters: {self}")


ORACLE = TeacherConfig()
CONFIGS: dict[str, TeacherConfig] = {
    "oracle": ORACLE,
    "mistaken": replace(ORACLE, epsilon=0.1),
    "noisy": replace(ORACLE, beta=1.0),
    "skipping": replace(ORACLE, skip=0.1),
    "myopic": replace(ORACLE, gamma=0.9),
    "equal": replace(ORACLE, equal=0.1),
}
TEACHER_KINDS = tuple(CONFIGS)
"""What `--teacher` takes."""


class SimulatedTeacher:
    """Answers pairs. What it says depends on the pair and its seed alone, so that a resumed run goes on alike."""

    def __init__(self, config: TeacherConfig, task: Task, seed: int) -> None:
        """`seed` decides its mistakes and its noise."""
        self.config = config
        self._task = task
        self._seed = seed
        self._unit = credit_spread(task)

    def answer(self, pair: Pair) -> Choice:
        """Its answer to `pair`."""
        config = self.config
        of = self.showing if pair.kind is PairKind.AUDITION else self.returns
        left, right = of(pair.left), of(pair.right)
        weights = self._weights(min(len(pair.left), len(pair.right)))
        frames = float(weights.sum())
        # once, by the frames that count: B-Pref's released code multiplies its margins in again after every round
        if config.skip > 0 and max(left, right) < config.skip * frames:
            return Choice.CANNOT_TELL
        if abs(left - right) < config.equal * frames or left == right:
            return Choice.EQUAL
        rng = np.random.default_rng((self._seed, pair.id))
        if np.isinf(config.beta):
            prefers_left = left > right
        else:
            chance = 1.0 / (1.0 + np.exp(-np.clip(config.beta * (left - right), -40.0, 40.0)))
            prefers_left = rng.random() < chance
        if config.epsilon > 0 and rng.random() < config.epsilon:
            prefers_left = not prefers_left
        return Choice.LEFT if prefers_left else Choice.RIGHT

    def returns(self, clip: Clip) -> float:
        """The clip's discounted credit, in units of a frame's spread."""
        credit = self._task.credit(clip.observations, clip.actions) / self._unit
        return float(credit @ self._weights(len(clip)))

    def showing(self, clip: Clip) -> float:
        """What a whole showing of a policy counts, in units of a frame's spread."""
        return self._task.showing_credit(clip.observations, clip.actions) / self._unit

    def _weights(self, frames: int) -> np.ndarray:
        return self.config.gamma ** np.arange(frames - 1, -1, -1, dtype=np.float64)


def make_teacher(kind: str, task: Task, seed: int) -> SimulatedTeacher:
    """A simulated teacher of one of `TEACHER_KINDS`."""
    return SimulatedTeacher(CONFIGS[kind], task, seed)


def credit_spread(task: Task) -> float:
    """Standard deviation of a frame's credit when the robot is thrown about: the unit of a teacher's thresholds."""
    rng = np.random.default_rng(0)
    sim = BatchSim(task, REFERENCE_CLIPS)
    sim.reset(np.ones(REFERENCE_CLIPS, bool), *task.diverse_start(rng, REFERENCE_CLIPS))
    shape = (REFERENCE_STEPS, REFERENCE_CLIPS, task.action_size)
    actions = rng.uniform(-1.0, 1.0, shape).astype(np.float32)
    observations = np.stack([sim.step(action).observations for action in actions])
    return max(float(task.credit(observations, actions).std()), 1e-6)
