"""A hand that grasps by a script, and what comes of it."""

import math
from collections.abc import Callable

import numpy as np

from sim.batch import BatchSim
from sim.gripper import BALL, BALL_IN_HAND, BALL_RADIUS, GAPS, TOUCH
from sim.task import Floats, Singles, Task

SHUT, OPEN = -1.0, 1.0
Act = Callable[[Singles], Singles]


def reach(out: float, height: float) -> tuple[float, float]:
    """Controls of shoulder and elbow that bring a hand that looks down to a distance from the axis and a height."""
    (x1, z1), (x2, z2) = (0.174, 0.165), (0.146, -0.165)
    upper, lower = math.hypot(x1, z1), math.hypot(x2, z2)
    x, z = out, height + 0.118 - 0.22
    far = math.hypot(x, z)
    raised = math.atan2(z, x) + math.acos((upper**2 + far**2 - lower**2) / (2 * upper * far))
    hangs = math.atan2(z - upper * math.sin(raised), x - upper * math.cos(raised))
    shoulder = math.atan2(z1, x1) - raised
    elbow = math.atan2(z2, x2) - hangs - shoulder
    return shoulder / 0.5, elbow / 0.55


def scripted(lift: float) -> Act:
    """A hand that goes above the ball, down, shuts, and lifts it to a height."""

    def act(observations: Singles) -> Singles:
        actions = np.zeros((len(observations), 5), np.float32)
        for action, row in zip(actions, observations, strict=True):
            x, y, _ = row[BALL].tolist()
            aside, above = np.linalg.norm(row[BALL_IN_HAND][:2]), -row[BALL_IN_HAND][2]
            near = aside < 0.015 and above < 0.02
            held = row[GAPS][0] < TOUCH and row[GAPS][1:].min() < TOUCH
            height = lift if near and held else (BALL_RADIUS + 0.005 if aside < 0.015 else 0.13)
            action[0] = math.atan2(y, x) / 0.45
            action[1:3] = reach(min(math.hypot(x, y), 0.42), height)
            action[4] = SHUT if near else OPEN
        return actions

    return act


def played(task: Task, act: Act, seed: int = 1) -> Floats:
    """(T + 1, nstate) the states of an episode, the start first."""
    sim = BatchSim(task, 1, nthread=1)
    observations = sim.reset(np.ones(1, bool), *task.normal_start(np.random.default_rng(seed), 1))
    states = [sim.physics_states()[0]]
    for _ in range(task.episode_steps):
        observations = sim.step(act(observations)).observations
        states.append(sim.physics_states()[0])
    return np.stack(states)
