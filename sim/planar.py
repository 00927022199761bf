"""What planar walking robots have in common, however many legs they have and whatever they are taught."""

import numpy as np

from sim.task import Bools, Floats, Singles

TILT_PRICE = 6.0
"""Of going forward: per 1 - cos(pitch)."""
SINK_PRICE = 4.0
"""Of going forward: per metre that the torso is too low."""
BODY_CONTACT_PRICE = 3.0
"""Of going forward: with a part other than a foot on the floor."""


def features_by_contact(scaled: Singles, limit: float, contacts: tuple[Bools, ...]) -> Singles:
    """One and the scaled observation, clipped, apart for each contact state.

    Args:
        scaled: (..., k) observations in units of their spread.
        limit: they count no further than this.
        contacts: (...) masks of which exactly one is true.

    Returns:
        (..., len(contacts) * (k + 1)): zero but for the part of the present contact state.
    """
    base = np.clip(scaled, -limit, limit)
    base = np.concatenate([np.ones((*base.shape[:-1], 1), np.float32), base], axis=-1)
    return np.concatenate([base * flag[..., None] for flag in contacts], axis=-1).astype(np.float32)


def forward_credit(
    speed: Singles, cosine: Singles, height: Singles, on_body: Bools, full_speed: float, low: float
) -> Floats:
    """Forward speed, less leaning, sinking, and any part but the feet on the floor; all arguments and the result (...).

    Args:
        speed: forward, m/s.
        cosine: of the pitch.
        height: of the torso, metres.
        on_body: whether a part other than a foot touches the floor.
        full_speed: going faster than this earns no more, m/s.
        low: a torso below this looks as if it would fall, metres.
    """
    forward = np.clip(speed.astype(np.float64), -full_speed, full_speed)
    tilt = 1.0 - cosine.astype(np.float64)
    sunk = np.maximum(low - height.astype(np.float64), 0.0)
    return forward - TILT_PRICE * tilt - SINK_PRICE * sunk - BODY_CONTACT_PRICE * on_body
