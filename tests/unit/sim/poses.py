"""Robots posed by hand, and what is counted of them."""

from collections.abc import Sequence

import mujoco

from sim.task import Readings, Task


def posed(
    task: Task, x: float = 0.0, pitch: float = 0.0, lowest: float = -0.001, joints: Sequence[float] | None = None
) -> Readings:
    """At rest in a pose, legs straight unless `joints` says otherwise, its lowest part at a height above the floor.

    The clearances are what the simulator's own sensors say of it.
    """
    data = mujoco.MjData(task.model)
    data.qpos[:] = [x, 2.0, pitch, *(joints if joints is not None else (0.0,) * (task.model.nq - 3))]
    mujoco.mj_forward(task.model, data)
    data.qpos[1] += lowest - data.sensordata.min()
    mujoco.mj_forward(task.model, data)
    return Readings(data.qpos[None].copy(), data.qvel[None].copy(), data.sensordata[None].copy())


def count(task: Task, frames: list[Readings]) -> list[int]:
    """What the scorer says of each frame."""
    scorer = task.scorer(1)
    return [int(scorer.update(frame)[0]) for frame in frames]
