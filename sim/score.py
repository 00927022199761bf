"""The true score of a policy: what the task counts, from its normal start, with deterministic actions."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sim.attempts import Attempts
from sim.batch import BatchSim, StepResult
from sim.checks import whole_number
from sim.task import Singles, Task

EPISODES = 32
"""Episodes of one evaluation."""
PER_SECONDS = 10.0
"""Rates are given for this many seconds of simulation."""


def score_of(task: Task, successes: float, steps: int) -> float:
    """The true score that `successes` in `steps` control steps come to, of those whose successes count; 0 for none.

    A rate per 10 s; or, of a task with a score window, the share of these steps.
    """
    if steps == 0:
        return 0.0
    if task.score_window is None:
        return successes * (PER_SECONDS / (steps * task.control_dt))
    return successes / steps


def score_number(task: Task, score: float) -> str:
    """Such as `4.2`, for the screen; a share has two decimals."""
    return f"{score:.{1 if task.score_window is None else 2}f}"


def score_text(task: Task, score: float) -> str:
    """Such as `4.2 landed backflips per 10 s`, for the screen."""
    return f"{score_number(task, score)} {task.score_name}"


def score_in_words(task: Task, score: float) -> str:
    """Such as `4.20 successes per 10 s`, or what it is a share of."""
    return f"{score:.2f} successes per 10 s" if task.score_window is None else f"{score:.2f}, {task.score_name}"


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What a policy did in `episodes` episodes of the task's length."""

    episodes: int
    sim_seconds: float
    """Over all episodes together."""
    true_score: float
    """Successes per 10 s of simulation, or a share: see `score_of`."""
    falls_per_10s: float
    per_episode: tuple[float, ...]
    """The same of each episode: its spread says how far the mean can be trusted."""
    attempts: Attempts | None = None
    """What was attempted, and why the strict count refused what it did not count; None where nobody looked on."""


def evaluate(
    task: Task,
    act: Callable[[Singles], Singles],
    seed: int = 0,
    episodes: int = EPISODES,
    nthread: int = 0,
    on_step: Callable[[StepResult], None] | None = None,
) -> Evaluation:
    """Runs `act` ((n, nobs) -> (n, nu)) for whole episodes; after a fall the robot stands up again and time goes on.

    `on_step` sees what each control step led to.

    Raises:
        InputError: `seed` or `episodes` is no whole number in its range, or what `act` returns are no actions.
    """
    seed, episodes = whole_number("seed", seed, 0), whole_number("episodes", episodes, 1)
    rng = np.random.default_rng(seed)
    sim = BatchSim(task, episodes, nthread)
    everyone = np.ones(episodes, bool)
    observations = sim.reset(everyone, *task.normal_start(rng, episodes))
    scorer, attempts = task.scorer(episodes), task.attempt_counter(episodes)
    scorer.update(sim.readings)
    successes = np.zeros(episodes, np.int64)
    falls = 0
    for _ in range(task.episode_steps):
        result = sim.step(act(observations))
        if on_step is not None:
            on_step(result)
        looked = sim.counts & ~result.exploded
        counted = np.where(looked, scorer.update(sim.readings), 0)
        attempts.update(sim.readings, counted, looked)
        successes += counted
        falls += int((result.fallen | result.exploded).sum())
        done = result.done
        observations = sim.reset(done, *task.normal_start(rng, int(done.sum())))
        scorer.reset(done)
        attempts.reset(done)
    seconds = task.episode_steps * task.control_dt
    scores = np.array([score_of(task, float(count), task.scored_steps) for count in successes])
    total = seconds * episodes
    scored = task.scored_steps * task.control_dt * episodes
    return Evaluation(
        episodes, total, float(scores.mean()), falls * PER_SECONDS / total, tuple(float(score) for score in scores),
        attempts.attempts(scored),
    )  # fmt: skip
