"""What the feedback says about reward: a Bayesian Bradley-Terry model over the task's reward features.

The learned reward of a frame is `w . features(frame)`. Left wins a comparison of two clips with probability
`floor / 2 + (1 - floor) * sigmoid(w . (mean features of left - mean features of right))`: Bradley and Terry 1952, with
the label-error floor of Christiano et al. 2017 (section 2.2.3), which is learnt from the answers here, since how often
a teacher slips is not known before. The weights have a Gaussian prior, which itself is
learnt from the answers (`learning.reward_prior`), and the posterior is approximated by expectation propagation (Minka
2001), which is still right when single answers all but settle a direction; a Laplace approximation is not, and asks the
same question again and again (docs/lab-notes.md).
"""

from copy import copy
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import ThreadpoolController

from learning.press_likelihood import (
    LENIENCY_VARIANCE,
    THRESHOLD_EXPECTED,
    Presses,
    learnt_threshold,
    likelihood,
    sigmoid,
)
from learning.reward_prior import WeightPrior
from sim.task import Floats

NODES, _NODE_WEIGHTS = np.polynomial.hermite_e.hermegauss(32)
NODE_WEIGHTS = _NODE_WEIGHTS / _NODE_WEIGHTS.sum()
"""Quadrature over a standard normal."""
MAX_SWEEPS = 60
SWEEPS_BETWEEN = 12
"""The same, while the prior's variances are not learnt yet."""
DAMPING = 0.6
TOLERANCE = 1e-4
MAX_PRECISION = 1e4
TINY = 1e-9
MOST_TOLD = 0.999
"""Share of a reward's variance that one answer can take away: no answer settles anything."""
BLAS = ThreadpoolController()
ROUNDS = 6
"""So often the prior's variances are learnt: more rounds change little."""


class RewardModel(Protocol):
    """What the trainer needs of a model of reward, for features of `d` numbers."""

    def fit(self, differences: Floats, targets: Floats, presses: Presses | None = None) -> None:
        """Learns from all feedback anew.

        Args:
            differences: (n, d) mean features of the left clip minus those of the right one.
            targets: (n,) 1 where left was better, 0 where right was, 0.5 for a tie.
            presses: what was judged while watching, if anything was.
        """
        ...

    def mean(self, features: Floats) -> Floats:
        """(..., d) -> (...) expected reward."""
        ...

    def std(self, features: Floats) -> Floats:
        """(..., d) -> (...) posterior standard deviation of the reward."""
        ...

    def draw(self, normals: Floats) -> Floats:
        """(d,) weights that the answers leave possible, one draw from the posterior, made of (d,) standard normals."""
        ...

    def probability(self, differences: Floats) -> Floats:
        """(n, d) -> (n,) chance that left is chosen."""
        ...

    def information(self, differences: Floats) -> Floats:
        """(n, d) -> (n,) what an answer is expected to tell about the model, in nats (BALD, Houlsby et al. 2011)."""
        ...

    def information_about(self, differences: Floats, features: Floats) -> Floats:
        """(n, d), (m, d) -> (n,) what an answer is expected to tell about the reward of `features`, summed over them.

        In nats (EPIG, Bickford Smith et al. 2023): what tells much of the model may tell little of what counts.
        """
        ...

    def expecting(self, differences: Floats) -> "RewardModel":
        """The model as sure as answers to (n, d) open questions are expected to make it, whatever they are."""
        ...


@dataclass(frozen=True, slots=True)
class Posterior:
    """A Gaussian over the weights."""

    weights: Floats
    """(d,) mean."""
    covariance: Floats
    """(d, d)"""


@dataclass(slots=True)
class Sites:
    """What each answer is taken to say of its logit: a Gaussian factor, by its precision and its shift."""

    precision: Floats
    """(n,)"""
    shift: Floats
    """(n,) precision times mean."""


