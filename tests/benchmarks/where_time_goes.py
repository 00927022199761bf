"""Measures where the time of a teaching loop goes. Run by hand, on a quiet machine.

    python -m tests.benchmarks.where_time_goes --task hopper-backflip --iterations 90

An oracle teaches while practice goes on without a leash. Prints the milliseconds of each part for one iteration, trials
and answers spread over the iterations, and the share of all that is physics: what the loop could reach at most of raw
`mujoco.batch`, were every other part free.
"""

import argparse
import json
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from mujoco.batch import Batch

from app.trainers import load_learning
from learning import trainer as training
from learning.config import TrainerConfig
from learning.messages import FeedbackEvent
from learning.teachers import make_teacher
from learning.trainer import Trainer
from sim.registry import get_task

SEED = 100
WARM_UP = 30
"""Iterations before the clock starts."""
PARTS: tuple[tuple[Any, str, str], ...] = (
    (training.PracticeGround, "collect", "acting in the simulations"),
    (training.PPO, "update", "improving policy and value"),
    (training.Trainer, "_trial", "trials, and clips of what they show"),
    (training.Trainer, "_take_in", "taking answers in: fitting, choosing the next question, auditions"),
)
PHYSICS = ("step", "forward")


class Clock:
    """Seconds by part, and the physics inside each."""

    def __init__(self) -> None:
        """Has measured nothing."""
        self.seconds: dict[str, float] = defaultdict(float)
        self.physics: dict[str, float] = defaultdict(float)
        self._now = ""

    def watch_part(self, owner: Any, name: str, part: str) -> None:
        """Measures a method."""
        original: Callable[..., Any] = getattr(owner, name)

        def timed(*arguments: Any, **named: Any) -> Any:
            before, self._now = self._now, part
            began = time.perf_counter()
            try:
                return original(*arguments, **named)
            finally:
                self.seconds[part] += time.perf_counter() - began
                self._now = before

        setattr(owner, name, timed)

    def watch_physics(self, name: str) -> None:
        """Measures a method of the native batch, wherever it is called."""
        original: Callable[..., Any] = getattr(Batch, name)

        def timed(*arguments: Any, **named: Any) -> Any:
            began = time.perf_counter()
            try:
                return original(*arguments, **named)
            finally:
                self.physics[self._now] += time.perf_counter() - began

        setattr(Batch, name, timed)


def main() -> None:
    """Measures once."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--task", default="hopper-backflip")
    parser.add_argument("--iterations", type=int, default=90)
    asked = parser.parse_args()
    load_learning()
    task = get_task(asked.task)
    clock = Clock()
    for owner, name, part in PARTS:
        clock.watch_part(owner, name, part)
    for name in PHYSICS:
        clock.watch_physics(name)
    trainer, teacher = Trainer(task, TrainerConfig(leash_nats=1e9), SEED), make_teacher("oracle", task, SEED)
    events = 0
    began = 0.0
    while trainer.iteration < WARM_UP + asked.iterations:
        if trainer.iteration == WARM_UP and not began:
            clock.seconds.clear()
            clock.physics.clear()
            began = time.perf_counter()
        if trainer.counters.practice_left == 0 and not trainer.queue:
            pair = trainer.open_pairs()[0]
            events += 1
            trainer.submit(FeedbackEvent(events, pair.id, teacher.answer(pair)))
        trainer.step()
    whole = time.perf_counter() - began
    each = 1e3 / asked.iterations
    print("| part | ms an iteration | of it physics |\n|---|---|---|")
    for _, _, part in PARTS:
        print(f"| {part} | {clock.seconds[part] * each:.1f} | {clock.physics[part] * each:.1f} |")
    rest = whole - sum(clock.seconds[part] for _, _, part in PARTS)
    print(f"| everything else | {rest * each:.1f} | 0.0 |")
    physics = sum(clock.physics[part] for _, _, part in PARTS)
    print(f"| all | {whole * each:.1f} | {physics * each:.1f} |")
    print(f"\n{asked.task}: {physics / whole:.2f} of the time is physics.")
    print(json.dumps({"task": asked.task, "ms": {part: clock.seconds[part] * each for part in clock.seconds}}))


if __name__ == "__main__":
    main()
