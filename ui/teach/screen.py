"""The Teach screen: two clips, four answers, and what comes of them."""

import logging
import time
from functools import partial

from PySide6.QtCore import Qt, QTimer, Signal, SignalInstance, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from learning.messages import Choice, Pair, PairKind, Phase, Snapshot
from sim.errors import UserError
from sim.render import SceneRenderer
from ui import theme
from ui.clip_speeds import clip_speed, keep_clip_speed
from ui.controls import Button, label
from ui.overlay import Overlay
from ui.pair_player import PairPlayer
from ui.ports import REDUCED_MOTION, Failure, LabelRecord, SessionPort, StudioPort, WorkerStatus
from ui.shortcuts import Shortcuts
from ui.sides import ACTIONS
from ui.teach.amend import AmendCard
from ui.teach.answers import AnswerBar
from ui.teach.foot import Foot
from ui.teach.guidance import Guidance
from ui.teach.guidelines import ACTION as GUIDELINES
from ui.teach.guidelines import Guidelines
from ui.teach.header import Header
from ui.teach.portrait import Portrait
from ui.teach.resumed import ResumedLine
from ui.teach.reveal import Reveal
from ui.teach.side import SideColumn
from ui.teach.status import Situation, describe
from ui.teach.then_now import ThenNow
from ui.teach.tour import Tour
from ui.teach.transport import Transport
from ui.why_asking import ask_why

log = logging.getLogger(__name__)

