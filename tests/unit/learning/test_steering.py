"""Where the meter measures from, what straying costs, going back: as events that can be undone, resumed, replayed."""

import math
from collections.abc import Callable

import numpy as np
import pytest

from learning.config import TrainerConfig
from learning.messages import PenaltyMode, Phase, Snapshot, SteeringKind, TrainerState
from learning.packing import pack_module
from learning.trainer import Trainer
from tests.unit.learning.conftest import Lesson
from tests.unit.learning.test_trainer import replay, same_state

Begin = Callable[..., Lesson]


def practising(trainer: Trainer) -> bytes:
    return b"".join(array.tobytes() for array in pack_module(trainer.policy, "").values())


def points(lesson: Lesson) -> dict[int, float]:
    """The newest reading of each policy."""
    return {point.version: point.reading.kl for snapshot in lesson.snapshots for point in snapshot.points}


def test_every_policy_that_has_a_trial_is_a_point(begin: Begin) -> None:
    lesson = begin()
    snapshot = lesson.teach(8)
    found = [point for snapshot in lesson.snapshots for point in snapshot.points]
    assert [point.version for point in found] == list(range(lesson.trainer.counters.trials))
    assert found[0].reading.kl == 0.0 and found[0].labels == 0
    assert all(point.reading.kl > 0.0 and point.reading.std_error > 0.0 for point in found[1:])
    assert [point.iteration for point in found] == sorted(point.iteration for point in found)
    assert snapshot.reading is not None and snapshot.reference_version == 0
    shown = {point.version: point for point in found}[snapshot.shown_version]
    assert shown.reading == snapshot.reading and shown.true_score == snapshot.true_score


def test_what_is_measured_changes_nothing_that_is_learnt(begin: Begin) -> None:
    plain, pinned = begin(), begin()
    for lesson in (plain, pinned):
        lesson.teach(4)
    pinned.steer(SteeringKind.REFERENCE, 2)
    for lesson in (plain, pinned):
        lesson.practise()
        lesson.teach(2)
    assert plain.trainer.weights_digest() == pinned.trainer.weights_digest()


def test_another_reference_is_measured_from_at_once_and_undone(begin: Begin) -> None:
    lesson = begin()
    lesson.teach(4)
    before = points(lesson)
    event = lesson.steer(SteeringKind.REFERENCE, 2)
    snapshot = lesson.practise()
    assert snapshot.reference_version == 2
    after = points(lesson)
    assert after[2] == 0.0 and after[0] > 0.0 and after.keys() == before.keys()
    lesson.steer(SteeringKind.REFERENCE, supersedes=event.id)
    assert lesson.practise().reference_version == 0
    assert points(lesson) == before


def test_a_policy_that_never_was_changes_nothing(begin: Begin) -> None:
    lesson = begin()
    lesson.teach(3)
    shown, practised = lesson.trainer.shown.version, practising(lesson.trainer)
    lesson.steer(SteeringKind.REFERENCE, 99)
    lesson.steer(SteeringKind.GO_BACK, 99)
    snapshot = lesson.practise()
    assert snapshot.events_waiting == 0 and snapshot.reference_version == 0
    assert lesson.trainer.shown.version == shown and practising(lesson.trainer) == practised


def test_straying_costs_and_the_policy_stays_nearer(begin: Begin) -> None:
    long = {"schedule": ((8, 40),), "generation_iterations": 10**6, "longest_generation": 10**6}
    free, held = begin(**long), begin(**long)
    held.steer(SteeringKind.PENALTY, mode=PenaltyMode.FIXED, value=3.0)
    snapshots = [lesson.teach(1) for lesson in (free, held)]
    assert [snapshot.penalty for snapshot in snapshots] == [PenaltyMode.OFF, PenaltyMode.FIXED]
    assert snapshots[1].penalty_coefficient == 3.0
    assert list(points(held).values())[-1] < 0.5 * list(points(free).values())[-1]


def test_an_adaptive_penalty_follows_what_practice_sees(begin: Begin) -> None:
    lesson = begin()
    lesson.steer(SteeringKind.PENALTY, mode=PenaltyMode.ADAPTIVE, value=1e-3)
    rising = lesson.teach(4).penalty_coefficient
    assert rising > 0.15
    lesson.steer(SteeringKind.PENALTY, mode=PenaltyMode.ADAPTIVE, value=1e6)
    assert lesson.teach(4).penalty_coefficient < rising


def test_a_penalty_that_is_taken_back_is_off(begin: Begin) -> None:
    lesson = begin()
    first = lesson.steer(SteeringKind.PENALTY, mode=PenaltyMode.FIXED, value=1.0)
    second = lesson.steer(SteeringKind.PENALTY, mode=PenaltyMode.FIXED, value=2.0)
    lesson.practise()
    lesson.steer(SteeringKind.PENALTY, supersedes=second.id)
    assert lesson.practise().penalty_coefficient == 1.0
    lesson.steer(SteeringKind.PENALTY, supersedes=first.id)
    assert lesson.practise().penalty is PenaltyMode.OFF


def gone_back(lesson: Lesson, version: int) -> Snapshot:
    lesson.steer(SteeringKind.GO_BACK, version)
    return lesson.practise()


def test_going_back_shows_that_policy_and_practises_on_from_it(begin: Begin) -> None:
    lesson = begin(repertoire=3)
    lesson.teach(10)
    trainer = lesson.trainer
    gone = next(iter(trainer.repertoire.retired))
    snapshot = gone_back(lesson, gone)
    entry = trainer.repertoire.find(gone)
    assert entry is not None
    assert snapshot.phase is Phase.WAITING and snapshot.shown_version == gone
    assert snapshot.true_score == entry.trial.true_score
    assert practising(trainer) == b"".join(array.tobytes() for array in entry.parameters.values())
    assert trainer.counters.refines == gone and gone not in trainer.repertoire.retired


