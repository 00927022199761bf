"""A policy that nobody has seen and that looks better: when it is offered, and what asking for it changes."""

from collections.abc import Callable

import numpy as np
import pytest

from learning.messages import PairKind, SteeringKind, UntriedPolicy
from learning.trainer import Trainer
from learning.untried import untried
from tests.unit.learning.conftest import Lesson

Begin = Callable[..., Lesson]


def better(trainer: Trainer) -> int:
    """Makes the newest policy that stood in no comparison look better than all others; returns its version."""
    tried = {version for pair in trainer.questioner.auditioned.values() for version in pair}
    entry = [each for each in trainer.repertoire.entries if each.version not in tried and each is not trainer.shown][-1]
    weights = trainer.model.posterior.weights
    entry.trial.feature_sum[:] = 50.0 * entry.trial.frames * weights / np.linalg.norm(weights)
    object.__setattr__(entry.trial, "falls", 0)
    return entry.version


@pytest.fixture
def lesson(begin: Begin) -> Lesson:
    """Taught without policy comparisons, so that no policy has been seen."""
    made = begin(auditions_from=10**6, repertoire=6, progress_auditions=False)
    made.teach(8)
    return made


def test_a_better_looking_policy_is_offered(lesson: Lesson) -> None:
    version = better(lesson.trainer)
    found = untried(lesson.trainer)
    assert isinstance(found, UntriedPolicy) and found.version == version and not found.asked
    assert found.ahead > found.ahead_std > 0.0
    assert lesson.step().untried == found


def test_one_that_is_no_better_or_was_seen_is_not_offered(lesson: Lesson) -> None:
    version = better(lesson.trainer)
    lesson.trainer.questioner.auditioned[0] = (version, lesson.trainer.shown.version)
    found = untried(lesson.trainer)
    assert found is None or found.version != version
    shown = lesson.trainer.shown
    for entry in lesson.trainer.repertoire.entries:
        object.__setattr__(entry, "trial", shown.trial)
    assert untried(lesson.trainer) is None


def test_who_asks_gets_a_comparison_of_these_two_next(lesson: Lesson) -> None:
    version = better(lesson.trainer)
    shown = lesson.trainer.shown.version
    lesson.steer(SteeringKind.FRESH_PAIRS, version)
    asked = lesson.practise().untried
    assert asked is not None and asked.version == version and asked.asked
    ahead = {pair.id for pair in lesson.trainer.open_pairs()}
    trainer = lesson.trainer
    trainer._choose_shown = lambda: None  # type: ignore[method-assign]  # a planted policy would be shown by itself
    lesson.answer()
    lesson.practise()
    made = [pair for number, pair in sorted(lesson.pairs.items()) if number > max(ahead)]
    assert made[0].kind is PairKind.AUDITION
    assert set(trainer.questioner.auditioned[made[0].id]) == {shown, version}
    assert trainer.questioner.counters.wanted is None


def test_the_wish_can_be_taken_back(lesson: Lesson) -> None:
    wish = lesson.steer(SteeringKind.FRESH_PAIRS, better(lesson.trainer))
    lesson.practise()
    lesson.steer(SteeringKind.FRESH_PAIRS, supersedes=wish.id)
    lesson.practise()
    assert lesson.trainer.questioner.counters.wanted is None and lesson.trainer.questioner.counters.fresh == 0


def test_a_wish_for_a_policy_that_is_gone_changes_no_number(begin: Begin) -> None:
    """The offer draws no random number: only a comparison that is made does."""
    plain, wished = begin(auditions_from=10**6), begin(auditions_from=10**6)
    for lesson in (plain, wished):
        lesson.teach(4)
    wished.steer(SteeringKind.FRESH_PAIRS, 10**6)
    for lesson in (plain, wished):
        lesson.practise()
        lesson.teach(4)
    assert plain.trainer.weights_digest() == wished.trainer.weights_digest()


def test_the_wish_and_what_was_refused_survive_a_checkpoint(lesson: Lesson) -> None:
    lesson.steer(SteeringKind.FRESH_PAIRS, better(lesson.trainer))
    lesson.practise()
    again = Trainer.from_state(lesson.trainer.task, lesson.trainer.state())
    assert again.questioner.counters.wanted == lesson.trainer.questioner.counters.wanted is not None
    assert again.shown.trial.attempts == lesson.trainer.shown.trial.attempts is not None
    assert again.step().attempts == lesson.step().attempts
