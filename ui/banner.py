"""One sentence over a screen that gets in nobody's way: what went wrong, and at most two things to do about it."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QWidget

from ui import theme
from ui.controls import Button, label

MARGIN = 2 * theme.GRID
WIDEST = 900


class Banner(QFrame):
    """Lies over the upper edge of its parent until it is closed or another sentence comes."""

    def __init__(self, parent: QWidget) -> None:
        """Hidden at first."""
        super().__init__(parent)
        self._over = parent
        self.setObjectName("banner")
        theme.set_role(self, "banner")
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(MARGIN, theme.GRID, theme.GRID, theme.GRID)
        self._row.setSpacing(theme.GRID)
        self._sign = Button(icon="warning", name="banner-sign", role="quiet", says="Warning", colour="warning")
        self._sign.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._sign.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._sentence = label("", name="banner-sentence", wraps=True)
        self._sentence.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._sentence.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        close = Button(icon="close", name="banner-close", role="quiet", says="Close this message")
        close.clicked.connect(self.clear)
        self._actions: list[Button] = []
        self._row.addWidget(self._sign)
        self._row.addWidget(self._sentence, 1)
        self._row.addWidget(close)
        parent.installEventFilter(self)
        self.hide()

    @property
    def sentence(self) -> str:
        """What it says; empty when it is hidden."""
        return self._sentence.text() if not self.isHidden() else ""

    def say(self, sentence: str, *actions: tuple[str, Callable[[], None]], sign: str = "warning") -> None:
        """Shows a sentence.

        Args:
            sentence: what happened.
            actions: (text, what it does), offered as buttons; a press also closes the banner.
            sign: the icon before it, `warning` or `check`.
        """
        self._drop_actions()
        self._sentence.setText(sentence)
        self.setAccessibleName(sentence)
        self._sign.show_icon(sign, "warning" if sign == "warning" else "good")
        for number, (text, act) in enumerate(actions):
            button = Button(text, name=f"banner-action-{number}")
            button.clicked.connect(act)
            button.clicked.connect(self.clear)
            self._row.insertWidget(2 + number, button)
            self._actions.append(button)
        self.show()
        self.raise_()
        self._place()

    def clear(self) -> None:
        """Hides it."""
        self.hide()
        self._drop_actions()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stays in place when the parent changes its size."""
        if event.type() is QEvent.Type.Resize and not self.isHidden():
            self._place()
        return super().eventFilter(watched, event)

    def _drop_actions(self) -> None:
        for button in self._actions:
            self._row.removeWidget(button)
            button.deleteLater()
        self._actions.clear()

    def _place(self) -> None:
        width = min(WIDEST, self._over.width() - 2 * MARGIN)
        self.setFixedWidth(width)
        height = max(self._row.heightForWidth(width), self._row.sizeHint().height())
        self.setGeometry((self._over.width() - width) // 2, MARGIN, width, height)