def test_what_was_gone_back_from_is_not_shown_again_by_itself(begin: Begin) -> None:
    lesson = begin()
    lesson.teach(8)
    left = lesson.trainer.shown.version
    other = next(entry.version for entry in lesson.trainer.repertoire.all() if entry.version != left)
    gone_back(lesson, other)
    assert (other, left) in lesson.trainer.outcomes()
    lesson.trainer.relearn()
    lesson.trainer._choose_shown()
    assert lesson.trainer.shown.version == other


def test_going_back_is_undone_to_the_bit(begin: Begin) -> None:
    plain, changed = begin(), begin()
    for lesson in (plain, changed):
        lesson.teach(6)
    others = [entry.version for entry in changed.trainer.repertoire.all() if entry is not changed.trainer.shown]
    backs = []
    for version in others[:2]:
        gone_back(changed, version)
        backs.append(changed.last_id)
        assert changed.trainer.weights_digest() != plain.trainer.weights_digest()
    for event_id in reversed(backs):
        changed.steer(SteeringKind.GO_BACK, supersedes=event_id)
        changed.practise()
    assert changed.trainer.weights_digest() == plain.trainer.weights_digest()
    assert changed.trainer.counters.refines == plain.trainer.counters.refines
    assert changed.trainer.ppo.learning_rate == plain.trainer.ppo.learning_rate
    assert changed.trainer.outcomes() == plain.trainer.outcomes()


@pytest.fixture(scope="module")
def steered(task: object, small: TrainerConfig, oracle: object) -> Lesson:
    """Everything that can be steered, some of it in the middle of practice, some taken back."""
    lesson = Lesson(Trainer(task, small, seed=3), oracle)  # type: ignore[arg-type]
    lesson.teach(3)
    lesson.steer(SteeringKind.PENALTY, mode=PenaltyMode.ADAPTIVE, value=5.0)
    lesson.answer()
    lesson.step()
    pinned = lesson.steer(SteeringKind.REFERENCE, 1)
    lesson.practise()
    back = lesson.steer(SteeringKind.GO_BACK, 1)
    lesson.teach(2)
    lesson.steer(SteeringKind.GO_BACK, supersedes=back.id)
    lesson.steer(SteeringKind.REFERENCE, supersedes=pinned.id)
    lesson.answer()
    lesson.step()
    lesson.steer(SteeringKind.GO_BACK, 2)
    lesson.practise()
    lesson.teach(2)
    return lesson


def test_it_replays_to_the_bit(task: object, small: TrainerConfig, steered: Lesson) -> None:
    again = replay(Trainer(task, small, seed=3), steered)  # type: ignore[arg-type]
    assert again.weights_digest() == steered.trainer.weights_digest()
    # a replay has told of no snapshot in between
    again.measured = steered.trainer.measured
    assert same_state(again.state(), steered.trainer.state())


def test_a_replay_passes_through_every_state_between_two_events(begin: Begin) -> None:
    """While it waits a trainer takes one event at a time, and a checkpoint may lie between any two."""
    lesson = begin(seed=3)
    lesson.teach(4)
    digests = {}
    for pair_id, superseded in ((1, 2), (2, 3)):
        lesson.say(pair_id, None, supersedes=superseded)
        lesson.practise()
        digests[len(lesson.taken)] = lesson.trainer.weights_digest()
    for version in (1, 2):
        lesson.steer(SteeringKind.GO_BACK, version)
        lesson.practise()
        digests[len(lesson.taken)] = lesson.trainer.weights_digest()
    again = begin(seed=3).trainer
    for event_id, iteration in lesson.taken:
        again.submit(lesson.events[event_id], at_iteration=iteration)
    taken, passed = 0, {}
    while taken < len(lesson.taken):
        taken += len(again.step().taken)
        passed[taken] = again.weights_digest()
    assert len(set(digests.values())) == len(digests) == 4
    assert digests.items() <= passed.items()


def test_it_resumes_to_the_bit_from_any_iteration(task: object, small: TrainerConfig, steered: Lesson) -> None:
    trainer = Trainer(task, small, seed=3)  # type: ignore[arg-type]
    for event_id, iteration in steered.taken:
        trainer.submit(steered.events[event_id], at_iteration=iteration)
    kept: list[TrainerState] = []
    while trainer.iteration < steered.trainer.iteration:
        kept.append(trainer.state())
        trainer.step()
    for state in kept[::9]:
        resumed = replay(Trainer.from_state(trainer.task, state), steered)
        assert resumed.weights_digest() == steered.trainer.weights_digest()
        assert resumed.steering.meter.readings == steered.trainer.steering.meter.readings
        assert resumed.steering.penalty == steered.trainer.steering.penalty


def test_the_first_point_is_told_even_by_a_trainer_that_was_stored_before(task: object, small: TrainerConfig) -> None:
    trainer = Trainer(task, small, seed=3)  # type: ignore[arg-type]
    resumed = Trainer.from_state(trainer.task, trainer.state())
    first, second = trainer.step().points, resumed.step().points
    assert [point.version for point in first] == [point.version for point in second] == [0]
    assert math.isclose(first[0].learned_reward, second[0].learned_reward)
    assert np.array_equal(first[0].policy.weights[0], second[0].policy.weights[0])
