"""How policies stand: which is best, shown, auditioned, and which has to go."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from learning.repertoire import Outcome, Repertoire
from learning.reward_model import BayesianRewardModel, Posterior
from learning.reward_prior import WeightPrior
from learning.standings import Standings
from sim.task import Floats
from tests.unit.learning.test_repertoire import FALLEN, entry

Mean = tuple[float, float]


def model_of(weights: Mean, covariance: Floats | None = None) -> BayesianRewardModel:
    model = BayesianRewardModel(WeightPrior.independent(2, 4.0), 0.05)
    model.posterior = Posterior(np.array(weights), np.eye(2) if covariance is None else covariance)
    return model


def standing(
    *means: Mean, model: BayesianRewardModel | None = None, margin: float = 0.0, outcomes: Sequence[Outcome] = (),
    capacity: int = 8, shown: int = 0,
) -> Standings:  # fmt: skip
    """Policies with these mean features, taken in one after the other; one has to go when there are too many."""
    repertoire = Repertoire(capacity, 50)
    first = entry(0, means[0])
    made = Standings(repertoire, model or model_of((1.0, 0.0)), FALLEN, margin, list(outcomes), first)
    for version, mean in enumerate(means):
        repertoire.add(first if version == 0 else entry(version, mean))
        if version == shown:
            made = replace(made, shown=repertoire.entries[-1])
        if repertoire.overfull:
            repertoire.retire(made.worst())
    return made


def kept(standings: Standings) -> list[int]:
    return [each.version for each in standings.repertoire.entries]


def test_the_best_follows_the_reward_model() -> None:
    standings = standing((0.0, 2.0), (3.0, 1.0), (1.0, 0.0))
    assert standings.best().version == 1
    assert replace(standings, model=model_of((0.0, 1.0))).best().version == 0
    np.testing.assert_allclose(standings.worths(), [0.0, 3.0, 1.0])


def test_of_equals_the_oldest_is_best() -> None:
    assert standing((1.0, 0.0), (1.0, 5.0)).best().version == 0


def test_of_those_within_the_margin_the_oldest_is_best() -> None:
    standings = standing((1.0, 0.0), (1.95, 0.0), (1.5, 0.0), (2.0, 0.0), (1.99, 0.0))
    assert [replace(standings, margin=each).best().version for each in (0.0, 0.02, 0.1, 2.0)] == [3, 3, 1, 0]


def test_the_worst_goes_but_neither_the_newest_nor_the_shown_one() -> None:
    assert kept(standing((5.0, 0.0), (1.0, 0.0), (3.0, 0.0), (0.0, 0.0), capacity=3)) == [0, 2, 3]
    assert kept(standing((5.0, 0.0), (1.0, 0.0), (3.0, 0.0), (0.0, 0.0), (4.0, 0.0), capacity=3)) == [0, 2, 4]
    assert kept(standing((1.0, 0.0), (3.0, 0.0), (2.0, 0.0), capacity=2)) == [0, 2]
    assert kept(standing((1.0, 0.0), (3.0, 0.0), (2.0, 0.0), capacity=2, shown=1)) == [1, 2]


def test_the_best_survives_any_number_of_newer_ones() -> None:
    rng = np.random.default_rng(0)
    standings = standing((1.0, 0.0), (9.0, 0.0), *((worth, 0.0) for worth in rng.uniform(0, 5, 30)), capacity=3)
    assert len(kept(standings)) == 3
    assert standings.best().version == 1


def test_a_winner_is_shown_and_who_has_not_won_gives_way_to_what_is_far_ahead() -> None:
    def shown(outcomes: list[Outcome], wins: list[Outcome], leap: float) -> int:
        return standing((1.0, 0.0), (2.0, 0.0), (3.0, 0.0), outcomes=outcomes).to_show(wins, leap).version

    assert shown([], [], 2.0) == 0, "ahead by no more than the leap"
    assert shown([], [], 1.9) == 2
    assert shown([(0, 1)], [(0, 1)], 1.0) == 0, "a winner stays"
    assert shown([(0, 1)], [], 1.0) == 2, "unless its win has ceased to count"
    assert shown([(1, 0)], [(1, 0)], 0.5) == 1, "who beat the shown one is a winner"
    assert shown([(1, 0)], [], 0.5) == 2
    assert shown([(0, 2)], [], 0.5) == 1, "what lost is not shown, however far ahead"


def test_a_challenger_is_ahead_and_was_not_compared() -> None:
    def challenger(known: set[frozenset[int]], outcomes: list[Outcome]) -> int | None:
        standings = standing((1.0, 0.0), (3.0, 0.0), (2.0, 0.0), (1.04, 0.0), margin=0.05, outcomes=outcomes)
        found = standings.challenger(known)
        return None if found is None else found.version

    assert challenger(set(), []) == 1
    assert challenger({frozenset((0, 1))}, [(0, 1)]) == 2
    assert challenger({frozenset((0, 1)), frozenset((0, 2))}, [(0, 1), (0, 2)]) is None
    assert challenger(set(), [(2, 1)]) == 2


def test_a_rival_is_the_one_whose_comparison_tells_most() -> None:
    model = model_of((1.0, 0.0), np.diag([1e-4, 4.0]))
    standings = standing((3.0, 0.0), (2.9, 0.1), (2.8, 3.0), (0.0, 0.0), model=model)
    found = standings.rival(set(), 1.0)
    assert found is not None and found.other.version == 2
    assert found.information > 0.1
    again = standings.rival({frozenset((0, 2))}, 1.0)
    assert again is not None and again.other.version != 2 and again.information < found.information
    assert standings.rival({frozenset((0, version)) for version in (1, 2, 3)}, 1.0) is None


def test_one_policy_has_no_rival() -> None:
    assert standing((1.0, 0.0)).rival(set(), 1.0) is None
