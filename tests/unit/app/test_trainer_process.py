"""A trainer in a process of its own is the same trainer, and what happens to the process is told in a sentence."""

import gc
import os
import signal
import subprocess
import sys
import textwrap
import time
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.errors import ForeignSessionError
from app.runner import failure_sentence
from app.trainer_process import NICENESS, ProcessTrainers, RemoteTrainer, TrainerProcess, TrainerProcessError
from app.trainers import LearningTrainers, Trainer
from learning.messages import Choice, FeedbackEvent, Phase, TrainerState
from sim.task import Task
from tests.unit.app.conftest import SEED, FakeTrainer, FakeTrainers
from tests.unit.app.test_trainers import SMALL


class AwkwardError(Exception):
    """Cannot be unpickled: its constructor wants two arguments."""

    def __init__(self, first: str, second: str) -> None:
        super().__init__(f"{first} and {second}")


class FailingTrainer(FakeTrainer):
    """Fails as it is told to by the number of the pair that is answered."""

    def step(self) -> Any:
        for event in self.queue.due(self.iteration, practising=True):
            assert isinstance(event, FeedbackEvent)
            number = event.pair_id
            if number == 0:
                raise FloatingPointError("the loss is NaN")
            if number == 1:
                raise AwkwardError("one", "two")
            os.kill(os.getpid(), signal.SIGKILL)
        return super().step()


class FailingTrainers(FakeTrainers):
    def fresh(self, task: Task, config: dict[str, Any], seed: int) -> FailingTrainer:
        return FailingTrainer(task, config, seed)


class NiceTrainer(FakeTrainer):
    """Its digest is the niceness of its process."""

    def weights_digest(self) -> str:
        return str(os.getpriority(os.PRIO_PROCESS, 0))


class NiceTrainers(FakeTrainers):
    def fresh(self, task: Task, config: dict[str, Any], seed: int) -> NiceTrainer:
        return NiceTrainer(task, config, seed)


@pytest.fixture
def processes(request: pytest.FixtureRequest) -> Iterator[ProcessTrainers]:
    """Trainers of the kind that the test asks for, in processes that are ended after it."""
    trainers = ProcessTrainers(request.param)
    yield trainers
    trainers.close()
    deadline = time.monotonic() + 10.0
    while children() and time.monotonic() < deadline:
        gc.collect()
        time.sleep(0.02)
    assert not children(), "a process was left behind"


def children() -> set[int]:
    import multiprocessing

    return {child.pid or 0 for child in multiprocessing.active_children()}


def make(trainers: ProcessTrainers, task: Task) -> RemoteTrainer:
    trainer = trainers.fresh(task, trainers.default_config(), SEED)
    assert isinstance(trainer, RemoteTrainer)
    return trainer


def answers(trainer: Trainer, count: int) -> list[str]:
    """Answers `count` pairs and practises; digests along the way."""
    digests = []
    for number in range(count):
        pair = trainer.open_pairs()[0]
        choice = Choice.LEFT if pair.left.states.sum() < pair.right.states.sum() else Choice.RIGHT
        trainer.submit(FeedbackEvent(number + 1, pair.id, choice))
        while (snapshot := trainer.step()).phase is not Phase.WAITING or snapshot.events_waiting:
            pass
        digests.append(trainer.weights_digest())
    return digests


@pytest.mark.parametrize("processes", [LearningTrainers(SMALL)], indirect=True)
def test_it_learns_the_same_bit_for_bit(processes: ProcessTrainers, task: Task) -> None:
    here = LearningTrainers(SMALL)
    local, remote = here.fresh(task, here.default_config(), SEED), make(processes, task)
    assert answers(local, 3) == answers(remote, 3)
    for mine, theirs in zip(local.open_pairs(), remote.open_pairs(), strict=True):
        assert mine.id == theirs.id and np.array_equal(mine.left.states, theirs.left.states)
        assert not theirs.left.states.flags.writeable
    clip = local.open_pairs()[0].left
    assert np.array_equal(local.explain(clip).mean, remote.explain(clip).mean)
    assert local.explain_pair(clip, clip).chance_of_left == remote.explain_pair(clip, clip).chance_of_left == 0.5
    assert np.array_equal(local.export_policy().weights[0], remote.export_policy().weights[0])
    state = remote.state()
    assert state.meta == local.state().meta
    restored = processes.restored(task, TrainerState(state.tensors, state.meta))
    assert restored.weights_digest() == local.weights_digest()


