"""What a teacher can do in a session: answer, undo, amend, flag. The same for a person and a simulated teacher."""

import logging
from collections.abc import Callable, Iterable, Iterator

from app.errors import AnswerError
from app.session import PERSON, Session
from app.store.labels import LabelInForce
from app.undo import UndoStack
from learning.messages import Choice, Feedback, FeedbackEvent, Pair
from sim.errors import ClipError
from ui.ports import LabelAct, LabelRecord

log = logging.getLogger(__name__)

PAIRS_KEPT = 16
"""Pairs whose clips stay in memory."""


class Labelling:
    """The answers of one open session, mirrored in memory. All on the teacher's thread.

    An answer is committed to the database first, and only then handed on.
    """

    def __init__(
        self,
        session: Session,
        submit: Callable[[Feedback], None],
        offered: Callable[[], tuple[Pair, ...]],
        teacher: str = PERSON,
    ) -> None:
        """Reads what was answered so far.

        Args:
            session: the open session.
            submit: hands a committed event to the trainer.
            offered: the pairs that the trainer waits for, oldest first, answered or not.
            teacher: `person`, or the kind of the simulated teacher.
        """
        self._session = session
        self._submit = submit
        self._offered = offered
        self._teacher = teacher
        self._in_force = session.labels.in_force()
        self._undo = UndoStack(session.labels.events())
        self._flagged = {pair_id for pair_id, label in self._in_force.items() if label.flagged}
        self._pairs: dict[int, Pair] = {}
        self._lost: set[int] = set()
        self.peeking = False

    @property
    def count(self) -> int:
        """Answers in force."""
        return sum(label.event.choice is not None for label in self._in_force.values())

    @property
    def undoable(self) -> LabelAct | None:
        """What `undo` would undo; None if nothing."""
        return self._undo.newest

    def choice_counts(self) -> dict[str, int]:
        """How often each choice is in force; all four are in it."""
        counts = {str(choice): 0 for choice in Choice}
        for label in self._in_force.values():
            if label.event.choice is not None:
                counts[label.event.choice] += 1
        return counts

    def pairs(self) -> tuple[Pair, ...]:
        """The pairs to answer: those taken back first, the last one foremost, then the new ones, oldest first."""
        undone = [label.event for label in self._in_force.values() if label.event.choice is None]
        taken_back = [event.pair_id for event in sorted(undone, key=lambda event: -event.id)]
        fresh = [pair for pair in self._offered() if pair.id not in self._in_force]
        return (*self._still_there(taken_back), *fresh)

    def answer(self, pair_id: int, choice: Choice, seconds: float) -> LabelRecord:
        """Commits an answer to one of `pairs()`, then hands it on.

        Raises:
            AnswerError: the pair has an answer already.
            StorageError: it could not be stored; the pair stays unanswered.
        """
        label = self._in_force.get(pair_id)
        if label is not None and label.event.choice is not None:
            raise AnswerError(f"Pair {pair_id} is answered already ('{label.event.choice}').")
        return self._record(self._do(pair_id, choice, seconds))

    def undo(self) -> LabelRecord | None:
        """Undoes what was done last: an answer is asked for again, and what was changed or taken back is as it was.

        Returns:
            The answer that is not in force any more, or the one that is again; None if there is nothing to undo.
        """
        act = self._undo.newest
        if act is None:
            return None
        label = self._in_force[act.pair_id]
        restored = self._commit(act.pair_id, act.before, label.seconds if act.before is not None else 0.0)
        self._undo.undid()
        return self._record(restored if label.event.choice is None else label)

    def amend(self, event_id: int, choice: Choice | None) -> None:
        """Changes the answer in force that `event_id` gave, or takes it back with None.

        Raises:
            AnswerError: that event is not in force.
            StorageError: it could not be stored; the old answer stays.
        """
        label = next((label for label in self._in_force.values() if label.event.id == event_id), None)
        if label is None:
            raise AnswerError(f"Event {event_id} is not the answer in force of any pair.")
        if choice is not label.event.choice:
            self._do(label.event.pair_id, choice, label.seconds)

    def amend_all(self, choice: Choice) -> None:
        """Has all answers in force say this instead.

        Raises:
            StorageError: it could not be stored; all of them stay.
        """
        changing = {
            pair_id: label.seconds
            for pair_id, label in self._in_force.items()
            if label.event.choice not in (None, choice)
        }
        events = self._session.labels.append_all(changing, choice, teacher=self._teacher, peeking=self.peeking)
        for event in events:
            before = self._in_force[event.pair_id].event.choice
            self._note(event, changing[event.pair_id])
            self._undo.did(LabelAct(event.pair_id, before, choice))

    def set_flag(self, pair_id: int, flagged: bool) -> None:
        """Marks a pair for later, or takes the mark off."""
        self._session.labels.set_flag(pair_id, flagged)
        (self._flagged.add if flagged else self._flagged.discard)(pair_id)

    def set_peek(self, on: bool) -> None:
        """Shows or hides the true score, and records that."""
        if on != self.peeking:
            self._session.labels.set_peek(on)
            self.peeking = on

    def history(self, count: int) -> list[LabelRecord]:
        """The last `count` answers in force, newest last."""
        answers = [label for label in self._in_force.values() if label.event.choice is not None]
        return [self._record(label) for label in answers[-count:]] if count > 0 else []

    def pair(self, pair_id: int) -> Pair:
        """A pair with its clips, from memory or from the disk.

        Raises:
            AnswerError: it was never offered.
            ClipError: a clip is missing or damaged.
        """
        for pair in self._offered():
            if pair.id == pair_id:
                return pair
        if pair_id not in self._pairs:
            self._remember(self._session.load_pair(pair_id))
        return self._pairs[pair_id]

    def _do(self, pair_id: int, choice: Choice | None, seconds: float) -> LabelInForce:
        """What can be undone."""
        before = self._in_force.get(pair_id)
        label = self._commit(pair_id, choice, seconds)
        self._undo.did(LabelAct(pair_id, None if before is None else before.event.choice, choice))
        return label

    def _commit(self, pair_id: int, choice: Choice | None, seconds: float) -> LabelInForce:
        event = self._session.labels.append(pair_id, choice, seconds, teacher=self._teacher, peeking=self.peeking)
        return self._note(event, seconds)

    def _note(self, event: FeedbackEvent, seconds: float) -> LabelInForce:
        """Mirrors a committed event, and hands it on."""
        pair_id = event.pair_id
        label = LabelInForce(event, seconds, pair_id in self._flagged)
        self._in_force[pair_id] = label  # a pair keeps its place among the answers when its answer changes
        for pair in self._offered():
            if pair.id == pair_id:
                self._remember(pair)
        self._submit(event)
        return label

    def _remember(self, pair: Pair) -> None:
        self._pairs.pop(pair.id, None)
        self._pairs[pair.id] = pair
        while len(self._pairs) > PAIRS_KEPT:
            del self._pairs[next(iter(self._pairs))]

    def _still_there(self, pair_ids: Iterable[int]) -> Iterator[Pair]:
        for pair_id in pair_ids:
            if pair_id not in self._lost:
                try:
                    yield self.pair(pair_id)
                except ClipError:
                    log.exception("pair %d cannot be shown again", pair_id)
                    self._lost.add(pair_id)

    def _record(self, label: LabelInForce) -> LabelRecord:
        event = label.event
        assert event.choice is not None, "an answer taken back has no record"
        return LabelRecord(event.id, event.pair_id, event.choice, event.pair_id in self._flagged, label.seconds)
