"""The status line says what is being done, and for whom it waits."""

from dataclasses import replace

import pytest

from learning.messages import Phase, Snapshot
from sim.task import Task
from tests.unit.app.conftest import FakeTrainer, _fields
from ui.ports import Failure, WorkerStatus
from ui.teach.header import short_count
from ui.teach.status import Situation, describe


@pytest.fixture
def now(task: Task) -> Situation:
    """Twelve labels, all learnt from; the next pair is drawn."""
    snapshot = FakeTrainer(task, {}, 0)._snapshot(Phase.WAITING, [])
    waiting = Snapshot(**{**_fields(snapshot), "labels": 12})
    return Situation(WorkerStatus.RUNNING, waiting, 12, on_screen=True, next_ready=True, seconds=61.0)


def in_phase(now: Situation, phase: Phase, *, behind: int = 0) -> Situation:
    assert now.snapshot is not None
    return replace(now, snapshot=Snapshot(**{**_fields(now.snapshot), "phase": phase, "events_waiting": behind}))


def test_waiting_names_whom_and_how_much(now: Situation) -> None:
    assert describe(now).text == "Training is paused until your next answer."
    assert "Training is paused" in describe(replace(now, answers=0)).text


def test_waiting_for_the_picture_is_not_waiting_for_the_teacher(now: Situation) -> None:
    assert "you" not in describe(replace(now, on_screen=False)).text


def test_learning_says_whether_the_next_pair_is_ready(now: Situation) -> None:
    learning = in_phase(now, Phase.PRACTISING)
    assert describe(learning).text == "Learning from your last answer. The next pair is ready."
    assert describe(replace(learning, next_ready=False)).text == "Learning from your last answer."
    assert "3 more are waiting" in describe(in_phase(now, Phase.PRACTISING, behind=3)).text
    assert "Learning" in describe(in_phase(now, Phase.WAITING, behind=1)).text, "an answer that waits is not waited for"


def test_the_beginning_says_how_long_it_has_taken(now: Situation) -> None:
    assert describe(in_phase(now, Phase.PREPARING)).text == "Preparing the first clips (61 s)"
    assert describe(replace(now, snapshot=None, seconds=2.0)).text == "Preparing the first clips (2 s)"
    assert describe(replace(now, status=WorkerStatus.STARTING)).text.startswith("Starting")


def test_a_pause_and_a_failure_say_what_becomes_of_the_answers(now: Situation) -> None:
    assert describe(replace(now, status=WorkerStatus.PAUSED)).text.startswith("Paused")
    failed = replace(now, status=WorkerStatus.FAILED, failure=Failure("It broke; your labels are safe.", "trace"))
    assert (describe(failed).text, describe(failed).role) == ("It broke; your labels are safe.", "danger")
    assert "safe" in describe(replace(failed, failure=None)).text
    assert "safe" in describe(replace(now, status=WorkerStatus.STOPPED)).text


@pytest.mark.parametrize(
    ("count", "said"), [(0, "0"), (940, "940"), (51_200, "51 k"), (999_600, "1.0 M"), (4.1e6, "4.1 M")]
)
def test_counts_are_short(count: float, said: str) -> None:
    assert short_count(count) == said
