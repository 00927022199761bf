"""The walker: a planar robot with two legs, whatever it is taught."""

from sim.planar import BENT_LEG, Layout, PlanarTask

LAYOUT = Layout(legs=("", "_left"), leg_centre=(-0.5, -0.6, 0.0), thrown_legs=(BENT_LEG, BENT_LEG))


class WalkerTask(PlanarTask):
    """The robot's part of every walker task."""

    model_file = "walker.xml"
    layout = LAYOUT
