"""Pictures of the window's screens, taken from a copy of a real session: what the README shows."""

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from app.desktop import new_application
from app.doctor import display
from app.errors import StorageError, UsageError
from app.paths import HOME_VARIABLE, sessions_dir
from app.session import copy_session, read_header
from app.trainers import Trainers
from sim.render import FrameRequest, Priority

if TYPE_CHECKING:
    from PySide6.QtGui import QPixmap
    from PySide6.QtWidgets import QApplication, QWidget

    from app.studio import Studio
    from sim.render import SceneRenderer
    from ui.main_window import MainWindow

THEMES = ("light", "dark")
SIZE = (1280, 800)
PAINT_SECONDS = 60.0
"""A screen that is not painted after so long never will be."""
PLAY_SECONDS = 3.0
"""The live policy plays for so long before its picture is taken: a curve of nothing says nothing."""
JUDGED_SECONDS = 2.5
"""Before a press: there must be something that it can be about."""
LOOK_MS = 20
"""The window works for so long between two looks at it."""
SETTLE_MS = 250
"""Layouts and pictures of a new size come within this."""
SHADE = 90
"""Of 255: how much the window behind a dialog is darkened."""
PLATFORM_VARIABLE = "QT_QPA_PLATFORM"


class NotPaintedError(UsageError):
    """A screen of the window was not painted in time."""


def take_screenshots(
    session: Path, out: Path, size: tuple[int, int] = SIZE, trainers: Trainers | None = None
) -> list[Path]:
    """Opens the window on a copy of `session`, visits each screen in light and dark, and saves what is painted.

    Args:
        session: the session's folder, which stays as it is.
        out: where the PNG files go.
        size: (width, height) of the window in device-independent pixels.
        trainers: makes the session's trainer; None for the real ones.

    Returns:
        The files, in the order they were taken.

    Raises:
        SessionError: it is no session, or cannot be opened.
        StorageError: `out` cannot be written.
        NoRendererError: nothing can be drawn on this machine.
        NotPaintedError: a screen was not painted in time.
    """
    read_header(session)
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(f"'{out}' cannot be made: {error.strerror}.") from error
    if not display().good:
        os.environ[PLATFORM_VARIABLE] = "offscreen"
    with _own_home():
        sessions_dir().mkdir(parents=True)
        copy = copy_session(session, sessions_dir())
        application = _application()
        from app.studio import Studio
        from sim.render import create_renderer
        from ui.main_window import MainWindow

        studio = Studio(trainers)
        studio.set_setting("guidance_seen", [task.name for task in studio.tasks()])
        studio.calibrate([])  # else the reaction game opens with the first press
        with create_renderer() as renderer:
            renderer.ready.result()  # else a screen without pictures would be waited for
            window = MainWindow(studio, renderer)
            window.resize(*size)
            window.show()
            visit = Visit(application, window, studio, renderer, out)
            try:
                return visit.all_screens(copy)
            finally:
                window.close()
                studio.close()
                window.deleteLater()
                visit.rest(LOOK_MS)


