"""The form in which a true score rises and falls as a learned reward is optimised (Gao et al. 2022, equation 2)."""

import math
import sys
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LEAST_R_SQUARED = 0.8
"""Below this the form is said not to fit."""
LEAST_POINTS = 4
FARTHEST = math.log(sys.float_info.max)
"""The logarithm of the farthest peak that is a number: one beyond it is none."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class GaoFit:
    """`true(d) - true(0) = d (alpha - beta log d)`, with `d` the square root of the KL from the reference."""

    alpha: float
    beta: float
    peak: float | None
    """The `d` at which the true score would be highest; None if the form has none that is a number."""
    r_squared: float
    """Share of the true score's variance that the form explains; 0 where the true score does not vary."""
    fits: bool
    why: str
    """One sentence: what that means."""


def fit_gao(distances: Floats, gains: Floats) -> GaoFit:
    """Least squares.

    Args:
        distances: (n,) square roots of KLs, all above zero.
        gains: (n,) true scores less that of the reference.

    Raises:
        ValueError: there are fewer than `LEAST_POINTS`, or a distance is not above zero.
    """
    d, y = np.asarray(distances, np.float64), np.asarray(gains, np.float64)
    if len(d) < LEAST_POINTS or not (d > 0.0).all() or d.shape != y.shape:
        raise ValueError(f"the form is fitted to {LEAST_POINTS} points or more at distances above zero, found {d}")
    design = np.stack([d, -d * np.log(d)], axis=1)
    (alpha, beta), *_ = np.linalg.lstsq(design, y, rcond=None)
    residuals = y - design @ np.array([alpha, beta])
    spread = float(((y - y.mean()) ** 2).sum())
    r_squared = 1.0 - float((residuals**2).sum()) / spread if spread > 0.0 else 0.0
    peak = math.exp(alpha / beta - 1.0) if beta > 0.0 and alpha / beta - 1.0 < FARTHEST else None
    fits = r_squared >= LEAST_R_SQUARED
    return GaoFit(float(alpha), float(beta), peak, r_squared, fits, _why(r_squared, peak, float(d.max()), fits=fits))


def _why(r_squared: float, peak: float | None, farthest: float, *, fits: bool) -> str:
    if not fits:
        return f"The form d (alpha - beta log d) does not fit: it explains {100 * r_squared:.0f} % of the variance."
    if peak is None or peak > farthest:
        return "The form fits, and no fall of the true score was seen: its peak lies beyond what was reached."
    return f"The form fits: beyond a distance of {peak:.1f} more optimisation makes the true score worse."
