"""Home: what is in focus, what a card says, what is deleted and what is not."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QEnterEvent, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QMenu, QPushButton, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from app.session import NewSession, Session
from app.studio import Studio
from sim.examples import Example, example
from sim.render import Priority
from sim.task import Task
from tests.unit.ui.conftest import TASK, WAIT_MS, PlainRenderer
from ui.home import FEW, HomeScreen
from ui.ports import SessionCard
from ui.preview import untaught_clip
from ui.session_card import SessionCardView
from ui.task_card import TaskCard
from ui.task_grid import plan

HOUR = 3600.0


@pytest.fixture
def open_home(studio: Studio, renderer: PlainRenderer, qtbot: QtBot) -> Iterator[Callable[[], HomeScreen]]:
    """Opens Home in a window, as the main window does."""
    made: list[HomeScreen] = []

    def make() -> HomeScreen:
        home = HomeScreen(studio, renderer)
        qtbot.addWidget(home)
        made.append(home)
        home.resize(1200, 800)
        home.show()
        home.activateWindow()
        qtbot.waitUntil(home.isActiveWindow, timeout=WAIT_MS)
        home.activate()
        home.setFocus()
        qtbot.wait(20)  # Qt shows what was just made with its next events
        return home

    yield make
    for home in made:
        home.deactivate()


def card(path: Path = Path("/nowhere"), **facts: object) -> SessionCard:
    given = {
        "path": path, "task": TASK, "labels": 37,
        "modified": time.time() - 2.5 * HOUR, "picture": None, "problem": None,
    } | facts  # fmt: skip
    return SessionCard(**given)


def views(home: HomeScreen) -> list[SessionCardView]:
    return [view for view in home.findChildren(SessionCardView) if not view.isHidden()]


def facts(view: SessionCardView) -> str:
    label = view.findChild(QLabel, "session-facts")
    assert label is not None
    return label.text().replace("\u00a0", " ")


def named(parent: QWidget, name: str) -> QPushButton:
    found = parent.findChild(QPushButton, name)
    assert found is not None, name
    return found


def test_at_the_first_start_enter_begins(open_home: Callable[[], HomeScreen], qtbot: QtBot) -> None:
    home = open_home()
    focused = QApplication.focusWidget()
    assert isinstance(focused, TaskCard) and focused.objectName() == f"task-card-{TASK}"
    welcome = home.findChild(QLabel, "home-welcome")
    assert welcome is not None and welcome.isVisible() and not views(home)
    with qtbot.waitSignal(home.begin) as begun:
        QTest.keyClick(focused, Qt.Key.Key_Return)
    assert begun.args == [TASK]


def test_one_click_anywhere_on_the_card_begins_and_a_held_key_begins_once(
    open_home: Callable[[], HomeScreen],
) -> None:
    home = open_home()
    begun: list[str] = []
    home.begin.connect(begun.append)
    task_card = home.findChild(TaskCard)
    assert task_card is not None
    QTest.mouseClick(task_card, Qt.MouseButton.LeftButton, pos=task_card.preview.geometry().center())
    QTest.mouseClick(task_card, Qt.MouseButton.LeftButton, pos=named(task_card, "task-begin").geometry().center())
    assert begun == [TASK] * 2
    held = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Return, Qt.KeyboardModifier.NoModifier, "\r", True)
    QApplication.sendEvent(task_card, held)
    assert begun == [TASK] * 2


def test_a_session_is_gone_on_with(open_home: Callable[[], HomeScreen], studio: Studio, qtbot: QtBot) -> None:
    desk = studio.new_session(TASK)
    path = desk.path
    studio.close()
    home = open_home()
    (view,) = views(home)
    assert facts(view) == "0 labels · just now"
    assert QApplication.focusWidget() is view.go_on, "what to do next has the focus"
    with qtbot.waitSignal(home.open_session) as opened:
        QTest.keyClick(view.go_on, Qt.Key.Key_Return)
    assert opened.args == [path]
    welcome = home.findChild(QLabel, "home-welcome")
    assert welcome is not None and not welcome.isVisible()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "37 labels · 2 h ago"),
        ({"labels": 1}, "1 label · 2 h ago"),
        ({"problem": "It is damaged."}, "It is damaged."),
    ],
)
def test_a_card_says_what_is_known(
    given: dict[str, object],
    said: str,
    open_home: Callable[[], HomeScreen],
    studio: Studio,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(studio, "sessions", lambda: [card(**given)])
    (view,) = views(open_home())
    assert facts(view) == said
    assert view.go_on.isVisible() is ("problem" not in given)


def test_a_score_once_peeked_at_is_not_on_home(
    open_home: Callable[[], HomeScreen], studio: Studio, task: Task, qtbot: QtBot
) -> None:
    desk = studio.new_session(TASK)
    desk.set_peek(True)
    qtbot.waitUntil(lambda: desk.peeking, timeout=WAIT_MS)
    studio.close()
    home = open_home()
    (view,) = views(home)
    assert facts(view) == "0 labels \u00b7 just now"
    assert not any(task.score_name in found.text() for found in view.findChildren(QLabel))


def test_the_previews_show_the_skills(studio: Studio, renderer: PlainRenderer, qtbot: QtBot) -> None:
    home = HomeScreen(studio, renderer)
    qtbot.addWidget(home)
    home.show()
    home.activate()
    shown = [job.clip for job in renderer.clips]
    assert shown == [example(each, Example.GOOD) for each in studio.tasks()]
    home.deactivate()


def test_with_reduced_motion_a_preview_moves_under_the_pointer(
    open_home: Callable[[], HomeScreen], studio: Studio, qtbot: QtBot
) -> None:
    studio.set_setting("reduced_motion", True)
    home = open_home()
    first = home.findChildren(TaskCard)[0]
    qtbot.waitUntil(lambda: first.preview.drawn and not first.preview.playing, timeout=WAIT_MS)
    still = first.preview._shown
    at = QPointF(first.rect().center())
    QApplication.sendEvent(first, QEnterEvent(at, at, first.mapToGlobal(at)))
    qtbot.waitUntil(lambda: first.preview._shown not in (-1, still), timeout=WAIT_MS)
    QApplication.sendEvent(first, QEvent(QEvent.Type.Leave))
    qtbot.waitUntil(lambda: not first.preview.playing, timeout=WAIT_MS)
    assert first.preview._shown == still


@pytest.mark.parametrize("size", [(1100, 700), (1280, 800), (1920, 1080), (2560, 1440)])
def test_the_cards_line_up_and_fill_the_page(
    size: tuple[int, int],
    open_home: Callable[[], HomeScreen],
    studio: Studio,
    monkeypatch: pytest.MonkeyPatch,
    qtbot: QtBot,
) -> None:
    monkeypatch.setattr(studio, "sessions", lambda: [card(Path(f"/session-{number}")) for number in range(FEW)])
    home = open_home()
    home.resize(*size)
    qtbot.wait(50)
    cards = home.findChildren(TaskCard)
    widths = {each.width() for each in cards}
    assert max(widths) - min(widths) <= 1 and len({each.height() for each in cards}) == 1, "all of one size"
    begins = {named(each, "task-begin").mapTo(home, QPoint()).y() for each in cards}
    assert len(begins) == len({each.mapTo(home, QPoint()).y() for each in cards}), "their buttons are on one line a row"
    right = max(each.mapTo(home, each.rect().bottomRight()).x() for each in cards)
    sessions = max(each.mapTo(home, each.rect().bottomRight()).x() for each in views(home))
    assert right == sessions > 0.93 * size[0], "as wide as the page, and as the sessions above"

    def bottom() -> int:
        return max(each.mapTo(home, each.rect().bottomRight()).y() for each in cards)

    qtbot.waitUntil(lambda: bottom() > 0.75 * size[1], timeout=WAIT_MS)  # as high as the page


def test_a_plan_is_as_large_as_there_is_room() -> None:
    def words(_width: int) -> int:
        return 150

    assert plan(6, 1218, 320, words).columns == 6
    assert plan(6, 2432, 1150, words).columns == 3
    small = plan(6, 960, 200, words)
    assert small.columns == 3 and small.preview_height > 150, "where nothing fits, the page scrolls"
    assert plan(2, 150, 900, words).columns == 1


def test_a_damaged_session_is_not_what_to_do_next(
    open_home: Callable[[], HomeScreen], studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, whole = card(problem="It is damaged."), card(Path("/whole"))
    monkeypatch.setattr(studio, "sessions", lambda: [broken, whole])
    home = open_home()
    assert QApplication.focusWidget() is views(home)[1].go_on


def test_many_sessions_are_a_few_and_a_button(
    open_home: Callable[[], HomeScreen], studio: Studio, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    many = [card(Path(f"/session-{number}")) for number in range(FEW + 3)]
    monkeypatch.setattr(studio, "sessions", lambda: many)
    home = open_home()
    assert [view.card for view in views(home)] == many[:FEW]
    more = named(home, "home-all-sessions")
    assert str(FEW + 3) in more.text()
    more.click()
    qtbot.waitUntil(lambda: len(views(home)) == len(many) and more.isHidden(), timeout=WAIT_MS)
    assert [view.card for view in views(home)] == many


def test_ages_grow_while_it_is_open(
    open_home: Callable[[], HomeScreen], studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(studio, "sessions", lambda: [card(modified=time.time())])
    home = open_home()
    (view,) = views(home)
    assert facts(view).endswith("just now")
    monkeypatch.setattr("ui.home.time.time", lambda: view.card.modified + 5 * HOUR)
    home._tell_ages()
    assert facts(view).endswith("5 h ago")


def delete_by_hand(view: SessionCardView, qtbot: QtBot, answer: str) -> None:
    """The menu, then the answer to the question that takes the card's place."""
    named(view, "session-more").click()
    menu = view.findChild(QMenu, "session-menu")
    assert menu is not None
    next(action for action in menu.actions() if action.text().startswith("Delete")).trigger()
    menu.close()
    question = view.findChild(QLabel, "session-question")
    assert question is not None
    qtbot.waitUntil(question.isVisible, timeout=WAIT_MS)
    named(view, answer).click()


