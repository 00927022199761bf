"""The Teach screen: two clips, four answers, and what comes of them."""

from functools import partial

from PySide6.QtCore import Qt, QTimer, Signal, SignalInstance, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from learning.messages import Choice, Pair, PairKind
from sim.render import SceneRenderer
from ui import theme
from ui.controls import Button, label
from ui.pair_player import PairPlayer
from ui.ports import REDUCED_MOTION, Failure, SessionPort, StudioPort
from ui.shortcuts import Shortcuts
from ui.sides import ACTIONS
from ui.teach.acts import Acts
from ui.teach.answers import AnswerBar
from ui.teach.cards import Cards
from ui.teach.flag import FlagButton
from ui.teach.foot import Foot
from ui.teach.guidance import Guidance
from ui.teach.guidelines import ACTION as GUIDELINES
from ui.teach.header import Header
from ui.teach.looks import Looks
from ui.teach.portrait import Portrait
from ui.teach.report import Report
from ui.teach.resumed import ResumedLine
from ui.teach.reveal import Reveal
from ui.teach.side import SideColumn
from ui.teach.tour import Tour
from ui.teach.transport import Transport
from ui.teach.why import Why

POLL_MS = 80
"""Snapshots are looked at so often."""
AUDITION = "Policy comparison: the better policy is kept."
NO_PAIR_YET = "Preparing the first clips"
NO_NEXT_PAIR = "The next pair is being made from your answer"


