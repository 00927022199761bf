"""The learned reward of what a live view plays: asked for as it plays, shown on a strip and in words."""

from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtWidgets import QLabel

from learning.messages import Explanation
from ui.live import LiveView
from ui.ports import SessionPort
from ui.reward_strip import RewardStrip
from ui.why_words import recent_moments, recent_words

PATIENCE = 12
"""An answer that did not come after so many of these is asked for again: the trainer may have failed meanwhile."""
WORDS_MS = 1000
"""While it plays, the words are others this often: nobody reads what changes four times a second."""


class LiveReward(QObject):
    """Asks the reward model one question at a time, about what was played since the last one."""

    def __init__(self, live: LiveView, strip: RewardStrip, words: QLabel) -> None:
        """Asks nothing yet.

        Args:
            live: plays.
            strip: shows the learned reward of each step.
            words: say what is predicted of what is on the strip, while the person asks why.
        """
        super().__init__(strip)
        self._live, self._strip, self._words = live, strip, words
        self._session: SessionPort | None = None
        self._why = False
        self._waited: int | None = None
        """Calls of `ask` since the reward model was asked; None when nothing is asked."""
        self._timer = QTimer(self, interval=WORDS_MS)
        self._timer.timeout.connect(self._show_why)

    def set_session(self, session: SessionPort | None) -> None:
        """Another session's reward model is asked from now on, about what plays then."""
        self._session, self._waited = session, None
        if session is not None:
            rollout = self._live.rollout
            assert rollout is not None, "a view with a task has a rollout"
            self._strip.clear(rollout.memory_steps, session.task.control_dt)

    def set_running(self, on: bool) -> None:
        """Whether the words follow what plays."""
        if on:
            self._timer.start()
        else:
            self._timer.stop()

    def set_why(self, on: bool) -> None:
        """Whether it is said in words what is predicted, and which moments count most."""
        self._why = on
        self._show_why()

    def ask(self) -> None:
        """Asks what the reward model thinks of what was played since it was last asked."""
        session, rollout = self._session, self._live.rollout
        if session is None or rollout is None:
            return
        if self._waited is not None and self._waited < PATIENCE:
            self._waited += 1
            return
        end = rollout.steps
        clip = rollout.recent(end - self._strip.known) if end > self._strip.known else None
        if clip is None:
            self._waited = None
            return
        self._waited = 0

        def done(explanation: Explanation) -> None:
            if session is self._session:
                self._waited = None
                self._strip.learn(end, explanation)

        session.explain_clip(clip, done)

    @Slot()
    def _show_why(self) -> None:
        """Says it of what is on the strip; that stands still while nothing plays."""
        if self._session is None or not self._why:
            self._strip.show_moments(())
            return
        mean, std = self._strip.recent()
        self._words.setText(recent_words(mean, std, self._session.task.control_dt))
        self._strip.show_moments(recent_moments(mean))
