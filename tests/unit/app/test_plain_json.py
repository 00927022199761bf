"""What is called JSON is JSON."""

import json
from dataclasses import asdict
from typing import Any

import numpy as np
import pytest

from app.lab.overoptimisation import fit_gao
from app.output import tell
from app.plain_json import to_json

NOT_FINITE = (float("nan"), float("inf"), float("-inf"), np.float64("nan"))


def strict(text: str) -> Any:
    """The value, if it is JSON by the book."""
    return json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))


def test_numbers_that_are_not_finite_become_null(capsys: pytest.CaptureFixture[str]) -> None:
    value = {"a": NOT_FINITE, "b": [{"c": number} for number in NOT_FINITE], "d": 1.5, "e": True, "f": None, "g": "NaN"}
    wanted = {"a": [None] * 4, "b": [{"c": None}] * 4, "d": 1.5, "e": True, "f": None, "g": "NaN"}
    assert strict(to_json(value)) == wanted
    tell(value, as_json=True)
    assert strict(capsys.readouterr().out) == wanted


def test_a_peak_that_is_no_number_is_none() -> None:
    distances = np.array([1.0, 2.0, 4.0, 8.0])
    fit = fit_gao(distances, distances * 5.0 - 1e-4 * distances * np.log(distances))
    assert fit.peak is None and fit.fits
    json.dumps(asdict(fit), allow_nan=False)
