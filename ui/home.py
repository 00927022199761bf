"""Home: what can I teach, and where was I?"""

import time
from pathlib import Path

from PySide6.QtCore import Qt, QTimer, Signal, SignalInstance, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFileDialog, QFrame, QGridLayout, QHBoxLayout, QScrollArea, QStyle, QVBoxLayout, QWidget

from sim.errors import UserError
from sim.render import SceneRenderer
from sim.score import score_text
from sim.task import Task
from ui import theme
from ui.controls import Button, label
from ui.ports import REDUCED_MOTION, SessionCard, StudioPort
from ui.session_card import SessionCardView
from ui.task_card import SMALL_WIDTH, TaskCard

WELCOME = "Choose the better of two clips, again and again: between your answers the robot practises what you mean."
FEW = 4
"""So many sessions are shown at first."""
TWO_COLUMNS = 1040
"""A wider page shows the sessions in two columns."""
WIDEST = 1240
MARGIN = 3 * theme.GRID
"""Left and right of the page, at least."""
TASK_SPACING = 2 * theme.GRID
AGE_MS = 30_000
"""Ages are told again this often."""


class HomeScreen(QWidget):
    """Sessions to go on with, and tasks to begin."""

    begin: SignalInstance = Signal(str)  # type: ignore[assignment]
    """(str) the name of the task to teach from the start."""
    open_session: SignalInstance = Signal(object)  # type: ignore[assignment]
    """(Path)"""
    look_wanted: SignalInstance = Signal(object)  # type: ignore[assignment]
    """(SessionCard) to be looked at, since it cannot be gone on with."""
    settings_wanted: SignalInstance = Signal()  # type: ignore[assignment]
    about_wanted: SignalInstance = Signal()  # type: ignore[assignment]

    def __init__(self, studio: StudioPort, renderer: SceneRenderer, parent: QWidget | None = None) -> None:
        """Looks for sessions at once; moves nothing before `activate`."""
        super().__init__(parent)
        self.setObjectName("home-screen")
        self.setAccessibleName("Home")
        self._studio = studio
        self._all = False
        self._cards: list[SessionCard] = []
        self._views: list[SessionCardView] = []
        tasks = studio.tasks()
        self._tasks = {task.name: task for task in tasks}
        self._task_cards = [TaskCard(task, renderer, wide=len(tasks) == 1) for task in tasks]
        self._ages = QTimer(self, interval=AGE_MS)
        self._ages.timeout.connect(self._tell_ages)
        page = QVBoxLayout(self)
        page.setContentsMargins(0, 0, 0, 0)
        page.setSpacing(0)
        page.addLayout(_centred(self._head(), 2 * theme.GRID))
        page.addWidget(self._body(), 1)
        self.refresh()

    def refresh(self) -> None:
        """Looks for sessions again."""
        self._cards = self._studio.sessions()
        self._fill()

    def activate(self) -> None:
        """Moves the previews, and puts the focus on what to do next."""
        self.refresh()
        moving = not self._studio.setting(REDUCED_MOTION)
        for card in self._task_cards:
            card.preview.play(moving=moving)
        self._ages.start()

    def deactivate(self) -> None:
        """Stops everything that moves."""
        self._ages.stop()
        for card in self._task_cards:
            card.preview.stop()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """One or two columns of sessions, and as many of tasks as fit."""
        super().resizeEvent(event)
        if self._views and self._columns() != self._filled_columns:
            self._place_views()
        if self._task_columns() != self._filled_task_columns:
            self._place_task_cards()

    # Building

    def _head(self) -> QWidget:
        line = QWidget()
        head = QHBoxLayout(line)
        head.setContentsMargins(0, 0, 0, 0)
        head.addWidget(label("Backflip", "title", name="home-title"))
        head.addStretch(1)
        settings = Button("Settings", "settings", name="home-settings", role="quiet")
        settings.clicked.connect(self.settings_wanted)
        about = Button("About", "info", name="home-about", role="quiet")
        about.clicked.connect(self.about_wanted)
        head.addWidget(settings)
        head.addWidget(about)
        return line

    def _body(self) -> QScrollArea:
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        ground = QWidget()
        theme.set_role(ground, "plain")
        column = QWidget()
        box = QVBoxLayout(column)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(2 * theme.GRID)
        self._welcome = label(WELCOME, "heading", name="home-welcome", wraps=True)
        self._go_on = self._go_on_block()
        box.addWidget(self._welcome)
        box.addWidget(self._go_on)
        box.addWidget(label("New", "caption"))
        box.addLayout(self._tasks_block())
        box.addStretch(1)
        ground.setLayout(_centred(column, theme.GRID))
        scroll.setWidget(ground)
        return scroll

    def _go_on_block(self) -> QWidget:
        block = QWidget()
        box = QVBoxLayout(block)
        box.setContentsMargins(0, 0, 0, theme.GRID)
        box.setSpacing(theme.GRID)
        head = QHBoxLayout()
        head.addWidget(label("Go on", "caption"), 1)
        other = Button("Open another folder\u2026", "folder", name="home-open-folder", role="quiet")
        other.clicked.connect(self._choose_folder)
        head.addWidget(other)
        box.addLayout(head)
        self._grid = QGridLayout()
        self._grid.setSpacing(theme.GRID)
        self._filled_columns = 1
        box.addLayout(self._grid)
        self._more = Button("", name="home-all-sessions", role="quiet")
        self._more.clicked.connect(self._show_all)
        box.addWidget(self._more, 0, Qt.AlignmentFlag.AlignLeft)
        return block

    def _tasks_block(self) -> QGridLayout:
        self._task_grid = QGridLayout()
        self._task_grid.setSpacing(TASK_SPACING)
        for card in self._task_cards:
            card.clicked.connect(self._on_task_clicked)
        self._place_task_cards()
        return self._task_grid

    def _task_columns(self) -> int:
        """So many small cards are side by side, even beside a scroll bar."""
        bar = self.style().pixelMetric(QStyle.PixelMetric.PM_ScrollBarExtent)
        room = min(self.width() - 2 * MARGIN - bar, WIDEST) + TASK_SPACING
        return max(1, room // (SMALL_WIDTH + TASK_SPACING))

    def _place_task_cards(self) -> None:
        columns = self._filled_task_columns = self._task_columns()
        for number, card in enumerate(self._task_cards):
            self._task_grid.addWidget(card, number // columns, number % columns)
        if len(self._task_cards) > 1:
            for column in range(self._task_grid.columnCount() + 1):
                self._task_grid.setColumnStretch(column, 1 if column == columns else 0)

    # Sessions

    def _fill(self) -> None:
        """A view for every card that is shown."""
        for view in self._views:
            self._grid.removeWidget(view)
            view.hide()
            view.deleteLater()
        now = time.time()
        shown = self._cards if self._all else self._cards[:FEW]
        self._views = [self._view(card, now) for card in shown]
        self._place_views()
        first_start = not self._cards
        self._welcome.setVisible(first_start)
        self._go_on.setVisible(not first_start)
        self._more.setVisible(len(shown) < len(self._cards))
        self._more.setText(f"Show all {len(self._cards)}")
        self._more.set_says(f"Show all {len(self._cards)} sessions")
        self._aim_focus()

    def _view(self, card: SessionCard, now: float) -> SessionCardView:
        task: Task | None = self._tasks.get(card.task)
        score = "" if task is None or card.true_score is None else score_text(task, card.true_score)
        view = SessionCardView(card, card.task if task is None else task.title, score, now)
        view.open_wanted.connect(self.open_session)
        view.look_wanted.connect(self.look_wanted)
        view.delete_wanted.connect(self._delete)
        return view

    def _columns(self) -> int:
        return 2 if self.width() >= TWO_COLUMNS else 1

    def _place_views(self) -> None:
        columns = self._filled_columns = self._columns()
        for number, view in enumerate(self._views):
            self._grid.addWidget(view, number // columns, number % columns)
        for column in range(2):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)

    def _aim_focus(self) -> None:
        """The focus goes to what to do next: the newest session that can be opened, else the first task."""
        whole = [view for view in self._views if view.card.problem is None]
        aim: QWidget = whole[0].go_on if whole else self._task_cards[0]
        if whole:
            theme.set_role(whole[0].go_on, "primary")
        focused = self.window().focusWidget()
        had_focus = focused is not None and self.isAncestorOf(focused)
        self.setFocusProxy(aim)
        if had_focus:
            aim.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot()
    def _tell_ages(self) -> None:
        now = time.time()
        for view in self._views:
            view.show_age(now)

    @Slot()
    def _show_all(self) -> None:
        self._all = True
        self._fill()

    @Slot()
    def _choose_folder(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, "Open a session's folder")
        if folder:
            self.open_session.emit(Path(folder))

    @Slot()
    def _on_task_clicked(self) -> None:
        card = self.sender()
        if isinstance(card, TaskCard):
            self.begin.emit(card.task.name)

    @Slot(object)
    def _delete(self, path: Path) -> None:
        try:
            self._studio.delete_session(path)
        except UserError as error:
            for view in self._views:
                if view.card.path == path:
                    view.say(str(error))
            return
        self.refresh()


def _centred(column: QWidget, above: int) -> QHBoxLayout:
    """A column in the middle of the page, never too wide to read."""
    column.setMaximumWidth(WIDEST)
    across = QHBoxLayout()
    across.setContentsMargins(MARGIN, above, MARGIN, theme.GRID)
    across.addStretch(1)
    across.addWidget(column, 1000)
    across.addStretch(1)
    return across
