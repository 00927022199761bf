"""Cyclic garbage: it waits for the thread that collects it."""

import ctypes
import gc
import subprocess
import sys
import threading
import weakref

import pytest

from app.bench.window import resident_mib
from app.garbage import collect_due, collected_here, give_back_memory


class Cycle:
    """Refers to itself, as a widget does whose menu calls it."""

    def __init__(self) -> None:
        self.itself = self


def many_cycles() -> None:
    """As many as make a collection due."""
    for _ in range(gc.get_threshold()[0] + 100):
        Cycle()


def test_another_thread_collects_nothing() -> None:
    destroyed_on: list[int] = []
    with collected_here():
        while collect_due() is not None:
            pass
        weakref.finalize(Cycle(), lambda: destroyed_on.append(threading.get_ident()))
        other = threading.Thread(target=many_cycles)
        other.start()
        other.join()
        assert not destroyed_on
        assert collect_due() is not None
    assert destroyed_on == [threading.get_ident()]


def test_nothing_is_collected_before_it_is_due() -> None:
    with collected_here():
        while collect_due() is not None:
            pass
        assert collect_due() is None


def test_what_is_there_is_not_looked_through_and_afterwards_all_is_as_it_was() -> None:
    script = """
import gc
from app.garbage import collected_here
there = len(gc.get_objects())
assert there > 1_000
with collected_here():
    assert not gc.isenabled() and gc.get_freeze_count() >= there and len(gc.get_objects()) < there / 2
    with collected_here():
        pass
    assert not gc.isenabled() and gc.get_freeze_count() >= there, "the inner one let go what the outer one keeps"
assert gc.isenabled() and gc.get_freeze_count() == 0
"""
    subprocess.run([sys.executable, "-c", script], check=True)


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="another C library than glibc")
def test_what_threads_have_freed_is_given_back() -> None:
    """Blocks too small for pages of their own, freed but for a few that hold the ends of the arenas."""
    kept: list[bytearray] = []

    def fill() -> None:
        blocks = [bytearray(32_000) for _ in range(3_000)]
        kept.append(blocks[-1])

    for _ in range(4):
        thread = threading.Thread(target=fill)
        thread.start()
        thread.join()
    before = resident_mib()
    give_back_memory()
    assert resident_mib() < before - 50.0
