"""What servos have to be told so that nothing moves."""

import mujoco
import numpy as np

from sim.batch import BatchSim
from sim.registry import get_task
from sim.servos import holding_controls

XML = """
<mujoco>
  <option gravity="0 0 0"/>
  <worldbody>
    <body><joint name="a" axis="0 1 0"/><geom size="0.1"/>
      <body pos="0.3 0 0"><joint name="b" axis="0 1 0"/><geom size="0.1"/></body>
    </body>
  </worldbody>
  <tendon><fixed name="sum"><joint joint="a" coef="1"/><joint joint="b" coef="-2"/></fixed></tendon>
  <actuator>
    <position joint="a" kp="8"/>
    <general tendon="sum" gaintype="fixed" biastype="affine" gainprm="3" biasprm="0.6 -6 -1"/>
  </actuator>
</mujoco>
"""


def test_a_servo_that_is_told_so_pulls_at_nothing() -> None:
    model = mujoco.MjModel.from_xml_string(XML)
    data = mujoco.MjData(model)
    for positions in np.random.default_rng(0).uniform(-0.5, 0.5, (8, 2)):
        data.qpos[:], data.qvel[:] = positions, 0.0
        data.ctrl[:] = holding_controls(model, positions[None])[0]
        mujoco.mj_forward(model, data)
        assert np.abs(data.actuator_force).max() < 1e-9
        data.ctrl += 0.1
        mujoco.mj_forward(model, data)
        assert np.abs(data.actuator_force).min() > 0.1, "it cannot fail"


def test_the_arm_stays_where_it_is() -> None:
    task = get_task("gripper-grasp")
    qpos, qvel = task.diverse_start(np.random.default_rng(3), 64)
    sim = BatchSim(task, 64, nthread=1)
    observations = sim.reset(np.ones(64, bool), qpos, np.zeros_like(qvel))
    before = observations[:, :4].copy()
    places = task.holding_actions(observations)
    assert places is not None and places.shape == (64, 5)
    reachable = (np.abs(places) < 1.0).all(axis=1)
    for _ in range(25):
        after = sim.step(places).observations[:, :4]
    assert reachable.sum() > 16 and np.abs(after - before)[reachable].max() < 0.1
    assert np.abs(after - before)[~reachable].max() > 0.1, "out of reach nothing holds it"


def test_a_task_without_servos_has_none() -> None:
    task = get_task("hopper-hop")
    assert task.holding_actions(np.zeros((2, task.observation_size), np.float32)) is None
