"""Which pair is asked next."""

from collections.abc import Callable

import numpy as np
import pytest

from learning.clip_pool import ClipPool, Recording
from learning.queries import Proposal, Side, choose_pair, number
from learning.reward_model import BayesianRewardModel
from learning.reward_prior import WeightPrior
from sim.task import Floats, Task

PoolOf = Callable[..., ClipPool]


def nothing_before(left: int, right: int) -> bool:
    return False


@pytest.fixture
def pool_of(task: Task) -> PoolOf:
    """A pool with these features, numbered from `first`."""

    def make(features: Floats, first: int = 0) -> ClipPool:
        count = len(features)
        pool = ClipPool(task, 1, max(count, 1))
        recording = Recording(
            np.zeros((count, 1, task.state_size)),
            np.zeros((count, 1, task.observation_size), np.float32),
            np.zeros((count, 1, task.action_size), np.float32),
        )
        pool.add(recording, first, 0)
        pool.features = features
        return pool

    return make


def ask(pools: tuple[ClipPool, ...], seed: int = 0, **words: object) -> Proposal:
    rng = np.random.default_rng(seed)
    usual = {
        "model": BayesianRewardModel(WeightPrior.independent(2, 4.0), 0.05),
        "shares": (1.0,) * len(pools), "candidates": 400, "max_uses": 3,
        "asked_before": nothing_before, "at_random": False,
    }  # fmt: skip
    return choose_pair(pools=pools, rng=rng, **(usual | words))


def test_the_most_telling_pair_is_asked(pool_of: PoolOf) -> None:
    features = np.zeros((12, 2))
    features[4], features[9] = (3.0, 0.0), (-3.0, 0.0)
    proposal = ask((pool_of(features),))
    assert {number(proposal.left), number(proposal.right)} == {4, 9}
    assert proposal.information > 0.2


def test_the_model_decides_what_is_telling(pool_of: PoolOf) -> None:
    features = np.array([[2.0, 0.0], [-2.0, 0.0], [0.0, 1.5], [0.0, -1.5]])
    model = BayesianRewardModel(WeightPrior.independent(2, 4.0), 0.05)
    model.fit(np.tile([1.0, 0.0], (12, 1)), np.ones(12))
    proposal = ask((pool_of(features),), model=model)
    assert {number(proposal.left), number(proposal.right)} == {2, 3}


def test_what_a_question_shall_be_about_decides_what_is_telling(pool_of: PoolOf) -> None:
    """The clearest pair says nothing of the second quantity."""
    features = np.array([[3.0, 0.0], [-3.0, 0.0], [0.0, 0.6], [0.0, -0.6]])
    for about, clips in ((None, {0, 1}), (np.array([[0.0, 1.0]]), {2, 3}), (np.array([[1.0, 0.0]]), {0, 1})):
        proposal = ask((pool_of(features),), about=about)
        assert {number(proposal.left), number(proposal.right)} == clips
        model = BayesianRewardModel(WeightPrior.independent(2, 4.0), 0.05)
        asked = features[[number(proposal.left)]] - features[[number(proposal.right)]]
        assert proposal.information == pytest.approx(model.information(asked)[0]), "an audition is compared with this"


def test_a_random_pair_is_random(pool_of: PoolOf) -> None:
    features = np.zeros((12, 2))
    features[4], features[9] = (3.0, 0.0), (-3.0, 0.0)
    found = [ask((pool_of(features),), seed, at_random=True) for seed in range(60)]
    pairs = {frozenset((number(proposal.left), number(proposal.right))) for proposal in found}
    assert len(pairs) > 30
    assert {clip for pair in pairs for clip in pair} == set(range(12))


