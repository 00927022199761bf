"""The window: wires the screens to the program behind them, and nothing else."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QPoint, QRect, QSize, Qt, Slot
from PySide6.QtGui import QCloseEvent, QGuiApplication
from PySide6.QtWidgets import QApplication, QMainWindow, QStackedWidget

from sim.errors import UserError
from sim.render import SceneRenderer
from ui import dialogs, theme
from ui.banner import Banner
from ui.home import HomeScreen
from ui.icons import icon
from ui.meter import MeterScreen
from ui.ports import SessionCard, SessionPort, StudioPort
from ui.scrolling import Scrolling, onto_a_screen
from ui.shortcut_help import ShortcutHelp
from ui.shortcuts import Shortcuts
from ui.teach import TeachScreen
from ui.watch import WatchScreen

log = logging.getLogger(__name__)

NAME = "Backflip"
LEAST_SIZE = (640, 480)
"""A smaller window shows nothing that one could judge; from here on what does not fit scrolls."""
FIRST_SIZE = (1280, 800)
CLOSES_THEN = "The window closes then; close it again to leave without that."
GEOMETRY_SETTING, THEME_SETTING = "window", "theme"
PLACE = ("x", "y", "width", "height")
"""How the window's place is kept, in device-independent pixels."""
FARTHEST = 2**20
"""No screen is so far from another."""


class Screen(Protocol):
    """What every screen can do; all are widgets."""

    def activate(self) -> None:
        """It comes on screen."""
        ...

    def deactivate(self) -> None:
        """It leaves the screen: its timers stop."""
        ...


