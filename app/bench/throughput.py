"""Control steps a second, of everything that could teach the same task, side by side in one run."""

import logging
import platform
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import gymnasium
import mujoco
import numpy as np
from gymnasium.vector import AsyncVectorEnv, SyncVectorEnv, VectorEnv
from mujoco.batch import Batch

from app.bench.scaling import Scaling, measure_scaling
from app.bench.scaling import as_markdown as scaling_as_markdown
from app.bench.scratch import teach_in_scratch
from app.bench.window import WindowError, watch_window
from app.doctor import display
from app.stopping import interrupts_blocked
from app.trainers import LearningTrainers
from learning.messages import Snapshot
from sim.cores import usable_cores
from sim.envs import env_ids
from sim.registry import get_task, task_names
from sim.task import Task

log = logging.getLogger(__name__)

RAW, TEACHING, BESIDE, SYNC, ASYNC, SB3 = (
    "raw mujoco.batch",
    "teaching loop",
    "teaching loop beside the window",
    "Gymnasium sync",
    "Gymnasium async",
    "stable-baselines3 PPO",
)
NSIM = 256
EPISODE = 100
"""Raw simulations are restarted after so many control steps: robots that lie about cost more than robots in motion."""
ROUNDS = 3
"""Each contender is measured so often, in turn, and the median counts: the machine's other work hits all alike."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How much of each is run."""

    steps: int
    """Control steps of raw physics in a round."""
    labels: int
    """Of the teaching loop, with and without a window."""
    every: float
    """Seconds from a pair in the window to its answer."""
    env_steps: int
    """Of the Gymnasium environments, and of stable-baselines3,"""
    envs: int
    """of which there are so many."""


FULL = Effort(400_000, 30, 0.5, 16_384, 16)
QUICK = Effort(20_000, 1, 0.1, 512, 2)
ALL = "all"
"""In place of the tasks' names."""


@dataclass(frozen=True, slots=True)
class ThroughputReport:
    """One task."""

    task: str
    steps_per_s: dict[str, float | None]
    """By contender; None where it is not installed, or has no display."""
    ratio_to_raw: dict[str, float | None]
    ratio_to_sb3: dict[str, float | None]
    scaling: Scaling | None = None
    """None if that was not asked for."""


@dataclass(frozen=True, slots=True)
class Machine:
    """Where it was measured."""

    processor: str
    cores: int
    system: str
    python: str
    mujoco: str

    @classmethod
    def here(cls) -> "Machine":
        """This one."""
        return cls(
            processor_name(), usable_cores(), platform.platform(terse=True), platform.python_version(),
            mujoco.__version__,
        )  # fmt: skip


def parse_tasks(text: str) -> tuple[str, ...]:
    """`a`, `a,b` or `all`: names of tasks, each once, in the order given.

    Raises:
        UnknownTaskError: there is no such task.
    """
    if text.strip() == ALL:
        return task_names()
    names = tuple(dict.fromkeys(piece.strip() for piece in text.split(",")))
    return tuple(get_task(name).name for name in names)


def bench_throughput(
    task_names: Sequence[str], *, quick: bool = False, scaling: bool = False
) -> list[ThroughputReport]:
    """Measures every contender on each task.

    Args:
        task_names: what is simulated and taught.
        quick: less of everything.
        scaling: whether to measure too what teaching costs as it grows. That comes last: thousands of simulations
            leave a process so large that Gymnasium's could not be forked off it any more.

    Raises:
        UnknownTaskError: there is no such task.
    """
    reports = [_bench_one(name, quick=quick) for name in task_names]
    if scaling:
        reports = [replace(each, scaling=measure_scaling(get_task(each.task), quick=quick)) for each in reports]
    return reports


def _bench_one(task_name: str, *, quick: bool) -> ThroughputReport:
    """Measures every contender on one task."""
    task, effort = get_task(task_name), QUICK if quick else FULL
    contenders: dict[str, Callable[[], float | None]] = {
        RAW: lambda: raw(task, effort.steps),
        TEACHING: lambda: teaching(task, effort.labels),
        BESIDE: lambda: beside_window(task, effort),
        SYNC: lambda: gymnasium_envs(SyncVectorEnv, task, effort),
        ASYNC: lambda: gymnasium_envs(AsyncVectorEnv, task, effort),
        SB3: lambda: stable_baselines(task, effort),
    }
    found: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(1 if quick else ROUNDS):
        for name, measure in contenders.items():
            speed = measure()
            if speed is not None:
                found[name].append(speed)
    speeds = {name: statistics.median(each) if each else None for name, each in found.items()}
    return ThroughputReport(task_name, speeds, _ratios(speeds, RAW), _ratios(speeds, SB3), None)


