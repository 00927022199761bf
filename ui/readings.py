"""How labels, a reading of the meter, and its alarm are said."""

import math

from learning.messages import Alarm, AlarmReason, Choice, Reading
from ui.sides import WORDS

NO_BREAK = "\u00a0"
"""A space where no line ends: facts stay whole."""
SEPARATOR = f" \u00b7{NO_BREAK}"
"""Between two facts; it goes with the second one to another line."""
NOT_MEASURED = "not measured yet"
LOOKS_GAMED = "This reward looks gamed"
TWO_DIGITS_BELOW = 10.0
"""Larger learned rewards are shown whole."""
WHAT_TO_DO = "Compare three fresh pairs"


def counted(count: int, one: str, many: str = "") -> str:
    """`1 label`, `2 labels`; the plural ends in s unless `many` says it."""
    return f"{count} {one if count == 1 else many or one + 's'}"


def feedback_words(count: int) -> str:
    """`1 answer or press`, `2 answers and presses`."""
    return counted(count, "answer or press", "answers and presses")


def label_words(labels: int, cannot_tell: int) -> str:
    """Such as `34 labels` or `34 labels \u00b7 3 can't tell`: who can't tell has said nothing of which is better."""
    words = counted(labels, "label")
    return f"{words}{SEPARATOR}{cannot_tell} {WORDS[Choice.CANNOT_TELL]}" if cannot_tell else words


def learnt_words(labels: int, presses: int) -> str:
    """What a policy was learnt from, such as `34 answers` or `34 answers and 12 presses`.

    Args:
        labels: answers of all kinds and presses.
        presses: of these.
    """
    answers = counted(labels - presses, "answer")
    return f"{answers} and {counted(presses, 'press', 'presses')}" if presses else answers


def reward_words(mean: float, std: float) -> str:
    """Such as `+92 \u00b1 17 per s`: no digits that the standard deviation leaves open."""
    digits = 2 if max(abs(mean), std) < TWO_DIGITS_BELOW else 0
    return f"{mean:+.{digits}f} \u00b1 {std:.{digits}f} per s"


def kl_words(reading: Reading | None) -> str:
    """Such as `31.2 ± 0.8 nats per s`."""
    if reading is None or not math.isfinite(reading.kl):
        return NOT_MEASURED
    return f"{reading.kl:.1f} \u00b1 {reading.std_error:.1f} nats per s"


def alarm_words(alarm: Alarm | None) -> str:
    """One sentence with its reason; empty while nothing looks gamed."""
    if alarm is None or not alarm.loud:
        return ""
    match alarm.reason:
        case AlarmReason.SURPRISE:
            says = f"it predicted only {alarm.foretold} of your last {alarm.answers} answers about policies."
        case AlarmReason.COMMON:
            says = f"random motion would score higher than this policy {100 * alarm.common:.0f} % of the time."
        case AlarmReason.DOUBT:
            says = (
                f"this policy's gain over random motion is uncertain by {100 * alarm.doubt:.0f} %, because few clips "
                "of what it does now were compared."
            )
    return f"{LOOKS_GAMED}: {says}"
