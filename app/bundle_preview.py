"""The video in a bundle: one ordinary episode of the policy."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from sim.batch import BatchSim
from sim.clip import Clip
from sim.render import BEST, Image, Priority, create_renderer
from sim.task import Singles, Task
from sim.video import write_video

SECONDS = 8.0
"""Length of the video."""
FPS = 30.0
"""Pictures a second, about: every so-manieth control step is drawn, so that it runs in real time."""
SIZE = (480, 360)
"""Pixels."""
SEED = 0
"""Of the episode's start: the same for every policy, so that no lucky one is shown."""


def record(task: Task, act: Callable[[Singles], Singles], seconds: float = SECONDS, seed: int = SEED) -> Clip:
    """Runs `act` ((1, nobs) -> (1, nu)) for so many seconds; after a fall the robot stands up again, as when scored."""
    rng = np.random.default_rng(seed)
    sim = BatchSim(task, 1, nthread=1)
    observations = sim.reset(np.ones(1, bool), *task.normal_start(rng, 1))
    states, seen, actions = [], [], []
    for _ in range(max(1, round(seconds / task.control_dt))):
        action = act(observations)
        result = sim.step(action)
        if not result.exploded[0]:
            states.append(sim.physics_states()[0])
            seen.append(result.observations[0])
            actions.append(action[0])
        observations = sim.reset(result.done, *task.normal_start(rng, int(result.done.sum())))
    return Clip(task.name, task.model_hash, task.control_dt, np.stack(states), np.stack(seen), np.stack(actions))


def film(task: Task, clip: Clip, path: Path, on_picture: Callable[[float], None]) -> None:
    """Draws `clip` to an H.264 file.

    Args:
        task: the clip's task.
        clip: what is drawn.
        path: the file.
        on_picture: called before each picture with the share that is done; what it raises ends the film.

    Raises:
        NoRendererError: this machine cannot draw.
        VideoError: the encoder is missing, or the file cannot be written.
    """
    every = max(1, round(1.0 / (FPS * clip.control_dt)))
    with create_renderer(BEST) as renderer:
        pictures = renderer.render_clip(task, clip, task.camera, SIZE, every, Priority.IDLE)

        def told() -> Iterator[Image]:
            for number, picture in enumerate(pictures):
                on_picture(number / len(pictures))
                yield picture

        write_video(path, told(), 1.0 / (every * clip.control_dt))
