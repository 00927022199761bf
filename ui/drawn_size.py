"""How large pictures are drawn: at the pixels of the screen, as far as the machine keeps up; else scaled."""

import math

from sim.drawing_costs import DrawingCosts
from sim.render import drawable_size

SHARES = (1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4)
"""Of the wanted sides: few steps, since each other size has clips drawn anew."""
FOR_SPEED, FOR_MEMORY = "for 30 a second", "for want of memory"
"""Why pictures are smaller than what they fill."""
WORSE = 1.3
"""A size that was taken is given up only if it costs so many times what it may."""


class DrawnSize:
    """The size of the pictures of one view: as found, and as wanted."""

    def __init__(self, costs: DrawingCosts, budget_s: float) -> None:
        """Draws all pixels, until pictures turn out to cost more.

        Args:
            costs: what pictures cost.
            budget_s: a picture should cost no more seconds than this.
        """
        self._costs, self._budget = costs, budget_s
        self._share = SHARES[0]
        self._reason = FOR_SPEED
        self.wanted: tuple[int, int] | None = None
        """(width, height) of the screen's pixels that are to be filled; None before the first picture."""
        self.drawn: tuple[int, int] | None = None
        """(width, height) of the pictures."""

    def size(self, width: float, height: float, most_pixels: float = math.inf) -> tuple[int, int]:
        """The size to draw at where `width` x `height` pixels of the screen are to be filled.

        Args:
            width: wanted.
            height: wanted.
            most_pixels: there is memory for no more in one picture.
        """
        pixels = max(1.0, width * height)
        wanted = (round(width), round(height))
        if wanted != self.wanted or not self._keeps(self._share, pixels, WORSE):
            self._share = next((share for share in SHARES if self._keeps(share, pixels)), SHARES[-1])
        else:
            # sharper again only if that is certainly affordable
            sharper = (share for share in SHARES if share > self._share and self._keeps(share, pixels))
            self._share = next(sharper, self._share)
        share = min(self._share, math.sqrt(most_pixels / pixels))
        self._reason = FOR_SPEED if share == self._share < SHARES[0] else FOR_MEMORY
        self.wanted, self.drawn = wanted, drawable_size(width * share, height * share)
        return self.drawn

    @property
    def words(self) -> str:
        """What was found and wanted, for About; empty before the first picture."""
        if self.wanted is None or self.drawn is None:
            return ""
        wanted, drawn = (f"{width} x {height}" for width, height in (self.wanted, self.drawn))
        if self.drawn == self.wanted:
            return f"{drawn} pixels, as many as the screen has there"
        return f"{drawn} of {wanted} pixels, scaled: {self._reason}"

    def _keeps(self, share: float, pixels: float, tolerance: float = 1.0) -> bool:
        """Whether pictures of a share of the wanted sides cost no more than they may."""
        return self._costs.seconds(round(share * share * pixels)) <= tolerance * self._budget