def test_deleting_asks_in_place_and_can_be_left(
    open_home: Callable[[], HomeScreen], studio: Studio, qtbot: QtBot
) -> None:
    path = studio.new_session(TASK).path
    studio.close()
    home = open_home()
    (view,) = views(home)
    delete_by_hand(view, qtbot, "session-keep")
    assert path.exists() and view.go_on.isVisible()
    delete_by_hand(view, qtbot, "session-delete")
    assert not path.exists()
    qtbot.waitUntil(lambda: not views(home), timeout=WAIT_MS)
    assert isinstance(home.focusProxy(), TaskCard)


def test_a_session_that_is_open_elsewhere_is_not_deleted(
    open_home: Callable[[], HomeScreen], home: Path, qtbot: QtBot
) -> None:
    path = home / "sessions" / "busy"
    path.parent.mkdir(parents=True)
    with Session.create(path, NewSession(TASK)):
        screen = open_home()
        (view,) = views(screen)
        delete_by_hand(view, qtbot, "session-delete")
        assert path.exists() and "open in another Backflip" in facts(view)
        screen._tell_ages()
        assert "open in another Backflip" in facts(view), "the sentence stays until it is looked for again"


def test_previews_wait_for_everything_else_and_stop_with_the_screen(
    studio: Studio, renderer: PlainRenderer, qtbot: QtBot
) -> None:
    renderer.at_once = False
    home = HomeScreen(studio, renderer)
    qtbot.addWidget(home)
    assert not renderer.clips, "nothing is drawn for a screen that is not shown"
    home.show()
    home.activate()
    previews = [card.preview for card in home.findChildren(TaskCard)]
    jobs = list(renderer.clips)
    assert len(jobs) == len(previews) == len(studio.tasks())
    assert all(job.priority is Priority.IDLE for job in jobs)
    for job in jobs:
        for _ in range(3):
            job.advance(renderer.draw)
    qtbot.waitUntil(lambda: all(preview._shown == 2 for preview in previews), timeout=WAIT_MS)
    home.deactivate()
    assert all(job.cancelled for job in jobs) and not any(preview.playing for preview in previews)
    home.activate()
    again = renderer.clips[len(jobs) :]
    assert len(again) == len(jobs)
    for job in again:
        renderer.finish(job)
    home.deactivate()
    home.activate()
    assert len(renderer.clips) == 2 * len(jobs), "what is drawn is kept"
    home.deactivate()


