"""The hopper: a planar robot with one leg, whatever it is taught."""

from sim.planar import BENT_LEG, Layout, PlanarTask

LAYOUT = Layout(legs=("",), leg_centre=(-0.8, -0.8, 0.0), thrown_legs=(BENT_LEG,))


class HopperTask(PlanarTask):
    """The robot's part of every hopper task."""

    model_file = "hopper.xml"
    layout = LAYOUT
