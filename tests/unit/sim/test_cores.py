"""Threads follow the cores that may be used, not those that the machine has."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from sim import cores
from sim.batch import BatchSim
from sim.cores import MOST_THREADS, quota, usable_cores
from sim.task import Task


@pytest.fixture
def unlimited(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No control group limits anything."""
    monkeypatch.setattr(cores, "CGROUPS", tmp_path)


@pytest.fixture
def pinned() -> Iterator[int]:
    """This thread may use one core alone."""
    if not hasattr(os, "sched_setaffinity"):
        pytest.skip("this system pins no threads")
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    yield 1
    os.sched_setaffinity(0, before)


@pytest.mark.parametrize(
    ("files", "wanted"),
    [
        ({}, None),
        ({"cpu.max": "max 100000\n"}, None),
        ({"cpu.max": "150000 100000\n"}, 2),
        ({"cpu.max": "10000 100000\n"}, 1),
        ({"cpu.max": "what?"}, None),
        ({"cpu/cpu.cfs_quota_us": "-1\n", "cpu/cpu.cfs_period_us": "100000\n"}, None),
        ({"cpu/cpu.cfs_quota_us": "400000\n", "cpu/cpu.cfs_period_us": "100000\n"}, 4),
        ({"cpu/cpu.cfs_quota_us": "400000\n"}, None),
        ({"cpu.max": "100000 0\n"}, None),
    ],
)
def test_a_container_s_share_of_the_cores(tmp_path: Path, files: dict[str, str], wanted: int | None) -> None:
    (tmp_path / "cpu").mkdir()
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="ascii")
    assert quota(tmp_path) == wanted


@pytest.mark.usefixtures("unlimited")
def test_only_cores_that_the_process_is_pinned_to_count(task: Task, pinned: int) -> None:
    assert usable_cores() == pinned
    assert BatchSim(task, 8).nthread == pinned


@pytest.mark.usefixtures("unlimited")
@pytest.mark.parametrize(("there", "wanted"), [(1, 1), (3, 3), (64, 64), (256, MOST_THREADS)])
def test_from_one_to_the_most(monkeypatch: pytest.MonkeyPatch, task: Task, there: int, wanted: int) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: set(range(there)), raising=False)
    assert usable_cores() == wanted
    assert BatchSim(task, 64).nthread == wanted


def test_the_share_holds_where_there_are_more_cores(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "cpu.max").write_text("300000 100000", encoding="ascii")
    monkeypatch.setattr(cores, "CGROUPS", tmp_path)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: set(range(48)), raising=False)
    assert usable_cores() == 3
