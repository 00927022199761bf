"""Whose turn it is."""

from learning.event_queue import EventQueue
from learning.messages import Choice, FeedbackEvent


def event(number: int) -> FeedbackEvent:
    return FeedbackEvent(number, number, Choice.LEFT)


ONE, TWO, THREE, FOUR = map(event, range(1, 5))


def test_while_practice_goes_on_all_that_wait_are_due_after_what_is_planned() -> None:
    queue = EventQueue()
    for waiting in (ONE, TWO):
        queue.submit(waiting)
    queue.submit(THREE, at_iteration=7)
    queue.submit(FOUR, at_iteration=8)
    assert len(queue) == 4
    assert queue.due(7, practising=True) == [THREE, ONE, TWO]
    assert queue.due(7, practising=True) == [] and len(queue) == 1
    assert queue.due(8, practising=True) == [FOUR]


def test_without_practice_it_is_one_at_a_time() -> None:
    queue = EventQueue()
    for planned in (ONE, TWO):
        queue.submit(planned, at_iteration=3)
    for waiting in (THREE, FOUR):
        queue.submit(waiting)
    assert [queue.due(3, practising=False) for _ in range(5)] == [[ONE], [TWO], [THREE], [FOUR], []]


def test_what_is_planned_for_later_stays() -> None:
    queue = EventQueue()
    queue.submit(ONE, at_iteration=5)
    assert queue.due(4, practising=False) == queue.due(4, practising=True) == [] and len(queue) == 1