class TeachScreen(QWidget):
    """Shows one open session. Every answer is on disk before the next pair appears."""

    back: SignalInstance = Signal()  # type: ignore[assignment]
    watch_wanted: SignalInstance = Signal()  # type: ignore[assignment]
    meter_wanted: SignalInstance = Signal()  # type: ignore[assignment]
    export_wanted: SignalInstance = Signal()  # type: ignore[assignment]
    help_wanted: SignalInstance = Signal()  # type: ignore[assignment]
    problem: SignalInstance = Signal(str)  # type: ignore[assignment]
    """(str) one sentence for the banner."""

    def __init__(self, studio: StudioPort, renderer: SceneRenderer, shortcuts: Shortcuts, parent: QWidget) -> None:
        """Empty until `set_session`."""
        super().__init__(parent)
        self.setObjectName("teach")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._studio, self._renderer, self._shortcuts = studio, renderer, shortcuts
        self._session: SessionPort | None = None

        self.player = PairPlayer(renderer)
        self._header = Header(shortcuts)
        self._question = label("", "title", name="question")
        self._decides = label(AUDITION, "accent", name="audition", wraps=True)
        self._resumed = ResumedLine()
        self._guidance = Guidance(studio)
        self._how = Button("Guidelines", "info", name="guidelines", role="quiet", says=shortcuts.tip(GUIDELINES))
        self._transport = Transport(self.player, shortcuts)
        self._bar = AnswerBar(shortcuts)
        self._flag = FlagButton(shortcuts)
        self._foot = Foot()
        self._report = Report(self._header, self._resumed, self._foot, self.player)
        self._side = SideColumn(renderer)
        reveal = Reveal(renderer, shortcuts, self)
        self._tour = Tour(self.player, self._side.now.live, reveal)
        self.looks = Looks(studio, self.player, self._transport, self._tour)
        self._portrait = Portrait(renderer)
        self._lay_out()
        self.cards = Cards(renderer, shortcuts, self, reveal)
        self.acts = Acts(self.player, self.cards, self._tour)
        self._why = Why(self.player, self._transport, self.cards.amend)
        self._poll = QTimer(self)
        self._poll.setInterval(POLL_MS)
        self._poll.timeout.connect(self._on_poll)
        self._connect()
        self._bind()
        self.set_session(None)

    # What the window calls

    @property
    def shown_pair(self) -> Pair | None:
        """The pair that was seen and whose answer is awaited; None if there is none."""
        return self.acts.shown_pair

    def set_session(self, session: SessionPort | None) -> None:
        """Teaches in another session; None shows nothing."""
        if self._session is not None:
            self._session.changed.disconnect(self._on_changed)
            self._session.failed.disconnect(self._on_failed)
        for part in (self.cards, self.acts, self._why, self._report):
            part.set_session(session)
        self._session = session
        task = session.task if session is not None else None
        self.looks.task = task
        self.player.set_task(task)
        self._side.now.set_task(task)
        self._portrait.set_task(task)
        self._tour.set_session(session, moving=not self._studio.setting(REDUCED_MOTION))
        self.looks.restore()
        if session is None or task is None:
            return
        session.changed.connect(self._on_changed)
        session.failed.connect(self._on_failed)
        self._header.set_title(task.title)
        self._question.setText(task.question)
        self.player.clear(NO_PAIR_YET)
        self._guidance.hide()
        if not self._tour.isVisibleTo(self):
            self._guidance.show_for(task)
        self._on_peeking()
        self._on_changed()

    def activate(self) -> None:
        """Comes on screen."""
        self.player.set_running(True)
        self._side.now.live.set_running(True)
        self._poll.start()
        self._tour.activate()
        self._on_poll()

    def deactivate(self) -> None:
        """Leaves the screen: nothing runs."""
        self.cards.close_all()
        self._poll.stop()
        self.cards.close_all()
        self._renderer.set_sparing(False)
        self.player.set_running(False)
        self._side.now.live.set_running(False)

    def picture(self) -> bytes | None:
        """A picture of the robot as PNG; None while there is none."""
        return self._portrait.png()

    # What the person does

    @Slot(object)
    def _on_answered(self, choice: Choice) -> None:
        self.player.light(choice)
        self._bar.light(choice)

    @Slot()
    def _on_card_opening(self) -> None:
        self.player.set_running(False)

    @Slot()
    def _on_card_closed(self) -> None:
        for moving in (self.player, self._side.now.live):
            moving.set_running(self._poll.isActive())

    # What the program does

    @Slot()
    def _on_changed(self) -> None:
        """Something rare changed: status, answers, pairs."""
        session = self._session
        if session is None:
            return
        history = session.history(1_000_000)
        self._report.count(history)
        self.acts.note_flags(history)
        self._side.show_answers(history, session.undoable)
        self._side.show_peeking(session.peeking)
        self._show_pairs(session)
        self._on_poll()

    def _show_pairs(self, session: SessionPort) -> None:
        pairs = session.pairs()
        if not pairs:
            self.player.clear(NO_NEXT_PAIR if self._report.answers else NO_PAIR_YET)
            return
        self.player.show_pair(pairs[0])
        self._decides.setVisible(pairs[0].kind is PairKind.AUDITION)
        if len(pairs) > 1:
            self.player.prepare(pairs[1])

    @Slot(object)
    def _on_shown(self, pair: Pair) -> None:
        """The pair can be seen: from now on its answer counts."""
        self._portrait.consider(pair)
        self._show_flag()
        self._why.ask()

    @Slot(object)
    def _on_failed(self, failure: Failure) -> None:
        self._report.note_failure(failure)
        self._on_poll()

    @Slot()
    def _on_peeking(self) -> None:
        peeking = self._session is not None and self._session.peeking
        self._side.show_peeking(peeking)
        self._on_poll()

    @Slot()
    def _on_poll(self) -> None:
        """Looks at the newest snapshot."""
        session = self._session
        if session is None:
            return
        snapshot = session.snapshot()
        # while it practises; the teacher looks at a pair for longer, and the next one is drawn in the rest of that time
        self._renderer.set_sparing(self._report.practises(snapshot))
        if snapshot is not None:
            self._side.now.show_snapshot(snapshot, peeking=session.peeking)
        self._tour.look(snapshot, self._report.answers)
        self._side.show_metrics(session.metrics())
        ready = self.player.pair is not None and not self._tour.trains
        self._bar.set_ready(ready and not session.waits_to_store)
        self._report.look(snapshot)

    @Slot()
    def _show_flag(self) -> None:
        pair = self.player.pair
        self._flag.show_flag(on=pair is not None and self.acts.is_flagged(pair))

    # How it is put together

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The right column keeps its share."""
        super().resizeEvent(event)
        self._side.fit(self.width())

    def _lay_out(self) -> None:
        grid = theme.GRID
        main = QVBoxLayout()
        main.setContentsMargins(2 * grid, grid, 2 * grid, grid)
        main.setSpacing(grid)
        main.addWidget(self._header)
        asked = QHBoxLayout()
        asked.setSpacing(2 * grid)
        asked.addWidget(self._question)
        asked.addWidget(self._decides, 1)
        asked.addStretch(0)
        asked.addWidget(self._how)
        self._decides.hide()
        main.addWidget(self._resumed.label)
        main.addLayout(asked)
        main.addWidget(self._tour)
        main.addWidget(self._guidance)
        main.addWidget(self.player, 1)
        main.addWidget(self._transport)
        answers = QHBoxLayout()
        answers.setSpacing(grid)
        answers.addWidget(self._bar, 1)
        answers.addWidget(self._flag)
        main.addLayout(answers)
        main.addWidget(self._foot)

        whole = QHBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(main, 1)
        whole.addWidget(self._side)

    def _connect(self) -> None:
        self._header.back.connect(self.back)
        self._header.watch.connect(self.watch_wanted)
        self._header.meter.connect(self.meter_wanted)
        self._header.export.connect(self.export_wanted)
        self._header.help.connect(self.help_wanted)
        for teller in (self._guidance, self._tour, self.looks, self.cards, self.acts, self._why):
            teller.problem.connect(self.problem)
        self.player.shown.connect(self._on_shown)
        self._side.turned.connect(self._on_poll)
        self._connect_acts()
        self._connect_cards()

    def _connect_acts(self) -> None:
        now, acts = self._side.now, self.acts
        self._header.pause.connect(acts.pause)
        self._tour.peek_wanted.connect(acts.peek)
        self._bar.answered.connect(acts.answer)
        self._flag.clicked.connect(acts.flag)
        self._side.undo.connect(acts.undo)
        now.peek_wanted.connect(acts.peek)
        now.fresh_wanted.connect(acts.ask_fresh)
        now.compare_wanted.connect(acts.compare)
        acts.answered.connect(self._on_answered)
        acts.flag_turned.connect(self._show_flag)
        acts.peek_turned.connect(self._on_peeking)

    def _connect_cards(self) -> None:
        cards = self.cards
        self._side.now.progress.then_and_now.connect(cards.open_then_now)
        self._side.strip.opened.connect(cards.open_answer)
        self._how.clicked.connect(cards.toggle_guidelines)
        self._guidance.examples_wanted.connect(cards.toggle_guidelines)
        cards.opening.connect(self._on_card_opening)
        cards.closed.connect(self._on_card_closed)

    def _bind(self) -> None:
        for choice, name in ACTIONS.items():
            self._shortcuts.bind(name, self, partial(self.acts.answer, choice))
        for name, act in {
            "undo": self.acts.undo,
            "flag": self.acts.flag,
            GUIDELINES: self.cards.toggle_guidelines,
            "pause_learning": self.acts.pause,
            "peek": self._side.now.peek.click,
            "plots": self._side.toggle,
            "why": self._why.toggle,
            "then_and_now": self.cards.open_then_now,
            "compare_untried": self._side.now.untried.compare.click,
            "watch": self.watch_wanted.emit,
            "meter": self.meter_wanted.emit,
            "export": self.export_wanted.emit,
        }.items():
            self._shortcuts.bind(name, self, act)
        self._transport.bind(self)
