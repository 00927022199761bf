"""Teaching by pressing, on the Watch screen: what plays, what was pressed, and what it was taken to mean."""

from PySide6.QtCore import QObject, Signal, SignalInstance, Slot
from PySide6.QtWidgets import QHBoxLayout, QWidget

from learning.messages import Press, Snapshot
from sim.errors import UserError
from sim.render import SceneRenderer
from ui import theme
from ui.controls import Button, Switch, label
from ui.credit_ghost import CreditGhost
from ui.live import LiveView
from ui.ports import SessionPort
from ui.press_pads import PressPads
from ui.reward_strip import RewardStrip
from ui.shortcuts import Shortcuts
from ui.sides import PRESS_COLOURS, PRESS_WORDS

COUNT_PX = 120
"""Room for the number of presses."""
NOTHING_YET = "Nothing to judge yet: watch for a second first"


class PressTeaching(QObject):
    """Owns the switch, the row of pads and the small picture; plays through the screen's live view."""

    problem: SignalInstance = Signal(str)  # type: ignore[assignment]
    """(str) one sentence: a press could not be stored."""
    calibration_wanted: SignalInstance = Signal()  # type: ignore[assignment]
    """The person's reaction time is to be measured."""
    turned: SignalInstance = Signal()  # type: ignore[assignment]
    """It was switched on or off."""

    def __init__(self, renderer: SceneRenderer, live: LiveView, strip: RewardStrip) -> None:
        """Off."""
        super().__init__(live)
        self._live, self._strip = live, strip
        self._session: SessionPort | None = None
        self._speed = 1.0
        self._away = False
        """Whether another window is in front."""
        self._began_at: dict[Press, int] = {}
        self.switch = Switch("Teach by pressing", name="watch-judge", says="Reward and punish while watching")
        self.switch.toggled.connect(self._turn)
        self._ghost = CreditGhost(renderer, live)
        self.pads = PressPads()
        self.pads.began.connect(self._on_began)
        self.pads.given.connect(self._on_given)
        self.row = QWidget()
        self.row.setObjectName("press-row")
        row = QHBoxLayout(self.row)
        row.setContentsMargins(2 * theme.GRID, theme.GRID, 2 * theme.GRID, 0)
        row.setSpacing(theme.GRID)
        self._count = label("", "muted", name="press-count")
        self._count.setMinimumWidth(theme.scaled(COUNT_PX))
        self._undo = Button("Undo", "undo", name="press-undo")
        self._undo.clicked.connect(self.undo)
        reaction = Button("Reaction time", name="press-reaction", role="quiet", says="Measure your reaction time")
        reaction.clicked.connect(self.calibration_wanted)
        row.addWidget(self.pads, 1)
        row.addWidget(self._undo)
        row.addWidget(reaction)
        row.addWidget(self._count)
        self.row.hide()

    def bind_shortcuts(self, shortcuts: Shortcuts) -> None:
        """Listens to its keys."""
        self.pads.bind_shortcuts(shortcuts)
        for name, act in (("judge", self.switch.click), ("undo_press", self.undo)):
            shortcuts.bind(name, self.row.parentWidget() or self.row, act)

    @property
    def on(self) -> bool:
        """Whether what plays is judged."""
        return self._session is not None and self.switch.isChecked()

    def set_session(self, session: SessionPort | None) -> None:
        """Judges what plays in another session; off at first."""
        self.switch.setChecked(False)
        self._session = session
        self._show()

    def set_speed(self, speed: float) -> None:
        """Simulated seconds for each of the person's."""
        self._speed = speed

    def show_snapshot(self, snapshot: Snapshot) -> bool:
        """Casts who plays; returns whether that is for this object to decide."""
        if not self.on or snapshot.practising_policy is None or snapshot.practising_spread is None:
            return False
        self._live.set_cast(
            snapshot.shown_policy, snapshot.shown_version, snapshot.practising_policy, snapshot.practising_spread
        )
        self._show()
        return True

    def advanced(self) -> None:
        """The rollout went on. Who looks at another window lets nothing pass."""
        session = self._session
        if session is None or not self.on:
            return
        active = self._live.window().isActiveWindow()
        if active and self._away:
            session.pressing.watch(self._live.rollout)
        self._away = not active
        if self._away:
            return
        try:
            session.pressing.watched(self._speed)
        except UserError as error:
            self.switch.setChecked(False)
            self.problem.emit(str(error))

    def rest(self) -> None:
        """Nobody watches now: what is not seen is not let pass."""
        if self._session is not None:
            self._session.pressing.watch(None)

    def go_on(self) -> None:
        """Somebody watches again."""
        if self.on and self._session is not None:
            self._session.pressing.watch(self._live.rollout)

    @Slot()
    def undo(self) -> None:
        """Takes the newest press back."""
        if self._session is None or not self.on:
            return
        try:
            undone = self._session.pressing.undo()
        except UserError as error:
            self.problem.emit(str(error))
            return
        if undone is not None:
            self._strip.unmark()
            self._live.flash(f"Undone: {PRESS_WORDS[undone].lower()}", "muted")
        self._show()

    @Slot(bool)
    def _turn(self, on: bool) -> None:
        session = self._session
        self.row.setVisible(on)
        self._live.set_programme(on)
        self._strip.cut()
        if session is not None:
            session.pressing.watch(self._live.rollout if on else None)
        self._show()
        self.turned.emit()

    @Slot(object)
    def _on_began(self, press: Press) -> None:
        if self._live.rollout is not None:
            self._began_at[press] = self._live.rollout.steps

    @Slot(object, bool)
    def _on_given(self, press: Press, strong: bool) -> None:
        session, rollout = self._session, self._live.rollout
        if session is None or rollout is None or not self.on:
            return
        try:
            record = session.pressing.press(press, strong, self._began_at.get(press, rollout.steps))
        except UserError as error:
            self.problem.emit(str(error))
            return
        if record is None:
            self._live.flash(NOTHING_YET, "muted")
            return
        self._strip.mark(record)
        self._live.flash(f"{PRESS_WORDS[press]}{', strongly' if strong else ''}", PRESS_COLOURS[press])
        request = self._live.request()
        if request is not None:
            self._ghost.show_press(record, request)
        self._show()

    def _show(self) -> None:
        session = self._session
        newest = None if session is None else session.pressing.newest
        self._undo.setEnabled(newest is not None)
        self._undo.setText("Undo" if newest is None else f"Undo: {PRESS_WORDS[newest].lower()}")
        count = 0 if session is None else session.pressing.count
        minutes, seconds = divmod(round(0.0 if session is None else session.pressing.seconds), 60)
        self._count.setText(f"{count} press{'' if count == 1 else 'es'} in {minutes}:{seconds:02d}")
