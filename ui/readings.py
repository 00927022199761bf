"""How a reading of the meter is said."""

import math

from learning.messages import Reading

NOT_MEASURED = "not measured yet"


def kl_words(reading: Reading | None) -> str:
    """Such as `31.2 ± 0.8 nats per s`."""
    if reading is None or not math.isfinite(reading.kl):
        return NOT_MEASURED
    return f"{reading.kl:.1f} \u00b1 {reading.std_error:.1f} nats per s"
