"""What the robots with two legs have in common."""

import math

import numpy as np
import pytest

from sim.registry import get_task
from sim.task import Readings


@pytest.mark.parametrize(("name", "height", "second"), [("walker-walk", 1.3, "left"), ("cheetah-run", 0.6, "front")])
def test_observations_name_what_they_measure(name: str, height: float, second: str) -> None:
    task = get_task(name)
    qpos = np.array([[9.0, height, 0.7, -0.1, -0.2, 0.3, -0.4, -0.5, 0.6]])
    qvel = np.array([[1.0, 2.0, 3.0, 4.0, 50.0, -60.0, 7.0, 8.0, 9.0]])
    row = task.observe(Readings(qpos, qvel, np.array([[0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 2.5]])))[0]
    named = dict(zip(task.observation_names, row.tolist(), strict=True))
    assert named["height"] == pytest.approx(height) and named["sin_pitch"] == pytest.approx(math.sin(0.7))
    assert [named[joint] for joint in ("thigh", "foot", f"thigh_{second}", f"foot_{second}")] == pytest.approx(
        [-0.1, 0.3, -0.4, 0.6]
    )
    assert [named[speed] for speed in ("vx", "vz", "pitch_rate")] == [1.0, 2.0, 3.0]
    assert [named[rate] for rate in ("leg_rate", "foot_rate", f"leg_{second}_rate")] == [30.0, -30.0, 8.0]
    clearances = [named[part] for part in ("torso_clearance", "foot_clearance", f"foot_{second}_clearance")]
    assert clearances == pytest.approx([0.1, 0.4, 1.0])
