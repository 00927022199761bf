"""Whether it is learning, in words: intervals by hand, milestones, and the one line."""

from dataclasses import replace

import pytest

from learning.messages import Phase, Snapshot
from sim.registry import get_task
from sim.task import Task
from tests.unit.app.conftest import FakeTrainer
from ui.intervals import wilson
from ui.progress_words import agreement_words, milestones, progress_sentence


@pytest.fixture
def taught(task: Task) -> Snapshot:
    """After 20 labels: predicts well, is better than random motion, and falls too often."""
    snapshot = FakeTrainer(task, {}, 0)._snapshot(Phase.WAITING, [])
    return replace(
        snapshot, labels=20, agreement=0.9, agreement_count=10, learned_reward=3.0, learned_reward_std=1.0,
        falls_per_10s=2.3, true_score=0.0,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("hits", "count", "low", "high"),
    [(81, 263, 0.255, 0.366), (0, 10, 0.0, 0.278), (10, 10, 0.722, 1.0), (1, 2, 0.095, 0.905)],
)
def test_the_interval_is_wilsons(hits: int, count: int, low: float, high: float) -> None:
    """The first is the example of Newcombe 1998, the others follow from the formula by hand."""
    assert wilson(hits / count, count) == pytest.approx((low, high), abs=1e-3)


def test_agreement_comes_with_its_count_and_interval() -> None:
    assert agreement_words(7 / 9, 9) == "7 of 9 (45\u201394\u00a0%)"
    assert agreement_words(None, 0) == "none held out yet"


def test_milestones_are_what_the_teacher_can_see(task: Task, taught: Snapshot) -> None:
    found = {step.name: step.reached for step in milestones(taught, task, peeking=False)}
    assert found == {"agreement": True, "reward": True, "falls": False}
    found = {step.name: step.reached for step in milestones(taught, task, peeking=True)}
    assert found["score"] is False
    guessing = replace(taught, agreement=0.6, learned_reward=0.5)
    assert [step.reached for step in milestones(guessing, task, peeking=False)] == [False, False, False]


def test_a_robot_that_cannot_fall_has_no_such_milestone(taught: Snapshot) -> None:
    assert "falls" not in {step.name for step in milestones(taught, get_task("gripper-grasp"), peeking=False)}


def test_the_line_says_how_it_stands_and_how_long_it_takes(task: Task, taught: Snapshot) -> None:
    said = progress_sentence(taught, task, peeking=False)
    assert said == "Learning: 2 of 3 milestones. Test sessions usually needed up to 50 answers."
    assert "Too early to tell: 3 answers" in progress_sentence(
        replace(taught, labels=3, early=True), task, peeking=False
    )
    assert "first answer" in progress_sentence(replace(taught, labels=0), task, peeking=False)
    late = progress_sentence(replace(taught, labels=80), task, peeking=False)
    assert late == "Learning: 2 of 3 milestones.", "the time that is usual is over"
    done = progress_sentence(replace(taught, falls_per_10s=0.0), task, peeking=False)
    assert "compare then and now" in done
    assert "Few test sessions" in progress_sentence(taught, get_task("walker-walk"), peeking=False)
