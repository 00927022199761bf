"""The answers in force."""

from collections.abc import Callable

import numpy as np
import pytest

from learning.answers import AnswerBook, Offer
from learning.messages import Choice, FeedbackEvent, Pair, PairKind
from sim.clip import Clip

SIZE = 3


@pytest.fixture
def book(make_clip: Callable[..., Clip]) -> AnswerBook:
    """Six pairs on offer, of which the odd ones are drawn at random; the difference of pair `n` is n + 1."""
    book = AnswerBook(SIZE, window=2)
    clip = make_clip([0.0])
    for number in range(6):
        pair = Pair(number, PairKind.FRAGMENT, clip, clip)
        numbers = (10 + number, 20 + number)
        book.offer(pair, Offer(pair.kind, np.full(SIZE, number + 1.0), numbers, check=number % 2 == 1))
    return book


def say(book: AnswerBook, event: int, pair: int, choice: Choice | None, chance: float = 0.5) -> bool:
    return book.take(FeedbackEvent(event, pair, choice), chance)


def told(book: AnswerBook) -> list[tuple[float, float]]:
    differences, targets = book.comparisons()
    assert differences.shape == (len(targets), SIZE)
    return [(float(difference[0]), float(target)) for difference, target in zip(differences, targets, strict=True)]


def test_answers_become_targets_in_the_order_given(book: AnswerBook) -> None:
    assert told(book) == []
    assert say(book, 1, 2, Choice.RIGHT)
    assert say(book, 2, 0, Choice.LEFT)
    assert say(book, 3, 4, Choice.EQUAL)
    assert told(book) == [(3.0, 0.0), (1.0, 1.0), (5.0, 0.5)]
    assert book.count == 3 and book.taken_ids == [1, 2, 3]


def test_cannot_tell_counts_and_says_nothing(book: AnswerBook) -> None:
    assert say(book, 1, 0, Choice.CANNOT_TELL)
    assert book.count == 1
    assert told(book) == []


def test_an_answer_can_be_changed_and_taken_back(book: AnswerBook) -> None:
    say(book, 1, 0, Choice.LEFT)
    say(book, 2, 2, Choice.LEFT)
    assert not say(book, 3, 0, Choice.RIGHT)
    assert told(book) == [(1.0, 0.0), (3.0, 1.0)]
    assert not say(book, 4, 0, None)
    assert told(book) == [(3.0, 1.0)] and book.count == 1
    assert not say(book, 5, 0, Choice.EQUAL)
    assert told(book) == [(1.0, 0.5), (3.0, 1.0)] and book.count == 2


def test_agreement_is_of_random_pairs_before_they_were_learnt(book: AnswerBook) -> None:
    assert book.agreement is None
    say(book, 1, 0, Choice.LEFT, chance=0.1)
    assert book.agreement is None
    say(book, 2, 1, Choice.LEFT, chance=0.9)
    assert book.agreement == 1.0
    say(book, 3, 3, Choice.LEFT, chance=0.2)
    assert book.agreement == 0.5
    say(book, 4, 3, Choice.RIGHT, chance=0.9)
    assert book.agreement == 0.5
    say(book, 5, 5, Choice.RIGHT, chance=0.7)
    assert book.agreement == 0.0 and len(book.hits) == 2


@pytest.mark.parametrize("choice", [Choice.EQUAL, Choice.CANNOT_TELL])
def test_agreement_needs_a_preference(choice: Choice, book: AnswerBook) -> None:
    say(book, 1, 1, choice, chance=0.9)
    assert book.agreement is None


def test_it_knows_which_clips_were_shown_together(book: AnswerBook) -> None:
    assert book.was_offered(10, 20) and book.was_offered(20, 10)
    assert not book.was_offered(10, 21)


def test_what_was_foretold_is_kept_of_first_answers(book: AnswerBook) -> None:
    say(book, 1, 0, Choice.LEFT, chance=0.8)
    say(book, 2, 1, Choice.RIGHT, chance=0.7)
    say(book, 3, 2, Choice.EQUAL, chance=0.9)
    say(book, 4, 0, Choice.RIGHT, chance=0.1)
    assert book.foretold == {0: 0.8, 1: pytest.approx(0.3)}
