"""The answers in force, and what they say: mean features that differ, and which side was better."""

from collections import deque
from dataclasses import dataclass

import numpy as np

from learning.messages import Choice, FeedbackEvent, Pair, PairKind
from sim.errors import UserError
from sim.task import Floats

TARGETS = {Choice.LEFT: 1.0, Choice.EQUAL: 0.5, Choice.RIGHT: 0.0}
"""What a comparison is learnt as; cannot tell says nothing."""


class UnknownPairError(UserError):
    """An answer is about a pair that this trainer has not offered: the session's record is not of this trainer."""


@dataclass(frozen=True, slots=True, eq=False)
class Offer:
    """What the trainer keeps of a pair that it has offered."""

    kind: PairKind
    difference: Floats
    """(d,) mean features of the left clip minus those of the right one."""
    numbers: tuple[int, int]
    """Of the clips, left and right."""
    check: bool
    """Whether it was drawn at random, and so says how well the reward model predicts."""


class AnswerBook:
    """All offers and answers of a session."""

    def __init__(self, size: int, window: int) -> None:
        """For `size` reward features; agreement is over the last `window` random pairs."""
        self.size = size
        """Number of reward features."""
        self.offers: dict[int, Offer] = {}
        self.answers: dict[int, Choice | None] = {}
        """In the order first answered; None for one that was taken back."""
        self.hits: deque[bool] = deque(maxlen=window)
        self.foretold: dict[int, float] = {}
        """By pair, in the order first answered: the chance that the reward model gave what was then chosen."""
        self.taken_ids: list[int] = []

    @property
    def count(self) -> int:
        """Answers in force."""
        return sum(choice is not None for choice in self.answers.values())

    @property
    def agreement(self) -> float | None:
        """Share of random pairs that the reward model predicted before it learnt from them."""
        return float(np.mean(self.hits)) if self.hits else None

    def was_offered(self, left: int, right: int) -> bool:
        """Whether the clips of these numbers were ever shown together."""
        return frozenset((left, right)) in {frozenset(offer.numbers) for offer in self.offers.values()}

    def offered(self, event: FeedbackEvent) -> Offer:
        """What was offered that `event` answers.

        Raises:
            UnknownPairError: nothing was.
        """
        if event.pair_id not in self.offers:
            raise UnknownPairError(
                f"Event {event.id} answers pair {event.pair_id}, which this session's trainer has not offered by then."
            )
        return self.offers[event.pair_id]

    def offer(self, pair: Pair, offer: Offer) -> None:
        """Notes a pair that is going to be shown."""
        self.offers[pair.id] = offer

    def take(self, event: FeedbackEvent, chance_of_left: float) -> bool:
        """Takes an event in; returns whether it is the first of its pair.

        Args:
            event: of a pair that was offered.
            chance_of_left: what the reward model expected before.
        """
        first = event.pair_id not in self.answers
        self.answers[event.pair_id] = event.choice
        self.taken_ids.append(event.id)
        if first and event.choice in (Choice.LEFT, Choice.RIGHT):
            left = event.choice is Choice.LEFT
            self.foretold[event.pair_id] = chance_of_left if left else 1.0 - chance_of_left
            if self.offers[event.pair_id].check:
                self.hits.append((chance_of_left > 0.5) == left)
        return first

    def comparisons(self) -> tuple[Floats, Floats]:
        """Differences (n, d) and targets (n,) of all answers that say something."""
        telling = [(pair_id, TARGETS[choice]) for pair_id, choice in self.answers.items() if choice in TARGETS]
        differences = [self.offers[pair_id].difference for pair_id, _ in telling]
        return np.reshape(differences, (len(telling), self.size)), np.array([target for _, target in telling])