def test_reduced_motion_shows_one_picture(studio: Studio, renderer: PlainRenderer, qtbot: QtBot) -> None:
    studio.set_setting("reduced_motion", True)
    home = HomeScreen(studio, renderer)
    qtbot.addWidget(home)
    home.show()
    home.activate()
    preview = home.findChildren(TaskCard)[0].preview
    qtbot.waitUntil(lambda: preview.drawn, timeout=WAIT_MS)
    assert not preview.playing


def test_a_machine_that_cannot_draw_still_begins(studio: Studio, no_gl: PlainRenderer, qtbot: QtBot) -> None:
    home = HomeScreen(studio, no_gl)
    qtbot.addWidget(home)
    home.show()
    home.activate()
    preview = home.findChildren(TaskCard)[0].preview
    qtbot.waitUntil(lambda: not preview.playing, timeout=WAIT_MS)
    assert not home.grab().isNull()
    with qtbot.waitSignal(home.begin):
        home.findChildren(TaskCard)[0].click()


def test_the_untaught_robot_is_the_same_every_time_and_falls(task: Task) -> None:
    first, second = untaught_clip(task), untaught_clip(task)
    assert first.states.tobytes() == second.states.tobytes()
    down = task.down(first.observations)
    assert not down[0] and down.any()


@pytest.mark.parametrize("sessions", [0, 1, FEW])
@pytest.mark.parametrize(("size", "scrolls"), [((1280, 800), False), ((1100, 700), True)])
def test_no_task_card_is_cut_off(
    size: tuple[int, int],
    scrolls: bool,
    sessions: int,
    open_home: Callable[[], HomeScreen],
    studio: Studio,
    monkeypatch: pytest.MonkeyPatch,
    qtbot: QtBot,
) -> None:
    """All are seen in the first window, and in rows that can be scrolled to in the smallest."""
    many = [card(Path(f"/session-{number}")) for number in range(sessions)]
    monkeypatch.setattr(studio, "sessions", lambda: many)
    home = open_home()
    home.resize(*size)
    qtbot.wait(50)
    cards = home.findChildren(TaskCard)
    assert len(cards) == len(studio.tasks()) == 6
    (scroll,) = home.findChildren(QScrollArea)
    assert not scroll.horizontalScrollBar().isVisible()
    places = [QRect(each.mapTo(scroll.viewport(), QPoint()), each.size()) for each in cards]
    room = scroll.viewport().rect()
    assert all(place.left() >= 0 and place.right() <= room.right() for place in places), (places, room)
    assert all(each.height() >= each.sizeHint().height() for each in cards)
    if scrolls:
        assert len({place.top() for place in places}) == 2
    else:
        assert all(place.bottom() <= room.bottom() for place in places), (places, room)


