"""Why the reward model thinks what it thinks, in words: what it predicts, how sure it is, and which moments decide."""

from dataclasses import dataclass

import numpy as np

from learning.messages import PairExplanation
from sim.task import Floats
from ui.sides import Side

LEAST_FRAMES = 3
"""A moment is at least so many frames,"""
MOMENT_SHARE = 6
"""and of a longer clip one part in so many."""
RECENT_FRAMES = 20
"""The same where a policy plays on and on."""
EVEN = 0.55
"""Below this chance no side is predicted."""
NOTHING_YET = "The reward model says nothing yet: it needs a first answer."


@dataclass(frozen=True, slots=True)
class Moment:
    """Frames that follow each other, and what they are worth."""

    first: int
    last: int
    """The one after the last."""
    worth: float
    """Mean learned reward of a frame, less the mean of all that it is compared with."""


@dataclass(frozen=True, slots=True)
class Reasons:
    """What decides a prediction about a pair."""

    chance: float
    """Of the side that is predicted."""
    side: Side
    moments: tuple[tuple[Side, Moment], ...]
    """Those that speak most for it, the strongest first; at most one of each clip."""


def knows_nothing(explanation: PairExplanation) -> bool:
    """Whether the reward model was asked before any answer told it something."""
    return not any(np.ptp(each.mean) or np.any(each.mean) for each in (explanation.left, explanation.right))


def reasons(explanation: PairExplanation) -> Reasons:
    """The predicted side, and the best moment of its clip and the worst of the other one's."""
    left = explanation.chance_of_left
    side = Side.LEFT if left >= 0.5 else Side.RIGHT
    clips = {Side.LEFT: np.asarray(explanation.left.mean, float), Side.RIGHT: np.asarray(explanation.right.mean, float)}
    middle = float(np.concatenate(list(clips.values())).mean())
    found = []
    for each, rewards in clips.items():
        sign = 1.0 if each is side else -1.0
        moment = extreme(rewards - middle, sign)
        if sign * moment.worth > 0.0:
            found.append((each, moment))
    found.sort(key=lambda item: -abs(item[1].worth))
    return Reasons(max(left, 1.0 - left), side, tuple(found))


def extreme(rewards: Floats, sign: float, frames: int | None = None) -> Moment:
    """The moment of (T,) `rewards`, of `frames` if given, that is worth most, or least with a negative sign."""
    width = min(len(rewards), frames or max(LEAST_FRAMES, len(rewards) // MOMENT_SHARE))
    means = np.convolve(rewards, np.full(width, 1.0 / width), mode="valid")
    first = int(np.argmax(sign * means))
    return Moment(first, first + width, float(means[first]))


def pair_words(explanation: PairExplanation, control_dt: float, *, answered: bool = False) -> str:
    """Two sentences: what is predicted with which confidence, and which moments decide.

    Args:
        explanation: of both clips.
        control_dt: seconds of a frame.
        answered: whether the model has learnt from an answer to this pair.
    """
    if knows_nothing(explanation):
        return NOTHING_YET
    found = reasons(explanation)
    start = "Predicted, now that it has learnt from your answer" if answered else "Predicted"
    confidence = f"{100 * found.chance:.0f} % sure"
    said = f"{start}: {found.side} is better, {confidence}."
    if found.chance < EVEN:
        said = f"{start}: hardly a difference, {found.side} is better with {100 * found.chance:.0f} %."
    if not found.moments:
        return said
    parts = [
        f"{side} {seconds(moment, control_dt)} ({'good' if moment.worth > 0 else 'bad'}, {_signed(moment.worth)})"
        for side, moment in found.moments
    ]
    return f"{said} Decided most by {' and '.join(parts)}."


def seconds(moment: Moment, control_dt: float) -> str:
    """When a moment is, such as `0.12\u20130.24 s`."""
    return f"{moment.first * control_dt:.2f}\u2013{moment.last * control_dt:.2f} s"


def recent_moments(mean: Floats) -> tuple[Moment, ...]:
    """The best and the worst moment of (T,) `mean`, NaN where nothing is known; none while too little is."""
    known = np.isfinite(mean)
    if np.count_nonzero(known) < LEAST_FRAMES:
        return ()
    average = float(mean[known].mean())
    rewards = np.where(known, mean, average) - average
    return extreme(rewards, 1.0, RECENT_FRAMES), extreme(rewards, -1.0, RECENT_FRAMES)


def recent_words(mean: Floats, std: Floats, control_dt: float) -> str:
    """What the reward model thinks of the last seconds of a live policy.

    Args:
        mean: (T,) learned reward of each frame, NaN where nothing is known.
        std: (T,) its posterior standard deviation.
        control_dt: seconds of a frame.
    """
    moments = recent_moments(mean)
    if not moments:
        return "The reward model is being asked."
    known = np.isfinite(mean)
    average, doubt = float(mean[known].mean()), float(std[known].mean())
    judged = "hardly different from" if abs(average) <= doubt else "better than" if average > 0.0 else "worse than"
    parts = [
        f"{word} {(len(mean) - moment.first) * control_dt:.1f} s ago ({_signed(average + moment.worth)})"
        for word, moment in zip(("best", "worst"), moments, strict=True)
    ]
    return (
        f"Predicted: {judged} random motion, {_signed(average)} \u00b1 {doubt:.1f} a frame. "
        f"What counts most: {', '.join(parts)}."
    )


def _signed(value: float) -> str:
    """With a sign that is as wide as a plus."""
    return f"{value:+.1f}".replace("-", "\u2212")
