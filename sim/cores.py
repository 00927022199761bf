"""How many cores this process may use: neither those it is pinned away from, nor more than its container's share."""

import math
import os
from pathlib import Path

MOST_THREADS = 64
"""More have not been tried."""
CGROUPS = Path("/sys/fs/cgroup")
"""Where Linux says what a container may have."""
NO_LIMIT = -1


def usable_cores() -> int:
    """At least 1, at most MOST_THREADS; asked of the system anew at each call."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(cores, MOST_THREADS, quota(CGROUPS) or cores))


def quota(folder: Path) -> int | None:
    """Cores that the processes of a control group may keep busy on average, rounded up; None where nothing limits them.

    Args:
        folder: of the group, with the files of either version of control groups.
    """
    allowed = _numbers(folder / "cpu.max")
    if len(allowed) != 2:
        allowed = _numbers(folder / "cpu" / "cpu.cfs_quota_us") + _numbers(folder / "cpu" / "cpu.cfs_period_us")
    if len(allowed) != 2 or allowed[0] == NO_LIMIT or min(allowed) <= 0:
        return None
    microseconds, period = allowed
    return math.ceil(microseconds / period)


def _numbers(path: Path) -> list[int]:
    """The numbers in a file, with NO_LIMIT for `max`; empty where there is no such file or it says something else."""
    try:
        words = path.read_text(encoding="ascii").split()
        return [NO_LIMIT if word == "max" else int(word) for word in words]
    except (OSError, ValueError):
        return []
