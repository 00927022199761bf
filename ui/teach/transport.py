"""What moves through the clips: play, step, the timeline, speed, camera and cues. For one player."""

import time

from PySide6.QtCore import Signal, SignalInstance, Slot
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QWidget

from sim.framing import SideView
from ui import theme
from ui.controls import Button, Choices, label
from ui.pair_player import PairPlayer
from ui.playback import FRAGMENT_SPEED, SPEEDS
from ui.shortcuts import Shortcuts
from ui.timeline import Timeline
from ui.why_curve import WhyPanel

TIME_SECONDS = 0.12
"""While it plays, the time is told so often: each new text has the whole screen laid out anew."""
SPEED_SIGNS = ("\u00bc\u00d7", "\u00bd\u00d7", "1\u00d7", "2\u00d7")
"""As SPEEDS."""
TIME_WIDTH = 96


class Transport(QWidget):
    """Two rows: the timeline (with the answer to "Why?" above it), and everything else on its line."""

    looks_changed: SignalInstance = Signal()  # type: ignore[assignment]
    """Speed or cues were chosen by the person."""
    why_wanted: SignalInstance = Signal(bool)  # type: ignore[assignment]

    def __init__(self, player: PairPlayer, shortcuts: Shortcuts) -> None:
        """Drives `player`, by mouse and by key."""
        super().__init__()
        self._player, self._shortcuts = player, shortcuts
        self.timeline = Timeline()
        self.why_panel = WhyPanel(self.timeline)
        self.why_panel.hide()
        self._play = _tool("pause", "play")
        self._back, self._on = _tool("step-back", "step-back"), _tool("step-forward", "step-forward")
        self._replay = _tool("replay", "replay")
        self._time = label("", "muted", name="time")
        self._time.setMinimumWidth(theme.scaled(TIME_WIDTH))
        self._time_told_at = 0.0
        self._speeds = Choices(SPEED_SIGNS, name="speed", says="Speed")
        self.side_view, self.depth_cues = (
            _tool("side-view", "side-view", checks=True),
            _tool("depth", "cues", checks=True),
        )
        self._camera = _tool("camera", "camera")
        self.why = Button("Why?", "why", name="why", role="quiet")
        self.why.setCheckable(True)
        self._lay_out()
        self._connect()
        self._say_keys()
        self.show_position()

    def set_looks(self, speed: float, *, side_view: SideView | bool, depth_cues: bool, free: bool = True) -> None:
        """How it was when the program was last used; the cues can be changed if they are `free`."""
        for tool in (self.side_view, self.depth_cues):
            tool.setEnabled(free)
        self.side_view.setChecked(bool(side_view))
        self.depth_cues.setChecked(depth_cues)
        self._player.set_cues(side_view=side_view, depth_cues=depth_cues)
        self._player.set_speed(speed if speed in SPEEDS else FRAGMENT_SPEED)
        self.show_position()

    @Slot()
    def show_position(self) -> None:
        """The player moved, or plays something else."""
        playback, pair = self._player.playback, self._player.pair
        self._speeds.choose(SPEEDS.index(self._player.speed))
        self._play.show_icon("pause" if self._player.playing else "play")
        if playback is None or pair is None:
            self.timeline.setEnabled(False)
            self._time.setText("")
            return
        self.timeline.set_lengths(len(pair.left), len(pair.right))
        if not self.timeline.isSliderDown():
            self.timeline.setValue(playback.frame)
        self.timeline.update()
        if self.why_panel.isVisible():
            self.why_panel.curve.update()
        now = time.monotonic()
        if not self._player.playing or now - self._time_told_at >= TIME_SECONDS:
            self._time_told_at = now
            self._time.setText(f"{playback.seconds:.2f} / {playback.total_seconds:.2f} s")

    def bind(self, screen: QWidget) -> None:
        """Listens to the keys while `screen` is seen."""
        for name, act in {
            "play_pause": self._player.toggle,
            "replay": self._player.replay,
            "step_back": self._on_step_back,
            "step_forward": self._on_step_on,
            "slower": self._on_slower,
            "faster": self._on_faster,
            "reset_camera": self._player.reset_camera,
            "side_view": self.side_view.click,
            "depth_cues": self.depth_cues.click,
        }.items():
            self._shortcuts.bind(name, screen, act)

    def _lay_out(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(4)
        grid.addWidget(self.why_panel, 0, 0, 1, 2)
        grid.addWidget(self.timeline, 1, 0)
        grid.addWidget(self._time, 1, 1)
        tools = QHBoxLayout()
        tools.setSpacing(2)
        for tool in (self._play, self._replay, self._back, self._on):
            tools.addWidget(tool)
        tools.addSpacing(2 * theme.GRID)
        tools.addWidget(self._speeds)
        tools.addStretch(1)
        tools.addWidget(self.why)
        tools.addSpacing(theme.GRID)
        for tool in (self.depth_cues, self.side_view, self._camera):
            tools.addWidget(tool)
        grid.addLayout(tools, 2, 0, 1, 2)

    def _connect(self) -> None:
        self._player.moved.connect(self.show_position)
        self.timeline.sliderMoved.connect(self._player.seek)
        self._play.clicked.connect(self._player.toggle)
        self._replay.clicked.connect(self._player.replay)
        self._back.clicked.connect(self._on_step_back)
        self._on.clicked.connect(self._on_step_on)
        self._camera.clicked.connect(self._player.reset_camera)
        self._speeds.chosen.connect(self._on_speed)
        self.side_view.clicked.connect(self._on_cues)
        self.depth_cues.clicked.connect(self._on_cues)
        self.why.clicked.connect(self._on_why)
        self._shortcuts.changed.connect(self._say_keys)

    @Slot()
    def _say_keys(self) -> None:
        for button, action in (
            (self._play, "play_pause"),
            (self._replay, "replay"),
            (self._back, "step_back"),
            (self._on, "step_forward"),
            (self._camera, "reset_camera"),
            (self.side_view, "side_view"),
            (self.depth_cues, "depth_cues"),
            (self.why, "why"),
        ):
            button.set_says(self._shortcuts.tip(action))

    @Slot(int)
    def _on_speed(self, number: int) -> None:
        self._player.set_speed(SPEEDS[number])
        self.looks_changed.emit()

    @Slot()
    def _on_slower(self) -> None:
        self._player.change_speed(-1)
        self.looks_changed.emit()

    @Slot()
    def _on_faster(self) -> None:
        self._player.change_speed(1)
        self.looks_changed.emit()

    @Slot()
    def _on_step_back(self) -> None:
        self._player.step(-1)

    @Slot()
    def _on_step_on(self) -> None:
        self._player.step(1)

    @Slot()
    def _on_cues(self) -> None:
        self._player.set_cues(side_view=self.side_view.isChecked(), depth_cues=self.depth_cues.isChecked())
        self.looks_changed.emit()

    @Slot(bool)
    def _on_why(self, on: bool) -> None:
        self.why_panel.setVisible(on)
        self.why_wanted.emit(on)


def _tool(icon: str, name: str, *, checks: bool = False) -> Button:
    made = Button(icon=icon, name=name, role="quiet")
    made.setCheckable(checks)
    made.setFixedWidth(36)
    return made
