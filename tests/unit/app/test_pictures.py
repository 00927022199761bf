"""Pictures of an exported policy: which moment the contact sheet shows, and that it is drawn."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from app.bundle_preview import (
    AFTER,
    BEFORE,
    EPISODES,
    GIF_SECONDS,
    SHEET_PICTURES,
    SHEET_SIZE,
    Recording,
    beginning,
    draw_sheet,
    film,
    record,
    record_success,
    success_span,
)
from sim.backends import NoRendererError, probe
from sim.clip import Clip
from sim.task import Bools, Readings, Scorer, Singles, Task
from sim.video import SHEET_GAP


class Scripted(Scorer):
    """Succeeds at the steps that it was told, counted from 0 after the start."""

    def __init__(self, steps: set[int]) -> None:
        self._steps = steps
        self._step = -1  # the first update is the start itself
        self.resets = 0

    def update(self, readings: Readings) -> NDArray[np.int64]:
        succeeded = self._step in self._steps
        self._step += 1
        return np.array([int(succeeded)])

    def reset(self, mask: Bools) -> None:
        self.resets += int(mask.sum())


@pytest.fixture
def script(task: Task, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[Scripted]]:
    """Lets the task count as told: one set of steps for each episode, in turn."""

    def make(*episodes: set[int]) -> list[Scripted]:
        waiting, used = [Scripted(steps) for steps in episodes], []

        def scorer(n: int) -> Scorer:
            assert n == 1
            used.append(waiting.pop(0))
            return used[-1]

        monkeypatch.setattr(task, "scorer", scorer)
        return used

    return make


def still(observations: Singles) -> Singles:
    """Does nothing; the hopper falls over."""
    return np.zeros((len(observations), 3), np.float32)


def test_a_recording_knows_which_frames_succeeded(task: Task, script: Callable[..., list[Scripted]]) -> None:
    used = script({4, 39})
    recording = record(task, still, seconds=4.0)
    assert recording.successes == (4, 39)
    assert len(recording.clip) == round(4.0 / task.control_dt)
    assert used[0].resets >= 1, "it fell, and the count must begin anew"


def test_episodes_are_looked_through_until_one_succeeds(task: Task, script: Callable[..., list[Scripted]]) -> None:
    used = script(set(), set(), {100}, {1})
    found = record_success(task, still)
    assert found.successes == (100,) and len(used) == 3
    assert np.array_equal(found.clip.states, _record_third(task, script).clip.states), "each episode has its own start"


def _record_third(task: Task, script: Callable[..., list[Scripted]]) -> Recording:
    script({100})
    return record(task, still, seed=2)


def test_without_a_success_the_last_episode_is_shown(task: Task, script: Callable[..., list[Scripted]]) -> None:
    used = script(*[set() for _ in range(EPISODES)])
    assert record_success(task, still).successes == ()
    assert len(used) == EPISODES


def recording_of(task: Task, frames: int, *successes: int) -> Recording:
    states = np.zeros((frames, task.state_size))
    states[:, 1 : 1 + task.model.nq] = task.model.qpos0
    observations = np.zeros((frames, task.observation_size), np.float32)
    actions = np.zeros((frames, task.action_size), np.float32)
    return Recording(Clip(task.name, task.model_hash, task.control_dt, states, observations, actions), successes)


@pytest.mark.parametrize(
    ("successes", "span"),
    [((200, 300), (120, 210)), ((20,), (0, 30)), ((397,), (317, 399)), ((), (0, 90))],
    ids=["the first one", "near the start", "near the end", "none"],
)
def test_the_sheet_shows_the_way_to_the_first_success(
    task: Task, successes: tuple[int, ...], span: tuple[int, int]
) -> None:
    assert (round(BEFORE / task.control_dt), round(AFTER / task.control_dt)) == (80, 10)
    assert success_span(recording_of(task, 400, *successes)) == span


def test_the_sheet_is_a_row_of_pictures(task: Task, tmp_path: Path) -> None:
    try:
        probe()
    except NoRendererError as error:
        pytest.skip(str(error))
    draw_sheet(task, recording_of(task, 400, 200), tmp_path / "sheet.png")
    picture = cv2.imread(str(tmp_path / "sheet.png"))
    assert picture is not None
    width, height = SHEET_SIZE
    assert picture.shape == (height, SHEET_PICTURES * (width + SHEET_GAP) - SHEET_GAP, 3)
    assert picture.std() > 5.0, "something is to be seen"


def test_a_gif_is_the_beginning_of_an_episode(task: Task) -> None:
    clip = recording_of(task, 400).clip
    assert len(beginning(clip, GIF_SECONDS)) == round(GIF_SECONDS / task.control_dt) == 250
    short = recording_of(task, 30).clip
    assert len(beginning(short, GIF_SECONDS)) == 30


def test_a_name_that_ends_in_gif_makes_a_gif(task: Task, tmp_path: Path) -> None:
    try:
        probe()
    except NoRendererError as error:
        pytest.skip(str(error))
    film(task, recording_of(task, 30).clip, tmp_path / "flip.gif", lambda share: None)
    assert (tmp_path / "flip.gif").read_bytes().startswith(b"GIF89a")