@dataclass
class Visit:
    """One walk through the window."""

    application: "QApplication"
    window: "MainWindow"
    studio: "Studio"
    renderer: "SceneRenderer"
    out: Path

    def all_screens(self, session: Path) -> list[Path]:
        """Every screen in every theme."""
        self._leave_a_picture(session)
        return [path for theme in THEMES for path in self._in_theme(session, theme)]

    def _in_theme(self, session: Path, name: str) -> Iterator[Path]:
        from ui import dialogs, theme
        from ui.preview import Preview

        window = self.window
        self.studio.set_setting("theme", name)
        theme.apply(self.application, name)
        previews = window.home.findChildren(Preview)
        self.until(lambda: all(preview.drawn for preview in previews), "the previews")
        yield self._save(window.grab(), "home", name)

        window.home.settings_wanted.emit()
        yield self._save_dialog(dialogs.show_settings(window, self.studio, window.shortcuts), "settings", name)
        yield self._save_dialog(dialogs.show_about(window, self.studio, window.drawn()), "about", name)

        window.home.open_session.emit(session)
        self._until_taught()
        yield self._save(window.grab(), "teach", name)
        yield self._save(self._asked_why(), "why", name)
        yield self._save(self._then_and_now(), "then-now", name)
        self._press("column-1")
        yield self._save(window.grab(), "plots", name)
        self._press("column-0")
        window.teach.help_wanted.emit()
        self.rest(SETTLE_MS)
        yield self._save(window.grab(), "keys", name)
        window.teach.help_wanted.emit()
        yield self._save(self._guidelines(), "guidelines", name)
        if window.session is not None:
            yield self._save_dialog(dialogs.show_export(window, window.session), "export", name)

        window.teach.watch_wanted.emit()
        self.until(lambda: window.watch.live.state == "playing", "the live policy")
        self.rest(round(PLAY_SECONDS * 1000))
        self.until(lambda: window.watch.strip.known > 0, "the learned reward")
        yield self._save(window.grab(), "watch", name)
        yield self._save(self._pressed(), "presses", name)
        game = dialogs.show_reaction(window, self.studio, window.shortcuts, lambda: None)
        yield self._save_dialog(game, "reaction", name)
        window.watch.back.emit()
        yield self._save(self._measured(), "meter", name)
        window.teach.back.emit()

    def _guidelines(self) -> "QPixmap":
        """The guidelines of the task, with both examples at play."""
        from ui.teach.guidelines import ExampleView

        self._press("guidelines")
        examples = self.window.findChildren(ExampleView)
        self.until(lambda: all(each.view.drawn and each.playing for each in examples), "both examples")
        self.rest(round(PLAY_SECONDS * 1000) // 2)
        picture = self.window.grab()
        self._press("guidelines-close")
        return picture

    def _asked_why(self) -> "QPixmap":
        """The Teach screen with what the reward model predicts of the pair."""
        from ui.why_curve import WhyCurve

        self._press("why")
        curve = self.window.teach.findChild(WhyCurve, "why-curve")
        assert isinstance(curve, WhyCurve), "the screen has the curves of the answer"
        self.until(lambda: curve.explanation is not None, "why")
        picture = self.window.grab()
        self._press("why")
        return picture

    def _then_and_now(self) -> "QPixmap":
        """The first policy and the shown one, side by side."""
        from ui.live import LiveView

        self._press("then-and-now")
        views = [self.window.teach.findChild(LiveView, f"{which}-live") for which in ("then", "now")]
        self.until(
            lambda: all(isinstance(view, LiveView) and view.state == "playing" for view in views), "both at play"
        )
        self.rest(round(PLAY_SECONDS * 1000))
        picture = self.window.grab()
        self._press("then-now-close")
        return picture

    def _measured(self) -> "QPixmap":
        """The Meter screen under peek, with the cursor on an early policy."""
        window = self.window
        window.teach.meter_wanted.emit()
        meter = window.meter
        meter.peek.setChecked(False)
        meter.peek.click()
        self.until(lambda: meter.point is not None, "the curve")
        points = window.session.curve() if window.session is not None else []
        meter.choose(points[len(points) // 3].version)
        self.until(lambda: meter.then.state == meter.now.state == "playing", "both policies at play")
        self.rest(round(PLAY_SECONDS * 1000))
        picture = window.grab()
        meter.peek.click()
        meter.back.emit()
        return picture

    def _pressed(self) -> "QPixmap":
        """The Watch screen just after a reward: what it is credited to is still shown."""
        from learning.messages import Press
        from ui.credit_ghost import CreditGhost
        from ui.press_pads import Pad

        window = self.window
        judging = window.watch.presses
        judging.switch.setChecked(True)
        pads = {pad.press: pad for pad in window.watch.findChildren(Pad)}
        for press in (Press.PUNISH, Press.REWARD):
            self._watch(JUDGED_SECONDS)
            pads[press].go_down()
            pads[press].come_up()
        ghost = window.watch.findChild(CreditGhost)
        assert isinstance(ghost, CreditGhost), "the screen shows what is credited"
        self.until(ghost.isVisible, "what was credited")
        picture = window.grab()
        judging.switch.setChecked(False)
        return picture

    def _watch(self, seconds: float) -> None:
        """Lets the live policy play for so much of its own time."""
        rollout = self.window.watch.live.rollout
        assert rollout is not None, "the screen has a robot"
        until = rollout.steps + round(seconds / rollout.task.control_dt)
        self.until(lambda: rollout.steps >= until, "the live policy at play")

    def _leave_a_picture(self, session: Path) -> None:
        """Home shows a session as it was last seen, and one that was taught without a window was never seen."""
        from ui.session_card import SessionPicture

        self.window.home.open_session.emit(session)
        self._until_taught()
        self.window.teach.back.emit()
        pictures = self.window.home.findChildren
        self.until(lambda: any(picture.drawn for picture in pictures(SessionPicture)), "the session's picture")

    def _until_taught(self) -> None:
        from ui.live import LiveView

        teach = self.window.teach
        live = teach.findChild(LiveView)
        self.until(lambda: teach.shown_pair is not None, "the first pair")
        self.until(lambda: isinstance(live, LiveView) and live.state == "playing", "the live policy beside it")
        # whatever can wait is drawn last: then both clips are there
        self.rest(SETTLE_MS)
        task = self.studio.tasks()[0]
        last = self.renderer.submit(FrameRequest(task, np.zeros(task.state_size), task.camera), Priority.IDLE)
        self.until(last.done, "both clips")

    def _press(self, name: str) -> None:
        from PySide6.QtWidgets import QPushButton

        button = self.window.findChild(QPushButton, name)
        assert isinstance(button, QPushButton), f"the window has a button '{name}'"
        button.click()

    def _save_dialog(self, dialog: "QWidget", screen: str, theme: str) -> Path:
        """A dialog before the window that it belongs to, as they are seen together."""
        from PySide6.QtGui import QColor, QPainter

        from ui.theme import color

        self.rest(SETTLE_MS)
        picture, above = self.window.grab(), dialog.grab()
        left, top = (self.window.width() - dialog.width()) // 2, (self.window.height() - dialog.height()) // 2
        painter = QPainter(picture)
        painter.fillRect(self.window.rect(), QColor(0, 0, 0, SHADE))
        painter.drawPixmap(left, top, above)
        painter.setPen(color("border"))
        painter.drawRect(left - 1, top - 1, dialog.width() + 1, dialog.height() + 1)
        painter.end()
        dialog.close()
        return self._save(picture, screen, theme)

    def _save(self, picture: "QPixmap", screen: str, theme: str) -> Path:
        path = self.out / f"{screen}-{theme}.png"
        if not picture.save(str(path), "PNG"):
            raise StorageError(f"'{path}' could not be written.")
        return path

    def until(self, painted: Callable[[], bool], what: str) -> None:
        """Lets the window work until something is there, and a moment more for it to be painted.

        Raises:
            NotPaintedError: it never was.
        """
        end = time.monotonic() + PAINT_SECONDS
        while not painted():
            if time.monotonic() > end:
                raise NotPaintedError(f"The window did not show {what} within {PAINT_SECONDS:.0f} s.")
            self.rest(LOOK_MS)
        self.rest(SETTLE_MS)

    def rest(self, milliseconds: int) -> None:
        """Lets the window work for a while."""
        from PySide6.QtCore import QEventLoop, QTimer

        loop = QEventLoop()
        QTimer.singleShot(milliseconds, loop.quit)
        loop.exec()


def _application() -> "QApplication":
    from PySide6.QtWidgets import QApplication

    present = QApplication.instance()
    return present if isinstance(present, QApplication) else new_application()


@contextmanager
def _own_home() -> Iterator[None]:
    """A temporary home: neither sessions nor settings of the person are touched."""
    before = os.environ.get(HOME_VARIABLE)
    with tempfile.TemporaryDirectory(prefix="backflip-pictures-", ignore_cleanup_errors=True) as home:
        os.environ[HOME_VARIABLE] = home
        try:
            yield
        finally:
            if before is None:
                os.environ.pop(HOME_VARIABLE, None)
            else:
                os.environ[HOME_VARIABLE] = before
