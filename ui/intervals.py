"""How sure a share of a few cases is."""

import math

Z_95 = 1.96
"""Standard deviations of a normal distribution that hold 95 % of it."""


def wilson(share: float, count: int) -> tuple[float, float]:
    """The 95 % score interval of a share of `count` cases (Wilson 1927, eq. 10 of Brown, Cai and DasGupta 2001).

    Unlike share plus or minus its standard error it stays between 0 and 1, and is right for a handful of cases.
    """
    shrink = 1.0 / (1.0 + Z_95**2 / count)
    middle = shrink * (share + Z_95**2 / (2 * count))
    half = shrink * Z_95 * math.sqrt(share * (1.0 - share) / count + Z_95**2 / (4 * count**2))
    return max(0.0, middle - half), min(1.0, middle + half)
