"""What the reward model says of the pair on the screen, or of an earlier answer that is open."""

from PySide6.QtCore import QObject, Signal, SignalInstance, Slot

from learning.messages import Pair
from ui.pair_player import PairPlayer
from ui.ports import SessionPort
from ui.problems import telling
from ui.teach.amend import AmendCard
from ui.teach.transport import Transport
from ui.why_asking import ask_why


class Why(QObject):
    """Asks while the person wants to know."""

    problem: SignalInstance = Signal(str)  # type: ignore[assignment]
    """(str) one sentence: it cannot be asked."""

    def __init__(self, player: PairPlayer, transport: Transport, amend: AmendCard) -> None:
        """Asks nothing yet; `transport` shows what is said of the pair that `player` shows, `amend` of an answer."""
        super().__init__(transport)
        self._player, self._transport, self._amend = player, transport, amend
        self._session: SessionPort | None = None
        transport.why_wanted.connect(self._on_wanted)
        amend.why_wanted.connect(self._on_answer_wanted)

    def set_session(self, session: SessionPort | None) -> None:
        """Another session's reward model is asked from now on."""
        self._session = session

    @Slot()
    def toggle(self) -> None:
        """Shows or hides it, of what is on top."""
        (self._amend if self._amend.isVisible() else self._transport).why.click()

    def ask(self) -> None:
        """Another pair is on the screen."""
        self._on_wanted(self._transport.why.isChecked())

    @Slot(bool)
    def _on_wanted(self, on: bool) -> None:
        if on:
            with telling(self.problem):
                ask_why(self._session, self._player.pair_on_screen, self._transport.why_panel)

    @Slot(object)
    def _on_answer_wanted(self, pair: Pair) -> None:
        with telling(self.problem):
            ask_why(self._session, pair, self._amend.why_panel, answered=True)
