"""The alarm: its signs on planted chances, and what a teacher gets who asks for fresh pairs."""

from collections.abc import Callable

import numpy as np
import pytest

from learning.alarm import LATELY, LOUD, alarm, chances_about_policies, sound, surprise
from learning.messages import AlarmReason, PairKind, SteeringKind
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


def test_doubt_and_surprise_raise_the_alarm() -> None:
    calm = sound(0.1, [0.9] * 8)
    doubtful, wrong = sound(3.0, [0.9] * 8), sound(0.1, [0.05] * 8)
    assert calm.score < min(doubtful.score, wrong.score) and not calm.loud
    assert doubtful.reason is AlarmReason.DOUBT and wrong.reason is AlarmReason.SURPRISE
    assert wrong.foretold == 0 and wrong.answers == 8 and wrong.loud is (wrong.score > LOUD)


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
