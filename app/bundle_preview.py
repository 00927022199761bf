"""Pictures of an exported policy: a video of one ordinary episode, and a success picture by picture."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sim.batch import BatchSim
from sim.clip import Clip
from sim.render import BEST, Framed, Framing, Image, Priority, create_renderer
from sim.task import Floats, Singles, Task
from sim.video import contact_sheet, write_gif, write_png, write_video

SECONDS = 8.0
"""Length of the video."""
FPS = 30.0
"""Pictures a second, about: every so-manieth control step is drawn, so that it runs in real time."""
SIZE = (480, 360)
"""Pixels."""
GIF_SECONDS, GIF_FPS, GIF_SIZE = 4.0, 15.0, (320, 240)
"""A GIF is for a page: short and small."""
SEED = 0
"""Of the episode's start: the same for every policy, so that no lucky one is shown."""

EPISODES = 8
"""So many are looked through for a success."""
SHEET_PICTURES = 8
SHEET_SIZE = (240, 240)
"""Pixels of each picture of the contact sheet."""
BEFORE, AFTER = 1.28, 0.16
"""Seconds before and after the instant of a success that the contact sheet shows."""


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """What a policy did, and when it succeeded."""

    clip: Clip
    successes: tuple[int, ...]
    """Frames of the clip that completed what the task's true score counts, rising."""


def record(task: Task, act: Callable[[Singles], Singles], seconds: float = SECONDS, seed: int = SEED) -> Recording:
    """Runs `act` ((1, nobs) -> (1, nu)) for so many seconds; after a fall the robot stands up again, as when scored."""
    rng = np.random.default_rng(seed)
    sim = BatchSim(task, 1, nthread=1)
    observations = sim.reset(np.ones(1, bool), *task.normal_start(rng, 1))
    scorer = task.scorer(1)
    scorer.update(sim.readings)
    states: list[Floats] = []
    seen: list[Singles] = []
    actions: list[Singles] = []
    successes: list[int] = []
    for _ in range(max(1, round(seconds / task.control_dt))):
        action = act(observations)
        result = sim.step(action)
        succeeded = bool(scorer.update(sim.readings)[0])
        if not result.exploded[0]:
            if succeeded:
                successes.append(len(states))
            states.append(sim.physics_states()[0])
            seen.append(result.observations[0])
            actions.append(action[0])
        observations = sim.reset(result.done, *task.normal_start(rng, int(result.done.sum())))
        scorer.reset(result.done)
    clip = Clip(task.name, task.model_hash, task.control_dt, np.stack(states), np.stack(seen), np.stack(actions))
    return Recording(clip, tuple(successes))


def record_success(task: Task, act: Callable[[Singles], Singles], seed: int = SEED) -> Recording:
    """The first of a few episodes with a success in it; the last of them if there is none."""
    for episode in range(EPISODES):
        recording = record(task, act, seed=seed + episode)
        if recording.successes:
            break
    return recording


def draw_sheet(task: Task, recording: Recording, path: Path) -> None:
    """Draws the first success as a row of pictures, or how the recording begins if it has none, to a PNG file.

    Raises:
        NoRendererError: this machine cannot draw.
        VideoError: the file cannot be written.
    """
    clip = recording.clip
    frames = np.linspace(*success_span(recording), SHEET_PICTURES).round().astype(int)
    shown = _frames_of(clip, frames)
    with create_renderer(BEST) as renderer:
        framed = _framed(task, shown, SHEET_SIZE)
        drawn = renderer.render_clip(task, shown, task.camera, SHEET_SIZE, priority=Priority.IDLE, framed=framed)
        pictures = list(drawn)
    write_png(path, contact_sheet(pictures, SHEET_PICTURES))


def success_span(recording: Recording) -> tuple[int, int]:
    """The first and the last frame that the contact sheet shows."""
    dt, last = recording.clip.control_dt, len(recording.clip) - 1
    success = recording.successes[0] if recording.successes else round(BEFORE / dt)
    return max(success - round(BEFORE / dt), 0), min(success + round(AFTER / dt), last)


def film(task: Task, clip: Clip, path: Path, on_picture: Callable[[float], None]) -> None:
    """Draws `clip` to an H.264 file, or its beginning to a GIF if the file's name ends so.

    Args:
        task: the clip's task.
        clip: what is drawn.
        path: the file.
        on_picture: called before each picture with the share that is done; what it raises ends the film.

    Raises:
        NoRendererError: this machine cannot draw.
        VideoError: the encoder is missing, or the file cannot be written.
    """
    moving_picture = path.suffix.lower() == ".gif"
    fps, size = (GIF_FPS, GIF_SIZE) if moving_picture else (FPS, SIZE)
    if moving_picture:
        clip = beginning(clip, GIF_SECONDS)
    every = max(1, round(1.0 / (fps * clip.control_dt)))
    with create_renderer(BEST) as renderer:
        framed = _framed(task, clip, size)
        pictures = renderer.render_clip(task, clip, task.camera, size, every, Priority.IDLE, framed=framed)

        def told() -> Iterator[Image]:
            for number, picture in enumerate(pictures):
                on_picture(number / len(pictures))
                yield picture

        write = write_gif if moving_picture else write_video
        write(path, told(), 1.0 / (every * clip.control_dt))


def beginning(clip: Clip, seconds: float) -> Clip:
    """The first `seconds` of a clip, or all of a shorter one."""
    return _frames_of(clip, slice(0, max(1, round(seconds / clip.control_dt))))


def _frames_of(clip: Clip, frames: slice | NDArray[np.int64]) -> Clip:
    return replace(
        clip, states=clip.states[frames], observations=clip.observations[frames], actions=clip.actions[frames]
    )


def _framed(task: Task, clip: Clip, size: tuple[int, int]) -> Framed:
    """One steady camera that has all of a clip in its pictures of (width, height)."""
    framing = Framing(task)
    return framing.frame([framing.poses(clip.states)], task.camera, *size)
