"""A task's guidelines, with a good and a bad example that move, over the Teach screen."""

from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from sim.clip import Clip
from sim.errors import ClipError
from sim.examples import Example, caption, example
from sim.render import SceneRenderer
from sim.task import Task
from ui import theme
from ui.controls import Button, label
from ui.cover import Cover
from ui.shortcuts import Shortcuts
from ui.state_view import StateView
from ui.teach.guidance import numbered

ACTION = "guidelines"
"""The action that opens and closes them."""
REST_SECONDS = 0.5
"""Between two loops of an example, which rests on its last frame."""
MARKS = {Example.GOOD: ("\u2713 Good", "good"), Example.BAD: ("\u2717 Bad", "danger")}
"""What stands in an example's corner, and its colour: a sign tells them apart as well."""
MADE = "Recorded in simulation, not from your session."
NO_EXAMPLE = "There is no example of this robot."


class ExampleView(QWidget):
    """One example, in a loop, with a sentence that says what it shows."""

    def __init__(self, renderer: SceneRenderer, which: Example) -> None:
        """Shows nothing yet."""
        super().__init__()
        self.setObjectName(f"example-{which}")
        mark, tone = MARKS[which]
        self._which = which
        self.view = StateView(renderer, name=f"example-view-{which}", says=f"{which} example", mark=mark, tone=tone)
        self._caption = label("", name=f"example-caption-{which}", wraps=True)
        self._task: Task | None = None
        self._clip: Clip | None = None
        self._frame = 0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._on_tick)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(theme.GRID)
        box.addWidget(self.view, 1)
        box.addWidget(self._caption)

    @property
    def frame(self) -> int:
        """The frame of the example that is shown."""
        return self._frame

    @property
    def playing(self) -> bool:
        """Whether it moves."""
        return self._timer.isActive()

    def play(self, task: Task) -> None:
        """Plays a task's example from its start."""
        self._task, self._frame = task, 0
        self._caption.setText(caption(task, self._which))
        try:
            self._clip = example(task, self._which)
        except ClipError:
            self._clip = None
            self.view.clear(NO_EXAMPLE)
            return
        self._timer.start(round(1000 * self._clip.control_dt))
        self._show()

    def set_moving(self, on: bool) -> None:
        """Goes on, or stands still."""
        if on and self._clip is not None:
            self._timer.start()
        else:
            self._timer.stop()

    def stop(self) -> None:
        """Ends it: nobody looks."""
        self._timer.stop()
        self._clip = None
        self.view.clear()

    @Slot()
    def _on_tick(self) -> None:
        if self._clip is not None:
            rest = round(REST_SECONDS / self._clip.control_dt)
            self._frame = (self._frame + 1) % (len(self._clip) + rest)
            self._show()

    def _show(self) -> None:
        if self._clip is not None and self._task is not None and self._frame < len(self._clip):
            self.view.show_state(self._task, self._clip.states[self._frame], self._task.camera)


class Guidelines(Cover):
    """Opened and closed by one key; Space stops and moves the examples."""

    most = (1800, 1200)

    def __init__(self, renderer: SceneRenderer, shortcuts: Shortcuts, parent: QWidget) -> None:
        """Hidden at first."""
        super().__init__(shortcuts, parent, name="guidelines-card", says="Guidelines", own=(ACTION,))
        self._title = label("", "title", name="guidelines-title")
        self._lines = [label("", name=f"guideline-{number}", wraps=True) for number in range(1, 4)]
        self.examples = [ExampleView(renderer, which) for which in Example]
        close = Button(icon="close", name="guidelines-close", role="quiet", says="Close (Esc)")
        close.clicked.connect(self.close_card)
        head = QHBoxLayout()
        head.addWidget(self._title, 1)
        head.addWidget(close)
        self.box.addLayout(head)
        self.box.addLayout(numbered(self._lines))
        across = QHBoxLayout()
        across.setSpacing(2 * theme.GRID)
        for one in self.examples:
            across.addWidget(one, 1)
        self.box.addLayout(across, 1)
        self.box.addWidget(label(MADE, "muted"))
        self.closed.connect(self._on_closed)

    def open_for(self, task: Task) -> None:
        """Shows the guidelines of a task."""
        self._title.setText(f"{task.title}: {task.question}")
        for line, text in zip(self._lines, task.guidance, strict=True):
            line.setText(text)
        self.setAccessibleName(f"Guidelines. {' '.join(task.guidance)}")
        self.uncover()
        for one in self.examples:
            one.play(task)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space stops both examples, or lets them go on."""
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            moving = any(one.playing for one in self.examples)
            for one in self.examples:
                one.set_moving(not moving)
        else:
            super().keyPressEvent(event)

    @Slot()
    def _on_closed(self) -> None:
        for one in self.examples:
            one.stop()
