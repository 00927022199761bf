"""Simulated teachers by their answer rates on pairs whose returns are known (B-Pref, Lee et al. 2021)."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest

from learning.messages import Choice, Pair, PairKind
from learning.teachers import (
    CONFIGS,
    ORACLE,
    TEACHER_KINDS,
    SimulatedTeacher,
    TeacherConfig,
    credit_spread,
    make_teacher,
)
from sim.clip import Clip
from sim.hopper_flips import HopperBackflip
from sim.task import Floats, Singles

FRAMES = 10
MANY = 2000
MakeClip = Callable[[Sequence[float] | Floats], Clip]


class PlainTask(HopperBackflip):
    """The credit of a frame is the first column of its observation."""

    def credit(self, observations: Singles, actions: Singles) -> Floats:
        return observations[..., 0].astype(np.float64)


@pytest.fixture(scope="module")
def plain() -> PlainTask:
    return PlainTask()


@pytest.fixture(scope="module")
def unit(plain: PlainTask) -> float:
    return credit_spread(plain)


@pytest.fixture(scope="module")
def pair_of(make_clip: MakeClip, unit: float) -> Callable[..., Pair]:
    """A pair whose frames have these credits, in units of the spread."""

    def make(left: float | Floats, right: float | Floats, number: int = 0) -> Pair:
        sides = [make_clip(unit * np.broadcast_to(side, FRAMES)) for side in (left, right)]
        return Pair(number, PairKind.FRAGMENT, sides[0], sides[1])

    return make


def rates(teacher: SimulatedTeacher, pair: Pair, count: int = MANY) -> dict[Choice, float]:
    """Share of each answer over `count` pair numbers."""
    counts = Counter(teacher.answer(replace(pair, id=number)) for number in range(count))
    return {choice: counts[choice] / count for choice in Choice}


def binomial_bounds(chance: float, count: int) -> tuple[float, float]:
    """Four standard deviations to either side."""
    reach = 4 * np.sqrt(chance * (1 - chance) / count)
    return chance - reach, chance + reach


def test_every_kind_can_be_had(plain: PlainTask) -> None:
    assert set(TEACHER_KINDS) == {"oracle", "mistaken", "noisy", "skipping", "myopic", "equal"}
    for kind in TEACHER_KINDS:
        assert make_teacher(kind, plain, 0).config is CONFIGS[kind]


def test_oracle_always_prefers_the_better(plain: PlainTask, pair_of: Callable[..., Pair]) -> None:
    oracle = make_teacher("oracle", plain, 1)
    assert rates(oracle, pair_of(0.01, 0.0), 200)[Choice.LEFT] == 1.0
    assert rates(oracle, pair_of(-2.0, -1.0), 200)[Choice.RIGHT] == 1.0
    assert oracle.answer(pair_of(1.0, 1.0)) is Choice.EQUAL


def test_mistaken_turns_a_tenth_round(plain: PlainTask, pair_of: Callable[..., Pair]) -> None:
    found = rates(make_teacher("mistaken", plain, 1), pair_of(1.0, 0.0))
    low, high = binomial_bounds(0.1, MANY)
    assert low < found[Choice.RIGHT] < high
    assert found[Choice.LEFT] == pytest.approx(1 - found[Choice.RIGHT])


@pytest.mark.parametrize("difference", [0.05, 0.1, 0.2])
def test_noisy_follows_boltzmann(difference: float, plain: PlainTask, pair_of: Callable[..., Pair]) -> None:
    found = rates(make_teacher("noisy", plain, 1), pair_of(0.3 + difference, 0.3))
    low, high = binomial_bounds(1 / (1 + np.exp(-difference * FRAMES)), MANY)
    assert low < found[Choice.LEFT] < high
    assert found[Choice.LEFT] + found[Choice.RIGHT] == 1.0


def test_skipping_skips_what_neither_side_shows(plain: PlainTask, pair_of: Callable[..., Pair]) -> None:
    teacher = make_teacher("skipping", plain, 1)
    limit = teacher.config.skip
    assert rates(teacher, pair_of(0.99 * limit, -1.0), 50)[Choice.CANNOT_TELL] == 1.0
    assert rates(teacher, pair_of(1.01 * limit, -1.0), 50)[Choice.LEFT] == 1.0
    assert rates(teacher, pair_of(-1.0, 1.01 * limit), 50)[Choice.RIGHT] == 1.0
    assert make_teacher("oracle", plain, 1).answer(pair_of(-1.0, -2.0)) is Choice.LEFT


def test_equal_finds_near_ones_equal(plain: PlainTask, pair_of: Callable[..., Pair]) -> None:
    teacher = make_teacher("equal", plain, 1)
    limit = teacher.config.equal
    assert rates(teacher, pair_of(2.0, 2.0 - 0.99 * limit), 50)[Choice.EQUAL] == 1.0
    assert rates(teacher, pair_of(2.0, 2.0 - 1.01 * limit), 50)[Choice.LEFT] == 1.0
    assert rates(teacher, pair_of(2.0 - 1.01 * limit, 2.0), 50)[Choice.RIGHT] == 1.0


def test_myopic_prefers_what_comes_later(plain: PlainTask, pair_of: Callable[..., Pair]) -> None:
    early, late = np.zeros(FRAMES), np.zeros(FRAMES)
    early[0], late[-1] = 1.2, 1.0
    assert make_teacher("oracle", plain, 1).answer(pair_of(early, late)) is Choice.LEFT
    assert make_teacher("myopic", plain, 1).answer(pair_of(early, late)) is Choice.RIGHT


def test_myopic_returns_are_discounted_from_the_end(plain: PlainTask, make_clip: MakeClip, unit: float) -> None:
    teacher = SimulatedTeacher(replace(ORACLE, gamma=0.5), plain, 0)
    assert teacher.returns(make_clip([4 * unit, 2 * unit, 1 * unit])) == pytest.approx(4 * 0.25 + 2 * 0.5 + 1, rel=1e-6)


@pytest.mark.parametrize(
    ("config", "left", "right", "at_limit"),
    [
        (replace(ORACLE, skip=0.1, gamma=0.9), 0.09, -1.0, Choice.CANNOT_TELL),
        (replace(ORACLE, equal=0.1, gamma=0.9), 1.0, 0.91, Choice.EQUAL),
        (replace(ORACLE, skip=0.1, gamma=0.9), 0.11, -1.0, Choice.LEFT),
        (replace(ORACLE, equal=0.1, gamma=0.9), 1.0, 0.89, Choice.LEFT),
    ],
    ids=["skipped", "equal", "not skipped", "not equal"],
)
def test_thresholds_do_not_move_from_pair_to_pair(
    config: TeacherConfig, left: float, right: float, at_limit: Choice, plain: PlainTask, pair_of: Callable[..., Pair]
) -> None:
    """Nor does a discount count twice: the limit is by the frames that count."""
    teacher = SimulatedTeacher(config, plain, 0)
    answers = [teacher.answer(pair_of(left, right, number)) for number in range(1000)]
    assert answers == [at_limit] * 1000


def test_an_answer_depends_on_pair_and_seed_alone(plain: PlainTask, pair_of: Callable[..., Pair]) -> None:
    config = TeacherConfig(beta=0.5, epsilon=0.2)
    pairs = [pair_of(0.1, 0.0, number) for number in range(200)]
    first, second, other = (SimulatedTeacher(config, plain, seed) for seed in (7, 7, 8))
    forward = [first.answer(pair) for pair in pairs]
    backward = [second.answer(pair) for pair in reversed(pairs)][::-1]
    assert forward == backward
    assert forward != [other.answer(pair) for pair in pairs]


@pytest.mark.parametrize(
    "wrong", [{"beta": 0.0}, {"gamma": 0.0}, {"gamma": 1.1}, {"epsilon": -0.1}, {"epsilon": 1.1}, {"equal": -1.0}]
)
def test_impossible_parameters_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="no teacher"):
        replace(ORACLE, **wrong)


def test_unit_is_the_spread_of_a_frame(plain: PlainTask, unit: float) -> None:
    class Tripled(PlainTask):
        def credit(self, observations: Singles, actions: Singles) -> Floats:
            return 3 * super().credit(observations, actions)

    assert unit > 0.01
    assert credit_spread(Tripled()) == pytest.approx(3 * unit)
