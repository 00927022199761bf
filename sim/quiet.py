"""Keeps MuJoCo's warnings about our own simulations off the disk, and leaves everybody else's alone.

MuJoCo reports each kind of warning once for each MjData, when its count rises from 0, by default on the terminal and in
a file MUJOCO_LOG.TXT in the current folder. The handler that would change this is one for the whole process, where a
user's own models are simulated too. So the counts of our data start at 1: broken physics is found in the states anyway.
"""

import mujoco
from mujoco.batch import Batch

REPORTED = 1
"""A count that MuJoCo takes for reported already."""
COUNT_COLUMN = 1
"""Column of `Batch.warning` that counts; the other one is the warning's last argument."""


def silence(data: mujoco.MjData) -> None:
    """Keeps MuJoCo from reporting warnings about `data`; to be repeated after mj_resetData."""
    data.warning.number[:] = REPORTED


def silence_batch(batch: Batch) -> None:
    """Keeps MuJoCo from reporting warnings about the simulations of `batch`; to be repeated after its `reset`."""
    batch.warning[..., COUNT_COLUMN] = REPORTED
