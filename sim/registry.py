"""The tasks there are, by name."""

import difflib
from collections.abc import Callable
from functools import cache

from sim.cheetah_run import CheetahRun
from sim.errors import UnknownTaskError
from sim.hopper_flips import HopperBackflip, HopperFrontflip
from sim.hopper_hop import HopperHop
from sim.task import Task
from sim.walker_walk import WalkerWalk

_FACTORIES: dict[str, Callable[[], Task]] = {
    task.name: task for task in (HopperBackflip, HopperFrontflip, HopperHop, WalkerWalk, CheetahRun)
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
        near = difflib.get_close_matches(name, _FACTORIES, n=1, cutoff=0.0)
        raise UnknownTaskError(f"Unknown task '{name}': did you mean '{near[0]}'? (`backflip tasks` lists all.)")
    return _FACTORIES[name]()
