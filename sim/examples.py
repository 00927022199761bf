"""The recorded examples of each task: a good and a bad clip for a teacher's guidelines.

`tools/record_examples.py` makes them. They are physics states, as all clips are, and are drawn where they are shown.
"""

from enum import StrEnum
from functools import cache
from importlib.resources import as_file, files

from sim.clip import Clip, load_clip
from sim.registry import get_task
from sim.task import Task

FOLDER = "guides"
"""Of the recordings, in `resources`."""


class Example(StrEnum):
    """Which of a task's two examples."""

    GOOD = "good"
    BAD = "bad"


def file_name(task: Task, which: Example) -> str:
    """Returns the name of an example's file in `FOLDER`."""
    return f"{task.name}-{which}.safetensors"


def example(task: Task, which: Example) -> Clip:
    """Returns a recorded example of a task.

    Raises:
        ClipError: there is none, or it was recorded with another model of the robot (`Task.model_hash`).
    """
    return _registered(task.name, which) if get_task(task.name) is task else _load(task, which)


def caption(task: Task, which: Example) -> str:
    """Returns what an example shows, in one sentence."""
    good, bad = task.examples
    return good if which is Example.GOOD else bad


@cache
def _registered(name: str, which: Example) -> Clip:
    return _load(get_task(name), which)


def _load(task: Task, which: Example) -> Clip:
    with as_file(files("resources").joinpath(FOLDER, file_name(task, which))) as path:
        return load_clip(path, task)
