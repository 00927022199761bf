"""How labels, a reading of the meter, and its alarm are said."""

import math

from learning.messages import Alarm, AlarmReason, Reading

NOT_MEASURED = "not measured yet"
LOOKS_GAMED = "This looks gamed"
WHAT_TO_DO = "Compare three fresh pairs"


def label_words(count: int) -> str:
    """`1 label`, `2 labels`."""
    return f"{count} label{'' if count == 1 else 's'}"


def kl_words(reading: Reading | None) -> str:
    """Such as `31.2 ± 0.8 nats per s`."""
    if reading is None or not math.isfinite(reading.kl):
        return NOT_MEASURED
    return f"{reading.kl:.1f} \u00b1 {reading.std_error:.1f} nats per s"


def alarm_words(alarm: Alarm | None) -> str:
    """One sentence with its reason; empty while nothing looks gamed."""
    if alarm is None or not alarm.loud:
        return ""
    if alarm.reason is AlarmReason.SURPRISE:
        return (
            f"{LOOKS_GAMED}: of your last {alarm.answers} answers about its policies the reward model "
            f"foretold {alarm.foretold}."
        )
    if alarm.reason is AlarmReason.COMMON:
        return (
            f"{LOOKS_GAMED}: by your answers, {100 * alarm.common:.0f} % of what the untaught robot did by chance is "
            "worth more."
        )
    return (
        f"{LOOKS_GAMED}: what it gained is unsure by {100 * alarm.doubt:.0f} %, since clips like what it does now were "
        "hardly compared."
    )
