"""The tasks there are, by name."""

from collections.abc import Callable
from functools import cache

from sim.cheetah_run import CheetahRun
from sim.errors import UnknownTaskError, did_you_mean
from sim.gripper_grasp import GripperGrasp
from sim.hopper_flips import HopperBackflip, HopperFrontflip
from sim.hopper_hop import HopperHop
from sim.task import Task
from sim.walker_walk import WalkerWalk

_FACTORIES: dict[str, Callable[[], Task]] = {
    task.name: task for task in (HopperBackflip, HopperFrontflip, HopperHop, WalkerWalk, CheetahRun, GripperGrasp)
}


def task_names() -> tuple[str, ...]:
    """All task names, in the order they are shown."""
    return tuple(_FACTORIES)


@cache
def get_task(name: str) -> Task:
    """The one task of this name.

    Raises:
        UnknownTaskError: no task has the name; the nearest ones are named.
    """
    if name not in _FACTORIES:
        near = did_you_mean(name, _FACTORIES, cutoff=0.0)
        raise UnknownTaskError(f"Unknown task '{name}': {near}(`backflip tasks` lists all.)")
    return _FACTORIES[name]()
