"""Reward and punish as two large pads, with keys and game controllers: what is held counts for more."""

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal, SignalInstance, Slot
from PySide6.QtGui import QHideEvent, QKeyEvent, QKeySequence, QShowEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QSizePolicy, QWidget

from learning.messages import Press
from ui import theme
from ui.controls import Button
from ui.gamepad import Gamepad
from ui.physical_key import MODIFIERS, physical_key
from ui.shortcuts import Shortcuts
from ui.sides import PRESS_COLOURS, PRESS_WORDS

HOLD_MS = 450
"""A press that lasts so long is a strong one."""
LATE_MS = 50
"""Of these, the last: a release that waited while the window was busy is heard within this, and the press is no strong
one."""
PAD_HEIGHT = 56
ORDER = (Press.PUNISH, Press.REWARD)
"""As on a scale: less at the left."""


class Pad(Button):
    """One of the two. It tells when it goes down, and when it comes up or was held long enough."""

    began: SignalInstance = Signal(object)  # type: ignore[assignment]
    """(Press) it went down: this is the instant that counts."""
    given: SignalInstance = Signal(object, bool)  # type: ignore[assignment]
    """(Press, bool) and whether it was held."""

    def __init__(self, press: Press) -> None:
        """Up."""
        word, colour = PRESS_WORDS[press], PRESS_COLOURS[press]
        super().__init__(word, str(press), name=f"pad-{press}", role=f"pad-{press}", says=word, colour=colour)
        self.press = press
        self.setMinimumHeight(theme.scaled(PAD_HEIGHT))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._long = QTimer(self, singleShot=True, interval=HOLD_MS - LATE_MS)
        self._late = QTimer(self, singleShot=True, interval=LATE_MS)
        self._long.timeout.connect(self._late.start)
        self._late.timeout.connect(self._on_held)
        self._down = False
        self.pressed.connect(self.go_down)
        self.released.connect(self.come_up)

    @Slot()
    def go_down(self) -> None:
        """As a finger does; nothing while it is down already or cannot be pressed."""
        if self._down or not self.isEnabled():
            return
        self._down = True
        self.setDown(True)
        self.began.emit(self.press)
        self._long.start()

    @Slot()
    def come_up(self) -> None:
        """As a finger does."""
        if self._down:
            self._give(strong=False)
        self.setDown(False)

    def let_go(self) -> None:
        """Comes up without a press."""
        self._down = False
        for timer in (self._long, self._late):
            timer.stop()
        self.setDown(False)

    @Slot()
    def _on_held(self) -> None:
        if self._down:
            self._give(strong=True)

    def _give(self, *, strong: bool) -> None:
        self._down = False
        for timer in (self._long, self._late):
            timer.stop()
        self.given.emit(self.press, strong)


class PressPads(QWidget):
    """Both pads, and the keys that press them while the widget can be seen."""

    began: SignalInstance = Signal(object)  # type: ignore[assignment]
    """(Press)"""
    given: SignalInstance = Signal(object, bool)  # type: ignore[assignment]
    """(Press, bool)"""

    def __init__(self) -> None:
        """Without keys yet."""
        super().__init__()
        self.setObjectName("press-pads")
        self._shortcuts: Shortcuts | None = None
        self._held: dict[int | None, Pad] = {}
        """Which pad a physical key holds down; None is any key that the platform does not tell apart."""
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.GRID)
        self.pads = {press: Pad(press) for press in ORDER}
        for pad in self.pads.values():
            pad.began.connect(self.began)
            pad.given.connect(self.given)
            row.addWidget(pad, 1)
        self.gamepad = Gamepad(self)
        self.gamepad.went_down.connect(self._on_button_down)
        self.gamepad.came_up.connect(self._on_button_up)

    def bind_shortcuts(self, shortcuts: Shortcuts) -> None:
        """Keys press the pads: a key goes down, and comes up, which no shortcut of Qt's tells."""
        self._shortcuts = shortcuts
        shortcuts.changed.connect(self._show_keys)
        self._show_keys()

    def showEvent(self, event: QShowEvent) -> None:
        """Listens to keys, whoever has the focus."""
        super().showEvent(event)
        application = QApplication.instance()
        if application is not None:
            application.installEventFilter(self)
        self.gamepad.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Listens no more: every event of the program went through here."""
        super().hideEvent(event)
        application = QApplication.instance()
        if application is not None:
            application.removeEventFilter(self)
        self.gamepad.stop()
        for pad in self.pads.values():
            pad.let_go()
        self._held.clear()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keys of the pads are the pads' while they can be seen; all else passes."""
        kind = event.type()
        if kind is QEvent.Type.WindowDeactivate and watched is self.window():
            self._come_up()
            return False
        if kind not in (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            return False
        if not isinstance(event, QKeyEvent):
            return False
        if kind is QEvent.Type.KeyRelease:
            return self._release(event)
        pad = self._pad_of(event)
        if pad is None or not self._of_this_window():
            return False
        event.accept()
        if kind is QEvent.Type.KeyPress and not event.isAutoRepeat():
            self._held[physical_key(event)] = pad
            pad.go_down()
        return True

    def _release(self, event: QKeyEvent) -> bool:
        """A key comes up; returns whether it held a pad."""
        key = physical_key(event)
        if key not in self._held or event.isAutoRepeat() or (key is None and event.key() in MODIFIERS):
            return False
        self._held.pop(key).come_up()
        return True

    def _come_up(self) -> None:
        """Another window gets the keys now, and with them the release: what was held so far is an ordinary press."""
        self._held.clear()
        for pad in self.pads.values():
            pad.come_up()

    @Slot(object)
    def _on_button_down(self, press: Press) -> None:
        if self._of_this_window():
            self.pads[press].go_down()

    @Slot(object)
    def _on_button_up(self, press: Press) -> None:
        self.pads[press].come_up()

    def _of_this_window(self) -> bool:
        return QApplication.activeWindow() is self.window() and QApplication.activePopupWidget() is None

    def _pad_of(self, event: QKeyEvent) -> Pad | None:
        if self._shortcuts is None:
            return None
        # '+' is Shift and '=' on most keyboards: what is typed counts, not how
        typed = {QKeySequence(event.keyCombination()).toString(), event.text()}
        if event.modifiers() & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier):
            typed.discard(event.text())
        for press, pad in self.pads.items():
            if typed & set(self._shortcuts.keys(str(press))):
                return pad
        return None

    @Slot()
    def _show_keys(self) -> None:
        if self._shortcuts is not None:
            for press, pad in self.pads.items():
                sign = self._shortcuts.sign(str(press))
                pad.setText(f"{PRESS_WORDS[press]}   {sign}" if sign else PRESS_WORDS[press])
                pad.setToolTip(self._shortcuts.tip(str(press)))
