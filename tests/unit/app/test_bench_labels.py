"""Tables of several seeds."""

from pathlib import Path

import pytest

from app.bench import labels as bench
from app.bench.plot import median_curve
from app.errors import UsageError
from app.session import NewSession
from app.teach import TeachReport

SCORES = {0: 4.0, 1: 0.0, 2: 12.0, 3: 9.0, 4: 5.0}


@pytest.mark.parametrize(
    ("text", "seeds"),
    [
        ("3", [3]),
        ("0..2", [0, 1, 2]),
        (" 7..7 ", [7]),
        ("100..101", [100, 101]),
    ],
)
def test_seeds(text: str, seeds: list[int]) -> None:
    assert list(bench.parse_seeds(text)) == seeds


@pytest.mark.parametrize("text", ["", "a", "-1", "3..", "..3", "5..2", "0...2", "1,2"])
def test_no_seeds(text: str) -> None:
    with pytest.raises(UsageError, match=r"--seeds") as caught:
        bench.parse_seeds(text)
    assert "\n" not in str(caught.value)


def test_the_median_goes_on_with_the_last_point_of_a_seed() -> None:
    curves = {0: [(0, 0.0), (10, 4.0), (20, 6.0)], 1: [(0, 1.0), (20, 2.0)], 2: [(10, 9.0)]}
    assert median_curve(curves) == [(0, 0.0), (10, 4.0), (20, 6.0)]


@pytest.mark.usefixtures("qapp")
def test_every_seed_is_in_the_table_with_median_and_interquartile_mean(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[int, Path]] = []

    def teach(new: NewSession, out: Path) -> TeachReport:
        asked.append((new.seed, out))
        score = SCORES[new.seed]
        return TeachReport(new.task, new.seed, new.teacher, 30, 1.5, 2_000_000, score, 0.25, 9.0, "session", "bundle")

    monkeypatch.setattr(bench, "teach", teach)
    monkeypatch.setattr(bench, "curve_of", lambda run: [(0, 0.0), (30, run.true_score)])
    report = bench.bench_labels("hopper-backflip", 30, "oracle", range(5), tmp_path)
    assert asked == [(seed, tmp_path / f"seed-{seed}") for seed in range(5)]
    assert report.median == 5.0
    assert report.iqm == pytest.approx(6.0), "the best and the worst are left out"
    table = (tmp_path / "table.md").read_text(encoding="utf-8")
    assert table == bench.as_markdown(report)
    rows = [line.split("|")[1:4] for line in table.splitlines()[2:7]]
    assert rows == [[f" {seed} ", " 30 ", f" {score:.2f} "] for seed, score in SCORES.items()]
    assert "median 5.00, interquartile mean 6.00" in table
    assert (tmp_path / "table.csv").read_text(encoding="utf-8").splitlines()[3] == "2,30,12.0,0.25,1.5,2000000"
    assert (tmp_path / "curves.csv").read_text(encoding="utf-8").splitlines()[-1] == "4,30,5.0"
    fields = bench.as_fields(report)
    assert [run["true_score"] for run in fields["runs"]] == list(SCORES.values())  # type: ignore[attr-defined]