POLL_MS = 80
"""Snapshots are looked at so often."""
SIDE_SETTING, CUES_SETTING = "side_view", "depth_cues"
AUDITION = "Policy comparison: your answer decides which of the two policies is trained further."
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
        self._failure: Failure | None = None
        self._opened_at = self._shown_at = time.monotonic()
        self._flagged: set[int] = set()
        self._answers = self._cannot_tell = 0

        self.player = PairPlayer(renderer)
        self._header = Header(shortcuts)
        self._question = label("", "title", name="question")
        self._decides = label(AUDITION, "accent", name="audition", wraps=True)
        self._resumed = ResumedLine()
        self._guidance = Guidance(studio)
        self._how = Button("Guidelines", "info", name="guidelines", role="quiet", says=shortcuts.tip(GUIDELINES))
        self._transport = Transport(self.player, shortcuts)
        self._bar = AnswerBar(shortcuts)
        self._flag = Button(icon="flag", name="flag", says=shortcuts.tip("flag"))
        self._flag.setCheckable(True)
        self._foot = Foot()
        self._side = SideColumn(renderer)
        self._reveal = Reveal(renderer, shortcuts, self)
        self._tour = Tour(self.player, self._side.now.live, self._reveal)
        self._portrait = Portrait(renderer)
        self._lay_out()
        self._amend = AmendCard(renderer, shortcuts, self)
        self._guidelines = Guidelines(renderer, shortcuts, self)
        self._then_now = ThenNow(renderer, shortcuts, self)
        self._poll = QTimer(self)
        self._poll.setInterval(POLL_MS)
        self._poll.timeout.connect(self._on_poll)
        self._connect()
        self._bind()
        self.restore_looks()
        self.set_session(None)

    # What the window calls

    @property
    def shown_pair(self) -> Pair | None:
        """The pair that was seen and whose answer is awaited; None if there is none."""
        return None if self._covered else self.player.pair_seen

    @property
    def _covers(self) -> tuple[Overlay, ...]:
        """What can lie over the clips."""
        return self._amend, self._then_now, self._guidelines, self._reveal

    @property
    def _covered(self) -> bool:
        """Whether something lies over the clips."""
        return any(card.isVisibleTo(self) for card in self._covers)

    def set_session(self, session: SessionPort | None) -> None:
        """Teaches in another session; None shows nothing."""
        if self._session is not None:
            self._session.changed.disconnect(self._on_changed)
            self._session.failed.disconnect(self._on_failed)
        self.close_overlay()
        self._session, self._failure = session, None
        self._flagged.clear()
        self._resumed.restart()
        self._opened_at = time.monotonic()
        task = session.task if session is not None else None
        self.player.set_task(task)
        self._side.now.set_task(task)
        self._portrait.set_task(task)
        self._tour.set_session(session, moving=not self._studio.setting(REDUCED_MOTION))
        self.restore_looks()
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
        self.close_overlay()
        self._poll.stop()
        self.close_overlay()
        self._renderer.set_sparing(False)
        self.player.set_running(False)
        self._side.now.live.set_running(False)

    def close_overlay(self) -> bool:
        """Closes what lies over the screen; whether there was anything."""
        covered = self._covered
        if covered:
            for card in self._covers:
                card.close_card()
        return covered

    def picture(self) -> bytes | None:
        """A picture of the robot as PNG; None while there is none."""
        return self._portrait.png()

    @Slot()
    def restore_looks(self) -> None:
        """Speed and cues as they are set, or as the tour wants them."""
        cues = self._tour.cues
        side_view, depth_cues = cues or (
            self._studio.setting(SIDE_SETTING) is True,
            self._studio.setting(CUES_SETTING) is not False,
        )
        self._transport.set_looks(
            clip_speed(self._studio, None if self._session is None else self._session.task),
            side_view=side_view,
            depth_cues=depth_cues,
            free=cues is None,
        )

    # What the person does

    @Slot(object)
    def answer(self, choice: Choice) -> None:
        """Answers the pair on the screen; not before somebody can have seen it."""
        if self._amend.isVisible():
            self._amend.answer(choice)
            return
        pair, session = self.shown_pair, self._session
        if pair is None or session is None or self._tour.trains:
            return
        taken = not session.waits_to_store
        try:
            session.answer(pair.id, choice, time.monotonic() - self._shown_at)
        except UserError as error:
            self.problem.emit(str(error))
            return
        if taken:
            self.player.light(choice)
            self._bar.light(choice)

    @Slot()
    def undo(self) -> None:
        """Undoes what was done to answers last; a pair whose answer is undone is asked again."""
        if self._amend.isVisible():
            self._amend.take_back()
        elif self._session is not None and not self._covered:
            self._attempt(self._session.undo)

    @Slot()
    def _on_flag(self) -> None:
        pair = None if self._covered else self.player.pair_on_screen
        if pair is None or self._session is None:
            self._show_flag()
            return
        flagged = pair.id not in self._flagged
        (self._flagged.add if flagged else self._flagged.discard)(pair.id)
        self._attempt(partial(self._session.set_flag, pair.id, flagged))
        self._show_flag()

    @Slot()
    def _on_pause(self) -> None:
        if self._session is None:
            return
        if self._session.status is WorkerStatus.PAUSED:
            self._session.resume()
        elif self._session.status in (WorkerStatus.RUNNING, WorkerStatus.STARTING):
            self._session.pause()

    @Slot(bool)
    def _on_peek(self, on: bool) -> None:
        if self._session is not None:
            self._attempt(partial(self._session.set_peek, on))
        self._on_peeking()

    def _on_fresh(self) -> None:
        if self._session is not None:
            self._attempt(self._session.steering.ask_fresh)

    @Slot(int)
    def _on_compare(self, version: int) -> None:
        if self._session is not None:
            self._attempt(partial(self._session.steering.compare, version))

    @Slot()
    def _on_then_now(self) -> None:
        session = self._session
        if session is not None and not self._covered:
            first = next(iter(session.curve()), None)
            self.player.set_running(False)
            self._then_now.open(session.task, first, session.snapshot(), peeking=session.peeking)

    @Slot(object)
    def _on_opened(self, record: LabelRecord) -> None:
        if self._session is None:
            return
        try:
            pair = self._session.pair(record.pair_id)
        except UserError as error:
            self.problem.emit(str(error))
            return
        self.player.set_running(False)
        self._amend.open(self._session.task, pair, record)

    @Slot(object, object)
    def _on_amended(self, record: LabelRecord, choice: Choice | None) -> None:
        if self._session is not None:
            self._attempt(partial(self._session.amend, record.event_id, choice))

    @Slot()
    def _on_card_closed(self) -> None:
        for moving in (self.player, self._side.now.live):
            moving.set_running(self._poll.isActive())

    @Slot()
    def _on_guidelines(self) -> None:
        """Opens the guidelines, or closes them."""
        if self._guidelines.is_open:
            self._guidelines.close_card()
        elif self._session is not None and not self._covered:
            self.player.set_running(False)
            self._guidelines.open_for(self._session.task)

    @Slot()
    def _on_retry(self) -> None:
        if self._session is not None:
            self._failure = None
            self._session.retry()

    @Slot()
    def _on_looks(self) -> None:
        looks: dict[str, object] = {}
        if self._session is not None:
            self._attempt(partial(keep_clip_speed, self._studio, self._session.task, self.player.fragment_speed))
        if self._tour.cues is None:
            looks[SIDE_SETTING] = self._transport.side_view.isChecked()
            looks[CUES_SETTING] = self._transport.depth_cues.isChecked()
        for key, value in looks.items():
            self._attempt(partial(self._studio.set_setting, key, value))

    def _attempt(self, act: "partial[object] | object") -> None:
        """Does something that can fail for reasons outside the program, which become a sentence."""
        assert callable(act)
        try:
            act()
        except UserError as error:
            self.problem.emit(str(error))

    # What the program does

    @Slot()
    def _on_changed(self) -> None:
        """Something rare changed: status, answers, pairs."""
        session = self._session
        if session is None:
            return
        history = session.history(1_000_000)
        self._answers = len(history)
        self._cannot_tell = sum(record.choice is Choice.CANNOT_TELL for record in history)
        self._flagged |= {record.pair_id for record in history if record.flagged}
        self._side.show_answers(history, session.undoable)
        self._side.show_peeking(session.peeking)
        self._show_pairs(session)
        self._on_poll()

    def _show_pairs(self, session: SessionPort) -> None:
        pairs = session.pairs()
        if not pairs:
            self.player.clear(NO_NEXT_PAIR if self._answers else NO_PAIR_YET)
            return
        self.player.show_pair(pairs[0])
        self._decides.setVisible(pairs[0].kind is PairKind.AUDITION)
        if len(pairs) > 1:
            self.player.prepare(pairs[1])

    @Slot(object)
    def _on_shown(self, pair: Pair) -> None:
        """The pair can be seen: from now on its answer counts, and is timed."""
        self._shown_at = time.monotonic()
        self._portrait.consider(pair)
        self._show_flag()
        self._ask_why(self._transport.why.isChecked())

    @Slot(bool)
    def _ask_why(self, on: bool) -> None:
        if on:
            self._attempt(partial(ask_why, self._session, self.player.pair_on_screen, self._transport.why_panel))

    @Slot(object)
    def _ask_why_again(self, pair: Pair) -> None:
        self._attempt(partial(ask_why, self._session, pair, self._amend.why_panel, answered=True))

    def _on_why(self) -> None:
        (self._amend if self._amend.isVisible() else self._transport).why.click()

    @Slot(object)
    def _on_failed(self, failure: Failure) -> None:
        self._failure = failure
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
        snapshot, status = session.snapshot(), session.status
        failed = status is WorkerStatus.FAILED
        # while it practises; the teacher looks at a pair for longer, and the next one is drawn in the rest of that time
        self._renderer.set_sparing(status is WorkerStatus.RUNNING and self._practice_is_due(snapshot))
        if snapshot is not None:
            self._side.now.show_snapshot(snapshot, peeking=session.peeking)
        self._tour.look(snapshot, self._answers)
        self._side.show_metrics(session.metrics())
        steps = snapshot.env_steps if snapshot is not None else 0
        self._header.show_progress(self._labels - self._cannot_tell, self._cannot_tell, steps)
        self._resumed.look(session.resumed, self._labels)
        paused = status is WorkerStatus.PAUSED
        self._header.show_paused(paused, can_change=paused or status is WorkerStatus.RUNNING)
        self._foot.show_speed(session.steps_per_second)
        on_screen = self.player.pair_on_screen is not None
        ready = self.player.pair is not None and not self._tour.trains
        self._bar.set_ready(ready and not session.waits_to_store)
        seconds = time.monotonic() - self._opened_at
        next_ready = self.player.ready_pair is not None
        said = describe(
            Situation(status, snapshot, self._labels, on_screen, next_ready, seconds, self._failure, session.waiting)
        )
        self._foot.show_situation(said, self._failure, failed=failed)

    @property
    def _labels(self) -> int:
        """Answers, and presses on the Watch screen."""
        return self._answers + (0 if self._session is None else self._session.pressing.count)

    def _practice_is_due(self, snapshot: Snapshot | None) -> bool:
        """Whether the trainer practises, or is about to: an answer has been given that it has not taken in."""
        return snapshot is not None and (snapshot.phase is not Phase.WAITING or snapshot.labels != self._labels)

    def _show_flag(self) -> None:
        pair = self.player.pair
        flagged = pair is not None and pair.id in self._flagged
        self._flag.setChecked(flagged)
        self._flag.show_icon("flag-set" if flagged else "flag", "warning" if flagged else "text")

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
        self._flag.setFixedSize(50, 50)
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
        self._header.pause.connect(self._on_pause)
        for card in (self._guidance, self._tour):
            card.problem.connect(self.problem)
        self._tour.peek_wanted.connect(self._on_peek)
        self._tour.looks_changed.connect(self.restore_looks)
        self.player.shown.connect(self._on_shown)
        self._transport.looks_changed.connect(self._on_looks)
        self._transport.why_wanted.connect(self._ask_why)
        self._bar.answered.connect(self.answer)
        self._flag.clicked.connect(self._on_flag)
        self._foot.retry.connect(self._on_retry)
        self._side.turned.connect(self._on_poll)
        self._side.now.peek_wanted.connect(self._on_peek)
        self._side.now.fresh_wanted.connect(self._on_fresh)
        self._side.now.compare_wanted.connect(self._on_compare)
        self._side.now.progress.then_and_now.connect(self._on_then_now)
        self._then_now.closed.connect(self._on_card_closed)
        self._amend.why_wanted.connect(self._ask_why_again)
        self._side.strip.opened.connect(self._on_opened)
        self._side.undo.connect(self.undo)
        self._amend.amended.connect(self._on_amended)
        self._amend.closed.connect(self._on_card_closed)
        self._guidelines.closed.connect(self._on_card_closed)
        self._reveal.closed.connect(self._on_card_closed)
        self._how.clicked.connect(self._on_guidelines)
        self._guidance.examples_wanted.connect(self._on_guidelines)

    def _bind(self) -> None:
        for choice, name in ACTIONS.items():
            self._shortcuts.bind(name, self, partial(self.answer, choice))
        for name, act in {
            "undo": self.undo,
            "flag": self._on_flag,
            GUIDELINES: self._on_guidelines,
            "pause_learning": self._on_pause,
            "peek": self._side.now.peek.click,
            "plots": self._side.toggle,
            "why": self._on_why,
            "then_and_now": self._on_then_now,
            "compare_untried": self._side.now.untried.compare.click,
            "watch": self.watch_wanted.emit,
            "meter": self.meter_wanted.emit,
            "export": self.export_wanted.emit,
        }.items():
            self._shortcuts.bind(name, self, act)
        self._transport.bind(self)
