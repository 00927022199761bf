"""Records the good and the bad example of each task into `resources/guides`, for a teacher's guidelines.

    .venv/bin/python tools/record_examples.py [--tasks hopper-hop,walker-walk] [--sheets DIR]

To be run after a robot's model was changed: its examples are refused then. It takes some minutes. `RECIPES` says how
each example is made; docs/architecture.md says the same to a reader.
"""

import argparse
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402

from sim.batch import BatchSim  # noqa: E402
from sim.clip import Clip, save_clip  # noqa: E402
from sim.examples import FOLDER, Example, file_name  # noqa: E402
from sim.registry import get_task, task_names  # noqa: E402
from sim.rollout import LiveRollout, Moment  # noqa: E402
from sim.task import Floats, Singles, Task  # noqa: E402

if TYPE_CHECKING:
    from sim.policy import PolicyWeights

SECONDS = 3.0
"""Length of an example."""
WATCHED_SECONDS = 5.0
"""The best stretch of so much play becomes the good example; the robot has not left the drawn floor by then."""
START_SEED = 0
"""Of the start that a bad example begins from."""
FRAME_SECONDS = 0.032
"""Frames are kept so far apart, about: as many as are shown, and no more."""
DIGITS = 6
"""Decimals of what is kept: micrometres are not seen, and zeros compress in the repository."""
READABLE = 0o644
"""Mode of the files: whoever installs the program reads them."""
SHEET_PICTURES, SHEET_SIZE = 12, (200, 160)


@dataclass(frozen=True)
class Recipe:
    """How the examples of a task are made: by PPO on the task's hidden partial credit, without a label."""

    seed: int
    good: int
    """The good example is played by the policy after so many iterations,"""
    bad: int
    """and the bad one by the policy after so many, hardly trained."""
    log_std: float | None = None
    """Of the first policy's actions, where the trainer's own does not get there."""


RECIPES = {
    "hopper-backflip": Recipe(seed=100, good=75, bad=6),
    # few searches of ours land a front flip; this one begins with wider actions
    "hopper-frontflip": Recipe(seed=103, good=60, bad=6, log_std=0.0),
    "hopper-hop": Recipe(seed=100, good=90, bad=6),
    "walker-walk": Recipe(seed=100, good=150, bad=6),
    "cheetah-run": Recipe(seed=100, good=120, bad=6),
    "gripper-grasp": Recipe(seed=101, good=105, bad=15),
}


def policies(task: Task, recipe: Recipe) -> "tuple[PolicyWeights, PolicyWeights]":
    """Trains, and returns the policy that succeeds and the one that does not yet."""
    from app.bench.on_credit import practise_on_credit
    from app.trainers import LearningTrainers

    config = LearningTrainers({}).settings(task)
    if recipe.log_std is not None:
        config = replace(config, log_std=recipe.log_std)
    made: dict[int, PolicyWeights] = {}
    last = max(recipe.good, recipe.bad)
    for iteration, policy in enumerate(islice(practise_on_credit(task, recipe.seed, config), last), 1):
        if iteration in (recipe.good, recipe.bad):
            made[iteration] = policy.weights()
    return made[recipe.good], made[recipe.bad]


def good_clip(task: Task, policy: "PolicyWeights") -> Clip:
    """Returns the stretch of play with the most successes and no fall in it."""
    rollout = LiveRollout(task)
    rollout.policy = policy
    length, counted, begins = round(SECONDS / task.control_dt), [], 0
    best: tuple[int, Clip | None] = (-1, None)
    for step in range(round(WATCHED_SECONDS / task.control_dt)):
        moment = rollout.step()
        counted.append(moment is Moment.SUCCESS)
        if step + 1 - begins >= length and moment is not Moment.FALL:
            successes = sum(counted[-length:])
            clip = rollout.recent(length)
            if successes > best[0]:
                best = successes, clip
        if moment in (Moment.FALL, Moment.CUT):
            begins = step + 1
    if best[1] is None:
        raise SystemExit(f"{task.name}: no {SECONDS:g} s without a fall in {WATCHED_SECONDS:g} s")
    print(f"{task.name}: {best[0]} successes in {SECONDS:g} s")
    return best[1]


def bad_clip(task: Task, policy: "PolicyWeights") -> Clip:
    """Returns the first seconds of play from the task's start; a robot that falls is left lying."""
    sim = BatchSim(task, 1, nthread=1)
    observations = sim.reset(np.ones(1, bool), *task.normal_start(np.random.default_rng(START_SEED), 1))
    past: list[tuple[Floats, Singles, Singles]] = []
    for _ in range(round(SECONDS / task.control_dt)):
        actions = policy.act(observations)
        observations = sim.step(actions).observations
        past.append((sim.physics_states()[0], observations[0].copy(), actions[0]))
    states, seen, acted = (np.stack(each) for each in zip(*past, strict=True))
    return Clip(task.name, task.model_hash, task.control_dt, states, seen, acted)


def thinned(clip: Clip, made: str) -> Clip:
    """Returns the frames of a clip that are kept, with a note on how it was made."""
    every = max(1, round(FRAME_SECONDS / clip.control_dt))
    return replace(
        clip,
        control_dt=every * clip.control_dt,
        states=clip.states[::every].round(DIGITS),
        observations=clip.observations[::every].round(DIGITS),
        actions=clip.actions[::every].round(DIGITS),
        origin={"made": made},
    )


def examples(task: Task, recipe: Recipe) -> Iterator[tuple[Example, Clip]]:
    """Makes both examples of a task."""
    good, bad = policies(task, recipe)
    yield Example.GOOD, thinned(good_clip(task, good), f"PPO on the partial credit, {recipe.good} iterations")
    yield Example.BAD, thinned(bad_clip(task, bad), f"PPO on the partial credit, {recipe.bad} iterations")


def draw(task: Task, clip: Clip, path: Path) -> None:
    """Draws a clip as a contact sheet, to be looked at."""
    from sim.render import BEST, FrameRequest, create_renderer
    from sim.video import contact_sheet, write_png

    frames = np.linspace(0, len(clip) - 1, SHEET_PICTURES).round().astype(int)
    with create_renderer(BEST) as renderer:
        pictures = [renderer.render(FrameRequest(task, clip.states[at], task.camera, *SHEET_SIZE)) for at in frames]
    write_png(path, contact_sheet(pictures, SHEET_PICTURES // 2))


def main() -> None:
    """Records them."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--tasks", default=",".join(task_names()))
    parser.add_argument("--sheets", type=Path, help="draw each example to a picture in this folder")
    asked = parser.parse_args()
    folder = ROOT / "resources" / FOLDER
    folder.mkdir(exist_ok=True)
    for name in asked.tasks.split(","):
        task = get_task(name)
        for which, clip in examples(task, RECIPES[name]):
            path = folder / file_name(task, which)
            save_clip(clip, path)
            path.chmod(READABLE)
            print(f"{path.name}: {len(clip)} frames, {path.stat().st_size / 1024:.0f} KiB", flush=True)
            if asked.sheets is not None:
                draw(task, clip, asked.sheets / f"{name}-{which}.png")


if __name__ == "__main__":
    main()