def raw(task: Task, steps: int) -> float:
    """The physics alone, with random actions and nothing looked at."""
    rng = np.random.default_rng(0)
    batch = Batch(task.model, NSIM, usable_cores(), persistent=True)
    ctrl, qpos, qvel = batch.bind("ctrl"), batch.bind("qpos"), batch.bind("qvel")
    actions = rng.uniform(-1.0, 1.0, (EPISODE, NSIM, task.action_size))
    rounds = max(1, steps // (NSIM * EPISODE))
    seconds = 0.0
    for _ in range(rounds):
        batch.reset()
        qpos[:], qvel[:] = task.normal_start(rng, NSIM)
        began = time.perf_counter()
        for action in actions:
            ctrl[:] = action
            batch.step(nstep=task.substeps)
        seconds += time.perf_counter() - began
    return rounds * NSIM * EPISODE / seconds


def teaching(task: Task, labels: int) -> float:
    """The whole loop: reward model, scoring, leash and checkpoints included."""
    began, steps = 0.0, 0

    def on_progress(snapshot: Snapshot, _speed: float) -> None:
        nonlocal began, steps
        began = began or time.perf_counter()
        steps = snapshot.env_steps

    teach_in_scratch(task.name, 0, labels, LearningTrainers(), on_progress)
    return steps / (time.perf_counter() - began)


def beside_window(task: Task, effort: Effort) -> float | None:
    """The loop as a person has it: the trainer in its process, while the window plays two clips.

    Only iterations count: how long the trainer waits for an answer is the person's business.

    Returns:
        Control steps a second; None without a display, or where the window shows no pair.
    """
    if not display().good:
        return None
    try:
        return float(watch_window(task.name, effort.labels, effort.every, 0.0)["steps_per_s_window"])
    except WindowError as error:
        log.warning("%s", error)
        return None


def gymnasium_envs(make: Callable[..., VectorEnv], task: Task, effort: Effort) -> float:
    """The task's own environment, several of them, with random actions."""
    with interrupts_blocked():  # those with processes of their own are ended below
        envs = make([environment(task)] * effort.envs)
    try:
        envs.reset(seed=0)
        actions = np.random.default_rng(0).uniform(-1.0, 1.0, (64, effort.envs, task.action_size)).astype(np.float32)
        began = time.perf_counter()
        for number in range(effort.env_steps // effort.envs):
            envs.step(actions[number % len(actions)])
        return effort.env_steps / (time.perf_counter() - began)
    finally:
        envs.close()


def stable_baselines(task: Task, effort: Effort) -> float | None:
    """Its PPO with its own defaults on the task's environments; None where it is not installed."""
    try:
        from stable_baselines3 import PPO
        from stable_baselines3.common.vec_env import DummyVecEnv
    except ImportError:
        return None
    envs = DummyVecEnv([environment(task)] * effort.envs)
    with torch_threads(usable_cores()):
        learner = PPO("MlpPolicy", envs, n_steps=128, device="cpu", seed=0)
        began = time.perf_counter()
        learner.learn(effort.env_steps)
        seconds = time.perf_counter() - began
    envs.close()
    return effort.env_steps / seconds


def environment(task: Task) -> Callable[[], gymnasium.Env[np.ndarray, np.ndarray]]:
    """Makes the task's environment."""
    env_id = next(env_id for env_id, name in env_ids().items() if name == task.name)
    return lambda: gymnasium.make(env_id)


@contextmanager
def torch_threads(count: int) -> Iterator[None]:
    """Gives torch so many threads, as it would have without us."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def processor_name() -> str:
    """As the system calls it."""
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def as_markdown(reports: list[ThroughputReport], machine: Machine) -> str:
    """Ratios first."""
    where = f"{machine.processor}, {machine.cores} cores, {machine.system}"
    lines = [
        f"{where}, Python {machine.python}, MuJoCo {machine.mujoco}.",
        "",
        "| task | contender | to raw | to stable-baselines3 | control steps/s |",
        "|---|---|---|---|---|",
    ]
    for report in reports:
        for name, speed in report.steps_per_s.items():
            cells = [_number(report.ratio_to_raw[name], ".2f"), _number(report.ratio_to_sb3[name], ".1f")]
            lines.append(f"| {report.task} | {name} | {' | '.join(cells)} | {_number(speed, ',.0f')} |")
    grown = {report.task: report.scaling for report in reports if report.scaling is not None}
    if grown:
        lines += ["", scaling_as_markdown(grown).rstrip()]
    return "\n".join(lines) + "\n"


def as_fields(reports: list[ThroughputReport], machine: Machine) -> dict[str, object]:
    """The object that `--json` prints."""
    return {"machine": asdict(machine), "tasks": {report.task: asdict(report) for report in reports}}


def _ratios(speeds: dict[str, float | None], to: str) -> dict[str, float | None]:
    base = speeds[to]
    return {name: speed / base if speed is not None and base else None for name, speed in speeds.items()}


def _number(value: float | None, form: str) -> str:
    return "-" if value is None else format(value, form)
