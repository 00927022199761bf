"""Reaction time: a game of half a minute, so that a press is credited to what it was about."""

import math
import random
import time
from collections.abc import Callable

from PySide6.QtCore import QRectF, QSize, Qt, QTimer, Slot
from PySide6.QtGui import QHideEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from learning.messages import Press
from sim.errors import UserError
from ui import theme
from ui.controls import Button, label
from ui.dialogs.sheet import Sheet, button_row, open_sheet
from ui.ports import REACTIONS, StudioPort
from ui.press_pads import ORDER, PressPads
from ui.shortcuts import Shortcuts
from ui.sides import PRESS_COLOURS

NAME = "reaction-dialog"
SIZE = (560, 480)
LEAST_WAIT_S, MOST_WAIT_S = 0.7, 2.0
"""Of the ring being empty."""
TOO_LATE_S = 2.0
RING = 150
WHAT = (
    "A press comes a little after what it is about. How much later differs from person to person: press the sign "
    "that appears in the ring, as soon as you see it. It takes half a minute."
)


class Ring(QWidget):
    """Empty, or with the sign that is to be pressed."""

    def __init__(self) -> None:
        """Empty."""
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.press: Press | None = None

    def sizeHint(self) -> QSize:
        """Room for the ring."""
        return QSize(RING + 20, RING + 20)

    def show_press(self, press: Press | None) -> None:
        """The sign of a press, or nothing."""
        self.press = press
        self.setAccessibleName("" if press is None else str(press))
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Told apart by shape as well as by colour."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        centre = QRectF(self.rect()).center()
        ring = QRectF(centre.x() - RING / 2, centre.y() - RING / 2, RING, RING)
        if self.press is None:
            painter.setPen(QPen(theme.color("border"), 4.0))
            painter.drawEllipse(ring)
            return
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color(PRESS_COLOURS[self.press]))
        painter.drawEllipse(ring)
        painter.setPen(QPen(theme.color("surface"), 16.0, c=Qt.PenCapStyle.RoundCap))
        arm = RING / 4
        painter.drawLine(round(centre.x() - arm), round(centre.y()), round(centre.x() + arm), round(centre.y()))
        if self.press is Press.REWARD:
            painter.drawLine(round(centre.x()), round(centre.y() - arm), round(centre.x()), round(centre.y() + arm))
        painter.end()


class ReactionSheet(Sheet):
    """The game. What it measures holds at once and is kept."""

    def __init__(self, window: QWidget, studio: StudioPort, shortcuts: Shortcuts, seed: int | None = None) -> None:
        """Waits to be begun; `seed` decides waits and signs."""
        super().__init__(window, NAME, "Your reaction time")
        self.ask_for(*SIZE)
        self._studio = studio
        self._random = random.Random(seed)
        self._times: list[float] = []
        self._shown_at: float | None = None
        self._running = False
        self._next = QTimer(self, singleShot=True)
        self._next.timeout.connect(self._show_sign)
        self._late = QTimer(self, singleShot=True, interval=round(TOO_LATE_S * 1000))
        self._late.timeout.connect(self._on_late)
        self._ring = Ring()
        self._pads = PressPads()
        self._pads.bind_shortcuts(shortcuts)
        self._pads.began.connect(self._on_press)
        self._said = label("", name="reaction-said", wraps=True)
        self._said.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._start = Button("Begin", name="reaction-begin", role="primary")
        self._start.clicked.connect(self.begin)
        self._close = Button("Skip", name="reaction-close")
        self._close.clicked.connect(self.close)
        self.column.addWidget(label("Your reaction time", "title"))
        self.column.addWidget(label(WHAT, "muted", wraps=True))
        self.column.addWidget(self._ring, 1)
        self.column.addWidget(self._said)
        self.column.addWidget(self._pads)
        self.column.addLayout(button_row(self._close, self._start))
        known = studio.reaction()
        self._said.setText("" if known is None else f"So far: {_words(*known)}.")
        self._start.setFocus(Qt.FocusReason.OtherFocusReason)

    @property
    def sign(self) -> Press | None:
        """What is to be pressed now."""
        return self._ring.press

    @Slot()
    def begin(self) -> None:
        """From the first sign."""
        self._times, self._running = [], True
        self._start.setEnabled(False)
        self._said.setText("Wait for the sign.")
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        self._wait()

    def hideEvent(self, event: QHideEvent) -> None:
        """A game that is left measures nothing."""
        super().hideEvent(event)
        self._next.stop()
        self._late.stop()

    def _wait(self) -> None:
        self._shown_at = None
        self._ring.show_press(None)
        self._late.stop()
        self._next.start(round(1000 * self._random.uniform(LEAST_WAIT_S, MOST_WAIT_S)))

    @Slot()
    def _show_sign(self) -> None:
        self._ring.show_press(self._random.choice(ORDER))
        self._ring.repaint()
        self._shown_at = time.monotonic()
        self._late.start()

    @Slot()
    def _on_late(self) -> None:
        self._said.setText("Too late: once more.")
        self._wait()

    @Slot(object)
    def _on_press(self, press: Press) -> None:
        if not self._running:
            return
        if self._shown_at is None:
            self._said.setText("Too early: wait for the sign.")
            self._wait()
            return
        seconds = time.monotonic() - self._shown_at
        if press is not self._ring.press:
            self._said.setText("The other one: once more.")
            self._wait()
            return
        self._times.append(seconds)
        self._said.setText(f"{seconds:.2f} s \u00b7 {REACTIONS - len(self._times)} more")
        if len(self._times) < REACTIONS:
            self._wait()
        else:
            self._finish()

    def _finish(self) -> None:
        self._running = False
        self._shown_at = None
        self._late.stop()
        self._ring.show_press(None)
        self._start.setText("Again")
        self._start.setEnabled(True)
        self._close.setText("Close")
        try:
            self._said.setText(f"{_words(*self._studio.calibrate(self._times))}. Your presses are credited by that.")
        except UserError as error:
            self._said.setText(str(error))
            theme.set_role(self._said, "danger")


def show_reaction(
    window: QWidget, studio: StudioPort, shortcuts: Shortcuts, on_closed: Callable[[], None]
) -> ReactionSheet:
    """Opens it, or brings it to the front; `on_closed` is called when it is done, or was skipped."""
    sheet = open_sheet(window, ReactionSheet, NAME)
    if sheet is None:
        sheet = ReactionSheet(window, studio, shortcuts)
        sheet.finished.connect(lambda _result: on_closed())
    sheet.present()
    return sheet


def _words(median: float, spread: float) -> str:
    low, high = median * math.exp(-spread), median * math.exp(spread)
    return f"Half of your presses come within {median:.2f} s, most between {low:.2f} and {high:.2f} s"
