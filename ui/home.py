"""Home: what can I teach, and where was I?"""

import time
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal, SignalInstance, Slot
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFileDialog, QFrame, QGridLayout, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from sim.errors import UserError
from sim.render import SceneRenderer
from sim.task import Task
from ui import theme
from ui.controls import Button, label
from ui.ports import REDUCED_MOTION, SessionCard, StudioPort
from ui.session_card import SessionCardView
from ui.task_card import TaskCard
from ui.task_grid import TaskGrid

WELCOME = "Choose the better of two clips, again and again. Between your answers the robot trains on your choices."
FEW = 4
"""So many sessions are shown at first."""
SESSION_WIDTH = 470
"""Of a session's card, at least: so many as fit are side by side,"""
MOST_COLUMNS = 4
"""and no more."""
WIDEST = 2400
"""Of the page's column. A larger screen has margins."""
MARGIN = 3 * theme.GRID
"""Left and right of the page, at least."""
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
        self._settle = QTimer(self, singleShot=True, interval=0)  # after all of what Qt lays out in one go
        self._settle.timeout.connect(self._arrange_tasks)
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
            card.play(moving=moving)
        self._ages.start()

    def deactivate(self) -> None:
        """Stops everything that moves."""
        self._ages.stop()
        for card in self._task_cards:
            card.preview.stop()

    def showEvent(self, event: QShowEvent) -> None:
        """Fonts are known from now on, and with them how much room the words take."""
        super().showEvent(event)
        self._arrange_tasks()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """As many columns of sessions as fit, and task cards that fill the rest."""
        super().resizeEvent(event)
        if self._views and self._columns() != self._filled_columns:
            self._place_views()
        self._arrange_tasks()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """What is on the page wants another size or has got it: sessions that come know their font a moment later."""
        if event.type() in {QEvent.Type.LayoutRequest, QEvent.Type.Resize}:
            self._settle.start()
        return super().eventFilter(watched, event)

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
        self._scroll = scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        ground = QWidget()
        theme.set_role(ground, "plain")
        column = QWidget()
        self._column = box = QVBoxLayout(column)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(2 * theme.GRID)
        self._welcome = label(WELCOME, "heading", name="home-welcome", wraps=True)
        self._go_on = self._go_on_block()
        box.addWidget(self._welcome)
        box.addWidget(self._go_on)
        box.addWidget(label("New", "caption"))
        for card in self._task_cards:
            card.clicked.connect(self._on_task_clicked)
        self._task_grid = TaskGrid(self._task_cards)
        box.addWidget(self._task_grid)
        box.addStretch(1)
        ground.setLayout(_centred(column, theme.GRID))
        for part in (column, self._go_on):
            part.installEventFilter(self)
        scroll.setWidget(ground)
        return scroll

    def _go_on_block(self) -> QWidget:
        block = QWidget()
        box = QVBoxLayout(block)
        box.setContentsMargins(0, 0, 0, theme.GRID)
        box.setSpacing(theme.GRID)
        head = QHBoxLayout()
        head.addWidget(label("Continue", "caption"), 1)
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

    def _room_across(self) -> int:
        """Pixels of width for what is on the page, without a scroll bar."""
        return min(self.width() - 2 * MARGIN, WIDEST)

    @Slot()
    def _arrange_tasks(self) -> None:
        """Gives the task cards what the page has left; where that is too little, the page scrolls."""
        across = self._room_across()
        bar = self._scroll.verticalScrollBar().sizeHint().width()
        wanted = self._task_grid.plan(across, self._room_down(across))
        policy = Qt.ScrollBarPolicy.ScrollBarAsNeeded
        if wanted is not None:
            policy = Qt.ScrollBarPolicy.ScrollBarAlwaysOff
            if wanted.scrolls:
                policy = Qt.ScrollBarPolicy.ScrollBarAlwaysOn
                room = min(self.width() - 2 * MARGIN - bar, WIDEST)
                wanted = self._task_grid.plan(room, 0) or wanted
            self._task_grid.arrange(wanted)
        self._scroll.setVerticalScrollBarPolicy(policy)

    def _room_down(self, across: int) -> int:
        """Pixels of height that everything else on a page so wide leaves to the task cards."""
        page, left = self.layout(), self.height()
        head = None if page is None else page.itemAt(0)
        if head is not None:
            left -= head.sizeHint().height()
        left -= 2 * theme.GRID  # above and below the column
        for number in range(self._column.count()):
            item = self._column.itemAt(number)
            widget = None if item is None else item.widget()
            if widget is not None and widget is not self._task_grid and not widget.isHidden():
                inside = widget.layout()
                if inside is not None:
                    inside.activate()  # else it would tell what it was before the sessions were placed
                high = widget.heightForWidth(across) if widget.hasHeightForWidth() else widget.sizeHint().height()
                left -= high + self._column.spacing()
        return left

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
        self._arrange_tasks()
        self._aim_focus()

    def _view(self, card: SessionCard, now: float) -> SessionCardView:
        task: Task | None = self._tasks.get(card.task)
        view = SessionCardView(card, card.task if task is None else task.title, now)
        view.open_wanted.connect(self.open_session)
        view.look_wanted.connect(self.look_wanted)
        view.delete_wanted.connect(self._delete)
        return view

    def _columns(self) -> int:
        return min(max(1, self._room_across() // SESSION_WIDTH), MOST_COLUMNS)

    def _place_views(self) -> None:
        columns = self._filled_columns = self._columns()
        for number, view in enumerate(self._views):
            self._grid.addWidget(view, number // columns, number % columns)
        for column in range(MOST_COLUMNS):
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
