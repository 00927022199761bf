"""How runs are told apart, and the area under the curve, on planted runs."""

import numpy as np
import pytest

from app.errors import UsageError
from app.lab.alarm import AlarmReport, AlarmRun, area_under_curve, parse_label_counts


def run(true: float, score: float) -> AlarmRun:
    return AlarmRun(0, 12, 60.0, 0.0, true, 0.4, 0.1, 2, 0.5, score, score > 0.5)


@pytest.mark.parametrize(
    ("positive", "negative", "area"),
    [([3.0, 4.0], [1.0, 2.0], 1.0), ([1.0], [2.0], 0.0), ([1.0, 3.0], [2.0], 0.5), ([2.0], [2.0], 0.5)],
)
def test_the_area_under_the_curve_of_small_sets(positive: list[float], negative: list[float], area: float) -> None:
    assert area_under_curve(positive, negative) == area


def test_the_area_is_a_half_of_what_tells_nothing() -> None:
    rng = np.random.default_rng(0)
    assert area_under_curve(list(rng.normal(size=2000)), list(rng.normal(size=2000))) == pytest.approx(0.5, abs=0.03)
    assert area_under_curve([], [1.0]) is area_under_curve([1.0], []) is None


def test_runs_are_gamed_or_honest_by_the_best() -> None:
    runs = (run(0.0, 0.9), run(1.0, 0.4), run(3.0, 0.6), run(5.0, 0.45), run(10.0, 0.1))
    report = AlarmReport("hopper-backflip", "oracle", runs)
    assert [report.kind(each) for each in runs] == ["gamed", "gamed", "between", "honest", "honest"]
    assert report.auc == pytest.approx(3 / 4)
    assert report.auc_of("doubt") == 0.5, "it is the same in all of them"


def test_where_nothing_succeeds_all_is_gamed() -> None:
    report = AlarmReport("hopper-backflip", "oracle", (run(0.0, 0.2), run(0.0, 0.8)))
    assert len(report.of("gamed")) == 2 and report.auc is None


@pytest.mark.parametrize("text", ["", "0", "-1", "1.5", "12;30", "many"])
def test_bad_label_counts_are_refused(text: str) -> None:
    with pytest.raises(UsageError, match="numbers of answers"):
        parse_label_counts(text)


def test_label_counts_are_read_once_each() -> None:
    assert parse_label_counts("12, 30,12") == (12, 30)
