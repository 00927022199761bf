"""The form of over-optimisation on planted curves, and intervals over seeds."""

import math

import numpy as np
import pytest

from app.errors import UsageError
from app.lab.overoptimisation import fit_gao
from app.lab.pressure import interval, parse_targets

DISTANCES = np.sqrt([1.0, 3.0, 10.0, 20.0, 40.0, 80.0, 160.0, 320.0])


def form(distances: np.ndarray, alpha: float, beta: float) -> np.ndarray:
    return distances * (alpha - beta * np.log(distances))


@pytest.mark.parametrize(("alpha", "beta"), [(2.0, 0.9), (0.7, 0.25), (5.0, 3.0)])
def test_a_planted_curve_is_found(alpha: float, beta: float) -> None:
    fit = fit_gao(DISTANCES, form(DISTANCES, alpha, beta))
    assert (fit.alpha, fit.beta) == (pytest.approx(alpha), pytest.approx(beta))
    assert fit.fits and fit.r_squared == pytest.approx(1.0)
    assert fit.peak == pytest.approx(math.exp(alpha / beta - 1.0))
    fine = np.linspace(0.01, 100.0, 200_000)
    assert fine[form(fine, alpha, beta).argmax()] == pytest.approx(fit.peak, abs=1e-2)


@pytest.mark.parametrize("seed", range(5))
def test_a_planted_curve_is_found_in_noise(seed: int) -> None:
    rng = np.random.default_rng(seed)
    true = form(DISTANCES, 2.0, 0.9)
    fit = fit_gao(DISTANCES, true + rng.normal(0.0, 0.05 * true.std(), len(true)))
    assert fit.alpha == pytest.approx(2.0, rel=0.1) and fit.beta == pytest.approx(0.9, rel=0.1)
    assert fit.fits and "makes the true score worse" in fit.why


@pytest.mark.parametrize("seed", range(5))
def test_noise_alone_is_said_not_to_fit(seed: int) -> None:
    fit = fit_gao(DISTANCES, np.random.default_rng(seed).normal(size=len(DISTANCES)))
    assert not fit.fits and "does not fit" in fit.why


def test_a_flat_true_score_is_said_not_to_fit() -> None:
    fit = fit_gao(DISTANCES, np.zeros(len(DISTANCES)))
    assert not fit.fits and fit.r_squared == 0.0


def test_a_score_that_only_rises_has_no_peak_in_reach() -> None:
    fit = fit_gao(DISTANCES, 2.0 * DISTANCES)
    assert fit.fits and "no fall of the true score was seen" in fit.why


@pytest.mark.parametrize("distances", [np.array([1.0, 2.0, 3.0]), np.array([0.0, 1.0, 2.0, 3.0])])
def test_too_little_is_refused(distances: np.ndarray) -> None:
    with pytest.raises(ValueError, match="4 points or more"):
        fit_gao(distances, np.ones(len(distances)))


def test_intervals_cover_what_they_say() -> None:
    """Of 2,000 sets of five seeds, 95 % of the intervals hold the truth."""
    rng = np.random.default_rng(0)
    found = [interval(list(rng.normal(3.0, 2.0, 5))) for _ in range(2000)]
    held = np.mean([low <= 3.0 <= high for _, low, high in found])
    assert 0.93 < held < 0.97
    assert interval([4.0]) == (4.0, 4.0, 4.0)


@pytest.mark.parametrize("text", ["", "1,2,3", "1,2,2,4", "0,1,2,3", "4,3,2,1", "1,2,3,nan", "1,2,3,inf", "a,b,c,d"])
def test_bad_targets_are_refused_in_one_sentence(text: str) -> None:
    with pytest.raises(UsageError, match="rising numbers or more above 0"):
        parse_targets(text)


def test_targets_are_read() -> None:
    assert parse_targets("1, 10,100,1e3") == (1.0, 10.0, 100.0, 1000.0)
