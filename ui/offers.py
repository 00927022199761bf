"""What the program suggests to compare: a policy not seen yet that looks better, or what may be gamed."""

from PySide6.QtCore import Signal, SignalInstance, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from learning.messages import Alarm, UntriedPolicy
from ui import theme
from ui.controls import Button, label
from ui.readings import WHAT_TO_DO, alarm_words

COMPARE = "Compare them"
ASKED = "The comparison comes after the pairs that are ready."


class _Offer(QWidget):
    """A sentence, and under it the button that does something about it. Hidden while there is nothing to say."""

    def __init__(self, role: str, name: str, button: Button) -> None:
        super().__init__()
        self._says = label("", role, name=name, wraps=True)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(theme.GRID // 2)
        box.addWidget(self._says)
        box.addWidget(button)
        self.hide()


class UntriedOffer(_Offer):
    """A policy that the teacher has not seen looks better by the learned reward; a button asks to compare the two."""

    wanted: SignalInstance = Signal(int)  # type: ignore[assignment]
    """(int) the version of a policy that is to be compared with the shown one."""

    def __init__(self) -> None:
        """Hidden while there is none."""
        self.compare = Button(COMPARE, name="compare-untried")
        super().__init__("accent", "untried", self.compare)
        self._version: int | None = None
        self.compare.clicked.connect(self._on_clicked)

    def show_offer(self, offer: UntriedPolicy | None) -> None:
        """What there is to offer now."""
        self.setVisible(offer is not None)
        self._version = None if offer is None else offer.version
        if offer is not None:
            self._says.setText(untried_words(offer))
            self.compare.setEnabled(not offer.asked)

    @Slot()
    def _on_clicked(self) -> None:
        if self._version is not None:
            self.compare.setEnabled(False)  # until the next snapshot: once is enough
            self.wanted.emit(self._version)


class AlarmOffer(_Offer):
    """What speaks for a gamed reward; a button asks for fresh pairs."""

    wanted: SignalInstance = Signal()  # type: ignore[assignment]

    def __init__(self, name: str = "alarm", button_name: str = "fresh-pairs", icon: str = "") -> None:
        """Hidden while nothing looks gamed; the names are object names, the icon is the button's."""
        fresh = Button(WHAT_TO_DO, icon, name=button_name)
        super().__init__("warning", name, fresh)
        fresh.clicked.connect(self.wanted)

    def show_alarm(self, alarm: Alarm | None) -> None:
        """What is to be said now."""
        says = alarm_words(alarm)
        self._says.setText(says)
        self.setVisible(bool(says))


def untried_words(offer: UntriedPolicy) -> str:
    """What the learned reward says of a policy that the teacher has not been shown."""
    said = (
        f"Policy {offer.version}, which you have not seen, looks better by the learned reward: "
        f"{offer.ahead:+.1f} \u00b1 {offer.ahead_std:.1f} per s."
    )
    return f"{said} {ASKED}" if offer.asked else said
