"""What straying from the reference costs: off, fixed, or as much as keeps the policy at a distance."""

import math

from PySide6.QtCore import Qt, QTimer, Signal, SignalInstance, Slot
from PySide6.QtWidgets import QProxyStyle, QSlider, QStyle, QStyleHintReturn, QStyleOption, QVBoxLayout, QWidget

from learning.messages import PenaltyMode, Snapshot
from ui.controls import Choices, label

MODES = (PenaltyMode.OFF, PenaltyMode.FIXED, PenaltyMode.ADAPTIVE)
WORDS = ("Off", "Fixed", "Adaptive")
SPANS = {PenaltyMode.FIXED: (0.001, 10.0), PenaltyMode.ADAPTIVE: (1.0, 1000.0)}
"""Least and most on the slider, in the unit of each mode."""
FIRST = {PenaltyMode.FIXED: 0.15, PenaltyMode.ADAPTIVE: 30.0}
STEPS = 120
SETTLE_MS = 400
"""A slider that has rested for so long has found its place: each place is an event."""
SAYS = {
    PenaltyMode.OFF: "The policy may go as far from the reference as the learned reward takes it.",
    PenaltyMode.FIXED: "Each nat costs this much learned reward.",
    PenaltyMode.ADAPTIVE: "Each nat costs as much as keeps the policy about this far from the reference.",
}


class _ThereAtOnce(QProxyStyle):
    """A press on a slider takes the handle to the pointer, in place of a page towards it."""

    def styleHint(
        self,
        hint: QStyle.StyleHint,
        option: QStyleOption | None = None,
        widget: QWidget | None = None,
        returned: QStyleHintReturn | None = None,
    ) -> int:
        if hint is QStyle.StyleHint.SH_Slider_AbsoluteSetButtons:
            return Qt.MouseButton.LeftButton.value
        return super().styleHint(hint, option, widget, returned)


class _Slider(QSlider):
    """A slider whose handle is where the pointer is."""

    def __init__(self, orientation: Qt.Orientation) -> None:
        super().__init__(orientation)
        self._style = _ThereAtOnce(self.style().name())
        self._style.setParent(self)
        self.setStyle(self._style)


class PenaltyControls(QWidget):
    """A row of choices, and a slider for the number that the choice needs."""

    wanted: SignalInstance = Signal(object, object)  # type: ignore[assignment]
    """(PenaltyMode, float or None)"""

    def __init__(self) -> None:
        """Off."""
        super().__init__()
        self.setObjectName("penalty")
        self._mode, self._values = PenaltyMode.OFF, dict(FIRST)
        self._unsaid = False
        """Whether the slider has moved since `wanted` was emitted."""
        self._choices = Choices(WORDS, name="penalty-mode", says="KL penalty")
        self._choices.chosen.connect(self._on_chosen)
        self._slider = _Slider(Qt.Orientation.Horizontal)
        self._slider.setObjectName("penalty-value")
        self._slider.setRange(0, STEPS)
        self._slider.valueChanged.connect(self._on_moved)
        self._slider.sliderReleased.connect(self._on_released)
        self._number = label("", "number", name="penalty-number")
        self._number.setAlignment(Qt.AlignmentFlag.AlignRight)
        self._says = label("", "muted", name="penalty-says", wraps=True)
        self._now = label("", "muted", name="penalty-now")
        self._settle = QTimer(self, interval=SETTLE_MS, singleShot=True)
        self._settle.timeout.connect(self._ask)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(4)
        box.addWidget(label("KL penalty", "caption"))
        box.addWidget(self._choices)
        box.addWidget(self._number)
        box.addWidget(self._slider)
        box.addWidget(self._says)
        box.addWidget(self._now)
        self.show_set(PenaltyMode.OFF, None)

    def show_set(self, mode: PenaltyMode, value: float | None) -> None:
        """What is in force, as it was set."""
        if self._settle.isActive() or self._slider.isSliderDown():
            return  # the person is about to set something else
        self._mode = mode
        if value is not None:
            self._values[mode] = value
        self._choices.choose(MODES.index(mode))
        self._show()

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """What it has come to."""
        on = snapshot.penalty is PenaltyMode.ADAPTIVE
        self._now.setText(f"A nat costs {snapshot.penalty_coefficient:.3g} now." if on else "")

    @Slot(int)
    def _on_chosen(self, number: int) -> None:
        self._mode = MODES[number]
        self._show()
        self._settle.stop()
        self._ask()

    @Slot(int)
    def _on_moved(self, step: int) -> None:
        if self._mode in SPANS:
            self._values[self._mode] = value_at(self._mode, step)
            self._show_number()
            self._unsaid = True
            if not self._slider.isSliderDown():
                self._settle.start()

    @Slot()
    def _on_released(self) -> None:
        if self._unsaid:
            self._ask()

    @Slot()
    def _ask(self) -> None:
        self._settle.stop()
        self._unsaid = False
        self.wanted.emit(self._mode, self._values.get(self._mode))

    def _show(self) -> None:
        needs = self._mode in SPANS
        self._slider.setEnabled(needs)
        self._says.setText(SAYS[self._mode])
        if needs:
            blocked = self._slider.blockSignals(True)
            self._slider.setValue(step_of(self._mode, self._values[self._mode]))
            self._slider.blockSignals(blocked)
        self._show_number()

    def _show_number(self) -> None:
        value = self._values.get(self._mode)
        unit = "nats per s" if self._mode is PenaltyMode.ADAPTIVE else "a nat"
        self._number.setText("" if value is None else f"{value:.3g} {unit}")
        self._slider.setAccessibleName(f"KL penalty: {self._number.text() or 'off'}")


def value_at(mode: PenaltyMode, step: int) -> float:
    """The number at a place of the slider: even steps are even ratios. Three digits, as they are shown."""
    least, most = SPANS[mode]
    return float(f"{least * (most / least) ** (step / STEPS):.3g}")


def step_of(mode: PenaltyMode, value: float) -> int:
    """The place of a number on the slider."""
    least, most = SPANS[mode]
    return round(STEPS * math.log(min(max(value, least), most) / least) / math.log(most / least))
