"""What a person does on the Teach screen, as the session is told of it."""

import time

from PySide6.QtCore import QObject, Signal, SignalInstance, Slot

from learning.messages import Choice, Pair
from sim.errors import UserError
from ui.pair_player import PairPlayer
from ui.ports import LabelRecord, SessionPort, WorkerStatus
from ui.problems import telling
from ui.teach.cards import Cards
from ui.teach.tour import Tour


class Acts(QObject):
    """Answers, undo, flags, peeking, pausing, amending, comparing. Each is stored, or a problem says why it is not."""

    answered: SignalInstance = Signal(object)  # type: ignore[assignment]
    """(Choice) the pair on the screen was answered so."""
    flag_turned: SignalInstance = Signal()  # type: ignore[assignment]
    """The flag of the pair on the screen was pressed, whether or not that changed it."""
    peek_turned: SignalInstance = Signal()  # type: ignore[assignment]
    """The same of the switch of the true score."""
    problem: SignalInstance = Signal(str)  # type: ignore[assignment]
    """(str) one sentence for the banner."""

    def __init__(self, player: PairPlayer, cards: Cards, tour: Tour) -> None:
        """Without a session nothing is done.

        Args:
            player: plays the pair that is answered.
            cards: lie over it at times; an earlier answer that is open takes the answers.
            tour: takes none while the robot trains on those of a stage.
        """
        super().__init__(cards)
        self._player, self._cards, self._tour = player, cards, tour
        self._session: SessionPort | None = None
        self._shown_at = time.monotonic()
        self._flagged: set[int] = set()
        player.shown.connect(self._on_shown)
        cards.amend.amended.connect(self._on_amended)

    def set_session(self, session: SessionPort | None) -> None:
        """From now on another session is told."""
        self._session = session
        self._flagged.clear()

    @property
    def shown_pair(self) -> Pair | None:
        """The pair that was seen and whose answer is awaited; None if there is none."""
        return None if self._cards.any_open else self._player.pair_seen

    @Slot(object)
    def answer(self, choice: Choice) -> None:
        """Answers the pair on the screen; not before somebody can have seen it."""
        if self._cards.amend.isVisible():
            self._cards.amend.answer(choice)
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
            self.answered.emit(choice)

    @Slot()
    def undo(self) -> None:
        """Undoes what was done to answers last; a pair whose answer is undone is asked again."""
        if self._cards.amend.isVisible():
            self._cards.amend.take_back()
        elif self._session is not None and not self._cards.any_open:
            with telling(self.problem):
                self._session.undo()

    def is_flagged(self, pair: Pair) -> bool:
        """Whether a pair is marked for later."""
        return pair.id in self._flagged

    def note_flags(self, history: list[LabelRecord]) -> None:
        """Answers that were flagged, also before the session was opened."""
        self._flagged |= {record.pair_id for record in history if record.flagged}

    @Slot()
    def flag(self) -> None:
        """Marks the pair on the screen for later, or no longer."""
        pair = None if self._cards.any_open else self._player.pair_on_screen
        if pair is not None and self._session is not None:
            flagged = pair.id not in self._flagged
            (self._flagged.add if flagged else self._flagged.discard)(pair.id)
            with telling(self.problem):
                self._session.set_flag(pair.id, flagged)
        self.flag_turned.emit()

    @Slot()
    def pause(self) -> None:
        """Pauses learning, or lets it go on."""
        if self._session is None:
            return
        if self._session.status is WorkerStatus.PAUSED:
            self._session.resume()
        elif self._session.status in (WorkerStatus.RUNNING, WorkerStatus.STARTING):
            self._session.pause()

    @Slot(bool)
    def peek(self, on: bool) -> None:
        """Shows the true score, or hides it."""
        if self._session is not None:
            with telling(self.problem):
                self._session.set_peek(on)
        self.peek_turned.emit()

    @Slot()
    def ask_fresh(self) -> None:
        """Has the next pairs made of what is shown now."""
        if self._session is not None:
            with telling(self.problem):
                self._session.steering.ask_fresh()

    @Slot(int)
    def compare(self, version: int) -> None:
        """Has the next pair compare the shown policy with the one of this version."""
        if self._session is not None:
            with telling(self.problem):
                self._session.steering.compare(version)

    @Slot(object)
    def _on_shown(self, _pair: Pair) -> None:
        """The pair can be seen: from now on its answer is timed."""
        self._shown_at = time.monotonic()

    @Slot(object, object)
    def _on_amended(self, record: LabelRecord, choice: Choice | None) -> None:
        if self._session is not None:
            with telling(self.problem):
                self._session.amend(record.event_id, choice)
