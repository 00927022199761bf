"""Where the cards of the tasks go: as large as the page has room for, in full rows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtWidgets import QGridLayout, QWidget

from ui import theme
from ui.task_card import PADDING, SMALL_WIDTH, TaskCard

SPACING = 2 * theme.GRID
TALLEST, WIDEST = 0.8, 2.2
"""Width to height of a preview, at least and at most."""
USUAL = 1.6
"""The same where the page scrolls anyway."""
COMFORTABLE_WIDTH = 280
"""Of a card where the page scrolls: there is no hurry to show all of them at once."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How all cards are laid out."""

    columns: int
    card_width: int
    preview_height: int
    """Pixels, both."""
    spare: int = 0
    """So many of the columns, from the left, are a pixel wider: together they are as wide as the room."""
    scrolls: bool = False
    """Whether it is higher than the room."""

    @property
    def preview_area(self) -> int:
        """Square pixels of each preview."""
        return (self.card_width - 2 * PADDING) * self.preview_height


def plan(count: int, width: int, height: int, words_height: Callable[[int], int]) -> Plan:
    """Returns the plan with the largest previews that is not higher than the room there is.

    Args:
        count: of the cards.
        width: of the room, pixels.
        height: of the room, pixels. Where nothing fits, the plan is higher, and the page scrolls.
        words_height: the height of a card without its preview, of a width.
    """
    fitting: list[Plan] = []
    scrolling: list[Plan] = []
    for columns in sorted({-(-count // rows) for rows in range(1, count + 1)}):
        card, spare = divmod(width - (columns - 1) * SPACING, columns)
        if card < SMALL_WIDTH and columns > 1:
            break
        rows = -(-count // columns)
        wide = card - 2 * PADDING
        free = (height - (rows - 1) * SPACING) // rows - words_height(card)
        if free >= wide / WIDEST:
            fitting.append(Plan(columns, card, min(free, round(wide / TALLEST)), spare))
        if card >= COMFORTABLE_WIDTH or columns == 1:
            scrolling.append(Plan(columns, card, round(wide / USUAL), spare, scrolls=True))
    if fitting:
        return max(fitting, key=lambda each: each.preview_area)
    return scrolling[-1]


class TaskGrid(QWidget):
    """The cards in rows; all of one size, so that they line up."""

    def __init__(self, cards: Sequence[TaskCard]) -> None:
        """Arranges nothing before it is told how much room there is."""
        super().__init__()
        self._cards = cards
        self._plan: Plan | None = None
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(SPACING)
        for number, card in enumerate(cards):
            self._grid.addWidget(card, 0, number)

    def plan(self, width: int, height: int) -> Plan | None:
        """How a room of so many pixels would be filled; None where there is nothing to arrange."""
        return plan(len(self._cards), width, height, self._words_height) if len(self._cards) > 1 else None

    def arrange(self, wanted: Plan) -> None:
        """Arranges the cards so."""
        if wanted == self._plan:
            return
        self._plan = wanted
        for number, card in enumerate(self._cards):
            row, column = divmod(number, wanted.columns)
            self._grid.addWidget(card, row, column)
            width = wanted.card_width + (column < wanted.spare)
            card.fit(width, (width - 2 * PADDING, wanted.preview_height))
        high = self._words_height(wanted.card_width) + wanted.preview_height
        used = -(-len(self._cards) // wanted.columns)
        for row in range(max(used, self._grid.rowCount())):
            self._grid.setRowMinimumHeight(row, high if row < used else 0)

    def _words_height(self, width: int) -> int:
        return max(card.words_height(width) for card in self._cards)