def test_everything_that_can_be_pressed_has_a_name(
    open_home: Callable[[], HomeScreen], studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(studio, "sessions", lambda: [card(), card(problem="It is damaged.")])
    home = open_home()
    buttons = home.findChildren(QPushButton)
    assert len(buttons) > 8 and all(button.accessibleName() for button in buttons)


def test_what_cannot_be_gone_on_with_has_no_button_that_fails_and_can_be_looked_at(
    open_home: Callable[[], HomeScreen], studio: Studio, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    other, lost = card(problem="It is of another learner.", readable=True), card(problem="It cannot be read.")
    monkeypatch.setattr(studio, "sessions", lambda: [other, lost])
    home = open_home()
    readable, unreadable = views(home)
    assert not readable.go_on.isVisible() and readable.look.isVisible()
    assert not unreadable.go_on.isVisible() and not unreadable.look.isVisible()
    assert isinstance(QApplication.focusWidget(), TaskCard), "Enter begins something"
    opened: list[object] = []
    home.open_session.connect(opened.append)
    for view in (readable, unreadable):
        QTest.keyClick(view, Qt.Key.Key_Return)
        if view is unreadable:
            QTest.mouseDClick(view, Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(home.look_wanted) as looked:
        readable.look.click()
    assert looked.args == [other] and opened == []


def test_a_link_says_that_only_the_link_is_deleted(
    open_home: Callable[[], HomeScreen], studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    linked, locked = card(link="/mnt/robots/first"), card(problem="It cannot be read.", deletable=False)
    monkeypatch.setattr(studio, "sessions", lambda: [linked, locked])
    view, other = views(open_home())
    question = view.findChild(QLabel, "session-question")
    assert question is not None
    assert question.text() == "Delete this link? The session itself stays where it is, in '/mnt/robots/first'."
    for each, offered in ((view, True), (other, False)):
        named(each, "session-more").click()
        menu = each.findChild(QMenu, "session-menu")
        assert menu is not None and any("Delete" in action.text() for action in menu.actions()) is offered
        menu.close()