class BayesianRewardModel:
    """The `RewardModel` that learnt most from few answers. What it holds is a function of the comparisons alone."""

    def __init__(
        self,
        prior: WeightPrior,
        error_floor: float,
        error_strength: float = np.inf,
        press_sharpness: float = 1.0,
    ) -> None:
        """Knows nothing yet.

        Args:
            prior: of the weights.
            error_floor: share of answers that are taken to say nothing, before the first of them;
            error_strength: it counts as so many answers when they say otherwise; infinite if it stays.
            press_sharpness: logits of a press to those of a comparison of the same moments. Where there are only
                presses there is nothing that they could be blunter than, and it does not count.
        """
        self._prior = prior
        self._first_floor = self.floor = error_floor
        """Share of answers that are taken to say nothing, after those there are."""
        self.threshold = THRESHOLD_EXPECTED
        """How much better than usual a moment must be to be rewarded, or worse to be punished, in logits."""
        self._error_strength, self._press_sharpness = error_strength, press_sharpness
        self.posterior = Posterior(np.zeros(len(prior.mixing)), prior.covariance())

    def fit(self, differences: Floats, targets: Floats, presses: Presses | None = None) -> None:
        """Expectation propagation, and around it expectation maximisation of what else is unknown.

        That is the prior's variances, how often the teacher slips, and from where on he presses.
        """
        prior, size = self._prior, self._prior.mixing.shape[1]
        self.floor, self.threshold = self._first_floor, THRESHOLD_EXPECTED
        factored = differences @ prior.mixing if len(targets) else np.empty((0, size))
        variances = prior.first_variances()
        if presses is not None and len(presses):
            watched = presses.differences @ prior.mixing * (self._press_sharpness if len(targets) else 1.0)
            factored, variances = _with_leniency(factored, watched, variances)
        else:
            presses = None
        said = _Said(targets, presses)
        sites = Sites(np.zeros(len(factored)), np.zeros(len(factored)))
        # matrices this small are slower on several threads, and the last bits would depend on their number
        with BLAS.limit(limits=1, user_api="blas"):
            learns_floor = bool(np.isfinite(self._error_strength))
            for _ in range(ROUNDS if len(factored) and (prior.learns or learns_floor) else 0):
                factors = self._propagate(factored, said, variances, sites, SWEEPS_BETWEEN)
                if prior.learns:
                    squares = factors.weights**2 + np.diag(factors.covariance)
                    variances[:size] = prior.learnt_variances(squares[:size])
                if learns_floor:
                    self._learn_teacher(factors, factored, said, sites)
            factors = self._propagate(factored, said, variances, sites, MAX_SWEEPS)
        mixing = prior.mixing
        covariance = factors.covariance[:size, :size]
        self.posterior = Posterior(mixing @ factors.weights[:size], mixing @ covariance @ mixing.T)

    def _learn_teacher(self, posterior: Posterior, differences: Floats, said: "_Said", sites: Sites) -> None:
        """One step of expectation maximisation: how many answers are slips, and when the teacher presses at all."""
        logits = _at_nodes(*_without(sites, *_along(posterior, differences)))
        compared, watched = logits[: len(said.targets)], logits[len(said.targets) :]
        if said.presses is not None:
            self.threshold = learnt_threshold(watched, said.presses.signs, NODE_WEIGHTS, self.floor)
        self.floor = self._learnt_floor(compared, said.targets)

    def _learnt_floor(self, logits: Floats, targets: Floats) -> float:
        chosen = np.sign(2.0 * targets - 1.0)
        telling = chosen != 0.0
        expected = self._win(chosen[telling, None] * logits[telling]) @ NODE_WEIGHTS
        slips = float((self.floor / 2 / expected).sum())
        strength = self._error_strength
        return (slips + strength * self._first_floor) / (int(telling.sum()) + strength)

    def _propagate(self, differences: Floats, said: "_Said", variances: Floats, sites: Sites, sweeps: int) -> Posterior:
        """All sites in parallel, damped, from where `sites` were left; they are changed in place."""
        prior = np.diag(1.0 / variances)
        posterior = _gaussian(prior, differences, sites)
        for _ in range(sweeps if len(differences) else 0):
            cavity_mean, cavity_variance = _without(sites, *_along(posterior, differences))
            cavity_precision = 1.0 / cavity_variance
            tilted_mean, tilted_variance = self._tilted(cavity_mean, cavity_variance, said)
            wanted_precision = np.clip(1.0 / tilted_variance - cavity_precision, 0.0, MAX_PRECISION)
            wanted_shift = tilted_mean * (wanted_precision + cavity_precision) - cavity_mean * cavity_precision
            change = wanted_shift - sites.shift
            stiffening = wanted_precision - sites.precision
            sites.precision += DAMPING * stiffening
            sites.shift += DAMPING * change
            posterior = _gaussian(prior, differences, sites)
            if max(np.abs(change).max(), (np.abs(stiffening) / (1.0 + sites.precision)).max()) < TOLERANCE:
                break
        return posterior

    def mean(self, features: Floats) -> Floats:
        """Expected reward."""
        return np.asarray(features @ self.posterior.weights)

    def std(self, features: Floats) -> Floats:
        """Posterior standard deviation of the reward."""
        variance = ((features @ self.posterior.covariance) * features).sum(axis=-1)
        return np.asarray(np.sqrt(np.maximum(variance, 0.0)))

    def draw(self, normals: Floats) -> Floats:
        """One draw from the posterior. The same normals give nearly the same draw after one more answer."""
        return np.asarray(self.posterior.weights + np.linalg.cholesky(self.posterior.covariance) @ normals)

    def probability(self, differences: Floats) -> Floats:
        """Chance that left is chosen, the model's own doubt included."""
        return np.asarray(self._chances(differences) @ NODE_WEIGHTS)

    def information(self, differences: Floats) -> Floats:
        """Mutual information between the answer and the weights."""
        chances = self._chances(differences)
        return np.asarray(_entropy(chances @ NODE_WEIGHTS) - _entropy(chances) @ NODE_WEIGHTS)

    def information_about(self, differences: Floats, features: Floats) -> Floats:
        """Mutual information between the answer and the reward of each of `features`, both taken to be Gaussian."""
        variance, left = self._expected_variance(differences)
        with BLAS.limit(limits=1, user_api="blas"):  # as in `fit`: the same bits on any number of cores
            spread = self.posterior.covariance @ features.T
            shared = (differences @ spread) ** 2 * ((1.0 - left) / variance)[:, None]
        told = np.minimum(shared / np.maximum((features.T * spread).sum(axis=0), TINY), MOST_TOLD)
        return np.asarray(-0.5 * np.log1p(-told).sum(axis=1))

    def expecting(self, differences: Floats) -> "BayesianRewardModel":
        """As sure as the answers to open questions will make it: what they tell is not asked again meanwhile.

        The mean stays, and the variance along each question shrinks to what it will be on average over both answers.
        """
        weights, covariance = self.posterior.weights, self.posterior.covariance.copy()
        expected = copy(self)
        expected.posterior = Posterior(weights, covariance)
        for difference in differences:
            variance, left = expected._expected_variance(difference[None])
            along = covariance @ difference
            covariance -= np.outer(along, along) * ((1.0 - left) / variance)
        return expected

    def _expected_variance(self, differences: Floats) -> tuple[Floats, Floats]:
        """(n,) variance of the logits, and (n,) the share of it that is expected to be left after the answer."""
        mean, variance = _along(self.posterior, differences)
        chance = self.probability(differences)
        of_left, of_right = (
            self._tilted(mean, variance, _Said(np.full(len(mean), target)))[1] for target in (1.0, 0.0)
        )
        return variance, np.clip((chance * of_left + (1.0 - chance) * of_right) / variance, 0.0, 1.0)

    def _chances(self, differences: Floats) -> Floats:
        """(n, d) -> (n, nodes) chance of left at each quadrature node of what the model holds possible."""
        mean, variance = _along(self.posterior, differences)
        return self._win(_at_nodes(mean, variance))

    def _win(self, logits: Floats) -> Floats:
        return self.floor / 2 + (1.0 - self.floor) * sigmoid(logits)

    def _tilted(self, mean: Floats, variance: Floats, said: "_Said") -> tuple[Floats, Floats]:
        """Moments (n,), (n,) of the cavity Gaussians times the likelihoods of what was said."""
        logits = _at_nodes(mean, variance)
        compared = len(said.targets)
        win = self._win(logits[:compared])
        wanted = said.targets[:, None]
        # a tie counts half for each side, as in Christiano et al. 2017
        chances = np.exp(wanted * np.log(win) + (1.0 - wanted) * np.log1p(-win))
        if said.presses is not None:
            pressed = likelihood(logits[compared:], said.presses.signs, self.threshold, self.floor)
            chances = np.concatenate([chances, pressed])
        chances = chances * NODE_WEIGHTS
        total = chances.sum(axis=1)
        tilted = (chances * logits).sum(axis=1) / total
        spread = (chances * (logits - tilted[:, None]) ** 2).sum(axis=1) / total
        return tilted, np.maximum(spread, TINY)


