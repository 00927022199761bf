"""Measures the policy search alone: practice on the true partial credit, without any label. Run by hand.

    python -m tests.benchmarks.search --seeds 100..107 --iterations 60 [--set FULL_RATE=6] [--config revisited_share=0]

The task's hidden credit stands in for a perfect reward model; everything else is as in the trainer: the same
simulations, PPO, starts and value of a fall. Prints a table of the true score as practice goes on. `--set` gives
another value to a constant of the task or of a module of its classes, so that what a simulated teacher likes can be
tried, and `--config` to a field of the trainer's configuration.
"""

import argparse
import importlib
import json
from dataclasses import asdict, dataclass
from itertools import islice

from app.bench.labels import parse_seeds
from app.bench.on_credit import practise_on_credit
from app.trainers import load_learning
from learning.config import TrainerConfig
from sim.registry import get_task
from sim.score import evaluate, score_number
from sim.task import Task

EVERY = 15
"""Iterations between two evaluations."""
EPISODES = 16
WANTED, WANTED_SHARE = 5.0, 0.8
"""A true score that shows the skill: a rate per 10 s, or a share."""


@dataclass(frozen=True)
class Search:
    """One seed."""

    seed: int
    scores: list[float]
    falls: list[float]


def search(task: Task, seed: int, iterations: int, config: TrainerConfig) -> Search:
    """Practises from scratch on the credit."""
    found = Search(seed, [], [])
    for iteration, policy in enumerate(islice(practise_on_credit(task, seed, config), iterations), 1):
        if iteration % EVERY == 0:
            evaluation = evaluate(task, policy.weights().act, episodes=EPISODES)
            found.scores.append(round(evaluation.true_score, 2))
            found.falls.append(round(evaluation.falls_per_10s, 2))
    return found


def main() -> None:
    """Measures once."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--task", default="hopper-backflip")
    parser.add_argument("--seeds", default="100..107")
    parser.add_argument("--iterations", type=int, default=60)
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--config", action="append", default=[], metavar="NAME=VALUE")
    asked = parser.parse_args()
    task = get_task(asked.task)
    config = TrainerConfig(**{name: json.loads(value) for name, value in (each.split("=") for each in asked.config)})
    load_learning()
    # the task's own class, then the modules of its classes, the most special first
    places = [type(task), *(importlib.import_module(kind.__module__) for kind in type(task).__mro__)]
    for name, value in (each.split("=") for each in asked.set):
        place = next((place for place in places if hasattr(place, name)), None)
        assert place is not None, f"{asked.task} has no {name}"
        setattr(place, name, float(value))
    columns = [str(iteration) for iteration in range(EVERY, asked.iterations + 1, EVERY)]
    changed = " ".join([*asked.set, *asked.config])
    what = f"{asked.task}, true credit, {changed or 'as it is'}"
    print(f"{what}: {task.score_name} (falls per 10 s) after so many iterations")
    print(f"| seed | {' | '.join(columns)} |\n|{'---|' * (len(columns) + 1)}")
    runs = []
    for seed in parse_seeds(asked.seeds):
        runs.append(search(task, seed, asked.iterations, config))
        cells = [
            f"{score_number(task, score)} ({falls:.1f})"
            for score, falls in zip(runs[-1].scores, runs[-1].falls, strict=True)
        ]
        print(f"| {seed} | {' | '.join(cells)} |", flush=True)
    wanted = WANTED if task.score_window is None else WANTED_SHARE
    lasting = sum(min(run.scores[-2:]) >= wanted for run in runs)
    print(f"\n{lasting} of {len(runs)} reach {wanted:g} or more at the last two evaluations.")
    print(json.dumps({"task": asked.task, "changed": changed, "runs": [asdict(run) for run in runs]}))


if __name__ == "__main__":
    main()
