"""What the window's measurement counts."""

import json
import os
import subprocess
import time
from typing import Any

import pytest

from app.bench import window
from app.doctor import Finding
from learning.messages import Choice, FeedbackEvent, Phase
from sim.task import Task
from tests.unit.app.conftest import FakeTrainers


def test_practice_is_timed_and_each_label_is_noted_when_it_first_counts(task: Task) -> None:
    trainers = window.TimedTrainers(FakeTrainers())
    trainer = trainers.fresh(task, trainers.default_config(), 5)
    began = time.perf_counter()
    for number in (1, 2):
        trainer.submit(FeedbackEvent(number, trainer.open_pairs()[0].id, Choice.LEFT))
        while len(trainers.learned) < number:
            snapshot = trainer.step()
        assert snapshot.labels == number
    while (snapshot := trainer.step()).phase is not Phase.WAITING:
        practised = snapshot.iteration
    first, second = trainers.learned
    assert began < first < second < time.perf_counter(), "a label that counts is noted once"
    assert trainers.steps == 100 * practised > 0
    assert trainers.speed == trainers.steps / trainers.seconds


def test_percentiles() -> None:
    assert window.seconds([1.0, 3.0], 50) == 2.0
    assert window.milliseconds([0.001, 0.003], 50) == 2.0
    assert window.seconds([], 95) is window.milliseconds([], 95) is None


def test_memory_of_a_process_that_has_ended_is_none() -> None:
    assert window.resident_mib() == pytest.approx(window.resident_mib(os.getpid()), rel=0.5)
    process = subprocess.Popen(["true"])
    process.wait()
    assert window.resident_mib(process.pid) == 0.0


def test_a_window_that_shows_no_pair_is_told_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(*_: Any, **__: Any) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess([], 0, stdout=json.dumps({}) + "\n")

    monkeypatch.setattr(window.subprocess, "run", run)
    with pytest.raises(window.WindowError, match="no new pair of 'walker-walk' in 120 s"):
        window.watch_window("walker-walk", 1, 0.1, 0.0)


def test_without_a_display_nothing_is_taught_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(window, "display", lambda: Finding("display", False, "none"))
    monkeypatch.setattr(window, "teach_in_scratch", None)
    with pytest.raises(window.UsageError, match="needs a display"):
        window.bench_window("walker-walk", 1, 0.1, 0.0)
