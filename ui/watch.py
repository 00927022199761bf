"""Watch: what does it do now? The live policy, large, to look at from all sides, to slow down and to push."""

from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer, Signal, SignalInstance, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from sim.render import SceneRenderer
from sim.rollout import Moment
from sim.score import PER_SECONDS, score_text
from ui import theme
from ui.controls import Button, Choices, Switch, label
from ui.live import LiveView
from ui.live_reward import LiveReward
from ui.ports import SessionPort
from ui.press_teaching import PressTeaching
from ui.readings import kl_words, learnt_words
from ui.reward_strip import RewardStrip
from ui.shortcuts import Shortcuts

REFRESH_MS = 250
"""The newest policy and the learned reward are asked for this often."""
SPEEDS = ((0.25, "\u00bc\u00d7"), (0.5, "\u00bd\u00d7"), (1.0, "1\u00d7"), (2.0, "2\u00d7"))
REAL_TIME = 2
PAUSE_WIDTH = 84
"""Room for either of its words, so that nothing beside it moves; pixels."""
TURN = 0.08
"""One press of a key turns the camera like a drag over this share of the picture's height."""
LEGEND_SHARE = 100
"""The legend takes all the room that is left on its line, before the gap that holds the hint on the right."""
LEGEND = (
    "line: learned reward of a frame, 0: random motion \u00b7 shaded: \u00b1 1 standard deviation "
    "\u00b7 bars: best and worst moment"
)
HINT = (
    "Drag to turn, with Ctrl to move \u00b7 wheel to zoom \u00b7 Shift and drag, or the right button, to push the robot"
)


