"""Poses, clips and a renderer that the tests of `sim` share."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from sim.clip import Clip
from sim.registry import get_task
from sim.render import SceneRenderer
from sim.task import Floats, Readings, Task
from tests.unit.sim.poses import posed

StateOf = Callable[..., Floats]


@pytest.fixture(scope="session")
def task() -> Task:
    """The task that everything is tested with."""
    return get_task("hopper-backflip")


@pytest.fixture(scope="session")
def state_of(task: Task) -> StateOf:
    """A function from a pose to a physics state."""

    def make(x: float = 0.0, z: float = 1.25, pitch: float = 0.0, leg: Sequence[float] = (0.0, 0.0, 0.0)) -> Floats:
        state = np.zeros(task.state_size)
        state[1 : 1 + task.model.nq] = (x, z, pitch, *leg)
        return state

    return make


@pytest.fixture(scope="session")
def clip(task: Task, state_of: StateOf) -> Clip:
    """Twelve frames of walking to the right, a pose of its own in each."""
    states = np.stack([state_of(x=0.1 * frame, z=1.25 + 0.01 * frame) for frame in range(12)])
    rng = np.random.default_rng(0)
    observations = rng.normal(size=(12, task.observation_size)).astype(np.float32)
    actions = rng.uniform(-1, 1, (12, task.action_size)).astype(np.float32)
    return Clip(
        task.name, task.model_hash, task.control_dt, states, observations, actions, 7, {"start": "normal", "row": 3}
    )


class Puppet:
    """Poses the hopper by hand and reads what the simulator's own sensors say of it."""

    def __init__(self, task: Task) -> None:
        self._task = task

    def pose(self, pitch: float, lowest: float, leg: Sequence[float] = (0.0, 0.0, 0.0)) -> tuple[Floats, Floats]:
        """The pose whose lowest point is `lowest` metres above the floor: qpos (6,), clearances (4,)."""
        frame = posed(self._task, pitch=pitch, lowest=lowest, joints=leg)
        return frame.qpos[0], frame.sensordata[0]

    def readings(self, frames: Sequence[tuple[float, ...]]) -> list[Readings]:
        """Each frame is (pitch, lowest) or (pitch, lowest, thigh, leg, foot)."""
        posed = [self.pose(frame[0], frame[1], frame[2:] or (0.0, 0.0, 0.0)) for frame in frames]
        return [Readings(qpos[None], np.zeros((1, 6)), clearances[None]) for qpos, clearances in posed]


@pytest.fixture(scope="session")
def puppet(task: Task) -> Puppet:
    """See Puppet."""
    return Puppet(task)


@pytest.fixture(scope="session")
def renderer(real_renderer: SceneRenderer) -> SceneRenderer:
    """A plain renderer; tests that draw are skipped on machines that cannot."""
    return real_renderer
