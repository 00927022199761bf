"""Learning from feedback: one iteration of practice at a time, as far as the labels allow.

The schedule runs in answers, not in seconds (docs/architecture.md): an instant teacher and a person get the same
learning.
"""

import hashlib
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass

import numpy as np
import torch

from learning.aim import Aim
from learning.alarm import AlarmRecord
from learning.config import TrainerConfig
from learning.event_queue import EventQueue
from learning.explain import explain, explain_pair
from learning.kl_meter import Meter
from learning.messages import (
    Choice,
    Explanation,
    Feedback,
    FeedbackEvent,
    Pair,
    PairExplanation,
    Phase,
    Press,
    Reinforcement,
    Snapshot,
    Steering,
    Taken,
    TrainerState,
)
from learning.packing import Tensors, pack_module, unpack_module
from learning.policy import ActorCritic, gaussian_kl
from learning.ppo import PPO
from learning.practice import PracticeGround, start_inputs
from learning.press_book import PressBook
from learning.questioner import Questioner
from learning.repertoire import Entry, Outcome, Repertoire
from learning.report import make_snapshot
from learning.reward_model import BayesianRewardModel
from learning.reward_prior import WeightPrior
from learning.standings import Standings
from learning.steering import SteeringBook
from learning.steering import take as take_steering
from learning.trial import run_trial
from sim.clip import Clip
from sim.policy import PolicyWeights
from sim.task import Floats, Singles, Task

TRIAL_SEED = 0
"""All trials begin alike, so that they can be compared."""
LEAST_SPREAD = 1e-3
"""Answers that make no more than this share of the spread that the prior expects have told nothing apart yet: the unit
of the learned reward is then what the prior expects."""
LYING_MEMORY = 0.9
"""How much of the mean features of a fallen robot is kept from one iteration to the next."""


@dataclass(slots=True)
class Counters:
    """Where learning stands, as plain numbers."""

    practice_left: int = 0
    """Iterations that the labels so far still pay for."""
    granted: int = 0
    """Iterations that the last label paid for."""
    kl: float = 0.0
    """Nats that practice has moved by since the last label."""
    kl_before: float = 0.0
    """Of these, in stretches that have ended since."""
    env_steps: int = 0
    generation: int = 0
    early: bool = False
    """Whether only the first few answers were taken in."""
    supposes: bool = False
    """Whether practice is on one of the rewards that the answers leave possible, not on their mean."""
    stretch: int = 0
    """Iterations since the generation, or its refinement, began."""
    stretch_began: int = 0
    """The last trial before that."""
    refines: int | None = None
    """The version of the policy that practises on in this stretch; None in a generation that is fresh."""
    trials: int = 0
    presses_since_audition: int = 0
    """Presses taken since the last audition was answered."""

    def begin_stretch(self) -> None:
        """Another stretch of practice, on the mean of the posterior, which refines nothing."""
        self.stretch, self.stretch_began = 0, self.trials - 1
        self.refines, self.supposes = None, False


