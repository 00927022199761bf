"""The alarm: its signs on planted chances, and what a teacher gets who asks for fresh pairs."""

import json
from collections.abc import Callable

import numpy as np
import pytest

from learning.alarm import (
    LATELY,
    LOUD,
    STEADY,
    AlarmRecord,
    alarm,
    chances_about_policies,
    common_share,
    sound,
    surprise,
)
from learning.messages import Alarm, AlarmReason, PairKind, SteeringKind
from learning.steering import FRESH_PAIRS
from tests.unit.learning.conftest import Lesson

Begin = Callable[..., Lesson]


@pytest.mark.parametrize("seed", range(3))
def test_answers_that_come_as_foretold_surprise_nobody(seed: int) -> None:
    """Drawn from the model's own chances, the signs are about standard normal, and never wide of it."""
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(2000):
        left = rng.uniform(0.02, 0.98, LATELY)
        found.append(surprise(np.where(rng.random(LATELY) < left, left, 1.0 - left)))
    assert abs(np.mean(found)) < 0.08
    assert 0.7 < np.std(found) < 1.1


def test_sure_models_are_surprised_by_other_answers_and_unsure_ones_are_not() -> None:
    assert surprise([0.05, 0.1, 0.9]) > 3.0
    assert abs(surprise([0.5, 0.49, 0.51, 0.5])) < 0.1
    assert surprise([0.9, 0.95, 0.97]) < 0.0
    assert surprise([]) == 0.0


def test_each_sign_raises_the_alarm_and_is_its_reason() -> None:
    as_foretold = [0.9] * 8
    calm = sound(0.1, 0.01, as_foretold)
    doubtful, common, wrong = (
        sound(3.0, 0.01, as_foretold), sound(0.1, 0.4, as_foretold), sound(0.1, 0.01, [0.05] * 8)
    )  # fmt: skip
    assert calm.score < min(doubtful.score, common.score, wrong.score) and not calm.loud
    reasons = [found.reason for found in (doubtful, common, wrong)]
    assert reasons == [AlarmReason.DOUBT, AlarmReason.COMMON, AlarmReason.SURPRISE]
    assert common.loud and common.common == 0.4
    assert wrong.foretold == 0 and wrong.answers == 8 and wrong.loud is (wrong.score > LOUD)


def test_what_is_common_is_counted_among_the_untaught_robots_frames(begin: Begin) -> None:
    lesson = begin()
    lesson.teach(6)
    trainer = lesson.trainer
    frames = trainer.task.reward_features(trainer.questioner.first_frames()).astype(np.float64)
    rewards = trainer.model.mean(frames)
    middle = frames[int(np.argsort(rewards)[len(rewards) // 2])]
    assert common_share(trainer, 2.0 * frames[int(rewards.argmax())]) == 0.0
    assert common_share(trainer, middle) == pytest.approx(0.5, abs=0.01)


def test_only_answers_about_policies_count(begin: Begin) -> None:
    lesson = begin(auditions_from=2)
    lesson.teach(8)
    trainer = lesson.trainer
    untaught = len(trainer.questioner.broad)
    about = [pair for pair in trainer.book.foretold if max(trainer.book.offers[pair].numbers) >= untaught]
    assert 0 < len(about) < len(trainer.book.foretold)
    chances = chances_about_policies(trainer.book, untaught)
    assert chances == [trainer.book.foretold[pair] for pair in about][-LATELY:]


def test_nothing_can_be_gamed_before_anything_was_gained(begin: Begin) -> None:
    lesson = begin()
    assert lesson.step().alarm is None
    snapshot = lesson.teach(10)
    assert (snapshot.alarm is None) is (alarm(lesson.trainer) is None)


def test_fresh_pairs_are_about_what_is_shown_and_come_next(begin: Begin) -> None:
    lesson = begin(auditions_from=10**6)
    lesson.teach(6)
    lesson.steer(SteeringKind.FRESH_PAIRS)
    lesson.practise()
    ahead = {pair.id for pair in lesson.trainer.open_pairs()}
    lesson.teach(len(ahead) + FRESH_PAIRS)
    made = [pair for number, pair in sorted(lesson.pairs.items()) if number > max(ahead)]
    fresh = [pair for pair in made if pair.kind is PairKind.AUDITION]
    assert 1 <= len(fresh) <= FRESH_PAIRS
    assert all(pair.kind is PairKind.AUDITION for pair in made[: len(fresh)] if pair.kind is not PairKind.REPEAT)
    assert len({frozenset(lesson.trainer.questioner.auditioned[pair.id]) for pair in fresh}) == len(fresh)


def heard(scores: list[float], shown: list[int] | None = None) -> list[bool]:
    """Whether the alarm is said after each label, of scores and of the versions that are shown."""
    record, said = AlarmRecord(), []
    for label, score in enumerate(scores):
        found = Alarm(score, score > LOUD, AlarmReason.COMMON, 0.3, 0.28, 8, 8)
        told = record.heard(label, 0 if shown is None else shown[label], found)
        said.append(told is not None and told.loud)
    return said


def test_it_is_said_when_it_is_steady_over_several_answers() -> None:
    assert heard([0.9] * 5) == [False] * (STEADY - 1) + [True] * (6 - STEADY)
    assert not any(heard([0.9, 0.9, 0.5, 0.9, 0.9, 0.5] * 3)), "what comes and goes is not said"
    assert heard([0.9] * 3 + [0.6, 0.9] * 3 + [0.6] * 3)[2:] == [True] * 9 + [False], "nor taken back"


def test_another_policy_that_looks_honest_takes_it_back_at_once() -> None:
    assert heard([0.9, 0.9, 0.9, 0.2], [1, 1, 1, 2])[-2:] == [True, False]
    assert heard([0.9, 0.9, 0.9, 0.9], [1, 1, 1, 2])[-1], "one that looks no better does not"
    assert heard([0.9, 0.9, 0.9], [1, 2, 3])[-1], "nor do others on the way"


def test_what_is_said_keeps_its_reason_while_the_signs_take_turns() -> None:
    record = AlarmRecord()
    reasons = [AlarmReason.COMMON, AlarmReason.COMMON, AlarmReason.COMMON, AlarmReason.DOUBT, AlarmReason.COMMON]
    told = [record.heard(label, 0, Alarm(0.9, True, why, 0.3, 0.28, 8, 8)) for label, why in enumerate(reasons)]
    assert {found.reason for found in told[2:] if found is not None} == {AlarmReason.COMMON}


def test_what_is_heard_twice_after_one_label_counts_once_and_survives_json() -> None:
    record, loud = AlarmRecord(), Alarm(0.9, True, AlarmReason.DOUBT, 0.9, 0.1, 8, 8)
    for _ in range(STEADY):
        record.heard(7, 0, loud)
    assert not record.said
    record.heard(8, 0, loud)
    again = AlarmRecord.from_state(json.loads(json.dumps(record.state())))
    assert again.state() == record.state()
    assert again.heard(9, 0, loud) == record.heard(9, 0, loud) == loud
    assert not AlarmRecord.from_state(None).said