@dataclass(frozen=True, slots=True, eq=False)
class _Said:
    """What was said of each row: comparisons first, then presses and silence."""

    targets: Floats
    presses: Presses | None = None


def _with_leniency(compared: Floats, watched: Floats, variances: Floats) -> tuple[Floats, Floats]:
    """Rows of comparisons and of what was watched, and the variances, with a factor more: the teacher's leniency."""
    rows = np.concatenate([compared, watched])
    lenient = np.concatenate([np.zeros(len(compared)), np.ones(len(watched))])
    return np.column_stack([rows, lenient]), np.append(variances, LENIENCY_VARIANCE)


def _gaussian(prior: Floats, differences: Floats, sites: Sites) -> Posterior:
    covariance = np.linalg.inv(prior + (differences * sites.precision[:, None]).T @ differences)
    covariance = (covariance + covariance.T) / 2
    return Posterior(covariance @ (differences.T @ sites.shift), covariance)


def _along(posterior: Posterior, differences: Floats) -> tuple[Floats, Floats]:
    """Mean and variance (n,), (n,) of the logits."""
    variance = ((differences @ posterior.covariance) * differences).sum(axis=1)
    return differences @ posterior.weights, np.maximum(variance, TINY)


def _at_nodes(mean: Floats, variance: Floats) -> Floats:
    """(n,), (n,) -> (n, nodes) the logits at each quadrature node."""
    return np.asarray(mean[:, None] + np.sqrt(variance)[:, None] * NODES)


def _without(sites: Sites, mean: Floats, variance: Floats) -> tuple[Floats, Floats]:
    """Mean and variance (n,), (n,) of each logit as all the other answers leave it."""
    precision = np.maximum(1.0 / variance - sites.precision, TINY)
    return (mean / variance - sites.shift) / precision, 1.0 / precision


def _entropy(chance: NDArray[np.float64]) -> Floats:
    """Of a coin, in nats."""
    p = np.clip(chance, TINY, 1.0 - TINY)
    return np.asarray(-(p * np.log(p) + (1.0 - p) * np.log1p(-p)))
