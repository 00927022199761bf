"""Which answers, changes and take-backs can be undone, and what each of them puts back."""

from collections.abc import Iterable

from learning.messages import Choice, FeedbackEvent
from ui.ports import LabelAct


class UndoStack:
    """What a teacher did to answers, oldest first, without what was undone."""

    def __init__(self, events: Iterable[FeedbackEvent] = ()) -> None:
        """Reads it out of all events of a session, oldest first.

        An event that puts back what the act before it had changed is that act's undo: nothing else is recorded of it.
        """
        self._acts: list[LabelAct] = []
        now: dict[int, Choice | None] = {}
        for event in events:
            act = LabelAct(event.pair_id, now.get(event.pair_id), event.choice)
            if self._acts and self._acts[-1] == LabelAct(act.pair_id, act.after, act.before):
                self._acts.pop()
            else:
                self._acts.append(act)
            now[event.pair_id] = event.choice

    @property
    def newest(self) -> LabelAct | None:
        """What would be undone; None if there is nothing."""
        return self._acts[-1] if self._acts else None

    def did(self, act: LabelAct) -> None:
        """The teacher did this."""
        self._acts.append(act)

    def undid(self) -> None:
        """The newest one is undone."""
        self._acts.pop()
