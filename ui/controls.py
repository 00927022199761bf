"""Small controls that all screens share: buttons with our icons, a switch, a row of choices."""

import re
from collections.abc import Sequence
from html import escape

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal, SignalInstance, Slot
from PySide6.QtGui import QContextMenuEvent, QGuiApplication, QKeyEvent, QKeySequence, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QFrame, QHBoxLayout, QLabel, QMenu, QPushButton, QWidget

from ui import theme
from ui.icons import SIZE, ThemedIcon

PRESS_KEYS = (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter)
"""What presses a button that has the focus, before any shortcut of the screen."""


LONG_WORD = 20
"""Letters without a space. A longer word may be broken, such as a path;"""
UNBROKEN = 10
"""after so many letters, or after a slash;"""
LONGEST_WORD = 120
"""and one longer than this is shown without its middle."""
BREAK = "\u200b"
"""A line may end here, and nothing is seen of it."""
ELLIPSIS = "\u2026"
_LONG = re.compile(rf"\S{{{LONG_WORD + 1},}}")
_LONGEST = re.compile(rf"\S{{{LONGEST_WORD + 1},}}")
_RUNS = re.compile(rf"[^/\\]{{1,{UNBROKEN}}}[/\\]*|[/\\]+")


class Button(QPushButton):
    """A button with one of our icons. A click never takes the focus: only Tab does, and then Space presses it."""

    def __init__(
        self, text: str = "", icon: str = "", *, name: str, role: str = "", says: str = "", colour: str = "text"
    ) -> None:
        """Builds it.

        Args:
            text: on the button; may be empty where the icon says it all.
            icon: one of our icons, or empty.
            name: stable object name.
            role: for the style sheet.
            says: accessible name and tool tip; the text if empty.
            colour: of the icon.
        """
        super().__init__(text)
        self.setObjectName(name)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAutoDefault(True)
        self.setIconSize(QSize(SIZE, SIZE))
        if role:
            theme.set_role(self, role)
        self.themed_icon = ThemedIcon(self, icon, colour) if icon else None
        self.set_says(says or text)

    def set_says(self, says: str) -> None:
        """What a screen reader and the tool tip say."""
        self.setAccessibleName(says)
        self.setToolTip(says if says != self.text() else "")

    def show_icon(self, icon: str, colour: str | None = None) -> None:
        """Another icon."""
        if self.themed_icon is None:
            self.themed_icon = ThemedIcon(self, icon, colour or "text")
        self.themed_icon.show(icon, colour)

    def event(self, event: QEvent) -> bool:
        """Keeps the keys that press a button from the screen's shortcuts while it has the focus."""
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.ShortcutOverride and event.key() in PRESS_KEYS:
            event.accept()
            return True
        return super().event(event)


