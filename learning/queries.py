"""Which pair to ask next: the one whose answer is expected to tell most.

Of the model as a whole (BALD, Houlsby et al. 2011), or of the reward of given frames (EPIG, Bickford Smith et al.
2023).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from learning.clip_pool import ClipPool
from learning.reward_model import RewardModel
from sim.task import Floats


@dataclass(frozen=True, slots=True)
class Side:
    """A clip of a pool."""

    pool: ClipPool
    row: int


@dataclass(frozen=True, slots=True)
class Proposal:
    """A pair that could be asked."""

    left: Side
    right: Side
    information: float
    """Nats that its answer is expected to tell."""


def choose_pair(
    model: RewardModel,
    pools: tuple[ClipPool, ...],
    shares: tuple[float, ...],
    rng: np.random.Generator,
    candidates: int,
    max_uses: int,
    asked_before: Callable[[int, int], bool],
    *,
    at_random: bool,
    about: Floats | None = None,
    best: float = 1.0,
) -> Proposal:
    """Two different clips that were never shown together.

    Args:
        model: says what an answer would tell.
        pools: where clips come from.
        shares: chance of each pool, as far as it has clips.
        rng: proposes pairs, and decides the sides.
        candidates: how many pairs are proposed.
        max_uses: clips that were shown so often are passed over.
        asked_before: whether the clips with these numbers were shown together.
        at_random: take the first proposal instead of the most telling one.
        about: (m, d) features of frames whose reward the answer shall tell of; None is of the model as a whole.
        best: only clips among this share of all are proposed, by what the model holds them for.
    """
    members = [np.flatnonzero(pool.uses < max_uses) for pool in pools]
    members = [rows if len(rows) > 1 else np.arange(len(pool)) for rows, pool in zip(members, pools, strict=True)]
    if best < 1.0:
        members = _best_of(model, pools, members, best)
    chances = np.array([share if len(rows) else 0.0 for share, rows in zip(shares, members, strict=True)])
    chances /= chances.sum()
    which = rng.choice(len(pools), size=(candidates, 2), p=chances)
    rows = np.empty((candidates, 2), np.int64)
    for index, inside in enumerate(members):
        mask = which == index
        if mask.any():
            rows[mask] = inside[rng.integers(0, len(inside), int(mask.sum()))]
    different = (which[:, 0] != which[:, 1]) | (rows[:, 0] != rows[:, 1])
    which, rows = which[different], rows[different]
    differences = _features(pools, which[:, 0], rows[:, 0]) - _features(pools, which[:, 1], rows[:, 1])
    wanted = model.information(differences) if about is None else model.information_about(differences, about)
    order = np.arange(len(which)) if at_random else np.argsort(-wanted, kind="stable")
    for candidate in order:
        left = Side(pools[which[candidate, 0]], int(rows[candidate, 0]))
        right = Side(pools[which[candidate, 1]], int(rows[candidate, 1]))
        if not asked_before(number(left), number(right)):
            return Proposal(left, right, float(model.information(differences[candidate][None])[0]))
    raise RuntimeError("every proposed pair was shown before")


def number(side: Side) -> int:
    """The number of a side's clip."""
    return int(side.pool.numbers[side.row])


def _best_of(
    model: RewardModel, pools: tuple[ClipPool, ...], members: list[NDArray[np.int64]], share: float
) -> list[NDArray[np.int64]]:
    """Of these rows of pools, those of the best clips; all of a pool that would be left with one."""
    worth = [model.mean(pool.features[rows]) for pool, rows in zip(pools, members, strict=True)]
    least = np.quantile(np.concatenate(worth), 1.0 - share)
    kept = [rows[each >= least] for rows, each in zip(members, worth, strict=True)]
    return [some if len(some) > 1 else rows for some, rows in zip(kept, members, strict=True)]


def _features(pools: tuple[ClipPool, ...], which: NDArray[np.int64], rows: NDArray[np.int64]) -> NDArray[np.float64]:
    features = np.empty((len(which), pools[0].features.shape[1]))
    for index, pool in enumerate(pools):
        mask = which == index
        features[mask] = pool.features[rows[mask]]
    return features
