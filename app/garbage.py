"""Python's cyclic garbage, collected on one thread alone.

Python collects it on whichever thread makes the next object. What the window leaves behind when a session is closed
holds widgets in cycles, menus of plots among them, and Qt's widgets may be destroyed on the GUI thread alone: so while
there is a window, the other threads collect nothing.
"""

import ctypes
import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collected_here() -> Iterator[None]:
    """Switches automatic collection off: within, somebody calls `collect_due` from time to time, on one thread.

    What there is by now, modules above all, is not looked through any more: that would hold up the thread for longer
    than a person overlooks.
    """
    was_on, frozen = gc.isenabled(), gc.get_freeze_count()
    gc.disable()
    gc.freeze()
    try:
        yield
    finally:
        if not frozen:
            gc.unfreeze()
        if was_on:
            gc.enable()


def collect_due() -> int | None:
    """Collects what Python would have collected by now.

    Returns:
        The oldest generation that was collected; None if nothing was due.
    """
    due = [
        generation
        for generation, (count, most) in enumerate(zip(gc.get_count(), gc.get_threshold(), strict=True))
        if count > most > 0
    ]
    if not due:
        return None
    gc.collect(due[-1])
    return due[-1]


def give_back_memory() -> None:
    """Gives freed memory back to the system, where the C library is glibc; takes about 10 ms.

    glibc keeps what each thread freed for that thread. An export and an open session use many threads for a moment, and
    each of them kept some: the window grew with every export and every session until it was closed.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
    if trim is not None:
        trim(0)
