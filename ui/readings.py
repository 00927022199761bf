"""How labels, a reading of the meter, and its alarm are said."""

import math

from learning.messages import Alarm, AlarmReason, Reading

NOT_MEASURED = "not measured yet"
LOOKS_GAMED = "This reward looks gamed"
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