def test_no_pair_is_asked_twice_and_no_clip_with_itself(pool_of: PoolOf) -> None:
    pools = (pool_of(np.random.default_rng(0).normal(size=(3, 2))), pool_of(np.ones((2, 2)), first=3))
    asked: set[frozenset[int]] = set()
    for turn in range(10):
        proposal = ask(
            pools, turn, asked_before=lambda *pair: frozenset(pair) in asked, max_uses=99, at_random=turn % 3 == 0
        )
        pair = frozenset((number(proposal.left), number(proposal.right)))
        assert len(pair) == 2 and pair not in asked
        asked.add(pair)
    assert len(asked) == 10
    with pytest.raises(RuntimeError, match="shown before"):
        ask(pools, 99, asked_before=lambda *pair: frozenset(pair) in asked)


@pytest.mark.parametrize("at_random", [True, False])
def test_clips_that_were_shown_enough_are_passed_over(at_random: bool, pool_of: PoolOf) -> None:
    pool = pool_of(np.random.default_rng(1).normal(size=(8, 2)))
    pool.uses[:] = [3, 0, 4, 2, 3, 1, 3, 3]
    for seed in range(20):
        proposal = ask((pool,), seed, at_random=at_random)
        assert {number(proposal.left), number(proposal.right)} <= {1, 3, 5}


def test_used_up_pools_still_give_pairs(pool_of: PoolOf) -> None:
    pool = pool_of(np.random.default_rng(1).normal(size=(4, 2)))
    pool.uses[:] = 3
    assert ask((pool,)).information > 0


def test_shares_and_empty_pools_are_heeded(pool_of: PoolOf) -> None:
    broad = pool_of(np.random.default_rng(1).normal(size=(6, 2)))
    recent = pool_of(np.random.default_rng(2).normal(size=(6, 2)), first=6)
    empty = pool_of(np.empty((0, 2)))
    for seed in range(10):
        proposal = ask((empty, recent), seed, shares=(0.9, 0.1))
        assert proposal.left.pool is recent and proposal.right.pool is recent
    sides = [ask((broad, recent), seed, shares=(0.25, 0.75), at_random=True) for seed in range(300)]
    share = np.mean([[side.pool is recent for side in (proposal.left, proposal.right)] for proposal in sides])
    assert 0.67 < share < 0.83


def test_a_question_of_good_clips_is_of_those_that_the_model_holds_for_good(pool_of: PoolOf) -> None:
    """The clearest pairs have one of the worst clips."""
    features = np.column_stack([np.arange(20.0), np.zeros(20)])
    features[0, 1], features[1, 1] = 9.0, -9.0
    model = BayesianRewardModel(WeightPrior.independent(2, 4.0), 0.05)
    model.fit(np.tile([1.0, 0.0], (12, 1)), np.ones(12))
    assert min(number(side) for side in _sides(ask((pool_of(features),), model=model))) < 2
    for seed in range(20):
        proposal = ask((pool_of(features),), seed, model=model, best=0.3)
        assert min(number(side) for side in _sides(proposal)) >= 14


def test_a_pool_without_good_clips_is_not_left_empty(pool_of: PoolOf) -> None:
    worse, better = (np.column_stack([at + np.arange(6.0), np.zeros(6)]) for at in (0.0, 50.0))
    model = BayesianRewardModel(WeightPrior.independent(2, 4.0), 0.05)
    model.fit(np.tile([1.0, 0.0], (12, 1)), np.ones(12))
    pools = pool_of(worse), pool_of(better, 100)
    seen = {number(side) for seed in range(20) for side in _sides(ask(pools, seed, model=model, best=0.2))}
    assert any(each < 100 for each in seen) and any(each >= 100 for each in seen)


def test_good_clips_are_found_when_all_were_shown_often_enough(pool_of: PoolOf) -> None:
    pool = pool_of(np.column_stack([np.arange(20.0), np.zeros(20)]))
    pool.uses[:] = 3
    model = BayesianRewardModel(WeightPrior.independent(2, 4.0), 0.05)
    model.fit(np.tile([1.0, 0.0], (12, 1)), np.ones(12))
    proposal = ask((pool, pool_of(np.empty((0, 2)))), model=model, best=0.3)
    assert min(number(side) for side in _sides(proposal)) >= 14


def _sides(proposal: Proposal) -> tuple[Side, Side]:
    return proposal.left, proposal.right
