"""The half cheetah: a planar robot with a long body, a hind leg and a foreleg, whatever it is taught."""

import numpy as np

from sim.planar import TOUCH, Layout, PlanarTask
from sim.task import Bools, CameraPose, Singles

LAYOUT = Layout(
    legs=("", "_front"),
    leg_centre=(0.0, 0.0, 0.0),
    thrown_legs=(
        ((-0.5, 1.0), (-0.7, 0.7), (-0.4, 0.7)),
        ((-0.9, 0.6), (-1.1, 0.8), (-0.5, 0.5)),
    ),
    thrown_height=(1.15, 2.1),
    start_height=0.62,
    height=(0.6, 0.3),
    leg_spread=(0.4, 0.4, 0.3),
    speed_spread=3.0,
    part_heights=(0.5, 0.3, 0.2, 0.1),
)
TORSO = LAYOUT.clearance.start
"""Column of an observation: how far the torso and the head are up."""


class CheetahTask(PlanarTask):
    """The robot's part of every cheetah task."""

    model_file = "cheetah.xml"
    layout = LAYOUT
    camera = CameraPose(azimuth=90.0, elevation=-8.0, distance=3.4, lookat=(0.0, 0.0, 0.65), follow="torso")

    def down(self, observations: Singles) -> Bools:
        """The torso or the head touches the floor: on its back, on its nose or on its belly.

        Its height says little, since it stands low and can stand on its head.
        """
        return np.asarray(observations[:, TORSO] < TOUCH)
