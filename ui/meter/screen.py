"""The Meter: every policy so far, how far it strayed, what it is worth, how it moves, and the way back to it."""

from collections.abc import Callable

from PySide6.QtCore import QTimer, Signal, SignalInstance, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from learning.messages import MeterPoint, PenaltyMode, Snapshot, Steering, SteeringKind
from sim.errors import UserError
from sim.render import SceneRenderer
from ui import theme
from ui.controls import Button, Switch, label, rule
from ui.live import LiveView
from ui.meter.curve import MeterCurve
from ui.meter.numbers import PolicyNumbers
from ui.meter.penalty import PenaltyControls
from ui.offers import AlarmOffer
from ui.ports import SessionPort
from ui.shortcuts import Shortcuts

REFRESH_MS = 250
SIDE_PX = 320
"""Width of the numbers and buttons, at most,"""
SHARES = (2, 1)
"""and the shares of robots and curve, and of these, in a window that is too narrow for that."""
UNDO_WORDS = {
    SteeringKind.REFERENCE: "measuring from policy {version}",
    SteeringKind.PENALTY: "KL penalty {mode}",
    SteeringKind.GO_BACK: "going back to policy {version}",
    SteeringKind.FRESH_PAIRS: "asking for fresh pairs",
}


class MeterScreen(QWidget):
    """Two robots, the curve under them, and beside it the numbers of the policy under the cursor."""

    back: SignalInstance = Signal()  # type: ignore[assignment]
    problem: SignalInstance = Signal(str)  # type: ignore[assignment]
    """(str) one sentence for the banner."""

    def __init__(self, renderer: SceneRenderer, parent: QWidget | None = None) -> None:
        """Without a session at first."""
        super().__init__(parent)
        self.setObjectName("meter-screen")
        self.setAccessibleName("Meter")
        self._session: SessionPort | None = None
        self._points: list[MeterPoint] = []
        self._chosen: int | None = None
        """Version of the policy under the cursor; None is the shown one, whichever that is."""
        self._drawn: tuple[object, ...] = ()
        self.then, self.now = LiveView(renderer, self), LiveView(renderer, self)
        self.then.setObjectName("meter-then")
        self.now.setObjectName("meter-now")
        self._then_caption, self._now_caption = label("", "caption"), label("", "caption", name="meter-now-caption")
        self._then_caption.setObjectName("meter-then-caption")
        self.curve = MeterCurve()
        self.curve.chosen.connect(self.choose)
        self.penalty = PenaltyControls()
        self.penalty.wanted.connect(self._set_penalty)
        self._timer = QTimer(self, interval=REFRESH_MS)
        self._timer.timeout.connect(self._refresh)
        panes = QHBoxLayout()
        panes.setSpacing(2 * theme.GRID)
        for caption, view in ((self._then_caption, self.then), (self._now_caption, self.now)):
            view.set_running(False)
            column = QVBoxLayout()
            column.setSpacing(4)
            column.addWidget(caption)
            column.addWidget(view, 1)
            panes.addLayout(column, 1)
        left = QVBoxLayout()
        left.setSpacing(2 * theme.GRID)
        left.addLayout(panes, 3)
        left.addWidget(self.curve, 2)
        middle = QHBoxLayout()
        middle.setContentsMargins(2 * theme.GRID, 0, 2 * theme.GRID, 2 * theme.GRID)
        middle.setSpacing(3 * theme.GRID)
        middle.addLayout(left, SHARES[0])
        middle.addWidget(self._side(), SHARES[1])
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(self._head())
        whole.addLayout(middle, 1)

    def set_session(self, session: SessionPort | None) -> None:
        """Shows the policies of a session; None shows nothing."""
        if self._session is not None:
            self._session.changed.disconnect(self._on_changed)
        self._session = session
        self._points, self._chosen, self._drawn = [], None, ()
        for view in (self.then, self.now):
            view.set_task(None if session is None else session.task)
        self._title.setText("" if session is None else session.task.title)
        if session is not None:
            session.changed.connect(self._on_changed)
        self._refresh()

    def bind_shortcuts(self, shortcuts: Shortcuts) -> None:
        """Listens to its keys."""
        acts: dict[str, Callable[[], None]] = {
            "earlier": lambda: self._move(-1),
            "later": lambda: self._move(1),
            "surest": self.choose_best,
            "go_back": self._go_back,
            "measure_from": self._measure_from,
            "undo_steering": self._undo,
            "peek_meter": self.peek.click,
        }
        for name, act in acts.items():
            shortcuts.bind(name, self, act)
        tips = {"meter-best": "surest", "meter-go-back": "go_back", "meter-pin": "measure_from"}
        for button in self.findChildren(Button):
            if button.objectName() in tips:
                button.set_says(shortcuts.tip(tips[button.objectName()]))

    def activate(self) -> None:
        """Plays."""
        for view in (self.then, self.now):
            view.set_running(True)
        self._timer.start()
        self._refresh()

    def deactivate(self) -> None:
        """Stops."""
        for view in (self.then, self.now):
            view.set_running(False)
        self._timer.stop()

    @property
    def point(self) -> MeterPoint | None:
        """The policy under the cursor."""
        snapshot = None if self._session is None else self._session.snapshot()
        wanted = self._chosen if self._chosen is not None or snapshot is None else snapshot.shown_version
        return next((point for point in self._points if point.version == wanted), None)

    @Slot(int)
    def choose(self, version: int) -> None:
        """Puts the cursor on a policy."""
        self._chosen = version
        self._refresh()

    @Slot()
    def choose_best(self) -> None:
        """Puts the cursor on the best: by the true score for who peeks, else by the learned reward less its doubt."""
        if not self._points or self._session is None:
            return
        peeking = self._session.peeking

        def worth(point: MeterPoint) -> float:
            return point.true_score if peeking else point.learned_reward - point.learned_reward_std

        self.choose(max(self._points, key=worth).version)

    def _move(self, by: int) -> None:
        point = self.point
        if point is not None:
            at = self._points.index(point) + by
            self.choose(self._points[min(max(at, 0), len(self._points) - 1)].version)

    # Building

    def _head(self) -> QHBoxLayout:
        head = QHBoxLayout()
        head.setContentsMargins(theme.GRID, theme.GRID, 2 * theme.GRID, theme.GRID)
        head.setSpacing(theme.GRID)
        leave = Button(icon="back", name="meter-back", role="quiet", says="Back to teaching")
        leave.clicked.connect(self.back)
        self._title = label("", "title", name="meter-title")
        self.peek = Switch("Peek", name="meter-peek", says="Peek at the true score")
        self.peek.clicked.connect(self._set_peek)
        head.addWidget(leave)
        head.addWidget(self._title)
        head.addWidget(label("Is the learned reward gamed, and since which policy?", "muted"))
        head.addStretch(1)
        head.addWidget(self.peek)
        return head

    def _side(self) -> QWidget:
        side = QWidget()
        side.setMaximumWidth(theme.scaled(SIDE_PX))
        box = QVBoxLayout(side)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(theme.GRID)
        self._numbers = PolicyNumbers()
        best = Button("Cursor on the best", "flag", name="meter-best")
        best.clicked.connect(self.choose_best)
        self._back_button = Button(
            "Go back to this policy", "replay", name="meter-go-back", role="primary", colour="on_accent"
        )
        self._back_button.clicked.connect(self._go_back)
        self._pin = Button("Measure from this policy", "meter", name="meter-pin")
        self._pin.clicked.connect(self._measure_from)
        self._undo_button = Button("Undo", "undo", name="meter-undo")
        self._undo_button.clicked.connect(self._undo)
        self._alarm = AlarmOffer("meter-alarm", "meter-fresh", "equal")
        self._alarm.wanted.connect(self._ask_fresh)
        box.addWidget(self._numbers)
        box.addWidget(self._alarm)
        box.addWidget(rule())
        for button in (best, self._back_button, self._pin, self._undo_button):
            box.addWidget(button)
        box.addWidget(rule())
        box.addWidget(self.penalty)
        box.addStretch(1)
        return side

    # What the person does

    @Slot()
    def _go_back(self) -> None:
        point = self.point
        if point is not None and self._back_button.isEnabled():
            self._do(lambda session: session.steering.go_back(point.version))

    @Slot()
    def _measure_from(self) -> None:
        point = self.point
        if point is not None and self._pin.isEnabled():
            self._do(lambda session: session.steering.measure_from(point.version))

    @Slot()
    def _ask_fresh(self) -> None:
        """Back to Teach, where they come next."""
        if self._do(lambda session: session.steering.ask_fresh()):
            self.back.emit()

    @Slot()
    def _undo(self) -> None:
        self._do(lambda session: session.steering.undo())

    @Slot(object, object)
    def _set_penalty(self, mode: PenaltyMode, value: float | None) -> None:
        self._do(lambda session: session.steering.set_penalty(mode, value))

    @Slot(bool)
    def _set_peek(self, on: bool) -> None:
        self._do(lambda session: session.set_peek(on))

    def _do(self, act: Callable[[SessionPort], object]) -> bool:
        """Whether it could be stored."""
        if self._session is None:
            return False
        try:
            act(self._session)
        except UserError as error:
            self.problem.emit(str(error))
            return False
        finally:
            self._refresh()
        return True

    # What is known

    @Slot()
    def _on_changed(self) -> None:
        """An answer on Teach must not wait for a curve that nobody sees."""
        if self._timer.isActive():
            self._refresh()

    @Slot()
    def _refresh(self) -> None:
        session = self._session
        snapshot = None if session is None else session.snapshot()
        if session is None or snapshot is None:
            self._show_nothing()
            return
        self._points = session.curve()
        self.peek.setChecked(session.peeking)
        self.penalty.show_set(*session.steering.penalty())
        self.penalty.show_snapshot(snapshot)
        self._show_undo(session.steering.newest)
        self._alarm.show_alarm(snapshot.alarm)
        self.now.set_policy(snapshot.shown_policy, snapshot.shown_version)
        self._now_caption.setText(f"Shown now: policy {snapshot.shown_version}")
        self._show_point(session, snapshot, self.point)
        readings = tuple((point.version, point.reading) for point in self._points)
        drawn = (self._chosen, snapshot.shown_version, session.peeking, readings)
        if drawn != self._drawn:
            self._drawn = drawn
            cursor = None if self.point is None else self.point.version
            self.curve.show_points(self._points, cursor, snapshot.shown_version, peeking=session.peeking)

    def _show_nothing(self) -> None:
        self._numbers.show_nothing()
        self._alarm.show_alarm(None)
        for caption in (self._then_caption, self._now_caption):
            caption.setText("")
        for button in (self._back_button, self._pin, self._undo_button):
            button.setEnabled(False)
        self.curve.show_points((), None, peeking=False)

    def _show_point(self, session: SessionPort, snapshot: Snapshot, point: MeterPoint | None) -> None:
        self._back_button.setEnabled(point is not None and point.version != snapshot.shown_version)
        self._pin.setEnabled(point is not None and point.version != snapshot.reference_version)
        if point is None:
            self._numbers.show_nothing()
            return
        self._numbers.show_point(session.task, point, snapshot, peeking=session.peeking)
        self._then_caption.setText(f"At the cursor: policy {point.version}")
        self.then.set_policy(point.policy, point.version, newest=False)

    def _show_undo(self, newest: Steering | None) -> None:
        self._undo_button.setEnabled(newest is not None)
        words = "" if newest is None else f": {steering_words(newest)}"
        self._undo_button.setText(f"Undo{words}")


def steering_words(event: Steering) -> str:
    """What an event did, in a few words."""
    if event.kind is SteeringKind.FRESH_PAIRS and event.version is not None:
        return f"asking to compare policy {event.version}"
    return UNDO_WORDS[event.kind].format(version=event.version, mode=event.mode)
