"""Presses as a likelihood of their own, or as preferences between moments in a window: which tells more of the reward?

    python -m tests.benchmarks.presses_as_preferences --seeds 100..104 --minutes 1,2,5

A simulated presser teaches by presses, as `backflip teach --feedback press` does. After so many minutes of his time two
reward models learn the same presses: one by the ordered logit of docs/presses.md, silence included; one by preferences,
after Pref-GUIDE (Ji et al. 2025): a judged moment is preferred to the last ones before it, in a window of seconds, that
were judged worse. Both are correlated with the hidden credit over clips of the untaught robot and over clips of what it
practised lately. Prints a table and one JSON object.
"""

import argparse
import json
from dataclasses import asdict, dataclass
from functools import partial

import numpy as np

from app.bench.labels import parse_seeds
from app.timed_lesson import PRESS
from learning.press_book import PressBook
from learning.reward_model import BayesianRewardModel
from learning.trainer import Trainer
from sim.task import Floats
from tests.benchmarks.timed_looks import correlations, fitted, teach_and_look

WINDOW = 10
"""Judged moments, 0.8 s apart or more: a standard changes little meanwhile."""
RIVALS = 3
"""A moment is set beside so many of these at most."""


@dataclass(frozen=True, slots=True)
class Told:
    """What one way of learning made of the presses so far."""

    seed: int
    minutes: float
    presses: int
    way: str
    untaught: float
    """Correlation of learned reward and credit over clips of the untaught robot,"""
    practised: float
    """and over clips of policies."""


def preferences(book: PressBook) -> tuple[Floats, Floats]:
    """(n, d) differences and (n,) targets: a moment against the last ones in the window that were judged otherwise."""
    judged = [moments for _, moments in sorted(book.judged.items()) if moments.sign is not None]
    differences, targets = [], []
    for at, later in enumerate(judged):
        others = [earlier for earlier in reversed(judged[max(0, at - WINDOW) : at]) if earlier.sign != later.sign]
        for earlier in others[:RIVALS]:
            assert earlier.sign is not None and later.sign is not None
            differences.append(later.features - earlier.features)
            targets.append(float(later.sign > earlier.sign))
    return np.array(differences).reshape(len(targets), -1), np.array(targets)


def learnt(trainer: Trainer, way: str) -> BayesianRewardModel:
    """A reward model that knows the presses alone."""
    if way == "preferences":
        return fitted(trainer, 1.0, *preferences(trainer.press_book))
    none = np.empty((0, trainer.book.size)), np.empty(0)
    return fitted(trainer, 1.0, *none, trainer.press_book.presses(trainer.first_features))


def look(found: list[Told], seed: int, minutes: float, trainer: Trainer) -> None:
    """Learns in both ways from the presses that `trainer` knows."""
    for way in ("likelihood", "preferences"):
        told = correlations(trainer, learnt(trainer, way))
        found.append(Told(seed, minutes, trainer.press_book.count, way, *told))


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--task", default="hopper-backflip")
    parser.add_argument("--seeds", default="100..104")
    parser.add_argument("--minutes", default="1,2,5")
    given = parser.parse_args()
    minutes = [float(each) for each in given.minutes.split(",")]
    rows = list[Told]()
    for seed in parse_seeds(given.seeds):
        teach_and_look(given.task, seed, (PRESS,), minutes, partial(look, rows, seed))
    print("| seed | minutes | presses | learnt as | untaught robot | practised |\n|---|---|---|---|---|---|")
    for told in rows:
        numbers = f"{told.untaught:.3f} | {told.practised:.3f}"
        print(f"| {told.seed} | {told.minutes:g} | {told.presses} | {told.way} | {numbers} |")
    print(json.dumps([asdict(told) for told in rows]))


if __name__ == "__main__":
    main()
