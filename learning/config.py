"""Every number that learning depends on. A session keeps the values it began with."""

from dataclasses import asdict, dataclass
from typing import Any

from learning.ppo_config import PPOConfig

LEARNER = 5
"""Number of the way of learning. It goes up whenever the same answers would teach something else, or ask otherwise."""
EARLIER = {"learner": 1, "press_sharpness": 1.0, "win_holds": 10**9, "paid_as_alone": False}
"""What a session began with whose configuration lacks these: presses as sharp as comparisons, winners of auditions that
stay, answers that pay for less among presses."""
SIZES = frozenset({
    "nsim", "rollout_steps", "hidden", "trial_episodes", "repertoire", "meter_rollouts", "meter_seconds", "pairs_ahead",
    "clip_frames", "broad_clips", "recent_clips", "clips_per_trial", "candidates", "pairs_kept", "audition_frames",
    "agreement_window",
})  # fmt: skip
"""Numbers that decide how much memory and time an iteration takes."""
SIZE_FACTOR = 25
"""The configuration of a session that somebody sent may have them so many times as large as usual, and no larger."""
LARGEST_NUMBER = 1e12


@dataclass(frozen=True, slots=True)
class TrainerConfig:
    """Plain numbers and tuples, which a session keeps as JSON. The same for every task, but for its `teaching`."""

    learner: int = LEARNER
    """A session goes on with the learner that it began with, or not at all: its answers are about that one's pairs."""

    # Practice
    nsim: int = 192
    """Simulations that practise side by side."""
    rollout_steps: int = 32
    """Control steps of each in one iteration."""
    diverse_share: float = 0.4
    """Share of practice episodes that start from the task's diverse starts,"""
    revisited_share: float = 0.3
    """and of those that go on from a state of the last rollout instead."""
    hidden: tuple[int, ...] = (64, 64)
    log_std: float = -0.3
    """Natural logarithm of the actions' spread at first."""
    discount: float = 0.98
    fall_hold: int = 100
    """A fall is worth so many control steps on the floor; then a fresh start."""
    fall_price: float = 0.25
    """Each of these is worth so much less than the answers say, in units of the learned reward's spread: the floor is
    where nothing is learnt, and few answers ask about it."""
    worth_hold: int = 25
    """The same when policies are compared: falling less is what a policy learns last."""

    # Schedule, in answers
    schedule: tuple[tuple[int, int], ...] = ((15, 2), (30, 22), (50, 7))
    """Until so many labels each pays for so many iterations of practice; after the first few a fresh policy begins,"""
    late_iterations: int = 2
    """and each later one for these."""
    paid_as_alone: bool = True
    """Whether an answer pays for no less than it would if there were no presses, which are labels too."""
    leash_nats: float = 0.06
    """The most KL that one iteration's share of the leash stands for."""
    generation_iterations: int = 45
    """A generation, or a stretch of refinement, is this long;"""
    longest_generation: int = 90
    """a generation that still gets better, by `improvement` from trial to trial, so long at most."""
    generation_lengths: tuple[int, ...] = (1,)
    """Of the generations one after the other, and again from the first: so many times as long as that."""
    suppose_every: int = 2
    """Each so-manieth generation practises on a reward that the answers leave possible."""
    improvement: float = 0.1
    """The best policy practises on while a stretch gains it so much learned reward a frame, in its unit."""
    back_to_best: bool = False
    """Whether it practises on as well after each fresh generation that found nothing better."""
    trial_every: int = 15
    """Iterations between two trials of the practising policy."""
    trial_episodes: int = 32
    worth_margin: float = 0.05
    """Policies whose learned reward differs by less than this, in its unit, are as good as equal."""
    worth_leap: float = 0.3
    """One that is ahead by more than this of a policy that has won no audition is shown at once."""
    win_holds: int = 8
    """An audition's winner is shown for so many presses whatever the learned reward says: answers bring others."""
    repertoire: int = 24
    """Policies kept."""
    meter_rollouts: int = 16
    """Fresh rollouts that a policy's KL from the reference is measured on, two at least,"""
    meter_seconds: float = 2.0
    """and how long each is, in seconds of simulation."""

    # Questions
    pairs_ahead: int = 2
    clip_frames: int = 25
    broad_clips: int = 400
    """Clips of the untaught robot thrown about."""
    broad_noise: float = 0.6
    """Standard deviation of its random actions."""
    broad_diverse: float = 0.7
    recent_clips: int = 200
    """Clips of practising policies."""
    clips_per_trial: int = 24
    recent_share: float = 0.2
    """Chance that a side of a proposed pair is of a practising policy."""
    astray_share: float = 0.0
    """Share of the clips of practising policies in which one motor goes to another place, from some moment on."""
    good_share: float = 0.0
    """Share of pairs that are of clips which the learned reward holds for good: there its mistakes cost most,"""
    good_part: float = 0.3
    """and this share of all clips is good."""
    candidates: int = 2000
    """Pairs among which the most telling is asked."""
    clip_uses: int = 3
    """No clip is shown in more pairs than this, but for repeats."""
    check_every: int = 8
    """Each so-manieth pair is drawn at random, to measure agreement fairly."""
    repeat_every: int = 20
    """Each so-manieth pair is an earlier one again, to measure the teacher's consistency."""
    pairs_kept: int = 16
    """Answered pairs from which a repeat is drawn."""
    audition_frames: int = 188
    """Of each clip of an audition."""
    auditions_from: int = 12
    """No pair before the one of this number, from 0, is an audition: there is hardly anything to compare yet."""
    audition_gap: int = 2
    """Between two auditions lie at least so many other pairs."""
    audition_overdue: int = 8
    """After so many other pairs there is one in any case."""
    progress_auditions: bool = True
    """Whether the teacher is asked if what the learned reward holds for progress of a policy is."""
    audition_weight: float = 2.0
    """What an audition tells counts so much more than what a pair of fragments tells."""
    agreement_window: int = 40

    # Reward model
    prior_variance: float = 9.0
    """Of what a feature is worth, before the answers say what matters;"""
    prior_strength: float = 0.1
    """it counts as so many features when they do."""
    error_floor: float = 0.05
    """Share of answers that are taken to say nothing, before the answers show how often the teacher slips;"""
    error_strength: float = 20.0
    """it counts as so many answers then."""
    press_sharpness: float = 0.12
    """Logits of a press to those of a comparison of the same moments: presses are late, and about a look that passed.
    Where both are given and part, comparisons are right."""

    def __post_init__(self) -> None:
        positive = (
            "nsim", "rollout_steps", "trial_every", "trial_episodes", "generation_iterations", "suppose_every",
            "win_holds", "repertoire", "pairs_ahead", "clip_frames", "broad_clips", "recent_clips", "clips_per_trial",
            "candidates", "clip_uses", "check_every", "repeat_every", "audition_frames", "agreement_window",
        )  # fmt: skip
        for name in positive:
            if getattr(self, name) < 1:
                raise ValueError(f"{name} is {getattr(self, name)}, wanted 1 or more")
        if not all(len(pair) == 2 and min(pair) >= 1 for pair in self.schedule) or min(self.hidden, default=1) < 1:
            raise ValueError("schedule is pairs of numbers and hidden is numbers, none below 1")
        if not (0.0 <= self.good_share <= 1.0 and 0.0 < self.good_part <= 1.0 and 0.0 <= self.astray_share <= 1.0):
            raise ValueError("good_share, good_part and astray_share are shares, and good_part is not 0")
        if self.meter_rollouts < 2 or not self.meter_seconds > 0.0:
            raise ValueError("meter_rollouts is 2 or more, and meter_seconds more than 0")
        if not self.press_sharpness > 0.0:
            raise ValueError(f"press_sharpness is {self.press_sharpness:g}, wanted more than 0")
        if min(self.generation_lengths, default=0) < 1:
            raise ValueError("generation_lengths is one number or more, none below 1")

    @classmethod
    def from_json(cls, fields: dict[str, Any]) -> "TrainerConfig":
        """The configuration that `dataclasses.asdict` made `fields` of, before they went through JSON.

        Raises:
            TypeError: they are of another version.
            ValueError: a number is out of bounds.
        """
        # JSON has no tuples
        values: dict[str, Any] = EARLIER | {key: _tuples(value) for key, value in fields.items()}
        if values["learner"] != LEARNER:
            raise TypeError(f"it began with learner {str(values['learner'])[:20]}, this is learner {LEARNER}")
        defaults = asdict(cls())
        for name, default in defaults.items():
            value = values.get(name, default)
            if value != () and not of_a_kind(value, default):
                raise TypeError(f"{name} is {str(value)[:60]}, wanted something like {default}")
            if name in SIZES and not _largest(value) <= SIZE_FACTOR * _largest(default):
                raise ValueError(f"{name} is {str(value)[:60]}, wanted at most {SIZE_FACTOR} times {default}")
        return cls(**values)

    @property
    def ppo(self) -> PPOConfig:
        """The policy optimiser's part."""
        return PPOConfig(discount=self.discount)

    def early(self, label: int) -> bool:
        """Whether the label number `label`, from 1, is one of the first few, which leave the reward open."""
        return len(self.schedule) > 1 and label <= self.schedule[0][0]

    def granted(self, label: int) -> int:
        """Iterations of practice that the label number `label`, from 1, pays for."""
        return next((paid for until, paid in self.schedule if label <= until), self.late_iterations)


def of_a_kind(value: object, default: object) -> bool:
    """Whether `value`, from JSON, can stand where `default` does; of lists only that they are lists of such values."""
    if isinstance(default, tuple):
        return isinstance(value, list | tuple) and len(value) > 0 and all(of_a_kind(each, default[0]) for each in value)
    if isinstance(default, bool) or isinstance(value, bool):
        return isinstance(default, bool) and isinstance(value, bool)
    if isinstance(value, int):
        return abs(value) <= LARGEST_NUMBER
    return isinstance(default, float) and isinstance(value, float) and abs(value) <= LARGEST_NUMBER


def _largest(value: Any) -> float:
    return max([len(value), *map(_largest, value)]) if isinstance(value, tuple) else float(value)


def _tuples(value: Any) -> Any:
    return tuple(map(_tuples, value)) if isinstance(value, list) else value