@pytest.mark.parametrize("processes", [FakeTrainers()], indirect=True)
def test_a_pair_crosses_once(processes: ProcessTrainers, task: Task) -> None:
    trainer = make(processes, task)
    first, second = trainer.open_pairs()
    trainer.submit(FeedbackEvent(1, first.id, Choice.LEFT))
    while not trainer.step().taken:
        pass
    kept, new = trainer.open_pairs()
    assert kept is second and new.id == 2


@pytest.mark.parametrize("processes", [FakeTrainers()], indirect=True)
def test_the_next_trainer_finds_the_process_warm(processes: ProcessTrainers, task: Task) -> None:
    processes.warm_up()
    warm = children()
    trainer = make(processes, task)
    assert children() == warm
    other = make(processes, task)
    assert len(children()) == 2, "two trainers at once have a process each"
    assert set(processes.pids) == children()
    del trainer, other
    gc.collect()
    assert len(children()) == 1, "one waits, the other has ended"
    make(processes, task)
    assert len(children()) == 1


@pytest.mark.parametrize("processes", [FailingTrainers()], indirect=True)
def test_an_error_over_there_is_raised_here_with_its_story(processes: ProcessTrainers, task: Task) -> None:
    trainer = make(processes, task)
    trainer.submit(FeedbackEvent(1, 0, Choice.LEFT))
    with pytest.raises(FloatingPointError, match="the loss is NaN") as caught:
        trainer.step()
    assert "in step\n" in "".join(traceback.format_exception(caught.value)), "where it happened over there"
    trainer.submit(FeedbackEvent(2, 1, Choice.LEFT))
    with pytest.raises(RuntimeError, match="AwkwardError: one and two"):
        trainer.step()
    assert trainer.step().iteration == 1, "it can still be used"


@pytest.mark.parametrize("processes", [FailingTrainers()], indirect=True)
def test_a_process_that_is_killed_is_told_in_a_sentence_and_replaced(processes: ProcessTrainers, task: Task) -> None:
    trainer = make(processes, task)
    trainer.submit(FeedbackEvent(1, 2, Choice.LEFT))
    with pytest.raises(TrainerProcessError, match="ended by signal 9; your labels are safe") as caught:
        trainer.step()
    assert failure_sentence(caught.value) == str(caught.value), "one sentence, no traceback"
    with pytest.raises(TrainerProcessError):
        trainer.state()
    assert make(processes, task).step().iteration == 1


@pytest.mark.parametrize("processes", [LearningTrainers(SMALL)], indirect=True)
def test_a_configuration_of_another_version_is_the_sessions_fault(processes: ProcessTrainers, task: Task) -> None:
    with pytest.raises(ForeignSessionError, match="another version"):
        processes.fresh(task, {"no such number": 1}, SEED)
    assert len(children()) == 1, "the process is kept for the next one"


@pytest.mark.skipif(not hasattr(os, "nice"), reason="no niceness here")
@pytest.mark.parametrize("processes", [NiceTrainers()], indirect=True)
def test_it_gives_way_to_the_window(processes: ProcessTrainers, task: Task) -> None:
    own = os.getpriority(os.PRIO_PROCESS, 0)
    assert make(processes, task).weights_digest() == str(min(own + NICENESS, 19))
    assert os.getpriority(os.PRIO_PROCESS, 0) == own


def test_what_does_not_end_is_made_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.trainer_process.END_SECONDS", 0.1)
    process = TrainerProcess(FakeTrainers())
    process.call("default_config", None)
    os.kill(process.pid, signal.SIGSTOP)
    began = time.monotonic()
    process.end()
    assert not process.alive and time.monotonic() - began < 5.0


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_it_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(
        textwrap.dedent("""
            import time
            from app.trainer_process import TrainerProcess
            from app.trainers import LearningTrainers

            if __name__ == "__main__":
                process = TrainerProcess(LearningTrainers())
                process.call("default_config", None)
                print(process.pid, flush=True)
                time.sleep(60)
        """),
        encoding="utf-8",
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path or os.getcwd() for path in sys.path)}
    with subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, text=True, env=environment) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        parent.kill()
    deadline = time.monotonic() + 10.0
    while running(child) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not running(child)


def running(pid: int) -> bool:
    """Whether there is such a process that is not just waiting for somebody to ask how it ended."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text(encoding="ascii")
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"