class WatchScreen(QWidget):
    """The live policy of the open session."""

    back: SignalInstance = Signal()  # type: ignore[assignment]
    problem: SignalInstance = Signal(str)  # type: ignore[assignment]
    """(str) one sentence for the banner."""

    def __init__(self, renderer: SceneRenderer, parent: QWidget | None = None) -> None:
        """Without a session at first."""
        super().__init__(parent)
        self.setObjectName("watch-screen")
        self.setAccessibleName("Watch")
        self._session: SessionPort | None = None
        self._speed = REAL_TIME
        self._paused = False
        self.live = LiveView(renderer, self)
        self.live.setObjectName("watch-live")
        self.live.set_pushable(True)
        self.live.set_running(False)
        self.live.advanced.connect(self._on_advanced)
        self.live.moment.connect(self._on_moment)
        self.strip = RewardStrip()
        self.presses = PressTeaching(renderer, self.live, self.strip)
        self.presses.problem.connect(self.problem)
        self.presses.turned.connect(self._on_turned)
        self._timer = QTimer(self, interval=REFRESH_MS)
        self._timer.timeout.connect(self._refresh)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._head())
        column.addWidget(self._attempts)
        column.addWidget(self.live, 1)
        column.addWidget(self.presses.row)
        column.addLayout(self._strip_head())
        column.addWidget(self._why_words)
        column.addWidget(self.strip)
        self._reward = LiveReward(self.live, self.strip, self._why_words)
        column.addLayout(self._controls())
        self._show_pause()
        self._speeds.choose(self._speed)

    def set_session(self, session: SessionPort | None) -> None:
        """Shows the policy of a session; None shows nothing."""
        if self._session is not None:
            self._session.changed.disconnect(self._show_counts)
        self.presses.set_session(None)
        self._session = session
        self.live.set_task(None if session is None else session.task)
        self._reward.set_session(session)
        self._title.setText("" if session is None else session.task.title)
        if session is not None:
            session.changed.connect(self._show_counts)
            self.presses.set_session(session)
            self._set_paused(False)
            self._travel.setVisible(session.task.forward is not None)
            for switch, on in (
                (self._follow, True),
                (self._trail, False),
                (self._travel, session.task.forward is not None),
                (self._side, False),
            ):
                switch.setChecked(on)
            # a new view has none of these yet, and a switch that was on already tells nothing
            self.live.set_travel(self._travel.isChecked())
            self._refresh()

    def bind_shortcuts(self, shortcuts: Shortcuts) -> None:
        """Listens to its keys, and says them in its tool tips."""
        acts: dict[str, Callable[[], None]] = {
            "play_pause": self._toggle_pause,
            "replay": self._start_again,
            "step_forward": self._step,
            "slower": self._slower,
            "faster": self._faster,
            "reset_camera": self.live.camera.reset,
            "side_view": self._side.click,
            "depth_cues": self._trail.click,
            "follow": self._follow.click,
            "distance": self._show_travel,
            "why": self._why.click,
            "orbit_left": lambda: self.live.camera.orbit(-TURN, 0.0),
            "orbit_right": lambda: self.live.camera.orbit(TURN, 0.0),
            "orbit_up": lambda: self.live.camera.orbit(0.0, TURN),
            "orbit_down": lambda: self.live.camera.orbit(0.0, -TURN),
            "zoom_in": lambda: self.live.camera.zoom(1.0),
            "zoom_out": lambda: self.live.camera.zoom(-1.0),
        }
        self._why.set_says(shortcuts.tip("why"))
        self.presses.bind_shortcuts(shortcuts)
        for name, act in acts.items():
            shortcuts.bind(name, self, act)

    def activate(self) -> None:
        """Plays."""
        self.live.set_running(True)
        self.presses.go_on()
        self._timer.start()
        self._reward.set_running(True)
        self._refresh()

    def deactivate(self) -> None:
        """Stops: nothing is played or asked for."""
        self.live.set_running(False)
        self.presses.rest()
        self._timer.stop()
        self._reward.set_running(False)

    # Building

    def _head(self) -> QHBoxLayout:
        head = QHBoxLayout()
        head.setContentsMargins(theme.GRID, theme.GRID, 2 * theme.GRID, theme.GRID)
        head.setSpacing(theme.GRID)
        leave = Button(icon="back", name="watch-back", role="quiet", says="Back to teaching")
        leave.clicked.connect(self.back)
        self._title = label("", "title", name="watch-title")
        self._about = label("", "muted", name="watch-about")
        self._counts = label("", name="watch-counts")
        head.addWidget(leave)
        head.addWidget(self._title)
        head.addSpacing(theme.GRID)
        head.addWidget(self._about)
        head.addStretch(1)
        head.addWidget(self._counts)
        self._attempts = label("", "muted", name="watch-attempts", wraps=True)
        self._attempts.setContentsMargins(2 * theme.GRID, 0, 2 * theme.GRID, theme.GRID)
        self._attempts.setAlignment(Qt.AlignmentFlag.AlignRight)
        self._attempts.hide()
        return head

    def _controls(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(2 * theme.GRID, theme.GRID, theme.GRID, 2 * theme.GRID)
        row.setSpacing(theme.GRID)
        self._pause = Button("Pause", "pause", name="watch-pause")
        self._pause.setMinimumWidth(theme.scaled(PAUSE_WIDTH))
        self._pause.clicked.connect(self._toggle_pause)
        step = Button(icon="step-forward", name="watch-step", says="One step on")
        step.clicked.connect(self._step)
        again = Button(icon="replay", name="watch-restart", says="Start again")
        again.clicked.connect(self._start_again)
        self._speeds = Choices([text for _, text in SPEEDS], name="watch-speed", says="Speed")
        self._speeds.chosen.connect(self._set_speed)
        self._follow = Switch("Follow", name="watch-follow", says="The camera follows the robot")
        self._follow.toggled.connect(self.live.camera.set_follow)
        self._trail = Switch("Trail", name="watch-trail", says="Show where the robot has just been")
        self._trail.toggled.connect(self.live.set_trail)
        self._travel = Switch(
            "Distance", name="watch-travel", says="Show how far and how fast the robot got, and where it started"
        )
        self._travel.toggled.connect(self.live.set_travel)
        self._side = Switch("Side view", name="watch-side", says="A second view from the side")
        self._side.toggled.connect(self.live.set_side_view)
        camera = Button(icon="camera", name="watch-camera", role="quiet", says="Reset the camera")
        camera.clicked.connect(self._reset_camera)
        playing: tuple[QWidget, ...] = (self._pause, step, again, self._speeds)
        looking: tuple[QWidget, ...] = (self._follow, self._trail, self._travel, self._side, camera)
        row.addWidget(self.presses.switch)
        row.addSpacing(theme.GRID)
        for widget in playing:
            row.addWidget(widget)
        for widget in looking:
            row.addWidget(widget)
        row.addStretch(1)
        return row

    def _strip_head(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(2 * theme.GRID, theme.GRID, 2 * theme.GRID, 0)
        row.addWidget(label("Learned reward", "caption"))
        self._why = Button("Why?", "why", name="watch-why", role="quiet")
        self._why.setCheckable(True)
        self._why.toggled.connect(self._on_why)
        self._legend = label(LEGEND, "muted", name="watch-legend", wraps=True)
        self._why_words = label("", name="watch-why-words", wraps=True)
        self._why_words.setContentsMargins(2 * theme.GRID, 0, 2 * theme.GRID, 0)
        for part in (self._legend, self._why_words):
            part.hide()
        row.setSpacing(theme.GRID)
        row.addWidget(self._why)
        row.addWidget(self._legend, LEGEND_SHARE)
        row.addStretch(1)
        self._hint = label(HINT, "muted", name="watch-hint")
        row.addWidget(self._hint)
        return row

    # Playing

    def _set_paused(self, on: bool) -> None:
        self._paused = on
        self.live.set_paused(on)
        self._show_pause()

    @Slot()
    def _toggle_pause(self) -> None:
        self._set_paused(not self._paused)

    def _show_pause(self) -> None:
        self._pause.setText("Play" if self._paused else "Pause")
        self._pause.show_icon("play" if self._paused else "pause")
        self._pause.set_says("Play" if self._paused else "Pause")

    @Slot()
    def _step(self) -> None:
        self._set_paused(True)
        self.live.step_once()

    @Slot()
    def _start_again(self) -> None:
        self.strip.cut()
        self.live.restart()
        self._show_counts()

    @Slot(int)
    def _set_speed(self, number: int) -> None:
        self._speed = min(max(number, 0), len(SPEEDS) - 1)
        self._speeds.choose(self._speed)
        self.live.set_speed(SPEEDS[self._speed][0])
        self.presses.set_speed(SPEEDS[self._speed][0])

    def _slower(self) -> None:
        self._set_speed(self._speed - 1)

    def _faster(self) -> None:
        self._set_speed(self._speed + 1)

    def _show_travel(self) -> None:
        """Switches it, where the task has it."""
        if self._travel.isVisible():
            self._travel.click()

    @Slot()
    def _reset_camera(self) -> None:
        self.live.camera.reset()
        self._follow.setChecked(True)

    # What is known

    @Slot()
    def _refresh(self) -> None:
        """The newest policy, and what the reward model thinks of what was played since it was last asked."""
        session = self._session
        snapshot = None if session is None else session.snapshot()
        if session is None or snapshot is None:
            self._about.setText("")
            self._show_counts()
            return
        if not self.presses.show_snapshot(snapshot):
            self.live.set_policy(snapshot.shown_policy, snapshot.shown_version)
        learnt = learnt_words(snapshot.labels, snapshot.presses)
        facts = (f"policy {snapshot.shown_version}", f"{learnt} so far", f"KL {kl_words(snapshot.reading)}")
        self._about.setText(" \u00b7 ".join(facts))
        self._show_counts()
        if self._timer.isActive():
            self._reward.ask()

    @Slot()
    def _on_advanced(self) -> None:
        if self.live.rollout is not None:
            self.strip.advance(self.live.rollout.steps)
            self.presses.advanced()

    @Slot(object)
    def _on_moment(self, moment: Moment) -> None:
        if moment in (Moment.FALL, Moment.CUT):
            self._on_advanced()
            self.strip.cut()
        self._show_counts()

    @Slot()
    def _on_turned(self) -> None:
        """Another cast plays: what was counted was of the one before."""
        if self.live.rollout is not None:
            self.live.rollout.clear_counts()
        self._refresh()

    @Slot(bool)
    def _on_why(self, on: bool) -> None:
        self._hint.setVisible(not on)
        for part in (self._legend, self._why_words):
            part.setVisible(on)
        self._reward.set_why(on)

    @Slot()
    def _show_counts(self) -> None:
        """The true score of what was played here, for a teacher who peeks."""
        session, rollout = self._session, self.live.rollout
        if session is None or rollout is None or not session.peeking or rollout.seconds_counted == 0.0:
            self._counts.setText("")
            self._attempts.hide()
            return
        rate = PER_SECONDS / rollout.seconds_counted
        self._counts.setText(
            f"{score_text(session.task, rollout.true_score)} \u00b7 {rollout.falls * rate:.1f} falls"
            f" \u00b7 over {rollout.seconds_counted:.0f} s"
        )
        self._attempts.setText(rollout.attempts.words)
        self._attempts.show()
