"""What can lie over the clips of the Teach screen, and whether any of it does."""

from PySide6.QtCore import QObject, Signal, SignalInstance, Slot
from PySide6.QtWidgets import QWidget

from sim.errors import UserError
from sim.render import SceneRenderer
from ui.overlay import Overlay
from ui.ports import LabelRecord, SessionPort
from ui.shortcuts import Shortcuts
from ui.teach.amend import AmendCard
from ui.teach.guidelines import Guidelines
from ui.teach.reveal import Reveal
from ui.teach.then_now import ThenNow


class Cards(QObject):
    """An earlier answer, then and now, the guidelines and the reveal of the tour. No two are opened by a person."""

    opening: SignalInstance = Signal()  # type: ignore[assignment]
    """A card comes over the clips, which nobody sees then."""
    closed: SignalInstance = Signal()  # type: ignore[assignment]
    """A card no longer lies over them."""
    problem: SignalInstance = Signal(str)  # type: ignore[assignment]
    """(str) one sentence: a card could not be opened."""

    def __init__(self, renderer: SceneRenderer, shortcuts: Shortcuts, screen: QWidget, reveal: Reveal) -> None:
        """None is open; `reveal` lies over `screen` too, and is opened by the tour."""
        super().__init__(screen)
        self._screen = screen
        self._session: SessionPort | None = None
        self.amend = AmendCard(renderer, shortcuts, screen)
        self._guidelines = Guidelines(renderer, shortcuts, screen)
        self.then_now = ThenNow(renderer, shortcuts, screen)
        self._all: tuple[Overlay, ...] = (self.amend, self.then_now, self._guidelines, reveal)
        for card in self._all:
            card.closed.connect(self.closed)

    def set_session(self, session: SessionPort | None) -> None:
        """Closes them; from now on they show what is in another session."""
        self.close_all()
        self._session = session

    @property
    def any_open(self) -> bool:
        """Whether something lies over the clips."""
        return any(card.isVisibleTo(self._screen) for card in self._all)

    def close_all(self) -> bool:
        """Closes what is open; returns whether anything was."""
        was_open = self.any_open
        if was_open:
            for card in self._all:
                card.close_card()
        return was_open

    @Slot(object)
    def open_answer(self, record: LabelRecord) -> None:
        """Opens an earlier answer with its pair, to be changed or taken back."""
        if self._session is None:
            return
        try:
            pair = self._session.pair(record.pair_id)
        except UserError as error:
            self.problem.emit(str(error))
            return
        self.opening.emit()
        self.amend.open(self._session.task, pair, record)

    @Slot()
    def open_then_now(self) -> None:
        """Plays the policy before any feedback beside the shown one."""
        session = self._session
        if session is not None and not self.any_open:
            first = next(iter(session.curve()), None)
            self.opening.emit()
            self.then_now.open(session.task, first, session.snapshot(), peeking=session.peeking)

    @Slot()
    def toggle_guidelines(self) -> None:
        """Opens the guidelines, or closes them."""
        if self._guidelines.is_open:
            self._guidelines.close_card()
        elif self._session is not None and not self.any_open:
            self.opening.emit()
            self._guidelines.open_for(self._session.task)
