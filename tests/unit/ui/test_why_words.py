"""Why, in words: the predicted side, the confidence, and planted moments that decide."""

import numpy as np

from learning.messages import Explanation, PairExplanation
from ui.sides import Side
from ui.why_words import NOTHING_YET, pair_words, reasons, recent_moments, recent_words

DT = 0.02


def explanation(left: np.ndarray, right: np.ndarray, chance: float) -> PairExplanation:
    return PairExplanation(
        Explanation(left, np.full(len(left), 0.1)), Explanation(right, np.full(len(right), 0.1)), chance
    )


def planted() -> PairExplanation:
    """Left has a good moment at frames 6 to 8, right a worse one at 12 to 15."""
    left, right = np.zeros(24), np.zeros(24)
    left[6:9], right[12:16] = 2.0, -3.0
    return explanation(left, right, 0.9)


def test_the_moments_that_were_planted_are_found() -> None:
    found = reasons(planted())
    assert found.side is Side.LEFT and found.chance == 0.9
    (first, worst), (second, best) = found.moments
    assert (first, worst.first, worst.last) == (Side.RIGHT, 12, 16)
    assert second is Side.LEFT and best.first <= 6 and best.last >= 9


def test_the_words_name_side_confidence_and_moments() -> None:
    said = pair_words(planted(), DT)
    assert said.startswith(
        "Predicted: left is better, 90 % sure. Decided most by right 0.24\u20130.32 s (bad, \u22122.9)"
    )
    assert "learnt from your answer" in pair_words(planted(), DT, answered=True)
    even = pair_words(explanation(np.zeros(9), np.ones(9), 0.48), DT)
    assert "hardly a difference" in even and "right" in even


def test_without_an_answer_there_is_nothing_to_say() -> None:
    assert pair_words(explanation(np.zeros(9), np.zeros(9), 0.5), DT) == NOTHING_YET


def test_the_last_seconds_of_a_live_policy() -> None:
    mean, std = np.full(200, np.nan), np.full(200, 0.2)
    assert recent_moments(mean) == () and "asked" in recent_words(mean, std, DT)
    mean[50:] = 1.0
    mean[60:80], mean[150:170] = 5.0, -4.0
    best, worst = recent_moments(mean)
    assert (best.first, worst.first) == (60, 150)
    said = recent_words(mean, std, DT)
    assert said.startswith("Predicted: better than random motion, +0.9 \u00b1 0.2 a frame.")
    assert "best 2.8 s ago (+5.0)" in said and "worst 1.0 s ago (\u22124.0)" in said
