"""How fast short clips play: one speed for each task, and one for tasks in which the person has chosen none."""

from sim.task import Task
from ui.playback import FRAGMENT_SPEED, SPEEDS
from ui.ports import StudioPort

USUAL_SETTING = "speed"
"""The setting with the speed of tasks that have none of their own,"""
TASKS_SETTING = "task_speeds"
"""and the one with theirs, task name -> speed."""


def clip_speed(studio: StudioPort, task: Task | None) -> float:
    """Returns simulated seconds for each real one, as the person chose it for a task or for all."""
    own = _own(studio).get(task.name) if task is not None else None
    for chosen in (own, studio.setting(USUAL_SETTING)):
        if isinstance(chosen, int | float) and chosen in SPEEDS:
            return float(chosen)
    return FRAGMENT_SPEED


def keep_clip_speed(studio: StudioPort, task: Task, speed: float) -> None:
    """Keeps the speed for a task. Raises UserError if it cannot be stored."""
    if speed != clip_speed(studio, task):
        studio.set_setting(TASKS_SETTING, {**_own(studio), task.name: speed})


def keep_usual_speed(studio: StudioPort, speed: float) -> None:
    """Keeps the speed for all tasks, whatever they had. Raises UserError if it cannot be stored."""
    studio.set_setting(TASKS_SETTING, {})
    studio.set_setting(USUAL_SETTING, speed)


def _own(studio: StudioPort) -> dict[str, object]:
    kept = studio.setting(TASKS_SETTING)
    return dict(kept) if isinstance(kept, dict) else {}