class Switch(QAbstractButton):
    """Something that is on or off, drawn as a switch beside its text."""

    TRACK = QSize(32, 18)

    def __init__(self, text: str, *, name: str, says: str = "") -> None:
        """`says` is the accessible name; the text if empty."""
        super().__init__()
        self.setText(text)
        self.setObjectName(name)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(says or text)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def sizeHint(self) -> QSize:
        """The track, a gap and the text."""
        metrics = self.fontMetrics()
        width = self.TRACK.width() + theme.GRID + metrics.horizontalAdvance(self.text()) + 4
        return QSize(width, max(self.TRACK.height() + 6, metrics.height() + 4))

    def event(self, event: QEvent) -> bool:
        """Space switches it while it has the focus."""
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.ShortcutOverride and event.key() in PRESS_KEYS:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter switches it too."""
        if event.key() in PRESS_KEYS and not event.isAutoRepeat():
            self.click()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draws track, knob and text; on and off differ by place as well as by colour."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        height, width = self.TRACK.height(), self.TRACK.width()
        track = QRectF(1, (self.height() - height) / 2, width, height)
        painter.setPen(theme.color("accent" if self.isChecked() else "muted"))
        painter.setBrush(theme.color("accent" if self.isChecked() else "raised"))
        painter.drawRoundedRect(track, height / 2, height / 2)
        knob = height - 6
        left = track.right() - knob - 3 if self.isChecked() else track.left() + 3
        painter.setBrush(theme.color("on_accent" if self.isChecked() else "muted"))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.drawEllipse(QRectF(left, track.top() + 3, knob, knob))
        painter.setPen(theme.color("text"))
        painter.drawText(
            self.rect().adjusted(width + theme.GRID + 1, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, self.text()
        )
        if self.hasFocus():
            painter.setPen(theme.color("accent"))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)


class Choices(QWidget):
    """A row of buttons of which one is chosen."""

    chosen: SignalInstance = Signal(int)  # type: ignore[assignment]
    """(int) the number of the button that the person pressed."""

    def __init__(self, texts: Sequence[str], *, name: str, says: str) -> None:
        """`says` is the accessible name of the row."""
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(says)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        self._group = QButtonGroup(self)
        for number, text in enumerate(texts):
            button = Button(text, name=f"{name}-{number}", role="quiet", says=f"{says} {text}")
            button.setCheckable(True)
            button.setMinimumWidth(40)
            self._group.addButton(button, number)
            row.addWidget(button)
        self._group.idClicked.connect(self.chosen)

    def choose(self, number: int) -> None:
        """Shows which one is chosen, without a signal."""
        self._group.button(number).setChecked(True)


def breakable(text: str) -> str:
    """The same text with places in its long words where a line may end: after a slash, and within long runs."""
    return _LONG.sub(lambda word: BREAK.join(_RUNS.findall(word.group())), text)


def elided(text: str) -> str:
    """The same text, and of words that would fill a label only the beginning and the end."""
    half = LONGEST_WORD // 2
    return _LONGEST.sub(lambda word: f"{word.group()[:half]}{ELLIPSIS}{word.group()[-half:]}", text)


class Sentence(QLabel):
    """A label that wraps, also in the middle of a path. Its `text` is what it was told to say, to the letter."""

    def __init__(self, text: str) -> None:
        """Plain text."""
        super().__init__()
        self._whole = self._shown = ""
        self.setWordWrap(True)
        self.setText(text)

    def text(self) -> str:
        """The whole sentence."""
        return self._whole

    def setText(self, text: str) -> None:
        """Says it; a word that is too long to be shown whole can be read in the tool tip."""
        short = elided(text)
        shown = breakable(short)
        if self._shown != self._whole or shown != text:
            self.setAccessibleName(text if shown != text else "")
            # a tool tip wraps only what is written as HTML
            self.setToolTip(f"<span>{escape(breakable(text))}</span>" if short != text else "")
        self._whole, self._shown = text, shown
        super().setText(shown)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """What is copied has no places to break in it."""
        if event.matches(QKeySequence.StandardKey.Copy) and self.hasSelectedText():
            self._copy()
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Copies in the same way."""
        if not self.textInteractionFlags() & Qt.TextInteractionFlag.TextSelectableByMouse:
            super().contextMenuEvent(event)
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Copy", self._copy)
        menu.popup(event.globalPos())

    @Slot()
    def _copy(self) -> None:
        """Copies what is selected; the whole sentence where that is all of it or nothing."""
        selected = self.selectedText()
        part = selected.replace(BREAK, "") if selected and selected != self._shown else self._whole
        QGuiApplication.clipboard().setText(part)


def label(text: str, role: str = "", *, name: str = "", wraps: bool = False) -> QLabel:
    """A label with a role."""
    made = Sentence(text) if wraps else QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    if name:
        made.setObjectName(name)
    if role:
        theme.set_role(made, role)
    return made


def rule() -> QFrame:
    """A thin line between two blocks."""
    made = QFrame()
    theme.set_role(made, "line")
    return made
