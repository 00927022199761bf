"""Small screens and large text: what can be pressed is on the screen or scrolls, and no window is put out of sight."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractButton, QDialog, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from app.studio import Studio
from tests.unit.app.conftest import TASK
from tests.unit.ui.conftest import WAIT_MS, PlainRenderer
from ui import theme
from ui.main_window import GEOMETRY_SETTING, MainWindow
from ui.scrolling import onto_a_screen

SIZES = [(1024, 700), (800, 560), (1280, 800)]


@pytest.fixture(params=[1.0, 1.6], ids=["text-as-ours", "large-text"])
def scale(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[float]:
    """The system's text, in times of ours."""
    monkeypatch.setattr(theme, "system_text_scale", lambda: request.param)
    yield request.param
    monkeypatch.undo()
    theme.apply(QGuiApplication.instance(), "light")  # type: ignore[arg-type]


@pytest.fixture
def window(scale: float, studio: Studio, renderer: PlainRenderer, qtbot: QtBot) -> Iterator[MainWindow]:
    made = MainWindow(studio, renderer)
    qtbot.addWidget(made)
    with qtbot.waitExposed(made):
        made.show()
    yield made
    made.close()


def out_of_reach(window: QWidget) -> list[str]:
    """Buttons that can be seen by nobody, however one scrolls."""
    lost = []
    for button in window.findChildren(QAbstractButton):
        inner: QWidget = button
        while (
            button.isVisible()
            and button.window() is window
            and inner is not window
            and (outer := inner.parentWidget()) is not None
        ):
            at = QRect(button.mapTo(outer, QPoint()), button.size())
            if isinstance(outer.parentWidget(), QScrollArea):
                break  # whatever is there can be scrolled to, and where the area itself lies is seen below
            if not outer.rect().contains(at):
                lost.append(f"{button.objectName() or button.text()} at {at.getRect()} in {outer.objectName()}")
            inner = outer
    for area in window.findChildren(QScrollArea):
        at = QRect(area.mapTo(window, QPoint()), area.size())
        in_another = any(area is not other and other.isAncestorOf(area) for other in window.findChildren(QScrollArea))
        if area.isVisible() and area.window() is window and not in_another and not window.rect().contains(at):
            lost.append(f"the scroll area {area.objectName()} at {at.getRect()}")
    return lost


@pytest.mark.parametrize("size", SIZES)
def test_every_button_of_every_screen_can_be_reached(window: MainWindow, qtbot: QtBot, size: tuple[int, int]) -> None:
    window.resize(*size)
    assert (window.width(), window.height()) == size
    qtbot.wait(50)  # Qt lays out anew with its next events
    lost = {"home": out_of_reach(window)}
    window.home.begin.emit(TASK)
    qtbot.waitUntil(lambda: window.teach.shown_pair is not None, timeout=WAIT_MS)
    lost["teach"] = out_of_reach(window)
    window.shortcuts._bound["help"][0][1]()
    qtbot.wait(50)
    lost["help"] = out_of_reach(window)
    window.shortcuts._bound["help"][0][1]()
    window.teach.watch_wanted.emit()
    window.watch.presses.switch.setChecked(True)
    qtbot.wait(50)
    lost["watch"] = out_of_reach(window)
    window.watch.back.emit()
    window.teach.meter_wanted.emit()
    qtbot.wait(50)
    lost["meter"] = out_of_reach(window)
    window._settings()
    window._about()
    window._export()
    qtbot.wait(50)
    for dialog in window.findChildren(QDialog):
        lost[dialog.objectName()] = out_of_reach(dialog)
        dialog.close()
    assert {screen: found for screen, found in lost.items() if found} == {}


def test_text_grows_with_the_systems(window: MainWindow, scale: float) -> None:
    assert theme.text_font().pixelSize() == round(scale * theme.TEXT_PX)
    assert window.home.fontMetrics().height() >= scale * theme.TEXT_PX


@pytest.mark.skipif(sys.platform != "linux", reason="KDE's settings file says how large text is")
def test_the_systems_text_is_read_from_the_system(tmp_path: Path) -> None:
    """In processes of their own, on a desktop whose text is twice as large as Qt's own default."""
    asks = (
        "from PySide6.QtWidgets import QApplication; from ui import theme\n"
        "application = QApplication([]); theme.apply(application, 'light'); print(theme.text_font().pixelSize())"
    )
    (tmp_path / "kdeglobals").write_text("[General]\nfont=Sans Serif,18,-1,5,50,0,0,0,0,0\n")
    kde = {"XDG_CURRENT_DESKTOP": "KDE", "KDE_FULL_SESSION": "true", "KDE_SESSION_VERSION": "5"}
    sizes = []
    for desktop in ({}, kde | {"XDG_CONFIG_HOME": str(tmp_path)}):
        done = subprocess.run(
            [sys.executable, "-c", asks], env={**os.environ, **desktop}, capture_output=True, text=True, check=True
        )
        sizes.append(int(done.stdout))
    assert sizes == [theme.TEXT_PX, 24]


@pytest.mark.parametrize(
    "kept",
    [
        {"x": -5000, "y": 90_000, "width": 1200, "height": 800},
        {"x": 1919, "y": 1079, "width": 1200, "height": 800},
        {"x": 0, "y": -790, "width": 1200, "height": 800},
        {"x": 0, "y": 0, "width": 9_000, "height": 9_000},
        {"x": 0, "y": 0, "width": -3, "height": 2**80},
        {"x": 10},
    ],
)
def test_a_window_is_put_where_all_of_it_is_seen(
    studio: Studio, renderer: PlainRenderer, qtbot: QtBot, kept: object
) -> None:
    studio.set_setting(GEOMETRY_SETTING, kept)
    made = MainWindow(studio, renderer)
    qtbot.addWidget(made)
    screen = QGuiApplication.primaryScreen().availableGeometry()
    assert screen.contains(made.geometry())
    assert made.width() >= made.minimumWidth() and made.height() >= made.minimumHeight()


def test_a_place_that_is_seen_stays() -> None:
    screen = QGuiApplication.primaryScreen().availableGeometry()
    inside = screen.adjusted(10, 20, -30, -40)
    assert onto_a_screen(inside) == inside
