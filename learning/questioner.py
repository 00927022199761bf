"""What the teacher is asked: clips to choose from, and the pairs made of them."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from learning.answers import AnswerBook, Offer
from learning.astray import OneMotorElsewhere
from learning.clip_pool import ClipPool, Recording, compared_features, lying, record
from learning.config import TrainerConfig
from learning.messages import Choice, Pair, PairKind
from learning.queries import choose_pair, number
from learning.repertoire import Entry, Outcome
from learning.standings import Rival, Standings
from sim.clip import Clip
from sim.task import Floats, Singles, Task

PROBES = 64
"""Frames of each context whose reward every other question is about."""


@dataclass(slots=True)
class AskingCounters:
    """Where asking stands, as plain numbers."""

    next_pair: int = 0
    next_clip: int = 0
    last_audition: int = 0
    progress_from: int | None = None
    """The version of a policy from before it practised on,"""
    progress_to: int | None = None
    """and after, if the teacher is to say whether that was for the better."""
    fresh: int = 0
    """So many pairs are still to compare what is shown with other policies, since the teacher asked for them."""
    wanted: int | None = None
    """The version of a policy that the teacher asked to compare with the shown one next."""


class Questioner:
    """Owns the clips and the pairs that are open. A pair is made only when a label is taken in, never by the clock."""

    def __init__(self, task: Task, config: TrainerConfig, rng: np.random.Generator) -> None:
        """Has no clips and asks nothing yet.

        Args:
            task: what is taught.
            config: all numbers.
            rng: shared with the trainer.
        """
        self.task = task
        self.config = config
        self.rng = rng
        self.counters = AskingCounters()
        self.broad = ClipPool(task, config.clip_frames, config.broad_clips)
        """Of the untaught robot."""
        self.recent = ClipPool(task, config.clip_frames, config.recent_clips)
        """Of policies, lately."""
        self.book = AnswerBook(self.broad.features.shape[1], config.agreement_window)
        self.open: list[Pair] = []
        self.kept: dict[int, Pair] = {}
        """Answered pairs that may come again."""
        self.probes: Floats = np.empty((0, self.book.size))
        """(n, d) reward features of frames that every other question is about."""
        self.auditioned: dict[int, tuple[int, int]] = {}
        """Versions of the policies that were compared, left and right, by the pair."""

    def record_broad(self) -> None:
        """The untaught robot thrown about: what there is to judge before it can do anything.

        Of one with servos each clip moves one of them, so that what that is worth can be told from all else.
        """
        config, task = self.config, self.task
        places: Singles | None = None

        def act(observations: Singles) -> Singles:
            nonlocal places
            shape = (len(observations), task.action_size)
            if places is None:
                places = task.holding_actions(observations)
                if places is None:
                    return np.float32(config.broad_noise) * self.rng.standard_normal(shape, np.float32)
                OneMotorElsewhere(self.rng, shape).bend(places)
            return places

        recording = record(
            task, act, self.rng, config.broad_clips, config.clip_frames, diverse_share=config.broad_diverse
        )
        self._add(self.broad, recording, 0)

    def record_recent(self, act: Callable[[Singles], Singles], iteration: int) -> None:
        """Clips of a practising policy `act`, at any moment of an episode's beginning; in some, one motor goes astray.

        What a policy never does is not asked about otherwise, though it may be all that it lacks.
        """
        config = self.config
        latest = 2 * config.clip_frames
        elsewhere: OneMotorElsewhere | None = None

        def astray(observations: Singles) -> Singles:
            nonlocal elsewhere
            actions = act(observations)
            if elsewhere is None:
                later = latest + config.clip_frames
                elsewhere = OneMotorElsewhere(self.rng, actions.shape, share=config.astray_share, latest=later)
            return elsewhere.bend(actions)

        recording = record(
            self.task, astray if config.astray_share > 0.0 else act, self.rng, config.clips_per_trial,
            config.clip_frames, diverse_share=config.diverse_share, latest=latest,
        )  # fmt: skip
        self._add(self.recent, recording, iteration)

    @property
    def audition_frames(self) -> int:
        """Of each clip of an audition: an episode at most, since nobody teaches what comes after it."""
        return min(self.config.audition_frames, self.task.episode_steps)

    def first_frames(self) -> Singles:
        """(n, nobs) observations of all frames of the untaught robot."""
        return self.broad.observations.reshape(-1, self.task.observation_size)

    def lying_features(self) -> Floats:
        """(d,) mean features of the untaught robot's frames in which it is down; zeros without any."""
        seen = self.broad.observations[lying(self.task, self.broad.observations)]
        if not len(seen):
            return np.zeros(self.broad.features.shape[1])
        return np.asarray(self.task.reward_features(seen).mean(axis=0, dtype=np.float64))

    def outcomes(self) -> list[Outcome]:
        """Of the auditions whose answer is in force and names a winner, in the order asked."""
        found = []
        for pair_id, (left, right) in self.auditioned.items():
            match self.book.answers.get(pair_id):
                case Choice.LEFT:
                    found.append((left, right))
                case Choice.RIGHT:
                    found.append((right, left))
        return found

    def offer(self, standings: Standings, iteration: int) -> None:
        """Makes pairs until as many are open as are offered ahead.

        Args:
            standings: who can be auditioned, and the present reward model, which says what an answer would tell.
            iteration: the trainer's.
        """
        while len(self.open) < self.config.pairs_ahead:
            self.open.append(self._make_pair(standings, iteration))

    def close(self, pair_id: int) -> None:
        """Takes an answered pair off the table."""
        pair = next(pair for pair in self.open if pair.id == pair_id)
        self.open.remove(pair)
        if pair.kind is not PairKind.REPEAT:
            self.kept[pair_id] = pair
            while len(self.kept) > self.config.pairs_kept:
                del self.kept[next(iter(self.kept))]

    def _add(self, pool: ClipPool, recording: Recording, iteration: int) -> None:
        pool.add(recording, self.counters.next_clip, iteration)
        self.counters.next_clip += len(recording)

    def _make_pair(self, standings: Standings, iteration: int) -> Pair:
        config = self.config
        pair_id = self.counters.next_pair
        self.counters.next_pair += 1
        if pair_id % config.repeat_every == config.repeat_every - 1 and self.kept:
            return self._repeat(pair_id)
        check = pair_id % config.check_every == config.check_every - 1
        model = standings.model.expecting(np.array([self.book.offers[pair.id].difference for pair in self.open]))
        standings = replace(standings, model=model)
        shares = (1.0 - config.recent_share, config.recent_share)
        about = self.probes if pair_id % 2 else None
        proposal = choose_pair(
            model, (self.broad, self.recent), shares, self.rng, config.candidates, config.clip_uses,
            self.book.was_offered, at_random=check, about=about, best=1.0 if check else self._best_part(pair_id),
        )  # fmt: skip
        wanted = self._wanted(standings)
        if wanted is not None:
            audition = self._audition(pair_id, standings.shown, wanted, iteration)
            if audition is not None:
                return audition
        if self.counters.fresh > 0:
            rival = self._least_known(standings)
            audition = None if rival is None else self._audition(pair_id, standings.shown, rival.other, iteration)
            if audition is not None:
                self.counters.fresh -= 1
                return audition
        may_audition = not check and pair_id >= config.auditions_from
        progress = self._progress(standings) if may_audition else None
        if progress is not None:
            audition = self._audition(pair_id, *progress, iteration)
            if audition is not None:
                return audition
        if may_audition and pair_id - self.counters.last_audition > config.audition_gap:
            overdue = pair_id - self.counters.last_audition >= config.audition_overdue
            other = self._rival(standings, 0.0 if overdue else proposal.information)
            audition = None if other is None else self._audition(pair_id, standings.shown, other, iteration)
            if audition is not None:
                return audition
        sides = (proposal.left, proposal.right)
        for side in sides:
            side.pool.uses[side.row] += 1
        clips = [side.pool.clip(side.row) for side in sides]
        return self._pair(pair_id, PairKind.FRAGMENT, clips, [number(side) for side in sides], check=check)

    def _wanted(self, standings: Standings) -> Entry | None:
        """The policy that the teacher asked to compare, once; None if it is shown by now, or was evicted."""
        version, self.counters.wanted = self.counters.wanted, None
        others = (entry for entry in standings.repertoire.entries if entry is not standings.shown)
        return next((entry for entry in others if entry.version == version), None)

    def _best_part(self, pair_id: int) -> float:
        """The share of the clips that a pair is made of: now and then of the best alone, spread evenly over all."""
        share = self.config.good_share
        return self.config.good_part if int((pair_id + 1) * share) > int(pair_id * share) else 1.0

    def choose_probes(self, frames: Floats) -> None:
        """Of the reward features (n, d) of all first frames, as many of each context: the rare ones matter too.

        What tells most of the model as a whole is asked of what happens most; a landing, say, is a moment.
        """
        contexts = self.task.feature_layout.contexts
        context = context_of(frames, contexts)
        rows = [np.flatnonzero(context == each) for each in range(contexts)]
        even = [some[np.linspace(0, len(some) - 1, PROBES).astype(int)] for some in rows if len(some)]
        self.probes = frames[np.concatenate(even)] - frames.mean(axis=0)

    def ask_about_progress(self, before: int, after: int) -> None:
        """Lets the teacher compare two versions of a policy that has practised on.

        However sure the learned reward is of the answer: whether it is being gamed is what it cannot know.
        """
        self.counters.progress_from, self.counters.progress_to = before, after

    def _progress(self, standings: Standings) -> tuple[Entry, Entry] | None:
        """The policies that are to be compared so, once; None if there are none."""
        wanted = self.counters.progress_from, self.counters.progress_to
        self.counters.progress_from = self.counters.progress_to = None
        kept: dict[int | None, Entry] = {entry.version: entry for entry in standings.repertoire.entries}
        before, after = map(kept.get, wanted)
        return None if before is None or after is None or frozenset(wanted) in self._compared() else (before, after)

    def _compared(self) -> set[frozenset[int]]:
        """Versions of policies that have stood against each other."""
        return {frozenset(versions) for versions in self.auditioned.values()}

    def _rival(self, standings: Standings, least: float) -> Entry | None:
        """Whom to audition: who would be shown instead, else whose comparison tells more than `least` nats."""
        challenger = standings.challenger(self._compared())
        if challenger is not None:
            return challenger
        rival = self._least_known(standings)
        return rival.other if rival is not None and self.config.audition_weight * rival.information >= least else None

    def _least_known(self, standings: Standings) -> Rival | None:
        """Whose comparison with the shown policy would tell most; None if all were made."""
        return standings.rival(self._compared(), self.audition_frames / self.config.clip_frames)

    def _audition(self, pair_id: int, shown: Entry, other: Entry, iteration: int) -> Pair | None:
        """The shown policy and another, each from a normal start; None if the physics broke."""
        clips, numbers = [], []
        for entry in (shown, other):
            recording = record(
                self.task, entry.weights.act, self.rng, 1, self.audition_frames, diverse_share=0.0, thin_out=False
            )  # fmt: skip
            if not len(recording):
                return None
            numbers.append(self.counters.next_clip)
            clips.append(recording.clip(self.task, 0, self.counters.next_clip, iteration))
            self.counters.next_clip += 1
        self.counters.last_audition = pair_id
        pair = self._pair(pair_id, PairKind.AUDITION, clips, numbers, check=False)
        kept_sides = self.book.offers[pair_id].numbers == tuple(numbers)
        versions = (shown.version, other.version)
        self.auditioned[pair_id] = versions if kept_sides else versions[::-1]
        return pair

    def _pair(self, pair_id: int, kind: PairKind, clips: list[Clip], numbers: list[int], *, check: bool) -> Pair:
        """Notes a pair of two clips, with the sides drawn."""
        if self.rng.random() < 0.5:
            clips, numbers = clips[::-1], numbers[::-1]
        features = [compared_features(self.task, clip, self.config.clip_frames) for clip in clips]
        left, right = clips
        pair = Pair(pair_id, kind, left, right)
        self.book.offer(pair, Offer(kind, features[0] - features[1], (numbers[0], numbers[1]), check))
        return pair

    def _repeat(self, pair_id: int) -> Pair:
        """An earlier pair, which may have its sides swapped."""
        earlier = self.kept[int(self.rng.choice(sorted(self.kept)))]
        swapped = bool(self.rng.random() < 0.5)
        left, right = (earlier.right, earlier.left) if swapped else (earlier.left, earlier.right)
        pair = Pair(pair_id, PairKind.REPEAT, left, right, earlier.id, swapped)
        offer = self.book.offers[earlier.id]
        sign = -1.0 if swapped else 1.0
        numbers = offer.numbers[::-1] if swapped else offer.numbers
        self.book.offer(pair, Offer(pair.kind, sign * offer.difference, numbers, False))
        return pair


def context_of(features: Floats, contexts: int) -> NDArray[np.int64]:
    """(n, d) reward features -> (n,) the context of each: the one whose features are not zero."""
    return np.asarray(np.abs(features.reshape(len(features), contexts, -1)).sum(axis=2).argmax(axis=1))