class MainWindow(QMainWindow):
    """Home, Teach, Watch and Meter in one window, with at most one session open."""

    def __init__(self, studio: StudioPort, renderer: SceneRenderer) -> None:
        """Opens at Home.

        Args:
            studio: the program behind the window.
            renderer: draws; belongs to the caller.
        """
        super().__init__()
        self.setObjectName("main-window")
        self._studio = studio
        self._session: SessionPort | None = None
        self._asked_reaction = False
        self._said_waiting = ""
        """What the open session was last said to wait for."""
        self._leaving = False
        """The window closes as soon as nothing waits to be stored."""
        application = QApplication.instance()
        if isinstance(application, QApplication):
            theme.apply(application, str(studio.setting(THEME_SETTING)))
        self.setWindowIcon(icon("backflip", "accent", 64))
        self.setMinimumSize(*LEAST_SIZE)

        self.shortcuts = Shortcuts(studio, self)
        self.home = HomeScreen(studio, renderer, self)
        self.teach = TeachScreen(studio, renderer, self.shortcuts, self)
        self.watch = WatchScreen(renderer, self)
        self.meter = MeterScreen(renderer, self)
        self._shown: Screen = self.home
        self._stack = QStackedWidget()
        self._screens = (self.home, self.teach, self.watch, self.meter)
        for screen in self._screens:
            self._stack.addWidget(Scrolling(screen))
        self.setCentralWidget(self._stack)
        self.banner = Banner(self._stack)
        self._help = ShortcutHelp(self.shortcuts, self._stack)
        self._connect()
        self._restore_geometry()
        self._show(self.home)

    @property
    def session(self) -> SessionPort | None:
        """The session that is open."""
        return self._session

    def closeEvent(self, event: QCloseEvent) -> None:
        """Keeps the window's place, then closes the session: within 2 s, and nothing is lost.

        While something waits to be stored, the first attempt only asks for it; the second one closes all the same.
        """
        if self._session is not None and self._session.waits_to_store and not self._leaving:
            self._leaving = True
            self._show_waiting()
            event.ignore()
            return
        self._keep_geometry()
        self._shown.deactivate()
        self.hide()
        self._close_session()
        event.accept()

    def _connect(self) -> None:
        self.home.begin.connect(self._begin)
        self.home.open_session.connect(self._open)
        self.home.look_wanted.connect(self._look)
        self.home.settings_wanted.connect(self._settings)
        self.home.about_wanted.connect(self._about)
        self.teach.back.connect(self._go_home)
        self.teach.watch_wanted.connect(self._go_watch)
        self.teach.meter_wanted.connect(self._go_meter)
        self.teach.export_wanted.connect(self._export)
        self.teach.help_wanted.connect(self._help.toggle)
        self.teach.problem.connect(self._say)
        self.watch.back.connect(self._go_teach)
        self.watch.problem.connect(self._say)
        self.watch.presses.turned.connect(self._on_judging)
        self.watch.presses.calibration_wanted.connect(self._calibrate)
        self.watch.bind_shortcuts(self.shortcuts)
        self.meter.back.connect(self._go_teach)
        self.meter.problem.connect(self._say)
        self.meter.bind_shortcuts(self.shortcuts)
        for name, act in {
            "back": self._back,
            "settings": self._settings,
            "help": self._help.toggle,
            "full_screen": self._toggle_full_screen,
            "quit": self._quit,
        }.items():
            self.shortcuts.bind(name, self, act)

    def _show(self, screen: HomeScreen | TeachScreen | WatchScreen | MeterScreen) -> None:
        if self._shown is not screen:
            self._shown.deactivate()
        self._shown = screen
        self._help.close_sheet()
        self.banner.clear()
        self._stack.setCurrentIndex(self._screens.index(screen))
        screen.activate()
        screen.setFocus(Qt.FocusReason.OtherFocusReason)
        self._show_waiting()
        title = self._session.task.title if self._session is not None and screen is not self.home else ""
        self.setWindowTitle(f"{title} \u2013 {NAME}" if title else NAME)

    @Slot(str)
    def _begin(self, task_name: str) -> None:
        self._take(lambda: self._studio.new_session(task_name))

    @Slot(object)
    def _open(self, path: Path) -> None:
        self._take(lambda: self._studio.open_session(path))

    @Slot(object)
    def _look(self, card: SessionCard) -> None:
        """Shows what is in a session that cannot be gone on with."""
        try:
            dialogs.show_summary(self, card, self._studio.summary(card.path))
        except UserError as error:
            self._say(str(error))

    def _take(self, make: Callable[[], SessionPort]) -> None:
        """Opens a session and teaches in it; what keeps it from opening becomes a sentence."""
        self._close_session()
        try:
            session = make()
        except UserError as error:
            self.home.refresh()
            self._say(str(error))
            return
        self._session = session
        session.changed.connect(self._show_waiting)
        session.problem.connect(self._say)
        self.teach.set_session(session)
        self.watch.set_session(session)
        self.meter.set_session(session)
        self._show(self.teach)

    def _close_session(self) -> None:
        session, self._session = self._session, None
        if session is None:
            return
        session.changed.disconnect(self._show_waiting)
        session.problem.disconnect(self._say)
        self._keep_picture(session)
        dialogs.end_export(self)
        self.teach.set_session(None)
        self.watch.set_session(None)
        self.meter.set_session(None)
        session.close()

    def _keep_picture(self, session: SessionPort) -> None:
        picture = self.teach.picture()
        if picture is None:
            return
        try:
            session.save_picture(picture)
        except UserError as error:
            log.warning("no picture for Home: %s", error)

    @Slot()
    def _go_home(self) -> None:
        """Leaves the session, unless something that was done in it is not stored yet."""
        if self._session is not None and self._session.waits_to_store:
            self._show_waiting()
            return
        self._show(self.home)
        self._close_session()
        self.home.refresh()

    @Slot()
    def _go_watch(self) -> None:
        self._show(self.watch)

    @Slot()
    def _go_meter(self) -> None:
        self._show(self.meter)

    @Slot()
    def _go_teach(self) -> None:
        self._show(self.teach if self._session is not None else self.home)

    @Slot()
    def _back(self) -> None:
        """Closes what lies over the screen, else leaves the screen."""
        if self._help.isVisible():
            self._help.close_sheet()
        elif self._shown in (self.watch, self.meter):
            self._go_teach()
        elif self._shown is self.teach and not self.teach.cards.close_all():
            self._go_home()

    @Slot()
    def _settings(self) -> None:
        dialogs.show_settings(self, self._studio, self.shortcuts, self._on_setting)

    @Slot(str)
    def _on_setting(self, _key: str) -> None:
        """A setting has another value: it holds at once."""
        self.teach.looks.restore()
        if self._shown is self.home:
            self.home.activate()

    def drawn(self) -> dict[str, str]:
        """How sharp the pictures were that were shown last: what they are of, and the words for it."""
        views = {"clips": self.teach.player.drawn_size, "Watch": self.watch.live.drawn_size}
        return {what: drawn_size.words for what, drawn_size in views.items() if drawn_size.words}

    @Slot()
    def _about(self) -> None:
        dialogs.show_about(self, self._studio, self.drawn())

    @Slot()
    def _export(self) -> None:
        if self._session is not None:
            dialogs.show_export(self, self._session)

    @Slot()
    def _on_judging(self) -> None:
        """At the first use of presses the reaction time is measured; it can be skipped, and then is not asked again."""
        if self.watch.presses.on and not self._asked_reaction and self._studio.reaction() is None:
            self._asked_reaction = True
            self._calibrate()

    @Slot()
    def _calibrate(self) -> None:
        self.watch.presses.rest()  # nobody watches meanwhile
        dialogs.show_reaction(self, self._studio, self.shortcuts, self.watch.presses.go_on)

    @Slot(str)
    def _say(self, sentence: str) -> None:
        self.banner.say(sentence)

    @Slot()
    def _show_waiting(self) -> None:
        """Says what the open session waits for, as long as it does; then closes the window if that was asked for."""
        sentence = "" if self._session is None else self._session.waiting
        if self._leaving and self._session is not None and self._session.waits_to_store:
            sentence = f"{sentence} {CLOSES_THEN}".strip()
        if sentence:
            if self.banner.sentence != sentence:
                self.banner.say(sentence)
        elif self._said_waiting and self.banner.sentence == self._said_waiting:
            self.banner.clear()
        self._said_waiting = sentence
        if self._leaving and (self._session is None or not self._session.waits_to_store):
            self.close()

    @Slot()
    def _quit(self) -> None:
        self.close()

    @Slot()
    def _toggle_full_screen(self) -> None:
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)

    def _restore_geometry(self) -> None:
        stored = self._studio.setting(GEOMETRY_SETTING)
        wanted = QRect(QPoint(), QSize(*FIRST_SIZE))
        wanted.moveCenter(QGuiApplication.primaryScreen().availableGeometry().center())
        if isinstance(stored, dict):
            place = [value for key in PLACE if isinstance(value := stored.get(key), int) and abs(value) < FARTHEST]
            if len(place) == len(PLACE) and min(place[2:]) > 0:
                wanted = QRect(*place)
            if stored.get("maximized"):
                self.setWindowState(Qt.WindowState.WindowMaximized)
        self.setGeometry(onto_a_screen(wanted))

    def _keep_geometry(self) -> None:
        at = self.normalGeometry()
        place = dict(zip(PLACE, (at.x(), at.y(), at.width(), at.height()), strict=True))
        try:
            self._studio.set_setting(GEOMETRY_SETTING, {**place, "maximized": int(self.isMaximized())})
        except UserError as error:
            log.warning("the window's place is not kept: %s", error)
