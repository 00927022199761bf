"""Servos: motors that go to a place, as MuJoCo's affine actuators with a gain of the control and one of the length."""

import mujoco
import numpy as np

from sim.checks import finite_array
from sim.task import Floats


def holding_controls(model: mujoco.MjModel, qpos: Floats) -> Floats:
    """What servos have to be told so that everything stays where it is, but for what else pulls at it.

    Args:
        model: all of whose actuators are servos.
        qpos: (n, nq) positions.

    Returns:
        (n, nu) controls, not clipped: places out of a servo's range have none that it takes.

    Raises:
        InputError: `qpos` has another shape, or is not finite.
    """
    qpos = finite_array("qpos", qpos, ("n", int(model.nq)))
    data = mujoco.MjData(model)
    lengths = np.empty((len(qpos), model.nu))
    for length, positions in zip(lengths, qpos, strict=True):
        data.qpos[:] = positions
        for stage in (mujoco.mj_kinematics, mujoco.mj_comPos, mujoco.mj_tendon, mujoco.mj_transmission):
            stage(model, data)
        length[:] = data.actuator_length
    # a servo's force is gain * control + offset + stiffness * length - ..., and none where it stands
    offset, stiffness = model.actuator_biasprm[:, 0], model.actuator_biasprm[:, 1]
    return np.asarray(-(offset + stiffness * lengths) / model.actuator_gainprm[:, 0])