class Trainer:
    """Asks pairs, learns the reward from the answers, and practises against it."""

    def __init__(self, task: Task, config: TrainerConfig | None = None, seed: int = 0, *, _blank: bool = False) -> None:
        """Records the first clips and offers the first pairs.

        Args:
            task: what is taught.
            config: all numbers; None is the defaults.
            seed: decides everything random.
            _blank: for `trainer_state`, which fills everything in.
        """
        self.task = task
        self.config = config = config or TrainerConfig()
        self.seed = seed
        self.rng = np.random.default_rng(seed)
        self.generator = torch.Generator().manual_seed(seed)

        self.iteration = 0
        self.counters = Counters(early=config.early(1))
        self.queue = EventQueue()

        self.questioner = Questioner(task, config, self.rng)
        self.book = self.questioner.book
        self.press_book = PressBook(task)
        self.ground = PracticeGround(task, config.nsim, config.diverse_share, config.revisited_share, self.rng)
        self.repertoire = Repertoire(config.repertoire, config.worth_hold)
        self.prior = WeightPrior.of_layout(task.feature_layout, config.prior_variance, config.prior_strength)
        self.model = BayesianRewardModel(self.prior, config.error_floor, config.error_strength, config.press_sharpness)
        self._begin_fresh()
        self._start_inputs = start_inputs(task, self.policy, TRIAL_SEED)
        self.anchor = self.copy()
        self.steering = SteeringBook(Meter(task, config, seed, self.copy()))
        self.alarms = AlarmRecord()
        self.told_attempts = False
        self.measured: list[int] = []
        """Versions of policies that were measured since the last snapshot."""
        self.lying: Floats = np.zeros(self.book.size)
        """(d,) reward features of a robot that is down, lately."""
        if _blank:
            return
        self.questioner.record_broad()
        self.measure_unit()
        self.relearn()
        self.lying = self.questioner.lying_features()
        self._trial()
        self._offer()

    # What the program calls

    def submit(self, event: Feedback, at_iteration: int | None = None) -> None:
        """Queues an event, to be taken in when its turn comes, or exactly at an iteration."""
        self.queue.submit(event, at_iteration)

    def step(self) -> Snapshot:
        """One iteration, or nothing when waiting."""
        taken = self._take_in()
        if self.counters.practice_left == 0:
            return make_snapshot(self, Phase.WAITING, taken)
        rollout = self.ground.collect(self.policy, self.config.rollout_steps)
        rewards = torch.from_numpy(self.aim.reward(rollout.reached))
        self._note_falls(rollout.reached[rollout.fallen])
        straying = self.steering.charge(rollout, rewards)
        fall_value = self.aim.fall_value(self.policy, self._start_inputs, self.lying, self.config, straying)
        self.ppo.update(rollout, rewards, fall_value)
        self.counters.env_steps += rollout.steps
        self.iteration += 1
        self.counters.practice_left -= 1
        self.counters.stretch += 1
        self._keep_leash(rollout.inputs)
        if self.counters.stretch % self.config.trial_every == 0:
            self._trial()
            if self.counters.stretch >= self.config.generation_iterations * self._times and not self._still_finding():
                self._next_stretch()
        return make_snapshot(self, Phase.PRACTISING, taken)

    def open_pairs(self) -> tuple[Pair, ...]:
        """Offered and not taken in, oldest first."""
        return tuple(self.questioner.open)

    def explain(self, clip: Clip) -> Explanation:
        """The learned reward of each frame, in units of its spread over the first clips."""
        return explain(self, clip)

    def explain_pair(self, left: Clip, right: Clip) -> PairExplanation:
        """The same of both clips of a pair, and which of them is expected to be preferred."""
        return explain_pair(self, left, right)

    def export_policy(self) -> PolicyWeights:
        """The shown policy."""
        return self.shown.weights

    def weights_digest(self) -> str:
        """SHA-256 over the reward model, the practising policy and the shown one."""
        digest = hashlib.sha256()
        digest.update(self.model.posterior.weights.tobytes())
        digest.update(self.model.posterior.covariance.tobytes())
        for parameters in (pack_module(self.policy, ""), self.shown.parameters):
            for name in sorted(parameters):
                digest.update(parameters[name].tobytes())
        return digest.hexdigest()

    def state(self) -> TrainerState:
        """Everything that the next step depends on, but for the events that were not taken in: submit those again."""
        from learning.trainer_state import pack

        return pack(self)

    @classmethod
    def from_state(cls, task: Task, state: TrainerState) -> "Trainer":
        """The trainer that `state` was taken from."""
        from learning.trainer_state import unpack

        return unpack(task, state)

    # Feedback

    def _take_in(self) -> list[Taken]:
        """The events whose turn it is. What an answer pays for is added to what is left of practice."""
        due = self.queue.due(self.iteration, practising=self.counters.practice_left > 0)
        for event in due:
            match event:
                case Reinforcement():
                    self._take_press(event)
                case Steering():
                    self.book.taken_ids.append(event.id)
                    take_steering(self, event)
                case FeedbackEvent():
                    self._take(event)
        return [Taken(event.id, self.iteration) for event in due]

    def _take(self, event: FeedbackEvent) -> None:
        offer = self.book.offered(event)
        chance = float(self.model.probability(offer.difference[None])[0])
        first = self.book.take(event, chance)
        if event.pair_id in self.questioner.auditioned:
            self.counters.presses_since_audition = 0
        self.relearn()
        self._choose_shown()
        if first:
            self.questioner.close(event.pair_id)
            self._offer()
            if event.choice is Choice.CANNOT_TELL or event.choice is None:
                return
            self._grant(of_answer=True)

    def _take_press(self, event: Reinforcement) -> None:
        """A press changes at once what is practised on, and adds to the practice that is left.

        What a silence says is learnt with the next press: there are more of them, and each says less.
        """
        first = self.press_book.take(event)
        self.book.taken_ids.append(event.id)
        if first and event.press is Press.SILENCE:
            return
        self.counters.presses_since_audition += 1
        self.relearn()
        self._choose_shown()
        if first and event.press in (Press.REWARD, Press.PUNISH):
            self._grant(of_answer=False)

    def _grant(self, *, of_answer: bool) -> None:
        """What the newest label pays for, beside what earlier ones have left.

        An answer pays for no less than it would alone: presses given before it do not make it worth less.
        """
        answers = len(self.book.answers)
        label = answers + self.press_book.count
        paid = self.config.granted(label)
        if of_answer and self.config.paid_as_alone:
            paid = max(paid, self.config.granted(answers))
        if self.counters.early and not self.config.early(label):
            self._begin_again()
        self.counters.practice_left = self.counters.granted = self.counters.practice_left + paid
        self.anchor = self.copy()
        self.counters.kl = self.counters.kl_before = 0.0

    def _offer(self) -> None:
        self.questioner.offer(self.standings(), self.iteration)

    def measure_unit(self) -> None:
        """Takes the first clips, which never change, as what the reward's unit is measured on and questions look at."""
        frames = self.task.reward_features(self.questioner.first_frames())
        self.first_features = frames.mean(axis=0, dtype=np.float64)
        self._first_frames = frames.astype(np.float64)
        self.questioner.choose_probes(self._first_frames)
        self.aim = Aim(self.task, self.first_features)
        possible = np.sum(np.cov(self._first_frames, rowvar=False) * self.prior.covariance())
        self._possible_spread = float(np.sqrt(possible))

    def relearn(self) -> None:
        """Fits the reward model to all answers in force. Its unit is the spread of the reward over the first clips."""
        self.model.fit(*self.book.comparisons(), self.press_book.presses(self.first_features))
        self.middle = float(self.model.mean(self.first_features))
        self.first_rewards = self.model.mean(self._first_frames)
        spread = float(self.first_rewards.std())
        self.scale = spread if spread > LEAST_SPREAD * self._possible_spread else self._possible_spread
        self._aim()

    # Practice

    def _aim(self) -> None:
        """Decides the reward to practise on: the posterior's mean, or the present generation's draw from it.

        As the answers close in on the truth, a draw moves with them.
        """
        weights = self.model.posterior.weights
        if self.counters.supposes:
            rng = np.random.default_rng((self.seed, self.counters.generation))
            weights = self.model.draw(rng.standard_normal(self.book.size))
        self.aim.point(weights, self.scale)

    def _begin_fresh(self) -> None:
        """A policy that knows nothing."""
        config = self.config
        self.policy = ActorCritic(self.task, config.hidden, config.log_std, self.generator)
        self.ppo = PPO(self.policy, config.ppo, self.generator)

    def begin_with(self, parameters: Tensors) -> None:
        """A policy that practises on, with optimisers that remember nothing of it."""
        self._begin_fresh()
        unpack_module(self.policy, "", parameters)

    def keep_course(self) -> None:
        """Another policy practises from here on, on what is aimed at now, and as far as the leash still lets it."""
        self._aim()
        self.anchor = self.copy()
        self.counters.kl_before = self.counters.kl

    def _begin_generation(self) -> None:
        """Another way, which begins by supposing that a reward which the answers leave possible is the true one.

        On the posterior's mean every generation would end where the last one did. What is found on a draw is compared
        with the best so far, and if it is better, practised on (posterior sampling, Thompson 1933; Novoseller et al.
        2020 for preferences).
        """
        counters = self.counters
        counters.generation += 1
        counters.supposes = counters.generation % self.config.suppose_every == self.config.suppose_every - 1
        self._begin_fresh()
        self.ground.restart()

    def _begin_again(self) -> None:
        """The first generation anew: the first few answers left its reward open, and what it learnt is in the way.

        As long as it got a little better, it would practise on, where a fresh policy soon gets further.
        """
        self.counters.begin_stretch()
        self.counters.early = False
        self._begin_fresh()
        self.ground.restart()
        self._aim()

    @property
    def _times(self) -> int:
        """How many times as long as the shortest the present stretch is."""
        lengths, counters = self.config.generation_lengths, self.counters
        return lengths[counters.generation % len(lengths)] if counters.refines is None else 1

    def _still_finding(self) -> bool:
        """Whether a fresh generation gets better yet by the reward that it practises on; not for ever."""
        counters, config = self.counters, self.config
        if counters.refines is not None or counters.stretch >= config.longest_generation * self._times:
            return False
        own = [entry for entry in self.repertoire.entries if entry.generation == counters.generation][-2:]
        reached = [float(self.repertoire.mean_features(entry, self.lying) @ self.aim.weights) for entry in own]
        return len(reached) == 1 or reached[1] - reached[0] > config.improvement

    def _next_stretch(self) -> None:
        """The best policy practises on for as long as that makes it better; else a fresh one looks for another way.

        If that does not find a better one, and `back_to_best`, then the best one's turn comes again: the answers since
        may have told where it is to go.
        """
        counters, standings = self.counters, self.standings()
        self._ask_about_progress()
        unbeaten = standings.unbeaten()
        before = [entry for entry in unbeaten if entry.version <= counters.stretch_began]
        worth, best_before = (
            float(standings.worths(entries).max()) if entries else -np.inf for entries in (unbeaten, before)
        )
        found = worth - best_before > self.config.improvement * self.scale
        fresh = counters.refines is None
        counters.begin_stretch()
        if found or (self.config.back_to_best and fresh):
            best = standings.best()
            counters.refines = best.version
            if best is not self.repertoire.entries[-1]:
                self.begin_with(best.parameters)
        else:
            self._begin_generation()
        self.keep_course()

    def _ask_about_progress(self) -> None:
        """Whether what the learned reward holds for progress is."""
        kept, newest = self.repertoire.entries, self.repertoire.entries[-1]
        before = next((entry for entry in kept if entry.version == self.counters.refines), newest)
        was, became = self.standings().worths([before, newest])
        if became > was and self.config.progress_auditions:
            self.questioner.ask_about_progress(before.version, newest.version)

    def _keep_leash(self, inputs: torch.Tensor) -> None:
        """Practice ends early when the policy has moved as far as its labels allow."""
        flat = inputs[:: max(1, len(inputs) // 4)].flatten(0, 1)
        with torch.no_grad():
            kl = gaussian_kl(self.anchor.mean(flat), self.anchor.spread(), self.policy.mean(flat), self.policy.spread())
        self.counters.kl = self.counters.kl_before + float(kl.mean())
        if self.counters.kl > self.leash:
            self.counters.practice_left = 0

    @property
    def leash(self) -> float:
        """Nats that the policy may move by for the last label."""
        return self.config.leash_nats * max(self.counters.granted, 1)

    def copy(self) -> ActorCritic:
        """The practising policy as it is now, apart."""
        return deepcopy(self.policy)

    def policy_of(self, parameters: Tensors) -> ActorCritic:
        """The policy and value of an entry's parameters, apart."""
        policy = self.copy()
        unpack_module(policy, "", parameters)
        return policy

    def measure(self, entries: list[Entry]) -> None:
        """Measures how far each of these is from the reference policy."""
        for entry in entries:
            self.steering.meter.measure(entry.version, self.policy_of(entry.parameters))
            self.measured.append(entry.version)

    def outcomes(self) -> list[Outcome]:
        """Of auditions, and of going back."""
        return [*self.questioner.outcomes(), *self.steering.preferred()]

    # Trials

    def _trial(self) -> None:
        """The practising policy shows what it can, and enters the repertoire; clips of it can be asked about."""
        config = self.config
        weights = self.policy.weights()
        trial = run_trial(self.task, weights, TRIAL_SEED, config.trial_episodes)
        entry = Entry(
            self.counters.trials, self.counters.generation, pack_module(self.policy, ""), weights, trial,
            self.iteration, self.labels, self.counters.env_steps,
        )  # fmt: skip
        self.counters.trials += 1
        if not self.repertoire.entries:
            self.shown = entry
        self.measure([entry])
        self.repertoire.add(entry)
        if self.repertoire.overfull:
            self.repertoire.retire(self.standings().worst())
        self._choose_shown()
        self.questioner.record_recent(self._noisy(weights), self.iteration)

    def standings(self) -> Standings:
        """How the policies stand now."""
        margin = self.config.worth_margin * self.scale
        return Standings(self.repertoire, self.model, self.lying, margin, self.outcomes(), self.shown)

    def _choose_shown(self) -> None:
        """While a teacher presses nothing is auditioned, and practice goes on: a win counts for so many presses."""
        standings = self.standings()
        stale = self.counters.presses_since_audition >= self.config.win_holds
        wins = self.steering.preferred() if stale else standings.outcomes
        self.shown = standings.to_show(wins, self.config.worth_leap * self.scale)

    def _noisy(self, weights: PolicyWeights) -> Callable[[Singles], Singles]:
        spread = self.trying()

        def act(observations: Singles) -> Singles:
            noise = self.rng.standard_normal((len(observations), len(spread)), np.float32)
            return np.asarray(weights.act(observations) + spread * noise)

        return act

    def trying(self) -> Singles:
        """(nu,) standard deviation of the noise with which the practising policy is shown."""
        return np.asarray(0.5 * np.exp(self.policy.spread().detach().numpy()), np.float32)

    @property
    def labels(self) -> int:
        """Answers and presses in force."""
        return self.book.count + self.press_book.count

    def _note_falls(self, observations: Singles) -> None:
        if len(observations):
            now = self.task.reward_features(observations).mean(axis=0, dtype=np.float64)
            self.lying = LYING_MEMORY * self.lying + (1.0 - LYING_MEMORY) * now
