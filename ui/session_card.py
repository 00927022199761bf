"""A session as Home shows it: picture, labels, age, and what can be done with it."""

from pathlib import Path

from PySide6.QtCore import QRectF, QSize, Qt, QUrl, Signal, SignalInstance, Slot
from PySide6.QtGui import QDesktopServices, QImage, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QStackedLayout, QVBoxLayout, QWidget

from ui import icons, theme
from ui.ages import age
from ui.controls import Button, label
from ui.live_paint import middle_part, round_corners
from ui.ports import SessionCard
from ui.readings import NO_BREAK, SEPARATOR, label_words

PICTURE = QSize(144, 90)
RADIUS = 6.0
ICON = 32.0
GO_ON_WIDTH = 96
"""Of the button in every card, so that all line up whichever of them is the primary one."""
LOOK = "Look"
"""The button for what can be looked at and not gone on with."""


class SessionCardView(QFrame):
    """One session. Deleting asks in place, and a problem is one sentence in the place of the numbers."""

    open_wanted: SignalInstance = Signal(object)  # type: ignore[assignment]
    """(Path)"""
    look_wanted: SignalInstance = Signal(object)  # type: ignore[assignment]
    """(SessionCard) it cannot be gone on with, but looked at."""
    delete_wanted: SignalInstance = Signal(object)  # type: ignore[assignment]
    """(Path) the person has confirmed it."""

    def __init__(self, card: SessionCard, title: str, now: float) -> None:
        """Builds it.

        Args:
            card: the session.
            title: of its task.
            now: seconds since the epoch.
        """
        super().__init__()
        self.card = card
        self.setObjectName("session-card")
        theme.set_role(self, "card")
        self._trouble = card.problem or ""
        self._pages = QStackedLayout(self)
        self._facts = label("", "muted", name="session-facts", wraps=True)
        self._pages.addWidget(self._usual(title))
        self._pages.addWidget(self._asking())
        self.show_age(now)

    def show_age(self, now: float) -> None:
        """Says how long ago it was used."""
        card = self.card
        if self._trouble:
            self._facts.setText(self._trouble)
            theme.set_role(self._facts, "warning")
        else:
            facts = *label_words(card.labels, card.cannot_tell).split(SEPARATOR), age(card.modified, now)
            self._facts.setText(SEPARATOR.join(fact.replace(" ", NO_BREAK) for fact in facts))
        self.setAccessibleName(self._facts.text())

    def say(self, sentence: str) -> None:
        """What went wrong with it, in the place of the numbers."""
        self._trouble = sentence
        self.show_age(self.card.modified)
        self._pages.setCurrentIndex(0)

    def mouseDoubleClickEvent(self, _event: QMouseEvent) -> None:
        """Opens it, or looks at it if that is all that can be done."""
        if self._pages.currentIndex() != 0:
            return
        if self.card.problem is None:
            self._open()
        elif self.card.readable:
            self._look()

    def _usual(self, title: str) -> QWidget:
        page = QWidget()
        row = QHBoxLayout(page)
        row.setContentsMargins(theme.GRID, theme.GRID, theme.GRID, theme.GRID)
        row.setSpacing(2 * theme.GRID)
        words = QVBoxLayout()
        words.setSpacing(theme.GRID // 2)
        words.addStretch(1)
        words.addWidget(label(title, "heading", name="session-title", wraps=True))
        words.addWidget(self._facts)
        words.addStretch(1)
        self.go_on = Button("Continue", name="session-open", says=f"Continue {title}")
        self.go_on.setMinimumWidth(GO_ON_WIDTH)
        self.go_on.clicked.connect(self._open)
        self.go_on.setVisible(self.card.problem is None)
        self._more = Button(icon="more", name="session-more", role="quiet", says="More about this session")
        self._more.clicked.connect(self._show_menu)
        row.addWidget(SessionPicture(self.card.picture))
        row.addLayout(words, 1)
        self.look = Button(LOOK, name="session-look", says=f"{LOOK} at {title}")
        self.look.clicked.connect(self._look)
        self.look.setVisible(self.card.problem is not None and self.card.readable)
        row.addWidget(self.go_on)
        row.addWidget(self.look)
        row.addWidget(self._more)
        return page

    def _asking(self) -> QWidget:
        page = QWidget()
        row = QHBoxLayout(page)
        row.setContentsMargins(2 * theme.GRID, theme.GRID, 2 * theme.GRID, theme.GRID)
        row.setSpacing(theme.GRID)
        whole = f"Delete this session with its {label_words(self.card.labels, self.card.cannot_tell)} for good?"
        if self.card.link is not None:
            whole = f"Delete this link? The session itself stays where it is, in '{self.card.link}'."
        question = label(whole, wraps=True, name="session-question")
        self._keep = Button("Keep", name="session-keep")
        self._keep.clicked.connect(self._keep_it)
        delete = Button("Delete", "delete", name="session-delete", role="danger", colour="danger")
        delete.clicked.connect(self._delete)
        row.addWidget(question, 1)
        row.addWidget(self._keep)
        row.addWidget(delete)
        return page

    @Slot()
    def _open(self) -> None:
        self.open_wanted.emit(self.card.path)

    @Slot()
    def _look(self) -> None:
        self.look_wanted.emit(self.card)

    @Slot()
    def _show_menu(self) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setObjectName("session-menu")
        menu.addAction("Open its folder", self._show_folder)
        if self.card.deletable:
            menu.addAction("Delete\u2026", self._ask)
        menu.popup(self._more.mapToGlobal(self._more.rect().bottomLeft()))

    @Slot()
    def _show_folder(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self.card.path)))

    @Slot()
    def _ask(self) -> None:
        self._pages.setCurrentIndex(1)
        self._keep.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot()
    def _keep_it(self) -> None:
        self._pages.setCurrentIndex(0)
        self._more.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot()
    def _delete(self) -> None:
        self.delete_wanted.emit(self.card.path)


class SessionPicture(QWidget):
    """The robot as it was last seen in a session."""

    def __init__(self, path: Path | None) -> None:
        """`path` is a PNG; None shows an icon."""
        super().__init__()
        self.setFixedSize(PICTURE)
        self._picture = QImage() if path is None else QImage(str(path))

    @property
    def drawn(self) -> bool:
        """Whether there is a picture to be seen."""
        return not self._picture.isNull()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Fills its place with the middle of the picture."""
        painter = QPainter(self)
        rect = QRectF(self.rect())
        round_corners(painter, rect, RADIUS)
        painter.fillRect(rect, theme.color("stage"))
        if self._picture.isNull():
            place = QRectF(rect.center().x() - ICON / 2, rect.center().y() - ICON / 2, ICON, ICON)
            icons.paint(painter, "backflip", place, theme.color("on_stage"))
        else:
            painter.drawImage(rect, self._picture, middle_part(self._picture, rect.width() / rect.height()))
        painter.end()
